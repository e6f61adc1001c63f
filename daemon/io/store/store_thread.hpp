// The store's own thread: takes batches of records from the engine thread, makes them durable in order, then lets the caller go
// on (send pages, confirm answers). It knows batches and a RecordLog; it refuses to know what a record means or where it is
// stored.
//
// Hardest rule: a failing disk never stops paging. A batch that could not be made durable within `undurable_after` is let go
// with after(false) while its records stay queued, in order, for the day the disk returns. That holds even when the disk hangs
// inside a commit: a second small thread (the watch) lets the late batches go. The two never run an `after` at the same time and
// never out of order.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/histogram.hpp"
#include "io/record_log.hpp"

namespace surged {

/// Type of a record that stands in for one whose content was lost because memory ran out while the disk was down (bytes and
/// incident empty). The log stays without holes; recovery skips it and a snapshot taken later covers it.
inline constexpr std::string_view record_type_lost = "lost";

struct StoreOptions {
    std::chrono::milliseconds retry_first{100};  ///< wait after the first failure; doubles up to retry_max
    std::chrono::milliseconds retry_max{5000};
    std::chrono::milliseconds undurable_after{1000};  ///< a batch older than this is let go with after(false)
    std::chrono::milliseconds stop_within{5000};      ///< bound of stop()
    std::size_t records_max = 100000;                 ///< records waiting in memory, all batches
    std::size_t bytes_max = std::size_t{64} << 20U;   ///< and their bytes; beyond either, the newest are lost and counted
    std::size_t jobs_max = 256;                       ///< jobs of run() waiting
    /// One transaction takes at most so much of what waits, but a batch at least: a long queue is worked off in commits of bounded time.
    std::size_t commit_bytes_max = std::size_t{8} << 20U;
    std::chrono::milliseconds look_every{1000};       ///< how often a log with nothing to do is asked whether it is ours still
    /// A snapshot is megabytes in one transaction, and a commit behind it waits. So it is written once nothing was committed for
    /// `snapshot_calm`, and after `snapshot_patience` in any case.
    std::chrono::milliseconds snapshot_calm{250};
    std::chrono::milliseconds snapshot_patience{5000};
    /// Conflict, corruption or superseded: the log cannot go on. Called once, on the store thread, before anything of the failed
    /// commit is let go. From then on every batch is let go undurable.
    std::function<void(const LogFailure&)> on_fatal;
    /// The store became degraded (true, with the reason) or durable again (false). Called on the store thread or its watch, one
    /// at a time.
    std::function<void(bool degraded, const std::string& why)> on_degraded;
    /// Content was lost, the log has place holders: the caller should save a snapshot soon. Called on the store thread once they
    /// are written.
    std::function<void(std::uint64_t lost)> on_hole;
    /// Crash points for tests: "before_commit", "after_commit" (committed, no `after` has run yet).
    std::function<void(const char* step)> at_step;
};

struct StoreStats {
    std::uint64_t head = 0;  ///< last durable sequence
    std::uint64_t commits = 0;
    std::uint64_t records = 0;   ///< made durable since start
    std::uint64_t failures = 0;  ///< commits that failed
    std::uint64_t let_go = 0;    ///< batches whose after(false) ran
    std::uint64_t lost = 0;      ///< records whose content was lost for lack of memory
    std::uint64_t snapshots = 0;
    std::uint64_t snapshot_failures = 0;
    std::uint64_t waiting_records = 0;  ///< gauge
    std::uint64_t waiting_bytes = 0;    ///< gauge
    std::string last_error;             ///< empty while all is well
};

class StoreThread {
public:
    using After = std::function<void(bool durable)>;
    using Job = std::function<void(RecordLog& log)>;
    struct StopReport {
        bool drained = true;
        std::uint64_t records_left = 0;  ///< decided and never made durable
        std::string message;             ///< one sentence for the log
    };

    /// Starts the threads. `head` is what log->head() said; the first record appended must be head + 1.
    StoreThread(std::unique_ptr<RecordLog> log, std::uint64_t head, StoreOptions options = {});
    ~StoreThread();  ///< stop()
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    /// Queues one batch; never waits for the disk. `records` must go on where the last batch ended (seq + 1); an empty batch is
    /// allowed and is let go in its turn. `after` runs exactly once, on a thread of the store, in order of the calls; keep it
    /// short (post, wake). One producer at a time.
    void append(std::vector<StoredRecord> records, After after);
    /// Saves a state snapshot once the log has reached snapshot.seq and commits leave it the time (see StoreOptions); a newer one replaces one that still waits (its `after` gets
    /// false).
    void save_snapshot(StoredSnapshot snapshot, After after = {});
    /// Runs `job` on the store thread between two commits: reading a timeline, trimming. Keep it short. False = too many wait.
    bool run(Job job);

    /// The log is known to be away: what waits is let go undurable at once, as after a batch that waited for `undurable_after`. Any thread.
    void wait_no_more(const std::string& why);

    /// True from the first batch that was let go undurable until everything in memory is durable again; for good after a fatal
    /// failure.
    bool degraded() const;
    StoreStats stats() const;
    const Histogram& commit_seconds() const;

    /// Makes durable what waits, for at most `stop_within`; then lets the rest go with after(false). Later calls return the first
    /// report. When the disk hangs inside a commit the thread cannot be ended: it is left behind, with all it holds, and calls
    /// nobody should it come back.
    StopReport stop();
    /// After stop(): the log, for another to go on with; null when its thread hangs inside a call and keeps it.
    std::unique_ptr<RecordLog> take_log();

private:
    struct State;
    std::unique_ptr<State> state_;
    StopReport report_;
    bool stopped_ = false;
    bool left_behind_ = false;  // the store thread hangs and keeps the state
};

}  // namespace surged
