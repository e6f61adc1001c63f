// `need` of a [[policy]]: a number of people, "shortfall", or an expression over the incident and the queues of its scope.
#include <algorithm>

#include "config/draft.hpp"
#include "core/base/ranges.hpp"
#include "core/incident/need_formula.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr std::int64_t need_max = 10000;

bool worked_out(const NeedSpec& need) { return !need.expression.empty(); }

void read_bounds(TableReader& policy, NeedSpec& need) {
    policy.integer("need_min", need.min, 1, need_max);
    policy.integer("need_max", need.max, 1, need_max);
    for (const auto* key : {"need_min", "need_max"}) {
        const bool bounds_recheck = std::string_view(key) == "need_max" && policy.has("recheck_add");
        if (policy.has(key) && !worked_out(need) && !bounds_recheck) {
            policy.error(key, "`" + std::string(key) + "` bounds a need that is worked out: it goes with need = \"shortfall\" or an expression");
        }
    }
    if (!worked_out(need) && need.max < need.fixed) {
        policy.error("need_max", "`need_max` is below `need`");
    }
    if (need.max < need.min) {
        policy.error(policy.has("need_max") ? "need_max" : "need_min", "`need_max` is below `need_min`");
    }
}

bool has_shortfall_rule(const Plan& plan) {
    return std::ranges::any_of(plan.rules, [](const RuleSpec& r) { return row_of(r.kind).tells_staffing; });
}

/// How many are missing is worked out, and not asked: the whole roster hears the page, and the seats are full after two of twelve.
void warn_of_fixed(TableReader& policy, const Node& node, Draft& draft) {
    const auto* id = policy.any("id");
    const auto works_out = [&](const RuleSpec& r) { return r.kind == RuleKind::shortfall && r.policy == id->text; };
    const auto& rules = draft.plan.rules;
    if (id != nullptr && id->kind == Node::Kind::text && std::ranges::any_of(rules, works_out)) {
        draft.report.warning(node.place, "a fixed need ignores how many agents are missing, which a rule of kind \"shortfall\" works out for this policy: "
                                         "need = \"shortfall\" with `need_min` and `need_max` calls as many");
    }
}

/// The expression in the text of `node`; what it names must exist, or it stays unknown and the need at its least.
void read_expression(const Node& node, NeedSpec& need, Draft& draft) {
    need.expression = node.text;
    if (node.text == need_by_shortfall) {
        if (!has_shortfall_rule(draft.plan)) {
            draft.report.warning(node.place,
                                 "no rule is of kind \"shortfall\": nothing is worked out, and the need stays at `need_min`");
        }
        return;
    }
    const auto formula = NeedFormula::parse(node.text);
    if (!formula) {
        auto names = NeedFormula::names();
        names.emplace_back(need_by_shortfall);
        report_in_text(draft.report, node, formula.error().offset, formula.error().message + nearest_hint(node.text, names));
        return;
    }
    const auto at = [&](const std::string& name) { return place_in_text(node, node.text.find(name)); };
    const auto& names = NeedFormula::names();
    for (std::size_t i = 0; i < 4; ++i) {  // those that come from staffing
        if (node.text.find(names[i]) != std::string::npos && !has_shortfall_rule(draft.plan)) {
            draft.report.warning(at(names[i]), "no rule is of kind \"shortfall\": " + names[i] + " stays unknown, and the need at `need_min`");
            break;
        }
    }
    std::vector<std::string> known;
    for (const auto& metric : draft.plan.metrics) {
        known.push_back(metric.name);
    }
    for (const auto& derive : draft.plan.derives) {
        known.push_back(derive.metric);
    }
    for (const auto& metric : formula->metrics()) {
        if (!contains(known, metric)) {
            draft.report.warning(at(metric), "metric " + in_quotes(metric) + " is neither canonical, declared nor derived: the need stays at `need_min` unless a feeder sends it" +
                                                 nearest_hint(metric, known));
        }
    }
}
}  // namespace

void read_need(TableReader& policy, NeedSpec& need, Draft& draft) {
    const auto* node = policy.any("need");
    if (node == nullptr) {
        policy.require("need");
        return;
    }
    if (node->kind == Node::Kind::text) {
        read_expression(*node, need, draft);
    } else if (node->kind != Node::Kind::table) {
        policy.integer("need", need.fixed, 1, need_max);
        warn_of_fixed(policy, *node, draft);
    } else {
        TableReader table(*node, "need", policy.report());
        const auto* expression = table.any("expr");
        if (expression == nullptr) {
            table.require("fixed");
        } else if (expression->kind != Node::Kind::text) {
            table.error("expr", "`expr` must be text, e.g. \"clamp(ceil(gap_agents), 2, 20)\"");
        } else {
            read_expression(*expression, need, draft);
        }
        if (expression != nullptr && table.has("fixed")) {
            table.error("fixed", "a need is `fixed` or worked out by `expr`, not both");
        }
        table.integer("fixed", need.fixed, 1, need_max);
        table.span("ratchet", need.ratchet, {10s, 24h});
        if (table.has("ratchet") && expression == nullptr) {
            table.error("ratchet", "`ratchet` is for a need that is worked out: a fixed one never changes");
        }
        table.finish();
    }
    read_bounds(policy, need);
}

}  // namespace surged
