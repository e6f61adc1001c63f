// A surge over a whole region. When `region.scopes` scopes of one policy have an incident, all opened within `region.within`, one
// incident of the wider scope takes their place. It is an incident like any other: while it is open the alerts of every scope
// within it are its alerts (DeskState::place), so scopes join and leave by firing and clearing, and it resolves when none of them
// fires.
//
// The incidents it is made of become `merged`: their unsent pages are cancelled, and their seats and owed closing messages move
// to the region's incident (apply_merged), so that each person is asked once and released once. Only the steps of their playbook
// stay with them, because they were done for their scope; they are undone when the region's incident is over.
//
// Hardest rule: no answer is lost on the way. An answer to a merged incident is an answer to the region's.
#include "core/incident/region.hpp"

#include <algorithm>
#include <utility>

#include "core/incident/seats.hpp"
#include "core/incident/steps.hpp"
#include "core/paging/page_phrases.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {

namespace {
constexpr std::size_t scopes_named_max = 3;

/// Which state a person keeps when two incidents know them: a yes outweighs a no, a no outweighs a request that is still open (it
/// was an answer), and a request outweighs a message that only told them. A person who was named by somebody was asked for that
/// seat: what they said to another incident is no answer to it.
int weight(SeatState s, bool named) {
    switch (s) {
        case SeatState::arrived: return 11;
        case SeatState::joined: return 10;
        case SeatState::spare: return 9;
        case SeatState::asked: return named ? 8 : 5;
        case SeatState::declined: return 7;
        case SeatState::left: return 6;
        case SeatState::noshow: return 4;
        case SeatState::timed_out:
        case SeatState::unreachable: return 3;
        case SeatState::elsewhere: return 2;
        case SeatState::informed: return 1;
        case SeatState::released: return 0;
    }
    return 0;
}

/// People are to be asked again for a red cause, as soon as nobody is paged twice within a minute for it.
bool waits_for_the_minute(const Incident& inc, EngineTime at) {
    return inc.alarmed != EngineTime{} && std::ranges::any_of(inc.seats, [&](const auto& entry) {
               const Seat& seat = entry.second;
               const bool silent = seat.state == SeatState::asked || seat.state == SeatState::timed_out ||
                                   seat.state == SeatState::unreachable;
               return silent && seat.asks > 0 && seat.asked < inc.alarmed && seat.paged + alarm_rest > at;
           });
}

/// Who is owed a closing message by a part of the region is owed it by the region.
void owe_for(Incident& whole, Incident& child) {
    for (auto& [person, paged] : child.paged) {
        auto& there = whole.paged[person];
        if (paged.owed && !there.owed) {
            there.owed = true;
            there.closing.clear();  // of what they have been told already
        }
        if (there.channel.empty() || (paged.accepted && !there.accepted)) {
            there.channel = paged.channel;
            there.accepted = paged.accepted;
        }
        for (const auto& [channel, mark] : paged.closing) {
            if (paged.owed && mark.under_way()) {
                there.closing.emplace(channel, mark);  // when it arrives they are told, here too
            }
        }
        paged.owed = false;
    }
}

/// The part of a scope that names the region.
ScopeValues region_of(const PolicySpec& policy, const ScopeValues& scope) {
    ScopeValues out;
    for (const auto& name : policy.region.by) {
        if (const auto value = scope.find(name); value != scope.end()) {
            out.insert(*value);
        }
    }
    return out;
}
}  // namespace

PolicySpec region_policy(const PolicySpec& policy) {
    auto out = policy;
    out.scope = policy.region.by;
    out.region.of = policy.scope;
    out.region.scopes = 0;
    return out;
}

std::string scopes_text(const std::set<ScopeValues>& scopes, Language language) {
    const PageSay say{language};
    if (scopes.empty()) {
        return say("place.region");
    }
    std::string names;
    std::size_t left = scopes_named_max;
    for (auto scope = scopes.begin(); scope != scopes.end() && left > 0; ++scope, --left) {
        names += names.empty() ? "" : say("list.between");
        std::string name;
        for (const auto& entry : *scope) {
            name += (name.empty() ? "" : "/") + entry.second;
        }
        names += name;
    }
    if (scopes.size() > scopes_named_max) {
        names += "…";
    }
    return say("place.scopes", {{"n", std::to_string(scopes.size())}, {"names", names}});
}

std::set<ScopeValues> scopes_firing(const DeskState& state, const Incident& inc) {
    std::set<ScopeValues> out;
    const auto* group = is_region(inc) ? state.book.group(inc.group) : nullptr;
    if (group != nullptr) {
        for (const auto* key : group->alerts) {
            if (!state.book.quiet(*key)) {
                const auto& alert = state.book.alerts().at(*key);
                out.insert(scope_values(inc.policy.region.of, alert.queue, alert.group));
            }
        }
    }
    return out;
}

/// Seats, tiers and owed closing messages move over; the incident itself is over and waits for what it did to be undone.
void DeskState::apply_merged(Incident& child, const IncidentChange& change, EngineTime at) {
    child.ending = Ending::resolved;
    child.ending_at = at;
    child.ending_reason = change.reason;
    child.ended_by = change.by;
    child.into = change.into;
    child.level = Level::none;
    for (auto& entry : child.actions) {
        entry.second.given_up = false;  // what may have been done is to be undone, as at any other end
    }
    track_open(child, false);
    auto* whole = incident(change.into);
    if (whole == nullptr) {
        return;
    }
    dirty.insert(whole->id);
    if (waits_for_the_minute(child, at)) {
        whole->alarmed = std::max(whole->alarmed, child.alarmed);
    }
    // A reload in between may have given the region another number of tiers. The fallback list stays one past the last.
    const int last = static_cast<int>(whole->policy.tiers.size());
    const int own_last = static_cast<int>(child.policy.tiers.size());
    const bool same_numbers = child.unread || whole->unread;  // nothing else is known of the tiers
    for (auto& [person, seat] : child.seats) {
        seat.tier = same_numbers ? seat.tier : seat.tier > own_last ? last + 1 : std::min(seat.tier, last);
        // A call that was cancelled is still to be made, now with the region's text.
        std::erase_if(seat.reach, [](const auto& mark) { return mark.second.state == PageState::cancelled; });
        const auto known = whole->seats.find(person);
        const int own = weight(seat.state, child.handovers.count(person) > 0);
        // Whichever of two states stays, they were asked and paged when either was: nobody is called twice within a minute.
        const auto before = known == whole->seats.end() ? Seat{} : known->second;
        if (known == whole->seats.end() || own > weight(before.state, whole->handovers.count(person) > 0)) {
            track_seat(*whole, person, known != whole->seats.end() && takes_seat(before.state), takes_seat(seat.state));
            whole->seats[person] = seat;
        }
        auto& stays = whole->seats.at(person);
        stays.asked = std::max({stays.asked, seat.asked, before.asked});
        stays.paged = std::max({stays.paged, seat.paged, before.paged});
    }
    child.seats.clear();
    count_seats(child);
    count_seats(*whole);
    whole->handovers.merge(child.handovers);
    child.handovers.clear();
    for (const auto& [person, successor] : child.relieved) {
        if (whole->seats.at(person).state == SeatState::left) {
            whole->relieved.emplace(person, successor);
        }
    }
    child.relieved.clear();
    whole->told_blind.merge(child.told_blind);
    child.told_blind.clear();
    whole->sighted = std::max(whole->sighted, child.sighted);
    owe_for(*whole, child);
    if (const int tier = std::min(child.tier, last); tier > whole->tier) {
        whole->tier = tier;
        whole->wait_tier = std::max(whole->wait_tier, std::min(child.wait_tier, last));
        whole->tier_at = whole->climbed = at;
    }
    whole->owner = whole->owner.empty() ? child.owner : whole->owner;
}

std::set<std::string> DeskState::groups_after(const Incident& inc) const {
    std::set<std::string> out{inc.group};
    const auto* group = inc.policy.region.of.empty() ? nullptr : book.group(inc.group);
    if (group != nullptr) {
        for (const auto* key : group->alerts) {
            const auto& alert = book.alerts().at(*key);
            out.insert(group_key(inc.policy.id, scope_values(inc.policy.region.of, alert.queue, alert.group)));
        }
    }
    return out;
}

namespace incident {

namespace {

/// Two scopes may have asked one person to take a seat over. They come for the first; who waits for them in another has said that
/// they leave, and must not keep the seat for nobody.
void keep_one_handover(Step& step, Incident& child, std::set<std::string>& successors) {
    const auto handovers = child.handovers;  // the records change it
    for (const auto& [to, handover] : handovers) {
        if (!successors.insert(to).second && !handover.substitute) {
            leave_seat(step, child, handover.from, to + " is asked for another seat already", {});
        }
    }
}

void merge(Step& step, const PolicySpec& policy, const std::vector<Incident*>& children) {
    const auto own = region_policy(policy);
    IncidentChange c;
    c.policy = policy.id;
    c.scope = region_of(policy, children.front()->scope);
    c.by = by_engine;
    c.reason = std::to_string(children.size()) + " scopes at once";
    std::int64_t need = 0;
    for (const auto* child : children) {
        c.level = std::max(c.level, child->level);
        need += child->need;
        c.shares[share_key(child->scope)] = child->need;
        for (const auto& cause : child->causes) {
            if (cause.second == EngineTime{} && c.causes.size() < causes_max) {
                c.causes.push_back(cause.first);  // they have been called for
            }
        }
    }
    c.need = static_cast<int>(std::clamp<std::int64_t>(need, 1, std::max(1, policy.region.need_max)));
    const auto earlier = step.state.latest.find(group_key(policy.id, c.scope));
    auto* last = earlier == step.state.latest.end() ? nullptr : step.state.incident(earlier->second);
    if (last != nullptr && is_region(*last) && !last->open() && step.now.at < last->ending_at + last->policy.reopen_window) {
        c.incident = last->id;
        c.step = IncidentStep::reopened;
        c.tier = 1;
        c.people = holders(*last);
    } else {
        c.incident = next_incident_id(step.state);
        c.step = IncidentStep::opened;
        c.policy_bytes = encode_policy(own);
    }
    const auto id = c.incident;
    step.emit(std::move(c));
    std::set<std::string> successors;
    for (auto* child : children) {
        keep_one_handover(step, *child, successors);
        cancel_waiting(step, *child, "merged into incident " + id, true);
        auto m = change(*child, IncidentStep::merged, "part of incident " + id);
        m.into = id;
        m.people = holders(*child);
        step.emit(std::move(m));
    }
}

}  // namespace

/// Counted once for all pages of a step: there may be thousands of both.
const std::set<ScopeValues>& scopes(const Step& step, const Incident& inc) {
    const auto known = step.scopes_known.find(inc.id);
    return known != step.scopes_known.end() ? known->second
                                            : step.scopes_known.emplace(inc.id, scopes_firing(step.state, inc)).first->second;
}

/// Looks at the policies that opened an incident in this step. Runs before anybody is called for it.
void settle_regions(Step& step) {
    const auto policies = std::exchange(step.opened_of, {});
    for (const auto& id : policies) {
        const auto* policy = step.index.policy(id);
        if (policy == nullptr || policy->region.scopes <= 0) {
            continue;
        }
        std::map<ScopeValues, std::vector<Incident*>> regions;
        for (auto& [name, inc] : step.state.incidents) {
            if (inc.ending == Ending::none && inc.policy.id == id && inc.policy.scope == policy->scope && !is_region(inc)) {
                regions[region_of(*policy, inc.scope)].push_back(&inc);
            }
        }
        for (const auto& [values, children] : regions) {
            const auto young = std::ranges::count_if(
                children, [&](const Incident* inc) { return inc->since + policy->region.within >= step.now.at; });
            // Only a region in which an incident opens now: a reload may have left others apart that would be one today.
            const bool opens = std::ranges::any_of(children, [&](const Incident* inc) { return inc->since == step.now.at; });
            if (opens && young >= policy->region.scopes) {
                merge(step, *policy, children);
            }
        }
    }
}

/// The incident an answer is about: that of the region, when it went into one.
Incident* gone_into(Step& step, Incident* inc) {
    auto* whole = inc == nullptr || inc->into.empty() ? nullptr : step.state.incident(inc->into);
    return whole == nullptr ? inc : whole;
}

}  // namespace incident

}  // namespace surged
