#include "core/rule/latch.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<LevelSpec> levels{level(Level::yellow, above(40), below(30), 10s, 60s),
                                    level(Level::orange, above(60), below(45)), level(Level::red, above(100), below(80))};
EngineTime s(double t) {
    return at_s(t).at;
}
}  // namespace

TEST_CASE("latch: the raise limit itself does not raise a rule that says above") {
    LatchSet latches;
    latches.observe(levels, 40, s(0));
    CHECK(latches.state() == AlertState::ok);
    latches.observe(levels, 40.001, s(1));
    CHECK(latches.state() == AlertState::pending);
}

TEST_CASE("latch: a hold that is exactly over is enough, one millisecond less is not") {
    LatchSet latches;
    latches.observe(levels, 50, s(0));
    CHECK(latches.deadline(levels) == s(10));
    CHECK_FALSE(latches.expire(levels, s(9.999)));
    CHECK(latches.expire(levels, s(10)));
    CHECK(latches.state() == AlertState::firing);
    CHECK(latches.level() == Level::yellow);
}

TEST_CASE("latch: a dip below raise starts the hold anew") {
    LatchSet latches;
    latches.observe(levels, 50, s(0));
    latches.observe(levels, 39, s(9));
    CHECK(latches.state() == AlertState::ok);
    latches.observe(levels, 50, s(9.5));
    latches.observe(levels, 50, s(19.4));
    CHECK(latches.state() == AlertState::pending);
    latches.observe(levels, 50, s(19.5));
    CHECK(latches.state() == AlertState::firing);
}

TEST_CASE("latch: a value inside the band keeps the alert firing") {
    LatchSet latches;
    latches.observe(levels, 50, s(0));
    latches.observe(levels, 50, s(10));
    latches.observe(levels, 30, s(20));
    CHECK(latches.state() == AlertState::firing);
    latches.observe(levels, 29.9, s(21));
    CHECK(latches.state() == AlertState::clearing);
    latches.observe(levels, 35, s(80));
    CHECK(latches.state() == AlertState::firing);
}

TEST_CASE("latch: clearing takes the whole clear hold") {
    LatchSet latches;
    latches.observe(levels, 50, s(0));
    latches.observe(levels, 50, s(10));
    latches.observe(levels, 10, s(20));
    CHECK_FALSE(latches.expire(levels, s(79.999)));
    CHECK(latches.expire(levels, s(80)));
    CHECK(latches.state() == AlertState::ok);
    CHECK(latches.idle());
}

TEST_CASE("latch: levels without a hold rise at once, above a lower one that still waits") {
    LatchSet latches;
    latches.observe(levels, 101, s(0));
    CHECK(latches.level() == Level::red);
    latches.observe(levels, 79, s(1));
    CHECK(latches.level() == Level::orange);
    latches.observe(levels, 44, s(2));
    CHECK(latches.state() == AlertState::pending);  // yellow has been raising since the start
    latches.expire(levels, s(10));
    CHECK(latches.level() == Level::yellow);
}

TEST_CASE("latch: the unknown resolves nothing and fires nothing") {
    LatchSet latches;
    latches.observe(levels, 50, s(0));
    latches.observe_unknown(Span{0}, s(5));
    CHECK(latches.state() == AlertState::ok);
    latches.observe(levels, 70, s(6));
    CHECK(latches.level() == Level::orange);
    latches.observe(levels, 10, s(7));
    latches.observe(levels, 70, s(8));
    latches.observe_unknown(Span{0}, s(100000));
    CHECK(latches.level() == Level::orange);
}

TEST_CASE("latch: a rule that asks for it ends after a long unknown, and not a moment before") {
    LatchSet latches;
    latches.observe(levels, 70, s(0));
    latches.observe_unknown(600s, s(10));
    latches.observe_unknown(600s, s(609.9));
    CHECK(latches.level() == Level::orange);
    latches.observe_unknown(600s, s(610));
    CHECK(latches.idle());
}

TEST_CASE("latch: inside the quiet band nothing changes, just outside something does") {
    std::mt19937 random(7);
    for (int round = 0; round < 20000; ++round) {
        LatchSet latches;
        double t = 0;
        for (int step = 0; step < 5; ++step) {
            t += static_cast<double>(random() % 30);
            latches.observe(levels, static_cast<double>(random() % 1300) / 10.0, s(t));
        }
        const auto band = latches.quiet(levels);
        if (band.lo > band.hi) {
            continue;
        }
        const auto changes = [&](double value) {
            auto copy = latches;
            return copy.observe(levels, value, s(t));
        };
        const double infinity = std::numeric_limits<double>::infinity();
        CHECK_FALSE(changes(std::max(band.lo, -1e300)));
        CHECK_FALSE(changes(std::min(band.hi, 1e300)));
        if (band.hi < infinity) {
            CHECK(changes(std::nextafter(band.hi, infinity)));
        }
        if (band.lo > -infinity) {
            CHECK(changes(std::nextafter(band.lo, -infinity)));
        }
    }
}

TEST_CASE("latch: a band in half the bytes is never wider, and narrower by no more than single precision") {
    std::mt19937 random(9);
    std::uniform_real_distribution<double> any(-1e4, 1e4);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 20000; ++i) {
        const auto scale = std::pow(10.0, static_cast<double>(i % 40) - 20);
        const double x = any(random) * scale;
        const double y = any(random) * scale;
        const QuietBand wide{std::min(x, y), std::max(x, y)};
        const NarrowBand narrow = wide;
        const QuietBand seen = narrow;
        REQUIRE(seen.lo >= wide.lo);
        REQUIRE(seen.hi <= wide.hi);
        REQUIRE(seen.lo - wide.lo <= std::abs(wide.lo) * 2e-7);
        REQUIRE(wide.hi - seen.hi <= std::abs(wide.hi) * 2e-7);
        for (const auto value : {x, y, seen.lo, seen.hi, std::nextafter(seen.lo, -infinity), std::nextafter(seen.hi, infinity)}) {
            REQUIRE(narrow.contains(value) == seen.contains(value));
        }
    }
    const NarrowBand all = QuietBand{-infinity, infinity};
    CHECK(all.contains(1e300));
    CHECK(all.contains(-infinity));
    CHECK_FALSE(all.contains(std::nan("")));
    const NarrowBand limit = QuietBand{-1e300, 40};
    CHECK(limit.contains(40));
    CHECK_FALSE(limit.contains(std::nextafter(40, 41)));
    CHECK_FALSE(limit.contains(-1e300));  // no float is between it and all that may be: looked at
    const NarrowBand nothing = QuietBand{1, 0};
    CHECK_FALSE(nothing.contains(0.5));
}

TEST_CASE("latch: limits that include their edge") {
    const std::vector<LevelSpec> at{
        level(Level::yellow, {Comparison::at_least, 3, LimitUnit::plain}, {Comparison::at_most, 1, LimitUnit::plain})};
    LatchSet latches;
    latches.observe(at, 2.999, s(0));
    CHECK(latches.idle());
    latches.observe(at, 3, s(1));
    CHECK(latches.level() == Level::yellow);
    latches.observe(at, 1.001, s(2));
    CHECK(latches.level() == Level::yellow);
    latches.observe(at, 1, s(3));
    CHECK(latches.idle());
}

TEST_CASE("latch: rules that watch for too little") {
    const std::vector<LevelSpec> low{level(Level::yellow, below(85), above(88)), level(Level::red, below(70), above(75))};
    LatchSet latches;
    latches.observe(low, 69, s(0));
    CHECK(latches.level() == Level::red);
    latches.observe(low, 76, s(1));
    CHECK(latches.level() == Level::yellow);
    latches.observe(low, 88, s(2));
    CHECK(latches.level() == Level::yellow);
    latches.observe(low, 88.5, s(3));
    CHECK(latches.idle());
}
