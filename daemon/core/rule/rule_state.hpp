// What single kinds of rules remember of a queue beside its windows: plain bytes of fixed size in the queue's own memory, behind
// the rings of the series the rule is about. They are snapshotted as they are and come back only for a rule of equal content.
//
// All of it begins as zeros; `begun` tells whether anything was written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/rule/queue_store.hpp"
#include "core/staffing/shortfall.hpp"

namespace surged {

/// volatility: lowest and highest value of each sixtieth of the window, and which came first. Turns are counted anew from these at
/// every value, so that nothing from before the window has a say.
struct SwingState {
    struct Cell {
        float low = 0;
        float high = 0;
    };
    std::array<Cell, ring_cells> cells{};
    std::uint64_t filled = 0;    ///< bit a cell
    std::uint64_t low_first = 0;  ///< likewise: the lowest came before the highest
    std::int64_t head = 0;       ///< number of the newest cell
    std::int64_t first_ms = 0;   ///< source time of the first value
    std::uint8_t begun = 0;
    std::uint8_t pad[7] = {};
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
    std::uint8_t handling_seen = 0;  ///< first_call_ms was looked at before
    std::uint8_t pad[2] = {};
    double patience_s = 0;  ///< that the findings are for
    std::int64_t first_call_ms = 0;  ///< source time since which the window of handled calls was never empty; 0 = it is empty
    staffing::Findings findings{};
};

template <typename State>
State& state_of(Queue& queue, const Series& series, const BoundRule& bound) {
    static_assert(std::is_trivially_copyable_v<State> && alignof(State) <= 8 && sizeof(State) % 8 == 0);
    return *reinterpret_cast<State*>(queue.rings + series.rings + bound.state);
}

}  // namespace surged
