// What a cell of sums keeps once it is no longer the newest: ten significant bits of its sum, and the number of readings in seven bits.
//
// 16 bits hold a magnitude: seven of exponent, nine of fraction. That is from 2^-47 to 2^80 and zero. What is rounded away is no loss: whoever
// closes a cell gets it back and puts it into the cell after it (core/series/ring.hpp).
#pragma once

#include <bit>
#include <cstdint>

namespace surged::cell {

inline constexpr float largest = 0x1.FF8p+79F;
/// Of a single-precision float the fraction has 14 bits more, and the exponent begins 79 lower.
inline constexpr int fraction_less = 14;
inline constexpr std::int32_t exponent_less = 79 << 23;
inline constexpr std::int32_t least = 1 << 9;  ///< the code of 2^-47; below it stands zero alone

constexpr float magnitude(std::uint16_t code) {
    return code == 0 ? 0.0F : std::bit_cast<float>((code << fraction_less) + exponent_less);
}

/// What a cell keeps of a sum, and how it is written.
struct Kept {
    float magnitude = 0;
    std::uint16_t code = 0;
};
/// Rounded towards zero, or with `half` = `nearest` to what is nearest. Below 2^-47, also of what is negative, it is zero. `value`: at most
/// `largest`.
inline constexpr std::int32_t nearest = 1 << (fraction_less - 1);
constexpr Kept keep(float value, std::int32_t half = 0) {
    const auto bits = std::bit_cast<std::int32_t>(value) + half;
    if (bits < exponent_less + (least << fraction_less)) {
        return {};
    }
    return {std::bit_cast<float>(bits >> fraction_less << fraction_less), static_cast<std::uint16_t>((bits - exponent_less) >> fraction_less)};
}

inline constexpr std::uint32_t number_exact = 16;  ///< below it every number is kept
/// Up to 15 the number itself; above it four significant bits, rounded down. At most 245,760.
constexpr std::uint32_t number(std::uint8_t code) {
    return code < 16 ? code : (8U + (code & 7U)) << ((code >> 3U) - 1U);
}
constexpr std::uint8_t number_code(std::uint32_t value) {
    if (value < 16) {
        return static_cast<std::uint8_t>(value);
    }
    const auto exponent = static_cast<unsigned>(29 - std::countl_zero(value));
    return exponent > 15 ? std::uint8_t{127} : static_cast<std::uint8_t>(exponent << 3U | ((value >> (exponent - 1U)) & 7U));
}

}  // namespace surged::cell
