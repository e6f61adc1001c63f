#include "io/zmq/gate_connection.hpp"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace surged {

namespace {

/// Writes what the socket takes. The rest that is left; nullopt = the other side is gone.
std::optional<std::size_t> write_some(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return errno == EAGAIN ? std::optional(bytes.size()) : std::nullopt;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return 0;
}

/// Sends what waited. False: the other side is gone.
bool flush(int fd, std::string& waiting) {
    if (waiting.empty()) {
        return true;
    }
    const auto left = write_some(fd, waiting);
    if (!left) {
        return false;
    }
    if (*left == 0) {
        std::string().swap(waiting);  // a connection at rest holds no buffer
    } else {
        waiting.erase(0, waiting.size() - *left);
    }
    return true;
}

}  // namespace

GateConnection::GateConnection(Fd outer, Fd inner, const ZmtpBounds& bounds, std::int64_t began_ms)
    : outer_(std::move(outer)), inner_(std::move(inner)), walker_(bounds), curve_(bounds.curve), began_ms_(began_ms) {}

/// What the peer sent before it went is libzmq's. Our end is shut and not closed: libzmq would take a closed one for a fault and drop
/// what it has not read.
void GateConnection::lose_peer() {
    outer_.reset();
    std::string().swap(to_outer_);
    if (to_inner_.empty()) {
        ::shutdown(inner_.get(), SHUT_WR);
    }
}

/// What a handshake by CURVE fails of is in cipher; how far libzmq went tells it. It opens HELLO with its own key, answers a key that is not
/// allowed by ERROR, and closes on INITIATE without a word when the kind of socket does not fit.
void GateConnection::judge(bool closed) {
    const auto said = replies_.said();
    if (!curve_ || reason_ || said == ZmtpReplies::Said::ready) {
        return;
    }
    if (said == ZmtpReplies::Said::error || (closed && said == ZmtpReplies::Said::nothing && walker_.handshake_commands() > 0)) {
        reason_ = Refusal::wrong_key;
    } else if (closed && said == ZmtpReplies::Said::welcome && walker_.open()) {
        reason_ = Refusal::wrong_socket;
    }
}

/// A peer of libzmq looks at our mechanism, then at our kind of socket, and leaves for good when they do not fit: often before it has
/// sent its own.
void GateConnection::judge_gone() {
    if (reason_ || walker_.open() || !walker_.speaks_zmtp()) {
        return;
    }
    if (!walker_.greeted() && replies_.greeted()) {
        reason_ = Refusal::not_zmtp;
    } else if (!curve_ && walker_.greeted() && replies_.said() == ZmtpReplies::Said::ready) {
        reason_ = Refusal::wrong_socket;
    }
}

std::string GateConnection::detail() const {
    if (reason_ == Refusal::not_zmtp && walker_.speaks_zmtp()) {
        return curve_ ? "it does not speak CURVE" : "it wants another mechanism than NULL";
    }
    if (reason_ == Refusal::wrong_socket) {
        return walker_.foreign_type().empty() ? "another kind of socket than is wanted" : "a " + walker_.foreign_type() + " socket";
    }
    if (reason_ == Refusal::wrong_key) {
        return replies_.said() == ZmtpReplies::Said::error ? "its own key is not allowed" : "it was given another server key than ours";
    }
    return {};
}

std::string GateConnection::peer() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    char host[NI_MAXHOST] = {};
    char port[NI_MAXSERV] = {};
    if (::getpeername(outer_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.ss_family == AF_UNIX ||
        ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return "a local peer";
    }
    return std::string(host) + ":" + port;
}

GateConnection::End GateConnection::inward(std::string& buffer) {
    constexpr int turns = 4;  // then others have theirs
    if (!flush(inner_.get(), to_inner_)) {
        judge(true);
        return End::closed;
    }
    if (!outer_) {
        lose_peer();
        return End::none;
    }
    for (int turn = 0; turn < turns && to_inner_.empty(); ++turn) {
        const auto got = ::recv(outer_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            break;
        }
        if (got <= 0) {
            judge_gone();
            if (reason_) {
                return End::cut;  // while its address can still be told
            }
            lose_peer();
            break;
        }
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        if (const auto bad = walker_.walk(bytes)) {
            reason_ = bad;
            return End::cut;
        }
        const auto left = write_some(inner_.get(), bytes);
        if (!left) {
            judge(true);
            return End::closed;
        }
        to_inner_ = bytes.substr(bytes.size() - *left);
        if (bytes.size() < buffer.size()) {
            break;
        }
    }
    return End::none;
}

GateConnection::End GateConnection::outward(std::string& buffer) {
    if (!flush(outer_.get(), to_outer_)) {
        lose_peer();
    }
    while (to_outer_.empty()) {
        const auto got = ::recv(inner_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            break;
        }
        if (got <= 0) {
            judge(true);
            return End::closed;
        }
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        if (!replies_.over()) {
            replies_.watch(bytes);
            judge(false);
        }
        const auto left = !outer_ ? std::optional<std::size_t>(0) : write_some(outer_.get(), bytes);
        if (!left) {
            lose_peer();
            break;
        }
        to_outer_ = bytes.substr(bytes.size() - *left);
        if (bytes.size() < buffer.size()) {
            break;
        }
    }
    return reason_ ? End::cut : End::none;
}

GateConnection::Interest GateConnection::interest(bool held) const {
    Interest out;
    out.outer |= to_inner_.empty() && !(held && walker_.open()) ? std::uint32_t{EPOLLIN} : 0U;
    out.outer |= to_outer_.empty() ? 0U : std::uint32_t{EPOLLOUT};
    out.inner |= to_outer_.empty() ? std::uint32_t{EPOLLIN} : 0U;
    out.inner |= to_inner_.empty() ? 0U : std::uint32_t{EPOLLOUT};
    return out;
}

}  // namespace surged
