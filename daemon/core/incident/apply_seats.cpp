// What records of answers change: seats, answers, and the replies kept for those who repeat themselves.
#include "core/incident/seats.hpp"
#include "core/incident/state.hpp"

namespace surged {

namespace {
bool takes_place(SeatState s) {
    return takes_seat(s) || s == SeatState::spare;
}
}  // namespace

void DeskState::apply_seat(const SeatChange& change, EngineTime at) {
    auto* inc = incident(change.incident);
    if (inc == nullptr) {
        return;
    }
    dirty.insert(inc->id);
    auto& seat = inc->seats[change.person];
    if (takes_place(change.state) && !takes_place(seat.state)) {
        seat.order = ++seats_taken;
        mark_agents(*inc, change, at);
    }
    const auto successor = change.state == SeatState::left ? successor_of(*inc, change.person) : std::string();
    const bool over = !successor.empty();
    inc->relieved.erase(change.person);
    if (over) {
        inc->relieved[change.person] = successor;
    }
    if (takes_seat(change.state)) {
        forget_relief(*inc, change.person);
    }
    track_seat(*inc, change.person, takes_seat(seat.state), takes_seat(change.state));
    const bool given_back =
        takes_seat(seat.state) && (change.state == SeatState::left || change.state == SeatState::noshow) && !over;
    if (given_back && inc->phase == Phase::exhausted) {
        inc->alarmed = at;  // nobody is left to ask, and one more is missing
    }
    count_seat(*inc, seat.state, change.state);
    seat.tier = change.tier;
    seat.state = change.state;
    seat.changed = at;
    seat.excused = {};
    seat.cause = change.cause;
    seat.reason = change.reason;
    switch (change.state) {
        case SeatState::asked: ++seat.asks; [[fallthrough]];
        case SeatState::informed:
            seat.asked = seat.paged = at;
            seat.acked = false;
            seat.reach.clear();
            break;
        case SeatState::arrived: seat.was_arrived = true; [[fallthrough]];
        case SeatState::joined: seat.was_joined = true; break;
        case SeatState::timed_out:
            // A person who went off duty is no sign that the tier fails: others are on duty, or nobody is.
            inc->lost = inc->lost || (!over && change.cause != SeatCause::off_duty);
            break;
        case SeatState::declined:
        case SeatState::unreachable:
        case SeatState::left:
        case SeatState::elsewhere:
        case SeatState::noshow: inc->lost = inc->lost || !over; break;  // a seat that was handed over loses nobody
        case SeatState::spare:
        case SeatState::released: break;
    }
    follow_seat(*inc, change);
}

/// A person with a seat in one incident need not hear that they may go from another.
void DeskState::forget_relief(const Incident& here, const std::string& person) {
    const auto known = known_in.find(person);
    for (const auto& id : known == known_in.end() ? std::set<std::string>{} : known->second) {
        if (auto* other = id == here.id ? nullptr : incident(id); other != nullptr) {
            other->relieved.erase(person);
        }
    }
}

void DeskState::keep_reply(const std::string& key, KeyedReply reply) {
    if (replies.emplace(key, std::move(reply)).second) {
        reply_order.push_back(key);
    }
    while (reply_order.size() > reply_keys_max) {
        replies.erase(reply_order.front());
        reply_order.pop_front();
    }
}

std::string answer_request(AnswerKind kind, const std::string& incident, const std::string& person,
                           const std::string& successor) {
    return std::string(to_string(kind)) + " " + incident + " " + person + (successor.empty() ? "" : " to " + successor);
}

void DeskState::apply_answer(const AnswerGiven& answer, EngineTime at) {
    auto* inc = incident(answer.incident);
    if (inc != nullptr && answer.kind == AnswerKind::ack && inc->open()) {
        if (const auto it = inc->seats.find(answer.person); it != inc->seats.end()) {
            it->second.acked = true;
        }
    }
    if (inc != nullptr) {
        dirty.insert(inc->id);
        name_successor(*inc, answer, at);
    }
    if (const auto drill = drills.find(answer.person); !answer.drill.empty() && drill != drills.end()) {
        drill->second.answered = drill->second.answered || answer.result == AnswerResult::noted;
    }
    if (!answer.key.empty()) {
        const int taken = inc != nullptr ? inc->held.taken : 0;
        const auto request = answer_request(answer.kind, answer.drill.empty() ? answer.incident : std::string(drill_request),
                                            answer.person, answer.successor);
        keep_reply(reply_key(answer.by, answer.key),
                   {request, std::string(to_string(answer.result)), taken, inc != nullptr ? inc->need : 0});
    }
}

}  // namespace surged
