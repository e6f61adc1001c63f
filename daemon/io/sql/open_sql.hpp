// Opens a database on another host by the name of its driver: postgresql, mariadb, odbc.
#pragma once

#include <memory>

#include "io/sql_connection.hpp"

namespace surged {

/// Error: a driver that this build or this host does not have, which says what to install; no connection, in the database's
/// words.
Result<std::unique_ptr<SqlConnection>> open_sql(const SqlTarget& target);

// One file each, of those that were built in.
Result<std::unique_ptr<SqlConnection>> open_postgresql(const SqlTarget& target);
Result<std::unique_ptr<SqlConnection>> open_mariadb(const SqlTarget& target);
Result<std::unique_ptr<SqlConnection>> open_odbc(const SqlTarget& target);

}  // namespace surged
