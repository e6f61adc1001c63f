#include "io/zmq/endpoint.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace surged {

namespace {

constexpr std::string_view ipc_scheme = "ipc://";
constexpr std::string_view tcp_scheme = "tcp://";
constexpr mode_t ipc_mode = 0660;  // the daemon and feeders of its group

/// The file of an ipc endpoint; empty for other transports, wildcards and abstract names.
std::string ipc_path(const std::string& endpoint) {
    if (!endpoint.starts_with(ipc_scheme)) {
        return {};
    }
    std::string path = endpoint.substr(ipc_scheme.size());
    return path == "*" || path.starts_with("@") ? std::string{} : path;
}

std::string errno_text(int code) {
    return std::generic_category().message(code);
}

bool somebody_listens(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return false;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const Fd peer(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!peer) {
        return false;
    }
    const bool connected = ::connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const bool busy = !connected && errno == EAGAIN;  // its queue of connections is full
    return connected || busy;
}

Result<void> check_ipc_path(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        return {};  // nothing there, or bind() will say what is wrong
    }
    if (!S_ISSOCK(info.st_mode)) {
        return fail("bind ipc://" + path + ": the file exists and is no socket");
    }
    if (somebody_listens(path)) {
        return fail("bind ipc://" + path + ": another process listens there");
    }
    return {};
}

}  // namespace

bool is_local(const std::string& endpoint) {
    if (!endpoint.starts_with(tcp_scheme)) {
        return endpoint.starts_with(ipc_scheme) || endpoint.starts_with("inproc://");
    }
    const std::string_view address = std::string_view(endpoint).substr(tcp_scheme.size());
    const std::string_view host = address.substr(0, address.rfind(':'));
    const bool dotted = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return (dotted && host.starts_with("127.")) || host == "localhost" || host == "lo" || host == "[::1]" || host == "::1";
}

namespace {

constexpr int listen_backlog = 1024;

Result<Listening> listen_ipc(const std::string& endpoint, const std::string& path) {
    if (auto ok = check_ipc_path(path); !ok) {
        return tl::unexpected(ok.error());
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return fail("bind " + endpoint + ": the path is too long");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::unlink(path.c_str());
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(path.c_str(), ipc_mode) != 0 || ::listen(socket.get(), listen_backlog) != 0) {
        return fail("bind " + endpoint + ": " + errno_text(errno));
    }
    return Listening{std::move(socket), endpoint};
}

/// The address of an interface of this name, IPv4; nullopt = there is none.
std::optional<std::string> address_of_interface(const std::string& name) {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) {
        return std::nullopt;
    }
    std::optional<std::string> found;
    for (const ifaddrs* one = all; one != nullptr && !found; one = one->ifa_next) {
        if (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET && name == one->ifa_name) {
            char text[INET_ADDRSTRLEN] = {};
            sockaddr_in address{};
            std::memcpy(&address, one->ifa_addr, sizeof address);
            ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
            found = text;
        }
    }
    ::freeifaddrs(all);
    return found;
}

/// "tcp://host:port" of a socket that is bound.
std::string tcp_name(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    char host[NI_MAXHOST] = {};
    char port[NI_MAXSERV] = {};
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV);
    const bool six = address.ss_family == AF_INET6;
    return std::string(tcp_scheme) + (six ? "[" : "") + host + (six ? "]:" : ":") + port;
}

Result<Listening> listen_tcp(const std::string& endpoint) {
    const std::string address = endpoint.substr(tcp_scheme.size());
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) {
        return fail("bind " + endpoint + ": it has no port");
    }
    std::string host = address.substr(0, colon);
    std::string port = address.substr(colon + 1);
    port = port == "*" ? "0" : port;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    host = host == "*" ? "0.0.0.0" : address_of_interface(host).value_or(host);
    addrinfo hints{};
    hints.ai_family = host.find(':') != std::string::npos ? AF_INET6 : AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
        return fail("bind " + endpoint + ": " + ::gai_strerror(code));
    }
    Fd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (socket) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    const bool listens =
        socket && ::bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0 && ::listen(socket.get(), listen_backlog) == 0;
    const int code = errno;
    ::freeaddrinfo(found);
    if (!listens) {
        return fail("bind " + endpoint + ": " + errno_text(code));
    }
    std::string name = tcp_name(socket.get());
    return Listening{std::move(socket), std::move(name)};
}

}  // namespace

Result<Listening> listen_guarded(const std::string& endpoint, bool authenticated) {
    if (!authenticated && !is_local(endpoint)) {
        return fail("bind " + endpoint + ": listening beyond loopback needs CURVE keys");
    }
    if (const std::string path = ipc_path(endpoint); !path.empty()) {
        return listen_ipc(endpoint, path);
    }
    if (endpoint.starts_with(tcp_scheme)) {
        return listen_tcp(endpoint);
    }
    return fail("bind " + endpoint + ": it is neither tcp:// nor ipc:// with a path");
}

Result<std::string> bind_guarded(ZmqSocket& socket, const std::string& endpoint, bool authenticated) {
    if (!authenticated && !is_local(endpoint)) {
        return fail("bind " + endpoint + ": listening beyond loopback needs CURVE keys");
    }
    const std::string path = ipc_path(endpoint);
    if (!path.empty()) {
        if (auto ok = check_ipc_path(path); !ok) {
            return tl::unexpected(ok.error());
        }
    }
    // ":0" is ZeroMQ's ":*".
    std::string wanted = endpoint;
    if (wanted.starts_with(tcp_scheme) && wanted.ends_with(":0")) {
        wanted.replace(wanted.size() - 1, 1, "*");
    }
    if (auto bound = socket.bind(wanted); !bound) {
        return tl::unexpected(bound.error());
    }
    if (!path.empty() && ::chmod(path.c_str(), ipc_mode) != 0) {
        return fail("bind " + endpoint + ": cannot set its mode: " + errno_text(errno));
    }
    return socket.last_endpoint();
}

void remove_ipc_file(const std::string& endpoint) {
    if (const std::string path = ipc_path(endpoint); !path.empty()) {
        ::unlink(path.c_str());
    }
}

}  // namespace surged
