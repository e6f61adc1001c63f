#include "core/rule/explain.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/not_known.hpp"
#include "core/base/ranges.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/kinds.hpp"
#include "core/rule/rule_view.hpp"

namespace surged {

namespace {

/// Where the rule is bound in the queue; nullopt when it is not.
std::optional<RuleView> find_bound(const Detector& detector, std::uint32_t id, std::string_view rule, EngineTime now) {
    const auto& queue = detector.queues()[id];
    for (std::size_t s = 0; s < queue.series_count; ++s) {
        const auto& rules = queue.series[s].plan->rules;
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (detector.plan().rules[rules[i].rule].id == rule) {
                return RuleView{detector, now, id, s, i};
            }
        }
    }
    return std::nullopt;
}

/// Of a derived metric: what it waits for.
std::string missing_inputs(const Detector& detector, const Queue& queue, const RuleSpec& rule) {
    std::string names;
    for (const auto& derive : detector.plan().derives) {
        if (derive.metric != rule.metric) {
            continue;
        }
        for (const auto* formula : {&derive.formula, derive.when ? &*derive.when : nullptr}) {
            for (std::size_t i = 0; formula != nullptr && i < formula->inputs().size(); ++i) {
                const auto& metric = formula->inputs()[i].metric;
                const auto known = detector.queues().metrics().find(metric);
                const bool there = known != no_id && queue.find(known) < queue.series_count;
                if (!there && names.find("\"" + metric + "\"") == std::string::npos) {
                    names += (names.empty() ? "" : ", ") + ("\"" + metric + "\"");
                }
            }
        }
    }
    return names.empty() ? "" : ": it is derived, and " + names + " never came";
}

void explain_state(const RuleView& view, RuleExplanation& out) {
    const auto* alert = view.alert();
    const bool known = view.bound().known || !std::isnan(out.value);
    out.state = alert != nullptr ? alert->state : known ? AlertState::ok : AlertState::unknown;
    if (alert != nullptr) {
        out.level = alert->level;
        out.pending = alert->latches.pending();
        out.since = alert->since;
        out.muted = alert->muted;
        out.folded = alert->folded ? *alert->folded : AlertKey{};
    }
    if (view.series().pace.silent()) {
        out.notes.emplace_back("\"" + view.rule().metric + "\", or what it is derived from, is no longer sent: every hold stands still, and nothing resolves");
    }
}

void explain_levels(const RuleView& view, RuleExplanation& out) {
    const LatchSet resting;
    const auto* alert = view.alert();
    const bool stale = view.queue().stale;
    const auto& latches = alert != nullptr ? alert->latches : resting;
    for (const auto& spec : view.rule().levels) {
        ExplainLevel level;
        level.limits = spec;
        const auto& latch = latches.latch(static_cast<std::size_t>(spec.level) - 1);
        level.phase = latch.phase;
        level.since = latch.since;
        const bool frozen = stale || (alert != nullptr && alert->stale);
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
    if (stale && alert != nullptr && !view.rule().feed) {
        out.notes.emplace_back("no fresh data: every hold stands still until data is back, and nothing resolves");
    }
}
}  // namespace

void explain_last_value(const RuleView& view, RuleExplanation& out) {
    out.value = view.alert() != nullptr ? view.alert()->value : view.value();
    out.inputs.push_back({view.rule().metric, view.value(), {}});
}

AlertReading Detector::reading(std::string_view id, const QueueKey& key, EngineTime now) const {
    const auto found = store_.find(key.centre, key.queue, key.channel);
    const auto view = found != no_id ? find_bound(*this, found, id, now) : std::nullopt;
    return view ? reading(found, view->s, view->place, now) : AlertReading{};
}

AlertReading Detector::reading(std::uint32_t id, std::size_t s, std::size_t place, EngineTime now) const {
    const RuleView view{*this, now, id, s, place};
    const auto& queue = view.queue();
    const auto& series = view.series();
    const auto& rule = view.rule();
    const auto& row = row_of(rule.kind);
    AlertReading out;
    out.known = true;
    out.stale = (queue.stale && !rule.feed) || series.pace.silent();
    out.seen = queue.last;
    if (series.reading.started && queue.ts > series.reading.ts) {
        // The queue speaks, and of this metric it may have spoken long ago.
        out.seen = queue.last - (queue.ts - series.reading.ts);
    }
    if (row.grows_alone) {
        out.seen = now;
    }
    out.value = row.value_now(view);
    if (const auto* alert = view.alert(); alert != nullptr) {
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
    const auto* rule = find_by_id(plan_.rules, id);
    if (rule == nullptr) {
        return std::nullopt;
    }
    RuleExplanation out;
    out.rule = rule->id;
    out.kind = rule->kind;
    out.metric = rule->metric;
    out.policy = rule->policy;
    out.queue = key;
    out.value = not_known;
    out.bound_queues = store_.bound_of_rule()[static_cast<std::size_t>(rule - plan_.rules.data())];
    const auto found = store_.find(key.centre, key.queue, key.channel);
    std::optional<RuleView> view;
    if (found == no_id) {
        out.problem = "nothing was ever heard of this queue, and no [[expect]] declares it";
    } else {
        const auto& queue = store_[found];
        out.group = queue.group;
        out.last_data = queue.last;
        out.stale_after = queue.stale_after;
        out.stale = queue.stale;
        out.never_seen = !queue.seen;
        if (const auto there = find_bound(*this, found, id, now.at)) {
            view.emplace(*there);
        } else {
            out.problem = !covers(rule->scope, key, queue.group)
                              ? "this queue is not in the rule's scope"
                              : "this queue has never reported \"" + rule->metric + "\"" + missing_inputs(*this, queue, *rule);
        }
    }
    out.bound = view.has_value();
    if (!view) {
        for (const auto& spec : rule->levels) {
            out.levels.emplace_back().limits = spec;
        }
        return out;
    }
    row_of(rule->kind).explain(*view, out);
    explain_state(*view, out);
    for (const auto& window : rule->mute) {
        out.mutes.push_back({window, inside(window, now.wall)});
    }
    for (const auto parent : dependencies_.above(view->plan().rule)) {
        out.above.push_back({plan_.rules[parent].id, out.folded.rule == plan_.rules[parent].id});
    }
    explain_levels(*view, out);
    return out;
}

}  // namespace surged
