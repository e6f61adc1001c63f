// `depends_on` of rules and [overload]: what keeps a storm to one page. [heartbeat]: the channel of the watcher outside.
//
// Knows names and places; refuses to know how folding works (core/rule/dependency). The hardest rule: nothing that is written
// here may lead to silence. A rule that pages nobody cannot speak for others, and rules may not depend on each other in a
// circle.
#include <algorithm>

#include "config/draft.hpp"
#include "core/base/ranges.hpp"

namespace surged {

using namespace std::chrono_literals;

void read_dependencies(TableReader& table, RuleSpec& rule, Draft& draft) {
    std::vector<PlacedText> above;
    if (!table.text_or_texts("depends_on", above)) {
        return;
    }
    for (const auto& one : above) {
        if (one.text == rule.id) {
            draft.report.error(one.place, "rule " + in_quotes(rule.id) + " depends on itself");
        } else if (contains(rule.depends_on, one.text)) {
            draft.report.error(one.place, in_quotes(one.text) + " is given twice");
        } else {
            draft.names.use(NameKind::rule, one.text, one.place);
            rule.depends_on.push_back(one.text);
        }
    }
}

namespace {
/// The cycle from `from` back to `from` through depends_on, as text; empty = there is none. Depth-first; every rule is walked
/// once.
std::string circle(const Draft& draft, const std::string& from) {
    std::vector<std::vector<std::string>> open{{from}};
    std::set<std::string> seen;
    while (!open.empty()) {
        const auto path = std::move(open.back());
        open.pop_back();
        const auto* rule = find_by_id(draft.plan.rules, path.back());
        for (std::size_t i = 0; rule != nullptr && i < rule->depends_on.size(); ++i) {
            const auto& next = rule->depends_on[i];
            auto longer = path;
            longer.push_back(next);
            if (next == from) {
                std::string shown;
                for (const auto& id : longer) {
                    shown += (shown.empty() ? "" : " -> ") + id;
                }
                return shown;
            }
            if (seen.insert(next).second) {
                open.push_back(std::move(longer));
            }
        }
    }
    return {};
}
}  // namespace

void check_dependencies(Draft& draft) {
    std::set<std::string> told;  // one circle is told once, at the first of its rules
    for (std::size_t i = 0; i < draft.plan.rules.size() && i < draft.rules.size(); ++i) {
        const auto& rule = draft.plan.rules[i];
        const auto& place = draft.rules[i].depends_on;
        if (rule.depends_on.empty() || told.contains(rule.id)) {
            continue;
        }
        if (const auto way = circle(draft, rule.id); !way.empty()) {
            draft.report.error(place, "rules depend on each other in a circle: " + way);
            for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 4) {
                to = way.find(" -> ", from);
                told.insert(way.substr(from, to == std::string::npos ? to : to - from));
            }
            continue;
        }
        for (const auto& id : rule.depends_on) {
            const auto* above = find_by_id(draft.plan.rules, id);
            if (above != nullptr && above->policy.empty()) {
                draft.report.warning(place, "rule " + in_quotes(id) + " has no policy and pages nobody: it cannot speak for " +
                                                in_quotes(rule.id) + ", which goes on paging by itself");
            }
        }
    }
}

void read_overload(TableReader& root, Draft& draft) {
    const auto* node = root.table("overload");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[overload]", draft.report);
    auto& overload = draft.plan.overload;
    table.require("policy");
    if (table.text("policy", overload.policy)) {
        draft.names.use(NameKind::policy, overload.policy, table.at("policy"));
    }
    table.span("behind", overload.behind, {1s, 1h});
    table.span("raise_after", overload.raise_after, {0s, 1h});
    table.span("clear_after", overload.clear_after, {1s, 24h});
    table.finish();
}

void read_heartbeat(TableReader& root, Draft& draft) {
    const auto* node = root.table("heartbeat");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[heartbeat]", draft.report);
    auto& heartbeat = draft.plan.heartbeat;
    table.require("channel");
    if (table.text("channel", heartbeat.channel)) {
        check_machine_channel(table, "channel", heartbeat.channel, "a heartbeat", draft);
    }
    table.span("every", heartbeat.every, {1s, 24h});
    table.finish();
}

}  // namespace surged
