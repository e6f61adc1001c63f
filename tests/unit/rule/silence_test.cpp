// A metric that its feeder no longer sends while the queue goes on: gauges, counters, what is derived of them; and feeders that send
// some metrics less often than others.
#include <cmath>

#include "core/rule/live_values.hpp"
#include "core/rule/pace.hpp"
#include "kind_rig.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const QueueKey general{"jinan", "general", "voice"};

RuleSpec waits(Span raise_after = Span{0}, Span clear_after = Span{0}) {
    return rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30), raise_after, clear_after)});
}
AlertReading read(const Rig& rig, double s, const std::string& id = "wait") {
    return rig.detector.reading(id, general, at_s(s).at);
}
std::vector<AlertEdge> staleness(const Rig& rig, const std::string& id = "wait") {
    std::vector<AlertEdge> out;
    for (const auto& edge : rig.edges) {
        if (edge.stale_changed && edge.rule == id) {
            out.push_back(edge);
        }
    }
    return out;
}
double value_of(const Rig& rig, const std::string& metric) {
    const std::vector<std::string> wanted{metric};
    return DetectorValues(rig.detector).of(general, wanted)[0];
}
}  // namespace

TEST_CASE("silence: a gauge that is no longer sent is stale after 30 s while its queue goes on, and not before", "[unit]") {
    Rig rig(plan_of({waits()}));
    for (double s = 0; s <= 60; s += 5) {
        rig.send(s, {{"calls_waiting", 5}, {"oldest_wait_s", 50}});
    }
    for (double s = 65; s <= 85; s += 5) {
        rig.send(s, {{"calls_waiting", 5}});
    }
    CHECK(staleness(rig).empty());
    CHECK_FALSE(read(rig, 85).stale);
    rig.send(90, {{"calls_waiting", 5}});
    rig.send(95, {{"calls_waiting", 5}});
    REQUIRE(staleness(rig).size() == 1);
    const auto edge = staleness(rig).front();
    CHECK(edge.stale);
    CHECK(edge.to == AlertState::firing);
    CHECK(edge.evidence == "no data of oldest_wait_s");
    CHECK(edge.at >= at_s(90).at);
    CHECK(edge.at <= at_s(95).at);
    const auto now = read(rig, 95);
    CHECK(now.stale);
    CHECK(now.value == 50);  // the last that is known
    CHECK(now.seen == at_s(60).at);
    CHECK(std::isnan(value_of(rig, "oldest_wait_s")));
    CHECK(value_of(rig, "calls_waiting") == 5);

    for (double s = 100; s <= 4000; s += 5) {
        rig.send(s, {{"calls_waiting", 5}});  // for ever: it is said once, and resolves nothing
    }
    CHECK(staleness(rig).size() == 1);
    CHECK(rig.detector.open_alerts().front().stale);
    rig.send(4005, {{"calls_waiting", 5}, {"oldest_wait_s", 45}});
    REQUIRE(staleness(rig).size() == 2);
    CHECK_FALSE(staleness(rig).back().stale);
    CHECK(staleness(rig).back().evidence == "data again");
    CHECK_FALSE(read(rig, 4005).stale);
    rig.send(4010, {{"calls_waiting", 5}, {"oldest_wait_s", 20}});
    CHECK(rig.detector.open_alerts().empty());
}

TEST_CASE("silence: no hold ends on a value that is no longer sent, neither to raise nor to clear", "[unit]") {
    for (const bool raising : {true, false}) {
        Rig rig(plan_of({waits(raising ? Span{60000} : Span{0}, 60s)}));
        double s = 0;
        for (; s <= 30; s += 5) {
            rig.send(s, {{"calls_waiting", 5}, {"oldest_wait_s", raising ? 10 : 50}});
        }
        rig.send(s, {{"calls_waiting", 5}, {"oldest_wait_s", raising ? 50 : 10}});
        for (double end = s + 300; s < end; s += 5) {
            rig.send(s, {{"calls_waiting", 5}});
        }
        REQUIRE(rig.detector.open_alerts().size() == 1);
        CHECK(rig.detector.open_alerts().front().to == (raising ? AlertState::pending : AlertState::clearing));
        CHECK(rig.detector.open_alerts().front().stale);
        // Back, and still so: what was raising fires at once (it may have been so all the time), what was clearing is seen clear anew.
        rig.send(s, {{"oldest_wait_s", raising ? 50 : 10}});
        rig.wait(s + 1);
        CHECK(rig.detector.open_alerts().front().to == (raising ? AlertState::firing : AlertState::clearing));
        rig.send(s + 25, {{"oldest_wait_s", raising ? 50 : 10}});
        rig.send(s + 50, {{"oldest_wait_s", raising ? 50 : 10}});
        rig.wait(s + 61);
        CHECK(rig.detector.open_alerts().size() == (raising ? 1U : 0U));
    }
}

TEST_CASE("silence: a metric that is sent once a minute is judged by its own pace, in a queue heard every five seconds", "[unit]") {
    Rig rig(plan_of({waits()}));
    double s = 0;
    const auto run = [&](double until, double every) {
        for (; s < until; s += 5) {
            Feeder::Values values{{"calls_waiting", 5}};
            if (every > 0 && std::fmod(s, every) == 0) {
                values.emplace_back("oldest_wait_s", s < 60 ? 10 : 50);
            }
            rig.send(s, std::move(values));
        }
    };
    run(3600, 60);  // it fires at 60 s
    CHECK(rig.detector.open_alerts().size() == 1);
    CHECK(staleness(rig).empty());
    run(3660, 0);  // due at 3600, and missing
    run(3540 + 150, 0);
    CHECK(staleness(rig).empty());
    run(3540 + 200, 0);
    CHECK(staleness(rig).size() == 1);
}

TEST_CASE("silence: the first gap of a slow metric may be told once, and is learned", "[unit]") {
    Rig rig(plan_of({waits()}));
    for (double s = 0; s < 7200; s += 5) {
        Feeder::Values values{{"calls_waiting", 5}};
        if (std::fmod(s, 300) == 0) {
            values.emplace_back("oldest_wait_s", 50);
        }
        rig.send(s, std::move(values));
    }
    CHECK(staleness(rig).size() == 2);  // stale at 30 s, data again at 300 s, and no more
}

TEST_CASE("silence: a pace is learned from gaps, quickly upwards, step by step downwards, and an outage is forgotten", "[unit]") {
    SeriesPace pace;
    CHECK(pace.limit(30s) == 30s);
    pace.learn(5);
    CHECK(pace.limit(30s) == 30s);
    CHECK(pace.limit(10s) == 15s);
    pace.learn(3600);
    CHECK(pace.limit(30s) > 60s);
    CHECK(pace.limit(30s) < 1200s);
    for (int i = 0; i < 60; ++i) {
        pace.learn(5);
    }
    CHECK(pace.limit(10s) == 15s);
    SeriesPace hourly;
    hourly.learn(3600);
    CHECK(hourly.limit(30s) >= 8000s);
    CHECK(hourly.limit(30s) <= 10800s);
    for (unsigned gap : {0U, 1U, 2U, 3U, 4U, 59U, 60U, 49999U, 65000U, 0xFFFFFFFFU}) {
        SeriesPace one;
        one.learn(gap);
        CHECK(one.limit(1s) >= 1s);
        CHECK(one.limit(1s) <= 50000s);
        one.set_silent(true);
        CHECK(one.silent());
        CHECK(SeriesPace(one.bits()).limit(1s) == one.limit(1s));
        one.learn(5);
        CHECK(one.silent());
    }
    // Arrival as two bytes: over their end, and within a second.
    for (const double s : {0.0, 65535.0, 65536.0, 1e6 + 0.5}) {
        CHECK(quiet_for(heard_at(at_s(s).at), at_s(s).at) == 0);
        CHECK(quiet_for(heard_at(at_s(s).at), at_s(s + 30).at) >= 29);
        CHECK(quiet_for(heard_at(at_s(s).at), at_s(s + 30).at) <= 30);
    }
}

TEST_CASE("silence: after an outage of the whole queue each metric has its time again", "[unit]") {
    Rig rig(plan_of({waits()}));
    for (double s = 0; s <= 120; s += 5) {
        rig.send(s, {{"calls_waiting", 5}, {"oldest_wait_s", 50}});
    }
    rig.wait(1000);
    REQUIRE(staleness(rig).size() == 1);
    rig.send(1000, {{"calls_waiting", 5}});
    CHECK(staleness(rig).size() == 2);
    rig.send(1025, {{"calls_waiting", 5}});
    CHECK(staleness(rig).size() == 2);
    rig.send(1035, {{"calls_waiting", 5}});
    CHECK(staleness(rig).size() == 3);
    CHECK(staleness(rig).back().stale);
    rig.wait(2000);  // and a queue that falls silent as well does not say it twice
    CHECK(staleness(rig).size() == 3);
    rig.send(2000, {{"calls_waiting", 5}});
    CHECK(staleness(rig).size() == 3);
    CHECK(rig.detector.open_alerts().front().stale);
}

TEST_CASE("silence: a counter that is no longer sent: its rules are stale, no traffic is missed that nobody counts", "[unit]") {
    auto silent = rule("quiet", "offered", {level(Level::yellow, above(180, LimitUnit::span), below(180, LimitUnit::span))}, RuleKind::absence);
    auto surge = rule("surge", "offered", {level(Level::yellow, above(30, LimitUnit::percent), below(15, LimitUnit::percent))},
                      RuleKind::rate_of_change);
    surge.window = 60s;
    surge.versus = 300s;
    surge.content += 1;
    for (const bool sent : {true, false}) {
        Rig rig(plan_of({silent, surge}));
        double offered = 0;
        double s = 0;
        for (; s < 600; s += 5) {
            rig.send(s, {{"calls_waiting", 5}, {"offered", offered += 5}});
        }
        for (; s < 660; s += 5) {
            rig.send(s, {{"calls_waiting", 5}, {"offered", offered += 15}});
        }
        REQUIRE(rig.detector.open_alerts().size() == 1);
        for (; s < 1300; s += 5) {
            Feeder::Values values{{"calls_waiting", 5}};
            if (sent) {
                values.emplace_back("offered", offered);
            }
            rig.send(s, std::move(values));
        }
        const bool quiet = std::any_of(rig.edges.begin(), rig.edges.end(), [](const AlertEdge& e) { return e.rule == "quiet"; });
        CHECK(quiet == sent);
        CHECK(staleness(rig, "surge").size() == (sent ? 0U : 1U));
    }
}

TEST_CASE("silence: a ratio whose input stops is stale with its last value, not a collapse and not an end", "[unit]") {
    auto rate = rule("rate", "connection_rate", {level(Level::yellow, below(0.85), above(0.88)), level(Level::red, below(0.5), above(0.6))});
    rate.unknown_clear_after = 60s;
    Rig rig(plan_of({rate}, {derive("connection_rate", "increase(answered, 10m) / increase(offered, 10m)", "increase(offered, 10m) >= 20")}));
    double n = 0;
    double s = 0;
    for (; s < 900; s += 5, ++n) {
        rig.send(s, {{"offered", n * 10}, {"answered", n * 8}});
    }
    REQUIRE(rig.detector.open_alerts().size() == 1);
    for (; s < 3600; s += 5, ++n) {
        rig.send(s, {{"offered", n * 10}});
        CHECK(rig.detector.open_alerts().front().level == Level::yellow);
    }
    REQUIRE(staleness(rig, "rate").size() == 1);
    CHECK(staleness(rig, "rate").front().evidence == "no data of answered");
    CHECK(read(rig, s, "rate").stale);
    CHECK(read(rig, s, "rate").value == Approx(0.8).margin(0.06));  // as it was when its input was given up
    CHECK(std::isnan(value_of(rig, "connection_rate")));
    for (const auto end = s + 900; s < end; s += 5, ++n) {
        rig.send(s, {{"offered", n * 10}, {"answered", n * 10}});
    }
    CHECK(rig.detector.open_alerts().empty());
}

TEST_CASE("silence: what has a default goes on without it; what stands on another derived metric is silent with it", "[unit]") {
    Rig rig(plan_of({rule("owed", "owed", {level(Level::yellow, above(10), below(5))}), rule("late", "late", {level(Level::yellow, above(10), below(5))})},
                    {derive("owed", "default(callbacks_pending, callbacks_requested - callbacks_reached)"),
                     derive("base", "oldest_wait_s + 1"), derive("late", "base * 2")}));
    double s = 0;
    for (; s < 60; s += 5) {
        rig.send(s, {{"callbacks_pending", 40}, {"callbacks_requested", 100}, {"callbacks_reached", 70}, {"oldest_wait_s", 50}});
    }
    CHECK(value_of(rig, "owed") == 40);
    for (; s < 120; s += 5) {
        rig.send(s, {{"callbacks_requested", 100}, {"callbacks_reached", 70}});
    }
    CHECK(value_of(rig, "owed") == 30);
    CHECK(staleness(rig, "owed").empty());
    CHECK(staleness(rig, "late").size() == 1);
    CHECK(read(rig, s, "late").stale);
    CHECK(read(rig, s, "late").value == 102);
}

TEST_CASE("silence: a centre's sum keeps the last value of a queue that does not send it, and is stale when none does", "[unit]") {
    Rig rig(plan_of({rule("all", "all_waiting", {level(Level::yellow, above(10), below(5))})},
                    {derive("all_waiting", "sum(calls_waiting)", {}, GroupBy::centre)}));
    rig.plan.rules[0].scope.queue = "*";
    const QueueKey centre{"jinan", "*", "voice"};
    Detector detector(rig.plan);
    Feeder feeder;
    const auto send = [&](double s, bool general_too, bool english_too) {
        for (const auto* queue : {"general", "english"}) {
            Feeder::Values values{{"agents_staffed", 5}};
            if (queue == std::string("general") ? general_too : english_too) {
                values.emplace_back("calls_waiting", queue == std::string("general") ? 20 : 3);
            }
            detector.advance(at_s(s));
            detector.ingest(feeder.message(s, queue, std::move(values)), at_s(s));
        }
    };
    double s = 0;
    for (; s < 60; s += 5) {
        send(s, true, true);
    }
    for (; s < 200; s += 5) {
        send(s, false, true);
    }
    CHECK(detector.reading("all", centre, at_s(s).at).value == 23);
    CHECK_FALSE(detector.reading("all", centre, at_s(s).at).stale);
    for (; s < 400; s += 5) {
        send(s, false, false);
    }
    CHECK(detector.reading("all", centre, at_s(s).at).stale);
    CHECK(detector.reading("all", centre, at_s(s).at).value == 23);
    REQUIRE(detector.open_alerts().size() == 1);
    CHECK(detector.open_alerts().front().stale);
    send(s, true, true);
    CHECK_FALSE(detector.open_alerts().front().stale);
}

TEST_CASE("silence: over a restart a silent metric stays so, with a snapshot and without one", "[unit]") {
    Rig rig(plan_of({waits()}));
    for (double s = 0; s < 120; s += 5) {
        Feeder::Values values{{"calls_waiting", 5}};
        if (s < 60) {
            values.emplace_back("oldest_wait_s", 50);
        }
        rig.send(s, std::move(values));
    }
    const auto open = rig.detector.open_alerts();
    REQUIRE(open.front().stale);
    for (const bool windows : {true, false}) {
        CAPTURE(windows);
        Rig after(rig.plan);
        if (windows) {
            REQUIRE(after.detector.restore(rig.detector.snapshot()));
        }
        after.detector.reconcile(open);
        after.detector.recovered(at_s(130));
        after.feeder = rig.feeder;
        for (double s = 130; s < 240; s += 5) {
            after.send(s, {{"calls_waiting", 5}});
        }
        CHECK(after.detector.open_alerts().front().stale);
        CHECK(after.edges.size() == (windows ? 0U : 2U));  // without windows it takes its time to see that the metric alone is missing
        after.send(240, {{"oldest_wait_s", 20}});
        CHECK(after.detector.open_alerts().empty());
    }
}

TEST_CASE("silence: shortfall is not judged by counters that stand still because nobody sends them", "[unit]") {
    auto spec = short_rule();
    spec.unknown_clear_after = 60s;
    Rig rig(plan_of({spec}));
    Centre centre;
    centre.available = 0;
    centre.on_call = 8;
    centre.run(rig, 0, 1200);
    REQUIRE(rig.detector.open_alerts().size() == 1);
    for (double s = 1200; s < 2400; s += 5) {
        rig.send(s, {{"agents_on_call", 8}, {"agents_available", 0}, {"calls_waiting", 0}});
    }
    CHECK(rig.detector.open_alerts().size() == 1);
    CHECK(staleness(rig, "short").size() == 1);
}
