#include "core/base/encoding.hpp"

#include <algorithm>
#include <array>

namespace surged {
namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr unsigned char not_base64 = 255;

/// The six bits that each byte stands for; `not_base64` for the bytes that stand for none.
constexpr auto base64_values = [] {
    std::array<unsigned char, 256> values{};
    values.fill(not_base64);
    for (std::size_t i = 0; i < base64_digits.size(); ++i) {
        values[static_cast<unsigned char>(base64_digits[i])] = static_cast<unsigned char>(i);
    }
    return values;
}();

bool unreserved(char c) {
    return ascii_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

void append_hex(std::string& out, unsigned char byte, HexCase letters) {
    const std::string_view digits = letters == HexCase::lower ? "0123456789abcdef" : "0123456789ABCDEF";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
}

std::string to_hex(std::span<const unsigned char> bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        append_hex(out, byte);
    }
    return out;
}

std::string to_hex(std::string_view bytes) {
    return to_hex(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string to_hex(std::uint64_t value) {
    std::string out;
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        append_hex(out, static_cast<unsigned char>((value >> (shift - 8)) & 0xFFU));
    }
    return out;
}

int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

std::string base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4, '=');
    char* to = out.data();
    const auto put = [&](unsigned word, unsigned digits) {
        for (unsigned k = 0; k < digits; ++k) {
            to[k] = base64_digits[(word >> (18U - 6U * k)) & 63U];
        }
        to += 4;
    };
    const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
    auto left = bytes.size();
    for (; left >= 3; left -= 3, from += 3) {
        put(unsigned{from[0]} << 16U | unsigned{from[1]} << 8U | from[2], 4);
    }
    if (left > 0) {
        put(unsigned{from[0]} << 16U | (left == 2 ? unsigned{from[1]} << 8U : 0U), left == 2 ? 3 : 2);
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t pads = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
    std::string out(text.size() / 4 * 3, '\0');
    char* to = out.data();
    for (std::size_t i = 0; i < text.size(); i += 4) {
        unsigned word = 0;
        for (std::size_t k = i; k < i + 4; ++k) {
            const unsigned value = k >= text.size() - pads ? 0U : base64_values[static_cast<unsigned char>(text[k])];
            if (value == not_base64) {
                return std::nullopt;
            }
            word = (word << 6U) | value;
        }
        for (unsigned shift = 24; shift > 0; shift -= 8, ++to) {
            *to = static_cast<char>((word >> (shift - 8U)) & 0xFFU);
        }
    }
    out.resize(out.size() - pads);
    return out;
}

bool ascii_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string escape_bytes(std::string_view text, char mark, bool (*stays)(char), HexCase letters) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (stays(c)) {
            out += c;
        } else {
            out += mark;
            append_hex(out, static_cast<unsigned char>(c), letters);
        }
    }
    return out;
}

std::string percent_encoded(std::string_view text, HexCase letters) {
    return escape_bytes(text, '%', unreserved, letters);
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        if (escape) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace surged
