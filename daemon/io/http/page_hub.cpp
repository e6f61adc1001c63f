#include "io/http/page_hub.hpp"

#include <algorithm>

namespace surged {

std::shared_ptr<PageHub::Reader> PageHub::subscribe(bool packed) {
    const std::lock_guard lock(mutex_);
    if (closed_ || entries_.size() >= limits_.readers) {
        ++stats_.refused;
        return nullptr;
    }
    entries_.push_back({std::make_shared<Reader>(), packed, true});
    came_ = true;
    wake_.notify_all();
    return entries_.back().reader;
}

void PageHub::unsubscribe(const std::shared_ptr<Reader>& reader) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.reader == reader; });
}

bool PageHub::wait(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, until, [this] { return closed_ || came_; });
    came_ = false;
    return !closed_;
}

void PageHub::wake() {
    const std::lock_guard lock(mutex_);
    came_ = true;
    wake_.notify_all();
}

PageHub::Wanted PageHub::wanted() const {
    const std::lock_guard lock(mutex_);
    Wanted out;
    for (const auto& entry : entries_) {
        (entry.packed ? out.packed : out.plain) |= !entry.behind;
    }
    return out;
}

PageHub::Wanted PageHub::wanted_snapshot() const {
    const std::lock_guard lock(mutex_);
    Wanted out;
    for (const auto& entry : entries_) {
        (entry.packed ? out.packed : out.plain) |= entry.behind;
    }
    return out;
}

void PageHub::push(Entry& entry, const std::shared_ptr<const std::string>& text, bool first) {
    Reader& reader = *entry.reader;
    const std::lock_guard lock(reader.mutex_);
    const bool lags = !first && (reader.waiting_.size() >= limits_.events ||
                                 (!reader.waiting_.empty() && reader.bytes_ + text->size() > limits_.bytes));
    if (lags) {
        // What waits makes no sense without what follows: a snapshot takes the place of all of it.
        reader.waiting_.clear();
        reader.bytes_ = 0;
        entry.behind = true;
        ++stats_.lagged;
        return;
    }
    reader.bytes_ += text->size();
    reader.waiting_.push_back(text);
    reader.wake();
}

void PageHub::publish(const PageEvent& event) {
    const std::lock_guard lock(mutex_);
    for (auto& entry : entries_) {
        if (const auto& text = entry.packed ? event.packed : event.plain; text && !entry.behind) {
            push(entry, text, false);
        }
    }
}

void PageHub::give_snapshot(const PageEvent& event) {
    const std::lock_guard lock(mutex_);
    for (auto& entry : entries_) {
        if (const auto& text = entry.packed ? event.packed : event.plain; text && entry.behind) {
            entry.behind = false;
            ++stats_.snapshots;
            push(entry, text, true);
        }
    }
}

void PageHub::start_over() {
    const std::lock_guard lock(mutex_);
    for (auto& entry : entries_) {
        entry.behind = true;
    }
}

void PageHub::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& entry : entries_) {
        const std::lock_guard reader_lock(entry.reader->mutex_);
        entry.reader->ended_ = true;
        entry.reader->wake();
    }
    entries_.clear();
    wake_.notify_all();
}

PageHubStats PageHub::stats() const {
    const std::lock_guard lock(mutex_);
    auto out = stats_;
    out.readers = entries_.size();
    return out;
}

}  // namespace surged
