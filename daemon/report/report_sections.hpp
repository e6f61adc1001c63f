// The parts of a report between its facts and its forms: titles, sentences and tables of plain text. Nothing here is markup.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/zone.hpp"
#include "report/after_action.hpp"

namespace surged {

struct ReportTable {
    std::vector<std::string> head;
    std::vector<std::vector<std::string>> rows;
};

struct ReportSection {
    std::string title;
    std::vector<std::string> lines;
    std::string svg;      ///< a drawing, made of escaped text; only the page shows it
    std::string caption;  ///< of the drawing
    ReportTable table;
    bool annex = false;      ///< long, and behind everything else
    bool says_none = true;   ///< when it has no row
};

struct ReportParts {
    std::string title;
    std::vector<std::string> sentences;  ///< what happened, who helped when, what it cost and saved
    std::vector<ReportSection> sections;
    std::string foot;
};

ReportParts report_parts(const AfterAction& report, Language language, const Zone& zone);

/// The three sentences.
std::vector<std::string> report_sentences(const AfterAction& report, Language language, const Zone& zone);
/// "1m10s", "1分10秒"; seconds from ten on.
std::string report_span(Span span, Language language);
/// What the rule watches, in words: its name of the plan, else its id.
std::string rule_text(const AfterAction& report, const std::string& rule, Language language);
/// A value of the rule with its unit.
std::string rule_value(const AfterAction& report, const std::string& rule, double value, Language language);
/// One record in words of that language; its type and its text.
struct StoryLine {
    std::string what;
    std::string text;
};
StoryLine story_of(const Record& record, Language language, const Zone& zone);

/// Letters of common width: a Chinese one counts two.
std::size_t display_width(std::string_view text);

std::string markdown_of(const ReportParts& parts, Language language);
std::string html_of(const ReportParts& parts, Language language);

}  // namespace surged
