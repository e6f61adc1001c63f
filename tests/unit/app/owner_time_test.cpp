// The owner's engine time as a stand-by reckons it from words that are always a little old.
#include "app/owner_time.hpp"

#include <random>

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

EngineTime ms(std::int64_t at) {
    return engine_time(at);
}

}  // namespace

TEST_CASE("owner's time: until one is heard it is the start's, on this host's boot clock", "[unit]") {
    OwnerTime time;
    time.begin(ms(1'000'000), 50s);
    CHECK_FALSE(time.was_heard());
    CHECK(to_ms(time.at(50s)) == 1'000'000);
    CHECK(to_ms(time.at(53s)) == 1'003'000);
}

TEST_CASE("owner's time: the freshest of the last readings counts, however late the others came", "[unit]") {
    OwnerTime time;
    time.begin(ms(9'000'000), 10s);  // a wall clock that is hours ahead of the owner
    std::mt19937 random(1);
    const auto owner = [](std::chrono::nanoseconds boot) { return ms(1'000'000 + boot / 1ms); };
    for (int i = 1; i <= 400; ++i) {
        const auto written = i * 250ms;
        const std::chrono::nanoseconds late = std::chrono::milliseconds(2 + random() % 400);
        time.heard(owner(written), written + late);
        if (i > 40) {
            const auto now = written + late + 100ms;
            INFO("reading " << i);
            CHECK(to_ms(time.at(now)) <= to_ms(owner(now)));
            CHECK(to_ms(time.at(now)) >= to_ms(owner(now)) - 60);
        }
    }
    CHECK(time.was_heard());
}

TEST_CASE("owner's time: a clock that goes slower than this host's is followed within two windows", "[unit]") {
    OwnerTime time;
    time.begin(ms(0), 0s);
    // 200 ppm slow: 12 ms a minute, 720 ms an hour.
    const auto owner = [](std::chrono::nanoseconds boot) { return ms(static_cast<std::int64_t>(static_cast<double>(boot / 1ms) * 0.9998)); };
    for (auto at = 0ms; at <= 3'600'000ms; at += 250ms) {
        time.heard(owner(at), at + 3ms);
    }
    const auto error = to_ms(time.at(3600s)) - to_ms(owner(3600s));
    CHECK(error <= 15);
    CHECK(error >= -15);
}

TEST_CASE("owner's time: another owner's word stands alone, be it behind the one before", "[unit]") {
    OwnerTime time;
    time.heard(ms(5'000'000), 100s);
    time.another();
    CHECK(to_ms(time.at(100s)) == 5'000'000);  // until it speaks
    time.heard(ms(4'999'000), 101s);
    CHECK(to_ms(time.at(101s)) == 4'999'000);
}
