// Who may be called now: whoever is on duty in a roster of the policy, whoever stands on its fallback list while that is called,
// and whom somebody named to take their seat over. Rosters, overrides and edited configurations count from the moment they hold.
//
// Hardest rule: every way that calls people asks here (P11): nobody off duty is called, and whoever comes on duty while seats are
// missing is asked at once.
#include "core/escalation/decider.hpp"
#include "core/escalation/duty.hpp"
#include "core/escalation/roster.hpp"

namespace surged {

const std::vector<std::string>& Decider::on_duty_now(const std::string& roster) const {
    const auto known = duty_.find(roster);
    return known != duty_.end() ? known->second
                                : duty_.emplace(roster, on_duty(*index_.plan, s_.overrides, roster, now_.wall)).first->second;
}

bool Decider::on_call(const Incident& inc, const std::string& id) const {
    const auto holds = [&](const std::vector<std::string>& people) {
        return std::find(people.begin(), people.end(), id) != people.end();
    };
    if (handover_to(inc, id) != nullptr || (inc.phase == Phase::exhausted && holds(inc.policy.fallback))) {
        return true;
    }
    return std::any_of(inc.policy.tiers.begin(), inc.policy.tiers.end(), [&](const TierSpec& tier) {
        return std::any_of(tier.rosters.begin(), tier.rosters.end(),
                           [&](const std::string& roster) { return holds(on_duty_now(roster)); });
    });
}

/// Whoever is on duty in an entered tier and was not asked is asked; the next change of duty is looked at when it comes.
bool Decider::ask_newcomers(Incident& inc) {
    std::optional<WallTime> next;
    for (int tier = 1; tier <= inc.tier && tier <= static_cast<int>(inc.policy.tiers.size()); ++tier) {
        const auto& spec = inc.policy.tiers[static_cast<std::size_t>(tier) - 1];
        // A batch is filled by its own rule while tiers are climbed; at the top everybody is asked.
        const bool batch = spec.mode == TierMode::batch && inc.phase != Phase::exhausted;
        if (const auto people = batch ? std::vector<std::string>{} : candidates(inc, tier, false); !people.empty()) {
            ask(inc, people, tier, "on duty now");
            return true;
        }
        for (const auto& roster : spec.rosters) {
            if (const auto change = next_duty_change(*index_.plan, s_.overrides, roster, now_.wall);
                change && (!next || *change < *next)) {
                next = change;
            }
        }
    }
    if (next) {
        due(now_.at + std::max(Span{1}, std::chrono::ceil<Span>(*next - now_.wall)));
    }
    return false;
}

}  // namespace surged
