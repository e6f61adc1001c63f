// kind = "threshold": the metric itself. A rule without `ahead` is banded: the detector compares it by the band of its series, and
// nothing here runs for a sample.
//
// With `ahead`: compares what the metric will be, not what it is. The line is Theil and Sen's (the median of the
// slopes between all pairs of points that are half a window apart), so that one wild reading in four moves it little; it is drawn
// anew when the window has moved on by one cell, and read off in between. Where staffing is known, the backlog is foreseen by the
// fluid layer instead: it knows that a queue whose arrivals exceed its agents goes on growing, which a line through the last
// minutes does not.
#include "core/rule/kinds/threshold.hpp"

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

/// The line through the last slope window.
struct SlopeState {
    double base = 0;   ///< value of the line at base_ms
    double slope = 0;  ///< per second
    std::int64_t base_ms = 0;
    std::int64_t cell = 0;  ///< of the ring when the line was drawn
    std::uint8_t begun = 0;
    std::uint8_t known = 0;
    std::uint8_t pad[6] = {};
};

constexpr std::size_t points_min = 5;
constexpr std::size_t cells = static_cast<std::size_t>(ring_cells);

double median(double* first, std::size_t count) {
    std::nth_element(first, first + count / 2, first + count);
    const double upper = first[count / 2];
    return count % 2 != 0 ? upper : (upper + *std::max_element(first, first + count / 2)) / 2;
}

/// The first raise limit that is not passed now but will be.
std::string passes(const RuleSpec& rule, double value, double slope) {
    for (const auto& level : rule.levels) {
        const double way = level.raise.value - value;
        if (!level.raise.holds(value) && slope != 0 && way / slope >= 0) {
            const auto in = Span{static_cast<std::int64_t>(std::min(way / slope, 1e7) * 1000.0)};
            const KindSay say{Language::en};
            const auto limit = format_number(level.raise.value);
            return in < Span{60000} ? say("passes.s", {{"limit", limit}, {"n", format_rounded(seconds(in), 0)}})
                                    : say("passes.min", {{"limit", limit}, {"n", format_rounded(minutes(in), 1)}});
        }
    }
    return {};
}

/// Draws the line through the window that ends at `ts`; unknown without half a window and five points.
void draw_line(RuleStep& step, SlopeState& state, SourceTime ts) {
    auto ring = step.ring(step.plan().ring_recent);
    const auto& plan = step.ring_plan(step.plan().ring_recent);
    const auto& here = step.place(plan, ts);
    state.known = 0;
    if (ring.covered_ms(plan.width_ms, ts) * 2 < step.rule().slope_window.count()) {
        return;
    }
    std::array<RingPoint, cells> points;
    const auto count = ring.points(here, plan.width_ms, points);
    if (count < points_min) {
        return;
    }
    // Pairs near to each other say little of the slope and are most of all pairs.
    std::array<double, cells*(cells + 1) / 2> slopes;  // NOLINT(*-member-init): written before it is read
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = i + count / 2; k < count; ++k) {
            slopes[pairs++] = (points[k].value - points[i].value) / (static_cast<double>(points[k].ms - points[i].ms) / 1000.0);
        }
    }
    state.slope = median(slopes.data(), pairs);
    state.base_ms = to_ms(ts);
    for (std::size_t i = 0; i < count; ++i) {
        slopes[i] = points[i].value + state.slope * static_cast<double>(state.base_ms - points[i].ms) / 1000.0;
    }
    state.base = median(slopes.data(), count);
    state.known = 1;
}

/// What the metric will be, and how that was worked out.
struct Foreseen {
    double value = not_known;
    double slope = 0;
    bool fluid = false;  ///< by arrivals and agents, not by the line
};

Foreseen foresee(RuleStep& step, SourceTime ts, double now) {
    Foreseen out;
    const auto& rule = step.rule();
    const auto* staffing = rule.metric == "calls_waiting" ? step.board().find(step.id()) : nullptr;
    if (staffing != nullptr && staffing->fresh(step.now.at)) {
        const staffing::Backlog backlog{{staffing->calls_per_s, staffing->aht_s, staffing->patience_s}, now, staffing->productive};
        out.value = waiting_after(backlog, 0, seconds(rule.ahead));
        out.slope = (out.value - now) / seconds(rule.ahead);
        out.fluid = true;
        return out;
    }
    auto& state = step.state<SlopeState>();
    const auto cell = step.place(step.ring_plan(step.plan().ring_recent), ts).cell;
    if (state.begun == 0 || state.cell != cell) {
        state.begun = 1;
        state.cell = cell;
        draw_line(step, state, ts);
    }
    if (state.known != 0) {
        out.slope = state.slope;
        out.value = state.base + out.slope * (static_cast<double>(to_ms(ts) - state.base_ms) / 1000.0 + seconds(rule.ahead));
    }
    return out;
}

void observe(RuleStep& step, SourceTime ts, double value) {
    const auto& rule = step.rule();
    const auto seen = std::isnan(value) ? Foreseen{} : foresee(step, ts, value);
    step.judge(seen.value, ts, [&] {
        const auto line = passes(rule, value, seen.slope);
        const KindSay say{Language::en};
        const auto window = format_span(rule.slope_window);
        const auto rest = line.empty() ? (seen.fluid ? say("ahead.fluid") : say("ahead.line", {{"window", window}}))
                          : seen.fluid ? say("ahead.fluid.passes", {{"rest", line}})
                                       : say("ahead.line.passes", {{"window", window}, {"rest", line}});
        const auto now = format_rounded(value, 1);
        const auto slope = format_rounded(std::abs(seen.slope) * 60, 1);
        return seen.slope >= 0 ? say("ahead.rising", {{"value", now}, {"slope", slope}, {"rest", rest}})
                               : say("ahead.falling", {{"value", now}, {"slope", slope}, {"rest", rest}});
    });
}

bool compares_itself(const RuleSpec& rule) {
    return rule.ahead.count() == 0;
}

std::size_t state_bytes(const RuleSpec& rule, MetricKind) {
    return compares_itself(rule) ? 0 : sizeof(SlopeState);
}

void windows(const RuleSpec& rule, std::string_view metric, MetricKind, std::vector<RingShape>& out) {
    if (rule.metric == metric && !compares_itself(rule)) {
        out.push_back({RingKind::mean, rule.slope_window});
    }
}

void find_rings(const RuleSpec& rule, const MetricPlan& plan, BoundRule& bound) {
    if (!compares_itself(rule)) {
        bound.ring_recent = plan.ring_index({RingKind::mean, rule.slope_window});
    }
}

double value_now(const RuleView& view) {
    const bool foreseen = !compares_itself(view.rule()) && view.alert() != nullptr;
    return foreseen ? view.alert()->value : view.detector.queues().last_known(view.queue(), view.s);
}

void explain(const RuleView& view, RuleExplanation& out) {
    out.value = view.value();
    out.inputs.push_back({view.rule().metric, out.value, {}});
    explain_derived(view, out);
}
}  // namespace

constinit const KindRow threshold_kind{
    .name = "threshold",
    .in_metric_unit = true,
    .banded = compares_itself,
    .state_bytes = state_bytes,
    .windows = windows,
    .find_rings = find_rings,
    .observe = observe,
    .value_now = value_now,
    .explain = explain,
};

}  // namespace surged
