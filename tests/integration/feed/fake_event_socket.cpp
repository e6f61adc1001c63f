#include "fake_event_socket.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>

#include "core/base/time.hpp"
#include "feed/sink.hpp"
#include "support/catch.hpp"

namespace surged::test {

struct FakeEventSocket::Peer {
    Fd fd;
    std::mutex mutex;
    std::atomic<bool> open{true};

    bool send(std::string_view bytes) {
        const std::lock_guard lock(mutex);
        while (open && !bytes.empty()) {
            const auto n = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            open = n > 0;
            bytes.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
        }
        return open;
    }
    /// Appends what is there; false: it has ended.
    bool receive(std::string& into) {
        pollfd one{fd.get(), POLLIN, 0};
        if (::poll(&one, 1, 10) <= 0) {
            return open;
        }
        char block[4096];
        const auto n = ::recv(fd.get(), block, sizeof block, 0);
        if (n <= 0) {
            open = false;
            return false;
        }
        into.append(block, static_cast<std::size_t>(n));
        return open;
    }
};

FakeEventSocket::FakeEventSocket() : began_ms_(steady_now_ms()) {
    std::signal(SIGPIPE, SIG_IGN);
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    socklen_t size = sizeof at;
    REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { run(); });
}

FakeEventSocket::~FakeEventSocket() {
    stop_ = true;
    drop();
    thread_.join();
}

std::int64_t FakeEventSocket::now_ms() const {
    return steady_now_ms() - began_ms_;
}

FakeEventSocket::Way FakeEventSocket::way() const {
    const std::lock_guard lock(mutex_);
    return way_;
}

void FakeEventSocket::change(const Way& way) {
    const std::lock_guard lock(mutex_);
    way_ = way;
}

void FakeEventSocket::list(const FsLists& lists) {
    const std::lock_guard lock(mutex_);
    lists_ = lists;
}

bool FakeEventSocket::send(const std::string& bytes) {
    std::shared_ptr<Peer> peer;
    {
        const std::lock_guard lock(mutex_);
        peer = peer_;
    }
    return peer && peer->send(bytes);
}

bool FakeEventSocket::event(const std::string& action, FsPairs pairs) {
    pairs.emplace_back("CC-Action", action);
    return send(fs_frame("text/event-plain", fs_event_body(now_ms(), pairs, way().core)));
}

void FakeEventSocket::drop() {
    const std::lock_guard lock(mutex_);
    if (peer_) {
        peer_->open = false;
        ::shutdown(peer_->fd.get(), SHUT_RDWR);
    }
}

void FakeEventSocket::run() {
    while (!stop_) {
        pollfd one{listener_.get(), POLLIN, 0};
        if (::poll(&one, 1, 10) <= 0) {
            continue;
        }
        auto peer = std::make_shared<Peer>();
        peer->fd.reset(::accept(listener_.get(), nullptr, nullptr));
        {
            const std::lock_guard lock(mutex_);
            peer_ = peer;
        }
        ++connections_;
        serve(*peer);
        const std::lock_guard lock(mutex_);
        peer_.reset();
    }
}

void FakeEventSocket::serve(Peer& peer) {
    if (way().greets) {
        peer.send("Content-Type: auth/request\n\n");
    }
    std::string bytes;
    while (!stop_ && peer.receive(bytes)) {
        for (auto end = bytes.find("\n\n"); end != std::string::npos; end = bytes.find("\n\n")) {
            answer(peer, bytes.substr(0, end));
            bytes.erase(0, end + 2);
        }
    }
}

void FakeEventSocket::answer(Peer& peer, const std::string& command) {
    const auto how = way();
    const auto reply = [&](const std::string& text) { peer.send("Content-Type: command/reply\nReply-Text: " + text + "\n\n"); };
    if (command.starts_with("auth ")) {
        if (command != "auth " + how.secret) {
            reply("-ERR invalid");
            peer.send(fs_frame("text/disconnect-notice", "Disconnected, goodbye.\n"));
            return;
        }
        ++logins_;
        reply("+OK accepted");
    } else if (command == "event plain CUSTOM callcenter::info") {
        reply("+OK event listener enabled plain");
    } else if (!command.starts_with("api ") || !how.answers) {
        return;
    } else if (command == "api global_getvar core_uuid") {
        peer.send(fs_frame("api/response", how.core));
    } else {
        asked_ += command == "api callcenter_config queue list" ? 1 : 0;
        std::string text;
        {
            const std::lock_guard lock(mutex_);
            text = lists_.answer(command.substr(4), now_ms());
        }
        const bool refused = !how.module && command.starts_with("api callcenter_config");
        peer.send(fs_frame("api/response", refused ? "-ERR callcenter_config Command not found!\n" : text));
    }
}

}  // namespace surged::test
