// The small parts of the JSON decoder: numbers, escaped text, and a cursor over the tokens that simdjson's first stage found.
//
// The tokens come from simdjson's SIMD scan (UTF-8 checked, strings closed, no raw control bytes in them). The walk over them is
// ours and not its on-demand front end: that one keeps its position in memory across our calls and costs four times as much here.
// What the walk looks at is checked to the letter of RFC 8259; an unknown key's value is only stepped over.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace surged {

/// Zeroed, readable bytes that follow the payload. simdjson reads ahead of the end, and so do the comparisons here.
inline constexpr std::size_t payload_padding = 64;

/// Bytes that may follow a number, true, false or null.
inline bool ends_scalar(char byte) {
    switch (byte) {
        case ',':
        case '}':
        case ']':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
        case '\0': return true;
        default: return false;
    }
}

enum class NumberError : std::uint8_t { none, no_number, malformed, not_finite };

/// A JSON number at `text`, exactly rounded. `text` ends in a byte that ends_scalar() or in anything malformed.
/// no_number: it does not begin like one. not_finite: beyond the doubles, or one of NaN, Infinity, -Infinity, which careless
/// writers emit.
NumberError parse_json_number(const char* text, double& out);
/// Powers of ten that a double holds exactly.
inline constexpr std::array<double, 23> exact_powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

inline constexpr std::array<std::uint64_t, 9> whole_powers{1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/// Up to eight decimal digits at `text`: how many there are, and their value. No branch depends on the digits (Lemire's eight at
/// once), so that numbers of changing length do not stall. Eight bytes are read.
struct DigitRun {
    unsigned count;
    std::uint32_t value;
};
inline DigitRun take_digits(const char* text) {
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t block = 0;
    std::memcpy(&block, text, 8);
    block ^= 0x3030303030303030U;  // digits become 0..9, all else 10 or more
    const std::uint64_t others = ((block + 0x7676767676767676U) | block) & 0x8080808080808080U;
    const auto count = static_cast<unsigned>(std::countr_zero(others)) / 8U;  // 64 / 8 when all are digits
    if (count == 0) {
        return {0, 0};
    }
    block <<= 64U - 8U * count;
    block = block * 10 + (block >> 8U);
    block =
        ((block & 0x000000FF000000FFU) * 0x000F424000000064U + ((block >> 16U) & 0x000000FF000000FFU) * 0x0000271000000001U) >>
        32U;
    return {count, static_cast<std::uint32_t>(block)};
}

/// The common forms of a number: an optional sign, at most 15 digits, fewer than eight of them after the point, no exponent.
/// False: it is of another form, or malformed; parse_json_number() knows. Exact: the digits are below 2^53 and the power of ten
/// below 10^22, so that the one division rounds as it must (Clinger 1990).
inline bool parse_plain_number(const char* text, double& out) {
    const char* p = text;
    const bool negative = *p == '-';
    p += negative ? 1 : 0;
    const DigitRun whole = take_digits(p);
    std::uint64_t digits = whole.value;
    if (whole.count == 0 || (*p == '0' && whole.count > 1)) {
        return false;
    }
    p += whole.count;
    if (whole.count == 8) {
        const DigitRun rest = take_digits(p);
        if (rest.count == 8) {
            return false;
        }
        digits = digits * whole_powers[rest.count] + rest.value;
        p += rest.count;
    }
    auto value = static_cast<double>(digits);
    if (*p == '.') {
        const DigitRun fraction = take_digits(p + 1);
        if (fraction.count == 0 || fraction.count == 8 || whole.count == 8) {
            return false;
        }
        value = static_cast<double>(digits * whole_powers[fraction.count] + fraction.value);
        value /= exact_powers[fraction.count];
        p += 1 + fraction.count;
    }
    out = negative ? -value : value;
    return ends_scalar(*p);
}

/// A whole number without sign, point or exponent.
bool parse_json_natural(const char* text, std::uint64_t& out);

/// Unescapes JSON text that begins after its opening quote. Writes at most as many bytes as it reads. Returns the end of what was
/// written, nullptr for an unknown escape or half a surrogate pair. Precondition: an unescaped quote ends the text.
char* unescape_json(const char* text, char* out);

/// Length of the text up to its closing quote; npos when an escape comes first. Precondition as above.
inline std::size_t plain_length(const char* text) {
    const char* p = text;
    while (*p != '"' && *p != '\\') {
        ++p;
    }
    return *p == '"' ? static_cast<std::size_t>(p - text) : std::string_view::npos;
}

/// Compares `size` bytes in blocks of eight; up to seven bytes past either end are read and ignored.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    for (; size > 8; size -= 8, a += 8, b += 8) {
        std::memcpy(&x, a, 8);
        std::memcpy(&y, b, 8);
        if (x != y) {
            return false;
        }
    }
    std::memcpy(&x, a, 8);
    std::memcpy(&y, b, 8);
    return size == 0 || ((x ^ y) << (64 - 8 * size)) == 0;  // little-endian, as everything here
}

/// A position in the list of tokens. A token is the place of one of { } [ ] : , or of the first byte of a string or scalar.
/// Behind the last one stands the zero byte that follows the payload, so that peek() is 0 at the end and nothing runs past it.
class TokenCursor {
public:
    TokenCursor(const char* payload, const std::uint32_t* tokens) : payload_(payload), at_(tokens) {}

    char peek() const { return payload_[*at_]; }
    /// The payload from this token on.
    const char* text() const { return payload_ + *at_; }
    /// Precondition: peek() != 0.
    void step() { ++at_; }
    /// True when the next four tokens are a string, a colon, some value and a comma or brace: one member of an object. `value` is
    /// where the value begins. Reads at most two places past the last token: simdjson leaves three there.
    bool member(const char*& value) const {
        if (peek() != '"') {
            return false;
        }
        const char after = payload_[at_[3]];
        value = payload_ + at_[2];
        return payload_[at_[1]] == ':' && (after == ',' || after == '}');
    }
    /// After member(): to what follows the value.
    void step_member() { at_ += 3; }
    /// Steps over `expected`, if it is there.
    bool take(char expected) {
        const bool there = peek() == expected;
        at_ += there ? 1 : 0;
        return there;
    }
    /// Steps over one value of any kind and depth, matching brackets by count alone. False: the tokens end too early, or no value
    /// is here.
    bool skip();

private:
    const char* payload_;
    const std::uint32_t* at_;
};

}  // namespace surged
