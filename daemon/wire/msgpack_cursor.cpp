#include "wire/msgpack_cursor.hpp"

namespace surged {

using Kind = MsgpackToken::Kind;

MsgpackToken MsgpackCursor::bytes(Kind kind, bool ok, std::uint64_t length, std::size_t type_bytes) {
    MsgpackToken token;
    if (!ok || length + type_bytes > left()) {
        return token;
    }
    at_ += type_bytes;
    token.kind = kind;
    token.text = {at_, length};
    at_ += length;
    return token;
}

MsgpackToken MsgpackCursor::entries(Kind kind, bool ok, std::uint64_t count) const {
    MsgpackToken token;
    const std::uint64_t bytes_an_entry = kind == Kind::map ? 2 : 1;
    if (!ok || count * bytes_an_entry > left()) {
        return token;
    }
    token.kind = kind;
    token.natural = count;
    return token;
}

template <typename Unsigned>
MsgpackToken MsgpackCursor::unsigned_number() {
    MsgpackToken token;
    Unsigned value = 0;
    if (take(value)) {
        token.kind = Kind::natural;
        token.natural = value;
    }
    return token;
}

template <typename Unsigned, typename Signed>
MsgpackToken MsgpackCursor::signed_number() {
    MsgpackToken token;
    Unsigned value = 0;
    if (take(value)) {
        const std::int64_t number =
            std::bit_cast<Signed>(value);  // NOLINT(bugprone-signed-char-misuse): the sign is meant to stretch
        token.kind = number < 0 ? Kind::negative : Kind::natural;
        token.natural = number < 0 ? 0 : static_cast<std::uint64_t>(number);
        token.negative = number;
    }
    return token;
}

template <typename Bits, typename Float>
MsgpackToken MsgpackCursor::real_number() {
    MsgpackToken token;
    Bits bits = 0;
    if (take(bits)) {
        token.kind = Kind::real;
        token.real = static_cast<double>(std::bit_cast<Float>(bits));
    }
    return token;
}

/// The first byte holds a small number, or a kind together with its length.
inline MsgpackToken MsgpackCursor::short_form(std::uint8_t head) {
    MsgpackToken token;
    if (head <= 0x7F) {
        token.kind = Kind::natural;
        token.natural = head;
        return token;
    }
    if (head <= 0x8F) {
        return entries(Kind::map, true, head & 0x0FU);
    }
    if (head <= 0x9F) {
        return entries(Kind::list, true, head & 0x0FU);
    }
    if (head <= 0xBF) {
        return bytes(Kind::text, true, head & 0x1FU);
    }
    token.kind = Kind::negative;
    token.negative = static_cast<std::int64_t>(head) - 256;
    return token;
}

/// The first byte names the kind alone; length or number follow.
inline MsgpackToken MsgpackCursor::long_form(std::uint8_t head) {
    MsgpackToken token;
    std::uint64_t length = 0;
    bool ok = false;
    switch (head) {
        case 0xC0: token.kind = Kind::nil; return token;
        case 0xC2:
        case 0xC3:
            token.kind = Kind::boolean;
            token.natural = head & 1U;
            return token;
        case 0xC4: ok = take_length<std::uint8_t>(length); return bytes(Kind::binary, ok, length);
        case 0xC5: ok = take_length<std::uint16_t>(length); return bytes(Kind::binary, ok, length);
        case 0xC6: ok = take_length<std::uint32_t>(length); return bytes(Kind::binary, ok, length);
        case 0xC7: ok = take_length<std::uint8_t>(length); return bytes(Kind::extension, ok, length, 1);
        case 0xC8: ok = take_length<std::uint16_t>(length); return bytes(Kind::extension, ok, length, 1);
        case 0xC9: ok = take_length<std::uint32_t>(length); return bytes(Kind::extension, ok, length, 1);
        case 0xCA: return real_number<std::uint32_t, float>();
        case 0xCB: return real_number<std::uint64_t, double>();
        case 0xCC: return unsigned_number<std::uint8_t>();
        case 0xCD: return unsigned_number<std::uint16_t>();
        case 0xCE: return unsigned_number<std::uint32_t>();
        case 0xCF: return unsigned_number<std::uint64_t>();
        case 0xD0: return signed_number<std::uint8_t, std::int8_t>();
        case 0xD1: return signed_number<std::uint16_t, std::int16_t>();
        case 0xD2: return signed_number<std::uint32_t, std::int32_t>();
        case 0xD3: return signed_number<std::uint64_t, std::int64_t>();
        case 0xD4:
        case 0xD5:
        case 0xD6:
        case 0xD7:
        case 0xD8: return bytes(Kind::extension, true, std::uint64_t{1} << (head - 0xD4U), 1);
        case 0xD9: ok = take_length<std::uint8_t>(length); return bytes(Kind::text, ok, length);
        case 0xDA: ok = take_length<std::uint16_t>(length); return bytes(Kind::text, ok, length);
        case 0xDB: ok = take_length<std::uint32_t>(length); return bytes(Kind::text, ok, length);
        case 0xDC: ok = take_length<std::uint16_t>(length); return entries(Kind::list, ok, length);
        case 0xDD: ok = take_length<std::uint32_t>(length); return entries(Kind::list, ok, length);
        case 0xDE: ok = take_length<std::uint16_t>(length); return entries(Kind::map, ok, length);
        case 0xDF: ok = take_length<std::uint32_t>(length); return entries(Kind::map, ok, length);
        default: return token;  // 0xC1: never used
    }
}

MsgpackToken MsgpackCursor::next() {
    std::uint8_t head = 0;
    if (!take(head)) {
        return {};
    }
    return head < 0xC0 || head >= 0xE0 ? short_form(head) : long_form(head);
}

bool MsgpackCursor::skip() {
    // A count of values still to come instead of a stack: nesting costs no memory. Each value takes a byte at least.
    std::uint64_t open = 1;
    while (open > 0) {
        if (open > left()) {
            return false;
        }
        const MsgpackToken token = next();
        --open;
        switch (token.kind) {
            case Kind::broken: return false;
            case Kind::list: open += token.natural; break;
            case Kind::map: open += 2 * token.natural; break;
            case Kind::nil:
            case Kind::boolean:
            case Kind::natural:
            case Kind::negative:
            case Kind::real:
            case Kind::text:
            case Kind::binary:
            case Kind::extension: break;
        }
    }
    return true;
}

}  // namespace surged
