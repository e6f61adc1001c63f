#include "io/etcd/etcd_log.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "io/etcd/batch.hpp"
#include "io/etcd/etcd_log_state.hpp"
#include "io/etcd/read.hpp"

namespace surged::etcd {

namespace {

/// An attempt finds at most one earlier attempt of its own and one pulse; more cannot be under way.
constexpr int attempts_max = 4;

/// What the owner says of itself with every write of the head.
void stamp(Head& head, const EtcdLogOptions& options) {
    head.at = options.engine_ms();
    head.wall = options.wall_ms ? options.wall_ms() : 0;
    head.version = options.version ? options.version() : std::string();
}

}  // namespace

/// One request, timed for the gate. Superseded is told by the caller, who knows what the answer means.
Result<TxnReply, LogFailure> EtcdLog::post(const Txn& txn) {
    if (lost_) {
        return log_failure(LogError::superseded, "another host has claimed the shard");
    }
    const auto sent = options_.boottime();
    auto reply = carry_out(options_.post, txn);
    if (!reply) {
        return log_failure(LogError::unavailable, reply.error().message);
    }
    if (reply->succeeded && !txn.when.empty()) {
        options_.confirmed(sent);
    }
    return std::move(*reply);
}

/// What stands there, and whether it is ours still.
Written EtcdLog::refresh() {
    if (lost_) {
        return log_failure(LogError::superseded, "another host has claimed the shard");
    }
    const auto standing = look(options_.post, options_.keys);
    if (!standing) {
        return tl::unexpected(standing.error());
    }
    if (standing->term_revision != term_) {
        lost_ = true;
        return log_failure(LogError::superseded, "the shard is " + (standing->term ? standing->term->host + "'s now" : "nobody's now"));
    }
    head_ = standing->head.value_or(Head{});
    head_revision_ = standing->head_revision;
    return {};
}

Result<std::uint64_t, LogFailure> EtcdLog::head() {
    if (auto known = refresh(); !known) {
        return tl::unexpected(known.error());
    }
    return head_.seq;
}

/// Parts of a large batch before its last: nothing until the head says so.
Written EtcdLog::put_parts(std::uint64_t first, std::span<const std::string> parts) {
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const auto reply = post({{ours()}, {Put{options_.keys.log_part(first, part), parts[part]}}, {}});
        if (!reply) {
            return tl::unexpected(reply.error());
        }
        if (!reply->succeeded) {
            return refresh().and_then([] { return Written(log_failure(LogError::unavailable, "etcd refused a part of a batch")); });
        }
    }
    return {};
}

/// Writes the head, and with it what belongs to it, when both are as we know them. `log_key` holds `log_value` afterwards; empty =
/// nothing of the log is written.
Written EtcdLog::move_head(Head next, std::vector<Operation> with, const std::string& log_key, const std::string& log_value) {
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        stamp(next, options_);
        Txn txn{{ours(), unmoved()}, with, {Get{.key = options_.keys.term()}, Get{.key = options_.keys.head()}}};
        txn.then.emplace_back(Put{options_.keys.head(), text_of(next)});
        if (!log_key.empty()) {
            txn.then.emplace_back(Put{log_key, log_value});
            txn.otherwise.emplace_back(Get{.key = log_key});
        }
        const auto reply = post(txn);
        if (!reply) {
            return tl::unexpected(reply.error());
        }
        if (reply->succeeded) {
            head_ = next;
            head_revision_ = reply->revision;
            return {};
        }
        const auto standing = standing_of(options_.keys, reply->found[0], reply->found[1], reply->revision);
        if (!standing) {
            return tl::unexpected(standing.error());
        }
        if (standing->term_revision != term_) {
            lost_ = true;
            return log_failure(LogError::superseded, "the shard is " + (standing->term ? standing->term->host + "'s now" : "nobody's now"));
        }
        // The term is ours, so nobody but an earlier attempt of ours, whose answer was lost, has moved the head.
        const auto there = standing->head.value_or(Head{});
        const bool same = !log_key.empty() && !reply->found[2].empty() && reply->found[2].front().value == log_value;
        const bool appended = there.seq != head_.seq;
        head_ = there;
        head_revision_ = standing->head_revision;
        if (appended && there.seq == next.seq && same) {
            return {};
        }
        if (appended) {
            return log_failure(LogError::conflict, "etcd's log is at " + std::to_string(there.seq) + " by an earlier attempt");
        }
        next.kept = std::max(next.kept, there.kept);
    }
    return log_failure(LogError::unavailable, "etcd's head moves at every attempt");
}

Written EtcdLog::append(std::uint64_t expected, std::span<const StoredRecord> records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].seq != expected + 1 + i) {
            return log_failure(LogError::conflict,
                           "record " + std::to_string(records[i].seq) + " does not follow " + std::to_string(expected + i));
        }
    }
    if (head_.seq != expected) {
        return log_failure(LogError::conflict,
                       "the log is at " + std::to_string(head_.seq) + ", expected " + std::to_string(expected));
    }
    Head next = head_;
    if (records.empty()) {
        return move_head(next, {}, {}, {});
    }
    const auto first = records.front().seq;
    const auto parts = batch_parts(records);
    if (auto put = put_parts(first, std::span(parts).first(parts.size() - 1)); !put) {
        return put;
    }
    next.seq = records.back().seq;
    return move_head(next, {}, options_.keys.log(first), parts.back());
}

Written EtcdLog::read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) {
    for (;;) {
        const auto found = read_behind(options_.post, options_.keys, after);
        if (!found) {
            return tl::unexpected(found.error());
        }
        for (const auto& record : found->records) {
            after = record.seq;
            if (!each(record)) {
                return {};
            }
        }
        if (found->records.empty()) {
            return {};
        }
    }
}

Written EtcdLog::read_incident(std::string_view incident, std::size_t limit, const std::function<bool(const StoredRecord&)>& each) {
    if (incident.empty() || limit == 0) {
        return {};
    }
    return read(0, [&](const StoredRecord& record) {
        if (record.incident != incident) {
            return true;
        }
        --limit;
        return each(record) && limit > 0;
    });
}

/// The next owner need not wait. When etcd is away it waits for `takeover`.
void EtcdLog::release() {
    if (lost_) {
        return;
    }
    Head last = head_;
    last.released = true;
    (void)move_head(last, {}, {}, {});
}

Result<std::unique_ptr<RecordLog>, LogFailure> claim_log(EtcdLogOptions options, const Standing& seen, Term me) {
    Head head = seen.head.value_or(Head{.seq = options.begins_behind, .kept = options.begins_behind + 1});
    head.released = false;
    stamp(head, options);
    if (seen.term && !seen.term->installation.empty()) {
        me.installation = seen.term->installation;
    }
    me.format = written_format;
    const Keys& keys = options.keys;
    const Txn txn{{{keys.term(), seen.term_revision}, {keys.head(), seen.head_revision}},
                  {Put{keys.term(), text_of(me)}, Put{keys.head(), text_of(head)}},
                  {Get{.key = keys.term()}, Get{.key = keys.head()}}};
    const auto sent = options.boottime();
    const auto reply = carry_out(options.post, txn);
    if (!reply) {
        return log_failure(LogError::unavailable, reply.error().message);
    }
    auto term = reply->revision;
    if (!reply->succeeded) {
        // A server that was asked before this one may have done it without an answer.
        const auto standing = standing_of(keys, reply->found[0], reply->found[1], reply->revision);
        const bool ours = standing && standing->term && !me.claim.empty() && standing->term->claim == me.claim;
        if (!ours || standing->head_revision != standing->term_revision) {
            return log_failure(LogError::held, "the shard has moved since it was looked at");
        }
        term = standing->term_revision;
    }
    options.confirmed(sent);
    if (options.claimed) {
        options.claimed(term);
    }
    return std::make_unique<EtcdLog>(std::move(options), term, me.installation, head);
}

}  // namespace surged::etcd
