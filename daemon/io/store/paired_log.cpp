#include "io/store/paired_log.hpp"

#include <utility>
#include <vector>

#include "io/store/copy_writer.hpp"

namespace surged {
namespace {

using Clock = std::chrono::steady_clock;

/// Records that one call catches up, at most: an append that follows waits no longer than for these.
constexpr std::size_t caught_up_at_once = 2000;

class PairedLog final : public RecordLog {
public:
    PairedLog(std::unique_ptr<RecordLog> shared, std::unique_ptr<RecordLog> copy, PairedLogOptions options)
        : shared_(std::move(shared)), writer_(std::move(copy)), options_(std::move(options)), snapshot_at_(options_.now()) {}

    Result<std::uint64_t, LogFailure> head() override;
    Result<void, LogFailure> append(std::uint64_t expected, std::span<const StoredRecord> records) override;
    Result<std::optional<StoredSnapshot>, LogFailure> load_snapshot() override { return copy().load_snapshot(); }
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_before(std::uint64_t seq) override {
        return copy().snapshot_before(seq);
    }
    Result<void, LogFailure> save_snapshot(const StoredSnapshot& snapshot) override;
    Result<void, LogFailure> read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) override;
    Result<void, LogFailure> read_incident(std::string_view incident, std::size_t limit,
                                           const std::function<bool(const StoredRecord&)>& each) override;
    Result<std::uint64_t, LogFailure> trim(std::uint64_t seq, std::int64_t before_wall_ms) override {
        return copy().trim(seq, before_wall_ms);
    }
    Installation installation() const override { return shared_->installation(); }

private:
    RecordLog& copy();
    void take_word();
    void copy_down(std::uint64_t head, std::span<const StoredRecord> records);
    bool catch_up(std::uint64_t head);
    void failed(const LogFailure& failure);
    void work_on_shared(bool idle);

    std::unique_ptr<RecordLog> shared_;
    CopyWriter writer_;
    PairedLogOptions options_;
    bool behind_ = false;   ///< told by on_copy
    bool hopeless_ = false;  ///< the copy cannot go on until the process starts again
    Clock::time_point retry_at_{};
    Clock::time_point worked_at_{};
    Clock::time_point snapshot_at_;
    std::uint64_t snapshot_seq_ = 0;
};

/// Whoever asks in the middle of a log's life has lost an answer: what was committed all the same is in the shared log, and this host's copy gets
/// it now, for the next append may be hours away.
Result<std::uint64_t, LogFailure> PairedLog::head() {
    const auto at = shared_->head();
    if (at) {
        take_word();
        if (!behind_ && !hopeless_) {
            (void)catch_up(*at);
        }
    }
    return at;
}

/// The copy of a batch is written while the next batch is on its way into the shared log: a page waits for etcd alone.
Result<void, LogFailure> PairedLog::append(std::uint64_t expected, std::span<const StoredRecord> records) {
    if (auto done = shared_->append(expected, records); !done) {
        return done;
    }
    take_word();
    copy_down(expected, records);
    work_on_shared(records.empty());
    return {};
}

/// This host's log, with all that was handed to it.
RecordLog& PairedLog::copy() {
    take_word();
    return writer_.log();
}

/// What became of the batch that was handed to the copy last. Waits for it: a disk that hangs stops this thread here.
void PairedLog::take_word() {
    const auto written = writer_.ended();
    if (!written || !written->failure) {
        return;
    }
    // A batch that was committed while its answer was lost is in the shared log, and not here: that is no fault of the copy.
    const auto at = writer_.log().head();
    if (written->failure->error != LogError::conflict || !at || *at >= written->expected) {
        failed(*written->failure);
    } else if (!catch_up(written->last) && !behind_) {
        failed({LogError::unavailable, "this host's copy missed records, and the shared log cannot be read"});
    }
}

/// Hands to the copy what the shared log has: these records behind `head`. What it missed before them it gets first.
void PairedLog::copy_down(std::uint64_t head, std::span<const StoredRecord> records) {
    if (hopeless_ || (behind_ && options_.now() < retry_at_)) {
        return;
    }
    if (behind_) {
        if (catch_up(head + records.size()) && std::exchange(behind_, false) && options_.on_copy) {
            options_.on_copy(false, "this host's copy is whole again");
        }
        return;
    }
    if (!records.empty()) {
        writer_.begin(head, records);
    }
}

/// True once the copy is at `head`.
bool PairedLog::catch_up(std::uint64_t head) {
    RecordLog& copy = writer_.log();
    const auto at = copy.head();
    if (!at) {
        failed(at.error());
        return false;
    }
    if (*at >= head) {
        return true;
    }
    std::vector<StoredRecord> missed;
    const auto read = shared_->read(*at, [&](const StoredRecord& record) {
        missed.push_back(record);
        return missed.size() < caught_up_at_once && record.seq < head;
    });
    if (!read || missed.empty()) {
        retry_at_ = options_.now() + options_.retry_every;
        return false;
    }
    if (missed.front().seq != *at + 1) {
        failed({LogError::corrupt, "the shared log keeps no record before " + std::to_string(missed.front().seq) +
                                       ", this host's copy ends at " + std::to_string(*at)});
        return false;
    }
    if (auto done = copy.append(*at, missed); !done) {
        failed(done.error());
        return false;
    }
    if (missed.back().seq < head && !behind_) {
        failed({LogError::unavailable, "this host's copy missed many records"});
    }
    retry_at_ = options_.now();  // the rest follows with the next append or pulse
    return missed.back().seq >= head;
}

void PairedLog::failed(const LogFailure& failure) {
    hopeless_ = failure.error != LogError::unavailable;
    retry_at_ = options_.now() + options_.retry_every;
    if (!std::exchange(behind_, true) && options_.on_copy) {
        options_.on_copy(true, failure.message);
    }
}

/// What waits in the shared log: parts of a snapshot, old batches. A failure is met again by the next append, which tells it.
void PairedLog::work_on_shared(bool idle) {
    const auto now = options_.now();
    if (idle || now >= worked_at_ + options_.work_every) {
        worked_at_ = now;
        (void)shared_->work();
    }
}

Result<void, LogFailure> PairedLog::save_snapshot(const StoredSnapshot& snapshot) {
    const auto now = options_.now();
    const bool first = options_.snapshot_first && snapshot_seq_ == 0;
    if (first || snapshot.seq >= snapshot_seq_ + options_.snapshot_records ||
        (snapshot.seq > snapshot_seq_ && now >= snapshot_at_ + options_.snapshot_every)) {
        if (auto offered = shared_->offer_snapshot(snapshot); !offered) {
            return offered;
        }
        snapshot_seq_ = snapshot.seq;
        snapshot_at_ = now;
    }
    return copy().save_snapshot(snapshot);
}

Result<void, LogFailure> PairedLog::read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) {
    bool wanted = true;
    const auto done = copy().read(after, [&](const StoredRecord& record) {
        after = record.seq;
        wanted = each(record);
        return wanted;
    });
    return done && wanted && behind_ ? shared_->read(after, each) : done;
}

Result<void, LogFailure> PairedLog::read_incident(std::string_view incident, std::size_t limit,
                                                  const std::function<bool(const StoredRecord&)>& each) {
    bool wanted = true;
    const auto done = copy().read_incident(incident, limit, [&](const StoredRecord& record) {
        --limit;
        wanted = each(record);
        return wanted;
    });
    const auto at = writer_.log().head();
    if (!done || !wanted || limit == 0 || incident.empty() || !behind_ || !at) {
        return done;
    }
    return shared_->read(*at, [&](const StoredRecord& record) {
        if (record.incident != incident) {
            return true;
        }
        --limit;
        return each(record) && limit > 0;
    });
}

}  // namespace

std::unique_ptr<RecordLog> pair_logs(std::unique_ptr<RecordLog> shared, std::unique_ptr<RecordLog> copy, PairedLogOptions options) {
    return std::make_unique<PairedLog>(std::move(shared), std::move(copy), std::move(options));
}

}  // namespace surged
