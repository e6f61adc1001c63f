// Seats that go from one person to another. A person who leaves names a successor; a person who declines names a substitute.
//
// The holder keeps the seat until the successor has joined, so that it is never empty in between. It ends earlier when the
// successor cannot come (they declined, or no channel reached them), and after the policy's `handover_within` at the latest. Then
// the seat is free, and others are called.
//
// Hardest rule: a seat under hand-over is one seat. Nobody else is called for it meanwhile, and the successor counts as a
// candidate for no other seat.
#include "core/base/text.hpp"
#include "core/incident/steps.hpp"
#include "core/team/roster.hpp"

namespace surged {

const HandOver* handover_to(const Incident& inc, const std::string& person) {
    const auto it = inc.handovers.find(person);
    return it == inc.handovers.end() || it->second.substitute ? nullptr : &it->second;
}

std::string successor_of(const Incident& inc, const std::string& person) {
    for (const auto& [to, handover] : inc.handovers) {
        if (!handover.substitute && handover.from == person) {
            return to;
        }
    }
    return {};
}

/// Naming somebody anew takes back the person named before.
void DeskState::name_successor(Incident& inc, const AnswerGiven& answer, EngineTime at) {
    const bool names = answer.kind == AnswerKind::leave || answer.kind == AnswerKind::decline;
    if (!names || answer.result != AnswerResult::noted || !inc.open()) {
        return;
    }
    if (answer.successor.empty()) {
        inc.relieved.erase(answer.person);  // they said so themselves
    }
    if (!answer.successor.empty()) {
        std::erase_if(inc.handovers, [&](const auto& entry) { return entry.second.from == answer.person; });
        inc.handovers[answer.successor] = {answer.person, at, answer.kind == AnswerKind::decline, false};
    }
}

void DeskState::follow_seat(Incident& inc, const SeatChange& change) {
    const bool asked = change.state == SeatState::asked;
    if (const auto named = inc.handovers.find(change.person); named != inc.handovers.end()) {
        named->second.called = named->second.called || asked;
        if (!asked && named->second.substitute) {
            inc.handovers.erase(named);
        }
    }
    if (takes_seat(change.state)) {
        return;
    }
    // The seat is gone: the successor becomes a candidate like any other, whose page says who named them.
    for (auto it = inc.handovers.begin(); it != inc.handovers.end();) {
        auto& handover = it->second;
        const bool of_this = handover.from == change.person && !handover.substitute;
        const auto seat = inc.seats.find(it->first);
        const bool on_the_way = handover.called && seat != inc.seats.end() && seat->second.state == SeatState::asked;
        handover.substitute = handover.substitute || of_this;
        it = of_this && !on_the_way ? inc.handovers.erase(it) : std::next(it);
    }
}

namespace incident {

void leave_seat(Step& step, Incident& inc, const std::string& person, const std::string& why, const std::string& owner) {
    const bool owned = inc.owner == person;
    step.seat(inc, person, inc.seats.at(person).tier, SeatState::left, why);
    if (owned) {
        auto c = change(inc, IncidentStep::owner, why, person);
        c.people = owner.empty() ? std::vector<std::string>{} : std::vector<std::string>{owner};
        step.emit(std::move(c));
    }
}

/// The person who was named comes: the seat is free for them. False when nobody named them for a seat.
bool take_over(Step& step, Incident& inc, const std::string& to) {
    const auto* handover = handover_to(inc, to);
    if (handover == nullptr) {
        return false;
    }
    const auto from = handover->from;
    leave_seat(step, inc, from, "handed over to " + to, to);
    return true;
}

bool settle_handovers(Step& step, Incident& inc) {
    for (const auto& [id, handover] : inc.handovers) {
        const auto to = id;
        const auto from = handover.from;
        const auto known = inc.seats.find(to);
        const bool gone = step.index.person(to) == nullptr;
        const auto* other = step.state.seated_elsewhere(inc, to);
        // While the incident was ending nobody was asked, and they may have said no since.
        const bool refused =
            known != inc.seats.end() && (known->second.state == SeatState::declined || known->second.state == SeatState::left);
        // Named in one scope and sent away as one too many in another, before the two became one incident: they are asked again.
        const bool sent_away = known != inc.seats.end() && known->second.state == SeatState::spare;
        if ((!handover.called || sent_away) && !gone && !refused && other == nullptr) {
            if (handover.substitute && !SeatWants(inc, step.index).filled_by(to)) {
                continue;  // they are not wanted now; when a seat is free they are asked first
            }
            const auto own = inc.seats.find(from);
            const int tier = known != inc.seats.end() && known->second.tier > 0 ? known->second.tier
                             : own != inc.seats.end()                           ? own->second.tier
                                                                                : std::max(1, inc.tier);
            const auto why = (handover.substitute ? "named by " : "to take over from ") + from;
            step.seat(inc, to, tier, SeatState::asked, why);
            cancel_of(step, inc, to, "asked " + why);
            return true;
        }
        if (handover.substitute) {
            continue;
        }
        const bool waits = !gone && other == nullptr && known != inc.seats.end() && known->second.state == SeatState::asked;
        if (waits && !step.due(handover.at + inc.policy.handover_within)) {
            continue;
        }
        const auto why = waits              ? to + " did not come within " + format_span(inc.policy.handover_within)
                         : gone             ? to + " is no longer in the configuration"
                         : other != nullptr ? to + " " + seat_in(*other)
                                            : to + " cannot take over: " + std::string(to_string(known->second.state));
        leave_seat(step, inc, from, why, {});
        return true;
    }
    return false;
}

}  // namespace incident

}  // namespace surged
