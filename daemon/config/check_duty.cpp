// Checks the rosters of the next 14 days: a tier with nobody is found now, days before a page would find it empty.
//
// The looking is core/team/duty.hpp's; this file only says what was found.
#include <algorithm>

#include "config/draft.hpp"
#include "core/base/clock_text.hpp"
#include "core/base/ranges.hpp"
#include "core/team/duty.hpp"

namespace surged {

namespace {
constexpr int days_ahead = 14;

/// Said once for each want of a policy, at its first tier: the worst of its times.
void check_need(Draft& draft, std::size_t index, WallTime now, WallTime until) {
    const auto& plan = draft.plan;
    const auto gaps = need_gaps(plan, {}, plan.policies[index], now, until);
    std::vector<std::string> said;
    for (const auto& gap : gaps) {
        if (contains(said, gap.what)) {
            continue;
        }
        said.push_back(gap.what);
        const NeedGap* worst = &gap;
        std::size_t times = 0;
        for (const auto& other : gaps) {
            if (other.what == gap.what) {
                ++times;
                worst = other.on_duty < worst->on_duty ? &other : worst;
            }
        }
        const auto& zone = zone_of(plan, worst->zone);
        const bool always = worst->from == now && worst->until == until;
        std::string text = "policy " + in_quotes(gap.policy) + " has " + std::to_string(worst->on_duty) + " on duty" +
                           (gap.what.empty() ? "" : " with " + gap.what) + " in all its tiers, need " +
                           std::to_string(worst->need) + ", ";
        text += always ? "in the next 14 days"
                       : "from " + day_and_minute(worst->from, zone) + " to " + day_and_minute(worst->until, zone) + " (" +
                             zone.name() + ")";
        if (times > 1) {
            text += ", and too few at " + std::to_string(times - 1) + " more times in the next 14 days";
        }
        draft.report.warning(draft.tiers[index].front().tier, text);
    }
}
}  // namespace

void check_coverage(Draft& draft, WallTime now) {
    const auto& plan = draft.plan;
    const auto until = now + std::chrono::hours{24 * days_ahead};
    for (std::size_t i = 0; i < plan.policies.size(); ++i) {
        check_need(draft, i, now, until);
        for (std::size_t k = 0; k < plan.policies[i].tiers.size(); ++k) {
            const auto& tier = plan.policies[i].tiers[k];
            const auto gaps = tier_gaps(plan, {}, plan.policies[i], tier, now, until);
            if (gaps.empty()) {
                continue;
            }
            const auto& zone = zone_of(plan, gaps.front().zone);
            const bool always = gaps[0].from == now && gaps[0].until == until;
            std::string text = "tier " + in_quotes(tier.id) + " has nobody on duty ";
            text += always ? "in the next 14 days"
                           : "from " + day_and_minute(gaps[0].from, zone) + " to " + day_and_minute(gaps[0].until, zone) + " (" +
                                 zone.name() + ")";
            if (gaps.size() > 1) {
                text += ", and " + std::to_string(gaps.size() - 1) + (gaps.size() == 2 ? " more time" : " more times") +
                        " in the next 14 days";
            }
            draft.report.warning(draft.tiers[i][k].tier, text + "; the next tier is called at once then");
        }
    }
}

}  // namespace surged
