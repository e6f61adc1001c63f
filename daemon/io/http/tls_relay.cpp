#include "io/http/tls_relay.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>

namespace surged {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};

/// Bytes on their way in one direction.
class Pipe {
public:
    bool empty() const { return from_ == to_; }
    bool full() const { return to_ == bytes_.size(); }
    char* free_begin() { return bytes_.data() + to_; }
    std::size_t free_size() const { return bytes_.size() - to_; }
    void filled(std::size_t n) { to_ += n; }
    const char* begin() const { return bytes_.data() + from_; }
    std::size_t size() const { return to_ - from_; }
    void taken(std::size_t n) {
        from_ += n;
        if (from_ == to_) {
            from_ = to_ = 0;
        }
    }
    bool ended = false;  ///< nothing more will be filled in

private:
    std::array<char, 16384> bytes_{};
    std::size_t from_ = 0;
    std::size_t to_ = 0;
};

/// Waits for the events, the stop or the deadline. False = stop, deadline or failure.
bool wait_until(std::array<pollfd, 3>& fds, SteadyTime deadline) {
    while (true) {
        const auto left = std::chrono::duration_cast<Span>(deadline - std::chrono::steady_clock::now());
        if (left <= Span{0}) {
            return false;
        }
        const int n = ::poll(fds.data(), fds.size(), static_cast<int>(left.count()) + 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        return n > 0 && fds[2].revents == 0;
    }
}

bool handshake(SSL* ssl, int peer, int stop, Span limit) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
        ERR_clear_error();
        const int done = SSL_accept(ssl);
        if (done == 1) {
            return true;
        }
        const int why = SSL_get_error(ssl, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
            return false;
        }
        const short events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
        std::array<pollfd, 3> fds = {pollfd{peer, events, 0}, pollfd{-1, 0, 0}, pollfd{stop, POLLIN, 0}};
        if (!wait_until(fds, deadline)) {
            return false;
        }
    }
}

int connect_inner(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        return -1;
    }
    if (fd >= 0) {
        const int yes = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    return fd;
}

/// Both directions of a connection that has shaken hands. Each step moves what can be moved without waiting.
class Relay {
public:
    Relay(SSL* ssl, int peer, int inner) : ssl_(ssl), peer_(peer), inner_(inner) {}

    void run(int stop, Span idle) {
        while (!failed_ && !(down_.ended && down_.empty())) {
            peer_events_ = 0;
            inner_events_ = 0;
            bool moved = read_peer();
            moved = write_inner() || moved;
            moved = read_inner() || moved;
            moved = write_peer() || moved;
            if (failed_ || moved) {
                continue;
            }
            std::array<pollfd, 3> fds = {pollfd{peer_events_ == 0 ? -1 : peer_, peer_events_, 0},
                                         pollfd{inner_events_ == 0 ? -1 : inner_, inner_events_, 0}, pollfd{stop, POLLIN, 0}};
            if (!wait_until(fds, std::chrono::steady_clock::now() + idle)) {
                return;
            }
        }
        SSL_shutdown(ssl_);  // says goodbye once; what the peer says to that is not waited for
    }

private:
    void want(int ssl_result) {
        const int why = SSL_get_error(ssl_, ssl_result);
        if (why == SSL_ERROR_WANT_READ) {
            peer_events_ = static_cast<short>(peer_events_ | POLLIN);
        } else if (why == SSL_ERROR_WANT_WRITE) {
            peer_events_ = static_cast<short>(peer_events_ | POLLOUT);
        } else if (why == SSL_ERROR_ZERO_RETURN) {
            up_.ended = true;
        } else {
            failed_ = true;
        }
    }
    bool read_peer() {
        if (up_.full() || up_.ended) {
            return false;
        }
        ERR_clear_error();
        const int n = SSL_read(ssl_, up_.free_begin(), static_cast<int>(up_.free_size()));
        if (n <= 0) {
            want(n);
            if (up_.ended) {
                ::shutdown(inner_, SHUT_WR);
            }
            return false;
        }
        up_.filled(static_cast<std::size_t>(n));
        return true;
    }
    bool write_peer() {
        if (down_.empty()) {
            return false;
        }
        ERR_clear_error();
        const int n = SSL_write(ssl_, down_.begin(), static_cast<int>(down_.size()));
        if (n <= 0) {
            want(n);
            return false;
        }
        down_.taken(static_cast<std::size_t>(n));
        return true;
    }
    bool write_inner() {
        if (up_.empty()) {
            return false;
        }
        const ssize_t n = ::send(inner_, up_.begin(), up_.size(), MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            inner_events_ = static_cast<short>(inner_events_ | POLLOUT);
            return false;
        }
        if (n < 0) {  // refused and closed before it was read: the answer may still be there to carry
            up_.taken(up_.size());
            up_.ended = true;
            return false;
        }
        up_.taken(static_cast<std::size_t>(n));
        return true;
    }
    bool read_inner() {
        if (down_.full() || down_.ended) {
            return false;
        }
        const ssize_t n = ::recv(inner_, down_.free_begin(), down_.free_size(), 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            inner_events_ = static_cast<short>(inner_events_ | POLLIN);
            return false;
        }
        if (n <= 0) {
            down_.ended = true;
            return true;
        }
        down_.filled(static_cast<std::size_t>(n));
        return true;
    }

    SSL* ssl_;
    int peer_;
    int inner_;
    Pipe up_;    ///< from the peer to the HTTP listener
    Pipe down_;  ///< back
    short peer_events_ = 0;
    short inner_events_ = 0;
    bool failed_ = false;
};

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

bool relay(SSL_CTX* context, int peer, int inner_port, int stop, const RelayLimits& limits) {
    const std::unique_ptr<SSL, SslFree> ssl(SSL_new(context));
    if (!ssl || SSL_set_fd(ssl.get(), peer) != 1 || !handshake(ssl.get(), peer, stop, limits.handshake)) {
        return false;
    }
    const Descriptor inner(connect_inner(inner_port));
    if (inner.open()) {
        Relay(ssl.get(), peer, inner.get()).run(stop, limits.idle);
    }
    return true;
}

}  // namespace surged
