// Sends people home while the surge goes on. The scopes of a region end one by one: seats beyond what they have wanted during the
// last `resolve_hold` are released, people who have not arrived first, then the last tier first and the latest join first. When
// seats are filled, those who have not answered are released if the policy says `stand_down`. A person who kept a seat for a
// successor hears here that they may go.
//
// The message that says so is that person's closing message: each person gets one, by the channel that reached them, else by
// their next one. Anyone asked again gets another closing message later.
//
// Hardest rule: nobody is sent home who is needed for a minimum of a role or skill, nor because data is missing, nor while a
// recheck says that the surge still rises.
#include <algorithm>
#include <tuple>

#include "core/incident/region.hpp"
#include "core/incident/steps.hpp"

namespace surged::incident {

namespace {

bool release_surplus(Step& step, Incident& inc) {
    // Without shares nothing has been counted yet.
    if (!is_region(inc) || inc.blind || inc.rising || inc.shares.empty()) {
        return false;
    }
    const int taken = seats_taken(inc);
    const auto lately = wanted_since(inc, step.now.at - inc.policy.resolve_hold);
    const int keep = std::clamp(lately.need, 1, std::max(1, inc.policy.region.need_max));
    for (const auto& lapse : inc.lapses) {
        step.due(lapse.until + inc.policy.resolve_hold);
    }
    if (!step.counted.contains(inc.id)) {
        return false;  // a scope may have begun to surge since they were counted; the next count is due within a second
    }
    std::vector<std::tuple<bool, int, std::int64_t, std::string>> order;
    for (const auto& [id, seat] : inc.seats) {
        if (takes_seat(seat.state)) {
            order.emplace_back(seat.state == SeatState::arrived, -seat.tier, -static_cast<std::int64_t>(seat.order), id);
        }
    }
    std::ranges::sort(order);
    std::vector<std::string> going;
    for (const auto& entry : order) {
        if (taken - static_cast<int>(going.size()) > keep &&
            can_spare(inc, step.index, going, std::get<3>(entry), lately.scopes)) {
            going.push_back(std::get<3>(entry));
        }
    }
    if (going.empty()) {
        return false;
    }
    auto c = change(inc, IncidentStep::need, std::to_string(inc.shares.size()) + " scopes want fewer");
    c.need = taken - static_cast<int>(going.size());
    step.emit(std::move(c));
    for (const auto& id : going) {
        const auto to = successor_of(inc, id);
        step.seat(inc, id, inc.seats.at(id).tier, SeatState::released, "fewer are wanted");
        if (const auto next = inc.seats.find(to); next != inc.seats.end() && next->second.state == SeatState::asked) {
            step.seat(inc, to, next->second.tier, SeatState::released,
                      "fewer are wanted");  // the seat that they were to have is gone
        }
    }
    return true;
}

bool release_unanswered(Step& step, Incident& inc) {
    if (!inc.policy.stand_down || inc.phase != Phase::filled || seats_missing(inc, step.index) > 0) {
        return false;
    }
    std::vector<std::string> silent;
    for (const auto& [id, seat] : inc.seats) {
        if (seat.state == SeatState::asked && handover_to(inc, id) == nullptr) {  // a seat under hand-over is theirs
            silent.push_back(id);
        }
    }
    for (const auto& id : silent) {
        step.seat(inc, id, inc.seats.at(id).tier, SeatState::released, "seats are filled");
    }
    return !silent.empty();
}

/// It is over for them although it goes on.
bool over_for(const Step& step, const Incident& inc, const std::string& id, const Seat& seat) {
    if (seat.state == SeatState::released) {
        return seat.asks > 0;  // else never asked since it reopened: released by the ending before, and not stood down
    }
    return seat.state == SeatState::left && inc.relieved.count(id) > 0 && step.state.seated_elsewhere(inc, id) == nullptr;
}

}  // namespace

/// By which channel somebody is told that it is over for them; empty: nobody is to be told, it is under way, or no channel is left.
std::string closing_way(const Step& step, const std::string& id, const Paged& paged) {
    const auto* person = paged.owed ? step.index.person(id) : nullptr;
    if (person == nullptr || std::ranges::any_of(paged.closing, [](const auto& mark) { return mark.second.under_way(); })) {
        return {};
    }
    std::vector<std::string> ways{paged.channel};
    for (const auto& way : person->normal) {
        ways.push_back(way.channel);
    }
    const auto next = std::ranges::find_if(
        ways, [&](const std::string& way) { return paged.closing.count(way) == 0 && step.index.channel(way) != nullptr; });
    return next != ways.end() ? *next : std::string();
}

/// It is over for them although it goes on.
bool may_go(const Step& step, const Incident& inc, const std::string& id) {
    const auto seat = inc.seats.find(id);
    return seat != inc.seats.end() && over_for(step, inc, id, seat->second);
}

bool settle_stand_down(Step& step, Incident& inc) {
    if (release_surplus(step, inc) || release_unanswered(step, inc)) {
        return true;
    }
    std::vector<Contact> wanted;
    for (const auto& [id, seat] : inc.seats) {
        const auto paged = over_for(step, inc, id, seat) ? inc.paged.find(id) : inc.paged.end();
        if (const auto way = paged != inc.paged.end() ? closing_way(step, id, paged->second) : std::string(); !way.empty()) {
            wanted.push_back({id, way, PagePurpose::stand_down, seat.tier});
        }
    }
    std::ranges::stable_sort(wanted, [](const Contact& a, const Contact& b) { return a.tier < b.tier; });
    make_pages(step, inc, wanted);
    return !wanted.empty();
}

}  // namespace surged::incident
