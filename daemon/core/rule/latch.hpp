// One alert's state machine: up to three levels, each a latch with its own limits and holds. Pure: values and times come in, the
// state comes out.
//
// A latch is off, raising (its raise limit holds, but not yet for raise_after), on, or clearing (its clear limit holds, but not
// yet for clear_after). Between the limits nothing changes: that is the hysteresis. The alert's level is the highest latch that
// is on. The hardest rule is what an unknown value does: it never resolves anything (D1). It stops a raise that is waiting and a
// clear that is waiting, and leaves what is on, on; only a rule that says `unknown_clear_after` lets a long unknown count as the
// end.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "core/base/time.hpp"
#include "core/rule/alert.hpp"
#include "core/rule/spec.hpp"

namespace surged {

enum class LatchPhase : std::uint8_t { off, raising, on, clearing };
std::string_view to_string(LatchPhase phase);

struct Latch {
    LatchPhase phase = LatchPhase::off;
    EngineTime since{};  ///< start of the phase; for `on` the moment it fired
};

/// The values between which nothing can change: both ends included. Empty when lo > hi.
struct QuietBand {
    double lo;
    double hi;
    bool contains(double value) const { return lo <= value && value <= hi; }  // false for NaN
};

/// The same in half the bytes: inside it or, by single precision, a hair narrower. What lies between the two is looked at and changes nothing.
class NarrowBand {
public:
    NarrowBand(QuietBand band) : lo_(above(band.lo)), hi_(-above(-band.hi)) {}  // NOLINT: it is one
    operator QuietBand() const { return {static_cast<double>(lo_), static_cast<double>(hi_)}; }  // NOLINT
    bool contains(double value) const { return static_cast<double>(lo_) <= value && value <= static_cast<double>(hi_); }

private:
    /// The smallest float that is not below.
    static float above(double value) {
        constexpr float infinity = std::numeric_limits<float>::infinity();
        constexpr float largest = std::numeric_limits<float>::max();
        if (value > static_cast<double>(largest)) {
            return infinity;
        }
        const auto near = value < -static_cast<double>(largest) ? -infinity : static_cast<float>(value);
        return static_cast<double>(near) < value ? std::nextafter(near, infinity) : near;
    }

    float lo_;
    float hi_;
};

class LatchSet {
public:
    /// A value was seen at `now`. Returns true when any latch changed its phase.
    bool observe(std::span<const LevelSpec> levels, double value, EngineTime now);
    /// The value is unknown at `now` although the feed is alive. Returns true when any latch changed.
    bool observe_unknown(Span unknown_clear_after, EngineTime now);
    /// Holds that are over at `now` take effect. Not called while the queue is stale: no hold may end then.
    bool expire(std::span<const LevelSpec> levels, EngineTime now);
    /// When expire() has something to do; engine_never when nothing waits.
    EngineTime deadline(std::span<const LevelSpec> levels) const;
    /// After silence: what was clearing must be seen clear anew; what was raising keeps its start (fail towards paging).
    void thaw(EngineTime now);

    Level level() const;       ///< highest latch on or clearing
    Level pending() const;     ///< highest latch raising above level()
    bool clearing() const;     ///< the top latch is clearing
    bool idle() const;         ///< every latch is off
    EngineTime since() const;  ///< start of what state() says
    AlertState state() const;  ///< ok, pending, firing or clearing; never unknown
    QuietBand quiet(std::span<const LevelSpec> levels) const;

    const Latch& latch(std::size_t i) const { return latches_[i]; }
    void set(std::size_t i, Latch latch) { latches_[i] = latch; }  ///< from a snapshot
    /// From a record: every latch up to `level` on since `since`; `pending` raising; the top clearing when said so.
    void resume(std::span<const LevelSpec> levels, AlertState state, Level level, Level pending, EngineTime since);

private:
    std::array<Latch, 3> latches_{};  // index = level - 1
    EngineTime unknown_since_ = engine_never;
};

}  // namespace surged
