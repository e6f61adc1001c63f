// kind = "volatility": a rate on a roller-coaster. Counted are turns: the value ran one way by `band` or more, and has come back by as
// much. One dip and its recovery are one turn (at its bottom), two dips three (bottom, top, bottom); a steady climb is none. The hardest
// rule: only what lies in the window counts, so equal windows count equal, whatever was before. Memory is fixed.
#include "core/rule/kinds/volatility.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/not_known.hpp"
#include "core/base/text.hpp"
#include "core/rule/kind_phrases.hpp"
#include "core/rule/rule_step.hpp"
#include "core/rule/rule_view.hpp"

namespace surged {

namespace {

/// Lowest and highest value of each sixtieth of the window, and which came first. Turns are counted anew from these at every value,
/// so that nothing from before the window has a say.
struct SwingState {
    struct Cell {
        float low = 0;
        float high = 0;
    };
    std::array<Cell, ring_cells> cells{};
    std::uint64_t filled = 0;     ///< bit a cell
    std::uint64_t low_first = 0;  ///< likewise: the lowest came before the highest
    std::int64_t head = 0;        ///< number of the newest cell
    std::int64_t first_ms = 0;    ///< source time of the first value
    std::uint8_t begun = 0;
    std::uint8_t pad[7] = {};
};

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

/// Turns in the last window. Unknown while the value is, and while there was neither a turn nor half a window to have one in.
double turns_at(SwingState& state, const RuleSpec& rule, SourceTime ts, double value) {
    if (std::isnan(value)) {
        return not_known;
    }
    const auto cell = RingPlace::of(Ring::width_ms(rule.window), ts).cell;
    if (state.begun == 0) {
        state.begun = 1;
        state.head = cell;
        state.first_ms = to_ms(ts);
    }
    take(state, cell, value);
    const double turns = turns_of(state, rule.band);
    // A first sample that is not in the past is nonsense of a spoiled snapshot.
    state.first_ms = std::clamp<std::int64_t>(state.first_ms, 0, std::max<std::int64_t>(0, to_ms(ts)));
    return turns <= 0 && (to_ms(ts) - state.first_ms) * 2 < rule.window.count() ? not_known : turns;
}

void observe(RuleStep& step, SourceTime ts, double value) {
    const auto& rule = step.rule();
    const double turns = turns_at(step.state<SwingState>(), rule, ts, value);
    step.judge(turns, ts, [&] {
        return KindSay{Language::en}("turns", {{"turns", format_rounded(turns, 0)},
                                               {"band", format_number(rule.band)},
                                               {"window", format_span(rule.window)},
                                               {"value", format_rounded(value, 3)}});
    });
}

std::size_t state_bytes(const RuleSpec&, MetricKind) {
    return sizeof(SwingState);
}

double value_now(const RuleView& view) {
    return view.alert() != nullptr ? view.alert()->value : not_known;
}
}  // namespace

constinit const KindRow volatility_kind{
    .name = "volatility",
    .state_bytes = state_bytes,
    .observe = observe,
    .value_now = value_now,
    .explain = explain_last_value,
};

}  // namespace surged
