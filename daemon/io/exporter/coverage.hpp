// Hours ahead without anybody on duty, as gauges: an empty tier is seen days before a page would find it empty.
//
// The looking costs milliseconds, so it is done on the scraping thread, and again only when rosters changed or time has passed.
#pragma once

#include <prometheus/metric_family.h>

#include <memory>
#include <vector>

#include "core/team/duty.hpp"

namespace surged {

class DutyCoverage {
public:
    static constexpr Span ahead = std::chrono::hours{24 * 14};
    static constexpr Span keep = std::chrono::minutes{5};

    /// surged_tier_uncovered_seconds and surged_tier_next_gap_seconds of every tier from `now` on. `facts` may be null: no families.
    const std::vector<prometheus::MetricFamily>& families(const std::shared_ptr<const DutyFacts>& facts, WallTime now);

private:
    std::shared_ptr<const DutyFacts> facts_;
    WallTime made_{};
    std::vector<prometheus::MetricFamily> families_;
};

}  // namespace surged
