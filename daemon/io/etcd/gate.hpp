// Whether this host may start a page now. It was the owner when etcd confirmed its last request; nobody else can claim the shard before
// `takeover` has passed since then, so until shortly before it may act without asking. No clock of two hosts is ever compared: the owner
// counts from before it sent, the stand-by from after it was answered, each on its own CLOCK_BOOTTIME.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/base/time.hpp"

namespace surged::etcd {

/// Time that goes on while the host sleeps.
using BootTime = std::chrono::nanoseconds;
BootTime boottime();

/// Written by the store's thread, read by the courier's.
class Gate {
public:
    explicit Gate(Span takeover) : open_for_(BootTime(takeover) * 9 / 10) {}

    /// etcd has confirmed a request that was sent at this time.
    void confirmed(BootTime sent) {
        const auto until = (sent + open_for_).count();
        auto before = until_.load(std::memory_order_relaxed);
        while (before < until && !until_.compare_exchange_weak(before, until)) {
        }
    }
    /// Another host owns the shard, or may: closed for good.
    void close() { closed_.store(true); }
    bool open(BootTime now) const { return !closed_.load() && now.count() < until_.load(); }

private:
    const BootTime open_for_;
    std::atomic<std::int64_t> until_{0};
    std::atomic<bool> closed_{false};
};

}  // namespace surged::etcd
