#include "scripted_peer.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>

#include "support/catch.hpp"

namespace surged::test {

struct ScriptedPeer::Connection {
    Fd fd;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    std::recursive_mutex mutex;
    std::atomic<bool> open{true};

    ~Connection() {
        SSL_free(ssl);
        SSL_CTX_free(context);
    }
    bool shake(const std::string& certificate, const std::string& key) {
        context = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate_chain_file(context, certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM);
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
        std::unique_lock lock(mutex, std::defer_lock);
        if (ssl != nullptr) {
            lock.lock();
        }
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

ScriptedPeer::ScriptedPeer(Script script) : script_(std::move(script)) {
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

ScriptedPeer::~ScriptedPeer() {
    stop_ = true;
    drop();
    thread_.join();
}

bool ScriptedPeer::send(const std::string& bytes) {
    std::shared_ptr<Connection> connection;
    {
        const std::lock_guard lock(mutex_);
        connection = connection_;
    }
    return connection && connection->send(bytes);
}

void ScriptedPeer::drop() {
    const std::lock_guard lock(mutex_);
    if (connection_) {
        connection_->open = false;
        ::shutdown(connection_->fd.get(), SHUT_RDWR);
    }
}

void ScriptedPeer::run() {
    while (!stop_) {
        pollfd one{listener_.get(), POLLIN, 0};
        if (::poll(&one, 1, 10) <= 0) {
            continue;
        }
        auto connection = std::make_shared<Connection>();
        connection->fd.reset(::accept(listener_.get(), nullptr, nullptr));
        const auto files = script_.certificate ? script_.certificate() : std::pair<std::string, std::string>{};
        ++connections_;
        if (!files.first.empty() && !connection->shake(files.first, files.second)) {
            continue;
        }
        {
            const std::lock_guard lock(mutex_);
            connection_ = connection;
        }
        serve(*connection);
        const std::lock_guard lock(mutex_);
        connection_.reset();
    }
}

void ScriptedPeer::serve(Connection& connection) {
    connection.send(script_.greeting());
    std::string bytes;
    while (!stop_ && connection.receive(bytes)) {
        const auto& mark = script_.end_of_command;
        for (auto end = bytes.find(mark); end != std::string::npos; end = bytes.find(mark)) {
            script_.answer(bytes.substr(0, end));
            bytes.erase(0, end + mark.size());
        }
    }
}

}  // namespace surged::test
