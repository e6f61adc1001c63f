// How an alert stands when somebody looks: now, and the worst since it began, whatever its edges said and when.
#include <cmath>

#include "core/base/bytes.hpp"
#include "kind_rig.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const QueueKey general{"jinan", "general", "voice"};

Plan waits(Span clear_after = 60s, Span raise_after = Span{0}) {
    return plan_of({rule("wait", "oldest_wait_s",
                         {level(Level::yellow, above(40), below(30), raise_after, clear_after),
                          level(Level::red, above(100), below(80), raise_after, clear_after)})});
}
AlertReading read(const Rig& rig, double s, const std::string& id = "wait") {
    return rig.detector.reading(id, general, at_s(s).at);
}
}  // namespace

TEST_CASE("reading: the value is of now while the last edge is history, and the worst has its time", "[unit]") {
    Rig rig(waits());
    rig.send(0, {{"oldest_wait_s", 10}});
    rig.send(5, {{"oldest_wait_s", 120}});
    rig.send(10, {{"oldest_wait_s", 1520}});
    rig.send(15, {{"oldest_wait_s", 1519}});
    rig.send(20, {{"oldest_wait_s", 92}});
    CHECK(rig.edges.back().value == 120);
    const auto now = read(rig, 21);
    CHECK(now.known);
    CHECK(now.value == 92);
    CHECK(now.seen == at_s(20).at);
    CHECK_FALSE(now.stale);
    CHECK(now.worst == 1520);
    CHECK(now.worst_at == at_s(10).at);
    // What comes down and goes up again, and not as far: the worst stays, and is told with its own time.
    rig.send(25, {{"oldest_wait_s", 5}});
    rig.send(30, {{"oldest_wait_s", 1520}});
    CHECK(read(rig, 30).value == 1520);
    CHECK(read(rig, 30).worst_at == at_s(10).at);
    rig.send(35, {{"oldest_wait_s", 1521}});
    CHECK(read(rig, 35).worst == 1521);
}

TEST_CASE("reading: a new alert has a worst of its own", "[unit]") {
    Rig rig(waits(Span{0}));
    rig.send(0, {{"oldest_wait_s", 900}});
    rig.send(5, {{"oldest_wait_s", 1}});
    CHECK(std::isnan(read(rig, 5).worst));
    rig.send(10, {{"oldest_wait_s", 50}});
    CHECK(read(rig, 10).worst == 50);
}

TEST_CASE("reading: for a limit from below the lowest is the worst", "[unit]") {
    Rig rig(plan_of({rule("rate", "share", {level(Level::yellow, below(0.8), above(0.9), Span{0}, 60s)})}));
    for (const auto& [s, v] : std::vector<std::pair<double, double>>{{0, 1.0}, {5, 0.7}, {10, 0.3}, {15, 0.75}, {20, 0.95}}) {
        rig.send(s, {{"share", v}});
    }
    CHECK(read(rig, 20, "rate").value == 0.95);
    CHECK(read(rig, 20, "rate").worst == 0.3);
    CHECK(read(rig, 20, "rate").worst_at == at_s(10).at);
}

TEST_CASE("reading: the edge at the end of a hold has the value of that moment", "[unit]") {
    Rig rig(waits(60s, 10s));
    rig.send(0, {{"oldest_wait_s", 10}});
    rig.send(5, {{"oldest_wait_s", 45}});
    rig.send(10, {{"oldest_wait_s", 70}});
    rig.wait(15);
    REQUIRE(rig.edges.back().to == AlertState::firing);
    CHECK(rig.edges.back().value == 70);
}

TEST_CASE("reading: without data it is what was last known, and says so; of one metric too", "[unit]") {
    auto plan = waits();
    plan.stale_after = 30s;
    Rig rig(std::move(plan));
    rig.send(0, {{"oldest_wait_s", 120}, {"calls_waiting", 3}});
    CHECK_FALSE(read(rig, 29).stale);
    rig.wait(31);
    CHECK(read(rig, 31).stale);
    CHECK(read(rig, 31).value == 120);
    CHECK(read(rig, 31).seen == at_s(0).at);
    for (double s = 32; s < 70; s += 5) {
        rig.send(s, {{"calls_waiting", 3}});  // the feed speaks again, and not of this
    }
    CHECK(read(rig, 68).stale);
    CHECK(read(rig, 68).seen == at_s(0).at);
    rig.send(70, {{"oldest_wait_s", 110}});
    CHECK_FALSE(read(rig, 70).stale);
    CHECK(read(rig, 70).value == 110);
}

TEST_CASE("reading: the worst survives a restart, with its time", "[unit]") {
    Rig rig(waits());
    rig.send(0, {{"oldest_wait_s", 120}});
    rig.send(5, {{"oldest_wait_s", 1520}});
    rig.send(10, {{"oldest_wait_s", 200}});
    const auto bytes = rig.detector.snapshot();
    const auto open = rig.detector.open_alerts();
    Rig next(waits());
    REQUIRE(next.detector.restore(bytes));
    next.detector.reconcile(open);
    CHECK(read(next, 11).worst == 1520);
    CHECK(read(next, 11).worst_at == at_s(5).at);
    CHECK(read(next, 11).value == 200);
    next.feeder.seq = 3;
    next.send(15, {{"oldest_wait_s", 1600}});
    CHECK(read(next, 15).worst == 1600);
}

TEST_CASE("reading: of a change it is the change of now; of a silence it grows by itself", "[unit]") {
    auto silent = rule("silent", {}, {level(Level::yellow, above(60, LimitUnit::span), below(60, LimitUnit::span))}, RuleKind::absence);
    silent.feed = true;
    Rig rig(plan_of({silent}));
    rig.send(0, {{"calls_waiting", 1}});
    rig.wait(61);
    REQUIRE(rig.edges.back().to == AlertState::firing);
    CHECK(read(rig, 90, "silent").value == Approx(90));
    CHECK(read(rig, 90, "silent").worst == Approx(90));
    CHECK_FALSE(read(rig, 90, "silent").stale);
}

TEST_CASE("reading: nothing is known of a rule or queue that is not there", "[unit]") {
    Rig rig(waits());
    CHECK_FALSE(read(rig, 0).known);
    rig.send(0, {{"oldest_wait_s", 1}});
    CHECK_FALSE(read(rig, 0, "nobody").known);
    CHECK(read(rig, 0).known);
    CHECK(std::isnan(read(rig, 0).worst));
}
