#include <mysql.h>

#include <algorithm>
#include <mutex>

#include "io/sql/open_sql.hpp"
#include "io/sql/shared_library.hpp"

namespace surged {
namespace {

struct MariadbLibrary {
    decltype(&mysql_server_init) begin = nullptr;
    decltype(&mysql_init) init = nullptr;
    decltype(&mysql_optionsv) option = nullptr;
    decltype(&mysql_real_connect) connect = nullptr;
    decltype(&mysql_close) close = nullptr;
    decltype(&mysql_error) error = nullptr;
    decltype(&mysql_real_query) query = nullptr;
    decltype(&mysql_use_result) use_result = nullptr;
    decltype(&mysql_free_result) free_result = nullptr;
    decltype(&mysql_num_fields) columns = nullptr;
    decltype(&mysql_fetch_fields) fields = nullptr;
    decltype(&mysql_fetch_row) row = nullptr;
    decltype(&mysql_fetch_lengths) lengths = nullptr;
    decltype(&mysql_errno) code = nullptr;
};

Result<MariadbLibrary> load_mariadb() {
    auto library = SharedLibrary::open("libmariadb.so.3", "libmariadb3");
    if (!library) {
        return tl::unexpected(library.error());
    }
    MariadbLibrary mariadb;
    library->find("mysql_server_init", mariadb.begin);
    library->find("mysql_init", mariadb.init);
    library->find("mysql_optionsv", mariadb.option);
    library->find("mysql_real_connect", mariadb.connect);
    library->find("mysql_close", mariadb.close);
    library->find("mysql_error", mariadb.error);
    library->find("mysql_real_query", mariadb.query);
    library->find("mysql_use_result", mariadb.use_result);
    library->find("mysql_free_result", mariadb.free_result);
    library->find("mysql_num_fields", mariadb.columns);
    library->find("mysql_fetch_fields", mariadb.fields);
    library->find("mysql_fetch_row", mariadb.row);
    library->find("mysql_fetch_lengths", mariadb.lengths);
    library->find("mysql_errno", mariadb.code);
    if (!library->missing().empty()) {
        return fail("libmariadb.so.3 has no " + library->missing());
    }
    // Its own first use is not safe when several asks open their connections at once.
    static std::once_flag begun;
    std::call_once(begun, [&mariadb] { mariadb.begin(0, nullptr, nullptr); });
    return mariadb;
}

class MariadbConnection final : public SqlConnection {
public:
    MariadbConnection(const MariadbLibrary& library, MYSQL* connection) : library_(library), connection_(connection) {}
    ~MariadbConnection() override { library_.close(connection_); }
    MariadbConnection(const MariadbConnection&) = delete;
    MariadbConnection& operator=(const MariadbConnection&) = delete;

    /// The library cannot be interrupted: the socket's timeout, set when it was opened, ends a server that says nothing.
    Result<SqlTable> query(const std::string& sql, Span timeout, const std::atomic<bool>&) override {
        // The server gives up too (MariaDB); another server that does not know the variable goes on without.
        static_cast<void>(
            run("SET SESSION max_statement_time=" + std::to_string(std::max<std::int64_t>(1, timeout.count() / 1000))));
        if (auto error = run(sql); !error.empty()) {
            return fail(error);
        }
        MYSQL_RES* result = library_.use_result(connection_);
        if (result == nullptr) {
            return fail(library_.code(connection_) != 0 ? library_.error(connection_) : "the query gives no rows");
        }
        auto table = read(result);
        library_.free_result(result);
        return table;
    }

    std::string run(const std::string& sql) {
        return library_.query(connection_, sql.data(), sql.size()) == 0 ? "" : library_.error(connection_);
    }

private:
    Result<SqlTable> read(MYSQL_RES* result) {
        SqlTable table;
        const unsigned columns = library_.columns(result);
        const MYSQL_FIELD* fields = library_.fields(result);
        for (unsigned i = 0; i < columns; ++i) {
            table.columns.emplace_back(fields[i].name);
        }
        SqlTableLimit limit;
        while (MYSQL_ROW row = library_.row(result)) {
            const unsigned long* lengths = library_.lengths(result);
            auto& values = table.rows.emplace_back();
            std::size_t bytes = 0;
            for (unsigned i = 0; i < columns; ++i) {
                bytes += lengths[i];
                values.emplace_back(row[i] == nullptr ? std::nullopt : std::optional(std::string(row[i], lengths[i])));
            }
            if (auto why = limit.row(bytes); !why.empty()) {
                return fail(why);
            }
        }
        if (library_.code(connection_) != 0) {
            return fail(library_.error(connection_));
        }
        return table;
    }

    MariadbLibrary library_;
    MYSQL* connection_;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> open_mariadb(const SqlTarget& target) {
    const auto library = load_mariadb();
    if (!library) {
        return tl::unexpected(library.error());
    }
    MYSQL* handle = library->init(nullptr);
    if (handle == nullptr) {
        return fail("no memory for a connection");
    }
    auto out = std::make_unique<MariadbConnection>(*library, handle);
    const auto seconds = static_cast<unsigned>(std::max<std::int64_t>(1, target.connect_timeout.count() / 1000));
    library->option(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    library->option(handle, MYSQL_OPT_READ_TIMEOUT, &seconds);
    library->option(handle, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    const unsigned local_files = 0;  // a server must not read files of this host
    library->option(handle, MYSQL_OPT_LOCAL_INFILE, &local_files);
    library->option(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!target.ca_file.empty()) {
        const my_bool verify = 1;
        library->option(handle, MYSQL_OPT_SSL_CA, target.ca_file.c_str());
        library->option(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    }
    const bool by_socket = !target.path.empty();
    const char* host = by_socket || target.host.empty() ? "localhost" : target.host.c_str();
    if (library->connect(handle, host, target.user.c_str(), target.password.c_str(), target.name.c_str(),
                         static_cast<unsigned>(target.port), by_socket ? target.path.c_str() : nullptr, 0) == nullptr) {
        return fail(library->error(handle));
    }
    if (auto error = out->run("SET SESSION TRANSACTION READ ONLY"); !error.empty()) {
        return fail("cannot make the session read only: " + error);
    }
    return std::unique_ptr<SqlConnection>(std::move(out));
}

}  // namespace surged
