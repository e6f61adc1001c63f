// Civil time and zones. The tables are written by hand from the public rules, so that nothing here depends on the host's tz
// database.
#include "core/base/zone.hpp"

#include <cstdlib>

#include "support/catch.hpp"

using namespace surged;

namespace {
constexpr std::int64_t utc_s(int year, int month, int day, int hour, int minute = 0) {
    // Howard Hinnant's days_from_civil, independent of the code under test.
    const int y = month <= 2 ? year - 1 : year;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t yoe = y - era * 400;
    const std::int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (era * 146097 + doe - 719468) * 86400 + hour * 3600 + minute * 60;
}
WallTime wall(int year, int month, int day, int hour, int minute = 0) {
    return wall_time(utc_s(year, month, day, hour, minute) * 1000);
}
CivilTime civil(int year, int month, int day, int hour, int minute = 0, int second = 0) {
    return {year, month, day, hour * 3600 + minute * 60 + second};
}

/// New York in 2026: forward on 8 March at 02:00 EST, back on 1 November at 02:00 EDT.
Zone new_york() {
    return {"America/New_York", -5 * 3600, {{utc_s(2026, 3, 8, 7), -4 * 3600}, {utc_s(2026, 11, 1, 6), -5 * 3600}}};
}

/// Shanghai: UTC+8 with summer time from 1986 to 1991, none since.
Zone shanghai() {
    const int summer = 9 * 3600;
    const int winter = 8 * 3600;
    return {"Asia/Shanghai",
            winter,
            {{utc_s(1986, 5, 3, 18), summer},
             {utc_s(1986, 9, 13, 17), winter},
             {utc_s(1987, 4, 11, 18), summer},
             {utc_s(1987, 9, 12, 17), winter},
             {utc_s(1991, 4, 13, 18), summer},
             {utc_s(1991, 9, 14, 17), winter}}};
}
}  // namespace

TEST_CASE("civil: days count from 1970 through leap years and centuries", "[unit]") {
    CHECK(days_from_civil(1970, 1, 1) == 0);
    CHECK(days_from_civil(1969, 12, 31) == -1);
    CHECK(days_from_civil(2000, 2, 29) == 11016);
    CHECK(days_from_civil(2026, 1, 1) == 20454);
    CHECK(days_from_civil(1900, 3, 1) - days_from_civil(1900, 2, 28) == 1);
    CHECK(days_from_civil(2000, 3, 1) - days_from_civil(2000, 2, 28) == 2);
}

TEST_CASE("civil: every day of four centuries goes there and back, and weekdays follow each other", "[unit]") {
    auto weekday = weekday_of(days_from_civil(1800, 1, 1) - 1);
    for (auto day = days_from_civil(1800, 1, 1); day < days_from_civil(2200, 1, 1); ++day) {
        const auto c = civil_from_days(day);
        const auto next = weekday_of(day);
        if (days_from_civil(c.year, c.month, c.day) != day || c.second_of_day != 0 ||
            static_cast<int>(next) != (static_cast<int>(weekday) + 1) % 7) {
            FAIL("day " << day);
        }
        weekday = next;
    }
    CHECK(weekday_of(0) == Weekday::thursday);
    CHECK(weekday_of(days_from_civil(2026, 3, 8)) == Weekday::sunday);
    CHECK(weekday_of(days_from_civil(1969, 12, 29)) == Weekday::monday);
}

TEST_CASE("civil: dates that are none are errors", "[unit]") {
    CHECK(parse_date("2026-03-08").value() == days_from_civil(2026, 3, 8));
    CHECK(parse_date("2024-02-29").has_value());
    for (const char* text : {"", "2026-3-8", "2026-02-29", "2026-00-10", "2026-13-01", "2026-04-31", "2026-01-00", "2026/01/01",
                             "-026-01-01", "2026--1-01", "20260101", "2026-01-01 ", "2026-01-0x"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_date(text).has_value());
    }
}

TEST_CASE("civil: times are read with T or a blank, with or without seconds", "[unit]") {
    CHECK(parse_civil("2026-03-08T02:30").value() == civil(2026, 3, 8, 2, 30));
    CHECK(parse_civil("2026-03-08 23:59:59").value() == civil(2026, 3, 8, 23, 59, 59));
    CHECK(parse_civil("2026-03-08T00:00:00").value() == civil(2026, 3, 8, 0));
    for (const char* text :
         {"2026-03-08", "2026-03-08T24:00", "2026-03-08T23:60", "2026-03-08T23:59:60", "2026-03-08x23:59", "2026-03-08T2:30",
          "2026-03-08T02.30", "2026-02-30T10:00", "2026-03-08T02:30Z", "2026-03-08T-1:30", "2026-03-08T02:30:0"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_civil(text).has_value());
    }
}

TEST_CASE("zone: without a table it is UTC", "[unit]") {
    const Zone utc;
    CHECK(utc.name() == "UTC");
    CHECK(utc.to_civil(wall(2026, 7, 1, 12, 34)) == civil(2026, 7, 1, 12, 34));
    CHECK(utc.first_instant(civil(2026, 7, 1, 12)) == wall(2026, 7, 1, 12));
    CHECK(utc.last_instant(civil(2026, 7, 1, 12)) == wall(2026, 7, 1, 12));
    CHECK(utc.to_civil(wall_time(-1)) == civil(1969, 12, 31, 23, 59, 59));
}

TEST_CASE("zone: the offset changes at its second, not before", "[unit]") {
    const auto zone = new_york();
    const auto spring = wall(2026, 3, 8, 7);
    CHECK(zone.offset_s(spring - Span{1}) == -5 * 3600);
    CHECK(zone.offset_s(spring) == -4 * 3600);
    CHECK(zone.to_civil(spring - Span{1}) == civil(2026, 3, 8, 1, 59, 59));
    CHECK(zone.to_civil(spring) == civil(2026, 3, 8, 3));

    const auto autumn = wall(2026, 11, 1, 6);
    CHECK(zone.to_civil(autumn - Span{1}) == civil(2026, 11, 1, 1, 59, 59));
    CHECK(zone.to_civil(autumn) == civil(2026, 11, 1, 1));
}

TEST_CASE("zone: a skipped time is the first instant after the gap, for starts and for ends", "[unit]") {
    const auto zone = new_york();
    const auto after = wall(2026, 3, 8, 7);
    for (const auto& skipped : {civil(2026, 3, 8, 2), civil(2026, 3, 8, 2, 30), civil(2026, 3, 8, 2, 59, 59)}) {
        CHECK(zone.first_instant(skipped) == after);
        CHECK(zone.last_instant(skipped) == after);
    }
    CHECK(zone.first_instant(civil(2026, 3, 8, 1, 59, 59)) == after - Span{1000});
    CHECK(zone.first_instant(civil(2026, 3, 8, 3)) == after);
    CHECK(zone.last_instant(civil(2026, 3, 8, 3)) == after);
}

TEST_CASE("zone: an hour that comes twice starts at its first and ends at its last", "[unit]") {
    const auto zone = new_york();
    CHECK(zone.first_instant(civil(2026, 11, 1, 1)) == wall(2026, 11, 1, 5));
    CHECK(zone.last_instant(civil(2026, 11, 1, 1)) == wall(2026, 11, 1, 6));
    CHECK(zone.first_instant(civil(2026, 11, 1, 1, 59, 59)) == wall(2026, 11, 1, 6) - Span{1000});
    CHECK(zone.last_instant(civil(2026, 11, 1, 1, 59, 59)) == wall(2026, 11, 1, 7) - Span{1000});

    // On either side of the hour there is one instant only.
    CHECK(zone.first_instant(civil(2026, 11, 1, 0, 59, 59)) == zone.last_instant(civil(2026, 11, 1, 0, 59, 59)));
    CHECK(zone.first_instant(civil(2026, 11, 1, 2)) == wall(2026, 11, 1, 7));
    CHECK(zone.last_instant(civil(2026, 11, 1, 2)) == wall(2026, 11, 1, 7));
}

TEST_CASE("zone: Shanghai's summers of 1986 to 1991 and the years without", "[unit]") {
    const auto zone = shanghai();
    CHECK(zone.to_civil(wall(1986, 5, 3, 18)) == civil(1986, 5, 4, 3));
    CHECK(zone.to_civil(wall(1986, 5, 3, 18) - Span{1000}) == civil(1986, 5, 4, 1, 59, 59));
    CHECK(zone.first_instant(civil(1986, 9, 14, 1, 30)) == wall(1986, 9, 13, 16, 30));
    CHECK(zone.last_instant(civil(1986, 9, 14, 1, 30)) == wall(1986, 9, 13, 17, 30));
    CHECK(zone.first_instant(civil(1987, 4, 12, 2, 15)) == wall(1987, 4, 11, 18));
    CHECK(zone.offset_s(wall(1980, 7, 1, 0)) == 8 * 3600);
    CHECK(zone.offset_s(wall(2026, 7, 1, 0)) == 8 * 3600);
    CHECK(zone.first_instant(civil(2026, 7, 1, 8)) == wall(2026, 7, 1, 0));
}

TEST_CASE("zone: two shifts that meet leave no gap, on any minute of a year with both changes", "[unit]") {
    const auto zone = new_york();
    const Zone utc;
    int odd = 0;
    for (auto t = utc_s(2026, 1, 1, 0); t < utc_s(2027, 1, 1, 0); t += 900) {
        const auto c = utc.to_civil(wall_time(t * 1000));
        const auto start = zone.first_instant(c);
        const auto end = zone.last_instant(c);
        if (start > end) {
            FAIL("a shift ends before the next begins: " << t);
        }
        const bool skipped = !(zone.to_civil(start) == c);
        if (skipped || start != end) {
            ++odd;
        }
        if (!skipped && !(zone.to_civil(end) == c)) {
            FAIL("the last instant shows another time: " << t);
        }
    }
    CHECK(odd == 8);  // four quarters are skipped, four come twice
}
