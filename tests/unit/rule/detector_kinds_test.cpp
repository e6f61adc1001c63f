#include <cmath>

#include "core/rule/detector.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
struct Rig {
    explicit Rig(Plan p) : plan(std::move(p)), detector(plan) {}
    void send(double s, const std::string& queue, Feeder::Values values, const std::string& centre = "jinan") {
        detector.advance(at_s(s));
        detector.ingest(feeder.message(s, queue, std::move(values), centre), at_s(s));
        collect();
    }
    void wait(double s) {
        detector.advance(at_s(s));
        collect();
    }
    void collect() {
        for (const auto& edge : detector.edges()) {
            edges.push_back(edge);
        }
        detector.clear_edges();
    }
    /// A counter that rises by `per_s` each second over [from, to), reported every 5 s.
    void flow(double from, double to, double per_s) {
        for (double s = from; s < to; s += 5) {
            total += per_s * 5;
            send(s, "general", {{"offered", total}});
        }
    }
    double value(const std::string& metric, const std::string& queue = "general", const std::string& centre = "jinan") {
        const auto id = detector.queues().find(centre, queue, "voice");
        const auto at = detector.queues()[id].find(detector.queues().metrics().find(metric));
        return detector.queues().value(detector.queues()[id], at);
    }
    Plan plan;
    Detector detector;
    Feeder feeder;
    std::vector<AlertEdge> edges;
    double total = 1000;
};

constexpr auto percent = LimitUnit::percent;
RuleSpec surge_rule() {
    auto spec = rule("offered-surge", "offered",
                     {level(Level::yellow, above(30, percent), below(15, percent)),
                      level(Level::red, above(100, percent), below(70, percent))},
                     RuleKind::rate_of_change);
    spec.floor = 10;
    return spec;
}
RuleSpec silence_rule() {
    auto spec = rule("silent", "offered", {level(Level::yellow, above(180, LimitUnit::span), below(60, LimitUnit::span))},
                     RuleKind::absence);
    return spec;
}
}  // namespace

TEST_CASE("rate of change: a steady flow is no surge, twice the flow is red") {
    Rig rig(plan_of({surge_rule()}));
    rig.flow(0, 1800, 0.5);
    CHECK(rig.edges.empty());

    rig.flow(1800, 1920, 1.05);

    REQUIRE_FALSE(rig.edges.empty());
    CHECK(rig.edges.front().level == Level::yellow);
    CHECK(rig.edges.front().at < at_s(1860).at);
    CHECK(rig.edges.back().level == Level::red);
}

TEST_CASE("rate of change: without half of its history it says nothing") {
    Rig rig(plan_of({surge_rule()}));
    rig.flow(0, 300, 0.2);
    rig.flow(300, 400, 20);

    CHECK(rig.edges.empty());
}

TEST_CASE("rate of change: a smaller excess than the floor never counts, one above it does") {
    Rig small(plan_of({surge_rule()}));
    small.flow(0, 1800, 0.01);
    small.flow(1800, 1920, 0.08);  // 9.6 in two minutes against 1.2
    CHECK(small.edges.empty());

    Rig enough(plan_of({surge_rule()}));
    enough.flow(0, 1800, 0.01);
    enough.flow(1800, 1920, 0.12);  // 14.4 against 1.2
    CHECK_FALSE(enough.edges.empty());
}

TEST_CASE("rate of change: a surge does not become its own normal while it lasts") {
    Rig rig(plan_of({surge_rule()}));
    rig.flow(0, 1800, 0.5);
    rig.flow(1800, 4200, 1.5);  // forty minutes: the earlier window holds nothing but surge

    REQUIRE_FALSE(rig.edges.empty());
    CHECK(rig.edges.back().level == Level::red);
    rig.flow(4200, 4500, 0.5);
    CHECK(rig.edges.back().to == AlertState::ok);
}

TEST_CASE("rate of change: a shift that lasts beyond the freeze becomes normal") {
    Rig rig(plan_of({surge_rule()}));
    rig.flow(0, 1800, 0.5);
    rig.flow(1800, 1800 + 3600 + 1200, 1.5);

    CHECK(rig.edges.back().to == AlertState::ok);
}

TEST_CASE("rate of change: a counter reset is neither crash nor spike (D5)") {
    auto crash =
        rule("crash", "offered", {level(Level::red, below(-50, percent), above(-30, percent))}, RuleKind::rate_of_change);
    Rig rig(plan_of({surge_rule(), crash}));
    rig.flow(0, 1800, 0.5);
    rig.total = 0;
    rig.flow(1800, 2400, 0.5);

    CHECK(rig.edges.empty());
}

TEST_CASE("rate of change: a feeder that was away for an hour brings no spike") {
    Rig rig(plan_of({surge_rule()}));
    rig.flow(0, 1800, 0.5);
    rig.total += 0.5 * 3600;
    rig.flow(5400, 5700, 0.5);

    for (const auto& edge : rig.edges) {
        CHECK(edge.to != AlertState::firing);
    }
}

TEST_CASE("rate of change: a feeder that was away for minutes and begins anew leaves no quiet minutes behind it") {
    const double away = GENERATE(20.0, 180.0, 420.0, 600.0, 1500.0);
    const bool not_known_first = GENERATE(false, true);  // it says so while it is away, and counts on; else its counters begin anew
    INFO("away for " << away << " s" << (not_known_first ? ", said" : ""));
    auto fall = rule("fall", "offered", {level(Level::red, below(-30, percent), above(-15, percent))}, RuleKind::rate_of_change);
    auto sigma = rule("sigma", "offered", {level(Level::yellow, above(4, LimitUnit::sigma), below(2, LimitUnit::sigma))},
                      RuleKind::rate_of_change);
    auto slow = surge_rule();
    slow.id = "slow";
    slow.window = 5min;
    slow.versus = 30min;
    Rig rig(plan_of({surge_rule(), fall, sigma, slow}));
    rig.flow(0, 3600, 1.0);
    const auto leave = [&](double from) {
        if (not_known_first) {
            for (double s = from; s < from + away; s += 5) {
                rig.send(s, "general", {{"offered", -1.0}});
            }
            rig.total += away;
        } else {
            rig.feeder.epoch += 7;
            rig.total = 0;
        }
    };
    leave(3600);
    rig.flow(3600 + away, 5400 + away, 1.0);
    CHECK(rig.edges.empty());
    // Twice within the longer window.
    leave(5400 + away);
    rig.flow(5400 + 2 * away, 5700 + 2 * away, 1.0);
    leave(5700 + 2 * away);
    rig.flow(5700 + 3 * away, 7500 + 3 * away, 1.0);
    CHECK(rig.edges.empty());
    // A surge is seen as ever.
    rig.flow(7500 + 3 * away, 7620 + 3 * away, 2.1);
    REQUIRE_FALSE(rig.edges.empty());
    CHECK(rig.edges.front().to == AlertState::firing);
}

TEST_CASE("rate of change: two feeders that speak of one counter in turn leave no gap between them") {
    Rig rig(plan_of({surge_rule()}));
    Feeder other("acd-2");
    double total = 1000;
    const auto flow = [&](double from, double to, double per_s) {
        for (double s = from; s < to; s += 10) {
            rig.send(s, "general", {{"offered", total += per_s * 5}});
            rig.detector.advance(at_s(s + 5));
            rig.detector.ingest(other.message(s + 5, "general", {{"offered", total += per_s * 5}}), at_s(s + 5));
            rig.collect();
        }
    };
    flow(0, 1800, 1.0);
    CHECK(rig.edges.empty());
    flow(1800, 1920, 2.1);
    REQUIRE_FALSE(rig.edges.empty());
    CHECK(rig.edges.front().to == AlertState::firing);
}

TEST_CASE("rate of change: a restart does not forget a gap, nor one that has only begun") {
    const bool ended = GENERATE(false, true);
    Rig rig(plan_of({surge_rule()}));
    rig.flow(0, 3600, 1.0);
    const auto not_known_at = [&](Rig& at, double from, double to) {
        for (double s = from; s < to; s += 5) {
            at.send(s, "general", {{"offered", -1.0}});
        }
    };
    not_known_at(rig, 3600, 4200);
    if (ended) {
        rig.total += 600;
        rig.flow(4200, 4230, 1.0);
    }
    Rig again(plan_of({surge_rule()}));
    REQUIRE(again.detector.restore(rig.detector.snapshot()));
    again.feeder = rig.feeder;
    again.total = rig.total + (ended ? 0 : 600);
    again.flow(ended ? 4230 : 4200, 6000, 1.0);
    CHECK(again.edges.empty());
    again.flow(6000, 6120, 2.1);
    REQUIRE_FALSE(again.edges.empty());
}

TEST_CASE("rate of change: a surge is seen ten minutes after a gap, and one that stands is not ended by a gap") {
    Rig after(plan_of({surge_rule()}));
    after.flow(0, 3600, 1.0);
    after.feeder.epoch = 7;
    after.total = 0;
    after.flow(4800, 5400, 1.0);
    after.flow(5400, 5520, 2.1);
    REQUIRE_FALSE(after.edges.empty());
    CHECK(after.edges.back().level == Level::red);

    Rig within(plan_of({surge_rule()}));
    within.flow(0, 3600, 1.0);
    within.flow(3600, 3900, 2.1);
    within.feeder.epoch = 7;
    within.total = 0;
    within.flow(4200, 4260, 2.1);
    CHECK(within.edges.back().to == AlertState::firing);
    within.flow(4260, 4500, 2.1);
    CHECK(within.edges.back().to == AlertState::firing);
}

TEST_CASE("rate of change: with `surprise` a rise that chance gives easily is none, at any size") {
    auto spec = surge_rule();
    spec.surprise = 4;
    spec.floor = 0;
    // The same +60 %: 200 calls/h give 11 calls against 7 in two minutes, 4,000 give 213 against 133.
    Rig small(plan_of({spec}));
    small.flow(0, 1800, 200 / 3600.0);
    small.flow(1800, 2400, 320 / 3600.0);
    CHECK(small.edges.empty());

    Rig large(plan_of({spec}));
    large.flow(0, 1800, 4000 / 3600.0);
    large.flow(1800, 2400, 6400 / 3600.0);
    REQUIRE_FALSE(large.edges.empty());
    CHECK(large.edges.front().level == Level::yellow);
    CHECK(large.edges.front().evidence.find("standard deviations") != std::string::npos);

    // Six times as many are no chance in a small queue either.
    small.flow(2400, 2700, 200 / 3600.0);
    small.flow(2700, 2900, 1500 / 3600.0);
    REQUIRE_FALSE(small.edges.empty());
    CHECK(small.edges.back().level == Level::red);
}

TEST_CASE("rate of change: half of the surprise keeps what was raised, the full one is needed through the hold") {
    auto spec = surge_rule();
    spec.levels = {level(Level::yellow, above(30, percent), below(15, percent), 60s)};
    spec.surprise = 4;
    spec.floor = 0;
    Rig rig(plan_of({spec}));
    rig.flow(0, 1800, 0.5);  // 60 in two minutes; four standard deviations are 95
    rig.flow(1800, 1920, 0.82);
    rig.flow(1920, 2400, 0.5);
    for (const auto& edge : rig.edges) {
        CHECK(edge.to != AlertState::firing);  // it came up to four for less than the hold
    }
    rig.flow(2400, 2700, 1.0);
    REQUIRE_FALSE(rig.edges.empty());
    CHECK(rig.edges.back().to == AlertState::firing);
    rig.flow(2700, 3300, 0.7);  // +40 %, 2.6 standard deviations
    CHECK(rig.edges.back().to == AlertState::firing);
    rig.flow(3300, 3600, 0.5);
    CHECK(rig.edges.back().to == AlertState::ok);
}

TEST_CASE("rate of change: limits in sigma, both ways; scatter asks for more") {
    auto spec = surge_rule();
    spec.levels = {level(Level::yellow, above(4, LimitUnit::sigma), below(2, LimitUnit::sigma))};
    spec.floor = 0;
    Rig up(plan_of({spec}));
    up.flow(0, 1800, 0.5);
    up.flow(1800, 1920, 1.0);  // 120 against 60: 5.4
    REQUIRE_FALSE(up.edges.empty());
    CHECK(up.edges.back().to == AlertState::firing);
    CHECK(up.edges.back().value > 4.0);
    CHECK(up.edges.back().value < 5.0);

    spec.scatter = 3;
    Rig bunched(plan_of({spec}));
    bunched.flow(0, 1800, 0.5);
    bunched.flow(1800, 1920, 1.0);  // the same rise is 3 where calls come in bunches
    CHECK(bunched.edges.empty());

    spec.scatter = 1;
    spec.levels = {level(Level::yellow, below(-4, LimitUnit::sigma), above(-2, LimitUnit::sigma))};
    Rig down(plan_of({spec}));
    down.flow(0, 1800, 0.5);
    down.flow(1800, 1920, 0.05);
    REQUIRE_FALSE(down.edges.empty());
    CHECK(down.edges.back().to == AlertState::firing);
}

TEST_CASE("rate of change: units per minute, on a gauge") {
    auto spec =
        rule("growing", "calls_waiting", {level(Level::yellow, above(4, LimitUnit::per_minute), below(1, LimitUnit::per_minute))},
             RuleKind::rate_of_change);
    spec.window = 60s;
    spec.versus = 180s;
    spec.floor = 1;
    Rig rig(plan_of({spec}));
    for (double s = 0; s < 300; s += 5) {
        rig.send(s, "general", {{"calls_waiting", 10}});
    }
    CHECK(rig.edges.empty());

    for (double s = 300; s < 420; s += 5) {
        rig.send(s, "general", {{"calls_waiting", 10 + (s - 300) / 60 * 12}});
    }

    REQUIRE_FALSE(rig.edges.empty());
    CHECK(rig.edges.back().to == AlertState::firing);
}

TEST_CASE("absence: traffic that usually flows and stops is raised, and cleared by its return") {
    Rig rig(plan_of({silence_rule()}));
    rig.flow(0, 3600, 0.1);
    for (double s = 3600; s < 3900; s += 5) {
        rig.send(s, "general", {{"offered", rig.total}});
    }

    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges[0].to == AlertState::firing);
    CHECK(rig.edges[0].at >= at_s(3595 + 180).at);
    CHECK(rig.edges[0].at <= at_s(3595 + 195).at);
    rig.flow(3900, 3910, 0.2);
    CHECK(rig.edges.back().to == AlertState::ok);
}

TEST_CASE("absence: a queue that is usually quiet may be quiet") {
    Rig rig(plan_of({silence_rule()}));
    rig.flow(0, 3600, 0.002);
    for (double s = 3600; s < 4400; s += 5) {
        rig.send(s, "general", {{"offered", rig.total}});
    }

    CHECK(rig.edges.empty());
}

TEST_CASE("absence: of a few calls lately no rate is known, and their silence is no surprise") {
    // Five calls in the 17 min before, none in 43: twelve were usual by their rate, and chance makes such a silence once in 550 times.
    Rig few(plan_of({silence_rule()}));
    few.flow(0, 17 * 60, 5.0 / (17 * 60));
    const auto silent = [](Rig& rig, double from, double until) {
        for (double s = from; s < until; s += 5) {
            rig.send(s, "general", {{"offered", rig.total}});
        }
    };
    silent(few, 17 * 60, 3600);
    CHECK(few.edges.empty());

    // Sixty in an hour: ten minutes are e^-10, and a quarter of an hour is beyond doubt.
    Rig many(plan_of({silence_rule()}));
    many.flow(0, 3600, 60.0 / 3600);
    silent(many, 3600, 3600 + 590);
    CHECK(many.edges.empty());
    silent(many, 3600 + 590, 3600 + 900);
    REQUIRE(many.edges.size() == 1);
    CHECK(many.edges[0].to == AlertState::firing);
}

TEST_CASE("absence: with a dead feed nothing is known of the traffic") {
    Rig rig(plan_of({silence_rule()}));
    rig.flow(0, 3600, 0.5);
    rig.wait(7200);

    CHECK(rig.edges.empty());
}

TEST_CASE("absence of the feed: raised for a queue that spoke, cleared by one message") {
    auto feed =
        rule("feed", "", {level(Level::yellow, above(10, LimitUnit::span), below(10, LimitUnit::span))}, RuleKind::absence);
    feed.feed = true;
    Rig rig(plan_of({feed}));
    rig.send(0, "general", {{"calls_waiting", 1}});
    rig.wait(10);
    CHECK(rig.edges.empty());
    rig.wait(11);
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges[0].to == AlertState::firing);

    rig.send(15, "general", {{"calls_waiting", 1}});
    CHECK(rig.edges.back().to == AlertState::ok);
    rig.wait(26);
    CHECK(rig.edges.back().to == AlertState::firing);
}

TEST_CASE("absence of the feed: a declared queue that never spoke is missed, an unknown one is not") {
    auto feed =
        rule("feed", "", {level(Level::yellow, above(10, LimitUnit::span), below(10, LimitUnit::span))}, RuleKind::absence);
    feed.feed = true;
    auto plan = plan_of({feed});
    plan.expects.push_back({"jinan", "english", "voice", 5s, ""});
    Rig rig(std::move(plan));
    rig.wait(0);
    rig.wait(11);

    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges[0].queue.queue == "english");
}

TEST_CASE("derive: a ratio with a guard is unknown below it and never 1 of 1 (D4)") {
    auto low = rule("rate", "connection_rate", {level(Level::red, below(0.7), above(0.8))});
    Rig rig(plan_of(
        {low}, {derive("connection_rate", "increase(answered, 10m) / increase(offered, 10m)", "increase(offered, 10m) >= 20")}));
    rig.send(0, "general", {{"offered", 100}, {"answered", 100}});
    rig.send(5, "general", {{"offered", 119}, {"answered", 100}});
    CHECK(std::isnan(rig.value("connection_rate")));
    CHECK(rig.edges.empty());

    rig.send(10, "general", {{"offered", 120}, {"answered", 110}});
    CHECK(rig.value("connection_rate") == Approx(0.5));
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges[0].to == AlertState::firing);
}

TEST_CASE("derive: by centre sums the queues of the centre, by all those of all") {
    Rig rig(plan_of({}, {derive("centre_waiting", "sum(calls_waiting)", "", GroupBy::centre),
                         derive("all_oldest", "max(oldest_wait_s)", "", GroupBy::all)}));
    rig.send(0, "general", {{"calls_waiting", 3}, {"oldest_wait_s", 9}});
    rig.send(1, "complaint", {{"calls_waiting", 4}, {"oldest_wait_s", 30}});
    rig.send(2, "general", {{"calls_waiting", 10}, {"oldest_wait_s", 70}}, "qingdao");

    CHECK(rig.value("centre_waiting", "*") == 7);
    CHECK(rig.value("centre_waiting", "*", "qingdao") == 10);
    CHECK(rig.value("all_oldest", "*", "*") == 70);
}

TEST_CASE("derive: a formula of formulas is worked out in order") {
    Rig rig(plan_of({}, {derive("double_total", "total * 2"), derive("total", "calls_waiting + agents_available")}));
    rig.send(0, "general", {{"calls_waiting", 3}, {"agents_available", 4}});

    CHECK(rig.value("double_total") == 14);
}

TEST_CASE("derive: a feeder cannot overwrite what a formula says") {
    Rig rig(plan_of({}, {derive("total", "calls_waiting * 2")}));
    rig.send(0, "general", {{"calls_waiting", 3}});
    rig.send(1, "general", {{"calls_waiting", 3}, {"total", 999}});

    CHECK(rig.value("total") == 6);
}
