// A feed that is dead when surged starts again: its silence is judged although no sample ever comes.
#include <memory>

#include "core/engine/engine.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
LevelSpec silent_for(Level level_, double seconds) {
    return level(level_, above(seconds, LimitUnit::span), below(1, LimitUnit::span));
}

std::unique_ptr<Plan> plan_with_feed(double yellow = 60, double red = 180) {
    auto feed = rule("feed", "", {silent_for(Level::yellow, yellow), silent_for(Level::red, red)}, RuleKind::absence);
    feed.feed = true;
    feed.content = static_cast<std::uint64_t>(yellow * 1000 + red);
    return std::make_unique<Plan>(plan_of({rule("waits", "oldest_wait_s", {level(Level::yellow, above(40), below(30))}), feed}));
}

/// "waits pending 10, ..." since the last call: rule, state and level, and the second.
std::string edges_of(Engine& engine, std::vector<Record>& log) {
    Decisions out;
    engine.take(out);
    std::string text;
    for (const auto& record : out.records) {
        if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
            text += edge->rule + " " + std::string(to_string(edge->to)) + " " + std::string(to_string(edge->level)) +
                    (edge->stale_changed ? " stale" : "") + " " + std::to_string((to_ms(record.at) - epoch_ms) / 1000) + "\n";
        }
    }
    log.insert(log.end(), out.records.begin(), out.records.end());
    return text;
}

/// Another process, which has the log and no windows.
std::unique_ptr<Engine> from_the_log(const std::vector<Record>& log, int at) {
    auto engine = std::make_unique<Engine>(plan_with_feed());
    for (const auto& record : log) {
        engine->apply(record);
    }
    engine->recovered(log.back().at, at_s(at));
    return engine;
}
}  // namespace

TEST_CASE("dead feed: a queue that only the log names is missed after a restart, before any sample", "[unit]") {
    Feeder feeder;
    std::vector<Record> log;
    Engine first(plan_with_feed());
    first.ingest(feeder.message(5, "general", {{"oldest_wait_s", 50}}), at_s(5));
    CHECK(edges_of(first, log) == "waits firing yellow 5\n");
    auto engine = from_the_log(log, 20);
    engine->advance(at_s(79));
    CHECK(edges_of(*engine, log).find("feed") == std::string::npos);
    engine->advance(at_s(82));
    CHECK(edges_of(*engine, log).find("feed firing yellow 80") != std::string::npos);  // silent since the restart
    engine->advance(at_s(202));
    CHECK(edges_of(*engine, log).find("feed firing red 200") != std::string::npos);
    engine->ingest(feeder.message(210, "general", {{"oldest_wait_s", 50}}), at_s(210));
    CHECK(edges_of(*engine, log).find("feed ok none 210") != std::string::npos);
}

TEST_CASE("dead feed: an alert of it that was yellow before the restart turns red when its time comes", "[unit]") {
    Feeder feeder;
    std::vector<Record> log;
    Engine first(plan_with_feed());
    first.ingest(feeder.message(5, "general", {{"oldest_wait_s", 10}}), at_s(5));
    first.advance(at_s(70));
    CHECK(edges_of(first, log).find("feed firing yellow") != std::string::npos);
    auto engine = from_the_log(log, 80);
    engine->advance(at_s(259));
    CHECK(edges_of(*engine, log).find("red") == std::string::npos);
    engine->advance(at_s(262));
    CHECK(edges_of(*engine, log).find("feed firing red 260") != std::string::npos);
}

TEST_CASE("dead feed: a reload with other limits judges the silence that there is, before any sample", "[unit]") {
    Feeder feeder;
    std::vector<Record> log;
    Engine engine(plan_with_feed());
    engine.ingest(feeder.message(5, "general", {{"oldest_wait_s", 10}}), at_s(5));
    engine.advance(at_s(50));
    CHECK(edges_of(engine, log).empty());
    engine.reload(plan_with_feed(30, 100), at_s(50));
    engine.advance(at_s(51));
    CHECK(edges_of(engine, log).find("feed firing yellow") != std::string::npos);
    engine.advance(at_s(107));
    CHECK(edges_of(engine, log).find("feed firing red 105") != std::string::npos);
}
