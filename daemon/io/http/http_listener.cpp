#include "io/http/http_listener.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <netinet/tcp.h>
#include <thread>
#include <vector>

#include "io/http/request_head.hpp"
#include "io/http/response_head.hpp"
#include "io/http/transport.hpp"

namespace surged {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;

constexpr std::chrono::milliseconds sweep_every{50};
/// A quiet event stream says a word this often; a reader that takes none of three is gone.
constexpr std::chrono::milliseconds stream_beat{5000};
/// A connection closed with unread bytes is reset, and a reset may overtake the response: so long is read what still comes.
constexpr std::chrono::milliseconds linger_max{500};
constexpr std::chrono::minutes known_for{10};
constexpr std::size_t known_max = 1024;
constexpr std::size_t jobs_max = 512;
constexpr std::size_t unsent_max = 256UL * 1024 * 1024;  ///< answers in memory that nobody has read yet
constexpr double slowest_reader = 32.0 * 1024;           ///< bytes a second

enum class Peer : std::uint8_t { stranger, loopback, known };

struct Origin {
    std::string address;  ///< bytes that limits count by: IPv6 by its network
    std::string text;     ///< the address as people write it
    Peer peer = Peer::stranger;
};

Origin origin_of(const tcp::socket& socket) {
    boost::system::error_code error;
    asio::ip::address address = socket.remote_endpoint(error).address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    Origin out;
    out.text = error ? std::string() : address.to_string();
    out.peer = address.is_loopback() ? Peer::loopback : Peer::stranger;
    if (address.is_v6()) {
        const auto bytes = address.to_v6().to_bytes();
        out.address.assign(bytes.begin(), bytes.begin() + 8);
    } else {
        const auto bytes = address.to_v4().to_bytes();
        out.address.assign(bytes.begin(), bytes.end());
    }
    return out;
}

/// Threads for what may wait. Callers with a token go before the others.
class Workers {
public:
    explicit Workers(int count) {
        for (int i = 0; i < std::max(1, count); ++i) {
            threads_.emplace_back([this] { run(); });
        }
    }
    ~Workers() { stop(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    bool add(std::function<void()> job, bool known) {
        const std::lock_guard lock(mutex_);
        if (stopping_ || first_.size() + rest_.size() >= jobs_max) {
            return false;
        }
        (known ? first_ : rest_).push_back(std::move(job));
        wake_.notify_one();
        return true;
    }
    /// Lets what runs come to its end; what waits is dropped.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            wake_.notify_all();
        }
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return stopping_ || !first_.empty() || !rest_.empty(); });
            if (stopping_) {
                return;
            }
            auto& queue = first_.empty() ? rest_ : first_;
            const std::function<void()> job = std::move(queue.front());
            queue.pop_front();
            lock.unlock();
            job();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> first_;
    std::deque<std::function<void()>> rest_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace

struct HttpListener::Impl {
    class Connection;
    using Connections = std::list<std::shared_ptr<Connection>>;

    Impl(const ListenerOptions& o, TlsContext t, HttpService& s, EventHub* h)
        : options(o), service(s), hub(h), tls(std::move(t)), acceptor(io), sweeper(io), retry(io), workers(o.workers) {}

    ListenerOptions options;
    HttpService& service;
    EventHub* hub;
    asio::io_context io{1};
    TlsContext tls;
    tcp::acceptor acceptor;
    asio::steady_timer sweeper;
    asio::steady_timer retry;
    // The listener's thread alone, oldest first.
    Connections connections;
    std::map<std::string, std::size_t> by_address;
    std::array<std::size_t, 3> by_peer{};
    std::map<std::string, SteadyTime> known;  ///< addresses that showed a token lately
    std::size_t unsent = 0;
    bool stopping = false;
    int port = 0;
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> open{0};
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<std::uint64_t> late{0};
    Workers workers;
    std::thread thread;

    Result<void> listen();
    void accept_next();
    void admit(tcp::socket socket);
    template <typename Wanted>
    bool make_room(const Wanted& wanted);
    void sweep();
    void count(int status);
    void remember(const std::string& address);
    void forget(const Connection& connection);
    void stop();
};

class HttpListener::Impl::Connection : public std::enable_shared_from_this<Connection> {
public:
    enum class State : std::uint8_t { handshake, head, body, working, writing, streaming, lingering, closed };

    Connection(Impl& owner, tcp::socket socket, Origin origin)
        : owner_(owner), socket_(std::move(socket)), origin_(std::move(origin)), transport_(socket_.native_handle(), owner.tls) {}

    Connections::iterator place;  ///< in the list of all

    const Origin& origin() const { return origin_; }
    State state() const { return state_; }
    bool showed_token() const { return step_.known; }
    /// Nobody has asked anything yet, or the answer is made and not taken.
    bool expendable() const { return state_ != State::working && state_ != State::streaming && state_ != State::closed; }
    std::size_t unsent() const { return state_ == State::writing ? out_.size() - sent_ : 0; }
    const RequestHead& head() const { return head_; }

    void start() {
        enter(transport_.is_tls() ? State::handshake : State::head, owner_.options.request_timeout);
        pump();
    }
    void close();
    void tick(SteadyTime now);
    void pump();

private:
    void enter(State state, std::chrono::milliseconds limit) {
        state_ = state;
        deadline_ = SteadyClock::now() + limit;
    }
    void wait(Io what);
    Io read_head();
    Io read_body();
    Io take_head(std::size_t size);
    Io begin_stream();
    Io stream_some();
    Io write_some();
    Io drain();
    Io work();
    Io answer(HttpResponse response);

    Impl& owner_;
    tcp::socket socket_;
    Origin origin_;
    Transport transport_;
    State state_ = State::head;
    SteadyTime deadline_{};
    SteadyTime write_end_{};
    bool waiting_read_ = false;
    bool waiting_write_ = false;
    std::string in_;
    RequestHead head_;
    Step step_;
    std::string out_;
    std::size_t sent_ = 0;
    int silent_beats_ = 0;
    std::shared_ptr<EventHub::Subscription> subscription_;
};

void HttpListener::Impl::Connection::close() {
    if (state_ == State::closed) {
        return;
    }
    const auto self = shared_from_this();
    owner_.unsent -= unsent();
    state_ = State::closed;
    if (subscription_) {
        subscription_->on_wake({});
        owner_.hub->unsubscribe(subscription_);
        subscription_.reset();
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
    owner_.forget(*this);
}

void HttpListener::Impl::Connection::wait(Io what) {
    bool& waiting = what == Io::want_read ? waiting_read_ : waiting_write_;
    if (waiting) {
        return;
    }
    waiting = true;
    socket_.async_wait(what == Io::want_read ? tcp::socket::wait_read : tcp::socket::wait_write,
                       [self = shared_from_this(), what](const boost::system::error_code& error) {
                           (what == Io::want_read ? self->waiting_read_ : self->waiting_write_) = false;
                           if (!error) {
                               self->pump();
                           }
                       });
}

void HttpListener::Impl::Connection::pump() {
    const auto self = shared_from_this();
    while (true) {
        Io io = Io::idle;
        switch (state_) {
            case State::handshake:
                io = transport_.shake();
                if (io == Io::done) {
                    enter(State::head, owner_.options.request_timeout);
                }
                break;
            case State::head: io = read_head(); break;
            case State::body: io = read_body(); break;
            case State::writing: io = write_some(); break;
            case State::streaming: io = stream_some(); break;
            case State::lingering: io = drain(); break;
            case State::working:
            case State::closed: return;
        }
        if (io == Io::closed) {
            close();
        }
        if (io == Io::want_read || io == Io::want_write) {
            wait(io);
        }
        if (io != Io::done) {
            return;
        }
    }
}

Io HttpListener::Impl::Connection::read_head() {
    std::array<char, 4096> chunk{};
    std::size_t got = 0;
    const Io io = transport_.receive(chunk.data(), chunk.size(), got);
    if (io != Io::done) {
        return io;
    }
    const std::size_t from = in_.size() < 3 ? 0 : in_.size() - 3;
    in_.append(chunk.data(), got);
    const std::size_t end = in_.find("\r\n\r\n", from);
    if (end != std::string::npos && end + 4 <= head_bytes_max) {
        return take_head(end + 4);
    }
    if (in_.size() > head_bytes_max) {
        return answer(plain_error(431, "too_large", "a head has at most " + std::to_string(head_bytes_max) + " bytes"));
    }
    return Io::done;
}

Io HttpListener::Impl::Connection::take_head(std::size_t size) {
    auto parsed = parse_request_head(std::string_view(in_).substr(0, size));
    if (auto* refusal = std::get_if<HttpResponse>(&parsed)) {
        return answer(std::move(*refusal));
    }
    head_ = std::get<RequestHead>(std::move(parsed));
    head_.peer = origin_.text;
    in_.erase(0, size);
    step_ = owner_.service.admit(head_);
    if (step_.known) {
        owner_.remember(origin_.address);
    }
    if (step_.answer) {
        return answer(*std::move(step_.answer));
    }
    if (step_.stream) {
        return begin_stream();
    }
    if (!step_.admitted.wants_body) {
        in_.clear();
        return work();
    }
    if (head_.header("expect") == "100-continue") {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        std::size_t sent = 0;
        static_cast<void>(transport_.send(go_on.data(), go_on.size(), sent));
    }
    enter(State::body, owner_.options.request_timeout);
    return Io::done;
}

Io HttpListener::Impl::Connection::read_body() {
    const auto size = static_cast<std::size_t>(head_.content_length);  // the router bounds it
    if (in_.size() >= size) {
        in_.resize(size);  // what follows is of no request: one a connection
        return work();
    }
    std::array<char, 16384> chunk{};
    std::size_t got = 0;
    const Io io = transport_.receive(chunk.data(), chunk.size(), got);
    if (io == Io::done) {
        in_.append(chunk.data(), got);
    }
    return io;
}

Io HttpListener::Impl::Connection::work() {
    if (step_.at_once) {
        return answer(owner_.service.handle(step_, head_, in_));
    }
    state_ = State::working;
    const bool taken = owner_.workers.add(
        [self = shared_from_this()]() mutable {
            HttpResponse response = self->owner_.service.handle(self->step_, self->head_, self->in_);
            asio::io_context& io = self->owner_.io;
            asio::post(io, [moved = std::move(self), response = std::move(response)]() mutable {
                if (moved->state_ == State::working) {
                    moved->answer(std::move(response));
                    moved->pump();
                }
            });
        },
        step_.known);
    return taken ? Io::idle : answer(error_response("unavailable", "too many requests wait; try again"));
}

Io HttpListener::Impl::Connection::answer(HttpResponse response) {
    owner_.count(response.status);
    if (transport_.is_tls()) {
        response.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    }
    out_ = response_head(response, response.body.size());
    if (head_.method != "HEAD") {
        out_ += response.body;
    }
    sent_ = 0;
    in_.clear();
    in_.shrink_to_fit();
    enter(State::writing, owner_.options.request_timeout);
    const auto slow = std::chrono::milliseconds{static_cast<std::int64_t>(1000.0 * static_cast<double>(out_.size()) / slowest_reader)};
    write_end_ = SteadyClock::now() + 2 * owner_.options.request_timeout + slow;
    owner_.unsent += out_.size();
    if (owner_.unsent > unsent_max) {
        owner_.make_room([this](const Connection& other) { return &other != this && other.state_ == State::writing; });
    }
    return Io::done;
}

Io HttpListener::Impl::Connection::write_some() {
    if (sent_ == out_.size()) {
        transport_.finish();
        out_ = std::string();
        sent_ = 0;
        enter(State::lingering, linger_max);
        return Io::done;
    }
    // Pieces: one reader of a large answer must not keep the others waiting for a whole turn.
    std::size_t sent = 0;
    const Io io = transport_.send(out_.data() + sent_, std::min<std::size_t>(out_.size() - sent_, 256UL * 1024), sent);
    if (sent > 0) {
        sent_ += sent;
        owner_.unsent -= sent;
        deadline_ = std::min(SteadyClock::now() + owner_.options.request_timeout, write_end_);
    }
    return io;
}

Io HttpListener::Impl::Connection::drain() {
    std::array<char, 4096> sink{};
    std::size_t got = 0;
    return transport_.receive(sink.data(), sink.size(), got);
}

Io HttpListener::Impl::Connection::begin_stream() {
    subscription_ = owner_.hub->subscribe(step_.after);
    if (!subscription_) {
        return answer(error_response("unavailable", "too many readers of the event stream"));
    }
    owner_.count(200);
    HttpResponse opening;
    opening.content_type = "text/event-stream; charset=utf-8";
    if (transport_.is_tls()) {
        opening.headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    }
    out_ = response_head(opening, std::nullopt);
    if (head_.method == "HEAD") {
        owner_.hub->unsubscribe(subscription_);
        subscription_.reset();
        owner_.unsent += out_.size();
        write_end_ = SteadyClock::now() + owner_.options.request_timeout;
        enter(State::writing, owner_.options.request_timeout);
        return Io::done;
    }
    out_ += "retry: 3000\n\n";
    in_ = std::string();
    enter(State::streaming, stream_beat);
    subscription_->on_wake([weak = weak_from_this(), io = &owner_.io] {
        asio::post(*io, [weak] {
            if (const auto self = weak.lock(); self && self->state_ == State::streaming) {
                self->pump();
            }
        });
    });
    return Io::done;
}

/// Sends what waits and looks whether the reader is still there. Both are waited for.
Io HttpListener::Impl::Connection::stream_some() {
    std::shared_ptr<const std::string> event;
    if (sent_ == out_.size()) {
        silent_beats_ = 0;
        const auto next = subscription_->next(event);
        if (next == EventHub::Subscription::State::ended) {
            transport_.finish();
            return Io::closed;
        }
        out_ = event ? *event : std::string();
        sent_ = 0;
    }
    if (!out_.empty()) {
        std::size_t sent = 0;
        const Io io = transport_.send(out_.data() + sent_, out_.size() - sent_, sent);
        sent_ += sent;
        if (io != Io::want_write && io != Io::want_read) {
            return io;
        }
        wait(io);
    }
    const Io io = drain();
    return io == Io::want_write ? Io::want_read : io;
}

void HttpListener::Impl::Connection::tick(SteadyTime now) {
    if (now < deadline_ || state_ == State::working || state_ == State::closed) {
        return;
    }
    if (state_ == State::streaming && ++silent_beats_ <= 3) {
        deadline_ = now + stream_beat;
        if (sent_ == out_.size()) {
            out_ = ": beat\n\n";
            sent_ = 0;
            pump();
        }
        return;
    }
    const bool asked = state_ == State::body || (state_ == State::head && !in_.empty());
    owner_.late += state_ == State::lingering ? 0U : 1U;
    if (asked) {
        answer(plain_error(408, "timeout", "the request did not come whole in time"));
        pump();
    } else {
        close();
    }
}

void HttpListener::Impl::count(int status) {
    requests.fetch_add(1, std::memory_order_relaxed);
    if (status >= 500) {
        failed.fetch_add(1, std::memory_order_relaxed);
    } else if (status >= 400) {
        refused.fetch_add(1, std::memory_order_relaxed);
    }
}

void HttpListener::Impl::remember(const std::string& address) {
    if (known.size() >= known_max && known.count(address) == 0) {
        known.erase(std::min_element(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.second < b.second; }));
    }
    known[address] = SteadyClock::now();
}

void HttpListener::Impl::forget(const Connection& connection) {
    const Origin& origin = connection.origin();
    if (const auto found = by_address.find(origin.address); found != by_address.end() && --found->second == 0) {
        by_address.erase(found);
    }
    --by_peer[static_cast<std::size_t>(origin.peer)];
    connections.erase(connection.place);
    open = connections.size();
}

/// Drops the oldest connection that is not being served; who showed a token only when nobody else is there.
template <typename Wanted>
bool HttpListener::Impl::make_room(const Wanted& wanted) {
    for (const bool also_known : {false, true}) {
        for (const auto& connection : connections) {
            if (connection->expendable() && (also_known || !connection->showed_token()) && wanted(*connection)) {
                ++dropped;
                const auto victim = connection;
                victim->close();
                return true;
            }
        }
    }
    return false;
}

void HttpListener::Impl::admit(tcp::socket socket) {
    Origin origin = origin_of(socket);
    if (const auto found = known.find(origin.address);
        origin.peer == Peer::stranger && found != known.end() && SteadyClock::now() - found->second < known_for) {
        origin.peer = Peer::known;
    }
    const auto same_address = [&origin](const Connection& other) { return other.origin().address == origin.address; };
    const auto same_peer = [&origin](const Connection& other) { return other.origin().peer == origin.peer; };
    const auto anybody = [](const Connection&) { return true; };
    bool room = true;
    const auto at = by_address.find(origin.address);
    if (at != by_address.end() && at->second >= options.connections_per_address) {
        room = make_room(same_address);
    }
    if (room && by_peer[static_cast<std::size_t>(origin.peer)] >= std::max<std::size_t>(1, options.connections / 4 * 3)) {
        room = make_room(same_peer);
    }
    if (room && connections.size() >= options.connections) {
        room = make_room(anybody);
    }
    if (!room) {
        ++dropped;
        return;
    }
    boost::system::error_code ignored;
    socket.native_non_blocking(true, ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    const int unacknowledged_ms = 30000;  // a reader whose machine is gone
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
    ++by_address[origin.address];
    ++by_peer[static_cast<std::size_t>(origin.peer)];
    connections.push_back(std::make_shared<Connection>(*this, std::move(socket), std::move(origin)));
    open = connections.size();
    const auto connection = connections.back();
    connection->place = std::prev(connections.end());
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
        // No descriptor is left: the oldest gives one back, and the peer, who still waits, is not spun on.
        make_room([](const Connection&) { return true; });
        retry.expires_after(std::chrono::milliseconds{20});
        retry.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled && !stopping) {
                accept_next();
            }
        });
    });
}

void HttpListener::Impl::sweep() {
    sweeper.expires_after(sweep_every);
    sweeper.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) {
            return;
        }
        const SteadyTime now = SteadyClock::now();
        const Connections all = connections;
        for (const auto& connection : all) {
            connection->tick(now);
        }
        sweep();
    });
}

Result<void> HttpListener::Impl::listen() {
    const bool v6 = options.host.find(':') != std::string::npos;
    const std::string numeric = options.host == "localhost" ? "127.0.0.1" : options.host;
    const std::string shown = (v6 ? "[" + numeric + "]" : numeric) + ":" + std::to_string(options.port);
    boost::system::error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(numeric, error), static_cast<std::uint16_t>(options.port));
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
        return fail(options.name + ": cannot listen on " + shown + ": " + error.message());
    }
    port = acceptor.local_endpoint(error).port();
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        options.connections = std::clamp<std::size_t>(options.connections, 4, std::max<std::size_t>(4, files.rlim_cur / 4));
    }
    return {};
}

void HttpListener::Impl::stop() {
    std::mutex mutex;
    std::condition_variable wake;
    bool told = false;
    asio::post(io, [&] {
        stopping = true;
        boost::system::error_code ignored;
        acceptor.close(ignored);
        const Connections all = connections;
        for (const auto& connection : all) {
            if (connection->state() != Connection::State::working && connection->state() != Connection::State::writing) {
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
    workers.stop();
    const SteadyTime until = SteadyClock::now() + std::chrono::seconds{1};
    while (open.load() > 0 && SteadyClock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    io.stop();
    thread.join();
    const Connections all = connections;
    for (const auto& connection : all) {
        connection->close();
    }
}

HttpListener::HttpListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpListener>> HttpListener::start(const ListenerOptions& options, TlsContext tls, HttpService& service,
                                                          EventHub* hub) {
    // OpenSSL writes by write(), which raises SIGPIPE for a peer that is gone.
    std::signal(SIGPIPE, SIG_IGN);
    auto impl = std::make_unique<Impl>(options, std::move(tls), service, hub);
    if (Result<void> listening = impl->listen(); !listening) {
        return tl::unexpected<Error>(listening.error());
    }
    Impl* raw = impl.get();
    impl->accept_next();
    impl->sweep();
    impl->thread = std::thread([raw] { raw->io.run(); });
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
            impl_->open.load(),     impl_->dropped.load(), impl_->late.load()};
}

void HttpListener::renew(TlsContext tls, std::function<bool(const RequestHead&)> keep) {
    asio::post(impl_->io, [impl = impl_.get(), tls = std::move(tls), keep = std::move(keep)]() mutable {
        impl->tls = std::move(tls);
        const Impl::Connections all = impl->connections;
        for (const auto& connection : all) {
            if (connection->state() == Impl::Connection::State::streaming && !keep(connection->head())) {
                connection->close();
            }
        }
    });
}

}  // namespace surged
