// `surgectl feed queue-log`: summary, replay at a speed, or following a live log. Knows clocks, files and sinks and joins them to
// the pure parts; refuses to know what a line means.
#pragma once

#include <atomic>
#include <ostream>
#include <string>
#include <vector>

#include "feed/live_sink.hpp"
#include "feed/queue_log_feed.hpp"

namespace surged {

struct QueueLogOptions {
    std::string file;     ///< "-" = standard input (not with follow)
    std::vector<std::string> earlier{};  ///< files before it, the oldest first: they tell members and waiting callers
    bool follow = false;  ///< as `tail -F`: what is there gives the state, messages begin now
    double speed = 1;     ///< source seconds per second; 0 = as fast as possible; without meaning for follow and summary
    bool summary = false;
    bool json = false;  ///< with summary
    LiveOptions live{};  ///< `source` and `metrics` with follow; a replay waits for every daemon, a live log for none
    QueueLogFeedOptions feed{};
};

/// A name for the source that no other feeder has: host, file, and a sum of the file's whole path and the centre. The same after
/// a restart. At most 64 bytes.
std::string default_source(const std::string& file, const std::string& centre);

/// Runs to the end of the file or until `stop`. Results go to `out`, progress and warnings to `err`. Exit code: 0 done or
/// stopped, 2 a file or the endpoint cannot be opened, 1 the output failed or no line could be used.
int run_feed_queue_log(const QueueLogOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
