#include "core/forecast/row_maker.hpp"

#include <vector>

#include "core/forecast/calendar.hpp"
#include "draws.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
constexpr std::int64_t minute = 60000;
constexpr std::int64_t slot = 5 * minute;
constexpr std::int64_t day0 = 20514;  // 2026-03-02, a Monday
constexpr std::int64_t t0 = day0 * 86'400'000;

struct Done {
    SlotRow row;
    bool usable = false;
};

/// Feeds segments and keeps the rows that ended.
struct Rig {
    explicit Rig(const Zone& zone, std::int64_t slot_ms = slot) : maker(slot_ms, zone) {}
    void add(std::int64_t from, std::int64_t to, double amount) { settle(maker.add(from, to, amount)); }
    void skip(std::int64_t to) { settle(maker.skip(to)); }
    void settle(bool quiet) {
        while (!quiet) {
            const auto due = maker.next();
            looks += due == RowMaker::Due::look ? 1 : 0;
            if (due == RowMaker::Due::whole || due == RowMaker::Due::lost) {
                rows.push_back({maker.row(), maker.usable()});
            }
            quiet = due == RowMaker::Due::nothing;
        }
    }
    RowMaker maker;
    std::vector<Done> rows;
    int looks = 0;
};

const Zone utc;
}  // namespace

TEST_CASE("rows: a feeder of 1 s, of 60 s and of 7 s give the same rows") {
    const auto count_of = [](std::int64_t cadence) {
        Rig rig(utc);
        for (std::int64_t t = t0; t < t0 + 12 * slot; t += cadence) {
            rig.add(t, t + cadence, static_cast<double>(cadence) / 1000.0);  // one call a second
        }
        return rig.rows;
    };
    for (const std::int64_t cadence : {1000, 7000, 60000}) {
        const auto rows = count_of(cadence);
        INFO("cadence " << cadence);
        REQUIRE(rows.size() == 12);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            CHECK(rows[i].usable);
            CHECK(rows[i].row.count == Approx(300.0));
            CHECK(rows[i].row.share() == Approx(1.0));
            CHECK(rows[i].row.second_of_day == static_cast<std::int32_t>(i) * 300);
            CHECK(rows[i].row.day == day0);
        }
    }
}

TEST_CASE("rows: what crosses the end of a row is divided in proportion") {
    Rig rig(utc);
    rig.add(t0, t0 + 4 * minute, 40);
    rig.add(t0 + 4 * minute, t0 + 6 * minute, 20);
    REQUIRE(rig.rows.size() == 1);
    CHECK(rig.rows[0].row.count == Approx(50.0));
    CHECK(rig.maker.row().count == Approx(10.0));
}

TEST_CASE("rows: a gap of a slot and a half is spread, a longer one sets aside what it touches") {
    Rig spread(utc);
    spread.add(t0, t0 + slot, 100);
    spread.add(t0 + slot, t0 + slot + 3 * slot / 2, 150);
    spread.add(t0 + slot + 3 * slot / 2, t0 + 3 * slot, 50);
    REQUIRE(spread.rows.size() == 3);
    CHECK(spread.rows[1].usable);
    CHECK(spread.rows[1].row.count == Approx(100.0));
    CHECK(spread.rows[2].row.count == Approx(100.0));

    Rig lost(utc);
    lost.add(t0, t0 + slot, 100);
    lost.add(t0 + slot, t0 + slot + minute, 20);
    lost.add(t0 + slot + minute, t0 + slot + minute + 3 * slot / 2 + 1, 900);
    lost.add(t0 + slot + minute + 3 * slot / 2 + 1, t0 + 4 * slot, 50);
    REQUIRE(lost.rows.size() == 4);
    CHECK(lost.rows[0].usable);
    CHECK_FALSE(lost.rows[1].usable);
    CHECK_FALSE(lost.rows[2].usable);
    CHECK(lost.rows[3].usable);
    CHECK(lost.rows[1].row.count == Approx(20.0));
}

TEST_CASE("rows: three quarters of a row must have been seen") {
    Rig enough(utc);
    enough.add(t0, t0 + minute, 10);
    enough.skip(t0 + 135 * minute / 60);
    enough.add(t0 + 135 * minute / 60, t0 + slot, 30);
    REQUIRE(enough.rows.size() == 1);
    CHECK(enough.rows[0].row.share() == Approx(0.75));
    CHECK(enough.rows[0].usable);

    Rig little(utc);
    little.add(t0, t0 + minute, 10);
    little.skip(t0 + 140 * minute / 60);
    little.add(t0 + 140 * minute / 60, t0 + slot, 30);
    REQUIRE(little.rows.size() == 1);
    CHECK_FALSE(little.rows[0].usable);
}

TEST_CASE("rows: a running row is looked at once a minute, whatever the cadence") {
    Rig rig(utc);
    for (std::int64_t t = t0; t < t0 + slot; t += 1000) {
        rig.add(t, t + 1000, 1);
    }
    CHECK(rig.looks == 4);
    CHECK(rig.rows.size() == 1);
}

TEST_CASE("rows: slots are counted from civil midnight, in zones of half hours as well") {
    const Zone kolkata("Asia/Kolkata", 19800, {});
    Rig rig(kolkata, 60 * minute);
    for (std::int64_t t = t0; t < t0 + 180 * minute; t += minute) {
        rig.add(t, t + minute, 1);
    }
    REQUIRE(rig.rows.size() == 3);
    CHECK(rig.rows[1].row.second_of_day == 6 * 3600);  // t0 is 05:30 there
    CHECK(rig.rows[1].row.count == Approx(60.0));
    CHECK_FALSE(rig.rows[0].usable);  // it began in the middle
}

TEST_CASE("rows: the hour that comes twice is set aside both times, the one that never comes leaves no row") {
    const Zone back("X", 7200, {{t0 / 1000 + 3600, 3600}});  // at 03:00 civil it is 02:00 again
    Rig twice(back);
    for (std::int64_t t = t0 - 60 * minute; t < t0 + 180 * minute; t += minute) {
        twice.add(t, t + minute, 1);
    }
    int odd = 0;
    for (const auto& done : twice.rows) {
        odd += done.row.odd ? 1 : 0;
        CHECK(done.row.odd == (done.row.second_of_day >= 2 * 3600 && done.row.second_of_day < 3 * 3600));
    }
    CHECK(odd == 24);

    const Zone forth("X", 3600, {{t0 / 1000 + 3600, 7200}});  // at 02:00 civil it is 03:00
    Rig never(forth);
    for (std::int64_t t = t0; t < t0 + 120 * minute; t += minute) {
        never.add(t, t + minute, 1);
    }
    for (const auto& done : never.rows) {
        CHECK_FALSE(done.row.odd);
        CHECK((done.row.second_of_day < 2 * 3600 || done.row.second_of_day >= 3 * 3600));
        CHECK(done.row.count == Approx(5.0));
    }
    CHECK(never.rows.size() == 24);
}

TEST_CASE("rows: saved and loaded in the middle of a row it goes on; torn bytes and another slot are refused") {
    Rig rig(utc);
    for (std::int64_t t = t0; t < t0 + 7 * minute; t += 1000) {
        rig.add(t, t + 1000, 1);
    }
    ByteWriter out;
    rig.maker.save(out);
    Rig again(utc);
    ByteReader in(out.bytes());
    REQUIRE(again.maker.load(in));
    for (std::int64_t t = t0 + 7 * minute; t < t0 + 2 * slot; t += 1000) {
        again.add(t, t + 1000, 1);
    }
    REQUIRE(again.rows.size() == 1);
    CHECK(again.rows[0].row.count == Approx(300.0));
    for (std::size_t cut = 0; cut < out.size(); ++cut) {
        ByteReader torn(std::string_view(out.bytes()).substr(0, cut));
        CHECK_FALSE(RowMaker(slot, utc).load(torn));
    }
    ByteReader other(out.bytes());
    CHECK_FALSE(RowMaker(2 * slot, utc).load(other));
}

TEST_CASE("calendar: listed dates have their own class, closed hours reach over midnight, the rest is as usual") {
    CalendarSpec calendar;
    calendar.days[day0] = {CalendarSpec::class_holiday, false, false};
    calendar.days[day0 + 5] = {CalendarSpec::class_worked, true, false};  // a Saturday
    calendar.days[day0 + 1] = {0, false, true};
    calendar.closed.push_back({0x1F, 20 * 60, 8 * 60});  // Monday to Friday nights
    CHECK(calendar.kind_of(day0).day_class == 7);
    CHECK_FALSE(calendar.kind_of(day0).working);
    CHECK(calendar.kind_of(day0 + 5).working);
    CHECK(calendar.kind_of(day0 + 2).day_class == 2);
    CHECK(calendar.closed_at(day0 + 1, 12 * 3600));
    CHECK_FALSE(calendar.closed_at(day0 + 2, 12 * 3600));
    CHECK_FALSE(calendar.closed_at(day0 + 2, 20 * 3600 - 1));
    CHECK(calendar.closed_at(day0 + 2, 20 * 3600));
    CHECK(calendar.closed_at(day0 + 5, 8 * 3600 - 1));  // the night of Friday ends on Saturday
    CHECK_FALSE(calendar.closed_at(day0 + 5, 8 * 3600));
    CHECK_FALSE(calendar.closed_at(day0 + 6, 3 * 3600));
}
