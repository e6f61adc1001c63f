// The heartbeat: a sign of life sent outside at a pace ([heartbeat]), for a watcher that calls somebody when it stops. systemd
// sees a process that hangs; only somebody outside sees a host that is gone, a network that is cut, a daemon that was never
// started again.
//
// Hardest rule: it must not say "well" for a surged that is not. It is made by the engine's thread in its turn, so a loop that
// hangs is silent, and it is withheld while decisions are not durable or the loop is behind its input. It is no page: it is not
// recorded, not tried again, and its outcome reaches no incident.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/record/order.hpp"
#include "core/team/plan.hpp"

namespace surged {

class Heartbeat {
public:
    struct State {
        bool on = false;
        WallTime last_ok{};                             ///< last one that was taken; 0 = none yet
        std::map<std::string, std::uint64_t> outcomes;  ///< "ok", "failed", "withheld"
    };

    /// The order that is due at `now`, if any. `trouble`: why surged is not well; empty = it is. One is under way at a time: a
    /// watcher that does not answer is not asked faster than it answers.
    std::optional<SendOrder> turn(const Plan& plan, Stamp now, const std::string& trouble, std::size_t incidents_open);
    /// True when this outcome was a heartbeat's.
    bool outcome(const SendOutcome& outcome, WallTime now);

    const State& state() const { return state_; }

private:
    State state_;
    EngineTime next_{};
    std::uint64_t sent_ = 0;
    bool under_way_ = false;
};

}  // namespace surged
