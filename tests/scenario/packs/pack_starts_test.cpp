// Any configuration of the packs, on the log and the windows of any other, starts and goes on: what was decided is kept, and nothing
// crashes. The packs are those under rules/, each also with its formulas edited, as people edit them.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "scenario/packs/packs.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {
/// Queues that go badly in every way that the packs look at, for a while calmly and then not.
class World {
public:
    void run(Engine& engine, double from, double to, std::vector<Record>* log) {
        for (double s = from; s < to; s += 20) {
            const bool bad = s >= 700;
            const double offered = bad ? s * 4 - 2100 : s;
            const Feeder::Values voice{{"offered", offered}, {"answered", bad ? 640 + s / 20 : s * 0.95}, {"abandoned", bad ? (s - 700) * 1.5 : 0},
                                       {"answered_in_20", s / 5}, {"answered_in_15", s / 6}, {"calls_waiting", bad ? 60 + s / 20 : 1},
                                       {"oldest_wait_s", bad ? 200 : 3}, {"agents_staffed", 10}, {"agents_available", bad ? 0 : 5},
                                       {"agents_on_call", bad ? 10 : 5}, {"handled", s / 5}, {"talk_s_sum", s * 40}, {"wait_answered_s_sum", s * 5},
                                       {"wait_abandoned_s_sum", s * 3}, {"timeouts", 0}, {"overflow_out", 0},
                                       {"callbacks_requested", s / 10}, {"callbacks_reached", bad ? 35 : s / 20}, {"callbacks_failed", 0},
                                       {"callbacks_attempted", bad ? 35 : s / 20}, {"callbacks_pending", s / 12}, {"callbacks_oldest_s", s * 2},
                                       {"chats_active", 40}, {"chat_slots", 40}};
            for (const auto* queue : {"general", "english"}) {
                engine.advance(at_s(s));
                auto message = feeder.message(s, queue, voice);
                engine.ingest(message, at_s(s));
                if (*queue == 'g') {
                    message.seq = ++feeder.seq;
                    message.parts.front().channel = static_cast<int>(s) % 40 == 0 ? "chat" : "callback";
                    engine.ingest(message, at_s(s));
                }
            }
            drain(engine, at_s(s), log);
        }
    }
    static void drain(Engine& engine, Stamp now, std::vector<Record>* log) {
        Decisions out;
        while (engine.decided()) {
            engine.take(out);
            if (log != nullptr) {
                log->insert(log->end(), out.records.begin(), out.records.end());
            }
            for (const auto& order : out.orders) {
                engine.outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, ""}, now);
            }
        }
    }
    Feeder feeder;
};

enum Windows { none, whole, torn, spoiled, ways };

std::string windows_of(const std::string& bytes, Windows how, std::mt19937& random) {
    auto out = how == torn ? bytes.substr(0, random() % bytes.size()) : bytes;
    for (int i = 0; i < 20 && how == spoiled; ++i) {
        out[random() % out.size()] = static_cast<char>(random());
    }
    return out;
}
}  // namespace

TEST_CASE("packs: any pack on the log and windows of any other starts, at any point of the log, and goes on", "[scenario]") {
    const auto all = packs();
    REQUIRE(all.size() >= 10);
    std::mt19937 random(10);
    for (const auto& from : all) {
        World world;
        Engine before(std::make_unique<Plan>(from.plan));
        const auto blank = before.snapshot();
        std::vector<Record> log;
        world.run(before, 0, 700, &log);
        const std::array<double, 3> points{760, 1000, 1500};
        for (std::size_t point = 0; point < points.size(); ++point) {
            const double until = points[point];
            world.run(before, point == 0 ? 700 : points[point - 1], until, &log);
            REQUIRE_FALSE(log.empty());
            const auto base = before.snapshot();
            const auto series = before.series_snapshot();
            for (const auto& to : all) {
                for (int how = 0; how < ways; ++how) {
                    // From the snapshot of that moment, or by every record from the first.
                    const bool by_log = (random() & 1U) != 0;
                    CAPTURE(from.name, to.name, until, how, by_log);
                    Engine after(std::make_unique<Plan>(to.plan));
                    REQUIRE(after.restore(by_log ? blank : base));
                    for (std::size_t i = 0; by_log && i < log.size(); ++i) {
                        after.apply(log[i]);
                    }
                    if (how != none) {
                        const bool read = after.restore_series(windows_of(series, static_cast<Windows>(how), random));
                        CHECK((read || how != whole));
                    }
                    after.recovered(at_s(until).at, at_s(until + 5));
                    CHECK(after.sequence() >= before.sequence());
                    World next = world;
                    World::drain(after, at_s(until + 5), nullptr);
                    next.run(after, until + 20, until + 120, nullptr);
                    after.advance(at_s(until + 4000));  // and every deadline after it
                    World::drain(after, at_s(until + 4000), nullptr);
                    std::set<std::string> known{"surged-overload"};
                    for (const auto& rule : to.plan.rules) {
                        known.insert(rule.id);
                    }
                    for (const auto& alert : after.alerts(false)) {
                        CHECK(known.contains(alert.rule));
                    }
                    Engine again(std::make_unique<Plan>(to.plan));
                    CHECK(again.restore(after.snapshot()));
                    CHECK(again.restore_series(after.series_snapshot()));
                }
            }
        }
        CHECK(std::any_of(log.begin(), log.end(), [](const Record& r) { return record_type(r) == "alert.firing"; }));
    }
}
