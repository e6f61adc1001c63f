#include "io/store/sqlite_session.hpp"

#include <utility>

#include <sys/stat.h>

#include "io/store/sqlite_schema.hpp"
#include "io/store/store_mark.hpp"

namespace surged::sqlite {

SessionDone SqliteSession::open() {
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
void SqliteSession::claim_installation(std::int64_t term_before) {
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
    const bool older = seen && seen->installation == *known && (seen->term > term_before || seen->head > *at);
    // A copy that was put where there is no mark: how far its original came nobody knows here.
    const auto had_mark = db_.text("SELECT value FROM meta WHERE key = 'marked'");
    const bool alone = !seen && had_mark && *had_mark == "1";
    const bool went_back = older || alone;
    if (alone) {
        installation_.note = path_ + " had a mark beside it (" + path_ +
                             ".id), which is not there or cannot be read: a restored copy? Keys of pages begin anew, links sent before are void";
    } else if (older) {
        installation_.note = path_ + " is older than it once was (at record " + std::to_string(*at) + ", seen at " +
                             std::to_string(seen->head) +
                             "): a restored copy? Keys of pages begin anew, links sent before are void";
    }
    installation_.id = known->empty() || went_back ? new_installation() : *known;
    if (installation_.id != *known) {
        const auto kept = db_.run(("INSERT OR REPLACE INTO meta VALUES('installation', '" + installation_.id + "')").c_str());
        if (!kept && known->empty()) {
            installation_.id.clear();  // a disk that takes no write: no name that the next start would not know
        }
    }
    mark(*at);
    if (had_mark && had_mark->empty() && read_store_mark(path_)) {
        static_cast<void>(db_.run("INSERT OR REPLACE INTO meta VALUES('marked', '1')"));
    }
}

void SqliteSession::mark(std::uint64_t head) const {
    write_store_mark(path_, {installation_.id, term_, head});
}

SessionDone SqliteSession::connect() {
    if (auto opened = to_read_ ? db_.open_to_read(path_) : db_.open(path_); !opened) {
        return opened;
    }
    if (auto owned = claim_schema(db_, path_); !owned) {
        return owned;
    }
    if (auto set = to_read_ ? SessionDone{} : set_up(db_, path_, page_max_); !set) {
        return set;
    }
    reopen_ = false;
    return sql_.prepare(db_);
}

/// Once in the life of a log, under its lock. On a disk that takes no write the term of before stays: the daemon must start there
/// too, from what it can read, and then lock and sequence are what keeps two apart.
SessionDone SqliteSession::claim_term() {
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
Result<std::uint64_t, LogFailure> SqliteSession::owned_head() {
    const Using scope(sql_.head);
    const int code = sql_.head.step();
    if (code != SQLITE_ROW) {
        return tl::unexpected(broken(code, "read"));
    }
    if (const auto term = sql_.head.integer(1); term != term_) {
        return tl::unexpected(LogFailure{LogError::superseded, "another process has taken " + path_ + " over (its term is " +
                                                                   std::to_string(term) + ", ours " + std::to_string(term_) +
                                                                   ")"});
    }
    return static_cast<std::uint64_t>(sql_.head.integer(0));
}

/// Before every use: the file must still be the one at `path_`, and a connection that met an input/output error starts afresh,
/// for its view of the file may be wrong.
SessionDone SqliteSession::ready() {
    if (reopen_) {
        sql_.finalize();
        db_.close();
        struct stat info {};
        if (::stat(path_.c_str(), &info) != 0) {
            // Never create a new one in a running daemon: it would be empty.
            return tl::unexpected(LogFailure{LogError::unavailable, path_ + " is gone"});
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
        return tl::unexpected(LogFailure{LogError::unavailable, path_ + " was moved or deleted under the running daemon"});
    }
    return {};
}

/// After a failed flush the kernel may call pages clean that never reached the disk, so what the WAL seems to hold is not to be
/// trusted until it has been written again: a full checkpoint copies it into the database and flushes that.
SessionDone SqliteSession::settle_wal() {
    const int code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_FULL, nullptr, nullptr);
    if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) {
        return tl::unexpected(broken(code, "checkpoint"));
    }
    return {};
}

LogFailure SqliteSession::broken(int code, std::string_view doing) {
    auto out = failure(db_.get(), code, std::string(doing) + " " + path_);
    const int primary = code & 0xFF;
    reopen_ = reopen_ || primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY ||
              primary == SQLITE_PROTOCOL;
    return out;
}

SessionDone SqliteSession::step_done(Statement& statement, std::string_view doing) {
    const Using scope(statement);
    const int code = statement.step();
    if (code != SQLITE_DONE) {
        return tl::unexpected(broken(code, doing));
    }
    return {};
}

SessionDone SqliteSession::transaction(const std::function<SessionDone()>& work) {
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
    SessionDone done = work();
    if (done) {
        done = step_done(sql_.commit, "commit to");
    }
    if (!done && sqlite3_get_autocommit(db_.get()) == 0) {
        (void)step_done(sql_.rollback, "roll back");
    }
    return done;
}

Result<std::uint64_t, LogFailure> SqliteSession::number(Statement& statement) {
    const Using scope(statement);
    const int code = statement.step();
    if (code != SQLITE_ROW) {
        return tl::unexpected(broken(code, "read"));
    }
    return static_cast<std::uint64_t>(statement.integer(0));
}

}  // namespace surged::sqlite
