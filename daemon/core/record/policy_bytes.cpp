#include "core/record/policy_bytes.hpp"

#include <array>

#include "core/base/fields.hpp"

namespace surged {

namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t policy_version = 1;
}  // namespace

std::string base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto at = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U; };
        const unsigned word = (at(0) << 16U) | (at(1) << 8U) | at(2);
        for (unsigned k = 0; k < 4; ++k) {
            out += i + k <= bytes.size() ? alphabet[(word >> (18U - 6U * k)) & 63U] : '=';
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
            const auto value = alphabet.find(c);
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

std::string encode_policy(const PolicySpec& policy) {
    FieldsOut out;
    std::uint8_t version = policy_version;
    PolicySpec copy = policy;
    out(version);
    out(copy);
    return base64(out.take());
}

std::optional<PolicySpec> decode_policy(std::string_view text) {
    const auto bytes = from_base64(text);
    if (!bytes) {
        return std::nullopt;
    }
    FieldsIn in(*bytes);
    std::uint8_t version = 0;
    PolicySpec policy;
    in(version), in(policy);
    return version == policy_version && in.whole() ? std::optional(std::move(policy)) : std::nullopt;
}

}  // namespace surged
