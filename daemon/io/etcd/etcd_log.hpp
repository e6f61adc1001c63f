// The record log in etcd. It knows the keys of one shard and the four requests on them; it refuses to know who posts them, and what a
// record means.
//
// Hardest rule: everything that is written compares `term` with the revision at which this log claimed it. Once another host has
// claimed the shard nothing of this one is written any more, whatever lay on the network: superseded, for ever.
//
// A request whose answer was lost may have been carried out. Both writers of `head` compare its revision, so that of an attempt and
// its repeat at most one is; the one that comes too late finds what the other wrote and says so.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "io/etcd/standing.hpp"
#include "io/record_log.hpp"

namespace surged::etcd {

struct EtcdLogOptions {
    Post post;
    Keys keys;
    /// The owner's engine time, ms: stand-bys go on from it.
    std::function<std::int64_t()> engine_ms;
    /// Time that goes on while the host sleeps (CLOCK_BOOTTIME).
    std::function<std::chrono::nanoseconds()> boottime;
    /// etcd has confirmed that the shard was ours at this moment, before the request was sent.
    std::function<void(std::chrono::nanoseconds)> confirmed;
    /// Of the configuration in force, which a reload changes.
    std::function<std::string()> version{};
    std::function<std::int64_t()> wall_ms{};
    /// The shard is ours: the revision of `term` by which every later claim is higher.
    std::function<void(std::uint64_t)> claimed{};
    /// Where the log begins when nobody has claimed the shard yet: behind the records that this host has already. A snapshot of them is to
    /// follow at once.
    std::uint64_t begins_behind = 0;
};

/// Claims the shard as seen: allowed by whoever calls (see claim.hpp). `me.installation` is used when the shard has none yet, `me.claim` is
/// new for every claim.
/// Errors: held, when somebody was faster or it has moved since it was seen; unavailable, when it may or may not be ours; corrupt.
/// The log releases the shard when it is destroyed, unless etcd is away.
Result<std::unique_ptr<RecordLog>, LogFailure> claim_log(EtcdLogOptions options, const Standing& seen, Term me);

/// Records that one call of trim() forgets, at most; keys deleted by one request, at most.
inline constexpr std::uint64_t trimmed_records = 10000;
inline constexpr std::size_t trimmed_keys = 100;
/// The newest records stay in etcd whatever a snapshot covers, so that a host that was away for a while reads on.
inline constexpr std::uint64_t kept_records = 10000;

}  // namespace surged::etcd
