// A threshold with `ahead`: compares what the metric will be, not what it is. The line is Theil and Sen's (the median of the
// slopes between all pairs of points that are half a window apart), so that one wild reading in four moves it little; it is drawn
// anew when the window has moved on by one cell, and read off in between. Where staffing is known, the backlog is foreseen by the
// fluid layer instead: it knows that a queue whose arrivals exceed its agents goes on growing, which a line through the last
// minutes does not.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/text.hpp"
#include "core/rule/detector.hpp"
#include "core/rule/rule_state.hpp"

namespace surged {

namespace {
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t points_min = 5;
constexpr std::size_t cells = static_cast<std::size_t>(ring_cells);

double median(double* first, std::size_t count) {
    std::nth_element(first, first + count / 2, first + count);
    const double upper = first[count / 2];
    return count % 2 != 0 ? upper : (upper + *std::max_element(first, first + count / 2)) / 2;
}

/// The first raise limit that is not passed now but will be.
std::string passes(const RuleSpec& rule, double value, double slope) {
    for (const auto& level : rule.levels) {
        const double way = level.raise.value - value;
        if (!level.raise.holds(value) && slope != 0 && way / slope >= 0) {
            const auto in = Span{static_cast<std::int64_t>(std::min(way / slope, 1e7) * 1000.0)};
            const auto shown = in < Span{60000} ? format_rounded(seconds(in), 0) + " s" : format_rounded(minutes(in), 1) + " min";
            return "passes " + format_number(level.raise.value) + " in " + shown;
        }
    }
    return {};
}
}  // namespace

/// Draws the line through the window that ends at `ts`; unknown without half a window and five points.
void Detector::draw_line(Queue& queue, const Series& series, const BoundRule& bound, SlopeState& state, SourceTime ts) {
    auto& ring = queue.ring(series, bound.ring_recent);
    const auto& plan = series.plan->rings[bound.ring_recent];
    const auto& here = place(plan, ts);
    state.known = 0;
    if (ring.covered_ms(plan.width_ms, ts) * 2 < plan_.rules[bound.rule].slope_window.count()) {
        return;
    }
    std::array<RingPoint, cells> points;
    const auto count = ring.points(here, plan.width_ms, points);
    if (count < points_min) {
        return;
    }
    // Pairs near to each other say little of the slope and are most of all pairs.
    std::array<double, cells*(cells + 1) / 2> slopes;  // NOLINT(*-member-init): written before it is read
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = i + count / 2; k < count; ++k) {
            slopes[pairs++] = (points[k].value - points[i].value) / (static_cast<double>(points[k].ms - points[i].ms) / 1000.0);
        }
    }
    state.slope = median(slopes.data(), pairs);
    state.base_ms = to_ms(ts);
    for (std::size_t i = 0; i < count; ++i) {
        slopes[i] = points[i].value + state.slope * static_cast<double>(state.base_ms - points[i].ms) / 1000.0;
    }
    state.base = median(slopes.data(), count);
    state.known = 1;
}

void Detector::foresee(Queue& queue, const Sample& sample, std::uint16_t bound, Stamp now) {
    const auto& series = queue.series[sample.series];
    const auto& bound_rule = series.plan->rules[bound - series.bounds];
    const auto& rule = plan_.rules[bound_rule.rule];
    double value = unknown;
    double slope = 0;
    bool fluid = false;
    if (!std::isnan(sample.value)) {
        const auto* staffing = rule.metric == "calls_waiting" ? board_.find(sample.queue) : nullptr;
        auto& state = state_of<SlopeState>(queue, series, bound_rule);
        const auto cell = place(series.plan->rings[bound_rule.ring_recent], sample.ts).cell;
        if (staffing != nullptr && staffing->fresh(now.at)) {
            const staffing::Backlog backlog{
                {staffing->calls_per_s, staffing->aht_s, staffing->patience_s}, sample.value, staffing->productive};
            value = waiting_after(backlog, 0, seconds(rule.ahead));
            slope = (value - sample.value) / seconds(rule.ahead);
            fluid = true;
        } else {
            if (state.begun == 0 || state.cell != cell) {
                state.begun = 1;
                state.cell = cell;
                draw_line(queue, series, bound_rule, state, sample.ts);
            }
            if (state.known != 0) {
                slope = state.slope;
                value =
                    state.base + slope * (static_cast<double>(to_ms(sample.ts) - state.base_ms) / 1000.0 + seconds(rule.ahead));
            }
        }
    }
    keep_value(queue.bounds[bound], value);
    if (queue.bounds[bound].band.contains(value) || (std::isnan(value) && queue.bounds[bound].active == no_id)) {
        return;
    }
    const auto line = passes(rule, sample.value, slope);
    const auto evidence = format_rounded(sample.value, 1) + " now, " + (slope >= 0 ? "rising " : "falling ") +
                          format_rounded(std::abs(slope) * 60, 1) + " a minute" +
                          (fluid ? " by arrivals and agents" : " over the last " + format_span(rule.slope_window)) +
                          (line.empty() ? "" : ": " + line);
    observe(sample.queue, sample.series, bound, value, sample.ts, now, std::isnan(value) ? nullptr : &evidence);
}

}  // namespace surged
