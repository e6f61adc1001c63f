// Text services: globs, nearest names, durations, numbers, UTF-8.
#include "core/base/text.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
/// What a glob means, written the short and slow way.
bool slow_glob(std::string_view p, std::string_view t) {
    if (p.empty()) {
        return t.empty();
    }
    if (p[0] == '*') {
        return slow_glob(p.substr(1), t) || (!t.empty() && slow_glob(p, t.substr(1)));
    }
    return !t.empty() && (p[0] == '?' || p[0] == t[0]) && slow_glob(p.substr(1), t.substr(1));
}
}  // namespace

TEST_CASE("glob: a star is any run of bytes, also none", "[unit]") {
    CHECK(glob_match("*", ""));
    CHECK(glob_match("*", "jinan"));
    CHECK(glob_match("jin*", "jin"));
    CHECK(glob_match("*nan", "jinan"));
    CHECK(glob_match("j*n*n", "jinan"));
    CHECK_FALSE(glob_match("j*x", "jinan"));
    CHECK_FALSE(glob_match("", "a"));
    CHECK(glob_match("", ""));
}

TEST_CASE("glob: a question mark is exactly one byte and all else is literal", "[unit]") {
    CHECK(glob_match("q?", "q1"));
    CHECK_FALSE(glob_match("q?", "q"));
    CHECK_FALSE(glob_match("q?", "q12"));
    CHECK(glob_match("a.b[c]", "a.b[c]"));
    CHECK_FALSE(glob_match("a.b", "axb"));
    CHECK_FALSE(glob_match("General", "general"));
}

TEST_CASE("glob: a text may itself hold stars", "[unit]") {
    CHECK(glob_match("*", "*"));
    CHECK(glob_match("*b", "*ab"));
    CHECK_FALSE(glob_match("a", "*"));
}

TEST_CASE("glob: many stars on a long text end quickly", "[unit]") {
    std::string pattern;
    for (int i = 0; i < 200; ++i) {
        pattern += "a*";
    }
    CHECK_FALSE(glob_match(pattern + "b", std::string(2000, 'a')));
    CHECK(glob_match(pattern, std::string(2000, 'a')));
}

TEST_CASE("glob: agrees with its definition on random patterns", "[unit]") {
    std::mt19937 random(7);
    for (int round = 0; round < 20000; ++round) {
        std::string pattern;
        std::string text;
        for (auto n = random() % 7; n > 0; --n) {
            pattern += "ab*?"[random() % 4];
        }
        for (auto n = random() % 8; n > 0; --n) {
            text += "ab*"[random() % 3];
        }
        CAPTURE(pattern, text);
        CHECK(glob_match(pattern, text) == slow_glob(pattern, text));
    }
}

TEST_CASE("nearest name: a typing error is found, a different word is not", "[unit]") {
    const std::vector<std::string> names{"raise", "clear", "raise_after", "clear_after"};
    CHECK(nearest_name("rais", names) == "raise");
    CHECK(nearest_name("riase", names) == "raise");       // two neighbours swapped: one edit
    CHECK(nearest_name("rosie", names) == std::nullopt);  // two edits in five letters
    CHECK(nearest_name("claer_after", names) == "clear_after");
    CHECK(nearest_name("raise", names) == "raise");
    CHECK(nearest_name("window", names) == std::nullopt);
    CHECK(nearest_name("x", {}) == std::nullopt);
    CHECK(nearest_name("", names) == std::nullopt);
}

TEST_CASE("nearest name: of two swapped digits the swapped one is meant, not another number", "[unit]") {
    const std::vector<std::string> leads{"lead-01", "lead-02", "lead-08", "lead-10"};
    CHECK(nearest_name("lead-80", leads) == "lead-08");
    CHECK(nearest_name("laed-01", leads) == "lead-01");
    CHECK(nearest_name("wiat", {"wait", "mode"}) == "wait");
    CHECK(nearest_name("ab", {"ba"}) == "ba");
    CHECK(nearest_name("abc", {"cab"}) == std::nullopt);  // moved by two is not swapped
}

TEST_CASE("nearest name: the distance allowed is a third of the length, at least one", "[unit]") {
    CHECK(nearest_name("ab", {"ax"}) == "ax");
    CHECK(nearest_name("ab", {"xy"}) == std::nullopt);
    CHECK(nearest_name("abcdef", {"abcdxy"}) == "abcdxy");
    CHECK(nearest_name("abcdef", {"abcxyz"}) == std::nullopt);
}

TEST_CASE("span: reads every unit and their sums", "[unit]") {
    CHECK(parse_span("250ms") == 250ms);
    CHECK(parse_span("30s") == 30s);
    CHECK(parse_span("2m") == 2min);
    CHECK(parse_span("1h30m") == 90min);
    CHECK(parse_span("1d") == 24h);
    CHECK(parse_span("1.5h") == 90min);
    CHECK(parse_span("0s") == 0s);
}

TEST_CASE("span: a bare number, a sign, a blank or an unknown unit is none", "[unit]") {
    for (const char* text : {"", "30", "-30s", "+30s", "30 s", " 30s", "30s ", "s", "30S", "30sec", "1h30", "1..5s", ".", "1e3s",
                             "30x", "\xEF\xBC\x93s", "nan", "infs"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_span(text).has_value());
    }
}

TEST_CASE("span: ten years is the most", "[unit]") {
    CHECK(parse_span("3660d") == 24h * 3660);
    CHECK_FALSE(parse_span("3661d").has_value());
    CHECK_FALSE(parse_span("3660d1ms").has_value());
    CHECK_FALSE(parse_span("99999999999999999999999999999999d").has_value());
    CHECK_FALSE(parse_span(std::string(400, '9') + "s").has_value());
}

TEST_CASE("span: the shortest text reads back to the same span", "[unit]") {
    CHECK(format_span(0ms) == "0s");
    CHECK(format_span(90min) == "1h30m");
    CHECK(format_span(250ms) == "250ms");
    CHECK(format_span(45s) == "45s");
    CHECK(format_span(25h) == "1d1h");
    CHECK(format_span(-90s) == "-1m30s");

    std::mt19937_64 random(11);
    for (int round = 0; round < 2000; ++round) {
        const Span span{static_cast<std::int64_t>(random() % (1ULL << (random() % 38)))};
        CAPTURE(span.count());
        CHECK(parse_span(format_span(span)) == span);
    }
}

TEST_CASE("number: takes up the whole text and is finite", "[unit]") {
    CHECK(parse_number("42") == 42.0);
    CHECK(parse_number("-0.5") == -0.5);
    CHECK(parse_number("1e3") == 1000.0);
    for (const char* text : {"", " 1", "1 ", "1,5", "0x10", "nan", "inf", "-inf", "1e999", "--1", "1.2.3", "e5", "+1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number(text).has_value());
    }
}

TEST_CASE("number: formatting reads back to the same double", "[unit]") {
    CHECK(format_number(40) == "40");
    CHECK(format_number(-3) == "-3");
    CHECK(format_number(0.1) == "0.1");
    CHECK(format_number(1e15) == "1000000000000000");

    std::mt19937_64 random(13);
    std::uniform_real_distribution<double> exponent(-300, 300);
    for (int round = 0; round < 5000; ++round) {
        const double value = std::ldexp(static_cast<double>(random()), static_cast<int>(exponent(random)));
        CAPTURE(value);
        CHECK(parse_number(format_number(value)) == value);
    }
}

TEST_CASE("number: rounding for people drops trailing zeros and the sign of nothing", "[unit]") {
    CHECK(format_rounded(33.456, 1) == "33.5");
    CHECK(format_rounded(33.0, 2) == "33");
    CHECK(format_rounded(100, 0) == "100");
    CHECK(format_rounded(-0.04, 1) == "0");
    CHECK(format_rounded(0.25, 2) == "0.25");
    CHECK(format_rounded(1e300, 1).size() > 300);
}

TEST_CASE("utf-8: characters are counted, broken bytes one each", "[unit]") {
    CHECK(utf8_length("") == 0);
    CHECK(utf8_length("abc") == 3);
    CHECK(utf8_length("话务量突增") == 5);
    CHECK(utf8_length("\xF0\x9F\x93\x9E") == 1);  // one telephone receiver
    CHECK(utf8_length("\xFF\xFE") == 2);
    CHECK(utf8_length("\xE8\xAF") == 2);  // cut in the middle
}

TEST_CASE("utf-8: overlong forms, surrogates and what lies beyond U+10FFFF are invalid", "[unit]") {
    CHECK(utf8_valid(""));
    CHECK(utf8_valid("\x7F"));
    CHECK(utf8_valid("\xC2\x80"));
    CHECK_FALSE(utf8_valid("\xC1\xBF"));
    CHECK_FALSE(utf8_valid("\x80"));
    CHECK(utf8_valid("\xE0\xA0\x80"));
    CHECK_FALSE(utf8_valid("\xE0\x9F\xBF"));
    CHECK(utf8_valid("\xED\x9F\xBF"));
    CHECK_FALSE(utf8_valid("\xED\xA0\x80"));
    CHECK(utf8_valid("\xEE\x80\x80"));
    CHECK(utf8_valid("\xF0\x90\x80\x80"));
    CHECK_FALSE(utf8_valid("\xF0\x8F\xBF\xBF"));
    CHECK(utf8_valid("\xF4\x8F\xBF\xBF"));
    CHECK_FALSE(utf8_valid("\xF4\x90\x80\x80"));
    CHECK_FALSE(utf8_valid("\xF5\x80\x80\x80"));
    CHECK_FALSE(utf8_valid("abc\xE8"));
}

TEST_CASE("utf-8: a cut keeps to the limit and to whole characters", "[unit]") {
    CHECK(utf8_cut("话务量", 3) == "话务量");
    CHECK(utf8_cut("话务量突增", 3) == "话务…");
    CHECK(utf8_cut("话务量突增", 1) == "…");
    CHECK(utf8_cut("话务量突增", 0).empty());
    CHECK(utf8_cut("abc", 3) == "abc");
    CHECK(utf8_cut("abcd", 3) == "ab…");

    std::mt19937 random(17);
    for (int round = 0; round < 2000; ++round) {
        std::string noise;
        for (auto n = random() % 20; n > 0; --n) {
            noise += static_cast<char>(random());
        }
        const std::size_t limit = random() % 20;
        CHECK(utf8_length(utf8_cut(noise, limit)) <= std::max(limit, std::size_t{0}));
    }
}

TEST_CASE("text: what moves a terminal's cursor or turns its lines is shown by its number", "[unit]") {
    const std::vector<std::string> harmful{"\x01", "\x1b", "\x7f",     "\u0080", "\u009b", "\u009f", "\u061c", "\u200e", "\u200f",
                                           "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"};
    for (const auto& one : harmful) {
        CAPTURE(shown_safely(one));
        CHECK(harmful_at(one, 0) == one.size());
        CHECK(shown_safely("a" + one + "b").size() == 8);
        CHECK(shown_safely(shown_safely("a" + one)) == shown_safely("a" + one));
    }
    for (const std::string harmless : {"a", " ", "\u00a0", "\u061b", "\u061d", "\u200d", "\u2010", "\u2027", "\u202f", "\u2065", "\u206a", "普席"}) {
        CHECK(harmful_at(harmless, 0) == 0);
        CHECK(shown_safely(harmless) == harmless);
    }
    CHECK(shown_safely("\u009b31m") == "\\u009b31m");
    CHECK(shown_safely("\u202e") == "\\u202e");
    CHECK(shown_safely("a\tb\n") == "a\tb\n");
    CHECK(shown_safely("\x9bx") == "\\x9bx");
    CHECK(harmful_at("\xE2\x80", 0) == 0);
    CHECK(harmful_at("", 0) == 1);
}
