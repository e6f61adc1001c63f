// Rules of kind "baseline" on the virtual clock: learning, both sides of limits, running rows, freezes, clocks, restarts.
#include <cmath>

#include "core/base/bytes.hpp"
#include "core/forecast/count_test.hpp"
#include "support/baseline_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
constexpr auto percent = LimitUnit::percent;

Plan baseline_plan(RuleSpec rule = baseline_rule()) {
    auto plan = plan_of({std::move(rule)});
    plan.limits.skew = std::chrono::hours{24};
    plan.stale_after = 10min;
    return plan;
}

/// A detector that knows twelve flat days of `per_slot`, at 08:00 of the thirteenth.
Traffic taught(Plan plan, double per_slot = 300, double cadence = 60) {
    Traffic traffic(std::move(plan));
    traffic.flow(0, 12 * day_s + 8 * 3600, cadence, flat(per_slot));
    return traffic;
}
constexpr double begin = 12 * day_s + 8 * 3600;
}  // namespace

TEST_CASE("baseline: while it learns it is unknown, whatever comes, and says so; then it judges") {
    Traffic traffic(baseline_plan());
    traffic.flow(0, 5 * day_s, 60, flat(300));
    traffic.flow(5 * day_s, 5 * day_s + 3600, 60, flat(3000));
    traffic.flow(5 * day_s + 3600, 10 * day_s - 60, 60, flat(300));
    CHECK(traffic.edges.empty());
    CHECK_FALSE(traffic.known());
    CHECK(traffic.view().reading.state == BaselineReading::State::learning);
    CHECK(traffic.detector->find_baseline(0, 0)->reason() == "learning: 9 of 10 days");

    traffic.flow(10 * day_s - 60, 10 * day_s + 600, 60, flat(300));
    CHECK(traffic.known());
    CHECK(traffic.view().reading.state == BaselineReading::State::judged);
    CHECK(traffic.detector->find_baseline(0, 0)->reason().empty());
    traffic.flow(10 * day_s + 600, 10 * day_s + 1200, 60, flat(900));
    CHECK(traffic.raised(Level::red) > 0);
}

TEST_CASE("baseline: just under the yellow limit is quiet, just above it is yellow") {
    const auto raised = [](double calls) {
        auto traffic = taught(baseline_plan());
        traffic.flow(begin, begin + 300, 60, flat(calls));
        const auto surprise = traffic.view().reading.surprise;
        CHECK((surprise >= 3.4) == (traffic.raised(Level::yellow) > 0));
        return traffic.raised(Level::yellow) > 0;
    };
    int quiet = 0;
    double edge = 300;
    while (!raised(edge) && edge < 600) {
        ++quiet;
        edge += 4;
    }
    CHECK(quiet > 5);
    CHECK(edge > 340);  // 3.1 standard deviations of 300 calls are 53
    CHECK(edge < 400);
}

TEST_CASE("baseline: limits in percent: +19 % is none, +21 % is yellow, +41 % is orange; small queues need more than chance") {
    const auto rule = [] {
        return baseline_rule({level(Level::yellow, above(20, percent), below(10, percent)),
                              level(Level::orange, above(40, percent), below(25, percent))});
    };
    const auto top = [&](double usual, double now) {
        auto traffic = taught(baseline_plan(rule()), usual);
        traffic.flow(begin, begin + 900, 60, flat(now));
        return traffic.edges.empty() ? Level::none : traffic.edges.back().level;
    };
    CHECK(top(3000, 3000 * 1.19) == Level::none);
    CHECK(top(3000, 3000 * 1.21) == Level::yellow);
    CHECK(top(3000, 3000 * 1.41) == Level::orange);
    CHECK(top(20, 20 * 1.41) == Level::none);  // 8 calls more than 20 are chance
    CHECK(top(20, 20 * 3) == Level::orange);
}

TEST_CASE("baseline: a smaller excess than the floor never counts") {
    const auto raised = [](double floor) {
        auto rule = baseline_rule();
        rule.floor = floor;
        auto traffic = taught(baseline_plan(rule), 1);
        traffic.flow(begin, begin + 300, 60, flat(15));
        return !traffic.edges.empty();
    };
    CHECK(raised(5));
    CHECK(raised(13.9));
    CHECK_FALSE(raised(14.1));
}

TEST_CASE("baseline: twice the calls are seen within two minutes, in the middle of a row and at its start") {
    for (const double offset : {0.0, 120.0, 240.0}) {
        auto traffic = taught(baseline_plan(), 300, 5);
        traffic.flow(begin, begin + offset, 5, flat(300));
        traffic.flow(begin + offset, begin + offset + 300, 5, flat(600));
        INFO("offset " << offset);
        REQUIRE(traffic.raised(Level::yellow) > 0);
        CHECK(traffic.raised(Level::yellow) - begin - offset <= 120);
        CHECK(traffic.edges.front().evidence.find("expected (today") != std::string::npos);
        CHECK(traffic.edges.front().evidence.find(", chance ") != std::string::npos);
    }
}

TEST_CASE("baseline: a slow +20 % is seen too, and clears when the traffic is usual again") {
    auto traffic = taught(baseline_plan(), 600);
    traffic.flow(begin, begin + 1800, 60, flat(720));
    CHECK(traffic.raised(Level::yellow) > 0);
    CHECK(traffic.raised(Level::yellow) - begin <= 900);
    traffic.flow(begin + 1800, begin + 4200, 60, flat(600));
    CHECK(traffic.edges.back().to == AlertState::ok);
}

TEST_CASE("baseline: what the last whole row said stands until the next is whole") {
    auto traffic = taught(baseline_plan());
    traffic.flow(begin, begin + 300, 60, flat(450));
    REQUIRE(traffic.raised(Level::yellow) > 0);
    const auto edges = traffic.edges.size();
    traffic.flow(begin + 300, begin + 540, 60, flat(300));  // four quiet minutes clear nothing
    CHECK(traffic.edges.size() == edges);
}

TEST_CASE("baseline: too few calls count with direction both only") {
    auto up = taught(baseline_plan());
    up.flow(begin, begin + 900, 60, flat(100));
    CHECK(up.edges.empty());

    auto rule = baseline_rule();
    rule.direction = SurgeDirection::both;
    auto both = taught(baseline_plan(rule));
    both.flow(begin, begin + 900, 60, flat(100));
    CHECK(both.raised(Level::yellow) > 0);
}

TEST_CASE("baseline: with direction down too few are raised and too many are not, by surprise and by percent") {
    for (const bool shares : {false, true}) {
        auto rule = shares ? baseline_rule({level(Level::yellow, above(30, percent), below(10, percent))}) : baseline_rule();
        rule.direction = SurgeDirection::down;
        INFO((shares ? "percent" : "surprise"));
        auto few = taught(baseline_plan(rule));
        few.flow(begin, begin + 900, 60, flat(100));
        CHECK(few.raised(Level::yellow) > 0);
        auto many = taught(baseline_plan(rule));
        many.flow(begin, begin + 900, 60, flat(600));
        CHECK(many.edges.empty());
    }
}

TEST_CASE("baseline: a restart of the counter, an outage of the feed are no surge and no silence (D5)") {
    auto rule = baseline_rule();
    rule.direction = SurgeDirection::both;
    auto reset = taught(baseline_plan(rule));
    reset.flow(begin, begin + 120, 60, flat(300));
    ++reset.epoch;
    reset.total = 0;
    reset.flow(begin + 120, begin + 3600, 60, flat(300));
    CHECK(reset.edges.empty());
    CHECK(reset.detector->resets() > 0);

    auto outage = taught(baseline_plan(rule));
    outage.total += 1.0 * 4 * 3600 + 5000;  // four hours and a burst that nobody saw
    outage.flow(begin + 4 * 3600, begin + 5 * 3600, 60, flat(300));
    CHECK(outage.edges.empty());
    CHECK(outage.view().reading.state == BaselineReading::State::judged);
}

TEST_CASE("baseline: a feeder of 1 s and one of 60 s raise the same in the same row") {
    const auto run = [](double cadence) {
        auto traffic = taught(baseline_plan(), 300, cadence);
        traffic.flow(begin, begin + 600, cadence, flat(300));
        traffic.flow(begin + 600, begin + 1200, cadence, flat(400));
        return traffic;
    };
    const auto fast = run(1);
    const auto slow = run(60);
    CHECK(fast.view().reading.surprise == Approx(slow.view().reading.surprise).epsilon(1e-6));
    CHECK(fast.view().expected_now == Approx(slow.view().expected_now).epsilon(1e-6));
    CHECK(fast.view().level == Approx(slow.view().level).epsilon(1e-6));
    CHECK(fast.raised(Level::yellow) == slow.raised(Level::yellow));
}

TEST_CASE("baseline: learning freezes while an incident is open, and not for ever (D6)") {
    const auto usual_after = [](bool open, Span freeze) {
        auto rule = baseline_rule();
        rule.freeze = freeze;
        auto traffic = taught(baseline_plan(rule));
        bool now_open = false;
        traffic.detector->watch_incidents(
            [&](const QueueKey& queue, std::string_view) { return now_open && queue.queue == "general"; });
        now_open = open;
        traffic.flow(begin, begin + 8 * 3600, 60, flat(600));
        CHECK(traffic.view().frozen == (open && freeze > 8h));
        now_open = false;
        traffic.flow(begin + 8 * 3600, 19 * day_s + 12 * 3600, 60, flat(300));  // a week on
        return traffic.view().usual_now;
    };
    const auto frozen = usual_after(true, 24h);
    CHECK(frozen == Approx(300).epsilon(0.01));
    CHECK(usual_after(false, 3h) > 1.05 * frozen);
    CHECK(usual_after(true, 1h) > 1.05 * frozen);
}

TEST_CASE("baseline: an hour that comes twice or never is no surge and no silence") {
    auto rule = baseline_rule();
    rule.direction = SurgeDirection::both;
    rule.zone = "X";
    for (const bool back : {true, false}) {
        auto plan = baseline_plan(rule);
        const auto change = (std::int64_t{20514} + 13) * 86400 + 3600;
        plan.zones["X"] = Zone("X", back ? 7200 : 3600, {{change, back ? 3600 : 7200}});
        Traffic traffic(plan);
        // Calls follow the clock on the wall: busy days, quiet nights.
        const auto civil = [&](double s) {
            const auto wall = monday(s).wall;
            const double hour = traffic.plan.zones["X"].to_civil(wall).second_of_day / 3600.0;
            return (180.0 + 120.0 * std::sin((hour - 9.0) / 12.0 * 3.141592653589793)) / 300.0;
        };
        traffic.flow(0, 16 * day_s, 60, civil);
        INFO((back ? "twice" : "never"));
        CHECK(traffic.edges.empty());
        CHECK(traffic.view().reading.state == BaselineReading::State::judged);
    }
}

TEST_CASE("baseline: closed hours end an alert and raise none") {
    auto rule = baseline_rule();
    rule.calendar = "desk";
    auto plan = baseline_plan(rule);
    CalendarSpec desk;
    desk.id = "desk";
    desk.closed.push_back({0x7F, 9 * 60, 7 * 60});
    plan.calendars.push_back(desk);
    auto traffic = taught(plan);
    traffic.flow(begin, begin + 3600, 60, flat(600));
    REQUIRE(traffic.raised(Level::red) > 0);
    traffic.flow(begin + 3600, begin + 4500, 60, flat(600));
    CHECK(traffic.edges.back().to == AlertState::ok);
    CHECK(traffic.edges.back().evidence == "closed by the calendar");
    const auto edges = traffic.edges.size();
    traffic.flow(begin + 4500, begin + 6 * 3600, 60, flat(3000));
    CHECK(traffic.edges.size() == edges);

    Traffic young(plan);
    young.flow(0, 2 * day_s, 60, flat(300));
    CHECK_FALSE(young.known());  // closed or not: while it learns it is not green
}

TEST_CASE("baseline: a gauge is judged by its mean, or by the amounts it tells") {
    auto level_rule = baseline_rule();
    level_rule.metric = "calls_waiting";
    Traffic waiting(baseline_plan(level_rule));
    waiting.metric = "calls_waiting";
    const auto hold = [&](double from, double until, double value) {
        for (double s = from; s < until; s += 60) {
            waiting.total = value;
            waiting.send(s + 60);
        }
    };
    hold(0, begin, 40);
    CHECK(waiting.edges.empty());
    CHECK(waiting.view().usual_now == Approx(40).epsilon(0.01));
    hold(begin, begin + 600, 100);
    CHECK(waiting.raised(Level::yellow) > 0);

    auto count_rule = level_rule;
    count_rule.counts = true;
    Traffic counts(baseline_plan(count_rule));
    counts.metric = "calls_waiting";
    for (double s = 0; s < begin; s += 300) {
        counts.total = 250;  // calls in the five minutes that end now
        counts.send(s + 300);
    }
    CHECK(counts.view().usual_now == Approx(250).epsilon(0.01));
    counts.total = 500;
    counts.send(begin + 300);
    CHECK(counts.raised(Level::red) == begin + 300);
}

TEST_CASE("baseline: a restart at any minute of a surge gives the same edges at the same times (D7)") {
    auto rule = baseline_rule();
    rule.levels[0].raise_after = 90s;
    rule.levels[0].clear_after = 10min;
    const auto start = taught(baseline_plan(rule), 300, 30);
    const auto bytes = start.detector->snapshot();
    const auto run = [&](double restart_at) {
        Traffic traffic(start.plan);
        REQUIRE(traffic.detector->restore(bytes));
        traffic.total = start.total;
        traffic.seq = start.seq;
        std::vector<std::string> lines;
        for (double s = begin; s < begin + 5400; s += 30) {
            if (s == restart_at) {
                auto next = std::make_unique<Detector>(traffic.plan);
                REQUIRE(next->restore(traffic.detector->snapshot()));
                CHECK(next->snapshot() == traffic.detector->snapshot());
                next->reconcile(traffic.detector->open_alerts());
                traffic.detector = std::move(next);
            }
            traffic.flow(s, s + 30, 30, flat(s < begin + 1500 ? 420 : 300));
        }
        for (const auto& edge : traffic.edges) {
            lines.push_back(std::string(to_string(edge.to)) + std::to_string(to_ms(edge.at)) + edge.evidence);
        }
        return lines;
    };
    const auto unbroken = run(-1);
    REQUIRE(unbroken.size() >= 4);
    for (double s = begin; s < begin + 2400; s += 90) {
        INFO("restart at +" << s - begin);
        CHECK(run(s) == unbroken);
    }
}

TEST_CASE("baseline: torn or spoiled bytes never crash, and leave the profile as new") {
    const auto traffic = taught(baseline_plan(), 50);
    const auto bytes = traffic.detector->snapshot();
    for (std::size_t cut = 0; cut < bytes.size(); cut += 97) {
        Detector other(traffic.plan);
        CHECK_FALSE(other.restore(std::string_view(bytes).substr(0, cut)));
    }
    for (std::size_t at = 0; at < bytes.size(); at += 31) {
        auto broken = bytes;
        broken[at] = static_cast<char>(broken[at] ^ 0x55);
        Traffic other(traffic.plan);
        other.total = traffic.total;
        other.seq = traffic.seq + 1000;
        other.detector->restore(broken);
        other.flow(begin, begin + 360, 60, flat(50));
    }
}

TEST_CASE("baseline: a reload keeps what was learned, also when only the limits changed; another slot begins anew") {
    const auto reload = [](RuleSpec rule) {
        auto traffic = taught(baseline_plan());
        const auto plan = baseline_plan(std::move(rule));
        auto next = std::make_unique<Traffic>(plan);
        next->detector->take_over(*traffic.detector, monday(begin));
        next->total = traffic.total;
        next->seq = traffic.seq;
        return next;
    };
    const auto same = reload(baseline_rule());
    CHECK(same->view().days == 12);
    auto limits = baseline_rule();
    limits.levels[0].raise.value = 4;
    limits.content = 4711;
    const auto changed = reload(limits);
    CHECK(changed->view().days == 12);
    changed->flow(begin, begin + 600, 60, flat(600));
    CHECK(changed->raised(Level::red) > 0);
    auto slot = baseline_rule();
    slot.slot = 10min;
    slot.content = 4712;
    slot.profile = 100;
    CHECK(reload(slot)->view().days == 0);
}

TEST_CASE("baseline: a profile from history goes where less is known, waits for queues that never spoke, and fits only its own") {
    const auto old = taught(baseline_plan());
    ByteWriter learned;
    old.detector->find_baseline(0, 0)->detector().save(learned);
    const auto shelf = [&](const std::string& zone, const std::string& queue, std::uint64_t profile) {
        return ProfileShelf{{{{"jinan", queue, "voice"}, profile}, {"offered", zone, 12, learned.bytes()}}};
    };
    const auto after = [&](ProfileShelf profiles, double days) {
        Traffic traffic(baseline_plan());
        if (days > 0) {
            traffic.flow(begin - days * day_s, begin, 60, flat(300));
        }
        traffic.detector->offer_profiles(std::move(profiles));
        traffic.flow(begin, begin + 600, 60, flat(300));
        return traffic.view().days;
    };
    const auto good = read_profiles(write_profiles(shelf("UTC", "general", 99)));
    REQUIRE(good);
    CHECK(after(*good, 0) == 12);
    CHECK(after(*good, 2) == 12);
    CHECK(after(shelf("UTC", "general", 98), 2) == 2);
    CHECK(after(shelf("Asia/Shanghai", "general", 99), 2) == 2);
    CHECK(after(shelf("UTC", "complaint", 99), 2) == 2);
    const auto bytes = write_profiles(*good);
    for (std::size_t cut = 0; cut < bytes.size(); cut += 101) {
        CHECK_FALSE(read_profiles(std::string_view(bytes).substr(0, cut)));
    }
}

TEST_CASE("baseline: the zone is the rule's, else the queue's, else its centre's, else the default") {
    const auto zone_of = [](const std::string& of_rule, const std::string& of_queue, const std::string& of_centre) {
        auto rule = baseline_rule();
        rule.zone = of_rule;
        auto plan = baseline_plan(rule);
        for (const auto* name : {"A", "B", "C", "D"}) {
            plan.zones[name] = Zone(name, 3600, {});
        }
        plan.timezone = "D";
        plan.expects.push_back({"jinan", "other", "voice", 5s, "", of_centre});
        plan.expects.push_back({"jinan", "general", "voice", 5s, "", of_queue});
        Traffic traffic(plan);
        traffic.flow(0, 60, 60, flat(300));
        return traffic.detector->baseline(1, 0)->zone;
    };
    CHECK(zone_of("A", "B", "C") == "A");
    CHECK(zone_of("", "B", "C") == "B");
    CHECK(zone_of("", "", "C") == "C");
    CHECK(zone_of("", "", "") == "D");
}

TEST_CASE("baseline: a desk that closes at eight as it did for twelve days is no silence of traffic, one that dies at eleven is") {
    auto silent = rule("silent", "offered", {level(Level::yellow, above(180, LimitUnit::span), below(60, LimitUnit::span))}, RuleKind::absence);
    auto plan = plan_of({baseline_rule(), silent});
    plan.limits.skew = std::chrono::hours{24};
    const auto open = [](double s) {
        const double hour = std::fmod(s, day_s) / 3600.0;
        return hour >= 8 && hour < 20 ? 0.1 : 0.0;
    };
    Traffic traffic(plan);
    traffic.flow(0, 9 * day_s, 60, open);
    CHECK_FALSE(traffic.edges.empty());  // while it learns it knows the last hour only, and the evening is told
    traffic.flow(9 * day_s, 12 * day_s, 60, open);
    traffic.edges.clear();
    traffic.flow(12 * day_s, 15 * day_s, 60, open);
    CHECK(traffic.edges.empty());
    traffic.flow(15 * day_s, 15 * day_s + 11 * 3600, 60, open);
    traffic.flow(15 * day_s + 11 * 3600, 15 * day_s + 11 * 3600 + 600, 60, flat(0));
    CHECK(traffic.raised(Level::yellow) > 15 * day_s + 11 * 3600 + 180);
}
