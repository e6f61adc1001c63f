// A fresh random word for the Content-Security-Policy of one HTML page.
#pragma once

#include <sys/random.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace surged {

/// 32 hexadecimal digits; nullopt when the system has no random numbers.
inline std::optional<std::string> page_nonce() {
    std::array<unsigned char, 16> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
        return std::nullopt;
    }
    std::string nonce;
    for (const unsigned char byte : random) {
        constexpr std::string_view digits = "0123456789abcdef";
        nonce += digits[byte >> 4U];
        nonce += digits[byte & 15U];
    }
    return nonce;
}

}  // namespace surged
