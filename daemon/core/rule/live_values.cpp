#include "core/rule/live_values.hpp"

#include <limits>
#include <vector>

#include "core/base/not_known.hpp"
#include "core/rule/detector.hpp"

namespace surged {

AlertReading LiveValues::reading(std::string_view, const QueueKey&, EngineTime) const {
    return {};
}

std::vector<double> LiveValues::of(const QueueKey&, std::span<const std::string> metrics) const {
    return std::vector<double>(metrics.size(), std::numeric_limits<double>::quiet_NaN());
}

std::vector<double> StoreValues::of(const QueueKey& key, std::span<const std::string> metrics) const {
    auto out = LiveValues::of(key, metrics);
    const auto id = store_.find(key.centre, key.queue, key.channel);
    if (id == no_id || store_[id].stale) {
        return out;
    }
    const auto& queue = store_[id];
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const auto metric = store_.metrics().find(metrics[i]);
        const auto at = metric == no_id ? queue.series_count : queue.find(metric);
        out[i] = at < queue.series_count ? store_.value(queue, at) : out[i];
    }
    return out;
}

DetectorValues::DetectorValues(const Detector& detector) : StoreValues(detector.queues()), detector_(detector) {}

AlertReading DetectorValues::reading(std::string_view rule, const QueueKey& queue, EngineTime now) const {
    return detector_.reading(rule, queue, now);
}

void StoreValues::each(std::span<const std::string> metrics, const Wanted& wanted, const Visit& visit) const {
    std::vector<std::uint32_t> ids;
    for (const auto& name : metrics) {
        ids.push_back(store_.metrics().find(name));
    }
    std::vector<double> values(ids.size());
    for (std::uint32_t id = 0; id < store_.size(); ++id) {
        const Queue& queue = store_[id];
        const QueueKey& key = store_.key(id);
        const bool of_group = queue.group.empty() && key.queue.size() > 1 && key.queue.front() == '*';
        if (queue.stale || !wanted(key, of_group ? std::string_view(key.queue).substr(1) : std::string_view(queue.group))) {
            continue;
        }
        bool known = false;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto at = ids[i] == no_id ? queue.series_count : queue.find(ids[i]);
            const bool there = at < queue.series_count;
            values[i] = there ? store_.value(queue, at) : not_known;
            known = known || there;
        }
        if (known) {
            visit(values);
        }
    }
}

}  // namespace surged
