// [[rule]] kind = "volatility".
#include <array>

#include "config/kinds.hpp"
#include "config/limits.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 2> volatility_keys{"window", "band"};

void read_volatility(TableReader& table, RuleSpec& rule, Draft&) {
    rule.window = 30min;
    table.span("window", rule.window, {1min, 24h});
    table.require("band");
    if (table.number("band", rule.band, 0, 1e12) && !(rule.band > 0)) {
        table.error("band", "`band` must be above 0: it is the smallest swing that counts, in the metric's unit");
    }
}

std::string volatility_unit_fault(const Limit& limit) {
    return limit.unit == LimitUnit::plain ? "" : "volatility is a number of swings in the window, e.g. \"> 4\"";
}

void check_volatility_metric(const RuleSpec& rule, MetricKind metric, bool, const Place& at, Report& report) {
    if (metric == MetricKind::counter) {
        refuse_counter(rule, at, report);
    }
}
}  // namespace

constinit const KindConfig volatility_config{
    .keys = volatility_keys,
    .read = read_volatility,
    .unit_fault = volatility_unit_fault,
    .check_metric = check_volatility_metric,
};

}  // namespace surged
