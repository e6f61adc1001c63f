// Alerts that change too often: when they flap, when they have settled, and what a restart or reload keeps.
#include <cstdint>

#include "kind_rig.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
RuleSpec nervous() {
    auto spec =
        rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30)), level(Level::red, above(100), below(80))});
    spec.flap = {4, 1200s};  // settled after 300 s
    return spec;
}
Plan nervous_plan(RuleSpec spec = nervous()) {
    auto plan = plan_of({std::move(spec)});
    plan.stale_after = 120s;
    return plan;
}
void flap(Rig& rig, int edges, double& s) {
    for (int i = 0; i < edges; ++i, s += 60) {
        rig.send(s, {{"oldest_wait_s", i % 2 == 0 ? 50 : 10}});
    }
}
/// Keeps the feed alive at one value.
void hold(Rig& rig, double& s, double to, double value) {
    for (; s < to; s += 10) {
        rig.send(s, {{"oldest_wait_s", value}});
    }
}
}  // namespace

TEST_CASE("flapping: more edges than allowed in the window, not as many", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 4, s);
    REQUIRE(rig.edges.size() == 4);
    CHECK_FALSE(rig.edges.back().flapping);
    rig.send(s, {{"oldest_wait_s", 50}});
    REQUIRE(rig.edges.size() == 5);
    CHECK(rig.edges.back().flapping);
    CHECK(rig.edges.back().to == AlertState::firing);
}

TEST_CASE("flapping: edges that are spread over more than the window are no flapping", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    for (int i = 0; i < 12; ++i) {
        rig.send(s, {{"oldest_wait_s", i % 2 == 0 ? 50 : 10}});
        hold(rig, s, s + 300, i % 2 == 0 ? 50 : 10);
    }
    for (const auto& edge : rig.edges) {
        CHECK_FALSE(edge.flapping);
    }
}

TEST_CASE("flapping: when it has settled one edge says where, firing or not", "[unit]") {
    for (const double value : {50.0, 10.0}) {
        Rig rig(nervous_plan());
        double s = 0;
        flap(rig, 6, s);  // ends at rest, 60 s ago
        hold(rig, s, s + 20, value);
        const auto before = rig.edges.size();
        const auto last = rig.edges.back().at;
        hold(rig, s, s + 400, value);
        REQUIRE(rig.edges.size() == before + 1);
        CHECK_FALSE(rig.edges.back().flapping);
        CHECK(rig.edges.back().evidence == "settled after flapping");
        CHECK(rig.edges.back().to == (value > 40 ? AlertState::firing : AlertState::ok));
        CHECK(rig.edges.back().at == last + 300s);
    }
}

TEST_CASE("flapping: a silent feed settles nothing (D1)", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 6, s);
    const auto before = rig.edges.size();
    rig.wait(s + 3600);
    for (std::size_t i = before; i < rig.edges.size(); ++i) {
        CHECK(rig.edges[i].stale_changed);
    }
    hold(rig, s = 4200, 4600, 10);
    CHECK(rig.edges.back().evidence == "settled after flapping");
}

TEST_CASE("flapping: the flag survives a restart through the open alerts, also of an alert at rest", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 6, s);
    REQUIRE(rig.edges.back().to == AlertState::ok);
    const auto open = rig.detector.open_alerts();
    REQUIRE(open.size() == 1);
    CHECK(open.front().flapping);

    Rig next(nervous_plan());
    next.feeder = rig.feeder;
    REQUIRE(next.detector.restore(rig.detector.snapshot()));
    next.detector.reconcile(open);
    hold(next, s, s + 400, 10);
    REQUIRE(next.edges.size() == 1);
    CHECK(next.edges.back().evidence == "settled after flapping");
    CHECK(next.edges.back().to == AlertState::ok);
}

TEST_CASE("flapping: a reload keeps the flag of kept rules and ends those of changed ones", "[unit]") {
    Rig rig(nervous_plan());
    double s = 0;
    flap(rig, 6, s);
    Rig same(nervous_plan());
    same.detector.take_over(rig.detector, at_s(s));
    CHECK(same.detector.open_alerts().size() == 1);
    CHECK(same.detector.edges().empty());

    auto changed = nervous();
    changed.content = 4711;
    Rig other(nervous_plan(changed));
    other.detector.take_over(rig.detector, at_s(s));
    CHECK(other.detector.open_alerts().empty());
    REQUIRE(other.detector.edges().size() == 1);
    CHECK(other.detector.edges().front().to == AlertState::unknown);
}
