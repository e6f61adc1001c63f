#include "config/kinds.hpp"

#include <array>

#include "config/limits.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

namespace {
/// In the order of RuleKind.
constexpr std::array<const KindConfig*, rule_kinds> rows{&threshold_config, &rate_of_change_config, &absence_config,
                                                         &baseline_config,  &volatility_config,     &shortfall_config};
}  // namespace

const KindConfig& config_of(RuleKind kind) {
    return *rows[static_cast<std::size_t>(kind)];
}

void read_floor(TableReader& table, RuleSpec& rule) {
    const auto* node = table.any("floor");
    if (node == nullptr) {
        return;
    }
    if (node->kind != Node::Kind::text) {
        table.number("floor", rule.floor, 0, 1e12);
        return;
    }
    if (auto amount = parse_amount(node->text)) {
        rule.floor = *amount;
    } else {
        report_in_text(table.report(), *node, amount.error().offset, amount.error().message);
    }
}

void refuse_counter(const RuleSpec& rule, const Place& at, Report& report) {
    report.error(at, in_quotes(rule.metric) + " is a counter and only rises: derive a rate or a ratio of it and watch that");
}

}  // namespace surged
