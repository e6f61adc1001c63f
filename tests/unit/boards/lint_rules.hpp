// The rules that Grafana publishes for dashboards (github.com/grafana/dashboard-linter, docs/index.md and lint/rule_*.go, as of
// 2026-06), written anew for our boards; the rules of LogQL have nothing to say here. Where a rule of theirs is weaker than its
// own text (a counter is only seen without matchers, an empty list of mappings counts as a unit) the text is followed. Below them
// are rules of our own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/json_text.hpp"

namespace surged::test {

struct LintFinding {
    std::string_view rule;
    std::string what;
};

/// Everything that is wrong with a board; empty = clean.
std::vector<LintFinding> lint(const JsonValue& board);

/// Every query of its panels and annotations.
std::vector<std::string> queries_of(const JsonValue& board);
/// With values in the place of Grafana's variables, so that Prometheus reads it.
std::string without_variables(std::string expr);

}  // namespace surged::test
