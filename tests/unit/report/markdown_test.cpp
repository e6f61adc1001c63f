// Reports as Markdown: what people, rules and centres are called shows as it is, read raw or drawn, and never becomes markup.
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "report/report_sections.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

/// A report of one table of one cell.
std::string as_cell(const std::string& text) {
    ReportParts parts;
    parts.title = "t";
    ReportSection section;
    section.title = "s";
    section.table.head = {"h"};
    section.table.rows = {{text}};
    parts.sections = {section};
    const auto md = markdown_of(parts, Language::en);
    const auto at = md.find("| --- |\n| ");
    REQUIRE(at != std::string::npos);
    const auto begin = at + std::string("| --- |\n| ").size();
    return md.substr(begin, md.find(" |\n", begin) - begin);
}

std::string as_line(const std::string& text) {
    ReportParts parts;
    parts.sentences = {text};
    const auto md = markdown_of(parts, Language::en);
    const auto begin = md.find("\n\n") + 2;
    return md.substr(begin, md.find('\n', begin) - begin);
}

/// What a reader of drawn Markdown sees: a backslash before punctuation is not shown.
std::string drawn(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        i += text[i] == '\\' && i + 1 < text.size() && std::ispunct(static_cast<unsigned char>(text[i + 1])) != 0 ? 1U : 0U;
        out += text[i];
    }
    return out;
}

}  // namespace

TEST_CASE("markdown: limits, amounts and comparisons stand as people write them", "[unit]") {
    for (const std::string text : {"> 40", "< 0.8", "answered < offered", "a -> b", "R&D", "Q & A", "5 <= 6 && 7 > 6", "12:30", "1. 5", "#3", "- 2", "普席＜夜"}) {
        INFO(text);
        CHECK(as_cell(text).find("&lt;") == std::string::npos);
        CHECK(as_cell(text).find("&gt;") == std::string::npos);
        CHECK(as_cell(text).find("&amp;") == std::string::npos);
        CHECK(drawn(as_cell(text)) == text);
        CHECK(drawn(as_line(text)) == text);
    }
    CHECK(as_cell("> 40") == "> 40");
    CHECK(as_cell("5 < 6") == "5 < 6");
    CHECK(as_cell("Q & A") == "Q & A");
}

TEST_CASE("markdown: a hostile name is shown as it is and is no markup", "[unit]") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"<script>alert(1)</script>", R"(\<script>alert(1)\</script>)"},
        {"<!-- x -->", R"(\<!-- x -->)"},
        {"<?php", R"(\<?php)"},
        {"&lt;b&gt;", R"(\&lt;b\&gt;)"},
        {"&#60;", R"(\&#60;)"},
        {"[x](javascript:alert(1))", R"(\[x\](javascript:alert(1)))"},
        {"<https://evil.example>", R"(\<https\://evil.example>)"},
        {"http://evil.example", R"(http\://evil.example)"},
        {"www.evil.example", R"(www\.evil.example)"},
        {"![x](y)", R"(!\[x\](y))"},
        {"a | b", R"(a \| b)"},
        {"**bold** _it_ `code` ~~gone~~", R"(\*\*bold\*\* \_it\_ \`code\` \~\~gone\~\~)"},
        {R"(a\)", R"(a\\)"},
    };
    for (const auto& [text, markdown] : rows) {
        INFO(text);
        CHECK(as_cell(text) == markdown);
        CHECK(drawn(as_cell(text)) == text);
        CHECK(drawn(as_line(text)) == text);
    }
    CHECK(as_cell("two\nlines") == "two lines");
    CHECK(as_cell("\x1b[31mred").find('\x1b') == std::string::npos);
}

TEST_CASE("markdown: a line that begins like a heading, a quotation or a list is none", "[unit]") {
    CHECK(as_line("> 40 waiting") == R"(\> 40 waiting)");
    CHECK(as_line("# heading") == R"(\# heading)");
    CHECK(as_line("- item") == R"(\- item)");
    CHECK(as_line("+ item") == R"(\+ item)");
    CHECK(as_line("===") == R"(\===)");
    CHECK(as_line("12. item") == R"(12\. item)");
    CHECK(as_line("12) item") == R"(12\) item)");
    CHECK(as_line("--- x") == R"(\--- x)");
    CHECK(as_line("12.5 calls > 10 # 3") == "12.5 calls > 10 # 3");
    CHECK(as_line("-5 of #3") == "-5 of #3");
    CHECK(as_line("2026-10-05 and 3. of it") == "2026-10-05 and 3. of it");
}
