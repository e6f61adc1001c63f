#include "io/store/sqlite_log.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "io/store/lock_file.hpp"
#include "io/store/rescue.hpp"
#include "io/store/sqlite_handle.hpp"
#include "io/store/sqlite_schema.hpp"
#include "io/store/sqlite_statements.hpp"
#include "io/store/store_mark.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

using sqlite::Database;
using sqlite::record_crc;
using sqlite::Statement;
using sqlite::Using;
using Done = Result<void, LogFailure>;

constexpr std::int64_t trim_window = 10000;  // records looked at by one trim()
constexpr std::int64_t trim_rows = 2000;     // records one trim() forgets: one short commit

Done failed(LogError error, std::string message) {
    return tl::unexpected(LogFailure{error, std::move(message)});
}

class SqliteLog final : public RecordLog {
public:
    SqliteLog(std::string path, unsigned page_max, LockFile lock)
        : path_(std::move(path)), page_max_(page_max), lock_(std::move(lock)) {}
    explicit SqliteLog(std::string path) : path_(std::move(path)), page_max_(0), to_read_(true) {}  // its lock is the caller's

    Done open();

    Result<std::uint64_t, LogFailure> head() override;
    Done append(std::uint64_t expected, std::span<const StoredRecord> records) override;
    Result<std::optional<StoredSnapshot>, LogFailure> load_snapshot() override;
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_before(std::uint64_t seq) override;
    Done save_snapshot(const StoredSnapshot& snapshot) override;
    Done read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) override;
    Done read_incident(std::string_view incident, std::size_t limit,
                       const std::function<bool(const StoredRecord&)>& each) override;
    Result<std::uint64_t, LogFailure> trim(std::uint64_t seq, std::int64_t before_wall_ms) override;
    Installation installation() const override { return installation_; }

private:
    // Sessions end in commit or in rollback, never in an open transaction: a log that failed once must work again later.
    template <typename Work>
    Done transaction(const Work& work);
    Done ready();
    Done settle_wal();
    Done connect();
    Done claim_term();
    void claim_installation(std::int64_t term_before);
    Result<std::uint64_t, LogFailure> owned_head();
    Done insert(const StoredRecord& record);
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_row(Statement& statement);
    Done each_row(Statement& statement, std::uint64_t contiguous_after, const std::function<bool(const StoredRecord&)>& each);
    Result<std::uint64_t, LogFailure> number(Statement& statement);
    LogFailure broken(int code, std::string_view doing);
    Result<void, LogFailure> step_done(Statement& statement, std::string_view doing);

    const std::string path_;
    const unsigned page_max_;
    const std::optional<LockFile> lock_;
    const bool to_read_ = false;
    Database db_;
    sqlite::LogStatements sql_;
    Installation installation_;
    std::int64_t term_ = 0;  // what it was when this log was opened
    bool reopen_ = false;
    bool unsettled_ = false;  // a write failed at the opening: nothing is written before the WAL is settled
};

Done SqliteLog::open() {
    if (auto connected = connect(); !connected) {
        return connected;
    }
    const auto before = number(sql_.term_read);
    if (!before) {
        return tl::unexpected(before.error());
    }
    if (to_read_) {
        term_ = static_cast<std::int64_t>(*before);
        return {};
    }
    if (auto claimed = claim_term(); !claimed) {
        return claimed;
    }
    claim_installation(static_cast<std::int64_t>(*before));
    return {};
}

/// Never a reason not to start: without it keys of pages are what they were before there were installations.
void SqliteLog::claim_installation(std::int64_t term_before) {
    const auto known = db_.text("SELECT value FROM meta WHERE key = 'installation'");
    if (unsettled_) {  // nothing is written before the WAL is settled: the name of before stays, or there is none yet
        installation_.id = known ? *known : std::string();
        return;
    }
    const auto at = owned_head();
    if (!known || !at) {
        return;
    }
    const auto seen = read_store_mark(path_);
    const bool went_back = seen && seen->installation == *known && (seen->term > term_before || seen->head > *at);
    if (went_back) {
        installation_.note = path_ + " is older than it once was (at record " + std::to_string(*at) + ", seen at " +
                             std::to_string(seen->head) + "): a restored copy? Keys of pages begin anew, links sent before are void";
    }
    installation_.id = known->empty() || went_back ? new_installation() : *known;
    if (installation_.id != *known) {
        const auto kept = db_.run(("INSERT OR REPLACE INTO meta VALUES('installation', '" + installation_.id + "')").c_str());
        if (!kept && known->empty()) {
            installation_.id.clear();  // a disk that takes no write: no name that the next start would not know
        }
    }
    write_store_mark(path_, {installation_.id, term_, *at});
}

Done SqliteLog::connect() {
    if (auto opened = to_read_ ? db_.open_to_read(path_) : db_.open(path_); !opened) {
        return opened;
    }
    if (auto owned = sqlite::claim_schema(db_, path_); !owned) {
        return owned;
    }
    if (auto set = to_read_ ? Done{} : sqlite::set_up(db_, path_, page_max_); !set) {
        return set;
    }
    reopen_ = false;
    return sql_.prepare(db_);
}

/// Once in the life of a log, under its lock. On a disk that takes no write the term of before stays: the daemon must start there
/// too, from what it can read, and then lock and sequence are what keeps two apart.
Done SqliteLog::claim_term() {
    if (auto raised = step_done(sql_.term_raise, "open"); !raised) {
        if (raised.error().error != LogError::unavailable) {
            return raised;
        }
        sql_.finalize();
        db_.close();
        unsettled_ = true;
        if (auto connected = connect(); !connected) {
            return connected;
        }
    }
    const auto term = number(sql_.term_read);
    if (!term) {
        return tl::unexpected(term.error());
    }
    term_ = static_cast<std::int64_t>(*term);
    return {};
}

/// The last sequence, in one look with the term, which must be ours. Whoever asks for it means to write behind it, also the store
/// thread after a commit that failed: a superseded log must not look like a mere conflict to it.
Result<std::uint64_t, LogFailure> SqliteLog::owned_head() {
    const Using scope(sql_.head);
    const int code = sql_.head.step();
    if (code != SQLITE_ROW) {
        return tl::unexpected(broken(code, "read"));
    }
    if (const auto term = sql_.head.integer(1); term != term_) {
        return tl::unexpected(LogFailure{LogError::superseded, "another process has taken " + path_ + " over (its term is " +
                                                                   std::to_string(term) + ", ours " + std::to_string(term_) + ")"});
    }
    return static_cast<std::uint64_t>(sql_.head.integer(0));
}

/// Before every use: the file must still be the one at `path_`, and a connection that met an input/output error starts afresh,
/// for its view of the file may be wrong.
Done SqliteLog::ready() {
    if (reopen_) {
        sql_.finalize();
        db_.close();
        struct stat info {};
        if (::stat(path_.c_str(), &info) != 0) {
            return failed(LogError::unavailable,
                          path_ + " is gone");  // never create a new one in a running daemon: it would be empty
        }
        auto opened = connect();
        if (opened) {
            opened = settle_wal();
        }
        if (!opened) {
            reopen_ = true;
            return opened;
        }
    }
    int moved = 0;
    sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved != 0) {
        return failed(LogError::unavailable, path_ + " was moved or deleted under the running daemon");
    }
    return {};
}

/// After a failed flush the kernel may call pages clean that never reached the disk, so what the WAL seems to hold is not to be
/// trusted until it has been written again: a full checkpoint copies it into the database and flushes that.
Done SqliteLog::settle_wal() {
    const int code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_FULL, nullptr, nullptr);
    if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) {
        return tl::unexpected(broken(code, "checkpoint"));
    }
    return {};
}

LogFailure SqliteLog::broken(int code, std::string_view doing) {
    auto out = sqlite::failure(db_.get(), code, std::string(doing) + " " + path_);
    const int primary = code & 0xFF;
    reopen_ = reopen_ || primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY ||
              primary == SQLITE_PROTOCOL;
    return out;
}

Done SqliteLog::step_done(Statement& statement, std::string_view doing) {
    const Using scope(statement);
    const int code = statement.step();
    if (code != SQLITE_DONE) {
        return tl::unexpected(broken(code, doing));
    }
    return {};
}

template <typename Work>
Done SqliteLog::transaction(const Work& work) {
    if (auto usable = ready(); !usable) {
        return usable;
    }
    if (unsettled_) {
        if (auto settled = settle_wal(); !settled) {
            return settled;
        }
        unsettled_ = false;
    }
    if (auto begun = step_done(sql_.begin, "begin in"); !begun) {
        return begun;
    }
    Done done = work();
    if (done) {
        done = step_done(sql_.commit, "commit to");
    }
    if (!done && sqlite3_get_autocommit(db_.get()) == 0) {
        (void)step_done(sql_.rollback, "roll back");
    }
    return done;
}

Result<std::uint64_t, LogFailure> SqliteLog::number(Statement& statement) {
    const Using scope(statement);
    const int code = statement.step();
    if (code != SQLITE_ROW) {
        return tl::unexpected(broken(code, "read"));
    }
    return static_cast<std::uint64_t>(statement.integer(0));
}

Result<std::uint64_t, LogFailure> SqliteLog::head() {
    if (auto usable = ready(); !usable) {
        return tl::unexpected(usable.error());
    }
    return owned_head();
}

Done SqliteLog::insert(const StoredRecord& record) {
    const auto seq = static_cast<std::int64_t>(record.seq);
    sql_.insert.bind(1, seq);
    sql_.insert.bind(2, record.wall_ms);
    sql_.insert.bind_text(3, record.type);
    sql_.insert.bind_text(4, record.incident);
    // As text, so that json_extract() of other tools works on it; SQLite keeps the bytes as they are.
    sql_.insert.bind_text(5, record.bytes);
    sql_.insert.bind(6, record_crc(seq, record.wall_ms, record.type, record.incident, record.bytes));
    return step_done(sql_.insert, "append to");
}

Done SqliteLog::append(std::uint64_t expected, std::span<const StoredRecord> records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].seq != expected + 1 + i) {
            return failed(LogError::conflict,
                          "record " + std::to_string(records[i].seq) + " does not follow " + std::to_string(expected + i));
        }
    }
    return transaction([&]() -> Done {
        const auto at = owned_head();
        if (!at) {
            return tl::unexpected(at.error());
        }
        if (*at != expected) {
            return failed(LogError::conflict, "the log is at " + std::to_string(*at) + ", expected " + std::to_string(expected));
        }
        for (const auto& record : records) {
            if (auto inserted = insert(record); !inserted) {
                return inserted;
            }
        }
        return {};
    });
}

Result<std::optional<StoredSnapshot>, LogFailure> SqliteLog::snapshot_row(Statement& statement) {
    const Using scope(statement);
    const int code = statement.step();
    if (code == SQLITE_DONE) {
        return std::optional<StoredSnapshot>();
    }
    if (code != SQLITE_ROW) {
        return tl::unexpected(broken(code, "read the snapshot of"));
    }
    StoredSnapshot out;
    out.seq = static_cast<std::uint64_t>(statement.integer(0));
    out.bytes = std::string(statement.bytes(1));
    out.whole = crc32c(out.bytes) == statement.integer(2);
    if (!out.whole) {
        out.bytes.clear();
    }
    return std::optional<StoredSnapshot>(std::move(out));
}

Result<std::optional<StoredSnapshot>, LogFailure> SqliteLog::load_snapshot() {
    if (auto usable = ready(); !usable) {
        return tl::unexpected(usable.error());
    }
    auto out = snapshot_row(sql_.snapshot_load);
    if (out && *out && !(*out)->whole) {
        return tl::unexpected(
            LogFailure{LogError::corrupt, path_ + ": the snapshot at " + std::to_string((*out)->seq) + " has a wrong checksum"});
    }
    return out;
}

Result<std::optional<StoredSnapshot>, LogFailure> SqliteLog::snapshot_before(std::uint64_t seq) {
    if (auto usable = ready(); !usable) {
        return tl::unexpected(usable.error());
    }
    sql_.snapshot_before.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(seq, INT64_MAX)));
    return snapshot_row(sql_.snapshot_before);
}

Done SqliteLog::save_snapshot(const StoredSnapshot& snapshot) {
    std::uint64_t head = 0;
    const auto saved = transaction([&]() -> Done {
        const auto at = owned_head();
        if (!at) {
            return tl::unexpected(at.error());
        }
        if (snapshot.seq > *at) {
            return failed(LogError::conflict,
                          "a snapshot of " + std::to_string(snapshot.seq) + ", but the log is at " + std::to_string(*at));
        }
        head = *at;
        sql_.snapshot_save.bind(1, static_cast<std::int64_t>(snapshot.seq));
        sql_.snapshot_save.bind_blob(2, snapshot.bytes);
        sql_.snapshot_save.bind(3, crc32c(snapshot.bytes));
        if (auto done = step_done(sql_.snapshot_save, "save a snapshot in"); !done) {
            return done;
        }
        // The newest stays, whatever came last: head() of a trimmed log rests on it. The one before stays too, and what it does not
        // cover: a newest one that is spoiled must not cost the start.
        return step_done(sql_.snapshot_drop, "drop old snapshots of");
    });
    if (saved) {
        write_store_mark(path_, {installation_.id, term_, head});
    }
    return saved;
}

Done SqliteLog::each_row(Statement& statement, std::uint64_t contiguous_after,
                         const std::function<bool(const StoredRecord&)>& each) {
    const Using scope(statement);
    StoredRecord record;
    std::uint64_t previous = contiguous_after;
    for (int code = statement.step();; code = statement.step()) {
        if (code == SQLITE_DONE) {
            return {};
        }
        if (code != SQLITE_ROW) {
            return tl::unexpected(broken(code, "read"));
        }
        record.seq = static_cast<std::uint64_t>(statement.integer(0));
        record.wall_ms = statement.integer(1);
        record.type.assign(statement.bytes(2));
        record.incident.assign(statement.bytes(3));
        record.bytes.assign(statement.bytes(4));
        const auto crc = record_crc(statement.integer(0), record.wall_ms, record.type, record.incident, record.bytes);
        if (crc != statement.integer(5)) {
            return failed(LogError::corrupt, path_ + ": record " + std::to_string(record.seq) + " has a wrong checksum");
        }
        if (record.seq > contiguous_after && record.seq != previous + 1) {
            return failed(LogError::corrupt, path_ + ": record " + std::to_string(previous + 1) + " is missing");
        }
        previous = std::max(previous, record.seq);
        if (!each(record)) {
            return {};
        }
    }
}

Done SqliteLog::read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) {
    // Up to a snapshot records may have been trimmed; after it a hole is damage. A snapshot that cannot be read covers nothing.
    const auto snapshot = snapshot_before(INT64_MAX);
    const std::uint64_t covered = snapshot && *snapshot ? (*snapshot)->seq : 0;
    const std::uint64_t whole_after = std::max(after, covered);
    sql_.read.bind(1, static_cast<std::int64_t>(after));
    return each_row(sql_.read, whole_after, each);
}

Done SqliteLog::read_incident(std::string_view incident, std::size_t limit,
                              const std::function<bool(const StoredRecord&)>& each) {
    if (auto usable = ready(); !usable) {
        return usable;
    }
    sql_.read_incident.bind_text(1, incident);
    sql_.read_incident.bind(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
    return each_row(sql_.read_incident, UINT64_MAX, each);
}

Result<std::uint64_t, LogFailure> SqliteLog::trim(std::uint64_t seq, std::int64_t before_wall_ms) {
    std::uint64_t forgotten = 0;
    const auto done = transaction([&]() -> Done {
        if (const auto ours = owned_head(); !ours) {
            return tl::unexpected(ours.error());
        }
        sql_.trim.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(seq, INT64_MAX)));
        sql_.trim.bind(2, before_wall_ms);
        sql_.trim.bind(3, trim_window);
        sql_.trim.bind(4, trim_rows);
        auto trimmed = step_done(sql_.trim, "trim");
        forgotten = trimmed ? static_cast<std::uint64_t>(sqlite3_changes64(db_.get())) : 0;
        return trimmed;
    });
    if (!done) {
        return tl::unexpected(done.error());
    }
    return forgotten;
}

std::string lock_path(const std::string& path) {
    return path + ".lock";
}

/// Creates an empty file with tight permissions and makes its name durable; SQLite gives the same permissions to its side files.
Done create_file(const std::string& path) {
    if (const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)); !file) {
        const auto kind = errno == EISDIR ? LogError::corrupt : LogError::unavailable;
        return failed(kind, "cannot open " + path + ": " + std::strerror(errno));
    }
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    if (const Fd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); dir) {
        ::fsync(dir.get());
    }
    return {};
}

}  // namespace

std::optional<pid_t> log_holder(const std::string& path) {
    return LockFile::holder(lock_path(path));
}

Result<std::unique_ptr<RecordLog>, LogFailure> open_sqlite_log(const std::string& path) {
    return open_sqlite_log(path, 0);
}

Result<std::unique_ptr<RecordLog>, LogFailure> open_sqlite_log(const std::string& path, unsigned page_max) {
    auto lock = LockFile::take(lock_path(path));
    if (!lock) {
        return tl::unexpected(lock.error());
    }
    if (const auto finished = finish_rescue(path); !finished) {
        return tl::unexpected(finished.error());
    }
    // Before the file is made: one that was deleted is a new store, one that was emptied is damage.
    if (const auto emptied = emptied_store(path); !emptied.empty()) {
        return tl::unexpected(LogFailure{LogError::corrupt, emptied});
    }
    if (auto created = create_file(path); !created) {
        return tl::unexpected(created.error());
    }
    auto log = std::make_unique<SqliteLog>(path, page_max, std::move(*lock));
    if (auto opened = log->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    return log;
}

Result<std::unique_ptr<RecordLog>, LogFailure> open_sqlite_log_to_read(const std::string& path) {
    auto log = std::make_unique<SqliteLog>(path);
    if (auto opened = log->open(); !opened) {
        return tl::unexpected(opened.error());
    }
    return log;
}

}  // namespace surged
