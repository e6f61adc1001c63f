// What the history keeps of one queue: its readings as they stand at one moment. Plain numbers, so that a walk over ten thousand queues
// allocates nothing; what becomes of them (minutes, sums, bands) is the history's own work, on its own thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/base/time.hpp"
#include "core/rule/baseline.hpp"

namespace surged {

/// The counters and gauges of the feed that are kept, by their canonical names.
inline constexpr std::array history_counters{"offered",        "answered",       "abandoned",      "handled",         "talk_s_sum",      "acw_s_sum",
                                             "timeouts",       "overflow_out",   "answered_in_20", "answered_in_15",  "abandoned_in_20", "abandoned_in_15"};
inline constexpr std::array history_gauges{"calls_waiting", "oldest_wait_s", "agents_staffed", "agents_on_call", "agents_available"};

/// A counter as its feeder sent it last. What rose since the reading before is worked out by core/series/counter.
struct CounterReading {
    double total = std::numeric_limits<double>::quiet_NaN();  ///< NaN = unknown, or not sent any more
    SourceTime ts{};
    std::uint32_t incarnation = 0;  ///< as CounterState has it
};

struct HistoryRow {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    std::uint32_t queue = 0;  ///< its number in the engine, the same until a reload
    std::array<CounterReading, history_counters.size()> counters;
    std::array<double, history_gauges.size()> gauges;  ///< NaN = unknown, or the queue is silent
    double level = 0;             ///< the highest of its alerts, 0..3
    BaselineBand band;            ///< of the first baseline rule on `offered`
    double required = unknown;    ///< agents, by the queue's shortfall rule
    double productive = unknown;  ///< the same
};

}  // namespace surged
