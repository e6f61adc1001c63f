#include "io/exporter/coverage.hpp"

#include <algorithm>

namespace surged {

namespace {

void add_tier(prometheus::MetricFamily& family, double value, const std::string& policy, const std::string& tier) {
    prometheus::ClientMetric metric;
    metric.label = {{"policy", policy}, {"tier", tier}};
    metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
}
}  // namespace

const std::vector<prometheus::MetricFamily>& DutyCoverage::families(const std::shared_ptr<const DutyFacts>& facts, WallTime now) {
    const bool fresh = facts == facts_ && now >= made_ && now - made_ < keep;
    if (fresh) {
        return families_;
    }
    facts_ = facts;
    made_ = now;
    families_.clear();
    if (!facts) {
        return families_;
    }
    prometheus::MetricFamily uncovered{"surged_tier_uncovered_seconds", "Time in the next 14 days in which nobody of a tier is on duty.",
                                       prometheus::MetricType::Gauge, {}};
    prometheus::MetricFamily next{"surged_tier_next_gap_seconds",
                                  "Time until a tier has nobody on duty; 14 days when that does not happen within them.",
                                  prometheus::MetricType::Gauge, {}};
    for (const auto& policy : facts->plan.policies) {
        for (const auto& tier : policy.tiers) {
            Span empty{0};
            Span until = ahead;
            for (const auto& gap : tier_gaps(facts->plan, facts->set_at_run_time, policy, tier, now, now + ahead)) {
                empty += gap.until - gap.from;
                until = std::min(until, gap.from - now);
            }
            add_tier(uncovered, seconds(empty), policy.id, tier.id);
            add_tier(next, seconds(until), policy.id, tier.id);
        }
    }
    families_ = {std::move(uncovered), std::move(next)};
    return families_;
}

}  // namespace surged
