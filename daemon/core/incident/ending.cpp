// How an incident ends: seats are released, what was done is undone, everybody who was paged gets one closing message; then it is
// closed.
#include <algorithm>

#include "core/incident/actions.hpp"
#include "core/incident/steps.hpp"

namespace surged::incident {

void resolve(Step& step, Incident& inc, const std::string& reason, std::string_view by) {
    cancel_waiting(step, inc, "the incident has ended", false);
    note_last_load(step, inc);
    auto c = change(inc, IncidentStep::resolved, reason, by);
    const auto* group = step.state.book.group(inc.group);
    // Silenced and muted alerts fire, too: the forced end holds for all of them.
    c.level = group == nullptr || !group->firing() ? Level::none : std::max(group->top(), Level::yellow);
    c.people = holders(inc);
    step.emit(std::move(c));
    release(step, inc);
}

/// Seats end with the incident, last tier first. A kill may come between: what is still held is released by the next look.
bool release(Step& step, Incident& inc) {
    std::vector<std::pair<int, std::string>> released;
    for (const auto& [id, seat] : inc.seats) {
        if (takes_seat(seat.state) || seat.state == SeatState::spare) {
            released.emplace_back(-seat.tier, id);
        }
    }
    std::ranges::sort(released);
    const auto reason = inc.ending_reason;
    for (const auto& [tier, id] : released) {
        const bool by = inc.seats.at(id).state == SeatState::spare;
        step.seat(inc, id, -tier, SeatState::released, by ? "stood by" : reason, by ? SeatCause::stood_by : SeatCause::none);
    }
    return !released.empty();
}

/// One closing message to everyone who was paged, by the channel that reached them, else by their next; closed when none is
/// under way.
bool settle_closing(Step& step, Incident& inc) {
    if (release(step, inc) || settle_undo(step, inc)) {
        return true;
    }
    std::vector<Contact> wanted;
    for (auto& [id, paged] : inc.paged) {
        if (const auto way = closing_way(step, id, paged); !way.empty()) {
            wanted.push_back({id, way, PagePurpose::close, inc.tier});
        }
    }
    if (!wanted.empty()) {
        make_pages(step, inc, wanted);
        return true;
    }
    if (inc.live.empty() && !undo_waits(inc, step.state)) {
        step.emit(change(inc, IncidentStep::closed));
        return true;
    }
    return false;
}

}  // namespace surged::incident
