// A real HTTP/1.1 server that answers as a test tells it: correctly, wrongly, late, in part, or not at all. It uses raw sockets and
// one thread per connection, on 127.0.0.1 at a port chosen by the system, and records every request with its times.
//
// Use: add ../../support/http_sink.cpp to the SOURCES of a test and link Threads::Threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace surged::test {

struct SinkRequest {
    using Time = std::chrono::steady_clock::time_point;
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    Time first_byte{};
    Time whole{};
    int connection = 0;  ///< 1, 2, ...: requests of one kept connection share it
    int order = 0;       ///< 1, 2, ... over all connections, in order of completion
};

struct SinkAnswer {
    enum class Manner : std::uint8_t {
        normal,
        hang,                 ///< says nothing until the peer or the sink ends
        drip,                 ///< status line and headers at once, the body one byte every `pace`
        drip_headers,         ///< everything one byte every `pace`
        endless,              ///< a body without end, as fast as it goes
        close_after_headers,  ///< promises the body, closes instead
        close_silently,       ///< reads the request, closes without a byte
        reset,                ///< reads the request, then RST
        reset_early,          ///< RST after the first bytes of the request
        close_politely        ///< a normal answer with Connection: close
    };
    int status = 200;
    std::string body;
    std::vector<std::string> headers;  ///< "Name: value"
    std::chrono::milliseconds delay{0};
    Manner manner = Manner::normal;
    std::chrono::milliseconds pace{20};
};

class HttpSink {
public:
    using Script = std::function<SinkAnswer(const SinkRequest&)>;
    HttpSink();  ///< answers 200 to everything
    ~HttpSink();
    HttpSink(const HttpSink&) = delete;
    HttpSink& operator=(const HttpSink&) = delete;

    int port() const { return port_; }
    std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

    /// What to answer from now on. Runs on the connections' threads, one at a time, until the sink is gone: what it uses must be
    /// declared before the sink.
    void script(Script script);
    void always(SinkAnswer answer);
    /// Answers for the next requests, in order; then the script goes on.
    void next(SinkAnswer answer);

    std::vector<SinkRequest> requests() const;
    std::size_t count() const;
    int connections() const;
    /// False when fewer than `count` whole requests came within `within`.
    bool wait_for(std::size_t count, std::chrono::milliseconds within) const;
    /// Closes every idle kept-alive connection, as a restarting server does.
    void drop_connections();

private:
    struct Connection {
        int fd = -1;
        int number = 0;
        std::thread thread;
    };
    void accept_loop();
    void serve(Connection& connection);
    bool read_request(const Connection& connection, std::string& buffer, SinkRequest& out);
    bool give(const Connection& connection, const SinkAnswer& answer);
    bool send_all(int fd, const std::string& bytes) const;
    bool send_slowly(int fd, const std::string& bytes, std::chrono::milliseconds pace) const;
    bool pause(std::chrono::milliseconds span) const;
    SinkAnswer choose(SinkRequest& request);

    int listen_fd_ = -1;
    int port_ = 0;
    mutable std::mutex lock_;
    mutable std::condition_variable changed_;
    mutable std::mutex script_lock_;
    Script script_;
    std::deque<SinkAnswer> next_;
    std::vector<SinkRequest> requests_;
    std::list<Connection> connections_;
    int accepted_ = 0;
    bool stopping_ = false;
    std::thread acceptor_;
};

}  // namespace surged::test
