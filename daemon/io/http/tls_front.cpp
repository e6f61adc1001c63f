#include "io/http/tls_front.hpp"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <list>
#include <system_error>
#include <thread>

#include "io/http/tls_relay.hpp"

namespace surged {

namespace {

struct ContextFree {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextFree>;

std::string openssl_reason() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    return text.data();
}

Result<Context> make_context(const TlsOptions& options) {
    Context context(SSL_CTX_new(TLS_server_method()));
    if (!context) {
        return fail("tls: " + openssl_reason());
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate.c_str()) != 1) {
        return fail("tls_cert " + options.certificate + ": " + openssl_reason());
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return fail("tls_key " + options.key + ": " + openssl_reason());
    }
    if (SSL_CTX_check_private_key(context.get()) != 1) {
        return fail("tls_key " + options.key + " is not the key of tls_cert " + options.certificate);
    }
    return context;
}

struct AddressFree {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// A listening socket; the error names the address.
Result<int> listen_on(const std::string& host, int port) {
    const std::string numeric = host == "localhost" ? "127.0.0.1" : host;
    const std::string shown = numeric + ":" + std::to_string(port);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) {
        return fail("https: cannot listen on " + shown + ": " + ::gai_strerror(code));
    }
    const std::unique_ptr<addrinfo, AddressFree> address(found);
    const int fd = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    if (fd < 0 || ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(fd, address->ai_addr, address->ai_addrlen) != 0 || ::listen(fd, 128) != 0) {
        const std::string why = std::strerror(errno);
        if (fd >= 0) {
            ::close(fd);
        }
        return fail("https: cannot listen on " + shown + ": " + why);
    }
    return fd;
}

int port_of(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    std::array<char, 16> service{};
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0 ||
        ::getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, nullptr, 0, service.data(), service.size(),
                      NI_NUMERICSERV) != 0) {
        return 0;
    }
    return std::atoi(service.data());
}

}  // namespace

struct TlsFront::Impl {
    Impl(const TlsOptions& o, Context c, int listening, int inner)
        : options(o), context(std::move(c)), listener(listening), stop(::eventfd(0, EFD_CLOEXEC)), inner_port(inner) {}

    struct Peer {
        std::thread thread;
        std::atomic<bool> done{false};
    };

    TlsOptions options;
    Context context;
    Descriptor listener;
    Descriptor stop;  ///< readable once stopping; nobody reads it, so it wakes all
    int inner_port;
    std::thread acceptor;
    std::list<Peer> peers;  ///< the acceptor's alone
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> failed{0};

    void accept_all();
    void accept_one();
    void reap();
};

void TlsFront::Impl::reap() {
    for (auto it = peers.begin(); it != peers.end();) {
        if (it->done) {
            it->thread.join();
            it = peers.erase(it);
        } else {
            ++it;
        }
    }
}

void TlsFront::Impl::accept_one() {
    const int fd = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            std::this_thread::sleep_for(std::chrono::milliseconds{50});  // the peer still waits: do not spin on it
        }
        return;
    }
    reap();
    if (peers.size() >= options.connections) {
        ++refused;
        ::close(fd);
        return;
    }
    ++accepted;
    Peer& peer = peers.emplace_back();
    try {
        peer.thread = std::thread([this, fd, &peer] {
            const Descriptor socket(fd);
            if (!relay(context.get(), fd, inner_port, stop.get(), RelayLimits{options.handshake_limit, options.idle_limit})) {
                ++failed;
            }
            peer.done = true;
        });
    } catch (const std::system_error&) {  // no more threads: this peer is one too many
        peers.pop_back();
        ++refused;
        ::close(fd);
    }
}

void TlsFront::Impl::accept_all() {
    while (true) {
        std::array<pollfd, 2> fds = {pollfd{listener.get(), POLLIN, 0}, pollfd{stop.get(), POLLIN, 0}};
        const int n = ::poll(fds.data(), fds.size(), 1000);
        if (fds[1].revents != 0) {
            break;
        }
        if (n > 0) {
            accept_one();
        } else {
            reap();
        }
    }
    for (Peer& peer : peers) {
        peer.thread.join();
    }
    peers.clear();
}

TlsFront::TlsFront(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<TlsFront>> TlsFront::start(const TlsOptions& options, int inner_port) {
    Result<Context> context = make_context(options);
    if (!context) {
        return tl::unexpected<Error>(context.error());
    }
    const Result<int> listening = listen_on(options.host, options.port);
    if (!listening) {
        return tl::unexpected<Error>(listening.error());
    }
    // OpenSSL writes by write(), which raises SIGPIPE for a peer that is gone.
    std::signal(SIGPIPE, SIG_IGN);
    auto impl = std::make_unique<Impl>(options, std::move(*context), *listening, inner_port);
    Impl* raw = impl.get();
    impl->acceptor = std::thread([raw] { raw->accept_all(); });
    return std::unique_ptr<TlsFront>(new TlsFront(std::move(impl)));
}

TlsFront::~TlsFront() {
    const std::uint64_t one = 1;
    static_cast<void>(::write(impl_->stop.get(), &one, sizeof one));
    impl_->acceptor.join();
}

int TlsFront::port() const {
    return port_of(impl_->listener.get());
}

TlsStats TlsFront::stats() const {
    return TlsStats{impl_->accepted.load(), impl_->refused.load(), impl_->failed.load()};
}

}  // namespace surged
