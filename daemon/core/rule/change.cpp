#include "core/rule/change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/forecast/count_test.hpp"

namespace surged {

namespace {
/// A change against nothing: the earlier window was empty. Finite, so that bands and records can hold it.
constexpr double change_max = 1e6;
/// A gap of this part of the last window makes a tenth too few of what came in it.
constexpr std::int64_t gap_part = 10;
}  // namespace

WindowChange change_of(const RuleSpec& rule, bool counter, ChangeWindows& windows, const double* frozen, bool raised) {
    WindowChange out;
    out.value = std::numeric_limits<double>::quiet_NaN();
    const auto before_seen = std::min(rule.versus.count(), windows.covered_ms - rule.window.count()) - windows.lost_before_ms;
    if (before_seen < rule.versus.count() / 2 || windows.lost_recent_ms * gap_part > rule.window.count()) {
        out.enough = false;
        return out;
    }
    double per_minute = 0;
    const auto before_ms = static_cast<double>(before_seen);
    if (counter) {
        out.recent = windows.recent.sum(windows.recent_place);
        const double before = std::max(0.0, windows.total.sum(windows.total_place) - out.recent);
        out.usual = before / before_ms * static_cast<double>(rule.window.count());
        per_minute = 1.0 / minutes(rule.window);
    } else {
        double sum = 0;
        double number = 0;
        windows.total.totals(windows.total_place, sum, number);
        double recent_sum = 0;
        double recent_number = 0;
        windows.recent.totals(windows.recent_place, recent_sum, recent_number);
        if (number - recent_number < 0.5 || recent_number < 0.5) {
            out.enough = false;
            return out;
        }
        out.recent = recent_sum / recent_number;
        out.usual = (sum - recent_sum) / (number - recent_number);
        per_minute = 2.0 / minutes(rule.window + rule.versus);  // the middles of the two windows are this far apart
    }
    if (frozen != nullptr) {
        out.usual = *frozen;
    }
    const double excess = out.recent - out.usual;
    const bool by_sigma = rule.levels.front().raise.unit == LimitUnit::sigma;
    if (counter && (by_sigma || rule.surprise > 0)) {
        const auto window = static_cast<double>(rule.window.count());
        out.sigma = change_sigma({out.recent, window, out.usual * before_ms / window, before_ms}, rule.scatter);
        out.chance = std::abs(out.sigma) < (raised ? rule.surprise / 2 : rule.surprise);
    }
    if (std::abs(excess) < rule.floor || excess == 0 || (out.chance && !by_sigma)) {
        out.value = 0;
    } else if (by_sigma) {
        out.value = out.sigma;
    } else if (rule.levels.front().raise.unit == LimitUnit::per_minute) {
        out.value = excess * per_minute;
    } else {
        const double percent = out.usual != 0 ? excess / std::abs(out.usual) * 100.0 : std::copysign(change_max, excess);
        out.value = std::clamp(percent, -change_max, change_max);
    }
    return out;
}

SilenceUsual usual_in_silence(Ring ring, std::int64_t width_ms, const RuleSpec& rule, SourceTime ts, Span silence, double expected_per_s) {
    const auto place = RingPlace::of(width_ms, ts);
    const auto history = static_cast<double>(rule.history.count());
    const auto covered = static_cast<double>(ring.covered_ms(width_ms, ts));
    const auto before = std::max(std::min(covered, history) - static_cast<double>(silence.count()), history / 4);
    const double share = static_cast<double>(silence.count()) / before;
    const double events = ring.sum(place);
    // All of them before and none in the silence, if the rate is one: (before / (before + silence)) ^ events.
    SilenceUsual out{events * share, events * std::log1p(share)};
    if (const double expected = expected_per_s * seconds(silence); expected < out.events) {
        out.events = expected;
        out.sure = std::min(out.sure, expected);
    }
    return out;
}

}  // namespace surged
