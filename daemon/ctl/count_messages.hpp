// A file of `timestamp,count` as the messages of a feeder: one counter of one queue, a reading at the end of every interval.
//
// Knows rows and zones. Its hardest rule: a row that is missing or cannot be read is no zero. The counter restarts there under a
// new epoch, so that nothing is said of the time between.
#pragma once

#include <functional>
#include <string>

#include "core/base/result.hpp"
#include "core/series/message.hpp"
#include "core/series/queue_key.hpp"
#include "ctl/count_file.hpp"

namespace surged {

struct CountMessageOptions {
    QueueKey queue;
    std::string metric = "offered";
    bool counter = true;  ///< false: the metric is a gauge, and each reading is the row's own count
    Span interval{300000};
    const Zone* zone = nullptr;  ///< of the file's times; required
};

/// Calls `each` in order of time until it says false. Rows that go back in time are left out; their number is returned.
std::size_t count_messages(const CountFile& file, const CountMessageOptions& options,
                           const std::function<bool(const Message&)>& each);

}  // namespace surged
