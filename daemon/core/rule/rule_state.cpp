#include "core/rule/rule_state.hpp"

#include <algorithm>
#include <array>

namespace surged {

std::size_t rule_state_bytes(const RuleSpec& rule) {
    switch (rule.kind) {
        case RuleKind::threshold: return rule.ahead.count() > 0 ? sizeof(SlopeState) : 0;
        case RuleKind::volatility: return sizeof(SwingState);
        case RuleKind::shortfall: return sizeof(StaffingState);
        case RuleKind::rate_of_change:
        case RuleKind::absence:
        case RuleKind::baseline: break;
    }
    return 0;
}

std::vector<RingShape> rule_windows(const RuleSpec& rule, std::string_view metric, MetricKind kind) {
    const bool about = rule.metric == metric;
    const auto own = kind == MetricKind::counter ? RingKind::counter : RingKind::mean;
    switch (rule.kind) {
        case RuleKind::rate_of_change:
            return about ? std::vector<RingShape>{{own, rule.window}, {own, rule.window + rule.versus}}
                         : std::vector<RingShape>{};
        case RuleKind::absence:
            return about && !rule.feed ? std::vector<RingShape>{{RingKind::counter, rule.history}} : std::vector<RingShape>{};
        case RuleKind::threshold:
            return about && rule.ahead.count() > 0 ? std::vector<RingShape>{{RingKind::mean, rule.slope_window}}
                                                   : std::vector<RingShape>{};
        case RuleKind::shortfall: {
            constexpr std::array<std::string_view, 3> handling{"handled", "talk_s_sum", "acw_s_sum"};
            constexpr std::array<std::string_view, 3> patience{"abandoned", "wait_answered_s_sum", "wait_abandoned_s_sum"};
            const auto in = [&](const auto& names) { return std::find(names.begin(), names.end(), metric) != names.end(); };
            std::vector<RingShape> out;
            if (about) {
                out.push_back({RingKind::counter, rule.window});
            }
            if (in(handling)) {
                out.push_back({RingKind::counter, rule.staffing.aht_window});
            }
            if (in(patience)) {
                out.push_back({RingKind::counter, staffing_patience_window});
            }
            if (metric == "answered" && kind == MetricKind::counter) {
                out.push_back({RingKind::counter, rule.staffing.aht_window});
            }
            if (metric == "agents_on_call" && kind == MetricKind::gauge) {
                out.push_back({RingKind::mean, rule.staffing.aht_window});
            }
            return out;
        }
        case RuleKind::baseline:
        case RuleKind::volatility: break;
    }
    return {};
}

}  // namespace surged
