// Raw readings of a monotonic counter -> increments. Knows one counter's last reading and its recent rate; does not know windows
// (the caller spreads an increment over (from, ts]), sources or names. A gauge never goes through here.
//
// Hardest rule: a restart of the source must look neither like a crash to zero nor like a spike (D5). After a restart the
// reading says how much was counted since a moment nobody knows, or since long ago; it is believed as an increment only when the
// recent rate makes it plausible, and is otherwise just the new baseline. A rise inside an epoch is always believed: that is a
// surge.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace surged {

/// Where a counter stands. Plain data, one a counter series; the members are counter.cpp's, except `incarnation` and `heard`.
struct CounterState {
    double last = 0;     ///< last reading believed; negative = the reading was invalid, the next reading is a baseline
    SourceTime ts{};     ///< its source time; never goes back
    float recent = 0;    ///< decayed sum of increments ...
    float recent_s = 0;  ///< ... over this decayed number of seconds
    std::uint32_t incarnation = 0;  ///< the caller's: Verdict::incarnation of the last reading, to tell `new_epoch` per counter
    bool started = false;           ///< a reading has been seen
    std::uint16_t heard = 0;        ///< the caller's: when it last came (rule/pace.hpp)

    bool operator==(const CounterState&) const = default;
};
static_assert(sizeof(CounterState) <= 32, "one for every counter series: a million of them must stay small");

/// What one reading means. `increment` >= 0 and finite for finite readings; it happened in (from, ts], or at ts when from == ts.
struct CounterStep {
    double increment = 0;
    SourceTime from{};
    bool reset = false;    ///< the counter restarted (fell, or a new epoch); count it
    bool wrapped = false;  ///< passed 2^32
    bool late = false;     ///< older than the last reading: not used, a later reading has covered it; count it
};

/// A counter that wraps does so at 2^32; larger ones do not live to wrap.
inline constexpr double counter_wrap = 4294967296.0;
/// An increment this small after a reset is always plausible (house choice: no level of any rule starts below it).
inline constexpr double counter_plausible_floor = 10.0;
/// A plausible increment after a reset is at most this many times the recent rate (house choice: a surge doubles, a fault
/// decuples).
inline constexpr double counter_plausible_factor = 3.0;
/// The recent rate forgets with this time constant (house choice: longer than a gap between polls, shorter than a daily change).
inline constexpr double counter_rate_tau_s = 300.0;

/// Increments a second, over the last few minutes; 0 while nothing is known.
inline double recent_rate(const CounterState& state) {
    return state.recent_s > 0 ? static_cast<double>(state.recent) / static_cast<double>(state.recent_s) : 0.0;
}

namespace detail {
/// Everything but a plain rise: falls, wraps, epochs, invalid readings.
CounterStep counter_break(CounterState& state, double value, SourceTime ts, double elapsed_s, bool new_epoch);

/// Notes `increment` in `elapsed_s` in the recent rate.
inline void counter_learn(CounterState& state, double increment, double elapsed_s) {
    const double keep = counter_rate_tau_s / (counter_rate_tau_s + elapsed_s);
    constexpr double increment_max = 1e30;  // float ends at 3e38
    state.recent = static_cast<float>(std::min(static_cast<double>(state.recent) * keep + increment, increment_max));
    state.recent_s = static_cast<float>(static_cast<double>(state.recent_s) * keep + elapsed_s);
}
}  // namespace detail

/// Takes the next reading. `value` is finite; `ts` within some years of the last. `new_epoch`: the first reading of THIS counter
/// since its source restarted (Verdict::incarnation differs from the one kept in the state; a source may restart in a message
/// that does not carry this counter). Constant cost, no allocation. Never fails.
inline CounterStep advance(CounterState& state, double value, SourceTime ts, bool new_epoch) {
    const double elapsed_s = (static_cast<double>(to_ms(ts)) - static_cast<double>(to_ms(state.ts))) / 1000.0;
    if (state.started && !new_epoch && elapsed_s >= 0 && value >= state.last && state.last >= 0) [[likely]] {
        CounterStep step;
        step.increment = value - state.last;
        step.from = state.ts;
        detail::counter_learn(state, step.increment, elapsed_s);
        state.last = value;
        state.ts = ts;
        return step;
    }
    return detail::counter_break(state, value, ts, elapsed_s, new_epoch);
}

/// For snapshots (D7). read() leaves `state` alone and says false when the bytes are short or are no counter.
void write(ByteWriter& out, const CounterState& state);
bool read(ByteReader& in, CounterState& state);

}  // namespace surged
