// The gate before libzmq: it listens where the world may reach us, looks at what comes (zmtp_walker.hpp), and passes on to
// libzmq, which listens behind it for this process only.
//
// libzmq bounds frames and whole messages. It bounds neither connections, nor the frames of one message, nor what a connection
// claims before its handshake, and it takes what does not greet for a peer of 2010. All of this ends here, and so do peers whose socket or key
// does not fit: libzmq ends their handshake without a word (its monitor tells of keys, but not of sockets nor whose they were, and a peer that
// connects again and again can fill it until libzmq waits for us). Knows bytes and bounds; nothing of messages and names; CURVE is spoken through
// it, end to end.
//
// Hardest rule: no peer is waited for. One thread moves what can be moved; a peer that does not read or is held back delays only itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "io/zmq/zmtp_walker.hpp"

namespace surged {

struct GateSettings {
    std::vector<std::string> listen;  ///< endpoints of the configuration
    bool authenticated = false;       ///< may listen beyond loopback
    ZmtpBounds bounds;
    std::size_t connections = 1000;  ///< at once
    std::size_t memory = 0;          ///< bytes passed on that nobody has taken; then peers are held back. 0 = not counted
    Span handshake{5000};            ///< from connecting to the last command of the handshake
};

class Gate {
public:
    /// The last peer that was refused, for the log.
    struct Refused {
        RefusalCounts counts{};
        std::string example;  ///< "wrong_socket from 10.0.0.7:4711: a PUB socket"; empty = nobody
    };

    /// Listens everywhere or nowhere; nobody is let in before start(). Errors name the endpoint.
    static Result<std::unique_ptr<Gate>> open(const GateSettings& settings);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    /// With real ports, in the order of settings.listen.
    const std::vector<std::string>& endpoints() const;
    /// Where libzmq has to listen for the connections of endpoint `i`; set guard_inner() on its socket first.
    std::string inner(std::size_t i) const;
    /// Lets peers in. libzmq must listen at every inner() endpoint by now.
    void start();

    /// Bytes of frames that were taken off libzmq; any thread.
    void taken(std::size_t bytes);
    /// Nothing whole is left to take.
    void drained();
    /// Refusals since the last call.
    Refused take_refused();
    std::size_t connections() const;

private:
    struct Parts;
    explicit Gate(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

class ZmqSocket;
/// Lets only this process in at an inner() endpoint.
Result<void> guard_inner(ZmqSocket& socket);

}  // namespace surged
