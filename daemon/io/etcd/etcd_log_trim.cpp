// What snapshots cover is let go: first the head says from where on records are kept, then whole batches are deleted.
#include <algorithm>

#include "io/etcd/etcd_log_state.hpp"
#include "io/etcd/read.hpp"

namespace surged::etcd {

/// Deletes whole batches up to record `last`, as many as one request takes. False = there are none left.
Result<bool, LogFailure> EtcdLog::forget_batches(std::uint64_t last) {
    const auto listed = carry_out(options_.post, {{},
                                                  {Get{.key = options_.keys.log(0),
                                                       .end = options_.keys.log(last + 2),
                                                       .limit = static_cast<std::int64_t>(trimmed_keys),
                                                       .keys_only = true}},
                                                  {}});
    if (!listed) {
        return log_failure(LogError::unavailable, listed.error().message);
    }
    // A batch ends where the next one begins: of the last that is listed it is not known.
    std::uint64_t newest = 0;
    for (const auto& entry : listed->found[0]) {
        newest = std::max(newest, options_.keys.log_key(entry.key).value_or(Keys::LogKey{}).first);
    }
    Head next = head_;
    next.kept = std::max(head_.kept, newest);
    std::vector<Operation> gone;
    for (const auto& entry : listed->found[0]) {
        if (const auto key = options_.keys.log_key(entry.key); key && key->first < newest) {
            gone.emplace_back(Delete{entry.key});
        }
    }
    if (gone.empty()) {
        return false;
    }
    if (auto moved = move_head(next, std::move(gone), {}, {}); !moved) {
        return tl::unexpected(moved.error());
    }
    return true;
}

/// The first record behind `head_.kept` that lies after `last` or is not older than `before_wall_ms`; looks at so many records at most.
Result<std::uint64_t, LogFailure> EtcdLog::first_to_keep(std::uint64_t last, std::int64_t before_wall_ms) {
    std::uint64_t kept = head_.kept;
    const auto done = read(head_.kept - 1, [&](const StoredRecord& record) {
        const bool goes = record.seq <= last && record.wall_ms < before_wall_ms && record.seq < head_.kept + trimmed_records;
        kept = goes ? record.seq + 1 : kept;
        return goes;
    });
    return done ? Result<std::uint64_t, LogFailure>(kept) : tl::unexpected(done.error());
}

Result<std::uint64_t, LogFailure> EtcdLog::trim(std::uint64_t seq, std::int64_t before_wall_ms) {
    const auto snaps = read_snaps(options_.post, options_.keys);
    if (!snaps) {
        return tl::unexpected(snaps.error());
    }
    const std::uint64_t last = std::min(seq, snaps->empty() ? 0 : snaps->back().seq);
    if (last < head_.kept) {
        return 0;
    }
    Head next = head_;
    if (auto young = first_to_keep(last, before_wall_ms)) {
        next.kept = *young;
    } else {
        return tl::unexpected(young.error());
    }
    if (next.kept == head_.kept) {
        return 0;
    }
    // A batch goes when its last record goes: the key of the next one is at or before what is kept, or the log ends there.
    const auto keys = carry_out(options_.post, {{},
                                                {Get{.key = options_.keys.log(0),
                                                     .end = options_.keys.log(next.kept + 1),
                                                     .limit = static_cast<std::int64_t>(trimmed_keys),
                                                     .keys_only = true}},
                                                {}});
    if (!keys) {
        return log_failure(LogError::unavailable, keys.error().message);
    }
    std::uint64_t newest = 0;
    for (const auto& entry : keys->found[0]) {
        if (const auto key = options_.keys.log_key(entry.key); key && key->first <= next.kept) {
            newest = std::max(newest, key->first);
        }
    }
    std::vector<Operation> gone;
    for (const auto& entry : keys->found[0]) {
        const auto key = options_.keys.log_key(entry.key);
        const bool whole = key && (key->first < newest || next.kept > head_.seq);
        if (whole && gone.size() + 2 < trimmed_keys) {
            gone.emplace_back(Delete{entry.key});
        }
    }
    const auto forgotten = next.kept - head_.kept;
    if (auto moved = move_head(next, std::move(gone), {}, {}); !moved) {
        return tl::unexpected(moved.error());
    }
    return forgotten;
}

}  // namespace surged::etcd
