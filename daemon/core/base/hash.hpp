// FNV-1a, 64 bit: equal on every host and in every release. Not for secrets, not against malice.
#pragma once

#include <cstdint>
#include <string_view>

namespace surged {

inline constexpr std::uint64_t fnv1a_basis = 14695981039346656037U;

/// FNV-1a over the bytes, from `state` on. Vectors: "" -> the basis, "a" -> 0xaf63dc4c8601ec8c.
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t state = fnv1a_basis) {
    for (const char c : bytes) {
        state = (state ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    return state;
}

}  // namespace surged
