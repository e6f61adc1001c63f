// An open incident goes over to the policy that is in force now: because somebody says so, or because the text of its own could not
// be read, by a release that does not know its form or because it is torn.
//
// The record carries the whole policy, as that of the opening does, so that replaying it needs no configuration. Tiers are the
// same when their ids are. What has been called stays called; waits begin anew. Of a policy that could not be read the tiers are
// the same by their numbers, and what was waited for goes on: the policy of the same name is taken for it.
//
// Hardest rule: nobody is skipped. A tier counts as entered only if every tier before it was entered too; a new tier between two
// old ones is called in its turn, and then those of the next who were not asked yet.
#include <algorithm>
#include <utility>

#include "core/incident/actions.hpp"
#include "core/incident/steps.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {

namespace {

int tiers_in(const PolicySpec& policy) {
    return static_cast<int>(policy.tiers.size());
}

/// Actions that were done are undone as the old policy says, whatever the new one says.
void keep_done_actions(const Incident& inc, PolicySpec& policy) {
    for (const auto& action : inc.policy.actions) {
        if (inc.actions.count(action.id) == 0) {
            continue;
        }
        const auto same = [&](const ActionSpec& a) { return a.id == action.id; };
        const auto found = std::ranges::find_if(policy.actions, same);
        if (found == policy.actions.end()) {
            policy.actions.push_back(action);
            policy.actions.back().level = Level::red;
            policy.actions.back().tier = tiers_in(policy) + 2;  // never again
        } else if (was_begun(inc, action)) {
            *found = action;
            found->tier = std::min(found->tier, tiers_in(policy) + 1);
        }
    }
}

/// The policy of this name in the form and for the scope that the incident has, which are all that is known of its own.
PolicySpec stand_in(const Incident& inc, const PolicySpec& by) {
    auto policy = is_region(inc) || !inc.shares.empty() ? region_policy(by) : by;
    policy.id = inc.policy.id;
    if (!std::ranges::is_permutation(policy.scope, inc.policy.scope)) {
        policy.scope = inc.policy.scope;
    }
    if (is_region(inc)) {
        policy.region.of = inc.policy.region.of;
    }
    keep_done_actions(inc, policy);
    return policy;
}

}  // namespace

namespace incident {

Result<PolicySpec, std::string> in_force(const Step& step, const Incident& inc) {
    const auto* named = step.index.policy(inc.policy.id);
    if (named == nullptr) {
        return tl::unexpected("policy " + inc.policy.id + " is no longer configured");
    }
    if (inc.unread) {
        return stand_in(inc, *named);
    }
    const bool region = is_region(inc);
    if (region && named->region.scopes <= 0) {
        return tl::unexpected("policy " + inc.policy.id + " no longer has a [policy.region] for incidents of a whole region");
    }
    auto fresh = region ? region_policy(*named) : *named;
    if (fresh.scope != inc.policy.scope || (region && fresh.region.of != inc.policy.region.of)) {
        return tl::unexpected("the scope of policy " + inc.policy.id +
                              " has changed: resolve the incident, what fires opens a new one");
    }
    keep_done_actions(inc, fresh);
    return fresh;
}

void adopt(Step& step, Incident& inc, const PolicySpec& policy, int entered, const std::string& reason, std::string_view by) {
    int need = 0;
    std::map<std::string, int> shares;
    if (inc.unread) {
        need = inc.need;
    } else if (is_region(inc)) {
        for (const auto& scope : scopes(step, inc)) {
            const int share = wanted(step, policy, scope, nullptr);
            shares[share_key(scope)] = share;
            need += share;
        }
        need = std::clamp(need, 1, std::max(1, policy.region.need_max));
    } else {
        need = wanted(step, policy, inc.scope, &inc);
    }
    auto c = change(inc, IncidentStep::adopted, reason, by);
    c.policy_bytes = encode_policy(policy);
    c.need = inc.unread ? need : std::max(need, seats_taken(inc));
    c.shares = std::move(shares);
    c.tier = entered;
    step.emit(std::move(c));
}

bool settle_policy(Step& step, Incident& inc) {
    if (!inc.unread) {
        return false;
    }
    if (const auto next = in_force(step, inc)) {
        adopt(step, inc, *next, tiers_entered(inc, *next), "policy adopted: its own text could not be read", by_engine);
        return true;
    }
    if (!inc.open()) {
        return false;
    }
    // Nobody knows whom it called. Those who hear of trouble with surged itself are called in their place.
    const auto& trouble = step.index.plan->overload.policy;
    const auto* others = step.index.policy(trouble);
    if (!std::exchange(inc.lack_told, true)) {
        step.note("policy_unreadable", "incident " + inc.id + ": the text of its policy " + inc.policy.id +
                                           " could not be read, and none of that name is configured: " +
                                           (others == nullptr ? "it calls nobody" : "it calls those of policy " + trouble));
    }
    if (others == nullptr) {
        return false;
    }
    adopt(step, inc, stand_in(inc, *others), 0,
          "policy adopted: its own text could not be read, and none of that name is configured: that of " + trouble, by_engine);
    return true;
}

}  // namespace incident

}  // namespace surged
