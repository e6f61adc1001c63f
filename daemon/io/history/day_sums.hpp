// What the history's file holds of this day, of all queues: what was counted before the program was started again.
//
// Hardest rule: nothing counts twice. Only what was in the file when the program began is summed; the counts of this run go on from there.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/series/queue_key.hpp"
#include "io/history/history.hpp"

namespace surged {

/// Of one queue. NaN = nobody counted it.
struct DaySums {
    std::int64_t first = 0;  ///< slot of five minutes since 1970, the first of which something is known
    std::int64_t last = 0;
    std::int64_t known = 0;  ///< slots between them, both among them, of which something is known
    double offered = std::numeric_limits<double>::quiet_NaN();
    double answered = std::numeric_limits<double>::quiet_NaN();
    double abandoned = std::numeric_limits<double>::quiet_NaN();
    double in_20 = std::numeric_limits<double>::quiet_NaN();
    double in_15 = std::numeric_limits<double>::quiet_NaN();
    double level_calls = std::numeric_limits<double>::quiet_NaN();
};

/// `dawn`: when the queue's day began; called by the history's thread, and owned. `now` ends the day. nullopt: the file did not answer, try again.
/// Without a file there is nothing. Waits for the file, at most History::read_max for each part of it.
std::optional<std::map<QueueKey, DaySums>> day_sums(const History& history, WallTime now, std::function<WallTime(const QueueKey&)> dawn);

}  // namespace surged
