// What surgectl makes of the history: lines and tables for people, messages for learn and tune.
#include <cmath>
#include <map>

#include "ctl/history_curves.hpp"
#include "ctl/history_messages.hpp"
#include "io/store/history/sqlite_history.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const std::string answer =
    R"({"centre":"jinan","queue":"general","step":"60s","from":1795341600000,"to":1795341840000,"metrics":{)"
    R"("offered":{"unit":"calls","points":[[1795341600000,3],[1795341660000,5],[1795341720000,null],[1795341780000,4]]},)"
    R"("calls_waiting":{"unit":"calls","points":[[1795341600000,0],[1795341660000,7.25],[1795341720000,14],[1795341780000,null]]},)"
    R"("aht_s":{"unit":"s","points":[[1795341600000,null],[1795341660000,null],[1795341720000,null],[1795341780000,null]]}}})";

HistoryValues offered(double calls) {
    HistoryValues out = no_history_values();
    out[column_offered] = static_cast<float>(calls);
    out[column_waiting] = 1;
    return out;
}

/// "ts queue metric=value ..." of each message.
std::vector<std::string> told(const KeptHistory& kept) {
    std::vector<std::string> out;
    std::uint64_t seq = 0;
    const auto done = history_messages(kept, [&](const Message& message) {
        CHECK(message.seq == ++seq);
        for (const QueuePart& part : message.parts) {
            std::string line = std::to_string(to_ms(message.ts) / 300000) + " " + std::string(part.queue);
            for (auto i = part.first; i < part.first + part.count; ++i) {
                line += " " + std::string(message.values[i].name) + "=" + std::to_string(static_cast<int>(message.values[i].value));
            }
            out.push_back(line);
        }
        return true;
    });
    REQUIRE(done);
    return out;
}

}  // namespace

TEST_CASE("history curves: gaps are blanks and never zero, the order is the daemon's", "[unit]") {
    const auto curves = read_history(answer);
    REQUIRE(curves);
    CHECK(curves->curves[0].metric == "calls_waiting");
    CHECK(curves->steps() == 4);
    CHECK(spark_line(curves->curves[0], 60) == "▁▅█ ");
    CHECK(spark_line(curves->curves[0], 2) == "▅█");  // of two steps the higher
    CHECK(spark_line(curves->curves[2], 60) == "    ");
    const std::string lines = history_lines(*curves, Zone{}, 60);
    CHECK(lines.find("offered") != std::string::npos);
    CHECK(lines.find("aht_s") == std::string::npos);  // nothing is known of it
    CHECK(history_csv(*curves) ==
          "time,calls_waiting,offered,aht_s\n2026-11-22T10:00:00Z,0,3,\n2026-11-22T10:01:00Z,7.25,5,\n2026-11-22T10:02:00Z,14,,\n"
          "2026-11-22T10:03:00Z,,4,\n");
    CHECK(history_table(*curves, Zone{}).find("2026-11-22 10:02:00  14             -") != std::string::npos);
    CHECK(history_at(*curves, wall_time(1795341719999)) == "calls_waiting 7.25 calls, offered 5 calls");
    CHECK(history_at(*curves, wall_time(1795341720000)) == "calls_waiting 14 calls");
    CHECK(history_at(*curves, wall_time(1795341599999)).empty());
    CHECK(history_at(*curves, wall_time(1795341840000)).empty());
}

TEST_CASE("history curves: what is no answer of surged's is an error", "[unit]") {
    CHECK_FALSE(read_history("nonsense"));
    CHECK_FALSE(read_history("{}"));
    CHECK_FALSE(read_history(R"({"step":"60s","from":0,"to":60000,"metrics":{"a":{"unit":"","points":[[0,1]]},"b":{"unit":"","points":[]}}})"));
    CHECK_FALSE(read_history(R"({"step":"60s","from":0,"to":60000,"metrics":{"a":{"unit":"","points":[[0]]}}})"));
    const auto none = read_history(R"({"step":"60s","from":0,"to":0,"metrics":{"a":{"unit":"s","points":[]}}})");
    REQUIRE(none);
    CHECK(spark_line(none->curves[0], 60).empty());
    CHECK(history_csv(*none) == "time,a\n");
}

TEST_CASE("history messages: a slot of which nothing is known is no zero: the counter begins anew behind it", "[unit]") {
    KeptHistory kept;
    kept.queues = {{"jinan", "a", "voice"}, {"jinan", "b", "voice"}};
    kept.from = 100;
    kept.to = 105;
    kept.at_once = 2;
    kept.read = [](const QueueKey& queue, std::int64_t from, std::int64_t to) -> Result<KeptSlots> {
        const std::map<std::int64_t, double> a{{100, 10}, {101, 20}, {104, 5}};
        KeptSlots out;
        for (const auto& [slot, calls] : a) {
            if (slot >= from && slot < to && (queue.queue == "a" || slot == 101)) {
                out.emplace_back(slot, offered(calls));
            }
        }
        return out;
    };
    CHECK(told(kept) == std::vector<std::string>{
                            "100 a offered=-1", "100 a offered=0", "101 a offered=10 calls_waiting=1",  //
                            "101 b offered=-1", "101 b offered=0", "102 a offered=30 calls_waiting=1", "102 b offered=20 calls_waiting=1",
                            "104 a offered=-1", "104 a offered=0", "105 a offered=5 calls_waiting=1"});
    kept.read = [](const QueueKey&, std::int64_t, std::int64_t) -> Result<KeptSlots> { return fail("no disk"); };
    const auto failed = history_messages(kept, [](const Message&) { return true; });
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message == "no disk");
}

TEST_CASE("history messages: of a file they are its slots, packed or not, and it is told from other recordings", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("surged.db.history");
    {
        auto file = open_sqlite_history(path, false);
        REQUIRE(file);
        for (std::int64_t slot = 5000 * 288; slot < 5002 * 288; ++slot) {
            REQUIRE((*file)->add({slot, 30, {{{"jinan", "a", "voice"}, offered(2)}}}));
        }
        for (int i = 0; i < 100 && *(*file)->tidy(5002 * 288, 0); ++i) {
        }
    }
    CHECK(is_history_file(path));
    CHECK_FALSE(is_history_file(dir.file("none")));
    double last = 0;
    std::size_t messages = 0;
    const auto done = history_file_messages(path, [&](const Message& message) {
        last = message.values.front().value;
        ++messages;
        return true;
    });
    REQUIRE(done);
    CHECK(messages == 2 * 288 + 2);
    CHECK(last == 2 * 2 * 288);
    CHECK_FALSE(history_file_messages(dir.file("none"), [](const Message&) { return true; }));
}
