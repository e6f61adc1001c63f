// The listener that the API and the metrics page share: sockets, TLS, limits and event streams on one thread, and a few threads for
// requests that may wait on the program. It knows heads and bytes; what they mean is the service's.
//
// The hardest rule: no peer can hold the server. Whatever drips in, a handshake, a head and a body each have request_timeout in all.
// Connections are bounded in all, by address and by kind of peer, and at a bound the oldest that is not being served makes room: whoever
// comes with a whole request is served.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "io/http/api_router.hpp"
#include "io/http/credentials.hpp"
#include "io/http/event_hub.hpp"
#include "io/http/page_hub.hpp"

namespace surged {

struct ListenerOptions {
    std::string name = "http";       ///< in errors
    std::string host = "127.0.0.1";  ///< numeric IPv4 or IPv6 address, or "localhost"
    int port = 0;                    ///< 0 = any free port
    int workers = 8;                 ///< requests served at once, beside probes and event streams
    Span request_timeout{5000};      ///< for the handshake, for the whole head, for the whole body, and for an answer that is not read
    std::size_t connections = 4096;  ///< in all; never more than a quarter of the process' descriptors. Three kinds of peers (strangers, loopback, with a token) have at most three quarters of it each
    Span hsts{0};  ///< with TLS, how long browsers are to reach the whole host name, every port of it, by https alone; 0 = not said
    std::size_t connections_per_address = 2048;  ///< an IPv6 address counts by its /64
};

struct ListenerStats {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;  ///< answered with 4xx
    std::uint64_t failed = 0;   ///< answered with 5xx
    std::uint64_t open = 0;     ///< connections now
    std::uint64_t dropped = 0;  ///< connections that made room for others
    std::uint64_t late = 0;     ///< connections that were not done within their time
};

/// What the service wants done with a request.
struct Step {
    std::optional<HttpResponse> answer;  ///< at once; else:
    Admitted admitted;
    bool at_once = false;  ///< handle() does not wait: no thread is needed
    bool stream = false;   ///< the event stream, from `after` on
    bool pages = false;    ///< ... or that of pages: a snapshot and what changes
    std::optional<std::uint64_t> after;
    bool known = false;  ///< the caller showed a valid token
};

class HttpService {
public:
    virtual ~HttpService() = default;
    /// On the listener's thread; must not wait.
    virtual Step admit(const RequestHead& head) = 0;
    /// On a worker, several at once.
    virtual HttpResponse handle(const Step& step, const RequestHead& head, std::string_view body) = 0;
};

class HttpListener {
public:
    /// All borrowed; `hub` and `pages` may be null when no step is such a stream. Errors: the address is in use or not ours.
    static Result<std::unique_ptr<HttpListener>> start(const ListenerOptions& options, TlsContext tls, HttpService& service,
                                                       EventHub* hub, PageHub* pages = nullptr);
    /// Takes nothing more, waits for the requests that run and a second for their answers.
    ~HttpListener();
    HttpListener(const HttpListener&) = delete;
    HttpListener& operator=(const HttpListener&) = delete;

    int port() const;
    ListenerStats stats() const;
    /// For connections from now on; then ends the streams whose head `keep` does not accept any more. From any thread.
    void renew(TlsContext tls, std::function<bool(const RequestHead&)> keep);

private:
    struct Impl;
    explicit HttpListener(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace surged
