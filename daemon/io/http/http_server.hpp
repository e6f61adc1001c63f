// The API: the router behind a listener, its tokens and its event streams.
//
// The hardest rule is the listener's: no peer can hold the server. Here it is that tokens and certificate can be changed while it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/network.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "io/http/api.hpp"
#include "io/http/credentials.hpp"
#include "io/http/event_hub.hpp"
#include "io/http/http_listener.hpp"
#include "io/http/page_hub.hpp"

namespace surged {

struct HttpOptions : ListenerOptions {
    EventHub::Limits events;
    PastEvents past;                       ///< what readers of the events may have seen of the process before
    std::vector<Network> trusted_proxies;  ///< peers whose X-Forwarded-* headers are believed
};

struct HttpStats : ListenerStats {
    EventHubStats events;
    PageHubStats pages;
};

class HttpServer {
public:
    /// Listens and serves. `backend` is borrowed and must outlive the server. Errors: the address is in use or not ours, or no tokens
    /// and `host` is not loopback.
    static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, HttpCredentials credentials, ApiBackend& backend);
    /// Ends the streams, then waits for the requests that run (each is bounded by the backend's own limits).
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// The port that was bound.
    int port() const;
    /// For GET /api/v1/events. Never waits for a reader; from any thread.
    void publish(std::uint64_t sequence, std::string_view type, std::string_view json);
    /// For GET /api/v1/events?view=console: whoever makes its texts works with it until the server's end.
    PageHub& pages();
    HttpStats stats() const;
    /// Tokens count for the next request, the certificate for the next connection; streams of a token that is gone are ended. From
    /// any thread. Error: no tokens, and the listener is not on loopback.
    Result<void> renew(HttpCredentials credentials);

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// One page for machines at one path, e.g. /metrics, on a listener of its own.
class PageServer {
public:
    /// `gzip`: the peer takes a compressed text. On a worker, perhaps several at once.
    using Source = std::function<std::string(bool gzip)>;
    static Result<std::unique_ptr<PageServer>> start(const ListenerOptions& options, std::string path, std::string content_type,
                                                     Source source);
    ~PageServer();
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;
    int port() const;
    ListenerStats stats() const;

private:
    struct Impl;
    explicit PageServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// True for 127.0.0.0/8, ::1 and localhost.
bool is_loopback(std::string_view host);

}  // namespace surged
