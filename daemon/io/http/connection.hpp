// One connection of the listener: handshake, head, body, the request's work, the answer, and the end. It lives on the listener's
// thread; only the request's work runs on another.
//
// The hardest rule: each step has its time in all, however slowly bytes drip.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "io/http/event_hub.hpp"
#include "io/http/page_hub.hpp"
#include "io/http/http_listener.hpp"
#include "io/http/transport.hpp"
#include "io/http/workers.hpp"

namespace surged {

enum class PeerKind : std::uint8_t { stranger, loopback, known };

struct Peer {
    std::string address;  ///< bytes that limits count by: IPv6 by its network
    std::string text;     ///< the address as people write it
    PeerKind kind = PeerKind::stranger;
};

class HttpConnection;

/// What a connection needs of its listener.
class ConnectionHost {
public:
    ConnectionHost() = default;
    ConnectionHost(const ConnectionHost&) = delete;
    ConnectionHost& operator=(const ConnectionHost&) = delete;
    virtual ~ConnectionHost() = default;
    virtual const ListenerOptions& options() const = 0;
    virtual HttpService& service() = 0;
    virtual EventHub* hub() = 0;
    virtual PageHub* pages() = 0;
    virtual boost::asio::io_context& io() = 0;
    virtual Workers& workers() = 0;
    /// An answer of this status begins.
    virtual void answered(int status) = 0;
    /// The peer showed a valid token.
    virtual void remember(const Peer& peer) = 0;
    /// This many bytes more of answers are held in memory; beyond the bound the oldest reader but `reader` is dropped.
    virtual void hold(std::size_t bytes, const HttpConnection& reader) = 0;
    virtual void let_go(std::size_t bytes) = 0;
    /// As hold(), for a text that other readers may hold too: counted once.
    virtual void hold(const std::shared_ptr<const std::string>& text, const HttpConnection& reader) = 0;
    virtual void let_go(const std::shared_ptr<const std::string>& text) = 0;
    virtual void late() = 0;
    /// It is closed: out of every list.
    virtual void gone(const HttpConnection& connection) = 0;
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    using Clock = std::chrono::steady_clock;
    enum class State : std::uint8_t { handshake, head, body, working, writing, streaming, lingering, closed };

    HttpConnection(ConnectionHost& host, boost::asio::ip::tcp::socket socket, Peer peer, TlsContext tls)
        : host_(host), socket_(std::move(socket)), peer_(std::move(peer)), transport_(socket_.native_handle(), std::move(tls)) {}

    std::list<std::shared_ptr<HttpConnection>>::iterator place;  ///< in the list of all

    const Peer& peer() const { return peer_; }
    State state() const { return state_; }
    bool showed_token() const { return step_.known; }
    /// Nobody has asked anything yet, or the answer is made and not taken.
    bool expendable() const { return state_ != State::working && state_ != State::streaming && state_ != State::closed; }
    const RequestHead& head() const { return head_; }

    void start();
    void close();
    /// Looks whether its time is over.
    void tick(Clock::time_point now);
    /// Goes on as far as it can without waiting.
    void pump();

private:
    // connection.cpp
    void enter(State state, std::chrono::milliseconds limit);
    void wait(Io what);
    Io read_head();
    Io take_head(std::size_t size);
    Io read_body();
    Io work();
    // connection_answer.cpp
    Io answer(HttpResponse response);
    void add_policy(HttpResponse& response) const;
    Io write_some();
    Io drain();
    void let_go_of_answer();
    // connection_stream.cpp
    Io begin_stream();
    Io stream_some();
    bool beat(Clock::time_point now);
    void end_stream();

    ConnectionHost& host_;
    boost::asio::ip::tcp::socket socket_;
    Peer peer_;
    HttpTransport transport_;
    State state_ = State::head;
    Clock::time_point deadline_{};
    bool waiting_read_ = false;
    bool waiting_write_ = false;
    std::string in_;
    RequestHead head_;
    Step step_;
    // The answer, or what of the stream is under way: first out_, then text_.
    std::string out_;
    std::shared_ptr<const std::string> text_;
    std::size_t sent_ = 0;
    std::size_t held_ = 0;  ///< bytes of out_ that the host counts
    Clock::time_point write_end_{};
    int silent_beats_ = 0;
    std::shared_ptr<EventHub::Subscription> subscription_;
};

}  // namespace surged
