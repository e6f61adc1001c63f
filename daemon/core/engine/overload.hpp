// Trouble with surged itself: one alert that sums it up, whatever the causes, so that trouble with the alarm is one page and
// never silence, and never a page per queue (D8).
//
// Knows causes and times; refuses to know where they are measured. Hardest rule: once it fires it stays one alert until every
// cause has been gone for clear_after, through a restart and a reload.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/team/plan.hpp"
#include "core/rule/alert.hpp"

namespace surged {

enum class OverloadCause : std::uint8_t {
    behind,     // the loop is behind its input
    series,     // the series limit is reached: values of new queues or metrics are refused
    store,      // decisions are not durable
    incidents,  // more scopes fire than incidents may be open
    channels,   // a channel is dead: its breaker is open
    sources,    // the limit of sources is reached: feeders are refused
    senders     // a source restarts again and again, or two senders use its name
};
inline constexpr std::size_t overload_causes = 7;

class Overload {
public:
    explicit Overload(const Plan& plan);

    /// The cause is there (with numbers for people), or is gone. Repeating it is cheap.
    void say(OverloadCause cause, bool there, std::string detail, EngineTime now);
    /// A cause that shows only when it happens: there until nothing was heard of it for `lasts`.
    void happened(OverloadCause cause, std::string detail, Span lasts, EngineTime now);

    /// The edge that is due at `now`, if any: call it until there is none.
    std::optional<AlertEdge> step(Stamp now);
    EngineTime deadline() const;
    bool idle() const { return !any() && state_ == AlertState::ok; }
    AlertState state() const { return state_; }

    /// As the edge that would lead here; nullopt while it is ok.
    std::optional<AlertEdge> open() const;
    /// After a restart: it fired when the log ended. Causes that last are reported anew; else it clears in its time.
    void resume(const AlertEdge& edge, EngineTime now);
    /// Another configuration. An alert that fires for another policy ends with its old one; step() tells both edges.
    void adopt(const Plan& plan);

private:
    struct Cause {
        bool there = false;
        EngineTime until = engine_never;  ///< happened(): forgotten then
        std::string detail;
    };
    bool any() const;
    std::string evidence() const;
    AlertEdge edge(AlertState to, Stamp now) const;
    void take_spec(const Plan& plan);

    OverloadSpec spec_;
    Level level_ = Level::yellow;
    std::array<Cause, overload_causes> causes_{};
    AlertState state_ = AlertState::ok;  // ok, pending, firing, clearing
    EngineTime since_{};
    EngineTime fired_{};
    bool told_anew_ = false;  // a cause came while it fired
    std::optional<AlertEdge> leaving_;
};

}  // namespace surged
