#include <cmath>
#include <functional>

#include "core/forecast/surge_detector.hpp"
#include "draws.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

SurgeRow row_at(std::int64_t day, int minute, double count) {
    SurgeRow row;
    row.day = day;
    row.second_of_day = minute * 60;
    row.kind = plain_day_kind(day);
    row.count = count;
    return row;
}

using Factor = std::function<double(int day, int minute)>;
using See = std::function<void(int day, int minute, const SurgeVerdict&)>;

/// Days of a centre open from 07:00 to 21:00; every day has its own level (6 %), as real ones do.
void play(SurgeDetector& detector, Draws& draws, int from, int until, double scale, const Factor& factor, const See& see) {
    for (int day = from; day < until; ++day) {
        const double level = std::exp(0.06 * draws.normal());
        for (int minute = 7 * 60; minute < 21 * 60; minute += 5) {
            const double mean = usual(first_monday + day, minute, scale) * level * factor(day, minute);
            see(day, minute, detector.step(row_at(first_monday + day, minute, draws.poisson(mean))));
        }
    }
}

double none(int, int) {
    return 1.0;
}
void ignore(int, int, const SurgeVerdict&) {}

struct Tally {
    int surges = 0;
    int seen = 0;
};

/// One surge of an hour a day, at 10:00 + 35 minutes x day; seen when one of the first three rows says so.
Tally surges_seen(double size, double scale, std::uint64_t seed) {
    SurgeDetector detector({});
    Draws draws(seed);
    play(detector, draws, 0, 42, scale, none, ignore);
    Tally tally;
    bool seen = false;
    const auto start = [](int day) { return 600 + 35 * (day % 12); };
    play(
        detector, draws, 42, 70, scale,
        [&](int day, int minute) { return minute >= start(day) && minute < start(day) + 60 ? 1.0 + size : 1.0; },
        [&](int day, int minute, const SurgeVerdict& verdict) {
            if (minute >= start(day) && minute < start(day) + 15) {
                seen = seen || verdict.level_now > 0;
            }
            if (minute == start(day) + 15) {
                ++tally.surges;
                tally.seen += seen ? 1 : 0;
                seen = false;
            }
        });
    return tally;
}

}  // namespace

TEST_CASE("detector: while it learns it is learning, silent, and says so") {
    SurgeDetector detector({});
    Draws draws(1);
    bool always = true;
    play(
        detector, draws, 0, 10, 100.0, [](int day, int) { return day == 8 ? 4.0 : 1.0; },
        [&](int, int, const SurgeVerdict& verdict) { always = always && verdict.learning && verdict.level == 0; });
    CHECK(always);
    const SurgeVerdict first = detector.step(row_at(first_monday + 10, 600, 100.0));
    CHECK_FALSE(first.learning);
}

TEST_CASE("detector: forecasts a Poisson centre near the noise floor, and better with today's level") {
    SurgeDetector detector({});
    Draws draws(2);
    play(detector, draws, 0, 42, 150.0, none, ignore);
    double day_ahead = 0.0;
    double one_step = 0.0;
    double floor = 0.0;
    for (int day = 42; day < 56; ++day) {
        const double level = std::exp(0.06 * draws.normal());
        for (int minute = 7 * 60; minute < 21 * 60; minute += 5) {
            const double mean = usual(first_monday + day, minute, 150.0) * level;
            const double count = draws.poisson(mean);
            const SurgeVerdict verdict = detector.step(row_at(first_monday + day, minute, count));
            day_ahead += std::abs(count - verdict.day_ahead);
            one_step += std::abs(count - verdict.one_step);
            floor += std::abs(count - mean);
        }
    }
    CHECK(one_step < day_ahead);
    CHECK(one_step < 1.12 * floor);
}

TEST_CASE("detector: at 150 calls a row, +30 % is seen within 15 minutes in most cases and +50 % in nearly all") {
    const Tally third = surges_seen(0.3, 150.0, 3);
    const Tally half = surges_seen(0.5, 150.0, 4);
    REQUIRE(third.surges == 28);
    CHECK(third.seen >= 20);
    CHECK(half.seen >= 27);
}

TEST_CASE("detector: a small queue has wide limits by itself: +100 % of 2 calls is no surge, +900 % is") {
    const Tally small = surges_seen(1.0, 2.0, 5);
    const Tally large = surges_seen(9.0, 2.0, 6);
    CHECK(small.seen <= 4);
    CHECK(large.seen >= 24);
}

TEST_CASE("detector: quiet days raise at most one alarm in five, at every volume") {
    for (const double scale : {4.0, 30.0, 200.0, 2000.0}) {
        SurgeDetector detector({});
        Draws draws(17);
        play(detector, draws, 0, 28, scale, none, ignore);
        int alarms = 0;
        bool held = false;
        play(detector, draws, 28, 78, scale, none, [&](int, int, const SurgeVerdict& verdict) {
            alarms += verdict.level > 0 && !held ? 1 : 0;
            held = verdict.level > 0;
        });
        CAPTURE(scale);
        CHECK(alarms <= 10);
    }
}

TEST_CASE("detector: a surge that stays is still a surge after an hour and a half, and the next days expect none of it") {
    SurgeDetector detector({});
    Draws draws(8);
    play(detector, draws, 0, 42, 150.0, none, ignore);
    int loud = 0;
    play(
        detector, draws, 42, 43, 150.0, [](int, int minute) { return minute >= 720 && minute < 810 ? 2.0 : 1.0; },
        [&](int, int minute, const SurgeVerdict& verdict) {
            loud += minute >= 725 && minute < 810 && verdict.level >= 3 ? 1 : 0;
        });
    CHECK(loud == 17);

    for (int day = 43; day < 49; ++day) {
        play(detector, draws, day, day + 1, 150.0, none, ignore);
    }
    const SurgeVerdict next = detector.step(row_at(first_monday + 49, 765, 150.0));
    CHECK(next.day_ahead < 1.12 * usual(first_monday + 49, 765, 150.0));
}

TEST_CASE("detector: direction up is deaf to a lull, both and down are not, and down is deaf to a surge") {
    for (const SurgeDirection direction : {SurgeDirection::up, SurgeDirection::both, SurgeDirection::down}) {
        SurgeSettings settings;
        settings.direction = direction;
        SurgeDetector detector(settings);
        Draws draws(9);
        play(detector, draws, 0, 42, 150.0, none, ignore);
        const auto loud_at = [&](double factor) {
            auto copy = detector;
            auto same = draws;
            int loud = 0;
            play(
                copy, same, 42, 43, 150.0, [&](int, int minute) { return minute >= 720 && minute < 780 ? factor : 1.0; },
                [&](int, int minute, const SurgeVerdict& verdict) {
                    loud += minute >= 720 && minute < 780 && verdict.level_now > 0 ? 1 : 0;
                });
            return loud > 0;
        };
        CHECK(loud_at(0.3) == (direction != SurgeDirection::up));
        CHECK(loud_at(2.0) == (direction != SurgeDirection::down));
    }
}

TEST_CASE("detector: rows missing for hours and rows set aside neither alarm nor teach") {
    SurgeDetector detector({});
    Draws draws(10);
    play(detector, draws, 0, 42, 150.0, none, ignore);
    int loud = 0;
    for (int minute = 7 * 60; minute < 21 * 60; minute += 5) {
        if (minute >= 600 && minute < 800) {
            continue;
        }
        SurgeRow row = row_at(first_monday + 42, minute, draws.poisson(usual(first_monday + 42, minute, 150.0)));
        if (minute >= 900 && minute < 960) {
            row.count *= 10.0;
            row.set_aside = true;
        }
        loud += detector.step(row).level > 0 ? 1 : 0;
    }
    CHECK(loud == 0);
    for (int day = 43; day < 49; ++day) {
        play(detector, draws, day, day + 1, 150.0, none, ignore);
    }
    CHECK(detector.step(row_at(first_monday + 49, 930, 150.0)).day_ahead ==
          Approx(usual(first_monday + 49, 930, 150.0)).epsilon(0.12));
}

TEST_CASE("detector: an hour that comes twice goes back in time without harm") {
    SurgeDetector detector({});
    for (int day = 0; day < 20; ++day) {
        for (int minute = 0; minute < 1440; minute += 5) {
            CHECK(detector.step(row_at(first_monday + day, minute, 50.0 + minute % 7)).level == 0);
            if (day == 19 && minute == 175) {
                for (int again = 120; again < 180; again += 5) {
                    CHECK(detector.step(row_at(first_monday + day, again, 50.0 + again % 7)).level == 0);
                }
            }
        }
    }
}

TEST_CASE("detector: the score is high at an onset that was never seen before and low in its shadow") {
    SurgeDetector detector({});
    Draws draws(12);
    play(detector, draws, 0, 22, 100.0, none, ignore);
    double before = 0.0;
    double onset = 0.0;
    double after = 0.0;
    play(
        detector, draws, 22, 23, 100.0, [](int, int minute) { return minute >= 720 && minute < 760 ? 5.0 : 1.0; },
        [&](int, int minute, const SurgeVerdict& verdict) {
            REQUIRE(verdict.score >= 0.0);
            REQUIRE(verdict.score <= 1.0);
            double& peak = minute < 720 ? before : (minute < 730 ? onset : after);
            peak = std::max(peak, verdict.score);
        });
    CHECK(onset > 0.5);
    CHECK(after < onset);
    CHECK(before < onset);
}

TEST_CASE("detector: a verdict does not depend on later rows, and memory stays what it was") {
    SurgeDetector one({});
    SurgeDetector two({});
    const std::size_t memory = one.memory_bytes();
    Draws a(13);
    Draws b(13);
    std::vector<double> first;
    play(one, a, 0, 15, 100.0, none,
         [&](int, int, const SurgeVerdict& v) { first.push_back(v.score + v.surprise + v.one_step); });
    std::size_t at = 0;
    bool same = true;
    play(two, b, 0, 14, 100.0, none,
         [&](int, int, const SurgeVerdict& v) { same = same && first[at++] == v.score + v.surprise + v.one_step; });
    CHECK(same);
    CHECK(one.memory_bytes() == memory);
    CHECK(memory < 64U * 1024U);
}

TEST_CASE("detector: saved in the middle of a surge and loaded, it goes on as if never stopped; torn bytes are refused") {
    SurgeDetector detector({});
    Draws draws(14);
    play(detector, draws, 0, 30, 150.0, none, ignore);
    for (int minute = 420; minute < 730; minute += 5) {
        detector.step(row_at(first_monday + 30, minute,
                             draws.poisson(usual(first_monday + 30, minute, 150.0) * (minute >= 715 ? 2.0 : 1.0))));
    }
    ByteWriter out;
    detector.save(out);
    SurgeDetector again({});
    ByteReader in(out.bytes());
    REQUIRE(again.load(in));
    CHECK(in.at_end());
    for (int minute = 730; minute < 1260; minute += 5) {
        const SurgeRow row = row_at(first_monday + 30, minute, draws.poisson(usual(first_monday + 30, minute, 150.0)));
        const SurgeVerdict x = detector.step(row);
        const SurgeVerdict y = again.step(row);
        REQUIRE(x.surprise == y.surprise);
        REQUIRE(x.score == y.score);
        REQUIRE(x.level == y.level);
        REQUIRE(x.one_step == y.one_step);
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, out.bytes().size() / 2, out.bytes().size() - 1}) {
        SurgeDetector torn({});
        ByteReader part(std::string_view(out.bytes()).substr(0, size));
        CHECK_FALSE(torn.load(part));
        CHECK(torn.profile().days() == 0);
    }
}

TEST_CASE("detector: hostile rows are bounded") {
    SurgeDetector detector({});
    Draws draws(15);
    play(detector, draws, 0, 14, 50.0, none, ignore);
    for (const double count : {-1.0, 1e300, std::nan(""), HUGE_VAL}) {
        const SurgeVerdict verdict = detector.step(row_at(first_monday + 14, 600, count));
        CHECK(std::isfinite(verdict.score));
        CHECK(std::isfinite(verdict.surprise));
    }
    SurgeRow odd = row_at(first_monday + 14, 600, 50.0);
    odd.second_of_day = 1'000'000;
    odd.kind.day_class = 200;
    odd.kind.day_of_month = 200;
    odd.day = first_monday + 4'000'000;
    CHECK(std::isfinite(detector.step(odd).score));
    CHECK(std::isfinite(detector.step(row_at(first_monday + 15, 600, 50.0)).score));
}
