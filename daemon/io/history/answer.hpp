// One answer of the history: points of some metrics of one queue, over a range of time, out of memory and file together.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/series/queue_key.hpp"
#include "io/history/book.hpp"
#include "io/history_file.hpp"

namespace surged {

/// What people ask for: a column, or handling time and service level, which are quotients of two.
struct HistoryMetric {
    std::string_view name;
    std::string_view unit;
    std::size_t column = 0;
    std::size_t divisor = column_count;  ///< column_count = none
};
std::span<const HistoryMetric> history_metrics();
/// nullptr: there is none of this name.
const HistoryMetric* history_metric(std::string_view name);
/// "calls_waiting, oldest_wait_s, ..."
std::string history_metric_names();

struct HistoryRange {
    static constexpr std::int64_t points_max = 5000;
    WallTime from{};
    WallTime to{};
    Span step{0};  ///< whole minutes; 0 = the finest that fits
};

/// In minutes since 1970: points stand at from, from + step, ... below to. Steps lie on whole multiples of themselves in UTC.
struct HistorySteps {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::int64_t step = 1;
    std::int64_t count() const { return to > from ? (to - from + step - 1) / step : 0; }
};

/// `end`: the minute after the last whole one; steps that are not over by then are left out. `by_slots`: values of the file are among them,
/// so no step is finer than a slot. An error when the step makes more points than points_max, with the least that does not.
Result<HistorySteps> history_steps(const HistoryRange& range, std::int64_t end, bool by_slots);

/// Values of the file, by slot.
using HistorySlots = std::vector<std::pair<std::int64_t, HistoryValues>>;

struct HistoryAnswer {
    struct Points {
        const HistoryMetric* metric = nullptr;
        std::vector<double> values;  ///< one a step; NaN = not known
    };
    QueueKey queue;
    HistorySteps steps;
    std::vector<Points> points;
    std::string note;  ///< why there is less than was kept: the file cannot be read; empty = nothing is missing
};

/// Slots that begin before the first minute in memory come from the file, later ones from memory.
HistoryAnswer history_answer(const QueueKey& queue, const HistorySteps& steps, std::span<const HistoryMetric* const> metrics,
                             const HistoryMinutes& minutes, const HistorySlots& slots);
/// The first minute that is answered from memory: the first that begins a slot.
std::int64_t history_seam(const HistoryMinutes& minutes);

/// {"centre":..,"queue":..,"step":"60s","from":..,"to":..,"metrics":{"calls_waiting":{"unit":"calls","points":[[ms,value],..]}}}
std::string encode(const HistoryAnswer& answer);

}  // namespace surged
