#include "core/base/encoding.hpp"

namespace surged {
namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto at = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U; };
        const unsigned word = (at(0) << 16U) | (at(1) << 8U) | at(2);
        for (unsigned k = 0; k < 4; ++k) {
            out += i + k <= bytes.size() ? base64_digits[(word >> (18U - 6U * k)) & 63U] : '=';
        }
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::string out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        unsigned word = 0;
        unsigned pads = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const char c = text[i + k];
            const auto value = base64_digits.find(c);
            if (c == '=' && i + 4 == text.size() && k >= 2) {
                ++pads;
                word <<= 6U;
            } else if (value == std::string_view::npos || pads > 0) {
                return std::nullopt;
            } else {
                word = (word << 6U) | static_cast<unsigned>(value);
            }
        }
        for (unsigned k = 0; k < 3 - pads; ++k) {
            out += static_cast<char>((word >> (16U - 8U * k)) & 0xFFU);
        }
    }
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
