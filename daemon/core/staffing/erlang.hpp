// How many agents a queue needs, and what happens with fewer: Erlang B, C and A in forms that neither overflow nor cancel.
//
// Rates are per second, times in seconds, offered load in erlang. Everything here is a pure function of its arguments; work is
// O(agents) or better. Hardest rule: deep overload. The sums of Erlang A pass 1e308 long before the answers do, so they are
// carried with a scale beside them, and small answers are computed as sums of positive terms, never as a difference of large
// ones.
//
// Sources: Erlang 1917; Palm 1946 / Baccelli & Hebuterne 1981 for the M/M/n+M formulas; Gans, Koole, Mandelbaum 2003 for the
// practice.
#pragma once

#include <optional>

namespace surged::staffing {

/// Largest number of agents any function accepts; beyond it the answer is std::nullopt.
inline constexpr int agents_max = 100000;

/// The load of a queue and the patience of its callers.
struct Load {
    double calls_per_s = 0;  ///< arrivals, >= 0
    double aht_s = 0;        ///< mean handling time (talk + after-call work), > 0
    double patience_s = 0;   ///< mean patience; 0 or infinite = nobody gives up (Erlang C)
    double erlang() const { return calls_per_s * aht_s; }
};

/// A promise: at least `share` of the offered calls are answered within `within_s` (service level, variant "negative": abandoned
/// calls count against it).
struct Target {
    double share = 0.8;    ///< 0..1, exclusive of 1
    double within_s = 20;  ///< >= 0
};

/// Steady state of a queue.
struct Outlook {
    double wait_probability = 0;     ///< P(W > 0)
    double abandon_probability = 0;  ///< share of offered calls that give up; 0 for Erlang C
    double mean_wait_s = 0;    ///< over all calls, answered or not (Erlang C: ASA); infinite when the queue grows without end
    double service_level = 0;  ///< answered within the target's time / offered
    double occupancy = 0;      ///< busy share of an agent's time, 0..1
    double queue_length = 0;   ///< mean number waiting
};

/// Probability that all `agents` are busy when nobody waits (loss system). agents >= 0, erlang >= 0.
double erlang_b(int agents, double erlang);
/// Probability that a call has to wait when nobody gives up; 1 when agents <= erlang.
double erlang_c(int agents, double erlang);

/// Steady state with `agents` productive agents; Erlang A when patience is finite, else Erlang C. nullopt: an argument out of its
/// range.
std::optional<Outlook> outlook(const Load& load, int agents, double within_s);

/// Fewest agents that keep the target. nullopt: an argument out of its range, or more than agents_max would be needed.
std::optional<int> required_agents(const Load& load, const Target& target);

/// People to roster so that `agents` are productive when `shrinkage` (0..1, exclusive of 1) of paid time is not: ceil(agents / (1
/// - shrinkage)).
int rostered(int agents, double shrinkage);

/// Mean patience from what was seen, censored by service (exponential maximum likelihood): total waiting time of ALL callers over
/// the number that gave up. nullopt when nobody did. (The mean wait of those who gave up is NOT the patience.)
std::optional<double> patience_s(double abandoned, double total_wait_s);

}  // namespace surged::staffing
