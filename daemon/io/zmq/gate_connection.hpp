// One connection through the gate: the peer outside, libzmq inside, and the bytes in transit between them. Used by gate.cpp only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "io/zmq/zmtp_replies.hpp"
#include "io/zmq/zmtp_walker.hpp"
#include "os/file.hpp"

namespace surged {

class GateConnection {
public:
    /// What both sides are watched for from now on (EPOLLIN, EPOLLOUT).
    struct Interest {
        std::uint32_t outer = 0;
        std::uint32_t inner = 0;
        bool operator==(const Interest&) const = default;
    };
    enum class End : std::uint8_t { none, closed, cut };  ///< closed: libzmq has what was sent, and is done; cut: it broke a bound

    GateConnection(Fd outer, Fd inner, const ZmtpBounds& bounds, std::int64_t began_ms);

    int outer() const { return outer_.get(); }  ///< -1: the peer is gone, and libzmq still reads what it sent
    int inner() const { return inner_.get(); }
    const ZmtpWalker& walker() const { return walker_; }
    std::int64_t began_ms() const { return began_ms_; }
    /// Why it was cut, or why libzmq has ended it.
    std::optional<Refusal> reason() const { return reason_; }
    /// More about that for a person, "a PUB socket"; empty = nothing.
    std::string detail() const;
    /// Address and port of the peer, for the log.
    std::string peer() const;

    /// Moves what can be moved from the peer to libzmq through `buffer`.
    End inward(std::string& buffer);
    /// The same in the other direction.
    End outward(std::string& buffer);
    /// Nothing is read from a peer while `held`, once its handshake is over.
    Interest interest(bool held) const;

    Interest watched;           ///< as last told to epoll
    std::uint64_t counted = 0;  ///< frame bytes that the gate has added to its sum

private:
    void lose_peer();
    /// libzmq has said or done something to a peer by CURVE: whether that ends its handshake, and why.
    void judge(bool closed);
    /// The peer has gone: whether it did not like what it saw of us.
    void judge_gone();
    Fd outer_;
    Fd inner_;
    ZmtpWalker walker_;
    ZmtpReplies replies_;
    bool curve_;
    std::int64_t began_ms_;
    std::string to_inner_;  // read and not yet taken, at most a buffer
    std::string to_outer_;
    std::optional<Refusal> reason_;
};

}  // namespace surged
