// The three kinds of time, as types that cannot be mixed. The core never reads a clock: every time arrives inside an event.
//
// EngineTime  the engine's own timeline, ms. Steady while the process runs (CLOCK_BOOTTIME), anchored to UTC once at the very
//             first start and carried over restarts by the journal, so it never goes back and never jumps with the wall clock.
//             Holds, deadlines, staleness and tiers live on it.
// WallTime    UTC as the host's clock shows it now. It may step. Rosters, calendars and what people read live on it.
// SourceTime  what a feeder claims (UTC ms). It places a sample in its window and is evidence; nothing waits on it.
#pragma once

#include <chrono>
#include <cstdint>

namespace surged {

/// A duration at the engine's grain: one millisecond, signed.
using Span = std::chrono::milliseconds;

struct EngineClock {
    using duration = Span;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<EngineClock, Span>;
    static constexpr bool is_steady = true;
};
struct SourceClock {
    using duration = Span;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<SourceClock, Span>;
    static constexpr bool is_steady = false;
};

using EngineTime = EngineClock::time_point;
using SourceTime = SourceClock::time_point;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Span>;

/// "Never": a deadline that does not come. Compares greater than every real time.
inline constexpr EngineTime engine_never = EngineTime::max();

/// Milliseconds of any of the three times, for records and wire formats.
template <typename Time>
constexpr std::int64_t to_ms(Time t) {
    return t.time_since_epoch().count();
}
constexpr EngineTime engine_time(std::int64_t ms) { return EngineTime{Span{ms}}; }
constexpr SourceTime source_time(std::int64_t ms) { return SourceTime{Span{ms}}; }
constexpr WallTime wall_time(std::int64_t ms) { return WallTime{Span{ms}}; }

/// The moment an event reaches the engine, on both timelines. `at` never goes back between two events.
struct Stamp {
    EngineTime at{};
    WallTime wall{};
};

constexpr double seconds(Span span) { return static_cast<double>(span.count()) / 1000.0; }
constexpr double minutes(Span span) { return static_cast<double>(span.count()) / 60000.0; }

}  // namespace surged
