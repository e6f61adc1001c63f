#include "manual/plain_text.hpp"

#include <algorithm>
#include <vector>

#include "manual/text_width.hpp"

namespace surged {
namespace {

constexpr std::size_t indent_of_text = 7;
constexpr std::size_t step = 7;  ///< of an item's text beyond its tag
constexpr std::size_t gap = 3;   ///< between the columns of a table

struct Word {
    std::string shown;  ///< with the escapes of its faces
    std::size_t width = 0;
};

class TextWriter {
public:
    TextWriter(std::size_t width, bool styled) : width_(std::max<std::size_t>(width, 40)), styled_(styled) {}

    std::string write(const ManPage& page) {
        heading_line(page);
        for (const ManBlock& block : page.blocks) {
            const std::size_t indent = indent_of_text + step * static_cast<std::size_t>(block.depth);
            out_ += block.close ? "" : "\n";
            switch (block.kind) {
                case ManBlock::Kind::section: out_ += styled(letters_of(block.text), Face::bold) + "\n"; break;
                case ManBlock::Kind::subsection: out_ += "   " + styled(letters_of(block.text), Face::bold) + "\n"; break;
                case ManBlock::Kind::paragraph: filled(block.text, indent, std::string(indent, ' '), indent); break;
                case ManBlock::Kind::bullet: filled(block.text, indent + 2, std::string(indent, ' ') + "• ", indent + 2); break;
                case ManBlock::Kind::item: item(block, indent); break;
                case ManBlock::Kind::code: code(block, indent); break;
                case ManBlock::Kind::table: table(block, indent); break;
            }
            // A paragraph stands right below its heading.
            if (block.kind == ManBlock::Kind::section || block.kind == ManBlock::Kind::subsection) {
                heading_ = out_.size();
            } else if (heading_ > 0) {
                out_.erase(heading_, 1);
                heading_ = 0;
            }
        }
        return std::move(out_);
    }

private:
    std::string styled(const std::string& text, Face face) const {
        return !styled_ || face == Face::plain ? text : (face == Face::bold ? "\x1b[1m" : "\x1b[4m") + text + "\x1b[0m";
    }

    /// "SURGED-RULES(5)      File formats      SURGED-RULES(5)"
    void heading_line(const ManPage& page) {
        const auto title = page.name + "(" + page.section + ")";
        const auto taken = 2 * title.size() + page.chapter.size();
        const auto blank = width_ > taken + 2 ? width_ - taken : 2;
        out_ = title + std::string(blank / 2, ' ') + page.chapter + std::string(blank - blank / 2, ' ') + title + "\n";
    }

    std::vector<Word> words_of(const FacedText& text) const {
        std::vector<Word> words;
        bool open = false;
        for (const FacedPiece& piece : text) {
            for (std::size_t at = 0; at < piece.text.size();) {
                const bool blank = piece.text[at] == ' ' || piece.text[at] == '\n';
                const auto end = blank ? at + 1 : std::min(piece.text.find_first_of(" \n", at), piece.text.size());
                if (blank) {
                    open = false;
                } else {
                    const auto letters = piece.text.substr(at, end - at);
                    Word& word = open ? words.back() : words.emplace_back();
                    word.shown += styled(letters, piece.face);
                    word.width += width_of_text(letters);
                    open = true;
                }
                at = end;
            }
        }
        return words;
    }

    /// `before` stands on the first line and takes `taken` columns.
    void filled(const FacedText& text, std::size_t indent, const std::string& before, std::size_t taken) {
        out_ += before;
        bool first = true;
        for (const Word& word : words_of(text)) {
            if (!first && taken + 1 + word.width > width_) {
                out_ += "\n" + std::string(indent, ' ');
                taken = indent;
                first = true;
            }
            out_ += (first ? "" : " ") + word.shown;
            taken += word.width + (first ? 0 : 1);
            first = false;
        }
        out_ += "\n";
    }

    void item(const ManBlock& block, std::size_t indent) {
        const auto tag_width = width_of_text(letters_of(block.tag));
        std::string before(indent, ' ');
        for (const FacedPiece& piece : block.tag) {
            before += styled(piece.text, piece.face);
        }
        if (tag_width + 1 < step && !block.text.empty()) {
            return filled(block.text, indent + step, before + std::string(step - tag_width, ' '), indent + step);
        }
        filled(block.tag, indent + step, std::string(indent, ' '), indent);
        if (!block.text.empty()) {
            filled(block.text, indent + step, std::string(indent + step, ' '), indent + step);
        }
    }

    void code(const ManBlock& block, std::size_t indent) {
        for (const std::string& line : block.lines) {
            out_ += (line.empty() ? "" : std::string(indent, ' ')) + line + "\n";
        }
    }

    void table(const ManBlock& block, std::size_t indent) {
        std::vector<std::size_t> widths;
        for (const auto& row : block.rows) {
            widths.resize(std::max(widths.size(), row.size()));
            for (std::size_t i = 0; i < row.size(); ++i) {
                widths[i] = std::max(widths[i], width_of_text(letters_of(row[i])));
            }
        }
        for (const auto& row : block.rows) {
            std::string before(indent, ' ');
            std::size_t at = indent;
            for (std::size_t i = 0; i + 1 < row.size(); ++i) {
                for (const FacedPiece& piece : row[i]) {
                    before += styled(piece.text, piece.face);
                }
                before += std::string(widths[i] - width_of_text(letters_of(row[i])) + gap, ' ');
                at += widths[i] + gap;
            }
            filled(row.empty() ? FacedText{} : row.back(), std::min(at, width_ / 2), before, at);
        }
    }

    std::size_t width_;
    bool styled_;
    std::string out_;
    std::size_t heading_ = 0;  ///< where the text behind a heading begins; 0 = none is open
};

}  // namespace

std::string write_text(const ManPage& page, std::size_t width, bool styled) { return TextWriter(width, styled).write(page); }

}  // namespace surged
