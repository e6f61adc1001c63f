#include "app/queue_days.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using namespace surged;

namespace {

const QueueKey general{"jinan", "general", "voice"};

/// One queue with these values, as a walk shows it.
SeriesView series_of(const std::vector<std::pair<std::string, double>>& values, const QueueKey& key = general) {
    SeriesView out;
    QueueView queue;
    queue.key = key;
    queue.group = "普席";
    for (const auto& [name, value] : values) {
        out.metrics.push_back(name);
        out.metric_of.push_back(static_cast<std::uint32_t>(out.metrics.size() - 1));
        out.values.push_back(value);
    }
    queue.count = static_cast<std::uint32_t>(out.values.size());
    out.queues.push_back(queue);
    return out;
}

struct Clock {
    QueueDays days;
    Stamp now{engine_time(1'000'000), wall_time(1'800'000'000'000)};  // 2027-01-15T08:00Z
    std::uint64_t reloads = 1;
    std::vector<IncidentScope> open;

    void look(const std::vector<std::pair<std::string, double>>& values, Span later = Span{1000}) {
        now.at += later;
        now.wall += later;
        const auto series = series_of(values);
        days.begin(now, reloads, DayZones{});
        days.add(0, series, series.queues[0]);
        days.end(open);
    }
};

}  // namespace

TEST_CASE("queue days: counters count from when they were first seen, and that is said", "[unit]") {
    Clock clock;
    CHECK_FALSE(clock.days.day(0, general));
    clock.look({{"offered", 1000}, {"abandoned", 70}});
    const auto from = clock.now.wall;
    clock.look({{"offered", 1012}, {"abandoned", 73}});
    const auto day = clock.days.day(0, general);
    REQUIRE(day);
    CHECK(day->offered == 12);
    CHECK(day->abandoned == 3);
    CHECK(std::isnan(day->answered));
    CHECK(day->from == from);
    CHECK_FALSE(clock.days.day(0, {"jinan", "other", "voice"}));
    CHECK_FALSE(clock.days.day(1, general));
}

TEST_CASE("queue days: a counter that falls began anew", "[unit]") {
    Clock clock;
    clock.look({{"offered", 1000}});
    clock.look({{"offered", 1010}});
    clock.look({{"offered", 4}});
    CHECK(clock.days.day(0, general)->offered == 14);
}

TEST_CASE("queue days: a day begins at midnight", "[unit]") {
    Clock clock;
    clock.look({{"offered", 1000}});
    clock.look({{"offered", 1500}});
    CHECK(clock.days.day(0, general)->offered == 500);
    clock.look({{"offered", 1600}}, std::chrono::hours{16});  // 00:00:02 of the next day
    clock.look({{"offered", 1603}});
    CHECK(clock.days.day(0, general)->offered >= 3);
    CHECK(clock.days.day(0, general)->offered <= 103);
    CHECK(to_ms(clock.days.day(0, general)->from) / 86'400'000 == to_ms(clock.now.wall) / 86'400'000);
}

TEST_CASE("queue days: the service level leaves out who gave up in time, and is unknown where nobody counts it", "[unit]") {
    Clock clock;
    clock.look({{"answered", 100}, {"abandoned", 10}, {"answered_in_20", 80}, {"abandoned_in_20", 2}});
    clock.look({{"answered", 110}, {"abandoned", 14}, {"answered_in_20", 86}, {"abandoned_in_20", 4}});
    const auto day = clock.days.day(0, general);
    CHECK(day->target_s == 20);
    CHECK(day->level_today == Approx(6.0 / 12.0));  // 10 answered + 4 gave up - 2 in time
    CHECK(day->level_now == Approx(0.5));
    Clock other;
    other.look({{"answered", 100}});
    other.look({{"answered", 110}});
    CHECK(other.days.day(0, general)->target_s == 0);
    CHECK(std::isnan(other.days.day(0, general)->level_now));
}

TEST_CASE("queue days: now is the last five minutes", "[unit]") {
    Clock clock;
    clock.look({{"answered", 0}, {"answered_in_20", 0}});
    double answered = 0;
    for (int i = 0; i < 40; ++i) {  // 20 minutes, none in time
        clock.look({{"answered", answered += 10}, {"answered_in_20", 0}}, Span{30'000});
    }
    double in_time = 0;
    for (int i = 0; i < 11; ++i) {  // 5.5 minutes, all in time
        clock.look({{"answered", answered += 10}, {"answered_in_20", in_time += 10}}, Span{30'000});
    }
    CHECK(clock.days.day(0, general)->level_now == Approx(1.0));
    CHECK(clock.days.day(0, general)->level_today < 0.3);
}

TEST_CASE("queue days: the trend of an incident is that of its scope's queues, and silent before a minute has passed", "[unit]") {
    Clock clock;
    clock.open = {{"0-1", {{"centre", "jinan"}, {"group", "普席"}}}, {"0-2", {{"centre", "qingdao"}}}};
    clock.look({{"calls_waiting", 40}});
    clock.look({{"calls_waiting", 41}}, Span{30'000});
    CHECK_FALSE(clock.days.trend("0-1"));
    clock.look({{"calls_waiting", 30}}, Span{60'000});
    const auto trend = clock.days.trend("0-1");
    REQUIRE(trend);
    CHECK(trend->before == 40);
    CHECK(trend->now == 30);
    CHECK(trend->direction == "falling");
    CHECK(trend->over == Span{90'000});
    CHECK_FALSE(clock.days.trend("0-2"));
    clock.look({{"calls_waiting", 39}});
    CHECK(clock.days.trend("0-1")->direction == "flat");
    clock.look({{"calls_waiting", 44}});
    CHECK(clock.days.trend("0-1")->direction == "rising");
}

TEST_CASE("queue days: a reload that numbers queues anew loses no count", "[unit]") {
    Clock clock;
    clock.look({{"offered", 1000}});
    clock.look({{"offered", 1010}});
    ++clock.reloads;
    const QueueKey first{"aaa", "first", "voice"};
    const auto other = series_of({{"offered", 5}}, first);
    const auto same = series_of({{"offered", 1015}});
    clock.days.begin(clock.now, clock.reloads, DayZones{});
    clock.days.add(0, other, other.queues[0]);
    clock.days.add(1, same, same.queues[0]);
    clock.days.end({});
    CHECK(clock.days.day(1, general)->offered == 15);
    CHECK(clock.days.day(0, first)->offered == 0);
}

namespace {

/// What the history knows of this morning, from 06:00 on; it is 08:00.
DaySums this_morning(std::int64_t now_ms) {
    constexpr std::int64_t slot_ms = 300000;
    DaySums out;
    out.first = now_ms / slot_ms - 24;
    out.last = now_ms / slot_ms - 3;
    out.known = 20;
    out.offered = 500;
    out.answered = 450;
    out.abandoned = 40;
    out.in_20 = 360;
    out.level_calls = 480;  // ten gave up in time
    return out;
}

}  // namespace

TEST_CASE("queue days: after a restart the day goes on from what the history holds of it", "[unit]") {
    for (const bool late : {false, true}) {
        INFO("the history answers " << (late ? "after" : "before") << " the first look");
        Clock clock;
        const auto noon = to_ms(clock.now.wall);
        if (!late) {
            clock.days.seed({{general, this_morning(noon)}}, clock.now.wall, DayZones{});
        }
        clock.look({{"offered", 9000}, {"answered", 8000}, {"abandoned", 700}, {"answered_in_20", 6000}, {"abandoned_in_20", 100}});
        if (late) {
            CHECK(clock.days.day(0, general)->offered == 0);
            clock.days.seed({{general, this_morning(noon)}}, clock.now.wall, DayZones{});
        }
        CHECK(clock.days.day(0, general)->offered == 500);
        CHECK(clock.days.day(0, general)->level_today == Approx(360.0 / 480));
        clock.look({{"offered", 9030}, {"answered", 8020}, {"abandoned", 710}, {"answered_in_20", 6010}, {"abandoned_in_20", 105}});
        const auto day = clock.days.day(0, general);
        CHECK(day->offered == 530);
        CHECK(day->answered == 470);
        CHECK(day->abandoned == 50);
        CHECK(day->level_today == Approx(370.0 / (480 + 25)));
        CHECK(day->level_now == Approx(10.0 / 25));  // of this run alone
        CHECK(day->from == wall_time(noon - 24 * 300000));
        CHECK(day->gap == Span{4 * 300000});  // two slots since the last that is known, and two before it
    }
}

TEST_CASE("queue days: what the history holds is of its own day, and counts once", "[unit]") {
    Clock clock;
    const auto noon = to_ms(clock.now.wall);
    clock.days.seed({{general, this_morning(noon)}}, clock.now.wall, DayZones{});
    clock.look({{"offered", 1000}});
    clock.look({{"offered", 1010}});
    CHECK(clock.days.day(0, general)->offered == 510);
    clock.look({{"offered", 1600}}, std::chrono::hours{16});  // the next day
    clock.look({{"offered", 1603}});
    CHECK(clock.days.day(0, general)->offered <= 593);
    CHECK(std::isnan(clock.days.day(0, general)->abandoned));
    CHECK(clock.days.day(0, general)->gap == Span{0});

    Clock other;  // heard of for the first time on the day after
    other.days.seed({{general, this_morning(to_ms(other.now.wall))}}, other.now.wall, DayZones{});
    other.now.wall += std::chrono::hours{24};
    other.look({{"offered", 1000}});
    other.look({{"offered", 1004}});
    CHECK(other.days.day(0, general)->offered == 4);
}

TEST_CASE("queue days: a morning of which nobody kept the calls in time gives no level of its own", "[unit]") {
    Clock clock;
    auto morning = this_morning(to_ms(clock.now.wall));
    morning.in_20 = morning.level_calls = std::numeric_limits<double>::quiet_NaN();
    clock.days.seed({{general, morning}}, clock.now.wall, DayZones{});
    clock.look({{"answered", 8000}, {"abandoned", 700}, {"answered_in_20", 6000}});
    clock.look({{"answered", 8020}, {"abandoned", 700}, {"answered_in_20", 6015}});
    CHECK(clock.days.day(0, general)->answered == 470);
    CHECK(clock.days.day(0, general)->level_today == Approx(0.75));
}

TEST_CASE("queue days: midnight is that of the queue's centre", "[unit]") {
    const DayZones zones{Zone{}, {{"urumqi", Zone("Asia/Urumqi", 21600, {})}}};
    const auto now = wall_time(1'800'000'000'000);  // 2027-01-15T08:00Z
    CHECK(QueueDays::dawn_of(general, now, zones) == wall_time(1'800'000'000'000 - 8 * 3600 * 1000));
    CHECK(QueueDays::dawn_of({"urumqi", "a", "voice"}, now, zones) == wall_time(1'800'000'000'000 - 14 * 3600 * 1000));
}

TEST_CASE("queue days: a day begins at midnight of the queue's own centre", "[unit]") {
    QueueDays days;
    const QueueKey urumqi{"urumqi", "general", "voice"};
    const DayZones zones{Zone{}, {{"urumqi", Zone("Asia/Urumqi", 21600, {})}}};
    const auto look = [&](std::int64_t ms, double offered) {
        days.begin({engine_time(ms - 1'800'000'000'000 + 1'000'000), wall_time(ms)}, 1, zones);
        const auto here = series_of({{"offered", offered}});
        const auto there = series_of({{"offered", offered}}, urumqi);
        days.add(0, here, here.queues[0]);
        days.add(1, there, there.queues[0]);
        days.end({});
    };
    constexpr std::int64_t before = 1'800'000'000'000 + (9 * 60 + 59) * 60000;  // 17:59 UTC, 23:59 in Urumqi
    look(before, 100);
    look(before + 30000, 110);
    look(before + 120000, 115);
    CHECK(days.day(0, general)->offered == 15);
    CHECK(days.day(1, urumqi)->offered == 5);  // midnight has passed there: what rose since the look before it counts
    look(before + 180000, 121);
    CHECK(days.day(0, general)->offered == 21);
    CHECK(days.day(1, urumqi)->offered == 11);
}
