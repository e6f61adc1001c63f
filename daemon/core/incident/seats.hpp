// Counting seats: how many are wanted, taken and missing, and which people may still say yes. Pure functions of one incident and
// the plan.
#pragma once

#include <string>
#include <vector>

#include "core/incident/state.hpp"

namespace surged {

/// How many people a policy with a number wants; need.cpp tells what one with "shortfall" does.
int need_of(const PolicySpec& policy);

bool takes_seat(SeatState state);  ///< joined or arrived

int seats_taken(const Incident& incident);
int seats_arrived(const Incident& incident);
/// Counts Incident::held anew: for whoever changed many seats at once.
void count_seats(Incident& incident);
/// One seat goes from `was` to `is`.
void count_seat(Incident& incident, SeatState was, SeatState is);

/// Seats still to fill: need minus taken, or the unmet role and skill minimums of the tiers entered, whichever is more. 0 =
/// filled.
int seats_missing(const Incident& incident, const PlanIndex& index);

/// What the unmet role and skill minimums of the tiers entered still want: "english" 2. A minimum of several tiers stands once,
/// with the most.
std::vector<std::pair<std::string, int>> unmet_minimums(const Incident& incident, const PlanIndex& index);

/// What a further join would fill, counted once and then asked of many people. It holds until a seat or the need changes.
class SeatWants {
public:
    /// Of the role and skill minimums those of tiers 1 to `tier`.
    SeatWants(const Incident& incident, const PlanIndex& index, int tier);
    /// Of the tiers entered.
    SeatWants(const Incident& incident, const PlanIndex& index);
    /// Whether this person's join would fill something: a seat is missing, or one of the unmet minimums is theirs.
    bool filled_by(const std::string& person) const { return seat_missing_ || meets_minimum(person); }
    /// Whether one of the unmet role and skill minimums is this person's.
    bool meets_minimum(const std::string& person) const;

private:
    const PlanIndex& index_;
    bool seat_missing_;
    std::vector<const TierRequire*> unmet_;
};

/// Whether this person, when `going` are gone already, can go without falling below a minimum of the tiers entered, as `scopes`
/// scopes of a region want it together.
bool can_spare(const Incident& incident, const PlanIndex& index, const std::vector<std::string>& going, const std::string& person,
               int scopes);

/// People asked who have not answered and whose join would fill something: they may still say yes. `tier` 0 = of all tiers.
int open_candidates(const Incident& incident, const PlanIndex& index, int tier = 0);

/// Whether some unmet minimum wants more people than `may_come` counts among those who fit it.
bool minimum_out_of_reach(const Incident& incident, const PlanIndex& index, const std::vector<std::string>& may_come);

/// The seat that this person was named for and may still take over; null = none.
const HandOver* handover_to(const Incident& incident, const std::string& person);

/// The person to whom the holder of a seat hands it; empty = to nobody.
std::string successor_of(const Incident& incident, const std::string& person);

/// Tiers are 1-based; one past the last is the fallback list, which is urgent.
bool urgent_tier(const PolicySpec& policy, int tier);

/// The tier as people understand it: the highest that was called, and after a reopening the tier of those who are asked first.
int shown_tier(const Incident& incident);

/// surged was down while they may have arrived, and nobody could say so: once, however often it is started again.
void excuse_overdue(Incident& incident, EngineTime at);

/// How many tiers count as entered when an incident goes over to another policy: those before the first that was not entered.
int tiers_entered(const Incident& incident, const PolicySpec& now);

/// Why somebody is not asked: "holds a seat in incident 0-17".
std::string seat_in(const Incident& other);

/// Person ids that hold a seat, in the order they joined.
std::vector<std::string> holders(const Incident& incident);

}  // namespace surged
