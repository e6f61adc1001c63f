// The thin layer over SQLite's C interface: a database and prepared statements that close themselves, result codes turned into
// LogFailure. Private to this room.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "io/record_log.hpp"

namespace surged::sqlite {

/// What a result code means for the caller: corrupt for a damaged or foreign file, unavailable for all that may pass.
LogFailure failure(sqlite3* db, int code, std::string_view doing);

class Database {
public:
    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { close(); }

    /// Opens or creates; all result codes are extended ones.
    Result<void, LogFailure> open(const std::string& path);
    /// Changes neither the database nor its write-ahead log, on closing either.
    Result<void, LogFailure> open_to_read(const std::string& path);
    void close();
    /// Runs statements without results.
    Result<void, LogFailure> run(const char* sql);
    /// First column of the first row as text; empty without a row.
    Result<std::string, LogFailure> text(const char* sql);
    sqlite3* get() const { return db_; }

private:
    Result<void, LogFailure> open(const std::string& name, int flags, const std::string& path);

    sqlite3* db_ = nullptr;
};

/// A prepared statement, kept for the life of the database. Parameters count from 1, columns from 0.
class Statement {
public:
    Statement() = default;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { finalize(); }

    Result<void, LogFailure> prepare(Database& db, const char* sql);
    void finalize();

    void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
    /// Borrowed: `value` must live until reset(). Bytes are stored as they are, NUL included.
    void bind_text(int index, std::string_view value);
    void bind_blob(int index, std::string_view value);

    int step() { return sqlite3_step(statement_); }
    std::int64_t integer(int column) { return sqlite3_column_int64(statement_, column); }
    std::string_view bytes(int column);
    void reset();

private:
    sqlite3_stmt* statement_ = nullptr;
};

/// Resets a statement on leaving a scope, so that it holds neither a read transaction nor borrowed bytes.
class Using {
public:
    explicit Using(Statement& statement) : statement_(statement) {}
    ~Using() { statement_.reset(); }
    Using(const Using&) = delete;
    Using& operator=(const Using&) = delete;

private:
    Statement& statement_;
};

}  // namespace surged::sqlite
