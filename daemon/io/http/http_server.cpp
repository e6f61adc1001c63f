#include "io/http/http_server.hpp"

#include <arpa/inet.h>
#include <civetweb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/check.hpp"
#include "io/http/api_router.hpp"
#include "io/http/query.hpp"
#include "io/http/response_head.hpp"
#include "io/http/tls_front.hpp"

namespace surged {

namespace {

/// A quiet event stream says a word this often, so that a reader who is gone is noticed and its thread is free again.
constexpr Span stream_beat{5000};
/// Of a refused body at most this is read; whoever announces more loses the refusal's text, not more.
constexpr long long drain_bytes_max = 1024LL * 1024;

bool write_all(mg_connection* connection, std::string_view bytes) {
    // civetweb bounds one write by the request timeout; pieces keep a slow reader from stretching it over the whole text.
    constexpr std::size_t piece = 16384;
    while (!bytes.empty()) {
        const std::size_t size = std::min(piece, bytes.size());
        if (mg_write(connection, bytes.data(), size) != static_cast<int>(size)) {
            return false;
        }
        bytes.remove_prefix(size);
    }
    return true;
}

bool write_response(mg_connection* connection, const HttpResponse& response, bool with_body) {
    return write_all(connection, response_head(response, response.body.size())) &&
           (!with_body || write_all(connection, response.body));
}

/// Connects and closes; whether it works does not matter. "Any" addresses are reached by loopback.
void knock(const std::string& host, int port) {
    const bool v6 = host.find(':') != std::string::npos;
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (v6) {
        auto* address = reinterpret_cast<sockaddr_in6*>(&storage);
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(static_cast<std::uint16_t>(port));
        inet_pton(AF_INET6, host == "::" ? "::1" : host.c_str(), &address->sin6_addr);
        size = sizeof *address;
    } else {
        auto* address = reinterpret_cast<sockaddr_in*>(&storage);
        address->sin_family = AF_INET;
        address->sin_port = htons(static_cast<std::uint16_t>(port));
        const bool loopback = host == "localhost" || host == "0.0.0.0";
        inet_pton(AF_INET, loopback ? "127.0.0.1" : host.c_str(), &address->sin_addr);
        size = sizeof *address;
    }
    const int fd = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) {
        static_cast<void>(::connect(fd, reinterpret_cast<const sockaddr*>(&storage), size));
        ::close(fd);
    }
}

RequestHead head_of(const mg_request_info& info) {
    RequestHead head;
    head.method = info.request_method == nullptr ? "" : info.request_method;
    head.path = info.local_uri_raw == nullptr ? "" : info.local_uri_raw;
    head.query = info.query_string == nullptr ? "" : info.query_string;
    for (int i = 0; i < info.num_headers; ++i) {
        const mg_header& header = info.http_headers[i];
        std::string name = header.name == nullptr ? "" : header.name;
        for (char& c : name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        head.add(std::move(name), header.value == nullptr ? "" : header.value);
    }
    head.content_length = info.content_length;
    head.chunked = head.headers.count("transfer-encoding") != 0;
    return head;
}

}  // namespace

struct HttpServer::Impl {
    Impl(const HttpOptions& o, TokenTable t, ApiBackend& b)
        : options(o), plain_host(with_tls() ? "127.0.0.1" : o.host), tokens(std::move(t)), router(b, tokens, o.trusted_proxies), hub(o.events) {}

    HttpOptions options;
    std::string plain_host;  ///< where civetweb listens
    TokenTable tokens;
    ApiRouter router;
    EventHub hub;
    mg_context* context = nullptr;
    int plain_port = 0;
    std::unique_ptr<TlsFront> tls;
    std::mutex log_mutex;
    std::string first_complaint;  ///< of civetweb, while starting
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> failed{0};

    int serve(mg_connection* connection);
    void stream(mg_connection* connection, bool with_body, std::string_view query);
    std::optional<std::string> read_body(mg_connection* connection, std::size_t size) const;
    void drain(mg_connection* connection) const;
    void count(int status);
    std::size_t threads() const { return static_cast<std::size_t>(std::max(1, options.workers)) + options.events.subscribers; }
    bool with_tls() const { return !options.tls_cert.empty() || !options.tls_key.empty(); }
    Result<void> listen();
    Result<void> listen_tls();

    static Impl& of(const mg_connection* connection) { return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection))); }
    static int on_request(mg_connection* connection) { return of(connection).serve(connection); }
    static int on_error(mg_connection* connection, int status, const char* message);
    static int on_log(const mg_connection* connection, const char* message);
};

void HttpServer::Impl::count(int status) {
    requests.fetch_add(1, std::memory_order_relaxed);
    if (status >= 500) {
        failed.fetch_add(1, std::memory_order_relaxed);
    } else if (status >= 400) {
        refused.fetch_add(1, std::memory_order_relaxed);
    }
}

/// nullopt = the peer closed, or sent too slowly: the whole body has request_timeout. Reads byte by byte once what came with the
/// head is used up, because civetweb waits for all that is asked for and begins its time limit anew with every byte.
std::optional<std::string> HttpServer::Impl::read_body(mg_connection* connection, std::size_t size) const {
    SURGED_CHECK(size <= ApiRouter::body_bytes_max);
    const auto deadline = std::chrono::steady_clock::now() + options.request_timeout;
    std::string body;
    body.reserve(size);
    while (body.size() < size) {
        char byte = 0;
        if (mg_read(connection, &byte, 1) != 1 || std::chrono::steady_clock::now() > deadline) {
            return std::nullopt;
        }
        body.push_back(byte);
    }
    return body;
}

/// A connection closed with unread bytes is reset, and a reset may overtake the response. So a little of what is refused is read;
/// a peer that announced more than it sends costs one request_timeout at most.
void HttpServer::Impl::drain(mg_connection* connection) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{200};
    std::array<char, 4096> sink{};
    for (int i = 0; i < 64 && std::chrono::steady_clock::now() < deadline; ++i) {
        if (mg_read(connection, sink.data(), sink.size()) <= 0) {
            return;
        }
    }
}

int HttpServer::Impl::serve(mg_connection* connection) {
    mg_disable_connection_keep_alive(connection);  // also keeps civetweb from reading a refused body to its end
    RequestHead head = head_of(*mg_get_request_info(connection));
    head.peer = with_tls() ? "" : mg_get_request_info(connection)->remote_addr;
    const bool with_body = head.method != "HEAD";
    std::variant<Admitted, HttpResponse> verdict = router.admit(head);
    HttpResponse response;
    bool unread = false;
    if (auto* refusal = std::get_if<HttpResponse>(&verdict)) {
        response = std::move(*refusal);
        unread = head.content_length > 0 && head.content_length <= drain_bytes_max;
    } else {
        const Admitted& admitted = std::get<Admitted>(verdict);
        if (admitted.endpoint == Endpoint::events) {
            stream(connection, with_body, head.query);
            return 200;
        }
        std::string body;
        if (admitted.wants_body) {
            std::optional<std::string> read = read_body(connection, static_cast<std::size_t>(head.content_length));
            if (!read) {
                count(408);
                return 408;  // nobody is there to read an answer
            }
            body = *std::move(read);
        }
        response = router.handle(admitted, head, body);
    }
    count(response.status);
    write_response(connection, response, with_body);
    if (unread) {
        drain(connection);
    }
    return response.status;
}

void HttpServer::Impl::stream(mg_connection* connection, bool with_body, std::string_view query) {
    std::optional<std::uint64_t> after;
    // A browser that comes back sends the header; who never was here but knows a record's number asks with ?after=.
    const char* last = mg_get_header(connection, "Last-Event-ID");
    if (const auto asked = last == nullptr ? query_value(query, "after") : std::optional<std::string>(last); asked) {
        const std::string_view text = *asked;
        std::uint64_t number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        // A word that is no number is as good as a very old one: the reader hears that it missed something.
        after = read.ec == std::errc{} && read.ptr == text.data() + text.size() ? number : std::uint64_t{0};
    }
    const std::shared_ptr<EventHub::Subscription> subscription = hub.subscribe(after);
    if (!subscription) {
        count(503);
        write_response(connection, error_response("unavailable", "too many readers of the event stream"), with_body);
        return;
    }
    count(200);
    HttpResponse opening;
    opening.content_type = "text/event-stream; charset=utf-8";
    bool alive = write_all(connection, response_head(opening, std::nullopt) + (with_body ? "retry: 3000\n\n" : ""));
    alive = alive && with_body;
    while (alive) {
        std::shared_ptr<const std::string> event;
        switch (subscription->next(stream_beat, event)) {
            case EventHub::Subscription::State::event: alive = write_all(connection, *event); break;
            case EventHub::Subscription::State::quiet: alive = write_all(connection, ": beat\n\n"); break;
            case EventHub::Subscription::State::ended: alive = false; break;
        }
    }
    hub.unsubscribe(subscription);
}

/// What civetweb refuses itself (a head that is no HTTP or too large) is answered in the house's form too.
int HttpServer::Impl::on_error(mg_connection* connection, int status, const char* message) {
    std::string_view code = "bad_request";
    if (status == 413 || status == 414 || status == 431) {
        code = "too_large";
    } else if (status == 408) {
        code = "timeout";
    } else if (status >= 500 && status != 505) {
        code = "internal";
    }
    HttpResponse response = error_response(code, message == nullptr ? "" : message);
    response.status = status == 505 ? 400 : status;
    of(connection).count(response.status);
    write_response(connection, response, true);
    return 0;
}

int HttpServer::Impl::on_log(const mg_connection* connection, const char* message) {
    // civetweb logs every odd request; only what it says while starting is of use, and peers must not be able to fill a log.
    Impl& impl = of(connection);
    const std::lock_guard lock(impl.log_mutex);
    if (impl.first_complaint.empty() && message != nullptr) {
        impl.first_complaint = message;
    }
    return 1;
}

/// The plain listener: on the address itself, or behind TLS on any free port of loopback.
Result<void> HttpServer::Impl::listen() {
    const bool v6 = plain_host.find(':') != std::string::npos;
    const std::string host = plain_host == "localhost" ? "127.0.0.1" : plain_host;
    const std::string listening = (v6 ? "[" + host + "]" : host) + ":" + std::to_string(with_tls() ? 0 : options.port);
    const std::string thread_count = std::to_string(threads());
    const std::string timeout = std::to_string(std::max<std::int64_t>(1, options.request_timeout.count()));
    std::vector<const char*> settings = {
        "listening_ports",
        listening.c_str(),
        "num_threads",
        thread_count.c_str(),
        "request_timeout_ms",
        timeout.c_str(),
        "enable_keep_alive",
        "no",
        "decode_url",
        "no",
        "enable_auth_domain_check",
        "no",
        "max_request_size",
        "16384",
        "tcp_nodelay",
        "1",
        nullptr,
    };
    mg_callbacks callbacks{};
    callbacks.begin_request = &Impl::on_request;
    callbacks.http_error = &Impl::on_error;
    callbacks.log_message = &Impl::on_log;
    // mg_start() prepares the library once for the process, and nobody ends it: the exporter's library shares it, and the first
    // of the two to leave would take it from the other.
    context = mg_start(&callbacks, this, settings.data());
    if (context == nullptr) {
        const std::lock_guard lock(log_mutex);
        return fail("http: cannot listen on " + listening + (first_complaint.empty() ? "" : ": " + first_complaint));
    }
    mg_server_port bound{};
    if (mg_get_server_ports(context, 1, &bound) == 1) {
        plain_port = bound.port;
    }
    return {};
}

Result<void> HttpServer::Impl::listen_tls() {
    TlsOptions wanted;
    wanted.host = options.host;
    wanted.port = options.port;
    wanted.certificate = options.tls_cert;
    wanted.key = options.tls_key;
    wanted.connections = threads();
    wanted.handshake_limit = options.request_timeout;
    wanted.idle_limit = std::max(wanted.idle_limit, 3 * stream_beat);
    Result<std::unique_ptr<TlsFront>> front = TlsFront::start(wanted, plain_port);
    if (!front) {
        return tl::unexpected<Error>(front.error());
    }
    tls = std::move(*front);
    return {};
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, TokenTable tokens, ApiBackend& backend) {
    if (tokens.is_open() && !is_loopback(options.host)) {
        return fail("http: " + options.host + " is not a loopback address; listening there needs a token_file");
    }
    auto impl = std::make_unique<Impl>(options, std::move(tokens), backend);
    if (Result<void> listening = impl->listen(); !listening) {
        return tl::unexpected<Error>(listening.error());
    }
    std::unique_ptr<HttpServer> server(new HttpServer(std::move(impl)));
    if (server->impl_->with_tls()) {
        if (Result<void> listening = server->impl_->listen_tls(); !listening) {
            return tl::unexpected<Error>(listening.error());
        }
    }
    return server;
}

HttpServer::~HttpServer() {
    impl_->hub.close();
    impl_->tls.reset();
    // civetweb looks at its stop flag when a peer comes or every two seconds. A few peers of our own save the wait, and the
    // program's five seconds for a stop are for the work that is left, not for a poll.
    std::atomic<bool> stopped{false};
    std::thread caller([this, &stopped] {
        while (!stopped) {
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
            knock(impl_->plain_host, impl_->plain_port);
        }
    });
    mg_stop(impl_->context);
    stopped = true;
    caller.join();
}

int HttpServer::port() const {
    return impl_->tls ? impl_->tls->port() : impl_->plain_port;
}

void HttpServer::publish(std::uint64_t sequence, std::string_view type, std::string_view json) {
    impl_->hub.publish(sequence, type, json);
}

HttpStats HttpServer::stats() const {
    return HttpStats{impl_->requests.load(), impl_->refused.load(), impl_->failed.load(), impl_->hub.stats()};
}

bool is_loopback(std::string_view host) {
    if (host.ends_with('.')) {
        host.remove_suffix(1);  // the same name, written to its root
    }
    std::string name(host);
    for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (name == "localhost" || name == "::1") {
        return true;
    }
    // 127.0.0.0/8, written as four decimal numbers; "127.evil.example" is a name, not an address.
    in_addr address{};
    return name.starts_with("127.") && inet_pton(AF_INET, name.c_str(), &address) == 1;
}

}  // namespace surged
