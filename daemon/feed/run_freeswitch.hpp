// `surgectl feed freeswitch`: the live feeder of FreeSWITCH's mod_callcenter. Joins sockets, clocks and sinks to the pure parts; refuses
// to know what an event means.
#pragma once

#include <atomic>
#include <ostream>
#include <string>

#include "feed/callcenter_feed.hpp"
#include "feed/callcenter_state.hpp"
#include "feed/switch_run.hpp"

namespace surged {

/// user: "name@domain" for userauth; empty: the socket's own password.
struct FreeswitchRunOptions : SwitchRunOptions {
    CallcenterLimits limits{};
    CallcenterFeedOptions feed{};
};

/// Runs until `stop`, whatever the switch and the daemons do. Messages go where options.live says, log lines to `err`. Exit code: 0
/// stopped, 2 wrong options or files, 1 standard output has failed.
int run_feed_freeswitch(const FreeswitchRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
