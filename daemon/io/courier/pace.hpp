// The rate of a channel as its sink sees it. The desk decides when an order may leave; a disk that stalls in between would let a
// second's orders out in one burst, and a provider counts what it sees. Orders wait here only for what such a stall pushed
// together, and for what the way to the provider may push together: a request that took its time and one that did not arrive
// closer to each other than they left.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>

#include "core/paging/limits.hpp"
#include "core/team/spec.hpp"

namespace surged {

class Pace {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Nothing is held longer: the desk waits for an outcome, and would take a long wait for a lost one.
    static constexpr std::chrono::milliseconds hold_max{2000};

    /// What a request may take longer to arrive than the next.
    static constexpr std::chrono::milliseconds jitter_max{250};

    static std::chrono::milliseconds margin(const RateLimit& rate) { return std::min(jitter_max, rate.per / 20); }

    /// When the next order may start: `now` or later, so that every window of `rate.per` has at most `rate.count` where they
    /// arrive.
    Time free_at(const RateLimit& rate, Time now) const {
        const auto count = most(rate);
        return count == 0 || starts_.size() < count ? now
                                                    : std::max(now, starts_[starts_.size() - count] + rate.per + margin(rate));
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
