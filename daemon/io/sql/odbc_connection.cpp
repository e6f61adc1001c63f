#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <array>

#include "io/sql/open_sql.hpp"
#include "io/sql/shared_library.hpp"

namespace surged {
namespace {

struct OdbcLibrary {
    decltype(&SQLAllocHandle) alloc = nullptr;
    decltype(&SQLFreeHandle) release = nullptr;
    decltype(&SQLSetEnvAttr) set_env = nullptr;
    decltype(&SQLSetConnectAttr) set_connection = nullptr;
    decltype(&SQLSetStmtAttr) set_statement = nullptr;
    decltype(&SQLDriverConnect) connect = nullptr;
    decltype(&SQLDisconnect) disconnect = nullptr;
    decltype(&SQLExecDirect) execute = nullptr;
    decltype(&SQLNumResultCols) columns = nullptr;
    decltype(&SQLDescribeCol) describe = nullptr;
    decltype(&SQLFetch) fetch = nullptr;
    decltype(&SQLGetData) data = nullptr;
    decltype(&SQLGetDiagRec) diagnostic = nullptr;
};

Result<OdbcLibrary> load_odbc() {
    auto library = SharedLibrary::open("libodbc.so.2", "libodbc2");
    if (!library) {
        return tl::unexpected(library.error());
    }
    OdbcLibrary odbc;
    library->find("SQLAllocHandle", odbc.alloc);
    library->find("SQLFreeHandle", odbc.release);
    library->find("SQLSetEnvAttr", odbc.set_env);
    library->find("SQLSetConnectAttr", odbc.set_connection);
    library->find("SQLSetStmtAttr", odbc.set_statement);
    library->find("SQLDriverConnect", odbc.connect);
    library->find("SQLDisconnect", odbc.disconnect);
    library->find("SQLExecDirect", odbc.execute);
    library->find("SQLNumResultCols", odbc.columns);
    library->find("SQLDescribeCol", odbc.describe);
    library->find("SQLFetch", odbc.fetch);
    library->find("SQLGetData", odbc.data);
    library->find("SQLGetDiagRec", odbc.diagnostic);
    if (!library->missing().empty()) {
        return fail("libodbc.so.2 has no " + library->missing());
    }
    return odbc;
}

SQLPOINTER number_as_pointer(std::uintptr_t number) {
    return reinterpret_cast<SQLPOINTER>(number);
}

SQLCHAR* odbc_text(const std::string& text) {
    return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.c_str()));  // the interface is older than const
}

std::string diagnosis(const OdbcLibrary& odbc, SQLSMALLINT type, SQLHANDLE handle) {
    std::array<SQLCHAR, 6> state{};
    std::array<SQLCHAR, 512> text{};
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    const auto code =
        odbc.diagnostic(type, handle, 1, state.data(), &native, text.data(), static_cast<SQLSMALLINT>(text.size()), &length);
    std::string out = SQL_SUCCEEDED(code) ? reinterpret_cast<const char*>(text.data()) : "no reason given";
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out;
}

class OdbcConnection final : public SqlConnection {
public:
    explicit OdbcConnection(const OdbcLibrary& odbc) : odbc_(odbc) {}
    ~OdbcConnection() override {
        if (connected_) {
            odbc_.disconnect(connection_);
        }
        if (connection_ != SQL_NULL_HDBC) {
            odbc_.release(SQL_HANDLE_DBC, connection_);
        }
        if (environment_ != SQL_NULL_HENV) {
            odbc_.release(SQL_HANDLE_ENV, environment_);
        }
    }
    OdbcConnection(const OdbcConnection&) = delete;
    OdbcConnection& operator=(const OdbcConnection&) = delete;

    /// Empty = connected.
    std::string connect(const SqlTarget& target) {
        if (!SQL_SUCCEEDED(odbc_.alloc(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_))) {
            return "no ODBC environment";
        }
        odbc_.set_env(environment_, SQL_ATTR_ODBC_VERSION, number_as_pointer(SQL_OV_ODBC3), 0);
        if (!SQL_SUCCEEDED(odbc_.alloc(SQL_HANDLE_DBC, environment_, &connection_))) {
            return diagnosis(odbc_, SQL_HANDLE_ENV, environment_);
        }
        const auto seconds = static_cast<std::uintptr_t>(std::max<std::int64_t>(1, target.connect_timeout.count() / 1000));
        odbc_.set_connection(connection_, SQL_ATTR_LOGIN_TIMEOUT, number_as_pointer(seconds), 0);
        odbc_.set_connection(connection_, SQL_ATTR_ACCESS_MODE, number_as_pointer(SQL_MODE_READ_ONLY), 0);
        std::string text = target.connection;
        const auto add = [&text](const char* key, const std::string& value) {
            std::string quoted;
            for (const char c : value) {
                quoted += c == '}' ? "}}" : std::string(1, c);
            }
            text += (text.empty() || text.back() == ';' ? "" : ";") + std::string(key) + "={" + quoted + "}";
        };
        if (!target.user.empty()) {
            add("UID", target.user);
        }
        if (!target.password.empty()) {
            add("PWD", target.password);
        }
        const auto code = odbc_.connect(connection_, nullptr, odbc_text(text), SQL_NTS, nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
        connected_ = SQL_SUCCEEDED(code);
        return connected_ ? "" : diagnosis(odbc_, SQL_HANDLE_DBC, connection_);
    }

    /// A driver cannot be interrupted: the statement's timeout ends it where the driver keeps to it.
    Result<SqlTable> query(const std::string& sql, Span timeout, const std::atomic<bool>&) override {
        SQLHSTMT statement = SQL_NULL_HSTMT;
        if (!SQL_SUCCEEDED(odbc_.alloc(SQL_HANDLE_STMT, connection_, &statement))) {
            return fail(diagnosis(odbc_, SQL_HANDLE_DBC, connection_));
        }
        const auto seconds = static_cast<std::uintptr_t>(std::max<std::int64_t>(1, timeout.count() / 1000));
        odbc_.set_statement(statement, SQL_ATTR_QUERY_TIMEOUT, number_as_pointer(seconds), 0);
        auto table = SQL_SUCCEEDED(odbc_.execute(statement, odbc_text(sql), SQL_NTS))
                         ? read(statement)
                         : Result<SqlTable>(fail(diagnosis(odbc_, SQL_HANDLE_STMT, statement)));
        odbc_.release(SQL_HANDLE_STMT, statement);
        return table;
    }

private:
    Result<SqlTable> read(SQLHSTMT statement) {
        SqlTable table;
        SQLSMALLINT columns = 0;
        odbc_.columns(statement, &columns);
        if (columns == 0) {
            return fail("the query gives no rows");
        }
        for (SQLSMALLINT i = 1; i <= columns; ++i) {
            std::array<SQLCHAR, 256> name{};
            SQLSMALLINT length = 0;
            odbc_.describe(statement, static_cast<SQLUSMALLINT>(i), name.data(), static_cast<SQLSMALLINT>(name.size()), &length,
                           nullptr, nullptr, nullptr, nullptr);
            table.columns.emplace_back(reinterpret_cast<const char*>(name.data()));
        }
        SqlTableLimit limit;
        SQLRETURN code = SQL_SUCCESS;
        while (SQL_SUCCEEDED(code = odbc_.fetch(statement))) {
            auto& row = table.rows.emplace_back();
            std::size_t bytes = 0;
            for (SQLSMALLINT i = 1; i <= columns; ++i) {
                row.push_back(value(statement, static_cast<SQLUSMALLINT>(i)));
                bytes += row.back() ? row.back()->size() : 0;
            }
            if (auto why = limit.row(bytes); !why.empty()) {
                return fail(why);
            }
        }
        return code == SQL_NO_DATA ? Result<SqlTable>(std::move(table))
                                   : Result<SqlTable>(fail(diagnosis(odbc_, SQL_HANDLE_STMT, statement)));
    }

    /// As text; of a longer one the first 4 KiB.
    std::optional<std::string> value(SQLHSTMT statement, SQLUSMALLINT column) {
        std::array<char, 4096> text{};
        SQLLEN length = 0;
        const auto code = odbc_.data(statement, column, SQL_C_CHAR, text.data(), static_cast<SQLLEN>(text.size()), &length);
        if (!SQL_SUCCEEDED(code) || length == SQL_NULL_DATA) {
            return std::nullopt;
        }
        return std::string(text.data());
    }

    OdbcLibrary odbc_;
    SQLHENV environment_ = SQL_NULL_HENV;
    SQLHDBC connection_ = SQL_NULL_HDBC;
    bool connected_ = false;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> open_odbc(const SqlTarget& target) {
    const auto library = load_odbc();
    if (!library) {
        return tl::unexpected(library.error());
    }
    auto out = std::make_unique<OdbcConnection>(*library);
    if (auto error = out->connect(target); !error.empty()) {
        return fail(error);
    }
    return std::unique_ptr<SqlConnection>(std::move(out));
}

}  // namespace surged
