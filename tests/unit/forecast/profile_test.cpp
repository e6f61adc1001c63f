#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/zone.hpp"
#include "core/forecast/profile.hpp"
#include "draws.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

constexpr double no_clip = 1e12;

void teach(Profile& profile, std::int64_t day, double scale, Draws* draws = nullptr, int from = 0, int until = 1440) {
    profile.begin_day(day, plain_day_kind(day));
    for (int minute = from; minute < until; minute += 5) {
        const double mean = usual(day, minute, scale);
        profile.observe(static_cast<std::size_t>(minute / 5), draws != nullptr ? draws->poisson(mean) : mean, no_clip);
    }
}

double total_error(Profile& profile, std::int64_t day, double scale) {
    profile.begin_day(day, plain_day_kind(day));
    double error = 0.0;
    double all = 0.0;
    for (int minute = 0; minute < 1440; minute += 5) {
        error += std::abs(profile.expected(static_cast<std::size_t>(minute / 5)) - usual(day, minute, scale));
        all += usual(day, minute, scale);
    }
    return error / all;
}

}  // namespace

TEST_CASE("profile: knows nothing until one day is over") {
    Profile profile({});
    teach(profile, first_monday, 100.0);
    CHECK(profile.expected(120) < 0.0);
    CHECK(profile.days() == 0);

    profile.begin_day(first_monday + 1, plain_day_kind(first_monday + 1));

    CHECK(profile.expected(120) > 0.0);
    CHECK(profile.days() == 1);
}

TEST_CASE("profile: five weeks of Poisson days teach every weekday's shape and level within 5 %") {
    Draws draws(7);
    Profile profile({});
    for (int day = 0; day < 35; ++day) {
        teach(profile, first_monday + day, 150.0, &draws);
    }
    Profile sunday = profile;

    CHECK(total_error(profile, first_monday + 35, 150.0) < 0.05);
    CHECK(total_error(sunday, first_monday + 41, 150.0) < 0.08);
}

TEST_CASE("profile: hours that are always closed are expected to be empty") {
    Profile profile({});
    for (int day = 0; day < 14; ++day) {
        teach(profile, first_monday + day, 100.0);
    }
    profile.begin_day(first_monday + 14, plain_day_kind(first_monday + 14));
    CHECK(profile.expected(0) < 0.01);
    CHECK(profile.expected(40) < 0.01);
    CHECK(profile.expected(150) > 50.0);
}

TEST_CASE("profile: half a day missing teaches the half that was seen and not a halved level") {
    Profile profile({});
    for (int day = 0; day < 21; ++day) {
        teach(profile, first_monday + day, 100.0);
    }
    teach(profile, first_monday + 21, 100.0, nullptr, 0, 720);
    CHECK(total_error(profile, first_monday + 22, 100.0) < 0.05);
}

TEST_CASE("profile: days without any row leave what is known") {
    Profile profile({});
    for (int day = 0; day < 21; ++day) {
        teach(profile, first_monday + day, 100.0);
    }
    CHECK(total_error(profile, first_monday + 35, 100.0) < 0.05);
}

TEST_CASE("profile: one day five times as busy moves the next same weekday by less than a fifth") {
    Profile profile({});
    for (int day = 0; day < 56; ++day) {
        teach(profile, first_monday + day, day == 49 ? 500.0 : 100.0);
    }
    CHECK(total_error(profile, first_monday + 56, 100.0) < 0.2);
}

TEST_CASE("profile: what is above the clip is not learned") {
    Profile clipped({});
    for (int day = 0; day < 8; ++day) {
        clipped.begin_day(first_monday + day, plain_day_kind(first_monday + day));
        for (std::size_t slot = 0; slot < 288; ++slot) {
            clipped.observe(slot, slot == 150 ? 1000.0 : 10.0, 10.0);
        }
    }
    CHECK(clipped.expected(150) == Approx(10.0).epsilon(0.05));
}

TEST_CASE("profile: a holiday has a class of its own") {
    Profile profile({});
    const auto kind_of = [](int day) {
        DayKind kind = plain_day_kind(first_monday + day);
        if (day % 7 == 2 && day > 0) {
            kind.day_class = 7;
            kind.working = false;
        }
        return kind;
    };
    for (int day = 0; day < 70; ++day) {
        profile.begin_day(first_monday + day, kind_of(day));
        for (std::size_t slot = 0; slot < 288; ++slot) {
            profile.observe(slot, kind_of(day).day_class == 7 ? 10.0 : 50.0, no_clip);
        }
    }
    Profile holiday = profile;
    DayKind kind = plain_day_kind(first_monday + 70);
    kind.day_class = 7;
    kind.working = false;
    holiday.begin_day(first_monday + 70, kind);
    profile.begin_day(first_monday + 70, plain_day_kind(first_monday + 70));

    CHECK(holiday.expected(100) < 16.0);
    CHECK(profile.expected(100) > 42.0);
}

TEST_CASE("profile: a busy day of the month is learned, and no effect is used where there is none") {
    Draws draws(3);
    const auto run = [&draws](double effect) {
        Profile profile({});
        for (int day = 0; day < 500; ++day) {
            const DayKind kind = plain_day_kind(first_monday + day);
            profile.begin_day(first_monday + day, kind);
            const double mean = 100.0 * (kind.day_of_month <= 3 ? effect : 1.0);
            for (std::size_t slot = 0; slot < 288; slot += 12) {
                profile.observe(slot, draws.poisson(mean), no_clip);
            }
        }
        std::int64_t day = first_monday + 500;
        while (plain_day_kind(day).day_of_month != 2) {
            ++day;
        }
        profile.begin_day(day, plain_day_kind(day));
        return profile.month_effect();
    };
    CHECK(run(1.3) > 0.1);
    CHECK(std::abs(run(1.0)) < 0.02);
}

TEST_CASE("profile: a slot that comes twice is averaged, not added") {
    Profile profile({});
    for (int day = 0; day < 14; ++day) {
        profile.begin_day(first_monday + day, plain_day_kind(first_monday + day));
        for (std::size_t slot = 0; slot < 288; ++slot) {
            profile.observe(slot, 20.0, no_clip);
            if (slot >= 12 && slot < 24) {
                profile.observe(slot, 20.0, no_clip);
            }
        }
    }
    CHECK(profile.expected(18) == Approx(20.0).epsilon(0.02));
}

TEST_CASE("profile: a count that is none is refused, wherever in its bytes it stands; a zero with a sign and the greatest number are counts") {
    Draws draws(11);
    Profile profile({});
    for (int day = 0; day < 20; ++day) {
        teach(profile, first_monday + day, 80.0, &draws);
    }
    ByteWriter out;
    profile.save(out);
    // Format and slots, then runs: so many zeros, so many values, the values.
    const auto number_at = [&](std::size_t at) {
        std::uint32_t number = 0;
        std::memcpy(&number, out.bytes().data() + at, sizeof number);
        return number;
    };
    const std::size_t begin = 16;
    const std::size_t floats = number_at(12) * std::size_t{2};
    REQUIRE(floats > 8);
    const auto loads_with = [&](std::size_t which, float value) {
        auto bytes = out.bytes();
        std::memcpy(bytes.data() + begin + which * sizeof value, &value, sizeof value);
        Profile again({});
        ByteReader in(bytes);
        return again.load(in);
    };
    constexpr auto infinity = std::numeric_limits<float>::infinity();
    constexpr auto nothing = std::numeric_limits<float>::quiet_NaN();
    for (const std::size_t which : {std::size_t{0}, std::size_t{1}, floats / 2, floats - 1}) {
        for (const float bad : {nothing, -nothing, infinity, -infinity, -1.0F, -std::numeric_limits<float>::denorm_min()}) {
            CHECK_FALSE(loads_with(which, bad));
        }
        for (const float good : {0.0F, -0.0F, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max()}) {
            CHECK(loads_with(which, good));
        }
    }
}

TEST_CASE("profile: saved and loaded it forecasts the same; torn bytes and another slot length are refused") {
    Draws draws(11);
    Profile profile({});
    for (int day = 0; day < 20; ++day) {
        teach(profile, first_monday + day, 80.0, &draws);
    }
    ByteWriter out;
    profile.save(out);
    const std::size_t memory = profile.memory_bytes();

    Profile again({});
    ByteReader in(out.bytes());
    REQUIRE(again.load(in));
    CHECK(in.at_end());
    Profile torn({});
    ByteReader half(std::string_view(out.bytes()).substr(0, out.bytes().size() / 2));
    CHECK_FALSE(torn.load(half));
    CHECK(torn.days() == 0);
    ProfileSettings hourly;
    hourly.slots = 24;
    Profile other(hourly);
    ByteReader wrong(out.bytes());
    CHECK_FALSE(other.load(wrong));

    for (int day = 20; day < 25; ++day) {
        Draws same(static_cast<std::uint64_t>(day));
        Draws twin(static_cast<std::uint64_t>(day));
        teach(profile, first_monday + day, 80.0, &same);
        teach(again, first_monday + day, 80.0, &twin);
    }
    for (std::size_t slot = 0; slot < 288; ++slot) {
        REQUIRE(profile.expected(slot) == again.expected(slot));
    }
    CHECK(profile.memory_bytes() == memory);
}

TEST_CASE("plain day kind: weekdays, weekends and days of the month, also before 1970") {
    CHECK(plain_day_kind(first_monday).day_class == 0);
    CHECK(plain_day_kind(first_monday + 5).working == false);
    CHECK(plain_day_kind(0).day_class == 3);
    CHECK(plain_day_kind(0).day_of_month == 1);
    CHECK(plain_day_kind(-1).day_class == 2);
    CHECK(plain_day_kind(-1).day_of_month == 31);
}
