#include "io/store/sqlite_log.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "io/record_crc.hpp"
#include "io/store/lock_file.hpp"
#include "io/store/rescue.hpp"
#include "io/store/sqlite_handle.hpp"
#include "io/store/sqlite_schema.hpp"
#include "io/store/sqlite_session.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

using sqlite::SqliteSession;
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
        : lock_(std::move(lock)), session_(std::move(path), page_max, false) {}
    explicit SqliteLog(std::string path) : session_(std::move(path), 0, true) {}  // its lock is the caller's

    Done open() { return session_.open(); }

    Result<std::uint64_t, LogFailure> head() override;
    Done append(std::uint64_t expected, std::span<const StoredRecord> records) override;
    Result<std::optional<StoredSnapshot>, LogFailure> load_snapshot() override;
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_before(std::uint64_t seq) override;
    Done save_snapshot(const StoredSnapshot& snapshot) override;
    Done read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) override;
    Done read_incident(std::string_view incident, std::size_t limit,
                       const std::function<bool(const StoredRecord&)>& each) override;
    Result<std::uint64_t, LogFailure> trim(std::uint64_t seq, std::int64_t before_wall_ms) override;
    Installation installation() const override { return session_.installation(); }
    Done begin_at(const StoredSnapshot& snapshot) override;
    Result<bool, LogFailure> work() override {
        session_.checkpoint_if_due();
        return false;
    }

private:
    Done put_snapshot(const StoredSnapshot& snapshot);
    Done insert(const StoredRecord& record);
    Result<std::optional<StoredSnapshot>, LogFailure> snapshot_row(Statement& statement);
    Done each_row(Statement& statement, std::uint64_t contiguous_after, const std::function<bool(const StoredRecord&)>& each);

    const std::optional<LockFile> lock_;  // let go last, when the database is closed
    SqliteSession session_;
};

Result<std::uint64_t, LogFailure> SqliteLog::head() {
    if (auto usable = session_.ready(); !usable) {
        return tl::unexpected(usable.error());
    }
    return session_.owned_head();
}

Done SqliteLog::insert(const StoredRecord& record) {
    const auto seq = static_cast<std::int64_t>(record.seq);
    session_.sql().insert.bind(1, seq);
    session_.sql().insert.bind(2, record.wall_ms);
    session_.sql().insert.bind_text(3, record.type);
    session_.sql().insert.bind_text(4, record.incident);
    // As text, so that json_extract() of other tools works on it; SQLite keeps the bytes as they are.
    session_.sql().insert.bind_text(5, record.bytes);
    session_.sql().insert.bind(6, record_crc(seq, record.wall_ms, record.type, record.incident, record.bytes));
    return session_.step_done(session_.sql().insert, "append to");
}

Done SqliteLog::append(std::uint64_t expected, std::span<const StoredRecord> records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].seq != expected + 1 + i) {
            return failed(LogError::conflict,
                          "record " + std::to_string(records[i].seq) + " does not follow " + std::to_string(expected + i));
        }
    }
    return session_.transaction([&]() -> Done {
        const auto at = session_.owned_head();
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
        return tl::unexpected(session_.broken(code, "read the snapshot of"));
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
    if (auto usable = session_.ready(); !usable) {
        return tl::unexpected(usable.error());
    }
    auto out = snapshot_row(session_.sql().snapshot_load);
    if (out && *out && !(*out)->whole) {
        return tl::unexpected(LogFailure{
            LogError::corrupt, session_.path() + ": the snapshot at " + std::to_string((*out)->seq) + " has a wrong checksum"});
    }
    return out;
}

Result<std::optional<StoredSnapshot>, LogFailure> SqliteLog::snapshot_before(std::uint64_t seq) {
    if (auto usable = session_.ready(); !usable) {
        return tl::unexpected(usable.error());
    }
    session_.sql().snapshot_before.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(seq, INT64_MAX)));
    return snapshot_row(session_.sql().snapshot_before);
}

Done SqliteLog::save_snapshot(const StoredSnapshot& snapshot) {
    std::uint64_t head = 0;
    const auto saved = session_.transaction([&]() -> Done {
        const auto at = session_.owned_head();
        if (!at) {
            return tl::unexpected(at.error());
        }
        if (snapshot.seq > *at) {
            return failed(LogError::conflict,
                          "a snapshot of " + std::to_string(snapshot.seq) + ", but the log is at " + std::to_string(*at));
        }
        head = *at;
        return put_snapshot(snapshot);
    });
    if (saved) {
        session_.mark(head);
    }
    return saved;
}

/// Inside a transaction.
Done SqliteLog::put_snapshot(const StoredSnapshot& snapshot) {
    session_.sql().snapshot_save.bind(1, static_cast<std::int64_t>(snapshot.seq));
    session_.sql().snapshot_save.bind_blob(2, snapshot.bytes);
    session_.sql().snapshot_save.bind(3, crc32c(snapshot.bytes));
    if (auto done = session_.step_done(session_.sql().snapshot_save, "save a snapshot in"); !done) {
        return done;
    }
    // The newest stays, whatever came last: head() of a trimmed log rests on it. The one before stays too, and what it does
    // not cover: a newest one that is spoiled must not cost the start.
    return session_.step_done(session_.sql().snapshot_drop, "drop old snapshots of");
}

Done SqliteLog::begin_at(const StoredSnapshot& snapshot) {
    const auto begun = session_.transaction([&]() -> Done {
        const auto at = session_.owned_head();
        if (!at) {
            return tl::unexpected(at.error());
        }
        if (snapshot.seq <= *at) {
            return failed(LogError::conflict, "the log is at " + std::to_string(*at) + ", a snapshot of " +
                                                  std::to_string(snapshot.seq) + " is not ahead of it");
        }
        return put_snapshot(snapshot);
    });
    if (begun) {
        session_.mark(snapshot.seq);
    }
    return begun;
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
            return tl::unexpected(session_.broken(code, "read"));
        }
        record.seq = static_cast<std::uint64_t>(statement.integer(0));
        record.wall_ms = statement.integer(1);
        record.type.assign(statement.bytes(2));
        record.incident.assign(statement.bytes(3));
        record.bytes.assign(statement.bytes(4));
        const auto crc = record_crc(statement.integer(0), record.wall_ms, record.type, record.incident, record.bytes);
        if (crc != statement.integer(5)) {
            return failed(LogError::corrupt,
                          session_.path() + ": record " + std::to_string(record.seq) + " has a wrong checksum");
        }
        if (record.seq > contiguous_after && record.seq != previous + 1) {
            return failed(LogError::corrupt, session_.path() + ": record " + std::to_string(previous + 1) + " is missing");
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
    session_.sql().read.bind(1, static_cast<std::int64_t>(after));
    return each_row(session_.sql().read, whole_after, each);
}

Done SqliteLog::read_incident(std::string_view incident, std::size_t limit,
                              const std::function<bool(const StoredRecord&)>& each) {
    if (auto usable = session_.ready(); !usable) {
        return usable;
    }
    session_.sql().read_incident.bind_text(1, incident);
    session_.sql().read_incident.bind(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
    return each_row(session_.sql().read_incident, UINT64_MAX, each);
}

Result<std::uint64_t, LogFailure> SqliteLog::trim(std::uint64_t seq, std::int64_t before_wall_ms) {
    std::uint64_t forgotten = 0;
    const auto done = session_.transaction([&]() -> Done {
        if (const auto ours = session_.owned_head(); !ours) {
            return tl::unexpected(ours.error());
        }
        session_.sql().trim.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(seq, INT64_MAX)));
        session_.sql().trim.bind(2, before_wall_ms);
        session_.sql().trim.bind(3, trim_window);
        session_.sql().trim.bind(4, trim_rows);
        auto trimmed = session_.step_done(session_.sql().trim, "trim");
        forgotten = trimmed ? static_cast<std::uint64_t>(sqlite3_changes64(session_.db().get())) : 0;
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
