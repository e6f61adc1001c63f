// Pictures of the engine taken in pieces: together they are the whole, each entry is whole, and a reload in between is said.
#include <algorithm>
#include <memory>

#include "core/engine/engine.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Plan> plan_with_feed_rule() {
    auto silent = rule("feed-silent", "", {level(Level::yellow, above(60), below(30))}, RuleKind::absence);
    silent.feed = true;
    return std::make_unique<Plan>(
        plan_of({rule("waiting", "calls_waiting", {level(Level::yellow, above(10), below(5)), level(Level::red, above(50), below(40))}), silent}));
}

/// Eight queues; every second one waits.
std::unique_ptr<Engine> fed(Feeder& feeder, int queues = 8) {
    auto engine = std::make_unique<Engine>(plan_with_feed_rule());
    for (int s = 1; s <= 3; ++s) {
        for (int q = 0; q < queues; ++q) {
            engine->ingest(feeder.message(s, "q" + std::to_string(q), {{"calls_waiting", q % 2 == 0 ? 60.0 : 1.0}}), at_s(s));
        }
    }
    return engine;
}

}  // namespace

TEST_CASE("pieces: of any size they make the whole list, and none is torn", "[unit]") {
    Feeder feeder;
    const auto engine = fed(feeder);
    for (const bool all : {false, true}) {
        const auto whole = engine->alerts(all);
        REQUIRE(whole.size() == (all ? 16U : 4U));
        for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{8}, std::size_t{100}}) {
            std::vector<AlertView> shown;
            const auto rules = engine->rule_texts();
            PieceCursor cursor;
            while (!cursor.done()) {
                AlertPiece piece;
                REQUIRE(engine->piece(cursor, size, all, piece));
                for (const AlertRow& row : piece.rows) {
                    shown.push_back(view_of(piece, row, rules));
                }
            }
            REQUIRE(shown.size() == whole.size());
            for (std::size_t i = 0; i < whole.size(); ++i) {
                CHECK(shown[i].rule == whole[i].rule);
                CHECK(shown[i].queue == whole[i].queue);
                CHECK(shown[i].level == whole[i].level);
                CHECK((shown[i].level == Level::red) == (shown[i].state == AlertState::firing && shown[i].value == 60));
                CHECK(shown[i].raise == whole[i].raise);
            }
        }
    }
}

TEST_CASE("pieces: a list goes on from a queue's number, and queues that appear meanwhile are left to the next", "[unit]") {
    Feeder feeder;
    const auto engine = fed(feeder);
    PieceCursor cursor{5};
    SeriesView shown;
    REQUIRE(engine->piece(cursor, 1, shown));
    CHECK(shown.queues.front().key.queue == "q5");
    engine->ingest(feeder.message(4, "later", {{"calls_waiting", 1}}), at_s(4));
    REQUIRE(engine->piece(cursor, 100, shown));
    CHECK(cursor.done());
    CHECK(shown.queues.back().key.queue == "q7");
    CHECK(engine->series().queues.back().key.queue == "later");
}

TEST_CASE("pieces: a reload in between makes them worthless, and that is said", "[unit]") {
    Feeder feeder;
    const auto engine = fed(feeder);
    PieceCursor cursor;
    AlertPiece piece;
    REQUIRE(engine->piece(cursor, 2, true, piece));
    const auto before = engine->reloads();
    engine->reload(plan_with_feed_rule(), at_s(4));
    CHECK(engine->reloads() != before);
    CHECK_FALSE(engine->piece(cursor, 2, true, piece));
}

TEST_CASE("views: the silence of a feed is judged, and is no metric of the queue and none of its series", "[unit]") {
    Feeder feeder;
    const auto engine = fed(feeder, 2);
    CHECK(engine->stats().series == 2);
    const auto series = engine->series();
    REQUIRE(series.queues.size() == 2);
    for (const QueueView& queue : series.queues) {
        REQUIRE(queue.count == 1);
        CHECK(series.metrics[series.metric_of[queue.first]] == "calls_waiting");
    }
    engine->advance(at_s(90));
    const auto alerts = engine->alerts(false);
    CHECK(std::any_of(alerts.begin(), alerts.end(), [](const AlertView& a) { return a.rule == "feed-silent" && a.level == Level::yellow; }));
}
