// A person holds at most one seat over all open incidents. While they hold one, other incidents show them as `elsewhere` and
// climb without them; as soon as they are free they are asked there. Changing from one incident to another needs an explicit
// `move`.
//
// Hardest rule: the fallback list is exempt. It is called when nobody else is left, so everybody on it must hear of every
// incident, even while they hold a seat in another.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/incident/steps.hpp"

namespace surged {

namespace {
bool on_fallback(const Incident& inc, const Seat& seat) {
    return seat.tier > static_cast<int>(inc.policy.tiers.size());
}
}  // namespace

const Incident* DeskState::seated_elsewhere(const Incident& inc, const std::string& person) const {
    const auto found = seated_in.find(person);
    if (found == seated_in.end()) {
        return nullptr;
    }
    const auto other = std::ranges::find_if(found->second, [&](const std::string& id) { return id != inc.id; });
    return other == found->second.end() ? nullptr : incident(*other);
}

/// An incident opens or ends with the people it knows.
void DeskState::track_people(const Incident& inc, bool open) {
    for (const auto& [person, seat] : inc.seats) {
        if (open) {
            known_in[person].insert(inc.id);
            track_seat(inc, person, false, takes_seat(seat.state));
            continue;
        }
        if (takes_seat(seat.state)) {
            if (auto& seated = seated_in[person]; seated.erase(inc.id) > 0 && seated.empty()) {
                seated_in.erase(person);
            }
            look_at_others(inc, person);
        }
        if (auto& known = known_in[person]; known.erase(inc.id) > 0 && known.empty()) {
            known_in.erase(person);
        }
    }
}

void DeskState::track_seat(const Incident& inc, const std::string& person, bool was_seated, bool is_seated) {
    if (!inc.open()) {
        return;
    }
    known_in[person].insert(inc.id);
    if (was_seated == is_seated) {
        return;
    }
    auto& seated = seated_in[person];
    is_seated ? (void)seated.insert(inc.id) : (void)seated.erase(inc.id);
    if (seated.empty()) {
        seated_in.erase(person);
    }
    look_at_others(inc, person);
}

/// Somebody came free or took a seat: the other incidents that want them are looked at again.
void DeskState::look_at_others(const Incident& inc, const std::string& person) {
    if (const auto known = known_in.find(person); known != known_in.end()) {
        for (const auto& id : known->second) {
            if (id != inc.id) {
                dirty.insert(id);
            }
        }
    }
    // A person who is free may be on rosters of incidents that could not ask them and do not know them yet.
    for (const auto& [id, other] : incidents) {
        if (seated_in.count(person) == 0 && id != inc.id && other.open() && other.phase != Phase::filled) {
            dirty.insert(id);
        }
    }
}

namespace incident {

bool settle_elsewhere(Step& step, Incident& inc) {
    const SeatWants wants(inc, step.index);
    for (const auto& [id, seat] : inc.seats) {
        const bool waits = seat.state == SeatState::asked || seat.state == SeatState::spare;
        if ((!waits && seat.state != SeatState::elsewhere) || on_fallback(inc, seat)) {
            continue;
        }
        const auto who = id;  // the records change the map that is walked
        const int tier = std::max(1, seat.tier);
        const auto* other = step.state.seated_elsewhere(inc, id);
        if (waits && other != nullptr) {
            const auto why = seat_in(*other);
            step.seat(inc, who, tier, SeatState::elsewhere, why);
            cancel_of(step, inc, who, why);
            return true;
        }
        // In a batch they wait for their turn as before.
        const bool whole_tier = inc.policy.tiers[static_cast<std::size_t>(tier) - 1].mode == TierMode::all;
        if (!waits && other == nullptr && whole_tier && inc.phase != Phase::filled && wants.filled_by(id)) {
            const auto people = candidates(step, inc, tier, false);
            if (contains(people, id)) {
                step.seat(inc, who, tier, SeatState::asked, "free again");
                return true;
            }
        }
    }
    return false;
}

/// Gives up the seat in `other` for one in `inc`.
void leave_for(Step& step, const Incident& other, const Incident& inc, const std::string& person) {
    const auto why = "moved to incident " + inc.id;
    step.seat(other, person, other.seats.at(person).tier, SeatState::left, why);
    if (other.owner == person) {
        step.emit(change(other, IncidentStep::owner, "the owner has gone", person));
    }
}

}  // namespace incident

}  // namespace surged
