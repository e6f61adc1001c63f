// Two logs as one: the shared one, in which a batch commits, and this host's whole copy of it. It knows two RecordLogs and nothing of
// what stands behind them.
//
// Hardest rule: the shared log alone says what is durable. A copy that fails holds nothing up: it falls behind, is told, and is caught up
// from the shared log when its disk is back. It is written while the next batch is on its way (copy_writer.hpp), so it may lack the newest one;
// whoever reads waits for it. A copy that hangs stops the next append or pulse, and another host takes over.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "io/record_log.hpp"

namespace surged {

struct PairedLogOptions {
    /// The copy has fallen behind (true, with the reason) or is whole again (false). On the thread that calls the log.
    std::function<void(bool behind, const std::string& why)> on_copy;
    /// The shared log begins behind records that only this copy has: its first snapshot goes there at once.
    bool snapshot_first = false;
    /// A state snapshot goes into the shared log after so many records, or so long.
    std::uint64_t snapshot_records = 10000;
    std::chrono::milliseconds snapshot_every{600000};
    /// Between two pieces of the shared log's work() while records are appended; an append of nothing always does one.
    std::chrono::milliseconds work_every{250};
    /// How often a copy that failed is tried again.
    std::chrono::milliseconds retry_every{1000};
    /// Monotonic time; a test gives its own.
    std::function<std::chrono::steady_clock::time_point()> now = [] { return std::chrono::steady_clock::now(); };
};

/// Reads come from the copy, and what it lacks from the shared log. Snapshots go into the copy at once and into the shared log by pieces.
/// trim() is about the copy: the shared one keeps what its own snapshots do not cover.
std::unique_ptr<RecordLog> pair_logs(std::unique_ptr<RecordLog> shared, std::unique_ptr<RecordLog> copy, PairedLogOptions options);

}  // namespace surged
