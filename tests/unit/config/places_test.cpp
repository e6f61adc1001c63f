// Documents: where things stand, and how deep a text may be.
#include "config/document.hpp"
#include "config/limits.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
/// Places of the value of `x` at each offset, as "line:col".
std::string place(const std::string& text, std::size_t offset) {
    SourceFile file{"t", text, 0};
    const auto root = parse_document(file);
    REQUIRE(root);
    const auto at = place_in_text(root->find("x")->value, offset);
    return std::to_string(at.line) + ":" + std::to_string(at.col);
}
std::string refused(const std::string& text) {
    SourceFile file{"t", text, 0};
    const auto root = parse_document(file);
    return root ? "" : root.error().message;
}
}  // namespace

TEST_CASE("places: a byte of a string is found behind its quotes, escapes and lines", "[unit]") {
    CHECK(place("x = \"abc\"", 0) == "1:6");
    CHECK(place("x = \"abc\"", 2) == "1:8");
    CHECK(place("x = \"abc\"", 3) == "1:9");  // the end: the closing quote
    CHECK(place("x = 'a\\b'", 2) == "1:8");
    CHECK(place("x = \"a\\tb\"", 2) == "1:9");
    CHECK(place("x = \"\\u63A5b\"", 3) == "1:12");
    CHECK(place("x = \"接通b\"", 6) == "1:8");
    CHECK(place("\n\n  x = \"\"\"\nab\ncd\"\"\"", 0) == "4:1");
    CHECK(place("\n\n  x = \"\"\"\nab\ncd\"\"\"", 3) == "5:1");
    CHECK(place("x = \"\"\"ab\\\n   cd\"\"\"", 2) == "2:4");
    CHECK(place("x = '''a''b'''", 3) == "1:11");
    CHECK(place("x = \"\"", 0) == "1:6");
}

TEST_CASE("documents: tables come in the order of the text", "[unit]") {
    SourceFile file{"t", "z = 1\na = 2\n[m]\n[b]\n", 0};
    const auto root = parse_document(file);
    REQUIRE(root);
    std::string order;
    for (const auto& entry : root->entries) {
        order += entry.key;
    }
    CHECK(order == "zamb");
}

TEST_CASE("documents: depth and size are bounded on both sides", "[unit]") {
    const auto keys = [](int n) {
        std::string text = "a";
        for (int i = 0; i < n; ++i) {
            text += ".a";
        }
        return text + " = 1";
    };
    const auto brackets = [](int n) {
        return "x = " + std::string(static_cast<std::size_t>(n), '[') + std::string(static_cast<std::size_t>(n), ']');
    };
    CHECK(refused(keys(64)).empty());
    CHECK(refused(keys(65)) == "nested too deeply (64 keys or brackets at most)");
    CHECK_FALSE(refused(keys(1000000)).empty());
    CHECK(refused(brackets(64)).empty());
    CHECK_FALSE(refused(brackets(65)).empty());
    CHECK_FALSE(refused("x = {a = \"\"\"\n\"\"\", " + keys(100000) + "}").empty());
    CHECK(refused("x = \"" + std::string(1000, '.') + "[[[[[[\" # " + std::string(1000, '[')).empty());
    CHECK(refused("#" + std::string((4U << 20U) - 1, ' ')).empty());
    CHECK(refused("#" + std::string(4U << 20U, ' ')) == "larger than 4 MiB");
    CHECK_FALSE(refused("x = \"\xff\"").empty());
}

TEST_CASE("small languages: days, clocks, rates, amounts and limits read what people write", "[unit]") {
    CHECK(*parse_days("mon-fri") == 0x1F);
    CHECK(*parse_days("sat,sun") == 0x60);
    CHECK(*parse_days("fri-mon") == 0x71);
    CHECK(*parse_days("daily") == 0x7F);
    CHECK(*parse_days("mon , wed") == 0x05);
    CHECK_FALSE(parse_days(""));
    CHECK_FALSE(parse_days("mon,"));
    CHECK(parse_days("mon,tu").error().offset == 4);

    CHECK(*parse_clock("00:00") == 0);
    CHECK(*parse_clock("23:59") == 1439);
    CHECK(*parse_clock("24:00") == 1440);
    CHECK_FALSE(parse_clock("24:01"));
    CHECK_FALSE(parse_clock("12:60"));
    CHECK_FALSE(parse_clock("8:00"));
    CHECK_FALSE(parse_clock("08:00:01"));

    CHECK(parse_rate("15/1m")->count == 15);
    CHECK(parse_rate("20/1s")->per == Span{1000});
    CHECK_FALSE(parse_rate("1.5/1m"));
    CHECK_FALSE(parse_rate("15/0s"));

    CHECK(*parse_amount("10 calls") == 10);
    CHECK(*parse_amount("10.5") == 10.5);
    CHECK_FALSE(parse_amount("-1"));
    CHECK_FALSE(parse_amount(""));

    for (const auto* text : {"> 40", ">= 40", "< 0.85", "<= -3", "> +30%", "< -15%", "> +12/min", "> 3m", ">= 1h30m"}) {
        INFO(text);
        REQUIRE(parse_limit(text));
        CHECK(parse_limit(text)->text() == text);
    }
    CHECK(parse_limit(">40")->value == 40);
    CHECK(parse_limit("> 30 %")->unit == LimitUnit::percent);
    for (const auto* text :
         {"", ">", "> ", "= 40", "> 40 calls", "> +-3", "> nan", "> inf", "> 1e999", "> 40 30", "40 >", "> %"}) {
        INFO(text);
        CHECK_FALSE(parse_limit(text));
    }
}
