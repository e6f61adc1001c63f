// The snapshot of windows takes the engine's time in slices: many turns, one file, whatever happens between them.
#include "app/snapshots.hpp"

#include <thread>

#include "app/recovery.hpp"
#include "io/store/side_file.hpp"
#include "support/catch.hpp"
#include "support/memory_log.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

constexpr std::uint32_t queues = 20000;

Stamp at_ms(std::int64_t ms) {
    return {engine_time(ms), wall_time(ms)};
}

/// An engine whose windows take several slices, and everything it needs to write them.
struct Fixture {
    TempDir dir;
    Engine engine{std::make_unique<const Plan>()};
    StoreThread store{std::make_unique<MemoryLog>(std::make_shared<MemoryDisk>()), 0};
    FileWriter files;
    Log log{false};
    StoreSettings settings;
    std::string path;

    Fixture() {
        settings.path = dir.file("surged.db");
        path = windows_path_of(settings.path);
        for (std::uint32_t q = 0; q < queues; ++q) {
            feed(q, 1000);
        }
    }
    void feed(std::uint32_t queue, std::int64_t ms) {
        const std::string name = "q" + std::to_string(queue);
        Message message;
        message.source = "acd";
        message.seq = ++seq;
        message.ts = source_time(ms);
        message.parts.push_back({"jinan", name, "voice", source_time(ms), 0, 2, false});
        message.values = {{"calls_waiting", 3}, {"offered", static_cast<double>(ms)}};
        engine.ingest(message, at_ms(ms));
    }
    void until_written() const {
        while (files.busy()) {
            std::this_thread::yield();
        }
    }
    std::uint64_t restored_series() const {
        const auto content = read_checked_file(path);
        if (!content || !*content) {
            return 0;
        }
        Engine next(std::make_unique<const Plan>());
        return next.restore_series(std::string_view(**content).substr(sizeof(std::int64_t))) ? next.stats().series : 0;
    }
    std::uint64_t seq = 0;
};

}  // namespace

TEST_CASE("snapshots: windows are written over many turns, samples come in between, and the file is whole", "[unit]") {
    Fixture f;
    Snapshots snapshots(f.engine, f.store, f.files, f.settings, f.log);
    snapshots.turn(at_ms(1000));
    const EngineTime due = snapshots.next();
    CHECK(due == at_ms(1000).at + f.settings.snapshot_every);
    Stamp now = at_ms(to_ms(due));
    int turns = 0;
    do {
        snapshots.turn(now);
        f.feed(static_cast<std::uint32_t>(turns) % queues, to_ms(now.at));
        ++turns;
    } while (snapshots.next() <= now.at && turns < 1000000);
    CHECK(turns > 2);
    f.until_written();
    CHECK(f.restored_series() == f.engine.stats().series);
    CHECK(snapshots.next() >= now.at + f.settings.snapshot_every);
}

TEST_CASE("snapshots: a reload in the middle begins the file anew", "[unit]") {
    Fixture f;
    Snapshots snapshots(f.engine, f.store, f.files, f.settings, f.log);
    snapshots.turn(at_ms(1000));
    const Stamp now = at_ms(to_ms(snapshots.next()));
    snapshots.turn(now);
    REQUIRE(snapshots.next() <= now.at);  // not finished
    f.engine.reload(std::make_unique<const Plan>(), now);
    while (snapshots.next() <= now.at) {
        snapshots.turn(now);
    }
    f.until_written();
    CHECK(f.restored_series() == f.engine.stats().series);
}

TEST_CASE("snapshots: the last one is whole, also when another was under way", "[unit]") {
    Fixture f;
    Snapshots snapshots(f.engine, f.store, f.files, f.settings, f.log);
    snapshots.turn(at_ms(1000));
    const Stamp now = at_ms(to_ms(snapshots.next()));
    snapshots.turn(now);
    snapshots.last(now);
    f.until_written();
    CHECK(f.restored_series() == f.engine.stats().series);
}
