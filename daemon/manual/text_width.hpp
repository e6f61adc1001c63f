// Columns that a text takes on a terminal.
#pragma once

#include <cstddef>
#include <string_view>

namespace surged {

/// A character of U+3000 and above (CJK, kana, hangul, full-width forms) takes two columns, any other one.
inline std::size_t width_of_text(std::string_view text) {
    std::size_t width = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) != 0x80U) {
            width += byte >= 0xE3U ? 2U : 1U;
        }
    }
    return width;
}

}  // namespace surged
