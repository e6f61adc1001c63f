// One connection to the store's database, and the right to write to it.
//
// It knows the database file, its term and which installation it belongs to; it knows nothing of records and snapshots. Its
// hardest rule: whoever was overtaken by another process (a higher term) or whose file was moved away writes nothing any more,
// and after an input/output error nothing is written before the connection is a new one and the write-ahead log has been flushed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "io/record_log.hpp"
#include "io/store/sqlite_handle.hpp"
#include "io/store/sqlite_statements.hpp"

namespace surged::sqlite {

using SessionDone = Result<void, LogFailure>;

class SqliteSession {
public:
    /// `page_max` 0 = the database may grow as it likes. `to_read`: nothing is written, and no term is claimed.
    SqliteSession(std::string path, unsigned page_max, bool to_read)
        : path_(std::move(path)), page_max_(page_max), to_read_(to_read) {}

    /// Connects, claims the term and the installation. Errors: unavailable, corrupt.
    SessionDone open();
    /// To be called before every use.
    SessionDone ready();
    /// Runs `work` between BEGIN and COMMIT, and rolls back when it fails: a session never stays in an open transaction, since a
    /// log that failed once must work again later.
    SessionDone transaction(const std::function<SessionDone()>& work);
    Result<std::uint64_t, LogFailure> owned_head();
    /// Copies the write-ahead log into the database when it has grown long. Takes as long as some commits: for when nobody waits.
    void checkpoint_if_due();
    SessionDone step_done(Statement& statement, std::string_view doing);
    /// The failure of `code`; after an input/output error the next ready() opens the database again.
    LogFailure broken(int code, std::string_view doing);

    const std::string& path() const { return path_; }
    LogStatements& sql() { return sql_; }
    Database& db() { return db_; }
    const Installation& installation() const { return installation_; }
    /// Tells the mark beside the store that the log is at `head` now.
    void mark(std::uint64_t head) const;

private:
    SessionDone settle_wal();
    void checkpoint();
    void watch_wal();
    SessionDone connect();
    SessionDone claim_term();
    void claim_installation(std::int64_t term_before);
    Result<std::uint64_t, LogFailure> number(Statement& statement);

    const std::string path_;
    const unsigned page_max_;
    const bool to_read_;
    Database db_;
    LogStatements sql_;
    Installation installation_;
    std::int64_t term_ = 0;  // what it was when this log was opened
    int wal_pages_ = 0;  // after the last commit
    bool reopen_ = false;
    bool unsettled_ = false;  // a write failed at the opening: nothing is written before the WAL is settled
};

}  // namespace surged::sqlite
