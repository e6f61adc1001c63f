// The counts of one queue out of an Asterisk queue_log: what backtest reads beside a csv.
//
// Knows lines by way of the queue_log's feeder, and zones. Knows no forecast. Its hardest rule: a row is there only where the log was, from
// its first whole row to its last: what nobody wrote down is no zero.
#pragma once

#include <istream>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "ctl/count_file.hpp"
#include "feed/queue_log_feed.hpp"

namespace surged {

struct QueueLogCounts {
    std::string metric = "offered";  ///< a counter that the feeder makes of a log
    std::string queue;               ///< empty: the only one
    Span interval{300000};           ///< of a row, 1m to 24h
    const Zone* zone = nullptr;      ///< of the rows; nullptr = UTC
};

/// Rows of `path`, read from `in`. What was wrong with lines is told in `read`. Error: no such metric or queue, several queues and none named, or
/// not one whole row.
Result<CountFile> queue_log_counts(std::istream& in, const std::string& path, const QueueLogCounts& options, QueueLogReplay& read);

}  // namespace surged
