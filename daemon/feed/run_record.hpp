// `surgectl feed record`: listens where feeders send and writes a recording. Knows sockets; the form is recorder.hpp's.
#pragma once

#include <atomic>
#include <cstdint>
#include <ostream>
#include <string>

#include "config/settings.hpp"
#include "core/series/message.hpp"

namespace surged {

struct RecordOptions {
    IngestSettings ingest{};  ///< bind: in the daemon's place; subscribe: beside it, on feeders' PUB
    IngestLimits limits{};
    std::uint64_t messages_max = 0;  ///< stop after so many; 0 = until stopped
};

/// Writes each message that decodes, as the daemon would understand it. Exit code: 0 done or stopped, 2 an endpoint cannot be
/// opened, 1 the output failed.
int run_feed_record(const RecordOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace surged
