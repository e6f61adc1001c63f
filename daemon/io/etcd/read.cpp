#include "io/etcd/read.hpp"

#include <algorithm>
#include <map>

#include "core/base/bytes.hpp"
#include "io/etcd/batch.hpp"

namespace surged::etcd {

namespace {

tl::unexpected<LogFailure> away(const Error& error) {
    return tl::unexpected(LogFailure{LogError::unavailable, error.message});
}
tl::unexpected<LogFailure> damaged(const std::string& what) {
    return tl::unexpected(LogFailure{LogError::corrupt, what});
}

/// A batch as it lies in etcd: its last part, and those before it that have been read.
struct Lying {
    std::string last;
    std::map<int, std::string> before;
};

/// Reads parts that one answer had no room for.
Result<void, LogFailure> fetch_missing(const Post& post, const Keys& keys, std::uint64_t first, std::size_t parts, Lying& batch) {
    for (std::size_t part = 0; part + 1 < parts; ++part) {
        if (batch.before.count(static_cast<int>(part)) > 0) {
            continue;
        }
        auto reply = carry_out(post, {{}, {Get{.key = keys.log_part(first, part)}}, {}});
        if (!reply) {
            return away(reply.error());
        }
        if (reply->found[0].empty()) {
            return damaged("etcd's " + keys.log(first) + " lacks part " + std::to_string(part) + " of " + std::to_string(parts));
        }
        batch.before[static_cast<int>(part)] = std::move(reply->found[0].front().value);
    }
    return {};
}

Result<std::vector<StoredRecord>, LogFailure> records_in(const Post& post, const Keys& keys, std::uint64_t first, Lying& batch) {
    const auto parts = parts_told(batch.last);
    if (!parts) {
        return damaged("etcd's " + keys.log(first) + " is no batch of records that this surged can read: upgrade this host");
    }
    if (auto all = fetch_missing(post, keys, first, *parts, batch); !all) {
        return tl::unexpected(all.error());
    }
    std::vector<std::string_view> pieces;
    for (std::size_t part = 0; part + 1 < *parts; ++part) {
        pieces.push_back(batch.before.at(static_cast<int>(part)));
    }
    pieces.push_back(batch.last);
    auto records = records_of(pieces);
    if (!records || records->front().seq != first) {
        return damaged("etcd's " + keys.log(first) + " is damaged: a checksum does not fit");
    }
    return std::move(*records);
}

std::map<std::uint64_t, Lying> batches_in(const Keys& keys, std::vector<KeyValue>& found) {
    std::map<std::uint64_t, Lying> out;
    for (auto& entry : found) {
        if (const auto key = keys.log_key(entry.key); key && key->part < 0) {
            out[key->first].last = std::move(entry.value);
        } else if (key && out.count(key->first) > 0) {
            out[key->first].before[key->part] = std::move(entry.value);
        }
    }
    return out;
}

/// The batch that holds `seq` begins at or before it. nullopt = there is none that begins so early.
Result<std::optional<std::uint64_t>, LogFailure> batch_with(const Post& post, const Keys& keys, std::uint64_t seq) {
    const Get newest{.key = keys.log(0), .end = keys.log(seq + 1), .limit = 1, .last_first = true, .keys_only = true};
    const auto reply = carry_out(post, {{}, {newest}, {}});
    if (!reply) {
        return away(reply.error());
    }
    const auto key = reply->found[0].empty() ? std::nullopt : keys.log_key(reply->found[0].front().key);
    return key ? std::optional(key->first) : std::nullopt;
}

/// Adds the records of these batches that are wanted; without a hole.
Result<void, LogFailure> add_records(const Post& post, const Keys& keys, std::uint64_t next, std::map<std::uint64_t, Lying>& batches,
                                     Found& out) {
    for (auto& [first, batch] : batches) {
        if (first > out.standing.head->seq) {
            return {};  // parts of what was never committed
        }
        auto records = records_in(post, keys, first, batch);
        if (!records) {
            return tl::unexpected(records.error());
        }
        for (auto& record : *records) {
            if (record.seq < next) {
                continue;
            }
            if (record.seq != next) {
                return damaged("etcd's log lacks record " + std::to_string(next));
            }
            ++next;
            out.records.push_back(std::move(record));
        }
    }
    return {};
}

}  // namespace

Result<Found, LogFailure> read_behind(const Post& post, const Keys& keys, std::uint64_t after) {
    const auto from = [&](std::uint64_t first) {
        return Get{.key = keys.log(first), .end = keys.log_end(), .limit = keys_at_once};
    };
    auto reply = carry_out(post, {{}, {Get{.key = keys.term()}, Get{.key = keys.head()}, from(after + 1)}, {}});
    if (!reply) {
        return away(reply.error());
    }
    auto standing = standing_of(keys, reply->found[0], reply->found[1], reply->revision);
    if (!standing) {
        return tl::unexpected(standing.error());
    }
    Found out{std::move(*standing), {}};
    if (!out.standing.head || out.standing.head->seq <= after) {
        return out;
    }
    const std::uint64_t next = std::max(after + 1, out.standing.head->kept);
    if (next > out.standing.head->seq) {
        return out;
    }
    auto batches = batches_in(keys, reply->found[2]);
    if (batches.empty() || batches.begin()->first > next || next > after + 1) {
        // The record lies in the middle of a batch, which begins earlier; or behind batches that are trimmed and not deleted yet.
        const auto first = batch_with(post, keys, next);
        if (!first) {
            return tl::unexpected(first.error());
        }
        if (!*first) {
            return damaged("etcd's log lacks record " + std::to_string(next));
        }
        auto again = carry_out(post, {{}, {from(**first)}, {}});
        if (!again) {
            return away(again.error());
        }
        batches = batches_in(keys, again->found[0]);
    }
    if (auto added = add_records(post, keys, next, batches, out); !added) {
        return tl::unexpected(added.error());
    }
    if (out.records.empty()) {
        return damaged("etcd's log lacks record " + std::to_string(next));
    }
    // A batch that was appended between the two requests is of a later moment.
    std::erase_if(out.records, [&](const StoredRecord& record) { return record.seq > out.standing.head->seq; });
    return out;
}

Result<std::optional<std::string>, LogFailure> read_snapshot(const Post& post, const Keys& keys, const SnapPlace& place) {
    std::string bytes;
    for (std::size_t part = 0; part < place.parts; ++part) {
        const auto reply = carry_out(post, {{}, {Get{.key = keys.snap_part(place.seq, part)}}, {}});
        if (!reply) {
            return away(reply.error());
        }
        if (reply->found[0].empty()) {
            return std::optional<std::string>();
        }
        bytes += reply->found[0].front().value;
    }
    return crc32c(bytes) == place.crc ? std::optional(std::move(bytes)) : std::nullopt;
}

Result<std::vector<SnapPlace>, LogFailure> read_snaps(const Post& post, const Keys& keys) {
    const auto reply = carry_out(post, {{}, {Get{.key = keys.snap()}}, {}});
    if (!reply) {
        return away(reply.error());
    }
    if (reply->found[0].empty()) {
        return std::vector<SnapPlace>();
    }
    auto snaps = parse_snaps(reply->found[0].front().value);
    if (!snaps) {
        return damaged("etcd's " + keys.snap() + " is not what surged writes");
    }
    return std::move(*snaps);
}

}  // namespace surged::etcd
