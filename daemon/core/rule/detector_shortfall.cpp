// kind = "shortfall": how many people a queue is missing now. Worked out from the queue's own counters and gauges, every few
// seconds and never per sample; what comes out goes to the rule and to the staffing board (pages, gauges, need).
//
// The hardest rule: what is not known stays unknown. A gauge counts only while it is fresh, a handling time only when calls were
// handled, a rate only when half of its window is filled. "Usual" (what the cause is told by) is learned only while nobody is
// missing, so that a long surge does not become usual.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/rule_state.hpp"

namespace surged {

namespace {
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr Span pace{5000};               ///< between two looks at one queue
constexpr Span board_life{60000};        ///< an answer is shown at least this long
constexpr double abandoned_min = 10;     ///< callers who gave up that make a patience
constexpr double patience_max_aht = 60;  ///< likewise, in handling times
constexpr double patience_max_s = 3600;  ///< beyond it nobody gives up, as far as staffing goes (and the sums stay short)
constexpr double patience_same = 0.02;
constexpr double usual_tau_s = 3600;
constexpr double usual_min_s = 900;  ///< learned for less: no reference

double or_zero(double x) {
    return std::isnan(x) ? 0 : x;
}

/// Exponential mean over an hour of what was seen; the plain mean until then.
void learn(double& usual, double value, double learned_s, double dt_s) {
    const double weight = std::max(dt_s / usual_tau_s, dt_s / (learned_s + dt_s));
    usual += std::min(1.0, weight) * (value - usual);
}
}  // namespace

/// Numbers of one queue; NaN where nothing is known.
struct Detector::StaffingInputs {
    double calls_per_s = unknown;
    double expected_per_s = unknown;  ///< by a baseline rule on the same counter
    double aht_s = unknown;
    staffing::HandlingFrom aht_from = staffing::HandlingFrom::unknown;
    staffing::HandlingSeen handling{};
    double patience_s = 0;
    double productive = unknown;
    double available = unknown;
    double waiting = unknown;
    double planned = unknown;
};

/// Last value of a gauge, as long as it was reported lately.
double Detector::fresh_gauge(const Queue& queue, std::uint16_t at) const {
    if (at >= queue.series_count || !queue.series[at].reading.started) {
        return unknown;
    }
    const double value = store_.value(queue, at);
    return queue.series[at].pace.silent() || !(value >= 0) ? unknown : value;
}

/// Rise of a counter over a window whose ring is there; `covered_ms` is how much of it is filled.
double Detector::rise(Queue& queue, std::uint16_t at, Span window, SourceTime ts, std::int64_t* covered_ms) {
    if (at >= queue.series_count || queue.series[at].plan->kind != MetricKind::counter || !queue.series[at].reading.started ||
        queue.series[at].pace.silent()) {
        return unknown;
    }
    const auto& series = queue.series[at];
    const auto index = series.plan->ring_index({RingKind::counter, window});
    auto& ring = queue.ring(series, index);
    if (covered_ms != nullptr) {
        *covered_ms = ring.covered_ms(series.plan->rings[index].width_ms, ts);
    }
    return ring.sum(place(series.plan->rings[index], ts));
}

/// The forecast of the first baseline rule on this counter.
double Detector::forecast_per_s(const Queue& queue, std::uint16_t at) const {
    const auto& series = queue.series[at];
    for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->baselines != 0; ++i) {
        const auto& bound = series.plan->rules[i];
        if (bound.kind == RuleKind::baseline && !plan_.rules[bound.rule].counts) {
            return queue.baselines[queue.bounds[series.bounds + i].baseline]->expected_per_s();
        }
    }
    return unknown;
}

/// What is known of handling times: of the calls that ended in the window, and of those in progress.
staffing::HandlingSeen Detector::handling_seen(Queue& queue, const RuleSpec& rule, std::uint16_t offered, std::uint16_t bound,
                                               SourceTime ts) {
    const auto& m = queue.staffing;
    const auto window = rule.staffing.aht_window;
    std::int64_t covered = 0;
    const double handled = rise(queue, m.handled, window, ts, &covered);
    const double talk = rise(queue, m.talk, window, ts, nullptr);
    staffing::HandlingSeen seen;
    seen.handled = or_zero(handled);
    seen.handled_s = or_zero(talk) + or_zero(rise(queue, m.acw, window, ts, nullptr));
    seen.configured_s = rule.staffing.aht_s;
    seen.window_s = seconds(window);
    seen.in_progress = seen.in_progress_s = unknown;
    const double on_call = fresh_gauge(queue, m.on_call);
    if (!std::isnan(on_call) && queue.series[m.on_call].plan->kind == MetricKind::gauge) {
        // The time on calls less the time of the calls that ended: what those in progress have taken so far.
        const auto& series = queue.series[m.on_call];
        const auto index = series.plan->ring_index({RingKind::mean, window});
        auto& ring = queue.ring(series, index);
        const auto width = series.plan->rings[index].width_ms;
        const auto filled = std::min(Span{ring.covered_ms(width, ts)}, window);
        seen.in_progress = on_call;
        seen.in_progress_s = std::max(0.0, or_zero(ring.mean(place(series.plan->rings[index], ts))) * seconds(filled) - or_zero(talk));
    } else if (const double answered = rise(queue, m.answered, window, ts, nullptr); !std::isnan(answered)) {
        seen.in_progress = std::max(0.0, answered - seen.handled);
    }
    auto& state = state_of<StaffingState>(queue, queue.series[offered],
                                          queue.series[offered].plan->rules[bound - queue.series[offered].bounds]);
    if (seen.handled <= 0) {
        state.first_call_ms = 0;
    } else if (state.first_call_ms == 0) {
        // A rule that is new to a queue with a past: as old as what the window holds.
        state.first_call_ms = to_ms(ts) - (state.handling_seen == 0 ? covered : 0);
    }
    state.handling_seen = 1;
    seen.age_s = state.first_call_ms == 0 ? 0 : static_cast<double>(to_ms(ts) - state.first_call_ms) / 1000.0;
    return seen;
}

Detector::StaffingInputs Detector::staffing_inputs(Queue& queue, const RuleSpec& rule, std::uint16_t offered, std::uint16_t bound,
                                                   SourceTime ts) {
    const auto& m = queue.staffing;
    const auto& spec = rule.staffing;
    StaffingInputs in;
    std::int64_t covered = 0;
    const double calls = rise(queue, offered, rule.window, ts, &covered);
    if (covered * 2 >= rule.window.count()) {
        in.calls_per_s = calls / (seconds(std::min(Span{covered}, rule.window)));
    }
    // What was offered in the last minutes, or what the learned profile expects now, whichever is more: a surge is ahead of the
    // profile, and the profile is ahead of the morning's rise.
    in.expected_per_s = forecast_per_s(queue, offered);
    in.calls_per_s = std::isnan(in.calls_per_s) ? in.expected_per_s : std::fmax(in.calls_per_s, in.expected_per_s);
    in.handling = handling_seen(queue, rule, offered, bound, ts);
    const auto handling = staffing::handling_time(in.handling);
    in.aht_s = handling.aht_s;
    in.aht_from = handling.from;
    const double gave_up = rise(queue, m.abandoned, staffing_patience_window, ts, nullptr);
    const double waited = rise(queue, m.wait_answered, staffing_patience_window, ts, nullptr) +
                          rise(queue, m.wait_abandoned, staffing_patience_window, ts, nullptr);
    const auto measured = gave_up >= abandoned_min ? staffing::patience_s(gave_up, waited) : std::nullopt;
    in.patience_s = measured.value_or(spec.patience_s);
    in.patience_s = in.patience_s > std::min(patience_max_s, patience_max_aht * in.aht_s) ? 0 : in.patience_s;
    in.available = fresh_gauge(queue, m.available);
    in.productive = in.available + fresh_gauge(queue, m.on_call) + or_zero(fresh_gauge(queue, m.ringing)) +
                    or_zero(fresh_gauge(queue, m.wrapup));
    if (std::isnan(in.productive)) {
        in.productive = std::max(0.0, fresh_gauge(queue, m.staffed) - or_zero(fresh_gauge(queue, m.aux)));
        in.productive = std::isnan(fresh_gauge(queue, m.staffed)) ? unknown : in.productive;
    }
    in.waiting = fresh_gauge(queue, m.waiting);
    in.planned = fresh_gauge(queue, m.planned);
    return in;
}

/// All shortfall rules of a queue, at most every few seconds.
void Detector::look_at_staffing(std::uint32_t id, SourceTime ts, Stamp now) {
    store_[id].staffed = now.at + pace;
    for (const auto& [rule, metric] : store_[id].cls->staffing) {
        auto& queue = store_[id];
        const auto s = queue.find(metric);
        if (s == queue.series_count) {
            continue;
        }
        const auto& rules = queue.series[s].plan->rules;
        for (std::size_t i = queue.series[s].plan->thresholds; i < rules.size(); ++i) {
            if (rules[i].rule == rule) {
                staff(id, static_cast<std::uint16_t>(s), static_cast<std::uint16_t>(queue.series[s].bounds + i), ts, now);
            }
        }
    }
}

void Detector::staff(std::uint32_t id, std::uint16_t s, std::uint16_t bound, SourceTime ts, Stamp now) {
    auto& queue = store_[id];
    const auto& bound_rule = queue.series[s].plan->rules[bound - queue.series[s].bounds];
    const auto& rule = plan_.rules[bound_rule.rule];
    const auto& spec = rule.staffing;
    auto& state = state_of<StaffingState>(queue, queue.series[s], bound_rule);
    const auto in = staffing_inputs(queue, rule, s, bound, ts);
    // A measured patience moves with every caller who gives up and is known to a tenth at best: while it is nearly what it was,
    // it is the same, and what was found out with it still holds.
    if (!(std::abs(in.patience_s - state.patience_s) <= patience_same * state.patience_s)) {
        state.patience_s = in.patience_s;
    }
    staffing::Situation situation{{in.calls_per_s, in.aht_s, state.patience_s},
                                  in.productive,
                                  or_zero(in.waiting),
                                  spec.target,
                                  spec.occupancy_max,
                                  seconds(spec.lead),
                                  seconds(spec.clear_within),
                                  state.required};
    const auto seen = staffing::estimate(situation, &state.findings);
    auto& board = board_.entry(id, store_.key(id), queue.group);
    const bool first = bound_rule.rule == queue.cls->staffing.front().first;
    if (!seen) {
        board.known = first ? false : board.known;
        if (queue.bounds[bound].active != no_id) {
            observe(id, s, bound, unknown, ts, now, nullptr);
        }
        return;
    }
    state.required = seen->required;
    const bool learned = state.learned_s >= usual_min_s;
    const double usual_agents = !std::isnan(in.planned) && in.planned > 0 ? in.planned : learned ? state.usual_agents : 0;
    const auto cause = seen->missing <= 0 ? staffing::Cause::none
                                          : staffing::cause_of({in.calls_per_s, learned ? state.usual_calls_per_s : 0, in.aht_s,
                                                                learned ? state.usual_aht_s : 0, in.productive, usual_agents,
                                                                situation.waiting, or_zero(in.available)});
    if (seen->missing <= 0) {
        const double since = state.begun != 0 ? static_cast<double>(to_ms(now.at) - state.looked_ms) / 1000.0 : 0;
        const double dt_s = std::clamp(since, 0.001, 60.0);
        learn(state.usual_calls_per_s, in.calls_per_s, state.learned_s, dt_s);
        learn(state.usual_aht_s, in.aht_s, state.learned_s, dt_s);
        learn(state.usual_agents, in.productive, state.learned_s, dt_s);
        state.learned_s = std::min(state.learned_s + dt_s, 1e7);
    }
    state.begun = 1;
    state.looked_ms = to_ms(now.at);
    if (first) {
        board.known = true;
        board.until = now.at + std::max(board_life, queue.stale_after);
        board.required = seen->needed;
        board.productive = in.productive;
        board.missing = seen->missing;
        board.slack = in.aht_from == staffing::HandlingFrom::measured ? seen->slack : 0;
        board.slack_until = now.at + queue.stale_after;
        board.waiting = situation.waiting;
        board.expected_wait_s = seen->expected_wait_s;
        board.calls_per_s = in.calls_per_s;
        board.expected_per_s = in.expected_per_s;
        board.aht_s = in.aht_s;
        board.aht_from = in.aht_from;
        board.aht_calls = in.handling.handled;
        board.aht_in_progress = in.handling.in_progress;
        board.aht_configured_s = spec.aht_s;
        board.aht_window = spec.aht_window;
        board.patience_s = in.patience_s;
        board.lead = spec.lead;
        board.cause = cause;
    }
    if (queue.bounds[bound].band.contains(seen->missing)) {
        return;
    }
    std::string evidence = "needs " + std::to_string(seen->needed) + " agents, has " + format_rounded(in.productive, 1) + "; " +
                           format_rounded(in.calls_per_s * 60, 1) + " calls a minute of " + format_rounded(in.aht_s, 0) + " s, ";
    evidence += std::isnan(in.waiting) ? "waiting calls not known" : format_rounded(in.waiting, 0) + " waiting";
    if (cause != staffing::Cause::none) {
        evidence += ", cause " + std::string(to_string(cause));
    }
    observe(id, s, bound, seen->missing, ts, now, &evidence);
}

}  // namespace surged
