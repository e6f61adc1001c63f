#include "io/store/new_store.hpp"

#include <algorithm>

#include "core/base/bytes.hpp"
#include "core/base/ranges.hpp"
#include "io/record_crc.hpp"
#include "io/store/sqlite_schema.hpp"
#include "io/store/store_thread.hpp"

namespace surged::sqlite {

namespace {
constexpr std::uint64_t place_holders_max = 1'000'000;  // more than that is no hole any more
constexpr std::size_t snapshots_kept = 4;

/// As SqliteLog does, with an error that says what is full.
NewStore::Done write_row(Database& db, Statement& statement) {
    const Using scope(statement);
    const int code = statement.step();
    return code == SQLITE_DONE ? NewStore::Done{}
                               : NewStore::Done(tl::unexpected(failure(db.get(), code, "write the rescued store")));
}

std::uint64_t number_of(Database& db, const char* sql) {
    const auto text = db.text(sql);
    return text && !text->empty() ? std::stoull(*text) : 0;
}

}  // namespace

NewStore::Done NewStore::create(const std::string& file) {
    Done done = db_.open(file);
    // Its content is flushed once, when it is complete.
    done = done ? db_.run("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE") : done;
    done = done ? claim_schema(db_, file) : done;
    done = done ? insert_.prepare(db_, "INSERT OR IGNORE INTO records VALUES(?1, ?2, ?3, ?4, ?5, ?6)") : done;
    done = done ? known_.prepare(db_, "SELECT crc FROM records WHERE seq = ?1") : done;
    return done ? snapshot_.prepare(db_, "INSERT OR IGNORE INTO snapshots VALUES(?1, ?2, ?3)") : done;
}

NewStore::Done NewStore::take(Salvage& salvage) {
    Done done = db_.run("BEGIN");
    salvage.rows([&](const FoundRow& row) { take_record(row, done); },
                 [&](const StoredSnapshot& state) { take_snapshot(state, done); });
    return done ? db_.run("COMMIT") : done;
}

void NewStore::take_record(const FoundRow& row, Done& done) {
    if (!done) {
        return;
    }
    const Using scope(known_);
    known_.bind(1, static_cast<std::int64_t>(row.record.seq));
    if (known_.step() == SQLITE_ROW) {
        contradicted_ = contradicted_ || known_.integer(0) != row.crc;
        return;
    }
    done = put(row.record, row.crc);
}

void NewStore::take_snapshot(const StoredSnapshot& state, Done& done) {
    if (!done || contains(snapshots_, state.seq)) {
        return;
    }
    snapshots_.push_back(state.seq);
    std::sort(snapshots_.rbegin(), snapshots_.rend());
    if (snapshots_.size() > snapshots_kept) {
        const auto oldest = snapshots_.back();
        snapshots_.pop_back();
        if (oldest == state.seq) {
            return;
        }
        done = db_.run(("DELETE FROM snapshots WHERE seq = " + std::to_string(oldest)).c_str());
    }
    done = done ? put(state) : done;
}

std::uint64_t NewStore::records() {
    return number_of(db_, "SELECT count(*) FROM records");
}

std::uint64_t NewStore::last() {
    return number_of(db_, "SELECT coalesce(max(seq), 0) FROM records");
}

NewStore::Done NewStore::put(const StoredRecord& record, std::int64_t crc) {
    insert_.bind(1, static_cast<std::int64_t>(record.seq));
    insert_.bind(2, record.wall_ms);
    insert_.bind_text(3, record.type);
    insert_.bind_text(4, record.incident);
    insert_.bind_text(5, record.bytes);
    insert_.bind(6, crc);
    return write_row(db_, insert_);
}

NewStore::Done NewStore::put(const StoredRecord& record) {
    return put(record,
               record_crc(static_cast<std::int64_t>(record.seq), record.wall_ms, record.type, record.incident, record.bytes));
}

NewStore::Done NewStore::put(const StoredSnapshot& state) {
    snapshot_.bind(1, static_cast<std::int64_t>(state.seq));
    snapshot_.bind_blob(2, state.bytes);
    snapshot_.bind(3, crc32c(state.bytes));
    return write_row(db_, snapshot_);
}

NewStore::Done NewStore::each(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) {
    Statement rows;
    if (auto prepared = rows.prepare(db_, "SELECT seq, wall_ms, type, incident, bytes FROM records WHERE seq > ?1 ORDER BY seq");
        !prepared) {
        return prepared;
    }
    rows.bind(1, static_cast<std::int64_t>(after));
    StoredRecord record;
    int code = rows.step();
    for (; code == SQLITE_ROW; code = rows.step()) {
        record.seq = static_cast<std::uint64_t>(rows.integer(0));
        record.wall_ms = rows.integer(1);
        record.type.assign(rows.bytes(2));
        record.incident.assign(rows.bytes(3));
        record.bytes.assign(rows.bytes(4));
        if (!each(record)) {
            return {};
        }
    }
    return code == SQLITE_DONE ? Done{} : Done(tl::unexpected(failure(db_.get(), code, "read the rescued store")));
}

Result<std::optional<StoredSnapshot>, LogFailure> NewStore::snapshot_at(std::uint64_t seq) {
    Statement row;
    if (auto prepared = row.prepare(db_, "SELECT bytes FROM snapshots WHERE seq = ?1"); !prepared) {
        return tl::unexpected(prepared.error());
    }
    row.bind(1, static_cast<std::int64_t>(seq));
    const int code = row.step();
    if (code != SQLITE_ROW) {
        return code == SQLITE_DONE ? Result<std::optional<StoredSnapshot>, LogFailure>(std::nullopt)
                                   : tl::unexpected(failure(db_.get(), code, "read the rescued store"));
    }
    return std::optional(StoredSnapshot{seq, std::string(row.bytes(0)), true});
}

NewStore::Done NewStore::complete(std::uint64_t from, const std::vector<RecordRange>& lost, std::span<const StoredRecord> more,
                                  const StoredSnapshot& state, std::uint64_t base, const std::string& installation) {
    Done done = db_.run("BEGIN");
    for (const RecordRange& hole : lost) {
        if (hole.to >= from && hole.to - std::max(hole.from, from) < place_holders_max) {
            for (auto seq = std::max(hole.from, from); done && seq <= hole.to; ++seq) {
                const auto when = hole.after_ms ? *hole.after_ms : hole.before_ms.value_or(0);
                done = put(StoredRecord{seq, when, std::string(record_type_lost), {}, {}});
            }
        }
    }
    for (const StoredRecord& record : more) {
        done = done ? put(record) : done;
    }
    done = done ? db_.run(("DELETE FROM snapshots WHERE seq <> " + std::to_string(base)).c_str()) : done;
    done = done ? put(state) : done;
    const auto meta =
        "INSERT OR REPLACE INTO meta VALUES('installation', '" + installation + "'), ('term', '" + std::to_string(term) + "')";
    done = done ? db_.run(meta.c_str()) : done;
    return done ? db_.run("COMMIT") : done;
}

}  // namespace surged::sqlite
