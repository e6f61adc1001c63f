// What the engine's records make, made a second time: whoever gets every record in order has the state, and can write it down
// while the engine does its work. Pure; it decides nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "core/desk/desk.hpp"
#include "core/engine/engine_bytes.hpp"

namespace surged {

class Shadow {
public:
    explicit Shadow(std::shared_ptr<const Plan> plan);

    /// The state of Engine::snapshot(). False: the bytes are torn or of another version, and nothing can be said of the state.
    bool restore(std::string_view bytes);
    /// The next record. One that is in the restored state already is skipped. False: there is a hole before it, and nothing was done.
    bool apply(const Record& record);
    /// The engine works by `plan` from the record after `after` on (ReloadReport::after). Call before that record is applied.
    void adopt(std::shared_ptr<const Plan> plan, std::uint64_t after);

    std::uint64_t sequence() const { return sequence_; }
    /// Byte for byte what Engine::snapshot() says at this sequence.
    std::string snapshot() const;

private:
    struct Coming {
        std::shared_ptr<const Plan> plan;
        std::uint64_t after = 0;
    };
    std::shared_ptr<const Plan> plan_;  ///< the desk borrows it
    Desk desk_;
    OpenAlerts open_;
    std::deque<Coming> coming_;
    std::uint64_t sequence_ = 0;
    EngineTime at_{};
};

}  // namespace surged
