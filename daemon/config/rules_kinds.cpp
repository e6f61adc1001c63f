// [[rule]] keys of single kinds: what a threshold foresees, a roller-coaster's band, what a queue promises (shortfall), and when
// an alert counts as flapping. Reads and checks; the meaning is in core/rule.
#include "config/draft.hpp"
#include "config/limits.hpp"

namespace surged {

using namespace std::chrono_literals;

void read_ahead(TableReader& table, RuleSpec& rule) {
    const bool ahead = table.span("ahead", rule.ahead, {10s, 2h});
    const bool window = table.span("slope_window", rule.slope_window, {1min, 6h});
    if (window && !ahead && !table.has("ahead")) {
        table.error("slope_window", "`slope_window` says over what time a slope is taken; without `ahead` nothing is foreseen");
    } else if (ahead && rule.ahead > 2 * rule.slope_window) {
        table.report().warning(table.at("ahead"), "`ahead` is more than twice `slope_window`: a slope does not hold that long");
    }
}

void read_volatility(TableReader& table, RuleSpec& rule) {
    rule.window = 30min;
    table.span("window", rule.window, {1min, 24h});
    table.require("band");
    if (table.number("band", rule.band, 0, 1e12) && !(rule.band > 0)) {
        table.error("band", "`band` must be above 0: it is the smallest swing that counts, in the metric's unit");
    }
}

namespace {
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
}  // namespace

void read_shortfall(TableReader& table, RuleSpec& rule) {
    auto& spec = rule.staffing;
    rule.metric = "offered";
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
}

void read_flap(TableReader& table, RuleSpec& rule) {
    const auto* node = table.table("flap");
    if (node == nullptr) {
        return;
    }
    TableReader flap(*node, "flap", table.report());
    flap.integer("edges", rule.flap.edges, 0, 100);
    flap.span("window", rule.flap.window, {1min, 24h});
    flap.finish();
    if (rule.flap.edges == 1) {
        flap.error("edges", "an alert that starts and ends once does not flap: 2 edges at least, or 0 for never");
    }
}

}  // namespace surged
