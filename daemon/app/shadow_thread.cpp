#include "app/shadow_thread.hpp"

#include <algorithm>
#include <utility>

#include "os/thread.hpp"

namespace surged {

ShadowThread::ShadowThread(Save save) : ShadowThread(std::move(save), Options{}) {}

ShadowThread::ShadowThread(Save save, Options options) : save_(std::move(save)), options_(options) {
    thread_ = std::thread([this] {
        take_what_is_left();
        loop();
    });
}

ShadowThread::~ShadowThread() {
    stop();
}

void ShadowThread::stop() {
    {
        const std::lock_guard hold(lock_);
        stopping_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void ShadowThread::begin(std::shared_ptr<const Plan> plan, std::string state) {
    std::deque<Order> forgotten;
    {
        const std::lock_guard hold(lock_);
        orders_.swap(forgotten);
        records_ = bytes_ = 0;
        behind_ = false;
        done_ = wanted_;
        orders_.emplace_back(Begin{std::move(plan), std::move(state)});
        awake_ = true;
    }
    work_.notify_one();
}

void ShadowThread::add(std::vector<Record> records, std::size_t bytes) {
    if (records.empty() || behind()) {
        return;
    }
    std::deque<Order> forgotten;
    bool wake = false;
    {
        const std::lock_guard hold(lock_);
        if (records_ + records.size() > options_.records_max || bytes_ + bytes > options_.bytes_max) {
            orders_.swap(forgotten);
            records_ = bytes_ = 0;
            done_ = wanted_;
            behind_ = true;
        } else {
            records_ += records.size();
            bytes_ += bytes;
            orders_.emplace_back(Added{std::move(records), bytes});
            wake = !std::exchange(awake_, awake_ || records_ >= options_.wake_at) && awake_;
        }
    }
    if (wake) {
        work_.notify_one();
    }
}

void ShadowThread::adopt(std::shared_ptr<const Plan> plan, std::uint64_t after) {
    const std::lock_guard hold(lock_);
    if (!behind()) {
        orders_.emplace_back(Adopt{std::move(plan), after});
    }
}

void ShadowThread::save() {
    {
        const std::lock_guard hold(lock_);
        if (behind()) {
            return;
        }
        orders_.emplace_back(Wanted{++wanted_});
        awake_ = true;
    }
    work_.notify_one();
}

void ShadowThread::loop() {
    while (const auto order = next()) {
        work(*order);
    }
}

/// The next order, waited for; nullopt = it is to end.
std::optional<ShadowThread::Order> ShadowThread::next() {
    std::unique_lock hold(lock_);
    awake_ = awake_ && !orders_.empty();
    work_.wait(hold, [this] { return stopping_ || awake_; });
    if (stopping_) {
        return std::nullopt;
    }
    std::optional<Order> order(std::move(orders_.front()));
    orders_.pop_front();
    if (const auto* added = std::get_if<Added>(&*order)) {
        records_ -= added->records.size();
        bytes_ -= added->bytes;
    }
    return order;
}

void ShadowThread::work(const Order& order) {
    if (const auto* begin = std::get_if<Begin>(&order)) {
        shadow_ = std::make_unique<Shadow>(begin->plan);
        if (!shadow_->restore(begin->state)) {
            give_up();
        }
    } else if (shadow_ == nullptr) {
        return;
    } else if (const auto* adopt = std::get_if<Adopt>(&order)) {
        shadow_->adopt(adopt->plan, adopt->after);
    } else if (const auto* added = std::get_if<Added>(&order)) {
        if (!std::ranges::all_of(added->records, [this](const Record& record) { return shadow_->apply(record); })) {
            give_up();
        }
    } else if (const auto* wanted = std::get_if<Wanted>(&order)) {
        save_(shadow_->sequence(), shadow_->snapshot());
        const std::lock_guard hold(lock_);
        done_ = std::max(done_, wanted->number);
    }
}

bool ShadowThread::saving() const {
    const std::lock_guard hold(lock_);
    return done_ < wanted_;
}

void ShadowThread::give_up() {
    shadow_.reset();
    behind_ = true;
}

}  // namespace surged
