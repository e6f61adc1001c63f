#include "core/rule/kinds.hpp"

#include <array>

#include "core/rule/kinds/absence.hpp"
#include "core/rule/kinds/baseline.hpp"
#include "core/rule/kinds/rate_of_change.hpp"
#include "core/rule/kinds/shortfall.hpp"
#include "core/rule/kinds/threshold.hpp"
#include "core/rule/kinds/volatility.hpp"

namespace surged {

namespace {
/// In the order of RuleKind.
constexpr std::array<const KindRow*, rule_kinds> rows{&threshold_kind, &rate_of_change_kind, &absence_kind,
                                                      &baseline_kind,  &volatility_kind,     &shortfall_kind};
}  // namespace

const KindRow& row_of(RuleKind kind) {
    return *rows[static_cast<std::size_t>(kind)];
}

std::string_view to_string(RuleKind kind) {
    return row_of(kind).name;
}

std::size_t rule_state_bytes(const RuleSpec& rule, MetricKind kind) {
    const auto& row = row_of(rule.kind);
    return row.state_bytes != nullptr ? row.state_bytes(rule, kind) : 0;
}

std::size_t rule_apart_bytes(const RuleSpec& rule) {
    const auto& row = row_of(rule.kind);
    return row.apart_bytes != nullptr ? row.apart_bytes(rule) : 0;
}

std::vector<RingShape> rule_windows(const RuleSpec& rule, std::string_view metric, MetricKind kind) {
    std::vector<RingShape> out;
    if (const auto& row = row_of(rule.kind); row.windows != nullptr) {
        row.windows(rule, metric, kind, out);
    }
    return out;
}

bool banded(const RuleSpec& rule) {
    const auto& row = row_of(rule.kind);
    return row.banded != nullptr && row.banded(rule);
}

}  // namespace surged
