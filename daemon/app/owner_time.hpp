// The owner's engine time, as a stand-by reckons it: what the owner wrote into etcd and when it was read, on this host's CLOCK_BOOTTIME.
// No wall clock of another host is believed: one that is a minute ahead would call the next tier a minute early at a take-over.
//
// Each reading was a little old when it came, by as much as the way took, so the latest of the last readings is the best one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/base/time.hpp"

namespace surged {

class OwnerTime {
public:
    using BootTime = std::chrono::nanoseconds;
    /// Clocks of two hosts drift apart by some milliseconds a minute: readings older than twice this count no more.
    static constexpr BootTime window = std::chrono::seconds{30};

    /// Until an owner is heard: as a start without one has it.
    void begin(EngineTime at, BootTime now);
    /// A head that moved said `at`, and the answer was there at `answered`. One thread only.
    void heard(EngineTime at, BootTime answered);
    /// Another host owns the shard: what the one before said counts no more.
    void another() { readings_ = 0; }
    bool was_heard() const { return heard_.load(); }
    /// Any thread.
    EngineTime at(BootTime now) const;

private:
    std::atomic<std::int64_t> offset_ns_{0};  ///< engine time minus boot time
    std::atomic<bool> heard_{false};
    int readings_ = 0;
    std::int64_t best_ = 0;    ///< of this window
    std::int64_t before_ = 0;  ///< of the window before
    BootTime turned_{0};
};

}  // namespace surged
