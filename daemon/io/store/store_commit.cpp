// The store thread's side: collect, commit, settle, try again.
#include <algorithm>
#include <iterator>
#include <utility>

#include "io/store/store_state.hpp"

namespace surged {
namespace {

// Beside StoreOptions::commit_bytes_max.
constexpr std::size_t commit_records_max = 4096;

}  // namespace

constexpr std::size_t record_overhead = sizeof(StoredRecord);

std::size_t weight(const std::vector<StoredRecord>& records) {
    std::size_t bytes = 0;
    for (const auto& record : records) {
        bytes += record.bytes.size() + record.type.size() + record.incident.size() + record_overhead;
    }
    return bytes;
}

StoreThread::State::State(std::unique_ptr<RecordLog> log_in, std::uint64_t head_in, StoreOptions options_in)
    : log(std::move(log_in)), options(std::move(options_in)), head(head_in), next(head_in + 1) {
    stats.head = head_in;
}

bool StoreThread::State::work_due(StoreClock::time_point now) const {
    const bool may_commit = !failing || now >= retry_at;
    return !jobs.empty() || (!batches.empty() && (dead || may_commit)) || snapshot_at() <= now;
}

StoreClock::time_point StoreThread::State::snapshot_at() const {
    if (!snapshot || (!dead && (failing || snapshot->snapshot.seq > stats.head))) {
        return StoreClock::time_point::max();
    }
    const auto at_once = StoreClock::time_point::min();
    return dead || stopping ? at_once : std::min(committed_at + options.snapshot_calm, snapshot->since + options.snapshot_patience);
}

void StoreThread::State::store_loop() {
    std::unique_lock hold(lock);
    while (!ended) {
        if (work_due(StoreClock::now())) {
            turn(hold);
            continue;
        }
        quiet.notify_all();
        if (failing && !batches.empty()) {
            work.wait_until(hold, retry_at);
        } else if (const auto at = snapshot_at(); at < StoreClock::now() + options.look_every) {
            work.wait_until(hold, at);
        } else if (work.wait_for(hold, options.look_every) == std::cv_status::timeout) {
            look(hold);
        }
    }
    quiet.notify_all();
}

/// A quiet hour has no commit that would tell that another process has taken the log over.
void StoreThread::State::look(std::unique_lock<std::mutex>& hold) {
    if (dead || ended || failing || !batches.empty()) {
        return;
    }
    busy = true;
    hold.unlock();
    const auto done = log->append(head, {});
    if (!done && done.error().error == LogError::superseded) {
        fail_for_good(done.error());
    } else if (done && degraded.load(std::memory_order_relaxed)) {
        settle();
    }
    hold.lock();
    busy = false;
}

/// One round: commit what waits, then the snapshot, then one job, so that nothing but a commit ever stands before a commit for
/// long.
void StoreThread::State::turn(std::unique_lock<std::mutex>& hold) {
    busy = true;
    const bool commit = !batches.empty() && !dead && (!failing || StoreClock::now() >= retry_at);
    std::optional<Job> job;
    if (!jobs.empty()) {
        job = std::move(jobs.front());
        jobs.pop_front();
    }
    const bool over = dead;
    hold.unlock();
    if (over) {
        let_go(StoreClock::time_point::max());
    }
    if (commit) {
        commit_some();
    }
    save_pending_snapshot();
    if (job) {
        (*job)(*log);
    }
    tidy();
    hold.lock();
    busy = false;
}

/// What the log has to do for itself, while nobody waits for it.
void StoreThread::State::tidy() {
    {
        const std::lock_guard hold(lock);
        if (dead || failing || ended || stopping || !batches.empty()) {
            return;
        }
    }
    (void)log->work();  // a failure is met again by the next commit, which tells it
}

void StoreThread::State::commit_some() {
    if (!resync()) {
        return;
    }
    collect();
    if (!hand.empty()) {
        step("before_commit");
        const auto begun = StoreClock::now();
        const auto appended = log->append(head, hand);
        commit_seconds.observe(std::chrono::duration<double>(StoreClock::now() - begun).count());
        if (!appended) {
            return appended.error().error == LogError::unavailable ? retry_later(appended.error())
                                                                   : fail_for_good(appended.error());
        }
        step("after_commit");
    }
    committed();
}

/// A commit that reported an error may have happened (the error came after the write). Ask before trying again.
bool StoreThread::State::resync() {
    {
        const std::lock_guard hold(lock);
        if (!failing) {
            return true;
        }
    }
    const auto at = log->head();
    if (!at) {
        at.error().error == LogError::unavailable ? retry_later(at.error()) : fail_for_good(at.error());
        return false;
    }
    if (*at == head) {
        return true;
    }
    if (!hand.empty() && *at == hand.back().seq) {
        committed();
        return true;
    }
    fail_for_good({LogError::conflict, "the log is at " + std::to_string(*at) + ", expected " + std::to_string(head)});
    return false;
}

/// Moves waiting records into the hand, oldest first, unless a failed transaction still lies there.
void StoreThread::State::collect() {
    if (!hand.empty()) {
        return;
    }
    const std::lock_guard hold(lock);
    for (auto& batch : batches) {
        const std::size_t bytes = weight(batch.records);
        if (hand.size() >= commit_records_max || (!hand.empty() && hand_bytes + bytes > options.commit_bytes_max)) {
            return;
        }
        hand_bytes += bytes;
        std::move(batch.records.begin(), batch.records.end(), std::back_inserter(hand));
        batch.records.clear();
        if (!hand.empty()) {
            last_wall_ms = hand.back().wall_ms;
        }
        for (; batch.lost > 0 && hand.size() < commit_records_max; --batch.lost) {
            const std::uint64_t seq = hand.empty() ? head + 1 : hand.back().seq + 1;
            hand.push_back(StoredRecord{seq, last_wall_ms, std::string(record_type_lost), {}, {}});
            ++hand_lost;
        }
        if (batch.lost > 0) {
            return;
        }
    }
}

/// The hand is durable: count it, let its batches go.
void StoreThread::State::committed() {
    {
        const std::lock_guard hold(lock);
        if (!hand.empty()) {
            head = hand.back().seq;
            ++stats.commits;
            stats.records += hand.size() - hand_lost;
            stats.waiting_records -= hand.size() - hand_lost;
            stats.waiting_bytes -= hand_bytes;
            committed_at = StoreClock::now();
        }
        stats.head = head;
        stats.last_error.clear();
        failing = false;
        backoff = std::chrono::milliseconds{0};
    }
    hole += hand_lost;
    hand_bytes = 0;
    hand_lost = 0;
    const auto spent = std::exchange(hand, {});  // its memory is given back when nobody waits for it any more
    settle();
}

void StoreThread::State::settle() {
    const std::lock_guard order(answer_lock);
    bool all_durable = false;
    for (;;) {
        After after;
        {
            const std::lock_guard hold(lock);
            all_durable = batches.empty();
            if (all_durable || batches.front().last > head || !batches.front().records.empty() || batches.front().lost > 0) {
                break;
            }
            if (!batches.front().answered) {
                after = std::move(batches.front().after);
            }
            batches.pop_front();
        }
        if (after) {
            after(true);
        }
    }
    if (all_durable) {
        set_degraded(false, "all records are durable again");
    }
    if (hole > 0 && all_durable && options.on_hole && !over()) {
        options.on_hole(std::exchange(hole, 0));
    }
}

void StoreThread::State::retry_later(const LogFailure& failure) {
    const std::lock_guard hold(lock);
    failing = true;
    ++stats.failures;
    stats.last_error = failure.message;
    backoff = backoff.count() == 0 ? options.retry_first : std::min(backoff * 2, options.retry_max);
    retry_at = StoreClock::now() + (stopping ? std::min(backoff, options.retry_first) : backoff);
}

void StoreThread::State::fail_for_good(const LogFailure& failure) {
    {
        const std::lock_guard hold(lock);
        dead = true;
        ++stats.failures;
        stats.last_error = failure.message;
        stats.lost += stats.waiting_records;
    }
    hand.clear();
    if (options.on_fatal && !over()) {
        options.on_fatal(failure);
    }
    let_go(StoreClock::time_point::max());
}

void StoreThread::State::save_pending_snapshot() {
    std::optional<PendingSnapshot> due;
    bool usable = false;
    {
        const std::lock_guard hold(lock);
        if (snapshot_at() > StoreClock::now()) {
            return;
        }
        usable = !dead;
        due = std::exchange(snapshot, std::nullopt);
    }
    const auto done = usable ? log->save_snapshot(due->snapshot) : Result<void, LogFailure>{};
    const bool saved = usable && done;
    {
        const std::lock_guard hold(lock);
        ++(saved ? stats.snapshots : stats.snapshot_failures);
    }
    if (!done && done.error().error == LogError::superseded) {
        fail_for_good(done.error());
    }
    if (due->after && !over()) {
        due->after(saved);
    }
}

}  // namespace surged
