// Bytes as text and back: hexadecimal, base64, percent-encoding. Used by all rooms. Pure; nothing here knows what the bytes
// mean.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace surged {

enum class HexCase : std::uint8_t { lower, upper };

/// Two digits a byte.
std::string to_hex(std::string_view bytes);
std::string to_hex(std::span<const unsigned char> bytes);
/// Always 16 digits, the most significant first.
std::string to_hex(std::uint64_t value);
void append_hex(std::string& out, unsigned char byte, HexCase letters = HexCase::lower);
/// 0 to 15; -1 when it is no hexadecimal digit.
int hex_digit(char digit);

/// RFC 4648 section 4, with padding.
std::string base64(std::string_view bytes);
/// nullopt when the text is not whole groups of four digits, padded at the end only. No white space is passed over.
std::optional<std::string> from_base64(std::string_view text);

/// The bytes that `stays` holds for, and of the others `mark` and two hexadecimal digits each.
std::string escape_bytes(std::string_view text, char mark, bool (*stays)(char), HexCase letters = HexCase::upper);
/// A letter or digit of ASCII: most callers leave these as they are.
bool ascii_letter_or_digit(char c);
/// RFC 3986: letters, digits and -._~ stay. Fit for a value in a query and in a form.
std::string percent_encoded(std::string_view text, HexCase letters = HexCase::upper);
/// The inverse. A `%` without two digits behind it stands for itself.
std::string percent_decoded(std::string_view text);

}  // namespace surged
