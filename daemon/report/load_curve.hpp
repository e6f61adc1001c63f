// Load, forecast and capacity of an incident's queues, as the history holds them, from an hour before it opened.
//
// It knows points and nothing of where they are kept. Hardest rule: a sum of several queues is told only of steps of which every queue
// that has such values tells one; the rest is unknown, and never smaller than it was.
#pragma once

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

    template <typename V>
    void fields(V& v) {
        v("gap", gap), v("from", from), v("step_ms", step), v("queues", queues), v("queues_left_out", queues_left_out);
        v("load_per_min", load), v("forecast_per_min", forecast), v("capacity_per_min", capacity), v("waiting", waiting);
    }

private:
    struct Sum {
        std::vector<double> total;
        std::vector<int> told;  ///< queues, by step
        int queues = 0;         ///< that tell anything
        void add(std::span<const double> values, double factor);
        std::vector<std::optional<double>> taken() const;
    };
    Sum load_, forecast_, capacity_, waiting_;
};

std::string_view to_string(CurveGap gap);

}  // namespace surged
