// A summary of a period out of the log and the history: the walk over both, in pieces. Sums are report/period's.
//
// Hardest rule: the store commits between two pieces and the engine is asked for names and queues only, so a summary of a year delays
// no decision. Memory: incident ids up to incidents_max, and one incident at a time.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "app/incident_report.hpp"
#include "core/team/duty.hpp"
#include "io/record_log.hpp"
#include "report/period.hpp"

namespace surged {

struct PeriodSources {
    static constexpr std::size_t piece = 1000;            ///< records of the log at once
    static constexpr std::size_t incidents_max = 20000;

    /// Records after this number that `wanted` takes, out of the next `limit`; the number and time of the last looked at.
    struct Piece {
        std::vector<StoredRecord> records;
        std::uint64_t last = 0;  ///< 0 = there is none after it
        std::int64_t last_wall_ms = 0;
    };
    std::function<ApiResult<Piece>(std::uint64_t after, std::size_t limit, bool first_only)> log;
    std::function<ApiResult<std::uint64_t>()> head;
    std::function<ApiResult<std::vector<std::string>>(const std::string& incident)> records;
    std::function<ApiResult<std::vector<QueueKey>>()> queues;
    DutyFacts duty;
    const History* history = nullptr;
};

/// What a walk tells while it goes on. `stage` is log, incidents or history.
struct PeriodProgress {
    std::atomic<int> percent{0};
    std::atomic<const char*> stage{"log"};
    std::atomic<bool> stop{false};
};

/// [from, to) in this zone. ApiError{"unavailable"}: the store or the engine did not answer, or `stop` was said.
ApiResult<PeriodReport> period_work(WallTime from, WallTime to, const Zone& zone, const PeriodSources& sources, PeriodProgress& progress);

}  // namespace surged
