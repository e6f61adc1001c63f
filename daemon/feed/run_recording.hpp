// `surgectl feed record`: listens where feeders send and writes a recording. `surgectl feed send`: JSON lines (a recording, or a
// script's own) -> the daemon, for scripts that have numbers and no ZeroMQ. Both know sockets; the form is recorder.hpp's.
#pragma once

#include <atomic>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/series/message.hpp"
#include "feed/sink.hpp"

namespace surged {

struct RecordOptions {
    IngestSettings ingest{};  ///< bind: in the daemon's place; subscribe: beside it, on feeders' PUB
    IngestLimits limits{};
    std::uint64_t messages_max = 0;  ///< stop after so many; 0 = until stopped
};

/// Writes each message that decodes, as the daemon would understand it. Exit code: 0 done or stopped, 2 an endpoint cannot be
/// opened, 1 the output failed.
int run_feed_record(const RecordOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

struct SendOptions {
    std::string file = "-";  ///< "-" = standard input
    double speed = 0;        ///< source seconds per second; 0 = each line as it comes
    FeedOutput output{};
    std::vector<FeedOutput> more{};  ///< further daemons, each with a socket of its own
};

/// Sends each line that decodes; a bad line costs itself and is told. Exit code: 0 all sent or stopped, 1 some lines were
/// refused, 2 the file or the endpoint cannot be opened.
int run_feed_send(const SendOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
