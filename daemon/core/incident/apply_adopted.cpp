// What the record of an adopted policy changes: the incident goes on by it. Tiers are the same when their ids are.
#include <algorithm>
#include <iterator>
#include <set>

#include "core/incident/actions.hpp"
#include "core/incident/seats.hpp"
#include "core/incident/state.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {

namespace {

int tier_count(const PolicySpec& policy) {
    return static_cast<int>(policy.tiers.size());
}

/// The number of an old tier in the new policy; 0 = it is gone. The fallback list stands behind the last in both. Of a policy that
/// could not be read only the numbers of its tiers are known.
int new_place(const Incident& inc, const PolicySpec& now, int tier) {
    const auto& before = inc.policy;
    if (inc.unread) {
        return std::clamp(tier, 0, tier_count(now) + 1);
    }
    if (tier > tier_count(before)) {
        return tier_count(now) + 1;
    }
    if (tier < 1) {
        return 0;
    }
    const auto& id = before.tiers[static_cast<std::size_t>(tier) - 1].id;
    const auto found = std::ranges::find_if(now.tiers, [&](const TierSpec& t) { return t.id == id; });
    return found == now.tiers.end() ? 0 : static_cast<int>(found - now.tiers.begin()) + 1;
}

/// Keeps of the policy only what an adoption cannot change: its name, its scope, and the actions that were done by it.
void forget_policy(Incident& inc) {
    PolicySpec known;
    known.id = inc.policy.id;
    known.scope = inc.policy.scope;
    known.region = inc.policy.region;
    std::ranges::copy_if(inc.policy.actions, std::back_inserter(known.actions),
                         [&](const ActionSpec& action) { return was_begun(inc, action); });
    inc.policy = std::move(known);
    inc.unread = true;
}

}  // namespace

int tiers_entered(const Incident& inc, const PolicySpec& now) {
    if (inc.unread) {
        return std::clamp(inc.tier, 0, tier_count(now));
    }
    std::set<int> entered;
    for (int k = 1; k <= std::min(inc.tier, tier_count(inc.policy)); ++k) {
        entered.insert(new_place(inc, now, k));
    }
    int row = 0;
    while (entered.count(row + 1) > 0) {
        ++row;
    }
    return row;
}

void DeskState::apply_adopted(Incident& inc, const IncidentChange& change, EngineTime at) {
    auto policy = decode_policy(change.policy_bytes, &inc.unknown_keys);
    if (!policy) {
        // The text is torn. The numbers in the record hold, and settle_policy() adopts a policy again, as after a torn opening.
        if (!inc.unread) {
            forget_policy(inc);
            apply_terms(inc, change, at);
        }
        inc.tier = std::max(0, change.tier);
        inc.wait_tier = std::clamp(inc.wait_tier, 1, std::max(1, inc.tier));
        return;
    }
    const int last = tier_count(*policy);
    const int waits = new_place(inc, *policy, inc.wait_tier);
    inc.tier = inc.unread ? std::clamp(change.tier, 0, last) : tiers_entered(inc, *policy);
    inc.wait_tier = std::clamp(waits, 1, std::max(1, inc.tier));
    for (auto& [person, seat] : inc.seats) {
        const int place = new_place(inc, *policy, seat.tier);
        seat.tier = place > 0 ? place : std::clamp(seat.tier, 1, std::max(1, last));
        if (!inc.unread) {
            seat.asked = std::max(seat.asked, seat.state == SeatState::asked ? at : seat.asked);
        }
    }
    if (inc.phase == Phase::exhausted && inc.tier < last) {
        inc.phase = Phase::paging;
        inc.rounds = 0;
    }
    if (inc.unread) {
        // It is the policy it had, as far as anybody can tell: what was waited for is waited for to its own end.
        const bool tracked = inc.open();
        if (tracked) {
            track_open(inc, false);
        }
        inc.policy = std::move(*policy);
        inc.unread = false;
        excuse_overdue(inc, at);  // the start did not know how long they had to arrive
        if (tracked) {
            track_open(inc, true);
            book.reindex(placer());  // its alerts stay with it, whatever scope is configured now
        }
        return;
    }
    inc.policy = std::move(*policy);
    apply_terms(inc, change, at);
}

/// How many people are wanted from now on. What was waited for begins anew.
void DeskState::apply_terms(Incident& inc, const IncidentChange& change, EngineTime at) {
    apply_shares(inc, change, at);
    inc.need = change.need;
    inc.need_at = inc.tier_at = inc.round_at = inc.mark_at = at;
    inc.lost = false;
    for (auto& [person, handover] : inc.handovers) {
        handover.at = at;
    }
}

}  // namespace surged
