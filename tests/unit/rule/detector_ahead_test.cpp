// Thresholds that look ahead: the line through the last readings, and a backlog by arrivals and agents.
#include <string>

#include "kind_rig.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
RuleSpec soon(const std::string& metric = "calls_waiting") {
    auto spec = rule("soon", metric, {level(Level::yellow, above(100), below(80))});
    spec.ahead = 300s;
    spec.slope_window = 600s;
    spec.flap.edges = 0;
    return spec;
}
}  // namespace

TEST_CASE("ahead: a steady rise is seen before it arrives, and the evidence says when", "[unit]") {
    Rig rig(plan_of({soon()}));
    double s = 0;
    for (; s < 600; s += 5) {
        rig.send(s, {{"calls_waiting", 10}});
    }
    for (; rig.edges.empty() && s < 1800; s += 5) {
        rig.send(s, {{"calls_waiting", 10 + (s - 600) / 5}});  // 12 a minute: 100 at 1050 s
    }
    REQUIRE(rig.edges.size() == 1);
    CHECK(s > 800);
    CHECK(s < 1000);
    CHECK(rig.edges.back().value > 100);
    CHECK(rig.edges.back().evidence.find("rising ") != std::string::npos);
    CHECK(rig.edges.back().evidence.find(": passes 100 in ") != std::string::npos);
}

TEST_CASE("ahead: both sides of the limit on an exact line", "[unit]") {
    for (const double top : {100.0, 101.0}) {
        Rig rig(plan_of({soon("foreseen")}));
        for (double s = 0; s <= 600; s += 5) {  // reaches `top` 300 s after the last reading
            rig.send(s, {{"foreseen", top - (900 - s) * 0.1}});
        }
        CHECK(rig.edges.empty() == (top <= 100));
    }
}

TEST_CASE("ahead: half a window and five points are needed; until then nothing is known", "[unit]") {
    Rig rig(plan_of({soon()}));
    for (double s = 0; s < 300; s += 5) {
        rig.send(s, {{"calls_waiting", s}});
    }
    CHECK(rig.edges.empty());
    rig.send(305, {{"calls_waiting", 305}});
    CHECK(rig.edges.size() == 1);

    Rig sparse(plan_of({soon()}));
    for (double s = 0; s < 401; s += 100) {  // five readings
        CHECK(sparse.edges.empty());
        sparse.send(s, {{"calls_waiting", s}});
    }
    CHECK(sparse.edges.size() == 1);
}

TEST_CASE("ahead: wild readings do not bend the line", "[unit]") {
    Rig rig(plan_of({soon()}));
    for (double s = 0; s < 1800; s += 5) {
        const bool wild = static_cast<int>(s / 5) % 5 == 0;
        rig.send(s, {{"calls_waiting", wild ? 400 : 10}});
        rig.send(s + 1, {{"agents_aux", 1}});
    }
    // Cells of 10 s mix two readings: two of five cells are wild.
    CHECK(rig.edges.empty());
}

TEST_CASE("ahead: with staffing known a backlog is foreseen from arrivals and agents", "[unit]") {
    auto queue = soon();
    queue.levels = {level(Level::yellow, above(10), below(8))};
    Rig rig(plan_of({short_rule(1000, 2000), queue}));
    Centre centre;  // 3.33 calls a minute, 14 agents of 3 min: 4.67 a minute are answered
    centre.run(rig, 0, 900);
    CHECK(rig.edges.empty());
    centre.on_call = 4;
    centre.available = 0;  // 1.33 a minute are answered: +2 a minute, 10 in five
    centre.waiting = 0.01;
    centre.run(rig, 900, 920);
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges.back().rule == "soon");
    CHECK(rig.edges.back().evidence == "0 now, rising 2 a minute by arrivals and agents: passes 10 in 5 min");
}
