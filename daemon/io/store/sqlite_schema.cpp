#include "io/store/sqlite_schema.hpp"

namespace surged::sqlite {
namespace {

using Done = Result<void, LogFailure>;

constexpr std::int64_t application_id = 0x53524744;  // "SRGD"
constexpr std::string_view schema_version = "1";

constexpr const char* schema_sql =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE records(seq INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, type TEXT NOT NULL, incident TEXT NOT NULL,"
    " bytes TEXT NOT NULL, crc INTEGER NOT NULL);"
    "CREATE INDEX records_incident ON records(incident, seq) WHERE incident <> '';"
    "CREATE TABLE snapshots(seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL, crc INTEGER NOT NULL);"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('schema', '1');"
    "PRAGMA application_id = 1397901124;"
    "COMMIT;";

Done failed(LogError error, std::string message) {
    return tl::unexpected(LogFailure{error, std::move(message)});
}

}  // namespace

Done claim_schema(Database& db, const std::string& path) {
    sqlite3_busy_timeout(db.get(), 2000);
    const auto tables = db.text("SELECT count(*) FROM sqlite_schema");
    if (!tables) {
        return tl::unexpected(tables.error());
    }
    if (*tables == "0") {
        return db.run(schema_sql);
    }
    const auto id = db.text("PRAGMA application_id");
    if (!id) {
        return tl::unexpected(id.error());
    }
    if (*id != std::to_string(application_id)) {
        return failed(LogError::corrupt, path + " is a database of another program");
    }
    const auto version = db.text("SELECT value FROM meta WHERE key = 'schema'");
    if (!version) {
        return tl::unexpected(version.error());
    }
    if (*version != schema_version) {
        return failed(LogError::corrupt,
                      path + " has schema " + *version + ", this program knows " + std::string(schema_version));
    }
    return {};
}

Done set_up(Database& db, const std::string& path, unsigned page_max) {
    const auto mode = db.text("PRAGMA journal_mode = WAL");
    if (!mode) {
        return tl::unexpected(mode.error());
    }
    if (*mode != "wal") {
        return failed(LogError::unavailable, path + ": this file system cannot hold a write-ahead log");
    }
    const std::string pragmas =
        std::string("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 8388608;") +
        (page_max > 0 ? "PRAGMA max_page_count = " + std::to_string(page_max) + ";" : "");
    return db.run(pragmas.c_str());
}

}  // namespace surged::sqlite
