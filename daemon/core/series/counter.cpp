#include "core/series/counter.hpp"

#include <cmath>

namespace surged {

namespace {
/// An increment over the wrap beyond this is a reset from a high count: between two readings a call centre counts far less.
constexpr double wrap_plausible_floor = 65536.0;
constexpr double wrap_plausible_factor = 10.0;

bool plausible_after_reset(const CounterState& state, double value, double elapsed_s) {
    return value <= std::max(counter_plausible_floor, counter_plausible_factor * recent_rate(state) * elapsed_s);
}

/// The increment over the wrap at 2^32, or a negative number when this fall is none.
double wrapped_increment(const CounterState& state, double value, double elapsed_s) {
    if (state.last < 0.75 * counter_wrap || state.last >= counter_wrap || value >= 0.25 * counter_wrap) {
        return -1;
    }
    const double increment = counter_wrap - state.last + value;
    const double most = std::max(wrap_plausible_floor, wrap_plausible_factor * recent_rate(state) * elapsed_s);
    return increment <= most ? increment : -1;
}
}  // namespace

CounterStep detail::counter_break(CounterState& state, double value, SourceTime ts, double elapsed_s, bool new_epoch) {
    CounterStep step;
    step.from = ts;
    if (!state.started) {
        state.started = true;
        state.last = value;
        state.ts = ts;
        return step;
    }
    if (!new_epoch && (elapsed_s < 0 || (elapsed_s == 0 && value < state.last))) {
        // Two readings of one instant: the lower one was taken first. A true reset shows in the next reading as well.
        step.late = true;
        return step;
    }
    if (elapsed_s < 0) {
        // The source restarted with its clock set back. Its first reading is a baseline, or the next one would be measured from
        // the old epoch; the time stays, so that no later increment is laid over seconds that have been counted.
        step.late = true;
        step.reset = true;
        state.last = value;
        return step;
    }
    step.from = state.ts;
    const bool nonsense = value < 0;
    const double wrapped = new_epoch || nonsense ? -1 : wrapped_increment(state, value, elapsed_s);
    if (wrapped >= 0) {
        step.wrapped = true;
        step.increment = wrapped;
        counter_learn(state, wrapped, elapsed_s);
    } else {
        // The reading after an invalid one (a feeder's -1 for "not known") is no further restart: it was counted when that began.
        step.reset = new_epoch || state.last >= 0;
        if (!nonsense && plausible_after_reset(state, value, elapsed_s)) {
            step.increment = value;
            counter_learn(state, value, elapsed_s);
        }
    }
    state.last = value;
    state.ts = ts;
    return step;
}

void write(ByteWriter& out, const CounterState& state) {
    out.put(state.last);
    out.put(to_ms(state.ts));
    out.put(state.recent);
    out.put(state.recent_s);
    out.put(state.incarnation);
    out.put(static_cast<std::uint8_t>(state.started ? 1 : 0));
}

bool read(ByteReader& in, CounterState& state) {
    CounterState got;
    got.last = in.get<double>();
    got.ts = source_time(in.get<std::int64_t>());
    got.recent = in.get<float>();
    got.recent_s = in.get<float>();
    got.incarnation = in.get<std::uint32_t>();
    const auto started = in.get<std::uint8_t>();
    got.started = started == 1;
    // Of a gauge that fell silent while it was unknown nothing is known: NaN.
    const bool sound = !std::isinf(got.last) && std::isfinite(got.recent) && std::isfinite(got.recent_s) && got.recent >= 0 &&
                       got.recent_s >= 0 && started <= 1;
    if (!in.ok() || !sound) {
        return false;
    }
    state = got;
    return true;
}

}  // namespace surged
