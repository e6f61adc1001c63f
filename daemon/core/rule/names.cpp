#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/base/clock_text.hpp"
#include "core/rule/alert.hpp"
#include "core/rule/explain.hpp"
#include "core/rule/latch.hpp"
#include "core/rule/spec.hpp"

namespace surged {

namespace {
constexpr std::array<std::string_view, 4> level_names{"none", "yellow", "orange", "red"};
constexpr std::array<std::string_view, 5> state_names{"unknown", "ok", "pending", "firing", "clearing"};

constexpr std::array<std::string_view, 4> phase_names{"off", "raising", "on", "clearing"};

template <typename Enum, std::size_t size>
std::optional<Enum> find_name(const std::array<std::string_view, size>& names, std::string_view text) {
    const auto* found = std::find(names.begin(), names.end(), text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}
}  // namespace

std::string_view to_string(Level level) {
    return level_names[static_cast<std::size_t>(level)];
}
std::optional<Level> level_from(std::string_view text) {
    return find_name<Level>(level_names, text);
}
std::string_view to_string(AlertState state) {
    return state_names[static_cast<std::size_t>(state)];
}
std::optional<AlertState> alert_state_from(std::string_view text) {
    return find_name<AlertState>(state_names, text);
}

std::string_view to_string(LatchPhase phase) {
    return phase_names[static_cast<std::size_t>(phase)];
}

std::string mute_text(const MuteWindow& window) {
    constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::string out;
    for (std::size_t day = 0; day < days.size() && window.days != 0x7F; ++day) {
        if ((window.days >> day & 1U) != 0) {
            out += (out.empty() ? "" : ",") + std::string(days[day]);
        }
    }
    return (out.empty() ? "every day" : out) + " " + minute_text(window.from_min) + "-" + minute_text(window.to_min) + " " + window.zone;
}

std::string Limit::text() const {
    constexpr std::array<std::string_view, 4> signs{"> ", ">= ", "< ", "<= "};
    std::string out(signs[static_cast<std::size_t>(comparison)]);
    switch (unit) {
        case LimitUnit::plain: return out + format_number(value);
        case LimitUnit::percent: return out + (value >= 0 ? "+" : "") + format_number(value) + "%";
        case LimitUnit::per_minute: return out + (value >= 0 ? "+" : "") + format_number(value) + "/min";
        case LimitUnit::sigma: return out + format_number(value) + " sigma";
        case LimitUnit::span: return out + format_span(Span{static_cast<std::int64_t>(value * 1000.0)});
    }
    return out;
}

std::string raise_text(const RuleSpec& rule, Level level) {
    for (const auto& spec : rule.levels) {
        if (spec.level == level) {
            return spec.raise.text();
        }
    }
    return rule.levels.empty() ? std::string() : rule.levels.front().raise.text();
}

const std::vector<MetricSpec>& canonical_metrics() {
    using enum MetricKind;
    static const std::vector<MetricSpec> metrics{// gauges: snapshots of this moment
                                                 {"calls_waiting", gauge, {}, {"排队", "waiting"}},
                                                 {"oldest_wait_s", gauge, {}, {"最久等待", "oldest wait"}},
                                                 {"agents_staffed", gauge, {}, {"在线座席", "agents logged in"}},
                                                 {"agents_available", gauge, {}, {"空闲座席", "agents free"}},
                                                 {"agents_ringing", gauge},
                                                 {"agents_on_call", gauge, {}, {"通话座席", "agents on calls"}},
                                                 {"agents_wrapup", gauge},
                                                 {"agents_aux", gauge},
                                                 {"callbacks_pending", gauge, {}, {"待回访", "owed"}},
                                                 {"trunks_busy", gauge},
                                                 {"trunks_total", gauge},
                                                 {"forecast_offered", gauge},
                                                 {"roster_planned_agents", gauge},
                                                 // counters: monotonic since the epoch
                                                 {"offered", counter},
                                                 {"answered", counter},
                                                 {"answered_in_15", counter},
                                                 {"answered_in_20", counter},
                                                 {"abandoned", counter},
                                                 {"abandoned_short", counter},
                                                 {"abandoned_in_15", counter},
                                                 {"abandoned_in_20", counter},
                                                 {"overflow_in", counter},
                                                 {"overflow_out", counter},
                                                 {"timeouts", counter},
                                                 {"blocked", counter},
                                                 {"transferred", counter},
                                                 {"callbacks_requested", counter},
                                                 {"callbacks_attempted", counter},
                                                 {"callbacks_reached", counter},
                                                 {"callbacks_failed", counter},
                                                 {"wait_answered_s_sum", counter},
                                                 {"wait_abandoned_s_sum", counter},
                                                 {"talk_s_sum", counter},
                                                 {"acw_s_sum", counter},
                                                 {"handled", counter}};
    return metrics;
}

}  // namespace surged
