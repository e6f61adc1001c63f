#include "manual/page.hpp"

#include <string_view>

namespace surged {

std::string letters_of(const FacedText& text) {
    std::string out;
    for (const FacedPiece& piece : text) {
        out += piece.text;
    }
    return out;
}

void append(FacedText& text, Face face, std::string_view letters) {
    if (letters.empty()) {
        return;
    }
    if (!text.empty() && text.back().face == face) {
        text.back().text += letters;
    } else {
        text.push_back({face, std::string(letters)});
    }
}

}  // namespace surged
