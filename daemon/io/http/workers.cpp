#include "io/http/workers.hpp"

#include <algorithm>

#include "os/thread.hpp"

namespace surged {

Workers::Workers(int count) : large_max_(static_cast<std::size_t>(std::max(1, count / 2))) {
    for (int i = 0; i < std::max(1, count); ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

std::size_t Workers::waiting() const {
    return small_[0].size() + small_[1].size() + large_[0].size() + large_[1].size();
}

bool Workers::add(std::function<void()> job, bool known, bool large) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting() >= jobs_max) {
        return false;
    }
    (large ? large_ : small_)[known ? 0 : 1].push_back(std::move(job));
    wake_.notify_one();
    return true;
}

void Workers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_all();
    }
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

/// What a thread that is free takes next; null = nothing it may.
Workers::Jobs* Workers::next() {
    for (Jobs& jobs : small_) {
        if (!jobs.empty()) {
            return &jobs;
        }
    }
    for (Jobs& jobs : large_) {
        if (!jobs.empty() && large_running_ < large_max_) {
            return &jobs;
        }
    }
    return nullptr;
}

void Workers::run() {
    step_back();
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || next() != nullptr; });
        if (stopping_) {
            return;
        }
        Jobs& jobs = *next();
        const bool large = &jobs == &large_[0] || &jobs == &large_[1];
        std::function<void()> job = std::move(jobs.front());
        jobs.pop_front();
        large_running_ += large ? 1U : 0U;
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        if (large) {
            --large_running_;
            wake_.notify_one();  // one that waited for this place
        }
    }
}

}  // namespace surged
