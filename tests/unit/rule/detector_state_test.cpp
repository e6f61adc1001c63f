#include "core/rule/detector.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
Plan sample_plan() {
    auto surge = rule("offered-surge", "offered",
                      {level(Level::yellow, above(30, LimitUnit::percent), below(15, LimitUnit::percent), 10s, 30s)},
                      RuleKind::rate_of_change);
    surge.floor = 5;
    return plan_of(
        {rule("oldest-wait", "oldest_wait_s",
              {level(Level::yellow, above(40), below(30), 10s, 60s), level(Level::red, above(100), below(80), 5s, 5s)}),
         surge},
        {derive("per_agent", "calls_waiting / agents_available", "agents_available > 0")});
}

struct Day {
    Feeder feeder;
    double offered = 0;
    const Message& at(double s) {
        const bool busy = s > 1500 && s < 1800;
        offered += busy ? 10 : 3;
        return feeder.message(s, "general",
                              {{"offered", offered},
                               {"oldest_wait_s", busy ? 50 + (s - 1500) / 3 : 5},
                               {"calls_waiting", 7},
                               {"agents_available", 3}});
    }
};

std::string edge_line(const AlertEdge& edge) {
    return edge.rule + " " + std::string(to_string(edge.from)) + ">" + std::string(to_string(edge.to)) + " " +
           std::string(to_string(edge.level)) + " " + std::to_string(to_ms(edge.at) - epoch_ms);
}
}  // namespace

TEST_CASE("detector state: a restart at any message gives the same edges at the same times (D7)") {
    const auto plan = sample_plan();
    const auto run = [&](double restart_at) {
        std::vector<std::string> lines;
        auto detector = std::make_unique<Detector>(plan);
        Day day;
        for (double s = 0; s < 2400; s += 5) {
            if (s == restart_at) {
                auto next = std::make_unique<Detector>(plan);
                REQUIRE(next->restore(detector->snapshot()));
                CHECK(next->snapshot() == detector->snapshot());
                next->reconcile(detector->open_alerts());
                detector = std::move(next);
            }
            detector->advance(at_s(s));
            detector->ingest(day.at(s), at_s(s));
            for (const auto& edge : detector->edges()) {
                lines.push_back(edge_line(edge));
            }
            detector->clear_edges();
        }
        return lines;
    };
    const auto unbroken = run(-1);
    REQUIRE(unbroken.size() >= 8);

    for (double s = 1480; s < 1900; s += 5) {
        INFO("restart at " << s);
        CHECK(run(s) == unbroken);
    }
}

TEST_CASE("detector state: bytes cut anywhere or changed anywhere never crash") {
    const auto plan = sample_plan();
    Detector detector(plan);
    Day day;
    for (double s = 0; s < 1700; s += 5) {
        detector.ingest(day.at(s), at_s(s));
    }
    const auto bytes = detector.snapshot();

    for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
        Detector other(plan);
        CHECK_FALSE(other.restore(std::string_view(bytes).substr(0, cut)));
    }
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto broken = bytes;
        broken[at] = static_cast<char>(broken[at] ^ 0x55);
        Detector other(plan);
        other.restore(broken);
        other.advance(at_s(1701));
    }
}

TEST_CASE("detector state: what the log says of an alert wins over the snapshot") {
    const auto plan = sample_plan();
    Detector detector(plan);
    Feeder feeder;
    detector.ingest(feeder.message(0, "general", {{"oldest_wait_s", 200}}), at_s(0));
    const auto old = detector.snapshot();  // pending
    detector.advance(at_s(5));
    REQUIRE(detector.edges().back().to == AlertState::firing);

    Detector next(plan);
    REQUIRE(next.restore(old));
    next.reconcile(detector.open_alerts());
    REQUIRE(next.open_alerts().size() == 1);
    CHECK(next.open_alerts()[0].to == AlertState::firing);
    CHECK(next.open_alerts()[0].level == Level::red);
    next.reconcile({});
    CHECK(next.open_alerts().empty());
}

TEST_CASE("detector state: reload keeps alerts of unchanged rules and closes those of removed ones") {
    const auto plan = sample_plan();
    auto changed = sample_plan();
    changed.rules[0].levels[0].raise.value = 45;
    changed.rules[0].content = 4711;
    Detector detector(plan);
    Day day;
    for (double s = 0; s < 1700; s += 5) {
        detector.advance(at_s(s));
        detector.ingest(day.at(s), at_s(s));
    }
    detector.clear_edges();
    REQUIRE(detector.open_alerts().size() == 2);

    Detector same(plan);
    const auto unchanged = same.take_over(detector, at_s(1700));
    CHECK(same.edges().empty());
    CHECK(unchanged.kept == 2);
    CHECK(unchanged.re_evaluated + unchanged.closed == 0);
    CHECK(same.open_alerts().size() == 2);

    Detector other(changed);
    const auto edited = other.take_over(same, at_s(1700));
    CHECK(edited.kept == 1);
    CHECK(edited.re_evaluated == 1);
    REQUIRE(other.edges().size() == 1);
    CHECK(other.edges()[0].to == AlertState::unknown);
    CHECK(other.edges()[0].rule == "oldest-wait");
    CHECK(other.open_alerts().size() == 1);
}
