// Checks the person who is named to take a seat over, or to be asked instead of somebody.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/desk/commands.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {

bool in_roster(const RosterSpec& roster, const std::string& person) {
    const auto has = [&](const auto& part) { return contains(part.people, person); };
    return std::ranges::any_of(roster.shifts, has) || std::ranges::any_of(roster.dates, has);
}

/// On a roster of the policy, whether on duty now or not, or in its fallback list. Rosters that are only told give no seats.
bool may_be_called(const Plan& plan, const std::vector<OverrideChange>& overrides, const PolicySpec& policy,
                   const std::string& person, WallTime now) {
    const auto named = [&](const std::vector<std::string>& names, const std::string& name) { return contains(names, name); };
    if (named(policy.fallback, person)) {
        return true;
    }
    for (const auto& tier : policy.tiers) {
        for (const auto& id : tier.rosters) {
            const auto roster = std::ranges::find_if(plan.rosters, [&](const RosterSpec& r) { return r.id == id; });
            if (roster != plan.rosters.end() && !named(tier.inform_only, id) &&
                (in_roster(*roster, person) || named(on_duty(plan, overrides, id, now), person))) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

namespace desk {

/// Why the one who is named cannot be; nullopt = they can. Nothing is recorded: the answer is refused as a whole.
std::optional<CommandReply> unfit_successor(const Step& step, const Incident& inc, const Command& command) {
    const auto& to = command.successor;
    const auto no = [&](const char* code, const std::string& why) { return std::optional(reply(&inc, false, code, why)); };
    const bool leaves = command.answer == AnswerKind::leave;
    if (!leaves && command.answer != AnswerKind::decline) {
        return no("conflict", "only who leaves or declines names a successor");
    }
    const auto own = inc.seats.find(command.person);
    if (leaves && (own == inc.seats.end() || !takes_seat(own->second.state))) {
        return no("not_asked", "you hold no seat in this incident that could be handed over");
    }
    if (to == command.person) {
        return no("conflict", "you cannot hand a seat over to yourself");
    }
    const auto* person = step.index.person(to);
    if (person == nullptr) {
        return no("unknown_person", "no such person in the configuration: " + to);
    }
    const auto seat = inc.seats.find(to);
    const bool known = seat != inc.seats.end() && seat->second.state != SeatState::informed;
    if (known && takes_seat(seat->second.state)) {
        return no("conflict", to + " holds a seat already");
    }
    if (const auto* other = step.state.seated_elsewhere(inc, to); other != nullptr) {
        return no("conflict", to + " " + seat_in(*other));
    }
    if (known && (seat->second.state == SeatState::declined || seat->second.state == SeatState::left)) {
        return no("conflict", to + " has said no to this incident");
    }
    const auto before = inc.handovers.find(to);
    if (before != inc.handovers.end() && before->second.from != command.person) {
        return no("conflict", to + " is asked already to come for " + before->second.from);
    }
    if (!known && !may_be_called(*step.index.plan, step.state.overrides, inc.policy, to, step.now.wall)) {
        return no("conflict", to + " is on no roster of policy " + inc.policy.id + " and not in its fallback list");
    }
    const auto& steps = reach_of(*person, own != inc.seats.end() && urgent_tier(inc.policy, own->second.tier));
    if (std::ranges::none_of(steps, [&](const ReachStep& s) { return step.index.channel(s.channel) != nullptr; })) {
        return no("conflict", "nobody knows how to reach " + to);
    }
    return std::nullopt;
}

}  // namespace desk

}  // namespace surged
