// The playbook: what is done beside calling people (an announcement in the voice menu, overflow to another centre, a callback
// campaign), and undone when the incident ends.
//
// An action is sent like a page to nobody, so it has a page's promises: its intent is in the commit of the transition that caused
// it, it is tried until its deadline, a kill in between is an attempt of unknown outcome. What decides is not what was sent but
// what stands in the world: an open incident that came so far wants the effect to stand, one that has ended wants it gone. So an
// incident that ends in the middle of a doing waits for its outcome and then undoes it, and one that reopens before the undoing
// has left keeps what stands.
//
// Hardest rule: exactly one undoing for what was or may have been done, and none for what surely was not.
#include "core/incident/actions.hpp"

#include "core/incident/decider.hpp"

namespace surged {

std::string action_in(const std::string& page) {
    std::size_t from = 0;
    for (int slashes = 0; slashes < 2 && from != std::string::npos; ++slashes) {
        from = page.find('/', from);
        from = from == std::string::npos ? from : from + 1;
    }
    return from == std::string::npos ? std::string() : page.substr(from, page.find('/', from) - from);
}

const ActionSpec* action_of(const Incident& inc, const std::string& page) {
    const auto id = action_in(page);
    const auto& all = inc.policy.actions;
    const auto found = std::find_if(all.begin(), all.end(), [&](const ActionSpec& a) { return a.id == id; });
    return found == all.end() ? nullptr : &*found;
}

std::string action_text(const ActionSpec& action, PagePurpose purpose) {
    std::string out = action.id;
    const char* between = ": ";
    for (const auto& [name, value] : purpose == PagePurpose::undo ? action.undo_params : action.params) {
        out += between + name + "=" + value;
        between = ", ";
    }
    return out;
}

bool reached(const Incident& inc, const ActionSpec& action) {
    const bool last = action.tier > static_cast<int>(inc.policy.tiers.size());
    const bool called = last ? inc.phase == Phase::exhausted : shown_tier(inc) >= action.tier;
    return called && inc.level >= action.level;
}

namespace {
bool under_way(const Incident& inc, const ActionMark& mark) {
    return inc.live.count(mark.page) > 0;
}
bool goes_on_elsewhere(const Incident& inc, const DeskState& state) {
    const auto* whole = inc.into.empty() ? nullptr : state.incident(inc.into);
    return whole != nullptr && whole->open();
}
}  // namespace

bool undo_waits(const Incident& inc, const DeskState& state) {
    const auto& all = inc.policy.actions;
    return goes_on_elsewhere(inc, state) && std::any_of(all.begin(), all.end(), [&](const ActionSpec& action) {
               const auto mark = inc.actions.find(action.id);
               return action.undo && mark != inc.actions.end() && mark->second.effect != Effect::none;
           });
}

/// Does what the incident has come to and what does not stand yet.
bool Decider::settle_actions(Incident& inc) {
    const auto records = out_.records.size();
    for (const auto& action : inc.policy.actions) {
        const auto mark = inc.actions.find(action.id);
        const bool settled = mark != inc.actions.end() &&
                             (mark->second.effect == Effect::stands || mark->second.given_up || under_way(inc, mark->second));
        if (!settled && reached(inc, action)) {
            make_action(inc, action, PagePurpose::act);
        }
    }
    return out_.records.size() != records;
}

/// Undoes what was or may have been done, the last first. A doing that is under way is waited for.
bool Decider::settle_undo(Incident& inc) {
    if (goes_on_elsewhere(inc, s_)) {
        return false;
    }
    const auto records = out_.records.size();
    // In the order of doing, not of the configuration.
    std::vector<const ActionSpec*> all;
    for (const auto& action : inc.policy.actions) {
        all.push_back(&action);
    }
    const auto done = [&](const ActionSpec* action) {
        const auto mark = inc.actions.find(action->id);
        return mark == inc.actions.end() ? std::uint64_t{0} : mark->second.done;
    };
    std::stable_sort(all.begin(), all.end(), [&](const ActionSpec* a, const ActionSpec* b) { return done(a) < done(b); });
    for (auto next = all.rbegin(); next != all.rend(); ++next) {
        const auto* action = *next;
        const auto mark = inc.actions.find(action->id);
        if (action->undo && mark != inc.actions.end() && mark->second.effect != Effect::none && !mark->second.given_up &&
            !under_way(inc, mark->second)) {
            make_action(inc, *action, PagePurpose::undo);
        }
    }
    return out_.records.size() != records;
}

void Decider::make_action(Incident& inc, const ActionSpec& action, PagePurpose purpose) {
    PageChange page;
    const int tier = shown_tier(inc);
    page.page = inc.id + "/" + std::to_string(tier) + "/" + action.id + "/" + action.channel + "/" +
                std::string(to_string(purpose)) + "/" + std::to_string(inc.ordinal + 1);
    page.incident = inc.id;
    page.tier = tier;
    page.channel = action.channel;
    page.purpose = purpose;
    page.due = now_.at;
    page.deadline = now_.at + (purpose == PagePurpose::undo ? action.undo_deadline : action.deadline);
    page.text = action_text(action, purpose);
    page.action = action.id;
    emit(std::move(page));
}

/// Why a doing or an undoing should not leave any more; empty when it should. The same conditions as those under which it is
/// made.
std::string Decider::untrue_action(const Page& page) const {
    const auto* inc = s_.incident(page.incident);
    if (page.purpose == PagePurpose::undo) {
        return inc->ending == Ending::resolved && !goes_on_elsewhere(*inc, s_) ? std::string() : "firing again";
    }
    const auto* fold = s_.book.fold(inc->fold);
    if (inc->ending != Ending::none) {
        return "the surge has ended";
    }
    return fold == nullptr || !fold->any_loud() ? "no alert fires aloud" : ebbs(*inc, *fold) ? "every alert is clearing" : std::string();
}

/// How long this page may take from now on, when its own time went by while surged was down.
Span Decider::patience(const std::string& key) const {
    const auto& page = s_.pages.at(key);
    const auto* inc = s_.incident(page.incident);
    if (inc == nullptr) {
        return Span{60000};
    }
    if (const auto* action = is_action(page.purpose) ? action_of(*inc, key) : nullptr) {
        return page.purpose == PagePurpose::undo ? action->undo_deadline : action->deadline;
    }
    return inc->policy.page_deadline;
}

}  // namespace surged
