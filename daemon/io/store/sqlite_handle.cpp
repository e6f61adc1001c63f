#include "io/store/sqlite_handle.hpp"

#include <unistd.h>

#include "core/base/encoding.hpp"

namespace surged::sqlite {

LogFailure failure(sqlite3* db, int code, std::string_view doing) {
    LogFailure out;
    const int primary = code & 0xFF;
    out.error = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ? LogError::corrupt
                : primary == SQLITE_CONSTRAINT                        ? LogError::conflict
                                                                      : LogError::unavailable;
    out.message = "cannot " + std::string(doing) + ": " + (db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code)) +
                  " (sqlite " + std::to_string(code) + ")";
    return out;
}

Result<void, LogFailure> Database::open(const std::string& path) {
    return open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path);
}

Result<void, LogFailure> Database::open_to_read(const std::string& path) {
    // As a URI, for one option: without a write-ahead log SQLite would make one to look into a database that uses one.
    const auto plain = [](char c) { return c > 32 && c < 127 && c != '%' && c != '?' && c != '#'; };
    const std::string name = "file:" + escape_bytes(path, '%', plain);
    const bool alone = ::access((path + "-wal").c_str(), F_OK) != 0;
    if (auto opened = open(name + (alone ? "?immutable=1" : ""), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, path); !opened) {
        return opened;
    }
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return {};
}

Result<void, LogFailure> Database::open(const std::string& name, int flags, const std::string& path) {
    close();
    // One thread at a time uses the connection, so SQLite's own mutexes would only cost.
    const int code = sqlite3_open_v2(name.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (code != SQLITE_OK) {
        auto out = failure(db_, code, "open " + path);
        close();
        return tl::unexpected(std::move(out));
    }
    return {};
}

void Database::close() {
    if (db_ != nullptr) {
        sqlite3_close_v2(db_);
        db_ = nullptr;
    }
}

Result<void, LogFailure> Database::run(const char* sql) {
    const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        return tl::unexpected(failure(db_, code, sql));
    }
    return {};
}

Result<std::string, LogFailure> Database::text(const char* sql) {
    Statement statement;
    if (auto prepared = statement.prepare(*this, sql); !prepared) {
        return tl::unexpected(prepared.error());
    }
    const int code = statement.step();
    if (code == SQLITE_ROW) {
        return std::string(statement.bytes(0));
    }
    if (code == SQLITE_DONE) {
        return std::string();
    }
    return tl::unexpected(failure(db_, code, sql));
}

Result<void, LogFailure> Statement::prepare(Database& db, const char* sql) {
    finalize();
    const int code = sqlite3_prepare_v3(db.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) {
        return tl::unexpected(failure(db.get(), code, sql));
    }
    return {};
}

void Statement::finalize() {
    sqlite3_finalize(statement_);
    statement_ = nullptr;
}

// A null pointer would bind NULL instead of an empty text, hence the literal.
void Statement::bind_text(int index, std::string_view value) {
    const char* data = value.empty() ? "" : value.data();
    sqlite3_bind_text64(statement_, index, data, value.size(), nullptr, SQLITE_UTF8);
}

void Statement::bind_blob(int index, std::string_view value) {
    const char* data = value.empty() ? "" : value.data();
    sqlite3_bind_blob64(statement_, index, data, value.size(), nullptr);
}

std::string_view Statement::bytes(int column) {
    // The order matters: the pointer first, then the size (SQLite may convert on the first call).
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr ? std::string_view()
                           : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

void Statement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

}  // namespace surged::sqlite
