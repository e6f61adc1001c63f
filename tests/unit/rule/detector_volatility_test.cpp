// The roller-coaster: changes of direction by at least a band, on the virtual clock.
#include <utility>
#include <vector>

#include "kind_rig.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
RuleSpec coaster(double band = 0.1) {
    auto spec = rule("coaster", "connection_rate", {level(Level::yellow, above(2), below(2))}, RuleKind::volatility);
    spec.window = 1800s;
    spec.band = band;
    spec.flap.edges = 0;
    return spec;
}
}  // namespace

TEST_CASE("volatility: swings of the band count, smaller ones do not", "[unit]") {
    for (const double low : {0.80, 0.801}) {
        Rig rig(plan_of({coaster()}));
        double s = 0;
        for (int i = 0; i < 8; ++i, s += 60) {
            rig.send(s, {{"connection_rate", i % 2 == 0 ? 0.90 : low}});
        }
        CHECK(rig.edges.empty() == (low > 0.8));
    }
}

TEST_CASE("volatility: the third turn raises, and it is over when the turns have left the window", "[unit]") {
    Rig rig(plan_of({coaster()}));
    for (const auto& [s, v] : std::vector<std::pair<double, double>>{{0, 0.9}, {60, 0.7}, {120, 0.9}, {180, 0.7}}) {
        rig.send(s, {{"connection_rate", v}});
    }
    CHECK(rig.edges.empty());  // two turns
    rig.send(240, {{"connection_rate", 0.9}});
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges.back().value == 3);
    CHECK(rig.edges.back().evidence == "3 turns of 0.1 or more in the last 30m, now 0.9");
    // A turn needs both its sides in the window: 0.7 at 60 s, 0.9, 0.7, 0.9 are two turns, 0.9 at 120 s, 0.7, 0.9 are one.
    for (double s = 245; s < 1850; s += 5) {
        rig.send(s, {{"connection_rate", 0.9}});
    }
    CHECK(rig.edges.size() == 1);
    for (double s = 1850; s < 1900; s += 5) {
        rig.send(s, {{"connection_rate", 0.9}});
    }
    REQUIRE(rig.edges.size() == 2);
    CHECK(rig.edges.back().to == AlertState::ok);
}

TEST_CASE("volatility: a climb or a staircase in one direction is no roller-coaster", "[unit]") {
    Rig rig(plan_of({coaster()}));
    for (int i = 0; i < 40; ++i) {
        rig.send(i * 30, {{"connection_rate", 0.5 + 0.01 * i - (i % 2 == 0 ? 0 : 0.05)}});
    }
    CHECK(rig.edges.empty());
}

TEST_CASE("volatility: what it counted comes back from a snapshot", "[unit]") {
    Rig rig(plan_of({coaster()}));
    for (const auto& [s, v] : std::vector<std::pair<double, double>>{{0, 0.9}, {60, 0.7}, {120, 0.9}, {180, 0.7}}) {
        rig.send(s, {{"connection_rate", v}});
    }
    Rig next(plan_of({coaster()}));
    next.feeder = rig.feeder;
    REQUIRE(next.detector.restore(rig.detector.snapshot()));
    next.send(240, {{"connection_rate", 0.9}});
    REQUIRE(next.edges.size() == 1);
    CHECK(next.edges.back().value == 3);

    auto other = coaster();
    other.content = 4711;  // the rule was changed: counted anew
    Rig fresh(plan_of({other}));
    fresh.feeder = rig.feeder;
    REQUIRE(fresh.detector.restore(rig.detector.snapshot()));
    fresh.send(240, {{"connection_rate", 0.9}});
    CHECK(fresh.edges.empty());
}

TEST_CASE("volatility: equal windows count equal, whatever was before", "[unit]") {
    // Two dips of 10 min in an hour are three turns (bottom, top, bottom), with an earlier dip and without it.
    const auto value = [](double s, bool earlier) {
        const auto dip = [&](double from) { return s >= from && s < from + 600; };
        return dip(9000) || dip(10800) || (earlier && dip(1800)) ? 0.70 : 0.95;
    };
    for (const bool earlier : {false, true}) {
        CAPTURE(earlier);
        auto spec = coaster();
        spec.window = 3600s;
        spec.levels = {level(Level::yellow, above(2), below(1)), level(Level::orange, above(3), below(1))};
        Rig rig(plan_of({spec}));
        for (double s = 0; s < 15000; s += 20) {
            rig.send(s, {{"connection_rate", value(s, earlier)}});
        }
        REQUIRE(rig.edges.size() == 2);
        CHECK(rig.edges[0].level == Level::yellow);
        CHECK(rig.edges[0].value == 3);
        CHECK(to_ms(rig.edges[0].at) == epoch_ms + 11400000);  // the second dip is over
    }
}

TEST_CASE("volatility: gaps, late values and long silence neither add nor keep turns", "[unit]") {
    Rig rig(plan_of({coaster()}));
    for (const auto& [s, v] : std::vector<std::pair<double, double>>{{0, 0.9}, {60, 0.7}, {120, 0.9}, {180, 0.7}}) {
        rig.send(s, {{"connection_rate", v}});
    }
    rig.send(9000, {{"connection_rate", 0.9}});
    rig.send(9060, {{"connection_rate", 0.7}});
    rig.send(9120, {{"connection_rate", 0.9}});
    CHECK(rig.edges.empty());
}
