// A report's parts as Markdown, and the two forms of the report of one incident.
#include "core/base/text.hpp"
#include "report/report_sections.hpp"
#include "report/report.hpp"
#include "report/report_words.hpp"

namespace surged {

namespace {

/// A cell: nothing in it ends the cell, the line, becomes a tag, a link or emphasis, or moves a terminal's cursor.
std::string escape_markdown(std::string_view text) {
    std::string out;
    for (const char c : shown_safely(text)) {
        switch (c) {
            case '\n':
            case '\r': out += ' '; break;
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '|':
            case '\\':
            case '`':
            case '*':
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
        out += " " + escape_markdown(cell) + " |";
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
    std::string out = "# " + escape_markdown(parts.title) + "\n\n";
    for (const auto& sentence : parts.sentences) {
        out += escape_markdown(sentence) + "\n";
    }
    for (const ReportSection& section : parts.sections) {
        if (section.table.head.empty() && section.lines.empty()) {
            continue;  // a drawing
        }
        out += "\n## " + section.title + "\n\n";
        for (const auto& line : section.lines) {
            out += escape_markdown(line) + "\n\n";
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
    return out + "\n" + escape_markdown(parts.foot) + "\n";
}

std::string report_markdown(const AfterAction& report, Language language, const Zone& zone) {
    return markdown_of(report_parts(report, language, zone), language);
}

std::string report_html(const AfterAction& report, Language language, const Zone& zone) {
    return html_of(report_parts(report, language, zone), language);
}

}  // namespace surged
