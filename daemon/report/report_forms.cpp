// A report's parts as Markdown, and the two forms of the report of one incident.
#include <algorithm>

#include "core/base/text.hpp"
#include "report/report_sections.hpp"
#include "report/report.hpp"
#include "report/report_words.hpp"

namespace surged {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether what stands at `i` would be read as the beginning of a tag, an entity or a link.
bool begins_something(std::string_view text, std::size_t i) {
    const auto next = [&](std::size_t n) { return i + n < text.size() ? text[i + n] : ' '; };
    switch (text[i]) {
        case '<': return is_letter(next(1)) || next(1) == '/' || next(1) == '!' || next(1) == '?';
        case '&': return is_letter(next(1)) || next(1) == '#';
        case ':': return next(1) == '/' && next(2) == '/';
        case '.': return i >= 3 && text.substr(i - 3, 3) == "www";
        default: return false;
    }
}

/// What a line begins with that would make a heading, a quotation, a list or a rule of it.
bool begins_block(std::string_view text, std::size_t i) {
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits > 0) {
        return i == digits && (text[i] == '.' || text[i] == ')') && next == ' ';
    }
    return i == 0 && (text[0] == '>' || text[0] == '=' || ((text[0] == '#' || text[0] == '-' || text[0] == '+') && (next == ' ' || next == text[0])));
}

/// Text as Markdown shows it, read raw or drawn: nothing in it ends the cell or the line, becomes a tag, an entity, a link or emphasis, or
/// moves a terminal's cursor. `cell`: it does not begin a line. Backslashes only, and only where they are needed: a limit stays "> 40".
std::string escape_markdown(std::string_view given, bool cell) {
    std::string out;
    const auto text = shown_safely(given);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (begins_something(text, i) || (!cell && begins_block(text, i))) {
            out += '\\';
            out += c;
            continue;
        }
        switch (c) {
            case '\n':
            case '\r': out += ' '; break;
            case '|':
            case '\\':
            case '`':
            case '*':
            case '~':
            case '_':
            case '[':
            case ']': out += '\\'; [[fallthrough]];
            default: out += c;
        }
    }
    return out;
}

std::string markdown_row(const std::vector<std::string>& cells) {
    std::string out = "|";
    for (const auto& cell : cells) {
        out += " " + escape_markdown(cell, true) + " |";
    }
    return out + "\n";
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t out = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x80U || (byte >= 0xc0U && byte < 0xe0U) ? 1U : byte >= 0xe0U ? 2U : 0U;
    }
    return out;
}

std::string markdown_of(const ReportParts& parts, Language language) {
    std::string out = "# " + escape_markdown(parts.title, true) + "\n\n";
    for (const auto& sentence : parts.sentences) {
        out += escape_markdown(sentence, false) + "\n";
    }
    for (const ReportSection& section : parts.sections) {
        if (section.table.head.empty() && section.lines.empty()) {
            continue;  // a drawing
        }
        out += "\n## " + section.title + "\n\n";
        for (const auto& line : section.lines) {
            out += escape_markdown(line, false) + "\n\n";
        }
        if (section.table.rows.empty()) {
            out += section.says_none ? ReportSay{language}("none") + "\n" : "";
            continue;
        }
        out += markdown_row(section.table.head) + "|";
        for (std::size_t i = 0; i < section.table.head.size(); ++i) {
            out += " --- |";
        }
        out += "\n";
        for (const auto& row : section.table.rows) {
            out += markdown_row(row);
        }
    }
    return out + "\n" + escape_markdown(parts.foot, false) + "\n";
}

std::string report_markdown(const AfterAction& report, Language language, const Zone& zone) {
    return markdown_of(report_parts(report, language, zone), language);
}

std::string report_html(const AfterAction& report, Language language, const Zone& zone) {
    return html_of(report_parts(report, language, zone), language);
}

}  // namespace surged
