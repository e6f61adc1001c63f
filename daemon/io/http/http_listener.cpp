#include "io/http/http_listener.hpp"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "io/http/connection_table.hpp"

namespace surged {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds sweep_every{50};

}  // namespace

struct HttpListener::Impl final : ConnectionHost {
    Impl(const ListenerOptions& o, TlsContext t, HttpService& s, EventHub* h, PageHub* p)
        : opts(o), served(s), events(h), page_hub(p), tls(std::move(t)), acceptor(context), sweeper(context), retry(context), posted(context), threads(o.workers) {}

    ListenerOptions opts;
    HttpService& served;
    EventHub* events;
    PageHub* page_hub;
    asio::io_context context{1};
    TlsContext tls;
    tcp::acceptor acceptor;
    asio::steady_timer sweeper;
    asio::steady_timer retry;
    asio::posix::stream_descriptor posted;  ///< tells of events for deliver()
    ConnectionTable table;
    bool stopping = false;
    int port = 0;
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> too_late{0};
    Workers threads;
    std::thread thread;

    Result<void> listen();
    void accept_next();
    void admit(tcp::socket socket);
    void sweep();
    void hand_round();
    void stop();

    const ListenerOptions& options() const override { return opts; }
    HttpService& service() override { return served; }
    EventHub* hub() override { return events; }
    PageHub* pages() override { return page_hub; }
    asio::io_context& io() override { return context; }
    Workers& workers() override { return threads; }
    void answered(int status) override {
        requests.fetch_add(1, std::memory_order_relaxed);
        if (status >= 500) {
            failed.fetch_add(1, std::memory_order_relaxed);
        } else if (status >= 400) {
            refused.fetch_add(1, std::memory_order_relaxed);
        }
    }
    void remember(const Peer& peer) override { table.remember(peer); }
    void hold(std::size_t bytes, const HttpConnection& reader) override { table.hold(bytes, reader); }
    void let_go(std::size_t bytes) override { table.let_go(bytes); }
    void hold(const std::shared_ptr<const std::string>& text, const HttpConnection& reader) override { table.hold(text, reader); }
    void let_go(const std::shared_ptr<const std::string>& text) override { table.let_go(text); }
    void late() override { ++too_late; }
    void gone(const HttpConnection& connection) override { table.forget(connection); }
};

void HttpListener::Impl::admit(tcp::socket socket) {
    Peer peer = table.peer_of(socket);
    if (!table.make_room_for(peer)) {
        table.count_dropped();
        return;
    }
    boost::system::error_code ignored;
    socket.native_non_blocking(true, ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    const int unacknowledged_ms = 30000;  // a reader whose machine is gone
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
    const auto connection = std::make_shared<HttpConnection>(*this, std::move(socket), std::move(peer), tls);
    table.add(connection);
    connection->start();
}

void HttpListener::Impl::accept_next() {
    acceptor.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
        if (stopping) {
            return;
        }
        if (!error) {
            admit(std::move(socket));
            accept_next();
            return;
        }
        // No descriptor is left: the oldest connection is closed, and until then we do not spin on the peer that still waits.
        table.drop_oldest();
        retry.expires_after(std::chrono::milliseconds{20});
        retry.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled && !stopping) {
                accept_next();
            }
        });
    });
}

/// What the engine posted goes to the event streams, on this thread and never on the engine's.
void HttpListener::Impl::hand_round() {
    posted.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            events->deliver();
            hand_round();
        }
    });
}

void HttpListener::Impl::sweep() {
    sweeper.expires_after(sweep_every);
    sweeper.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) {
            return;
        }
        const auto now = HttpConnection::Clock::now();
        for (const auto& connection : table.all()) {
            connection->tick(now);
        }
        sweep();
    });
}

Result<void> HttpListener::Impl::listen() {
    const bool v6 = opts.host.find(':') != std::string::npos;
    const std::string numeric = opts.host == "localhost" ? "127.0.0.1" : opts.host;
    const std::string shown = (v6 ? "[" + numeric + "]" : numeric) + ":" + std::to_string(opts.port);
    boost::system::error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(numeric, error), static_cast<std::uint16_t>(opts.port));
    const auto attempt = [&error](auto&& call) {
        if (!error) {
            call();
        }
    };
    attempt([&] { acceptor.open(endpoint.protocol(), error); });
    attempt([&] { acceptor.set_option(tcp::acceptor::reuse_address(true), error); });
    attempt([&] { acceptor.bind(endpoint, error); });
    attempt([&] { acceptor.listen(4096, error); });
    if (error) {
        return fail(opts.name + ": cannot listen on " + shown + ": " + error.message());
    }
    port = acceptor.local_endpoint(error).port();
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        opts.connections = std::clamp<std::size_t>(opts.connections, 4, std::max<std::size_t>(4, files.rlim_cur / 4));
    }
    table.limit(opts.connections, opts.connections_per_address);
    return {};
}

void HttpListener::Impl::stop() {
    std::mutex mutex;
    std::condition_variable wake;
    bool told = false;
    asio::post(context, [&] {
        stopping = true;
        boost::system::error_code ignored;
        acceptor.close(ignored);
        for (const auto& connection : table.all()) {
            if (connection->state() != HttpConnection::State::working && connection->state() != HttpConnection::State::writing) {
                connection->close();
            }
        }
        const std::lock_guard lock(mutex);
        told = true;
        wake.notify_all();
    });
    {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return told; });
    }
    threads.stop();
    const auto until = HttpConnection::Clock::now() + std::chrono::seconds{1};
    while (table.open() > 0 && HttpConnection::Clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    context.stop();
    thread.join();
    for (const auto& connection : table.all()) {
        connection->close();
    }
}

HttpListener::HttpListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpListener>> HttpListener::start(const ListenerOptions& options, TlsContext tls, HttpService& service,
                                                          EventHub* hub, PageHub* pages) {
    // OpenSSL writes by write(), which raises SIGPIPE for a peer that is gone.
    std::signal(SIGPIPE, SIG_IGN);
    auto impl = std::make_unique<Impl>(options, std::move(tls), service, hub, pages);
    if (Result<void> listening = impl->listen(); !listening) {
        return tl::unexpected<Error>(listening.error());
    }
    Impl* raw = impl.get();
    impl->accept_next();
    impl->sweep();
    if (hub != nullptr) {
        impl->posted.assign(::dup(hub->fd()));
        impl->hand_round();
    }
    impl->thread = std::thread([raw] { raw->context.run(); });
    return std::unique_ptr<HttpListener>(new HttpListener(std::move(impl)));
}

HttpListener::~HttpListener() {
    impl_->stop();
}

int HttpListener::port() const {
    return impl_->port;
}

ListenerStats HttpListener::stats() const {
    return {impl_->requests.load(), impl_->refused.load(), impl_->failed.load(),
            impl_->table.open(),    impl_->table.dropped(), impl_->too_late.load()};
}

void HttpListener::renew(TlsContext tls, std::function<bool(const RequestHead&)> keep) {
    asio::post(impl_->context, [impl = impl_.get(), tls = std::move(tls), keep = std::move(keep)]() mutable {
        impl->tls = std::move(tls);
        for (const auto& connection : impl->table.all()) {
            if (connection->state() == HttpConnection::State::streaming && !keep(connection->head())) {
                connection->close();
            }
        }
    });
}

}  // namespace surged
