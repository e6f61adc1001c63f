// The playbook: actions beside calling people (an announcement in the voice menu, overflow to another centre, a callback
// campaign), which are undone when the incident ends.
//
// An action is sent like a page to nobody and has a page's guarantees: its intent is committed together with the transition that
// caused it, it is retried until its deadline, and a crash in between makes its outcome unknown. Decisions depend on whether the
// effect stands in the world, not on what was sent: an open incident that has come far enough wants the effect, one that has
// ended wants it gone. So an incident that ends while an action is under way waits for its outcome and then undoes it, and one
// that reopens before the undoing has left keeps the effect.
//
// Hardest rule: exactly one undoing for what was done or may have been done, and none for what surely was not.
#include "core/incident/actions.hpp"

#include <algorithm>

#include "core/incident/steps.hpp"

namespace surged {

const ActionSpec* action_of(const Incident& inc, const std::string& page) {
    const auto id = action_in(page);
    const auto& all = inc.policy.actions;
    const auto found = std::ranges::find_if(all, [&](const ActionSpec& a) { return a.id == id; });
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
}  // namespace

bool was_begun(const Incident& inc, const ActionSpec& action) {
    const auto mark = inc.actions.find(action.id);
    return mark != inc.actions.end() && (mark->second.effect != Effect::none || under_way(inc, mark->second));
}

bool goes_on_elsewhere(const Incident& inc, const DeskState& state) {
    const auto* whole = inc.into.empty() ? nullptr : state.incident(inc.into);
    return whole != nullptr && whole->open();
}

bool undo_waits(const Incident& inc, const DeskState& state) {
    const auto& all = inc.policy.actions;
    return goes_on_elsewhere(inc, state) && std::ranges::any_of(all, [&](const ActionSpec& action) {
               const auto mark = inc.actions.find(action.id);
               return action.undo && mark != inc.actions.end() && mark->second.effect != Effect::none;
           });
}

namespace incident {

namespace {
void make_action(Step& step, Incident& inc, const ActionSpec& action, PagePurpose purpose) {
    PageChange page;
    const int tier = shown_tier(inc);
    page.page = inc.id + "/" + std::to_string(tier) + "/" + action.id + "/" + action.channel + "/" +
                std::string(to_string(purpose)) + "/" + std::to_string(inc.ordinal + 1);
    page.incident = inc.id;
    page.tier = tier;
    page.channel = action.channel;
    page.purpose = purpose;
    page.due = step.now.at;
    page.deadline = step.now.at + (purpose == PagePurpose::undo ? action.undo_deadline : action.deadline);
    page.text = action_text(action, purpose);
    page.action = action.id;
    step.emit(std::move(page));
}
}  // namespace

/// Starts the actions whose condition is met and whose effect does not stand yet.
bool settle_actions(Step& step, Incident& inc) {
    const auto records = step.out.records.size();
    for (const auto& action : inc.policy.actions) {
        const auto mark = inc.actions.find(action.id);
        const bool settled = mark != inc.actions.end() &&
                             (mark->second.effect == Effect::stands || mark->second.given_up || under_way(inc, mark->second));
        if (!settled && reached(inc, action)) {
            make_action(step, inc, action, PagePurpose::act);
        }
    }
    return step.out.records.size() != records;
}

/// Undoes what was or may have been done, the last first. An action that is under way is waited for.
bool settle_undo(Step& step, Incident& inc) {
    if (goes_on_elsewhere(inc, step.state)) {
        return false;
    }
    const auto records = step.out.records.size();
    // In the order of doing, not of the configuration.
    std::vector<const ActionSpec*> all;
    for (const auto& action : inc.policy.actions) {
        all.push_back(&action);
    }
    const auto done = [&](const ActionSpec* action) {
        const auto mark = inc.actions.find(action->id);
        return mark == inc.actions.end() ? std::uint64_t{0} : mark->second.done;
    };
    std::ranges::stable_sort(all, [&](const ActionSpec* a, const ActionSpec* b) { return done(a) < done(b); });
    for (auto next = all.rbegin(); next != all.rend(); ++next) {
        const auto* action = *next;
        const auto mark = inc.actions.find(action->id);
        if (action->undo && mark != inc.actions.end() && mark->second.effect != Effect::none && !mark->second.given_up &&
            !under_way(inc, mark->second)) {
            make_action(step, inc, *action, PagePurpose::undo);
        }
    }
    return step.out.records.size() != records;
}

}  // namespace incident

}  // namespace surged
