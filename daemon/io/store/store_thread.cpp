#include "io/store/store_thread.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/check.hpp"
#include "io/store/store_state.hpp"

namespace surged {
namespace {

constexpr std::chrono::milliseconds tick_max{250};

}  // namespace

/// Runs after(false) of every batch older than `since_before`, in order. With a dead log the batches are forgotten as well.
void StoreThread::State::let_go(StoreClock::time_point since_before) {
    const std::lock_guard order(answer_lock);
    std::string why;
    bool any = false;
    for (;;) {
        After after;
        {
            const std::lock_guard hold(lock);
            auto at = std::ranges::find_if(batches, [](const StoreBatch& b) { return !b.answered; });
            if (at == batches.end() || at->since > since_before) {
                if (dead) {
                    batches.erase(batches.begin(), at);
                    stats.waiting_records = 0;
                    stats.waiting_bytes = 0;
                }
                break;
            }
            after = std::move(at->after);
            at->answered = true;
            ++stats.let_go;
            why = stats.last_error.empty() ? "a commit is slow" : stats.last_error;
            // Days without a disk must not grow the queue: an answered batch without content melts into the one before it.
            if (at != batches.begin() && at->records.empty() && std::prev(at)->answered) {
                std::prev(at)->lost += at->lost;
                std::prev(at)->last = at->last;
                batches.erase(at);
            }
        }
        any = true;
        if (after) {
            after(false);
        }
    }
    if (any) {
        set_degraded(true, why);
    }
}

void StoreThread::State::set_degraded(bool on, const std::string& why) {
    const bool change = [&] {
        const std::lock_guard hold(lock);
        return (on || !dead) && degraded.exchange(on, std::memory_order_relaxed) != on && !ended;
    }();
    if (change && options.on_degraded) {
        options.on_degraded(on, why);
    }
}

/// Looks four times within the allowed wait, or more: a batch is let go at most a quarter late. Once degraded nobody waits for a disk
/// known to be bad.
void StoreThread::State::watch_loop() {
    const auto tick = std::clamp(options.undurable_after / 4, std::chrono::milliseconds{1}, tick_max);
    std::unique_lock hold(lock);
    while (!ended) {
        watch.wait_for(hold, tick);
        if (batches.empty() || batches.back().answered) {
            continue;
        }
        hold.unlock();
        const auto patience = degraded.load(std::memory_order_relaxed) ? tick : options.undurable_after;
        let_go(StoreClock::now() - patience);
        hold.lock();
    }
}

StoreThread::StoreThread(std::unique_ptr<RecordLog> log, std::uint64_t head, StoreOptions options)
    : state_(std::make_unique<State>(std::move(log), head, std::move(options))) {
    state_->store_thread = std::thread([state = state_.get()] {
        state->store_loop();
        if (state->finish()) {
            delete state;  // NOLINT: see the destructor
        }
    });
    state_->watch_thread = std::thread([state = state_.get()] { state->watch_loop(); });
}

StoreThread::~StoreThread() {
    stop();
    if (!left_behind_) {
        return;
    }
    // The hanging thread still works with the state: whoever leaves last deletes it.
    const std::lock_guard hold(state_->lock);
    if (!state_->finished) {
        state_->orphan = true;
        (void)state_.release();  // NOLINT: owned by the thread now
    }
}

void StoreThread::append(std::vector<StoredRecord> records, After after) {
    {
        const std::lock_guard hold(state_->lock);
        State& s = *state_;
        SURGED_CHECK(records.empty() || records.front().seq == s.next);
        SURGED_CHECK(records.empty() || records.back().seq == s.next + records.size() - 1);
        StoreBatch batch;
        s.next += records.size();
        batch.last = s.next - 1;
        batch.after = std::move(after);
        batch.since = StoreClock::now();
        const std::size_t bytes = weight(records);
        const bool room = s.stats.waiting_records + records.size() <= s.options.records_max &&
                          s.stats.waiting_bytes + bytes <= s.options.bytes_max;
        if (room && !s.dead) {
            s.stats.waiting_records += records.size();
            s.stats.waiting_bytes += bytes;
            batch.records = std::move(records);
        } else {
            s.stats.lost += records.size();
            batch.lost = records.size();
        }
        s.batches.push_back(std::move(batch));
    }
    state_->work.notify_one();
}

void StoreThread::save_snapshot(StoredSnapshot snapshot, After after) {
    After replaced;
    {
        const std::lock_guard hold(state_->lock);
        auto since = StoreClock::now();
        if (state_->snapshot) {
            replaced = std::move(state_->snapshot->after);
            since = state_->snapshot->since;
        }
        state_->snapshot = PendingSnapshot{std::move(snapshot), since, std::move(after)};
    }
    if (replaced) {
        replaced(false);
    }
    state_->work.notify_one();
}

bool StoreThread::run(Job job) {
    {
        const std::lock_guard hold(state_->lock);
        if (state_->jobs.size() >= state_->options.jobs_max || state_->stopping) {
            return false;
        }
        state_->jobs.push_back(std::move(job));
    }
    state_->work.notify_one();
    return true;
}

bool StoreThread::degraded() const {
    return state_->degraded.load(std::memory_order_relaxed);
}

StoreStats StoreThread::stats() const {
    const std::lock_guard hold(state_->lock);
    return state_->stats;
}

const Histogram& StoreThread::commit_seconds() const {
    return state_->commit_seconds;
}

void StoreThread::wait_no_more(const std::string& why) {
    const std::lock_guard order(state_->answer_lock);
    state_->set_degraded(true, why);
}

StoreThread::StopReport StoreThread::stop() {
    if (stopped_) {
        return report_;
    }
    stopped_ = true;
    State& s = *state_;
    bool hangs = false;
    {
        std::unique_lock hold(s.lock);
        s.stopping = true;
        s.retry_at = StoreClock::time_point{};
        s.work.notify_one();
        const auto until = StoreClock::now() + s.options.stop_within;
        s.quiet.wait_until(hold, until, [&] { return (s.drained() && s.jobs.empty()) || s.dead; });
        s.ended = true;
        s.work.notify_one();
        // A commit of ordinary length may just be running; whoever does not come back from the log now is hanging.
        hangs = !s.quiet.wait_for(hold, std::chrono::milliseconds{500}, [&] { return !s.busy; });
        report_.records_left = s.dead ? s.stats.lost : s.stats.waiting_records;
        report_.drained = s.batches.empty() && !s.dead;
    }
    s.work.notify_all();
    s.watch.notify_all();
    s.watch_thread.join();
    if (hangs) {
        s.store_thread.detach();
        left_behind_ = true;
    } else {
        s.store_thread.join();
    }
    s.let_go(StoreClock::time_point::max());
    report_.message = report_.drained ? "all records are durable"
                                      : std::to_string(report_.records_left) + " records were not made durable: " +
                                            (hangs ? std::string("the disk hangs inside a commit") : stats().last_error);
    return report_;
}

std::unique_ptr<RecordLog> StoreThread::take_log() {
    SURGED_CHECK(stopped_);
    return left_behind_ ? nullptr : std::move(state_->log);
}

}  // namespace surged
