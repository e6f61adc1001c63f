#include "core/rule/detector.hpp"

#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
/// A detector with its own plan and one feeder; edges are taken after each step.
struct Rig {
    explicit Rig(Plan p) : plan(std::move(p)), detector(plan) {}
    std::vector<AlertEdge> send(double s, const std::string& queue, Feeder::Values values, const std::string& centre = "jinan") {
        detector.advance(at_s(s));
        detector.ingest(feeder.message(s, queue, std::move(values), centre), at_s(s));
        return take();
    }
    std::vector<AlertEdge> wait(double s) {
        detector.advance(at_s(s));
        return take();
    }
    std::vector<AlertEdge> take() {
        auto edges = detector.edges();
        detector.clear_edges();
        return edges;
    }
    Plan plan;
    Detector detector;
    Feeder feeder;
};

RuleSpec wait_rule() {
    return rule("oldest-wait", "oldest_wait_s",
                {level(Level::yellow, above(40), below(30), 10s, 60s), level(Level::red, above(100), below(80), 0s, 0s)});
}
}  // namespace

TEST_CASE("detector: a breach goes pending, firing, clearing, ok, with its evidence") {
    Rig rig(plan_of({wait_rule()}));

    CHECK(rig.send(0, "general", {{"oldest_wait_s", 10}}).empty());
    const auto pending = rig.send(5, "general", {{"oldest_wait_s", 50}});
    REQUIRE(pending.size() == 1);
    CHECK(pending[0].to == AlertState::pending);
    CHECK(pending[0].pending == Level::yellow);
    CHECK(pending[0].limit == "> 40");
    const auto firing = rig.wait(15);
    REQUIRE(firing.size() == 1);
    CHECK(firing[0].to == AlertState::firing);
    CHECK(firing[0].level == Level::yellow);
    CHECK(firing[0].value == 50);
    CHECK(firing[0].at == at_s(15).at);
    const auto clearing = rig.send(20, "general", {{"oldest_wait_s", 3}});
    REQUIRE(clearing.size() == 1);
    CHECK(clearing[0].to == AlertState::clearing);
    CHECK(clearing[0].limit == "< 30");
    rig.send(40, "general", {{"oldest_wait_s", 3}});
    rig.send(60, "general", {{"oldest_wait_s", 3}});
    const auto ok = rig.wait(80);
    REQUIRE(ok.size() == 1);
    CHECK(ok[0].to == AlertState::ok);
}

TEST_CASE("detector: a deadline runs at its own time even when the loop comes late") {
    Rig rig(plan_of({wait_rule()}));
    rig.send(0, "general", {{"oldest_wait_s", 50}});

    const auto edges = rig.wait(25);

    REQUIRE(edges.size() == 1);
    CHECK(edges[0].at == at_s(10).at);
}

TEST_CASE("detector: a feed of one message a minute that nobody declared is not stale between two; a dead one is, also later") {
    Rig rig(plan_of({wait_rule()}));
    for (int i = 0; i < 4; ++i) {
        rig.send(i * 60, "general", {{"oldest_wait_s", 120}});
    }
    for (int i = 4; i < 30; ++i) {
        CHECK(rig.wait(i * 60 - 0.001).empty());
        CHECK(rig.send(i * 60, "general", {{"oldest_wait_s", 120}}).empty());
    }
    const double last = 29 * 60;
    const auto saved = rig.detector.snapshot();
    CHECK(rig.wait(last + 179.999).empty());
    auto edges = rig.wait(last + 180);
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].stale);

    Rig other(plan_of({wait_rule()}));  // after a restart it is known still
    REQUIRE(other.detector.restore(saved));
    CHECK(other.wait(last + 179.999).empty());
    CHECK(other.wait(last + 180).size() == 1);

    for (int i = 0; i < 10; ++i) {  // a faster feed is missed sooner
        rig.send(3000 + i * 5, "general", {{"oldest_wait_s", 120}});
    }
    rig.wait(3500);
    rig.send(3501, "general", {{"oldest_wait_s", 120}});
    CHECK(rig.wait(3530.999).empty());
    CHECK(rig.wait(3531).size() == 1);
}

TEST_CASE("detector: a declared pace is kept, and no learned silence is longer than 15 min") {
    auto plan = plan_of({wait_rule()});
    ExpectSpec expect;
    expect.centre = "jinan";
    expect.queue = "general";
    expect.every = std::chrono::seconds{5};
    plan.expects.push_back(expect);
    Rig rig(std::move(plan));
    for (int i = 0; i < 8; ++i) {
        rig.send(i * 60, "general", {{"oldest_wait_s", 120}});
    }
    CHECK(rig.wait(7 * 60 + 29.999).empty());
    CHECK(rig.wait(7 * 60 + 30).size() == 1);

    Rig slow(plan_of({wait_rule()}));
    for (int i = 0; i < 8; ++i) {
        slow.send(i * 600, "general", {{"oldest_wait_s", 120}});
    }
    CHECK(slow.wait(7 * 600 + 899.999).empty());
    CHECK(slow.wait(7 * 600 + 900).size() == 1);
}

TEST_CASE("detector: silence resolves nothing, it is a state of its own (D1)") {
    Rig rig(plan_of({wait_rule()}));
    rig.send(0, "general", {{"oldest_wait_s", 120}});
    rig.send(1, "general", {{"oldest_wait_s", 70}});  // red cleared at once, yellow raising

    auto edges = rig.wait(11);
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].to == AlertState::firing);
    rig.send(12, "general", {{"oldest_wait_s", 1}});  // clearing, would be ok at 72
    edges = rig.wait(41.999);
    CHECK(edges.empty());
    edges = rig.wait(42);
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].stale);
    CHECK(edges[0].stale_changed);
    CHECK(edges[0].to == AlertState::clearing);
    CHECK(rig.wait(5000).empty());

    edges = rig.send(5001, "general", {{"oldest_wait_s", 1}});
    REQUIRE(edges.size() == 1);
    CHECK_FALSE(edges[0].stale);
    CHECK(rig.wait(5020).empty());  // the clear hold starts anew with the first data
    rig.send(5030, "general", {{"oldest_wait_s", 1}});
    rig.send(5055, "general", {{"oldest_wait_s", 1}});
    edges = rig.wait(5061);
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].to == AlertState::ok);
}

TEST_CASE("detector: rules bind by scope, and one that binds to nothing is known") {
    auto only_qingdao = wait_rule();
    only_qingdao.scope.centre = "qing*";
    Rig rig(plan_of({only_qingdao}));

    CHECK(rig.send(0, "general", {{"oldest_wait_s", 500}}).empty());
    CHECK(rig.detector.queues().bound_of_rule()[0] == 0);
    CHECK(rig.send(1, "general", {{"oldest_wait_s", 500}}, "qingdao").size() == 1);
    CHECK(rig.detector.queues().bound_of_rule()[0] == 1);
}

TEST_CASE("detector: a metric that comes later gets its rules and keeps what was there") {
    Rig rig(plan_of({wait_rule(), rule("queue", "calls_waiting", {level(Level::red, above(5), below(2))})}));
    rig.send(0, "general", {{"oldest_wait_s", 50}});

    CHECK(rig.send(1, "general", {{"calls_waiting", 9}, {"oldest_wait_s", 50}}).size() == 1);

    const auto edges = rig.wait(10);
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].rule == "oldest-wait");
    CHECK(edges[0].to == AlertState::firing);
}

TEST_CASE("detector: series are bounded, the refusal is counted, what is there goes on") {
    auto plan = plan_of({wait_rule()});
    plan.limits.series = 3;
    Rig rig(std::move(plan));

    rig.send(0, "general", {{"oldest_wait_s", 1}, {"a", 1}, {"b", 1}});
    CHECK(rig.detector.rejected()[static_cast<std::size_t>(Refusal::series_limit)] == 0);
    rig.send(1, "general", {{"oldest_wait_s", 1}, {"c", 1}});
    CHECK(rig.detector.rejected()[static_cast<std::size_t>(Refusal::series_limit)] == 1);
    rig.send(2, "second", {{"oldest_wait_s", 1}});
    CHECK(rig.detector.rejected()[static_cast<std::size_t>(Refusal::series_limit)] == 2);
    REQUIRE(rig.detector.refusals().entries().size() == 1);
    CHECK(rig.detector.refusals().entries()[0].count == 2);
    CHECK(rig.detector.refusals().entries()[0].note.text() ==
          "queues: got new queues or metrics, wanted as many as [ingest.limits] series and queues allow");
    CHECK(rig.send(3, "general", {{"oldest_wait_s", 200}}).size() == 1);
}

TEST_CASE("detector: a repeated sequence number changes nothing") {
    Rig rig(plan_of({wait_rule()}));
    rig.send(0, "general", {{"oldest_wait_s", 1}});
    rig.feeder.seq = 0;

    CHECK(rig.send(0, "general", {{"oldest_wait_s", 500}}).empty());
    CHECK(rig.detector.rejected()[static_cast<std::size_t>(Refusal::repeat)] == 1);
}

TEST_CASE("detector: a mute window stops no state and says so on the edge") {
    auto muted = wait_rule();
    muted.mute.push_back({0x7F, 0, 1440, "UTC"});
    Rig rig(plan_of({muted}));

    const auto edges = rig.send(0, "general", {{"oldest_wait_s", 500}});

    REQUIRE(edges.size() == 1);
    CHECK(edges[0].to == AlertState::firing);
    CHECK(edges[0].muted);
}

TEST_CASE("detector: a firing alert whose mute ends is told again, unmuted") {
    auto muted = wait_rule();
    muted.mute.push_back({0x7F, 20 * 60, 20 * 60 + 30, "UTC"});  // epoch is 20:26:40 UTC
    Rig rig(plan_of({muted}));
    rig.send(0, "general", {{"oldest_wait_s", 500}});

    std::vector<AlertEdge> edges;
    for (double s = 10; s <= 300 && edges.empty(); s += 10) {
        edges = rig.send(s, "general", {{"oldest_wait_s", 500}});
        if (!edges.empty() && edges[0].level == Level::red && edges[0].muted) {
            edges.clear();
        }
    }
    REQUIRE(edges.size() == 1);
    CHECK_FALSE(edges[0].muted);
    CHECK(edges[0].at >= at_s(200).at);
}
