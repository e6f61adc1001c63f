// A page of the manual as its parts. The Markdown of the repository is read into it (markdown.hpp) and written as man(7) while
// building (roff_writer.hpp); the installed pages are read back from man(7) and written for a terminal by surgectl (roff_reader.hpp,
// plain_text.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace surged {

enum class Face : std::uint8_t { plain, bold, italic };

struct FacedPiece {
    Face face = Face::plain;
    std::string text;
};
using FacedText = std::vector<FacedPiece>;

/// The letters alone.
std::string letters_of(const FacedText& text);
/// Adds at the end, to the last piece where the face is the same.
void append(FacedText& text, Face face, std::string_view letters);

struct ManBlock {
    enum class Kind : std::uint8_t {
        section,
        subsection,
        paragraph,
        item,    ///< `tag`, and `text` indented behind or below it
        bullet,  ///< `text` behind a dot
        code,    ///< `lines` as they are
        table    ///< `rows`, the first of them the head
    };
    Kind kind = Kind::paragraph;
    int depth = 0;  ///< how many items it stands in
    bool close = false;  ///< no blank line before it
    FacedText tag;
    FacedText text;
    std::vector<std::string> lines;
    std::vector<std::vector<FacedText>> rows;
};

struct ManPage {
    std::string name;     ///< surged-rules
    std::string section;  ///< 5
    std::string date;     ///< 2026-11-29
    std::string chapter;  ///< File formats
    std::vector<ManBlock> blocks;
};

}  // namespace surged
