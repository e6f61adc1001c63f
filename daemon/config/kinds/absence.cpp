// [[rule]] kind = "absence".
#include <array>

#include "config/kinds.hpp"
#include "config/limits.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 3> absence_keys{"of", "expected_min", "history"};

void read_absence(TableReader& table, RuleSpec& rule, Draft&) {
    table.choice("of", rule.feed, std::array<std::pair<std::string_view, bool>, 2>{{{"traffic", false}, {"feed", true}}});
    table.number("expected_min", rule.expected_min, 0, 1e9);
    table.span("history", rule.history, {1s, 24h});
}

std::string absence_unit_fault(const Limit& limit) {
    return limit.unit == LimitUnit::span ? "" : "an absence is a time of silence with a unit, e.g. \"> 3m\"";
}

/// Silence ends when traffic returns: `clear` is exactly what is not `raise`, unless it is given.
bool complete_absence_level(TableReader& table, Level, std::optional<Limit>& raise, std::optional<Limit>& clear) {
    if (raise && !raise->upward()) {
        table.error("raise", "silence can only be too long: write \"> \" and a time");
        return false;
    }
    if (raise && !table.has("clear")) {
        clear = raise;
        clear->comparison = raise->comparison == Comparison::above ? Comparison::at_most : Comparison::below;
    }
    return true;
}

void check_absence_metric(const RuleSpec& rule, MetricKind metric, bool, const Place& at, Report& report) {
    if (metric == MetricKind::gauge) {
        report.error(at, in_quotes(rule.metric) + " is a gauge: silence of traffic is told from a counter such as \"offered\"");
    }
}
}  // namespace

constinit const KindConfig absence_config{
    .keys = absence_keys,
    .read = read_absence,
    .unit_fault = absence_unit_fault,
    .complete_level = complete_absence_level,
    .check_metric = check_absence_metric,
};

}  // namespace surged
