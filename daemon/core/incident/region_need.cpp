// How many people a region wants: the sum of what its scopes want, each computed from that scope alone (its level, queues,
// staffing). A scope's share only rises while the scope fires, because people who have logged on lower what is missing and must
// not be sent home for it; the share goes when the scope stops firing.
//
// The shares that changed are part of the record, so that a replay knows them: minimums of a role or skill count once per scope,
// and stand_down.cpp decides by them who is sent home.
#include <limits>

#include "core/incident/region.hpp"
#include "core/incident/steps.hpp"

namespace surged {

namespace {
constexpr Span count_pace{1000};       ///< in a storm every alert wakes the region, and counting walks all of them
constexpr Span need_look_pace{10000};  ///< what is worked out changes without an alert

/// All scopes in one walk over the region's alerts. Those that are muted or silenced say nothing.
std::map<ScopeValues, ScopeSigns> signs_by_scope(const DeskState& state, const Incident& inc) {
    std::map<ScopeValues, std::pair<Level, std::set<QueueKey>>> seen;
    if (const auto* group = state.book.group(inc.group); group != nullptr) {
        for (const auto* key : group->alerts) {
            if (!state.book.quiet(*key)) {
                const auto& alert = state.book.alerts().at(*key);
                auto& [level, queues] = seen[scope_values(inc.policy.region.of, alert.queue, alert.group)];
                level = std::max(level, alert.level);
                queues.insert(alert.queue);
            }
        }
    }
    std::map<ScopeValues, ScopeSigns> out;
    for (const auto& [scope, signs] : seen) {
        out[scope] = {signs.first, signs.second.size()};
    }
    return out;
}
}  // namespace

std::string share_key(const ScopeValues& scope) {
    std::string out;
    for (const auto& entry : scope) {
        out += out.empty() ? "" : "/";
        for (const char c : entry.second) {
            out += c == '/' ? "%2F" : c == '%' ? "%25" : std::string(1, c);
        }
    }
    return out;
}

int shares_sum(const Incident& inc) {
    std::int64_t sum = 0;
    for (const auto& entry : inc.shares) {
        sum += entry.second;
    }
    return static_cast<int>(std::min<std::int64_t>(sum, std::numeric_limits<int>::max()));
}

Lapse wanted_since(const Incident& inc, EngineTime from) {
    for (const auto& lapse : inc.lapses) {
        if (lapse.until > from) {
            return lapse;  // the first is the most
        }
    }
    return {EngineTime{}, shares_sum(inc), static_cast<int>(inc.shares.size())};
}

void DeskState::apply_shares(Incident& inc, const IncidentChange& change, EngineTime at) {
    const Lapse before{at, shares_sum(inc), static_cast<int>(inc.shares.size())};
    for (const auto& [scope, people] : change.shares) {
        if (people > 0) {
            inc.shares[scope] = people;
        } else {
            inc.shares.erase(scope);
        }
    }
    const int now = shares_sum(inc);
    std::erase_if(inc.lapses,
                  [&](const Lapse& lapse) { return lapse.need <= now || lapse.until + inc.policy.resolve_hold <= at; });
    if (now < before.need) {
        inc.lapses.push_back(before);
    }
}

namespace incident {

/// Looked at once a second at most. Never below the seats taken; what a recheck has raised only rises.
bool settle_region_need(Step& step, Incident& inc) {
    if (!step.due(inc.counted + count_pace)) {
        return false;
    }
    inc.counted = step.now.at;
    step.counted.insert(inc.id);
    if (!inc.policy.need.expression.empty()) {
        step.due(step.now.at + need_look_pace);
    }
    const auto signs = signs_by_scope(step.state, inc);
    auto c = change(inc, IncidentStep::need, std::to_string(signs.size()) + " scopes");
    std::set<std::string> firing;
    std::int64_t sum = 0;
    for (const auto& [scope, seen] : signs) {
        const auto key = share_key(scope);
        firing.insert(key);
        const auto known = inc.shares.find(key);
        const int before = known == inc.shares.end() ? 0 : known->second;
        const int share =
            std::max(before, wanted(step, inc.policy, scope, staffing(step, scope, group_key(inc.policy.id, scope)), seen, 0));
        if (share != before) {
            c.shares[key] = share;
        }
        sum += share;
    }
    for (const auto& entry : inc.shares) {
        if (firing.count(entry.first) == 0) {
            c.shares[entry.first] = 0;
        }
    }
    const auto together = static_cast<int>(std::clamp<std::int64_t>(sum, 1, std::max(1, inc.policy.region.need_max)));
    c.need = std::max({together, seats_taken(inc), inc.rising ? inc.need : 0});
    if (c.need == inc.need && c.shares.empty()) {
        return false;
    }
    step.emit(std::move(c));
    return true;
}

}  // namespace incident

}  // namespace surged
