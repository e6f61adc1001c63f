#include "app/metrics.hpp"

#include <algorithm>
#include <utility>

#include "app/version.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

std::shared_ptr<const DutyFacts> MetricsMaker::duty(const Engine& engine) {
    auto overrides = engine.desk().overrides();
    std::string stand = engine.plan().version;
    for (const auto& set : overrides) {
        stand += "/" + set.id;
    }
    if (!duty_ || stand != duty_of_) {
        duty_ = std::make_shared<const DutyFacts>(duty_facts(engine.plan(), std::move(overrides)));
        duty_of_ = std::move(stand);
    }
    return duty_;
}

std::shared_ptr<const std::vector<RuleLimit>> MetricsMaker::limits(const Plan& plan) {
    if (limits_ && limits_of_ == plan.version) {
        return limits_;
    }
    std::vector<RuleLimit> all;
    for (const RuleSpec& rule : plan.rules) {
        const KindRow& kind = row_of(rule.kind);
        for (const LevelSpec& level : rule.levels) {
            all.push_back({rule.id, rule.metric, kind.name, level.level, level.raise, level.clear, kind.in_metric_unit});
        }
    }
    limits_ = std::make_shared<const std::vector<RuleLimit>>(std::move(all));
    limits_of_ = plan.version;
    return limits_;
}

MetricsSnapshot MetricsMaker::make(const MetricsInputs& in, Stamp now) {
    MetricsSnapshot out;
    out.stats = in.engine.stats();
    out.sources = in.engine.sources();
    out.rules = in.engine.rule_health();
    out.limits = limits(in.engine.plan());
    out.help = in.help.by_policy();
    for (const PolicySpec& policy : in.engine.plan().policies) {
        out.help.try_emplace(policy.id);  // zeros: the first incident must be a rise that rate() sees
    }
    out.incidents_open = in.engine.desk().open_incidents();
    out.staffing = in.engine.staffing();
    out.rosters = in.engine.desk().rosters(now.wall);
    out.duty = duty(in.engine);
    out.wall = now.wall;
    out.channels = in.engine.desk().channels();
    out.actions = in.engine.desk().actions();
    out.decision = in.decision.view();
    out.commit = in.store.commit_seconds().view();
    out.page = in.page.view();
    out.timer_lateness = in.lateness.view();
    const StoreStats store = in.store.stats();
    out.store_degraded = in.store.degraded();
    out.store_pending = store.waiting_records;
    out.ready = !out.store_degraded;
    out.reload_ok = in.reload.ok;
    out.last_reload = in.reload.at;
    out.inbox_refused = in.inbox_refused;
    out.from_texts = in.from_texts;
    out.policy_unreadable = in.policy_unreadable;
    out.heartbeat_on = in.heartbeat.on;
    out.last_heartbeat = in.heartbeat.last_ok;
    out.heartbeats = in.heartbeat.outcomes;
    out.pulls = in.pulls;
    out.replies = in.replies;
    if (in.http != nullptr) {
        const HttpStats http = in.http->stats();
        out.events_slow_dropped = http.events.slow_dropped;
        out.http_requests = {{"ok", http.requests - std::min(http.requests, http.refused + http.failed)},
                              {"refused", http.refused},
                              {"failed", http.failed}};
    }
    out.version = version;
    out.config_version = in.engine.plan().version;
    return out;
}

}  // namespace surged
