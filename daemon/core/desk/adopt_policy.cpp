// An open incident goes over to the policy that is in force now. Otherwise it keeps the one it was opened with to its end.
//
// The record carries the whole policy, as that of the opening does, so that folding it needs no configuration. Tiers are the same
// when their ids are. What has been called stays called; waits begin anew.
//
// Hardest rule: nobody is skipped. As entered counts the longest row of tiers from the first on that all were entered; a new tier
// between two old ones is called in its turn, and then those of the next who were not asked yet.
#include "core/incident/decider.hpp"
#include "core/record/policy_bytes.hpp"
#include "core/incident/region.hpp"

namespace surged {

namespace {

int tier_count(const PolicySpec& policy) {
    return static_cast<int>(policy.tiers.size());
}

/// The place of an old tier in the new policy; 0 = it is gone. The fallback list stands behind the last in both.
int new_place(const PolicySpec& before, const PolicySpec& now, int tier) {
    if (tier > tier_count(before)) {
        return tier_count(now) + 1;
    }
    if (tier < 1) {
        return 0;
    }
    const auto& id = before.tiers[static_cast<std::size_t>(tier) - 1].id;
    const auto found = std::find_if(now.tiers.begin(), now.tiers.end(), [&](const TierSpec& t) { return t.id == id; });
    return found == now.tiers.end() ? 0 : static_cast<int>(found - now.tiers.begin()) + 1;
}

int entered_of(const PolicySpec& before, const PolicySpec& now, int tier) {
    std::set<int> entered;
    for (int k = 1; k <= std::min(tier, tier_count(before)); ++k) {
        entered.insert(new_place(before, now, k));
    }
    int row = 0;
    while (entered.count(row + 1) > 0) {
        ++row;
    }
    return row;
}

/// What was done of the playbook is undone as it was done, although the new policy says otherwise or nothing.
void keep_done_actions(const Incident& inc, PolicySpec& policy) {
    for (const auto& action : inc.policy.actions) {
        const auto mark = inc.actions.find(action.id);
        if (mark == inc.actions.end()) {
            continue;
        }
        const auto same = [&](const ActionSpec& a) { return a.id == action.id; };
        const auto found = std::find_if(policy.actions.begin(), policy.actions.end(), same);
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

CommandReply Decider::adopt_policy(const Command& command) {
    auto* inc = s_.incident(command.incident);
    if (inc == nullptr) {
        return reply(nullptr, false, "not_found", "no such incident");
    }
    if (!inc->open()) {
        return reply(inc, false, "closed", inc->into.empty() ? "the incident is over" : "it goes on as incident " + inc->into);
    }
    const auto* in_force = index_.policy(inc->policy.id);
    if (in_force == nullptr) {
        return reply(inc, false, "conflict", "policy " + inc->policy.id + " is no longer configured");
    }
    const bool region = is_region(*inc);
    if (region && in_force->region.scopes <= 0) {
        return reply(inc, false, "conflict", "policy " + inc->policy.id + " makes no incidents of a whole region any more");
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
    std::map<std::string, std::string> shares;
    if (region) {
        for (const auto& scope : scopes(*inc)) {
            const int share = wanted(fresh, scope, nullptr);
            shares[share_key(scope)] = std::to_string(share);
            need += share;
        }
        need = std::clamp(need, 1, std::max(1, fresh.region.need_max));
    } else {
        need = wanted(fresh, inc->scope, inc);
    }
    auto c = change(*inc, IncidentStep::adopted, command.reason.empty() ? "by hand" : command.reason.substr(0, 500), command.by);
    c.policy_bytes = bytes;
    c.need = std::max(need, seats_taken(*inc));
    c.shares = std::move(shares);
    c.tier = entered_of(inc->policy, fresh, inc->tier);
    emit(std::move(c));
    return reply(inc, true, "adopted",
                 "it goes by the policy in force: need " + std::to_string(inc->need) + ", tiers " + tiers_text(inc->policy));
}

void DeskState::apply_adopted(Incident& inc, const IncidentChange& change, EngineTime at) {
    auto policy = decode_policy(change.policy_bytes);
    if (!policy) {
        return;
    }
    const int last = tier_count(*policy);
    const int waits = new_place(inc.policy, *policy, inc.wait_tier);
    inc.tier = entered_of(inc.policy, *policy, inc.tier);
    inc.wait_tier = std::clamp(waits, 1, std::max(1, inc.tier));
    for (auto& [person, seat] : inc.seats) {
        const int place = new_place(inc.policy, *policy, seat.tier);
        seat.tier = place > 0 ? place : std::clamp(seat.tier, 1, std::max(1, last));
        seat.asked = std::max(seat.asked, seat.state == SeatState::asked ? at : seat.asked);
    }
    inc.policy = std::move(*policy);
    apply_shares(inc, change, at);
    inc.need = change.need;
    inc.need_at = inc.tier_at = inc.round_at = inc.mark_at = at;
    if (inc.phase == Phase::exhausted && inc.tier < last) {
        inc.phase = Phase::paging;
        inc.rounds = 0;
    }
    inc.lost = false;
    for (auto& [person, handover] : inc.handovers) {
        handover.at = at;
    }
}

}  // namespace surged
