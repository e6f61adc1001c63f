// [[rule]] kind = "baseline": the learned profile, and the levels that are shipped with it.
#include <array>

#include "config/kinds.hpp"
#include "config/limits.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/forecast/surge_detector.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 8> baseline_keys{"slot",     "direction", "floor",    "min_history",
                                                       "calendar", "zone",      "readings", "freeze"};
constexpr Span default_freeze = 3h;  // as the detector's own level
constexpr double default_floor = 5;
constexpr double min_history_max = 365;

/// "10 days", "2 weeks", 10.
void read_min_history(TableReader& table, RuleSpec& rule) {
    const auto* node = table.any("min_history");
    if (node == nullptr) {
        return;
    }
    double amount = 0;
    if (node->kind == Node::Kind::text) {
        const auto parsed = parse_amount(node->text);
        const bool weeks = node->text.find("week") != std::string::npos;
        const bool days = node->text.find("day") != std::string::npos;
        if (!parsed || weeks == days) {
            table.error("min_history", "`min_history` is a number of finished days, e.g. \"10 days\" or \"2 weeks\"");
            return;
        }
        amount = *parsed * (weeks ? 7 : 1);
    } else {
        table.error("min_history", "`min_history` has a unit, e.g. \"10 days\" or \"2 weeks\"");
        return;
    }
    if (amount < 1 || amount > min_history_max || amount != static_cast<double>(static_cast<std::uint32_t>(amount))) {
        table.error("min_history", "`min_history` is from 1 to 365 whole days");
        return;
    }
    rule.min_history = static_cast<std::uint32_t>(amount);
}

double shipped_surprise(Level level) {
    return SurgeSettings{}.limits[static_cast<std::size_t>(level) - 1];
}

Limit shipped_raise(Level level) {
    return {Comparison::at_least, shipped_surprise(level), LimitUnit::plain};
}

Limit half_below(const Limit& raise) {
    return {Comparison::below, raise.value / 2, raise.unit};
}
void read_baseline_keys(TableReader& table, RuleSpec& rule, Draft& draft) {
    rule.floor = default_floor;
    rule.freeze = default_freeze;
    if (table.span("slot", rule.slot, {1min, 60min}) && Span{24h}.count() % rule.slot.count() != 0) {
        table.error("slot", "a day must be a whole number of slots: e.g. \"1m\", \"5m\", \"10m\", \"15m\", \"30m\" or \"1h\"");
        rule.slot = 5min;
    } else if (rule.slot.count() % Span{1min}.count() != 0) {
        table.error("slot", "a slot is a whole number of minutes");
        rule.slot = 5min;
    }
    table.choice("direction", rule.direction,
                 std::array<std::pair<std::string_view, SurgeDirection>, 3>{
                     {{"up", SurgeDirection::up}, {"both", SurgeDirection::both}, {"down", SurgeDirection::down}}});
    table.choice("readings", rule.counts, std::array<std::pair<std::string_view, bool>, 2>{{{"level", false}, {"counts", true}}});
    read_floor(table, rule);
    table.span("freeze", rule.freeze, {0s, 24h * 7});
    read_min_history(table, rule);
    if (table.text("zone", rule.zone)) {
        rule.zone = draft.zone(rule.zone, table.at("zone"));
    }
    if (table.text("calendar", rule.calendar)) {
        std::vector<std::string> known;
        for (const auto& calendar : draft.plan.calendars) {
            known.push_back(calendar.id);
        }
        if (!contains(known, rule.calendar)) {
            table.error("calendar", "there is no [[calendar]] " + in_quotes(rule.calendar) + nearest_hint(rule.calendar, known));
        }
    }
}

/// Three slots below the clearing limit: as long as the detector itself takes to be calm.
Span baseline_clear_after(const RuleSpec& rule) {
    return 3 * rule.slot;
}

std::vector<LevelSpec> baseline_levels(const RuleSpec&, const LevelSpec& inherited) {
    std::vector<LevelSpec> levels;
    for (const auto level : {Level::yellow, Level::orange, Level::red}) {
        auto spec = inherited;
        spec.level = level;
        spec.raise = shipped_raise(level);
        spec.clear = half_below(spec.raise);
        levels.push_back(spec);
    }
    return levels;
}

bool complete_baseline_level(TableReader& table, Level level, std::optional<Limit>& raise, std::optional<Limit>& clear) {
    if (!raise && !table.has("raise")) {
        raise = shipped_raise(level);
    }
    if (raise && (!raise->upward() || raise->value <= 0)) {
        table.error("raise",
                    "a baseline is raised by more than was expected: write \"> \" and a number above 0; too few calls are "
                    "raised the same way with direction = \"both\"");
        return false;
    }
    if (raise && !clear && !table.has("clear")) {
        clear = half_below(*raise);
    }
    return true;
}

std::string baseline_unit_fault(const Limit& limit) {
    return limit.unit == LimitUnit::plain || limit.unit == LimitUnit::percent
               ? ""
               : "a baseline compares the surprise (\"> 3.4\": chance gives it once in 10^3.4 rows) or the excess over what was "
                 "expected in percent (\"> +20%\")";
}

void check_baseline_metric(const RuleSpec& rule, MetricKind metric, bool, const Place& at, Report& report) {
    if (metric == MetricKind::counter && rule.counts) {
        report.error(at, in_quotes(rule.metric) + " is a counter: readings = \"counts\" is for gauges");
    }
}
}  // namespace

constinit const KindConfig baseline_config{
    .keys = baseline_keys,
    .read = read_baseline_keys,
    .unit_fault = baseline_unit_fault,
    .complete_level = complete_baseline_level,
    .shipped_levels = baseline_levels,
    .clear_after = baseline_clear_after,
    .check_metric = check_baseline_metric,
};

}  // namespace surged
