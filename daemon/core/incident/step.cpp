#include "core/incident/step.hpp"

#include <cmath>
#include <variant>

#include "core/incident/seats.hpp"
#include "core/incident/steps.hpp"

namespace surged::incident {

namespace {
/// What the timeline says of a step of the playbook that failed for good.
std::string lost_text(const Incident& inc, const PageChange& page) {
    const bool may = inc.actions.at(page.action).effect != Effect::none;
    return "action " + page.action +
           (page.purpose == PagePurpose::undo ? " could not be undone and may still stand: "
            : may                             ? " may or may not have been done: "
                                              : " was not done: ") +
           page.reason;
}
}  // namespace

void Step::emit(RecordBody body) {
    Record record{0, now.at, now.wall, std::move(body)};
    // A load is a note for the report, of values that were there before it.
    const auto* incident = std::get_if<IncidentChange>(&record.body);
    const bool load = incident != nullptr && incident->step == IncidentStep::load;
    if (!load && !std::holds_alternative<PageChange>(record.body) && !std::holds_alternative<SeatChange>(record.body)) {
        forget_told();
    }
    state.apply(record);
    std::string lost;
    const Incident* inc = nullptr;
    if (const auto* page = std::get_if<PageChange>(&record.body); page != nullptr && is_action(page->purpose)) {
        inc = state.incident(page->incident);
        const auto word = std::string(action_word(page->state));
        if (inc != nullptr) {
            ++state.action_outcomes[{inc->policy.id, page->action}][std::string(to_string(page->purpose)) + " " + word];
            lost = word == "failed" ? lost_text(*inc, *page) : std::string();
        }
    } else if (page != nullptr) {
        state.outbox.count(*page);
    }
    out.records.push_back(std::move(record));
    if (!lost.empty()) {
        emit(change(*inc, IncidentStep::note, lost));
    }
}

void Step::seat(const Incident& inc, const std::string& person, int tier, SeatState to, const std::string& reason,
                SeatCause cause) {
    SeatChange c{inc.id, person, tier, to, reason, {}, cause};
    if (to == SeatState::joined) {
        c.seen = agents_in(*this, inc);
        c.seen.agents = std::round(c.seen.agents);
    }
    emit(std::move(c));
}

IncidentChange change(const Incident& inc, IncidentStep what, std::string reason, std::string_view by) {
    IncidentChange c;
    c.incident = inc.id;
    c.step = what;
    c.policy = inc.policy.id;
    c.scope = inc.scope;
    c.level = inc.level;
    c.tier = shown_tier(inc);
    c.need = inc.need;
    c.joined = seats_taken(inc);
    c.reason = std::move(reason);
    c.by = by;
    return c;
}

}  // namespace surged::incident
