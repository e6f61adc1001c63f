// What single kinds of rules remember of a queue beside its windows: plain bytes of fixed size in the queue's own memory, behind
// the rings of the series the rule is about. They are snapshotted as they are and come back only for a rule of equal content.
//
// All of it begins as zeros; `begun` tells whether anything was written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/rule/queue_store.hpp"
#include "core/staffing/shortfall.hpp"

namespace surged {

/// volatility: the turning point since which the value runs one way, and when it turned.
struct SwingState {
    double high = 0;  ///< since the last turn
    double low = 0;
    std::int8_t direction = 0;  ///< +1 rising, -1 falling, 0 not yet known
    std::uint8_t begun = 0;
    std::uint8_t pad[6] = {};
    std::int64_t first_ms = 0;                                      ///< source time of the first value
    alignas(8) std::byte ring[ring_bytes(RingKind::counter)] = {};  ///< of turns

    Ring& turns() { return *reinterpret_cast<Ring*>(ring); }
};

/// threshold with `ahead`: the line through the last slope window.
struct SlopeState {
    double base = 0;   ///< value of the line at base_ms
    double slope = 0;  ///< per second
    std::int64_t base_ms = 0;
    std::int64_t cell = 0;  ///< of the ring when the line was drawn
    std::uint8_t begun = 0;
    std::uint8_t known = 0;
    std::uint8_t pad[6] = {};
};

/// shortfall: what is usual here, and the last answer.
struct StaffingState {
    double usual_calls_per_s = 0;
    double usual_aht_s = 0;
    double usual_agents = 0;
    double learned_s = 0;  ///< time that the usual was learned from
    std::int64_t looked_ms = 0;
    std::int32_t required = 0;
    std::uint8_t begun = 0;
    std::uint8_t pad[3] = {};
    double patience_s = 0;  ///< that the findings are for
    staffing::Findings findings{};
};

template <typename State>
State& state_of(Queue& queue, const Series& series, const BoundRule& bound) {
    static_assert(std::is_trivially_copyable_v<State> && alignof(State) <= 8 && sizeof(State) % 8 == 0);
    return *reinterpret_cast<State*>(queue.rings + series.rings + bound.state);
}

}  // namespace surged
