// Steps the real engine along recorded time: what replay and rule tests share.
//
// It knows of no file and prints nothing. Its hardest rule: it is the same engine, fed the same events in the same order as the
// daemon would feed it; only the network is replaced, by a courier that delivers at once.
#pragma once

#include <functional>
#include <memory>

#include "core/engine.hpp"

namespace surged {

class Player {
public:
    struct Watch {
        std::function<void(const Record&)> record;    ///< every record, in order
        std::function<void(const SendOrder&)> order;  ///< every message that would leave, in order
    };
    Player(std::unique_ptr<const Plan> plan, Watch watch);

    /// Starts the clock: nothing happens before this. Must be called once, first.
    void start(EngineTime at);
    /// Runs every deadline up to and including `at`, in order. Going back is ignored.
    void to(EngineTime at);
    /// A message arriving at the time it claims, or now when that is past.
    void message(const Message& message);
    CommandReply command(const Command& command);

    EngineTime now() const { return now_.at; }
    const Engine& engine() const { return engine_; }
    Engine& engine() { return engine_; }

private:
    void settle();

    Engine engine_;
    Watch watch_;
    Stamp now_{};
    Decisions decisions_;
};

}  // namespace surged
