#include "io/courier/idle_sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/base/check.hpp"

namespace surged {
namespace {

/// 0 = it has none.
int port_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return 0;
    }
    if (address.ss_family == AF_INET6) {
        return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
    }
    return address.ss_family == AF_INET ? ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port) : 0;
}

}  // namespace

IdleSockets::IdleSockets() {
    std::array<int, 2> pair{-1, -1};
    SURGED_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
    ::close(pair[1]);
    ended_.reset(pair[0]);
}

void IdleSockets::opened(int fd) {
    sockets_.insert_or_assign(fd, Socket{.number = ++counted_});
}

void IdleSockets::close(int fd) {
    sockets_.erase(fd);
    ::close(fd);
}

IdleSockets::Use IdleSockets::take(int local_port) {
    // Connections to two addresses may have one port on our side. Then each counts as in use: what is in use is left alone.
    Use found;
    for (auto& [fd, socket] : sockets_) {
        if (socket.local_port == 0) {
            socket.local_port = port_of(fd);
        }
        if (socket.local_port == local_port) {
            socket.idle = false;
            socket.use = ++counted_;
            found = {fd, socket.number, socket.use};
        }
    }
    return found;
}

IdleSockets::After IdleSockets::release(const Use& use, const std::string& way) {
    const auto at = sockets_.find(use.fd);
    if (at == sockets_.end() || at->second.number != use.socket) {
        return After::ended;
    }
    // The library hands a connection on before it tells that the request on it is done.
    if (at->second.use != use.number) {
        return After::passed_on;
    }
    at->second.way = way;
    at->second.idle = true;
    return After::waits;
}

std::vector<std::string> IdleSockets::sweep() {
    looked_at_.clear();
    each_idle([this](int fd) { looked_at_.push_back({fd, POLLIN, 0}); });
    std::vector<std::string> lost;
    if (looked_at_.empty() || ::poll(looked_at_.data(), looked_at_.size(), 0) <= 0) {
        return lost;
    }
    for (const auto& one : looked_at_) {
        if (one.revents != 0) {
            // The library closes the descriptor when it looks at it next, and finds that it has ended.
            ::dup3(ended_.get(), one.fd, O_CLOEXEC);
            lost.push_back(std::move(sockets_[one.fd].way));
            sockets_.erase(one.fd);
        }
    }
    std::ranges::sort(lost);
    lost.erase(std::unique(lost.begin(), lost.end()), lost.end());
    std::erase_if(lost, [this](const std::string& way) { return waits(way); });
    return lost;
}

bool IdleSockets::waits(const std::string& way) const {
    return std::ranges::any_of(sockets_, [&](const auto& entry) { return entry.second.idle && entry.second.way == way; });
}

}  // namespace surged
