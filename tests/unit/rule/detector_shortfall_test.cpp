// Agents missing, on the virtual clock: what is needed, from what it is known, and why.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/rule/explain.hpp"
#include "kind_rig.hpp"
#include "support/baseline_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const QueueStaffing& seen(const Rig& rig) {
    REQUIRE_FALSE(rig.detector.board().entries().empty());
    return rig.detector.board().entries().front();
}
}  // namespace

TEST_CASE("shortfall: nobody is missing with the agents that Erlang asks for, one is with one fewer", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 1800);
    CHECK(seen(rig).known);
    CHECK(seen(rig).required == 14);
    CHECK(seen(rig).missing == 0);
    CHECK(seen(rig).aht_s == Approx(180));
    CHECK(rig.edges.empty());

    centre.available = 3;
    centre.run(rig, 1800, 1810);
    CHECK(seen(rig).missing == 1);
    REQUIRE(rig.edges.size() == 1);
    CHECK(rig.edges.back().level == Level::yellow);
    CHECK(rig.edges.back().value == 1);
    CHECK(rig.edges.back().limit == "> 0");
    CHECK(rig.edges.back().evidence == "needs 14 agents, has 13; 3.3 calls a minute of 180 s, 0 waiting, cause staff");
}

TEST_CASE("shortfall: the learned profile is ahead of the morning's rise, the window is ahead of the profile in a surge",
          "[unit]") {
    auto plan = plan_of({short_rule(), baseline_rule()});
    plan.rules[0].window = 30min;
    plan.limits.skew = std::chrono::hours{24};
    Rig rig(std::move(plan));
    Centre centre;
    const double low = 20.0 / 1800;
    const double high = 100.0 / 1800;
    const double nine = 9 * 3600;
    for (int day = 0; day < 12; ++day) {  // quiet nights, a step at nine
        centre.calls_per_s = low;
        centre.run(rig, day * day_s, day * day_s + nine);
        centre.calls_per_s = high;
        centre.run(rig, day * day_s + nine, (day + 1) * day_s);
    }
    centre.calls_per_s = low;
    centre.run(rig, 12 * day_s, 12 * day_s + nine - 1800);
    CHECK(seen(rig).calls_per_s == Approx(low).epsilon(0.15));
    centre.run(rig, 12 * day_s + nine - 1800, 12 * day_s + nine);
    centre.calls_per_s = high;
    centre.run(rig, 12 * day_s + nine, 12 * day_s + nine + 600);
    // Half an hour of window holds ten minutes of the rise (0.026 a second); the profile knows all of it.
    CHECK(seen(rig).calls_per_s == Approx(high).epsilon(0.15));
    centre.calls_per_s = 4 * high;
    centre.run(rig, 12 * day_s + nine + 600, 12 * day_s + nine + 3900);
    CHECK(seen(rig).calls_per_s == Approx(4 * high).epsilon(0.15));

    const auto x = rig.detector.explain("short", {"jinan", "general", "voice"}, at_s(12 * day_s + nine + 3900));
    REQUIRE(x);
    CHECK(
        std::any_of(x->inputs.begin(), x->inputs.end(), [](const auto& i) { return i.name == "agents missing" && i.value > 0; }));
    const auto y = rig.detector.explain("offered-baseline", {"jinan", "general", "voice"}, at_s(12 * day_s + nine + 3900));
    REQUIRE(y);
    CHECK(std::any_of(y->inputs.begin(), y->inputs.end(), [](const auto& i) { return i.name == "expected now" && i.value > 0; }));
    CHECK(std::any_of(y->notes.begin(), y->notes.end(), [](const auto& n) { return n.find("learned from ") == 0; }));
}

TEST_CASE("shortfall: until half of its window is filled, and without agents, nothing is known", "[unit]") {
    auto spec = short_rule();
    spec.staffing.aht_s = 180;
    Rig rig(plan_of({spec}));
    Centre centre;
    centre.available = 0;
    centre.run(rig, 0, 145);
    CHECK_FALSE(seen(rig).known);
    CHECK(rig.edges.empty());
    centre.run(rig, 145, 300);
    CHECK(seen(rig).known);
    CHECK(seen(rig).missing == 4);

    Rig blind(plan_of({short_rule()}));
    Centre unseen;
    unseen.agents = false;
    unseen.run(blind, 0, 600);
    CHECK_FALSE(seen(blind).known);
    CHECK(blind.edges.empty());
}

TEST_CASE("shortfall: minutes in which a dead feeder counted nothing are no quiet minutes", "[unit]") {
    // The feeder is away for so long and begins anew at zero; as many people call as before.
    for (const double away : {45.0, 120.0, 280.0, 900.0}) {
        INFO(away);
        auto spec = short_rule();
        spec.staffing.aht_s = 180;
        Rig rig(plan_of({spec}));
        Centre centre;
        rig.feeder.epoch = 1;
        centre.run(rig, 0, 1800);
        const double usual = seen(rig).calls_per_s;
        CHECK(usual == Approx(centre.calls_per_s).epsilon(0.01));
        rig.wait(1800 + away);
        rig.feeder.epoch = 2;
        centre.offered = centre.handled = centre.talk = centre.abandoned = centre.waited = 0;
        for (double s = 1800 + away; s < 1800 + away + 900; s += 5) {
            centre.run(rig, s, s + 5);
            if (seen(rig).known && s > 1800 + away + 5) {
                INFO(s);
                CHECK(seen(rig).calls_per_s > 0.95 * usual);  // 0.07 of it after 280 s
                CHECK(seen(rig).calls_per_s < 1.1 * usual);
                CHECK(seen(rig).required == 14);
            }
        }
        CHECK(seen(rig).known);
        CHECK(seen(rig).calls_per_s == Approx(usual).epsilon(0.01));
        CHECK(rig.edges.empty());
    }
}

TEST_CASE("shortfall: a feeder that starts anew at once costs no minute of the window", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    rig.feeder.epoch = 1;
    centre.run(rig, 0, 1800);
    rig.feeder.epoch = 2;
    centre.offered = centre.handled = centre.talk = centre.abandoned = centre.waited = 0;
    for (double s = 1800; s < 2400; s += 5) {
        centre.run(rig, s, s + 5);
        CHECK(seen(rig).known);
        CHECK(seen(rig).calls_per_s > 0.97 * centre.calls_per_s);
        CHECK(seen(rig).calls_per_s < 1.03 * centre.calls_per_s);
    }
}

TEST_CASE("shortfall: a count that is not known for a moment costs nothing, one that is not for a tenth of the window is no quiet minute",
          "[unit]") {
    auto spec = short_rule();
    spec.staffing.aht_s = 180;
    for (const double away : {25.0, 30.0, 240.0}) {
        INFO(away);
        Rig rig(plan_of({spec}));
        Centre centre;
        centre.run(rig, 0, 1800);
        const double usual = seen(rig).calls_per_s;
        const auto before = centre;
        for (double s = 1800; s < 1800 + away; s += 5) {
            rig.send(s, {{"offered", -1}, {"agents_on_call", 10}, {"agents_available", 4}, {"calls_waiting", 0}});
            if (seen(rig).known) {
                CHECK(s - 1795 < 30);  // since the last reading
                CHECK(seen(rig).calls_per_s > 0.9 * usual);
            }
        }
        CHECK(seen(rig).known == (away < 30));
        centre = before;
        centre.offered += away * centre.calls_per_s;
        for (double s = 1800 + away; s < 2700; s += 5) {
            centre.run(rig, s, s + 5);
            if (seen(rig).known) {
                CHECK(seen(rig).calls_per_s > 0.9 * usual);
                CHECK(seen(rig).calls_per_s < 1.1 * usual);
            }
        }
        CHECK(seen(rig).known);
    }
}

TEST_CASE("shortfall: a queue that two feeders tell of in turn is judged", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Feeder other("acd-2");
    Centre centre;
    centre.available = 3;
    for (double s = 0; s < 1800; s += 10) {
        centre.run(rig, s, s + 5);
        std::swap(rig.feeder, other);
        centre.run(rig, s + 5, s + 10);
        std::swap(rig.feeder, other);
    }
    CHECK(seen(rig).known);
    CHECK(seen(rig).calls_per_s == Approx(centre.calls_per_s).epsilon(0.02));
    CHECK(seen(rig).missing == 1);
}

TEST_CASE("shortfall: an unknown input resolves nothing (D1)", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.available = 0;
    centre.run(rig, 0, 600);
    REQUIRE(rig.edges.back().to == AlertState::firing);
    centre.agents = false;  // the feeder no longer tells of agents
    centre.run(rig, 600, 900);
    CHECK_FALSE(seen(rig).known);
    CHECK(rig.edges.back().to == AlertState::firing);
}

TEST_CASE("shortfall: handling time is the configured one until 20 calls were handled, then an estimate, settled the measured one",
          "[unit]") {
    auto spec = short_rule();
    spec.staffing.aht_s = 90;
    Rig rig(plan_of({spec}));
    Centre centre;  // 3.33 calls a minute: the first message is the baseline, 20 rises after it come after 6 min
    centre.run(rig, 0, 355);
    CHECK(seen(rig).aht_s == 90);
    centre.run(rig, 355, 400);
    CHECK(seen(rig).aht_s > 140);
    CHECK(seen(rig).aht_s < 180);
    CHECK(seen(rig).slack == 0);
    centre.run(rig, 400, 2400);
    CHECK(seen(rig).aht_s == Approx(180));

    Rig none(plan_of({short_rule()}));
    Centre same;
    same.run(none, 0, 355);
    CHECK_FALSE(seen(none).known);
}

TEST_CASE("shortfall: while a queue fills, short calls that ended first do not make the handling time short", "[unit]") {
    for (const double configured : {180.0, 0.0}) {
        auto spec = short_rule();
        spec.staffing.aht_s = configured;
        Rig rig(plan_of({spec}));
        // From 600 s on a call begins every 3 s; every third takes 30 s, the others 255 s: 180 s on average.
        for (double s = 0; s < 600; s += 5) {
            rig.send(s, {{"offered", 0}, {"handled", 0}, {"talk_s_sum", 0}, {"agents_on_call", 0}, {"agents_available", 70}});
        }
        for (double s = 600; s <= 3000; s += 5) {
            double offered = 0, handled = 0, talk = 0;
            for (int call = 0; 600 + 3 * call <= s; ++call) {
                const double takes = call % 3 == 0 ? 30 : 255;
                const bool over = 600 + 3 * call + takes <= s;
                offered += 1;
                handled += over ? 1 : 0;
                talk += over ? takes : 0;
            }
            const double busy = offered - handled;
            rig.send(s, {{"offered", offered}, {"handled", handled}, {"talk_s_sum", talk}, {"agents_on_call", busy},
                         {"agents_available", 100 - busy}});
            if (seen(rig).known && seen(rig).aht_calls >= 20 && s < 1200) {
                CAPTURE(s, configured);
                CHECK(seen(rig).aht_s >= 0.9 * 180);
                CHECK(seen(rig).slack == 0);
            }
        }
        CHECK(seen(rig).aht_from == staffing::HandlingFrom::measured);
        CHECK(seen(rig).aht_s == Approx(180).epsilon(0.03));
        CHECK(seen(rig).slack > 10);
        CHECK(seen(rig).can_give(at_s(3030).at) > 10);
        CHECK(seen(rig).can_give(at_s(3031).at) == 0);
    }
}

TEST_CASE("shortfall: handling time follows drift", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 3600);
    centre.aht_s = 270;
    centre.run(rig, 3600, 4500);
    CHECK(seen(rig).aht_s == Approx(225).epsilon(0.01));  // half of its half hour
    centre.run(rig, 4500, 5500);
    CHECK(seen(rig).aht_s == Approx(270).epsilon(0.01));
    CHECK(seen(rig).required == 19);  // 15 erlang
    CHECK(seen(rig).cause == staffing::Cause::handling_time);
}

TEST_CASE("shortfall: demand is named as the cause, and a backlog that will be there when help comes counts", "[unit]") {
    auto spec = short_rule();
    Rig rig(plan_of({spec}));
    Centre centre;
    centre.run(rig, 0, 1800);
    centre.calls_per_s *= 2;
    centre.available = 0;
    centre.on_call = 14;
    centre.waiting = 39.5;
    centre.run(rig, 1800, 2400);
    CHECK(seen(rig).cause == staffing::Cause::demand);
    // 20 erlang: 25 agents for 80/20; 39.5 waiting calls in 10 min take 11.85 more than the 20 that keep up.
    CHECK(seen(rig).required == 32);
    CHECK(seen(rig).missing == 18);
    CHECK(seen(rig).expected_wait_s() == Approx(40.0 / 14 * 180));
    CHECK(rig.edges.back().level == Level::red);

    auto late = spec;
    late.staffing.lead = 300s;
    Rig slow(plan_of({late}));
    Centre again;
    again.calls_per_s *= 2;
    again.available = 0;
    again.on_call = 14;
    again.waiting = 39.5;
    again.run(slow, 0, 1200);
    CHECK(seen(slow).required == 35);  // 10 more have come by then
}

TEST_CASE("shortfall: who gives up is learned from at least ten", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.give_up_share = 0.1;
    centre.run(rig, 0, 1795);  // 9.97
    CHECK(seen(rig).patience_s == 0);
    centre.run(rig, 1795, 1900);
    CHECK(seen(rig).patience_s == Approx(200));  // 20 s waited by each, a tenth gave up
    CHECK(seen(rig).required < 14);
}

TEST_CASE("shortfall: a patience that drifts is followed, in steps of a fiftieth", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.calls_per_s *= 10;  // 100 erlang: a few agents between patient and impatient callers
    centre.give_up_share = 0.02;
    centre.run(rig, 0, 3600);
    const auto before = seen(rig).required;
    centre.give_up_share = 0.1;
    for (double s = 3600; s < 7200; s += 300) {
        centre.run(rig, s, s + 300);
        const auto& now = seen(rig);
        const auto needed = [&](double patience_s) {
            const auto by_target = staffing::required_agents({now.calls_per_s, now.aht_s, patience_s}, {0.8, 20}).value();
            return std::max<double>(by_target, std::ceil(now.calls_per_s * now.aht_s - 1e-9));  // else no backlog ever clears
        };
        CAPTURE(s, now.patience_s);
        CHECK(now.required >= needed(now.patience_s * 0.98));
        CHECK(now.required <= needed(now.patience_s * 1.021));
    }
    CHECK(seen(rig).required < before - 3);
}

TEST_CASE("shortfall: is looked at every five seconds, not at every message", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 900);
    const auto until = seen(rig).until;
    rig.send(899, {{"agents_available", 0}});
    CHECK(seen(rig).until == until);
    rig.send(900, {{"agents_available", 0}});
    CHECK(seen(rig).until > until);
    CHECK(seen(rig).missing > 0);
}

TEST_CASE("shortfall: what it learned comes back from a snapshot", "[unit]") {
    Rig rig(plan_of({short_rule()}));
    Centre centre;
    centre.run(rig, 0, 1800);
    Rig next(plan_of({short_rule()}));
    next.feeder = rig.feeder;
    REQUIRE(next.detector.restore(rig.detector.snapshot()));
    centre.calls_per_s *= 2;
    centre.run(next, 1800, 2100);
    CHECK(seen(next).known);
    CHECK(seen(next).cause == staffing::Cause::demand);
}
