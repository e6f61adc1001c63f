#include "io/store/query/sqlite_query.hpp"

#include <sqlite3.h>

#include <chrono>

namespace surged {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int steps_between_looks = 10000;

struct SqliteDeadline {
    SteadyClock::time_point until;
    const std::atomic<bool>* stop = nullptr;
    bool hit = false;
};

int on_progress(void* context) {
    auto& deadline = *static_cast<SqliteDeadline*>(context);
    deadline.hit = *deadline.stop || SteadyClock::now() > deadline.until;
    return deadline.hit ? 1 : 0;
}

class SqliteQuery final : public SqlConnection {
public:
    explicit SqliteQuery(sqlite3* db) : db_(db) {}
    ~SqliteQuery() override { sqlite3_close(db_); }
    SqliteQuery(const SqliteQuery&) = delete;
    SqliteQuery& operator=(const SqliteQuery&) = delete;

    Result<SqlTable> query(const std::string& sql, Span timeout, const std::atomic<bool>& stop) override {
        SqliteDeadline deadline{SteadyClock::now() + timeout, &stop, false};
        sqlite3_busy_timeout(db_, static_cast<int>(timeout.count()));
        sqlite3_progress_handler(db_, steps_between_looks, &on_progress, &deadline);
        sqlite3_stmt* raw = nullptr;
        const char* rest = nullptr;
        const int code = sqlite3_prepare_v2(db_, sql.c_str(), static_cast<int>(sql.size() + 1), &raw, &rest);
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, &sqlite3_finalize);
        if (code != SQLITE_OK) {
            return fail(sqlite3_errmsg(db_));
        }
        if (raw == nullptr || std::string(rest).find_first_not_of(" \t\r\n;") != std::string::npos) {
            return fail("the query must be one statement");
        }
        if (sqlite3_stmt_readonly(raw) == 0) {
            return fail("the query would change the database");
        }
        auto table = read(raw);
        return deadline.hit ? Result<SqlTable>(fail(stop ? "stopped" : "the query takes longer than its timeout")) : table;
    }

private:
    Result<SqlTable> read(sqlite3_stmt* statement) {
        SqlTable table;
        const int columns = sqlite3_column_count(statement);
        for (int i = 0; i < columns; ++i) {
            table.columns.emplace_back(sqlite3_column_name(statement, i));
        }
        SqlTableLimit limit;
        int code = 0;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            auto& row = table.rows.emplace_back();
            std::size_t bytes = 0;
            for (int i = 0; i < columns; ++i) {
                const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
                const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
                bytes += size;
                row.emplace_back(text == nullptr ? std::nullopt : std::optional(std::string(text, size)));
            }
            if (auto why = limit.row(bytes); !why.empty()) {
                return fail(why);
            }
        }
        return code == SQLITE_DONE ? Result<SqlTable>(std::move(table)) : Result<SqlTable>(fail(sqlite3_errmsg(db_)));
    }

    sqlite3* db_;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> open_sqlite_query(const SqlTarget& target) {
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(target.path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
    std::unique_ptr<SqlConnection> out = std::make_unique<SqliteQuery>(db);
    if (code != SQLITE_OK) {
        return fail(target.path + ": " + (db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db)));
    }
    return out;
}

}  // namespace surged
