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

/// The process is killed in the next commit. The first `durable` records of that commit were written; when those are all of them,
/// `left` orders had been sent as well. The process starts again after `down`.
struct Kill {
    int durable = 0;
    int left = 0;
    Span down{0};
};
/// A reload brings another configuration: 0 = the first one again, else a variation of it (sim_plan.hpp).
struct Reload {
    int variation = 0;
};
/// The host's wall clock is set; the steady clock does not notice.
struct WallStep {
    Span by{0};
};
/// A channel's temper changes (crowd.hpp). It is never part of a list, because the outcomes that it causes are.
struct Temper {
    std::string channel;
    int temper = 0;
};

/// The detector's new reading of a queue: missing agents and waiting calls.
struct Reading {
    QueueKey queue;
    double missing = 0;
    double waiting = 0;
};
/// The detector counts a person who was called as working this much later.
inline constexpr Span reading_lead{300000};

struct Happening {
    EngineTime at{};
    std::variant<AlertEdge, Command, SendOutcome, Kill, Reload, WallStep, Temper, Reading> what;
    std::uint64_t life = 0;  ///< number of the process that sent the order; the outcome is not delivered to a later process
};

/// The value that an alert's rule compares at `at`. It changes all the time, within the bounds of the alert's state.
double value_of(const AlertEdge& alert, EngineTime at);

/// One happening as a line of text; its time is counted from `start`.
std::string line_of(const Happening& happening, EngineTime start);
/// One record as a line of text, for the analysis of a breach.
std::string line_of(const Record& record);
/// All lines, each ended by a line feed.
std::string lines_of(const std::vector<Happening>& list, EngineTime start);

}  // namespace surged::test
