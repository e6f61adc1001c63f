// Looks at queues, written by hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/history/answer.hpp"
#include "io/history/book.hpp"

namespace surged::test {

inline constexpr std::int64_t minute_ms = 60000;
/// A minute that begins a slot and an hour: 2026-11-22T10:00:00Z.
inline constexpr std::int64_t ten = 29922360;

inline QueueKey general() {
    return {"jinan", "general", "voice"};
}

/// One look: queue 0 is jinan/general, with the fields that a test sets.
struct Look {
    explicit Look(std::int64_t minute, int second = 5) { block.wall = wall_time(minute * minute_ms + second * 1000); name(0, general()); }

    void name(std::uint32_t number, const QueueKey& key) {
        block.numbering = 1;
        block.names.emplace_back(number, key);
        HistoryRow row;
        row.queue = number;
        row.gauges.fill(HistoryRow::unknown);
        block.rows.push_back(row);
    }
    Look& waiting(double calls, double oldest = HistoryRow::unknown) {
        block.rows[0].gauges[0] = calls;
        block.rows[0].gauges[1] = oldest;
        return *this;
    }
    Look& counter(std::size_t which, double total) {
        block.rows[0].counters[which] = {total, source_time(to_ms(block.wall)), 1};
        return *this;
    }
    Look& offered(double total) { return counter(0, total); }

    HistoryBlock block;
};

/// What the answer says of a metric, for steps of `step` minutes from `from` (a minute) to the end of what is known.
inline std::vector<double> told(const HistoryBook& book, const std::string& metric, std::int64_t from, std::int64_t step = 1,
                                const HistorySlots& slots = {}) {
    const auto minutes = book.minutes(general()).value_or(HistoryMinutes{});
    const HistoryRange range{wall_time(from * minute_ms), wall_time((book.end() + 1) * minute_ms), Span{step * minute_ms}};
    const auto steps = history_steps(range, book.end(), !slots.empty());
    if (!steps) {
        return {};
    }
    const HistoryMetric* metrics[] = {history_metric(metric)};
    return history_answer(general(), *steps, metrics, minutes, slots).points.front().values;
}

}  // namespace surged::test
