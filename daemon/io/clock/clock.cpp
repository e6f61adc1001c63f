#include "io/clock/clock.hpp"

#include <algorithm>
#include <ctime>

#include "core/base/check.hpp"

namespace surged {

namespace {
Span read_clock(clockid_t id) {
    timespec t{};
    // Both clocks exist on every Linux that can run this; a failure would be a broken host, not an input.
    SURGED_CHECK(clock_gettime(id, &t) == 0);
    return std::chrono::duration_cast<Span>(std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec});
}
}  // namespace

Span SystemClock::steady() const {
    return read_clock(CLOCK_BOOTTIME);
}

WallTime SystemClock::wall() const {
    return WallTime{read_clock(CLOCK_REALTIME)};
}

EngineClockSource::EngineClockSource(const Clock& clock, std::optional<EngineTime> last_known)
    : EngineClockSource(clock) {
    const EngineTime wall = engine_time(to_ms(clock.wall()));
    anchor_ = last_known ? std::max(*last_known, wall) : wall;
    ahead_ = anchor_ - wall;
}

EngineClockSource EngineClockSource::going_on_at(const Clock& clock, EngineTime now) {
    EngineClockSource out(clock);
    out.anchor_ = now;
    out.ahead_ = now - engine_time(to_ms(clock.wall()));
    return out;
}

Stamp EngineClockSource::now() const {
    // A fake or broken steady clock that goes back must not take engine time behind its anchor.
    const Span elapsed = std::max(Span{0}, clock_.steady() - steady_start_);
    return Stamp{anchor_ + elapsed, clock_.wall()};
}

std::optional<Span> WallJumpWatch::look(const Stamp& now) {
    const std::optional<Stamp> before = last_;
    last_ = now;
    if (!before) {
        return std::nullopt;
    }
    const Span jump = (now.wall - before->wall) - (now.at - before->at);
    if (jump > limit || jump < -limit) {
        return jump;
    }
    return std::nullopt;
}

}  // namespace surged
