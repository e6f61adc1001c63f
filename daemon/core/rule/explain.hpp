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
    std::string name_zh{};  ///< the same in Chinese; empty = nobody asked, or it is a name
    std::string note_zh{};
    template <typename V>
    void fields(V& v) const {
        v("name", name), v("value", value), v("note", note), v.maybe("name_zh", name_zh), v.maybe("note_zh", note_zh);
    }
};

struct ExplainLevel {
    LevelSpec limits;
    LatchPhase phase = LatchPhase::off;
    EngineTime since{};               ///< start of the phase; not said while it is off from the start
    EngineTime due = engine_never;    ///< raising, clearing: when the hold is over; engine_never = nothing waits
    std::optional<bool> raise_holds;  ///< whether the value now meets the limit; nullopt = the value is unknown
    std::optional<bool> clear_holds;
    template <typename V>
    void fields(V& v) const {
        v("level", limits.level), v("raise", limits.raise.text()), v("clear", limits.clear.text());
        v("raise_after_ms", limits.raise_after), v("clear_after_ms", limits.clear_after), v("latch", phase), v("since", since);
        v("raise_holds", raise_holds), v("clear_holds", clear_holds), v("due", due), v.left("hold_left_ms", due);
    }
};

/// "mon,tue 22:00-06:00 Asia/Shanghai"
std::string mute_text(const MuteWindow& window);

struct ExplainMute {
    MuteWindow window;
    bool now = false;  ///< inside it
    template <typename V>
    void fields(V& v) const {
        v("window", mute_text(window)), v("now", now);
    }
};

/// A rule above this one.
struct ExplainAbove {
    std::string rule;
    bool speaks = false;  ///< it fires on a queue that covers this one
    template <typename V>
    void fields(V& v) const {
        v("rule", rule), v("speaks", speaks);
    }
};

struct RuleExplanation {
    std::string rule;
    RuleKind kind = RuleKind::threshold;
    std::string metric;
    std::string policy;
    QueueKey queue;
    std::string group;
    std::string problem;  ///< why it is not bound to this queue, or cannot fire at all; empty = healthy
    std::string problem_zh{};  ///< the same in Chinese; empty = nobody asked
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
    std::vector<std::string> notes_zh{};  ///< the same in Chinese; empty = nobody asked
    std::vector<ExplainLevel> levels;
    std::vector<ExplainMute> mutes;
    std::vector<ExplainAbove> above;

    /// `silences`: of the desk, shown beside the mutes. Each has a shorter list.
    template <typename V, typename Silences>
    void fields(V& v, const Silences& silences) const {
        v("rule", rule), v("kind", kind), v("metric", metric), v("policy", policy), visit_fields(v, queue), v("group", group);
        v("bound", bound);
        v.object("health", [&] { v("healthy", problem.empty()), v("problem", problem), v.maybe("problem_zh", problem_zh), v("queues", bound_queues); });
        v("state", state), v("level", level), v("pending", pending), v("since", since), v("stale", stale);
        v("never_seen", never_seen), v("muted", muted), v("silenced", !silences.empty());
        if (folded.rule.empty()) {
            v("folded", std::optional<int>{});
        } else {
            v.object("folded", [&] { v("rule", folded.rule), visit_fields(v, folded.queue); });
        }
        v("last_data", last_data), v("stale_after_ms", stale_after), v("value", value), v("unit", unit), v("inputs", inputs);
        v("notes", notes);
        if (!notes_zh.empty()) {
            v("notes_zh", notes_zh);
        }
        v("levels", levels), v("mutes", mutes), v.brief("silences", silences), v("depends_on", above);
    }
};

}  // namespace surged
