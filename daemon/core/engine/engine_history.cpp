// The readings of the history, taken piece by piece like every other view.
#include <algorithm>
#include <cmath>

#include "core/engine/engine_parts.hpp"
#include "core/engine/history_row.hpp"
#include "core/rule/kinds.hpp"

namespace surged {
namespace {

using MetricIds = std::array<std::uint32_t, history_counters.size() + history_gauges.size()>;

MetricIds metric_ids(const QueueStore& store) {
    MetricIds ids{};
    for (std::size_t i = 0; i < history_counters.size(); ++i) {
        ids[i] = store.metrics().find(history_counters[i]);
    }
    for (std::size_t i = 0; i < history_gauges.size(); ++i) {
        ids[history_counters.size() + i] = store.metrics().find(history_gauges[i]);
    }
    return ids;
}

/// Place of a metric among the queue's series; their number when it is not sent.
std::size_t place_of(const Queue& queue, std::uint32_t metric) {
    return metric == no_id ? queue.series_count : queue.find(metric);
}

/// The band of the first rule of kind baseline on this series; none when there is no such rule.
BaselineBand band_of(const Queue& queue, const Series& series) {
    for (std::size_t i = 0; i < series.plan->rules.size() && series.plan->learners != 0; ++i) {
        if (series.plan->rules[i].row->learns) {
            return queue.baselines[queue.bounds[series.bounds + i].baseline]->band();
        }
    }
    return {};
}

Level highest_level(const Detector& detector, const Queue& queue) {
    Level highest = Level::none;
    for (std::size_t i = 0; i < queue.bound_count && queue.active > 0; ++i) {
        if (queue.bounds[i].active != no_id) {
            highest = std::max(highest, detector.active()[queue.bounds[i].active].level);
        }
    }
    return highest;
}

}  // namespace

bool Engine::piece(PieceCursor& cursor, std::size_t queues, std::vector<HistoryRow>& out) const {
    if (!begin_piece(cursor)) {
        return false;
    }
    const auto& detector = *parts_->detector;
    const auto& store = detector.queues();
    const MetricIds ids = metric_ids(store);
    for (; queues > 0 && cursor.next < cursor.end; --queues, ++cursor.next) {
        const Queue& queue = store[cursor.next];
        HistoryRow row;
        row.queue = cursor.next;
        for (std::size_t i = 0; i < history_counters.size(); ++i) {
            const auto at = place_of(queue, ids[i]);
            if (at < queue.series_count && !queue.stale && !std::isnan(store.value(queue, at)) && queue.series[at].reading.last >= 0) {
                const CounterState& reading = queue.series[at].reading;
                row.counters[i] = {reading.last, reading.ts, reading.incarnation};
                row.band = i == 0 ? band_of(queue, queue.series[at]) : row.band;
            }
        }
        for (std::size_t i = 0; i < history_gauges.size(); ++i) {
            const auto at = place_of(queue, ids[history_counters.size() + i]);
            row.gauges[i] = at < queue.series_count && !queue.stale ? store.value(queue, at) : HistoryRow::unknown;
        }
        row.level = static_cast<double>(highest_level(detector, queue));
        const auto* staffing = detector.board().find(cursor.next);
        if (staffing != nullptr && staffing->fresh(parts_->now.at)) {
            row.required = staffing->required;
            row.productive = staffing->productive;
        }
        out.push_back(row);
    }
    return true;
}

const QueueKey& Engine::queue_key(std::uint32_t queue) const {
    return parts_->detector->queues().key(queue);
}

std::size_t Engine::queue_count() const {
    return parts_->detector->queues().size();
}

}  // namespace surged
