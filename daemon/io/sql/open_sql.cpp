#include "io/sql/open_sql.hpp"

namespace surged {

Result<std::unique_ptr<SqlConnection>> open_sql(const SqlTarget& target) {
#if SURGED_SQL_POSTGRESQL
    if (target.driver == "postgresql") {
        return open_postgresql(target);
    }
#endif
#if SURGED_SQL_MARIADB
    if (target.driver == "mariadb") {
        return open_mariadb(target);
    }
#endif
#if SURGED_SQL_ODBC
    if (target.driver == "odbc") {
        return open_odbc(target);
    }
#endif
    return fail("this surgectl was built without the driver " + target.driver);
}

}  // namespace surged
