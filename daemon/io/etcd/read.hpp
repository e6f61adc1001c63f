// Reading the log out of etcd: whole batches behind a sequence, and what stands there at the same moment.
//
// Readers trust keys up to head.seq only: beyond it lie parts of a batch that was never committed.
#pragma once

#include <cstdint>
#include <vector>

#include "io/etcd/standing.hpp"
#include "io/record_log.hpp"

namespace surged::etcd {

/// Keys asked for at once; a key is at most half a MiB.
inline constexpr std::int64_t keys_at_once = 64;

struct Found {
    Standing standing;
    /// In order and without a hole: those behind the sequence asked for, or from head.kept on where the older ones are trimmed. Empty =
    /// there are none.
    std::vector<StoredRecord> records;
};

/// The records behind `after`, as many as one answer holds: call again with the last of them until there are none. What stands there
/// is of the moment of the first request, and no record is of a later one.
/// Errors: unavailable; corrupt, when a record is missing or damaged.
Result<Found, LogFailure> read_behind(const Post& post, const Keys& keys, std::uint64_t after);

/// The bytes of a snapshot that lies in etcd; nullopt = its checksum does not fit, or parts are missing. Errors: unavailable.
Result<std::optional<std::string>, LogFailure> read_snapshot(const Post& post, const Keys& keys, const SnapPlace& place);
/// Which snapshots there are, the newest first. Errors: unavailable, corrupt.
Result<std::vector<SnapPlace>, LogFailure> read_snaps(const Post& post, const Keys& keys);

}  // namespace surged::etcd
