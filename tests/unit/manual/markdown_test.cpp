// Markdown of the repository as man(7): what is written, and what a page may direct.
#include <map>
#include <string>

#include "manual/markdown.hpp"
#include "manual/roff_writer.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

const std::map<std::string, std::string> files{
    {"a/README.md", "# A\n\nbefore\n\n## One\n\nfirst\n\n<!-- not in the manual -->\nof the house\n<!-- end -->\n\n### Inner\n\nsecond\n\n## Two\n\nthird\n\n"
                    "| `[x]` | type | default | meaning |\n|---|---|---|---|\n| `k` | 1s to 24h | `\"5s\"` | how long |\n| `m` | text | required | what |\n"}};

Result<ManPage> page_of(const std::string& body) {
    return read_markdown("<!-- page: surged-x 7 2026-11-29 Things -->\n" + body, [](const std::string& path) {
        const auto found = files.find(path);
        return found == files.end() ? Result<std::string>(fail("no " + path)) : Result<std::string>(found->second);
    });
}

/// What is written below the title.
std::string roff_of(const std::string& body) {
    const auto page = page_of(body);
    INFO((page ? "" : page.error().message));
    REQUIRE(page);
    const auto text = write_roff(*page);
    return text.substr(text.find(".ad l\n") + 6);
}

}  // namespace

TEST_CASE("markdown: headings, paragraphs, lists and code become man(7)", "[unit]") {
    CHECK(roff_of("## One thing\n\nfirst\nline\n\nsecond `a-b`\n") == ".SH \"ONE THING\"\nfirst\nline\n.PP\nsecond \\fB\\%a\\-b\\fR\n");
    CHECK(roff_of("## Of `GET /api/x`\n") == ".SH \"OF GET /api/x\"\n");
    CHECK(roff_of("### Sub\n\n- one\n  more\n- two\n") == ".SS Sub\n.IP \\(bu 2\none\nmore\n.IP \\(bu 2\ntwo\n");
    CHECK(roff_of("a:\n\n    x = 'y'\n    .z\n") == "a:\n.PP\n.EX\nx = \\(aqy\\(aq\n\\&.z\n.EE\n");
    CHECK(roff_of("```toml\n# no heading\n```\n") == ".EX\n# no heading\n.EE\n");
    CHECK(roff_of("**bold** and [text](there)\n") == "\\fB\\%bold\\fR and text (there)\n");
    CHECK(roff_of("see `rules/README.md`\n") == "see \\fB\\%surged\\-rules(5)\\fR\n");
}

TEST_CASE("markdown: a table that fits stays one, a table of keys is a list, and so is one that is too wide", "[unit]") {
    CHECK(roff_of("| a | b |\n|---|---|\n| 1 | `x\\|y` |\n") == ".TS\nl l.\na\tb\n1\t\\fB\\%x|y\\fR\n.TE\n");
    CHECK(roff_of("<!-- table: a/README.md `[x]` -->\n") ==
          "\\fB\\%[x]\\fR\n.TP\n\\fB\\%k\\fR\n1s to 24h; default \\fB\\%\"5s\"\\fR.\nHow long.\n.TP\n\\fB\\%m\\fR\ntext; required.\nWhat.\n");
    const std::string wide(80, 'w');
    CHECK(roff_of("| word | how | |\n|---|---|---|\n| `a` | so | " + wide + " |\n") ==
          ".TP\n\\fB\\%a\\fR\nHow: so.\nW" + wide.substr(1) + ".\n");
}

TEST_CASE("markdown: a page takes a file, a section or a table of another, without what is for the repository alone", "[unit]") {
    CHECK(roff_of("<!-- include: a/README.md # One -->\n") == "first\n.SS Inner\nsecond\n");
    const auto whole = roff_of("<!-- include: a/README.md -->\n");
    CHECK(whole.starts_with(".SH ONE\nfirst\n.SS Inner\nsecond\n.SH TWO\nthird\n"));
    CHECK(whole.find("house") == std::string::npos);
}

TEST_CASE("markdown: what a page directs and is not there is an error that names it", "[unit]") {
    const auto error = [](const std::string& body) {
        const auto page = page_of(body);
        return page ? std::string() : page.error().message;
    };
    CHECK(error("<!-- include: b.md -->\n") == "no b.md");
    CHECK(error("<!-- include: a/README.md # Three -->\n") == "a/README.md has no Three");
    CHECK(error("<!-- table: a/README.md `[y]` -->\n") == "a/README.md has no `[y]`");
    CHECK(error("<!-- inclde: a/README.md -->\n") == "no such direction: inclde: a/README.md");
    CHECK_FALSE(read_markdown("## NAME\n", nullptr).has_value());
}
