// A report's parts as one HTML page that stands alone and prints on A4.
//
// Hardest rule: every text is data. Nothing in it becomes markup; drawings are the only markup that comes from outside this file, and
// they are made of escaped text (report_plot.cpp).
#include <fmt/format.h>

#include <algorithm>

#include "report/report_sections.hpp"
#include "report/report_words.hpp"
#include "wire/html_text.hpp"

namespace surged {

namespace {

// No break inside a drawing or a row; heads of tables stand on every page. Short cells are not broken, and words longer than any of ours
// are, so that no column is a letter wide and no table wider than the page.
constexpr std::string_view page_style = R"(@page{size:A4;margin:14mm 12mm 16mm}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;max-width:62em;margin:1.5em auto;padding:0 1em;color:#1b1b1b;background:#fff;
overflow-wrap:break-word}
h1{font-size:1.6em;line-height:1.25;margin:0 0 .5em}
h2{font-size:1.15em;margin:1.4em 0 .4em;border-bottom:2px solid #1b1b1b;padding-bottom:.1em;break-after:avoid}
.said{font-size:1.08em;margin:.3em 0}
.note{color:#444;font-size:.92em}
figure{margin:.4em 0;break-inside:avoid}
figcaption{color:#444;font-size:.9em;break-before:avoid}
svg{display:block;width:100%;height:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9em}
thead{display:table-header-group}
tr{break-inside:avoid}
th,td{border:1px solid #aaa;padding:.2em .45em;text-align:left;vertical-align:top}
th{background:#eee;word-break:keep-all;print-color-adjust:exact;-webkit-print-color-adjust:exact}
td.t{white-space:nowrap;font-variant-numeric:tabular-nums}
td.w{overflow-wrap:anywhere}
td.k{width:38%}
footer{margin-top:1.5em;color:#444;font-size:.9em}
@media print{body{margin:0;padding:0;max-width:none;font-size:9.5pt}.scroll{overflow:visible}p,li{orphans:3;widows:3}.annex{break-before:page}}
@media (max-width:40em){table{font-size:.85em}td.t{white-space:normal}}
)";

constexpr std::size_t short_cell = 10;
constexpr std::size_t long_word = 24;

/// Longest piece without a blank.
std::size_t longest_word(std::string_view cell) {
    std::size_t longest = 0;
    for (std::size_t at = 0; at < cell.size();) {
        const auto end = std::min(cell.find(' ', at), cell.size());
        longest = std::max(longest, display_width(cell.substr(at, end - at)));
        at = end + 1;
    }
    return longest;
}

/// How a cell breaks: times and short ones not, one of a long word anywhere.
std::string_view kind_of(std::string_view cell) {
    constexpr std::size_t time_length = std::string_view("2026-03-02 01:00:40").size();
    const bool time = cell.size() == time_length && cell[4] == '-' && cell[10] == ' ' && cell[13] == ':';
    if (time || display_width(cell) <= short_cell) {
        return " class=\"t\"";
    }
    return longest_word(cell) > long_word ? " class=\"w\"" : "";
}

std::string html_row(const std::vector<std::string>& cells, bool head, bool pairs) {
    std::string out = "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (head) {
            out += fmt::format("<th scope=\"col\">{}</th>", escape_html(cells[i]));
        } else {
            const auto kind = pairs && i == 0 ? std::string_view(" class=\"k\"") : kind_of(cells[i]);
            out += fmt::format("<td{}>{}</td>", kind, escape_html(cells[i]));
        }
    }
    return out + "</tr>\n";
}

std::string html_section(const ReportSection& section, Language language) {
    std::string out = "<h2>" + escape_html(section.title) + "</h2>\n";
    for (const auto& line : section.lines) {
        out += "<p class=\"note\">" + escape_html(line) + "</p>\n";
    }
    if (!section.svg.empty()) {
        out += "<figure>" + section.svg + (section.caption.empty() ? "" : "<figcaption>" + escape_html(section.caption) + "</figcaption>") + "</figure>\n";
    } else if (!section.caption.empty()) {
        out += "<p>" + escape_html(section.caption) + "</p>\n";
    }
    if (section.table.rows.empty()) {
        return out + (section.says_none ? "<p>" + ReportSay{language}("none") + "</p>\n" : "");
    }
    const bool pairs = section.table.head.size() == 2;
    out += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + escape_html(section.title) + "\"><table>\n<thead>" +
           html_row(section.table.head, true, pairs) + "</thead>\n<tbody>\n";
    for (const auto& row : section.table.rows) {
        out += html_row(row, false, pairs);
    }
    return out + "</tbody>\n</table></div>\n";
}

}  // namespace

std::string html_of(const ReportParts& parts, Language language) {
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        language == Language::zh ? "zh-CN" : "en", escape_html(parts.title), page_style, escape_html(parts.title));
    for (const auto& sentence : parts.sentences) {
        out += "<p class=\"said\">" + escape_html(sentence) + "</p>\n";
    }
    bool annex = false;
    for (const ReportSection& section : parts.sections) {
        if (section.annex && !annex) {
            out += "<div class=\"annex\">\n<h1>" + ReportSay{language}("annex") + "</h1>\n";
            annex = true;
        }
        out += html_section(section, language);
    }
    return out + (annex ? "</div>\n" : "") + "<footer>" + escape_html(parts.foot) + "</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace surged
