#include "feed/queue_log_feed.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "feed/queue_counts.hpp"

namespace surged {

namespace {
double seconds_of(std::int64_t ms) {
    return static_cast<double>(ms) / 1000.0;
}
}  // namespace

QueueLogFeed::QueueLogFeed(QueueLogFeedOptions options) : options_(std::move(options)), state_(options_.limits) {
    options_.period = std::max(options_.period, Span{100});
    options_.parts_max = std::max<std::size_t>(options_.parts_max, 1);
    message_.source = options_.source;
    message_.has_epoch = true;
}

bool QueueLogFeed::line(const QueueLogLine& line, const MessageCallback& each) {
    const auto period = options_.period.count();
    const auto after = [&](std::int64_t ts) { return (ts / period + 1) * period; };
    if (!options_.epoch) {
        options_.epoch = static_cast<std::uint64_t>(line.ts_ms);
    }
    if (next_ms_ == 0) {
        next_ms_ = after(line.ts_ms);
    } else if (line.ts_ms - next_ms_ > options_.gap_max.count()) {
        ++gaps_jumped_;
        if (!emit(next_ms_, each)) {
            return false;
        }
        next_ms_ = after(line.ts_ms) - period;
    }
    if (!catch_up(line.ts_ms, each)) {
        return false;
    }
    if (line.event == QueueEvent::start && dirty_ && !emit(std::max(line.ts_ms, state_.clock_ms()), each)) {
        return false;
    }
    const auto clock = state_.clock_ms();
    state_.apply(line);
    dirty_ = true;
    if (state_.clock_ms() < clock) {
        ++steps_back_;
        next_ms_ = after(state_.clock_ms());
    }
    return true;
}

bool QueueLogFeed::catch_up(std::int64_t ts_ms, const MessageCallback& each) {
    while (next_ms_ <= ts_ms) {
        if (!emit(next_ms_, each)) {
            return false;
        }
        next_ms_ += options_.period.count();
    }
    return true;
}

bool QueueLogFeed::finish(const MessageCallback& each) {
    return next_ms_ == 0 || emit(next_ms_, each);
}

void QueueLogFeed::keep_names() {
    if (epochs_ != state_.restarts()) {
        epochs_ = state_.restarts();
        for (auto& former : former_) {
            former.counters = {};
        }
        for (auto& [key, told] : told_) {
            told.counters = {};
        }
    }
    for (const auto& [key, queue] : state_.queues()) {
        auto& told = told_[key];
        if (!told.name.empty() && told.name != queue.name) {
            QueueLogState::Queue former;
            former.name = told.name;
            former.counters = told.counters;
            former_.push_back(std::move(former));
        }
        told.name = queue.name;
        told.counters = queue.counters;
    }
}

bool QueueLogFeed::emit(std::int64_t ts_ms, const MessageCallback& each) {
    state_.advance(ts_ms);
    dirty_ = false;
    message_.epoch = options_.epoch.value_or(0) + state_.restarts();
    message_.ts = source_time(ts_ms);
    keep_names();
    auto at = state_.queues().begin();
    auto former = former_.begin();
    // Also with no queue known yet there is one message: it says that the feed lives.
    do {
        message_.parts.clear();
        message_.values.clear();
        message_.seq = ++seq_;
        for (; at != state_.queues().end() && message_.parts.size() < options_.parts_max; ++at) {
            add_part(at->second, state_.agents(at->first), ts_ms);
        }
        for (; at == state_.queues().end() && former != former_.end() && message_.parts.size() < options_.parts_max; ++former) {
            add_part(*former, {}, ts_ms);
        }
        if (!each(message_)) {
            return false;
        }
    } while (at != state_.queues().end() || former != former_.end());
    return true;
}

void QueueLogFeed::add_part(const QueueLogState::Queue& queue, const AgentGauges& agents, std::int64_t ts_ms) {
    QueuePart part;
    part.centre = options_.centre;
    part.queue = queue.name;
    part.channel = "voice";
    part.ts = source_time(ts_ms);
    part.first = static_cast<std::uint32_t>(message_.values.size());
    const auto add = [&](std::string_view name, double value) { message_.values.push_back({name, value}); };
    const auto count = [&](std::string_view name, std::uint64_t value) { add(name, static_cast<double>(value)); };
    count("calls_waiting", queue.waiting());
    add("oldest_wait_s", seconds_of(queue.oldest_wait_ms(ts_ms)));
    count("agents_on_call", agents.on_call);
    if (agents.members_known) {
        count("agents_staffed", agents.staffed);
    }
    if (agents.pauses_known) {
        count("agents_available", agents.available);
        count("agents_aux", agents.aux);
    }
    append_counts(message_, queue.counters, {true, true, state_.tells_blocked()});
    part.count = static_cast<std::uint32_t>(message_.values.size()) - part.first;
    message_.parts.push_back(part);
}

QueueLogReplay queue_log_messages(std::istream& in, const QueueLogFeedOptions& options, const MessageCallback& each) {
    return queue_log_messages(std::vector<std::istream*>{&in}, options, each);
}

QueueLogReplay queue_log_messages(const std::vector<std::istream*>& files, const QueueLogFeedOptions& options,
                                  const MessageCallback& each) {
    QueueLogFeed feed(options);
    QueueLogReader reader;
    std::vector<char> block(1U << 16U);
    bool go_on = true;
    const auto take = [&](const QueueLogLine& line) { return go_on = go_on && feed.line(line, each); };
    for (std::istream* in : files) {
        while (*in && go_on) {
            in->read(block.data(), static_cast<std::streamsize>(block.size()));
            reader.feed({block.data(), static_cast<std::size_t>(in->gcount())}, take);
        }
        if (go_on) {
            reader.finish(take);
        }
    }
    if (go_on) {
        feed.finish(each);
    }
    return {reader.stats(), feed.state().oddities(), feed.state().unknown_events(), feed.messages()};
}

}  // namespace surged
