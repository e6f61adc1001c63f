#include "app/heartbeat.hpp"

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

Plan plan_with(Span every) {
    Plan plan;
    ChannelSpec channel;
    channel.id = "deadman";
    channel.timeout = Span{3000};
    plan.channels.push_back(channel);
    plan.heartbeat = {"deadman", every};
    return plan;
}

Stamp at(Span t) {
    return {engine_time(1'000'000) + t, wall_time(1'795'330'800'000) + t};
}

}  // namespace

TEST_CASE("heartbeat: one at once, then one every so often, not a millisecond earlier, each under a key of its own", "[unit]") {
    const auto plan = plan_with(60s);
    Heartbeat beat;
    const auto first = beat.turn(plan, at(0s), "", 2);
    REQUIRE(first);
    CHECK(first->channel == "deadman");
    CHECK(first->timeout == Span{3000});
    CHECK(first->action == "heartbeat");
    CHECK(first->people.empty());
    CHECK(first->params.at("incidents_open") == "2");
    CHECK(beat.outcome({first->page, 1, OutcomeClass::ok, Span{0}, ""}, at(1s).wall));
    CHECK_FALSE(beat.turn(plan, at(60s - 1ms), "", 0));
    const auto second = beat.turn(plan, at(60s), "", 0);
    REQUIRE(second);
    CHECK(second->page != first->page);
    CHECK(beat.state().last_ok == at(1s).wall);
}

TEST_CASE("heartbeat: while surged is not well it is withheld and counted, and comes back by itself", "[unit]") {
    const auto plan = plan_with(60s);
    Heartbeat beat;
    CHECK_FALSE(beat.turn(plan, at(0s), "decisions are not durable", 0));
    CHECK(beat.state().outcomes.at("withheld") == 1);
    CHECK(beat.turn(plan, at(60s), "", 0));
}

TEST_CASE("heartbeat: a watcher that does not answer is not asked again meanwhile; a failure counts and moves no last success",
          "[unit]") {
    const auto plan = plan_with(1s);
    Heartbeat beat;
    const auto order = beat.turn(plan, at(0s), "", 0);
    REQUIRE(order);
    CHECK_FALSE(beat.turn(plan, at(10s), "", 0));
    CHECK(beat.outcome({order->page, 1, OutcomeClass::retry, Span{0}, "HTTP 503"}, at(11s).wall));
    CHECK(beat.state().outcomes.at("failed") == 1);
    CHECK(beat.state().last_ok == WallTime{});
    CHECK(beat.turn(plan, at(11s), "", 0));
}

TEST_CASE("heartbeat: off unless configured; the outcome of a page is not its own", "[unit]") {
    Heartbeat beat;
    CHECK_FALSE(beat.turn(Plan{}, at(0s), "", 0));
    CHECK_FALSE(beat.state().on);
    CHECK_FALSE(beat.outcome({"0-1/1/lead/sms/first/1", 1, OutcomeClass::ok, Span{0}, ""}, at(0s).wall));
}
