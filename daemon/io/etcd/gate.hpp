// Whether this host may start a page now. It was the owner when etcd confirmed its last request; nobody else can claim the shard before
// `takeover` has passed since then, so until shortly before it may act without asking. No clock of two hosts is ever compared: the owner
// counts from before it sent, the stand-by from after it was answered, each on its own CLOCK_BOOTTIME.
#pragma once

#include <algorithm>
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
    /// Open although etcd has been silent for long: nobody else can have claimed the shard without it, or what may have happened was asked
    /// for (see alone.hpp).
    void alone(bool on) { alone_.store(on); }
    bool is_alone() const { return alone_.load(); }
    bool open(BootTime now) const { return !closed_.load() && (alone_.load() || now.count() < until_.load()); }
    /// When the last request was sent that etcd has confirmed; 0 = none was.
    BootTime last_confirmed() const { return BootTime(std::max<std::int64_t>(0, until_.load() - open_for_.count())); }

private:
    const BootTime open_for_;
    std::atomic<std::int64_t> until_{0};
    std::atomic<bool> closed_{false};
    std::atomic<bool> alone_{false};
};

}  // namespace surged::etcd
