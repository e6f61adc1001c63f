#include "io/etcd/etcd_log.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/bytes.hpp"
#include "io/etcd/batch.hpp"
#include "io/etcd/read.hpp"

namespace surged::etcd {

namespace {

using Written = Result<void, LogFailure>;

/// An attempt finds at most one earlier attempt of its own and one pulse; more cannot be under way.
constexpr int attempts_max = 4;

tl::unexpected<LogFailure> failure(LogError error, std::string message) {
    return tl::unexpected(LogFailure{error, std::move(message)});
}

/// What the owner says of itself with every write of the head.
void stamp(Head& head, const EtcdLogOptions& options) {
    head.at = options.engine_ms();
    head.wall = options.wall_ms ? options.wall_ms() : 0;
    head.version = options.version ? options.version() : std::string();
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

/// One request, timed for the gate. Superseded is told by the caller, who knows what the answer means.
Result<TxnReply, LogFailure> EtcdLog::post(const Txn& txn) {
    if (lost_) {
        return failure(LogError::superseded, "another host has claimed the shard");
    }
    const auto sent = options_.boottime();
    auto reply = carry_out(options_.post, txn);
    if (!reply) {
        return failure(LogError::unavailable, reply.error().message);
    }
    if (reply->succeeded && !txn.when.empty()) {
        options_.confirmed(sent);
    }
    return std::move(*reply);
}

/// What stands there, and whether it is ours still.
Written EtcdLog::refresh() {
    if (lost_) {
        return failure(LogError::superseded, "another host has claimed the shard");
    }
    const auto standing = look(options_.post, options_.keys);
    if (!standing) {
        return tl::unexpected(standing.error());
    }
    if (standing->term_revision != term_) {
        lost_ = true;
        return failure(LogError::superseded, "the shard is " + (standing->term ? standing->term->host + "'s now" : "nobody's now"));
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
            return refresh().and_then([] { return Written(failure(LogError::unavailable, "etcd refused a part of a batch")); });
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
            return failure(LogError::superseded, "the shard is " + (standing->term ? standing->term->host + "'s now" : "nobody's now"));
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
            return failure(LogError::conflict, "etcd's log is at " + std::to_string(there.seq) + " by an earlier attempt");
        }
        next.kept = std::max(next.kept, there.kept);
    }
    return failure(LogError::unavailable, "etcd's head moves at every attempt");
}

Written EtcdLog::append(std::uint64_t expected, std::span<const StoredRecord> records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].seq != expected + 1 + i) {
            return failure(LogError::conflict,
                           "record " + std::to_string(records[i].seq) + " does not follow " + std::to_string(expected + i));
        }
    }
    if (head_.seq != expected) {
        return failure(LogError::conflict,
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
        return failure(LogError::corrupt, "etcd's snapshot at " + std::to_string(snaps->front().seq) + " has a wrong checksum");
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
        return failure(LogError::conflict, "a snapshot of " + std::to_string(snapshot.seq) + ", but the log is at " +
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
        return failure(LogError::conflict, "a snapshot of " + std::to_string(snapshot.seq) + ", but the log is at " +
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

/// Deletes whole batches up to record `last`, as many as one request takes. False = there are none left.
Result<bool, LogFailure> EtcdLog::forget_batches(std::uint64_t last) {
    const auto listed = carry_out(options_.post, {{},
                                                  {Get{.key = options_.keys.log(0),
                                                       .end = options_.keys.log(last + 2),
                                                       .limit = static_cast<std::int64_t>(trimmed_keys),
                                                       .keys_only = true}},
                                                  {}});
    if (!listed) {
        return failure(LogError::unavailable, listed.error().message);
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
        return failure(LogError::unavailable, keys.error().message);
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

/// The next owner need not wait. When etcd is away it waits for `takeover`.
void EtcdLog::release() {
    if (lost_) {
        return;
    }
    Head last = head_;
    last.released = true;
    (void)move_head(last, {}, {}, {});
}

}  // namespace

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
        return failure(LogError::unavailable, reply.error().message);
    }
    auto term = reply->revision;
    if (!reply->succeeded) {
        // A server that was asked before this one may have done it without an answer.
        const auto standing = standing_of(keys, reply->found[0], reply->found[1], reply->revision);
        const bool ours = standing && standing->term && !me.claim.empty() && standing->term->claim == me.claim;
        if (!ours || standing->head_revision != standing->term_revision) {
            return failure(LogError::held, "the shard has moved since it was looked at");
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
