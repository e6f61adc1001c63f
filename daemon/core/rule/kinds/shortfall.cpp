// kind = "shortfall": how many people a queue is missing now. Worked out from the queue's own counters and gauges, every few
// seconds and never per sample; what comes out goes to the rule and to the staffing board (pages, gauges, need).
//
// The hardest rule: what is not known stays unknown. A gauge counts only while it is fresh, a handling time only when calls were
// handled, a rate only when half of its window is filled. "Usual" (what the cause is told by) is learned only while nobody is
// missing, so that a long surge does not become usual.
#include "core/rule/kinds/shortfall.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/not_known.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/rule/kind_phrases.hpp"
#include "core/rule/rule_step.hpp"
#include "core/rule/rule_view.hpp"

namespace surged {

namespace {
constexpr Span board_life{60000};        ///< an answer is shown at least this long
constexpr double abandoned_min = 10;     ///< callers who gave up that make a patience
constexpr double patience_max_aht = 60;  ///< likewise, in handling times
constexpr double patience_max_s = 3600;  ///< beyond it nobody gives up, as far as staffing goes (and the sums stay short)
constexpr double patience_same = 0.02;
constexpr double usual_tau_s = 3600;
constexpr std::int64_t lost_part = 10;  ///< a gap of a tenth of the window would make a tenth too few of the arrivals
constexpr double usual_min_s = 900;  ///< learned for less: no reference

/// A gap that long makes the arrivals of the window too few.
bool is_long(std::int64_t gap_ms, Span window) {
    return gap_ms >= (window.count() + lost_part - 1) / lost_part;
}

double or_zero(double x) {
    return std::isnan(x) ? 0 : x;
}

/// Exponential mean over an hour of what was seen; the plain mean until then.
void learn(double& usual, double value, double weight) {
    usual += weight * (value - usual);
}

/// What is usual here, and the last answer.
struct StaffingState {
    double usual_calls_per_s = 0;
    double usual_aht_s = 0;
    double usual_agents = 0;
    double learned_s = 0;  ///< time that the usual was learned from
    std::int64_t looked_ms = 0;
    std::int32_t required = 0;
    std::uint8_t begun = 0;
    std::uint8_t handling_seen = 0;  ///< first_call_ms was looked at before
    std::uint8_t pad[2] = {};
    double patience_s = 0;           ///< that the findings are for
    std::int64_t first_call_ms = 0;  ///< source time since which the window of handled calls was never empty; 0 = it is empty
    // The counter of arrivals: where its last long gap that nobody counted began and ended.
    std::int64_t unknown_ms = 0;    ///< its last reading before one that is not known yet; 0 = it is known
    std::int64_t lost_from_ms = 0;
    std::int64_t lost_to_ms = 0;    ///< 0 = it had none
    double lost_total = 0;          ///< of the counter at lost_to_ms; as if it had counted on through the short gaps since
    double read_total = 0;          ///< ... and at the last look, or the last short gap
    staffing::Findings findings{};
};

/// Numbers of one queue; NaN where nothing is known.
struct StaffingInputs {
    double calls_per_s = not_known;
    double expected_per_s = not_known;  ///< by a baseline rule on the same counter
    double aht_s = not_known;
    staffing::HandlingFrom aht_from = staffing::HandlingFrom::unknown;
    staffing::HandlingSeen handling{};
    double patience_s = 0;
    double productive = not_known;
    double available = not_known;
    double waiting = not_known;
    double planned = not_known;
};

/// Last value of a gauge, as long as it was reported lately.
double fresh_gauge(const RuleStep& step, StaffingPlace at) {
    const auto& queue = step.queue;
    if (at.series >= queue.series_count || !queue.series[at.series].reading.started) {
        return not_known;
    }
    const double value = step.value_of(at.series);
    return queue.series[at.series].pace.silent() || !(value >= 0) ? not_known : value;
}

/// A window of a series of the queue; null where the series is not there.
struct Window {
    const Series* series = nullptr;
    const RingPlan* plan = nullptr;
};

inline Window window_of(const RuleStep& step, StaffingPlace at, RingShape shape) {
    const auto& queue = step.queue;
    if (at.series >= queue.series_count) {
        return {};
    }
    const auto& series = queue.series[at.series];
    const auto& rings = series.plan->rings;
    // Of a second rule of the kind, with another window, the place tells the series only.
    const auto* found = rings.data() + at.ring;
    return {&series, at.ring < rings.size() && found->shape == shape ? found : &rings[series.plan->ring_index(shape)]};
}

/// Rise of a counter over a window; `covered_ms` is how much of it is filled.
inline double rise(RuleStep& step, const Window& window, SourceTime ts, std::int64_t* covered_ms = nullptr) {
    if (window.series == nullptr || !window.series->reading.started || window.series->pace.silent()) {
        return not_known;
    }
    auto ring = step.queue.ring(*window.series, *window.plan);
    if (covered_ms != nullptr) {
        *covered_ms = ring.covered_ms(window.plan->width_ms, ts);
    }
    return ring.sum(step.place(*window.plan, ts));
}

/// The same of the window of a counter at `at`.
double rise(RuleStep& step, StaffingPlace at, Span length, SourceTime ts, std::int64_t* covered_ms = nullptr) {
    const auto& queue = step.queue;
    const bool counter = at.series < queue.series_count && queue.series[at.series].plan->kind == MetricKind::counter;
    return counter ? rise(step, window_of(step, at, {RingKind::counter, length}), ts, covered_ms) : not_known;
}

/// Nobody counted between two readings. A feeder that was away and starts anew tells nothing of the calls in between: they are no quiet
/// minutes.
void note_lost(RuleStep& step, SourceTime since, SourceTime ts, bool known) {
    auto& state = step.state<StaffingState>();
    const double total = step.series.reading.last;
    if (state.unknown_ms <= 0 || state.unknown_ms > to_ms(ts)) {
        state.unknown_ms = to_ms(since);
    }
    if (!known) {
        return;
    }
    if (is_long(to_ms(ts) - state.unknown_ms, step.rule().window)) {
        state.lost_from_ms = state.unknown_ms;
        state.lost_to_ms = to_ms(ts);
        state.lost_total = total;
    } else {
        state.lost_total += total - state.read_total;  // a short one: counted on from here
    }
    state.read_total = total;
    state.unknown_ms = 0;
}

/// Spoiled bytes may name any moment: within these bounds a difference of two overflows nothing.
void check_lost(RuleStep& step) {
    auto& state = step.state<StaffingState>();
    constexpr std::int64_t far = std::int64_t{1} << 60U;
    for (auto* at : {&state.unknown_ms, &state.lost_from_ms, &state.lost_to_ms}) {
        *at = *at >= 0 && *at < far ? *at : 0;
    }
}

/// How much of the window that ends at `ts` lies in the gap.
Span lost_in(const StaffingState& state, Span window, SourceTime ts) {
    return Span{std::max<std::int64_t>(0, state.lost_to_ms - std::max(state.lost_from_ms, to_ms(ts) - window.count()))};
}

/// Arrivals a second in the rule's window; after a gap in it, since then. Unknown until half of it is filled.
double arrivals_per_s(RuleStep& step, SourceTime ts) {
    const auto window = step.rule().window;
    const auto& series = step.series;
    std::int64_t covered = 0;
    const bool counter = series.plan->kind == MetricKind::counter;
    double calls = counter ? rise(step, {&series, &step.ring_plan(step.plan().ring_recent)}, ts, &covered) : not_known;
    if (std::isnan(calls)) {
        return not_known;
    }
    auto& state = step.state<StaffingState>();
    if (state.unknown_ms > 0) {
        // The window ends with the last reading, as long as that was not long ago.
        return is_long(to_ms(ts) - state.unknown_ms, window) || covered * 2 < window.count()
                   ? not_known
                   : calls / seconds(std::min(Span{covered}, window));
    }
    state.read_total = series.reading.last;
    if (lost_in(state, window, ts) > Span{0}) {
        calls = state.read_total - state.lost_total;
        covered = to_ms(ts) - state.lost_to_ms;
    }
    return covered * 2 >= window.count() ? calls / seconds(std::min(Span{covered}, window)) : not_known;
}

/// The forecast of the first baseline rule on this counter.
double forecast_per_s(const RuleStep& step) {
    const auto& series = step.series;
    for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->learners != 0; ++i) {
        const auto& beside = series.plan->rules[i];
        if (beside.row->learns && !step.rules()[beside.rule].counts) {
            return step.queue.baselines[step.queue.bounds[series.bounds + i].baseline]->expected_per_s();
        }
    }
    return not_known;
}

/// What is known of handling times: of the calls that ended in the window, and of those in progress.
staffing::HandlingSeen handling_seen(RuleStep& step, SourceTime ts) {
    auto& queue = step.queue;
    const auto& rule = step.rule();
    const auto& m = queue.layout->staffing;
    const auto window = rule.staffing.aht_window;
    std::int64_t covered = 0;
    const double handled = rise(step, m.handled, window, ts, &covered);
    const double talk = rise(step, m.talk, window, ts);
    staffing::HandlingSeen seen;
    seen.handled = or_zero(handled);
    seen.handled_s = or_zero(talk) + or_zero(rise(step, m.acw, window, ts));
    seen.configured_s = rule.staffing.aht_s;
    seen.window_s = seconds(window);
    seen.in_progress = seen.in_progress_s = not_known;
    const double on_call = fresh_gauge(step, m.on_call);
    if (!std::isnan(on_call) && queue.series[m.on_call.series].plan->kind == MetricKind::gauge) {
        // The time on calls less the time of the calls that ended: what those in progress have taken so far.
        const auto [series, plan] = window_of(step, m.on_call, {RingKind::mean, window});
        auto ring = queue.ring(*series, *plan);
        const auto filled = std::min(Span{ring.covered_ms(plan->width_ms, ts)}, window) - lost_in(step.state<StaffingState>(), window, ts);
        seen.in_progress = on_call;
        seen.in_progress_s = std::max(0.0, or_zero(ring.mean(step.place(*plan, ts))) * seconds(filled) - or_zero(talk));
    } else if (const double answered = rise(step, m.answered, window, ts); !std::isnan(answered)) {
        seen.in_progress = std::max(0.0, answered - seen.handled);
    }
    auto& state = step.state<StaffingState>();
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

StaffingInputs staffing_inputs(RuleStep& step, SourceTime ts) {
    const auto& m = step.queue.layout->staffing;
    const auto& rule = step.rule();
    StaffingInputs in;
    in.calls_per_s = arrivals_per_s(step, ts);
    // What was offered in the last minutes, or what the learned profile expects now, whichever is more: a surge is ahead of the
    // profile, and the profile is ahead of the morning's rise.
    in.expected_per_s = forecast_per_s(step);
    in.calls_per_s = std::isnan(in.calls_per_s) ? in.expected_per_s : std::fmax(in.calls_per_s, in.expected_per_s);
    in.handling = handling_seen(step, ts);
    const auto handling = staffing::handling_time(in.handling);
    in.aht_s = handling.aht_s;
    in.aht_from = handling.from;
    const double gave_up = rise(step, m.abandoned, staffing_patience_window, ts);
    in.patience_s = rule.staffing.patience_s;
    if (gave_up >= abandoned_min) {
        const double waited = rise(step, m.wait_answered, staffing_patience_window, ts) +
                              rise(step, m.wait_abandoned, staffing_patience_window, ts);
        in.patience_s = staffing::patience_s(gave_up, waited).value_or(in.patience_s);
    }
    in.patience_s = in.patience_s > std::min(patience_max_s, patience_max_aht * in.aht_s) ? 0 : in.patience_s;
    in.available = fresh_gauge(step, m.available);
    in.productive = in.available + fresh_gauge(step, m.on_call) + or_zero(fresh_gauge(step, m.ringing)) +
                    or_zero(fresh_gauge(step, m.wrapup));
    if (std::isnan(in.productive)) {
        const double staffed = fresh_gauge(step, m.staffed);
        in.productive = std::isnan(staffed) ? not_known : std::max(0.0, staffed - or_zero(fresh_gauge(step, m.aux)));
    }
    in.waiting = fresh_gauge(step, m.waiting);
    in.planned = fresh_gauge(step, m.planned);
    return in;
}

staffing::Situation situation_of(const StaffingInputs& in, const StaffingSpec& spec, const StaffingState& state) {
    return {{in.calls_per_s, in.aht_s, state.patience_s},
            in.productive,
            or_zero(in.waiting),
            spec.target,
            spec.occupancy_max,
            seconds(spec.lead),
            seconds(spec.clear_within),
            state.required};
}

/// Tells what is missing from what is usual, and learns what is usual while nobody is missing.
staffing::Cause cause_and_learn(StaffingState& state, const StaffingInputs& in, double missing, EngineTime now) {
    const bool learned = state.learned_s >= usual_min_s;
    const double usual_agents = !std::isnan(in.planned) && in.planned > 0 ? in.planned : learned ? state.usual_agents : 0;
    const auto cause = missing <= 0
                           ? staffing::Cause::none
                           : staffing::cause_of({in.calls_per_s, learned ? state.usual_calls_per_s : 0, in.aht_s,
                                                 learned ? state.usual_aht_s : 0, in.productive, usual_agents, or_zero(in.waiting),
                                                 or_zero(in.available)});
    if (missing <= 0) {
        const double since = state.begun != 0 ? static_cast<double>(to_ms(now) - state.looked_ms) / 1000.0 : 0;
        const double dt_s = std::clamp(since, 0.001, 60.0);
        const double weight = std::min(1.0, std::max(dt_s / usual_tau_s, dt_s / (state.learned_s + dt_s)));
        learn(state.usual_calls_per_s, in.calls_per_s, weight);
        learn(state.usual_aht_s, in.aht_s, weight);
        learn(state.usual_agents, in.productive, weight);
        state.learned_s = std::min(state.learned_s + dt_s, 1e7);
    }
    state.begun = 1;
    state.looked_ms = to_ms(now);
    return cause;
}

void show(RuleStep& step, QueueStaffing& board, const StaffingInputs& in, const staffing::Estimate& seen, staffing::Cause cause) {
    const auto& spec = step.rule().staffing;
    if (!board.known) {
        board.aht_configured_s = spec.aht_s;
        board.aht_window = spec.aht_window;
        board.lead = spec.lead;
        board.within_s = spec.target.within_s;
    }
    const auto stale_after = step.queue.stale_after;
    board.known = true;
    board.until = step.now.at + std::max(board_life, stale_after);
    board.required = seen.needed;
    board.productive = in.productive;
    board.missing = seen.missing;
    board.slack = in.aht_from == staffing::HandlingFrom::measured ? seen.slack : 0;
    board.slack_until = step.now.at + stale_after;
    board.waiting = or_zero(in.waiting);
    board.wait_s = QueueStaffing::not_asked;
    board.calls_per_s = in.calls_per_s;
    board.expected_per_s = in.expected_per_s;
    board.aht_s = in.aht_s;
    board.aht_from = in.aht_from;
    board.aht_calls = in.handling.handled;
    board.aht_in_progress = in.handling.in_progress;
    board.patience_s = in.patience_s;
    board.reckoned_patience_s = step.state<StaffingState>().patience_s;
    board.cause = cause;
}

std::string evidence_of(const StaffingInputs& in, const staffing::Estimate& seen, staffing::Cause cause) {
    const KindSay say{Language::en};
    const auto waiting = format_rounded(in.waiting, 0);
    const auto why = to_string(cause);
    const bool seen_waiting = !std::isnan(in.waiting);
    const auto rest = cause == staffing::Cause::none
                          ? (seen_waiting ? say("waiting", {{"waiting", waiting}}) : say("waiting.unknown"))
                          : (seen_waiting ? say("waiting.cause", {{"waiting", waiting}, {"cause", why}})
                                          : say("waiting.unknown.cause", {{"cause", why}}));
    return say("needs", {{"needed", std::to_string(seen.needed)},
                         {"has", format_rounded(in.productive, 1)},
                         {"calls", format_rounded(in.calls_per_s * 60, 1)},
                         {"aht", format_rounded(in.aht_s, 0)},
                         {"rest", rest}});
}

/// The load is known from the calls of one window: their number scatters by its square root, and the agents that it asks for with it.
/// Fewer missing than this chance gives too easily: they are shown, and called for in an incident, and raise nothing. A queue that is large
/// in this window has a backlog as well, and what clears it comes on top of the load, not of the agents `required` beyond the load: a small
/// desk has many of these for its size, a desk of 200 none.
double by_chance(const RuleSpec& rule, double calls_per_s, double aht_s, int required, bool raised) {
    const double load = std::sqrt(calls_per_s / seconds(rule.window)) * aht_s * rule.surprise * (raised ? 0.5 : 1.0);
    return std::max(0.0, load - std::max(0.0, required - calls_per_s * aht_s));
}

void look(RuleStep& step, SourceTime ts, bool first) {
    auto& state = step.state<StaffingState>();
    const auto in = staffing_inputs(step, ts);
    // A measured patience moves with every caller who gives up and is known to a tenth at best: while it is nearly what it was,
    // it is the same, and what was found out with it still holds.
    if (!(std::abs(in.patience_s - state.patience_s) <= patience_same * state.patience_s)) {
        state.patience_s = in.patience_s;
    }
    const auto seen = staffing::estimate(situation_of(in, step.rule().staffing, state), &state.findings);
    auto* entry = step.board().find(step.id());
    auto& board = entry != nullptr ? *entry : step.board().entry(step.id(), step.key(), step.queue.group);
    if (!seen) {
        board.known = first ? false : board.known;
        if (!step.resting()) {
            step.observe(not_known, ts);
        }
        return;
    }
    state.required = seen->required;
    const auto cause = cause_and_learn(state, in, seen->missing, step.now.at);
    if (first) {
        show(step, board, in, *seen, cause);
    }
    double missing = seen->missing;
    if (missing > 0) {
        const auto* alert = step.alert();
        const bool raised = alert != nullptr && alert->latches.level() != Level::none;
        missing = missing < by_chance(step.rule(), in.calls_per_s, in.aht_s, seen->required, raised) ? 0 : missing;
    }
    if (!step.bound().band.contains(missing)) {
        step.observe(missing, ts, evidence_of(in, *seen, cause));
    }
}

std::size_t state_bytes(const RuleSpec&, MetricKind) {
    return sizeof(StaffingState);
}

void windows(const RuleSpec& rule, std::string_view metric, MetricKind kind, std::vector<RingShape>& out) {
    constexpr std::array<std::string_view, 3> handling{"handled", "talk_s_sum", "acw_s_sum"};
    constexpr std::array<std::string_view, 3> patience{"abandoned", "wait_answered_s_sum", "wait_abandoned_s_sum"};
    if (rule.metric == metric) {
        out.push_back({RingKind::counter, rule.window});
    }
    if (contains(handling, metric)) {
        out.push_back({RingKind::counter, rule.staffing.aht_window});
    }
    if (contains(patience, metric)) {
        out.push_back({RingKind::counter, staffing_patience_window});
    }
    if (metric == "answered" && kind == MetricKind::counter) {
        out.push_back({RingKind::counter, rule.staffing.aht_window});
    }
    if (metric == "agents_on_call" && kind == MetricKind::gauge) {
        out.push_back({RingKind::mean, rule.staffing.aht_window});
    }
}

void find_rings(const RuleSpec& rule, const MetricPlan& plan, BoundRule& bound) {
    bound.ring_recent = plan.ring_index({RingKind::counter, rule.window});
}

double value_now(const RuleView& view) {
    const auto* board = view.detector.board().find(view.id);
    return board != nullptr && board->known ? board->missing : not_known;
}

std::string handling_rests_on(const QueueStaffing& seen) {
    const auto calls = format_rounded(seen.aht_calls, 0) + " calls";
    const auto configured = "configured " + format_number(seen.aht_configured_s) + " s";
    switch (seen.aht_from) {
        case staffing::HandlingFrom::measured: return "of " + calls + " in the last " + format_span(seen.aht_window);
        case staffing::HandlingFrom::configured: return configured + ", " + calls + " so far";
        case staffing::HandlingFrom::estimated: {
            const auto going = std::isnan(seen.aht_in_progress)
                                   ? std::string()
                                   : ", " + format_rounded(seen.aht_in_progress, 0) + " in progress";
            return "not settled: " + calls + " so far" + going + (seen.aht_configured_s > 0 ? ", " + configured : "");
        }
        case staffing::HandlingFrom::unknown: break;
    }
    return "not known";
}

void explain(const RuleView& view, RuleExplanation& out) {
    explain_last_value(view, out);
    const auto* seen = view.detector.board().find(view.id);
    if (seen == nullptr || !seen->known) {
        out.notes.emplace_back("an input is not known (arrivals, handling time or agents): nothing is said");
        return;
    }
    const auto add = [&](const char* name, double value, std::string note = {}) { out.inputs.push_back({name, value, std::move(note)}); };
    add("arrivals", seen->calls_per_s * 60, "calls a minute, the last minutes or the forecast, whichever is more");
    add("handling time", seen->aht_s, "s, " + handling_rests_on(*seen));
    add("patience", seen->patience_s, seen->patience_s > 0 ? "s" : "nobody gives up, as far as is known");
    add("agents needed", seen->required, "the backlog included, when help arrives after " + format_span(seen->lead));
    add("agents productive", seen->productive);
    add("agents missing", seen->missing);
    add("agents it can give", seen->can_give(view.now),
        seen->aht_from == staffing::HandlingFrom::measured ? "" : "none while its handling time is not settled");
    add("waiting", seen->waiting);
    add("expected wait", seen->expected_wait_s(), "s");
    const auto steady = staffing::required_agents({seen->calls_per_s, seen->aht_s, seen->patience_s}, view.rule().staffing.target);
    const double chance = by_chance(view.rule(), seen->calls_per_s, seen->aht_s, steady.value_or(0), false);
    if (seen->missing > 0 && seen->missing < chance) {
        out.notes.push_back("chance in " + format_span(view.rule().window) + " of calls makes " + format_rounded(chance, 1) +
                            " agents missing at " + format_number(view.rule().surprise) + " standard deviations: fewer raise nothing");
    }
    if (seen->cause != staffing::Cause::none) {
        out.notes.push_back("cause: " + std::string(to_string(seen->cause)));
    }
}
}  // namespace

constinit const KindRow shortfall_kind{
    .name = "shortfall",
    .tells_staffing = true,
    .default_metric = "offered",
    .state_bytes = state_bytes,
    .windows = windows,
    .find_rings = find_rings,
    .broke = note_lost,
    .look = look,
    .resume = check_lost,
    .value_now = value_now,
    .explain = explain,
};

}  // namespace surged
