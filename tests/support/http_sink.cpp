#include "support/http_sink.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <stdexcept>

namespace surged::test {
namespace {

using Clock = std::chrono::steady_clock;

void reset_on_close(int fd) {
    const linger hard{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// Head of the request, without its last empty line, into `out`. Returns the length of the body it announces.
std::size_t parse_head(const std::string& head, SinkRequest& out) {
    std::size_t length = 0;
    std::size_t from = 0;
    for (bool first = true; from < head.size(); first = false) {
        const auto end = std::min(head.find("\r\n", from), head.size());
        const std::string line = head.substr(from, end - from);
        from = end + 2;
        if (first) {
            const auto blank = line.find(' ');
            out.method = line.substr(0, blank);
            out.target = line.substr(blank + 1, line.rfind(' ') - blank - 1);
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string::npos) {
            continue;
        }
        const auto value = line.find_first_not_of(' ', colon + 1);
        out.headers[lower(line.substr(0, colon))] = value == std::string::npos ? "" : line.substr(value);
    }
    if (const auto at = out.headers.find("content-length"); at != out.headers.end()) {
        length = std::stoul(at->second);
    }
    return length;
}

}  // namespace

HttpSink::HttpSink() : script_([](const SinkRequest&) { return SinkAnswer{}; }) {
    listen_fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (listen_fd_ < 0 || ::bind(listen_fd_, raw, size) != 0 || ::listen(listen_fd_, 1024) != 0 ||
        ::getsockname(listen_fd_, raw, &size) != 0) {
        throw std::runtime_error("http sink: cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_loop(); });
}

HttpSink::~HttpSink() {
    {
        const std::lock_guard hold(lock_);
        stopping_ = true;
        for (auto& connection : connections_) {
            ::shutdown(connection.fd, SHUT_RDWR);
        }
    }
    changed_.notify_all();
    ::shutdown(listen_fd_, SHUT_RDWR);
    acceptor_.join();
    for (auto& connection : connections_) {
        connection.thread.join();
    }
    ::close(listen_fd_);
}

void HttpSink::accept_loop() {
    for (;;) {
        const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard hold(lock_);
        if (stopping_) {
            if (fd >= 0) {
                ::close(fd);
            }
            return;
        }
        if (fd < 0) {
            continue;
        }
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        auto& connection = connections_.emplace_back();
        connection.fd = fd;
        connection.number = ++accepted_;
        connection.thread = std::thread([this, &connection] { serve(connection); });
    }
}

void HttpSink::serve(Connection& connection) {
    std::string buffer;
    for (;;) {
        SinkRequest request;
        request.connection = connection.number;
        if (!read_request(connection, buffer, request)) {
            break;
        }
        if (!give(connection, choose(request))) {
            break;
        }
    }
    const std::lock_guard hold(lock_);
    ::close(connection.fd);
    connection.fd = -1;
}

bool HttpSink::read_request(const Connection& connection, std::string& buffer, SinkRequest& out) {
    std::array<char, 16384> piece{};
    std::size_t head = buffer.find("\r\n\r\n");
    std::size_t wanted = std::string::npos;
    while (head == std::string::npos || buffer.size() < wanted) {
        if (head != std::string::npos && wanted == std::string::npos) {
            wanted = head + 4 + parse_head(buffer.substr(0, head), out);
            continue;
        }
        const auto got = ::recv(connection.fd, piece.data(), piece.size(), 0);
        if (got <= 0) {
            return false;
        }
        if (out.first_byte == SinkRequest::Time{}) {
            out.first_byte = Clock::now();
        }
        buffer.append(piece.data(), static_cast<std::size_t>(got));
        head = buffer.find("\r\n\r\n");
        const std::lock_guard hold(script_lock_);
        if (!next_.empty() && next_.front().manner == SinkAnswer::Manner::reset_early) {
            next_.pop_front();
            reset_on_close(connection.fd);
            return false;
        }
    }
    out.body = buffer.substr(head + 4, wanted - head - 4);
    buffer.erase(0, wanted);
    out.whole = Clock::now();
    return true;
}

SinkAnswer HttpSink::choose(SinkRequest& request) {
    {
        const std::lock_guard hold(lock_);
        request.order = static_cast<int>(requests_.size()) + 1;
        requests_.push_back(request);
    }
    changed_.notify_all();
    const std::lock_guard hold(script_lock_);
    if (!next_.empty()) {
        SinkAnswer answer = next_.front();
        next_.pop_front();
        return answer;
    }
    return script_(request);
}

/// False when the connection is over.
bool HttpSink::give(const Connection& connection, const SinkAnswer& answer) {
    using Manner = SinkAnswer::Manner;
    const int fd = connection.fd;
    if (answer.delay.count() > 0 && !pause(answer.delay)) {
        return false;
    }
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Scripted\r\n";
    for (const auto& header : answer.headers) {
        head += header + "\r\n";
    }
    if (answer.manner == Manner::close_politely) {
        head += "Connection: close\r\n";
    }
    if (answer.manner != Manner::endless) {
        const std::size_t promised = answer.body.size() + (answer.manner == Manner::close_after_headers ? 100 : 0);
        head += "Content-Length: " + std::to_string(promised) + "\r\n";
    }
    head += "\r\n";
    switch (answer.manner) {
        case Manner::normal: return send_all(fd, head + answer.body);
        case Manner::close_politely:
        case Manner::close_after_headers: send_all(fd, head + answer.body); return false;
        case Manner::hang: {
            std::array<char, 256> ignored{};
            while (::recv(fd, ignored.data(), ignored.size(), 0) > 0) {
            }
            return false;
        }
        case Manner::drip: return send_all(fd, head) && send_slowly(fd, answer.body, answer.pace);
        case Manner::drip_headers: return send_slowly(fd, head + answer.body, answer.pace);
        case Manner::endless:
            send_all(fd, head);
            while (send_all(fd, std::string(65536, 'x'))) {
            }
            return false;
        case Manner::reset:
        case Manner::reset_early: reset_on_close(fd); return false;
        case Manner::close_silently: return false;
    }
    return false;
}

bool HttpSink::send_all(int fd, const std::string& bytes) const {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto put = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (put <= 0) {
            return false;
        }
        at += static_cast<std::size_t>(put);
    }
    return true;
}

bool HttpSink::send_slowly(int fd, const std::string& bytes, std::chrono::milliseconds pace) const {
    for (const char byte : bytes) {
        if (!send_all(fd, std::string(1, byte)) || !pause(pace)) {
            return false;
        }
    }
    return true;
}

/// False when the sink ends meanwhile.
bool HttpSink::pause(std::chrono::milliseconds span) const {
    std::unique_lock hold(lock_);
    return !changed_.wait_until(hold, Clock::now() + span, [this] { return stopping_; });
}

void HttpSink::script(Script script) {
    const std::lock_guard hold(script_lock_);
    script_ = std::move(script);
}

void HttpSink::always(SinkAnswer answer) {
    script([answer = std::move(answer)](const SinkRequest&) { return answer; });
}

void HttpSink::next(SinkAnswer answer) {
    const std::lock_guard hold(script_lock_);
    next_.push_back(std::move(answer));
}

std::vector<SinkRequest> HttpSink::requests() const {
    const std::lock_guard hold(lock_);
    return requests_;
}

std::size_t HttpSink::count() const {
    const std::lock_guard hold(lock_);
    return requests_.size();
}

int HttpSink::connections() const {
    const std::lock_guard hold(lock_);
    return accepted_;
}

bool HttpSink::wait_for(std::size_t count, std::chrono::milliseconds within) const {
    std::unique_lock hold(lock_);
    return changed_.wait_until(hold, Clock::now() + within, [this, count] { return requests_.size() >= count; });
}

void HttpSink::drop_connections() {
    const std::lock_guard hold(lock_);
    for (auto& connection : connections_) {
        if (connection.fd >= 0) {
            ::shutdown(connection.fd, SHUT_RDWR);
        }
    }
}

}  // namespace surged::test
