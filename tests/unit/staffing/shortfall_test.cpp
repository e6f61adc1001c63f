#include "core/staffing/shortfall.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "support/catch.hpp"

using namespace surged::staffing;

namespace {
/// 100 calls in 30 min of 3 min each: 80/20 takes 14 agents (published: pyworkforce, R ErlangC).
Situation published() {
    Situation now;
    now.load = {100.0 / 1800.0, 180, 0};
    now.agents = 14;
    return now;
}

double wait_of(const Situation& now) {
    return expected_wait_s({now.load, now.waiting, now.agents}, now.target.within_s);
}
}  // namespace

TEST_CASE("shortfall: the published 14 agents are enough and none of them can be given away", "[unit]") {
    const auto seen = estimate(published());
    REQUIRE(seen);
    CHECK(seen->required == 14);
    CHECK(seen->missing == 0);
    CHECK(seen->slack == 0);
    CHECK(wait_of(published()) == Approx(7.83593701));
}

TEST_CASE("shortfall: one agent fewer is one missing, one more is one to give", "[unit]") {
    auto now = published();
    now.agents = 13;
    CHECK(estimate(now)->missing == 1);
    CHECK(estimate(now)->slack == 0);
    now.agents = 15;
    CHECK(estimate(now)->missing == 0);
    CHECK(estimate(now)->slack == 1);
}

TEST_CASE("shortfall: a search from any guess finds what the search from nothing finds", "[unit]") {
    for (const double per_half_hour : {1.0, 25.0, 360.0, 5000.0}) {
        for (const double patience : {0.0, 60.0, 344.0}) {
            Situation now;
            now.load = {per_half_hour / 1800, 240, patience};
            const auto right = required_agents(now.load, now.target);
            for (const int guess : {1, 2, 6, 53, 54, 55, 400, 2000, 99999, 100000}) {
                now.guess = guess;
                INFO(per_half_hour << " " << patience << " " << guess);
                CHECK(estimate(now)->required == *right);
            }
        }
    }
}

TEST_CASE("shortfall: an occupancy promise asks for more than the service level does", "[unit]") {
    auto now = published();  // 10 erlang
    now.occupancy_max = 0.5;
    CHECK(estimate(now)->required == 20);
    now.occupancy_max = 0.9;  // 12 would do: the service level decides
    CHECK(estimate(now)->required == 14);
}

TEST_CASE("shortfall: what arrives until help is there counts", "[unit]") {
    // domain vector: 75 calls/min of 3 min, 200 agents, 150 waiting, patience 4 min: 36 more clear it in 10 min, 71 in 5.
    Situation now;
    now.load = {75.0 / 60, 180, 240};
    now.agents = 200;
    now.waiting = 150;
    now.target = {0.0, 20};
    now.clear_s = 600;
    CHECK(estimate(now)->missing == 36);
    now.clear_s = 300;
    CHECK(estimate(now)->missing == 71);
    CHECK(wait_of(now) == Approx(1.79745 * 60).epsilon(1e-4));

    now.load.patience_s = 0;  // nobody is lost: +8.33 calls a minute until help comes
    now.clear_s = 600;
    CHECK(estimate(now)->missing == 70);
    now.lead_s = 600;
    CHECK(waiting_then(now) == Approx(150 + 10 * (75 - 200.0 / 3)));
    CHECK(estimate(now)->missing == 95);
}

TEST_CASE("shortfall: a number that is not known makes the answer unknown, never nobody missing", "[unit]") {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    for (int i = 0; i < 5; ++i) {
        auto now = published();
        (i == 0   ? now.load.calls_per_s
         : i == 1 ? now.load.aht_s
         : i == 2 ? now.load.patience_s
         : i == 3 ? now.agents
                  : now.waiting) = unknown;
        CHECK_FALSE(estimate(now));
        now.guess = 14;
        CHECK_FALSE(estimate(now));
    }
    auto none = published();
    none.load.aht_s = 0;
    CHECK_FALSE(estimate(none));
}

TEST_CASE("shortfall: a load that no queue has is a fault, not a demand", "[unit]") {
    Situation now;
    now.load = {erlang_max / 100, 100, 300};
    now.agents = 10;
    REQUIRE(estimate(now));
    CHECK(estimate(now)->required > 16000);
    now.guess = 1;
    CHECK(estimate(now)->required == *required_agents(now.load, now.target));
    now.load.calls_per_s *= 1.0001;
    CHECK_FALSE(estimate(now));
    now.load.calls_per_s = 1e300;
    CHECK_FALSE(estimate(now));
}

TEST_CASE("shortfall: nobody at work is missing everybody, and the wait has no end", "[unit]") {
    auto now = published();
    now.agents = 0;
    const auto seen = estimate(now);
    CHECK(seen->missing == 14);
    CHECK(std::isinf(wait_of(now)));
}

TEST_CASE("cause: the largest of the three ratios is the cause, below 5 % there is none", "[unit]") {
    Compared now{1.0, 1.0, 180, 180, 20, 20, 0, 0};
    CHECK(cause_of(now) == Cause::none);
    now.calls_per_s = 1.04;
    CHECK(cause_of(now) == Cause::none);
    now.calls_per_s = 1.06;
    CHECK(cause_of(now) == Cause::demand);
    now.aht_s = 200;  // +11 %
    CHECK(cause_of(now) == Cause::handling_time);
    now.agents = 17;  // 20 / 17 = +18 %
    CHECK(cause_of(now) == Cause::staff);
    now.agents = 0;
    CHECK(cause_of(now) == Cause::staff);
}

TEST_CASE("cause: callers who wait beside free agents are a matter of routing", "[unit]") {
    Compared now{2.0, 1.0, 180, 180, 20, 20, 3, 3};
    CHECK(cause_of(now) == Cause::routing);
    now.available = 2.9;  // occupancy 85.5 %
    CHECK(cause_of(now) == Cause::demand);
    now.available = 3;
    now.waiting = 2;
    CHECK(cause_of(now) == Cause::demand);
}

TEST_CASE("cause: without a reference nothing is judged", "[unit]") {
    CHECK(cause_of({2.0, 0, 300, 0, 5, 0, 0, 0}) == Cause::none);
}

TEST_CASE("shortfall: findings change how fast the answer is, never which", "[unit]") {
    std::mt19937_64 random(20261122);
    const auto step = [&random](double by) { return std::exp(std::normal_distribution<double>(0, by)(random)); };
    int answered_at_once = 0;
    for (const double occupancy_max : {0.0, 0.9}) {
        for (const double calls_per_s : {0.02, 0.2, 2.4, 24.0}) {
            Findings findings;
            Situation now;
            now.load = {calls_per_s, 90, 300};
            now.occupancy_max = occupancy_max;
            now.agents = std::ceil(now.load.erlang());
            for (int i = 0; i < 400; ++i) {
                now.load.calls_per_s *= step(0.01);
                now.load.aht_s *= step(0.003);
                now.load.patience_s = i % 100 == 99 ? now.load.patience_s * step(0.3) : now.load.patience_s;
                now.waiting = static_cast<double>(random() % 12);
                const auto before = findings.enough.agents + findings.lacking.agents;
                const auto plain = estimate(now);
                const auto quick = estimate(now, &findings);
                REQUIRE(plain);
                REQUIRE(quick);
                CHECK(quick->required == plain->required);
                CHECK(quick->needed == plain->needed);
                CHECK(quick->missing == plain->missing);
                answered_at_once += before == findings.enough.agents + findings.lacking.agents ? 1 : 0;
                now.guess = quick->required;
            }
        }
    }
    CHECK(answered_at_once > 1600);  // half of the looks at least: else they would be of no use
}

TEST_CASE("shortfall: where an occupancy promise lets few wait, that is proved without sums, and only where the sums say so", "[unit]") {
    int proved = 0;
    for (const double share : {0.7, 0.8, 0.95}) {
        for (const double patience_s : {0.0, 60.0, 300.0}) {
            for (const double occupancy_max : {0.8, 0.9, 0.97}) {
                Findings findings;  // of all sizes, one after the other: what a large desk proved is not believed of a small one
                for (const double erlang : {400.0, 120.0, 60.0, 59.0, 30.0, 17.0, 8.0, 3.0, 0.4, 2000.0, 20.0}) {
                    Situation now;
                    now.load = {erlang / 180, 180, patience_s};
                    now.target = {share, 20};
                    now.occupancy_max = occupancy_max;
                    now.agents = std::ceil(erlang);
                    INFO(share << " " << patience_s << " " << occupancy_max << " " << erlang);
                    CHECK(estimate(now, &findings)->required == estimate(now)->required);
                    proved += findings.calm_agents != 0 ? 1 : 0;
                }
            }
        }
    }
    CHECK(proved > 50);
}

TEST_CASE("shortfall: a backlog is cleared by the agents that the fluid layer asks for, however the answer was found", "[unit]") {
    std::mt19937_64 random(20261130);
    const auto of = [&random](double from, double to) { return std::uniform_real_distribution<double>(from, to)(random); };
    int by_backlog = 0;
    for (int i = 0; i < 2000; ++i) {
        Situation now;
        now.load = {of(0.01, 2), of(30, 400), i % 3 == 0 ? 0 : of(30, 3600)};
        now.agents = std::floor(now.load.erlang() * of(0.5, 1.4));
        now.waiting = std::floor(i % 2 == 0 ? of(0, 5) : of(0, 300));
        now.lead_s = of(0, 900);
        now.clear_s = of(60, 1200);
        const auto to_clear = helpers_to_clear({now.load, waiting_then(now), 0}, now.clear_s);
        REQUIRE(to_clear);
        const auto seen = estimate(now);
        REQUIRE(seen);
        CHECK(seen->required == *required_agents(now.load, now.target));
        CHECK(seen->needed == std::max(seen->required, *to_clear));
        by_backlog += seen->needed > seen->required ? 1 : 0;
    }
    CHECK(by_backlog > 200);
    CHECK(by_backlog < 1800);
}

TEST_CASE("shortfall: with an occupancy promise the answer is the larger of the two, from any guess", "[unit]") {
    for (const double erlang : {0.5, 3.0, 9.0, 40.0, 180.0}) {
        for (const double patience_s : {0.0, 240.0}) {
            Situation now;
            now.load = {erlang / 180, 180, patience_s};
            const auto by_target = required_agents(now.load, now.target).value();
            for (const double occupancy_max : {0.7, 0.9, 0.99}) {
                now.occupancy_max = occupancy_max;
                const auto wanted = std::max(by_target, static_cast<int>(std::ceil(erlang / occupancy_max - 1e-9)));
                for (const int guess : {0, 1, wanted - 3, wanted - 1, wanted, wanted + 1, wanted + 30, 4 * wanted}) {
                    now.guess = guess;
                    CHECK(estimate(now)->required == wanted);
                }
            }
        }
    }
}

TEST_CASE("handling time: configured below 20 calls, estimated until the oldest call is old enough, then measured", "[unit]") {
    HandlingSeen seen;
    seen.configured_s = 180;
    seen.handled = 19;
    seen.handled_s = 19 * 30;
    seen.in_progress = 40;
    seen.in_progress_s = 4000;
    seen.age_s = 200;
    CHECK(handling_time(seen).aht_s == 180);
    CHECK(handling_time(seen).from == HandlingFrom::configured);

    seen.handled = 20;
    seen.handled_s = 600;
    CHECK(handling_time(seen).aht_s == Approx(180));  // 197 is within a tenth of it
    CHECK(handling_time(seen).from == HandlingFrom::estimated);
    seen.in_progress_s = 1e9;  // a gauge that counts calls of other queues
    CHECK(handling_time(seen).aht_s == Approx((600 + 40 * 180 + 40 * 180) / 60.0 / 1.1));

    seen.in_progress_s = 4000;
    seen.age_s = 0.9 * 1800;
    CHECK_FALSE(handling_time(seen).settled());
    seen.age_s = 0.9 * 1800 + 1;
    CHECK(handling_time(seen).settled());
    CHECK(handling_time(seen).aht_s == 30);
}

TEST_CASE("handling time: nobody tells of calls in progress, or nothing is configured", "[unit]") {
    HandlingSeen seen;
    seen.handled = 30;
    seen.handled_s = 900;
    seen.age_s = 240;
    seen.in_progress = std::numeric_limits<double>::quiet_NaN();
    seen.configured_s = 180;
    CHECK(handling_time(seen).aht_s == 180);
    CHECK_FALSE(handling_time(seen).settled());
    seen.in_progress = 40;
    seen.in_progress_s = std::numeric_limits<double>::quiet_NaN();
    CHECK(handling_time(seen).aht_s == Approx(180));

    seen.configured_s = 0;
    seen.in_progress_s = 4500;
    CHECK(handling_time(seen).aht_s == Approx(180));  // all the time on calls, by the calls that ended
    seen.handled = 0;
    CHECK(handling_time(seen).from == HandlingFrom::unknown);
    CHECK(std::isnan(handling_time(seen).aht_s));
}
