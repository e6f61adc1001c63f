#include "feed/poll_feed.hpp"

#include <algorithm>
#include <set>

namespace surged {
namespace {

/// surged takes nothing that is older than a minute; a document's own time is used as far as this leaves it in time.
constexpr std::int64_t back_max_ms = 45000;

}  // namespace

std::vector<QueueKey> PollFeed::known(const AskPlan& ask, const AskBook& book, const MappedAnswer& answer) const {
    std::set<QueueKey> keys;
    for (const auto& [key, of_queue] : answer.queues) {
        keys.insert(key);
    }
    if (answer.incomplete) {
        return {keys.begin(), keys.end()};
    }
    for (const auto& [key, seen_ms] : book.seen_ms) {
        keys.insert(key);
    }
    const auto& map = ask.map;
    if (!map.centre.fixed.empty() && !map.channel.fixed.empty()) {
        for (const auto& name : map.queue.names) {
            const auto& ours = name.second;
            // A centre or channel that stands in the rows is known once a row was there.
            const bool seen = std::any_of(keys.begin(), keys.end(), [&](const QueueKey& key) { return key.queue == ours; });
            if (!seen) {
                keys.insert({map.centre.fixed, ours, map.channel.fixed});
            }
        }
    }
    return {keys.begin(), keys.end()};
}

PollFeed::Part PollFeed::part_of(const AskPlan& ask, AskBook& book, const QueueKey& key, const MappedAnswer& answer, bool adds,
                                 std::int64_t now_ms) {
    static const MappedAnswer::OfQueue nothing;
    const auto found = answer.queues.find(key);
    const auto& of_queue = found == answer.queues.end() ? nothing : found->second;
    Part part{key, {}};
    for (std::size_t i = 0; i < ask.map.metrics.size(); ++i) {
        const auto& metric = ask.map.metrics[i];
        const auto readings = of_queue.metrics.find(i);
        const bool said = readings != of_queue.metrics.end() && !readings->second.empty();
        const bool zero = !said && metric.idle == WhenIdle::zeros && !of_queue.unreadable.contains(i);
        if (!said && !zero) {
            continue;
        }
        if (!metric.counter) {
            part.values.emplace_back(&metric.metric, said ? readings->second.begin()->second.value : 0.0);
            continue;
        }
        auto& counter = book.counters[key][metric.metric];
        if (said) {
            // A queue that the last whole answer had not began at zero, where the file says that an idle queue vanishes.
            const bool began_after = book.answered && metric.idle == WhenIdle::zeros;
            counter.take(readings->second, from_zero_ || began_after, adds, from_zero_ ? Span{0} : ask.spread, now_ms);
        }
        part.values.emplace_back(&metric.metric, counter.total(now_ms));
    }
    return part;
}

void PollFeed::forget(const AskPlan& ask, AskBook& book, std::int64_t now_ms) {
    std::erase_if(book.seen_ms, [&](const auto& seen) {
        const bool old = now_ms - seen.second > ask.forget_after.count();
        if (old) {
            book.counters.erase(seen.first);
        }
        return old;
    });
    // A feeder whose provider gives each call a queue of its own must not grow for ever.
    while (book.seen_ms.size() > poll_queues_max) {
        const auto oldest = std::min_element(book.seen_ms.begin(), book.seen_ms.end(),
                                             [](const auto& a, const auto& b) { return a.second < b.second; });
        book.counters.erase(oldest->first);
        book.seen_ms.erase(oldest);
    }
}

bool PollFeed::answer(const AskPlan& ask, const MappedAnswer& answer, bool adds, std::int64_t now_ms,
                      const OnMessage& on_message) {
    auto& book = book_.asks[ask.id];
    for (const auto& [key, of_queue] : answer.queues) {
        book.seen_ms[key] = now_ms;
    }
    forget(ask, book, now_ms);
    std::vector<Part> parts;
    for (const auto& key : known(ask, book, answer)) {
        auto part = part_of(ask, book, key, answer, adds, now_ms);
        if (!part.values.empty()) {
            parts.push_back(std::move(part));
        }
    }
    book.answered = book.answered || !answer.incomplete;
    const auto ts_ms = answer.document_ms ? std::clamp(*answer.document_ms, now_ms - back_max_ms, now_ms) : now_ms;
    return send(parts, ts_ms, on_message);
}

bool PollFeed::between(const AskPlan& ask, std::int64_t now_ms, const OnMessage& on_message) {
    auto& book = book_.asks[ask.id];
    std::vector<Part> parts;
    for (auto& [key, metrics] : book.counters) {
        Part part{key, {}};
        for (auto& [metric, counter] : metrics) {
            if (counter.pending()) {
                part.values.emplace_back(&metric, counter.total(now_ms));
            }
        }
        if (!part.values.empty()) {
            parts.push_back(std::move(part));
        }
    }
    return send(parts, now_ms, on_message);
}

bool PollFeed::send(const std::vector<Part>& parts, std::int64_t ts_ms, const OnMessage& on_message) {
    for (std::size_t from = 0, end = 0; from < parts.size(); from = end) {
        message_.clear();
        message_.source = plan_.source;
        message_.has_epoch = true;
        message_.epoch = book_.epoch;
        message_.seq = ++book_.seq;
        message_.ts = source_time(ts_ms);
        for (end = from; end < parts.size() && end < from + parts_max && message_.values.size() < values_max; ++end) {
            const auto i = end;
            QueuePart part;
            part.centre = parts[i].key.centre;
            part.queue = parts[i].key.queue;
            part.channel = parts[i].key.channel;
            part.ts = message_.ts;
            part.first = static_cast<std::uint32_t>(message_.values.size());
            part.count = static_cast<std::uint32_t>(parts[i].values.size());
            for (const auto& [name, value] : parts[i].values) {
                message_.values.push_back({*name, value});
            }
            message_.parts.push_back(part);
        }
        if (!on_message(message_)) {
            return false;
        }
    }
    return true;
}

}  // namespace surged
