// The state of a switch -> messages: the queues that changed at once, those in which time passes every second, all of them now and
// then, so that a silent feed and silent traffic look different. Pure.
//
// The hardest rule: while no connection is current nothing is said, for a stale value is the truth then; only what was counted up to the
// end of the connection leaves, as of that moment.
//
// The state of each kind of switch has queues(), epochs() and crew(); add_own_values(message, state, queue, crew) adds what only that
// kind knows of a queue.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/series/message.hpp"
#include "feed/queue_counts.hpp"
#include "feed/queue_log_feed.hpp"

namespace surged {

struct SwitchFeedOptions {
    std::string centre;
    std::string source;
    std::size_t parts_max = 1000;  ///< queues per message; more make several messages of one time
    std::uint64_t epoch = 0;       ///< of the counters at the start, ms of the wall clock; it rises by one at each new epoch
};

template <typename State, typename Options>
class SwitchFeed {
public:
    enum class Which : std::uint8_t {
        changed,  ///< queues with something new
        moving,   ///< and those in which somebody waits, wraps up or is not rung for a while: time alone changes them
        all       ///< every queue; one message even when there is none
    };

    /// Borrows `state`.
    SwitchFeed(Options options, State& state) : options_(std::move(options)), state_(state) {
        options_.parts_max = std::max<std::size_t>(options_.parts_max, 1);
        message_.source = options_.source;
        message_.has_epoch = true;
    }

    /// Messages of the state at `now_ms` (the state's clock), stamped `ts_ms` (the wall's). False: the callback stopped the feed.
    bool emit(Which which, std::int64_t ts_ms, std::int64_t now_ms, const MessageCallback& each);
    /// Something has changed since the last message.
    bool changed() const;
    std::uint64_t messages() const { return seq_; }

private:
    void add_part(typename State::Queue& queue, std::int64_t ts_ms, std::int64_t now_ms);

    Options options_;
    State& state_;
    Message message_;
    std::uint64_t seq_ = 0;
    std::set<std::string> moved_;  // names of queues whose last values time alone changes: that it has ended must be told, too
};

template <typename State, typename Options>
bool SwitchFeed<State, Options>::changed() const {
    const auto& queues = state_.queues();
    return std::any_of(queues.begin(), queues.end(), [](const auto& one) { return one.second.changed && one.second.present; });
}

template <typename State, typename Options>
bool SwitchFeed<State, Options>::emit(Which which, std::int64_t ts_ms, std::int64_t now_ms, const MessageCallback& each) {
    message_.epoch = options_.epoch + state_.epochs();
    message_.ts = source_time(ts_ms);
    const auto wanted = [&](const typename State::Queue& queue) {
        return queue.present && (which == Which::all || queue.changed ||
                                 (which == Which::moving &&
                                  (queue.waiting() > 0 || moved_.contains(queue.name) || state_.crew(queue, now_ms).moves())));
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

template <typename State, typename Options>
void SwitchFeed<State, Options>::add_part(typename State::Queue& queue, std::int64_t ts_ms, std::int64_t now_ms) {
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
    add_own_values(message_, state_, queue, crew);
    part.count = static_cast<std::uint32_t>(message_.values.size()) - part.first;
    message_.parts.push_back(part);
    queue.changed = false;
    if (crew.moves()) {
        moved_.insert(queue.name);
    } else {
        moved_.erase(queue.name);
    }
}

}  // namespace surged
