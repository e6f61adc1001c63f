// Load, forecast and capacity of an incident's queues, as the history holds them, from an hour before it opened.
//
// It knows points and nothing of where they are kept. Hardest rule: a sum of several queues is told only of steps of which every queue
// that has such values tells one; the rest is unknown, and never smaller than it was.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

/// Of one queue, one value a step; NaN = not known. An empty series is not known at all.
struct QueueSeries {
    std::vector<double> offered{};    ///< calls in the step
    std::vector<double> forecast{};   ///< likewise
    std::vector<double> waiting{};    ///< calls, on average
    std::vector<double> staffed{};    ///< agents
    std::vector<double> productive{}; ///< agents at work, by a shortfall rule; taken before `staffed`
    std::vector<double> handled{};    ///< calls in the step
    std::vector<double> handling_s{}; ///< agents' time for these
    std::vector<double> in_20{};       ///< calls answered in so many seconds; one of these two
    std::vector<double> in_15{};
    std::vector<double> level_calls{}; ///< calls that the service level is of
};

/// Calls answered in time, of those that count (io/history_columns). Of several queues: the sum.
struct LevelCount {
    double in_time = 0;
    double calls = 0;
    int within_s = 0;  ///< "in time"; 0 = nobody counted it, or queues count by different times
    std::optional<double> level() const { return calls > 0 ? std::optional(std::min(in_time / calls, 1.0)) : std::nullopt; }
    /// Calls of which `by_20` says by which time they were counted.
    void add(double in, double of, bool by_20);

    template <typename V>
    void fields(V& v) {
        v("service_level", level()), v("answered_in_time", in_time), v("level_calls", calls), v("service_level_s", within_s);
    }
};

/// Why there is no curve, or less of one.
enum class CurveGap : std::uint8_t { none, off, unknown, failed, late, begins_later };

class LoadCurve {
public:
    static constexpr Span before{3600 * 1000};  ///< of the opening
    static constexpr Span after{600 * 1000};    ///< of the end
    static constexpr std::size_t queues_max = 50;

    LoadCurve() = default;
    LoadCurve(WallTime from, Span step, std::size_t steps);

    void add(const QueueKey& queue, const QueueSeries& series);
    /// To be called after the last queue.
    void finish();
    /// Likewise. The incident was open in [opened, ended).
    void count_level(WallTime opened, WallTime ended);

    bool known() const;  ///< something of the load
    WallTime at(std::size_t i) const { return from + step * static_cast<std::int64_t>(i); }

    WallTime from{};
    Span step{60000};
    std::vector<QueueKey> queues;
    std::size_t queues_left_out = 0;  ///< more than queues_max, or not read in time
    CurveGap gap = CurveGap::off;
    std::string why;  ///< of CurveGap::failed
    std::vector<std::optional<double>> load;      ///< calls a minute, one a step
    std::vector<std::optional<double>> forecast;  ///< likewise
    std::vector<std::optional<double>> capacity;  ///< likewise: what the agents who are there can take
    std::vector<std::optional<double>> waiting;
    LevelCount level;         ///< of the incident's time
    LevelCount level_before;  ///< of the hour before it

    template <typename V>
    void fields(V& v) {
        v("gap", gap), v("from", from), v("step_ms", step), v("queues", queues), v("queues_left_out", queues_left_out);
        v("load_per_min", load), v("forecast_per_min", forecast), v("capacity_per_min", capacity), v("waiting", waiting);
        v("during", level), v("before", level_before);
    }

private:
    struct Sum {
        std::vector<double> total;
        std::vector<int> told;  ///< queues, by step
        int queues = 0;         ///< that tell anything
        void add(std::span<const double> values, double factor);
        std::vector<std::optional<double>> taken() const;
    };
    Sum load_, forecast_, capacity_, waiting_, in_20_, in_15_, calls_of_20_, calls_of_15_;
};

std::string_view to_string(CurveGap gap);

}  // namespace surged
