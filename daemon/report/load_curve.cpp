#include "report/load_curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace surged {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double value_at(const std::vector<double>& series, std::size_t i) {
    return i < series.size() ? series[i] : unknown;
}

/// Calls a minute that the agents can take, by how long calls took them lately.
std::vector<double> capacity_of(const QueueSeries& series, std::size_t steps) {
    constexpr double calls_min = 3;  // fewer say little of how long a call takes
    constexpr double newest = 0.3;
    std::vector<double> out(steps, unknown);
    double aht_s = unknown;
    for (std::size_t i = 0; i < steps; ++i) {
        const double calls = value_at(series.handled, i);
        const double seconds = value_at(series.handling_s, i);
        if (calls >= calls_min && seconds > 0) {
            aht_s = std::isnan(aht_s) ? seconds / calls : (1 - newest) * aht_s + newest * seconds / calls;
        }
        const double productive = value_at(series.productive, i);
        const double agents = std::isnan(productive) ? value_at(series.staffed, i) : productive;
        constexpr double minute_s = 60;
        out[i] = agents * minute_s / aht_s;
    }
    return out;
}

}  // namespace

std::string_view to_string(CurveGap gap) {
    constexpr std::array<std::string_view, 6> names{"none", "off", "unknown", "failed", "late", "begins_later"};
    return names[static_cast<std::size_t>(gap)];
}

LoadCurve::LoadCurve(WallTime begin, Span each, std::size_t steps) : from(begin), step(each), gap(CurveGap::none) {
    for (Sum* sum : {&load_, &forecast_, &capacity_, &waiting_, &in_20_, &in_15_, &calls_of_20_, &calls_of_15_}) {
        sum->total.assign(steps, 0);
        sum->told.assign(steps, 0);
    }
}

void LoadCurve::Sum::add(std::span<const double> values, double factor) {
    bool tells = false;
    for (std::size_t i = 0; i < std::min(values.size(), total.size()); ++i) {
        if (std::isfinite(values[i])) {
            total[i] += factor * values[i];
            ++told[i];
            tells = true;
        }
    }
    queues += tells ? 1 : 0;
}

std::vector<std::optional<double>> LoadCurve::Sum::taken() const {
    std::vector<std::optional<double>> out(total.size());
    for (std::size_t i = 0; i < total.size(); ++i) {
        if (queues > 0 && told[i] == queues) {
            out[i] = total[i];
        }
    }
    return out;
}

void LoadCurve::add(const QueueKey& queue, const QueueSeries& series) {
    queues.push_back(queue);
    const double a_minute = 60000.0 / static_cast<double>(step.count());
    load_.add(series.offered, a_minute);
    forecast_.add(series.forecast, a_minute);
    capacity_.add(capacity_of(series, capacity_.total.size()), 1);
    waiting_.add(series.waiting, 1);
    const bool by_20 = std::ranges::any_of(series.in_20, [](double value) { return std::isfinite(value); });
    (by_20 ? in_20_ : in_15_).add(by_20 ? series.in_20 : series.in_15, 1);
    (by_20 ? calls_of_20_ : calls_of_15_).add(series.level_calls, 1);
}

void LevelCount::add(double in, double of, bool by_20) {
    const int by = by_20 ? 20 : 15;
    within_s = calls == 0 || within_s == by ? by : 0;
    in_time += in;
    calls += of;
}

void LoadCurve::count_level(WallTime opened, WallTime ended) {
    const auto count = [&](const Sum& in, const Sum& of, bool by_20) {
        const auto in_time = in.taken();
        const auto calls = of.taken();
        for (std::size_t i = 0; i < calls.size(); ++i) {
            if (in_time[i] && calls[i] && *calls[i] > 0 && at(i) < ended) {
                (at(i) + step <= opened ? level_before : level).add(*in_time[i], *calls[i], by_20);
            }
        }
    };
    count(in_20_, calls_of_20_, true);
    count(in_15_, calls_of_15_, false);
}

void LoadCurve::finish() {
    load = load_.taken();
    // What is forecast of some of the queues only is no forecast of their load together.
    forecast = forecast_.queues == load_.queues ? forecast_.taken() : std::vector<std::optional<double>>(load.size());
    capacity = capacity_.queues == load_.queues ? capacity_.taken() : std::vector<std::optional<double>>(load.size());
    waiting = waiting_.taken();
    if (!known()) {
        gap = gap == CurveGap::none ? CurveGap::unknown : gap;
    } else if (gap == CurveGap::none && !load.front() && std::ranges::find_if(load, [](const auto& v) { return v.has_value(); }) - load.begin() > 2) {
        gap = CurveGap::begins_later;
    }
}

bool LoadCurve::known() const {
    return std::ranges::any_of(load, [](const auto& value) { return value.has_value(); });
}

}  // namespace surged
