#include "core/team/duty.hpp"

#include <algorithm>
#include <set>

#include "core/base/ranges.hpp"

namespace surged {

namespace {

std::int64_t day_of(const Zone& zone, WallTime t) {
    const auto civil = zone.to_civil(t);
    return days_from_civil(civil.year, civil.month, civil.day);
}

/// Instants in (from, until) at which somebody of this roster may come or go.
std::set<WallTime> instants_of(const Plan& plan, const std::vector<OverrideChange>& changes, const RosterSpec& roster,
                               WallTime from, WallTime until) {
    const auto& zone = zone_of(plan, roster.zone);
    std::set<WallTime> out;
    const auto add_instant = [&](WallTime t) {
        if (t > from && t < until) {
            out.insert(t);
        }
    };
    const auto add = [&](const CivilTime& civil) {
        add_instant(zone.first_instant(civil));
        add_instant(zone.last_instant(civil));
    };
    const auto shift = [&](std::int64_t day, int from_min, int to_min) {
        add(civil_at(day, from_min));
        add(civil_at(day, to_min <= from_min ? to_min + day_minutes : to_min));
    };
    const auto last = day_of(zone, until) + 1;
    for (auto day = day_of(zone, from) - 2; day <= last; ++day) {
        for (const auto& s : roster.shifts) {
            shift(day, s.from_min, s.to_min);
        }
    }
    for (const auto& date : roster.dates) {
        shift(date.day, date.from_min, date.to_min);
    }
    for (const auto& change : plan.overrides) {
        if (change.roster == roster.id) {
            add(change.from);
            add(change.until);
        }
    }
    for (const auto& change : changes) {
        if (change.roster == roster.id) {
            add_instant(change.from);
            add_instant(change.until);
        }
    }
    return out;
}

const RosterSpec* find_roster(const Plan& plan, std::string_view id) {
    const auto it = std::ranges::find_if(plan.rosters, [&](const RosterSpec& r) { return r.id == id; });
    return it == plan.rosters.end() ? nullptr : &*it;
}

/// The tier's rosters whose people can take a seat.
std::vector<const RosterSpec*> seating(const Plan& plan, const TierSpec& tier) {
    const auto holds = [](const std::vector<std::string>& list, const std::string& id) { return contains(list, id); };
    std::vector<const RosterSpec*> out;
    for (const auto& roster : plan.rosters) {
        if (holds(tier.rosters, roster.id) && !holds(tier.inform_only, roster.id)) {
            out.push_back(&roster);
        }
    }
    return out;
}

}  // namespace

DutyFacts duty_facts(const Plan& plan, std::vector<OverrideChange> set_at_run_time) {
    DutyFacts facts;
    facts.plan.timezone = plan.timezone;
    facts.plan.people = plan.people;
    facts.plan.rosters = plan.rosters;
    facts.plan.overrides = plan.overrides;
    facts.plan.policies = plan.policies;
    facts.plan.zones = plan.zones;
    facts.set_at_run_time = std::move(set_at_run_time);
    return facts;
}

std::vector<DutyTurn> duty_turns(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, std::string_view roster,
                                 WallTime from, WallTime until) {
    std::vector<DutyTurn> turns{{from, on_duty(plan, set_at_run_time, roster, from)}};
    const auto* spec = find_roster(plan, roster);
    if (spec == nullptr) {
        return turns;
    }
    for (const auto t : instants_of(plan, set_at_run_time, *spec, from, until)) {
        auto people = on_duty(plan, set_at_run_time, roster, t);
        if (people != turns.back().people) {
            turns.push_back({t, std::move(people)});
        }
    }
    return turns;
}

std::vector<TierGap> tier_gaps(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, const PolicySpec& policy,
                               const TierSpec& tier, WallTime from, WallTime until) {
    const auto rosters = seating(plan, tier);
    std::vector<TierGap> gaps;
    if (rosters.empty()) {
        return gaps;
    }
    std::set<WallTime> instants{from};
    for (const auto* roster : rosters) {
        instants.merge(instants_of(plan, set_at_run_time, *roster, from, until));
    }
    bool open = false;
    for (const auto t : instants) {
        const bool empty =
            std::ranges::all_of(rosters, [&](const RosterSpec* r) { return on_duty(plan, set_at_run_time, r->id, t).empty(); });
        if (empty && !open) {
            gaps.push_back({policy.id, tier.id, zone_of(plan, rosters.front()->zone).name(), t, until});
        } else if (!empty && open) {
            gaps.back().until = t;
        }
        open = empty;
    }
    return gaps;
}

WallTime next_turn(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, std::string_view roster, WallTime at,
                   Span within) {
    const auto spec = std::ranges::find_if(plan.rosters, [&](const RosterSpec& r) { return r.id == roster; });
    if (spec == plan.rosters.end()) {
        return at + within;
    }
    const auto instants = instants_of(plan, set_at_run_time, *spec, at, at + within);
    return instants.empty() ? at + within : *instants.begin();
}

std::vector<NeedGap> need_gaps(const Plan& plan, const std::vector<OverrideChange>& set_at_run_time, const PolicySpec& policy,
                               WallTime from, WallTime until) {
    struct Want {
        std::string role;
        std::string skill;
        int need;
    };
    const auto& need = policy.need;
    std::vector<Want> wants{{"", "", std::max(1, need.expression.empty() ? need.fixed : need.min)}};
    std::vector<const RosterSpec*> rosters;
    for (const auto& tier : policy.tiers) {
        for (const auto* roster : seating(plan, tier)) {
            if (!contains(rosters, roster)) {
                rosters.push_back(roster);
            }
        }
        for (const auto& require : tier.require) {
            const auto same = std::find_if(wants.begin() + 1, wants.end(), [&](const Want& want) {
                return want.role == require.role && want.skill == require.skill;
            });
            if (same == wants.end()) {
                wants.push_back({require.role, require.skill, require.min});
            } else {
                same->need = std::max(same->need, require.min);
            }
        }
    }
    std::set<WallTime> instants{from};
    for (const auto* roster : rosters) {
        instants.merge(instants_of(plan, set_at_run_time, *roster, from, until));
    }
    std::vector<NeedGap> out;
    std::vector<int> open(wants.size(), -1);  // index into out
    for (const auto t : instants) {
        std::set<std::string> there;
        for (const auto* roster : rosters) {
            for (auto& person : on_duty(plan, set_at_run_time, roster->id, t)) {
                there.insert(std::move(person));
            }
        }
        for (std::size_t i = 0; i < wants.size(); ++i) {
            const auto& want = wants[i];
            const bool anybody = want.role.empty() && want.skill.empty();
            const auto fitting = std::ranges::count_if(plan.people, [&](const PersonSpec& p) {
                return there.contains(p.id) && (want.role.empty() || p.role == want.role) &&
                       (want.skill.empty() || contains(p.skills, want.skill));
            });
            const int found = anybody ? static_cast<int>(there.size()) : static_cast<int>(fitting);
            const bool is_short = !there.empty() && found < want.need;
            if (open[i] >= 0) {
                auto& last = out[static_cast<std::size_t>(open[i])];
                if (is_short && last.on_duty == found) {
                    continue;
                }
                last.until = t;
                open[i] = -1;
            }
            if (is_short) {
                const auto what = anybody ? std::string()
                                  : want.skill.empty()
                                      ? "role " + want.role
                                      : "skill " + want.skill + (want.role.empty() ? "" : " and role " + want.role);
                open[i] = static_cast<int>(out.size());
                out.push_back({policy.id, zone_of(plan, rosters.front()->zone).name(), what, found, want.need, t, until});
            }
        }
    }
    return out;
}

std::vector<RosterDuty> all_duty(const DutyFacts& facts, WallTime from, WallTime until) {
    std::vector<RosterDuty> out;
    for (const auto& roster : facts.plan.rosters) {
        out.push_back({roster.id, zone_of(facts.plan, roster.zone).name(),
                       duty_turns(facts.plan, facts.set_at_run_time, roster.id, from, until)});
    }
    return out;
}

std::vector<TierGap> all_gaps(const DutyFacts& facts, WallTime from, WallTime until) {
    std::vector<TierGap> out;
    for (const auto& policy : facts.plan.policies) {
        for (const auto& tier : policy.tiers) {
            const auto gaps = tier_gaps(facts.plan, facts.set_at_run_time, policy, tier, from, until);
            out.insert(out.end(), gaps.begin(), gaps.end());
        }
    }
    return out;
}

std::vector<NeedGap> all_need_gaps(const DutyFacts& facts, WallTime from, WallTime until) {
    std::vector<NeedGap> out;
    for (const auto& policy : facts.plan.policies) {
        const auto gaps = need_gaps(facts.plan, facts.set_at_run_time, policy, from, until);
        out.insert(out.end(), gaps.begin(), gaps.end());
    }
    return out;
}

}  // namespace surged
