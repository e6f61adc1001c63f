// The fold of page records: the page itself, what became of each person's calls (reach marks), and who is owed a closing message.
#include <algorithm>
#include <utility>

#include "core/incident/state.hpp"

namespace surged {

namespace {
bool is_call(PagePurpose p) {
    return p == PagePurpose::first || p == PagePurpose::need || p == PagePurpose::repeat_round || p == PagePurpose::update ||
           p == PagePurpose::handover;
}
bool among(const std::vector<std::string>& people, const std::string& person) {
    return std::find(people.begin(), people.end(), person) != people.end();
}
/// What a change says of one of its people: of many in one message some may have it and some not.
PageState state_for(const PageChange& c, const std::string& person) {
    return among(c.lost, person) ? PageState::failed_perm : among(c.received, person) ? PageState::delivered : c.state;
}
/// Arrived, as far as its channel ever tells.
bool arrived(const PageChange& c, const std::string& person) {
    const auto state = state_for(c, person);
    return state == PageState::delivered || (state == PageState::accepted && !awaits_receipt(c));
}
}  // namespace

void DeskState::forget_page(const std::string& key) {
    if (const auto it = pages.find(key); it != pages.end()) {
        track_page(key, it->second, -1);
        const auto message = messages.find({it->second.channel, it->second.message});
        if (message != messages.end() && message->second.erase(key) > 0 && message->second.empty()) {
            messages.erase(message);
        }
        pages.erase(it);
    }
}

void DeskState::apply_page(const PageChange& change, EngineTime at) {
    const auto known = pages.find(change.page);
    const bool made = known == pages.end();
    auto* inc = incident(change.incident);
    if (made && (change.state != PageState::queued || (inc == nullptr && !change.incident.empty()))) {
        return;
    }
    auto& page = made ? pages[change.page] : known->second;
    if (made) {
        page.number = ++pages_made;
        page.incident = change.incident;
        tests_made += inc == nullptr ? 1U : 0U;
        mark_drill(change, at);
    } else {
        track_page(change.page, page, -1);
    }
    const bool waited = !made && awaits_receipt(page);
    page.doubts += change.state == PageState::unknown ? 1 : 0;
    page.state = change.state;
    page.tier = change.tier;
    const auto left_out = !made && page.people.size() > change.people.size() ? page.people : std::vector<std::string>{};
    page.people = change.people;
    page.channel = change.channel;
    page.purpose = change.purpose;
    page.attempt = change.attempt;
    page.repeat = change.repeat;
    page.due = change.due;
    page.deadline = change.deadline;
    page.reason = change.reason;
    page.carrier = change.state == PageState::sending ? change.carrier : std::string();
    page.message = change.message;
    page.received = change.received;
    page.lost = change.lost;
    if (!page.message.empty()) {
        messages[{page.channel, page.message}].insert(change.page);
    }
    track_page(change.page, page, +1);
    if (change.state == PageState::sending && change.carrier.empty()) {
        channels[change.channel].sent(at);
    } else if (change.state == PageState::accepted || change.state == PageState::delivered) {
        channels[change.channel].succeeded();
    }
    if (waited && ended(change)) {
        // Several pages may have been one message: without a word it counts once, with the last of them.
        const auto& with = messages[{change.channel, change.message}];
        const bool any = change.state == PageState::delivered || !change.received.empty() || !change.lost.empty();
        const bool last = std::none_of(with.begin(), with.end(), [this](const auto& key) { return awaits_receipt(pages.at(key)); });
        if (any || last) {
            channels[change.channel].receipts_over(any);
        }
    }
    if (inc == nullptr) {
        if (ended(change)) {
            forget_page(change.page);
        }
        return;
    }
    dirty.insert(inc->id);
    if (made) {
        ++inc->ordinal;
        inc->pages.push_back(change.page);
    }
    if (is_action(change.purpose)) {
        mark_action(*inc, change);
    } else {
        mark_people(*inc, change, made, at);
    }
    for (const auto& person : left_out) {
        forget_closing(*inc, person, change);
    }
    if (change.state == PageState::sending) {
        page.sent = true;
        mark_sent(*inc, change);
        log_person(*inc, change, at);
    }
    if (ended(change)) {
        inc->live.erase(change.page);
        if (inc->pages.size() > ended_pages_max && inc->live.count(inc->pages.front()) == 0) {
            const auto oldest = inc->pages.front();
            inc->pages.pop_front();
            forget_page(oldest);
        }
    } else {
        inc->live.insert(change.page);
    }
}

/// Keeps, per person and channel, what became of the latest page: it decides whether the next reach step is due.
/// The seats of an incident that went into a region's are there.
void DeskState::mark_people(Incident& of, const PageChange& change, bool made, EngineTime at) {
    auto* whole = of.into.empty() ? nullptr : incident(of.into);
    auto& inc = whole != nullptr ? *whole : of;
    dirty.insert(inc.id);
    const bool sent = whole == nullptr && !made && pages.at(change.page).sent;
    for (const auto& person : change.people) {
        Reach* reach = nullptr;
        if (is_closing(change.purpose)) {
            reach = &inc.paged[person].closing;
        } else if (const auto it = inc.seats.find(person); it != inc.seats.end()) {
            if (made && change.purpose != PagePurpose::blind && change.purpose != PagePurpose::data_back) {
                it->second.paged = at;
            }
            reach = is_call(change.purpose) ? &it->second.reach : nullptr;
        }
        if (reach == nullptr) {
            continue;
        }
        if (made) {
            auto& mark = (*reach)[change.channel];
            ++mark.count;
            mark.last = at;
            mark.page = change.page;
            mark.state = change.state;
            continue;
        }
        const auto mark = reach->find(change.channel);
        if (mark == reach->end() || mark->second.page != change.page) {
            continue;  // of an earlier asking
        }
        const auto was = std::exchange(mark->second.state, state_for(change, person));
        // A call that surely did not arrive, and is not to be made just now, is still to be made.
        const bool untried = !sent || was == PageState::failed_temp || was == PageState::held;
        mark->second.reached = mark->second.reached || arrived(change, person);
        if (change.state == PageState::cancelled && change.purpose == PagePurpose::stand_down) {
            reach->erase(mark);  // asked again, or all is over: the message that closes is another one
        } else if (change.state == PageState::cancelled && untried && --mark->second.count == 0) {
            reach->erase(mark);  // it was never tried: the step is still to be made
        } else if (is_closing(change.purpose) && arrived(change, person)) {
            inc.paged[person].owed = false;
        }
    }
    for (const auto& person : change.people) {
        if (change.purpose == PagePurpose::data_back && ended(change) && change.state != PageState::cancelled) {
            inc.told_blind.erase(person);  // told, or no way to
        }
        if (!is_closing(change.purpose) && arrived(change, person)) {
            auto& paged = inc.paged[person];
            paged.channel = change.channel;
            paged.accepted = true;
        }
    }
}

/// An attempt names fewer people than the one before: who was left out (a reload took them away for a while) is not waiting for
/// this page any more, and when back is still to be told.
void DeskState::forget_closing(Incident& inc, const std::string& person, const PageChange& change) {
    const auto paged = inc.paged.find(person);
    if (among(change.people, person) || !is_closing(change.purpose) || paged == inc.paged.end()) {
        return;
    }
    const auto mark = paged->second.closing.find(change.channel);
    if (mark != paged->second.closing.end() && mark->second.page == change.page) {
        paged->second.closing.erase(mark);
    }
}

/// Counts for the cap of a person what names this person alone. A repeated attempt of one page counts once; a message that closes
/// is owed and never counts.
void DeskState::log_person(const Incident& inc, const PageChange& change, EngineTime at) {
    const bool alone = change.people.size() == 1 && change.page.find("/group/") == std::string::npos && change.carrier.empty();
    if (inc.policy.person_max.count > 0 && alone && change.attempt <= 1 && !is_closing(change.purpose)) {
        person_logs[change.people.front()].sent(at);
    }
}

void DeskState::mark_action(Incident& inc, const PageChange& change) {
    auto& mark = inc.actions[change.action];
    mark.page = change.page;
    switch (change.state) {
        case PageState::accepted:
        case PageState::delivered:
            mark.effect = change.purpose == PagePurpose::act ? Effect::stands : Effect::none;
            mark.given_up = false;
            mark.done = change.purpose == PagePurpose::act ? ++inc.deeds : 0;
            break;
        case PageState::unknown:
            mark.done = change.purpose == PagePurpose::act ? ++inc.deeds : mark.done;
            mark.effect = Effect::maybe; break;
        case PageState::failed_perm:
        case PageState::expired: mark.given_up = true; break;
        case PageState::queued:
        case PageState::held:
        case PageState::sending:
        case PageState::failed_temp:
        case PageState::cancelled: break;
    }
}

void DeskState::mark_sent(Incident& inc, const PageChange& change) {
    ++inc.sequence;
    if (is_closing(change.purpose)) {
        return;
    }
    for (const auto& person : change.people) {
        if (change.purpose == PagePurpose::blind) {
            inc.told_blind.insert(person);
        }
        auto& paged = inc.paged[person];
        paged.owed = true;
        paged.closing.clear();
        if (!paged.accepted) {
            paged.channel = change.channel;
        }
    }
}

}  // namespace surged
