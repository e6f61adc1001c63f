// [[rule]] kind = "rate_of_change".
#include <array>

#include "config/kinds.hpp"
#include "config/limits.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 4> change_keys{"window", "versus", "floor", "freeze"};

void read_change(TableReader& table, RuleSpec& rule, Draft&) {
    const SpanBounds window{1s, 24h};
    table.span("window", rule.window, window);
    table.span("versus", rule.versus, window);
    table.span("freeze", rule.freeze, {0s, 24h * 7});
    read_floor(table, rule);
    if (rule.versus < rule.window) {
        table.report().warning(table.at("versus"),
                               "`versus` is shorter than `window`: what is usual is learned from less than what is judged");
    }
}

std::string change_unit_fault(const Limit& limit) {
    return limit.unit == LimitUnit::percent || limit.unit == LimitUnit::per_minute
               ? ""
               : "a rate of change is in percent (\"> +30%\") or in units per minute (\"> +12/min\")";
}
}  // namespace

constinit const KindConfig rate_of_change_config{
    .keys = change_keys,
    .read = read_change,
    .unit_fault = change_unit_fault,
};

}  // namespace surged
