// How many people an incident wants. A number from the configuration, or "shortfall": those whom the queues of its scope are
// missing now, and those who have come already.
//
// The number stands in the records (incident.opened, incident.reopened, incident.need), so that folding the log needs no
// staffing. It only rises while the incident is open: people who have logged on lower the shortfall, and must not be sent home
// for it. Only a recheck (policy `recheck`) may lower it, and never below the seats taken.
#include <cmath>

#include "core/escalation/decider.hpp"

namespace surged {

namespace {
/// While an incident is open its need is looked at this often; the staffing board is not newer than half of that.
constexpr Span need_pace{10000};

bool by_shortfall(const PolicySpec& policy) {
    return policy.need.expression == "shortfall";
}

/// People of this incident who work by now, so that the shortfall no longer counts them: arrived, or joined longer ago than it
/// takes to arrive.
int at_work(const Incident& inc, Span lead, EngineTime now) {
    return static_cast<int>(std::count_if(inc.seats.begin(), inc.seats.end(), [&](const auto& entry) {
        const auto& seat = entry.second;
        return seat.state == SeatState::arrived || (seat.state == SeatState::joined && now - seat.changed >= lead);
    }));
}

std::vector<QueueKey> surging_in(const Fold* fold) {
    std::vector<QueueKey> out;
    if (fold != nullptr) {
        for (const auto* alert : fold->alerts) {
            if (out.empty() || out.back() != alert->queue) {
                out.push_back(alert->queue);
            }
        }
    }
    return out;
}
}  // namespace

ScopeStaffing Decider::staffing(const ScopeValues& scope, const std::string& fold) const {
    return s_.staffing_in(scope, fold, now_.at);
}

ScopeStaffing DeskState::staffing_in(const ScopeValues& scope, const std::string& fold, EngineTime now) const {
    return staffing_of(board, scope, surging_in(book.fold(fold)), now);
}

/// `inc`: the incident as it is; null for one that is about to open.
int Decider::wanted(const PolicySpec& policy, const ScopeValues& scope, const Incident* inc) const {
    if (!by_shortfall(policy)) {
        return need_of(policy);
    }
    const int least = std::max(1, policy.need.min);
    const int most = std::max(least, policy.need.max);
    const auto seen = staffing(scope, fold_key(policy.id, scope));
    if (!seen.known) {
        return least;
    }
    const int working = inc != nullptr ? at_work(*inc, seen.lead, now_.at) : 0;
    const double missing = std::min(std::ceil(seen.missing), 1.0 * most);
    return std::clamp(static_cast<int>(missing) + working, least, most);
}

bool Decider::settle_need(Incident& inc) {
    if (!by_shortfall(inc.policy)) {
        return false;
    }
    due(now_.at + need_pace);
    const bool again = inc.policy.recheck.count() > 0 && due(inc.need_at + inc.policy.recheck);
    const auto seen = staffing(inc.scope, inc.fold);
    if (!seen.known) {
        return false;
    }
    const int now_wanted = wanted(inc.policy, inc.scope, &inc);
    const bool lower = again && !(inc.rising && seen.missing >= 1);
    const int need = lower ? std::max(now_wanted, seats_taken(inc)) : std::max(now_wanted, inc.need);
    if (need == inc.need && !again) {
        return false;
    }
    auto c = change(inc, IncidentStep::need,
                    std::string(again ? "rechecked: " : "") + std::to_string(static_cast<int>(seen.missing)) + " agents missing");
    c.need = need;
    emit(std::move(c));
    return true;
}

}  // namespace surged
