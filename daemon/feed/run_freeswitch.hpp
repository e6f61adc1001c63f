// `surgectl feed freeswitch`: the live feeder of FreeSWITCH's mod_callcenter. Joins sockets, clocks and sinks to the pure parts; refuses
// to know what an event means.
#pragma once

#include <atomic>
#include <ostream>
#include <string>

#include "feed/callcenter_feed.hpp"
#include "feed/callcenter_state.hpp"
#include "feed/live_sink.hpp"
#include "io/stream/client_stream.hpp"

namespace surged {

struct FreeswitchRunOptions {
    StreamPeer peer{};
    std::string user;  ///< "name@domain" for userauth; empty: the socket's own password
    std::string secret_file;
    Span every{1000};  ///< between messages of queues in which only time passes; >= 100 ms
    CallcenterLimits limits{};
    CallcenterFeedOptions feed{};
    LiveOptions live{};
    Backoff::Bounds waits{};  ///< between attempts
};

/// Runs until `stop`, whatever the switch and the daemons do. Messages go where options.live says, log lines to `err`. Exit code: 0
/// stopped, 2 wrong options or files, 1 standard output has failed.
int run_feed_freeswitch(const FreeswitchRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
