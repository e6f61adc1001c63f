// An open incident goes over to the policy that is in force now. Without this command it keeps the policy it was opened with to
// its end.
//
// The record carries the whole policy, as that of the opening does, so that replaying it needs no configuration. Tiers are the
// same when their ids are. What has been called stays called; waits begin anew.
//
// Hardest rule: nobody is skipped. A tier counts as entered only if every tier before it was entered too; a new tier between two
// old ones is called in its turn, and then those of the next who were not asked yet.
#include <algorithm>

#include "core/desk/commands.hpp"
#include "core/incident/region.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {

namespace {

int tier_count(const PolicySpec& policy) {
    return static_cast<int>(policy.tiers.size());
}

/// Actions that were done are undone as the old policy says, whatever the new one says.
void keep_done_actions(const Incident& inc, PolicySpec& policy) {
    for (const auto& action : inc.policy.actions) {
        const auto mark = inc.actions.find(action.id);
        if (mark == inc.actions.end()) {
            continue;
        }
        const auto same = [&](const ActionSpec& a) { return a.id == action.id; };
        const auto found = std::ranges::find_if(policy.actions, same);
        if (found == policy.actions.end()) {
            policy.actions.push_back(action);
            policy.actions.back().level = Level::red;
            policy.actions.back().tier = tier_count(policy) + 2;  // never again
        } else if (mark->second.effect != Effect::none || inc.live.count(mark->second.page) > 0) {
            *found = action;
            found->tier = std::min(found->tier, tier_count(policy) + 1);
        }
    }
}

std::string tiers_text(const PolicySpec& policy) {
    std::string out;
    for (const auto& tier : policy.tiers) {
        out += (out.empty() ? "" : ", ") + tier.id;
    }
    return out;
}

}  // namespace

namespace desk {

CommandReply adopt_policy(Step& step, const Command& command) {
    auto* inc = step.state.incident(command.incident);
    if (inc == nullptr) {
        return reply(nullptr, false, "not_found", "no such incident");
    }
    if (!inc->open()) {
        return reply(inc, false, "closed", inc->into.empty() ? "the incident is over" : "it goes on as incident " + inc->into);
    }
    const auto* in_force = step.index.policy(inc->policy.id);
    if (in_force == nullptr) {
        return reply(inc, false, "conflict", "policy " + inc->policy.id + " is no longer configured");
    }
    const bool region = is_region(*inc);
    if (region && in_force->region.scopes <= 0) {
        return reply(inc, false, "conflict",
                     "policy " + inc->policy.id + " no longer has a [policy.region] for incidents of a whole region");
    }
    auto fresh = region ? region_policy(*in_force) : *in_force;
    if (fresh.scope != inc->policy.scope || (region && fresh.region.of != inc->policy.region.of)) {
        return reply(inc, false, "conflict",
                     "the scope of policy " + inc->policy.id + " has changed: resolve the incident, what fires opens a new one");
    }
    keep_done_actions(*inc, fresh);
    const auto bytes = encode_policy(fresh);
    if (bytes == encode_policy(inc->policy)) {
        return reply(inc, true, "already", "it goes by the policy in force");
    }
    int need = 0;
    std::map<std::string, int> shares;
    if (region) {
        for (const auto& scope : incident::scopes(step, *inc)) {
            const int share = incident::wanted(step, fresh, scope, nullptr);
            shares[share_key(scope)] = share;
            need += share;
        }
        need = std::clamp(need, 1, std::max(1, fresh.region.need_max));
    } else {
        need = incident::wanted(step, fresh, inc->scope, inc);
    }
    auto c = incident::change(*inc, IncidentStep::adopted, command.reason.empty() ? "by hand" : command.reason.substr(0, 500),
                              command.by);
    c.policy_bytes = bytes;
    c.need = std::max(need, seats_taken(*inc));
    c.shares = std::move(shares);
    c.tier = tiers_entered(inc->policy, fresh, inc->tier);
    step.emit(std::move(c));
    return reply(inc, true, "adopted",
                 "it goes by the policy in force: need " + std::to_string(inc->need) + ", tiers " + tiers_text(inc->policy));
}

}  // namespace desk

}  // namespace surged
