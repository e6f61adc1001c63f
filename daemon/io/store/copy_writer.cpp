#include "io/store/copy_writer.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/check.hpp"

namespace surged {

struct CopyWriter::State {
    std::unique_ptr<RecordLog> log;
    std::vector<StoredRecord> batch;  ///< the caller's before begin(), the thread's until it is told

    std::mutex lock;  ///< guards what follows
    std::condition_variable changed;
    std::optional<Written> told;
    bool due = false;   ///< a batch waits for its append to end
    bool busy = false;  ///< the thread is inside the log
    bool stopping = false;

    void run();
};

void CopyWriter::State::run() {
    std::unique_lock hold(lock);
    for (;;) {
        changed.wait(hold, [this] { return due || stopping; });
        if (!due) {
            return;
        }
        busy = true;
        hold.unlock();
        const auto done = log->append(told->expected, batch);
        hold.lock();
        if (!done) {
            told->failure = done.error();
        }
        due = false;
        changed.notify_all();
        if (done) {
            // Nobody waits for this, but who wants the log itself.
            hold.unlock();
            (void)log->work();
            hold.lock();
        }
        busy = false;
        changed.notify_all();
    }
}

CopyWriter::CopyWriter(std::unique_ptr<RecordLog> log) : state_(std::make_shared<State>()) {
    state_->log = std::move(log);
    std::thread([state = state_] { state->run(); }).detach();
}

CopyWriter::~CopyWriter() {
    std::unique_lock hold(state_->lock);
    state_->stopping = true;
    state_->changed.notify_all();
    if (state_->changed.wait_for(hold, end_within, [this] { return !state_->due && !state_->busy; })) {
        const auto log = std::move(state_->log);  // closed here, before whoever opens it next
    }
}

void CopyWriter::begin(std::uint64_t expected, std::span<const StoredRecord> records) {
    const std::lock_guard hold(state_->lock);
    SURGED_CHECK(!state_->due && !state_->told && !records.empty());
    state_->batch.assign(records.begin(), records.end());
    state_->told = Written{expected, records.back().seq, {}};
    state_->due = true;
    state_->changed.notify_all();
}

std::optional<CopyWriter::Written> CopyWriter::ended() {
    std::unique_lock hold(state_->lock);
    state_->changed.wait(hold, [this] { return !state_->due; });
    return std::exchange(state_->told, std::nullopt);
}

RecordLog& CopyWriter::log() {
    std::unique_lock hold(state_->lock);
    state_->changed.wait(hold, [this] { return !state_->due && !state_->busy; });
    return *state_->log;
}

}  // namespace surged
