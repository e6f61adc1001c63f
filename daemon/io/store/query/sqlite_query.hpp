// A foreign SQLite file, read only. Here, because SQLite is this folder's library; it has nothing to do with surged's own store.
#pragma once

#include <memory>

#include "io/sql_connection.hpp"

namespace surged {

/// Error: no such file, or no database.
Result<std::unique_ptr<SqlConnection>> open_sqlite_query(const SqlTarget& target);

}  // namespace surged
