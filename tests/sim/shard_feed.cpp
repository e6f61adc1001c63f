#include "sim/shard_feed.hpp"

#include <algorithm>

namespace surged::test {

namespace {

std::string metric_of(const std::string& rule) {
    return std::string(rule_metric) + "_" + rule;
}

}  // namespace

Plan detected(Plan plan) {
    std::int64_t number = 0;
    for (auto& rule : plan.rules) {
        rule.metric = metric_of(rule.id);
        rule.flap.edges = 0;
        rule.content = static_cast<std::uint64_t>(++number);
        for (auto& level : rule.levels) {
            level.raise_after = Span{number % 3 * 4000};
            level.clear_after = Span{20000 + number % 4 * 20000};
        }
        rule.summary_zh = rule.summary_en = rule_metric;
    }
    for (auto& policy : plan.policies) {
        policy.need.expression.clear();
    }
    return plan;
}

void ShardFeed::want(const AlertEdge& edge) {
    auto& series = queues_[edge.queue][edge.rule];
    series.state = edge.to;
    series.level = edge.level;
    series.silent = edge.stale;
    metrics_.emplace(edge.rule, metric_of(edge.rule));
}

void ShardFeed::calm() {
    calm_ = true;
    for (auto& [queue, alerts] : queues_) {
        for (auto& entry : alerts) {
            entry.second.state = AlertState::ok;
            entry.second.silent = false;
        }
    }
}

/// Above the raise limit of its level and below the clear limit of the next, or below every limit. It changes every ten seconds.
double ShardFeed::value_at(const Series& series, const AlertKey& key, EngineTime at) {
    AlertEdge well;
    well.rule = key.rule;
    well.queue = key.queue;
    const auto number = static_cast<int>(value_of(well, at));
    if (series.state != AlertState::firing) {
        return number;
    }
    const int room = series.level == Level::red ? 30 : series.level == Level::orange ? 15 : 4;
    return raise_of(series.level) + 1 + number % room;
}

const Message& ShardFeed::message(Stamp now) {
    sent_ = now.at;
    message_.parts.clear();
    message_.values.clear();
    message_.source = "acd";
    ++message_.seq;
    message_.ts = source_time(to_ms(now.wall));
    for (auto& [queue, alerts] : queues_) {
        if (std::any_of(alerts.begin(), alerts.end(), [](const auto& entry) { return entry.second.silent; })) {
            continue;
        }
        const auto first = static_cast<std::uint32_t>(message_.values.size());
        for (auto& [rule, series] : alerts) {
            series.value = value_at(series, {rule, queue}, now.at);
            message_.values.push_back({metrics_.at(rule), series.value});
        }
        message_.parts.push_back({queue.centre, queue.queue, queue.channel, message_.ts, first, static_cast<std::uint32_t>(alerts.size())});
    }
    return message_;
}

double ShardFeed::value(const AlertEdge& alert) const {
    return queues_.at(alert.queue).at(alert.rule).value;
}

}  // namespace surged::test
