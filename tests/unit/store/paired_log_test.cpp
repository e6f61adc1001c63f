// Two logs as one: what the shared one has is durable, and the copy follows it whatever happens to its disk.
#include "io/store/paired_log.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "conformance.hpp"
#include "io/store/copy_writer.hpp"
#include "io/store/sqlite_log.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

class PairedBackend {
public:
    std::unique_ptr<RecordLog> open() {
        auto copy = open_sqlite_log(dir_.file("copy.db"));
        REQUIRE(copy);
        return pair_logs(std::make_unique<MemoryLog>(shared_), std::move(*copy), {});
    }

private:
    std::shared_ptr<MemoryDisk> shared_ = std::make_shared<MemoryDisk>();
    TempDir dir_;
};

/// A shared log that counts what it is asked for beside records.
class CountingLog final : public RecordLog {
public:
    explicit CountingLog(std::shared_ptr<MemoryDisk> disk) : log_(std::move(disk)) {}
    Result<std::uint64_t, LogFailure> head() override { return log_.head(); }
    Result<void, LogFailure> append(std::uint64_t at, std::span<const StoredRecord> records) override {
        return log_.append(at, records);
    }
    Result<std::optional<StoredSnapshot>, LogFailure> load_snapshot() override { return log_.load_snapshot(); }
    Result<void, LogFailure> save_snapshot(const StoredSnapshot& snapshot) override { return log_.save_snapshot(snapshot); }
    Result<void, LogFailure> read(std::uint64_t after, const std::function<bool(const StoredRecord&)>& each) override {
        return log_.read(after, each);
    }
    Result<void, LogFailure> read_incident(std::string_view incident, std::size_t limit,
                                           const std::function<bool(const StoredRecord&)>& each) override {
        return log_.read_incident(incident, limit, each);
    }
    Result<std::uint64_t, LogFailure> trim(std::uint64_t seq, std::int64_t before) override { return log_.trim(seq, before); }
    Result<void, LogFailure> offer_snapshot(StoredSnapshot snapshot) override {
        offered.push_back(snapshot.seq);
        return {};
    }
    Result<bool, LogFailure> work() override {
        ++pieces;
        return true;
    }
    Installation installation() const override { return {"shared", {}}; }

    std::vector<std::uint64_t> offered;
    int pieces = 0;

private:
    MemoryLog log_;
};

/// A pair in memory, on a clock that the test moves.
struct Pair {
    std::shared_ptr<MemoryDisk> shared = std::make_shared<MemoryDisk>();
    std::shared_ptr<MemoryDisk> copy = std::make_shared<MemoryDisk>();
    std::chrono::steady_clock::time_point now{1h};
    std::vector<bool> told;
    std::string why;
    CountingLog* counting = nullptr;
    std::unique_ptr<RecordLog> log;

    Pair() {
        PairedLogOptions options;
        options.now = [this] { return now; };
        options.on_copy = [this](bool behind, const std::string& text) {
            told.push_back(behind);
            why = text;
        };
        auto first = std::make_unique<CountingLog>(shared);
        counting = first.get();
        log = pair_logs(std::move(first), std::make_unique<MemoryLog>(copy), std::move(options));
    }
    /// Records 1 to 4 are in the shared log; that 3 and 4 are was never answered.
    void lose_an_answer() const {
        REQUIRE(log->append(0, records_for(1, 2)));
        shared->fail_with(LogError::unavailable, "no answer");
        shared->commit_then_fail = true;
        CHECK_FALSE(log->append(2, records_for(3, 2)));
        shared->work_again();
    }
    /// The copy has what was handed to it, or has said why not.
    void settle() const { (void)log->load_snapshot(); }
    std::uint64_t copied() const {
        settle();
        return copy->head();
    }
};

}  // namespace

TEST_CASE("paired log: it conforms", "[unit]") {
    record_log_conforms<PairedBackend>();
}

TEST_CASE("paired log: a copy whose disk fails holds nothing up, is told once, and is caught up when it is back", "[unit]") {
    Pair pair;
    REQUIRE(pair.log->append(0, records_for(1, 3)));
    pair.settle();
    pair.copy->fail_with(LogError::unavailable, "no space left on device");
    REQUIRE(pair.log->append(3, records_for(4, 3)));
    pair.settle();
    REQUIRE(pair.log->append(6, records_for(7, 3)));
    CHECK(pair.told == std::vector<bool>{true});
    CHECK(pair.why == "no space left on device");
    CHECK(pair.shared->head() == 9);

    SECTION("not before it is tried again, both sides") {
        pair.copy->work_again();
        pair.now += 999ms;
        REQUIRE(pair.log->append(9, records_for(10, 1)));
        CHECK(pair.copied() == 3);
        pair.now += 1ms;
        REQUIRE(pair.log->append(10, records_for(11, 1)));
        CHECK(pair.copied() == 11);
        CHECK(pair.told == std::vector<bool>{true, false});
    }
    SECTION("by a pulse as well") {
        pair.copy->work_again();
        pair.now += 1s;
        REQUIRE(pair.log->append(9, {}));
        CHECK(pair.copied() == 9);
        CHECK(pair.told == std::vector<bool>{true, false});
    }
    SECTION("it fails again: nothing more is told") {
        pair.now += 1s;
        REQUIRE(pair.log->append(9, records_for(10, 1)));
        CHECK(pair.told == std::vector<bool>{true});
    }
    pair.copy->work_again();
    require_records(read_all(*pair.log), 1, pair.shared->head());
}

TEST_CASE("paired log: reads have what the copy lacks, in order and once", "[unit]") {
    Pair pair;
    REQUIRE(pair.log->append(0, records_for(1, 20)));
    pair.settle();
    pair.copy->fail_with(LogError::unavailable, "no space");
    REQUIRE(pair.log->append(20, records_for(21, 20)));
    pair.settle();
    pair.copy->work_again();  // readable again, and still behind
    require_records(read_all(*pair.log), 1, 40);
    require_records(read_all(*pair.log, 25), 26, 40);
    std::vector<std::uint64_t> seqs;
    const auto collect = [&](const StoredRecord& record) {
        seqs.push_back(record.seq);
        return true;
    };
    REQUIRE(pair.log->read_incident("0-3", 1000, collect));
    CHECK(seqs == std::vector<std::uint64_t>{3, 17, 24, 31, 38});
    seqs.clear();
    REQUIRE(pair.log->read_incident("0-3", 3, collect));
    CHECK(seqs == std::vector<std::uint64_t>{3, 17, 24});
}

TEST_CASE("paired log: a batch whose answer was lost is copied when that is seen, not with the next one, which may be hours away", "[unit]") {
    Pair pair;
    pair.lose_an_answer();
    CHECK(pair.copied() == 2);
    REQUIRE(pair.log->head().value() == 4);
    CHECK(pair.copied() == 4);
    CHECK(read_all(*pair.log).size() == 4);
    REQUIRE(pair.log->append(4, records_for(5, 1)));
    CHECK(pair.copied() == 5);
    CHECK(pair.told.empty());
}

TEST_CASE("paired log: a lost answer beside a copy that fails is told as the copy's failure, and caught up later", "[unit]") {
    Pair pair;
    pair.lose_an_answer();
    pair.copy->fail_with(LogError::unavailable, "no space");
    CHECK(pair.log->head().value() == 4);  // what is durable is the shared log's word alone
    CHECK(pair.told == std::vector<bool>{true});
    pair.copy->work_again();
    pair.now += 1h;
    REQUIRE(pair.log->append(4, {}));
    CHECK(pair.copied() == 4);
    CHECK(pair.told == std::vector<bool>{true, false});
}

TEST_CASE("paired log: what the shared log refuses does not reach the copy", "[unit]") {
    Pair pair;
    pair.shared->fail_with(LogError::superseded, "another host");
    CHECK(pair.log->append(0, records_for(1, 2)).error().error == LogError::superseded);
    CHECK(pair.copy->appends == 0);
}

TEST_CASE("paired log: a copy that cannot be used any more is told and left alone", "[unit]") {
    Pair pair;
    pair.copy->fail_with(LogError::corrupt, "the disk image is malformed");
    REQUIRE(pair.log->append(0, records_for(1, 2)));
    pair.settle();
    const auto tries = pair.copy->appends;
    pair.copy->work_again();
    for (int i = 0; i < 3; ++i) {
        pair.now += 10s;
        REQUIRE(pair.log->append(2, {}));
    }
    CHECK(pair.copy->appends == tries);
    CHECK(pair.told == std::vector<bool>{true});
}

TEST_CASE("paired log: a copy far behind is caught up by pieces, and no append waits for all of it", "[unit]") {
    Pair pair;
    pair.copy->fail_with(LogError::unavailable, "no space");
    REQUIRE(pair.log->append(0, records_for(1, 4500)));
    pair.settle();
    pair.copy->work_again();
    pair.now += 1s;
    std::uint64_t before = 0;
    for (int i = 0; i < 3; ++i) {
        REQUIRE(pair.log->append(4500, {}));
        CHECK(pair.copied() - before <= 2000);
        before = pair.copied();
    }
    CHECK(before == 4500);
    CHECK(pair.told == std::vector<bool>{true, false});
}

TEST_CASE("paired log: the shared log gets a snapshot after so many records or so long, both sides", "[unit]") {
    Pair pair;
    REQUIRE(pair.log->append(0, records_for(1, 30000)));
    REQUIRE(pair.log->save_snapshot({9999, "a"}));
    CHECK(pair.counting->offered.empty());
    REQUIRE(pair.log->save_snapshot({10000, "b"}));
    CHECK(pair.counting->offered == std::vector<std::uint64_t>{10000});
    pair.now += 599999ms;
    REQUIRE(pair.log->save_snapshot({10001, "c"}));
    CHECK(pair.counting->offered.size() == 1);
    pair.now += 1ms;
    REQUIRE(pair.log->save_snapshot({10002, "d"}));
    CHECK(pair.counting->offered.back() == 10002);
    CHECK(pair.log->load_snapshot().value()->seq == 10002);
}

TEST_CASE("paired log: one piece of the shared log's work at each pulse, and seldom between appends", "[unit]") {
    Pair pair;
    REQUIRE(pair.log->append(0, records_for(1, 1)));
    const int begun = pair.counting->pieces;
    for (std::uint64_t head = 1; head < 11; ++head) {
        pair.now += 50ms;
        REQUIRE(pair.log->append(head, records_for(head + 1, 1)));
    }
    CHECK(pair.counting->pieces == begun + 2);  // 500 ms
    REQUIRE(pair.log->append(11, {}));
    REQUIRE(pair.log->append(11, {}));
    CHECK(pair.counting->pieces == begun + 4);
}

TEST_CASE("paired log: no append waits for the copy of its own batch, the next one does, and reads do", "[unit]") {
    Pair pair;
    {
        const std::lock_guard hold(pair.copy->lock);
        pair.copy->hanging = true;
    }
    REQUIRE(pair.log->append(0, records_for(1, 3)));  // durable, although the copy's disk does not answer
    CHECK(pair.shared->head() == 3);
    std::atomic<bool> returned{false};
    SECTION("an append") {
        std::thread next([&] {
            CHECK(pair.log->append(3, records_for(4, 1)));
            returned = true;
        });
        std::this_thread::sleep_for(50ms);
        CHECK_FALSE(returned);
        pair.copy->work_again();
        next.join();
        CHECK(pair.copied() == 4);
    }
    SECTION("a pulse") {
        std::thread pulse([&] {
            CHECK(pair.log->append(3, {}));
            returned = true;
        });
        std::this_thread::sleep_for(50ms);
        CHECK_FALSE(returned);
        pair.copy->work_again();
        pulse.join();
    }
    SECTION("a read, which has all of it") {
        std::thread reader([&] {
            require_records(read_all(*pair.log), 1, 3);
            returned = true;
        });
        std::this_thread::sleep_for(50ms);
        CHECK_FALSE(returned);
        pair.copy->work_again();
        reader.join();
    }
    CHECK(pair.told.empty());
}

TEST_CASE("paired log: its end waits for the copy, and leaves a disk that hangs behind", "[unit]") {
    Pair pair;
    REQUIRE(pair.log->append(0, records_for(1, 3)));
    pair.log.reset();
    CHECK(pair.copy->head() == 3);

    Pair stuck;
    {
        const std::lock_guard hold(stuck.copy->lock);
        stuck.copy->hanging = true;
    }
    REQUIRE(stuck.log->append(0, records_for(1, 3)));
    const auto began = std::chrono::steady_clock::now();
    stuck.log.reset();
    const auto took = std::chrono::steady_clock::now() - began;
    CHECK(took >= CopyWriter::end_within);
    CHECK(took < CopyWriter::end_within + 2s);
    stuck.copy->work_again();
}

TEST_CASE("paired log: the installation is the shared log's", "[unit]") {
    Pair pair;
    CHECK(pair.log->installation().id == "shared");
}
