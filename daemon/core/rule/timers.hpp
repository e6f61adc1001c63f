// Deadlines in order. A deadline that is no longer wanted is not searched for: it comes up, finds its subject changed, and is
// dropped or set anew by its owner. Equal times come up in the order in which they were set, so that a replay is exact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/room.hpp"
#include "core/base/time.hpp"

namespace surged {

enum class TimerKind : std::uint8_t { hold, stale, kind, group, muted, flap };

struct Timer {
    EngineTime at{};
    std::uint64_t order = 0;
    TimerKind kind = TimerKind::hold;
    std::uint32_t a = 0;  ///< queue, or index of the active alert, or group
    std::uint32_t b = 0;  ///< bound rule in the queue, or generation of the active alert
};

class Timers {
public:
    void set(EngineTime at, TimerKind kind, std::uint32_t a, std::uint32_t b = 0) {
        make_room(heap_, 1);
        heap_.push_back({at, order_++, kind, a, b});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    EngineTime next() const { return heap_.empty() ? engine_never : heap_.front().at; }
    Timer pop() {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const auto timer = heap_.back();
        heap_.pop_back();
        return timer;
    }
    std::size_t size() const { return heap_.size(); }
    /// All of them, in no order; none is left.
    std::vector<Timer> take_all() { return std::exchange(heap_, {}); }
    /// In place of what is there. Those set from now on come up after those of equal time.
    void assign(std::vector<Timer> timers) {
        heap_ = std::move(timers);
        for (const auto& timer : heap_) {
            order_ = std::max(order_, timer.order + 1);
        }
        std::make_heap(heap_.begin(), heap_.end(), later);
    }

private:
    static bool later(const Timer& x, const Timer& y) { return x.at != y.at ? x.at > y.at : x.order > y.order; }

    std::vector<Timer> heap_;
    std::uint64_t order_ = 0;
};

}  // namespace surged
