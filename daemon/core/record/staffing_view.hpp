// What one incident's scope looks like in numbers of people: how many its queues are missing, why, and which other centres could
// give some. Read from the staffing board at the moment it is asked; no state of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/rule/staffing_board.hpp"

namespace surged {

/// Another centre's agents of the same queue, whom it can spare while keeping its own target.
struct Slack {
    std::string centre;
    std::string queue;
    int agents = 0;
    template <typename V>
    void fields(V& v) const {
        v("centre", centre), v("queue", queue), v("agents", agents);
    }
};

inline constexpr std::size_t slack_shown_max = 8;

struct ScopeStaffing {
    bool known = false;   ///< some queue of the scope has a fresh answer; else nothing below means anything but slack
    double required = 0;  ///< sums over the scope's queues with a fresh answer
    double productive = 0;
    double missing = 0;
    double expected_wait_s = 0;                     ///< the longest of its queues; infinite when one has nobody at work
    Span lead{0};                                   ///< the longest
    staffing::Cause cause = staffing::Cause::none;  ///< of the queue that is missing most
    std::vector<Slack> slack;                       ///< most first, at most slack_shown_max

    /// Whether there is anything to say.
    bool tells() const { return known || !slack.empty(); }
    template <typename V>
    void fields(V& v) const {
        if (known) {
            v("required", required), v("productive", productive), v("missing", missing), v("expected_wait_s", expected_wait_s);
            v("cause", cause);
        }
        v("slack", slack);
    }
};

/// Agents missing as records carry it, to a tenth; nullopt = not known.
std::optional<double> missing_of(const ScopeStaffing& staffing);

/// True when the queue belongs to these scope values.
bool in_scope(const std::map<std::string, std::string>& scope, const QueueKey& queue, std::string_view group);

/// Agents that this queue can give now, whole.
int slack_in(const StaffingBoard& board, const QueueStaffing& entry, EngineTime now);

/// `surging`: queues whose alerts fire, for which slack is looked for where staffing is not known. `board` may be null.
ScopeStaffing staffing_of(const StaffingBoard* board, const std::map<std::string, std::string>& scope,
                          const std::vector<QueueKey>& surging, EngineTime now);

}  // namespace surged
