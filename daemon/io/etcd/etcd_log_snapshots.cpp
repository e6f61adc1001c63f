// Snapshots in etcd: two at most, written part by part between two appends.
#include <algorithm>

#include "core/base/bytes.hpp"
#include "io/etcd/batch.hpp"
#include "io/etcd/etcd_log_state.hpp"
#include "io/etcd/read.hpp"

namespace surged::etcd {

Result<std::optional<StoredSnapshot>, LogFailure> EtcdLog::load(const SnapPlace& place) {
    auto bytes = read_snapshot(options_.post, options_.keys, place);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const bool whole = bytes->has_value();
    return std::optional(StoredSnapshot{place.seq, whole ? std::move(**bytes) : std::string(), whole});
}

Result<std::optional<StoredSnapshot>, LogFailure> EtcdLog::load_snapshot() {
    const auto snaps = read_snaps(options_.post, options_.keys);
    if (!snaps) {
        return tl::unexpected(snaps.error());
    }
    if (snaps->empty()) {
        return std::optional<StoredSnapshot>();
    }
    auto out = load(snaps->front());
    if (out && !(*out)->whole) {
        return log_failure(LogError::corrupt, "etcd's snapshot at " + std::to_string(snaps->front().seq) + " has a wrong checksum");
    }
    return out;
}

Result<std::optional<StoredSnapshot>, LogFailure> EtcdLog::snapshot_before(std::uint64_t seq) {
    const auto snaps = read_snaps(options_.post, options_.keys);
    if (!snaps) {
        return tl::unexpected(snaps.error());
    }
    const auto older = std::ranges::find_if(*snaps, [&](const SnapPlace& snap) { return snap.seq < seq; });
    return older == snaps->end() ? std::optional<StoredSnapshot>() : load(*older);
}

/// Says which snapshots there are, and lets the parts go that none of them has.
Written EtcdLog::publish_snaps(const std::vector<SnapPlace>& before, const std::vector<SnapPlace>& after) {
    Txn txn{{ours()}, {Put{options_.keys.snap(), text_of(after)}}, {}};
    for (const auto& old : before) {
        const auto same = std::ranges::find(after, old.seq, &SnapPlace::seq);
        const std::size_t kept = same == after.end() ? 0 : same->parts;
        for (std::size_t part = kept; part < old.parts && txn.then.size() < trimmed_keys; ++part) {
            txn.then.emplace_back(Delete{options_.keys.snap_part(old.seq, part)});
        }
    }
    const auto reply = post(txn);
    if (!reply) {
        return tl::unexpected(reply.error());
    }
    return reply->succeeded ? Written() : refresh();
}

Written EtcdLog::put_snapshot_part(const StoredSnapshot& snapshot, std::size_t part) {
    const auto piece = cut(snapshot.bytes).at(part);
    const auto reply = post({{ours()}, {Put{options_.keys.snap_part(snapshot.seq, part), std::string(piece)}}, {}});
    if (!reply) {
        return tl::unexpected(reply.error());
    }
    return reply->succeeded ? Written() : refresh();
}

/// All its parts are written: from now on it is one of the two that readers know. Of two at one sequence the later one stays.
Written EtcdLog::publish(const StoredSnapshot& snapshot) {
    const auto before = read_snaps(options_.post, options_.keys);
    if (!before) {
        return tl::unexpected(before.error());
    }
    auto after = *before;
    std::erase_if(after, [&](const SnapPlace& snap) { return snap.seq == snapshot.seq; });
    after.push_back({snapshot.seq, cut(snapshot.bytes).size(), crc32c(snapshot.bytes)});
    std::ranges::sort(after, std::ranges::greater(), &SnapPlace::seq);
    auto known = *before;
    known.push_back(*std::ranges::find(after, snapshot.seq, &SnapPlace::seq));  // one too old to stay leaves no parts behind
    after.resize(std::min<std::size_t>(after.size(), 2));
    return publish_snaps(known, after);
}

Written EtcdLog::save_snapshot(const StoredSnapshot& snapshot) {
    if (snapshot.seq > head_.seq) {
        return log_failure(LogError::conflict, "a snapshot of " + std::to_string(snapshot.seq) + ", but the log is at " +
                                               std::to_string(head_.seq));
    }
    for (std::size_t part = 0; part < cut(snapshot.bytes).size(); ++part) {
        if (auto put = put_snapshot_part(snapshot, part); !put) {
            return put;
        }
    }
    return publish(snapshot);
}

Written EtcdLog::offer_snapshot(StoredSnapshot snapshot) {
    if (snapshot.seq > head_.seq) {
        return log_failure(LogError::conflict, "a snapshot of " + std::to_string(snapshot.seq) + ", but the log is at " +
                                               std::to_string(head_.seq));
    }
    upload_ = Upload{std::move(snapshot), 0};
    return {};
}

/// One part of a snapshot, or the word that it is whole, or a request's worth of batches that are covered.
Result<bool, LogFailure> EtcdLog::work() {
    if (!upload_) {
        if (!forgets_ || head_.seq <= kept_records) {
            return false;
        }
        const auto snaps = read_snaps(options_.post, options_.keys);
        if (!snaps) {
            return tl::unexpected(snaps.error());
        }
        const auto covered = snaps->empty() ? 0 : snaps->back().seq;
        const auto more = forget_batches(std::min(covered, head_.seq - kept_records));
        forgets_ = more.value_or(true);
        return more;
    }
    const bool whole = upload_->written == cut(upload_->snapshot.bytes).size();
    const auto done = whole ? publish(upload_->snapshot) : put_snapshot_part(upload_->snapshot, upload_->written);
    if (!done) {
        return tl::unexpected(done.error());
    }
    ++upload_->written;
    if (whole) {
        upload_.reset();
        forgets_ = true;
    }
    return true;
}

}  // namespace surged::etcd
