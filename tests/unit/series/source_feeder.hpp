// A feeder as tests see it: what the tests of the source tracker share.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "core/series/source_tracker.hpp"

namespace surged::test {

using namespace std::chrono_literals;

inline constexpr std::int64_t epoch_ms = 1795330800000;
inline constexpr Span skew = 60s;
inline constexpr std::uint64_t far = 1ULL << 63U;
inline constexpr std::uint64_t last_number = std::numeric_limits<std::uint64_t>::max();

inline SourceTime at(std::int64_t ms) { return source_time(epoch_ms + ms); }
inline Stamp arrival(std::int64_t ms) { return {engine_time(5000000 + ms), wall_time(epoch_ms + ms)}; }

/// A tracker with one feeder; messages arrive as they are stamped unless told otherwise.
struct Feeder {
    SourceTracker tracker{8};
    std::string name = "acd-jinan-1";

    Verdict send(std::uint64_t seq, std::int64_t ms) { return tracker.accept(name, false, 0, seq, at(ms), arrival(ms), skew); }
    Verdict send(std::uint64_t epoch, std::uint64_t seq, std::int64_t ms) {
        return tracker.accept(name, true, epoch, seq, at(ms), arrival(ms), skew);
    }
    const SourceState& state() const { return tracker.sources()[0]; }
};

}  // namespace surged::test
