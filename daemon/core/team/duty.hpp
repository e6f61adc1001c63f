// Duty over a span of time: when people come and go on each roster, and when a tier has nobody.
//
// It knows nothing of doubled hours, dates and overrides itself: it asks on_duty(), the function that pages people, at every
// instant at which its answer can change. Hardest rule: what is shown here for a moment is what a page at that moment would find.
#pragma once

#include <string>
#include <vector>

#include "core/team/roster.hpp"

namespace surged {

/// From `at` on these people stand there, until the next turn.
struct DutyTurn {
    WallTime at{};
    std::vector<std::string> people;
    template <typename V>
    void fields(V& v) const {
        v("at", at), v("on_duty", people);
    }
};
struct RosterDuty {
    std::string roster;
    std::string zone;             ///< the roster's own, by IANA name
    std::vector<DutyTurn> turns;  ///< the first at the start of the span; then every moment at which the people change
    template <typename V>
    void fields(V& v) const {
        v("roster", roster), v("zone", zone), v("on_duty", turns.front().people);
        v("changes", std::vector<DutyTurn>(turns.begin() + 1, turns.end()));
    }
};
/// Nobody who could take a seat of this tier is on duty in [from, until).
struct TierGap {
    std::string policy;
    std::string tier;
    std::string zone;  ///< of the tier's first roster
    WallTime from{};
    WallTime until{};
    template <typename V>
    void fields(V& v) const {
        v("policy", policy), v("tier", tier), v("zone", zone), v("from", from), v("until", until);
    }
};

/// Somebody is on duty in [from, until), but fewer than a policy's need or its `require` want, all its tiers together.
struct NeedGap {
    std::string policy;
    std::string zone;  ///< of the first roster that holds seats
    std::string what;  ///< empty = the need; else "skill english", "role lead"
    int on_duty = 0;   ///< distinct people who could take a seat, and fit
    int need = 0;      ///< wanted; of a need by expression or shortfall its least
    WallTime from{};
    WallTime until{};
    template <typename V>
    void fields(V& v) const {
        v("policy", policy), v("what", what), v("on_duty", on_duty), v("need", need), v("zone", zone), v("from", from);
        v("until", until);
    }
};

/// Everything that rosters depend on at this moment: a copy small enough to take from the engine, so that the work is done elsewhere.
struct DutyFacts {
    Plan plan;  ///< people, rosters, overrides, policies and zones only
    std::vector<OverrideChange> set_at_run_time;
};
DutyFacts duty_facts(const Plan& plan, std::vector<OverrideChange> set_at_run_time);

/// Turns of one roster in [from, until). An unknown roster has one turn with nobody. Cost: turns x on_duty().
std::vector<DutyTurn> duty_turns(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, std::string_view roster,
                                 WallTime from, WallTime until);
/// Times in [from, until) at which a tier has nobody; a tier without rosters that hold seats has none.
std::vector<TierGap> tier_gaps(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, const PolicySpec& policy,
                               const TierSpec& tier, WallTime from, WallTime until);
/// Times in [from, until) at which a policy has fewer on duty than it wants, but not nobody; one gap for each want and number.
std::vector<NeedGap> need_gaps(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, const PolicySpec& policy,
                               WallTime from, WallTime until);

/// The earliest moment in (at, at + within) at which somebody of this roster may come or go; at + within when there is none.
WallTime next_turn(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, std::string_view roster, WallTime at,
                   Span within);

std::vector<RosterDuty> all_duty(const DutyFacts& facts, WallTime from, WallTime until);
std::vector<TierGap> all_gaps(const DutyFacts& facts, WallTime from, WallTime until);
std::vector<NeedGap> all_need_gaps(const DutyFacts& facts, WallTime from, WallTime until);

}  // namespace surged
