// What the history holds of a queue: columns of numbers, and how several minutes of one become one value. The file (io/store/history) and
// the minutes in memory (io/history) hold the same columns.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace surged {

enum class HistoryFold : std::uint8_t {
    mean,    // a gauge: what it was on average
    most,    // a gauge of which the worst moment matters
    sum      // calls: how many there were
};

struct HistoryColumn {
    std::string_view name;
    HistoryFold fold = HistoryFold::mean;
    double grain = 0.1;  ///< the file keeps whole multiples of it
};

/// Their order is that of the bytes in the file: new ones are added at the end.
inline constexpr std::array history_columns{
    HistoryColumn{"calls_waiting", HistoryFold::mean, 0.1},
    HistoryColumn{"oldest_wait_s", HistoryFold::most, 0.5},
    HistoryColumn{"offered", HistoryFold::sum, 1.0},
    HistoryColumn{"answered", HistoryFold::sum, 1.0},
    HistoryColumn{"abandoned", HistoryFold::sum, 1.0},
    HistoryColumn{"handled", HistoryFold::sum, 1.0},
    HistoryColumn{"handling_s", HistoryFold::sum, 1.0},
    HistoryColumn{"agents_staffed", HistoryFold::mean, 0.1},
    HistoryColumn{"agents_on_call", HistoryFold::mean, 0.1},
    HistoryColumn{"agents_available", HistoryFold::mean, 0.1},
    HistoryColumn{"level", HistoryFold::most, 1.0},
    HistoryColumn{"forecast_offered", HistoryFold::sum, 0.1},
    HistoryColumn{"forecast_low", HistoryFold::sum, 0.1},
    HistoryColumn{"forecast_high", HistoryFold::sum, 0.1},
    HistoryColumn{"required_agents", HistoryFold::mean, 0.1},
    HistoryColumn{"productive_agents", HistoryFold::mean, 0.1},
    HistoryColumn{"answered_in_20", HistoryFold::sum, 1.0},  // of these two the one that the service level is told by
    HistoryColumn{"answered_in_15", HistoryFold::sum, 1.0},
    HistoryColumn{"level_calls", HistoryFold::sum, 1.0},     // calls that count for it: see service_level()
};

enum HistoryColumnId : std::size_t {
    column_waiting,
    column_oldest_wait,
    column_offered,
    column_answered,
    column_abandoned,
    column_handled,
    column_handling_s,
    column_staffed,
    column_on_call,
    column_available,
    column_level,
    column_forecast,
    column_forecast_low,
    column_forecast_high,
    column_required,
    column_productive,
    column_in_20,
    column_in_15,
    column_level_calls,
    column_count
};
static_assert(column_count == history_columns.size());

/// A set of columns, by their ids.
using HistoryColumns = std::bitset<column_count>;

/// One value a column; NaN = not known.
using HistoryValues = std::array<float, column_count>;

inline constexpr float history_unknown = std::numeric_limits<float>::quiet_NaN();

inline HistoryValues no_history_values() {
    HistoryValues out;
    out.fill(history_unknown);
    return out;
}

/// Of calls within some time: the share that was answered in time. Calls that gave up before their time count for nobody (`level_calls`
/// holds calls answered, given up, timed out and sent elsewhere, without these). NaN = not known.
inline double service_level(double in_20, double in_15, double level_calls) {
    const double in_time = std::isnan(in_20) ? in_15 : in_20;
    return level_calls > 0 && in_time >= 0 ? std::min(in_time / level_calls, 1.0) : std::numeric_limits<double>::quiet_NaN();
}

/// Minutes of a slot, the grain of the file.
inline constexpr std::int64_t history_slot_minutes = 5;

/// Several values of one column as one. What is not known does not count; all unknown is unknown.
class HistoryFolder {
public:
    void add(HistoryFold fold, double value, double weight = 1.0) {
        if (std::isnan(value) || !(weight > 0)) {
            return;
        }
        switch (fold) {
            case HistoryFold::mean: value_ += value * weight; break;
            case HistoryFold::most: value_ = weight_ > 0 && value_ > value ? value_ : value; break;
            case HistoryFold::sum: value_ += value; break;
        }
        weight_ += weight;
    }
    double value(HistoryFold fold) const {
        if (!(weight_ > 0)) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        return fold == HistoryFold::mean ? value_ / weight_ : value_;
    }
    double weight() const { return weight_; }

private:
    double value_ = 0;
    double weight_ = 0;
};

}  // namespace surged
