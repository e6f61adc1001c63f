// Posts to one of several servers that stand for each other, over kept connections: the one that answered last, then the next. It knows
// addresses and answers; it refuses to know what is asked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

class HttpClient;

struct ServerLineOptions {
    std::vector<std::string> servers;  ///< scheme://host:port; at least one
    std::string ca_file;               ///< PEM; empty = the system's
    std::string cert_file;             ///< PEM, for servers that ask who calls; empty = none
    std::string key_file;
    Span timeout{300};  ///< of one server; then the next is asked
};

/// For one thread at a time.
class ServerLine {
public:
    explicit ServerLine(ServerLineOptions options);
    ~ServerLine();
    ServerLine(const ServerLine&) = delete;
    ServerLine& operator=(const ServerLine&) = delete;

    /// The body of the first answer that is a 200. Each server is asked once: one that did not answer may have done what was asked, and the
    /// next is asked the same, so the request must be one that does no harm twice. Error: what each server said, or that it said nothing.
    Result<std::string> post(std::string_view path, const std::string& json);
    /// Which is asked first.
    const std::string& server() const;

private:
    ServerLineOptions options_;
    std::vector<std::unique_ptr<HttpClient>> clients_;
    std::size_t first_ = 0;
};

}  // namespace surged
