// Walks over the bytes a ZMTP 3 peer sends (https://rfc.zeromq.org/spec/23), as they come in pieces of any size, and says where a
// peer breaks a bound. Knows greetings, frame headers and the commands of the handshake; never looks into another frame.
//
// The hardest rule: nothing is let through that could make libzmq set memory aside beyond the bounds, so a frame is judged by its
// header, before it is passed on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/series/message.hpp"

namespace surged {

struct ZmtpBounds {
    std::size_t frame_bytes = 1U << 20U;    ///< one frame
    std::size_t message_bytes = 1U << 20U;  ///< all frames of one message
    std::size_t parts = 64;                 ///< frames of one message
    std::size_t talk_bytes = 0;             ///< all that is not a heartbeat, ever (subscriptions); 0 = without bound
    bool curve = false;                     ///< the mechanism that is asked for; else NULL
    /// Kinds of socket that may come; empty = any. A peer by CURVE says its own in cipher: libzmq looks at it then.
    std::array<std::string_view, 2> peers{};
};

class ZmtpWalker {
public:
    /// A handshake's command, and any other command, has at most this many bytes.
    static constexpr std::size_t command_bytes_max = 4096;

    explicit ZmtpWalker(const ZmtpBounds& bounds) : bounds_(bounds) {}

    /// Looks at the next bytes. The reason to cut the peer off, or nothing: then all of them may be passed on.
    std::optional<Refusal> walk(std::string_view bytes);

    /// The handshake is over: messages may come.
    bool open() const { return phase_ == Phase::traffic; }
    /// The greeting is whole.
    bool greeted() const { return phase_ != Phase::greeting; }
    /// It has said that it speaks ZMTP 3.
    bool speaks_zmtp() const;
    /// Commands of the handshake that came whole.
    std::size_t handshake_commands() const { return commands_; }
    /// The kind of socket that READY named and that may not come; else empty. Letters only.
    const std::string& foreign_type() const { return foreign_type_; }
    /// Frames of messages that came whole.
    std::uint64_t frames() const { return frames_; }
    /// Bytes in them, as libzmq hands them out.
    std::uint64_t frame_bytes() const { return bytes_; }
    /// Bytes of a message that is not complete.
    std::size_t unfinished() const { return message_ + got_; }
    /// Of those, bytes of frames that came whole.
    std::size_t finished_parts() const { return message_; }

private:
    enum class Phase : std::uint8_t { greeting, handshake, traffic };
    std::optional<Refusal> greet(char byte);
    std::optional<Refusal> begin_frame();
    std::optional<Refusal> end_frame();
    std::optional<Refusal> end_handshake_command();
    bool may_come(std::string_view type);
    bool heartbeat() const;

    ZmtpBounds bounds_;
    Phase phase_ = Phase::greeting;
    std::size_t at_ = 0;           // bytes of the greeting that came
    std::size_t commands_ = 0;     // of the handshake
    std::array<char, 9> head_{};   // of the frame that is coming
    std::size_t head_size_ = 0;
    bool begun_ = false;           // its header is whole
    std::uint64_t left_ = 0;       // bytes of it still to come
    std::size_t got_ = 0;          // bytes of it that came
    std::array<char, 5> name_{};   // its first bytes: of a command, the name
    std::string ready_;            // READY of the NULL mechanism, while it comes
    std::string foreign_type_;
    std::size_t parts_ = 0;        // of the message that is coming
    std::size_t message_ = 0;      // bytes of its frames that came whole
    std::size_t talk_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace surged
