// `surgectl feed watch`: what surged refuses of a feeder, for its author while it happens: [ingest] report, read and printed. Knows the
// socket and the form of its messages; refuses to know why something was refused.
#pragma once

#include <atomic>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "core/base/time.hpp"
#include "core/base/zone.hpp"

namespace surged {

struct WatchOptions {
    std::string endpoint = "tcp://127.0.0.1:5558";  ///< surged's [ingest] report
    std::vector<std::string> sources;               ///< empty = all; "?" = messages that do not tell theirs
    CurveSettings curve{};
    std::uint64_t lines_max = 0;  ///< end after so many; 0 = until stopped
    Span duration{0};             ///< end after so long; 0 = until stopped
    Span reach_within{5000};      ///< end when surged was not reached by then
    bool json = false;            ///< a line is the message as it came
};

/// Prints a line for each message until it ends. Exit code: 0 stopped, or something was heard; 1 nothing was heard in `duration`; 2 the
/// endpoint or a key is wrong; 3 surged was not reached.
int run_feed_watch(const WatchOptions& options, const Zone& zone, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

/// "10:31:05 acd-1: 3 refused, wrong_type: calls_waiting: got "4", wanted a finite number (120 since 2026-11-29 10:02:11)". Empty: the
/// payload is none of [ingest] report.
std::string watch_line(std::string_view payload, const Zone& zone);

}  // namespace surged
