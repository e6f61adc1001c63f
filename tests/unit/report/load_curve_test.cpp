// Curves of several queues out of their histories: what a sum may say.
#include "report/load_curve.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using namespace surged;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
const WallTime opened = wall_time(1772413200000);

LoadCurve five_minutes(std::size_t steps) {
    return LoadCurve(opened, std::chrono::minutes{5}, steps);
}

}  // namespace

TEST_CASE("load curve: calls of a step are told a minute, and queues are summed", "[unit]") {
    auto curve = five_minutes(2);
    curve.add({"jinan", "a"}, {.offered = {50, 100}, .forecast = {40, 45}, .waiting = {1, 2}});
    curve.add({"jinan", "b"}, {.offered = {5, 10}, .forecast = {5, 5}, .waiting = {0, 1}});
    curve.finish();
    CHECK(curve.load == std::vector<std::optional<double>>{11, 22});
    CHECK(curve.forecast == std::vector<std::optional<double>>{9, 10});
    CHECK(curve.waiting == std::vector<std::optional<double>>{1, 3});
    CHECK(curve.gap == CurveGap::none);
}

TEST_CASE("load curve: a step of which one queue tells nothing is unknown, not smaller", "[unit]") {
    auto curve = five_minutes(3);
    curve.add({"jinan", "a"}, {.offered = {50, gap, 50}});
    curve.add({"jinan", "b"}, {.offered = {5, 5, 5}});
    curve.add({"jinan", "silent"}, {.offered = {gap, gap, gap}});
    curve.finish();
    CHECK(curve.load == std::vector<std::optional<double>>{11, std::nullopt, 11});
}

TEST_CASE("load curve: what is forecast of one queue of two is no forecast of both", "[unit]") {
    auto curve = five_minutes(1);
    curve.add({"jinan", "a"}, {.offered = {50}, .forecast = {40}});
    curve.add({"jinan", "b"}, {.offered = {5}});
    curve.finish();
    CHECK_FALSE(curve.forecast[0]);
}

TEST_CASE("load curve: the capacity is of the agents at work, else of those staffed, by how long calls took them", "[unit]") {
    auto curve = five_minutes(2);
    // 20 calls took 2400 s: 120 s each, so 10 agents take 5 a minute; without calls the last time a call took stands.
    curve.add({"jinan", "a"}, {.offered = {20, 20}, .staffed = {10, 12}, .productive = {gap, 6}, .handled = {20, 0}, .handling_s = {2400, 0}});
    curve.finish();
    CHECK(curve.capacity == std::vector<std::optional<double>>{5, 3});
}

TEST_CASE("load curve: the service level is told of the hour before and of the incident, over its queues, with the time they count by", "[unit]") {
    auto curve = five_minutes(4);
    const auto at = [](int step) { return opened + std::chrono::minutes{5 * step}; };
    curve.add({"jinan", "a"}, {.in_20 = {90, 50, 40, 100}, .level_calls = {100, 100, 100, 100}});
    curve.add({"jinan", "b"}, {.in_20 = {0, 10, gap, 10}, .level_calls = {0, 20, gap, 10}});
    curve.add({"jinan", "counts-nothing"}, {.offered = {5, 5, 5, 5}});
    curve.count_level(at(1), at(3));
    CHECK(curve.level_before.level() == Approx(0.9));
    CHECK(curve.level.level() == Approx(60.0 / 120));  // the third step is not told by both, the fourth is after the end
    CHECK(curve.level.calls == 120);
    CHECK(curve.level.within_s == 20);

    auto mixed = five_minutes(1);
    mixed.add({"jinan", "a"}, {.in_20 = {8}, .level_calls = {10}});
    mixed.add({"jinan", "b"}, {.in_15 = {1}, .level_calls = {10}});
    mixed.count_level(opened, at(1));
    CHECK(mixed.level.level() == Approx(0.45));
    CHECK(mixed.level.within_s == 0);
    auto none = five_minutes(1);
    none.add({"jinan", "a"}, {.offered = {5}});
    none.count_level(opened, at(1));
    CHECK_FALSE(none.level.level());
}

TEST_CASE("load curve: nothing known is said, and so is a history that begins later", "[unit]") {
    auto nothing = five_minutes(3);
    nothing.finish();
    CHECK_FALSE(nothing.known());
    CHECK(nothing.gap == CurveGap::unknown);
    auto later = five_minutes(5);
    later.add({"jinan", "a"}, {.offered = {gap, gap, gap, 50, 50}});
    later.finish();
    CHECK(later.known());
    CHECK(later.gap == CurveGap::begins_later);
    CHECK(LoadCurve().gap == CurveGap::off);
}
