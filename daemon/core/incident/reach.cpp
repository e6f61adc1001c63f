// Decides by which channel a person is called: the steps of their contact methods in order, failing over to the next one at once
// when all before it have failed, and `unreachable` when none is left. Reminders and the probing of dead channels are here, too.
#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "core/base/ranges.hpp"
#include "core/incident/actions.hpp"
#include "core/incident/steps.hpp"

namespace surged {

namespace {

/// It arrived, or may still.
bool alive(const ReachMark& mark) {
    return mark.reached || !terminal(mark.state) || mark.state == PageState::accepted || mark.state == PageState::delivered;
}

}  // namespace

PagePurpose call_purpose(const Incident& inc, const std::string& person, const Seat& seat) {
    if (seat.state == SeatState::informed) {
        return PagePurpose::update;
    }
    if (const auto named = inc.handovers.find(person); named != inc.handovers.end() && named->second.called) {
        return PagePurpose::handover;
    }
    if (seat.asks <= 1) {
        return PagePurpose::first;
    }
    return inc.phase == Phase::exhausted ? PagePurpose::repeat_round : PagePurpose::need;
}

namespace incident {

namespace {

/// People and their seats, as they lie in the incident.
using SeatsOf = std::vector<const std::pair<const std::string, Seat>*>;

/// In every pass for everybody who is called, so nothing is made before it is wanted.
void reach_person(Step& step, Incident& inc, const std::string& id, const Seat& seat, std::vector<Contact>& wanted) {
    const auto* person = step.index.person(id);
    if (person == nullptr) {
        return;
    }
    const bool asked = seat.state == SeatState::asked;
    const auto& reach = seat.reach;
    const bool any_alive = std::ranges::any_of(reach, [](const auto& entry) { return alive(entry.second); });
    // Accepted by a channel whose receipts stopped coming is no reason to wait before the next contact method.
    const bool any_trusted = std::ranges::any_of(reach, [&](const auto& entry) {
        const auto& mark = entry.second;
        return alive(mark) &&
               (mark.reached || mark.state != PageState::accepted || !step.state.outbox.channel(entry.first).doubtful());
    });
    bool failover = !reach.empty() && !any_trusted;
    bool step_left = false;
    const auto& ways = reach_of(*person, urgent_tier(inc.policy, seat.tier));
    for (std::size_t i = 0; i < ways.size(); ++i) {
        const ReachStep& way = ways[i];
        const auto* channel = step.index.channel(way.channel);
        if (channel == nullptr) {
            continue;
        }
        const auto nth = 1 + std::count_if(ways.begin(), ways.begin() + static_cast<std::ptrdiff_t>(i),
                                           [&](const ReachStep& before) { return before.channel == way.channel; });
        const auto mark = reach.find(way.channel);
        const int made = mark == reach.end() ? 0 : mark->second.count;
        const auto want = [&] { wanted.push_back({id, way.channel, call_purpose(inc, id, seat), seat.tier}); };
        if (made < nth) {
            step_left = true;
            // People who are only informed need one channel that works; people who said "seen" need no further one.
            const bool quiet = any_alive && (!asked || seat.acked);
            if (failover || (!quiet && step.due(seat.asked + way.after))) {
                failover = false;
                want();
                if (!asked) {
                    return;
                }
            }
        } else if (const auto every = asked ? way.repeat : channel->repost; made >= nth && every > Span{0} && !seat.acked &&
                                                                            terminal(mark->second.state) && alive(mark->second) &&
                                                                            step.due(mark->second.last + every)) {
            want();
        }
    }
    if (asked && !any_alive && !step_left) {
        step.seat(inc, id, seat.tier, SeatState::unreachable, reach.empty() ? "no way to reach" : "every way failed",
                  reach.empty() ? SeatCause::no_way : SeatCause::ways_failed);
    }
}

/// What holds reminders back, gathered once for all people. Names are of the pages and contacts themselves.
struct HeldBack {
    using Way = std::pair<std::string_view, std::string_view>;  // person, channel
    std::set<Way> called;                                       ///< in this step
    std::set<Way> held;                                         ///< by a call that has not left
    std::set<std::string_view> reminded;                        ///< already
};

HeldBack reminders_held_back(const Step& step, const Incident& inc, const std::vector<Contact>& wanted) {
    HeldBack out;
    for (const auto& contact : wanted) {
        out.called.emplace(contact.person, contact.channel);
    }
    for (const auto& key : inc.live) {
        const auto& page = step.state.outbox.pages.at(key);
        const bool reminds = page.purpose == PagePurpose::remind && page.state != PageState::accepted;
        const bool held_back = calls_for_surge(page.purpose) && !page.sent && page.state == PageState::held;
        for (const auto& person : page.people) {
            if (reminds) {
                out.reminded.insert(person);
            }
            if (held_back) {
                out.held.emplace(person, page.channel);
            }
        }
    }
    return out;
}

/// Reminders go to those of every called tier who have not answered, by the channel that reached them. Later the repeat rounds do. Of a
/// call that is held back nobody is reminded: both would leave together.
/// When an incident reopens or asks again, that channel may be a contact method whose turn has not come: then its call is made now,
/// in the reminder's place, and does not follow by itself a moment later.
void remind_person(Step& step, Incident& inc, const std::string& id, const Seat& seat, const HeldBack& pages, std::vector<Contact>& wanted) {
    const bool current = inc.phase == Phase::paging && seat.tier <= static_cast<int>(inc.policy.tiers.size());
    if (!current || seat.state != SeatState::asked || seat.acked) {
        return;
    }
    const auto every = inc.policy.tiers[static_cast<std::size_t>(seat.tier) - 1].remind;
    const auto paged = inc.paged.find(id);
    const auto* person = step.index.person(id);
    if (every <= Span{0} || person == nullptr || paged == inc.paged.end() || !paged->second.accepted ||
        step.index.channel(paged->second.channel) == nullptr) {
        return;
    }
    const auto& channel = paged->second.channel;
    const bool called = pages.called.count({id, channel}) > 0 || pages.held.count({id, channel}) > 0;
    if (called || pages.reminded.count(id) > 0 || !step.due(seat.paged + every, NextKind::remind)) {
        return;
    }
    const auto& ways = reach_of(*person, urgent_tier(inc.policy, seat.tier));
    const bool to_come = seat.reach.count(channel) == 0 &&
                         std::ranges::any_of(ways, [&](const ReachStep& way) { return way.channel == channel; });
    wanted.push_back({id, channel, to_come ? call_purpose(inc, id, seat) : PagePurpose::remind, seat.tier});
}

void remind(Step& step, Incident& inc, const SeatsOf& people, std::vector<Contact>& wanted) {
    const bool reminds = std::ranges::any_of(inc.policy.tiers, [](const TierSpec& tier) { return tier.remind > Span{0}; });
    if (!reminds || inc.phase != Phase::paging) {
        return;
    }
    std::vector<Contact> reminders;
    const auto pages = reminders_held_back(step, inc, wanted);
    for (const auto* entry : people) {
        remind_person(step, inc, entry->first, entry->second, pages, reminders);
    }
    std::ranges::move(reminders, std::back_inserter(wanted));
}
}  // namespace

/// Nobody is called while the surge ebbs; a hand-over of a seat goes on.
bool settle_reach(Step& step, Incident& inc) {
    const bool calm = ebbs(inc, *step.group);
    std::vector<Contact> wanted;
    SeatsOf people;
    for (const auto& entry : inc.seats) {
        const auto& [id, seat] = entry;
        const bool wanted_now = inc.phase != Phase::filled && !calm;
        const bool calls = seat.state == SeatState::asked && (wanted_now || handover_to(inc, id) != nullptr);
        const bool tells = seat.state == SeatState::informed && !calm && stands(step, inc, id, true);
        if (calls || tells) {
            people.push_back(&entry);
        }
    }
    const auto records = step.out.records.size();
    for (const auto* entry : people) {
        reach_person(step, inc, entry->first, entry->second, wanted);
    }
    remind(step, inc, people, wanted);
    const auto rank = [](const Contact& c) { return std::pair(c.purpose == PagePurpose::handover ? 0 : 1, c.tier); };
    std::ranges::stable_sort(wanted, [&](const Contact& a, const Contact& b) { return rank(a) < rank(b); });
    make_pages(step, inc, wanted);
    return step.out.records.size() != records;
}

/// Everybody has been tried and the next round is minutes away, but a channel that was down may be back before: it is probed with
/// a call to one person who could not be reached by it.
bool probe_dead_ways(Step& step, Incident& inc) {
    const bool probing = std::ranges::any_of(inc.seats, [](const auto& entry) {
        return entry.second.state == SeatState::asked && entry.second.cause == SeatCause::probe;
    });
    if (probing) {
        return false;
    }
    for (const auto& [id, seat] : inc.seats) {
        const auto* person =
            seat.state == SeatState::unreachable && seat.cause == SeatCause::ways_failed ? step.index.person(id) : nullptr;
        if (person == nullptr || step.state.seated_elsewhere(inc, id) != nullptr || !may_call(step, inc, id, seat.tier)) {
            continue;
        }
        for (const auto& way : reach_of(*person, urgent_tier(inc.policy, seat.tier))) {
            const auto& channel = step.state.outbox.channel(way.channel);
            if (step.index.channel(way.channel) != nullptr && channel.open &&
                step.due(std::max(channel.probed, seat.changed) + breaker_probe)) {
                const auto who = id;  // the record changes the map that is walked
                step.seat(inc, who, seat.tier, SeatState::asked, "trying " + way.channel + " again", SeatCause::probe);
                return true;
            }
        }
    }
    return false;
}

/// A channel that was down has taken a message: those who were unreachable are called again now, not at the next round.
void channel_back(Step& step, const std::string& channel) {
    for (auto& [id, inc] : step.state.incidents) {
        const auto* group = step.state.book.group(inc.group);
        if (inc.ending != Ending::none || inc.phase != Phase::exhausted || group == nullptr || ebbs(inc, *group)) {
            continue;
        }
        std::vector<std::pair<std::string, int>> again;
        for (const auto& [who, seat] : inc.seats) {
            const auto* person =
                seat.state == SeatState::unreachable && seat.cause == SeatCause::ways_failed ? step.index.person(who) : nullptr;
            const auto by_it = [&](const ReachStep& way) { return way.channel == channel; };
            if (person != nullptr && step.state.seated_elsewhere(inc, who) == nullptr && may_call(step, inc, who, seat.tier)) {
                const auto& steps = reach_of(*person, urgent_tier(inc.policy, seat.tier));
                if (std::ranges::any_of(steps, by_it)) {
                    again.emplace_back(who, seat.tier);
                }
            }
        }
        for (const auto& [who, tier] : again) {
            step.seat(inc, who, tier, SeatState::asked, channel + " is back");
        }
    }
}

}  // namespace incident

}  // namespace surged
