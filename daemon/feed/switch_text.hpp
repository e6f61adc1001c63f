// What is read alike in the texts of both kinds of switch: words in any case of their letters, whole numbers.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace surged {

/// Equal but for the case of ASCII letters.
inline bool same_switch_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Without the blanks around it.
inline std::string_view switch_trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// A whole number that fills the text, blanks around it left aside.
inline std::optional<std::int64_t> switch_number(std::string_view text) {
    text = switch_trimmed(text);
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && !text.empty() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

}  // namespace surged
