// The reference's hand-overs: a person who hands a seat over keeps it until the successor has come, cannot come, or has not come in
// time, and no longer.
#include <algorithm>
#include <utility>

#include "sim/reference.hpp"

namespace surged::test {

namespace {
/// The desk may act this much later than due: after a restart, or when a step waits for another.
constexpr Span lateness{11000};
}  // namespace

/// A person leaves or declines, and names a successor.
void Reference::names(Incident& inc, const AnswerGiven& a, const Record& r) {
    const bool goes = a.kind == AnswerKind::leave || a.kind == AnswerKind::decline;
    if (!goes || a.result != AnswerResult::noted || !inc.open) {
        return;
    }
    if (a.successor.empty() || a.kind == AnswerKind::decline) {
        leaving_.erase({a.incident, a.person});  // it was their own decision
    }
    if (a.successor.empty()) {
        inc.relieved.erase(a.person);
        return;
    }
    inc.named.insert(a.successor);
    std::erase_if(inc.handing, [&](const auto& entry) { return entry.second.to == a.successor; });
    inc.handing.erase(a.person);
    if (a.kind == AnswerKind::leave) {
        ++tally_.handovers;
        if (inc.full && inc.policy.stand_down) {
            met("a seat of a filled incident is handed over under stand_down");
        }
        inc.handing[a.person] = {a.successor, r.at, false};
        if (inc.seated.count(a.person) == 0) {
            breach("handover", a.person + " hands a seat of " + a.incident + " over and has none", r);
        }
    }
}

/// A person gives up a seat that was under hand-over, or a successor can no longer come.
void Reference::seat_goes(Incident& inc, const SeatChange& c, const Record& r) {
    // "Seats are filled" is no reason to release a successor: the seat they come for is held by somebody else until then.
    for (const auto& entry : inc.handing) {
        const bool filled_up = c.state == SeatState::released && entry.second.to == c.person && inc.open && !inc.region;
        if (filled_up && !inc.resolving && inc.seated.count(entry.first) > 0 && !entry.second.cannot && person(c.person) != nullptr) {
            breach("handover", c.person + " is to take the seat of " + entry.first + " in " + c.incident + " and is sent home", r);
        }
    }
    for (auto& entry : inc.handing) {
        entry.second.cannot = entry.second.cannot || (entry.second.to == c.person && c.state != SeatState::asked);
    }
    const auto handing = inc.handing.find(c.person);
    if (handing == inc.handing.end()) {
        return;
    }
    if (c.state == SeatState::left && inc.open) {
        leaving_[{c.incident, c.person}] = handing->second;
        inc.relieved[c.person] = r.at;
    }
    inc.handing.erase(handing);
}

/// Whether this person takes the seat that somebody has left for them in this moment.
bool Reference::takes_over(const SeatChange& c) const {
    return std::any_of(leaving_.begin(), leaving_.end(),
                       [&](const auto& entry) { return entry.first.first == c.incident && entry.second.to == c.person; });
}

/// They take a seat: the successor has come, or whoever was to come or has gone has moved to another incident. What happens to them later in
/// the same moment does not matter.
void Reference::came(const SeatChange& c) {
    std::erase_if(leaving_, [&](const auto& entry) {
        const auto& [id, from] = entry.first;
        return entry.second.to == c.person || (from == c.person && id != c.incident);
    });
}

void Reference::handovers_owed(const Record& r) {
    const auto left = std::exchange(leaving_, {});
    for (const auto& entry : left) {
        const auto& whose = entry.first;
        const auto& handing = entry.second;
        const auto& [id, from] = whose;
        const auto& inc = incidents_.at(id);
        const bool moved = sits_elsewhere(id, from) || sits_elsewhere(id, handing.to);
        // Another scope of the region named the same successor: they take one of the two seats.
        const bool twice = !inc.into.empty() && std::any_of(incidents_.begin(), incidents_.end(), [&](const auto& other) {
            return other.first != whose.first && other.second.into == inc.into && other.second.named.count(handing.to) > 0;
        });
        const bool gone = person(handing.to) == nullptr || person(from) == nullptr;
        if (!handing.cannot && !moved && !twice && !gone && moment_ - handing.at < inc.policy.handover_within) {
            breach("handover", from + " loses the seat in " + id + " before " + handing.to + " has come", r);
        }
    }
    for (auto& [id, inc] : incidents_) {
        for (auto& [from, handing] : inc.handing) {
            const auto until = std::max(handing.at + inc.policy.handover_within, recovered_) + lateness;
            if (inc.open && !inc.resolving && inc.seated.count(from) > 0 && r.at > until) {
                breach("handover", from + " keeps the seat in " + id + ", and " + handing.to + " does not come", r);
                handing.at = r.at;
            }
        }
    }
}

/// A person who kept a seat for a successor is told that they may go once the seat is given up.
void Reference::relief_owed(const Record& r) {
    const bool reloaded = plan_ != moment_plan_;  // a contact method that a reload brings counts from the reload on
    for (auto& [id, inc] : incidents_) {
        const bool speaks = inc.open && !inc.resolving && loud(inc);
        for (auto& [who, since] : inc.relieved) {
            const auto* spec = person(who);
            const auto& tried = inc.tried_home[who];
            const bool way = spec != nullptr && std::any_of(spec->normal.begin(), spec->normal.end(), [&](const ReachStep& step) {
                                 return channel(step.channel) != nullptr && tried.count(step.channel) == 0;
                             });
            const bool owed = speaks && way && inc.owed.count(who) > 0 && !sits_elsewhere(id, who);
            if (!owed || reloaded || recovered_ > since) {
                since = std::max(since, r.at);
            } else if (since != engine_never && r.at > since + lateness) {
                breach("handover", who + " has no seat in " + id + " any more, and nobody says so", r);
                since = engine_never;
            }
        }
    }
}

/// A message that tells them so has been queued.
void Reference::relieves(Incident& inc, const PageChange& c) {
    for (const auto& who : c.people) {
        if (const auto it = inc.relieved.find(who); it != inc.relieved.end()) {
            it->second = engine_never;
            ++tally_.relieved;
        }
    }
}

void Reference::pool_handovers(Incident& region, Incident& child) {
    region.named.insert(child.named.begin(), child.named.end());
    region.handing.merge(child.handing);
    child.handing.clear();
    region.relieved.merge(child.relieved);
    child.relieved.clear();
}

}  // namespace surged::test
