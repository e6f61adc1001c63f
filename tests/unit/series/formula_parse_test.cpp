// Formulas: what is one, what it needs, and how a mistake is told.
#include <random>
#include <string>

#include "core/series/formula.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
Formula parsed(std::string_view text) {
    auto formula = Formula::parse(text);
    if (!formula) {
        FAIL(text << ": " << formula.error().offset << ": " << formula.error().message);
    }
    return *formula;
}

void refused(std::string_view text, std::size_t offset, std::string_view part) {
    const auto formula = Formula::parse(text);
    CAPTURE(text);
    REQUIRE_FALSE(formula.has_value());
    CAPTURE(formula.error().message);
    CHECK(formula.error().offset == offset);
    CHECK(formula.error().message.find(part) != std::string::npos);
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}
}  // namespace

TEST_CASE("formula: the connection rate needs two windows and no aggregate", "[unit]") {
    const auto f = parsed("increase(answered, 10m) / increase(offered, 10m)");
    CHECK(f.inputs() ==
          std::vector<FormulaInput>{{InputFunction::increase, "answered", 10min}, {InputFunction::increase, "offered", 10min}});
    CHECK(f.aggregates() == 0);
    CHECK_FALSE(f.mixes_queue_and_group());
    CHECK(f.text() == "increase(answered, 10m) / increase(offered, 10m)");
}

TEST_CASE("formula: every window function is an input of its own", "[unit]") {
    const auto f = parsed("last(a,1m)+increase(a,1m)+rate(a,1m)+delta(a,1m)+avg(a,1m)+min(a,1m)+max(a,1m)+a");
    REQUIRE(f.inputs().size() == 8);
    CHECK(f.inputs()[0] == FormulaInput{InputFunction::last, "a", 1min});
    CHECK(f.inputs()[3] == FormulaInput{InputFunction::delta, "a", 1min});
    CHECK(f.inputs()[7] == FormulaInput{InputFunction::last, "a", 0s});
}

TEST_CASE("formula: the same need is one input", "[unit]") {
    CHECK(parsed("increase(offered, 10m) + increase(offered, 600s)").inputs().size() == 1);
    CHECK(parsed("increase(offered, 10m) + increase(offered, 11m)").inputs().size() == 2);
    CHECK(parsed("a + a * a").inputs().size() == 1);
}

TEST_CASE("formula: avg, min and max are told apart by their arguments", "[unit]") {
    CHECK(parsed("max(oldest_wait_s)").aggregates() == 1);
    CHECK(parsed("max(oldest_wait_s, 10m)").aggregates() == 0);
    CHECK(parsed("max(oldest_wait_s, 10m)").inputs()[0].function == InputFunction::max);
    CHECK(parsed("max(a, b)").aggregates() == 0);
    CHECK(parsed("max(a, b)").inputs().size() == 2);
    CHECK(parsed("min(a, b, c, 4)").aggregates() == 0);
    CHECK(parsed("avg(a)").aggregates() == 1);
    CHECK(parsed("avg(a, 5m)").inputs()[0] == FormulaInput{InputFunction::avg, "a", 5min});
    CHECK(parsed("max(max(a, 10m))").aggregates() == 1);
    CHECK(parsed("max(a, max(b, 10m))").aggregates() == 0);
    CHECK(parsed("max(max(a), max(b))").aggregates() == 2);
}

TEST_CASE("formula: the names of functions and words may begin a metric's name", "[unit]") {
    CHECK(parsed("sum + count").inputs().size() == 2);
    CHECK(parsed("order + android + nothing").inputs().size() == 3);
}

TEST_CASE("formula: a metric beside an aggregate is reported to the checker", "[unit]") {
    CHECK(parsed("sum(calls_waiting) / agents_available").mixes_queue_and_group());
    CHECK_FALSE(parsed("sum(calls_waiting) / sum(agents_available)").mixes_queue_and_group());
    CHECK_FALSE(parsed("calls_waiting / agents_available").mixes_queue_and_group());
    CHECK(parsed("sum(increase(answered,10m)) / sum(increase(offered,10m))").inputs().size() == 2);
}

TEST_CASE("formula: copies share the program and a default one is unknown", "[unit]") {
    const auto f = parsed("a + 1");
    const Formula copy = f;  // NOLINT(performance-unnecessary-copy-initialization)
    CHECK(copy.text() == "a + 1");
    const Formula none;
    CHECK(none.text().empty());
    CHECK(none.inputs().empty());
    CHECK(none.aggregates() == 0);
    CHECK_FALSE(none.mixes_queue_and_group());
}

TEST_CASE("formula: an unknown function is told with the nearest known", "[unit]") {
    refused("a / incraese(offered, 10m)", 4, "did you mean \"increase\"?");
    refused("smu(a)", 0, "did you mean \"sum\"?");
    refused("summ(a)", 0, "did you mean \"sum\"?");
    refused("wibble(a)", 0, "there are last, increase");
}

TEST_CASE("formula: a window function wants a bare metric and a window with a unit", "[unit]") {
    refused("increase(answered)", 17, "needs a window: increase(metric, 10m)");
    refused("increase(answered, 10)", 19, "carries a unit");
    refused("increase(answered / 2, 10m)", 18, "only a bare metric");
    refused("increase(10m, answered)", 9, "expected a metric");
    refused("increase(answered, 0s)", 19, "longer than 0");
    refused("increase(answered, 10m, 5m)", 22, "expected \")\"");
    refused("increase(answered, 10m", 22, "expected \")\" before the end");
    refused("increase()", 9, "expected a metric");
    refused("increase(answered,)", 18, "expected a window");
    refused("rate(Answered, 10m)", 5, "lower case");
    refused("max(a, b, 10m)", 10, "a duration stands only");
    refused("10m + a", 0, "a duration stands only");
    refused("increase(answered, 10x)", 19, "neither a number nor a duration");
    refused("increase(not, 10m)", 9, "expected a metric");
}

TEST_CASE("formula: aggregates take one argument and hold no other", "[unit]") {
    refused("sum(a, 10m)", 5, "too many arguments: sum(x)");
    refused("sum(max(a))", 4, "cannot stand inside another (sum)");
    refused("1 + avg(a + sum(b) * 2)", 12, "cannot stand inside another (avg)");
    refused("sum(min(max(a), b))", 8, "cannot stand inside another (sum)");
    refused("avg(a, b)", 5, "too many arguments");
    refused("count()", 6, "before \")\"");
}

TEST_CASE("formula: functions of numbers want their number of arguments", "[unit]") {
    refused("clamp(a, 1)", 10, "too few arguments: clamp(x, lowest, highest)");
    refused("clamp(a, 1, 2, 3)", 13, "too many arguments");
    refused("abs(a, b)", 5, "too many arguments: abs(x)");
    refused("abs()", 4, "expected a metric");
    CHECK(parsed("clamp(a, 1, 2) + abs(b) + ceil(c) + floor(d)").inputs().size() == 4);
}

TEST_CASE("formula: grammar mistakes are told where they are", "[unit]") {
    refused("", 0, "empty");
    refused("  \t", 0, "empty");
    refused("a +", 3, "before the end");
    refused("a + * b", 4, "before \"*\"");
    refused("a b", 2, "expected an operator before \"b\"");
    refused("(a", 2, "expected \")\"");
    refused("a)", 1, "closes nothing");
    refused("a, b", 1, "comma");
    refused("a < b < c", 6, "do not chain");
    refused("a == b != c", 7, "do not chain");
    refused("a and and b", 6, "before \"and\"");
    refused("or a", 0, "before \"or\"");
    refused("a + not b", 4, "parentheses");
    refused("Foo + 1", 0, "\"Foo\" is none");
    refused("_a", 0, "lower case");
    refused("1.2.3", 0, "not a number");
    refused("1e999", 0, "not a number");
    refused("a = b", 2, "==");
    refused("a && b", 2, "and");
    refused("a || b", 2, "or");
    refused("!a", 0, "not");
    refused("a > 30%", 6, "0.3");
    refused("a + （b）", 4, "unexpected \"（\"");
    refused(std::string_view("a\0b", 3), 1, "unexpected byte");
    refused("a + \xFF", 4, "unexpected byte");
}

TEST_CASE("formula: a text is at most 4,096 bytes", "[unit]") {
    CHECK(Formula::parse("a" + std::string(4095, ' ')).has_value());
    refused("a" + std::string(4096, ' '), 4096, "longer than 4096");
}

TEST_CASE("formula: nesting is at most 32 of any kind", "[unit]") {
    CHECK(Formula::parse(repeated("(", 32) + "a" + repeated(")", 32)).has_value());
    refused(repeated("(", 33) + "a" + repeated(")", 33), 32, "nested deeper than 32");
    CHECK(Formula::parse(repeated("-", 32) + "a").has_value());
    refused(repeated("-", 33) + "a", 32, "nested deeper");
    CHECK(Formula::parse(repeated("not ", 32) + "a").has_value());
    refused(repeated("not ", 33) + "a", 128, "nested deeper");
    CHECK(Formula::parse(repeated("abs(", 32) + "a" + repeated(")", 32)).has_value());
    refused(repeated("abs(", 33) + "a" + repeated(")", 33), 131, "nested deeper");
    refused(repeated("(", 4000), 32, "nested deeper");
}

TEST_CASE("formula: leaving a nest gives its depth back", "[unit]") {
    CHECK(Formula::parse(repeated("(-(a)) + ", 50) + "increase(b, 1m) + not_a").has_value());
    CHECK(Formula::parse(repeated("max(a, 1m) + ", 80) + "1").has_value());
}

TEST_CASE("formula: at most 256 parts", "[unit]") {
    CHECK(Formula::parse("1" + repeated("+1", 127)).has_value());   // 255
    CHECK(Formula::parse("-1" + repeated("+1", 127)).has_value());  // 256
    CHECK_FALSE(Formula::parse("--1" + repeated("+1", 127)).has_value());
    refused("1" + repeated("+1", 128), 255, "more than 256 parts");
}

TEST_CASE("formula: at most 64 inputs", "[unit]") {
    const auto text = [](int count) {
        std::string all = "m0";
        for (int i = 1; i < count; ++i) {
            all += "+m" + std::to_string(i);
        }
        return all;
    };
    CHECK(parsed(text(64)).inputs().size() == 64);
    refused(text(65), text(64).size() + 1, "more than 64 different");
}

TEST_CASE("formula: at most 16 aggregates", "[unit]") {
    CHECK(parsed("sum(a)" + repeated("+sum(a)", 15)).aggregates() == 16);
    refused("sum(a)" + repeated("+sum(a)", 16), 6 + 15 * 7 + 1, "more than 16 aggregates");
}

TEST_CASE("formula: any text ends in a formula or in an error inside the text", "[unit]") {
    static constexpr std::string_view pieces[] = {"a",    "offered", "10m",    "1.5", "(",    ")",     ",",  "+",   "-",
                                                  "*",    "/",       "<",      ">=",  "==",   "and",   "or", "not", "sum(",
                                                  "max(", " ",       "e5",     "=",   "min(", "rate(", "1h", "%",   "（",
                                                  "\xFF", "clamp(",  "count(", "0x1", "A",    "."};
    std::mt19937 random(31);
    int good = 0;
    for (int round = 0; round < 30000; ++round) {
        std::string text;
        for (auto n = random() % 12; n > 0; --n) {
            text += pieces[random() % std::size(pieces)];
        }
        const auto formula = Formula::parse(text);
        CAPTURE(text);
        if (formula) {
            ++good;
            continue;
        }
        if (formula.error().offset > text.size() || formula.error().message.empty()) {
            FAIL("a bad error");
        }
    }
    CHECK(good > 500);
}
