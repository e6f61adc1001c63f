// Reads MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) from the front of a buffer, one token at a time.
//
// Ours and not a library's parser, because those keep a stack on the heap and push events: a pull of tokens needs neither, and a
// claimed length is believed only as far as there are bytes to fill it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "wire/json_scan.hpp"

namespace surged {

struct MsgpackToken {
    enum class Kind : std::uint8_t { nil, boolean, natural, negative, real, text, binary, list, map, extension, broken };
    Kind kind = Kind::broken;
    std::uint64_t natural = 0;  ///< natural; entries of list and map (pairs)
    std::int64_t negative = 0;
    double real = 0;
    std::string_view text;  ///< text, binary, extension: the bytes
};

class MsgpackCursor {
public:
    /// `bytes` are followed by payload_padding readable ones.
    explicit MsgpackCursor(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    bool at_end() const { return at_ == end_; }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    /// The next token. Of a list or map only the head is read: its entries follow as tokens. `broken`: the bytes end too early,
    /// the head is not assigned (0xC1), or a list or map claims more entries than bytes are left.
    MsgpackToken next();

    /// Steps over one whole value, however deep. False: broken.
    bool skip();

    /// The two tokens of the hot path, without the detour over MsgpackToken. False: something else is here, and nothing was
    /// taken.
    bool take_text(std::string_view expected);
    bool take_number(double& out);

private:
    template <typename T>
    bool take(T& out) {
        if (left() < sizeof(T)) {
            return false;
        }
        T value = 0;
        std::memcpy(&value, at_, sizeof(T));
        // Big-endian on the wire.
        if constexpr (sizeof(T) == 2) {
            value = __builtin_bswap16(value);
        } else if constexpr (sizeof(T) == 4) {
            value = __builtin_bswap32(value);
        } else if constexpr (sizeof(T) == 8) {
            value = __builtin_bswap64(value);
        }
        at_ += sizeof(T);
        out = value;
        return true;
    }
    template <typename Length>
    bool take_length(std::uint64_t& out) {
        Length length = 0;
        const bool ok = take(length);
        out = length;
        return ok;
    }
    MsgpackToken bytes(MsgpackToken::Kind kind, bool ok, std::uint64_t length, std::size_t type_bytes = 0);
    MsgpackToken entries(MsgpackToken::Kind kind, bool ok, std::uint64_t count) const;
    template <typename Unsigned>
    MsgpackToken unsigned_number();
    template <typename Unsigned, typename Signed>
    MsgpackToken signed_number();
    template <typename Bits, typename Float>
    MsgpackToken real_number();
    MsgpackToken short_form(std::uint8_t head);
    MsgpackToken long_form(std::uint8_t head);

    const char* at_;
    const char* end_;
};

inline bool MsgpackCursor::take_text(std::string_view expected) {
    constexpr std::size_t short_text_max = 31;
    const std::size_t size = expected.size();
    if (size > short_text_max || left() <= size || static_cast<unsigned char>(*at_) != (0xA0U | size) ||
        !same_bytes(at_ + 1, expected.data(), size)) {
        return false;
    }
    at_ += 1 + size;
    return true;
}

inline bool MsgpackCursor::take_number(double& out) {
    if (at_ == end_) {
        return false;
    }
    const auto head = static_cast<unsigned char>(*at_);
    if (head <= 0x7F) {
        out = head;
        ++at_;
        return true;
    }
    const char* const before = at_++;
    bool ok = false;
    if (head == 0xCB) {
        std::uint64_t bits = 0;
        ok = take(bits);
        out = std::bit_cast<double>(bits);
    } else if (head == 0xCD || head == 0xD1) {
        std::uint16_t bits = 0;
        ok = take(bits);
        out = head == 0xCD ? static_cast<double>(bits) : static_cast<double>(std::bit_cast<std::int16_t>(bits));
    } else if (head == 0xCE || head == 0xD2) {
        std::uint32_t bits = 0;
        ok = take(bits);
        out = head == 0xCE ? static_cast<double>(bits) : static_cast<double>(std::bit_cast<std::int32_t>(bits));
    } else if (head == 0xCC) {
        std::uint8_t bits = 0;
        ok = take(bits);
        out = bits;
    }
    at_ = ok ? at_ : before;
    return ok;
}

}  // namespace surged
