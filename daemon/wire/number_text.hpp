// Numbers that loosely typed writers put into texts: "12", "3.5". Taken only with [ingest] lenient, and only where nobody can read them
// in two ways: what stands in the text is one number of JSON and nothing else. No blanks, no plus, no leading zero, no thousands, no unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/json_scan.hpp"

namespace surged {

/// A longer text is no number.
inline constexpr std::size_t number_text_max = 40;

/// none; not_finite: beyond the doubles; no_number: all else.
NumberError parse_number_text(std::string_view text, double& out);
/// Exact up to 2^64 - 1. nullopt: not a whole number without sign, point or exponent.
std::optional<std::uint64_t> parse_natural_text(std::string_view text);

}  // namespace surged
