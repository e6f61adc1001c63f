// man(7) as text: what `surgectl help` prints.
#include <string>

#include "manual/manual.hpp"
#include "manual/plain_text.hpp"
#include "manual/roff_reader.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

/// Without the line of the title.
std::string text_of_roff(const std::string& roff, std::size_t width = 40, bool styled = false) {
    const auto text = write_text(read_roff(roff), width, styled);
    return text.substr(text.find('\n') + 1);
}

}  // namespace

TEST_CASE("man text: headings, paragraphs, items, lists, code and tables stand where man puts them", "[unit]") {
    CHECK(write_text(read_roff(".TH X\\-Y 7 \"2026\" \"surged\" \"Things\"\n"), 40, false) == "X-Y(7)           Things           X-Y(7)\n");
    CHECK(text_of_roff(".SH \"ONE THING\"\nfirst\n.B two\nthree\n.PP\nnext\n") == "\nONE THING\n       first two three\n\n       next\n");
    CHECK(text_of_roff(".SS Sub\n.TP\n.B a\nshort\n.TP\n.BR long\\-name (7)\nbelow it\n.IP\nmore\n") ==
          "\n   Sub\n       a      short\n\n       long-name(7)\n              below it\n\n              more\n");
    CHECK(text_of_roff(".IP \\(bu 2\none\n.IP \\(bu 2\ntwo\n") == "\n       • one\n\n       • two\n");
    CHECK(text_of_roff(".EX\n\\&.x \\e \\(aqy\\(aq\n\n  z\n.EE\nafter\n") == "\n       .x \\ 'y'\n\n         z\n\n       after\n");
    CHECK(text_of_roff(".TS\nl l.\na\tb\nlong\t\\fBc\\fR\n.TE\n") == "\n       a      b\n       long   c\n");
    CHECK(text_of_roff(".TP\n.B a\nitem\n.SH NEXT\nbelow\n") == "\n       a      item\n\nNEXT\n       below\n");
    CHECK(text_of_roff("one\n.br\ntwo\n") == "\n       one\n       two\n");
}

TEST_CASE("man text: lines break at the width, wide characters count two, and bold is bold on a terminal only", "[unit]") {
    CHECK(text_of_roff("aaaaaaaaaa bbbbbbbbbb cccccccccc dd\n") == "\n       aaaaaaaaaa bbbbbbbbbb cccccccccc\n       dd\n");
    CHECK(text_of_roff("班组长班组长 班组长班组长 班组长班组长 x\n") == "\n       班组长班组长 班组长班组长\n       班组长班组长 x\n");
    CHECK(text_of_roff("a \\fBbold\\fR \\fIit\\fR\n", 40, true) == "\n       a \x1b[1mbold\x1b[0m \x1b[4mit\x1b[0m\n");
}

TEST_CASE("man text: a page is found by its topic, its name, and its name with the section", "[unit]") {
    for (const char* topic : {"rules", "surged-rules", "surged-rules(5)", "surged-rules.5"}) {
        INFO(topic);
        const auto* page = find_manual_page(topic);
        REQUIRE(page != nullptr);
        CHECK(page->name == "surged-rules");
    }
    CHECK(find_manual_page("toml")->name == "surged.toml");
    CHECK(find_manual_page("rule") == nullptr);
    CHECK(manual_pages().size() == 9);
}
