#include "app/recovery.hpp"

#include <fstream>

#include "io/store/side_file.hpp"
#include "support/catch.hpp"
#include "support/memory_log.hpp"
#include "support/temp_dir.hpp"
#include "wire/record_json.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct Fixture {
    std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
    MemoryLog log{disk};
    TempDir dir;
    std::string windows = windows_path_of(dir.file("surged.db"));
    SystemClock clock;
    Engine engine{std::make_unique<const Plan>()};

    void store(std::uint64_t seq, std::int64_t at_ms) {
        const Record record{seq, engine_time(at_ms), wall_time(at_ms), SystemNote{"note", "x"}};
        disk->records.push_back({seq, at_ms, record_type(record), "", encode(record)});
    }
    Result<RecoveryReport, LogFailure> recover_now() { return recover(log, windows, engine, clock); }
};

}  // namespace

TEST_CASE("recovery: an empty store is the very first start", "[unit]") {
    Fixture f;
    const auto report = f.recover_now();
    REQUIRE(report);
    CHECK(report->head == 0);
    CHECK_FALSE(report->last_known);
    CHECK(report->summary() == "empty store, nothing to recover");
}

TEST_CASE("recovery: records are folded in order, and the last of them is the last sign of life", "[unit]") {
    Fixture f;
    f.store(1, 1000);
    f.store(2, 5000);
    const auto report = f.recover_now();
    REQUIRE(report);
    CHECK(report->head == 2);
    CHECK(report->replayed == 2);
    CHECK(report->last_known == engine_time(5000));
    CHECK(f.engine.sequence() == 2);
}

TEST_CASE("recovery: the windows file is a later sign of life than the records", "[unit]") {
    Fixture f;
    f.store(1, 1000);
    REQUIRE(write_file_atomically(f.windows, windows_head(engine_time(9000)) + f.engine.series_snapshot()));
    const auto report = f.recover_now();
    REQUIRE(report);
    CHECK(report->windows);
    CHECK(report->last_known == engine_time(9000));
}

TEST_CASE("recovery: a torn windows file costs the windows and says so, not the start", "[unit]") {
    Fixture f;
    f.store(1, 1000);
    std::ofstream(f.windows) << "torn";
    const auto report = f.recover_now();
    REQUIRE(report);
    CHECK_FALSE(report->windows);
    CHECK_FALSE(report->windows_problem.empty());
    CHECK(report->summary().find("windows start empty") != std::string::npos);
}

TEST_CASE("recovery: a record that cannot be read back ends the start and is named", "[unit]") {
    Fixture f;
    f.store(1, 1000);
    f.store(2, 2000);
    f.disk->records[1].bytes = "{\"seq\":2";
    const auto report = f.recover_now();
    REQUIRE_FALSE(report);
    CHECK(report.error().message.find("record 2 cannot be read back") != std::string::npos);
}

TEST_CASE("recovery: place holders of lost records are counted and skipped", "[unit]") {
    Fixture f;
    f.store(1, 1000);
    f.disk->records.push_back({2, 2000, "lost", "", ""});
    f.store(3, 3000);
    const auto report = f.recover_now();
    REQUIRE(report);
    CHECK(report->lost == 1);
    CHECK(report->replayed == 2);
}

TEST_CASE("recovery: a snapshot that cannot be used costs nothing while the records are there", "[unit]") {
    Fixture f;
    f.store(1, 1000);
    f.store(2, 2000);
    f.store(3, 3000);
    SECTION("the one before and the log stand in") {
        Engine other(std::make_unique<const Plan>());
        other.apply({1, engine_time(1000), wall_time(1000), SystemNote{"note", "x"}});
        f.disk->older = StoredSnapshot{1, other.snapshot()};
        f.disk->snapshot = StoredSnapshot{3, "", false};
        f.disk->records.erase(f.disk->records.begin());  // trimmed
        const auto report = f.recover_now();
        REQUIRE(report);
        CHECK(report->snapshot_seq == 1);
        CHECK(report->replayed == 2);
        REQUIRE(report->spoiled.size() == 1);
        CHECK(report->spoiled.front().find("the snapshot at record 3") != std::string::npos);
        CHECK(f.engine.sequence() == 3);
    }
    SECTION("the log alone stands in, and the state is that of a fold from the start") {
        f.disk->snapshot = StoredSnapshot{3, "not a snapshot"};
        const auto report = f.recover_now();
        REQUIRE(report);
        CHECK(report->snapshot_seq == 0);
        CHECK(report->replayed == 3);
        Fixture clean;
        clean.store(1, 1000);
        clean.store(2, 2000);
        clean.store(3, 3000);
        REQUIRE(clean.recover_now());
        CHECK(f.engine.snapshot() == clean.engine.snapshot());
    }
    SECTION("with records missing that only it covered, the start ends and says both") {
        f.disk->snapshot = StoredSnapshot{3, "", false};
        f.disk->records.erase(f.disk->records.begin());
        const auto report = f.recover_now();
        REQUIRE_FALSE(report);
        CHECK(report.error().error == LogError::corrupt);
        CHECK(report.error().message.find("record 1 is missing") != std::string::npos);
        CHECK(report.error().message.find("wrong checksum") != std::string::npos);
    }
}

TEST_CASE("recovery: a store that cannot be read ends the start", "[unit]") {
    Fixture f;
    f.store(1, 1000);
    f.disk->fail_with(LogError::unavailable, "no space");
    const auto report = f.recover_now();
    REQUIRE_FALSE(report);
    CHECK(report.error().message.find("no space") != std::string::npos);
}

TEST_CASE("recovery: a state that was folded and not gone on with keeps the alerts that are open", "[unit]") {
    AlertEdge edge;
    edge.rule = "waiting-too-long";
    edge.queue = {"jinan", "general", "voice"};
    edge.to = AlertState::firing;
    edge.level = Level::red;
    Engine folded(std::make_unique<const Plan>());
    folded.apply({1, engine_time(1000), wall_time(1000), edge});
    const std::string state = folded.snapshot();
    const auto desk_at = state.find(folded.desk().snapshot());
    REQUIRE(desk_at != std::string::npos);
    CHECK(state.find(edge.rule, desk_at + folded.desk().snapshot().size()) != std::string::npos);
    Engine again(std::make_unique<const Plan>());
    REQUIRE(again.restore(state));
    CHECK(again.snapshot() == state);
}
