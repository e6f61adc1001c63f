// `surgectl feed send`: JSON lines (a recording, or a script's own) -> the daemon. The way in for whoever has numbers and no
// ZeroMQ.
#pragma once

#include <atomic>
#include <ostream>
#include <string>

#include "feed/sink.hpp"

namespace surged {

struct SendOptions {
    std::string file = "-";  ///< "-" = standard input
    double speed = 0;        ///< source seconds per second; 0 = each line as it comes
    FeedOutput output{};
};

/// Sends each line that decodes; a bad line costs itself and is told. Exit code: 0 all sent or stopped, 1 some lines were
/// refused, 2 the file or the endpoint cannot be opened.
int run_feed_send(const SendOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
