// The hosts that follow a shard, as each tells of itself: for the owner's `status`, and for asking them what they have seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/etcd/keys.hpp"
#include "io/etcd/txn.hpp"

namespace surged::etcd {

struct HostFacts {
    std::string name;
    std::string url;           ///< where its [http] is reached
    std::uint64_t seq = 0;     ///< of the last record it has applied
    std::string version;       ///< of its configuration
    bool warm = false;         ///< its windows are full
    std::int64_t at = 0;       ///< the owner's engine time as this host reckons it, ms: how old these words are
};

std::string text_of(const HostFacts& facts);
/// nullopt = it is not what surged writes.
std::optional<HostFacts> parse_host(const std::string& text);

/// Errors: etcd does not answer.
Result<void> tell_host(const Post& post, const Keys& keys, const HostFacts& facts);
/// In order of their names; what is not readable is left out. Errors: etcd does not answer.
Result<std::vector<HostFacts>> read_hosts(const Post& post, const Keys& keys);

}  // namespace surged::etcd
