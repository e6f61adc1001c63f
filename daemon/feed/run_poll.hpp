// `surgectl feed poll`: asks, maps, sends, remembers. Knows clocks, threads, files and sinks and joins them to the pure parts;
// refuses to know what an answer means.
//
// Hardest rule: a provider that hangs or refuses delays its own ask only. Each ask has a thread; one thread maps and sends.
#pragma once

#include <atomic>
#include <ostream>
#include <string>

#include "feed/live_sink.hpp"
#include "feed/poll_plan.hpp"

namespace surged {

struct PollOptions {
    std::string file;
    bool check = false;  ///< the file only
    bool once = false;   ///< ask everything once, print what would be sent, send and remember nothing
    std::string state;   ///< overrides the file's; empty there too: none
    LiveOptions live{};
};

/// Runs until `stop`. Exit code: 0 well; 1 `once` had a trouble, or the output failed; 2 the file, the state or an endpoint is
/// wrong.
int run_feed_poll(const PollOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

/// The same with a plan that was made elsewhere (`feed csv`). `what`: its word in health and log.
int run_poll_plan(const char* what, const PollPlan& plan, const PollOptions& options, std::ostream& out, std::ostream& err,
                  const std::atomic<bool>& stop);

}  // namespace surged
