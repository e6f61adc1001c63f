// What a feeder says when it does not know: -1, and what is left of it in 32 or 64 bits without a sign. And counters that are none.
#include <algorithm>
#include <cmath>

#include "kind_rig.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

Plan waits() {
    return plan_of({rule("wait", "calls_waiting", {level(Level::yellow, above(40), below(30), 0s, 0s)})},
                   {derive("calls_5m", "increase(offered, 5m)"), derive("both", "sum(calls_waiting)", {}, GroupBy::centre)});
}

const RefusalBook::Entry* told(const Rig& rig) {
    const auto& all = rig.detector.refusals().entries();
    return all.empty() ? nullptr : &all.back();
}

double value_of(const Rig& rig, const std::string& metric, const std::string& queue = "general") {
    const auto& queues = rig.detector.queues();
    const auto id = queues.find("jinan", queue, "voice");
    return queues.value(queues[id], queues[id].find(queues.metrics().find(metric)));
}

}  // namespace

TEST_CASE("not known: a negative reading of a canonical gauge makes it unknown, resolves nothing and enters no sum", "[unit]") {
    for (const double reading : {-1.0, -0.5, 4294967295.0, 18446744073709551615.0}) {
        CAPTURE(reading);
        Rig rig(waits());
        rig.send(0, {{"calls_waiting", 50}});
        REQUIRE(rig.edges.size() == 1);
        rig.send(5, {{"calls_waiting", reading}});
        CHECK(rig.edges.size() == 1);
        CHECK(std::isnan(value_of(rig, "calls_waiting")));
        CHECK_FALSE(value_of(rig, "both", "*") < 0);
        REQUIRE(told(rig) != nullptr);
        CHECK(told(rig)->note.field == "m.calls_waiting");
        CHECK(told(rig)->note.want == "0 or more; leave it out while it is not known");
        rig.send(10, {{"calls_waiting", 10}});
        CHECK(value_of(rig, "calls_waiting") == 10);
        CHECK(rig.edges.size() > 1);
    }
}

TEST_CASE("not known: nought and the largest number of 32 bits less one are readings, and so is all of a metric of somebody's own", "[unit]") {
    Rig rig(waits());
    rig.send(0, {{"calls_waiting", 0}, {"temperature", -12}, {"agents_aux", 4294967294.0}});
    CHECK(value_of(rig, "calls_waiting") == 0);
    CHECK(value_of(rig, "temperature") == -12);
    CHECK(value_of(rig, "agents_aux") == 4294967294.0);
    CHECK(told(rig) == nullptr);
}

TEST_CASE("not known: a counter of -1 or 2^64-1 is no increase, neither when it comes nor when the count is back", "[unit]") {
    for (const double reading : {-1.0, 18446744073709551615.0, 9007199254740992.0, 1180591620717411303424.0}) {
        CAPTURE(reading);
        Rig rig(waits());
        double offered = 1000;
        for (double s = 0; s < 300; s += 5) {
            rig.send(s, {{"offered", offered += 1}});
        }
        const double before = value_of(rig, "calls_5m");
        rig.send(300, {{"offered", reading}});
        CHECK(std::isnan(value_of(rig, "offered")));
        rig.send(305, {{"offered", offered += 2}});
        rig.send(310, {{"offered", offered += 1}});
        CHECK(value_of(rig, "calls_5m") <= before + 1);
        CHECK(value_of(rig, "calls_5m") > before - 6);
        REQUIRE(told(rig) != nullptr);
        CHECK(told(rig)->note.field == "m.offered");
    }
    Rig rig(waits());
    rig.send(0, {{"offered", 9007199254740990.0}});
    rig.send(5, {{"offered", 9007199254740991.0}});
    CHECK(told(rig) == nullptr);
}

TEST_CASE("counter: one that falls again and again is told as counts of an interval; restarts now and then are not", "[unit]") {
    Rig counts(waits());
    double s = 0;
    for (const double n : {12, 15, 9, 14, 11, 13, 10, 16, 8}) {
        counts.send(s += 5, {{"offered", n}});
    }
    REQUIRE(told(counts) != nullptr);
    CHECK(told(counts)->note.field == "m.offered");
    CHECK(told(counts)->note.got == "8 after 16, again and again");
    CHECK(told(counts)->note.want == "a count that only rises inside an epoch: the feeder adds up counts of an interval");

    Rig restarts(waits());
    double offered = 500;
    for (int i = 0; i < 60; ++i) {
        offered = i % 10 == 9 ? 1 : offered + 3;
        restarts.send(s += 5, {{"offered", offered}});
    }
    CHECK(told(restarts) == nullptr);
}
