// kind = "rate_of_change": the last `window` against the `versus` before it; the arithmetic is in core/rule/change. While it is
// raised the earlier window stands still, at most for `freeze`: a surge must not become what is usual while it lasts.
//
// The hardest rule: a feeder that was away and begins anew tells nothing of the calls in between. These are no quiet minutes, and what
// follows is no rise.
#include "core/rule/kinds/rate_of_change.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/rule/change.hpp"
#include "core/rule/kind_phrases.hpp"
#include "core/rule/rule_step.hpp"
#include "core/rule/rule_view.hpp"

namespace surged {

namespace {
/// Where the counter's last gap that nobody counted in began and ended.
struct GapSeen {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;     ///< 0 = it had none
    std::int64_t since_ms = 0;  ///< its last reading before one that is not known yet; 0 = it is known
};

/// From now on samples ask for the gap (Bound::armed): as long as there is none they need not.
void broke(RuleStep& step, SourceTime since, SourceTime ts, bool known) {
    auto& gap = step.state<GapSeen>();
    for (const auto at : {gap.since_ms, gap.from_ms, gap.to_ms}) {
        if (at < 0 || at > to_ms(ts)) {
            gap = {};  // of a spoiled snapshot
            break;
        }
    }
    step.bound().armed = true;
    if (gap.since_ms == 0) {
        gap.since_ms = to_ms(since);
    }
    if (!known) {
        return;
    }
    if (to_ms(ts) > gap.since_ms) {
        // Of two gaps in one window the later one is told longer by the other.
        const auto& rule = step.rule();
        const auto still = std::max<std::int64_t>(0, gap.to_ms - std::max(gap.from_ms, to_ms(ts) - (rule.window + rule.versus).count()));
        gap.from_ms = std::max<std::int64_t>(0, gap.since_ms - still);
        gap.to_ms = to_ms(ts);
    }
    gap.since_ms = 0;
}

void resume_gap(RuleStep& step) {
    step.bound().armed = step.series.plan->kind == MetricKind::counter;
}

/// How much of [from, to) lies in the gap.
std::int64_t gap_within(const GapSeen& gap, std::int64_t from_ms, std::int64_t to_ms) {
    return std::max<std::int64_t>(0, std::min(gap.to_ms, to_ms) - std::max(gap.from_ms, from_ms));
}

void tell_gap(ChangeWindows& windows, const GapSeen& gap, const RuleSpec& rule, SourceTime ts) {
    if (gap.from_ms < 0 || gap.to_ms < gap.from_ms) {
        return;
    }
    const auto begun = to_ms(ts) - rule.window.count();
    windows.lost_recent_ms = gap_within(gap, begun, to_ms(ts));
    windows.lost_before_ms = gap_within(gap, begun - rule.versus.count(), begun);
}

WindowChange change_at(RuleStep& step, const RuleSpec& rule, SourceTime ts, const ActiveAlert* alert) {
    const auto& recent = step.ring_plan(step.plan().ring_recent);
    const auto& total = step.ring_plan(step.plan().ring_total);
    const auto total_ring = step.ring(total);
    const bool frozen = alert != nullptr && alert->frozen_at != engine_never;
    const bool counter = step.series.plan->kind == MetricKind::counter;
    ChangeWindows windows{step.ring(recent), step.place(recent, ts), total_ring, step.place(total, ts), total_ring.covered_ms(total.width_ms, ts)};
    if (auto& bound = step.bound(); bound.armed) {
        const auto& gap = step.state<GapSeen>();
        tell_gap(windows, gap, rule, ts);
        bound.armed = gap.since_ms != 0 || gap.to_ms > to_ms(ts) - (rule.window + rule.versus).count();
    }
    return change_of(rule, counter, windows, frozen ? &alert->frozen : nullptr, alert != nullptr && alert->latches.level() != Level::none);
}

std::string evidence_of_change(const RuleSpec& rule, const WindowChange& change) {
    const KindSay say{Language::en};
    const auto recent = format_rounded(change.recent, 1);
    const auto usual = format_rounded(change.usual, 1);
    const auto window = format_span(rule.window);
    const auto before = format_span(rule.versus);
    return change.sigma == 0 ? say("change", {{"recent", recent}, {"window", window}, {"usual", usual}, {"before", before}})
                             : say("change.sigma", {{"recent", recent},
                                                    {"window", window},
                                                    {"usual", usual},
                                                    {"before", before},
                                                    {"sigma", format_rounded(change.sigma, 1)}});
}

void observe(RuleStep& step, SourceTime ts, double value) {
    if (std::isnan(value) && step.series.plan->kind == MetricKind::counter) {
        return;  // the windows end at the last reading that is one
    }
    const auto& rule = step.rule();
    auto* alert = step.alert();
    if (alert != nullptr && alert->frozen_at != engine_never && step.now.at - alert->frozen_at >= rule.freeze) {
        alert->frozen_at = engine_never;  // a lasting shift is the new normal: compare with the real past again
    }
    const auto change = change_at(step, rule, ts, alert);
    if (const auto& bound = step.bound(); bound.band.contains(change.value) || (std::isnan(change.value) && !bound.known)) {
        return;
    }
    const bool was_resting = alert == nullptr;
    step.observe(change.value, ts, evidence_of_change(rule, change));
    if (auto* begun = step.alert(); was_resting && begun != nullptr && begun->frozen_at == engine_never) {
        begun->frozen = change.usual;
        begun->frozen_at = step.now.at;
    }
}

RingKind ring_kind(MetricKind kind) {
    return kind == MetricKind::counter ? RingKind::counter : RingKind::mean;
}

void windows(const RuleSpec& rule, std::string_view metric, MetricKind kind, std::vector<RingShape>& out) {
    if (rule.metric == metric) {
        out.push_back({ring_kind(kind), rule.window});
        out.push_back({ring_kind(kind), rule.window + rule.versus});
    }
}

void find_rings(const RuleSpec& rule, const MetricPlan& plan, BoundRule& bound) {
    bound.ring_recent = plan.ring_index({ring_kind(plan.kind), rule.window});
    bound.ring_total = plan.ring_index({ring_kind(plan.kind), rule.window + rule.versus});
}

WindowChange change_seen(const RuleView& view) {
    auto recent = view.ring(view.plan().ring_recent);
    auto total = view.ring(view.plan().ring_total);
    const auto ts = view.queue().ts;
    const auto recent_width = view.width_ms(view.plan().ring_recent);
    const auto total_width = view.width_ms(view.plan().ring_total);
    const auto* alert = view.alert();
    const bool frozen = alert != nullptr && alert->frozen_at != engine_never;
    const bool counter = view.series().plan->kind == MetricKind::counter;
    ChangeWindows windows{*recent, RingPlace::of(recent_width, ts), *total, RingPlace::of(total_width, ts), total->covered_ms(total_width, ts)};
    if (counter) {
        tell_gap(windows, *reinterpret_cast<const GapSeen*>(view.queue().rings + view.series().rings + view.plan().state), view.rule(), ts);
    }
    return change_of(view.rule(), counter, windows, frozen ? &alert->frozen : nullptr, alert != nullptr && alert->latches.level() != Level::none);
}

std::size_t state_bytes(const RuleSpec&, MetricKind kind) {
    return kind == MetricKind::counter ? sizeof(GapSeen) : 0;
}

double value_now(const RuleView& view) {
    return change_seen(view).value;
}

void explain(const RuleView& view, RuleExplanation& out) {
    const auto& rule = view.rule();
    const auto unit = rule.levels.empty() ? LimitUnit::percent : rule.levels.front().raise.unit;
    out.unit = unit == LimitUnit::per_minute ? "/min" : unit == LimitUnit::sigma ? " sigma" : "%";
    const bool counter = view.series().plan->kind == MetricKind::counter;
    const auto change = change_seen(view);
    out.value = change.value;
    out.inputs.push_back(
        {rule.metric + (counter ? ", in the last " : ", mean of the last ") + format_span(rule.window), change.recent, {}});
    out.inputs.push_back({"expected from the " + format_span(rule.versus) + " before", change.usual, {}});
    out.inputs.push_back({"excess", change.recent - change.usual, {}});
    if (unit == LimitUnit::sigma || rule.surprise > 0) {
        out.inputs.push_back({"surprise, standard deviations", change.sigma, {}});
    }
    if (!change.enough) {
        out.notes.emplace_back("the windows do not yet hold the last " + format_span(rule.window) + " and half of the " +
                               format_span(rule.versus) + " before it (time in which the feeder was away does not count): unknown");
    } else if (unit != LimitUnit::sigma && change.chance) {
        const bool raised = view.alert() != nullptr && view.alert()->latches.level() != Level::none;
        out.notes.emplace_back("chance gives such a change too easily (" + format_rounded(std::abs(change.sigma), 1) + " of " +
                               format_number(raised ? rule.surprise / 2 : rule.surprise) +
                               " standard deviations): it counts as no change");
    } else if (std::abs(change.recent - change.usual) < rule.floor) {
        out.notes.emplace_back("the excess is below the floor of " + format_number(rule.floor) + ": it counts as no change");
    }
    if (const auto* alert = view.alert(); alert != nullptr && alert->frozen_at != engine_never) {
        const auto left = rule.freeze - (view.now - alert->frozen_at);
        out.notes.push_back("the earlier window stands still since the rise began" +
                            (left > Span{0} ? ", for at most " + format_span(left) + " more" : std::string()));
    }
}
}  // namespace

constinit const KindRow rate_of_change_kind{
    .name = "rate_of_change",
    .state_bytes = state_bytes,
    .windows = windows,
    .find_rings = find_rings,
    .broke = broke,
    .observe = observe,
    .resume = resume_gap,
    .value_now = value_now,
    .explain = explain,
};

}  // namespace surged
