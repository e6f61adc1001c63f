// The minutes in memory: what a minute is, when it is told, and what becomes of clocks that step.
#include <cmath>

#include "history_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

bool unknown(double value) {
    return std::isnan(value);
}

}  // namespace

TEST_CASE("history book: a minute is told once it is over: gauges by their mean, the oldest wait by its worst", "[unit]") {
    HistoryBook book;
    book.add(Look(ten - 1).waiting(0).block);
    book.add(Look(ten, 5).waiting(2, 10).block);
    book.add(Look(ten, 15).waiting(4, 30).block);
    book.add(Look(ten, 55).waiting(9, 20).block);
    CHECK(told(book, "calls_waiting", ten).empty());
    book.add(Look(ten + 1, 5).waiting(100).block);
    CHECK(book.end() == ten + 1);
    CHECK(told(book, "calls_waiting", ten) == std::vector{5.0});
    CHECK(told(book, "oldest_wait_s", ten) == std::vector{30.0});
    // The minute in which the daemon started was not seen whole.
    CHECK(told(book, "calls_waiting", ten - 1).size() == 2);
    CHECK(unknown(told(book, "calls_waiting", ten - 1)[0]));
}

TEST_CASE("history book: counters become calls a minute; a restart of the source is neither a fall nor a spike", "[unit]") {
    HistoryBook book;
    book.add(Look(ten - 1, 50).offered(1000).block);
    book.add(Look(ten, 0).offered(1000).block);
    book.add(Look(ten, 30).offered(1007).block);
    book.add(Look(ten, 59).offered(1010).block);
    book.add(Look(ten + 1, 10).offered(1012).block);
    book.add(Look(ten + 1, 40).offered(2).block);  // begun anew, with two calls since
    book.add(Look(ten + 2, 10).offered(2).block);
    const auto offered = told(book, "offered", ten);
    REQUIRE(offered.size() == 2);
    CHECK(offered[0] == 10);
    CHECK(offered[1] >= 2);
    CHECK(offered[1] <= 4);
}

TEST_CASE("history book: what a slow feeder counted in some minutes is spread over them, and over a long gap is not told", "[unit]") {
    HistoryBook book;
    book.add(Look(ten - 2, 30).offered(100).block);
    for (std::int64_t minute = ten - 1; minute < ten + 4; ++minute) {  // nothing new
        Look look(minute, 30);
        look.offered(100);
        look.block.rows[0].counters[0].ts = source_time((ten - 2) * minute_ms + 30000);
        book.add(look.block);
    }
    book.add(Look(ten + 4, 30).offered(130).block);
    book.add(Look(ten + 5, 0).offered(130).block);
    CHECK(told(book, "offered", ten - 1) == std::vector{5.0, 5.0, 5.0, 5.0, 5.0, 5.0});
    book.add(Look(ten + 25, 0).offered(900).block);
    book.add(Look(ten + 26, 0).offered(901).block);
    const auto after = told(book, "offered", ten + 25);
    REQUIRE(after.size() == 1);
    CHECK(unknown(after[0]));
}

TEST_CASE("history book: the handling time of any step is that of its calls, not the mean of the minutes'", "[unit]") {
    HistoryBook book;
    book.add(Look(ten - 1, 59).counter(3, 0).counter(4, 0).counter(5, 0).block);
    book.add(Look(ten, 30).counter(3, 9).counter(4, 900).counter(5, 90).block);
    book.add(Look(ten + 1, 30).counter(3, 10).counter(4, 1000).counter(5, 190).block);
    book.add(Look(ten + 2, 30).counter(3, 10).counter(4, 1000).counter(5, 190).block);
    book.add(Look(ten + 5, 30).counter(3, 10).counter(4, 1000).counter(5, 190).block);
    CHECK(told(book, "aht_s", ten).at(0) == Approx(110));
    CHECK(told(book, "aht_s", ten).at(1) == Approx(200));
    CHECK(unknown(told(book, "aht_s", ten).at(2)));  // no call ended
    CHECK(told(book, "aht_s", ten, 5).at(0) == Approx(119));
}

TEST_CASE("history book: three hours are there, and a cell that is used again tells nothing of before", "[unit]") {
    HistoryBook book;
    const std::int64_t last = ten + HistoryBook::minutes_kept + 50;
    for (std::int64_t minute = ten - 1; minute <= last; ++minute) {
        Look look(minute);
        look.waiting(static_cast<double>(minute - ten));
        if (minute == ten + 60 + HistoryBook::minutes_kept - 20) {
            look.block.rows.clear();  // nothing of the queue in this minute
        }
        book.add(look.block);
    }
    const auto waiting = told(book, "calls_waiting", last - HistoryBook::minutes_shown);
    REQUIRE(waiting.size() == static_cast<std::size_t>(HistoryBook::minutes_shown));
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        const std::int64_t minute = last - HistoryBook::minutes_shown + static_cast<std::int64_t>(i);
        if (minute == ten + 60 + HistoryBook::minutes_kept - 20) {
            CHECK(unknown(waiting[i]));
        } else {
            CHECK(waiting[i] == static_cast<double>(minute - ten));
        }
    }
    CHECK(book.minutes(general())->first >= last - HistoryBook::minutes_kept);
}

TEST_CASE("history book: a minute that the clock lives twice holds both; one that it leaps over is unknown", "[unit]") {
    HistoryBook book;
    book.add(Look(ten - 1, 59).offered(0).waiting(0).block);
    book.add(Look(ten, 10).offered(10).waiting(10).block);
    book.add(Look(ten + 1, 10).offered(20).waiting(20).block);
    Look back(ten, 20);  // the wall clock stepped back by a minute; the source's did not
    back.offered(25).waiting(30);
    back.block.rows[0].counters[0].ts = source_time((ten + 1) * minute_ms + 20000);
    book.add(back.block);
    book.add(Look(ten + 3, 10).offered(26).waiting(1).block);  // ... and then ahead by two
    book.add(Look(ten + 4, 10).offered(27).waiting(1).block);
    const auto waiting = told(book, "calls_waiting", ten);
    REQUIRE(waiting.size() == 4);
    CHECK(waiting[0] == 20);
    CHECK(waiting[1] == 20);
    CHECK(unknown(waiting[2]));
    CHECK(told(book, "offered", ten)[0] == 15);
}

TEST_CASE("history book: slots are made of the same looks, with what a slow counter rose", "[unit]") {
    HistoryBook book;
    book.add(Look(ten - 1, 59).offered(0).waiting(7).block);
    for (std::int64_t minute = ten; minute < ten + 5; ++minute) {
        book.add(Look(minute, 10).offered(static_cast<double>(minute - ten + 1) * 3).waiting(static_cast<double>(minute - ten), 60).block);
    }
    auto first = book.take_slots();  // the one that the daemon started in
    REQUIRE(first.size() == 1);
    CHECK(first[0].slot == ten / 5 - 1);
    book.add(Look(ten + 5, 10).offered(15).waiting(0).block);
    const auto slots = book.take_slots();
    REQUIRE(slots.size() == 1);
    CHECK(slots[0].slot == ten / 5);
    CHECK(slots[0].weight == 5);
    REQUIRE(slots[0].rows.size() == 1);
    CHECK(slots[0].rows[0].queue == general());
    CHECK(slots[0].rows[0].values[column_offered] == 15);
    CHECK(slots[0].rows[0].values[column_waiting] == 2);
    CHECK(slots[0].rows[0].values[column_oldest_wait] == 60);
    CHECK(unknown(static_cast<double>(slots[0].rows[0].values[column_staffed])));
    CHECK(book.take_slots().empty());
    CHECK(book.take_slots(true).size() == 1);  // a stop: as far as it came
}

TEST_CASE("history book: the service level leaves out who gave up in time, and is told by the time that the feed counts by", "[unit]") {
    enum : std::size_t { answered = 1, abandoned = 2, timeouts = 6, in_20 = 8, in_15 = 9, gave_up_20 = 10, gave_up_15 = 11 };
    const auto look = [](std::int64_t minute, double n, bool by_20) {
        Look out(minute);
        out.counter(answered, 100 * n).counter(abandoned, 30 * n).counter(timeouts, 4 * n).counter(in_15, 60 * n).counter(gave_up_15, 5 * n);
        return by_20 ? out.counter(in_20, 80 * n).counter(gave_up_20, 10 * n) : out;
    };
    for (const bool by_20 : {true, false}) {
        HistoryBook book;
        book.add(look(ten - 1, 1, by_20).block);
        book.add(look(ten, 2, by_20).block);
        book.add(look(ten + 1, 3, by_20).block);
        CHECK(told(book, "level_calls", ten) == std::vector<double>{by_20 ? 124.0 : 129.0});
        CHECK(told(book, "service_level", ten) == std::vector<double>{by_20 ? 0.645 : 0.465});  // 80 / 124, 60 / 129
        CHECK(unknown(told(book, "answered_in_15", ten).front()) == by_20);
    }
    HistoryBook nobody;
    for (std::int64_t minute = ten - 1; minute < ten + 2; ++minute) {
        nobody.add(Look(minute).counter(answered, static_cast<double>(minute)).block);
    }
    CHECK(unknown(told(nobody, "service_level", ten).front()));
    CHECK(unknown(told(nobody, "level_calls", ten).front()));
    CHECK(told(nobody, "answered", ten) == std::vector<double>{1});
}

TEST_CASE("history book: a slow feeder's service level is spread like its calls", "[unit]") {
    HistoryBook book;
    for (const std::int64_t minute : {ten - 10, ten - 5, ten}) {
        const auto n = static_cast<double>(minute - ten + 10);
        book.add(Look(minute).counter(1, 10 * n).counter(8, 8 * n).counter(2, n).counter(10, n).block);
        for (std::int64_t quiet = minute + 1; quiet < minute + 5; ++quiet) {
            book.add(Look(quiet).waiting(1).block);
        }
    }
    auto calls = told(book, "level_calls", ten - 5);  // before them the first reading was where it began
    calls.resize(6);
    CHECK(calls == std::vector<double>(6, 10.0));
}

TEST_CASE("history book: queues keep their past over a reload, and more than the bound are counted", "[unit]") {
    HistoryBook book(2);
    book.add(Look(ten - 1).waiting(1).block);
    book.add(Look(ten).waiting(2).block);
    Look reloaded(ten + 1);
    reloaded.block.numbering = 2;
    reloaded.block.names = {{0, {"jinan", "data", "voice"}}, {1, general()}, {2, {"jinan", "english", "voice"}}};
    reloaded.block.rows = {reloaded.block.rows[0], reloaded.block.rows[0], reloaded.block.rows[0]};
    for (std::uint32_t i = 0; i < 3; ++i) {
        reloaded.block.rows[i].queue = i;
        reloaded.block.rows[i].gauges[0] = i + 5.0;
    }
    book.add(reloaded.block);
    CHECK(book.queues() == 2);
    CHECK(book.refused() == 1);
    Look next(ten + 2);
    next.block.numbering = 2;
    next.block.names.clear();
    next.block.rows.clear();
    book.add(next.block);
    CHECK(told(book, "calls_waiting", ten) == std::vector{2.0, 6.0});
    CHECK_FALSE(book.minutes({"jinan", "english", "voice"}));
}

TEST_CASE("history book: the band of a forecast is where the rule is surprised, a minute's part of it", "[unit]") {
    const ForecastBand band = forecast_band({100.0 / 300, 1.0, 300, 3.4, 0});
    CHECK(band.expected == Approx(100));
    // Poisson of mean 100: P(X >= 137) = 2.9e-4, P(X >= 136) = 4.0e-4; the limit 10^-3.4 = 4.0e-4.
    CHECK(band.high == Approx(136).margin(1.5));
    CHECK(band.low == Approx(68).margin(2));
    CHECK(forecast_band({100.0 / 300, 1.0, 300, 3.4, 50}).high == Approx(150));
    CHECK(forecast_band({100.0 / 300, 4.0, 300, 3.4, 0}).high > 170);
    CHECK(unknown(forecast_band({}).high));
    const ForecastBand none = forecast_band({0, 1.0, 300, 3.4, 0});
    CHECK(none.expected == 0);
    CHECK(none.low == 0);
    CHECK(none.high > 0);

    HistoryBook book;
    for (std::int64_t minute = ten - 1; minute < ten + 6; ++minute) {
        Look look(minute);
        look.offered(0);
        look.block.rows[0].band = {100.0 / 300, 1.0, 300, 3.4, 0};
        book.add(look.block);
    }
    CHECK(told(book, "forecast_offered", ten).at(0) == Approx(20));
    CHECK(told(book, "forecast_offered", ten, 5).at(0) == Approx(100));
    CHECK(told(book, "forecast_high", ten, 5).at(0) == Approx(band.high).epsilon(0.001));
}
