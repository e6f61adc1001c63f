#include "io/zmq/endpoint.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
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
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return false;
    }
    const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const bool busy = !connected && errno == EAGAIN;  // its queue of connections is full
    ::close(fd);
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
