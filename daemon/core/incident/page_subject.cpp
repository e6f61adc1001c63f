// Whether a page should still be sent: the conditions under which it was made, asked again when it leaves.
//
// Hardest rule: each purpose has its own. A reminder to a person who has answered, a call for seats that are filled, a closing message of
// an earlier ending: each is cancelled, and a page to many goes to those whom it still concerns.
#include "core/incident/page_subject.hpp"

#include <algorithm>

#include "core/incident/actions.hpp"
#include "core/incident/region.hpp"
#include "core/incident/seats.hpp"
#include "core/incident/steps.hpp"

namespace surged::incident {

namespace {

/// Still wanting somebody of this incident: asked, and neither yes nor no nor "seen".
bool still_asked(const Incident& inc, const std::string& person) {
    const auto seat = inc.seats.find(person);
    return seat != inc.seats.end() && seat->second.state == SeatState::asked && !seat->second.acked;
}

/// Keeps in `still` those of the page's people whom it still concerns; says why it is over when there is none.
template <typename F>
std::string keep(const PlanIndex& index, const Page& page, std::vector<std::string>& still, F&& concerns) {
    for (const auto& id : page.people) {
        if (index.person(id) != nullptr && concerns(id)) {
            still.push_back(id);
        }
    }
    return still.empty() ? "answered, or nobody left to tell" : std::string();
}
bool anyone(const std::string&) {
    return true;
}

}  // namespace

void IncidentSubject::emit(RecordBody body) {
    step_.emit(std::move(body));
}

void IncidentSubject::note(const Page& page, std::string text) {
    if (const auto* inc = step_.state.incident(page.incident)) {
        step_.emit(change(*inc, IncidentStep::note, std::move(text)));
    }
}

PageSubject::Terms IncidentSubject::terms(const std::string& key, const Page& page) const {
    Terms out;
    const auto* inc = step_.state.incident(page.incident);
    if (inc == nullptr) {
        return out;
    }
    const bool urgent = urgent_tier(inc->policy, page.tier) || inc->level == Level::red;
    out.person_max = inc->policy.person_max;
    out.uncapped = page.purpose == PagePurpose::first && urgent;
    out.level = inc->level;
    out.patience = inc->policy.page_deadline;
    if (const auto* action = is_action(page.purpose) ? action_of(*inc, key) : nullptr) {
        out.patience = page.purpose == PagePurpose::undo ? action->undo_deadline : action->deadline;
    }
    return out;
}

std::string IncidentSubject::untrue(const std::string& key, const Page& page, std::vector<std::string>& still) const {
    if (page.purpose == PagePurpose::test || page.purpose == PagePurpose::admin) {
        return keep(step_.index, page, still, anyone);
    }
    const auto* inc = step_.state.incident(page.incident);
    if (inc == nullptr) {
        return "the incident is gone";
    }
    if (is_action(page.purpose)) {
        return untrue_action(*inc, page);
    }
    // A message left over from an earlier ending, before the incident reopened, is not this ending's message.
    const auto owed_by_this = [&](const std::string& id) {
        const auto paged = inc->paged.find(id);
        const auto mark = paged == inc->paged.end() ? Reach::const_iterator{} : paged->second.closing.find(page.channel);
        return paged != inc->paged.end() && paged->second.owed && mark != paged->second.closing.end() && mark->second.page == key;
    };
    if (page.purpose == PagePurpose::close) {
        return inc->ending == Ending::resolved ? keep(step_.index, page, still, owed_by_this) : "firing again";
    }
    const auto* group = step_.state.book.group(inc->group);
    if (inc->ending != Ending::none) {
        return "the surge has ended";
    }
    if (group == nullptr || !group->any_loud()) {
        return "every alert is silenced, muted or folded";
    }
    if (page.purpose == PagePurpose::blind) {
        return inc->blind ? keep(step_.index, page, still, anyone) : "data is back";
    }
    if (page.purpose == PagePurpose::data_back) {
        const auto told = [&](const std::string& id) { return inc->told_blind.count(id) > 0; };
        return inc->blind || group->all_stale() ? "data is gone again" : keep(step_.index, page, still, told);
    }
    if (page.purpose == PagePurpose::stand_down) {
        return keep(step_.index, page, still, [&](const std::string& id) { return may_go(step_, *inc, id) && owed_by_this(id); });
    }
    return untrue_call(*inc, page, still);
}

/// For a page that calls or informs somebody, while the incident is open and not silenced.
std::string IncidentSubject::untrue_call(const Incident& inc, const Page& page, std::vector<std::string>& still) const {
    const bool calm = ebbs(inc, *step_.state.book.group(inc.group));
    const auto in_state = [&](const std::string& id, SeatState wanted) {
        const auto it = inc.seats.find(id);
        return it != inc.seats.end() && it->second.state == wanted;
    };
    if (page.purpose == PagePurpose::update) {
        const auto told = [&](const std::string& id) {
            return in_state(id, SeatState::informed) && stands(step_, inc, id, true);
        };
        return calm ? "every alert is clearing" : keep(step_.index, page, still, told);
    }
    const auto asked = [&](const std::string& id) {
        return in_state(id, SeatState::asked) && may_call(step_, inc, id, inc.seats.at(id).tier);
    };
    if (page.purpose == PagePurpose::handover && inc.phase == Phase::filled) {
        return keep(step_.index, page, still,
                    [&](const std::string& id) { return asked(id) && handover_to(inc, id) != nullptr; });
    }
    if (inc.phase == Phase::filled) {
        return "seats are filled";
    }
    if (calm && page.purpose != PagePurpose::handover) {
        return "every alert is clearing";
    }
    const bool reminder = page.purpose == PagePurpose::remind;
    return keep(step_.index, page, still,
                [&](const std::string& id) { return asked(id) && !(reminder && inc.seats.at(id).acked); });
}

/// For an action or its undoing: the same conditions as those under which it is made.
std::string IncidentSubject::untrue_action(const Incident& inc, const Page& page) const {
    if (page.purpose == PagePurpose::undo) {
        return inc.ending == Ending::resolved && !goes_on_elsewhere(inc, step_.state) ? std::string() : "firing again";
    }
    const auto* group = step_.state.book.group(inc.group);
    if (inc.ending != Ending::none) {
        return "the surge has ended";
    }
    return group == nullptr || !group->any_loud() ? "every alert is silenced, muted or folded"
           : ebbs(inc, *group)                    ? "every alert is clearing"
                                                  : std::string();
}

bool IncidentSubject::other_way(const Page& page) const {
    const auto* inc = step_.state.incident(page.incident);
    if (inc == nullptr || is_action(page.purpose)) {
        return false;
    }
    return std::ranges::all_of(page.people, [&](const std::string& id) {
        const auto* person = step_.index.person(id);
        const auto seat = inc->seats.find(id);
        const auto paged = inc->paged.find(id);
        const bool closes = is_closing(page.purpose);
        if (person == nullptr || (closes ? paged == inc->paged.end() : seat == inc->seats.end())) {
            return true;
        }
        const auto& tried = closes ? paged->second.closing : seat->second.reach;
        const auto& steps = closes ? person->normal : reach_of(*person, urgent_tier(inc->policy, seat->second.tier));
        return std::ranges::any_of(steps, [&](const ReachStep& way) {
            return way.channel != page.channel && step_.index.channel(way.channel) != nullptr && tried.count(way.channel) == 0;
        });
    });
}

/// The message to one person tells of every incident that calls them. Where this channel's turn has not come in another one of
/// these it has come now: else its message would follow, and tell of this one in turn.
std::vector<std::string> IncidentSubject::call_with(const Page& page) {
    std::vector<std::string> made;
    const auto person = page.people.front();
    const auto channel = page.channel;
    const auto* who = step_.index.person(person);
    const auto known = step_.state.known_in.find(person);
    const auto others = known == step_.state.known_in.end() ? std::set<std::string>{} : known->second;
    for (const auto& id : others) {
        auto* inc = id == page.incident ? nullptr : step_.state.incident(id);
        const auto* group = inc == nullptr ? nullptr : step_.state.book.group(inc->group);
        if (who == nullptr || group == nullptr || !group->any_loud() || ebbs(*inc, *group) || inc->ending != Ending::none ||
            inc->phase == Phase::filled || !still_asked(*inc, person) || made.size() >= riders_max) {
            continue;
        }
        const auto& seat = inc->seats.at(person);
        const auto& steps = reach_of(*who, urgent_tier(inc->policy, seat.tier));
        const bool by_it = std::ranges::any_of(steps, [&](const ReachStep& way) { return way.channel == channel; });
        const auto purpose = call_purpose(*inc, person, seat);
        if (by_it && seat.reach.count(channel) == 0 && paging::may_ride(purpose) && may_call(step_, *inc, person, seat.tier)) {
            make_page(step_, *inc, {person, channel, purpose, seat.tier}, {person});
            made.push_back(inc->pages.back());
        }
    }
    return made;
}

std::vector<AlsoCalled> IncidentSubject::also_called(const Page& page, std::map<std::string, std::string> riders) const {
    const auto* spec = step_.index.channel(page.channel);
    if (spec->kind == ChannelKind::personal && page.people.size() == 1) {
        const auto known = step_.state.known_in.find(page.people.front());
        for (const auto& id : known == step_.state.known_in.end() ? std::set<std::string>{} : known->second) {
            const auto* inc = step_.state.incident(id);
            const auto* group = step_.state.book.group(inc->group);
            const bool calls = group != nullptr && group->any_loud() && !ebbs(*inc, *group) && inc->ending == Ending::none;
            if (calls && inc->phase != Phase::filled && still_asked(*inc, page.people.front())) {
                riders.emplace(id, std::string());
            }
        }
    }
    riders.erase(page.incident);
    std::vector<AlsoCalled> out;
    for (const auto& [id, rider] : riders) {
        const auto* inc = step_.state.incident(id);
        AlsoCalled also;
        also.page = rider;
        also.incident = id;
        also.policy = inc->policy.id;
        also.scope = inc->scope;
        also.place = place_of(step_, *inc, language_for(step_.index, spec, page.people));
        also.level = inc->level;
        also.need = inc->need;
        also.joined = seats_taken(*inc);
        out.push_back(std::move(also));
    }
    std::ranges::stable_sort(out, [](const AlsoCalled& a, const AlsoCalled& b) { return a.level > b.level; });
    return out;
}

}  // namespace surged::incident
