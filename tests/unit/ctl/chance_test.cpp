// What chance alone makes of a rule of kind rate_of_change.
#include "ctl/chance.hpp"

#include "config/settings.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
LoadedConfig with(const std::string& more) {
    return parse_config("t", "[[rule]]\nid = \"surge\"\nkind = \"rate_of_change\"\nmetric = \"offered\"\nfloor = \"10 calls\"\n" + more +
                                 "yellow = { raise = \"> +30%\", clear = \"< +15%\", raise_after = \"20s\" }\n");
}
double a_day(const std::string& more, double calls_per_h) {
    return false_alarms_a_day(with(more).plan->rules[0], calls_per_h);
}
}  // namespace

// Measured apart with the real engine on a simulated centre, ten days: 0, 0.4, 9.8, 41 and 1.4 a day at 60 to 4,000 calls an hour.
TEST_CASE("chance: +30 % is quiet in small and large queues, and raised all day in between") {
    CHECK(a_day("", 60) < 0.2);
    CHECK(a_day("", 400) > 5);
    CHECK(a_day("", 400) < 20);
    CHECK(a_day("", 1200) > 25);
    CHECK(a_day("", 1200) < 80);
    CHECK(a_day("", 4000) < 5);
}

TEST_CASE("chance: with a surprise of four the same limits are quiet at any size") {
    for (const double calls : {60.0, 200.0, 400.0, 1200.0, 4000.0}) {
        CAPTURE(calls);
        CHECK(a_day("surprise = 4\n", calls) <= 0.2);
    }
}

TEST_CASE("chance: the report names rule, queue, its calls, and what surprise would make of it; a quiet rule is not in it") {
    const auto config = with("");
    const Volume busy{{"jinan", "general", "voice"}, "offered", std::vector<double>(24, 1200.0), "its profile"};
    const Volume quiet{{"jinan", "english", "voice"}, "offered", std::vector<double>(24, 20.0), "its profile"};
    const Volume other{{"jinan", "general", "voice"}, "abandoned", std::vector<double>(24, 1200.0), "its profile"};
    const auto report = chance_report(*config.plan, {busy, quiet, other});
    REQUIRE(report.size() == 1);
    INFO(report[0]);
    CHECK(report[0].find("surge on jinan/general: about 1200 calls an hour at the busiest (its profile): chance alone raises it ") == 0);
    CHECK(report[0].find(" times a day; with surprise = 4 0") != std::string::npos);
    CHECK(chance_report(*with("surprise = 4\n").plan, {busy, quiet, other}).empty());
}
