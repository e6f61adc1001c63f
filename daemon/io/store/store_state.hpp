// What the two threads of a StoreThread share, and which of them touches what. Private to this room: store_commit.cpp is the
// store thread's side, store_thread.cpp the caller's and the watch's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "io/store/store_thread.hpp"

namespace surged {

using StoreClock = std::chrono::steady_clock;

/// What the records take in memory, about.
std::size_t weight(const std::vector<StoredRecord>& records);

/// What one append() brought. While it waits, its records may already be in the store thread's hand; `last` says when it is
/// durable.
struct StoreBatch {
    std::vector<StoredRecord> records;
    std::uint64_t lost = 0;  // sequences after `records` whose content is lost
    std::uint64_t last = 0;  // sequence of the log once this batch is durable
    StoreThread::After after;
    StoreClock::time_point since{};
    bool answered = false;  // `after` has run
};

struct PendingSnapshot {
    StoredSnapshot snapshot;
    StoreClock::time_point since{};  // the one it replaced waited, too
    StoreThread::After after;
};

struct StoreThread::State {
    State(std::unique_ptr<RecordLog> log_in, std::uint64_t head_in, StoreOptions options_in);

    void store_loop();
    void watch_loop();
    bool work_due(StoreClock::time_point now) const;  // under lock
    void turn(std::unique_lock<std::mutex>& hold);
    void look(std::unique_lock<std::mutex>& hold);
    void tidy();
    void commit_some();
    bool resync();
    void collect();
    void committed();
    void retry_later(const LogFailure& failure);
    void fail_for_good(const LogFailure& failure);
    void settle();
    void let_go(StoreClock::time_point since_before);
    void save_pending_snapshot();
    void set_degraded(bool on, const std::string& why);
    /// After stop() the caller's objects may be gone: a thread that comes back late from a hung disk calls nobody.
    bool over() const {
        const std::lock_guard hold(lock);
        return ended;
    }
    /// The store thread's last step. True: it must delete this.
    bool finish() {
        const std::lock_guard hold(lock);
        finished = true;
        return orphan;
    }
    /// When the snapshot that waits is to be written; max() = none is, or its records are not durable yet. Under lock.
    StoreClock::time_point snapshot_at() const;
    bool drained() const { return batches.empty() && !busy && !snapshot; }
    void step(const char* name) const {
        if (options.at_step) {
            options.at_step(name);
        }
    }

    std::unique_ptr<RecordLog> log;
    const StoreOptions options;
    Histogram commit_seconds;
    std::atomic<bool> degraded{false};

    // Touched by the store thread only.
    std::vector<StoredRecord> hand;  // what the running or failed transaction holds
    std::size_t hand_bytes = 0;
    std::uint64_t hand_lost = 0;  // place holders in `hand`
    std::uint64_t hole = 0;       // place holders made durable and not yet told
    std::uint64_t head;           // last durable sequence
    std::int64_t last_wall_ms = 0;

    std::mutex answer_lock;   // order of `after`s and of on_degraded; taken before `lock`
    mutable std::mutex lock;  // guards what follows; held for moments, never over a commit or an `after`
    std::condition_variable work;
    std::condition_variable watch;
    std::condition_variable quiet;
    std::deque<StoreBatch> batches;
    std::optional<PendingSnapshot> snapshot;
    std::deque<Job> jobs;
    StoreStats stats;
    std::uint64_t next;
    StoreClock::time_point retry_at{};
    StoreClock::time_point committed_at{};  // the last batch
    std::chrono::milliseconds backoff{0};
    bool failing = false;  // the last transaction failed, and may have happened all the same
    bool dead = false;
    bool busy = false;  // the store thread is outside the lock with work in its hands
    bool stopping = false;
    bool ended = false;
    bool finished = false;  // the store thread has left its loop
    bool orphan = false;    // the StoreThread is gone: the store thread owns this

    std::thread store_thread;
    std::thread watch_thread;
};

}  // namespace surged
