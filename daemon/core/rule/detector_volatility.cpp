// kind = "volatility": a rate on a roller-coaster. Counted are turns: the value ran one way by `band` or more, and has come back by as
// much. One dip and its recovery are one turn (at its bottom), two dips three (bottom, top, bottom); a steady climb is none. The hardest
// rule: only what lies in the window counts, so equal windows count equal, whatever was before. Memory is fixed.
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

std::uint64_t bit(std::int64_t cell) {
    return std::uint64_t{1} << static_cast<unsigned>(cell & (ring_cells - 1));
}

void take(SwingState& state, std::int64_t cell, double value) {
    if (cell > state.head) {
        for (auto next = std::max(state.head, cell - ring_cells) + 1; next <= cell; ++next) {
            state.filled &= ~bit(next);
        }
        state.head = cell;
    } else if (cell <= state.head - ring_widths) {
        return;  // a value older than the window
    }
    auto& here = state.cells[static_cast<std::size_t>(cell & (ring_cells - 1))];
    const auto x = static_cast<float>(value);
    if ((state.filled & bit(cell)) == 0) {
        state.filled |= bit(cell);
        state.low_first &= ~bit(cell);
        here = {x, x};
    } else if (x < here.low) {
        here.low = x;
        state.low_first &= ~bit(cell);
    } else if (x > here.high) {
        here.high = x;
        state.low_first |= bit(cell);
    }
}

/// Walks the values of the window in their order: each run of `band` or more against the one before it is a turn.
class TurnCount {
public:
    explicit TurnCount(double band) : band_(band) {}

    void step(double value) {
        if (!begun_) {
            begun_ = true;
            high_ = low_ = value;
        }
        high_ = std::max(high_, value);
        low_ = std::min(low_, value);
        // 0.9 to 0.8 is a swing of 0.1, whatever the last bit of a float says
        const double least = band_ * (1 - 1e-6) - 1e-6 * std::abs(value);
        if (direction_ <= 0 && value - low_ >= least) {
            turn(1, value);
        } else if (direction_ >= 0 && high_ - value >= least) {
            turn(-1, value);
        } else if (direction_ > 0) {
            low_ = high_;
        } else if (direction_ < 0) {
            high_ = low_;
        }
    }
    int turns() const { return turns_; }

private:
    void turn(int direction, double value) {
        turns_ += direction_ != 0 ? 1 : 0;
        direction_ = direction;
        high_ = low_ = value;
    }

    double band_;
    double high_ = 0;
    double low_ = 0;
    int direction_ = 0;
    int turns_ = 0;
    bool begun_ = false;
};

int turns_of(const SwingState& state, double band) {
    TurnCount count(band);
    for (auto cell = state.head - ring_widths + 1; cell <= state.head; ++cell) {
        if ((state.filled & bit(cell)) == 0) {
            continue;
        }
        const auto& here = state.cells[static_cast<std::size_t>(cell & (ring_cells - 1))];
        const bool low_first = (state.low_first & bit(cell)) != 0;
        count.step(static_cast<double>(low_first ? here.low : here.high));
        count.step(static_cast<double>(low_first ? here.high : here.low));
    }
    return count.turns();
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
        const auto cell = RingPlace::of(Ring::width_ms(rule.window), sample.ts).cell;
        if (state.begun == 0) {
            state.begun = 1;
            state.head = cell;
            state.first_ms = to_ms(sample.ts);
        }
        take(state, cell, sample.value);
        turns = turns_of(state, rule.band);
        // A first sample that is not in the past is nonsense of a spoiled snapshot.
        state.first_ms = std::clamp<std::int64_t>(state.first_ms, 0, std::max<std::int64_t>(0, to_ms(sample.ts)));
        if (turns <= 0 && (to_ms(sample.ts) - state.first_ms) * 2 < rule.window.count()) {
            turns = unknown;
        }
    }
    keep_value(queue.bounds[bound], turns);
    if (queue.bounds[bound].band.contains(turns) || (std::isnan(turns) && queue.bounds[bound].active == no_id)) {
        return;
    }
    const auto evidence = format_rounded(std::isnan(turns) ? 0 : turns, 0) + " turns of " + format_number(rule.band) +
                          " or more in the last " + format_span(rule.window) + ", now " + format_rounded(sample.value, 3);
    observe(sample.queue, sample.series, bound, turns, sample.ts, now, std::isnan(turns) ? nullptr : &evidence);
}

}  // namespace surged
