// A small blocking HTTP client for tools. It knows requests and one event stream; it refuses to know what is asked.
// Its hardest rule: the token never leaves for another host: redirects are not followed, and errors never show it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct HttpClientOptions {
    std::string server = "http://127.0.0.1:9847";  ///< scheme://host[:port], no path
    std::string token;                             ///< bearer token; empty = none
    std::string ca_file;                           ///< PEM; empty = the system's
    std::string cert_file;                         ///< PEM, shown to a server that asks who calls; empty = none
    std::string key_file;                          ///< PEM, of cert_file
    Span connect_timeout{3000};
    Span timeout{10000};  ///< one whole request; not for streams
};

struct ClientReply {
    int status = 0;
    std::string body;      ///< at most 64 MiB
    std::string modified;  ///< Last-Modified, as it came
};

class HttpClient {
public:
    explicit HttpClient(HttpClientOptions options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Errors: no answer (refused, timed out, not HTTP). Every status is an answer.
    Result<ClientReply> get(const std::string& path);
    /// `key`: Idempotency-Key; empty = none.
    Result<ClientReply> post(const std::string& path, const std::string& json, const std::string& key);
    Result<ClientReply> remove(const std::string& path);
    /// Of a 200 each piece of the body goes to `piece`, of any size in all; false ends it. It may take as long as it moves. Error: no answer, or
    /// one that is torn or was ended.
    Result<ClientReply> download(const std::string& path, const std::function<bool(std::string_view bytes)>& piece);
    /// Reads server-sent events until `each(type, data)` returns false or `stopped()` is true (looked at about once a second) or
    /// the server ends. An answer that is no 200 is handed back with its body.
    Result<ClientReply> events(const std::string& path,
                             const std::function<bool(std::string_view type, std::string_view data)>& each,
                             const std::function<bool()>& stopped);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
