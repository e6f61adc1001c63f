// A small blocking HTTP client for tests: real sockets on 127.0.0.1, every wait bounded. It can also send half a request, which
// is why it is not libcurl.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surged::test {

struct HttpReply {
    int status = 0;                              ///< 0 = no whole answer came
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One connection. Reads and writes wait at most `patience`.
class HttpConnection {
public:
    explicit HttpConnection(int port, std::chrono::milliseconds patience = std::chrono::seconds{10});
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    bool connected() const { return fd_ >= 0; }
    bool send(std::string_view bytes);
    /// What comes next, at most 64 KiB; empty = closed, reset or nothing in time.
    std::string receive();
    /// Reads until the text appears in all that was received so far; false = closed or nothing in time.
    bool receive_until(std::string_view text);
    /// Reads to the end of the connection and parses the answer.
    HttpReply reply();
    const std::string& received() const { return received_; }
    void shrink_receive_buffer(int bytes = 4096);

private:
    int fd_ = -1;
    std::string received_;
};

/// One request on a connection of its own. Host and Content-Length are added unless given.
HttpReply http(int port, const std::string& method, const std::string& path, const HttpHeaders& headers = {},
               const std::string& body = "");
/// POST with Content-Type: application/json.
HttpReply post_json(int port, const std::string& path, const std::string& json, HttpHeaders headers = {});
HttpReply parse_reply(const std::string& text);

/// A port on 127.0.0.1 with a listener on it, so that it is in use while this lives.
class BusyPort {
public:
    BusyPort();
    ~BusyPort();
    BusyPort(const BusyPort&) = delete;
    BusyPort& operator=(const BusyPort&) = delete;
    int port() const { return port_; }

private:
    int fd_ = -1;
    int port_ = 0;
};

}  // namespace surged::test
