// Weeks of traffic for rules of kind "baseline", on the virtual clock: one queue, one counter, any cadence.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/rule/detector.hpp"
#include "support/feed_kit.hpp"

namespace surged::test {

/// Seconds from midnight of Monday, 2026-03-02, UTC.
inline constexpr double day_s = 86400;
inline Stamp monday(double s) {
    const auto ms = std::int64_t{20514} * 86'400'000 + static_cast<std::int64_t>(s * 1000.0);
    return {engine_time(ms), wall_time(ms)};
}

inline RuleSpec baseline_rule(std::vector<LevelSpec> levels = {}) {
    if (levels.empty()) {
        levels = {level(Level::yellow, {Comparison::at_least, 3.4, LimitUnit::plain}, below(1.7)),
                  level(Level::orange, {Comparison::at_least, 6.0, LimitUnit::plain}, below(3.0)),
                  level(Level::red, {Comparison::at_least, 10.0, LimitUnit::plain}, below(5.0))};
    }
    auto spec = rule("offered-baseline", "offered", std::move(levels), RuleKind::baseline);
    spec.floor = 5;
    spec.freeze = std::chrono::hours{3};
    spec.profile = 99;
    return spec;
}

/// Feeds a detector with a counter and keeps its edges.
class Traffic {
public:
    /// Calls a second at second `s` after the Monday.
    using Rate = std::function<double(double s)>;

    explicit Traffic(Plan p) : plan(std::move(p)), detector(std::make_unique<Detector>(plan)) {}

    /// Readings every `cadence` seconds over (from, until].
    void flow(double from, double until, double cadence, const Rate& rate) {
        for (double s = from; s < until; s += cadence) {
            total += rate(s) * cadence;
            send(s + cadence);
        }
    }
    void send(double s) {
        const auto stamp = monday(s);
        message.clear();
        message.source = "acd-1";
        message.has_epoch = true;
        message.epoch = epoch;
        message.seq = ++seq;
        message.ts = source_time(to_ms(stamp.at));
        message.values.push_back({metric, total});
        message.parts.push_back({"jinan", "general", "voice", message.ts, 0, 1});
        detector->advance(stamp);
        detector->ingest(message, stamp);
        for (const auto& edge : detector->edges()) {
            edges.push_back(edge);
        }
        detector->clear_edges();
        last = s;
    }
    BaselineView view() const { return *detector->baseline(detector->queues().find("jinan", "general", "voice"), 0); }
    bool known() const { return detector->known_bounds() != 0; }
    /// Seconds after the Monday at which the first edge to this level or a higher came; negative = never.
    double raised(Level level) const {
        for (const auto& edge : edges) {
            if (edge.to == AlertState::firing && edge.level >= level) {
                return static_cast<double>(to_ms(edge.at) - to_ms(monday(0).at)) / 1000.0;
            }
        }
        return -1;
    }

    Plan plan;
    std::unique_ptr<Detector> detector;
    std::vector<AlertEdge> edges;
    Message message;
    std::string metric = "offered";
    double total = 1000;
    double last = 0;
    std::uint64_t seq = 0;
    std::uint64_t epoch = 1;
};

/// A flat day and night at `per_slot` calls in 5 min.
inline Traffic::Rate flat(double per_slot) {
    return [per_slot](double) { return per_slot / 300.0; };
}

}  // namespace surged::test
