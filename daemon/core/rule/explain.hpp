// One rule on one queue, as it stands: what goes in, which limits are in force, and what each hold still waits for.
//
// A read-only view of the detector: it looks and changes nothing, so an explanation cannot disturb what it explains. It knows
// rules and windows, and nothing of people (core/desk/why.hpp). Hardest rule: what is shown is what the engine compared,
// worked out by the same arithmetic, never a second opinion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/rule/alert.hpp"
#include "core/rule/latch.hpp"

namespace surged {

struct ExplainInput {
    std::string name;  ///< "oldest_wait_s", "increase(answered, 10m)", "usual, from the 15m before"
    double value = 0;  ///< NaN = unknown
    std::string note;  ///< for people; may be empty
};

struct ExplainLevel {
    LevelSpec limits;
    LatchPhase phase = LatchPhase::off;
    EngineTime since{};               ///< start of the phase; not said while it is off from the start
    EngineTime due = engine_never;    ///< raising, clearing: when the hold is over; engine_never = nothing waits
    std::optional<bool> raise_holds;  ///< whether the value now meets the limit; nullopt = the value is unknown
    std::optional<bool> clear_holds;
};

struct ExplainMute {
    MuteWindow window;
    bool now = false;  ///< inside it
};

/// A rule above this one.
struct ExplainAbove {
    std::string rule;
    bool speaks = false;  ///< it fires on a queue that covers this one
};

struct RuleExplanation {
    std::string rule;
    RuleKind kind = RuleKind::threshold;
    std::string metric;
    std::string policy;
    QueueKey queue;
    std::string group;
    std::string problem;  ///< why it is not bound to this queue, or cannot fire at all; empty = healthy
    std::uint64_t bound_queues = 0;
    bool bound = false;  ///< to this queue: the rest is known

    AlertState state = AlertState::unknown;
    Level level = Level::none;
    Level pending = Level::none;
    EngineTime since{};
    bool stale = false;
    bool never_seen = false;
    bool muted = false;  ///< the last edge was
    AlertKey folded;     ///< who speaks for it; an empty rule = nobody
    EngineTime last_data{};
    Span stale_after{0};
    double value = 0;  ///< what was compared last; NaN = unknown
    std::string unit;  ///< of `value`: "", "%", "/min", "s"
    std::vector<ExplainInput> inputs;
    std::vector<std::string> notes;  ///< guards, floors, freezes: one sentence each
    std::vector<ExplainLevel> levels;
    std::vector<ExplainMute> mutes;
    std::vector<ExplainAbove> above;
};

}  // namespace surged
