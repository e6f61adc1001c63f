// Who is on duty in the next 14 days: a tier with nobody is found now, days before a page would find it empty.
//
// It asks the same function that pages people, at every instant at which its answer can change, and knows nothing of overrides or
// doubled hours itself.
#include <algorithm>
#include <array>

#include "config/draft.hpp"
#include "core/escalation/roster.hpp"

namespace surged {

namespace {
constexpr int days_ahead = 14;

struct Gap {
    WallTime from;
    WallTime until;
};

CivilTime civil_at(std::int64_t day, int minute) {
    auto civil = civil_from_days(day + minute / 1440);
    civil.second_of_day = minute % 1440 * 60;
    return civil;
}

/// Instants in [now, until) at which somebody of this roster may come or go.
std::set<WallTime> turns_of(const Plan& plan, const RosterSpec& roster, WallTime now, WallTime until) {
    const auto& zone = zone_of(plan, roster.zone);
    std::set<WallTime> turns;
    const auto add = [&](const CivilTime& civil) {
        for (const auto t : {zone.first_instant(civil), zone.last_instant(civil)}) {
            if (t > now && t < until) {
                turns.insert(t);
            }
        }
    };
    const auto civil = zone.to_civil(now);
    const auto today = days_from_civil(civil.year, civil.month, civil.day);
    const auto shift = [&](std::int64_t day, int from_min, int to_min) {
        add(civil_at(day, from_min));
        add(civil_at(day, to_min <= from_min ? to_min + 1440 : to_min));
    };
    for (auto day = today - 2; day <= today + days_ahead + 1; ++day) {
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
    return turns;
}

std::string shown(const Zone& zone, WallTime t) {
    constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const auto civil = zone.to_civil(t);
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    const auto day = days[static_cast<std::size_t>(weekday_of(days_from_civil(civil.year, civil.month, civil.day)))];
    return std::string(day) + " " + std::to_string(civil.year) + "-" + two(civil.month) + "-" + two(civil.day) + " " +
           two(civil.second_of_day / 3600) + ":" + two(civil.second_of_day / 60 % 60);
}

/// The tier's rosters whose people can take a seat.
std::vector<const RosterSpec*> seating(const Plan& plan, const TierSpec& tier) {
    const auto holds = [](const std::vector<std::string>& list, const std::string& id) {
        return std::find(list.begin(), list.end(), id) != list.end();
    };
    std::vector<const RosterSpec*> out;
    for (const auto& roster : plan.rosters) {
        if (holds(tier.rosters, roster.id) && !holds(tier.inform_only, roster.id)) {
            out.push_back(&roster);
        }
    }
    return out;
}

std::vector<Gap> gaps_of(const Plan& plan, const std::vector<const RosterSpec*>& rosters, WallTime now, WallTime until) {
    std::set<WallTime> turns{now};
    for (const auto* roster : rosters) {
        turns.merge(turns_of(plan, *roster, now, until));
    }
    std::vector<Gap> gaps;
    bool open = false;
    for (const auto t : turns) {
        const bool empty =
            std::all_of(rosters.begin(), rosters.end(), [&](const RosterSpec* r) { return on_duty(plan, {}, r->id, t).empty(); });
        if (empty && !open) {
            gaps.push_back({t, until});
        } else if (!empty && open) {
            gaps.back().until = t;
        }
        open = empty;
    }
    return gaps;
}
}  // namespace

void check_coverage(Draft& draft, WallTime now) {
    const auto& plan = draft.plan;
    const auto until = now + std::chrono::hours{24 * days_ahead};
    for (std::size_t i = 0; i < plan.policies.size(); ++i) {
        for (std::size_t k = 0; k < plan.policies[i].tiers.size(); ++k) {
            const auto& tier = plan.policies[i].tiers[k];
            const auto rosters = seating(plan, tier);
            if (rosters.empty()) {
                continue;
            }
            const auto gaps = gaps_of(plan, rosters, now, until);
            if (gaps.empty()) {
                continue;
            }
            const auto& zone = zone_of(plan, rosters.front()->zone);
            const bool always = gaps[0].from == now && gaps[0].until == until;
            std::string text = "tier " + in_quotes(tier.id) + " has nobody on duty ";
            text += always ? "in the next 14 days"
                           : "from " + shown(zone, gaps[0].from) + " to " + shown(zone, gaps[0].until) + " (" + zone.name() + ")";
            if (gaps.size() > 1) {
                text += ", and " + std::to_string(gaps.size() - 1) + (gaps.size() == 2 ? " more time" : " more times") +
                        " in the next 14 days";
            }
            draft.report.warning(draft.tiers[i][k].tier, text + "; the next tier is called at once then");
        }
    }
}

}  // namespace surged
