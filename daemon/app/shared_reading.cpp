#include "app/shared_reading.hpp"

#include <algorithm>
#include <exception>
#include <thread>

namespace surged {

ApiResult<SharedText> SharedReading::get(const Maker& make) {
    const auto came = Clock::now();
    const auto heard = pulse_.decided();
    std::unique_lock lock(mutex_);
    while (true) {
        if (text_ && (begun_ >= came || (sequence_ >= heard && came - begun_ <= fresh))) {
            ++counts_.shared;
            return text_;
        }
        if (!making_) {
            break;
        }
        if (wake_.wait_until(lock, came + wait_max) == std::cv_status::timeout) {
            return tl::unexpected<ApiError>(ApiError{"unavailable", "the list is not made in time; try again, or with limit"});
        }
    }
    making_ = true;
    SharedText old = std::move(text_);
    text_.reset();
    const auto rest = std::min<Clock::duration>(ended_ - begun_, fresh);
    const auto from = ended_ + rest;
    lock.unlock();
    old.reset();  // the last reader frees it, and nobody waits for that
    std::this_thread::sleep_until(from);
    const auto begun = Clock::now();
    const auto sequence = pulse_.decided();
    ApiResult<std::string> made = tl::unexpected<ApiError>(ApiError{"internal", "no memory for this list; ask with limit"});
    try {
        made = make();
    } catch (const std::exception&) {
        // as it stands
    }
    SharedText text = made ? std::make_shared<const std::string>(*std::move(made)) : nullptr;
    lock.lock();
    making_ = false;
    begun_ = begun;
    ended_ = Clock::now();
    sequence_ = sequence;
    text_ = text;
    counts_.made += text ? 1U : 0U;
    wake_.notify_all();
    if (!text) {
        return tl::unexpected<ApiError>(made.error());
    }
    return text;
}

void SharedReading::tidy() {
    SharedText old;
    const std::lock_guard lock(mutex_);
    if (text_ && Clock::now() - begun_ > fresh) {
        old = std::move(text_);
        text_.reset();
    }
}

SharedReading::Counts SharedReading::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

}  // namespace surged
