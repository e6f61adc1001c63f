// Samples in: every PULL (bind) and SUB (connect) socket of the configuration behind one door, used by one thread.
//
// Knows sockets, frames, topics and CURVE; nothing of JSON. PULL is back-pressure: what is not received waits in the kernel and
// at the feeder. SUB loses at its high-water mark, and the sequence numbers in the messages tell how much. The hardest rule: no
// peer can block, crash or outlive us: nothing here waits but wait(), linger is 0, and closing has a bound of its own.
//
// Memory: ZeroMQ keeps at most `hwm` messages a peer. A frame larger than twice limits.message_bytes makes libzmq cut that peer
// off before it is read (not seen here, so not counted); one between the limit and twice the limit is delivered, and the decoder
// counts it. Known hole: libzmq 4.3 bounds frames and messages, but not the frames of one message. A peer that streams parts of a
// message it never ends grows our memory (measured: byte for byte). Nothing in the interface stops it; loopback, file modes and
// the list of CURVE keys keep such peers out, and the unit's MemoryMax is the last wall.
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
    /// at all). A signal ends the wait early with nothing ready. Answers CURVE handshakes on the way.
    Ready wait(Span timeout, std::span<const int> extra = {});

    /// Hands over at most `max_messages`, taking turns between the sockets; never blocks. Returns how many were taken off the
    /// sockets, refused ones included, so that 0 means "all empty".
    std::size_t receive(std::size_t max_messages, const Callback& on_payload);

    /// Refusals by form of the frames (topic_mismatch) since the last call.
    RefusalCounts take_refused();
    const Stats& stats() const;

    /// Bound endpoints with their real ports, in the order of settings.bind.
    const std::vector<std::string>& endpoints() const;

private:
    struct Parts;
    explicit Ingest(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
