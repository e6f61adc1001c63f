// CURVE keys from files, and the doorkeeper (ZAP, https://rfc.zeromq.org/spec/27) that lets in only the feeders on a list.
//
// Keys are read from files and never from the configuration's text; no error message shows one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "io/zmq/socket.hpp"

namespace surged {

/// For sockets that bind: asks for CURVE with our secret key. Without keys in `settings` nothing is done.
Result<void> guard_as_server(ZmqSocket& socket, const CurveSettings& settings);
/// For sockets that connect: our key pair and the server's public key.
Result<void> guard_as_client(ZmqSocket& socket, const CurveSettings& settings);

/// Answers libzmq's question "may this public key in?" on inproc://zeromq.zap.01. Must exist before the first socket is bound,
/// and be asked to answer() whenever its socket is readable: until then a new feeder waits.
class Doorkeeper {
public:
    /// Errors: an allowed key that is no Z85 key of 40 characters.
    static Result<Doorkeeper> create(const ZmqContext& context, const std::vector<std::string>& allowed_keys);
    const ZmqSocket& socket() const { return socket_; }
    /// Answers every question that waits; never blocks.
    void answer();

private:
    Doorkeeper(ZmqSocket socket, std::vector<std::string> keys) : socket_(std::move(socket)), keys_(std::move(keys)) {}
    ZmqSocket socket_;
    std::vector<std::string> keys_;  // 32 bytes each
};

}  // namespace surged
