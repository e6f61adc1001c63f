// The tables of the record log, whose file it is, and how SQLite must run so that a commit is durable. Private to this room.
#pragma once

#include <string>

#include "io/store/sqlite_handle.hpp"

namespace surged::sqlite {

/// Makes the tables in an empty database; refuses a foreign one and another schema version (corrupt), untouched.
Result<void, LogFailure> claim_schema(Database& db, const std::string& path);

/// WAL, synchronous=FULL. When checkpoints are made is the session's matter. `page_max` pages at most; 0 = no limit.
Result<void, LogFailure> set_up(Database& db, const std::string& path, unsigned page_max);

}  // namespace surged::sqlite
