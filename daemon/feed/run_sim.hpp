// `surgectl feed sim`: the simulated contact centre on real or accelerated time, and the simulated people who answer its pages.
// Knows clocks and sockets and joins them to the pure parts.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "feed/sim_team.hpp"
#include "feed/sink.hpp"

namespace surged {

struct SimOptions {
    std::string scenario;                 ///< file; empty = the built-in quickstart scenario
    std::optional<std::uint64_t> seed{};  ///< overrides the scenario's
    Span period{1000};                    ///< simulated time between messages, >= 100 ms
    double speed = 1;                     ///< simulated seconds per second; 0 = as fast as possible
    Span duration{0};                     ///< simulated time; 0 = until stopped
    std::string source = "sim";           ///< one source per centre: "<source>-<centre>"
    FeedOutput output{};
    std::vector<FeedOutput> more{};  ///< further daemons, each with a socket of its own
    std::vector<std::string> react;  ///< the daemons' PUB endpoints: of several hosts the one at work speaks; empty = nobody comes
    Span react_delay{5000};  ///< simulated time from joining to the first call
    CurveSettings react_curve{};
    bool quiet = false;  ///< no progress on `err`
};

/// Exit code: 0 done or stopped, 2 scenario or endpoint wrong, 1 the output failed. With "-" as output and no react, the same
/// scenario and seed write the same bytes.
int run_feed_sim(const SimOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

struct RespondersRun {
    std::vector<std::string> endpoints{"tcp://127.0.0.1:5557"};  ///< the daemons' PUB
    ResponderOptions options{};
    CurveSettings curve{};
};

/// Listens and calls `answer` on this thread whenever a simulated person answers, until `stop`. Exit code as above.
int run_responders(const RespondersRun& run, const std::function<void(const SimulatedAnswer&)>& answer, std::ostream& err,
                   const std::atomic<bool>& stop);

}  // namespace surged
