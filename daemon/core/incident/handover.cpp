// Seats that go from one person to another: who leaves names who shall come in their place, who says no names whom to ask
// instead.
//
// Whoever hands a seat over keeps it until the other has joined, so that it is never empty in between; until the other cannot
// come (said no, or no way reached them); and at most for the policy's `handover_within`. Then it is free, and others are called.
//
// Hardest rule: a seat that goes over is one seat: while it does nobody else is called for it, and the one who is asked for it
// counts among the candidates of no other.
#include "core/base/text.hpp"
#include "core/incident/decider.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {

bool listed(const RosterSpec& roster, const std::string& person) {
    const auto has = [&](const auto& part) {
        return std::find(part.people.begin(), part.people.end(), person) != part.people.end();
    };
    return std::any_of(roster.shifts.begin(), roster.shifts.end(), has) ||
           std::any_of(roster.dates.begin(), roster.dates.end(), has);
}

/// On a roster of the policy, whether on duty now or not, or in its fallback list. Rosters that are only told give no seats.
bool may_be_called(const Plan& plan, const std::vector<OverrideChange>& overrides, const PolicySpec& policy,
                   const std::string& person, WallTime now) {
    const auto named = [&](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (named(policy.fallback, person)) {
        return true;
    }
    for (const auto& tier : policy.tiers) {
        for (const auto& id : tier.rosters) {
            const auto roster =
                std::find_if(plan.rosters.begin(), plan.rosters.end(), [&](const RosterSpec& r) { return r.id == id; });
            if (roster != plan.rosters.end() && !named(tier.inform_only, id) &&
                (listed(*roster, person) || named(on_duty(plan, overrides, id, now), person))) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

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

// ---- the fold
// ------------------------------------------------------------------------------------------------------------------------------

/// Who names somebody anew takes back whom they named before.
void DeskState::name_successor(Incident& inc, const AnswerGiven& answer, EngineTime at) {
    const bool names = answer.kind == AnswerKind::leave || answer.kind == AnswerKind::decline;
    if (!names || answer.result != AnswerResult::noted || !inc.open()) {
        return;
    }
    if (answer.successor.empty()) {
        inc.relieved.erase(answer.person);  // their own word: they know
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
    // The seat is gone: who is on the way for it is a candidate like any other, whose page says who named them.
    for (auto it = inc.handovers.begin(); it != inc.handovers.end();) {
        auto& handover = it->second;
        const bool of_this = handover.from == change.person && !handover.substitute;
        const auto seat = inc.seats.find(it->first);
        const bool on_the_way = handover.called && seat != inc.seats.end() && seat->second.state == SeatState::asked;
        handover.substitute = handover.substitute || of_this;
        it = of_this && !on_the_way ? inc.handovers.erase(it) : std::next(it);
    }
}

// ---- decisions
// -----------------------------------------------------------------------------------------------------------------------------

/// Why the one who is named cannot be; nullopt = they can. Nothing is recorded: the answer is refused as a whole.
std::optional<CommandReply> Decider::unfit_successor(const Incident& inc, const Command& command) const {
    const auto& to = command.successor;
    const auto no = [&](const char* code, const std::string& why) { return std::optional(reply(&inc, false, code, why)); };
    const bool leaves = command.answer == AnswerKind::leave;
    if (!leaves && command.answer != AnswerKind::decline) {
        return no("conflict", "only who leaves or declines names a successor");
    }
    const auto own = inc.seats.find(command.person);
    if (leaves && (own == inc.seats.end() || !takes_seat(own->second.state))) {
        return no("not_asked", "you hold no seat in this incident that could be handed over");
    }
    if (to == command.person) {
        return no("conflict", "nobody succeeds themselves");
    }
    const auto* person = index_.person(to);
    if (person == nullptr) {
        return no("unknown_person", "no such person in the configuration: " + to);
    }
    const auto seat = inc.seats.find(to);
    const bool known = seat != inc.seats.end() && seat->second.state != SeatState::informed;
    if (known && takes_seat(seat->second.state)) {
        return no("conflict", to + " holds a seat already");
    }
    if (const auto* other = s_.seated_elsewhere(inc, to); other != nullptr) {
        return no("conflict", to + " " + seat_in(*other));
    }
    if (known && (seat->second.state == SeatState::declined || seat->second.state == SeatState::left)) {
        return no("conflict", to + " has said no to this incident");
    }
    const auto before = inc.handovers.find(to);
    if (before != inc.handovers.end() && before->second.from != command.person) {
        return no("conflict", to + " is asked already to come for " + before->second.from);
    }
    if (!known && !may_be_called(*index_.plan, s_.overrides, inc.policy, to, now_.wall)) {
        return no("conflict", to + " is on no roster of policy " + inc.policy.id + " and not in its fallback list");
    }
    const auto& steps = reach_of(*person, own != inc.seats.end() && urgent_tier(inc.policy, own->second.tier));
    if (std::none_of(steps.begin(), steps.end(), [&](const ReachStep& s) { return index_.channel(s.channel) != nullptr; })) {
        return no("conflict", "nobody knows how to reach " + to);
    }
    return std::nullopt;
}

void Decider::leave_seat(Incident& inc, const std::string& person, const std::string& why, const std::string& owner) {
    const bool owned = inc.owner == person;
    seat(inc, person, inc.seats.at(person).tier, SeatState::left, why);
    if (owned) {
        auto c = change(inc, IncidentStep::owner, why, person);
        c.people = owner.empty() ? std::vector<std::string>{} : std::vector<std::string>{owner};
        emit(std::move(c));
    }
}

/// The one who was named comes: the seat is free for them. False when nobody named them for a seat.
bool Decider::take_over(Incident& inc, const std::string& to) {
    const auto* handover = handover_to(inc, to);
    if (handover == nullptr) {
        return false;
    }
    const auto from = handover->from;
    leave_seat(inc, from, "handed over to " + to, to);
    return true;
}

bool Decider::settle_handovers(Incident& inc) {
    for (const auto& [id, handover] : inc.handovers) {
        const auto to = id;
        const auto from = handover.from;
        const auto known = inc.seats.find(to);
        const bool gone = index_.person(to) == nullptr;
        const auto* other = s_.seated_elsewhere(inc, to);
        // While it all seemed over nobody was asked, and they may have said no since.
        const bool refused =
            known != inc.seats.end() && (known->second.state == SeatState::declined || known->second.state == SeatState::left);
        if (!handover.called && !gone && !refused && other == nullptr) {
            if (handover.substitute && !would_fill(inc, index_, to)) {
                continue;  // they are not wanted now; when a seat is free they are asked first
            }
            const auto own = inc.seats.find(from);
            const int tier = known != inc.seats.end() && known->second.tier > 0 ? known->second.tier
                             : own != inc.seats.end()                           ? own->second.tier
                                                                                : std::max(1, inc.tier);
            const auto why = (handover.substitute ? "named by " : "to take over from ") + from;
            seat(inc, to, tier, SeatState::asked, why);
            cancel_of(inc, to, "asked " + why);
            return true;
        }
        if (handover.substitute) {
            continue;
        }
        const bool waits = !gone && other == nullptr && known != inc.seats.end() && known->second.state == SeatState::asked;
        if (waits && !due(handover.at + inc.policy.handover_within)) {
            continue;
        }
        const auto why = waits              ? to + " did not come within " + format_span(inc.policy.handover_within)
                         : gone             ? to + " is no longer in the configuration"
                         : other != nullptr ? to + " " + seat_in(*other)
                                            : to + " cannot take over: " + std::string(to_string(known->second.state));
        leave_seat(inc, from, why, {});
        return true;
    }
    return false;
}

}  // namespace surged
