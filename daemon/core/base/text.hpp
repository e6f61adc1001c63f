// Small text services that several rooms need: globs, nearest names, numbers and durations as people write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace surged {

/// True when `text` matches `pattern`: `*` any run of bytes, `?` one byte, all else literal. Linear in the product of lengths, no recursion.
bool glob_match(std::string_view pattern, std::string_view text);

/// The candidate nearest to `name` by edit distance, when it is near enough to be a typing error (distance <= max(1, length / 3)).
std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// Parses "250ms", "30s", "2m", "1h", "1d", "1h30m". A bare number, a negative, an empty text or an overflow past 10 years is nullopt.
std::optional<Span> parse_span(std::string_view text);

/// The shortest text that parse_span reads back: "1h30m", "45s", "250ms", "0s".
std::string format_span(Span span);

/// A finite decimal number taking up the whole text, else nullopt. Never depends on a locale.
std::optional<double> parse_number(std::string_view text);

/// Shortest decimal text that reads back to the same double; integers carry no ".0".
std::string format_number(double value);

/// A number for people: at most `digits` digits after the point, trailing zeros dropped.
std::string format_rounded(double value, int digits);

/// Unicode code points in valid UTF-8 (what an SMS counts); invalid bytes count one each.
std::size_t utf8_length(std::string_view text);

/// `text` cut to at most `limit` code points, at a code-point boundary; the last is replaced by "…" when something was cut.
std::string utf8_cut(std::string_view text, std::size_t limit);

/// True when the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool utf8_valid(std::string_view text);

}  // namespace surged
