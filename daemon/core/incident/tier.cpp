// Who is asked, and when the next tier is entered. A tier that is empty is passed in the same step; the last one leads to the
// fallback list and a loop with back-off. "Too few are left" climbs before the wait is over; a tier that is merely small is given
// its wait.
#include <cmath>

#include "core/incident/decider.hpp"
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

bool Decider::reachable_by(const std::string& id, bool urgent) const {
    const auto* person = index_.person(id);
    if (person == nullptr) {
        return false;
    }
    const auto& steps = reach_of(*person, urgent);
    return std::any_of(steps.begin(), steps.end(), [&](const ReachStep& s) { return index_.channel(s.channel) != nullptr; });
}

bool Decider::askable(const Incident& inc, const std::string& id, bool urgent, bool again) const {
    const auto it = inc.seats.find(id);
    if (it == inc.seats.end() || !reachable_by(id, urgent)) {
        return reachable_by(id, urgent);
    }
    switch (it->second.state) {
        case SeatState::elsewhere:
        case SeatState::informed:  // told is not asked
        case SeatState::released: return true;
        case SeatState::asked:
        case SeatState::timed_out:
        case SeatState::unreachable: return again && !it->second.acked;
        case SeatState::joined:
        case SeatState::spare:
        case SeatState::arrived:
        case SeatState::declined:
        case SeatState::left:
        case SeatState::noshow: return false;
    }
    return false;
}

std::vector<std::string> Decider::candidates(const Incident& inc, int tier, bool again, bool anybody) const {
    std::vector<std::string> out;
    const auto& spec = tier_spec(inc, tier);
    // All seats are taken and only a role or skill is missing: nobody else is called for it.
    const bool special = !anybody && seats_taken(inc) >= inc.need;
    const auto wanted = [&](const std::string& id) { return !special || fits_unmet(inc, index_, id, std::max(inc.tier, tier)); };
    for (const auto& roster : spec.rosters) {
        if (std::find(spec.inform_only.begin(), spec.inform_only.end(), roster) != spec.inform_only.end()) {
            continue;
        }
        for (const auto& person : s_.duty(roster, now_.wall).people) {
            if (std::find(out.begin(), out.end(), person) == out.end() && askable(inc, person, spec.urgent, again) &&
                s_.seated_elsewhere(inc, person) == nullptr && wanted(person)) {
                out.push_back(person);
            }
        }
    }
    return out;
}

/// The first tier not yet entered in which somebody can be asked; 0 = none.
int Decider::next_with_people(const Incident& inc) const {
    for (int tier = inc.tier + 1; tier <= tiers_of(inc); ++tier) {
        if (!candidates(inc, tier, false).empty()) {
            return tier;
        }
    }
    return 0;
}

void Decider::ask(Incident& inc, const std::vector<std::string>& people, int tier, const std::string& why) {
    for (const auto& person : people) {
        seat(inc, person, tier, SeatState::asked, why);
    }
}

bool Decider::reachable(const Incident& inc, const std::string& id, int tier) const {
    return reachable_by(id, urgent_tier(inc.policy, tier));
}

// ---- climbing
// -------------------------------------------------------------------------------------------------------------------------------

void Decider::enter(Incident& inc, int tier, const std::vector<std::string>& people, const std::string& why,
                    const std::string& by) {
    const auto& spec = tier_spec(inc, tier);
    auto c =
        change(inc, people.empty() ? IncidentStep::tier_empty : IncidentStep::tier, people.empty() ? "nobody to ask" : why, by);
    c.tier = tier;
    c.people = people;
    emit(std::move(c));
    if (spec.mode == TierMode::all) {
        ask(inc, people, tier, why);
    }
    // On duty but without any way to be reached, or at work in another incident: shown as such, and no candidate.
    for (const auto& roster : spec.rosters) {
        for (const auto& person : s_.duty(roster, now_.wall).people) {
            if (inc.seats.count(person) > 0 || index_.person(person) == nullptr) {
                continue;
            }
            if (!askable(inc, person, spec.urgent, true)) {
                seat(inc, person, tier, SeatState::unreachable, "no way to reach", SeatCause::no_way);
            } else if (const auto* other = s_.seated_elsewhere(inc, person); other != nullptr) {
                seat(inc, person, tier, SeatState::elsewhere, seat_in(*other));
            }
        }
    }
    inform(inc, tier);
}

void Decider::inform(Incident& inc, int tier) {
    for (const auto& roster : tier_spec(inc, tier).inform_only) {
        for (const auto& person : s_.duty(roster, now_.wall).people) {
            const auto known = inc.seats.find(person);
            // Who is told is told wherever they sit, also when they were to be asked and cannot be.
            const bool untold =
                known == inc.seats.end() || (known->second.state == SeatState::elsewhere && known->second.tier == tier);
            if (untold && askable(inc, person, tier_spec(inc, tier).urgent, false)) {
                seat(inc, person, tier, SeatState::informed, "told, no seat");
            }
        }
    }
}

/// Enters tiers up to `target`, and further until one is not empty. Nobody anywhere: the fallback list, at once.
void Decider::climb(Incident& inc, int target, const std::string& why, const std::string& by) {
    bool somebody = false;
    while (inc.tier < tiers_of(inc) && (inc.tier < target || !somebody)) {
        const int tier = inc.tier + 1;
        const auto people = candidates(inc, tier, false);
        somebody = somebody || !people.empty();
        enter(inc, tier, people, why, by);
    }
    if (!somebody) {
        exhaust(inc, "nobody left to ask", by);
    }
}

void Decider::exhaust(Incident& inc, const std::string& why, const std::string& by) {
    std::vector<std::string> people;
    for (const auto& person : inc.policy.fallback) {
        if (askable(inc, person, true, true)) {
            people.push_back(person);
        }
    }
    auto c = change(inc, IncidentStep::exhausted, why, by);
    c.people = people;
    emit(std::move(c));
    ask(inc, people, tiers_of(inc) + 1, "fallback");
}

/// After a restart: one tier per incident, until an alert moves or the hold is over. Fails towards paging: it only delays.
bool Decider::may_climb(const Incident& inc) {
    const bool free = s_.recovered == EngineTime{} || inc.climbed < s_.recovered || inc.fresh > s_.recovered;
    return free || due(s_.recovered + recovery_hold);
}

/// Those asked, and those of an entered tier who have not been asked yet, as far as they would fill something.
std::vector<std::string> Decider::who_may_come(const Incident& inc) const {
    std::vector<std::string> out;
    for (const auto& [id, seat] : inc.seats) {
        // Who went off duty is not called any more, and may still say yes to the call they had.
        const bool open = seat.state == SeatState::asked || (seat.state == SeatState::timed_out && seat.cause == SeatCause::off_duty);
        if (open && handover_to(inc, id) == nullptr && would_fill(inc, index_, id)) {
            out.push_back(id);
        }
    }
    for (int tier = 1; tier <= inc.tier; ++tier) {
        const bool batch = tier_spec(inc, tier).mode == TierMode::batch;
        for (auto& id : batch ? candidates(inc, tier, false) : newcomers(inc, tier)) {
            if (std::find(out.begin(), out.end(), id) == out.end()) {
                out.push_back(std::move(id));
            }
        }
    }
    return out;
}

bool Decider::settle_tier(Incident& inc) {
    const int missing = seats_missing(inc, index_);
    if (inc.phase == Phase::filled || missing == 0) {
        return false;
    }
    if (time_out_batch(inc) || fill_batch(inc)) {
        return true;
    }
    const bool exhausted = inc.phase == Phase::exhausted;
    if (inc.policy.ack_stops && !inc.owner.empty()) {
        return exhausted && (probe_dead_ways(inc) || settle_round(inc));
    }
    if (knows_again(inc) && (ask_on_duty(inc) || settle_alarm(inc))) {
        return true;
    }
    if (exhausted) {
        return probe_dead_ways(inc) || settle_round(inc);
    }
    const auto may_come = who_may_come(inc);
    const int open = static_cast<int>(may_come.size());
    const int next = inc.push ? next_with_people(inc) : 0;
    if (next > 0 && may_climb(inc)) {
        climb(inc, next, "filled but still rising", "engine");
        return true;
    }
    const bool less = open < missing || minimum_out_of_reach(inc, index_, may_come);
    const bool too_few = open == 0 || (less && (inc.lost || reopened_below(inc)));
    const auto wait = inc.policy.tiers.empty() ? Span{0} : tier_spec(inc, std::clamp(inc.wait_tier, 1, tiers_of(inc))).wait;
    if ((!too_few && !due(inc.tier_at + wait)) || !may_climb(inc)) {
        return false;
    }
    const std::string why = too_few ? "too few candidates left" : "wait over";
    if (inc.tier < tiers_of(inc)) {
        climb(inc, inc.tier + 1, why, "engine");
    } else {
        exhaust(inc, why, "engine");
    }
    return true;
}

// ---- the loop at the top
// ------------------------------------------------------------------------------------------------------------------------

bool Decider::settle_round(Incident& inc) {
    const auto& repeat = inc.policy.repeat;
    if (repeat.times >= 0 && inc.rounds > repeat.times) {
        return false;
    }
    if (!due(inc.round_at + round_wait(repeat, inc.rounds)) || !may_climb(inc)) {
        return false;
    }
    auto c = change(inc, IncidentStep::exhausted, "round " + std::to_string(inc.rounds + 1));
    emit(std::move(c));
    ask_again(inc);
    return true;
}

/// Everyone from the loop's first tier up who has not said no, with whoever is on duty by now, and the fallback list.
void Decider::ask_again(Incident& inc) {
    int from = tiers_of(inc);
    for (int tier = 1; tier <= tiers_of(inc); ++tier) {
        if (tier_spec(inc, tier).id == inc.policy.repeat.from) {
            from = tier;
        }
    }
    std::map<std::string, int> people;
    for (int tier = std::max(1, from); tier <= tiers_of(inc); ++tier) {
        for (auto& person : candidates(inc, tier, true)) {
            people.emplace(std::move(person), tier);
        }
    }
    for (const auto& [id, seat] : inc.seats) {
        const bool silent = seat.state == SeatState::asked || seat.state == SeatState::timed_out;
        if (silent && seat.tier >= from && may_call(inc, id, seat.tier) && s_.seated_elsewhere(inc, id) == nullptr &&
            askable(inc, id, urgent_tier(inc.policy, seat.tier), true)) {
            people.emplace(id, seat.tier);
        }
    }
    for (const auto& person : inc.policy.fallback) {
        if (askable(inc, person, true, true)) {
            people.emplace(person, tiers_of(inc) + 1);
        }
    }
    const auto why = "round " + std::to_string(inc.rounds);
    for (const auto& entry : people) {
        seat(inc, entry.first, entry.second, SeatState::asked, why);
    }
}

// ---- seats
// ------------------------------------------------------------------------------------------------------------------------------------

bool Decider::settle_filled(Incident& inc) {
    const int missing = seats_missing(inc, index_);
    if (inc.phase != Phase::filled && missing == 0) {
        auto c = change(inc, IncidentStep::filled);
        c.missing = missing_text(staffing(inc.scope, inc.fold));
        emit(std::move(c));
        cancel_calls(inc, "seats are filled");
        return true;
    }
    if (inc.phase == Phase::filled && missing > 0) {
        emit(change(inc, IncidentStep::unfilled, std::to_string(missing) + " missing"));
        return true;
    }
    return false;
}

/// Seats are missing: those who stand by, and after a reopening those who helped before, are asked first.
bool Decider::settle_seats(Incident& inc) {
    if (ask_spares(inc)) {
        return true;
    }
    if (!reopened_below(inc)) {
        return false;
    }
    std::vector<std::string> helpers;
    for (const auto& [id, seat] : inc.seats) {
        if (seat.was_joined && seat.asks == 0 && may_call(inc, id, seat.tier) && askable(inc, id, urgent_tier(inc.policy, seat.tier), false) &&
            s_.seated_elsewhere(inc, id) == nullptr) {
            helpers.push_back(id);
        }
    }
    for (const auto& id : helpers) {
        seat(inc, id, std::max(1, inc.seats.at(id).tier), SeatState::asked, "helped before");
    }
    return !helpers.empty();
}

/// A seat came free: those standing by are asked whether they still can. Only those who would fill something.
bool Decider::ask_spares(Incident& inc) {
    std::vector<std::string> spares;
    for (const auto& [id, seat] : inc.seats) {
        if (seat.state == SeatState::spare && may_call(inc, id, seat.tier) && would_fill(inc, index_, id)) {
            spares.push_back(id);
        }
    }
    for (const auto& id : spares) {
        seat(inc, id, inc.seats.at(id).tier, SeatState::asked, "seat free");
    }
    return !spares.empty();
}

// ---- batches
// --------------------------------------------------------------------------------------------------------------------------------------

/// Keeps ceil(missing x overask) people asked in each entered tier of that mode, in roster order.
bool Decider::fill_batch(Incident& inc) {
    const int missing = seats_missing(inc, index_);
    for (int tier = 1; tier <= inc.tier; ++tier) {
        const auto& spec = tier_spec(inc, tier);
        if (spec.mode != TierMode::batch) {
            continue;
        }
        const int wanted = static_cast<int>(std::ceil(missing * std::max(1.0, spec.overask) - 1e-9));
        const int more = wanted - open_candidates(inc, index_, tier);
        auto people = more > 0 ? candidates(inc, tier, false) : std::vector<std::string>{};
        // Who meets an unmet minimum is asked first: they fill two wants at once.
        std::stable_partition(people.begin(), people.end(),
                              [&](const std::string& id) { return fits_unmet(inc, index_, id, inc.tier); });
        if (!people.empty()) {
            people.resize(std::min(people.size(), static_cast<std::size_t>(more)));
            ask(inc, people, tier, "batch");
            return true;
        }
    }
    return false;
}

bool Decider::time_out_batch(Incident& inc) {
    for (const auto& [id, seat] : inc.seats) {
        const bool batch = seat.tier >= 1 && seat.tier <= tiers_of(inc) && tier_spec(inc, seat.tier).mode == TierMode::batch;
        if (batch && seat.state == SeatState::asked && handover_to(inc, id) == nullptr &&
            due(seat.asked + tier_spec(inc, seat.tier).answer_in)) {
            const auto late = id;
            this->seat(inc, late, seat.tier, SeatState::timed_out, "no answer in time");
            return true;
        }
    }
    return false;
}

}  // namespace surged
