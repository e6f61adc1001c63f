// Steps the real engine along recorded time: what replay and rule tests share.
//
// It knows of no file and prints nothing. Its hardest rule: it is the same engine, fed the same events in the same order as the
// daemon would feed it; only the network is replaced, by a courier that delivers at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"

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
    /// The wall clock steps by `step`; engine time goes on as if nothing had happened.
    void step_wall(Span step);
    /// What surged would find on its disk if it were killed now: see restart().
    void keep_for_restart() { keeps_ = true; }
    /// Killed here and back at `up`: a new engine from the last snapshot, the records after it, and the windows as they were at
    /// most ten seconds before. keep_for_restart() must have been called before start().
    void restart(std::unique_ptr<const Plan> plan, EngineTime up);

    EngineTime now() const { return now_.at; }
    Stamp stamp() const { return now_; }
    const Engine& engine() const { return *engine_; }
    Engine& engine() { return *engine_; }

private:
    Stamp stamp_of(EngineTime at) const;
    void settle();
    void snapshot();

    std::unique_ptr<Engine> engine_;
    Watch watch_;
    Stamp now_{};
    Span wall_step_{0};
    Decisions decisions_;

    // what is on the disk
    bool keeps_ = false;
    EngineTime kept_at_{};
    std::string kept_state_;
    std::string kept_windows_;
    std::vector<Record> kept_log_;  ///< after kept_state_
};

}  // namespace surged
