// kind = "volatility": a rate on a roller-coaster. Counted are turns: the value ran one way, and has come back by at least
// `band`. One dip and its recovery are one turn; a steady climb is none. Per value a few comparisons; memory is fixed.
#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "core/base/text.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/rule_state.hpp"

namespace surged {

namespace {
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// True when the value has turned.
bool take(SwingState& state, double value, double band) {
    state.high = std::max(state.high, value);
    state.low = std::min(state.low, value);
    const double least = band * (1 - 1e-9);  // 0.9 to 0.8 is a swing of 0.1, whatever the last bit says
    const bool fell = state.high - value >= least;
    const bool rose = value - state.low >= least;
    if (state.direction <= 0 && rose) {
        const bool turned = state.direction < 0;
        state.direction = 1;
        state.high = value;
        state.low = value;
        return turned;
    }
    if (state.direction >= 0 && fell) {
        const bool turned = state.direction > 0;
        state.direction = -1;
        state.high = value;
        state.low = value;
        return turned;
    }
    // Running on in its direction: only the far end matters for the next turn.
    if (state.direction > 0) {
        state.low = state.high;
    } else if (state.direction < 0) {
        state.high = state.low;
    }
    return false;
}
}  // namespace

/// Turns in the last window. Unknown while the value is, and while there was neither a turn nor half a window to have one in.
void Detector::swing(Queue& queue, const Sample& sample, std::uint16_t bound, Stamp now) {
    const auto& series = queue.series[sample.series];
    const auto& bound_rule = series.plan->rules[bound - series.bounds];
    const auto& rule = plan_.rules[bound_rule.rule];
    auto& state = state_of<SwingState>(queue, series, bound_rule);
    double turns = unknown;
    if (!std::isnan(sample.value)) {
        if (state.begun == 0) {
            state.begun = 1;
            state.high = state.low = sample.value;
            state.first_ms = to_ms(sample.ts);
            state.turns().prepare(RingKind::counter);
        }
        const auto width = Ring::width_ms(rule.window);
        const auto here = RingPlace::of(width, sample.ts);
        state.turns().add_spread(width, here, sample.ts, sample.ts, take(state, sample.value, rule.band) ? 1 : 0);
        // A turn counts whole until it has left the window: half a swing is nothing to compare.
        turns = std::ceil(state.turns().sum(here) - 1e-6);
        if (turns <= 0 && (to_ms(sample.ts) - state.first_ms) * 2 < rule.window.count()) {
            turns = unknown;
        }
    }
    keep_value(queue.bounds[bound], turns);
    if (queue.bounds[bound].band.contains(turns) || (std::isnan(turns) && queue.bounds[bound].active == no_id)) {
        return;
    }
    const auto evidence = format_rounded(std::isnan(turns) ? 0 : turns, 0) + " swings of " + format_number(rule.band) +
                          " or more in the last " + format_span(rule.window) + ", now " + format_rounded(sample.value, 3);
    observe(sample.queue, sample.series, bound, turns, sample.ts, now, std::isnan(turns) ? nullptr : &evidence);
}

}  // namespace surged
