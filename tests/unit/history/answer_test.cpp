// Steps, folds and the seam between memory and file.
#include <cmath>

#include "history_kit.hpp"
#include "support/catch.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;

namespace {

HistoryRange range(std::int64_t from, std::int64_t to, std::int64_t step = 0) {
    return {wall_time(from * minute_ms), wall_time(to * minute_ms), Span{step * minute_ms}};
}

void add_waiting(HistoryBook& book, std::int64_t from, std::int64_t to, double calls) {
    for (std::int64_t minute = from - 1; minute <= to; ++minute) {
        book.add(Look(minute).waiting(calls).block);
    }
}

HistoryValues slot_of_waiting(float calls) {
    HistoryValues values = no_history_values();
    values[column_waiting] = calls;
    return values;
}

}  // namespace

TEST_CASE("history steps: without a step the finest that fits 5000 points; a named one that does not is refused with the least that does", "[unit]") {
    const auto step_of = [](std::int64_t minutes, bool by_slots) { return history_steps(range(ten - minutes, ten), ten, by_slots)->step; };
    CHECK(step_of(180, false) == 1);
    CHECK(step_of(5000, false) == 1);
    CHECK(step_of(5005, false) == 5);
    CHECK(step_of(180, true) == 5);
    CHECK(step_of(25000, true) == 5);
    CHECK(step_of(25010, true) == 10);
    CHECK(step_of(400 * 1440, true) == 120);
    CHECK(history_steps(range(ten - 5000, ten, 1), ten, false)->count() == 5000);
    const auto refused = history_steps(range(ten - 5001, ten, 1), ten, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "more than 5000 points a metric: step must be at least 5m for this range");
    CHECK(history_steps(range(ten - 400 * 1440, ten, 1440), ten, true)->count() >= 399);
    CHECK_FALSE(history_steps(range(0, ten), ten, true));  // 56 years
}

TEST_CASE("history steps: they lie on multiples of themselves, and one that is not over is left out", "[unit]") {
    const auto steps = history_steps(range(ten + 7, ten + 60, 15), ten + 52, false);
    REQUIRE(steps);
    CHECK(steps->from == ten);
    CHECK(steps->to == ten + 45);
    CHECK(steps->count() == 3);
    CHECK(history_steps(range(ten + 53, ten + 60, 15), ten + 52, false)->count() == 0);
    // Of the file no step is finer than a slot, nor in between.
    CHECK(history_steps(range(ten, ten + 60, 1), ten + 60, true)->step == 5);
    CHECK(history_steps(range(ten, ten + 60, 7), ten + 60, true)->step == 10);
}

TEST_CASE("history answer: memory and file make one curve, and no minute counts twice", "[unit]") {
    HistoryBook book;
    add_waiting(book, ten + 3, ten + 20, 4);  // started within a slot
    HistorySlots slots;
    for (std::int64_t slot = ten / 5 - 3; slot < ten / 5 + 2; ++slot) {
        slots.emplace_back(slot, slot_of_waiting(static_cast<float>(slot - ten / 5 + 10)));
    }
    const auto points = told(book, "calls_waiting", ten - 20, 5, slots);
    REQUIRE(points.size() == 8);
    CHECK(std::isnan(points[0]));
    CHECK(points[1] == 7);
    CHECK(points[3] == 9);
    CHECK(points[4] == 10);  // the slot of the start is the file's: it holds both parts
    CHECK(points[5] == 4);   // from then on memory, whatever the file has of it
    CHECK(points[7] == 4);
    // Coarser steps over the seam: of the mean each minute counts once.
    CHECK(told(book, "calls_waiting", ten - 10, 20, slots).at(1) == Approx((10.0 * 5 + 4.0 * 15) / 20));
}

TEST_CASE("history answer: a file without anything leaves the minutes as they are", "[unit]") {
    HistoryBook book;
    add_waiting(book, ten + 3, ten + 8, 4);
    CHECK(told(book, "calls_waiting", ten + 3) == std::vector<double>(5, 4.0));
    CHECK(told(book, "calls_waiting", ten + 3, 5).size() == 1);
}

TEST_CASE("history answer: its JSON has times in ms, null for what is not known, and a unit", "[unit]") {
    HistoryBook book;
    add_waiting(book, ten, ten + 1, 4.25);
    const auto minutes = *book.minutes(general());
    const HistoryMetric* metrics[] = {history_metric("calls_waiting"), history_metric("offered")};
    const auto answer = history_answer(general(), {ten - 1, ten + 1, 1}, metrics, minutes, {});
    const std::string at = std::to_string((ten - 1) * minute_ms);
    const std::string then = std::to_string(ten * minute_ms);
    CHECK(encode(answer) == R"({"centre":"jinan","queue":"general","step":"60s","from":)" + at + R"(,"to":)" +
                                std::to_string((ten + 1) * minute_ms) + R"(,"metrics":{"calls_waiting":{"unit":"calls","points":[[)" + at +
                                ",null],[" + then + R"(,4.25]]},"offered":{"unit":"calls","points":[[)" + at + ",null],[" + then + ",null]]}}}");
    CHECK(history_metric("waiting") == nullptr);
    CHECK(history_metric_names().starts_with("calls_waiting, oldest_wait_s, offered"));
}

TEST_CASE("history answer: days of 23 and 25 hours have the hours that they had", "[unit]") {
    // Europe/Berlin, 2026-10-25: the hour from 00:00Z to 02:00Z has the name "02:xx" twice. Here every hour is one of UTC.
    const std::int64_t night = 29881440;  // 2026-10-25T00:00:00Z
    HistoryBook book;
    book.add(Look(night - 1, 59).offered(0).block);
    for (std::int64_t minute = night; minute <= night + 180; ++minute) {
        book.add(Look(minute, 30).offered(static_cast<double>(minute - night + 1)).block);
    }
    CHECK(told(book, "offered", night, 60) == std::vector{60.0, 60.0, 60.0});
}
