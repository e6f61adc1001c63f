#include <cmath>
#include <map>

#include "core/series/formula.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
using Values = std::map<std::string, double>;

double evaluate(const std::string& text, const Values& values) {
    const auto formula = Formula::parse(text);
    REQUIRE(formula);
    std::vector<double> inputs;
    for (const auto& input : formula->inputs()) {
        const auto windowed = values.find(input.metric + "/" + std::to_string(input.window.count() / 1000));
        inputs.push_back(windowed != values.end() ? windowed->second : values.at(input.metric));
    }
    return formula->evaluate(inputs);
}
std::string error(const std::string& text) {
    const auto formula = Formula::parse(text);
    REQUIRE_FALSE(formula);
    return std::to_string(formula.error().offset) + ": " + formula.error().message;
}

/// Cisco reporting guide, table 3/4: 70 answered in time, 10 gave up in time, 100 offered.
const Values cisco{{"answered", 85},        {"abandoned", 15}, {"answered_in_20", 70},
                   {"abandoned_in_20", 10}, {"timeouts", 0},   {"overflow_out", 0}};
/// AnonymousBank, February 1999.
const Values bank{{"answered", 26600},       {"abandoned", 3961}, {"answered_in_20", 15694},
                  {"abandoned_in_20", 1257}, {"timeouts", 0},     {"overflow_out", 0}};
}  // namespace

TEST_CASE("service level: the published vector in its three variants", "[unit]") {
    CHECK(evaluate("sl_ignore(20s, 10m)", cisco) == Approx(0.7778).epsilon(1e-4));
    CHECK(evaluate("sl_negative(20s, 10m)", cisco) == Approx(0.70));
    CHECK(evaluate("sl_positive(20s, 10m)", cisco) == Approx(0.80));
}

TEST_CASE("service level: a month of real calls differs by eight points between the variants", "[unit]") {
    CHECK(evaluate("100 * sl_positive(20s, 10m)", bank) == Approx(55.466).epsilon(1e-5));
    CHECK(evaluate("100 * sl_answered_only(20s, 10m)", bank) == Approx(59.000).epsilon(1e-5));
    CHECK(evaluate("100 * sl_negative(20s, 10m)", bank) == Approx(51.353).epsilon(1e-5));
    CHECK(evaluate("100 * sl_ignore(20s, 10m)", bank) == Approx(53.556).epsilon(1e-5));
}

TEST_CASE("service level: without calls it is unknown, never 100 %", "[unit]") {
    const Values none{{"answered", 0},      {"abandoned", 0},     {"answered_in_20", 0}, {"abandoned_in_20", 0},
                      {"oldest_wait_s", 0}, {"calls_waiting", 0}, {"offered", 0},        {"timeouts", 0},
                      {"overflow_out", 0}};
    for (const auto* name : {"sl_positive", "sl_answered_only", "sl_negative", "sl_ignore", "sl_live"}) {
        CHECK(std::isnan(evaluate(std::string(name) + "(20s, 10m)", none)));
    }
}

TEST_CASE("live service level: whoever waits longer than the threshold is missed already", "[unit]") {
    auto now = cisco;
    now["oldest_wait_s"] = 20;  // exactly the threshold: not yet missed
    now["calls_waiting"] = 30;
    now["offered/20"] = 10;
    CHECK(evaluate("sl_live(20s, 10m)", now) == Approx(0.70));
    now["oldest_wait_s"] = 20.5;  // 30 wait, 10 came in the last 20 s: 20 wait longer
    CHECK(evaluate("sl_live(20s, 10m)", now) == Approx(70.0 / 120));
    now["offered/20"] = 40;  // at least the oldest itself
    CHECK(evaluate("sl_live(20s, 10m)", now) == Approx(70.0 / 101));
    now["oldest_wait_s"] = std::nan("");
    CHECK(std::isnan(evaluate("sl_live(20s, 10m)", now)));
}

TEST_CASE("service level: the threshold and the window choose metrics and rings", "[unit]") {
    const auto formula = Formula::parse("sl_negative(15s, 1h)");
    REQUIRE(formula);
    REQUIRE(formula->inputs().size() == 5);
    CHECK(formula->inputs()[0].metric == "answered_in_15");
    CHECK(formula->needs(1));
    CHECK_FALSE(formula->needs(3));  // timeouts
    CHECK(formula->inputs()[0].window == 1h);
    CHECK(formula->text() == "sl_negative(15s, 1h)");
}

TEST_CASE("burn: both windows must burn", "[unit]") {
    Values now{{"answered/300", 60},   {"abandoned/300", 40},   {"answered_in_20/300", 40},
               {"answered/3600", 900}, {"abandoned/3600", 100}, {"answered_in_20/3600", 700},
               {"timeouts", 0},        {"overflow_out", 0}};
    CHECK(evaluate("sl_burn(20s, 80, 5m, 1h)", now) == Approx(0.3 / 0.2));  // 60 % missed now, 30 % in the hour
    now["answered_in_20/3600"] = 900;                                       // a bad minute after a good hour
    CHECK(evaluate("sl_burn(20s, 80, 5m, 1h)", now) == Approx(0.1 / 0.2));
    now["answered_in_20/3600"] = 500;
    now["answered_in_20/300"] = 100;  // a bad hour that is over
    CHECK(evaluate("sl_burn(20s, 80, 5m, 1h)", now) == Approx(0));
    now["answered/300"] = now["abandoned/300"] = 0;
    CHECK(std::isnan(evaluate("sl_burn(20s, 80, 5m, 1h)", now)));
}

TEST_CASE("service level: stands inside a formula like any value, and its tail is not swallowed", "[unit]") {
    CHECK(evaluate("1 - sl_negative(20s, 10m) * 2", cisco) == Approx(-0.4));
    CHECK(evaluate("max(sl_negative(20s, 10m), sl_positive(20s, 10m)) > 0.75", cisco) == 1);
}

TEST_CASE("service level: wrong arguments are shown where they are", "[unit]") {
    CHECK(error("sl_negative(20, 10m)") ==
          "12: expected a time with a unit before \"20\": sl_negative(20s, 10m): within 20 s, over 10 min");
    CHECK(error("sl_negative(20s)").substr(0, 4) == "15: ");
    CHECK(error("sl_negative(1500ms, 10m)").substr(0, 20) == "12: the time to answ");
    CHECK(error("sl_burn(20s, 100, 5m, 1h)").substr(0, 17) == "13: the target is");
    CHECK(error("sl_burn(20s, 80, 1h, 5m)").find("the second window is the longer one") != std::string::npos);
    CHECK(error("sl_negativ(20s, 10m)").find("did you mean \"sl_negative\"?") != std::string::npos);
    std::string many = "sl_live(1s, 10m)";
    for (int i = 2; i < 60; ++i) {
        many += " + sl_live(" + std::to_string(i) + "s, 10m)";
    }
    CHECK_FALSE(Formula::parse(many));
}

TEST_CASE("outcomes: calls that timed out or overflowed ended, too, and who sends none of these has none", "[unit]") {
    auto now = cisco;
    now["timeouts"] = 20;
    now["overflow_out"] = 5;
    CHECK(evaluate("outcomes(10m)", now) == 125);
    CHECK(evaluate("sl_negative(20s, 10m)", now) == Approx(70.0 / 125));
    for (const auto* name : {"abandoned", "timeouts", "overflow_out"}) {
        now[name] = std::nan("");
    }
    CHECK(evaluate("increase(answered, 10m) / outcomes(10m)", now) == 1);
    now["answered"] = std::nan("");
    CHECK(std::isnan(evaluate("outcomes(10m)", now)));
    CHECK(error("outcomes(20s, 10m)") == "12: expected \")\" before \",\"");
}

TEST_CASE("a burst of 100: ten minutes later the rates are of what ended, not of what came", "[unit]") {
    // An Asterisk's own counts 612 s after the first of 100 callers in 10 s: 75 came in the last 10 min, 142 were answered, 23 gave up.
    const Values later{{"offered", 75}, {"answered", 142}, {"abandoned", 23}, {"timeouts", 0}, {"overflow_out", 0}};
    CHECK(evaluate("increase(answered, 10m) / max(increase(offered, 10m), outcomes(10m))", later) == Approx(142.0 / 165));
    CHECK(evaluate("increase(abandoned, 10m) / outcomes(10m)", later) == Approx(23.0 / 165));
}
