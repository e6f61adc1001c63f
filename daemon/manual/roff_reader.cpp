#include "manual/roff_reader.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace surged {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> characters{{{"\\(bu", "•"},
                                                                                    {"\\(aq", "'"},
                                                                                    {"\\(ga", "`"},
                                                                                    {"\\(ha", "^"},
                                                                                    {"\\(ti", "~"},
                                                                                    {"\\(em", "—"},
                                                                                    {"\\-", "-"},
                                                                                    {"\\e", "\\"},
                                                                                    {"\\ ", " "},
                                                                                    {"\\&", ""},
                                                                                    {"\\/", ""},
                                                                                    {"\\%", ""},
                                                                                    {"\\:", ""},
                                                                                    {"\\\"", ""}}};

/// Adds a line of text with its changes of face; a face does not outlast its line here.
void add_words(FacedText& out, std::string_view line, Face face) {
    while (!line.empty()) {
        const auto mark = std::min(line.find('\\'), line.size());
        append(out, face, line.substr(0, mark));
        line.remove_prefix(mark);
        if (line.empty()) {
            return;
        }
        if (line.starts_with("\\f") && line.size() > 2) {
            face = line[2] == 'B' ? Face::bold : line[2] == 'I' ? Face::italic : Face::plain;
            line.remove_prefix(3);
            continue;
        }
        if (line.starts_with("\\\"")) {
            return;  // a comment
        }
        const auto* known = std::find_if(characters.begin(), characters.end(), [&](const auto& pair) { return line.starts_with(pair.first); });
        append(out, face, known == characters.end() ? line.substr(0, 1) : known->second);
        line.remove_prefix(known == characters.end() ? 1 : known->first.size());
    }
}

/// Words of a macro's line: "of several" is one.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < line.size();) {
        if (line[at] == ' ') {
            ++at;
        } else if (line[at] == '"') {
            const auto end = std::min(line.find('"', at + 1), line.size());
            out.push_back(line.substr(at + 1, end - at - 1));
            at = end + 1;
        } else {
            auto end = at;
            while (end < line.size() && line[end] != ' ') {
                end += line[end] == '\\' ? 2U : 1U;
            }
            end = std::min(end, line.size());
            out.push_back(line.substr(at, end - at));
            at = end;
        }
    }
    return out;
}

class RoffReader {
public:
    explicit RoffReader(std::string_view source) : rest_(source) {}

    ManPage read() {
        while (!rest_.empty()) {
            const auto line = next();
            if (line.starts_with("'\\\"") || line.starts_with(".\\\"")) {
                continue;
            }
            const auto space = std::min(line.find(' '), line.size());
            line.starts_with('.') ? macro(line.substr(1, space - 1), line.substr(std::min(space + 1, line.size()))) : text(line, Face::plain);
        }
        return std::move(page_);
    }

private:
    std::string_view next() {
        const auto end = std::min(rest_.find('\n'), rest_.size());
        const auto line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return line;
    }

    ManBlock& begin(ManBlock::Kind kind) {
        ManBlock& block = page_.blocks.emplace_back();
        block.kind = kind;
        block.depth = kind == ManBlock::Kind::section || kind == ManBlock::Kind::subsection ? 0 : depth_;
        open_ = true;
        return block;
    }

    void macro(std::string_view name, std::string_view line) {
        const auto words = words_of(line);
        if (name == "TH" && words.size() >= 5) {
            FacedText title;
            add_words(title, words[0], Face::plain);
            page_.name = letters_of(title);
            page_.section = words[1];
            page_.date = words[2];
            page_.chapter = words[4];
        } else if (name == "SH" || name == "SS") {
            depth_ = 0;
            inside_item_ = false;
            ManBlock& block = begin(name == "SH" ? ManBlock::Kind::section : ManBlock::Kind::subsection);
            for (const auto word : words) {
                add_words(block.text, (block.text.empty() ? "" : " ") + std::string(word), Face::plain);
            }
            open_ = false;
        } else if (name == "PP") {
            open_ = false;
            inside_item_ = false;
        } else if (name == "TP") {
            begin(ManBlock::Kind::item);
            tag_next_ = true;
        } else if (name == "IP" && !words.empty()) {
            begin(ManBlock::Kind::bullet);
        } else if (name == "IP") {
            open_ = false;
            inside_item_ = true;
        } else if (name == "RS" || name == "RE") {
            depth_ = std::max(0, depth_ + (name == "RS" ? 1 : -1));
            open_ = false;
        } else if (name == "br") {
            open_ = false;
            close_ = true;
        } else if (name == "EX" || name == "nf") {
            code(name == "EX" ? ".EE" : ".fi");
        } else if (name == "TS") {
            table();
        } else if (name == "BR") {
            alternate(words);
        } else if (name == "B" || name == "I") {
            FacedText faced;
            for (const auto word : words) {
                add_words(faced, (faced.empty() ? "" : " ") + std::string(word), name == "B" ? Face::bold : Face::italic);
            }
            add(faced);
        }
    }

    void alternate(const std::vector<std::string_view>& words) {
        FacedText faced;
        for (std::size_t i = 0; i < words.size(); ++i) {
            add_words(faced, words[i], i % 2 == 0 ? Face::bold : Face::plain);
        }
        add(faced);
    }

    void text(std::string_view line, Face face) {
        FacedText faced;
        add_words(faced, line, face);
        add(faced);
    }

    void add(const FacedText& faced) {
        if (!open_) {
            ManBlock& block = begin(ManBlock::Kind::paragraph);
            block.depth += inside_item_ ? 1 : 0;
            block.close = std::exchange(close_, false);
        }
        ManBlock& block = page_.blocks.back();
        inside_item_ = block.kind == ManBlock::Kind::item || (inside_item_ && block.kind == ManBlock::Kind::paragraph);
        FacedText& to = tag_next_ ? block.tag : block.text;
        if (!std::exchange(tag_next_, false) && !to.empty()) {
            append(to, Face::plain, " ");
        }
        for (const FacedPiece& piece : faced) {
            append(to, piece.face, piece.text);
        }
    }

    void code(std::string_view end) {
        const bool inside = inside_item_ && !open_;
        ManBlock& block = begin(ManBlock::Kind::code);
        block.depth += inside ? 1 : 0;
        while (!rest_.empty()) {
            const auto line = next();
            if (line == end) {
                break;
            }
            FacedText faced;
            add_words(faced, line, Face::plain);
            block.lines.push_back(letters_of(faced));
        }
        open_ = false;
    }

    void table() {
        ManBlock& block = begin(ManBlock::Kind::table);
        for (auto line = next(); line != ".TE" && !rest_.empty(); line = next()) {
            if (line.find('\t') == std::string_view::npos) {
                continue;  // how the columns are set
            }
            auto& row = block.rows.emplace_back();
            for (std::size_t at = 0; at <= line.size();) {
                const auto end = std::min(line.find('\t', at), line.size());
                add_words(row.emplace_back(), line.substr(at, end - at), Face::plain);
                at = end + 1;
            }
        }
        open_ = false;
    }

    std::string_view rest_;
    ManPage page_;
    int depth_ = 0;
    bool open_ = false;         ///< further words belong to the last block
    bool tag_next_ = false;     ///< the next words are an item's tag
    bool inside_item_ = false;  ///< what .IP begins belongs to an item
    bool close_ = false;
};

}  // namespace

ManPage read_roff(std::string_view source) { return RoffReader(source).read(); }

}  // namespace surged
