// kind = "baseline": readings against a learned profile (core/rule/baseline). A sample only adds to the running row; rows are looked
// at once a minute. Nothing is learned while an incident is open for the queue and its own calls are a surge (D6).
#include "core/rule/kinds/baseline.hpp"

#include <cmath>

#include "core/base/not_known.hpp"
#include "core/base/text.hpp"
#include "core/rule/rule_step.hpp"
#include "core/rule/rule_view.hpp"

namespace surged {

namespace {

Baseline& baseline_of(RuleStep& step) {
    return *step.queue.baselines[step.bound().baseline];
}

void judge(RuleStep& step, SourceTime ts) {
    const auto& baseline = baseline_of(step);
    const auto* alert = step.alert();
    const double value = baseline.value(alert != nullptr && alert->latches.level() != Level::none);
    if (std::isnan(value) && alert == nullptr) {
        if (baseline.reading().state == BaselineReading::State::learning && step.bound().known) {
            step.set_known(false);  // never green while it learns
            step.bound().band = QuietBand{1, 0};
        }
        return;
    }
    if (!step.bound().band.contains(value)) {
        step.observe(value, ts, baseline.evidence());
    }
}

/// The running row is full, or it is time to look at it.
void look_at_row(RuleStep& step, SourceTime ts) {
    auto& baseline = baseline_of(step);
    // An incident that others opened teaches as any hour does, as long as this queue's own calls are usual.
    const bool hold = baseline.loud() && step.incident_open();
    const bool news = baseline.run(hold, step.only_learn());
    if (news && !step.only_learn()) {
        judge(step, ts);
    }
}

void count(RuleStep& step, SourceTime ts, const CounterStep& counted) {
    auto& baseline = baseline_of(step);
    // What a counter lost when it restarted nobody knows: that part of the row was not seen.
    if (!(counted.reset ? baseline.skip(ts) : baseline.add(counted.from, ts, counted.increment))) {
        look_at_row(step, ts);
    }
}

void gauge(RuleStep& step, SourceTime ts, double value) {
    if (!baseline_of(step).gauge(ts, value)) {
        look_at_row(step, ts);
    }
}

const Baseline& baseline_of(const RuleView& view) {
    return *view.queue().baselines[view.bound().baseline];
}

double value_now(const RuleView& view) {
    return baseline_of(view).value(view.alert() != nullptr);
}

void explain(const RuleView& view, RuleExplanation& out) {
    const auto& baseline = baseline_of(view);
    const auto seen = baseline.view();
    const bool judged = seen.reading.state == BaselineReading::State::judged;
    out.value = value_now(view);
    out.inputs.push_back({"surprise", judged ? seen.reading.surprise : not_known, "-log10 of the chance of this much or more"});
    if (judged) {
        const auto minutes = "in " + format_number(seen.reading.window_minutes) + " min";
        out.inputs.push_back({"seen", seen.reading.seen, minutes});
        out.inputs.push_back({"expected", seen.reading.expected, minutes + (seen.reading.scale == SurgeScale::minutes ? ", at today's level" : ", as the day began")});
    }
    const auto known = [](double x) { return x >= 0.0 ? x : not_known; };
    const auto slot = "in the running " + format_span(seen.slot);
    out.inputs.push_back({"usual now", known(seen.usual_now), slot + ", by the profile"});
    out.inputs.push_back({"expected now", known(seen.expected_now), slot + ", at today's level"});
    out.inputs.push_back(
        {"seen now", seen.seen_now, slot + ", " + format_number(std::round(seen.share_now * 100)) + " % of it covered"});
    out.inputs.push_back({"today's level", seen.level,
                          "against the profile, as the test uses it; " + format_number(seen.level_now) + " as of now"});
    out.notes.push_back("learned from " + std::to_string(seen.days) + " finished days (needs " + std::to_string(seen.days_needed) +
                        "), zone " + seen.zone);
    if (const auto why = baseline.reason(); !why.empty()) {
        out.notes.push_back(why);
    }
    if (seen.frozen) {
        out.notes.emplace_back("an incident is open and the calls are a surge: nothing is learned");
    }
}
}  // namespace

constinit const KindRow baseline_kind{
    .name = "baseline",
    .learns = true,
    .apart_bytes = Baseline::memory_bytes,
    .count = count,
    .gauge = gauge,
    .value_now = value_now,
    .explain = explain,
};

}  // namespace surged
