// What page records change in their incident: what became of each person's calls (reach marks), and who is owed a closing
// message. The page itself is the outbox's.
#include <algorithm>
#include <utility>

#include "core/base/ranges.hpp"
#include "core/incident/state.hpp"

namespace surged {

namespace {
bool is_call(PagePurpose p) {
    return p == PagePurpose::first || p == PagePurpose::need || p == PagePurpose::repeat_round || p == PagePurpose::update ||
           p == PagePurpose::handover;
}
/// What a change says of one of its people: of a message to many, some may have received it and some not.
PageState state_for(const PageChange& c, const std::string& person) {
    return contains(c.lost, person) ? PageState::failed_perm : contains(c.received, person) ? PageState::delivered : c.state;
}
/// Arrived, as far as its channel ever tells.
bool arrived(const PageChange& c, const std::string& person) {
    const auto state = state_for(c, person);
    return state == PageState::delivered || (state == PageState::accepted && !awaits_receipt(c));
}
}  // namespace

void DeskState::apply_page(const PageChange& change, EngineTime at) {
    auto* inc = incident(change.incident);
    const auto applied = outbox.apply(change, inc != nullptr, at);
    if (!applied) {
        return;
    }
    if (applied->made) {
        mark_drill(change, at);
    }
    if (inc == nullptr) {
        return;
    }
    dirty.insert(inc->id);
    if (applied->made) {
        ++inc->ordinal;
        inc->pages.push_back(change.page);
    }
    if (is_action(change.purpose)) {
        mark_action(*inc, change);
    } else {
        mark_people(*inc, change, *applied, at);
    }
    for (const auto& person : applied->left_out) {
        forget_closing(*inc, person, change);
    }
    if (change.state == PageState::sending) {
        mark_sent(*inc, change);
        log_person(*inc, change, at);
    }
    if (!ended(change)) {
        inc->live.insert(change.page);
        return;
    }
    inc->live.erase(change.page);
    if (inc->pages.size() > ended_pages_max && inc->live.count(inc->pages.front()) == 0) {
        outbox.forget(inc->pages.front());
        inc->pages.pop_front();
    }
}

/// Pages that are made at one moment are one drill.
void DeskState::mark_drill(const PageChange& change, EngineTime at) {
    if (change.purpose != PagePurpose::test || change.people.size() != 1) {
        return;
    }
    const auto& person = change.people.front();
    if (drills.count(person) == 0 && drills.size() >= drills_max) {
        std::erase_if(drills, [&](const auto& entry) { return at > entry.second.asked + drill_life; });
    }
    if (drills.count(person) == 0 && drills.size() >= drills_max) {
        drills.erase(std::min_element(drills.begin(), drills.end(),
                                      [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; }));
    }
    auto& mark = drills[person];
    if (mark.asked != at || mark.pages.empty()) {
        mark = {at, {}, false};
    }
    mark.pages.push_back(change.page);
}

/// Keeps, per person and channel, what became of the latest page: it decides whether the next reach step is due.
/// The seats of an incident that went into a region's are there.
void DeskState::mark_people(Incident& of, const PageChange& change, const Outbox::Applied& applied, EngineTime at) {
    auto* whole = of.into.empty() ? nullptr : incident(of.into);
    auto& inc = whole != nullptr ? *whole : of;
    dirty.insert(inc.id);
    const bool made = applied.made;
    const bool sent = whole == nullptr && !made && applied.was_sent;
    for (const auto& person : change.people) {
        Reach* reach = nullptr;
        if (is_closing(change.purpose)) {
            reach = &inc.paged[person].closing;
        } else if (const auto it = inc.seats.find(person); it != inc.seats.end()) {
            const bool leaves = change.state == PageState::sending && change.attempt == 1;  // it may have been held back
            if ((made || leaves) && change.purpose != PagePurpose::blind && change.purpose != PagePurpose::data_back) {
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
            continue;  // of an earlier request
        }
        const auto was = std::exchange(mark->second.state, state_for(change, person));
        // A call that surely did not arrive, and is not to be made just now, is still to be made.
        const bool untried = !sent || was == PageState::failed_temp || was == PageState::held;
        mark->second.reached = mark->second.reached || arrived(change, person);
        if (change.state == PageState::sending) {
            mark->second.last = at;  // it may have been held back: `repeat` counts from when it left
        }
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
            inc.told_blind.erase(person);  // told, or could not be reached
        }
        if (!is_closing(change.purpose) && arrived(change, person)) {
            auto& paged = inc.paged[person];
            paged.channel = change.channel;
            paged.accepted = true;
        }
    }
}

/// An attempt names fewer people than the one before: those left out (a reload took them away for a while) no longer wait for
/// this page, and are still to be told once they are back.
void DeskState::forget_closing(Incident& inc, const std::string& person, const PageChange& change) {
    const auto paged = inc.paged.find(person);
    if (contains(change.people, person) || !is_closing(change.purpose) || paged == inc.paged.end()) {
        return;
    }
    const auto mark = paged->second.closing.find(change.channel);
    if (mark != paged->second.closing.end() && mark->second.page == change.page) {
        paged->second.closing.erase(mark);
    }
}

/// Counts towards the cap of a person the pages to that person alone. A repeated attempt of one page counts once; a message that closes
/// is owed and never counts.
void DeskState::log_person(const Incident& inc, const PageChange& change, EngineTime at) {
    const bool alone = change.people.size() == 1 && change.page.find("/group/") == std::string::npos && change.carrier.empty();
    if (inc.policy.person_max.count > 0 && alone && change.attempt <= 1 && !is_closing(change.purpose)) {
        outbox.person_logs[change.people.front()].sent(at);
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
            mark.effect = Effect::maybe;
            break;
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
