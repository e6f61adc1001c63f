// One message for several incidents: people who are called by more than one are called once, with the list, the worst first; a
// group's chat whose rate is used up gets one digest instead of a queue of messages.
//
// Every page keeps its own record, deadline and end. What is shared is the attempt: one page is the carrier whose message leaves,
// the others ride: they are `sending` under its name and get its outcome. An attempt that fails takes all of them back to their
// own ways, where they may ride again. Only channels that people read do this (ChannelSpec::coalesce): a program wants its key.
#include <algorithm>

#include "core/incident/decider.hpp"
#include "core/incident/region.hpp"

namespace surged {

namespace {
constexpr std::size_t riders_max = 50;  ///< of one message: what is more has the next one

bool may_ride(PagePurpose purpose) {
    return purpose == PagePurpose::first || purpose == PagePurpose::need || purpose == PagePurpose::repeat_round ||
           purpose == PagePurpose::remind;
}

/// Still wanting somebody of this incident: asked, and neither yes nor no nor "seen".
bool still_asked(const Incident& inc, const std::string& person) {
    const auto seat = inc.seats.find(person);
    return seat != inc.seats.end() && seat->second.state == SeatState::asked && !seat->second.acked;
}
}  // namespace

/// Whether `key` can leave as part of the message of `with`. Fills in whom it still concerns.
bool Decider::rides(const std::string& key, const Page& with, std::vector<std::string>& still) const {
    const auto& page = s_.pages.at(key);
    const bool waits = !terminal(page.state) && page.state != PageState::sending;
    // A text says of the whole message that it may be a repeat, or of nothing in it.
    return waits && page.channel == with.channel && page.incident != with.incident && may_ride(page.purpose) &&
           page.repeat == with.repeat && now_.at < page.deadline && untrue(key, still).empty();
}

/// The message to one person tells of every incident that calls them. Where this channel's turn has not come in another one of these
/// it has come now: else its message would follow, and tell of this one in turn. Returns the pages made.
std::vector<std::string> Decider::call_with(const Page& page) {
    std::vector<std::string> made;
    const auto* spec = index_.channel(page.channel);
    if (spec == nullptr || !spec->coalesce || spec->kind != ChannelKind::personal || !may_ride(page.purpose) || page.people.size() != 1) {
        return made;
    }
    const auto person = page.people.front();
    const auto* who = index_.person(person);
    const auto known = s_.known_in.find(person);
    const auto others = known == s_.known_in.end() ? std::set<std::string>{} : known->second;
    for (const auto& id : others) {
        auto* inc = id == page.incident ? nullptr : s_.incident(id);
        const auto* fold = inc == nullptr ? nullptr : s_.book.fold(inc->fold);
        if (who == nullptr || fold == nullptr || !fold->any_loud() || ebbs(*inc, *fold) || inc->ending != Ending::none ||
            inc->phase == Phase::filled || !still_asked(*inc, person) || made.size() >= riders_max) {
            continue;
        }
        const auto& seat = inc->seats.at(person);
        const auto& steps = reach_of(*who, urgent_tier(inc->policy, seat.tier));
        const bool by_it = std::any_of(steps.begin(), steps.end(), [&](const ReachStep& s) { return s.channel == page.channel; });
        const auto purpose = call_purpose(*inc, person, seat);
        if (by_it && seat.reach.count(page.channel) == 0 && may_ride(purpose) && may_call(*inc, person, seat.tier)) {
            make_page(*inc, {person, page.channel, purpose, seat.tier}, {person});
            made.push_back(inc->pages.back());
        }
    }
    return made;
}

/// The pages that leave with this one, itself first. `crowded`: no further message may leave by this channel now.
std::vector<Decider::Departure> Decider::departures(const std::string& key, std::vector<std::string> people, bool crowded) const {
    std::vector<Departure> out{{key, std::move(people)}};
    const auto& page = s_.pages.at(key);
    const auto* spec = index_.channel(page.channel);
    if (spec == nullptr || !spec->coalesce || !may_ride(page.purpose)) {
        return out;
    }
    const auto add = [&](const std::string& other) {
        std::vector<std::string> still;
        if (out.size() <= riders_max && other != key && rides(other, page, still)) {
            out.push_back({other, std::move(still)});
        }
    };
    if (spec->kind == ChannelKind::group) {
        for (auto timer = s_.page_timers.begin(); crowded && timer != s_.page_timers.end(); ++timer) {
            add(timer->second);
        }
    } else if (const auto known = s_.known_in.find(page.people.front()); known != s_.known_in.end()) {
        for (const auto& id : known->second) {
            for (const auto& other : s_.incident(id)->live) {
                if (s_.pages.at(other).people == page.people) {
                    add(other);
                }
            }
        }
    }
    // The worst incident speaks, then what is most urgent, then what has waited longest; of those that may leave by themselves.
    const auto rank = [this](const Departure& d) {
        const auto& p = s_.pages.at(d.page);
        const bool capped = person_slot(p) > now_.at;
        return std::tuple(capped, -static_cast<int>(s_.incident(p.incident)->level), priority(p.purpose), p.number);
    };
    std::sort(out.begin(), out.end(), [&](const Departure& a, const Departure& b) { return rank(a) < rank(b); });
    return out;
}

/// The other incidents that this message tells of: those that ride with it, and whatever else still waits for its one person.
std::vector<AlsoCalled> Decider::also_called(const Page& page, const std::vector<Departure>& leaving) const {
    std::map<std::string, std::string> wanted;  // incident -> page that rides
    const auto* spec = index_.channel(page.channel);
    if (spec == nullptr || !spec->coalesce || !may_ride(page.purpose)) {
        return {};
    }
    if (spec->kind == ChannelKind::personal && page.people.size() == 1) {
        const auto known = s_.known_in.find(page.people.front());
        for (const auto& id : known == s_.known_in.end() ? std::set<std::string>{} : known->second) {
            const auto* inc = s_.incident(id);
            if (inc->ending == Ending::none && inc->phase != Phase::filled && still_asked(*inc, page.people.front())) {
                wanted.emplace(id, std::string());
            }
        }
    }
    for (const auto& rider : leaving) {
        wanted[s_.pages.at(rider.page).incident] = rider.page;
    }
    wanted.erase(page.incident);
    std::vector<AlsoCalled> out;
    for (const auto& [id, rider] : wanted) {
        const auto* inc = s_.incident(id);
        AlsoCalled also;
        also.page = rider;
        also.incident = id;
        also.policy = inc->policy.id;
        also.scope = inc->scope;
        also.place = place_of(*inc, language_for(spec, page.people));
        also.level = inc->level;
        also.need = inc->need;
        also.joined = seats_taken(*inc);
        out.push_back(std::move(also));
    }
    std::stable_sort(out.begin(), out.end(), [](const AlsoCalled& a, const AlsoCalled& b) { return a.level > b.level; });
    return out;
}

/// One message leaves: the first of these carries, the others ride.
void Decider::send(const std::vector<Departure>& leaving) {
    const auto& carrier = leaving.front();
    const auto* spec = index_.channel(s_.pages.at(carrier.page).channel);
    std::vector<std::string> people;
    for (const auto& departure : leaving) {
        auto c = page_change(departure.page, PageState::sending);
        c.people = departure.people;
        ++c.attempt;
        c.due = now_.at + spec->timeout + outcome_grace;
        if (departure.page != carrier.page) {
            c.carrier = carrier.page;
        }
        emit(std::move(c));
        for (const auto& person : departure.people) {
            if (std::find(people.begin(), people.end(), person) == people.end()) {
                people.push_back(person);
            }
        }
    }
    const auto& page = s_.pages.at(carrier.page);
    out_.orders.push_back(make_order(carrier.page, page, people, also_called(page, leaving)));
}

}  // namespace surged
