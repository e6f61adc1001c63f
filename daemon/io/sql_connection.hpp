// A database that is read from: what every driver does. Knows tables of texts; refuses to know SQL and what a column means.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct SqlTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;  ///< nullopt = NULL
};

/// Where a database is. Which of these a driver needs: rules/examples/feeds/README.md.
struct SqlTarget {
    std::string driver;
    std::string path;
    std::string host;
    int port = 0;
    std::string name;
    std::string user;
    std::string password;
    std::string connection;
    std::string ca_file;
    Span connect_timeout = std::chrono::seconds{10};
};

class SqlConnection {
public:
    static constexpr std::size_t rows_max = 100000;
    static constexpr std::size_t bytes_max = std::size_t{64} << 20U;

    virtual ~SqlConnection() = default;
    /// One statement that only reads, within a session that only reads. Errors: the database's own words, too many rows, the
    /// timeout. After an error the connection is not used again.
    virtual Result<SqlTable> query(const std::string& sql, Span timeout, const std::atomic<bool>& stop) = 0;
};

/// Bounds what comes in, for the drivers.
class SqlTableLimit {
public:
    /// Empty = within the bounds, else what is exceeded.
    std::string row(std::size_t bytes) {
        bytes_ += bytes;
        if (++rows_ > SqlConnection::rows_max) {
            return "the query gives more than " + std::to_string(SqlConnection::rows_max) + " rows";
        }
        return bytes_ > SqlConnection::bytes_max ? "the query gives more than 64 MiB" : "";
    }

private:
    std::size_t rows_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace surged
