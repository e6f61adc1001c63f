// The rate of a channel as its sink sees it. The desk decides when an order may leave; a disk that stalls in between would let a
// second's orders out in one burst, and a provider counts what it sees. Orders wait here only for what such a stall pushed
// together.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>

#include "core/escalation/limits.hpp"
#include "core/escalation/spec.hpp"

namespace surged {

class Pace {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Nothing is held longer: the desk waits for an outcome, and would take a long wait for a lost one.
    static constexpr std::chrono::milliseconds hold_max{2000};

    /// When the next order may start: `now` or later, so that every window of `rate.per` has at most `rate.count`.
    Time free_at(const RateLimit& rate, Time now) const {
        const auto count = most(rate);
        return count == 0 || starts_.size() < count ? now : std::max(now, starts_[starts_.size() - count] + rate.per);
    }
    /// Remembers no more than the rate needs.
    void started(const RateLimit& rate, Time now) {
        starts_.push_back(now);
        while (starts_.size() > most(rate)) {
            starts_.pop_front();
        }
    }

private:
    static std::size_t most(const RateLimit& rate) {
        return rate.count <= 0 ? 0 : std::min(static_cast<std::size_t>(rate.count), send_log_max);
    }
    std::deque<Time> starts_;  ///< rising
};

}  // namespace surged
