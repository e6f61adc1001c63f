// Decides which people are asked and when the next tier is entered. An empty tier is passed in the same step; after the last one
// comes the fallback list, and then a loop of rounds with back-off. When too few are left who may still come, the next tier is
// entered before the wait is over; a tier that merely has few people is given its full wait.
#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "core/base/ranges.hpp"
#include "core/incident/steps.hpp"
#include "core/team/roster.hpp"

namespace surged {

namespace {

int tiers_of(const Incident& inc) {
    return static_cast<int>(inc.policy.tiers.size());
}
const TierSpec& tier_spec(const Incident& inc, int tier) {
    return inc.policy.tiers[static_cast<std::size_t>(tier) - 1];
}
bool reopened_below(const Incident& inc) {
    return inc.tier == 0 && inc.since != inc.opened;
}

/// Wait before round `rounds + 1` of the loop at the top; the default when a policy names no repeat is RepeatSpec's own.
Span round_wait(const RepeatSpec& repeat, int rounds) {
    const double ms =
        static_cast<double>(repeat.every.count()) * std::pow(std::max(1.0, repeat.backoff), std::max(0, rounds - 1));
    return Span{static_cast<std::int64_t>(std::min(ms, static_cast<double>(std::max(repeat.max, repeat.every).count())))};
}

}  // namespace

namespace incident {

namespace {

bool reachable_by(const Step& step, const std::string& id, bool urgent) {
    const auto* person = step.index.person(id);
    if (person == nullptr) {
        return false;
    }
    const auto& steps = reach_of(*person, urgent);
    return std::ranges::any_of(steps, [&](const ReachStep& s) { return step.index.channel(s.channel) != nullptr; });
}

/// The first tier not yet entered in which somebody can be asked; 0 = none.
int next_with_people(const Step& step, const Incident& inc) {
    for (int tier = inc.tier + 1; tier <= tiers_of(inc); ++tier) {
        if (!candidates(step, inc, tier, false).empty()) {
            return tier;
        }
    }
    return 0;
}

void inform(Step& step, Incident& inc, int tier) {
    for (const auto& roster : tier_spec(inc, tier).inform_only) {
        for (const auto& person : step.state.duty(roster, step.now.wall).people) {
            const auto known = inc.seats.find(person);
            // Informing does not depend on a seat elsewhere, also for people who were to be asked and cannot be.
            const bool untold =
                known == inc.seats.end() || (known->second.state == SeatState::elsewhere && known->second.tier == tier);
            if (untold && askable(step, inc, person, tier_spec(inc, tier).urgent, false)) {
                step.seat(inc, person, tier, SeatState::informed, "told, no seat");
            }
        }
    }
}

void enter(Step& step, Incident& inc, int tier, const std::vector<std::string>& people, const std::string& why,
           std::string_view by) {
    const auto& spec = tier_spec(inc, tier);
    auto c =
        change(inc, people.empty() ? IncidentStep::tier_empty : IncidentStep::tier, people.empty() ? "nobody to ask" : why, by);
    c.tier = tier;
    c.people = people;
    step.emit(std::move(c));
    if (spec.mode == TierMode::all) {
        ask(step, inc, people, tier, why);
    }
    // On duty but without a contact method, or at work in another incident: shown as such, and no candidate.
    for (const auto& roster : spec.rosters) {
        for (const auto& person : step.state.duty(roster, step.now.wall).people) {
            if (inc.seats.count(person) > 0 || step.index.person(person) == nullptr) {
                continue;
            }
            if (!askable(step, inc, person, spec.urgent, true)) {
                step.seat(inc, person, tier, SeatState::unreachable, "no way to reach", SeatCause::no_way);
            } else if (const auto* other = step.state.seated_elsewhere(inc, person); other != nullptr) {
                step.seat(inc, person, tier, SeatState::elsewhere, seat_in(*other));
            }
        }
    }
    inform(step, inc, tier);
}

/// After a restart: one tier per incident, until an alert moves or the hold is over. It only delays, so an error here still pages.
bool may_climb(Step& step, const Incident& inc) {
    const bool free =
        step.state.recovered == EngineTime{} || inc.climbed < step.state.recovered || inc.fresh > step.state.recovered;
    return free || step.due(step.state.recovered + recovery_hold);
}

/// Those asked, and those of an entered tier who have not been asked yet, as far as they would fill something.
std::vector<std::string> who_may_come(const Step& step, const Incident& inc) {
    std::vector<std::string> out;
    const SeatWants wants(inc, step.index);
    const auto may_still = [&](const std::string& id, const Seat& seat) {
        // A person who went off duty is not called any more, and may still say yes to the call they had.
        const bool open = seat.state == SeatState::asked || (seat.state == SeatState::timed_out && seat.cause == SeatCause::off_duty);
        return open && handover_to(inc, id) == nullptr && wants.filled_by(id);
    };
    for (const auto& [id, seat] : inc.seats) {
        if (may_still(id, seat)) {
            out.push_back(id);
        }
    }
    std::unordered_set<std::string_view> known;
    for (int tier = 1; tier <= inc.tier; ++tier) {
        const bool batch = tier_spec(inc, tier).mode == TierMode::batch;
        for (auto& id : batch ? candidates(step, inc, tier, false) : newcomers(step, inc, tier)) {
            const auto seat = inc.seats.find(id);
            const bool counted = seat != inc.seats.end() && may_still(id, seat->second);
            if (!counted && known.insert(step.index.person(id)->id).second) {  // who is a candidate can be reached, and is configured
                out.push_back(std::move(id));
            }
        }
    }
    return out;
}

/// Everyone from the loop's first tier up who has not said no, with whoever is on duty by now, and the fallback list.
void ask_again(Step& step, Incident& inc) {
    int from = tiers_of(inc);
    for (int tier = 1; tier <= tiers_of(inc); ++tier) {
        if (tier_spec(inc, tier).id == inc.policy.repeat.from) {
            from = tier;
        }
    }
    std::map<std::string, int> people;
    for (int tier = std::max(1, from); tier <= tiers_of(inc); ++tier) {
        for (auto& person : candidates(step, inc, tier, true)) {
            people.emplace(std::move(person), tier);
        }
    }
    for (const auto& [id, seat] : inc.seats) {
        const bool silent = seat.state == SeatState::asked || seat.state == SeatState::timed_out;
        if (silent && seat.tier >= from && may_call(step, inc, id, seat.tier) &&
            step.state.seated_elsewhere(inc, id) == nullptr && askable(step, inc, id, urgent_tier(inc.policy, seat.tier), true)) {
            people.emplace(id, seat.tier);
        }
    }
    for (const auto& person : inc.policy.fallback) {
        if (askable(step, inc, person, true, true)) {
            people.emplace(person, tiers_of(inc) + 1);
        }
    }
    const auto why = "round " + std::to_string(inc.rounds);
    for (const auto& entry : people) {
        step.seat(inc, entry.first, entry.second, SeatState::asked, why);
    }
}

bool settle_round(Step& step, Incident& inc) {
    const auto& repeat = inc.policy.repeat;
    if (repeat.times >= 0 && inc.rounds > repeat.times) {
        return false;
    }
    if (!step.due(inc.round_at + round_wait(repeat, inc.rounds), NextKind::round) || !may_climb(step, inc)) {
        return false;
    }
    auto c = change(inc, IncidentStep::exhausted, "round " + std::to_string(inc.rounds + 1));
    step.emit(std::move(c));
    ask_again(step, inc);
    return true;
}

/// A seat came free: those standing by are asked whether they still can. Only those who would fill something.
bool ask_spares(Step& step, Incident& inc) {
    std::vector<std::string> spares;
    const SeatWants wants(inc, step.index);
    for (const auto& [id, seat] : inc.seats) {
        if (seat.state == SeatState::spare && may_call(step, inc, id, seat.tier) && wants.filled_by(id)) {
            spares.push_back(id);
        }
    }
    for (const auto& id : spares) {
        step.seat(inc, id, inc.seats.at(id).tier, SeatState::asked, "seat free");
    }
    return !spares.empty();
}

/// Keeps ceil(missing x overask) people asked in each entered tier of that mode, in roster order.
bool fill_batch(Step& step, Incident& inc) {
    const int missing = seats_missing(inc, step.index);
    for (int tier = 1; tier <= inc.tier; ++tier) {
        const auto& spec = tier_spec(inc, tier);
        if (spec.mode != TierMode::batch) {
            continue;
        }
        const int wanted = static_cast<int>(std::ceil(missing * std::max(1.0, spec.overask) - 1e-9));
        const int more = wanted - open_candidates(inc, step.index, tier);
        auto people = more > 0 ? candidates(step, inc, tier, false) : std::vector<std::string>{};
        // People who meet an unmet minimum are asked first: they fill two wants at once.
        const SeatWants wants(inc, step.index);
        std::stable_partition(people.begin(), people.end(), [&](const std::string& id) { return wants.meets_minimum(id); });
        if (!people.empty()) {
            people.resize(std::min(people.size(), static_cast<std::size_t>(more)));
            ask(step, inc, people, tier, "batch");
            return true;
        }
    }
    return false;
}

bool time_out_batch(Step& step, Incident& inc) {
    for (const auto& [id, seat] : inc.seats) {
        const bool batch = seat.tier >= 1 && seat.tier <= tiers_of(inc) && tier_spec(inc, seat.tier).mode == TierMode::batch;
        if (batch && seat.state == SeatState::asked && handover_to(inc, id) == nullptr &&
            step.due(seat.asked + tier_spec(inc, seat.tier).answer_in)) {
            const auto late = id;
            step.seat(inc, late, seat.tier, SeatState::timed_out, "no answer in time");
            return true;
        }
    }
    return false;
}

}  // namespace

namespace {

/// Whether a seat in this state may be asked about.
bool may_be_asked(const Seat& seat, bool again) {
    switch (seat.state) {
        case SeatState::elsewhere:
        case SeatState::informed:  // told is not asked
        case SeatState::released: return true;
        case SeatState::asked:
        case SeatState::timed_out:
        case SeatState::unreachable: return again && !seat.acked;
        case SeatState::joined:
        case SeatState::spare:
        case SeatState::arrived:
        case SeatState::declined:
        case SeatState::left:
        case SeatState::noshow: return false;
    }
    return false;
}

}  // namespace

bool askable(const Step& step, const Incident& inc, const std::string& id, bool urgent, bool again) {
    const auto it = inc.seats.find(id);
    return (it == inc.seats.end() || may_be_asked(it->second, again)) && reachable_by(step, id, urgent);
}

std::vector<std::string> candidates(const Step& step, const Incident& inc, int tier, bool again, bool anybody) {
    std::vector<std::string> out;
    std::unordered_set<std::string_view> known;
    const auto& spec = tier_spec(inc, tier);
    // All seats are taken and only a role or skill is missing: nobody else is called for it.
    const bool special = !anybody && seats_taken(inc) >= inc.need;
    const SeatWants wants(inc, step.index, std::max(inc.tier, tier));
    for (const auto& roster : spec.rosters) {
        if (contains(spec.inform_only, roster)) {
            continue;
        }
        for (const auto& person : step.state.duty(roster, step.now.wall).people) {
            if (askable(step, inc, person, spec.urgent, again) && step.state.seated_elsewhere(inc, person) == nullptr &&
                (!special || wants.meets_minimum(person)) && known.insert(person).second) {
                out.push_back(person);
            }
        }
    }
    return out;
}

void ask(Step& step, Incident& inc, const std::vector<std::string>& people, int tier, const std::string& why) {
    for (const auto& person : people) {
        step.seat(inc, person, tier, SeatState::asked, why);
    }
}

bool reachable(const Step& step, const Incident& inc, const std::string& id, int tier) {
    return reachable_by(step, id, urgent_tier(inc.policy, tier));
}

/// Enters tiers up to `target`, and further until one is not empty. Nobody anywhere: the fallback list, at once.
void climb(Step& step, Incident& inc, int target, const std::string& why, std::string_view by) {
    bool somebody = false;
    while (inc.tier < tiers_of(inc) && (inc.tier < target || !somebody)) {
        const int tier = inc.tier + 1;
        const auto people = candidates(step, inc, tier, false);
        somebody = somebody || !people.empty();
        enter(step, inc, tier, people, why, by);
    }
    if (!somebody) {
        exhaust(step, inc, "nobody left to ask", by);
    }
}

void exhaust(Step& step, Incident& inc, const std::string& why, std::string_view by) {
    std::vector<std::string> people;
    for (const auto& person : inc.policy.fallback) {
        if (askable(step, inc, person, true, true)) {
            people.push_back(person);
        }
    }
    auto c = change(inc, IncidentStep::exhausted, why, by);
    c.people = people;
    step.emit(std::move(c));
    ask(step, inc, people, tiers_of(inc) + 1, "fallback");
}

NextTier next_tier(const Step& step, const Incident& inc) {
    using Why = NextTier::Why;
    const int missing = seats_missing(inc, step.index);
    if (inc.phase == Phase::filled || missing == 0) {
        return {Why::filled, 0, engine_never};
    }
    if (inc.phase == Phase::exhausted) {
        return {Why::exhausted, 0, engine_never};
    }
    if (inc.policy.ack_stops && !inc.owner.empty()) {
        return {Why::acknowledged, 0, engine_never};
    }
    if (const int next = inc.push ? next_with_people(step, inc) : 0; next > 0) {
        return {Why::rising, next, step.now.at};
    }
    const auto may_come = who_may_come(step, inc);
    const int open = static_cast<int>(may_come.size());
    const bool less = open < missing || minimum_out_of_reach(inc, step.index, may_come);
    if (open == 0 || (less && (inc.lost || reopened_below(inc)))) {
        return {Why::too_few, inc.tier + 1, step.now.at};
    }
    const auto wait = inc.policy.tiers.empty() ? Span{0} : tier_spec(inc, std::clamp(inc.wait_tier, 1, tiers_of(inc))).wait;
    return {Why::waits, inc.tier + 1, inc.tier_at + wait};
}

bool settle_tier(Step& step, Incident& inc) {
    if (inc.phase == Phase::filled || seats_missing(inc, step.index) == 0) {
        return false;
    }
    if (time_out_batch(step, inc) || fill_batch(step, inc)) {
        return true;
    }
    if (knows_again(step, inc) && (ask_on_duty(step, inc) || settle_alarm(step, inc))) {
        return true;
    }
    if (inc.phase == Phase::exhausted) {
        return probe_dead_ways(step, inc) || settle_round(step, inc);
    }
    const auto next = next_tier(step, inc);  // with ack_stops none, once somebody has acknowledged; tiers that were called go on
    const auto kind = next.tier <= tiers_of(inc) ? NextKind::tier : NextKind::fallback;
    if (!step.due(next.at, kind, next.tier) || !may_climb(step, inc)) {
        return false;
    }
    if (next.why == NextTier::Why::rising) {
        climb(step, inc, next.tier, "filled but still rising", by_engine);
        return true;
    }
    const std::string why = next.why == NextTier::Why::too_few ? "too few candidates left" : "wait over";
    if (next.tier <= tiers_of(inc)) {
        climb(step, inc, next.tier, why, by_engine);
    } else {
        exhaust(step, inc, why, by_engine);
    }
    return true;
}

/// What turned red in this very step was no reason to ask anybody again while the seats were filled; it is one now.
void ask_again_for_what_came_now(Step& step, Incident& inc) {
    if (inc.turned.empty()) {
        return;
    }
    auto c = change(inc, IncidentStep::level, "ask again: " + inc.turned);
    c.asks_again = true;
    step.emit(std::move(c));
}

bool settle_filled(Step& step, Incident& inc) {
    const int missing = seats_missing(inc, step.index);
    if (inc.phase != Phase::filled && missing == 0) {
        auto c = change(inc, IncidentStep::filled);
        c.missing = missing_of(staffing(step, inc.scope, inc.group));
        step.emit(std::move(c));
        cancel_calls(step, inc, "seats are filled");
        return true;
    }
    if (inc.phase == Phase::filled && missing > 0) {
        step.emit(change(inc, IncidentStep::unfilled, std::to_string(missing) + " missing"));
        ask_again_for_what_came_now(step, inc);
        return true;
    }
    return false;
}

/// Seats are missing: those who stand by, and after a reopening those who helped before, are asked first.
bool settle_seats(Step& step, Incident& inc) {
    if (ask_spares(step, inc)) {
        return true;
    }
    if (!reopened_below(inc)) {
        return false;
    }
    std::vector<std::string> helpers;
    for (const auto& [id, seat] : inc.seats) {
        if (seat.was_joined && seat.asks == 0 && may_call(step, inc, id, seat.tier) &&
            askable(step, inc, id, urgent_tier(inc.policy, seat.tier), false) &&
            step.state.seated_elsewhere(inc, id) == nullptr) {
            helpers.push_back(id);
        }
    }
    for (const auto& id : helpers) {
        step.seat(inc, id, std::max(1, inc.seats.at(id).tier), SeatState::asked, "helped before");
    }
    return !helpers.empty();
}

}  // namespace incident

}  // namespace surged
