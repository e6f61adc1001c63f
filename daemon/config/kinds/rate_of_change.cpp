// [[rule]] kind = "rate_of_change".
#include <array>

#include "config/kinds.hpp"
#include "config/limits.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 6> change_keys{"window", "versus", "floor", "surprise", "scatter", "freeze"};

void read_change(TableReader& table, RuleSpec& rule, Draft&) {
    const SpanBounds window{1s, 24h};
    table.span("window", rule.window, window);
    table.span("versus", rule.versus, window);
    table.span("freeze", rule.freeze, {0s, 24h * 7});
    read_floor(table, rule);
    table.number("surprise", rule.surprise, 0, 30);
    table.number("scatter", rule.scatter, 1, 100);
    if (rule.versus < rule.window) {
        table.report().warning(table.at("versus"),
                               "`versus` is shorter than `window`: what is usual is learned from less than what is judged");
    }
}

std::string change_unit_fault(const Limit& limit) {
    return limit.unit == LimitUnit::percent || limit.unit == LimitUnit::per_minute || limit.unit == LimitUnit::sigma
               ? ""
               : "a rate of change is in percent (\"> +30%\"), in units per minute (\"> +12/min\") or in standard deviations beyond "
                 "chance (\"> 4 sigma\")";
}

/// Surprise alone: its own limit, half as much again, and twice as much.
std::vector<LevelSpec> surprise_levels(const RuleSpec& rule, const LevelSpec& inherited) {
    std::vector<LevelSpec> levels;
    for (const auto level : {Level::yellow, Level::orange, Level::red}) {
        if (rule.surprise > 0) {
            auto spec = inherited;
            spec.level = level;
            spec.raise = {Comparison::at_least, rule.surprise * (0.5 + 0.5 * static_cast<double>(level)), LimitUnit::sigma};
            spec.clear = {Comparison::below, spec.raise.value / 2, LimitUnit::sigma};
            levels.push_back(spec);
        }
    }
    return levels;
}

void check_change_metric(const RuleSpec& rule, MetricKind metric, bool, const Place& at, Report& report) {
    const bool by_chance = rule.surprise > 0 || (!rule.levels.empty() && rule.levels.front().raise.unit == LimitUnit::sigma);
    if (metric == MetricKind::gauge && by_chance) {
        report.error(at, in_quotes(rule.metric) +
                             " is a gauge: how surprising a change is can be told of counted things only, such as \"offered\"");
    }
}
}  // namespace

constinit const KindConfig rate_of_change_config{
    .keys = change_keys,
    .read = read_change,
    .unit_fault = change_unit_fault,
    .shipped_levels = surprise_levels,
    .check_metric = check_change_metric,
};

}  // namespace surged
