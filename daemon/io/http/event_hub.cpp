#include "io/http/event_hub.hpp"

#include <algorithm>

namespace surged {

namespace {
/// Such a text would end its field of the stream early. A plain loop: find_first_of() searches its set for every character, and
/// this runs on the engine's thread for every record.
bool breaks_a_line(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
}
}  // namespace

EventHub::EventHub() : EventHub(Limits{}) {}
EventHub::EventHub(Limits limits, const PastEvents& past) : limits_(limits), forgotten_(past.head) {
    for (const PastEvents::Event& event : past.events) {
        if (auto text = event_of(event.sequence, event.type, event.json)) {
            keep(event.sequence, text);
        }
    }
}
EventHub::~EventHub() {
    close();
}

EventHub::Subscription::State EventHub::Subscription::next(std::shared_ptr<const std::string>& out) {
    const std::lock_guard lock(mutex_);
    // Cut off means cut off: what still waits has a hole behind it, and a reader with a hole must fetch the state again.
    if (ended_) {
        return State::ended;
    }
    if (waiting_.empty()) {
        return State::quiet;
    }
    out = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= out->size();
    return State::event;
}

void EventHub::Subscription::on_wake(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(call);
    if (wake_ && (ended_ || !waiting_.empty())) {
        wake_();
    }
}

std::shared_ptr<EventHub::Subscription> EventHub::subscribe(std::optional<std::uint64_t> after) {
    deliver();  // a reader may have heard elsewhere of what is posted: of a list it was given
    const std::lock_guard lock(mutex_);
    if (closed_ || subscriptions_.size() >= limits_.subscribers) {
        ++stats_.refused;
        return nullptr;
    }
    subscriptions_.push_back(std::make_shared<Subscription>());
    if (after) {
        catch_up(*subscriptions_.back(), *after);
    }
    return subscriptions_.back();
}

/// Half of a subscriber's limits: a reader that catches up has room for what comes meanwhile.
void EventHub::keep(std::uint64_t sequence, const std::shared_ptr<const std::string>& event) {
    if (kept_.empty()) {
        forgotten_ = sequence > 0 ? sequence - 1 : 0;
    }
    kept_.push_back({sequence, event});
    kept_bytes_ += event->size();
    while (kept_.size() > limits_.events / 2 || kept_bytes_ > limits_.bytes / 2) {
        forgotten_ = kept_.front().sequence;
        kept_bytes_ -= kept_.front().event->size();
        kept_.pop_front();
    }
}

void EventHub::catch_up(Subscription& reader, std::uint64_t after) const {
    const std::lock_guard reader_lock(reader.mutex_);
    const auto newest = kept_.empty() ? forgotten_ : kept_.back().sequence;
    if (after < forgotten_ || after > newest) {  // older than what is kept, or of another store
        static const auto missed = std::make_shared<const std::string>(
            "event: missed\ndata: {\"type\":\"missed\",\"text\":\"fetch the state again\"}\n\n");
        reader.waiting_.push_back(missed);
        reader.bytes_ += missed->size();
        return;
    }
    for (const auto& kept : kept_) {
        if (kept.sequence > after) {
            reader.waiting_.push_back(kept.event);
            reader.bytes_ += kept.event->size();
        }
    }
}

void EventHub::unsubscribe(const std::shared_ptr<Subscription>& subscription) {
    const std::lock_guard lock(mutex_);
    std::erase(subscriptions_, subscription);
}

/// Null for a text that would break the stream.
std::shared_ptr<const std::string> EventHub::event_of(std::uint64_t sequence, std::string_view type, std::string_view json) {
    if (breaks_a_line(type) || breaks_a_line(json)) {
        return nullptr;
    }
    auto text = std::make_shared<std::string>();
    text->reserve(type.size() + json.size() + 48);
    text->append("id: ").append(std::to_string(sequence));
    text->append("\nevent: ").append(type).append("\ndata: ").append(json).append("\n\n");
    return text;
}

void EventHub::post(std::uint64_t sequence, std::string_view type, std::string_view json) {
    auto event = event_of(sequence, type, json);
    if (event == nullptr) {
        return;
    }
    if (posted_bytes_.fetch_add(event->size(), std::memory_order_relaxed) > limits_.posted) {
        posted_bytes_.fetch_sub(event->size(), std::memory_order_relaxed);
        hole_.store(sequence, std::memory_order_relaxed);
        return;
    }
    posted_.put(std::make_unique<Posted>(Posted{sequence, std::move(event), nullptr}));
}

void EventHub::deliver() {
    posted_.woken();
    while (const auto posted = posted_.take()) {
        posted_bytes_.fetch_sub(posted->event->size(), std::memory_order_relaxed);
        if (const auto hole = hole_.load(std::memory_order_relaxed); hole != 0 && hole < posted->sequence) {
            tell_of_a_hole();
        }
        tell(posted->sequence, posted->event);
    }
    if (hole_.load(std::memory_order_relaxed) != 0) {
        tell_of_a_hole();
    }
}

void EventHub::publish(std::uint64_t sequence, std::string_view type, std::string_view json) {
    post(sequence, type, json);
    deliver();
}

void EventHub::tell(std::uint64_t sequence, const std::shared_ptr<const std::string>& event) {
    const std::lock_guard lock(mutex_);
    ++stats_.published;
    keep(sequence, event);
    for (auto it = subscriptions_.begin(); it != subscriptions_.end();) {
        Subscription& reader = **it;
        const std::lock_guard reader_lock(reader.mutex_);
        if (reader.waiting_.size() >= limits_.events || reader.bytes_ + event->size() > limits_.bytes) {
            reader.cut_off();
            ++stats_.slow_dropped;
            it = subscriptions_.erase(it);
            continue;
        }
        reader.bytes_ += event->size();
        reader.waiting_.push_back(event);
        reader.wake();
        ++it;
    }
}

/// What is kept ends before the hole: nobody can be told what they missed.
void EventHub::tell_of_a_hole() {
    const std::lock_guard lock(mutex_);
    forgotten_ = hole_.exchange(0, std::memory_order_relaxed);
    kept_.clear();
    kept_bytes_ = 0;
    for (const auto& reader : subscriptions_) {
        const std::lock_guard reader_lock(reader->mutex_);
        reader->cut_off();
        ++stats_.slow_dropped;
    }
    subscriptions_.clear();
}

void EventHub::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& reader : subscriptions_) {
        const std::lock_guard reader_lock(reader->mutex_);
        reader->ended_ = true;
        reader->wake();
    }
    subscriptions_.clear();
}

EventHubStats EventHub::stats() const {
    const std::lock_guard lock(mutex_);
    EventHubStats stats = stats_;
    stats.subscribers = subscriptions_.size();
    return stats;
}

}  // namespace surged
