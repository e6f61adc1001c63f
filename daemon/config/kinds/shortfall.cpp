// [[rule]] kind = "shortfall": what a queue promises and how its people come.
#include <array>

#include "config/kinds.hpp"
#include "config/limits.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 9> shortfall_keys{"window",     "target",   "max_occupancy", "aht",
                                                        "aht_window", "patience", "lead",          "clear_within",
                                                        "surprise"};

/// "80/20": 80 % of the calls answered within 20 s.
void read_target(TableReader& table, StaffingSpec& spec) {
    std::string text;
    if (!table.text("target", text)) {
        return;
    }
    auto target = parse_target(text);
    if (target) {
        spec.target = *target;
    } else {
        report_in_text(table.report(), *table.any("target"), target.error().offset, target.error().message);
    }
}

/// A duration in seconds.
void read_seconds(TableReader& table, std::string_view key, double& out, SpanBounds bounds) {
    Span span{0};
    if (table.span(key, span, bounds)) {
        out = seconds(span);
    }
}
void read_shortfall(TableReader& table, RuleSpec& rule, Draft&) {
    auto& spec = rule.staffing;
    rule.window = 5min;
    table.span("window", rule.window, {30s, 2h});
    if (!table.has("target") && !table.has("max_occupancy")) {
        table.report().error(
            table.place(),
            "a shortfall is measured against a promise: `target` = \"80/20\" (80 % within 20 s), or `max_occupancy`");
    }
    if (!table.has("target")) {
        spec.target = {0, 0};
    }
    read_target(table, spec);
    if (table.number("max_occupancy", spec.occupancy_max, 0, 1) && spec.occupancy_max < 0.1) {
        table.error("max_occupancy", "`max_occupancy` is the share of their time that agents may be busy, 0.1 to 1, e.g. 0.85");
    }
    read_seconds(table, "aht", spec.aht_s, {1s, 4h});
    table.span("aht_window", spec.aht_window, {5min, 24h});
    read_seconds(table, "patience", spec.patience_s, {1s, 24h});
    table.span("lead", spec.lead, {0s, 4h});
    table.span("clear_within", spec.clear_within, {1min, 4h});
    table.number("surprise", rule.surprise, 0, 30);
}

std::string shortfall_unit_fault(const Limit& limit) {
    return limit.unit == LimitUnit::plain ? "" : "a shortfall is a number of agents that are missing, e.g. \"> 4\"";
}

void check_shortfall_metric(const RuleSpec& rule, MetricKind metric, bool derived, const Place& at, Report& report) {
    if (metric == MetricKind::gauge || derived) {
        report.error(at, in_quotes(rule.metric) + " is a gauge: arrivals are told from a counter such as \"offered\"");
    }
}
}  // namespace

constinit const KindConfig shortfall_config{
    .keys = shortfall_keys,
    .read = read_shortfall,
    .unit_fault = shortfall_unit_fault,
    .check_metric = check_shortfall_metric,
};

}  // namespace surged
