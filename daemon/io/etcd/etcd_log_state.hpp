// The log of one claim, and what its three subjects share. Private to this room: etcd_log.cpp appends, reads and claims, etcd_log_snapshots.cpp
// has the snapshots, etcd_log_trim.cpp lets go what they cover.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/etcd/etcd_log.hpp"
#include "io/etcd/standing.hpp"

namespace surged::etcd {

using Written = Result<void, LogFailure>;

inline tl::unexpected<LogFailure> log_failure(LogError error, std::string message) {
    return tl::unexpected(LogFailure{error, std::move(message)});
}

class EtcdLog final : public RecordLog {
public:
    EtcdLog(EtcdLogOptions options, std::uint64_t term, std::string installation, Head head)
        : options_(std::move(options)), installation_(std::move(installation)), term_(term), head_revision_(term), head_(head) {}
    ~EtcdLog() override { release(); }
    EtcdLog(const EtcdLog&) = delete;
    EtcdLog& operator=(const EtcdLog&) = delete;

    Result<std::uint64_t, LogFailure> head() override;
    Written append(std::uint64_t expected, std::span<const StoredRecord> records) override;
    Result<std::optional<StoredSnapshot>, LogFailure> load_snapshot() override;
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_before(std::uint64_t seq) override;
    Written save_snapshot(const StoredSnapshot& snapshot) override;
    Written read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) override;
    Written read_incident(std::string_view incident, std::size_t limit,
                          const std::function<bool(const StoredRecord&)>& each) override;
    Result<std::uint64_t, LogFailure> trim(std::uint64_t seq, std::int64_t before_wall_ms) override;
    Installation installation() const override { return {installation_, {}}; }
    Written offer_snapshot(StoredSnapshot snapshot) override;
    Result<bool, LogFailure> work() override;

private:
    /// A snapshot on its way, and how many of its parts are written.
    struct Upload {
        StoredSnapshot snapshot;
        std::size_t written = 0;
    };
    Compare ours() const { return {options_.keys.term(), term_}; }
    Compare unmoved() const { return {options_.keys.head(), head_revision_}; }
    Result<TxnReply, LogFailure> post(const Txn& txn);
    Written put_parts(std::uint64_t first, std::span<const std::string> parts);
    Written move_head(Head next, std::vector<Operation> with, const std::string& log_key, const std::string& log_value);
    Written refresh();
    Result<std::uint64_t, LogFailure> first_to_keep(std::uint64_t last, std::int64_t before_wall_ms);
    Result<std::optional<StoredSnapshot>, LogFailure> load(const SnapPlace& place);
    Written put_snapshot_part(const StoredSnapshot& snapshot, std::size_t part);
    Written publish(const StoredSnapshot& snapshot);
    Result<bool, LogFailure> forget_batches(std::uint64_t last);
    Written publish_snaps(const std::vector<SnapPlace>& before, const std::vector<SnapPlace>& after);
    void release();

    EtcdLogOptions options_;
    std::string installation_;
    std::uint64_t term_;           ///< F: the revision of our claim
    std::uint64_t head_revision_;  ///< H: the revision of the head as we know it
    Head head_;
    std::optional<Upload> upload_;
    bool forgets_ = false;  ///< there may be batches that a snapshot covers
    bool lost_ = false;     ///< superseded
};

}  // namespace surged::etcd
