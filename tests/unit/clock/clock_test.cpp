#include "io/clock/clock.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
class FakeClock final : public Clock {
public:
    Span steady() const override { return steady_; }
    WallTime wall() const override { return wall_; }
    void pass(Span span) {
        steady_ += span;
        wall_ += span;
    }
    void step_wall(Span span) { wall_ += span; }
    void step_steady(Span span) { steady_ += span; }

private:
    Span steady_{5000};
    WallTime wall_ = wall_time(1'700'000'000'000);
};
}  // namespace

TEST_CASE("engine time: without a journal it starts at the wall clock and follows the boot clock", "[unit]") {
    FakeClock clock;
    const EngineClockSource source(clock, std::nullopt);

    CHECK(to_ms(source.now().at) == 1'700'000'000'000);
    clock.pass(Span{1234});
    CHECK(to_ms(source.now().at) == 1'700'000'001'234);
    CHECK(to_ms(source.now().wall) == 1'700'000'001'234);
    CHECK(source.ahead() == Span{0});
}

TEST_CASE("engine time: a journal ahead of the wall clock is carried on, one behind it is caught up", "[unit]") {
    FakeClock clock;

    const EngineClockSource ahead(clock, engine_time(1'700'000'100'000));
    CHECK(to_ms(ahead.now().at) == 1'700'000'100'000);
    CHECK(ahead.ahead() == Span{100'000});

    const EngineClockSource behind(clock, engine_time(1'699'999'000'000));
    CHECK(to_ms(behind.now().at) == 1'700'000'000'000);
    CHECK(behind.ahead() == Span{0});
}

TEST_CASE("engine time: one that takes over goes on at the time it is given, ahead of the wall clock or behind it", "[unit]") {
    FakeClock clock;
    const auto behind = EngineClockSource::going_on_at(clock, engine_time(1'699'999'999'000));
    CHECK(to_ms(behind.now().at) == 1'699'999'999'000);
    CHECK(behind.ahead() == Span{-1000});
    const auto ahead = EngineClockSource::going_on_at(clock, engine_time(1'700'000'060'000));
    CHECK(ahead.ahead() == Span{60'000});
    clock.pass(Span{500});
    clock.step_wall(std::chrono::hours{1});
    CHECK(to_ms(behind.now().at) == 1'699'999'999'500);
    CHECK(to_ms(ahead.now().at) == 1'700'000'060'500);
}

TEST_CASE("engine time: a step of the wall clock moves the wall clock only", "[unit]") {
    FakeClock clock;
    const EngineClockSource source(clock, std::nullopt);

    clock.pass(Span{1000});
    clock.step_wall(std::chrono::hours{-8});
    CHECK(to_ms(source.now().at) == 1'700'000'001'000);
    CHECK(to_ms(source.now().wall) == 1'700'000'001'000 - 8 * 3'600'000);
}

TEST_CASE("engine time: it never goes behind its anchor", "[unit]") {
    FakeClock clock;
    const EngineClockSource source(clock, std::nullopt);

    clock.step_steady(Span{-3000});
    CHECK(source.now().at == source.anchor());
}

TEST_CASE("wall jump: more than two seconds between two looks, either way; exactly two seconds is none", "[unit]") {
    FakeClock clock;
    const EngineClockSource source(clock, std::nullopt);
    WallJumpWatch watch;

    CHECK_FALSE(watch.look(source.now()).has_value());
    clock.pass(Span{1000});
    clock.step_wall(Span{2000});
    CHECK_FALSE(watch.look(source.now()).has_value());
    clock.step_wall(Span{2001});
    CHECK(watch.look(source.now()) == Span{2001});
    clock.step_wall(Span{-2000});
    CHECK_FALSE(watch.look(source.now()).has_value());
    clock.step_wall(Span{-2001});
    CHECK(watch.look(source.now()) == Span{-2001});
}

TEST_CASE("wall jump: it is told once, and time that passes is none", "[unit]") {
    FakeClock clock;
    const EngineClockSource source(clock, std::nullopt);
    WallJumpWatch watch;

    watch.look(source.now());
    clock.step_wall(std::chrono::hours{1});
    CHECK(watch.look(source.now()) == Span{3'600'000});
    CHECK_FALSE(watch.look(source.now()).has_value());
    clock.pass(std::chrono::hours{30});
    CHECK_FALSE(watch.look(source.now()).has_value());
}

TEST_CASE("wall jump: slewing of 500 ppm over a day is none", "[unit]") {
    FakeClock clock;
    const EngineClockSource source(clock, std::nullopt);
    WallJumpWatch watch;

    watch.look(source.now());
    for (int i = 0; i < 86400; ++i) {
        clock.pass(Span{1000});
        if (i % 2 == 0) {
            clock.step_wall(Span{1});
        }
        REQUIRE_FALSE(watch.look(source.now()).has_value());
    }
}

TEST_CASE("system clock: its boot clock does not go back and its wall clock is in this century", "[unit]") {
    const SystemClock clock;
    const Span before = clock.steady();
    CHECK(clock.steady() >= before);
    CHECK(to_ms(clock.wall()) > 1'600'000'000'000);
    CHECK(to_ms(clock.wall()) < 4'102'444'800'000);
}
