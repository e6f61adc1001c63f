#include "manual/markdown.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "manual/markdown_table.hpp"

namespace surged {
namespace {

using Files = std::function<Result<std::string>(const std::string& path)>;

/// Sources of the manual by the names that the repository's pages call them; a reader of the manual has the manuals.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> manual_names{{{"rules/README.md", "surged-rules(5)"},
                                                                                      {"daemon/io/courier/README.md", "surged-channels(7)"},
                                                                                      {"io/courier/README.md", "surged-channels(7)"},
                                                                                      {"daemon/io/http/README.md", "surged-http(7)"},
                                                                                      {"io/http/README.md", "surged-http(7)"},
                                                                                      {"systemd/README.md", "surged-operations(7)"},
                                                                                      {"dashboards/README.md", "surged-metrics(7)"},
                                                                                      {"daemon/manual/pages/surged.toml.5.md", "surged.toml(5)"},
                                                                                      {"daemon/manual/pages/surged-metrics.7.md", "surged-metrics(7)"},
                                                                                      {"daemon/manual/pages/surged-operations.7.md", "surged-operations(7)"},
                                                                                      {"daemon/ctl/man/surged-feed.7", "surged-feed(7)"}}};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// What a line that is one comment says: "include: x"; nullopt = it is another line.
std::optional<std::string> directive_of(std::string_view line) {
    if (!line.starts_with("<!-- ") || !line.ends_with(" -->")) {
        return std::nullopt;
    }
    return std::string(trimmed(line.substr(4, line.size() - 7)));
}

std::size_t heading_level(std::string_view line) {
    const auto marks = std::min(line.find_first_not_of('#'), line.size());
    return marks > 0 && marks < line.size() && line[marks] == ' ' ? marks : 0;
}

/// A section's heading is in capitals, but what is `code` in it stays as it is.
std::string heading_text(const FacedText& text, bool capitals) {
    std::string out;
    for (const FacedPiece& piece : text) {
        for (const char c : piece.text) {
            out += capitals && piece.face == Face::plain && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return out;
}

class Expander {
public:
    explicit Expander(const Files& files) : files_(files) {}

    /// Follows what the comments direct; the lines of the whole page.
    Result<std::vector<std::string>> expand(const std::vector<std::string>& lines, int depth = 0) {
        std::vector<std::string> out;
        bool left_out = false;
        bool code = false;
        for (const std::string& line : lines) {
            code = line.starts_with("```") ? !code : code;
            const auto directive = code ? std::nullopt : directive_of(line);
            if (!directive) {
                if (!left_out) {
                    out.push_back(line);
                }
                continue;
            }
            if (*directive == "not in the manual" || *directive == "end") {
                left_out = *directive != "end";
                continue;
            }
            if (left_out) {
                continue;
            }
            auto more = depth > 4 ? Result<std::vector<std::string>>(fail("pages include each other: " + line)) : follow(*directive, depth);
            if (!more) {
                return more;
            }
            out.insert(out.end(), more->begin(), more->end());
        }
        return out;
    }

private:
    Result<std::vector<std::string>> follow(const std::string& directive, int depth) {
        const auto colon = directive.find(": ");
        const auto word = directive.substr(0, colon);
        if (colon == std::string::npos || (word != "include" && word != "table")) {
            return fail("no such direction: " + directive);
        }
        std::string path = directive.substr(colon + 2);
        std::string part;
        if (const auto blank = path.find(' '); blank != std::string::npos) {
            part = path.substr(blank + (word == "table" ? 1 : 3));  // "# Playbook"
            path.resize(blank);
        }
        const auto text = files_(path);
        if (!text) {
            return fail(text.error().message);
        }
        const auto lines = lines_of(*text);
        auto chosen = word == "table" ? table_in(lines, part) : part.empty() ? body_of(lines) : section_in(lines, part);
        if (chosen.empty()) {
            return fail(path + " has no " + (part.empty() ? "text" : part));
        }
        return expand(chosen, depth + 1);
    }

    static std::vector<std::string> table_in(const std::vector<std::string>& lines, const std::string& head) {
        std::vector<std::string> out;
        for (const std::string& line : lines) {
            if (out.empty() ? line.starts_with("| " + head + " |") || line.starts_with("| " + head + ", ") : line.starts_with("|")) {
                out.push_back(line);
            } else if (!out.empty()) {
                break;
            }
        }
        return out;
    }

    static std::vector<std::string> body_of(const std::vector<std::string>& lines) {
        const auto first = std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return heading_level(line) == 2; });
        return {first, lines.end()};
    }

    static std::vector<std::string> section_in(const std::vector<std::string>& lines, const std::string& title) {
        std::vector<std::string> out;
        std::size_t level = 0;
        bool code = false;
        for (const std::string& line : lines) {
            code = line.starts_with("```") ? !code : code;
            const auto here = code ? 0 : heading_level(line);
            if (level == 0 && here > 0 && line.substr(here + 1) == title) {
                level = here;
            } else if (level > 0 && here > 0 && here <= level) {
                break;
            } else if (level > 0) {
                out.push_back(line);
            }
        }
        return out;
    }

    const Files& files_;
};

class BlockReader {
public:
    explicit BlockReader(const std::vector<std::string>& lines) : lines_(lines) {}

    std::vector<ManBlock> read() {
        while (at_ < lines_.size()) {
            const std::string& line = lines_[at_];
            if (trimmed(line).empty()) {
                ++at_;
            } else if (line.starts_with("```")) {
                fenced();
            } else if (line.starts_with("    ")) {
                indented();
            } else if (const auto level = heading_level(line); level > 0) {
                ManBlock& block = add(level <= 2 ? ManBlock::Kind::section : ManBlock::Kind::subsection);
                append(block.text, Face::plain, heading_text(read_inline(line.substr(level + 1)), level <= 2));
                ++at_;
            } else if (line.starts_with('|')) {
                table();
            } else {
                prose(line.starts_with("- "));
            }
        }
        return std::move(blocks_);
    }

private:
    ManBlock& add(ManBlock::Kind kind) {
        blocks_.emplace_back().kind = kind;
        return blocks_.back();
    }

    void fenced() {
        ManBlock& block = add(ManBlock::Kind::code);
        for (++at_; at_ < lines_.size() && !lines_[at_].starts_with("```"); ++at_) {
            block.lines.push_back(lines_[at_]);
        }
        ++at_;
    }

    void indented() {
        ManBlock& block = add(ManBlock::Kind::code);
        for (; at_ < lines_.size() && lines_[at_].starts_with("    "); ++at_) {
            block.lines.push_back(lines_[at_].substr(4));
        }
    }

    void table() {
        std::vector<std::vector<std::string>> rows;
        for (; at_ < lines_.size() && lines_[at_].starts_with('|'); ++at_) {
            if (!lines_[at_].starts_with("|---")) {
                rows.push_back(cells_of(lines_[at_]));
            }
        }
        add_table(rows, blocks_);
    }

    void prose(bool bullet) {
        std::string text = lines_[at_].substr(bullet ? 2 : 0);
        for (++at_; at_ < lines_.size(); ++at_) {
            const std::string& line = lines_[at_];
            if (trimmed(line).empty() || line.starts_with("- ") || line.starts_with("```") || line.starts_with('|') || heading_level(line) > 0) {
                break;
            }
            text += "\n" + std::string(trimmed(line));
        }
        ManBlock& block = add(bullet ? ManBlock::Kind::bullet : ManBlock::Kind::paragraph);
        block.text = read_inline(text);
    }

    const std::vector<std::string>& lines_;
    std::size_t at_ = 0;
    std::vector<ManBlock> blocks_;
};

/// "surged-rules 5 2026-11-29 File formats"
bool read_title(const std::string& words, ManPage& page) {
    const auto name = words.find(' ');
    const auto section = words.find(' ', name + 1);
    const auto date = words.find(' ', section + 1);
    if (name == std::string::npos || section == std::string::npos || date == std::string::npos) {
        return false;
    }
    page.name = words.substr(0, name);
    page.section = words.substr(name + 1, section - name - 1);
    page.date = words.substr(section + 1, date - section - 1);
    page.chapter = words.substr(date + 1);
    return true;
}

}  // namespace

FacedText read_inline(std::string_view text) {
    FacedText out;
    while (!text.empty()) {
        const auto mark = std::min({text.find('`'), text.find("**"), text.find('['), text.size()});
        append(out, Face::plain, text.substr(0, mark));
        text.remove_prefix(mark);
        const auto middle = text.find("](");
        const auto end = text.find(')', middle == std::string_view::npos ? text.size() : middle);
        if (text.starts_with('`') && text.find('`', 1) != std::string_view::npos) {
            const auto word = text.substr(1, text.find('`', 1) - 1);
            const auto* manual = std::find_if(manual_names.begin(), manual_names.end(), [&](const auto& pair) { return pair.first == word; });
            append(out, Face::bold, manual == manual_names.end() ? word : manual->second);
            text.remove_prefix(word.size() + 2);
        } else if (text.starts_with("**") && text.find("**", 2) != std::string_view::npos) {
            const auto words = text.substr(2, text.find("**", 2) - 2);
            append(out, Face::bold, letters_of(read_inline(words)));
            text.remove_prefix(words.size() + 4);
        } else if (text.starts_with('[') && end != std::string_view::npos && text.find(']') == middle) {
            append(out, Face::plain, std::string(text.substr(1, middle - 1)) + " (" + std::string(text.substr(middle + 2, end - middle - 2)) + ")");
            text.remove_prefix(end + 1);
        } else if (!text.empty()) {
            append(out, Face::plain, text.substr(0, 1));
            text.remove_prefix(1);
        }
    }
    return out;
}

Result<ManPage> read_markdown(const std::string& text, const std::function<Result<std::string>(const std::string& path)>& file) {
    auto lines = lines_of(text);
    ManPage page;
    const auto title = lines.empty() ? std::nullopt : directive_of(lines.front());
    if (!title || !title->starts_with("page: ") || !read_title(title->substr(6), page)) {
        return fail("a page begins with <!-- page: NAME SECTION DATE CHAPTER -->");
    }
    lines.erase(lines.begin());
    Expander expander(file);
    const auto whole = expander.expand(lines);
    if (!whole) {
        return tl::unexpected<Error>(whole.error());
    }
    page.blocks = BlockReader(*whole).read();
    return page;
}

}  // namespace surged
