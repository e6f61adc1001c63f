// Cross checks of metrics, formulas and rules, once everything is read.
//
// The hardest rule: a rule that can never fire must not look green. Where that is certain it is an error, where the
// configuration alone cannot know (a feeder may send what nobody declared) it is a warning.
#include <algorithm>
#include <functional>

#include "config/draft.hpp"
#include "config/kinds.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {

/// As written in `by`.
std::string_view word(GroupBy by) {
    switch (by) {
        case GroupBy::queue: return "queue";
        case GroupBy::group: return "group";
        case GroupBy::centre: return "centre";
        case GroupBy::all: return "all";
    }
    return "?";
}
struct Known {
    MetricKind kind = MetricKind::gauge;
    bool derived = false;
    GroupBy by = GroupBy::queue;
};

std::map<std::string, Known> known_metrics(const Plan& plan) {
    std::map<std::string, Known> known;
    for (const auto& metric : plan.metrics) {
        known[metric.name] = {metric.kind, false, GroupBy::queue};
    }
    for (const auto& derive : plan.derives) {
        known[derive.metric] = {MetricKind::gauge, true, derive.by};
    }
    return known;
}

std::string_view word(InputFunction function) {
    switch (function) {
        case InputFunction::last: return "last";
        case InputFunction::increase: return "increase";
        case InputFunction::rate: return "rate";
        case InputFunction::delta: return "delta";
        case InputFunction::avg: return "avg";
        case InputFunction::min: return "min";
        case InputFunction::max: return "max";
    }
    return "";
}

class MetricCheck {
public:
    explicit MetricCheck(Draft& draft) : draft_(draft), known_(known_metrics(draft.plan)) {
        for (const auto& [name, metric] : known_) {
            names_.push_back(name);
        }
    }
    void run() {
        for (std::size_t i = 0; i < draft_.plan.derives.size(); ++i) {
            check_derive(draft_.plan.derives[i], draft_.derives[i]);
        }
        check_cycles();
        for (std::size_t i = 0; i < draft_.plan.rules.size(); ++i) {
            check_rule(draft_.plan.rules[i], draft_.rules[i]);
        }
    }

private:
    void check_formula(const DeriveSpec& derive, const Formula& formula, const Node& node);
    void check_input(const DeriveSpec& derive, const FormulaInput& input, const Place& at);
    void check_derive(const DeriveSpec& derive, const DerivePlaces& places);
    void check_rule(const RuleSpec& rule, const RulePlaces& places);
    void check_show(const RuleSpec& rule, const RulePlaces& places);
    void check_scope(const RuleSpec& rule, const Known& metric, const RulePlaces& places);
    bool expected(const Scope& scope, GroupBy by) const;
    std::string scope_hint(const Scope& scope) const;
    void check_cycles();
    bool walk(std::size_t index, std::vector<int>& state, std::vector<std::size_t>& path);

    Draft& draft_;
    std::map<std::string, Known> known_;
    std::vector<std::string> names_;
};

void MetricCheck::check_input(const DeriveSpec& derive, const FormulaInput& input, const Place& at) {
    const auto found = known_.find(input.metric);
    const bool counting = input.function == InputFunction::increase || input.function == InputFunction::rate;
    if (found == known_.end()) {
        draft_.report.warning(
            at, "metric " + in_quotes(input.metric) + " is neither canonical, declared nor derived" +
                    nearest_hint(input.metric, names_) +
                    (counting ? "; undeclared metrics are gauges and have no " + std::string(word(input.function)) + "()" : "") +
                    "; " + in_quotes(derive.metric) + " will stay unknown unless a feeder sends it");
        return;
    }
    if (counting && found->second.kind == MetricKind::gauge) {
        draft_.report.error(at, in_quotes(input.metric) + " is a gauge: " + std::string(word(input.function)) +
                                    "() is for counters; use delta()");
    } else if (input.function == InputFunction::delta && found->second.kind == MetricKind::counter) {
        draft_.report.error(at,
                            in_quotes(input.metric) + " is a counter: delta() would see its restart as a fall; use increase()");
    }
    if (found->second.derived && found->second.by != GroupBy::queue) {
        draft_.report.error(at, in_quotes(input.metric) + " is derived by " +
                                    std::string(word(found->second.by)) +
                                    ": no single queue has it, so no formula can use it");
    }
}

void MetricCheck::check_formula(const DeriveSpec& derive, const Formula& formula, const Node& node) {
    const auto& text = formula.text();
    for (const auto& input : formula.inputs()) {
        // The inputs carry no offset: the metric's first mention as a whole word is where people look.
        std::size_t at = text.find(input.metric);
        const auto inside = [&](std::size_t i) { return i < text.size() && (metric_name_valid(std::string("a") + text[i])); };
        while (at != std::string::npos && (inside(at + input.metric.size()) || (at > 0 && inside(at - 1)))) {
            at = text.find(input.metric, at + 1);
        }
        check_input(derive, input, place_in_text(node, at == std::string::npos ? 0 : at));
    }
    if (formula.aggregates() == 0 && derive.by != GroupBy::queue && !formula.inputs().empty()) {
        draft_.report.error(node.place, "by = \"" + std::string(word(derive.by)) +
                                            "\" needs sum(), avg(), min(), max() or count() over the queues");
    } else if (formula.aggregates() != 0 && derive.by == GroupBy::queue) {
        draft_.report.error(node.place, "a formula over queues needs by = \"group\", by = \"centre\" or by = \"all\"");
    } else if (formula.mixes_queue_and_group()) {
        draft_.report.error(
            node.place,
            "a metric stands outside the sums over queues: put every metric inside sum(), avg(), min(), max() or count()");
    }
}

void MetricCheck::check_derive(const DeriveSpec& derive, const DerivePlaces& places) {
    if (places.formula != nullptr) {
        check_formula(derive, derive.formula, *places.formula);
    }
    if (derive.when) {
        check_formula(derive, *derive.when, *places.when);
    }
    if (!draft_.plan.expects.empty() && !expected(derive.scope, GroupBy::queue)) {
        draft_.report.warning(places.scope,
                              "no [[expect]] entry is in this scope: " + in_quotes(derive.metric) + " can never have a value" + scope_hint(derive.scope));
    }
}

/// Depth-first over derived metrics; state 1 = on the path, 2 = done. The depth is bounded by the number of derives.
bool MetricCheck::walk(std::size_t index, std::vector<int>& state, std::vector<std::size_t>& path) {
    if (state[index] == 2) {
        return false;
    }
    path.push_back(index);
    if (state[index] == 1) {
        return true;
    }
    state[index] = 1;
    const auto& derive = draft_.plan.derives[index];
    std::vector<const Formula*> formulas;
    if (draft_.derives[index].formula != nullptr) {
        formulas.push_back(&derive.formula);
    }
    if (derive.when) {
        formulas.push_back(&*derive.when);
    }
    for (const auto* formula : formulas) {
        for (const auto& input : formula->inputs()) {
            for (std::size_t next = 0; next < state.size(); ++next) {
                if (draft_.plan.derives[next].metric == input.metric && walk(next, state, path)) {
                    return true;
                }
            }
        }
    }
    state[index] = 2;
    path.pop_back();
    return false;
}

void MetricCheck::check_cycles() {
    std::vector<int> state(draft_.plan.derives.size(), 0);
    for (std::size_t i = 0; i < state.size(); ++i) {
        std::vector<std::size_t> path;
        if (!walk(i, state, path)) {
            continue;
        }
        const auto start = std::ranges::find(path, path.back());
        std::string shown;
        for (auto step = start; step != path.end(); ++step) {
            shown += (shown.empty() ? "" : " -> ") + draft_.plan.derives[*step].metric;
        }
        const auto& places = draft_.derives[*start];
        draft_.report.error(places.formula != nullptr ? places.formula->place : places.metric,
                            "derived metrics go in a circle: " + shown);
        std::fill(state.begin(), state.end(), 2);  // one circle at a time: others may share it
        for (std::size_t k = i + 1; k < state.size(); ++k) {
            state[k] = !contains(path, k) ? 0 : 2;
        }
    }
}

bool MetricCheck::expected(const Scope& scope, GroupBy by) const {
    return std::ranges::any_of(draft_.plan.expects, [&](const ExpectSpec& e) {
        const std::string_view centre = by == GroupBy::all ? std::string_view("*") : std::string_view(e.centre);
        const auto queue = by == GroupBy::queue ? e.queue : by == GroupBy::group ? "*" + e.group : std::string("*");
        const bool has_group = by == GroupBy::queue || by == GroupBy::group;
        const bool grouped = has_group ? glob_match(scope.group, e.group) && (by == GroupBy::queue || !e.group.empty()) : true;
        return glob_match(scope.centre, centre) && glob_match(scope.queue, queue) && glob_match(scope.channel, e.channel) &&
               grouped;
    });
}

/// The nearest declared name to the first of the scope's names that no [[expect]] has; nothing, when none is near.
std::string MetricCheck::scope_hint(const Scope& scope) const {
    const auto hint = [&](const std::string& written, const std::string ExpectSpec::*name) {
        std::vector<std::string> known;
        for (const auto& expect : draft_.plan.expects) {
            if (glob_match(written, expect.*name)) {
                return std::string();
            }
            known.push_back(expect.*name);
        }
        return nearest_hint(written, known);
    };
    for (const auto& [written, name] : {std::pair(scope.centre, &ExpectSpec::centre), std::pair(scope.queue, &ExpectSpec::queue),
                                        std::pair(scope.group, &ExpectSpec::group)}) {
        if (auto found = hint(written, name); !found.empty()) {
            return found;
        }
    }
    return {};
}

/// What a page shows beside the value must be a value that the alert's own queue can have.
void MetricCheck::check_show(const RuleSpec& rule, const RulePlaces& places) {
    const auto its = known_.find(rule.metric);
    const auto by = its == known_.end() ? GroupBy::queue : its->second.by;
    for (std::size_t i = 0; i < rule.show.size(); ++i) {
        const auto found = known_.find(rule.show[i]);
        if (found == known_.end()) {
            draft_.report.warning(places.show[i], "metric " + in_quotes(rule.show[i]) + " is neither canonical, declared nor derived" +
                                                      nearest_hint(rule.show[i], names_) + "; pages leave it out unless a feeder sends it");
        } else if (found->second.kind == MetricKind::counter) {
            draft_.report.error(places.show[i], in_quotes(rule.show[i]) + " is a counter and only rises: derive its increase() and show that");
        } else if ((found->second.derived ? found->second.by : GroupBy::queue) != by) {
            draft_.report.error(places.show[i], in_quotes(rule.show[i]) + " is a value by " +
                                                    std::string(word(found->second.derived ? found->second.by : GroupBy::queue)) + ", and " +
                                                    in_quotes(rule.metric) + " one by " + std::string(word(by)) +
                                                    ": where the one is, the other is not");
        }
    }
}

void MetricCheck::check_scope(const RuleSpec& rule, const Known& metric, const RulePlaces& places) {
    if (metric.by != GroupBy::queue && metric.by != GroupBy::group && !glob_match(rule.scope.queue, "*")) {
        draft_.report.warning(
            places.scope, "this rule can never fire: " + in_quotes(rule.metric) + " is derived over queues, its queue is \"*\"");
    } else if (metric.by == GroupBy::all && !glob_match(rule.scope.centre, "*")) {
        draft_.report.warning(places.scope, "this rule can never fire: " + in_quotes(rule.metric) +
                                                " is derived over all centres, its centre is \"*\"");
    } else if (!draft_.plan.expects.empty() && !expected(rule.scope, metric.by)) {
        draft_.report.warning(places.scope, "this rule can never fire: no [[expect]] entry is in its scope" + scope_hint(rule.scope));
    }
}

void MetricCheck::check_rule(const RuleSpec& rule, const RulePlaces& places) {
    check_show(rule, places);
    if (rule.feed) {
        check_scope(rule, {}, places);
        return;
    }
    if (rule.metric.empty()) {
        return;  // reported already
    }
    const auto found = known_.find(rule.metric);
    if (found == known_.end()) {
        draft_.report.warning(places.metric, "this rule can never fire unless a feeder sends " + in_quotes(rule.metric) +
                                                 ": it is neither canonical, declared nor derived" +
                                                 nearest_hint(rule.metric, names_));
        check_scope(rule, {}, places);
        return;
    }
    if (const auto check = config_of(rule.kind).check_metric; check != nullptr) {
        check(rule, found->second.kind, found->second.derived, places.metric, draft_.report);
    }
    check_scope(rule, found->second, places);
}
}  // namespace

void check_metrics(Draft& draft) {
    MetricCheck(draft).run();
}

}  // namespace surged
