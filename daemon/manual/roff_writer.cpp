#include "manual/roff_writer.hpp"

#include <algorithm>
#include <string_view>

namespace surged {
namespace {

/// Characters of their own for roff as escapes, so that what is printed can be copied into a file.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\\': out += "\\e"; break;
            case '-': out += "\\-"; break;
            case '\'': out += "\\(aq"; break;
            case '`': out += "\\(ga"; break;
            case '^': out += "\\(ha"; break;
            case '~': out += "\\(ti"; break;
            default: out += c;
        }
    }
    return out;
}

/// A word that is longer than a line of a narrow terminal may be broken behind its commas and slashes.
std::string breakable(std::string_view text) {
    constexpr std::size_t longest = 30;
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find_first_of(" \n", at), text.size());
        const bool is_long = end - at > longest;
        for (; at < end; ++at) {
            out += escaped(text.substr(at, 1));
            out += is_long && at + 1 < end && (text[at] == ',' || text[at] == '/') ? "\\:" : "";
        }
        if (at < text.size()) {
            out += text[at++];
        }
    }
    return out;
}

/// Names, which are bold, are not hyphenated.
std::string inline_of(const FacedText& text) {
    std::string out;
    for (const FacedPiece& piece : text) {
        const auto words = breakable(piece.text);
        out += piece.face == Face::plain ? words : (piece.face == Face::bold ? "\\fB\\%" : "\\fI") + words + "\\fR";
    }
    return out;
}

/// A line that begins with a dot or an apostrophe would be a request.
std::string line_of(std::string text) {
    return (text.starts_with('.') || text.starts_with('\'') ? "\\&" : "") + std::move(text) + "\n";
}

/// One input line for each line of the source.
std::string lines_of_text(const FacedText& text) {
    const auto all = inline_of(text);
    std::string out;
    for (std::size_t at = 0; at <= all.size();) {
        const auto end = std::min(all.find('\n', at), all.size());
        out += line_of(all.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

std::string one_line(FacedText text) {
    for (FacedPiece& piece : text) {
        for (char& c : piece.text) {
            c = c == '\n' ? ' ' : c;
        }
    }
    return inline_of(text);
}

std::string heading_of(const FacedText& text) {
    const auto letters = escaped(letters_of(text));
    return letters.find(' ') == std::string::npos ? letters : "\"" + letters + "\"";
}

std::string table_of(const ManBlock& block) {
    std::string out = ".PP\n.TS\n";
    for (std::size_t i = 0; i < block.rows.front().size(); ++i) {
        out += i == 0 ? "l" : " l";
    }
    out += ".\n";
    for (const auto& row : block.rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += (i == 0 ? "" : "\t") + one_line(row[i]);
        }
        out += line_of(std::move(line));
    }
    return out + ".TE\n";
}

std::string code_of(const ManBlock& block) {
    std::string out = ".PP\n.EX\n";
    for (const std::string& line : block.lines) {
        out += line_of(escaped(line));
    }
    return out + ".EE\n";
}

std::string block_of(const ManBlock& block, bool first) {
    switch (block.kind) {
        case ManBlock::Kind::section: return ".SH " + heading_of(block.text) + "\n";
        case ManBlock::Kind::subsection: return ".SS " + heading_of(block.text) + "\n";
        case ManBlock::Kind::paragraph: return (first ? "" : ".PP\n") + lines_of_text(block.text);
        case ManBlock::Kind::item: return ".TP\n" + line_of(one_line(block.tag)) + (block.text.empty() ? "\\&\n" : lines_of_text(block.text));
        case ManBlock::Kind::bullet: return ".IP \\(bu 2\n" + lines_of_text(block.text);
        case ManBlock::Kind::code: return first ? code_of(block).substr(4) : code_of(block);
        case ManBlock::Kind::table: return first ? table_of(block).substr(4) : table_of(block);
    }
    return {};
}

}  // namespace

std::string write_roff(const ManPage& page) {
    bool tables = false;
    for (const ManBlock& block : page.blocks) {
        tables = tables || block.kind == ManBlock::Kind::table;
    }
    std::string name = page.name;
    for (char& c : name) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    std::string out = tables ? "'\\\" t\n" : "";
    out += ".TH " + escaped(name) + " " + page.section + " \"" + page.date + "\" \"surged\" \"" + page.chapter + "\"\n.ad l\n";
    bool first = true;  // a paragraph right below a heading needs no macro, and mandoc warns of one
    for (const ManBlock& block : page.blocks) {
        out += block_of(block, first);
        first = block.kind == ManBlock::Kind::section || block.kind == ManBlock::Kind::subsection;
    }
    return out;
}

}  // namespace surged
