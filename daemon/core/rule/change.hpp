// The arithmetic of rules that look at windows, apart from where the windows lie: the detector works with it, and so does whoever
// explains what the detector did. Pure functions of rings, which roll to the moment asked for.
#pragma once

#include "core/rule/spec.hpp"
#include "core/series/ring.hpp"

namespace surged {

/// rate_of_change: the last `window` against the `versus` before it.
struct WindowChange {
    double value = 0;    ///< in the unit of the rule's limits (percent, or units per minute); NaN = unknown; 0 below the floor
    double recent = 0;   ///< counters: events in the window; gauges: mean over it
    double usual = 0;    ///< the same, as the earlier window would have it
    double sigma = 0;    ///< counters: how far beyond chance, signed standard deviations (forecast/count_test)
    bool chance = false; ///< it is large enough for the limits, and no more than chance gives (RuleSpec::surprise)
    bool enough = true;  ///< the windows hold the last window whole and half of the earlier one
};

/// The two windows of one series as they end at its newest sample. `covered_ms` is of `total`, the two windows together. `lost_ms`: the
/// part of each, of a counter, in which nobody counted.
struct ChangeWindows {
    Ring recent;
    RingPlace recent_place;
    Ring total;
    RingPlace total_place;
    std::int64_t covered_ms = 0;
    std::int64_t lost_recent_ms = 0;
    std::int64_t lost_before_ms = 0;
};

/// `frozen`: what stands for the earlier window while it stands still; null = it moves. `raised`: a level is on; then half of the
/// surprise keeps it, for a rise that was seen for sure stays one while it lasts.
WindowChange change_of(const RuleSpec& rule, bool counter, ChangeWindows& windows, const double* frozen, bool raised);

/// absence: what a silence is measured by.
struct SilenceUsual {
    double events = 0;  ///< that would have been usual in it: the rate of the history before it, times its length
    /// The chance of none is e to the minus this: less than `events` when these are told by little history. Of four calls in 17 min ten are
    /// usual in 43, and yet chance makes such a silence once in 155 times.
    double sure = 0;
};
/// `expected_per_s`: by what is learned of this time of day, NaN = nothing is; the smaller of both counts, for desks that close.
SilenceUsual usual_in_silence(Ring ring, std::int64_t width_ms, const RuleSpec& rule, SourceTime ts, Span silence, double expected_per_s);

}  // namespace surged
