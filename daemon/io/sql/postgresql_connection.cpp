#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "io/sql/open_sql.hpp"
#include "io/sql/shared_library.hpp"

namespace surged {
namespace {

struct PqLibrary {
    decltype(&PQconnectdbParams) connect = nullptr;
    decltype(&PQfinish) finish = nullptr;
    decltype(&PQstatus) status = nullptr;
    decltype(&PQerrorMessage) error = nullptr;
    decltype(&PQsendQueryParams) send = nullptr;
    decltype(&PQsetSingleRowMode) single_rows = nullptr;
    decltype(&PQconsumeInput) consume = nullptr;
    decltype(&PQisBusy) busy = nullptr;
    decltype(&PQsocket) socket = nullptr;
    decltype(&PQgetResult) result = nullptr;
    decltype(&PQresultStatus) result_status = nullptr;
    decltype(&PQresultErrorMessage) result_error = nullptr;
    decltype(&PQntuples) rows = nullptr;
    decltype(&PQnfields) columns = nullptr;
    decltype(&PQfname) column = nullptr;
    decltype(&PQgetvalue) value = nullptr;
    decltype(&PQgetlength) length = nullptr;
    decltype(&PQgetisnull) is_null = nullptr;
    decltype(&PQclear) clear = nullptr;
};

Result<PqLibrary> load_pq() {
    auto library = SharedLibrary::open("libpq.so.5", "libpq5");
    if (!library) {
        return tl::unexpected(library.error());
    }
    PqLibrary pq;
    library->find("PQconnectdbParams", pq.connect);
    library->find("PQfinish", pq.finish);
    library->find("PQstatus", pq.status);
    library->find("PQerrorMessage", pq.error);
    library->find("PQsendQueryParams", pq.send);
    library->find("PQsetSingleRowMode", pq.single_rows);
    library->find("PQconsumeInput", pq.consume);
    library->find("PQisBusy", pq.busy);
    library->find("PQsocket", pq.socket);
    library->find("PQgetResult", pq.result);
    library->find("PQresultStatus", pq.result_status);
    library->find("PQresultErrorMessage", pq.result_error);
    library->find("PQntuples", pq.rows);
    library->find("PQnfields", pq.columns);
    library->find("PQfname", pq.column);
    library->find("PQgetvalue", pq.value);
    library->find("PQgetlength", pq.length);
    library->find("PQgetisnull", pq.is_null);
    library->find("PQclear", pq.clear);
    if (!library->missing().empty()) {
        return fail("libpq.so.5 has no " + library->missing());
    }
    return pq;
}

std::string one_line_of(const char* text) {
    std::string out(text == nullptr ? "" : text);
    while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) {
        out.pop_back();
    }
    std::replace(out.begin(), out.end(), '\n', ' ');
    return out.empty() ? "no reason given" : out;
}

class PostgresqlConnection final : public SqlConnection {
public:
    PostgresqlConnection(const PqLibrary& pq, PGconn* connection) : pq_(pq), connection_(connection) {}
    ~PostgresqlConnection() override { pq_.finish(connection_); }
    PostgresqlConnection(const PostgresqlConnection&) = delete;
    PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;

    Result<SqlTable> query(const std::string& sql, Span timeout, const std::atomic<bool>& stop) override {
        // The extended protocol takes one statement only.
        if (pq_.send(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) {
            return fail(one_line_of(pq_.error(connection_)));
        }
        pq_.single_rows(connection_);  // no more of a large result than its bound is held
        SqlTable table;
        SqlTableLimit limit;
        std::string error;
        const auto until = std::chrono::steady_clock::now() + timeout;
        for (bool more = true; more && error.empty();) {
            error = wait(until, stop);
            more = error.empty() && take(table, limit, error);
        }
        return error.empty() ? Result<SqlTable>(std::move(table)) : Result<SqlTable>(fail(error));
    }

private:
    /// Until a result is there. Empty = it is.
    std::string wait(std::chrono::steady_clock::time_point until, const std::atomic<bool>& stop) {
        while (pq_.busy(connection_) != 0) {
            if (stop) {
                return "stopped";
            }
            if (std::chrono::steady_clock::now() > until) {
                return "the query takes longer than its timeout";
            }
            pollfd ready{pq_.socket(connection_), POLLIN, 0};
            ::poll(&ready, 1, 100);
            if (ready.revents != 0 && pq_.consume(connection_) == 0) {
                return one_line_of(pq_.error(connection_));
            }
        }
        return {};
    }

    /// The next result, a row or an end. False: there was none.
    bool take(SqlTable& table, SqlTableLimit& limit, std::string& error) {
        PGresult* result = pq_.result(connection_);
        if (result == nullptr) {
            return false;
        }
        const auto status = pq_.result_status(result);
        if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            error = status == PGRES_COMMAND_OK ? "the query gives no rows" : one_line_of(pq_.result_error(result));
        }
        const int columns = pq_.columns(result);
        if (table.columns.empty()) {
            for (int i = 0; i < columns; ++i) {
                table.columns.emplace_back(pq_.column(result, i));
            }
        }
        for (int row = 0; row < pq_.rows(result) && error.empty(); ++row) {
            auto& values = table.rows.emplace_back();
            std::size_t bytes = 0;
            for (int i = 0; i < columns; ++i) {
                const auto size = static_cast<std::size_t>(pq_.length(result, row, i));
                bytes += size;
                values.emplace_back(pq_.is_null(result, row, i) != 0
                                        ? std::nullopt
                                        : std::optional(std::string(pq_.value(result, row, i), size)));
            }
            error = limit.row(bytes);
        }
        pq_.clear(result);
        return true;
    }

    PqLibrary pq_;
    PGconn* connection_;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> open_postgresql(const SqlTarget& target) {
    const auto pq = load_pq();
    if (!pq) {
        return tl::unexpected(pq.error());
    }
    const auto seconds = std::to_string(std::max<std::int64_t>(2, target.connect_timeout.count() / 1000));
    const auto port = target.port == 0 ? std::string() : std::to_string(target.port);
    std::vector<const char*> keys;
    std::vector<const char*> values;
    const auto set = [&](const char* key, const std::string& value) {
        if (!value.empty()) {
            keys.push_back(key);
            values.push_back(value.c_str());
        }
    };
    const std::string name = "surgectl";
    const std::string read_only = "-c default_transaction_read_only=on";
    const std::string verify = target.ca_file.empty() ? "" : "verify-full";
    // First the general text: what comes later overrides it.
    set("dbname", target.connection);
    set("host", target.host);
    set("port", port);
    if (!target.name.empty()) {
        set("dbname", target.name);
    }
    set("user", target.user);
    set("password", target.password);
    set("connect_timeout", seconds);
    set("application_name", name);
    set("options", read_only);
    set("sslrootcert", target.ca_file);
    set("sslmode", verify);
    keys.push_back(nullptr);
    values.push_back(nullptr);
    PGconn* connection = pq->connect(keys.data(), values.data(), 1);
    auto out = std::make_unique<PostgresqlConnection>(*pq, connection);
    if (pq->status(connection) != CONNECTION_OK) {
        return fail(one_line_of(pq->error(connection)));
    }
    return std::unique_ptr<SqlConnection>(std::move(out));
}

}  // namespace surged
