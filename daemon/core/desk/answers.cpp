// What people say: join, decline, ack, leave, arrive. Seats are given in the order in which answers are decided here, never by a
// client's clock. An answer to an incident that is over is recorded and changes nothing; it cannot reopen the incident.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/desk/commands.hpp"

namespace surged {

namespace {

bool good(AnswerResult r) {
    return r == AnswerResult::seated || r == AnswerResult::spare || r == AnswerResult::noted || r == AnswerResult::already;
}

std::string message_for(AnswerKind kind, AnswerResult result, int joined, int need) {
    const auto counts = std::to_string(joined) + " of " + std::to_string(need) + " seats taken";
    switch (result) {
        case AnswerResult::seated: return "you have a seat: " + counts;
        case AnswerResult::spare: return "seats are full, you are standing by: " + counts;
        case AnswerResult::already: return "already noted: " + counts;
        case AnswerResult::closed: return "the incident is over, nothing to do";
        case AnswerResult::not_asked: return "you hold no seat in this incident";
        case AnswerResult::noted:
            return kind == AnswerKind::join ? "noted; you are told about this incident and hold no seat" : "noted: " + counts;
        case AnswerResult::unknown_person: return "no such person in the configuration";
        case AnswerResult::unknown_incident: return "no such incident";
        case AnswerResult::refused: return "refused";
        case AnswerResult::elsewhere: return "you hold a seat in another incident: leave it first, or join with --move";
    }
    return {};
}

/// What one answer does to the seat; state = the seat's new state when `changes`.
struct Verdict {
    AnswerResult result = AnswerResult::noted;
    bool changes = false;
    SeatState state = SeatState::asked;
};

Verdict take_seat(const Seat* seat, SeatState wanted, bool fills) {
    if (seat != nullptr && seat->state == SeatState::informed) {
        return {AnswerResult::noted, false, SeatState::informed};
    }
    if (seat != nullptr && takes_seat(seat->state)) {
        const bool arrives = wanted == SeatState::arrived && seat->state == SeatState::joined;
        return arrives ? Verdict{AnswerResult::seated, true, SeatState::arrived}
                       : Verdict{AnswerResult::already, false, seat->state};
    }
    if (fills) {
        return {AnswerResult::seated, true, wanted};
    }
    const bool stands_by = seat != nullptr && seat->state == SeatState::spare;
    return stands_by ? Verdict{AnswerResult::already, false, SeatState::spare}
                     : Verdict{AnswerResult::spare, true, SeatState::spare};
}

Verdict judge(const Seat* seat, AnswerKind kind, bool fills) {
    switch (kind) {
        case AnswerKind::join: return take_seat(seat, SeatState::joined, fills);
        case AnswerKind::arrive: return take_seat(seat, SeatState::arrived, fills);
        case AnswerKind::decline:
            if (seat != nullptr && seat->state == SeatState::informed) {
                return {AnswerResult::noted, false, SeatState::informed};
            }
            if (seat != nullptr && seat->state == SeatState::declined) {
                return {AnswerResult::already, false, SeatState::declined};
            }
            return {AnswerResult::noted, true, SeatState::declined};
        case AnswerKind::leave:
            if (seat != nullptr && (takes_seat(seat->state) || seat->state == SeatState::spare)) {
                return {AnswerResult::noted, true, SeatState::left};
            }
            return {seat != nullptr && seat->state == SeatState::left ? AnswerResult::already : AnswerResult::not_asked, false,
                    SeatState::left};
        case AnswerKind::ack:
            return {seat != nullptr && seat->acked ? AnswerResult::already : AnswerResult::noted, false, SeatState::asked};
    }
    return {};
}

}  // namespace

namespace desk {

CommandReply reply(const Incident* inc, bool ok, std::string code, std::string message) {
    return {ok, std::move(code), std::move(message), inc != nullptr ? seats_taken(*inc) : 0, inc != nullptr ? inc->need : 0};
}

namespace {

bool hands_over(const Command& command) {
    return command.answer == AnswerKind::leave && !command.successor.empty();
}

/// What the answer does, after the person has left another seat for this one, or taken over the seat that was kept for them.
Verdict decide(Step& step, Incident& inc, const Command& command) {
    if (hands_over(command)) {
        const bool again = successor_of(inc, command.person) == command.successor;
        return {again ? AnswerResult::already : AnswerResult::noted, false, SeatState::joined};
    }
    const bool comes = command.answer == AnswerKind::join || command.answer == AnswerKind::arrive;
    const bool succeeds = comes && handover_to(inc, command.person) != nullptr;
    const auto it = inc.seats.find(command.person);
    const auto* known = it == inc.seats.end() ? nullptr : &it->second;
    const auto verdict = judge(known, command.answer, succeeds || SeatWants(inc, step.index).filled_by(command.person));
    if (!comes || !verdict.changes) {
        return verdict;
    }
    if (const auto* other = step.state.seated_elsewhere(inc, command.person)) {
        // Nobody gives up a seat to stand by.
        if (!command.move || !takes_seat(verdict.state)) {
            return {AnswerResult::elsewhere, false, SeatState::elsewhere};
        }
        incident::leave_for(step, *other, inc, command.person);
    }
    if (succeeds) {
        incident::take_over(step, inc, command.person);
    }
    return verdict;
}

/// Changes the seat, and cancels the messages to this person that are answered now.
void change_seat(Step& step, Incident& inc, const Command& command, SeatState to, const std::string& reason) {
    const auto it = inc.seats.find(command.person);
    const auto* known = it == inc.seats.end() ? nullptr : &it->second;
    const bool volunteers = known == nullptr && to != SeatState::declined;
    const int tier = known != nullptr && known->tier > 0 ? known->tier : std::max(1, inc.tier);
    step.seat(inc, command.person, tier, to, volunteers ? "volunteer" : reason);
    incident::cancel_of(step, inc, command.person, "answered: " + std::string(to_string(command.answer)));
}

/// The first to say "seen" owns the incident until they leave.
void change_owner(Step& step, Incident& inc, const Command& command) {
    const bool ack = command.answer == AnswerKind::ack;
    const bool gone = command.answer == AnswerKind::decline || (command.answer == AnswerKind::leave && !hands_over(command));
    if (ack) {
        incident::cancel_reminders(step, inc, command.person);
    }
    if (ack ? inc.owner.empty() : (gone && inc.owner == command.person)) {
        auto c = incident::change(inc, IncidentStep::owner, gone ? "the owner has gone" : "ack", command.person);
        c.people = gone ? std::vector<std::string>{} : std::vector<std::string>{command.person};
        step.emit(std::move(c));
    }
}

/// The reply to an answer that was recorded.
CommandReply said(const Step& step, const Incident& inc, const Command& command, AnswerResult result) {
    auto r = reply(&inc, good(result), std::string(to_string(result)), {});
    r.message = message_for(command.answer, result, r.joined, r.need);
    if (const auto* other = step.state.seated_elsewhere(inc, command.person);
        result == AnswerResult::elsewhere && other != nullptr) {
        r.message += " (" + other->id + ")";
    }
    if (r.ok && hands_over(command) && inc.open()) {
        r.message += "; " + command.successor + " is asked to take over, until then and at most for " +
                     format_span(inc.policy.handover_within) + " the seat is yours";
    } else if (r.ok && !command.successor.empty()) {
        r.message += "; " + command.successor + " is asked in your place if a seat is missing";
    }
    return r;
}

}  // namespace

CommandReply answer(Step& step, const Command& command) {
    if (!command.drill.empty()) {
        return answer_drill(step, command);
    }
    auto* inc = incident::gone_into(step, step.state.incident(command.incident));
    const auto id = inc != nullptr ? inc->id : command.incident;
    const auto request_to = [&](const std::string& incident) {
        return answer_request(command.answer, incident, command.person, command.successor);
    };
    // An answer given before the incident was merged into the region's is kept under its own id.
    const auto known_key = step.state.replies.find(reply_key(command.by, command.key));
    const bool by_name = known_key != step.state.replies.end() && known_key->second.request == request_to(command.incident);
    CommandReply before;
    if (repeated(step, command, request_to(by_name ? command.incident : id), before)) {
        return before;
    }
    if (inc == nullptr) {
        return reply(nullptr, false, "not_found", message_for(command.answer, AnswerResult::unknown_incident, 0, 0));
    }
    if (step.index.person(command.person) == nullptr) {
        return reply(inc, false, "unknown_person", message_for(command.answer, AnswerResult::unknown_person, 0, 0));
    }
    AnswerGiven given{id,
                      command.person,
                      command.answer,
                      AnswerResult::closed,
                      command.by,
                      command.way,
                      command.key,
                      command.reason.substr(0, 500),
                      command.successor,
                      {}};
    if (!inc->open()) {
        step.emit(given);
        return said(step, *inc, command, given.result);
    }
    if (auto no = command.successor.empty() ? std::nullopt : unfit_successor(step, *inc, command)) {
        return *no;
    }
    const auto verdict = decide(step, *inc, command);
    given.result = verdict.result;
    if (verdict.changes) {
        change_seat(step, *inc, command, verdict.state, given.reason);
    }
    step.emit(given);
    change_owner(step, *inc, command);
    return said(step, *inc, command, given.result);
}

bool repeated(const Step& step, const Command& command, const std::string& request, CommandReply& r) {
    if (command.key.empty()) {
        return false;
    }
    const auto plain = [](const std::string& text) {
        return std::ranges::none_of(text, [](char c) { return c >= 0 && c < ' '; });
    };
    if (command.key.size() > 128 || command.by.size() > 128 || !plain(command.key) || !plain(command.by)) {
        r = reply(nullptr, false, "refused", "an Idempotency-Key has at most 128 bytes and no control characters");
        return true;
    }
    const auto it = step.state.replies.find(reply_key(command.by, command.key));
    if (it == step.state.replies.end()) {
        return false;
    }
    if (it->second.request != request) {
        r = reply(nullptr, false, "conflict", "this Idempotency-Key was used for another request");
        return true;
    }
    r.code = it->second.code;
    r.joined = it->second.joined;
    r.need = it->second.need;
    r.ok = true;
    r.repeated = true;
    r.message = "done";
    for (auto v = AnswerResult::seated; v <= AnswerResult::elsewhere; v = static_cast<AnswerResult>(static_cast<int>(v) + 1)) {
        if (to_string(v) == it->second.code) {
            r.ok = good(v);
            r.message = message_for(command.answer, v, r.joined, r.need);
        }
    }
    return true;
}

}  // namespace desk

}  // namespace surged
