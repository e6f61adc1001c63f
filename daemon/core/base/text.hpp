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

/// Bytes of the character at `text[at]` when it may do harm where text is shown: a control character (C0, DEL, C1), one that turns
/// the direction of writing (U+061C, U+200E, U+200F, U+202A..U+202E, U+2066..U+2069), or a line break of Unicode (U+2028, U+2029).
/// 0 = it is harmless.
std::size_t harmful_at(std::string_view text, std::size_t at);

/// `text` for a terminal or a log line: what is harmful, and what is no UTF-8, is shown as \u and four hexadecimal digits (bytes: \x and two). Line
/// breaks and tabs stay.
std::string shown_safely(std::string_view text);

/// True when the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool utf8_valid(std::string_view text);

/// With the letters A to Z as a to z; every other byte stays.
std::string lower_case(std::string_view text);

}  // namespace surged
