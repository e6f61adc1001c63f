#include "core/rule/explain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.hpp"
#include "core/rule/change.hpp"
#include "core/rule/detector.hpp"
#include "core/series/ring_copy.hpp"

namespace surged {

namespace {
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::string_view word(InputFunction function) {
    switch (function) {
        case InputFunction::last: return "last";
        case InputFunction::increase: return "increase";
        case InputFunction::rate: return "rate";
        case InputFunction::avg: return "avg";
        case InputFunction::min: return "min";
        case InputFunction::max: return "max";
        case InputFunction::delta: return "delta";
    }
    return "";
}
}  // namespace

/// One explanation in the making. A new kind of rule adds a case in inputs(), and a function beside these.
struct Detector::Explainer {
    const Detector& detector;
    Stamp now;
    RuleExplanation& out;
    const RuleSpec& rule;
    const Queue* queue = nullptr;
    std::size_t series = 0;
    const BoundRule* bound_rule = nullptr;
    std::size_t bound = 0;

    const Series& its() const { return queue->series[series]; }
    const Bound& rest() const { return queue->bounds[bound]; }
    const ActiveAlert* active() const { return rest().active == no_id ? nullptr : &detector.active_[rest().active]; }
    RingCopy ring(const Queue& q, const Series& s, std::size_t index) const {
        const auto& plan = s.plan->rings[index];
        return {q.rings + s.rings + plan.offset, plan.shape.kind};
    }

    // ---- finding it ---------------------------------------------------------------------------------------------------------
    void look_at(std::uint32_t id) {
        queue = &detector.store_[id];
        out.group = queue->group;
        out.last_data = queue->last;
        out.stale_after = queue->stale_after;
        out.stale = queue->stale;
        out.never_seen = !queue->seen;
    }
    /// False, and said why, when the rule is not bound to this queue.
    bool find(const QueueKey& key) {
        const auto id = detector.store_.find(key.centre, key.queue, key.channel);
        if (id == no_id) {
            out.problem = "nothing was ever heard of this queue, and no [[expect]] declares it";
            return false;
        }
        look_at(id);
        for (series = 0; series < queue->series_count; ++series) {
            const auto& rules = its().plan->rules;
            for (std::size_t i = 0; i < rules.size(); ++i) {
                if (&detector.plan_.rules[rules[i].rule] == &rule) {
                    bound_rule = &rules[i];
                    bound = its().bounds + i;
                    return true;
                }
            }
        }
        out.problem = !covers(rule.scope, key, queue->group)
                          ? "this queue is not in the rule's scope"
                          : "this queue has never reported \"" + rule.metric + "\"" + missing_inputs();
        return false;
    }

    /// Of a derived metric: what it waits for.
    std::string missing_inputs() const {
        std::string names;
        for (const auto& derive : detector.plan_.derives) {
            if (derive.metric != rule.metric) {
                continue;
            }
            for (const auto* formula : {&derive.formula, derive.when ? &*derive.when : nullptr}) {
                for (std::size_t i = 0; formula != nullptr && i < formula->inputs().size(); ++i) {
                    const auto& metric = formula->inputs()[i].metric;
                    const auto known = detector.store_.metrics().find(metric);
                    const bool there = known != no_id && queue->find(known) < queue->series_count;
                    if (!there && names.find("\"" + metric + "\"") == std::string::npos) {
                        names += (names.empty() ? "" : ", ") + ("\"" + metric + "\"");
                    }
                }
            }
        }
        return names.empty() ? "" : ": it is derived, and " + names + " never came";
    }

    // ---- what all kinds share -----------------------------------------------------------------------------------------------
    void state() {
        const auto* alert = active();
        out.state = alert != nullptr ? alert->state : rest().known ? AlertState::ok : AlertState::unknown;
        if (alert != nullptr) {
            out.level = alert->level;
            out.pending = alert->latches.pending();
            out.since = alert->since;
            out.muted = alert->muted;
            out.folded = alert->folded ? *alert->folded : AlertKey{};
        }
        if (its().pace.silent()) {
            out.notes.emplace_back("\"" + rule.metric + "\", or what it is derived from, is no longer sent: every hold stands still, and nothing resolves");
        }
        for (const auto& window : rule.mute) {
            out.mutes.push_back({window, detector.inside(window, now.wall)});
        }
        for (const auto parent : detector.dependencies_.above(bound_rule->rule)) {
            const auto& id = detector.plan_.rules[parent].id;
            out.above.push_back({id, out.folded.rule == id});
        }
    }

    void levels() {
        const LatchSet resting;
        const auto& latches = active() != nullptr ? active()->latches : resting;
        for (const auto& spec : rule.levels) {
            ExplainLevel level;
            level.limits = spec;
            const auto& latch = latches.latch(static_cast<std::size_t>(spec.level) - 1);
            level.phase = latch.phase;
            level.since = latch.since;
            const bool frozen = queue->stale || (active() != nullptr && active()->stale);
            if (!frozen && latch.phase == LatchPhase::raising) {
                level.due = latch.since + spec.raise_after;
            } else if (!frozen && latch.phase == LatchPhase::clearing) {
                level.due = latch.since + spec.clear_after;
            }
            if (!std::isnan(out.value)) {
                level.raise_holds = spec.raise.holds(out.value);
                level.clear_holds = spec.clear.holds(out.value);
            }
            out.levels.push_back(level);
        }
        if (queue->stale && active() != nullptr && !rule.feed) {
            out.notes.emplace_back("no fresh data: every hold stands still until data is back, and nothing resolves");
        }
    }

    // ---- kind by kind -------------------------------------------------------------------------------------------------------
    void inputs() {
        switch (rule.kind) {
            case RuleKind::threshold: return threshold();
            case RuleKind::rate_of_change: return rate_of_change();
            case RuleKind::absence: return absence();
            case RuleKind::baseline: return baseline();
            case RuleKind::shortfall: return shortfall();
            case RuleKind::volatility: return last_value();
        }
    }

    void baseline() {
        const auto* found = detector.find_baseline(id_of_queue(), bound_rule->rule);
        if (found == nullptr) {
            return last_value();
        }
        const auto view = found->view();
        const bool judged = view.reading.state == BaselineReading::State::judged;
        out.value = found->value(active() != nullptr);
        out.inputs.push_back({"surprise", judged ? view.reading.surprise : unknown, "-log10 of the chance of this much or more"});
        if (judged) {
            const auto minutes = "in " + format_number(view.reading.window_minutes) + " min";
            out.inputs.push_back({"seen", view.reading.seen, minutes});
            out.inputs.push_back({"expected", view.reading.expected, minutes + (view.reading.scale == SurgeScale::minutes ? ", at today's level" : ", as the day began")});
        }
        const auto known = [](double x) { return x >= 0.0 ? x : unknown; };
        const auto slot = "in the running " + format_span(view.slot);
        out.inputs.push_back({"usual now", known(view.usual_now), slot + ", by the profile"});
        out.inputs.push_back({"expected now", known(view.expected_now), slot + ", at today's level"});
        out.inputs.push_back(
            {"seen now", view.seen_now, slot + ", " + format_number(std::round(view.share_now * 100)) + " % of it covered"});
        out.inputs.push_back({"today's level", view.level,
                              "against the profile, as the test uses it; " + format_number(view.level_now) + " as of now"});
        out.notes.push_back("learned from " + std::to_string(view.days) + " finished days (needs " +
                            std::to_string(view.days_needed) + "), zone " + view.zone);
        if (const auto why = found->reason(); !why.empty()) {
            out.notes.push_back(why);
        }
        if (view.frozen) {
            out.notes.emplace_back("an incident is open and the calls are a surge: nothing is learned");
        }
    }

    void shortfall() {
        last_value();
        const auto* seen = detector.board_.find(id_of_queue());
        if (seen == nullptr || !seen->known) {
            out.notes.emplace_back("an input is not known (arrivals, handling time or agents): nothing is said");
            return;
        }
        out.inputs.push_back(
            {"arrivals", seen->calls_per_s * 60, "calls a minute, the last minutes or the forecast, whichever is more"});
        out.inputs.push_back({"handling time", seen->aht_s, "s, " + handling_rests_on(*seen)});
        out.inputs.push_back({"patience", seen->patience_s, seen->patience_s > 0 ? "s" : "nobody gives up, as far as is known"});
        out.inputs.push_back(
            {"agents needed", seen->required, "the backlog included, when help arrives after " + format_span(seen->lead)});
        out.inputs.push_back({"agents productive", seen->productive, {}});
        out.inputs.push_back({"agents missing", seen->missing, {}});
        out.inputs.push_back({"agents it can give", seen->can_give(now.at),
                              seen->aht_from == staffing::HandlingFrom::measured
                                  ? ""
                                  : "none while its handling time is not settled"});
        out.inputs.push_back({"waiting", seen->waiting, {}});
        out.inputs.push_back({"expected wait", seen->expected_wait_s, "s"});
        if (seen->cause != staffing::Cause::none) {
            out.notes.push_back("cause: " + std::string(to_string(seen->cause)));
        }
    }

    static std::string handling_rests_on(const QueueStaffing& seen) {
        const auto calls = format_rounded(seen.aht_calls, 0) + " calls";
        const auto configured = "configured " + format_number(seen.aht_configured_s) + " s";
        switch (seen.aht_from) {
            case staffing::HandlingFrom::measured: return "of " + calls + " in the last " + format_span(seen.aht_window);
            case staffing::HandlingFrom::configured: return configured + ", " + calls + " so far";
            case staffing::HandlingFrom::estimated: {
                const auto going = std::isnan(seen.aht_in_progress)
                                       ? std::string()
                                       : ", " + format_rounded(seen.aht_in_progress, 0) + " in progress";
                return "not settled: " + calls + " so far" + going + (seen.aht_configured_s > 0 ? ", " + configured : "");
            }
            case staffing::HandlingFrom::unknown: break;
        }
        return "not known";
    }

    std::uint32_t id_of_queue() const { return detector.store_.find(out.queue.centre, out.queue.queue, out.queue.channel); }

    void last_value() {
        out.value = active() != nullptr ? active()->value : detector.store_.value(*queue, series);
        out.inputs.push_back({rule.metric, detector.store_.value(*queue, series), {}});
    }

    void threshold() {
        out.value = detector.store_.value(*queue, series);
        out.inputs.push_back({rule.metric, out.value, {}});
        for (const auto& slot : queue->derives) {
            if (slot.out == series) {
                own_derive(slot);
            }
        }
        for (const auto& group : detector.groups_) {
            if (&detector.store_[group.queue] == queue && group.out == series) {
                group_derive(group);
            }
        }
    }

    void own_derive(const DeriveSlot& slot) {
        const auto& spec = detector.plan_.derives[slot.derive];
        const auto& derived = detector.store_.binder().derive(slot.derive);
        std::vector<double> values;
        for (std::size_t i = 0; i < slot.inputs.size(); ++i) {
            const auto& input = derived.inputs[i];
            const auto [from, ring_index] = slot.inputs[i];
            const auto value = from == DeriveSlot::absent ? unknown : read(*queue, input, from, ring_index);
            values.push_back(value);
            const auto name = name_of(input);
            if (std::none_of(out.inputs.begin(), out.inputs.end(), [&](const ExplainInput& x) { return x.name == name; })) {
                out.inputs.push_back({name, value, {}});
            }
        }
        formula_note(spec);
        if (spec.when) {
            const double guard = spec.when->evaluate(std::span<const double>(values).subspan(derived.formula_inputs));
            out.notes.push_back(std::isnan(guard) || guard == 0
                                    ? "the guard is not met (" + spec.when->text() + "): the value is unknown and changes nothing"
                                    : "the guard is met: " + spec.when->text());
        }
    }

    void group_derive(const Group& group) {
        const auto& spec = detector.plan_.derives[group.derive];
        std::size_t fresh = 0;
        for (const auto member : group.members) {
            fresh += detector.store_[member].seen && !detector.store_[member].stale ? 1U : 0U;
        }
        formula_note(spec);
        out.inputs.push_back({"queues in it", static_cast<double>(group.members.size()),
                              std::to_string(fresh) + " of them with fresh data; a silent one keeps its last values"});
        if (spec.when) {
            out.notes.push_back("guarded by " + spec.when->text());
        }
    }

    void formula_note(const DeriveSpec& spec) { out.notes.push_back(spec.metric + " = " + spec.formula.text()); }

    static std::string name_of(const InputPlan& input, std::string_view metric) {
        if (input.function == InputFunction::last) {
            return std::string(metric);
        }
        return std::string(word(input.function)) + "(" + std::string(metric) + ", " + format_span(input.shape.length) + ")";
    }
    std::string name_of(const InputPlan& input) const { return name_of(input, detector.store_.metrics().name(input.metric)); }

    double read(const Queue& q, const InputPlan& input, std::size_t index, std::size_t ring_index) const {
        const auto& from = q.series[index];
        if (input.function == InputFunction::last) {
            return detector.store_.value(q, index);
        }
        if (!from.reading.started) {
            return unknown;
        }
        auto copy = ring(q, from, ring_index);
        const auto width = from.plan->rings[ring_index].width_ms;
        const auto place = RingPlace::of(width, q.ts);
        switch (input.function) {
            case InputFunction::increase: return copy->sum(place);
            case InputFunction::rate: {
                const auto covered = seconds(Span{copy->covered_ms(width, q.ts)});
                return covered > 0 ? copy->sum(place) / std::min(covered, input.window_s) : unknown;
            }
            case InputFunction::avg: return copy->mean(place);
            case InputFunction::min: return copy->minimum(place);
            case InputFunction::max: return copy->maximum(place);
            case InputFunction::delta: return detector.store_.value(q, index) - copy->oldest(place);
            case InputFunction::last: break;
        }
        return unknown;
    }

    void rate_of_change() {
        const bool per_minute = !rule.levels.empty() && rule.levels.front().raise.unit == LimitUnit::per_minute;
        out.unit = per_minute ? "/min" : "%";
        const bool counter = its().plan->kind == MetricKind::counter;
        const auto& rings = its().plan->rings;
        auto recent = ring(*queue, its(), bound_rule->ring_recent);
        auto total = ring(*queue, its(), bound_rule->ring_total);
        const auto recent_width = rings[bound_rule->ring_recent].width_ms;
        const auto total_width = rings[bound_rule->ring_total].width_ms;
        const bool frozen = active() != nullptr && active()->frozen_at != engine_never;
        const auto change = change_of(rule, counter,
                                      {*recent, RingPlace::of(recent_width, queue->ts), *total,
                                       RingPlace::of(total_width, queue->ts), total->covered_ms(total_width, queue->ts)},
                                      frozen ? &active()->frozen : nullptr);
        out.value = change.value;
        out.inputs.push_back(
            {rule.metric + (counter ? ", in the last " : ", mean of the last ") + format_span(rule.window), change.recent, {}});
        out.inputs.push_back({"expected from the " + format_span(rule.versus) + " before", change.usual, {}});
        out.inputs.push_back({"excess", change.recent - change.usual, {}});
        if (!change.enough) {
            out.notes.emplace_back("the windows do not yet hold the last " + format_span(rule.window) + " and half of the " +
                                   format_span(rule.versus) + " before it: unknown");
        } else if (std::abs(change.recent - change.usual) < rule.floor) {
            out.notes.emplace_back("the excess is below the floor of " + format_number(rule.floor) + ": it counts as no change");
        }
        if (frozen) {
            const auto left = rule.freeze - (now.at - active()->frozen_at);
            out.notes.push_back("the earlier window stands still since the rise began" +
                                (left > Span{0} ? ", for at most " + format_span(left) + " more" : std::string()));
        }
    }

    void absence() {
        out.unit = "s";
        const auto last = rule.feed ? queue->last : rest().last_rise;
        const auto silence = now.at - last;
        out.value = active() == nullptr && !rest().known ? unknown : seconds(silence);
        out.inputs.push_back({rule.feed ? "seconds since the feed last spoke" : "seconds since " + rule.metric + " last rose",
                              seconds(silence),
                              {}});
        if (rule.feed) {
            if (!queue->seen && !queue->expected) {
                out.notes.emplace_back("a queue that nobody declared and that never spoke is not missing");
            }
            return;
        }
        auto history = ring(*queue, its(), bound_rule->ring_recent);
        const auto width = its().plan->rings[bound_rule->ring_recent].width_ms;
        const double expected = usual_in_silence(*history, width, rule, queue->ts, silence);
        out.inputs.push_back({"events usual in that time", expected, "from the " + format_span(rule.history) + " before"});
        if (expected < rule.expected_min) {
            out.notes.push_back("fewer than " + format_number(rule.expected_min) +
                                " events were to be expected in this silence: it does not count");
        }
        if (queue->stale) {
            out.notes.emplace_back("the feed itself is silent: nothing is known of the traffic");
        }
    }
};

AlertReading Detector::reading(std::string_view id, const QueueKey& key, EngineTime now) const {
    const auto found = store_.find(key.centre, key.queue, key.channel);
    if (found == no_id) {
        return {};
    }
    const auto& queue = store_[found];
    for (std::size_t s = 0; s < queue.series_count; ++s) {
        const auto& rules = queue.series[s].plan->rules;
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (plan_.rules[rules[i].rule].id == id) {
                return reading(found, s, i, now);
            }
        }
    }
    return {};
}

AlertReading Detector::reading(std::uint32_t id, std::size_t s, std::size_t place, EngineTime now) const {
    const auto& queue = store_[id];
    const auto& series = queue.series[s];
    const auto& bound_rule = series.plan->rules[place];
    const auto& rule = plan_.rules[bound_rule.rule];
    const auto active = queue.bounds[series.bounds + place].active;
    const auto* alert = active == no_id ? nullptr : &active_[active];
    AlertReading out;
    out.known = true;
    out.stale = queue.stale && !rule.feed;
    out.seen = queue.last;
    if (series.reading.started && queue.ts > series.reading.ts) {
        // The queue speaks, and of this metric it may have spoken long ago.
        out.seen = queue.last - (queue.ts - series.reading.ts);
    }
    out.stale = out.stale || series.pace.silent();
    switch (rule.kind) {
        case RuleKind::threshold:
            out.value = rule.ahead > Span{0} && alert != nullptr ? alert->value : store_.last_known(queue, s);
            break;
        case RuleKind::volatility: out.value = alert != nullptr ? alert->value : unknown; break;
        case RuleKind::shortfall: {
            const auto* board = board_.find(id);
            out.value = board != nullptr && board->known ? board->missing : unknown;
            break;
        }
        case RuleKind::absence:
            out.seen = now;
            [[fallthrough]];
        case RuleKind::rate_of_change:
        case RuleKind::baseline: {
            RuleExplanation seen;
            seen.queue = store_.key(id);
            seen.value = unknown;
            Explainer explainer{*this, Stamp{now, {}}, seen, rule};
            explainer.look_at(id);
            explainer.series = s;
            explainer.bound_rule = &bound_rule;
            explainer.bound = series.bounds + place;
            explainer.inputs();
            out.value = seen.value;
            break;
        }
    }
    if (alert != nullptr) {
        out.worst = alert->worst;
        out.worst_at = alert->worst_at;
        const bool upward = rule.levels.front().raise.upward();
        if (!std::isnan(out.value) && !out.stale && (upward ? out.value > out.worst : out.value < out.worst)) {
            out.worst = out.value;  // a silence grows without a sample
            out.worst_at = now;
        }
    }
    return out;
}

std::optional<RuleExplanation> Detector::explain(std::string_view id, const QueueKey& key, Stamp now) const {
    const auto rule = std::find_if(plan_.rules.begin(), plan_.rules.end(), [&](const RuleSpec& r) { return r.id == id; });
    if (rule == plan_.rules.end()) {
        return std::nullopt;
    }
    RuleExplanation out;
    out.rule = rule->id;
    out.kind = rule->kind;
    out.metric = rule->metric;
    out.policy = rule->policy;
    out.queue = key;
    out.value = unknown;
    out.bound_queues = store_.bound_of_rule()[static_cast<std::size_t>(rule - plan_.rules.begin())];
    Explainer explainer{*this, now, out, *rule};
    out.bound = explainer.find(key);
    if (out.bound) {
        explainer.inputs();
        explainer.state();
        explainer.levels();
    } else {
        for (const auto& spec : rule->levels) {
            ExplainLevel level;
            level.limits = spec;
            out.levels.push_back(level);
        }
    }
    return out;
}

}  // namespace surged
