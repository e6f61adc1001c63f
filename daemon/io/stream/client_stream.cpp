#include "io/stream/client_stream.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>

#include "os/file.hpp"

namespace surged {

namespace {
using StreamClock = std::chrono::steady_clock;
using Deadline = StreamClock::time_point;

std::string tls_reason() {
    std::array<char, 256> text{};
    const auto code = ERR_get_error();
    if (code == 0) {
        return "the connection ended";
    }
    const char* reason = ERR_reason_error_string(code);
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    return reason != nullptr ? reason : text.data();
}

int left_ms(Deadline end) {
    const auto left = std::chrono::ceil<Span>(end - StreamClock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

/// Waits in slices, so that a stop is heard. 1: ready, 0: too late, -1: stopped.
int wait_for(int fd, short what, Deadline end, const std::atomic<bool>* stop) {
    while (true) {
        if (stop != nullptr && *stop) {
            return -1;
        }
        pollfd one{fd, what, 0};
        const int slice = stop == nullptr ? left_ms(end) : std::min(left_ms(end), 100);
        if (::poll(&one, 1, slice) > 0) {
            return 1;
        }
        if (left_ms(end) == 0) {
            return 0;
        }
    }
}

std::string text_of(const sockaddr* address, socklen_t size) {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (::getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return "?";
    }
    const std::string name = host.data();
    return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + port.data();
}

/// A connected, non-blocking socket to this address; `why` says what failed.
Fd connect_one(const addrinfo& address, Deadline end, const std::atomic<bool>& stop, std::string& why) {
    Fd fd(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
    if (!fd) {
        why = std::strerror(errno);
        return {};
    }
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) {
        return fd;
    }
    int error = errno;
    if (error == EINPROGRESS) {
        const int ready = wait_for(fd.get(), POLLOUT, end, &stop);
        socklen_t size = sizeof error;
        if (ready <= 0) {
            error = ETIMEDOUT;
        } else if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
    }
    if (error != 0) {
        why = std::strerror(error);
        return {};
    }
    return fd;
}
/// What every connection trusts: authorities of the file, or the system's; TLS 1.2 at least.
Result<std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>> trusting(const std::string& ca_file) {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (!context) {
        return fail("tls: " + tls_reason());
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    ERR_clear_error();
    const bool well = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                      : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) == 1;
    if (!well) {
        return fail("certificates of authorities" + (ca_file.empty() ? "" : " in " + ca_file) + ": " + tls_reason());
    }
    return context;
}
}  // namespace

struct ClientStream::Parts {
    Fd fd;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, &SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
    short wants = POLLIN;  // what the last read waits for

    Result<void> shake(const StreamPeer& peer, Deadline end, const std::atomic<bool>& stop);
};

Result<void> ClientStream::Parts::shake(const StreamPeer& peer, Deadline end, const std::atomic<bool>& stop) {
    auto trusted = trusting(peer.ca_file);
    if (!trusted) {
        return tl::unexpected(trusted.error());
    }
    context = std::move(*trusted);
    const auto& name = peer.tls_name.empty() ? peer.host : peer.tls_name;
    ssl = {SSL_new(context.get()), &SSL_free};
    if (!ssl || SSL_set_fd(ssl.get(), fd.get()) != 1) {
        return fail("tls: " + tls_reason());
    }
    std::array<unsigned char, sizeof(in6_addr)> raw{};
    const bool address = ::inet_pton(AF_INET, name.c_str(), raw.data()) == 1 || ::inet_pton(AF_INET6, name.c_str(), raw.data()) == 1;
    if (address) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str());
    } else {
        SSL_set1_host(ssl.get(), name.c_str());
        // What SSL_set_tlsext_host_name() is, without its cast.
        SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
    }
    while (true) {
        ERR_clear_error();
        const int done = SSL_connect(ssl.get());
        if (done == 1) {
            return {};
        }
        const int why = SSL_get_error(ssl.get(), done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
            const long verdict = SSL_get_verify_result(ssl.get());
            return fail(verdict != X509_V_OK ? std::string("its certificate is refused: ") + X509_verify_cert_error_string(verdict)
                                             : "tls: " + tls_reason());
        }
        if (wait_for(fd.get(), why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, end, &stop) <= 0) {
            return fail("no TLS handshake in time: is that port a TLS port?");
        }
    }
}

ClientStream::ClientStream(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ClientStream::~ClientStream() = default;

Result<std::unique_ptr<ClientStream>> ClientStream::connect(const StreamPeer& peer, Span bound, const std::atomic<bool>& stop) {
    const auto end = StreamClock::now() + bound;
    const std::string where = peer.host + ":" + peer.port + ": ";
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* raw = nullptr;
    if (const int error = ::getaddrinfo(peer.host.c_str(), peer.port.c_str(), &hints, &raw); error != 0) {
        return fail(where + ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(raw, &::freeaddrinfo);
    std::string why = "it has no address";
    int tries_left = 0;
    for (const auto* at = addresses.get(); at != nullptr; at = at->ai_next) {
        ++tries_left;
    }
    for (const auto* at = addresses.get(); at != nullptr && !stop; at = at->ai_next, --tries_left) {
        // One address that does not answer must not eat the time of the others.
        auto parts = std::make_unique<Parts>();
        parts->fd = connect_one(*at, StreamClock::now() + (end - StreamClock::now()) / tries_left, stop, why);
        if (!parts->fd) {
            continue;
        }
        if (peer.tls) {
            if (auto shaken = parts->shake(peer, end, stop); !shaken) {
                return fail(where + shaken.error().message);
            }
        }
        std::unique_ptr<ClientStream> stream(new ClientStream(std::move(parts)));
        stream->address_ = text_of(at->ai_addr, at->ai_addrlen);
        return stream;
    }
    return fail(where + why);
}

bool ClientStream::ended(std::string why) {
    if (why_.empty()) {
        why_ = std::move(why);
    }
    return false;
}

bool ClientStream::wait(Span bound) {
    if (parts_->ssl && SSL_pending(parts_->ssl.get()) > 0) {
        return true;
    }
    return wait_for(parts_->fd.get(), parts_->wants, StreamClock::now() + std::max(bound, Span{0}), nullptr) > 0;
}

bool ClientStream::read(std::string& into, std::size_t most) {
    const auto before = into.size();
    into.resize(before + most);
    std::size_t got = 0;
    bool open = true;
    while (open && got < most) {
        char* to = into.data() + before + got;
        const auto room = std::min<std::size_t>(most - got, INT_MAX);
        if (parts_->ssl) {
            ERR_clear_error();
            const int n = SSL_read(parts_->ssl.get(), to, static_cast<int>(room));
            if (n <= 0) {
                const int why = SSL_get_error(parts_->ssl.get(), n);
                parts_->wants = why == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
                open = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE || ended(why == SSL_ERROR_ZERO_RETURN ? "the peer closed it" : tls_reason());
                break;
            }
            got += static_cast<std::size_t>(n);
        } else {
            const ssize_t n = ::recv(parts_->fd.get(), to, room, MSG_DONTWAIT);
            if (n <= 0) {
                open = n < 0 && (errno == EAGAIN || errno == EINTR) ? true : ended(n == 0 ? "the peer closed it" : std::strerror(errno));
                break;
            }
            got += static_cast<std::size_t>(n);
        }
    }
    into.resize(before + got);
    return open;
}

bool ClientStream::write(std::string_view bytes, Span bound) {
    const auto end = StreamClock::now() + bound;
    while (!bytes.empty()) {
        short wants = POLLOUT;
        ssize_t n = 0;
        if (parts_->ssl) {
            ERR_clear_error();
            n = SSL_write(parts_->ssl.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
            const int why = n > 0 ? SSL_ERROR_NONE : SSL_get_error(parts_->ssl.get(), static_cast<int>(n));
            wants = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
            if (n <= 0 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
                return ended(tls_reason());
            }
        } else {
            n = ::send(parts_->fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && errno != EAGAIN && errno != EINTR) {
                return ended(std::strerror(errno));
            }
        }
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (wait_for(parts_->fd.get(), wants, end, nullptr) == 0) {
            return ended("the peer does not read");
        }
    }
    return true;
}

Result<void> try_ca_file(const std::string& ca_file) {
    auto trusted = trusting(ca_file);
    return trusted ? Result<void>{} : tl::unexpected(trusted.error());
}

}  // namespace surged
