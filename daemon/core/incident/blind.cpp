// An incident of which nothing can be seen: every alert is without fresh data. It neither ends nor goes on; people who
// joined or were asked hear that nothing is known, and hear again when data is back.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/incident/steps.hpp"

namespace surged::incident {

bool settle_blind(Step& step, Incident& inc) {
    if (step.group->all_stale() == inc.blind) {
        return false;
    }
    if (inc.blind) {
        step.emit(change(inc, IncidentStep::resumed, "data is back"));
        return true;
    }
    // After a restart the silence may have been our own: the feeders get time to send.
    if (step.state.recovered != EngineTime{} &&
        !step.due(step.state.recovered + std::max(recovery_hold, step.index.plan->stale_after))) {
        return false;
    }
    std::vector<Contact> wanted;
    auto c = change(inc, IncidentStep::blind, "every alert is without fresh data");
    for (const auto& [id, seat] : inc.seats) {
        const bool concerned = inc.told_blind.count(id) == 0 && (id == inc.owner || takes_seat(seat.state) ||
                                                                 (seat.state == SeatState::asked && seat.tier >= inc.wait_tier));
        const auto* person = concerned ? step.index.person(id) : nullptr;
        const auto* steps = person == nullptr ? nullptr : &reach_of(*person, urgent_tier(inc.policy, seat.tier));
        if (steps != nullptr && !steps->empty()) {
            const auto paged = inc.paged.find(id);
            const bool known =
                paged != inc.paged.end() && paged->second.accepted && step.index.channel(paged->second.channel) != nullptr;
            c.people.push_back(id);
            wanted.push_back({id, known ? paged->second.channel : steps->front().channel, PagePurpose::blind, inc.tier});
        }
    }
    step.emit(std::move(c));
    make_pages(step, inc, wanted);
    return true;
}

/// People who were told that data stopped hear that it is back, once it has stayed for a moment, so that an unstable feed does
/// not page at every change.
bool settle_sight(Step& step, Incident& inc) {
    // After a restart data may have stopped again without an edge that says so yet.
    const bool gone = inc.blind || step.group == nullptr || step.group->all_stale();
    if (gone || inc.told_blind.empty() || !step.due(inc.sighted + sight_hold)) {
        return false;
    }
    std::vector<Contact> wanted;
    for (const auto& id : inc.told_blind) {
        const auto paged = inc.paged.find(id);
        const auto seat = inc.seats.find(id);
        const bool under_way = std::ranges::any_of(inc.live, [&](const std::string& key) {
            const auto& page = step.state.outbox.pages.at(key);
            return page.purpose == PagePurpose::data_back && contains(page.people, id);
        });
        if (!under_way && paged != inc.paged.end() && step.index.person(id) != nullptr &&
            step.index.channel(paged->second.channel) != nullptr) {
            wanted.push_back(
                {id, paged->second.channel, PagePurpose::data_back, seat == inc.seats.end() ? inc.tier : seat->second.tier});
        }
    }
    make_pages(step, inc, wanted);
    return !wanted.empty();
}

}  // namespace surged::incident
