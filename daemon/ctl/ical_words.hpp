// Words that the readers of iCalendar share. Private to them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surged::ical {

inline std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

/// A whole decimal number of at most six digits.
inline std::optional<int> small_number(std::string_view text) {
    if (text.empty() || text.size() > 6 || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    int out = 0;
    for (const char c : text) {
        out = out * 10 + (c - '0');
    }
    return out;
}

inline std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t end = text.find(at);
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(end + 1);
    }
}

}  // namespace surged::ical
