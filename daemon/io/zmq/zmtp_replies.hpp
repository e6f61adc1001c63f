// What libzmq answers in a handshake (https://rfc.zeromq.org/spec/23, 26): the names of its commands are in the clear until it is READY.
// Knows greetings and the names of commands; the bytes come from libzmq, so nothing is bounded here but our own memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace surged {

class ZmtpReplies {
public:
    enum class Said : std::uint8_t { nothing, welcome, ready, error };

    /// Looks at the next bytes, in pieces of any size.
    void watch(std::string_view bytes);
    /// Its greeting has gone out whole.
    bool greeted() const { return greeted_; }
    /// The last of its commands that has begun.
    Said said() const { return said_; }
    /// Nothing more is to be learnt.
    bool over() const { return said_ == Said::ready || said_ == Said::error; }

private:
    void take(char byte);

    Said said_ = Said::nothing;
    bool greeted_ = false;
    std::size_t skip_ = 64;       // bytes to leave out: the greeting, what is left of a command
    std::array<char, 15> head_{};  // flags, size, length of the name, the name's first bytes
    std::size_t at_ = 0;
};

}  // namespace surged
