#include "app/half_hours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>

namespace surged {

namespace {

constexpr std::int64_t slot_ms = history_slot_minutes * 60000;
constexpr std::int64_t slots_a_half_hour = PeriodFold::history_step.count() / slot_ms;
constexpr int reads_max = 5;

constexpr std::array columns{column_offered, column_answered, column_abandoned, column_forecast, column_in_20, column_in_15, column_level_calls};
constexpr std::array names{"offered", "answered", "abandoned", "forecast_offered", "answered_in_20", "answered_in_15", "level_calls"};
using Columns = std::array<std::vector<double>, columns.size()>;

PeriodFold::HalfHours half_hours(WallTime from, const Columns& of) {
    return {from, of[0], of[1], of[2], of[3], of[4], of[5], of[6]};
}

bool tells(const std::vector<double>& offered) {
    return std::ranges::any_of(offered, [](double value) { return std::isfinite(value); });
}

/// Filled by the history's thread.
struct Gathered {
    std::int64_t first = 0;  ///< half hour since 1970
    std::size_t count = 0;
    std::map<QueueKey, Columns> queues;
    std::map<QueueKey, Columns>::iterator now = queues.end();

    void take(const QueueKey& queue, std::int64_t slot, const HistoryValues& values) {
        const auto at = static_cast<std::size_t>(slot / slots_a_half_hour - first);
        if (at >= count) {
            return;
        }
        if (now == queues.end() || now->first != queue) {  // the days of a queue come one after the other
            now = queues.try_emplace(queue).first;
        }
        for (std::size_t c = 0; c < columns.size(); ++c) {
            auto& column = now->second[c];
            const float value = values[columns[c]];
            if (std::isnan(value)) {
                continue;
            }
            if (column.empty()) {
                column.assign(count, std::numeric_limits<double>::quiet_NaN());
            }
            column[at] = static_cast<double>(value) + (std::isnan(column[at]) ? 0 : column[at]);
        }
    }
};

}  // namespace

HalfHoursWalk::Part HalfHoursWalk::part(std::size_t number, const std::function<bool()>& goes_on) {
    std::set<QueueKey> known;
    bool more = false;
    History::FileRange range;
    for (const auto column : columns) {
        range.columns.set(column);
    }
    for (auto at = from_; at < to_; at += piece) {
        const auto end = std::min(to_, at + piece);
        range.from = to_ms(at) / slot_ms;
        range.to = (to_ms(end) + slot_ms - 1) / slot_ms;
        History::FilePart read;
        std::shared_ptr<Gathered> gathered;
        for (int attempt = 0; attempt < reads_max; ++attempt) {
            if (!goes_on()) {
                return Part::stopped;
            }
            gathered = std::make_shared<Gathered>();  // one that was waited for in vain may still be filled
            gathered->first = range.from / slots_a_half_hour;
            gathered->count = static_cast<std::size_t>((range.to + slots_a_half_hour - 1) / slots_a_half_hour - gathered->first);
            read = history_.read_part(number, range, [gathered](const QueueKey& queue, std::int64_t slot, const HistoryValues& values) { gathered->take(queue, slot, values); });
            if (read.trouble.empty()) {
                break;
            }
        }
        if (!read.trouble.empty()) {
            fold_.history_fails(read.trouble);
            return Part::none;
        }
        more = read.more;
        const auto begin = wall_time(gathered->first * PeriodFold::history_step.count());
        for (const auto& [queue, series] : gathered->queues) {
            fold_.history(half_hours(begin, series));
            if (tells(series[0])) {
                known.insert(queue);
            }
        }
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
        fold_.queue_has_history();
    }
    return more ? Part::some : Part::none;
}

bool HalfHoursWalk::run(const std::vector<QueueKey>& queues, const std::function<bool(double share)>& tell) {
    if (!history_.stats().file) {
        return memory(queues, tell);
    }
    constexpr double queues_a_part = 64;
    const double parts = std::max(1.0, static_cast<double>(queues.size()) / queues_a_part);
    for (std::size_t number = 0;; ++number) {
        const double share = static_cast<double>(number) / parts;
        const auto read = part(number, [&] { return tell(share); });
        if (read != Part::some) {
            return read == Part::none;
        }
    }
}

bool HalfHoursWalk::memory(const std::vector<QueueKey>& queues, const std::function<bool(double share)>& tell) {
    std::vector<const HistoryMetric*> metrics;
    for (const char* name : names) {
        metrics.push_back(history_metric(name));
    }
    for (std::size_t i = 0; i < queues.size(); ++i) {
        if (!tell(static_cast<double>(i) / static_cast<double>(queues.size()))) {
            return false;
        }
        const auto from = std::max(from_, to_ - piece);  // memory is of hours
        const auto reading = history_.read(queues[i], {from, to_, PeriodFold::history_step}, metrics);
        const auto& steps = reading.answer.steps;
        if (!reading.code.empty() || steps.count() == 0 || steps.step * 60000 != PeriodFold::history_step.count()) {
            continue;
        }
        Columns series;
        for (std::size_t c = 0; c < series.size(); ++c) {
            series[c] = reading.answer.points[c].values;
        }
        fold_.history(half_hours(wall_time(steps.from * 60000), series));
        if (tells(series[0])) {
            fold_.queue_has_history();
        }
    }
    return true;
}

}  // namespace surged
