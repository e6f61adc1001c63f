#include "fake_ami.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>

#include "channels/signature.hpp"
#include "support/catch.hpp"

namespace surged::test {

namespace {
constexpr const char* challenge = "840415273";

std::string value_of(const std::string& action, const std::string& key) {
    const auto at = action.find("\r\n" + key + ": ");
    if (at == std::string::npos) {
        return {};
    }
    const auto begin = at + 2 + key.size() + 2;
    return action.substr(begin, action.find('\r', begin) - begin);
}
}  // namespace

struct FakeAmi::Peer {
    Fd fd;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    std::recursive_mutex mutex;
    bool open = true;

    ~Peer() {
        SSL_free(ssl);
        SSL_CTX_free(context);
    }
    bool shake(const Way& way) {
        context = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate_chain_file(context, way.certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context, way.key.c_str(), SSL_FILETYPE_PEM);
        ssl = SSL_new(context);
        SSL_set_fd(ssl, fd.get());
        return SSL_accept(ssl) == 1;
    }
    bool send(std::string_view bytes) {
        const std::lock_guard lock(mutex);
        while (open && !bytes.empty()) {
            const auto n = ssl != nullptr ? SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()))
                                          : static_cast<int>(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
            open = n > 0;
            bytes.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
        }
        return open;
    }
    /// Appends what is there; false: it has ended.
    bool receive(std::string& into) {
        pollfd one{fd.get(), POLLIN, 0};
        if ((ssl == nullptr || SSL_pending(ssl) == 0) && ::poll(&one, 1, 10) <= 0) {
            return open;
        }
        const std::lock_guard lock(mutex);
        char block[4096];
        const auto n = ssl != nullptr ? SSL_read(ssl, block, sizeof block) : static_cast<int>(::recv(fd.get(), block, sizeof block, 0));
        if (n <= 0) {
            open = false;
            return false;
        }
        into.append(block, static_cast<std::size_t>(n));
        return open;
    }
};

FakeAmi::FakeAmi(Way way) : way_(std::move(way)) {
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
    list("Event: QueueParams\r\nQueue: q\r\nCalls: 0\r\nCompleted: 0\r\nAbandoned: 0\r\nActionID: %\r\n\r\n");
    thread_ = std::thread([this] { run(); });
}

FakeAmi::~FakeAmi() {
    stop_ = true;
    drop();
    thread_.join();
}

FakeAmi::Way FakeAmi::way() const {
    const std::lock_guard lock(mutex_);
    return way_;
}

void FakeAmi::change(const Way& way) {
    const std::lock_guard lock(mutex_);
    way_ = way;
}

void FakeAmi::list(const std::string& items) {
    const std::lock_guard lock(mutex_);
    items_ = items;
}

std::string FakeAmi::received() const {
    const std::lock_guard lock(mutex_);
    return received_;
}

bool FakeAmi::send(const std::string& bytes) {
    std::shared_ptr<Peer> peer;
    {
        const std::lock_guard lock(mutex_);
        peer = peer_;
    }
    return peer && peer->send(bytes);
}

bool FakeAmi::event(const std::string& name, const std::vector<std::string>& fields) {
    std::string text = "Event: " + name + "\r\nPrivilege: agent,all\r\n";
    for (const auto& field : fields) {
        text += field + "\r\n";
    }
    return send(text + "\r\n");
}

void FakeAmi::drop() {
    const std::lock_guard lock(mutex_);
    if (peer_) {
        peer_->open = false;
        ::shutdown(peer_->fd.get(), SHUT_RDWR);
    }
}

void FakeAmi::run() {
    while (!stop_) {
        pollfd one{listener_.get(), POLLIN, 0};
        if (::poll(&one, 1, 10) <= 0) {
            continue;
        }
        auto peer = std::make_shared<Peer>();
        peer->fd.reset(::accept(listener_.get(), nullptr, nullptr));
        const auto how = way();
        ++connections_;
        if (!how.certificate.empty() && !peer->shake(how)) {
            continue;
        }
        {
            const std::lock_guard lock(mutex_);
            peer_ = peer;
        }
        serve(*peer);
        const std::lock_guard lock(mutex_);
        peer_.reset();
    }
}

void FakeAmi::serve(Peer& peer) {
    if (way().greets) {
        peer.send("Asterisk Call Manager/11.0.0\r\n");
    }
    std::string bytes;
    while (!stop_ && peer.receive(bytes)) {
        for (auto end = bytes.find("\r\n\r\n"); end != std::string::npos; end = bytes.find("\r\n\r\n")) {
            const auto action = "\r\n" + bytes.substr(0, end + 4);
            {
                const std::lock_guard lock(mutex_);
                received_ += action;
            }
            answer(peer, action);
            bytes.erase(0, end + 4);
        }
    }
}

void FakeAmi::answer(Peer& peer, const std::string& action) {
    const auto how = way();
    const auto name = value_of(action, "Action");
    const auto id = value_of(action, "ActionID");
    const auto success = [&](const std::string& rest) { peer.send("Response: Success\r\nActionID: " + id + "\r\n" + rest + "\r\n"); };
    if (name == "Challenge") {
        success(std::string("Challenge: ") + challenge + "\r\n");
    } else if (name == "Login") {
        const bool well = value_of(action, "Key") == md5_hex(challenge + how.secret) || value_of(action, "Secret") == how.secret;
        if (!well) {
            peer.send("Response: Error\r\nActionID: " + id + "\r\nMessage: Authentication failed\r\n\r\n");
            return;
        }
        ++logins_;
        success("Message: Authentication accepted\r\n");
        if (how.boots) {
            peer.send("Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: " + std::to_string(how.uptime) + "\r\nStatus: Fully Booted\r\n\r\n");
        }
    } else if (name == "QueueStatus") {
        std::string items;
        {
            const std::lock_guard lock(mutex_);
            items = items_;
        }
        for (auto at = items.find('%'); at != std::string::npos; at = items.find('%')) {
            items.replace(at, 1, id);
        }
        success("EventList: start\r\nMessage: Queue status will follow\r\n");
        peer.send(items + "Event: QueueStatusComplete\r\nActionID: " + id + "\r\nEventList: Complete\r\n\r\n");
        ++lists_;
    } else if (name == "Ping" && how.answers_pings) {
        success("Ping: Pong\r\n");
    }
}

}  // namespace surged::test
