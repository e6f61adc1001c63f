// The snapshot of windows takes the engine's time in slices: many turns, one file, whatever happens between them.
#include "app/snapshots.hpp"
#include "app/stored_state.hpp"

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
    std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
    StoreThread store{std::make_unique<MemoryLog>(disk), 0};
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
    /// `count` records are decided, and everybody gets them.
    void decide(Snapshots& snapshots, int count, Stamp now) {
        for (int i = 0; i < count; ++i) {
            engine.note("note", "x", now);
        }
        Decisions out;
        engine.take(out);
        std::vector<StoredRecord> records;
        for (const Record& record : out.records) {
            records.push_back({record.seq, to_ms(record.wall), "system", "", "{}"});
        }
        store.append(std::move(records), {});
        snapshots.follow(std::move(out.records), 2 * static_cast<std::size_t>(count));
    }
    /// Waits until the store has taken so many snapshots.
    bool stored(std::uint64_t count) const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (store.stats().snapshots < count && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        return store.stats().snapshots >= count;
    }
    std::uint64_t seq = 0;
};

constexpr int records_max = static_cast<int>(Snapshots::records_max);

}  // namespace

TEST_CASE("snapshots: the state is stored after so many records, and after a minute when there was any", "[unit]") {
    Fixture f;
    Snapshots snapshots(f.engine, f.store, f.files, f.settings, f.log);
    snapshots.turn(at_ms(1000));
    f.decide(snapshots, records_max - 1, at_ms(2000));
    snapshots.turn(at_ms(2000));
    CHECK_FALSE(f.disk->snapshot.has_value());
    f.decide(snapshots, 1, at_ms(3000));
    const auto full = f.engine.snapshot();
    snapshots.turn(at_ms(3000));
    REQUIRE(f.stored(1));
    CHECK(f.disk->snapshot->seq == Snapshots::records_max);
    CHECK(state_of(f.disk->snapshot->bytes) == full);
    f.decide(snapshots, 1, at_ms(4000));
    snapshots.turn(at_ms(3000 + Snapshots::state_every.count() - 1));
    CHECK(f.store.stats().snapshots == 1);
    snapshots.turn(at_ms(3000 + Snapshots::state_every.count()));
    REQUIRE(f.stored(2));
    CHECK(state_of(f.disk->snapshot->bytes) == f.engine.snapshot());
    snapshots.turn(at_ms(3000 + 3 * Snapshots::state_every.count()));  // nothing was decided since
    snapshots.soon();                                                  // but when records were lost it is written at once
    snapshots.turn(at_ms(3000 + 3 * Snapshots::state_every.count()));
    REQUIRE(f.stored(3));
    CHECK(f.store.stats().snapshots == 3);
}

TEST_CASE("snapshots: a shadow that could not follow begins anew from the engine, a minute later or when records were lost", "[unit]") {
    Fixture f;
    Snapshots snapshots(f.engine, f.store, f.files, f.settings, f.log, {10, 1000, 256});
    snapshots.turn(at_ms(1000));
    f.decide(snapshots, records_max, at_ms(2000));  // more than may wait
    snapshots.turn(at_ms(2000));
    CHECK(f.store.stats().snapshots == 0);
    CHECK(snapshots.next() > at_ms(2000).at);  // and nobody is kept awake by it
    SECTION("a minute later") {
        snapshots.turn(at_ms(1000 + Snapshots::state_every.count()));
    }
    SECTION("when records were lost") {
        snapshots.soon();
        snapshots.turn(at_ms(3000));
    }
    REQUIRE(f.stored(1));
    CHECK(state_of(f.disk->snapshot->bytes) == f.engine.snapshot());
    f.decide(snapshots, 3, at_ms(90000));
    snapshots.turn(at_ms(200000));
    REQUIRE(f.stored(2));
    CHECK(state_of(f.disk->snapshot->bytes) == f.engine.snapshot());
}

TEST_CASE("snapshots: the last state is stored whatever waits", "[unit]") {
    Fixture f;
    Snapshots snapshots(f.engine, f.store, f.files, f.settings, f.log);
    snapshots.turn(at_ms(1000));
    f.decide(snapshots, 2 * records_max, at_ms(2000));
    snapshots.turn(at_ms(2000));
    snapshots.last(at_ms(2000));
    f.store.stop();
    REQUIRE(f.disk->snapshot.has_value());
    CHECK(state_of(f.disk->snapshot->bytes) == f.engine.snapshot());
}

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
