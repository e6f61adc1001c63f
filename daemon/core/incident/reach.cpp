// By which way a person is called: the steps of their reach, failing over to the next at once when all before have failed,
// unreachable when none is left; reminders; and how wanted calls become pages: one per person on a personal channel, one per tier
// on a group channel.
#include "core/incident/actions.hpp"
#include "core/incident/decider.hpp"

namespace surged {

namespace {

bool waits(const Page& page) {
    return !terminal(page.state) && page.state != PageState::sending;
}

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

/// `calm`: nobody is called for what ebbs; a seat that goes to another does so all the same.
bool Decider::settle_reach(Incident& inc, bool calm) {
    std::vector<Contact> wanted;
    std::vector<std::string> people;
    for (const auto& [id, seat] : inc.seats) {
        const bool wanted_now = inc.phase != Phase::filled && !calm;
        const bool calls = seat.state == SeatState::asked && (wanted_now || handover_to(inc, id) != nullptr);
        const bool tells = seat.state == SeatState::informed && !calm && stands(inc, id, true);
        if (calls || tells) {
            people.push_back(id);
        }
    }
    const auto records = out_.records.size();
    for (const auto& id : people) {
        reach_person(inc, id, wanted);
    }
    for (const auto& id : people) {
        remind_person(inc, id, wanted);
    }
    const auto rank = [](const Contact& c) { return std::pair(c.purpose == PagePurpose::handover ? 0 : 1, c.tier); };
    std::stable_sort(wanted.begin(), wanted.end(), [&](const Contact& a, const Contact& b) { return rank(a) < rank(b); });
    make_pages(inc, wanted);
    return out_.records.size() != records;
}

void Decider::reach_person(Incident& inc, const std::string& id, std::vector<Contact>& wanted) {
    const auto& seat = inc.seats.at(id);
    const auto* person = index_.person(id);
    if (person == nullptr) {
        return;
    }
    const bool asked = seat.state == SeatState::asked;
    const auto& reach = seat.reach;
    const bool any_alive = std::any_of(reach.begin(), reach.end(), [](const auto& entry) { return alive(entry.second); });
    // What a channel took whose receipts stopped coming is no reason to wait before the next way.
    const bool any_trusted = std::any_of(reach.begin(), reach.end(), [this](const auto& entry) {
        const auto& mark = entry.second;
        return alive(mark) && (mark.reached || mark.state != PageState::accepted || !channel_now(entry.first).doubtful());
    });
    bool failover = !reach.empty() && !any_trusted;
    std::map<std::string, int> seen;
    bool step_left = false;
    for (const auto& step : reach_of(*person, urgent_tier(inc.policy, seat.tier))) {
        const auto* channel = index_.channel(step.channel);
        if (channel == nullptr) {
            continue;
        }
        const int nth = ++seen[step.channel];
        const auto mark = reach.find(step.channel);
        const int made = mark == reach.end() ? 0 : mark->second.count;
        const Contact contact{id, step.channel, call_purpose(inc, id, seat), seat.tier};
        if (made < nth) {
            step_left = true;
            // Who is only told needs one way that works; who said "seen" needs no further one.
            const bool quiet = any_alive && (!asked || seat.acked);
            if (failover || (!quiet && due(seat.asked + step.after))) {
                failover = false;
                wanted.push_back(contact);
                if (!asked) {
                    return;
                }
            }
        } else if (const auto every = asked ? step.repeat : channel->repost;
                   made >= nth && every > Span{0} && !seat.acked && terminal(mark->second.state) && alive(mark->second) &&
                   due(mark->second.last + every)) {
            wanted.push_back(contact);
        }
    }
    if (asked && !any_alive && !step_left) {
        this->seat(inc, id, seat.tier, SeatState::unreachable, reach.empty() ? "no way to reach" : "every way failed",
                   reach.empty() ? SeatCause::no_way : SeatCause::ways_failed);
    }
}

/// Reminders go to the silent of every tier that was called, by the way that reached them. Later the loop at the top takes over.
void Decider::remind_person(Incident& inc, const std::string& id, std::vector<Contact>& wanted) {
    const auto& seat = inc.seats.at(id);
    const bool current =
        inc.phase == Phase::paging && seat.tier <= inc.tier && seat.tier <= static_cast<int>(inc.policy.tiers.size());
    if (!current || seat.state != SeatState::asked || seat.acked) {
        return;
    }
    const auto every = inc.policy.tiers[static_cast<std::size_t>(seat.tier) - 1].remind;
    const auto paged = inc.paged.find(id);
    if (every <= Span{0} || paged == inc.paged.end() || !paged->second.accepted ||
        index_.channel(paged->second.channel) == nullptr) {
        return;
    }
    const bool under_way = std::any_of(inc.live.begin(), inc.live.end(), [&](const std::string& key) {
        const auto& page = s_.pages.at(key);
        return page.purpose == PagePurpose::remind && page.state != PageState::accepted &&
               std::find(page.people.begin(), page.people.end(), id) != page.people.end();
    });
    if (!under_way && due(seat.paged + every)) {
        wanted.push_back({id, paged->second.channel, PagePurpose::remind, seat.tier});
    }
}

// ---- ways that are dead
// -------------------------------------------------------------------------------------------------------------------------

/// Everybody has been tried and the next round is minutes away, but a channel that was down may be back before: it is probed with
/// a call to one person who could not be reached by it.
bool Decider::probe_dead_ways(Incident& inc) {
    const bool probing = std::any_of(inc.seats.begin(), inc.seats.end(), [](const auto& entry) {
        return entry.second.state == SeatState::asked && entry.second.cause == SeatCause::probe;
    });
    if (probing) {
        return false;
    }
    for (const auto& [id, seat] : inc.seats) {
        const auto* person =
            seat.state == SeatState::unreachable && seat.cause == SeatCause::ways_failed ? index_.person(id) : nullptr;
        if (person == nullptr || s_.seated_elsewhere(inc, id) != nullptr || !may_call(inc, id, seat.tier)) {
            continue;
        }
        for (const auto& step : reach_of(*person, urgent_tier(inc.policy, seat.tier))) {
            const auto& channel = channel_now(step.channel);
            if (index_.channel(step.channel) != nullptr && channel.open &&
                due(std::max(channel.probed, seat.changed) + breaker_probe)) {
                const auto who = id;  // the record changes the map that is walked
                this->seat(inc, who, seat.tier, SeatState::asked, "trying " + step.channel + " again", SeatCause::probe);
                return true;
            }
        }
    }
    return false;
}

/// A channel that was down has taken a message: those whom no way reached are called again now, not at the next round.
void Decider::channel_back(const std::string& channel) {
    for (auto& [id, inc] : s_.incidents) {
        const auto* fold = s_.book.fold(inc.fold);
        if (inc.ending != Ending::none || inc.phase != Phase::exhausted || fold == nullptr || ebbs(inc, *fold)) {
            continue;
        }
        std::vector<std::pair<std::string, int>> again;
        for (const auto& [who, seat] : inc.seats) {
            const auto* person =
                seat.state == SeatState::unreachable && seat.cause == SeatCause::ways_failed ? index_.person(who) : nullptr;
            const auto by_it = [&](const ReachStep& step) { return step.channel == channel; };
            if (person != nullptr && s_.seated_elsewhere(inc, who) == nullptr && may_call(inc, who, seat.tier)) {
                const auto& steps = reach_of(*person, urgent_tier(inc.policy, seat.tier));
                if (std::any_of(steps.begin(), steps.end(), by_it)) {
                    again.emplace_back(who, seat.tier);
                }
            }
        }
        for (const auto& [who, tier] : again) {
            seat(inc, who, tier, SeatState::asked, channel + " is back");
        }
    }
}

// ---- pages
// ------------------------------------------------------------------------------------------------------------------------------------

void Decider::make_pages(Incident& inc, const std::vector<Contact>& wanted) {
    std::vector<bool> done(wanted.size(), false);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (done[i]) {
            continue;
        }
        const auto& first = wanted[i];
        std::vector<std::string> people{first.person};
        const auto* channel = index_.channel(first.channel);
        if (channel != nullptr && channel->kind == ChannelKind::group) {
            for (std::size_t k = i + 1; k < wanted.size(); ++k) {
                const auto& other = wanted[k];
                const bool together =
                    other.channel == first.channel && other.purpose == first.purpose && other.tier == first.tier;
                if (!done[k] && together) {
                    done[k] = true;
                    if (std::find(people.begin(), people.end(), other.person) == people.end()) {
                        people.push_back(other.person);
                    }
                }
            }
        }
        make_page(inc, first, people);
    }
}

/// Makes one page. What waits on the same channel for the same purpose and has not left yet is merged into it.
void Decider::make_page(Incident& inc, const Contact& first, const std::vector<std::string>& people) {
    const auto* channel = index_.channel(first.channel);
    const bool group = channel != nullptr && channel->kind == ChannelKind::group;
    auto named = people;
    const auto live = inc.live;
    for (const auto& key : live) {
        const auto& page = s_.pages.at(key);
        const bool same = page.channel == first.channel && page.purpose == first.purpose && waits(page) && !page.sent &&
                          (group ? page.tier == first.tier : page.people == people);
        if (!same) {
            continue;
        }
        for (const auto& person : page.people) {
            if (std::find(named.begin(), named.end(), person) == named.end()) {
                named.push_back(person);
            }
        }
        emit(page_change(key, PageState::cancelled, "merged into a newer page"));
    }
    PageChange page;
    page.page = inc.id + "/" + std::to_string(first.tier) + "/" + (group ? std::string("group") : first.person) + "/" +
                first.channel + "/" + std::string(to_string(first.purpose)) + "/" + std::to_string(inc.ordinal + 1);
    page.incident = inc.id;
    page.state = PageState::queued;
    page.tier = first.tier;
    page.people = std::move(named);
    page.channel = first.channel;
    page.purpose = first.purpose;
    page.due = now_.at;
    page.deadline = now_.at + (first.purpose == PagePurpose::close ? std::max(close_deadline, inc.policy.page_deadline)
                                                                   : inc.policy.page_deadline);
    Page shown;
    const auto language = language_for(channel, page.people);
    shown.purpose = first.purpose;
    shown.people = page.people;
    shown.channel = page.channel;
    shown.tier = page.tier;
    page.text = render(facts(&inc, shown, page.people, language), language, channel != nullptr ? channel->text_limit : 0).text;
    emit(std::move(page));
}

PageChange Decider::page_change(const std::string& key, PageState state, std::string reason) const {
    const auto& page = s_.pages.at(key);
    PageChange c;
    c.page = key;
    c.incident = page.incident;
    c.state = state;
    c.tier = page.tier;
    c.people = page.people;
    c.channel = page.channel;
    c.purpose = page.purpose;
    c.attempt = page.attempt;
    c.repeat = page.repeat;
    c.due = page.due;
    c.deadline = page.deadline;
    c.reason = std::move(reason);
    c.action = is_action(page.purpose) ? action_in(key) : std::string();
    c.message = page.message;
    c.received = page.received;
    c.lost = page.lost;
    return c;
}

/// Cancels what has not left. Returns whether there was any.
bool Decider::cancel_waiting(Incident& inc, const std::string& reason, bool closing_too, bool actions_too) {
    bool any = false;
    const auto live = inc.live;
    for (const auto& key : live) {
        const auto& page = s_.pages.at(key);
        if (waits(page) && (closing_too || page.purpose != PagePurpose::close) && (actions_too || !is_action(page.purpose))) {
            emit(page_change(key, PageState::cancelled, reason));
            any = true;
        }
    }
    return any;
}

/// Cancels what calls people and has not left.
bool Decider::cancel_calls(Incident& inc, const std::string& reason) {
    bool any = false;
    const auto live = inc.live;
    for (const auto& key : live) {
        const auto& page = s_.pages.at(key);
        if (waits(page) && calls_for_surge(page.purpose)) {
            emit(page_change(key, PageState::cancelled, reason));
            any = true;
        }
    }
    return any;
}

/// Cancels what waits for this person alone; in a page to many the others still want it.
void Decider::cancel_of(Incident& inc, const std::string& person, const std::string& reason) {
    const auto live = inc.live;
    for (const auto& key : live) {
        const auto& page = s_.pages.at(key);
        if (waits(page) && page.people.size() == 1 && page.people.front() == person && page.purpose != PagePurpose::close) {
            emit(page_change(key, PageState::cancelled, reason));
        }
    }
}

void Decider::cancel_reminders(Incident& inc, const std::string& person) {
    const auto live = inc.live;
    for (const auto& key : live) {
        const auto& page = s_.pages.at(key);
        if (page.purpose == PagePurpose::remind && waits(page) && page.people.size() == 1 && page.people.front() == person) {
            emit(page_change(key, PageState::cancelled, "seen"));
        }
    }
}

}  // namespace surged
