// [[rule]]: kinds, levels, limits, scope, mute windows.
//
// The hardest rule: every level has a clear limit of its own, strictly on the other side of its raise limit, and the levels
// rise. What is wrong is shown inside the string it was written in.
#include <algorithm>

#include "config/draft.hpp"
#include "config/kinds.hpp"
#include "config/limits.hpp"
#include "core/base/ranges.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr auto every_kind = [] {
    std::array<RuleKind, rule_kinds> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<RuleKind>(i);
    }
    return out;
}();

/// False when the rule's kind is missing or unknown: then nothing more can be said about it.
bool read_kind(TableReader& table, RuleKind& kind) {
    std::array<std::pair<std::string_view, RuleKind>, rule_kinds> words;
    std::transform(every_kind.begin(), every_kind.end(), words.begin(), [](RuleKind k) { return std::pair(to_string(k), k); });
    table.require("kind");
    if (!table.choice("kind", kind, words)) {
        return false;
    }
    return true;
}

/// A key of another kind is told apart from an unknown key.
void refuse_foreign_keys(TableReader& table, RuleKind kind) {
    const auto& own = config_of(kind).keys;
    for (const auto other : every_kind) {
        for (const auto key : config_of(other).keys) {
            // Some keys belong to several kinds; a foreign one is told once.
            const bool known = contains(own, key) || table.knows(key);
            if (other != kind && !known && table.has(key)) {
                table.know(key);
                table.error(key, "`" + std::string(key) + "` belongs to kind = " + in_quotes(to_string(other)) +
                                     ", not to " + in_quotes(to_string(kind)));
            }
        }
    }
}

std::optional<Limit> read_limit(TableReader& level, std::string_view key, RuleKind kind) {
    const auto* node = level.any(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (node->kind != Node::Kind::text) {
        level.error(key,
                    "`" + std::string(key) + "` must be a limit such as \"> 40\", not " + std::string(to_string(node->kind)));
        return std::nullopt;
    }
    auto limit = parse_limit(node->text);
    if (!limit) {
        report_in_text(level.report(), *node, limit.error().offset, limit.error().message);
        return std::nullopt;
    }
    if (auto fault = config_of(kind).unit_fault(*limit); !fault.empty()) {
        level.error(key, fault);
        return std::nullopt;
    }
    return *limit;
}

/// nullopt when a limit is missing or bad; all of it has been reported.
std::optional<LevelSpec> read_level(TableReader& level, const LevelSpec& inherited, RuleKind kind) {
    LevelSpec spec = inherited;
    const auto& config = config_of(kind);
    if (config.shipped_levels == nullptr || config.complete_level == nullptr) {
        level.require("raise");
    }
    auto raise = read_limit(level, "raise", kind);
    auto clear = read_limit(level, "clear", kind);
    level.span("raise_after", spec.raise_after, {0s, 24h});
    level.span("clear_after", spec.clear_after, {0s, 24h});
    if (config.complete_level == nullptr) {
        level.require("clear");
    } else if (!config.complete_level(level, spec.level, raise, clear)) {
        return std::nullopt;
    }
    if (!raise || !clear) {
        return std::nullopt;
    }
    spec.raise = *raise;
    spec.clear = *clear;
    if (raise->unit != clear->unit) {
        level.error("clear", "`clear` is in another unit than `raise` (" + raise->text() + ")");
        return std::nullopt;
    }
    if (limits_overlap(*raise, *clear)) {
        level.error("clear", "`clear` " + in_quotes(clear->text()) + " is on the wrong side of `raise` " +
                                 in_quotes(raise->text()) + ": it must be \"" + (raise->upward() ? "<" : ">") +
                                 "\" a value that is " + (raise->upward() ? "not above" : "not below") + " the raise limit");
        return std::nullopt;
    }
    return spec;
}

void check_order(const std::vector<LevelSpec>& levels, const std::vector<const Node*>& nodes, Report& report) {
    const auto place = [&](std::size_t i, std::string_view key) {
        const auto* entry = nodes[i]->find(key);
        return entry != nullptr ? entry->value.place : nodes[i]->place;
    };
    for (std::size_t i = 1; i < levels.size(); ++i) {
        const auto& lower = levels[i - 1];
        const auto& upper = levels[i];
        const std::string names = std::string(to_string(upper.level)) + " and " + std::string(to_string(lower.level));
        if (upper.raise.upward() != lower.raise.upward()) {
            report.error(place(i, "raise"),
                         names + " look in different directions (" + upper.raise.text() + ", " + lower.raise.text() + ")");
        } else if (upper.raise.unit != lower.raise.unit) {
            report.error(place(i, "raise"),
                         names + " are in different units (" + upper.raise.text() + ", " + lower.raise.text() + ")");
        } else if (more_severe(lower.raise, upper.raise)) {
            report.error(place(i, "raise"), std::string(to_string(upper.level)) + " (" + upper.raise.text() +
                                                ") is less severe than " + std::string(to_string(lower.level)) + " (" +
                                                lower.raise.text() + ")");
        } else if (!more_severe(upper.raise, lower.raise) && upper.raise_after <= lower.raise_after) {
            report.error(place(i, "raise"),
                         names + " have the same limit (" + upper.raise.text() + "): then the higher needs a longer raise_after");
        } else if (upper.raise.upward() ? upper.clear.value < lower.clear.value : upper.clear.value > lower.clear.value) {
            report.warning(place(i, "clear"), std::string(to_string(upper.level)) + " clears later (" + upper.clear.text() +
                                                  ") than " + std::string(to_string(lower.level)) + " (" + lower.clear.text() +
                                                  "): it will outlast it");
        }
    }
}

void read_levels(TableReader& table, RuleSpec& rule, Draft& draft) {
    constexpr std::array<std::pair<std::string_view, Level>, 3> words{
        {{"yellow", Level::yellow}, {"orange", Level::orange}, {"red", Level::red}}};
    LevelSpec inherited;
    inherited.raise_after = draft.raise_after;
    inherited.clear_after = draft.clear_after;
    table.span("raise_after", inherited.raise_after, {0s, 24h});
    const auto& config = config_of(rule.kind);
    if (config.clear_after != nullptr) {
        inherited.clear_after = config.clear_after(rule);
    }
    table.span("clear_after", inherited.clear_after, {0s, 24h});
    std::vector<const Node*> nodes;
    bool any = false;
    for (const auto& [name, level] : words) {
        any = any || table.has(name);
        const auto* node = table.table(name);
        if (node == nullptr) {
            continue;
        }
        TableReader reader(*node, std::string(name), draft.report);
        inherited.level = level;
        const auto spec = read_level(reader, inherited, rule.kind);
        reader.finish();
        if (spec) {
            rule.levels.push_back(*spec);
            nodes.push_back(node);
        }
    }
    if (!any && config.shipped_levels != nullptr) {
        rule.levels = config.shipped_levels(rule, inherited);
    }
    if (!any && !rule.levels.empty()) {
        return;
    }
    if (!any) {
        draft.report.error(table.place(), "[[rule]] needs a level: yellow, orange or red");
    }
    check_order(rule.levels, nodes, draft.report);
}

void read_mute(TableReader& table, RuleSpec& rule, Draft& draft) {
    for (const auto* node : table.tables("mute")) {
        TableReader reader(*node, "mute", draft.report);
        MuteWindow window;
        window.zone = draft.plan.timezone;
        const auto parsed = [&](std::string_view key, auto parse, auto& out) {
            std::string text;
            if (reader.text(key, text)) {
                if (auto value = parse(text)) {
                    out = *value;
                } else {
                    report_in_text(draft.report, *reader.any(key), value.error().offset, value.error().message);
                }
            }
        };
        parsed("days", parse_days, window.days);
        parsed("from", parse_clock, window.from_min);
        parsed("to", parse_clock, window.to_min);
        if (reader.text("timezone", window.zone)) {
            window.zone = draft.zone(window.zone, reader.at("timezone"));
        }
        reader.finish();
        if (window.from_min == 1440) {
            reader.error("from", "a window starts at \"23:59\" at the latest");
        }
        rule.mute.push_back(std::move(window));
    }
}

void read_summary(TableReader& table, RuleSpec& rule, Draft& draft) {
    const auto* node = table.any("summary");
    if (node == nullptr) {
        return;
    }
    if (node->kind == Node::Kind::table) {
        TableReader reader(*node, "summary", draft.report);
        reader.text("zh", rule.summary_zh);
        reader.text("en", rule.summary_en);
        reader.finish();
    } else if (table.text("summary", rule.summary_zh)) {
        rule.summary_en = rule.summary_zh;
    }
}

/// show = ["calls_waiting"]: what else of the queue a page tells.
void read_show(TableReader& table, RuleSpec& rule, RulePlaces& places) {
    std::vector<PlacedText> names;
    if (!table.texts("show", names)) {
        return;
    }
    if (names.size() > rule_show_max) {
        table.error("show", "`show` names " + std::to_string(rule_show_max) + " metrics at most: a page has no room for more");
        return;
    }
    for (auto& name : names) {
        if (!metric_name_valid(name.text)) {
            table.report().error(name.place, in_quotes(name.text) + " is no metric name: a small letter, then small letters, digits and _");
        } else if (name.text == rule.metric || contains(rule.show, name.text)) {
            table.report().error(name.place, in_quotes(name.text) + " stands in the page already");
        } else {
            places.show.push_back(name.place);
            rule.show.push_back(std::move(name.text));
        }
    }
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

void read_metric_key(TableReader& table, RuleSpec& rule) {
    if (rule.feed) {
        if (table.any("metric") != nullptr) {
            table.error("metric", "a silent feed has no metric; leave it out, or say of = \"traffic\"");
        }
        return;
    }
    rule.metric = row_of(rule.kind).default_metric;
    if (rule.metric.empty()) {
        table.require("metric");
    }
    if (table.text("metric", rule.metric) && !metric_name_valid(rule.metric)) {
        table.error("metric", in_quotes(rule.metric) +
                                  " is no metric name: a small letter, then small letters, digits and _ (64 bytes at most)");
        rule.metric.clear();
    }
}

void read_rule(const Node& node, Draft& draft) {
    TableReader table(node, "[[rule]]", draft.report);
    RuleSpec rule;
    if (table.id("id", rule.id)) {
        draft.names.define(NameKind::rule, rule.id, table.at("id"), draft.report);
    }
    if (table.text("policy", rule.policy)) {
        draft.names.use(NameKind::policy, rule.policy, table.at("policy"));
    }
    if (!read_kind(table, rule.kind)) {
        return;  // its keys cannot be judged without its kind
    }
    config_of(rule.kind).read(table, rule, draft);
    refuse_foreign_keys(table, rule.kind);
    read_metric_key(table, rule);
    read_scope(table, rule.scope);
    read_levels(table, rule, draft);
    read_summary(table, rule, draft);
    read_mute(table, rule, draft);
    read_dependencies(table, rule, draft);
    read_flap(table, rule);
    table.span("unknown_clear_after", rule.unknown_clear_after, {0s, 24h * 7});
    RulePlaces places{table.at("metric"), table.at("scope"), table.at("depends_on")};
    read_show(table, rule, places);
    table.finish();
    draft.rules.push_back(std::move(places));
    draft.plan.rules.push_back(std::move(rule));
}
}  // namespace

void read_rules(TableReader& root, Draft& draft) {
    for (const auto* node : root.tables("rule")) {
        read_rule(*node, draft);
    }
}

}  // namespace surged
