// Starts that once crashed: alerts that the log knows and the windows do not, under the same and under any other configuration.
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/rule/detector.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
LevelSpec low(Level l, double raise, double clear) {
    return level(l, below(raise), above(clear));
}

/// Rules of one id ("r0" ...) change kind, metric and content from plan to plan, as an edited pack's do.
std::vector<Plan> packs() {
    std::vector<Plan> out;
    const auto rate = rule("r0", "rate", {low(Level::yellow, 0.9, 0.95), low(Level::red, 0.5, 0.6)});
    out.push_back(plan_of({rate}, {derive("rate", "increase(answered, 10m) / increase(offered, 10m)")}));
    out.push_back(plan_of({rate}, {derive("rate", "increase(answered, 5m) / outcomes(5m)", "increase(overflow_in, 10m) >= 0")}));
    out.push_back(plan_of({rate}, {derive("half", "default(increase(answered, 2m), 0) / 2"), derive("rate", "half / agents_staffed")}));
    out.push_back(plan_of({rate}));  // the derive is gone
    auto centre = rate;
    centre.scope.queue = "*";
    out.push_back(plan_of({centre}, {derive("rate", "sum(increase(answered, 10m)) / sum(increase(offered, 10m))",
                                            "sum(increase(offered, 10m)) >= 1", GroupBy::centre)}));
    out.push_back(plan_of({centre}, {derive("rate", "sum(increase(answered, 10m)) / max(1, sum(increase(offered, 10m)))", {}, GroupBy::group),
                                     derive("all", "sum(calls_waiting)", {}, GroupBy::all)}));
    out.back().expects.push_back({"jinan", "general", "voice", 5s, "g"});
    auto swings = rule("r0", "rate", {level(Level::yellow, above(0), below(0))}, RuleKind::volatility);
    swings.band = 0.1;
    swings.window = 600s;
    swings.content += 1;
    out.push_back(plan_of({swings}, {derive("rate", "increase(answered, 1m) / increase(offered, 1m)")}));
    auto change = rule("r0", "offered", {level(Level::yellow, above(30, LimitUnit::percent), below(15, LimitUnit::percent))},
                       RuleKind::rate_of_change);
    out.push_back(plan_of({change}));
    auto silent = rule("r0", "offered", {level(Level::yellow, above(60, LimitUnit::span), below(60, LimitUnit::span))}, RuleKind::absence);
    silent.content += 2;
    out.push_back(plan_of({silent}));
    auto feed = silent;
    feed.metric = "";
    feed.feed = true;
    feed.content += 3;
    out.push_back(plan_of({feed}));
    auto missing = rule("r0", "offered", {level(Level::yellow, above(0), below(1))}, RuleKind::shortfall);
    missing.staffing = {{0.8, 20}, 0.9, 180, 1800s, 300, 300s, 600s};
    missing.window = 300s;
    missing.content += 4;
    out.push_back(plan_of({missing}));
    auto profile = rule("r0", "offered", {level(Level::yellow, above(3), below(1))}, RuleKind::baseline);
    profile.content += 5;
    out.push_back(plan_of({profile}));
    auto ahead = rule("r0", "calls_waiting", {level(Level::yellow, above(3), below(1))});
    ahead.ahead = 300s;
    ahead.content += 6;
    out.push_back(plan_of({ahead}));
    return out;
}

/// A minute and more of a queue that goes badly; `only` leaves out what a feeder may not send.
void play(Detector& detector, Feeder& feeder, double from, double to, bool whole) {
    for (double s = from; s < to; s += 5) {
        Feeder::Values values{{"offered", s}, {"calls_waiting", 20 + s}};
        if (whole) {
            values.insert(values.end(), {{"answered", s / 3}, {"agents_staffed", 5}, {"agents_available", 0}, {"agents_on_call", 5},
                                         {"handled", s / 4}, {"talk_s_sum", s * 20}});
        }
        detector.advance(at_s(s));
        detector.ingest(feeder.message(s, "general", std::move(values)), at_s(s));
    }
}

std::string spoiled(std::string windows, int how, std::mt19937& random) {
    switch (how) {
        case 0: return {};
        case 1: return windows;
        case 2: return windows.substr(0, random() % (windows.size() + 1));
        default:
            for (int i = 0; i < 20; ++i) {
                windows[random() % windows.size()] = static_cast<char>(random());
            }
            return windows;
    }
}
}  // namespace

TEST_CASE("start: an open alert on a derived metric whose inputs the windows do not have (crash loop)", "[unit]") {
    auto plan = packs()[0];
    plan.rules[0].unknown_clear_after = 60s;
    Feeder feeder;
    Detector before(plan);
    play(before, feeder, 0, 120, true);
    const auto open = before.open_alerts();
    REQUIRE(open.size() == 1);

    Detector after(plan);
    after.reconcile(open);
    REQUIRE(after.open_alerts().size() == 1);
    SECTION("the inputs come again and it goes on by their values") {
        play(after, feeder, 125, 300, true);
        CHECK(after.open_alerts().size() == 1);
        CHECK(after.open_alerts().front().value == Approx(1.0 / 3).epsilon(0.02));
    }
    SECTION("they never come: it is unknown, and ends by the rule's own word") {
        play(after, feeder, 125, 180, false);
        CHECK(after.open_alerts().size() == 1);
        play(after, feeder, 180, 200, false);
        CHECK(after.open_alerts().empty());
    }
}

TEST_CASE("start: any configuration on the alerts and windows of any other starts and goes on", "[unit]") {
    const auto plans = packs();
    std::mt19937 random(10);
    for (std::size_t from = 0; from < plans.size(); ++from) {
        Feeder feeder;
        Detector before(plans[from]);
        // Each prefix of the log, as the alerts that were open then; and the windows of that moment.
        for (double until = 0; until < 900; until += 150) {
            play(before, feeder, until, until + 150, true);
            const auto open = before.open_alerts();
            const auto windows = before.snapshot();
            for (std::size_t to = 0; to < plans.size(); ++to) {
                for (int how = 0; how < 4; ++how) {
                    CAPTURE(from, to, until, how);
                    auto after = std::make_unique<Detector>(plans[to]);
                    if (!after->restore(spoiled(windows, how, random))) {
                        after = std::make_unique<Detector>(plans[to]);
                    }
                    after->reconcile(open);
                    auto same = feeder;
                    play(*after, same, until + 150, until + 200, how % 2 == 0);
                    play(*after, same, until + 200, until + 260, true);
                    after->advance(at_s(until + 4000));
                    for (const auto& alert : after->open_alerts()) {
                        CHECK(alert.rule == "r0");
                    }
                    CHECK(Detector(plans[to]).restore(after->snapshot()));  // also where a metric fell silent while it was unknown
                    Detector next(plans[from]);
                    next.take_over(*after, at_s(until + 4001));
                    CHECK(next.restore(next.snapshot()));
                }
            }
        }
    }
}
