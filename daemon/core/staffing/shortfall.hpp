// How many people a queue is missing, or could give, from its load and the agents at work.
//
// Pure functions over erlang.hpp and fluid.hpp. The steady state says how many agents keep the promise; the fluid layer says how
// many clear what will be waiting when help arrives; the answer is the larger. Hardest rule: a number that is not known makes
// the answer unknown, never 0 (unknown is not "nobody is missing").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/staffing/fluid.hpp"

namespace surged::staffing {

/// One queue now, and what it promises.
struct Situation {
    Load load;
    double agents = 0;   ///< productive now, >= 0
    double waiting = 0;  ///< calls waiting now, >= 0
    Target target;
    double occupancy_max = 0;  ///< agents busy at most this share of their time; 0 = no such promise
    double lead_s = 0;         ///< until people who are asked now arrive: until then the backlog grows
    double clear_s = 600;      ///< the backlog they find is to be gone in this time
    int guess = 0;             ///< an earlier `required`, to start the search from; 0 = none
};

struct Estimate {
    int required = 0;    ///< agents that keep the promise in steady state
    int needed = 0;      ///< ... and clear the backlog that help will find: >= required
    double missing = 0;  ///< needed - agents, rounded up, >= 0
    double slack = 0;    ///< agents that can leave while the promise is kept, >= 0
};

/// A queue of more erlang than this is taken for a fault of its numbers: the answer is unknown, and costs nothing.
inline constexpr double erlang_max = 20000;

/// What earlier looks proved about one queue and one promise: so many agents keep it under this load, so many do not. The service level
/// falls with more calls and longer calls and rises with more agents, so each finding answers for all that lies on its safe side,
/// and most looks need no sums. All zeros = nothing known. It changes how fast an answer comes, never the answer.
struct Findings {
    struct Finding {
        double calls_per_s = 0;
        double aht_s = 0;
        std::int32_t agents = 0;
        std::int32_t known = 0;
    };
    double patience_s = 0;  ///< the two hold only for this very patience: more of it can be good or bad
    Finding enough;
    Finding lacking;
    // So many agents, busy at most so much of their time, let so few calls wait that the promise is kept, whatever the patience; more agents
    // at the same occupancy let fewer wait. 0 agents = not known.
    std::int32_t calm_agents = 0;
    float calm_occupancy = 0;
};

/// nullopt: an argument out of its range (NaN, negative, no handling time), or more than erlang_max is offered. `findings`: of
/// earlier looks with the same target, or null.
std::optional<Estimate> estimate(const Situation& now, Findings* findings = nullptr);

/// Calls waiting when help arrives, if nobody comes before. Precondition: estimate() has an answer.
double waiting_then(const Situation& now);

/// Expected wait of a call that arrives now, in seconds; infinite when nobody works and nobody gives up. Costs the sums of a steady state
/// while nobody waits. Precondition: estimate() has an answer for this load.
double expected_wait_s(const Backlog& now, double within_s);

/// What is seen of a queue's handling times in one window. NaN = not reported.
struct HandlingSeen {
    double handled = 0;         ///< calls that ended
    double handled_s = 0;       ///< seconds they took, after-call work included
    double in_progress = 0;     ///< calls that go on now; NaN = nobody says
    double in_progress_s = 0;   ///< seconds those took so far; NaN = not known
    double age_s = 0;           ///< since the first call that the window can hold
    double window_s = 1800;     ///< its length
    double configured_s = 0;    ///< handling time by the rule; 0 = none
};

enum class HandlingFrom : std::uint8_t { unknown, configured, estimated, measured };

struct HandlingTime {
    double aht_s = 0;  ///< NaN = not known
    HandlingFrom from = HandlingFrom::unknown;
    bool settled() const { return from == HandlingFrom::measured; }
};

/// Calls that make a handling time.
inline constexpr double handled_min = 20;

/// Mean handling time. While a queue fills, only its short calls have ended: what the calls in progress have taken counts too, and
/// each is taken to go on for the configured time. It is measured once the oldest call is older than ten handling times or nine
/// tenths of the window; no agent is given away on less.
HandlingTime handling_time(const HandlingSeen& seen);

/// Why more people are needed than usual (domain knowledge: volume high = demand; longer calls = handling; fewer agents = staff;
/// people wait while agents are free = routing or skills).
enum class Cause : std::uint8_t { none, demand, handling_time, staff, routing };
std::string_view to_string(Cause cause);  // "", "demand", "handling_time", "staff", "routing"

/// What is usual, and what is. A reference that is not known is 0: that part is not judged.
struct Compared {
    double calls_per_s = 0, usual_calls_per_s = 0;
    double aht_s = 0, usual_aht_s = 0;
    double agents = 0, usual_agents = 0;
    double waiting = 0;
    double available = 0;  ///< agents free now
};

/// Load per agent is calls x handling / agents, so the logarithms of the three ratios add up to the whole change: the largest is
/// the cause. None when nothing is 5 % beyond the usual. Routing comes first: free agents beside a queue need no more agents.
Cause cause_of(const Compared& now);

}  // namespace surged::staffing
