// Samples in: every PULL (bind) and SUB (connect) socket of the configuration behind one interface, used by one thread.
//
// Knows sockets, frames, topics and CURVE; nothing of JSON. PULL is back-pressure: what is not received waits in the kernel and
// at the feeder. SUB loses at its high-water mark, and the sequence numbers in the messages tell how much. The hardest rule: no
// peer can block, crash or outlive us: nothing here waits but wait(), linger is 0, and closing has a bound of its own.
//
// Which peers may come in, how many and how large is up to the gate (gate.hpp) and to authentication (curve.hpp), for every socket that
// binds: what does not speak ZMTP 3 is refused, a message is bounded over all its frames, connections and the memory of what
// waits are bounded together. A socket that connects (SUB) has the publisher it was told; its frames are bounded, the number of
// frames of a message is not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "core/series/message.hpp"

namespace surged {

class Ingest {
public:
    /// `payload` and `topic` (empty when there was one frame) are valid during the call.
    using Callback = std::function<void(std::string_view payload, std::string_view topic)>;

    struct Ready {
        bool messages = false;          ///< receive() will find something
        std::uint64_t descriptors = 0;  ///< bit i: extra descriptor i is readable, hung up or in error
    };
    struct Stats {
        std::uint64_t messages = 0;  ///< handed to the callback
        std::uint64_t bytes = 0;     ///< payload bytes of those
    };

    /// Opens all sockets or none. Errors name the endpoint. A stale ipc file is replaced; a file that is no socket, or a socket
    /// that somebody listens on, is an error. ipc files get mode 0660. Binding tcp beyond loopback without CURVE is refused.
    static Result<std::unique_ptr<Ingest>> open(const IngestSettings& settings, const IngestLimits& limits);
    ~Ingest();
    Ingest(const Ingest&) = delete;
    Ingest& operator=(const Ingest&) = delete;

    /// Waits until a message is there, one of `extra` (at most 64) is readable, or `timeout` is over (negative: for ever; 0: not
    /// at all). A signal ends the wait early with nothing ready.
    Ready wait(Span timeout, std::span<const int> extra = {});

    /// Hands over at most `max_messages`, taking turns between the sockets; never blocks. Returns how many were taken off the
    /// sockets, refused ones included, so that 0 means "all empty".
    std::size_t receive(std::size_t max_messages, const Callback& on_payload);

    /// While a callback runs: whether the connection that the message came on may speak for `source`. Without [[ingest.client]]
    /// everybody may; a name that fits a client's is that client's alone.
    bool may_speak_for(std::string_view source) const;

    /// Refusals by form of the frames (topic_mismatch) since the last call, and connections that were refused or cut.
    RefusalCounts take_refused();
    /// The last connection that was refused since the last call, for the log, as Gate::Refused::example; empty = none.
    std::string take_refused_peer();
    /// Connections of feeders now.
    std::size_t connections() const;
    const Stats& stats() const;

    /// Bound endpoints with their real ports, in the order of settings.bind.
    const std::vector<std::string>& endpoints() const;

private:
    struct Parts;
    explicit Ingest(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
