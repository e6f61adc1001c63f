// One message for several incidents. A person called by more than one incident gets one message that lists them, the worst first;
// a group chat whose rate is used up gets one digest instead of a queue of messages.
//
// Each page keeps its own record, deadline and end. Only the attempt is shared: one page is the carrier whose message leaves, the
// others are riders: they are `sending` under the carrier's name and share its outcome. When the attempt fails all of them go
// back to their own schedule, where they may ride again. Only channels that people read do this (ChannelSpec::coalesce); a
// program needs one key per message.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/paging/paging.hpp"

namespace surged::paging {

bool may_ride(PagePurpose purpose) {
    return purpose == PagePurpose::first || purpose == PagePurpose::need || purpose == PagePurpose::repeat_round ||
           purpose == PagePurpose::remind;
}

namespace {
/// Whether `key` can leave as part of the message of `with`. Fills in whom it still concerns.
bool rides(const PageStep& step, const std::string& key, const Page& with, std::vector<std::string>& still) {
    const auto& page = step.box.pages.at(key);
    // "Repeat" is said of the whole message, so repeats and first attempts do not share one.
    return waits(page) && page.channel == with.channel && page.incident != with.incident && may_ride(page.purpose) &&
           page.repeat == with.repeat && step.now.at < page.deadline && step.subject.untrue(key, page, still).empty();
}
}  // namespace

std::vector<Departure> departures(const PageStep& step, const std::string& key, std::vector<std::string> people, bool crowded) {
    std::vector<Departure> out{{key, std::move(people)}};
    const auto& box = step.box;
    const auto& page = box.pages.at(key);
    const auto* spec = step.index.channel(page.channel);
    if (spec == nullptr || !spec->coalesce || !may_ride(page.purpose)) {
        return out;
    }
    const auto add = [&](const std::string& other) {
        std::vector<std::string> still;
        if (out.size() <= riders_max && other != key && rides(step, other, page, still)) {
            out.push_back({other, std::move(still)});
        }
    };
    if (spec->kind == ChannelKind::group) {
        for (auto timer = box.timers.begin(); crowded && timer != box.timers.end(); ++timer) {
            add(timer->second);
        }
    } else if (const auto theirs = box.alone.find(page.people.front()); page.people.size() == 1 && theirs != box.alone.end()) {
        for (const auto& other : theirs->second) {
            add(other);
        }
    }
    // The carrier: of those that may leave by themselves the worst incident, then the most urgent page, then the one that waited longest.
    const auto rank = [&](const Departure& d) {
        const auto& p = box.pages.at(d.page);
        const bool capped = person_slot(step, d.page, p) > step.now.at;
        return std::tuple(capped, -static_cast<int>(step.subject.terms(d.page, p).level), priority(p.purpose), p.number);
    };
    std::ranges::sort(out, [&](const Departure& a, const Departure& b) { return rank(a) < rank(b); });
    return out;
}

void send(PageStep& step, const std::vector<Departure>& leaving) {
    const auto& carrier = leaving.front();
    const auto* spec = step.index.channel(step.box.pages.at(carrier.page).channel);
    std::vector<std::string> people;
    std::map<std::string, std::string> riders;
    for (const auto& departure : leaving) {
        auto c = page_change(step.box, departure.page, PageState::sending);
        c.people = departure.people;
        ++c.attempt;
        c.due = step.now.at + spec->timeout + outcome_grace;
        if (departure.page != carrier.page) {
            c.carrier = carrier.page;
        }
        riders[c.incident] = departure.page;
        step.emit(std::move(c));
        for (const auto& person : departure.people) {
            if (!contains(people, person)) {
                people.push_back(person);
            }
        }
    }
    const auto& page = step.box.pages.at(carrier.page);
    auto also =
        spec->coalesce && may_ride(page.purpose) ? step.subject.also_called(page, std::move(riders)) : std::vector<AlsoCalled>{};
    step.orders.push_back(make_order(step, carrier.page, page, people, std::move(also)));
}

}  // namespace surged::paging
