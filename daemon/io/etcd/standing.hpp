// What stands in etcd beside the records: who owns the shard, and how far its log goes. Read in one request, so that all of it is of one
// moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/etcd/keys.hpp"
#include "io/etcd/txn.hpp"
#include "io/record_log.hpp"

namespace surged::etcd {

/// The format of everything below the prefix. A host that reads another one refuses to work.
inline constexpr int written_format = 1;

/// The owner, written when it claimed the shard and never again.
struct Term {
    std::string host;          ///< its name, as configured
    std::string url;           ///< where its [http] is reached
    std::string version;       ///< of its configuration
    std::string installation;  ///< of the log: made with it, the same for every owner
    std::string claim;         ///< random, of this claim alone: an attempt whose answer was lost is known by it
    int format = written_format;
};

struct Head {
    std::uint64_t seq = 0;   ///< of the last record; 0 = none yet
    std::int64_t at = 0;     ///< the owner's engine time when it wrote this, ms
    std::uint64_t kept = 1;  ///< the first record that etcd still has
    bool released = false;   ///< the owner has ended on purpose: nobody has to wait
    std::string version{};   ///< of the configuration the owner works by now
    std::int64_t wall = 0;   ///< the owner's wall clock when it wrote this, ms
};

/// A state snapshot that lies in etcd in parts.
struct SnapPlace {
    std::uint64_t seq = 0;
    std::size_t parts = 0;
    std::uint32_t crc = 0;
};

struct Standing {
    std::optional<Term> term;
    std::uint64_t term_revision = 0;  ///< 0 = nobody has claimed it yet
    std::optional<Head> head;
    std::uint64_t head_revision = 0;
    std::uint64_t revision = 0;  ///< etcd's, when this was read
};

std::string text_of(const Term& term);
std::string text_of(const Head& head);
std::string text_of(const std::vector<SnapPlace>& snaps);
/// nullopt = it is not what surged writes.
std::optional<Term> parse_term(const std::string& text);
std::optional<Head> parse_head(const std::string& text);
std::optional<std::vector<SnapPlace>> parse_snaps(const std::string& text);

/// Out of the answers to Get term and Get head. Errors: corrupt.
Result<Standing, LogFailure> standing_of(const Keys& keys, const std::vector<KeyValue>& term, const std::vector<KeyValue>& head,
                                         std::uint64_t revision);
/// Errors: unavailable, corrupt.
Result<Standing, LogFailure> look(const Post& post, const Keys& keys);

}  // namespace surged::etcd
