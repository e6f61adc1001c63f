#include "io/store/sqlite_statements.hpp"

#include <array>
#include <utility>

namespace surged::sqlite {

Result<void, LogFailure> LogStatements::prepare(Database& db) {
    const std::array<std::pair<Statement*, const char*>, 14> all = {{
        {&begin, "BEGIN IMMEDIATE"},
        {&commit, "COMMIT"},
        {&rollback, "ROLLBACK"},
        {&head,
         "SELECT max(coalesce((SELECT max(seq) FROM records), 0), coalesce((SELECT max(seq) FROM snapshots), 0)),"
         " coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'term'), 0)"},
        {&insert, "INSERT INTO records(seq, wall_ms, type, incident, bytes, crc) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
        {&read, "SELECT seq, wall_ms, type, incident, bytes, crc FROM records WHERE seq > ?1 ORDER BY seq"},
        {&read_incident,
         "SELECT seq, wall_ms, type, incident, bytes, crc FROM records WHERE incident = ?1 AND incident <> '' ORDER BY seq LIMIT "
         "?2"},
        {&snapshot_load, "SELECT seq, bytes, crc FROM snapshots ORDER BY seq DESC LIMIT 1"},
        {&snapshot_before, "SELECT seq, bytes, crc FROM snapshots WHERE seq < ?1 ORDER BY seq DESC LIMIT 1"},
        {&snapshot_save, "INSERT OR REPLACE INTO snapshots(seq, bytes, crc) VALUES(?1, ?2, ?3)"},
        {&snapshot_drop, "DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 2)"},
        {&trim,
         "DELETE FROM records WHERE seq IN (SELECT seq FROM (SELECT seq, wall_ms FROM records"
         " WHERE seq <= min(?1, coalesce((SELECT min(seq) FROM snapshots), 0)) ORDER BY seq LIMIT ?3) WHERE wall_ms < ?2 LIMIT "
         "?4)"},
        {&term_read, "SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'term'), 0)"},
        {&term_raise,
         "INSERT INTO meta VALUES('term', '1') ON CONFLICT(key) DO UPDATE SET value = CAST(value AS INTEGER) + 1"},
    }};
    for (const auto& [statement, sql] : all) {
        if (auto prepared = statement->prepare(db, sql); !prepared) {
            return prepared;
        }
    }
    return {};
}

void LogStatements::finalize() {
    for (Statement* statement : {&begin, &commit, &rollback, &head, &insert, &read, &read_incident, &snapshot_load, &snapshot_before,
                                 &snapshot_save, &snapshot_drop, &trim, &term_read, &term_raise}) {
        statement->finalize();
    }
}

}  // namespace surged::sqlite
