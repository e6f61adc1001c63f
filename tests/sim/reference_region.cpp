// The reference's regions and needs: when scopes are merged into one incident, what goes over, and how many people are wanted.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "sim/reference.hpp"
#include "sim/sim_plan.hpp"

namespace surged::test {

namespace {
using Scope = std::map<std::string, std::string>;

bool within(const Scope& part, const Scope& whole) {
    return std::all_of(whole.begin(), whole.end(), [&](const auto& entry) {
        const auto value = part.find(entry.first);
        return value != part.end() && value->second == entry.second;
    });
}

std::string value_of(const QueueKey& queue, const std::string& name) {
    return name == "centre" ? queue.centre : name == "queue" ? queue.queue : queue.channel;
}

/// "Seats and answers go over, who was called is not called again": of two states of one person the seat stays, then what they
/// said themselves, then a call that they may still answer, then that they said they come and did not, then a call that they did
/// not answer, then that they sit elsewhere and would be called, then that they were only told.
/// Who was named for a seat ("who hands a seat over keeps it until the other has joined") has not answered to that elsewhere.
int standing(SeatState s, bool named) {
    enum : int { nothing, only_told, passed_over, called, stayed_away, may_answer, said_no, for_this_seat, said_yes, seated, at_work };
    switch (s) {
        case SeatState::arrived: return at_work;
        case SeatState::joined: return seated;
        case SeatState::spare: return said_yes;
        case SeatState::declined:
        case SeatState::left: return said_no;
        case SeatState::asked: return named ? for_this_seat : may_answer;
        case SeatState::noshow: return stayed_away;
        case SeatState::timed_out:
        case SeatState::unreachable: return called;
        case SeatState::elsewhere: return passed_over;
        case SeatState::informed: return only_told;
        case SeatState::released: return nothing;
    }
    return nothing;
}

bool holds(SeatState s) {
    return s == SeatState::joined || s == SeatState::arrived;
}

/// A number of people from `x`: rounded up, and `need_min` when unknown.
int people(double x, const NeedSpec& need) {
    const int least = std::max(1, need.min);
    const int most = std::max(least, need.max);
    return std::isnan(x) ? least : std::clamp(static_cast<int>(std::ceil(x - 1e-9)), least, most);
}
}  // namespace

// ---- regions

/// The incident that has the people of this one: the region's, when it was merged.
Reference::Incident& Reference::seats_of(const std::string& incident) {
    auto& inc = incidents_[incident];
    return inc.into.empty() ? inc : incidents_[inc.into];
}

/// Whether it was merged into an incident that is open.
bool Reference::goes_on(const Incident& inc) const {
    return !inc.into.empty() && incidents_.count(inc.into) > 0 && incidents_.at(inc.into).open;
}

/// The open incidents that a region of this scope consists of.
std::vector<std::string> Reference::parts_of(const Incident& region, const PolicySpec& spec) const {
    std::vector<std::string> out;
    for (const auto& [id, inc] : incidents_) {
        const bool part = inc.open && !inc.resolving && !inc.region && inc.policy.id == spec.id && inc.policy.scope == spec.scope;
        if (part && within(inc.scope, region.scope)) {
            out.push_back(id);
        }
    }
    return out;
}

void Reference::region_opens(Incident& inc, const IncidentChange& c, const Record& r) {
    ++tally_.regions;
    const auto* spec = policy(c.policy);
    if (spec == nullptr) {
        return;
    }
    int need = 0;
    int young = 0;
    inc.shares.clear();
    for (const auto& id : parts_of(inc, *spec)) {
        const auto& part = incidents_.at(id);
        need += part.need;
        inc.shares[part.scope] = part.need;
        young += r.at - part.since <= spec->region.within ? 1 : 0;
        joining_[id] = c.incident;
    }
    if (young < spec->region.scopes) {
        breach("region", c.incident + " takes " + std::to_string(young) + " scopes for many", r);
    }
    if (c.need != std::clamp(need, 1, std::max(1, spec->region.need_max))) {
        breach("region", c.incident + " wants " + std::to_string(c.need) + ", its parts " + std::to_string(need), r);
    }
}

void Reference::merged(Incident& child, const IncidentChange& c, const Record& r) {
    ++tally_.merged;
    const auto whole = incidents_.find(c.into);
    if (whole == incidents_.end() || !whole->second.open || !whole->second.region || !within(child.scope, whole->second.scope) ||
        joining_.count(c.incident) == 0) {
        breach("region", c.incident + " goes into " + c.into + " and is no part of it", r);
        return;
    }
    auto& region = whole->second;
    joining_.erase(c.incident);
    if (may_ask_again(c.incident, child, r.wall).empty()) {
        child.causes.clear();  // nobody is left to call again for them: "who was called is not called again"
    }
    child.open = child.resolving = false;
    child.into = c.into;
    for (auto& entry : child.deeds) {
        entry.second.given_up = false;
    }
    pool(region, child);
    region.seen.merge(child.seen);
    region.causes.insert(region.causes.end(), child.causes.begin(), child.causes.end());
    child.causes.clear();
    region.turned_red = std::max(region.turned_red, child.turned_red);
    region.last_call = std::max(region.last_call, child.last_call);
    region.given_back = std::max(region.given_back, child.given_back);
    region.milder.merge(child.milder);
    for (const auto& [key, red] : child.reds) {
        auto& there = region.reds[key];
        there = {there.first || red.first, std::max(there.second, red.second)};
    }
    pool_handovers(region, child);
    for (const auto& who : child.owed) {
        child.called_there[who] = region.called[who];
    }
    region.owed.insert(child.owed.begin(), child.owed.end());
    child.owed.clear();
    child.seated.clear();
    // A reload in between may have left the region fewer tiers.
    if (const int tier = std::min(child.tier, static_cast<int>(region.policy.tiers.size())); tier > region.tier) {
        region.tier = tier;
        region.tier_at = r.at;
    }
}

/// Every person has one state in the region; standing() says which one stays.
void Reference::pool(Incident& region, const Incident& child) {
    auto seats = child.seats;
    for (const auto& who : child.refused) {
        seats.emplace(who, std::pair(SeatState::declined, EngineTime{}));
    }
    for (const auto& [who, seat] : seats) {
        const auto there = region.seats.find(who);
        const auto before = there != region.seats.end()     ? there->second.first
                            : region.refused.count(who) > 0 ? SeatState::declined
                                                            : SeatState::released;
        const bool known = there != region.seats.end() || region.refused.count(who) > 0;
        const bool stays = standing(seat.first, child.named.count(who) > 0) <= standing(before, region.named.count(who) > 0);
        const auto asked_here = child.asked_at.find(who);
        const auto asked_there = region.asked_at.find(who);
        if (known && stays) {
            // Both have asked, and it is one question now: the time to answer counts from when it was put last.
            if (asked_here != child.asked_at.end() && asked_there != region.asked_at.end()) {
                asked_there->second = std::max(asked_there->second, asked_here->second);
            }
            continue;
        }
        region.seats[who] = seat;
        region.refused.erase(who);
        if (child.refused.count(who) > 0) {
            region.refused.insert(who);
        }
        if (holds(seat.first)) {
            region.seated.insert(who);
        }
        if (child.helped.count(who) > 0) {
            region.helped.insert(who);
        } else {
            region.helped.erase(who);
        }
        if (const auto asked = child.asked.find(who); asked != child.asked.end()) {
            region.asked[who] = asked->second;
            const auto earlier = asked_there == region.asked_at.end() ? EngineTime{} : asked_there->second;
            region.asked_at[who] = std::max(earlier, asked_here->second);
        }
        const auto answered = child.answered.find(who);
        region.answered[who] = answered != child.answered.end() && answered->second;
        const auto calls = child.calls.find(who);
        region.calls[who] = calls == child.calls.end() ? std::vector<std::string>{} : calls->second;
    }
}

void Reference::parts_owed(const Record& r) {
    for (const auto& [id, region] : std::exchange(joining_, {})) {
        breach("region", id + " stays beside " + region + ", of which it is a part", r);
    }
    // Enough scopes for a region are open, and one of them opened in this moment. An incident that resumes does not count as opening.
    for (const auto& [id, inc] : incidents_) {
        // A reload that adds or changes a region takes effect with the next incident that opens.
        const auto* spec = inc.open && !inc.region && inc.since == moment_ ? policy(inc.policy.id, *inc.opened_under) : nullptr;
        if (spec == nullptr || spec->region.scopes <= 0 || inc.policy.scope != spec->scope) {
            continue;
        }
        Incident region;
        for (const auto& name : spec->region.by) {
            region.scope[name] = inc.scope.at(name);
        }
        const auto parts = parts_of(region, *spec);
        const auto young = std::count_if(parts.begin(), parts.end(), [&](const std::string& part) {
            const auto& other = incidents_.at(part);
            return moment_ - other.since <= spec->region.within && other.resumed != moment_;
        });
        if (young >= spec->region.scopes) {
            breach("region", id + " and others are many scopes, and stay apart", r);
        }
    }
}

// ---- need

void Reference::reading(const Reading& reading, EngineTime at) {
    need_owed(moment_);  // who left in that moment has lowered the number before this reading raises it
    readings_[reading.queue] = reading;
    need_owed(at);
}

/// The need of this incident by the present readings of its queues.
int Reference::wanted(const Incident& inc, EngineTime at) const {
    const auto& need = inc.policy.need;
    if (need.expression.empty()) {
        return people(need.fixed, need);
    }
    double missing = std::numeric_limits<double>::quiet_NaN();
    double calls = missing;
    for (const auto& [queue, reading] : readings_) {
        const auto& key = queue;
        if (std::all_of(inc.scope.begin(), inc.scope.end(),
                        [&](const auto& part) { return value_of(key, part.first) == part.second; })) {
            missing = (std::isnan(missing) ? 0 : missing) + reading.missing;
            calls = (std::isnan(calls) ? 0 : calls) + reading.waiting;
        }
    }
    // People of the incident who are at work have lowered the number of missing agents: they are added back.
    const auto working = std::count_if(inc.seats.begin(), inc.seats.end(), [&](const auto& entry) {
        const auto& [state, since] = entry.second;
        return state == SeatState::arrived || (state == SeatState::joined && at - since >= reading_lead);
    });
    if (need.expression == need_by_calls) {
        Level level = Level::none;
        for (const auto* alert : alerts_of(inc)) {
            level = alert->muted || silenced(*alert) ? level : std::max(level, alert->level);
        }
        return people(calls / 10 + static_cast<double>(level), need);
    }
    const double gap = missing + static_cast<double>(working);
    return people(need.expression == need_by_gap ? std::clamp(std::ceil(gap - 1e-9), 2.0, 8.0) : gap, need);
}

/// The need of a region: the sum of its firing scopes. The share of a scope only rises while it fires, and ends with it.
int Reference::count_shares(Incident& inc, const IncidentChange& c) const {
    std::map<Scope, int> shares;
    const auto* spec = policy(inc.policy.id);
    for (const auto* alert : alerts_of(inc)) {
        if (spec == nullptr || alert->muted || silenced(*alert)) {
            continue;
        }
        Scope scope;
        std::string key;
        for (const auto& name : inc.policy.scope) {
            scope[name] = value_of(alert->queue, name);
        }
        for (const auto& entry : scope) {
            key += (key.empty() ? "" : "/") + entry.second;
        }
        const auto before = inc.shares.find(scope);
        const auto said = c.shares.find(key);
        const bool fixed = inc.policy.need.expression.empty();
        const int now = fixed                    ? people(inc.policy.need.fixed, inc.policy.need)
                        : said != c.shares.end() ? said->second
                                                 : 0;
        shares[scope] = std::max(before == inc.shares.end() ? 0 : before->second, now);
    }
    inc.shares = std::move(shares);
    int sum = 0;
    for (const auto& entry : inc.shares) {
        sum += entry.second;
    }
    return std::clamp(sum, 1, std::max(1, inc.policy.region.need_max));
}

void Reference::need_set(Incident& inc, const IncidentChange& c, const Record& r) {
    ++tally_.needs;
    const auto& spec = inc.policy;
    const int seated = static_cast<int>(inc.seated.size());
    const bool falls = c.need < inc.need;
    if (falls && c.need < seated && !inc.region) {
        breach("need", c.incident + " wants fewer than are there", r);
    }
    if (inc.region) {
        // The need may fall below the seats taken only to release people whom no scope wants any more.
        const int together = count_shares(inc, c);
        const bool exact = c.need == std::max(together, seated) || (inc.rose && c.need >= std::max(together, seated));
        const bool home = c.need < seated && c.need >= together && !inc.rose;
        if (!exact && !home) {
            breach("need", c.incident + " wants " + std::to_string(c.need) + ", its scopes " + std::to_string(together), r);
        }
    } else if (spec.need.expression.empty()) {
        breach("need", c.incident + " has a fixed need, and changes it", r);
    } else {
        const auto since = r.at - inc.need_at;
        const bool may =
            (spec.need.ratchet > Span{0} && since >= spec.need.ratchet) || (spec.recheck > Span{0} && since >= spec.recheck);
        const int now = wanted(inc, r.at);
        if (falls && (!may || c.need != std::max(now, seated))) {
            breach("need", c.incident + " falls to " + std::to_string(c.need) + " before its time, or too far", r);
        }
        if (c.need > inc.need && c.need != now && c.need != seated) {
            breach("need", c.incident + " rises to " + std::to_string(c.need) + ", wanted are " + std::to_string(now), r);
        }
    }
    inc.need = c.need;
    inc.need_at = r.at;
    inc.wanting = EngineTime{};
}

/// The need of a calling incident follows the wanted number within ten seconds.
void Reference::need_owed(EngineTime at) {
    for (auto& [id, inc] : incidents_) {
        if (!inc.open || inc.region || inc.policy.need.expression.empty()) {
            continue;
        }
        if (inc.resolving || !loud(inc) || wanted(inc, at) <= inc.need) {
            inc.wanting = EngineTime{};
        } else if (inc.wanting == EngineTime{}) {
            inc.wanting = at;
        } else if (at - inc.wanting > std::chrono::seconds{11}) {
            breach("need", id + " asks for " + std::to_string(inc.need) + ", wanted are " + std::to_string(wanted(inc, at)), at);
            inc.wanting = at;
        }
    }
}

}  // namespace surged::test
