// A RecordLog in memory: the reference by which the conformance suite is itself tested, and a log for tests that are not about
// disks. It can be told to fail, to hang and to go on, as a disk does.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/record_log.hpp"

namespace surged::test {

/// The content of the "disk": it outlives the log objects that use it, so that a test can reopen it.
struct MemoryDisk {
    std::mutex lock;
    std::condition_variable changed;
    std::vector<StoredRecord> records;
    std::optional<StoredSnapshot> snapshot;
    std::optional<StoredSnapshot> older;  ///< the one before it
    std::optional<LogFailure> failing;  ///< every call fails with it
    bool commit_then_fail = false;      ///< with `failing`: the next append is written although it reports a failure
    bool hanging = false;               ///< append waits until it is false again
    std::size_t appends = 0;            ///< calls of append(), failed ones included

    std::uint64_t head() const { return std::max(records.empty() ? 0 : records.back().seq, snapshot ? snapshot->seq : 0); }
    void fail_with(LogError error, std::string message) {
        const std::lock_guard hold(lock);
        failing = LogFailure{error, std::move(message)};
    }
    void work_again() {
        {
            const std::lock_guard hold(lock);
            failing.reset();
            hanging = false;
        }
        changed.notify_all();
    }
};

class MemoryLog : public RecordLog {
public:
    explicit MemoryLog(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {}

    Result<std::uint64_t, LogFailure> head() override {
        const std::lock_guard hold(disk_->lock);
        if (disk_->failing) {
            return tl::unexpected(*disk_->failing);
        }
        return disk_->head();
    }

    Result<void, LogFailure> append(std::uint64_t expected, std::span<const StoredRecord> records) override {
        std::unique_lock hold(disk_->lock);
        ++disk_->appends;
        disk_->changed.notify_all();
        disk_->changed.wait(hold, [this] { return !disk_->hanging; });
        if (disk_->failing && !disk_->commit_then_fail) {
            return tl::unexpected(*disk_->failing);
        }
        if (disk_->head() != expected) {
            return tl::unexpected(LogFailure{LogError::conflict, "not at the expected sequence"});
        }
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (records[i].seq != expected + 1 + i) {
                return tl::unexpected(LogFailure{LogError::conflict, "records do not follow one another"});
            }
        }
        disk_->records.insert(disk_->records.end(), records.begin(), records.end());
        if (disk_->failing) {
            disk_->commit_then_fail = false;
            return tl::unexpected(*disk_->failing);
        }
        return {};
    }

    Result<std::optional<StoredSnapshot>, LogFailure> load_snapshot() override {
        const std::lock_guard hold(disk_->lock);
        if (disk_->failing) {
            return tl::unexpected(*disk_->failing);
        }
        return disk_->snapshot;
    }

    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_before(std::uint64_t seq) override {
        const std::lock_guard hold(disk_->lock);
        if (disk_->failing) {
            return tl::unexpected(*disk_->failing);
        }
        for (const auto& one : {disk_->snapshot, disk_->older}) {
            if (one && one->seq < seq) {
                return one;
            }
        }
        return std::optional<StoredSnapshot>();
    }

    Result<void, LogFailure> save_snapshot(const StoredSnapshot& snapshot) override {
        const std::lock_guard hold(disk_->lock);
        if (disk_->failing) {
            return tl::unexpected(*disk_->failing);
        }
        if (snapshot.seq > disk_->head()) {
            return tl::unexpected(LogFailure{LogError::conflict, "a snapshot of the future"});
        }
        if (!disk_->snapshot || disk_->snapshot->seq < snapshot.seq) {
            disk_->older = std::exchange(disk_->snapshot, snapshot);
        } else if (disk_->snapshot->seq == snapshot.seq) {
            disk_->snapshot = snapshot;
        } else if (!disk_->older || disk_->older->seq <= snapshot.seq) {
            disk_->older = snapshot;
        }
        return {};
    }

    Result<void, LogFailure> read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) override {
        return walk([&](const StoredRecord& r) { return r.seq > after; }, SIZE_MAX, each);
    }

    Result<void, LogFailure> read_incident(std::string_view incident, std::size_t limit,
                                           const std::function<bool(const StoredRecord&)>& each) override {
        return walk([&](const StoredRecord& r) { return !incident.empty() && r.incident == incident; }, limit, each);
    }

    Result<std::uint64_t, LogFailure> trim(std::uint64_t seq, std::int64_t before_wall_ms) override {
        const std::lock_guard hold(disk_->lock);
        if (disk_->failing) {
            return tl::unexpected(*disk_->failing);
        }
        const std::uint64_t covered = disk_->older ? disk_->older->seq : disk_->snapshot ? disk_->snapshot->seq : 0;
        const std::uint64_t last = std::min(seq, covered);
        const auto gone =
            std::erase_if(disk_->records, [&](const StoredRecord& r) { return r.seq <= last && r.wall_ms < before_wall_ms; });
        return static_cast<std::uint64_t>(gone);
    }

private:
    template <typename Wanted>
    Result<void, LogFailure> walk(const Wanted& wanted, std::size_t limit, const std::function<bool(const StoredRecord&)>& each) {
        std::vector<StoredRecord> copy;
        {
            const std::lock_guard hold(disk_->lock);
            if (disk_->failing) {
                return tl::unexpected(*disk_->failing);
            }
            copy = disk_->records;
        }
        for (const auto& record : copy) {
            if (!wanted(record)) {
                continue;
            }
            if (limit-- == 0 || !each(record)) {
                break;
            }
        }
        return {};
    }

    std::shared_ptr<MemoryDisk> disk_;
};

}  // namespace surged::test
