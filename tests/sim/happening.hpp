// What happens to a desk from outside, as plain data: a run is a list of these and nothing else, so a run can be repeated, cut
// down to what matters, and read by a person.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/record/order.hpp"
#include "core/record/record.hpp"

namespace surged::test {

/// The process dies in the commit that follows: of its records the first `durable` made it; when that is all of them, `left` of
/// its orders had left. It is away for `down`.
struct Kill {
    int durable = 0;
    int left = 0;
    Span down{0};
};
/// Another configuration is taken: 0 = the first one again, else a variation of it (sim_plan.hpp).
struct Reload {
    int variation = 0;
};
/// The host's wall clock is set; the steady clock does not notice.
struct WallStep {
    Span by{0};
};
/// A channel's temper changes (crowd.hpp). Never part of a list: what follows from it is.
struct Temper {
    std::string channel;
    int temper = 0;
};

/// What the detector knows of a queue from now on: agents that are missing, calls that wait.
struct Reading {
    QueueKey queue;
    double missing = 0;
    double waiting = 0;
};
/// People who are called now are at work this much later, by what the detector knows.
inline constexpr Span reading_lead{300000};

struct Happening {
    EngineTime at{};
    std::variant<AlertEdge, Command, SendOutcome, Kill, Reload, WallStep, Temper, Reading> what;
    std::uint64_t life = 0;  ///< of the process that sent the order of an outcome: the next life does not hear of it
};

/// What an alert's rule compares at `at`, when this is how the alert stands: it moves all the time, within its state.
double value_of(const AlertEdge& alert, EngineTime at);

/// One happening for people; `start` is the moment from which its time is told.
std::string line_of(const Happening& happening, EngineTime start);
/// One record for people, when a breach is looked into.
std::string line_of(const Record& record);
/// All lines, each ended by a line feed.
std::string lines_of(const std::vector<Happening>& list, EngineTime start);

}  // namespace surged::test
