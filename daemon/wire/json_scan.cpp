#include "wire/json_scan.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/base/encoding.hpp"

namespace surged {

namespace {

bool is_digit(char byte) {
    return static_cast<unsigned char>(byte - '0') <= 9;
}

constexpr std::uint64_t exact_mantissa_max = std::uint64_t{1} << 53U;
constexpr int mantissa_digits_max = 19;  // always fit 64 bits

NumberError named_number(const char* text) {
    // The bytes are compared one after the other: a zero byte ends every payload.
    for (const std::string_view name : {std::string_view("NaN"), std::string_view("Infinity"), std::string_view("-Infinity")}) {
        if (std::strncmp(text, name.data(), name.size()) == 0 && ends_scalar(text[name.size()])) {
            return NumberError::not_finite;
        }
    }
    return *text == '-' ? NumberError::malformed : NumberError::no_number;
}

/// Decimal places of the first digit that is not 0, counted from the point: 1 for 1..9, 2 for 10..99, 0 for 0.1..0.9. Well-formed
/// text.
long magnitude(std::string_view text) {
    const std::size_t e = std::min(text.find_first_of("eE"), text.size());
    const std::string_view digits = text.substr(0, e);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const std::size_t lead = std::min(digits.find_first_of("123456789"), digits.size());
    long places = static_cast<long>(point) - static_cast<long>(lead);
    places += lead > point ? 1 : 0;  // the point itself stands between them
    long power = 0;
    if (e < text.size()) {
        const std::size_t sign = text[e + 1] == '+' ? 1 : 0;
        const auto [stop, error] = std::from_chars(text.data() + e + 1 + sign, text.data() + text.size(), power);
        static_cast<void>(stop);
        if (error == std::errc::result_out_of_range) {
            return text[e + 1] == '-' ? -1 : 1;
        }
    }
    return places + power;
}

/// Any well-formed number: libstdc++ rounds correctly. Too small for a double is 0, as everywhere.
NumberError parse_slowly(const char* begin, const char* end, double& out) {
    const auto [stop, error] = std::from_chars(begin, end, out);
    if (error == std::errc::result_out_of_range) {
        out = 0;
        return magnitude({begin, static_cast<std::size_t>(end - begin)}) > 0 ? NumberError::not_finite : NumberError::none;
    }
    return error == std::errc{} && stop == end ? NumberError::none : NumberError::malformed;
}

/// Four hex digits; -1 when they are none. Stops before a quote, and so inside the text.
int hex_unit(const char* text) {
    int unit = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

char* put_utf8(char* out, unsigned code) {
    const auto put = [&out](unsigned byte) { *out++ = static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | (code >> 6U)), put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | (code >> 12U)), put(0x80U | ((code >> 6U) & 0x3FU)), put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | (code >> 18U)), put(0x80U | ((code >> 12U) & 0x3FU)), put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
    return out;
}

/// After "\u": one code point of one or two units. nullptr: not hex, or half a pair.
const char* take_code_point(const char* text, unsigned& code) {
    const int high = hex_unit(text);
    if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF)) {
        return nullptr;
    }
    code = static_cast<unsigned>(high);
    if (high < 0xD800 || high > 0xDBFF) {
        return text + 4;
    }
    if (text[4] != '\\' || text[5] != 'u') {
        return nullptr;
    }
    const int low = hex_unit(text + 6);
    if (low < 0xDC00 || low > 0xDFFF) {
        return nullptr;
    }
    code = 0x10000U + ((code - 0xD800U) << 10U) + (static_cast<unsigned>(low) - 0xDC00U);
    return text + 10;
}

}  // namespace

NumberError parse_json_number(const char* text, double& out) {
    const char* p = text;
    const bool negative = *p == '-';
    p += negative ? 1 : 0;
    const char* const first = p;
    std::uint64_t mantissa = 0;
    while (is_digit(*p)) {
        mantissa =
            mantissa * 10 + static_cast<unsigned char>(*p - '0');  // may wrap: then there are too many digits for it to be used
        ++p;
    }
    auto digits = static_cast<int>(p - first);
    if (digits == 0) {
        return named_number(text);
    }
    if (digits > 1 && *first == '0') {
        return NumberError::malformed;
    }
    int exponent = 0;
    if (*p == '.') {
        const char* const fraction = ++p;
        while (is_digit(*p)) {
            mantissa = mantissa * 10 + static_cast<unsigned char>(*p - '0');
            ++p;
        }
        if (p == fraction) {
            return NumberError::malformed;
        }
        exponent = static_cast<int>(fraction - p);
        digits -= exponent;
    }
    if (*p == 'e' || *p == 'E') {
        ++p;
        const bool down = *p == '-';
        p += *p == '-' || *p == '+' ? 1 : 0;
        const char* const begin = p;
        int power = 0;
        while (is_digit(*p)) {
            power = power < 100000 ? power * 10 + (*p - '0') : power;
            ++p;
        }
        if (p == begin) {
            return NumberError::malformed;
        }
        exponent += down ? -power : power;
    }
    if (!ends_scalar(*p)) {
        return NumberError::malformed;
    }
    if (digits > mantissa_digits_max || mantissa > exact_mantissa_max || exponent < -22 || exponent > 22) {
        return parse_slowly(text, p, out);
    }
    // Both factors are exact, so that the one operation rounds as it must (Clinger 1990).
    auto value = static_cast<double>(mantissa);
    value = exponent < 0 ? value / exact_powers[static_cast<std::size_t>(-exponent)]
                         : value * exact_powers[static_cast<std::size_t>(exponent)];
    out = negative ? -value : value;
    return NumberError::none;
}

bool parse_json_natural(const char* text, std::uint64_t& out) {
    const char* end = text;
    while (is_digit(*end)) {
        ++end;
    }
    if (end == text || (*text == '0' && end - text > 1) || !ends_scalar(*end)) {
        return false;
    }
    return std::from_chars(text, end, out).ec == std::errc{};
}

char* unescape_json(const char* text, char* out) {
    while (*text != '"') {
        if (*text != '\\') {
            *out++ = *text++;
            continue;
        }
        const char kind = text[1];
        text += 2;
        switch (kind) {
            case '"':
            case '\\':
            case '/': *out++ = kind; break;
            case 'b': *out++ = '\b'; break;
            case 'f': *out++ = '\f'; break;
            case 'n': *out++ = '\n'; break;
            case 'r': *out++ = '\r'; break;
            case 't': *out++ = '\t'; break;
            case 'u': {
                unsigned code = 0;
                text = take_code_point(text, code);
                if (text == nullptr) {
                    return nullptr;
                }
                out = put_utf8(out, code);
                break;
            }
            default: return nullptr;
        }
    }
    return out;
}

bool TokenCursor::skip() {
    std::size_t depth = 0;
    do {
        switch (peek()) {
            case '\0': return false;
            case '{':
            case '[': ++depth; break;
            case '}':
            case ']':
                if (depth == 0) {
                    return false;
                }
                --depth;
                break;
            case ',':
            case ':':
                if (depth == 0) {
                    return false;
                }
                break;
            default: break;
        }
        step();
    } while (depth > 0);
    return true;
}

}  // namespace surged
