// How often one metric of a queue is sent, and whether it has fallen silent while its queue goes on: a byte a series.
//
// The pace is learned from the gaps between its samples while the queue speaks, in quarter octaves of a second: feeders send some
// metrics less often than others. It rises by half of what a longer gap says and falls by a step with each shorter one, so that an
// irregular metric is judged by its long gaps.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "core/base/time.hpp"

namespace surged {

/// Arrival in whole seconds, as much of it as two bytes hold: gaps up to 18 h can be told. Rounded so that no gap reads too long.
inline std::uint16_t heard_at(EngineTime at) {
    return static_cast<std::uint16_t>((to_ms(at) + 999) / 1000);
}
/// Seconds since `heard`.
inline unsigned quiet_for(std::uint16_t heard, EngineTime now) {
    const auto gap = static_cast<std::uint16_t>(static_cast<std::uint16_t>(to_ms(now) / 1000) - heard);
    return gap == 0xFFFF ? 0 : gap;  // heard within this second
}

class SeriesPace {
public:
    SeriesPace() = default;
    explicit SeriesPace(std::uint8_t bits) : bits_(bits) {}  ///< from a snapshot
    std::uint8_t bits() const { return bits_; }

    bool silent() const { return (bits_ & silent_bit) != 0; }
    void set_silent(bool silent) { bits_ = static_cast<std::uint8_t>((bits_ & step_bits) | (silent ? silent_bit : 0)); }

    void learn(unsigned gap_s) { learn_step(step_of(gap_s)); }
    /// A gap of this step (step_of) was seen.
    void learn_step(int seen) {
        const int known = bits_ & step_bits;
        if (seen == known) {
            return;
        }
        const int next = known == 0 ? seen : seen > known ? known + (seen - known + 1) / 2 : known - 1;
        bits_ = static_cast<std::uint8_t>((bits_ & silent_bit) | static_cast<unsigned>(next));
    }
    /// Quarter octaves of a second, 1 and up.
    static int step_of(unsigned gap_s) {
        const auto s = std::clamp(gap_s, 1U, 50000U);
        const auto octave = 31U - static_cast<unsigned>(std::countl_zero(s));
        const auto quarter = octave >= 2 ? (s >> (octave - 2)) & 3U : octave == 1 ? (s & 1U) * 2 : 0U;
        return static_cast<int>(1 + 4 * octave + quarter);
    }
    /// Silent for this long, it is no longer sent: three times its pace, at least `queue_limit` (that of its queue, which alone counts
    /// until a first gap was seen).
    Span limit(Span queue_limit) const {
        const int known = bits_ & step_bits;
        if (known == 0) {
            return queue_limit;
        }
        const auto octave = static_cast<unsigned>(known - 1) / 4;
        const auto quarter = static_cast<std::int64_t>(static_cast<unsigned>(known - 1) % 4);
        return std::clamp<Span>(3 * Span{(std::int64_t{1000} << octave) * (4 + quarter) / 4}, queue_limit, std::max(queue_limit, most));
    }

private:
    static constexpr std::uint8_t silent_bit = 0x80;
    static constexpr std::uint8_t step_bits = 0x3F;  ///< 0 = no gap was seen yet
    static constexpr Span most{50'000'000};          ///< what heard_at can tell

    std::uint8_t bits_ = 0;
};
static_assert(sizeof(SeriesPace) == 1);

/// The arrival of one message, for each metric in it. Metrics that came together last time were quiet equally long, so the step of
/// their gap is worked out once.
class Arrival {
public:
    explicit Arrival(EngineTime now) : now_(now), heard_(heard_at(now)) {}

    /// A sample came. `started`: it is not the first; `heard`: when the one before came, and now when this one did. True when the
    /// metric was silent until now.
    bool note(bool started, std::uint16_t& heard, SeriesPace& pace) {
        if (heard == before_ && pace.bits() == step_) [[likely]] {
            heard = heard_;  // at its pace, and not silent
            return false;
        }
        if (started) {
            before_ = heard;
            step_ = SeriesPace::step_of(quiet_for(heard, now_));
            pace.learn_step(step_);
        }
        heard = heard_;
        return pace.silent();
    }

private:
    EngineTime now_;
    std::uint16_t heard_;
    std::uint16_t before_ = 0;
    int step_ = -1;  ///< of the gap since `before_`; -1 = none was worked out yet, which no pace is
};

}  // namespace surged
