// The HTTP listener: sockets, threads, TLS and streams, on civetweb's C API. It knows requests and bytes; what they mean is
// ApiRouter's.
//
// The hardest rule: no peer can hold the server. Threads are bounded, a head must come within the time limit, a body is small and
// has a limit of its own, every connection serves one request, and event streams have threads of their own number so that readers
// of the wallboard never keep an answer out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/network.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "io/http/api.hpp"
#include "io/http/event_hub.hpp"
#include "io/http/tokens.hpp"

namespace surged {

struct HttpOptions {
    std::string host = "127.0.0.1";  ///< numeric IPv4 or IPv6 address, or "localhost"
    int port = 0;                    ///< 0 = any free port
    std::string tls_cert;            ///< PEM; with tls_key. Empty = plain HTTP
    std::string tls_key;
    int workers = 8;             ///< requests served at once, beside the event streams
    Span request_timeout{5000};  ///< for the whole head, and for the whole body
    EventHub::Limits events;
    std::vector<Network> trusted_proxies;  ///< peers whose X-Forwarded-* headers are believed
};

struct HttpStats {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;  ///< answered with 4xx
    std::uint64_t failed = 0;   ///< answered with 5xx
    EventHubStats events;
};

class HttpServer {
public:
    /// Listens and serves. `backend` is borrowed and must outlive the server. Errors: the address is in use or not ours, a
    /// certificate can not be read, or no tokens and `host` is not loopback (promise O5).
    static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, TokenTable tokens, ApiBackend& backend);
    /// Ends the streams, then waits for the requests that run (each is bounded by the backend's own limits).
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// The port that was bound.
    int port() const;
    /// For GET /api/v1/events. Never waits for a reader; from any thread.
    void publish(std::uint64_t sequence, std::string_view type, std::string_view json);
    HttpStats stats() const;

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// True for 127.0.0.0/8, ::1 and localhost.
bool is_loopback(std::string_view host);

}  // namespace surged
