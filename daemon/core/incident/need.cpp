// How many people an incident wants: a number from the configuration; "shortfall", the agents its queues are missing plus those
// of this incident who work already; or an expression (need_formula.hpp).
//
// The number is part of the records (incident.opened, incident.reopened, incident.need), so that replaying the log needs no
// staffing data. While the incident is open it only rises, because people who have logged on lower the shortfall and must not be
// sent home for it. Only a recheck (policy `recheck`) or the end of `need.ratchet` may lower it, and never below the seats taken.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/incident/steps.hpp"

namespace surged {

namespace {
/// While an incident is open its need is looked at this often; the staffing board is not newer than half of that.
constexpr Span need_pace{10000};

/// Rounds away floating-point noise: ceil(6.000000000001) must not ask for a seventh person.
double tidy(double people) {
    return std::round(people * 1e6) / 1e6;
}

bool worked_out(const PolicySpec& policy) {
    return !policy.need.expression.empty();
}

/// People of this incident who work by now, so that the shortfall no longer counts them: arrived, or joined longer ago than it
/// takes to arrive.
int at_work(const Incident& inc, Span lead, EngineTime now) {
    return static_cast<int>(std::ranges::count_if(inc.seats, [&](const auto& entry) {
        const auto& seat = entry.second;
        return seat.state == SeatState::arrived || (seat.state == SeatState::joined && now - seat.changed >= lead);
    }));
}

std::vector<QueueKey> surging_in(const AlertGroup* group) {
    std::set<QueueKey> queues;  // many rules may fire on one queue
    if (group != nullptr) {
        for (const auto* alert : group->alerts) {
            queues.insert(alert->queue);
        }
    }
    return {queues.begin(), queues.end()};
}
}  // namespace

ScopeStaffing DeskState::staffing_in(const ScopeValues& scope, const std::string& group, EngineTime now) const {
    auto out = staffing_of(board, scope, surging_in(book.group(group)), now);
    const auto known = latest.find(group);
    const auto* inc = known == latest.end() ? nullptr : incident(known->second);
    if (!out.slack.empty() && open_count > 1 && inc != nullptr && inc->open()) {
        out.slack = slack_of(*inc, now);
    }
    return out;
}

const NeedFormula* DeskState::need_formula(const std::string& text) {
    auto found = need_formulas.find(text);
    if (found == need_formulas.end()) {
        auto parsed = NeedFormula::parse(text);
        // The configuration check refuses what does not parse; an open incident may go by the policy of an older program.
        found = need_formulas.emplace(text, parsed ? std::optional<NeedFormula>(std::move(*parsed)) : std::nullopt).first;
    }
    return found->second ? &*found->second : nullptr;
}

namespace incident {

namespace {

/// What the policy's expression says, before its bounds; NaN = unknown. `working`: people of this incident who work by now.
double formula_need(const Step& step, const PolicySpec& policy, const ScopeValues& scope, const ScopeStaffing& seen,
                    const ScopeSigns& signs, int working) {
    const auto* formula = step.state.need_formula(policy.need.expression);
    if (formula == nullptr) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    NeedFacts facts;
    if (seen.known) {
        facts.gap_agents = tidy(seen.missing + working);
        facts.required_agents = tidy(seen.required);
        facts.productive_agents = tidy(seen.productive);
        facts.expected_wait_s = seen.expected_wait_s;
    }
    facts.level = static_cast<double>(signs.level);
    facts.queues = static_cast<double>(signs.queues);
    return formula->evaluate(facts, step.state.values,
                             [&](const QueueKey& queue, std::string_view group) { return in_scope(scope, queue, group); });
}

}  // namespace

ScopeStaffing staffing(const Step& step, const ScopeValues& scope, const std::string& group) {
    return step.state.staffing_in(scope, group, step.now.at);
}

/// `inc`: the incident as it is; null for one that is about to open.
int wanted(const Step& step, const PolicySpec& policy, const ScopeValues& scope, const Incident* inc) {
    if (!worked_out(policy)) {
        return need_of(policy);
    }
    const auto key = group_key(policy.id, scope);
    const auto* group = step.state.book.group(key);
    const auto seen = staffing(step, scope, key);
    const int working = inc != nullptr && seen.known ? at_work(*inc, seen.lead, step.now.at) : 0;
    const ScopeSigns signs{group != nullptr ? group->level() : Level::none, surging_in(group).size()};
    return wanted(step, policy, scope, seen, signs, working);
}

/// The same of what is known of the scope already.
int wanted(const Step& step, const PolicySpec& policy, const ScopeValues& scope, const ScopeStaffing& seen,
           const ScopeSigns& signs, int working) {
    if (!worked_out(policy)) {
        return need_of(policy);
    }
    const int least = std::max(1, policy.need.min);
    const int most = std::max(least, policy.need.max);
    const bool by_shortfall = policy.need.expression == need_by_shortfall;
    const double people = !by_shortfall ? formula_need(step, policy, scope, seen, signs, working)
                          : seen.known  ? seen.missing + working
                                        : std::numeric_limits<double>::quiet_NaN();
    // When the need is unknown it is the least that the policy allows. The epsilon keeps a rounding error from asking for one
    // more.
    return std::isnan(people) ? least : static_cast<int>(std::clamp(std::ceil(people - 1e-9), 1.0 * least, 1.0 * most));
}

bool settle_need(Step& step, Incident& inc) {
    if (is_region(inc)) {
        return settle_region_need(step, inc);
    }
    if (!worked_out(inc.policy)) {
        return false;
    }
    step.due(step.now.at + need_pace);
    const bool again = inc.policy.recheck.count() > 0 && step.due(inc.need_at + inc.policy.recheck);
    const bool let_go = inc.policy.need.ratchet.count() > 0 && step.now.at - inc.need_at >= inc.policy.need.ratchet;
    const auto seen = staffing(step, inc.scope, inc.group);
    const bool by_shortfall = inc.policy.need.expression == need_by_shortfall;
    if (by_shortfall && !seen.known) {
        return false;
    }
    const int now_wanted = wanted(step, inc.policy, inc.scope, &inc);
    const bool lower = let_go || (again && !(inc.rising && seen.missing >= 1));
    const int need = lower ? std::max(now_wanted, seats_taken(inc)) : std::max(now_wanted, inc.need);
    if (need == inc.need && !again) {
        return false;
    }
    const std::string why =
        seen.known ? std::to_string(static_cast<int>(seen.missing)) + " agents missing" : inc.policy.need.expression;
    auto c = change(inc, IncidentStep::need, std::string(again ? "rechecked: " : "") + why);
    c.need = need;
    step.emit(std::move(c));
    return true;
}

/// The alerts are over because the people who were called work. Sent home in the middle of a surge, they would be called again within
/// minutes: they stay until the others are enough.
bool still_needed(Step& step, const Incident& inc) {
    if (is_region(inc) || inc.policy.need.expression != need_by_shortfall) {
        return false;
    }
    const auto seen = staffing(step, inc.scope, inc.group);
    const int working = at_work(inc, seen.lead, step.now.at);
    if (!seen.known || working == 0 || seen.required - (seen.productive - working) < 1) {
        return false;
    }
    step.due(step.now.at + need_pace);
    return true;
}

}  // namespace incident

}  // namespace surged
