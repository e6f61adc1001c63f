// How an incident opens: alerts of one scope that fire and belong to no open incident open one, or reopen the one that ended a
// moment ago.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/incident/steps.hpp"

namespace surged::incident {

void settle_group(Step& step, const std::string& key) {
    if (auto* inc = step.state.open_in(key)) {
        step.state.dirty.insert(inc->id);
        return;
    }
    const auto* group = step.state.book.group(key);
    // A clearing alert opens nothing: by the time anybody came it would be over.
    if (group == nullptr || group->burns() == Level::none) {
        return;
    }
    if (const auto held = step.state.rearms.find(key);
        held != step.state.rearms.end() && held->second.until > step.now.at && group->burns() <= held->second.level) {
        // Ended by hand while firing: what fired then does not open it again before its time. A new alert or a higher level does.
        const auto& before = held->second;
        const auto newer = [&](const AlertKey* key_of) {
            const auto& alert = step.state.book.alerts().at(*key_of);
            return alert.to == AlertState::firing && alert.since > before.set && before.held.count(cause_text(alert)) == 0;
        };
        const bool news =
            std::ranges::any_of(group->guests, newer) || std::ranges::any_of(group->alerts, [&](const AlertKey* alert) {
                return !step.state.book.quiet(*alert) && newer(alert);
            });
        if (!news) {
            return;
        }
    }
    open_incident(step, key, *group);
}

void open_incident(Step& step, const std::string& key, const AlertGroup& group) {
    const auto level = group.burns();
    const auto causes_of = [&](const Incident& inc) {
        return level == Level::red ? new_causes(step, inc, group) : std::vector<std::string>{};
    };
    const auto earlier = step.state.latest.find(key);
    auto* last = earlier == step.state.latest.end() ? nullptr : step.state.incident(earlier->second);
    if (last != nullptr && !last->into.empty()) {
        last = nullptr;  // it went on as the region's incident
    }
    const auto& sample = step.state.book.alerts().at(**group.alerts.begin());
    const auto* policy = step.index.policy(sample.policy);
    if (last != nullptr && !last->open() && step.now.at < last->ending_at + last->policy.reopen_window &&
        level >= last->policy.page_from) {
        release(step, *last);
        auto c = change(*last, IncidentStep::reopened, "firing again within the reopen window");
        c.level = level;
        c.tier = 1;  // those who helped before are asked first
        c.need = wanted(step, last->policy, last->scope, last);
        c.joined = 0;
        c.people = holders(*last);
        Incident anew;
        anew.policy.reopen_window = last->policy.reopen_window;
        c.causes = causes_of(anew);
        step.opened_of.insert(last->policy.id);
        step.emit(std::move(c));
        return;
    }
    if (policy == nullptr || level < policy->page_from) {
        return;
    }
    if (step.state.open_count >= open_incidents_max) {
        if (step.state.refused_groups.empty()) {
            step.note("incident_limit",
                      "more than " + std::to_string(open_incidents_max) + " incidents are open: further scopes wait");
        }
        step.state.refused_groups.insert(key);
        return;
    }
    IncidentChange c;
    c.incident = next_incident_id(step.state);
    c.step = IncidentStep::opened;
    c.policy = policy->id;
    c.scope = scope_values(policy->scope, sample.queue, sample.group);
    c.level = level;
    c.need = wanted(step, *policy, c.scope, nullptr);
    c.by = by_engine;
    c.reason = step.state.book.worst(key, 1).front().rule;
    c.causes = causes_of(Incident{});
    c.policy_bytes = step.state.policy_text(*policy);
    step.opened_of.insert(policy->id);
    step.emit(std::move(c));
}

}  // namespace surged::incident
