// Which days people mean by a week, a month, or two dates.
#pragma once

#include <string>
#include <utility>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"

namespace surged {

/// As they are written; empty = not said.
struct PeriodWanted {
    std::string from;   ///< "2026-10-01"
    std::string to;     ///< the last day, "2026-10-31"; today without it
    std::string month;  ///< "2026-10", "this" or "last"
    std::string week;   ///< "2026-W41" (ISO 8601), "this" or "last"

    bool said() const { return !from.empty() || !to.empty() || !month.empty() || !week.empty(); }
};

/// [midnight of the first day, midnight after the last one) in `zone`; never beyond the end of today. At most 400 days.
Result<std::pair<WallTime, WallTime>> period_of(const PeriodWanted& wanted, const Zone& zone, WallTime now);

}  // namespace surged
