// `surgectl feed ami`: the live feeder of Asterisk's manager interface, and a recorded session. Joins sockets, clocks and sinks to the
// pure parts; refuses to know what an event means.
#pragma once

#include <atomic>
#include <ostream>
#include <string>

#include "feed/ami_feed.hpp"
#include "feed/ami_state.hpp"
#include "feed/switch_run.hpp"

namespace surged {

struct AmiRunOptions : SwitchRunOptions {
    bool plain_login = false;
    bool causes = true;  ///< ask for the classes call and dialplan
    AmiOptions state{};
    AmiFeedOptions feed{};
    std::string replay;    ///< a recorded session instead of a switch; "-" = standard input
    bool summary = false;  ///< of a recording: count and send nothing
};

/// Runs until `stop`, whatever the switch and the daemons do. Messages go where options.live says, log lines to `err`. Exit code: 0
/// stopped, 2 wrong options or files, 1 standard output has failed.
int run_feed_ami(const AmiRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

/// A recording as JSON lines on `out`, one message every options.every of its own time, or its sums. Exit code: 0 done, 2 it cannot be
/// read, 1 `out` has failed or there was no event in it.
int run_feed_ami_replay(const AmiRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
