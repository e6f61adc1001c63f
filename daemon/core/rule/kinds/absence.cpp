// kind = "absence": a counter that does not rise, or a feed (of = "feed") that does not speak. Nothing is looked at while nothing
// comes: each rule has the time of its next check set.
//
// The hardest rule: silence of traffic counts only where traffic was to be expected and its feed is alive.
#include "core/rule/kinds/absence.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/not_known.hpp"
#include "core/base/text.hpp"
#include "core/rule/change.hpp"
#include "core/rule/kind_phrases.hpp"
#include "core/rule/rule_step.hpp"
#include "core/rule/rule_view.hpp"

namespace surged {

namespace {
Span raise_span(const LevelSpec& level) {
    return Span{static_cast<std::int64_t>(level.raise.value * 1000.0)};
}

void arm(RuleStep& step, EngineTime last) {
    step.bound().armed = true;
    step.call_at(last + raise_span(step.rule().levels.front()));
}

/// Silence counts from now.
void begin(RuleStep& step) {
    step.bound().last_rise = step.now.at;
    arm(step, step.now.at);
}

void resume(RuleStep& step) {
    arm(step, step.rule().feed ? step.queue.last : step.bound().last_rise);
}

/// The counter moved: silence is over.
void rose(RuleStep& step) {
    step.bound().last_rise = step.now.at;
    step.set_known(true);
    if (!step.resting()) {
        step.observe(0, step.queue.ts, KindSay{Language::en}("resumed"));
    }
    if (!step.bound().armed) {
        arm(step, step.now.at);
    }
}

/// The feed speaks again.
void heard(RuleStep& step) {
    if (!step.rule().feed) {
        return;
    }
    if (!step.bound().armed) {
        arm(step, step.now.at);
    }
    if (!step.resting()) {
        step.observe(0, step.queue.ts, KindSay{Language::en}("data.back"));
    }
}

/// What the first baseline rule on this counter expects a second: 0 in hours that its calendar closes; NaN where it has not learned enough.
double forecast_on(const std::vector<RuleSpec>& rules, const Queue& queue, const Series& series) {
    for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->learners != 0; ++i) {
        const auto& beside = series.plan->rules[i];
        if (beside.row->learns && !rules[beside.rule].counts) {
            const auto& baseline = *queue.baselines[queue.bounds[series.bounds + i].baseline];
            return baseline.reading().state == BaselineReading::State::closed ? 0.0 : baseline.expected_per_s();
        }
    }
    return not_known;
}

/// Whether this silence counts, and what it was judged by.
bool counts(RuleStep& step, Span silence, std::string& evidence) {
    const KindSay say{Language::en};
    const auto window = format_span(std::chrono::duration_cast<std::chrono::seconds>(silence));
    const auto& queue = step.queue;
    if (step.rule().feed) {
        evidence = say("silent", {{"window", window}});
        return queue.seen || queue.expected;  // a queue nobody declared and that never spoke is not missing
    }
    const auto ring = step.plan().ring_recent;
    const auto usual = usual_in_silence(step.ring(ring), step.ring_plan(ring).width_ms, step.rule(), queue.ts, silence,
                                        forecast_on(step.rules(), queue, step.series));
    evidence = say("silent.usual", {{"window", window}, {"usual", format_rounded(usual.events, 0)}});
    // With a dead feed, or one that sends no such counter, nothing is known of the traffic.
    return usual.sure >= step.rule().expected_min && !queue.stale && !step.series.pace.silent();
}

/// Raises what the silence has reached and sets the next check.
void due(RuleStep& step) {
    const auto now = step.now.at;
    if (step.recovered() != EngineTime{} && now < step.recovered() + Detector::silence_hold) {
        step.call_at(step.recovered() + Detector::silence_hold);
        return;
    }
    const auto& rule = step.rule();
    const auto last = rule.feed ? std::max(step.queue.last, step.recovered()) : step.bound().last_rise;
    const auto silence = now - last;
    auto next = engine_never;
    bool reached = false;
    for (const auto& level : rule.levels) {
        const auto at = last + raise_span(level) + Span{level.raise.comparison == Comparison::above ? 1 : 0};
        if (at > now) {
            next = std::min(next, at);
        } else {
            reached = true;
        }
    }
    if (reached) {
        std::string evidence;
        if (counts(step, silence, evidence)) {
            step.set_known(true);
            step.observe(seconds(silence), step.queue.ts, evidence);
        } else {
            constexpr Span look_again{10000};
            next = std::min(next, now + look_again);
        }
    }
    step.bound().armed = next != engine_never;
    if (next != engine_never) {
        step.call_at(next);
    }
}

void windows(const RuleSpec& rule, std::string_view metric, MetricKind, std::vector<RingShape>& out) {
    if (rule.metric == metric && !rule.feed) {
        out.push_back({RingKind::counter, rule.history});
    }
}

void find_rings(const RuleSpec& rule, const MetricPlan& plan, BoundRule& bound) {
    if (!rule.feed) {
        bound.ring_recent = plan.ring_index({RingKind::counter, rule.history});
    }
}

Span silence_of(const RuleView& view) {
    return view.now - (view.rule().feed ? view.queue().last : view.bound().last_rise);
}

double value_now(const RuleView& view) {
    // A feed that speaks is looked at when it could be silent: until then nothing was judged, and yet its silence is known.
    const bool speaks = view.rule().feed && view.queue().seen;
    return view.alert() == nullptr && !view.bound().known && !speaks ? not_known : seconds(silence_of(view));
}

void explain(const RuleView& view, RuleExplanation& out) {
    const auto& rule = view.rule();
    const auto& queue = view.queue();
    const auto silence = silence_of(view);
    out.unit = "s";
    out.value = value_now(view);
    out.inputs.push_back({rule.feed ? "seconds since the feed last spoke" : "seconds since " + rule.metric + " last rose",
                          seconds(silence),
                          {}});
    if (rule.feed) {
        if (!queue.seen && !queue.expected) {
            out.notes.emplace_back("a queue that nobody declared and that never spoke is not missing");
        }
        return;
    }
    auto history = view.ring(view.plan().ring_recent);
    const double forecast = forecast_on(view.detector.plan().rules, queue, view.series());
    const auto usual = usual_in_silence(*history, view.width_ms(view.plan().ring_recent), rule, queue.ts, silence, forecast);
    out.inputs.push_back({"events usual in that time", usual.events, "from the " + format_span(rule.history) + " before"});
    if (!std::isnan(forecast)) {
        out.inputs.push_back({"expected by what was learned of this time of day", forecast * seconds(silence), {}});
    }
    if (usual.sure < rule.expected_min) {
        out.notes.push_back("fewer than " + format_number(rule.expected_min) +
                            " events were surely to be expected in this silence: it does not count");
    }
    if (queue.stale) {
        out.notes.emplace_back("the feed itself is silent: nothing is known of the traffic");
    }
}
}  // namespace

constinit const KindRow absence_kind{
    .name = "absence",
    .value_unit = LimitUnit::span,
    .grows_alone = true,
    .windows = windows,
    .find_rings = find_rings,
    .rose = rose,
    .begin = begin,
    .resume = resume,
    .heard = heard,
    .due = due,
    .value_now = value_now,
    .explain = explain,
};

}  // namespace surged
