// `surgectl feed queue-log`: summary, replay at a speed, or following a live log. Knows clocks, files and sinks and joins them to
// the pure parts; refuses to know what a line means.
#pragma once

#include <atomic>
#include <ostream>
#include <string>

#include "feed/queue_log_feed.hpp"
#include "feed/sink.hpp"

namespace surged {

struct QueueLogOptions {
    std::string file;     ///< "-" = standard input (not with follow)
    bool follow = false;  ///< as `tail -F`: what is there gives the state, messages begin now
    double speed = 1;     ///< source seconds per second; 0 = as fast as possible; without meaning for follow and summary
    bool summary = false;
    bool json = false;  ///< with summary
    FeedOutput output{};
    QueueLogFeedOptions feed{};
};

/// Runs to the end of the file or until `stop`. Results go to `out`, progress and warnings to `err`. Exit code: 0 done or
/// stopped, 2 the file or the endpoint can not be opened, 1 the output failed.
int run_feed_queue_log(const QueueLogOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
