// When a stand-by may claim the shard. It looks at what it has read of etcd and at its own CLOCK_BOOTTIME, and at nothing else.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "io/etcd/gate.hpp"
#include "io/etcd/standing.hpp"

namespace surged::etcd {

class ClaimWatch {
public:
    /// `takeover`: how long a head stands still before its owner is taken for dead.
    explicit ClaimWatch(Span takeover) : takeover_(takeover) {}

    /// A poll was answered at this time.
    void answered(const Standing& standing, BootTime at);
    /// A poll was not answered: nobody knows whether the head moved meanwhile, so it is looked at three times again.
    void unanswered() { answers_ = 0; }

    /// The shard was never claimed; or its owner released it, or has stood still for `takeover` while the last three polls were
    /// answered. A cold stand-by leaves it to a warm one for one `takeover` more, unless nobody ever claimed it.
    bool may_claim(BootTime now, bool warm) const;
    /// What the claim compares.
    const Standing& seen() const { return seen_; }

private:
    static constexpr int answers_needed = 3;
    const BootTime takeover_;
    Standing seen_;
    BootTime since_{0};  ///< the answer that showed this head for the first time
    int answers_ = 0;    ///< polls answered since the last that was not
    bool looked_ = false;
};

}  // namespace surged::etcd
