// The only room that reads a clock. It knows how the engine's timeline is made from the host's clocks; it refuses to know what
// the time is used for.
//
// The hardest rule: engine time must survive a restart without going back and without believing a wall clock that steps. So the
// wall clock is looked at once, at start, and from then on engine time is that anchor plus CLOCK_BOOTTIME, which no one can set
// and which goes on while the machine is suspended (a hold must not last longer because a laptop slept).
#pragma once

#include <optional>

#include "core/base/time.hpp"

namespace surged {

/// The host's two clocks. Both calls are safe from any thread and never fail.
class Clock {
public:
    virtual ~Clock() = default;
    /// Milliseconds since an unknown start; never goes back, counts suspended time.
    virtual Span steady() const = 0;
    /// UTC as the host shows it; may step in either direction at any moment.
    virtual WallTime wall() const = 0;
};

/// CLOCK_BOOTTIME and CLOCK_REALTIME.
class SystemClock final : public Clock {
public:
    Span steady() const override;
    WallTime wall() const override;
};

/// Engine time = anchor + boot time elapsed since the anchor was taken. Immutable once made, so now() is safe from any thread.
class EngineClockSource {
public:
    /// `last_known`: the latest engine time of the journal, nullopt when the journal is empty. The anchor is the greater of it
    /// and the wall clock: a wall clock set back while the daemon was down does not take engine time back, and normally the time
    /// that passed while it was down counts. `clock` is borrowed and must outlive this.
    EngineClockSource(const Clock& clock, std::optional<EngineTime> last_known);
    /// The anchor is `now`, whatever the wall clock shows: for one that takes over from a host whose engine time it has followed.
    static EngineClockSource going_on_at(const Clock& clock, EngineTime now);

    /// This moment on both timelines; `at` never goes back between two calls.
    Stamp now() const;
    /// The engine time at which this was made.
    EngineTime anchor() const { return anchor_; }
    /// How far engine time ran ahead of the wall clock when it was anchored; 0 in the normal case.
    Span ahead() const { return ahead_; }

private:
    explicit EngineClockSource(const Clock& clock) : clock_(clock), steady_start_(clock.steady()) {}

    const Clock& clock_;
    Span steady_start_{};
    EngineTime anchor_{};
    Span ahead_{};
};

/// Finds steps of the wall clock by comparing how far both timelines moved between two looks.
///
/// Slewing (at most 500 ppm, RFC 5905) is far below the limit when looked at every few seconds and does not add up, because each
/// look is compared with the one before it only.
class WallJumpWatch {
public:
    /// A difference of exactly the limit is no jump. 2 s is our choice: above any slew between two looks, below a leap of a
    /// minute.
    static constexpr Span limit{2000};

    /// The jump since the last look (positive: the wall clock was set forward); nullopt = none, and at the first look.
    std::optional<Span> look(const Stamp& now);

private:
    std::optional<Stamp> last_;
};

}  // namespace surged
