// Writes down what went through an incident's queues, once a minute and once at its end (`incident.load`). The after-action
// report draws load, forecast and capacity from it and estimates the cost without helpers. No decision depends on it.
//
// Counters are sums of the queues' own counters: the difference of two records is what came between them.
#include <array>
#include <cmath>

#include "core/incident/steps.hpp"

namespace surged {

namespace {
/// With more incidents open than this each is noted more seldom, and not all in the same second.
constexpr std::size_t noted_a_pace = 100;

void put(std::map<std::string, double>& load, const char* name, double value) {
    if (std::isfinite(value)) {
        load[name] = value;
    }
}

/// Sums over the board's fresh entries in the scope: agents, what they can take a minute, what was forecast.
void put_staffing(std::map<std::string, double>& load, const StaffingBoard& board, const ScopeValues& scope,
                  EngineTime now) {
    double required = 0, productive = 0, capacity = 0, forecast = 0, calls = 0, work = 0, patience = 0;
    bool known = false;
    bool foreseen = false;
    for (const auto& entry : board.entries()) {
        if (!entry.fresh(now) || !in_scope(scope, entry.queue, entry.group)) {
            continue;
        }
        known = true;
        required += entry.required;
        productive += entry.productive;
        capacity += entry.aht_s > 0 ? entry.productive / entry.aht_s * 60 : 0;
        calls += entry.calls_per_s;
        work += entry.calls_per_s * entry.aht_s;
        patience += entry.calls_per_s * entry.patience_s;
        foreseen = foreseen || std::isfinite(entry.expected_per_s);
        forecast += std::isfinite(entry.expected_per_s) ? entry.expected_per_s * 60 : 0;
    }
    if (!known) {
        return;
    }
    put(load, "required", required);
    put(load, "productive", productive);
    put(load, "capacity_per_min", capacity);
    if (foreseen) {
        put(load, "forecast_per_min", forecast);
    }
    if (calls > 0) {  // means by calls
        put(load, "aht_s", work / calls);
        put(load, "patience_s", patience / calls);
    }
}

void put_counts(std::map<std::string, double>& load, const LiveValues& live, const ScopeValues& scope) {
    static const std::array<std::string, 4> metrics{"offered", "answered", "abandoned", "calls_waiting"};
    std::array<double, metrics.size()> sums{};
    std::array<bool, metrics.size()> known{};
    live.each(
        metrics,
        [&](const QueueKey& queue, std::string_view group) {
            return !queue.queue.starts_with('*') && in_scope(scope, queue, group);
        },
        [&](std::span<const double> values) {
            for (std::size_t i = 0; i < metrics.size(); ++i) {
                known[i] = known[i] || std::isfinite(values[i]);
                sums[i] += std::isfinite(values[i]) ? values[i] : 0;
            }
        });
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (known[i]) {
            put(load, metrics[i].c_str(), sums[i]);
        }
    }
}
}  // namespace

namespace incident {

namespace {

/// False when nothing is known.
bool note_load(Step& step, Incident& inc) {
    auto c = change(inc, IncidentStep::load);
    if (step.state.board != nullptr) {
        put_staffing(c.load, *step.state.board, inc.scope, step.now.at);
    }
    if (step.state.values != nullptr) {
        put_counts(c.load, *step.state.values, inc.scope);
    }
    if (c.load.empty()) {
        return false;
    }
    step.emit(std::move(c));
    return true;
}

}  // namespace

bool settle_load(Step& step, Incident& inc) {
    if (step.state.board == nullptr && step.state.values == nullptr) {
        return false;
    }
    const auto crowd = static_cast<Span::rep>(1 + step.state.open_count / noted_a_pace);
    const auto pace = load_pace * crowd;
    if (!step.due(inc.load_at + pace)) {
        return false;
    }
    if (!note_load(step, inc)) {
        step.due(step.now.at + pace);
        return false;
    }
    return true;
}

/// The counters at the end: without them an incident shorter than the pace would have one note, and nothing to take it from. In a
/// crowd it is left out, since looking costs a walk over the queues and a thousand may end in the same second.
void note_last_load(Step& step, Incident& inc) {
    if (inc.load_at < step.now.at && step.state.open_count <= noted_a_pace) {
        note_load(step, inc);
    }
}

}  // namespace incident

}  // namespace surged
