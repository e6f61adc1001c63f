// The running row and learning without judging: what SurgeDetector can do beside step().
#include <cmath>

#include "core/forecast/surge_detector.hpp"
#include "draws.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
SurgeRow row_at(std::int64_t day, int minute, double count) {
    SurgeRow row;
    row.day = first_monday + day;
    row.second_of_day = minute * 60;
    row.kind = plain_day_kind(row.day);
    row.count = count;
    return row;
}

/// Three weeks of a flat 300 calls in 5 min, and today up to 10:00.
SurgeDetector taught(double scale = 300) {
    SurgeDetector detector({});
    Draws draws(7);
    for (int day = 0; day <= 21; ++day) {
        for (int minute = 480; minute < (day == 21 ? 600 : 1200); minute += 5) {
            detector.step(row_at(day, minute, draws.poisson(scale)));
        }
    }
    return detector;
}
}  // namespace

TEST_CASE("look: twice the calls are yellow within the first minute of a row, the usual number is nothing") {
    const auto detector = taught();
    const auto doubled = detector.look(row_at(21, 600, 120), 0.2, 5);
    CHECK(doubled.level_now >= 1);
    CHECK(doubled.window_minutes == Approx(1.0));
    CHECK(doubled.window_expected == Approx(60.0).margin(6.0));
    CHECK(detector.look(row_at(21, 600, 60), 0.2, 5).surprise < 1.0);
}

TEST_CASE("look: at the limit itself: as many looks, so many times as surprising") {
    const auto detector = taught();
    const auto once = detector.look(row_at(21, 600, 95), 0.2, 1);
    const auto five = detector.look(row_at(21, 600, 95), 0.2, 5);
    CHECK(five.surprise == Approx(once.surprise - std::log10(5.0)));
}

TEST_CASE("look: it changes nothing, and it says nothing while there is too little history") {
    auto detector = taught();
    ByteWriter before;
    detector.save(before);
    detector.look(row_at(21, 600, 500), 0.4, 5);
    ByteWriter after;
    detector.save(after);
    CHECK(before.bytes() == after.bytes());

    SurgeDetector fresh({});
    CHECK(fresh.look(row_at(0, 600, 500), 0.4, 5).learning);
    CHECK(fresh.look(row_at(0, 600, 500), 0.4, 5).level_now == 0);
}

TEST_CASE("look: without the row's day having begun nothing is known; begun, it is judged from its first minute") {
    auto detector = taught();
    CHECK(detector.look(row_at(22, 480, 120), 0.2, 5).day_ahead < 0);
    detector.begin_day(first_monday + 22, plain_day_kind(first_monday + 22));
    CHECK(detector.look(row_at(22, 480, 120), 0.2, 5).level_now >= 1);
}

TEST_CASE("learn: teaches what step teaches, but for the ranks") {
    SurgeDetector judged({});
    SurgeDetector learned({});
    Draws draws(3);
    for (int day = 0; day < 40; ++day) {
        for (int minute = 0; minute < 1440; minute += 5) {
            const double surge = day == 25 && minute >= 600 && minute < 700 ? 1.6 : 1.0;
            const auto row = row_at(day, minute, draws.poisson(surge * (usual(first_monday + day, minute, 150) + 1)));
            judged.step(row);
            learned.learn(row);
        }
    }
    CHECK(learned.profile().days() == judged.profile().days());
    CHECK(learned.test_level() == judged.test_level());
    CHECK(learned.level_now() == judged.level_now());
    for (std::int32_t second = 0; second < 86400; second += 300) {
        CHECK(learned.expected(second) == judged.expected(second));
    }
    const auto row = row_at(39, 1439 / 5 * 5, 300);
    CHECK(learned.look(row, 0.5, 5).surprise == judged.look(row, 0.5, 5).surprise);
}

TEST_CASE("hold: rows of an incident are judged and teach nothing (D6)") {
    const auto next_monday = [](bool hold) {
        auto detector = taught();
        for (int minute = 600; minute < 775; minute += 5) {  // three hours: then it is a new level
            auto row = row_at(21, minute, 900);
            row.hold = hold;
            CHECK(detector.step(row).level_now > 0);
        }
        detector.begin_day(first_monday + 28, plain_day_kind(first_monday + 28));
        return detector.expected(700 * 60);
    };
    CHECK(next_monday(true) == Approx(300).epsilon(0.03));
    CHECK(next_monday(false) > 1.02 * next_monday(true));
}
