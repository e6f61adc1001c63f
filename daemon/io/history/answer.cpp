#include "io/history/answer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

constexpr std::int64_t ms_a_minute = 60000;
/// Steps that are chosen when none is named.
constexpr std::array<std::int64_t, 9> usual_steps{1, 5, 10, 15, 30, 60, 120, 360, 1440};

constexpr std::array metrics_told{
    HistoryMetric{"calls_waiting", "calls", column_waiting},
    HistoryMetric{"oldest_wait_s", "s", column_oldest_wait},
    HistoryMetric{"offered", "calls", column_offered},
    HistoryMetric{"answered", "calls", column_answered},
    HistoryMetric{"abandoned", "calls", column_abandoned},
    HistoryMetric{"agents_staffed", "agents", column_staffed},
    HistoryMetric{"agents_on_call", "agents", column_on_call},
    HistoryMetric{"agents_available", "agents", column_available},
    HistoryMetric{"aht_s", "s", column_handling_s, column_handled},
    HistoryMetric{"service_level", "share", column_in_20, column_level_calls},
    HistoryMetric{"answered_in_20", "calls", column_in_20},
    HistoryMetric{"answered_in_15", "calls", column_in_15},
    HistoryMetric{"level_calls", "calls", column_level_calls},
    HistoryMetric{"handled", "calls", column_handled},
    HistoryMetric{"handling_s", "s", column_handling_s},
    HistoryMetric{"level", "level", column_level},
    HistoryMetric{"forecast_offered", "calls", column_forecast},
    HistoryMetric{"forecast_low", "calls", column_forecast_low},
    HistoryMetric{"forecast_high", "calls", column_forecast_high},
    HistoryMetric{"required_agents", "agents", column_required},
    HistoryMetric{"productive_agents", "agents", column_productive},
};

std::int64_t rounded_down(std::int64_t value, std::int64_t step) {
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}
std::int64_t rounded_up(std::int64_t value, std::int64_t step) {
    return rounded_down(value + step - 1, step);
}

using Folders = std::array<HistoryFolder, column_count>;

void fold_in(Folders& into, const HistoryValues& values, double weight) {
    for (std::size_t c = 0; c < column_count; ++c) {
        into[c].add(history_columns[c].fold, static_cast<double>(values[c]), weight);
    }
}

double told(double value) {
    constexpr double thousandth = 1000.0;
    return std::round(value * thousandth) / thousandth;
}

/// Calls handled are not sent by every feeder: then those answered stand for them.
double value_of(const HistoryMetric& metric, const Folders& folders) {
    const auto column = [&](std::size_t c) { return folders[c].value(history_columns[c].fold); };
    if (metric.divisor == column_count) {
        return told(column(metric.column));
    }
    if (metric.divisor == column_level_calls) {
        return told(service_level(column(column_in_20), column(column_in_15), column(column_level_calls)));
    }
    double calls = column(metric.divisor);
    calls = std::isnan(calls) ? column(column_answered) : calls;
    return calls > 0 ? told(column(metric.column) / calls) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::span<const HistoryMetric> history_metrics() {
    return metrics_told;
}

const HistoryMetric* history_metric(std::string_view name) {
    const auto found = std::find_if(metrics_told.begin(), metrics_told.end(), [&](const HistoryMetric& metric) { return metric.name == name; });
    return found == metrics_told.end() ? nullptr : &*found;
}

std::string history_metric_names() {
    std::string out;
    for (const HistoryMetric& metric : metrics_told) {
        out += (out.empty() ? "" : ", ") + std::string(metric.name);
    }
    return out;
}

Result<HistorySteps> history_steps(const HistoryRange& range, std::int64_t end, bool by_slots) {
    const std::int64_t from = to_ms(range.from) / ms_a_minute;
    const std::int64_t to = rounded_up(to_ms(range.to), ms_a_minute) / ms_a_minute;
    const auto steps = [&](std::int64_t step) {
        HistorySteps out{rounded_down(from, step), std::min(rounded_up(to, step), rounded_down(end, step)), step};
        out.to = std::max(out.to, out.from);
        return out;
    };
    const std::int64_t least = by_slots ? history_slot_minutes : 1;
    if (range.step > Span{0}) {
        const HistorySteps out = steps(rounded_up(range.step.count() / ms_a_minute, least));
        if (out.count() <= HistoryRange::points_max) {
            return out;
        }
    }
    for (const std::int64_t step : usual_steps) {
        if (step < least || steps(step).count() > HistoryRange::points_max) {
            continue;
        }
        if (range.step > Span{0}) {
            return fail("more than " + std::to_string(HistoryRange::points_max) + " points a metric: step must be at least " +
                        format_span(Span{step * ms_a_minute}) + " for this range");
        }
        return steps(step);
    }
    return fail("the range is too long: more than " + std::to_string(HistoryRange::points_max) + " days");
}

std::int64_t history_seam(const HistoryMinutes& minutes) {
    return rounded_up(minutes.first, history_slot_minutes);
}

HistoryAnswer history_answer(const QueueKey& queue, const HistorySteps& steps, std::span<const HistoryMetric* const> metrics,
                             const HistoryMinutes& minutes, const HistorySlots& slots) {
    HistoryAnswer out{queue, steps, {}, {}};
    std::vector<Folders> folded(static_cast<std::size_t>(steps.count()));
    const auto take = [&](std::int64_t minute, const HistoryValues& values, double weight) {
        if (minute >= steps.from && minute < steps.to) {
            fold_in(folded[static_cast<std::size_t>((minute - steps.from) / steps.step)], values, weight);
        }
    };
    // With a step of minutes there is nothing of the file; all that memory has is told then.
    const std::int64_t seam = steps.step < history_slot_minutes || slots.empty() ? minutes.first : history_seam(minutes);
    for (const auto& [slot, values] : slots) {
        if (slot * history_slot_minutes < seam || minutes.values.empty()) {
            take(slot * history_slot_minutes, values, static_cast<double>(history_slot_minutes));
        }
    }
    for (std::size_t i = 0; i < minutes.values.size(); ++i) {
        const std::int64_t minute = minutes.first + static_cast<std::int64_t>(i);
        if (minute >= seam) {
            take(minute, minutes.values[i], 1);
        }
    }
    for (const HistoryMetric* metric : metrics) {
        HistoryAnswer::Points points{metric, {}};
        points.values.reserve(folded.size());
        for (const Folders& folders : folded) {
            points.values.push_back(value_of(*metric, folders));
        }
        out.points.push_back(std::move(points));
    }
    return out;
}

std::string encode(const HistoryAnswer& answer) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("centre", answer.queue.centre).field("queue", answer.queue.queue);
    if (answer.queue.channel != voice_channel) {
        json.field("channel", answer.queue.channel);
    }
    constexpr std::int64_t seconds_a_minute = 60;
    json.field("step", std::to_string(answer.steps.step * seconds_a_minute) + "s");
    json.field("from", answer.steps.from * ms_a_minute).field("to", answer.steps.to * ms_a_minute);
    if (!answer.note.empty()) {
        json.field("note", answer.note);
    }
    json.key("metrics").begin_object();
    for (const HistoryAnswer::Points& points : answer.points) {
        json.key(points.metric->name).begin_object().field("unit", points.metric->unit).key("points").begin_array();
        std::int64_t minute = answer.steps.from;
        for (const double value : points.values) {
            json.begin_array().value(minute * ms_a_minute).value(value).end_array();
            minute += answer.steps.step;
        }
        json.end_array().end_object();
    }
    json.end_object().end_object();
    return out;
}

}  // namespace surged
