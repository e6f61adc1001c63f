// The history of every queue in a period, in half hours, for its summary: out of the file, many queues at once; without a file out of memory.
//
// Hardest rule: the file is read in pieces of well below a second, so that neither curves nor looks at the queues wait long for a summary; and
// what is in memory at one time is 64 queues' half hours, whatever the period is.
#pragma once

#include <functional>
#include <vector>

#include "io/history/history.hpp"
#include "report/period.hpp"

namespace surged {

class HalfHoursWalk {
public:
    static constexpr Span piece{std::chrono::hours{24 * 90}};

    /// All borrowed.
    HalfHoursWalk(const History& history, WallTime from, WallTime to, PeriodFold& fold) : history_(history), from_(from), to_(to), fold_(fold) {}

    /// `tell`: which share is done; false = stop. `queues`: those in memory, for which the file is not asked. False: it was stopped.
    bool run(const std::vector<QueueKey>& queues, const std::function<bool(double share)>& tell);

private:
    enum class Part : std::uint8_t { none, some, stopped };
    Part part(std::size_t number, const std::function<bool()>& goes_on);
    bool memory(const std::vector<QueueKey>& queues, const std::function<bool(double share)>& tell);

    const History& history_;
    WallTime from_;
    WallTime to_;
    PeriodFold& fold_;
};

}  // namespace surged
