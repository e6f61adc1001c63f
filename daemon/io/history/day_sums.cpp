#include "io/history/day_sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

namespace surged {
namespace {

constexpr std::int64_t slot_length_ms = history_slot_minutes * 60000;
/// A day has at most 25 hours, and began up to 26 hours before the same day in UTC: more than this is never of today.
constexpr std::int64_t day_slots_max = 26 * 60 / history_slot_minutes;

struct Summing {
    std::function<WallTime(const QueueKey&)> dawn;
    std::map<QueueKey, DaySums> sums;
    std::map<QueueKey, std::set<std::int64_t>> seen;  ///< of the part that is read: a slot may come in two pieces
};

void add(double& sum, float value) {
    if (!std::isnan(value)) {
        sum = static_cast<double>(value) + (std::isnan(sum) ? 0 : sum);
    }
}

void take(Summing& to, const QueueKey& queue, std::int64_t slot, const HistoryValues& values) {
    constexpr std::array calls{column_offered, column_answered, column_abandoned};
    const bool anything = std::any_of(calls.begin(), calls.end(), [&](std::size_t c) { return !std::isnan(values[c]); });
    if (!anything || wall_time(slot * slot_length_ms) < to.dawn(queue)) {
        return;
    }
    const auto [at, added] = to.sums.try_emplace(queue);
    DaySums& sums = at->second;
    sums.first = added ? slot : std::min(sums.first, slot);
    sums.last = added ? slot : std::max(sums.last, slot);
    sums.known += to.seen[queue].insert(slot).second ? 1 : 0;
    add(sums.offered, values[column_offered]);
    add(sums.answered, values[column_answered]);
    add(sums.abandoned, values[column_abandoned]);
    add(sums.in_20, values[column_in_20]);
    add(sums.in_15, values[column_in_15]);
    add(sums.level_calls, values[column_level_calls]);
}

}  // namespace

std::optional<std::map<QueueKey, DaySums>> day_sums(const History& history, WallTime now, std::function<WallTime(const QueueKey&)> dawn) {
    if (!history.stats().file) {
        return std::map<QueueKey, DaySums>();
    }
    History::FileRange range;
    range.to = to_ms(now) / slot_length_ms + 1;
    range.from = range.to - day_slots_max - 1;
    range.before_this_run = true;
    for (const auto column : {column_offered, column_answered, column_abandoned, column_in_20, column_in_15, column_level_calls}) {
        range.columns.set(column);
    }
    const auto summing = std::make_shared<Summing>();
    summing->dawn = std::move(dawn);
    for (std::size_t part = 0;; ++part) {
        const auto read = history.read_part(part, range, [summing](const QueueKey& queue, std::int64_t slot, const HistoryValues& values) {
            take(*summing, queue, slot, values);
        });
        if (!read.trouble.empty()) {
            return std::nullopt;
        }
        if (!read.more) {
            return std::move(summing->sums);
        }
        summing->seen.clear();  // the next part has other queues
    }
}

}  // namespace surged
