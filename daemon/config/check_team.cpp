// Cross checks of people, tiers, rosters and overrides: what would leave a page without a reader, found at load and not at night.
#include <algorithm>
#include <map>
#include <set>

#include "config/draft.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {
std::set<std::string> members(const RosterSpec& roster) {
    std::set<std::string> out;
    for (const auto& shift : roster.shifts) {
        out.insert(shift.people.begin(), shift.people.end());
    }
    for (const auto& date : roster.dates) {
        out.insert(date.people.begin(), date.people.end());
    }
    return out;
}

class TeamCheck {
public:
    explicit TeamCheck(Draft& draft) : draft_(draft), plan_(draft.plan) {}

    void run() {
        for (std::size_t i = 0; i < plan_.policies.size(); ++i) {
            for (std::size_t k = 0; k < plan_.policies[i].tiers.size(); ++k) {
                check_tier(plan_.policies[i].tiers[k], draft_.tiers[i][k]);
            }
            for (const auto& id : plan_.policies[i].fallback) {
                check_reach(id, true);
            }
        }
        check_requires();
        check_bounds();
        check_overlaps();
        check_overrides();
    }

private:
    std::set<std::string> people_of(const std::vector<std::string>& rosters) const {
        std::set<std::string> out;
        for (const auto& roster : plan_.rosters) {
            if (contains(rosters, roster.id)) {
                const auto more = members(roster);
                out.insert(more.begin(), more.end());
            }
        }
        return out;
    }
    const PersonSpec* person(const std::string& id, std::size_t& index) const {
        for (index = 0; index < plan_.people.size(); ++index) {
            if (plan_.people[index].id == id) {
                return &plan_.people[index];
            }
        }
        return nullptr;
    }
    static const std::vector<ReachStep>& steps(const PersonSpec& person, bool urgent) {
        return urgent && !person.urgent.empty() ? person.urgent : person.normal;
    }

    /// nullptr when there is no such person (reported elsewhere) or no contact method (reported here).
    const std::vector<ReachStep>* check_reach(const std::string& id, bool urgent) {
        std::size_t index = 0;
        const auto* found = person(id, index);
        if (found == nullptr) {
            return nullptr;
        }
        const auto& reach = steps(*found, urgent);
        if (!reach.empty()) {
            return &reach;
        }
        draft_.report.warning(draft_.people[index], "person " + in_quotes(id) + " has no channel for " +
                                                        (urgent ? "urgent" : "normal") +
                                                        " pages (person.reach): they can never be called");
        return nullptr;
    }

    void check_tier(const TierSpec& tier, const TierPlaces& places) {
        for (const auto& id : people_of(tier.rosters)) {
            const auto* reach = check_reach(id, tier.urgent);
            if (reach == nullptr) {
                continue;
            }
            const auto first = std::ranges::min_element(*reach, [](const ReachStep& a, const ReachStep& b) { return a.after < b.after; });
            if (tier.wait < first->after) {
                draft_.report.warning(places.wait, "tier " + in_quotes(tier.id) + " waits " + format_span(tier.wait) + ", but " +
                                                       in_quotes(id) + " is first called after " + format_span(first->after));
            }
        }
        if (!tier.rosters.empty() && tier.inform_only.size() == tier.rosters.size()) {
            draft_.report.warning(places.tier, "tier " + in_quotes(tier.id) + " only informs: nobody in it can take a seat");
        }
    }

    /// One person twice at a time on one roster is one person, not two.
    void check_overlaps() {
        constexpr int week = 7 * 1440;
        for (std::size_t i = 0; i < plan_.rosters.size(); ++i) {
            std::map<std::string, std::set<std::pair<int, int>>> spans;
            std::string twice;
            for (const auto& shift : plan_.rosters[i].shifts) {
                const int length =
                    shift.to_min <= shift.from_min ? shift.to_min + 1440 - shift.from_min : shift.to_min - shift.from_min;
                for (int day = 0; day < 7; ++day) {
                    for (const auto& person : shift.people) {
                        if ((shift.days & (1U << static_cast<unsigned>(day))) == 0) {
                            continue;
                        }
                        const int from = day * 1440 + shift.from_min;
                        for (const auto& [start, end] : spans[person]) {
                            const bool over =
                                (from < end && start < from + length) || (from + week < end) || (start + week < from + length);
                            twice = over && twice.empty() ? person : twice;
                        }
                        spans[person].emplace(from, from + length);
                    }
                }
            }
            if (!twice.empty()) {
                draft_.report.warning(draft_.rosters[i], "roster " + in_quotes(plan_.rosters[i].id) +
                                                             " has overlapping shifts of " + in_quotes(twice) +
                                                             ": they count once");
            }
        }
    }

    /// More than all of its people cannot come: then every incident ends unfilled, with everybody called.
    void check_bounds() {
        constexpr int unbounded = 10000;
        const bool works_out = std::ranges::any_of(plan_.rules, [](const RuleSpec& r) { return r.kind == RuleKind::shortfall; });
        for (std::size_t i = 0; i < plan_.policies.size(); ++i) {
            const auto& policy = plan_.policies[i];
            std::set<std::string> people;
            for (const auto& tier : policy.tiers) {
                const auto its = people_of(tier.rosters);
                people.insert(its.begin(), its.end());
            }
            const auto count = static_cast<int>(people.size());
            if (works_out && !policy.need.expression.empty() && policy.need.max < unbounded && policy.need.max > count && count > 0) {
                draft_.report.warning(draft_.tiers[i].front().tier, "`need_max` of policy " + in_quotes(policy.id) + " is " + std::to_string(policy.need.max) +
                                                                        ", but its tiers name " + std::to_string(count) +
                                                                        (count == 1 ? " person" : " people") + ": more cannot come");
            }
        }
    }

    void check_requires() {
        for (std::size_t i = 0; i < plan_.policies.size(); ++i) {
            for (std::size_t k = 0; k < plan_.policies[i].tiers.size(); ++k) {
                for (const auto& require : plan_.policies[i].tiers[k].require) {
                    const auto fits = [&](const PersonSpec& p) {
                        return (require.role.empty() || p.role == require.role) &&
                               (require.skill.empty() || contains(p.skills, require.skill));
                    };
                    const auto found = std::ranges::count_if(plan_.people, fits);
                    if (found < require.min) {
                        const std::string wanted =
                            require.skill.empty() ? "role " + in_quotes(require.role) : "skill " + in_quotes(require.skill);
                        draft_.report.warning(draft_.tiers[i][k].tier, "`require` wants " + std::to_string(require.min) +
                                                                           " with " + wanted + ", but only " +
                                                                           std::to_string(found) +
                                                                           " of all people fit: the need can never be met");
                    }
                }
            }
        }
    }

    void check_overrides() {
        const auto order = [](const CivilTime& t) { return days_from_civil(t.year, t.month, t.day) * 86400 + t.second_of_day; };
        for (std::size_t i = 0; i < plan_.overrides.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                const auto& a = plan_.overrides[k];
                const auto& b = plan_.overrides[i];
                const bool same = a.roster == b.roster && !a.out.empty() && a.out == b.out;
                if (same && order(a.from) < order(b.until) && order(b.from) < order(a.until)) {
                    draft_.report.warning(draft_.overrides[i], in_quotes(b.out) + " already leaves roster " +
                                                                   in_quotes(b.roster) + " in this time, by the override at " +
                                                                   draft_.overrides[k].text());
                }
            }
        }
        for (std::size_t i = 0; i < plan_.overrides.size(); ++i) {
            const auto& change = plan_.overrides[i];
            if (!change.out.empty() && draft_.names.defined(NameKind::roster, change.roster) &&
                !people_of({change.roster}).contains(change.out)) {
                draft_.report.warning(draft_.overrides[i], in_quotes(change.out) + " is not on roster " +
                                                               in_quotes(change.roster) + " and cannot leave it");
            }
        }
    }

    Draft& draft_;
    const Plan& plan_;
};
}  // namespace

void check_team(Draft& draft) {
    TeamCheck(draft).run();
}

}  // namespace surged
