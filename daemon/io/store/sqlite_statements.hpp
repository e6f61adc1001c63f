// What the record log asks of its database, prepared once a connection. Private to this room.
#pragma once

#include "io/store/sqlite_handle.hpp"

namespace surged::sqlite {

struct LogStatements {
    Statement begin, commit, rollback;
    Statement head;           ///< the last sequence, the term
    Statement insert;         ///< seq, wall_ms, type, incident, bytes, crc
    Statement read;           ///< after seq
    Statement read_incident;  ///< incident, limit
    Statement snapshot_load, snapshot_before, snapshot_save, snapshot_drop;
    Statement trim;  ///< up to seq, before wall_ms, of so many of the oldest, at most so many
    Statement term_read, term_raise;

    Result<void, LogFailure> prepare(Database& db);
    void finalize();
};

}  // namespace surged::sqlite
