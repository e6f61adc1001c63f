// The transient layer: how a backlog grows, when it is gone, and how many helpers that takes. A fluid model: calls as a flow, so
// it is right when queues are long, which is when it is asked.
//
//   dQ/dt = lambda - mu (n + k) - theta Q     while Q > 0 and everybody is busy
//
// With theta > 0 the model also clears by losing callers; for a promise that nobody is lost use patience 0 (theta = 0). Show
// both.
#pragma once

#include <optional>

#include "core/staffing/erlang.hpp"

namespace surged::staffing {

/// A backlog now: `waiting` calls, `agents` productive agents, everybody busy.
struct Backlog {
    Load load;
    double waiting = 0;  ///< >= 0
    double agents = 0;   ///< >= 0
};

/// Seconds until nobody waits with `helpers` more agents; nullopt = never (the backlog settles above zero, or grows).
std::optional<double> clear_time_s(const Backlog& now, double helpers);

/// Waiting calls it settles at with `helpers` more; negative or zero = it clears; nullopt for endless growth without abandonment.
std::optional<double> settles_at(const Backlog& now, double helpers);

/// Fewest helpers that clear the backlog within `within_s` > 0; 0 when it clears by itself. nullopt: out of range.
std::optional<int> helpers_to_clear(const Backlog& now, double within_s);

/// Calls that give up while it clears, with `helpers` more; nullopt when it never clears.
std::optional<double> lost_while_clearing(const Backlog& now, double helpers);

/// Waiting calls after `after_s` seconds with `helpers` more (>= 0).
double waiting_after(const Backlog& now, double helpers, double after_s);

/// Expected wait of a call that arrives now behind `waiting` others while everybody is busy: each departure ahead of it takes
/// 1 / (n mu + i theta), i callers still being ahead.
double expected_wait_s(const Backlog& now);

}  // namespace surged::staffing
