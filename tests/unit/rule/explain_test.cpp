#include "core/rule/explain.hpp"

#include <algorithm>
#include <cmath>

#include "core/rule/detector.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const QueueKey general{"jinan", "general", "voice"};

double input_of(const RuleExplanation& x, const std::string& name) {
    const auto found = std::find_if(x.inputs.begin(), x.inputs.end(), [&](const ExplainInput& i) { return i.name == name; });
    INFO(name);
    REQUIRE(found != x.inputs.end());
    return found->value;
}
}  // namespace

TEST_CASE("explain: a threshold shows its value, every limit in force and how long each hold still needs", "[unit]") {
    const Plan plan =
        plan_of({rule("wait", "oldest_wait_s",
                      {level(Level::yellow, above(40), below(30), 10s, 20s), level(Level::red, above(100), below(80), 30s)})});
    Detector detector(plan);
    Feeder feeder;
    detector.ingest(feeder.message(0, "general", {{"oldest_wait_s", 120}}), at_s(0));
    detector.advance(at_s(12));
    const auto x = detector.explain("wait", general, at_s(12));
    REQUIRE(x.has_value());
    CHECK(x->bound);
    CHECK(x->problem.empty());
    CHECK(x->state == AlertState::firing);
    CHECK(x->level == Level::yellow);
    CHECK(x->pending == Level::red);
    CHECK(x->value == 120);
    REQUIRE(x->levels.size() == 2);
    CHECK(x->levels[0].phase == LatchPhase::on);
    CHECK(x->levels[0].due == engine_never);
    CHECK(x->levels[1].phase == LatchPhase::raising);
    CHECK(x->levels[1].due - at_s(12).at == 18s);
    CHECK(x->levels[1].raise_holds == true);
    CHECK(x->levels[0].clear_holds == false);
}

TEST_CASE("explain: looking changes nothing", "[unit]") {
    auto surge = rule("surge", "offered", {level(Level::yellow, above(30, LimitUnit::percent), below(15, LimitUnit::percent))},
                      RuleKind::rate_of_change);
    const Plan plan = plan_of({surge});
    Detector detector(plan);
    Feeder feeder;
    for (int s = 0; s <= 1500; s += 5) {
        detector.ingest(feeder.message(s, "general", {{"offered", 1000.0 + s}}), at_s(s));
    }
    const auto before = detector.snapshot();
    const auto x = detector.explain("surge", general, at_s(1501));
    CHECK(detector.snapshot() == before);
    REQUIRE(x.has_value());
    CHECK(input_of(*x, "offered, in the last 2m") == Approx(120).margin(1));
    CHECK(input_of(*x, "expected from the 15m before") == Approx(120).margin(1));
    CHECK(x->unit == "%");
}

TEST_CASE("explain: a derived metric shows its inputs, its formula and whether the guard is met", "[unit]") {
    const Plan plan =
        plan_of({rule("rate", "connection_rate", {level(Level::yellow, below(0.85), above(0.9))})},
                {derive("connection_rate", "increase(answered, 10m) / increase(offered, 10m)", "increase(offered, 10m) >= 20")});
    Detector detector(plan);
    Feeder feeder;
    detector.ingest(feeder.message(0, "general", {{"offered", 0}, {"answered", 0}}), at_s(0));
    detector.ingest(feeder.message(5, "general", {{"offered", 19}, {"answered", 10}}), at_s(5));
    auto x = detector.explain("rate", general, at_s(5));
    REQUIRE(x.has_value());
    CHECK(std::isnan(x->value));
    CHECK(x->state == AlertState::unknown);
    CHECK(input_of(*x, "increase(offered, 10m)") == Approx(19));
    CHECK(std::any_of(x->notes.begin(), x->notes.end(),
                      [](const std::string& n) { return n.find("guard is not met") != std::string::npos; }));
    detector.ingest(feeder.message(10, "general", {{"offered", 20}, {"answered", 10}}), at_s(10));
    x = detector.explain("rate", general, at_s(10));
    CHECK(x->value == Approx(0.5));
    CHECK(x->state == AlertState::firing);
}

TEST_CASE("explain: an absence tells the silence and what was usual in it; stale data is said", "[unit]") {
    auto quiet =
        rule("quiet", "offered", {level(Level::yellow, above(180, LimitUnit::span), {Comparison::at_most, 180, LimitUnit::span})},
             RuleKind::absence);
    const Plan plan = plan_of({quiet});
    Detector detector(plan);
    Feeder feeder;
    for (int s = 0; s <= 3600; s += 10) {
        detector.ingest(feeder.message(s, "general", {{"offered", 100.0 + s}}), at_s(s));
    }
    detector.advance(at_s(3660));
    const auto x = detector.explain("quiet", general, at_s(3660));
    REQUIRE(x.has_value());
    CHECK(input_of(*x, "seconds since offered last rose") == Approx(60));
    CHECK(input_of(*x, "events usual in that time") == Approx(60).margin(3));
    CHECK(x->stale);
}

TEST_CASE("explain: the absence of a feed that speaks is ok, with the seconds since it spoke", "[unit]") {
    auto silent = rule("silent", "", {level(Level::yellow, above(20, LimitUnit::span), {Comparison::at_most, 20, LimitUnit::span})}, RuleKind::absence);
    silent.feed = true;
    const Plan plan = plan_of({silent});
    Detector detector(plan);
    Feeder feeder;
    detector.ingest(feeder.message(0, "general", {{"offered", 100.0}}), at_s(0));
    const auto x = detector.explain("silent", general, at_s(2));
    REQUIRE(x.has_value());
    CHECK(x->state == AlertState::ok);
    CHECK(x->value == Approx(2));
}

TEST_CASE("explain: a rule that is not bound says why", "[unit]") {
    auto spec = rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30))});
    spec.scope.centre = "jinan";
    const Plan plan = plan_of({spec});
    Detector detector(plan);
    Feeder feeder;
    CHECK_FALSE(detector.explain("nothing", general, at_s(0)).has_value());
    CHECK(detector.explain("wait", general, at_s(0))->problem.find("nothing was ever heard") != std::string::npos);
    detector.ingest(feeder.message(0, "general", {{"calls_waiting", 1}}), at_s(0));
    CHECK(detector.explain("wait", general, at_s(0))->problem.find("never reported \"oldest_wait_s\"") != std::string::npos);
    detector.ingest(feeder.message(1, "q", {{"oldest_wait_s", 1}}, "qingdao"), at_s(1));
    const auto outside = detector.explain("wait", {"qingdao", "q", "voice"}, at_s(1));
    CHECK(outside->problem.find("not in the rule's scope") != std::string::npos);
    CHECK(outside->levels.size() == 1);
}
