// CURVE keys from files, and the doorkeeper (ZAP, https://rfc.zeromq.org/spec/27) that lets in only the feeders on a list.
//
// Keys are read from files and never from the configuration's text; no error message shows one.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "io/zmq/socket.hpp"
#include "os/file.hpp"

namespace surged {

/// For sockets that bind: asks for CURVE with our secret key. Without keys in `settings` nothing is done.
Result<void> guard_as_server(ZmqSocket& socket, const CurveSettings& settings);
/// For sockets that connect: our key pair and the server's public key.
Result<void> guard_as_client(ZmqSocket& socket, const CurveSettings& settings);

/// Reads and tries the keys as guard_as_server() (`serves`) or guard_as_client() would, on a socket that is never bound.
Result<void> try_curve(const CurveSettings& settings, bool serves);

/// The keys that authentication accepts.
struct Guests {
    bool curve = false;                      ///< only with CURVE; else only with NULL
    std::vector<std::string> allowed_keys;   ///< Z85
    std::vector<IngestClient> clients;
};

/// Answers libzmq's question "may this peer in?" on inproc://zeromq.zap.01, whatever the mechanism: a socket that asks lets nobody
/// in who does not speak ZMTP 3. Must exist before the first socket is bound. It answers on a thread of its own: peers come in while
/// the engine is busy. Messages of a client carry the client's index as ZmqFrame::user().
class Doorkeeper {
public:
    /// Errors: a key that is no Z85 key of 40 characters.
    static Result<std::unique_ptr<Doorkeeper>> create(const ZmqContext& context, const Guests& guests);
    ~Doorkeeper();
    Doorkeeper(const Doorkeeper&) = delete;
    Doorkeeper& operator=(const Doorkeeper&) = delete;

private:
    struct Key {
        std::string bytes;  // 32
        std::string user;   // what its messages carry
    };
    Doorkeeper(ZmqSocket socket, std::vector<Key> keys, bool curve, Fd wake)
        : socket_(std::move(socket)), keys_(std::move(keys)), curve_(curve), wake_(std::move(wake)) {}
    void run();
    void answer();

    ZmqSocket socket_;
    std::vector<Key> keys_;  // in order; empty = any
    bool curve_;
    Fd wake_;  // readable: end
    std::thread thread_;
};

/// Makes a socket ask the doorkeeper of its context.
Result<void> ask_doorkeeper(ZmqSocket& socket);

}  // namespace surged
