#include "lint_rules.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <regex>
#include <set>

#include "core/base/ranges.hpp"
#include "promql.hpp"

namespace surged::test {

namespace {

/// Those of the linter's list of units that our boards use.
constexpr std::array<std::string_view, 7> lint_units{"none", "short", "s", "bytes", "percentunit", "cps", "reqps"};

const JsonValue::Array& items(const JsonValue* value) {
    static const JsonValue::Array nothing;
    return value != nullptr && value->array() != nullptr ? *value->array() : nothing;
}
const JsonValue* at(const JsonValue& value, std::initializer_list<std::string_view> path) {
    const JsonValue* here = &value;
    for (const std::string_view name : path) {
        here = here == nullptr ? nullptr : here->find(name);
    }
    return here;
}
bool is_true(const JsonValue& value, std::string_view name) {
    const JsonValue* found = value.find(name);
    return found != nullptr && found->boolean() != nullptr && *found->boolean();
}

class Linter {
public:
    explicit Linter(const JsonValue& board) : board_(board) {}

    std::vector<LintFinding> run() {
        template_datasource();
        template_label("job", "Job");
        template_label("instance", "Instance");
        if (names_a_feeder()) {
            template_label("feed_job", "Feeders' job 接入作业");
            template_label("feeder", "Feeder 接入程序");
        }
        template_queries();
        if (is_true(board_, "editable")) {
            say("uneditable-dashboard", "it is editable");
        }
        for (const JsonValue& panel : items(board_.find("panels"))) {
            if (panel.text_or("type", "") != "row") {
                look_at_panel(panel);
            }
        }
        return std::move(found_);
    }

private:
    void say(std::string_view rule, std::string what) { found_.push_back({rule, std::move(what)}); }
    const JsonValue::Array& variables() const { return items(at(board_, {"templating", "list"})); }

    void template_datasource() {
        int sources = 0;
        for (const JsonValue& variable : variables()) {
            if (variable.text_or("type", "") == "datasource") {
                ++sources;
                if (variable.text_or("name", "") != "datasource" || variable.text_or("label", "") != "Data source") {
                    say("template-datasource-rule", "named or labelled otherwise");
                }
            }
        }
        if (sources != 1) {
            say("template-datasource-rule", std::to_string(sources) + " data sources");
        }
    }

    bool names_a_feeder() const {
        const auto queries = queries_of(board_);
        return std::ranges::any_of(queries, [](const std::string& query) { return query.find("surged_feed_") != std::string::npos; });
    }

    void template_label(const std::string& name, const std::string& label) {
        const std::string_view rule = name.ends_with("job") ? "template-job-rule" : "template-instance-rule";
        for (const JsonValue& variable : variables()) {
            if (variable.text_or("name", "") != name) {
                continue;
            }
            const JsonValue* source = variable.find("datasource");
            const bool well = source != nullptr && source->text_or("uid", "") == "${datasource}" &&
                              variable.text_or("type", "") == "query" && variable.text_or("label", "") == label &&
                              is_true(variable, "multi") && variable.text_or("allValue", "") == ".+";
            if (!well) {
                say(rule, name + " is not as the rule wants it");
            }
            return;
        }
        say(rule, "there is no " + name);
    }

    void template_queries() {
        static const std::regex form(R"(([a-z_]+)\((.+)\))");
        static const std::set<std::string> functions{"label_names", "label_values", "metrics", "query_result"};
        for (const JsonValue& variable : variables()) {
            if (variable.text_or("type", "") != "query") {
                continue;
            }
            const JsonValue* query = variable.find("query");
            const std::string text = query == nullptr ? "" : query->text_or("query", "");
            std::smatch parts;
            if (!std::regex_match(text, parts, form) || !functions.contains(parts[1].str())) {
                say("template-label-promql-rule", text);
            }
            if (const JsonValue* refresh = variable.find("refresh"); refresh == nullptr || refresh->integer() != 2) {
                say("template-on-time-change-reload-rule", variable.text_or("name", ""));
            }
        }
    }

    void look_at_panel(const JsonValue& panel) {
        const std::string title = panel.text_or("title", "");
        if (title.empty() || panel.text_or("description", "").empty()) {
            say("panel-title-description-rule", title);
        }
        const JsonValue* source = panel.find("datasource");
        if (source == nullptr || source->text_or("uid", "") != "${datasource}") {
            say("panel-datasource-rule", title);
        }
        if (items(panel.find("targets")).empty()) {
            say("panel-no-targets-rule", title);
        }
        units(panel, title);
        for (const JsonValue& target : items(panel.find("targets"))) {
            look_at_query(panel, target.text_or("expr", ""), title);
        }
        own_rules(panel, title);
    }

    void units(const JsonValue& panel, const std::string& title) {
        const JsonValue* defaults = at(panel, {"fieldConfig", "defaults"});
        if (defaults == nullptr || !contains(lint_units, defaults->text_or("unit", ""))) {
            say("panel-units-rule", title);
        }
        for (const JsonValue& override : items(at(panel, {"fieldConfig", "overrides"}))) {
            for (const JsonValue& property : items(override.find("properties"))) {
                if (property.text_or("id", "") == "unit" && !contains(lint_units, property.text_or("value", ""))) {
                    say("panel-units-rule", title);
                }
            }
        }
    }

    void look_at_query(const JsonValue& panel, const std::string& expr, const std::string& title) {
        const auto selectors = selectors_of(expr);
        if (expr.empty() || selectors.empty()) {
            say("target-promql-rule", title);
        }
        for (const Selector& selector : selectors) {
            const std::string place = title + ": " + selector.metric;
            // A feeder's metrics come from a job of their own, with variables of their own.
            const bool feeder = std::string_view(selector.metric).starts_with("surged_feed_");
            for (const auto& [label, variable] : {std::pair("job", feeder ? "feed_job" : "job"), std::pair("instance", feeder ? "feeder" : "instance")}) {
                const auto matcher = selector.matchers.find(label);
                if (matcher == selector.matchers.end() || matcher->second != "=~$" + std::string(variable)) {
                    say(std::string_view(label) == "job" ? "target-job-rule" : "target-instance-rule", place);
                }
            }
            const bool rated = selector.function == "rate" || selector.function == "irate";
            if (!selector.range.empty() && rated && selector.range != "$__rate_interval") {
                say("target-rate-interval-rule", place);
            }
            const bool counter =
                std::string_view(selector.metric).ends_with("_total") && selector.metric.find(':') == std::string::npos;
            if (counter && !rated && selector.function != "increase") {
                say("target-counter-agg-rule", place);
            }
            own_rules_of_query(panel, expr, selector, place);
        }
    }

    void own_rules_of_query(const JsonValue& panel, const std::string& expr, const Selector& selector, const std::string& place) {
        const std::string type = panel.text_or("type", "");
        if (type != "stat" && expr.find("vector(0)") != std::string::npos) {
            say("zero-only-in-stats", place);
        }
        if (type != "stat" && type != "table" && type != "bargauge" && contains(selector.around, "topk") && !selector.at_end) {
            say("no-topk-over-a-range", place);
        }
        for (const std::string& around : selector.around) {
            if (around == "bottomk") {
                say("no-topk-over-a-range", place);
            }
        }
    }

    void own_rules(const JsonValue& panel, const std::string& title) {
        if (panel.text_or("type", "") != "table") {
            return;
        }
        const auto& sorted = items(at(panel, {"options", "sortBy"}));
        const std::string by = sorted.empty() ? "" : sorted.front().text_or("displayName", "");
        bool is_column = false;
        const JsonValue* names = nullptr;
        for (const JsonValue& step : items(panel.find("transformations"))) {
            if (step.text_or("id", "") == "organize") {
                names = at(step, {"options", "renameByName"});
                const JsonValue* order = at(step, {"options", "indexByName"});
                is_column = order != nullptr && order->find(by) != nullptr;
            }
        }
        if (names != nullptr && names->object() != nullptr) {
            for (const auto& name : *names->object()) {
                is_column = is_column || (name.second.text() != nullptr && *name.second.text() == by);
            }
        }
        if (!is_column) {
            say("tables-are-ranked", title + " by " + by);
        }
    }

    const JsonValue& board_;
    std::vector<LintFinding> found_;
};

void put_for(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t place = text.find(from); place != std::string::npos; place = text.find(from, place + to.size())) {
        text.replace(place, from.size(), to);
    }
}

}  // namespace

std::vector<LintFinding> lint(const JsonValue& board) {
    return Linter(board).run();
}

std::vector<std::string> queries_of(const JsonValue& board) {
    std::vector<std::string> out;
    for (const JsonValue& panel : items(board.find("panels"))) {
        for (const JsonValue& target : items(panel.find("targets"))) {
            out.push_back(target.text_or("expr", ""));
        }
    }
    for (const JsonValue& annotation : items(at(board, {"annotations", "list"}))) {
        if (const JsonValue* target = annotation.find("target")) {
            out.push_back(target->text_or("expr", ""));
        }
    }
    return out;
}

std::string without_variables(std::string expr) {
    put_for(expr, "$__rate_interval", "1m");
    put_for(expr, "$__range", "30m");
    for (const char* name : {"$job", "$instance", "$feed_job", "$feeder"}) {
        put_for(expr, name, ".+");
    }
    for (const char* name : {"$centre", "$group", "$queue"}) {
        put_for(expr, name, ".*");
    }
    return expr;
}

}  // namespace surged::test
