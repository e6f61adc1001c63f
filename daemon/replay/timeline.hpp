// One record as one line for people: what replay, a failing rule test, `show` and `follow` print.
//
// It knows records and civil time; it refuses to know where they came from.
#pragma once

#include <string>

#include "core/base/clock_text.hpp"
#include "core/record/record.hpp"
#include "core/base/zone.hpp"

namespace surged {

/// "jinan/general", or "jinan/general/chat" for other channels than voice.
std::string queue_text(const QueueKey& queue);
/// "centre=jinan group=普席"
std::string scope_text(const std::map<std::string, std::string>& scope);

/// A note of load: one a minute, for reports and machines, not for a time line that people read.
bool is_load(const Record& record);

struct Told {
    std::string time;  ///< "2026-03-02 09:01:05"
    std::string type;  ///< "alert.firing"
    std::string text;  ///< "oldest-wait jinan/general red: 110, limit > 100"
};
Told narrate(const Record& record, const Zone& zone);

/// "09:01:05  alert.firing       oldest-wait jinan/general red: 110, limit > 100". One line, no newline. `with_date`: the date
/// stands before the time.
std::string line_of(const Told& told, bool with_date);

}  // namespace surged
