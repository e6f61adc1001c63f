// Builds plans and messages in a line each, for tests of the detector and the engine. All times are seconds of one virtual clock:
// engine, wall and source time agree unless a test says otherwise.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/team/plan.hpp"

namespace surged::test {

inline constexpr std::int64_t epoch_ms = 1'780'000'000'000;  // 2026-05-28T20:26:40Z

inline Stamp at_s(double s) {
    const auto ms = epoch_ms + static_cast<std::int64_t>(s * 1000.0);
    return {engine_time(ms), wall_time(ms)};
}
inline SourceTime ts_s(double s) {
    return source_time(epoch_ms + static_cast<std::int64_t>(s * 1000.0));
}

inline Limit above(double value, LimitUnit unit = LimitUnit::plain) {
    return {Comparison::above, value, unit};
}
inline Limit below(double value, LimitUnit unit = LimitUnit::plain) {
    return {Comparison::below, value, unit};
}

inline LevelSpec level(Level l, Limit raise, Limit clear, Span raise_after = Span{0}, Span clear_after = Span{0}) {
    return {l, raise, clear, raise_after, clear_after};
}

inline RuleSpec rule(std::string id, std::string metric, std::vector<LevelSpec> levels, RuleKind kind = RuleKind::threshold) {
    RuleSpec spec;
    spec.id = std::move(id);
    spec.kind = kind;
    spec.metric = std::move(metric);
    spec.levels = std::move(levels);
    spec.policy = "surge";
    spec.content = std::hash<std::string>{}(spec.id + spec.metric);
    return spec;
}

inline DeriveSpec derive(std::string metric, const std::string& formula, const std::string& when = {},
                         GroupBy by = GroupBy::queue) {
    DeriveSpec spec;
    spec.metric = std::move(metric);
    spec.formula = Formula::parse(formula).value();
    if (!when.empty()) {
        spec.when = Formula::parse(when).value();
    }
    spec.by = by;
    return spec;
}

inline Plan plan_of(std::vector<RuleSpec> rules, std::vector<DeriveSpec> derives = {}) {
    Plan plan;
    plan.metrics = canonical_metrics();
    plan.rules = std::move(rules);
    plan.derives = std::move(derives);
    plan.zones["UTC"] = Zone{};
    return plan;
}

/// One feeder: keeps its own sequence; each send() is one message with one part.
class Feeder {
public:
    explicit Feeder(std::string source = "acd-1") : source_(std::move(source)) {}

    using Values = std::vector<std::pair<std::string, double>>;

    const Message& message(double s, const std::string& queue, Values values, const std::string& centre = "jinan") {
        values_ = std::move(values);
        centre_ = centre;
        queue_ = queue;
        message_.clear();
        message_.source = source_;
        message_.has_epoch = epoch != 0;
        message_.epoch = epoch;
        message_.seq = ++seq;
        message_.ts = ts_s(s);
        for (const auto& [name, value] : values_) {
            message_.values.push_back({name, value});
        }
        message_.parts.push_back({centre_, queue_, "voice", ts_s(s), 0, static_cast<std::uint32_t>(values_.size())});
        return message_;
    }

    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;

private:
    std::string source_;
    std::string centre_;
    std::string queue_;
    Values values_;
    Message message_;
};

}  // namespace surged::test
