// Formulas: values. NaN is "unknown" all the way.
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/allocations.hpp"
#include "core/series/formula.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double value(std::string_view text, const std::vector<double>& inputs = {}) {
    const auto formula = Formula::parse(text);
    CAPTURE(text);
    REQUIRE(formula.has_value());
    REQUIRE(formula->inputs().size() == inputs.size());
    return formula->evaluate(inputs);
}

double grouped(std::string_view text, const std::vector<std::vector<double>>& members) {
    const auto formula = Formula::parse(text);
    REQUIRE(formula.has_value());
    std::vector<AggregateCell> cells(formula->aggregates(), AggregateCell{99, 99});
    formula->begin(cells);
    for (const auto& member : members) {
        formula->add_member(member, cells);
    }
    return formula->finish(cells);
}
}  // namespace

TEST_CASE("formula value: operators bind as in arithmetic", "[unit]") {
    CHECK(value("1 + 2 * 3") == 7);
    CHECK(value("(1 + 2) * 3") == 9);
    CHECK(value("10 - 4 - 3") == 3);
    CHECK(value("16 / 4 / 2") == 2);
    CHECK(value("-2 * 3") == -6);
    CHECK(value("2 - -3") == 5);
    CHECK(value("1 + 2 < 4") == 1);
    CHECK(value("not 1 > 2") == 1);
    CHECK(value("0 and 0 or 1") == 1);
    CHECK(value("1 or 0 and 0") == 1);
    CHECK(value("not 0 and 0") == 0);
    CHECK(value("1.5e1 + .5") == 15.5);
}

TEST_CASE("formula value: comparisons say 1 or 0 on both sides of their edge", "[unit]") {
    CHECK(value("19 >= 20") == 0);
    CHECK(value("20 >= 20") == 1);
    CHECK(value("20 > 20") == 0);
    CHECK(value("20 <= 20") == 1);
    CHECK(value("20 < 20") == 0);
    CHECK(value("20 == 20") == 1);
    CHECK(value("20 != 20") == 0);
    CHECK(value("3 and -2") == 1);
}

TEST_CASE("formula value: functions of numbers", "[unit]") {
    CHECK(value("clamp(5, 1, 3)") == 3);
    CHECK(value("clamp(0, 1, 3)") == 1);
    CHECK(value("clamp(2, 1, 3)") == 2);
    CHECK(std::isnan(value("clamp(2, 3, 1)")));
    CHECK(value("abs(-2.5)") == 2.5);
    CHECK(value("ceil(1.2) + floor(1.8)") == 3);
    CHECK(value("sqrt(16) + sqrt(0)") == 4);
    CHECK(std::isnan(value("sqrt(0 - 1)")));
    CHECK(value("min(3, 1, 2)") == 1);
    CHECK(value("max(3, 1, 2)") == 3);
    CHECK(value("max(max(1, 2), min(5, 4))") == 4);
}

TEST_CASE("formula value: inputs are taken by their number", "[unit]") {
    CHECK(value("calls_waiting / agents_available", {42, 12}) == 3.5);
    CHECK(value("a - b - a", {5, 2}) == -2);
    CHECK(value("increase(answered, 10m) / increase(offered, 10m)", {81, 90}) == Approx(0.9));
}

TEST_CASE("formula value: a quotient by zero is unknown, never infinite", "[unit]") {
    CHECK(std::isnan(value("calls_waiting / agents_available", {42, 0})));
    CHECK(std::isnan(value("0 / 0")));
    CHECK(std::isnan(value("1 / -0")));
    CHECK(std::isnan(value("1e308 * 10")));
    CHECK(std::isnan(value("a", {std::numeric_limits<double>::infinity()})));
}

TEST_CASE("formula value: unknown is contagious", "[unit]") {
    for (const char* text : {"a + 1", "a * 0", "-a", "a < 1", "a == a", "a != a", "not a", "abs(a)", "min(a, 1)", "max(1, a)",
                             "clamp(1, a, 2)", "clamp(a, 1, 2)", "clamp(1, 0, a)", "ceil(a)", "a / 0"}) {
        CAPTURE(text);
        CHECK(std::isnan(value(text, {unknown})));
    }
}

TEST_CASE("formula value: a known side may decide or and and", "[unit]") {
    CHECK(value("a or 1", {unknown}) == 1);
    CHECK(value("1 or a", {unknown}) == 1);
    CHECK(std::isnan(value("a or 0", {unknown})));
    CHECK(std::isnan(value("0 or a", {unknown})));
    CHECK(value("a and 0", {unknown}) == 0);
    CHECK(value("0 and a", {unknown}) == 0);
    CHECK(std::isnan(value("a and 1", {unknown})));
    CHECK(std::isnan(value("1 and a", {unknown})));
    CHECK(std::isnan(value("a or b", {unknown, unknown})));
}

TEST_CASE("formula value: over queues unknown members are left out", "[unit]") {
    CHECK(grouped("sum(a)", {{1}, {unknown}, {3}}) == 4);
    CHECK(grouped("avg(a)", {{1}, {unknown}, {3}}) == 2);
    CHECK(grouped("min(a)", {{4}, {unknown}, {3}}) == 3);
    CHECK(grouped("max(a)", {{unknown}, {-4}, {-3}}) == -3);
    CHECK(grouped("count(a)", {{unknown}, {0}, {3}}) == 2);
    CHECK(grouped("sum(a > 2)", {{unknown}, {0}, {3}}) == 1);
}

TEST_CASE("formula value: no known member is unknown", "[unit]") {
    for (const char* text : {"sum(a)", "avg(a)", "min(a)", "max(a)", "count(a)"}) {
        CAPTURE(text);
        CHECK(std::isnan(grouped(text, {})));
        CHECK(std::isnan(grouped(text, {{unknown}, {unknown}})));
        CHECK_FALSE(std::isnan(grouped(text, {{unknown}, {0}})));
    }
}

TEST_CASE("formula value: a centre's connection rate is the ratio of sums, not the mean of ratios", "[unit]") {
    const auto* text = "sum(increase(answered,10m)) / sum(increase(offered,10m))";
    CHECK(grouped(text, {{90, 100}, {0, 1}}) == Approx(90.0 / 101.0));
    CHECK(grouped(text, {{90, 100}, {unknown, unknown}}) == Approx(0.9));
    CHECK(std::isnan(grouped(text, {{0, 0}})));
}

TEST_CASE("formula value: aggregates of expressions, and expressions of aggregates", "[unit]") {
    CHECK(grouped("max(a * 2 + b)", {{1, 1}, {2, 0}}) == 4);
    CHECK(grouped("max(sum(a), sum(b)) - 1", {{1, 5}, {2, 0}}) == 4);
    CHECK(grouped("sum(a) > 2 and count(a) >= 2", {{1}, {2}}) == 1);
    CHECK(std::isnan(grouped("sum(a * 1e308)", {{1}, {1}})));
    CHECK(std::isnan(grouped("sum(a) / b", {{1, 2}})));  // mixed: refused by the checker, unknown here
}

TEST_CASE("formula value: a default formula is unknown", "[unit]") {
    const Formula none;
    CHECK(std::isnan(none.evaluate({})));
    CHECK(std::isnan(none.finish({})));
}

TEST_CASE("formula value: the deepest stack that parses is evaluated", "[unit]") {
    std::string text = "1";
    for (int i = 0; i < 31; ++i) {
        text = "0 or 1 and 0 < 1 + 1 * (" + text + ")";
    }
    REQUIRE_FALSE(Formula::parse(text).has_value());  // too many parts
    text = "1";
    for (int i = 0; i < 25; ++i) {
        text = "0 or 1 and 0 < 1 + 1 * (" + text + ")";
    }
    CHECK(value(text) == 1);
}

TEST_CASE("formula value: evaluation takes nothing from the heap", "[unit]") {
    const auto queue = Formula::parse("increase(answered, 10m) / increase(offered, 10m) > 0.8 or max(a, b, c) < 3");
    const auto group = Formula::parse("sum(a) / max(1, count(b)) + avg(a - b)");
    REQUIRE(queue.has_value());
    REQUIRE(group.has_value());
    const std::array<double, 5> inputs{1, 2, 3, 4, 5};
    std::array<AggregateCell, 3> cells{};
    double total = 0;

    const auto before = test::allocations();
    for (int i = 0; i < 1000; ++i) {
        total += queue->evaluate(inputs);
        group->begin(cells);
        group->add_member({inputs.data(), 2}, cells);
        group->add_member({inputs.data() + 2, 2}, cells);
        total += group->finish(cells);
    }
    const auto after = test::allocations();

    CHECK(after == before);
    CHECK(total > 0);
}

namespace {
/// A random expression as text and, beside it, its value by plain recursion over optionals.
struct Known {
    bool known = false;
    double x = 0;
};

class Expressions {
public:
    explicit Expressions(std::uint32_t seed) : random_(seed) {}

    std::vector<Known> inputs{{true, 3}, {false, 0}, {true, -2}, {true, 0}};

    std::pair<std::string, Known> make(int depth) {
        if (depth == 0 || random_() % 6 == 0) {
            return leaf();
        }
        if (random_() % 6 == 0) {
            const auto [text, x] = make(depth - 1);
            return random_() % 2 == 0 ? std::pair("(-" + text + ")", Known{x.known, -x.x})
                                      : std::pair("(not " + text + ")", Known{x.known, x.x == 0 ? 1.0 : 0.0});
        }
        const auto [left, a] = make(depth - 1);
        const auto [right, b] = make(depth - 1);
        static constexpr const char* names[] = {"+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or"};
        const auto kind = random_() % 14;
        if (kind >= 12) {
            const bool max = kind == 13;
            return {(max ? "max(" : "min(") + left + ", " + right + ")",
                    Known{a.known && b.known, max ? std::max(a.x, b.x) : std::min(a.x, b.x)}};
        }
        return {"(" + left + " " + names[kind] + " " + right + ")", combine(kind, a, b)};
    }

private:
    std::pair<std::string, Known> leaf() {
        const auto i = random_() % 6;
        if (i < 4) {
            return {"m" + std::to_string(i), inputs[i]};
        }
        const int number = static_cast<int>(random_() % 5);
        return {std::to_string(number), Known{true, static_cast<double>(number)}};
    }

    static Known combine(std::uint_fast32_t kind, Known a, Known b) {
        if (kind == 10) {
            if ((a.known && a.x == 0) || (b.known && b.x == 0)) {
                return {true, 0};
            }
            return {a.known && b.known, 1};
        }
        if (kind == 11) {
            if ((a.known && a.x != 0) || (b.known && b.x != 0)) {
                return {true, 1};
            }
            return {a.known && b.known, 0};
        }
        if (!a.known || !b.known || (kind == 3 && b.x == 0)) {
            return {false, 0};
        }
        switch (kind) {
            case 0: return {true, a.x + b.x};
            case 1: return {true, a.x - b.x};
            case 2: return {true, a.x * b.x};
            case 3: return {true, a.x / b.x};
            case 4: return {true, a.x < b.x ? 1.0 : 0.0};
            case 5: return {true, a.x <= b.x ? 1.0 : 0.0};
            case 6: return {true, a.x > b.x ? 1.0 : 0.0};
            case 7: return {true, a.x >= b.x ? 1.0 : 0.0};
            case 8: return {true, a.x == b.x ? 1.0 : 0.0};
            default: return {true, a.x != b.x ? 1.0 : 0.0};
        }
    }

    std::mt19937 random_;
};
}  // namespace

TEST_CASE("formula value: random expressions agree with plain recursion", "[unit]") {
    Expressions expressions(20260731);
    int known = 0;
    for (int round = 0; round < 20000; ++round) {
        const auto [text, expected] = expressions.make(5);
        const auto formula = Formula::parse(text);
        CAPTURE(text);
        REQUIRE(formula.has_value());
        std::vector<double> inputs;
        for (const auto& input : formula->inputs()) {
            const auto& x = expressions.inputs[static_cast<std::size_t>(input.metric[1] - '0')];
            inputs.push_back(x.known ? x.x : unknown);
        }
        const double got = formula->evaluate(inputs);
        if (expected.known ? got != expected.x : !std::isnan(got)) {
            FAIL("got " << got << ", expected " << expected.x << (expected.known ? "" : " unknown"));
        }
        known += expected.known ? 1 : 0;
    }
    CHECK(known > 5000);
    CHECK(known < 19000);
}

TEST_CASE("formula value: default() is what an unknown is, and what stands in it is not needed", "[unit]") {
    CHECK(value("default(a, 7)", {3}) == 3);
    CHECK(value("default(a, 7)", {unknown}) == 7);
    CHECK(value("default(a / b, b)", {1, 0}) == 0);
    CHECK(std::isnan(value("default(a, b)", {unknown, unknown})));
    const auto formula = Formula::parse("default(increase(timeouts, 10m), 0) + default(a, b) + default(offered, 1) * offered");
    REQUIRE(formula);
    CHECK_FALSE(formula->needs(0));
    CHECK_FALSE(formula->needs(1));
    CHECK_FALSE(formula->needs(2));
    CHECK(formula->needs(3));  // it stands outside as well
    CHECK_FALSE(Formula::parse("default(a)"));
    CHECK_FALSE(Formula::parse("default(a, 1, 2)"));
}

TEST_CASE("formula value: an increase with an offset is that of an earlier window", "[unit]") {
    const auto formula = Formula::parse("increase(requested, 4h) offset 30m");
    REQUIRE(formula);
    REQUIRE(formula->inputs().size() == 2);
    CHECK(formula->inputs()[0].window == std::chrono::minutes(270));
    CHECK(formula->inputs()[1].window == std::chrono::minutes(30));
    CHECK(formula->evaluate(std::vector<double>{50, 20}) == 30);
    CHECK(formula->evaluate(std::vector<double>{20, 20.001}) == 0);
    CHECK(grouped("sum(increase(a, 1h) offset 10m)", {{5, 1}, {7, 2}}) == 9);
    for (const auto* wrong : {"avg(a, 1h) offset 10m", "increase(a, 1h) offset", "increase(a, 1h) offset 10", "a offset 10m",
                              "increase(a, 1h) offset 0s"}) {
        CAPTURE(wrong);
        CHECK_FALSE(Formula::parse(wrong));
    }
}
