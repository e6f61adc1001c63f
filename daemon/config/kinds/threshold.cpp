// [[rule]] kind = "threshold".
#include <array>

#include "config/kinds.hpp"
#include "config/limits.hpp"
#include "core/base/text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 2> threshold_keys{"ahead", "slope_window"};

void read_threshold(TableReader& table, RuleSpec& rule, Draft&) {
    const bool ahead = table.span("ahead", rule.ahead, {10s, 2h});
    const bool window = table.span("slope_window", rule.slope_window, {1min, 6h});
    if (window && !ahead && !table.has("ahead")) {
        table.error("slope_window", "`slope_window` says over what time a slope is taken; without `ahead` nothing is foreseen");
    } else if (ahead && rule.ahead > 2 * rule.slope_window) {
        table.report().warning(table.at("ahead"), "`ahead` is more than twice `slope_window`: a slope does not hold that long");
    }
}

std::string threshold_unit_fault(const Limit& limit) {
    switch (limit.unit) {
        case LimitUnit::plain: return {};
        case LimitUnit::percent:
            return "a threshold compares the metric itself: for a ratio write " + format_number(limit.value / 100) + " instead of " +
                   format_number(limit.value) + "%; a change in percent needs kind = \"rate_of_change\"";
        case LimitUnit::span:
            return "a threshold takes a plain number in the metric's own unit: " + format_number(limit.value) + " for seconds";
        case LimitUnit::sigma:
            return "sigma says how far two windows of calls differ beyond chance: that needs kind = \"rate_of_change\"";
        case LimitUnit::per_minute: break;
    }
    return "a threshold compares the metric itself; a change per minute needs kind = \"rate_of_change\"";
}

void check_threshold_metric(const RuleSpec& rule, MetricKind metric, bool, const Place& at, Report& report) {
    if (metric == MetricKind::gauge) {
        return;
    }
    if (rule.ahead.count() > 0) {
        refuse_counter(rule, at, report);
    } else {
        report.warning(at, in_quotes(rule.metric) +
                               " is a counter and only rises: derive its increase(), or use kind = \"rate_of_change\"");
    }
}
}  // namespace

constinit const KindConfig threshold_config{
    .keys = threshold_keys,
    .read = read_threshold,
    .unit_fault = threshold_unit_fault,
    .check_metric = check_threshold_metric,
};

}  // namespace surged
