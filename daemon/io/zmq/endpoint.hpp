// Binding with the care that libzmq leaves out: it unlinks whatever file stands at an ipc path, and listens wherever it is told
// to.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "io/zmq/socket.hpp"
#include "os/file.hpp"

namespace surged {

/// True for ipc, inproc and tcp on 127.0.0.0/8, ::1, localhost or lo.
bool is_local(const std::string& endpoint);

/// Binds and returns the endpoint with its real port. Errors: tcp beyond loopback when not `authenticated`; an ipc path that is
/// no socket, or one that a living process listens on. A stale socket is replaced; the new one gets mode 0660.
Result<std::string> bind_guarded(ZmqSocket& socket, const std::string& endpoint, bool authenticated);

/// A socket of the host's that listens.
struct Listening {
    Fd socket;
    std::string endpoint;  ///< with its real port
};
/// Listens by itself, without libzmq, where an endpoint says, with the care and the errors of bind_guarded(). tcp: an address, `*`,
/// a name or that of an interface, and a port, `*` or 0.
Result<Listening> listen_guarded(const std::string& endpoint, bool authenticated);

/// Removes the socket file of an endpoint that bind_guarded() returned; libzmq may be gone too fast to do so.
void remove_ipc_file(const std::string& endpoint);

}  // namespace surged
