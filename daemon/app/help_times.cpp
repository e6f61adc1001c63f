#include "app/help_times.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace surged {

namespace {
/// Policies come and go with the configuration; those beyond this many are not counted apart.
constexpr std::size_t policies_counted_max = 1000;

bool comes(SeatState state) {
    return state == SeatState::joined || state == SeatState::arrived;
}
}  // namespace

void HelpTimes::note(const Record& record) {
    if (const auto* incident = std::get_if<IncidentChange>(&record.body)) {
        change(*incident, record.at);
    } else if (const auto* person = std::get_if<SeatChange>(&record.body)) {
        seat(*person, record.at);
    }
}

void HelpTimes::change(const IncidentChange& change, EngineTime at) {
    if (change.step == IncidentStep::opened) {
        Waiting waiting;
        waiting.policy = change.policy;
        waiting.opened = at;
        open_.insert_or_assign(change.incident, std::move(waiting));
    }
    const auto found = open_.find(change.incident);
    if (found == open_.end()) {
        return;
    }
    if (change.step == IncidentStep::resolved || change.step == IncidentStep::closed || change.step == IncidentStep::merged) {
        open_.erase(found);  // what has not come by now was not needed
        return;
    }
    found->second.need = change.need > 0 ? change.need : found->second.need;
    found->second.joined = change.joined;
    if (look(found->second, at)) {
        open_.erase(found);
    }
}

void HelpTimes::seat(const SeatChange& change, EngineTime at) {
    const auto found = open_.find(change.incident);
    if (found == open_.end()) {
        return;
    }
    if (comes(change.state)) {
        found->second.people.insert(change.person);
    } else {
        found->second.people.erase(change.person);
    }
    if (look(found->second, at)) {
        open_.erase(found);
    }
}

bool HelpTimes::look(Waiting& waiting, EngineTime at) {
    const int come = std::max(waiting.joined, static_cast<int>(waiting.people.size()));
    if (come == 0 || waiting.need <= 0) {
        return false;
    }
    if (!by_policy_.contains(waiting.policy) && by_policy_.size() >= policies_counted_max) {
        return true;
    }
    HelpView& help = by_policy_[waiting.policy];
    const double took = seconds(at - waiting.opened);
    if (!std::exchange(waiting.first, true)) {
        help.first.observe(took);
    }
    if (2 * come >= waiting.need && !std::exchange(waiting.half, true)) {
        help.half.observe(took);
    }
    if (come < waiting.need) {
        return false;
    }
    help.full.observe(took);
    return true;
}

}  // namespace surged
