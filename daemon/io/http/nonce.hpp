// A fresh random nonce for the Content-Security-Policy of one HTML page.
#pragma once

#include <sys/random.h>

#include <array>
#include <optional>
#include <string>

#include "core/base/encoding.hpp"

namespace surged {

/// 32 hexadecimal digits; nullopt when the system has no random numbers.
inline std::optional<std::string> page_nonce() {
    std::array<unsigned char, 16> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
        return std::nullopt;
    }
    return to_hex(random);
}

}  // namespace surged
