#include "feed/callcenter_feed.hpp"

#include <algorithm>

#include "feed/queue_counts.hpp"

namespace surged {

CallcenterFeed::CallcenterFeed(CallcenterFeedOptions options, CallcenterState& state) : options_(std::move(options)), state_(state) {
    options_.parts_max = std::max<std::size_t>(options_.parts_max, 1);
    message_.source = options_.source;
    message_.has_epoch = true;
}

bool CallcenterFeed::changed() const {
    const auto& queues = state_.queues();
    return std::any_of(queues.begin(), queues.end(), [](const auto& one) { return one.second.changed && one.second.present; });
}

bool CallcenterFeed::emit(Which which, std::int64_t ts_ms, std::int64_t now_ms, const MessageCallback& each) {
    message_.epoch = options_.epoch + state_.epochs();
    message_.ts = source_time(ts_ms);
    const auto wanted = [&](const CallcenterState::Queue& queue) {
        return queue.present && (which == Which::all || queue.changed ||
                                 (which == Which::moving && (queue.waiting() > 0 || state_.crew(queue, now_ms).wrapup > 0)));
    };
    auto at = state_.queues().begin();
    const auto end = state_.queues().end();
    bool sent = which != Which::all;  // that one is a sign of life also with no queue
    while (true) {
        message_.parts.clear();
        message_.values.clear();
        for (; at != end && message_.parts.size() < options_.parts_max; ++at) {
            if (wanted(at->second)) {
                add_part(at->second, ts_ms, now_ms);
            }
        }
        if (message_.parts.empty() && sent) {
            return true;
        }
        sent = true;
        message_.seq = ++seq_;
        if (!each(message_)) {
            return false;
        }
    }
}

void CallcenterFeed::add_part(CallcenterState::Queue& queue, std::int64_t ts_ms, std::int64_t now_ms) {
    QueuePart part;
    part.centre = options_.centre;
    part.queue = queue.name;
    part.channel = "voice";
    part.ts = source_time(ts_ms);
    part.first = static_cast<std::uint32_t>(message_.values.size());
    const auto count = [&](std::string_view name, std::uint64_t value) {
        message_.values.push_back({name, static_cast<double>(value)});
    };
    const auto crew = state_.crew(queue, now_ms);
    count("calls_waiting", queue.waiting());
    message_.values.push_back({"oldest_wait_s", static_cast<double>(queue.oldest_wait_ms(now_ms)) / 1000.0});
    count("agents_staffed", crew.staffed);
    count("agents_available", crew.available);
    count("agents_on_call", crew.on_call);
    count("agents_ringing", crew.ringing);
    count("agents_aux", crew.aux);
    count("agents_wrapup", crew.wrapup);
    append_counts(message_, queue.counters, {true, false, false});
    part.count = static_cast<std::uint32_t>(message_.values.size()) - part.first;
    message_.parts.push_back(part);
    queue.changed = false;
}

}  // namespace surged
