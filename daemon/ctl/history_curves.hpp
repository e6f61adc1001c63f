// The daemon's answer about the history of one queue, and what people see of it: a line of blocks a metric, a table, a csv.
//
// It knows the answer's JSON and no daemon. Hardest rule: what is not known is shown as a gap, never as zero.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

struct HistoryCurve {
    std::string metric;
    std::string unit;
    std::vector<std::optional<double>> values;  ///< one a step

    bool known() const;
};

struct HistoryCurves {
    QueueKey queue;
    WallTime from{};
    WallTime to{};
    Span step{60000};
    std::string note;  ///< of the daemon: why something is missing; empty = nothing is
    std::vector<HistoryCurve> curves;  ///< in the order of the engine's list of metrics

    std::size_t steps() const;
    WallTime at(std::size_t i) const { return from + step * static_cast<std::int64_t>(i); }
};

/// Error: it is no answer of surged's.
Result<HistoryCurves> read_history(std::string_view json);

/// Blocks of eight heights, from 0 (or the least value) to the most; a gap is a blank. `width` columns at most, each the most of its steps.
std::string spark_line(const HistoryCurve& curve, std::size_t width);
/// A line a metric that is known: name, blocks, least, mean, most and last value.
std::string history_lines(const HistoryCurves& curves, const Zone& zone, std::size_t width);
/// A row a step: its begin in `zone`, and the metrics that are known.
std::string history_table(const HistoryCurves& curves, const Zone& zone);
/// time (RFC 3339, UTC), and all metrics; a cell of what is not known is empty.
std::string history_csv(const HistoryCurves& curves);
/// "calls_waiting 42 calls, oldest_wait_s 33.5 s, ..." of the step that `at` lies in; empty = nothing is known of it.
std::string history_at(const HistoryCurves& curves, WallTime at);

}  // namespace surged
