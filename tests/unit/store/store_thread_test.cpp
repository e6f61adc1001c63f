// The store thread over a disk that fails, hangs and returns on command. Waiting is by condition, with a bound that only a broken
// program meets.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "conformance.hpp"
#include "io/store/store_state.hpp"
#include "io/store/store_thread.hpp"

using namespace surged;
using namespace surged::test;
using std::chrono::milliseconds;

namespace {

constexpr auto patience = std::chrono::seconds{20};

/// Every call of an `after` or a hook, in order, from whatever thread.
class Diary {
public:
    void write(const std::string& line) {
        const std::lock_guard hold(lock_);
        lines_.push_back(line);
        changed_.notify_all();
    }
    StoreThread::After after(const std::string& name) {
        return [this, name](bool durable) { write(name + (durable ? " durable" : " undurable")); };
    }
    /// The lines once there are `count` of them.
    std::vector<std::string> wait(std::size_t count) {
        std::unique_lock hold(lock_);
        const bool came = changed_.wait_for(hold, patience, [&] { return lines_.size() >= count; });
        INFO("lines: " << lines_.size() << " of " << count);
        REQUIRE(came);
        return lines_;
    }
    bool wait_for(const std::string& line) {
        std::unique_lock hold(lock_);
        return changed_.wait_for(hold, patience, [&] { return std::count(lines_.begin(), lines_.end(), line) > 0; });
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

struct Kit {
    std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
    Diary diary;
    StoreOptions options;
    std::unique_ptr<StoreThread> store;
    std::uint64_t next = 1;

    Kit() {
        options.retry_first = milliseconds{5};
        options.retry_max = milliseconds{20};
        options.undurable_after = milliseconds{40};
        options.on_degraded = [this](bool on, const std::string& why) {
            diary.write(std::string(on ? "degraded: " : "durable: ") + why);
        };
        options.on_fatal = [this](const LogFailure& failure) { diary.write("fatal: " + failure.message); };
        options.on_hole = [this](std::uint64_t lost) { diary.write("hole: " + std::to_string(lost)); };
    }
    void start(std::uint64_t head = 0) {
        next = head + 1;
        store = std::make_unique<StoreThread>(std::make_unique<MemoryLog>(disk), head, options);
    }
    void append(std::size_t count, const std::string& name) {
        store->append(records_for(next, count), diary.after(name));
        next += count;
    }
    void require_disk(std::uint64_t last) {
        const std::lock_guard hold(disk->lock);
        require_records(disk->records, 1, last);
    }
    void wait_appends(std::size_t count) {
        std::unique_lock hold(disk->lock);
        REQUIRE(disk->changed.wait_for(hold, patience, [&] { return disk->appends >= count; }));
    }
};

}  // namespace

TEST_CASE("store thread: batches become durable in order and each is told once", "[unit]") {
    Kit kit;
    kit.start();
    std::vector<std::string> expected;
    for (int i = 0; i < 300; ++i) {
        kit.append(static_cast<std::size_t>(i % 4), std::to_string(i));  // empty batches keep their turn too
        expected.push_back(std::to_string(i) + " durable");
    }
    REQUIRE(kit.diary.wait(300) == expected);
    const auto report = kit.store->stop();
    CHECK(report.drained);
    CHECK(report.records_left == 0);
    kit.require_disk(450);
    const auto stats = kit.store->stats();
    CHECK(stats.head == 450);
    CHECK(stats.records == 450);
    CHECK(stats.waiting_records == 0);
    CHECK(stats.waiting_bytes == 0);
    CHECK(stats.let_go == 0);
    CHECK(kit.store->commit_seconds().view().count == stats.commits);
    CHECK_FALSE(kit.store->degraded());
}

TEST_CASE("store thread: what queues during a commit goes out in one transaction", "[unit]") {
    Kit kit;
    kit.options.undurable_after = patience;
    kit.disk->hanging = true;
    kit.start();
    kit.append(1, "first");
    kit.wait_appends(1);
    for (int i = 0; i < 50; ++i) {
        kit.append(2, "later");
    }
    kit.disk->work_again();
    kit.diary.wait(51);
    kit.store->stop();
    CHECK(kit.store->stats().commits == 2);
    kit.require_disk(101);
}

TEST_CASE("store thread: one transaction takes so many bytes of what waits and no more, but a batch at least; both sides", "[unit]") {
    const auto batch_of_five = [](std::uint64_t first) {
        std::vector<StoredRecord> out;
        for (std::uint64_t seq = first; seq < first + 5; ++seq) {
            out.push_back({seq, 1, "page", "0-1", "{}"});
        }
        return out;
    };
    const auto commits = [&](std::size_t spare) {
        Kit kit;
        kit.options.undurable_after = patience;
        kit.options.commit_bytes_max = 2 * weight(batch_of_five(1)) - spare;  // two of those that wait, or a byte less
        kit.disk->hanging = true;
        kit.start();
        for (std::uint64_t i = 0; i < 7; ++i) {
            kit.store->append(batch_of_five(1 + 5 * i), kit.diary.after("batch"));
            kit.wait_appends(1);
        }
        kit.disk->work_again();
        kit.diary.wait(7);
        kit.store->stop();
        CHECK(kit.store->stats().head == 35);
        return kit.store->stats().commits;
    };
    CHECK(commits(0) == 1 + 3);
    CHECK(commits(1) == 1 + 6);
}

TEST_CASE("store thread: a full disk lets pages go undurable, keeps the records and catches up", "[unit]") {
    Kit kit;
    kit.disk->fail_with(LogError::unavailable, "disk full");
    kit.start();
    kit.append(2, "a");
    kit.append(3, "b");
    const auto lines = kit.diary.wait(3);
    CHECK(lines == std::vector<std::string>{"a undurable", "b undurable", "degraded: disk full"});
    CHECK(kit.store->degraded());
    CHECK(kit.store->stats().waiting_records == 5);
    CHECK(kit.store->stats().last_error == "disk full");
    kit.append(1, "c");
    REQUIRE(kit.diary.wait_for("c undurable"));

    kit.disk->work_again();
    REQUIRE(kit.diary.wait_for("durable: all records are durable again"));
    kit.append(1, "d");
    REQUIRE(kit.diary.wait_for("d durable"));
    CHECK_FALSE(kit.store->degraded());
    CHECK(kit.store->stats().let_go == 3);
    CHECK(kit.store->stats().failures > 0);
    CHECK(kit.store->stats().last_error.empty());
    kit.store->stop();
    kit.require_disk(7);
}

TEST_CASE("store thread: a short failure is not noticed outside", "[unit]") {
    Kit kit;
    kit.options.undurable_after = patience;
    kit.disk->fail_with(LogError::unavailable, "busy");
    kit.start();
    kit.append(2, "a");
    kit.wait_appends(1);
    kit.disk->work_again();
    CHECK(kit.diary.wait(1) == std::vector<std::string>{"a durable"});
    CHECK_FALSE(kit.store->degraded());
}

TEST_CASE("store thread: a disk that hangs inside a commit does not stop paging", "[unit]") {
    Kit kit;
    kit.disk->hanging = true;
    kit.start();
    kit.append(1, "a");
    kit.append(1, "b");
    const auto lines = kit.diary.wait(3);
    CHECK(lines == std::vector<std::string>{"a undurable", "b undurable", "degraded: a commit is slow"});
    kit.disk->work_again();
    REQUIRE(kit.diary.wait_for("durable: all records are durable again"));
    kit.store->stop();
    kit.require_disk(2);
}

TEST_CASE("store thread: a commit that reported an error but happened is not repeated", "[unit]") {
    Kit kit;
    kit.options.undurable_after = patience;
    {
        const std::lock_guard hold(kit.disk->lock);
        kit.disk->failing = LogFailure{LogError::unavailable, "input/output error"};
        kit.disk->commit_then_fail = true;
    }
    kit.start();
    kit.append(3, "a");
    kit.wait_appends(1);
    kit.append(2, "b");
    kit.disk->work_again();
    CHECK(kit.diary.wait(2) == std::vector<std::string>{"a durable", "b durable"});
    kit.store->stop();
    kit.require_disk(5);
}

TEST_CASE("store thread: beyond its memory the newest are lost, counted and marked, and the log has no hole", "[unit]") {
    Kit kit;
    kit.options.records_max = 10;
    kit.disk->fail_with(LogError::unavailable, "disk full");
    kit.start();
    kit.append(6, "a");
    kit.append(4, "b");  // exactly full
    CHECK(kit.store->stats().lost == 0);
    kit.append(1, "c");
    kit.append(5, "d");
    CHECK(kit.store->stats().lost == 6);
    REQUIRE(kit.diary.wait_for("d undurable"));
    for (int i = 0; i < 1000; ++i) {
        kit.append(1, "more");
    }
    CHECK(kit.store->stats().waiting_records == 10);
    CHECK(kit.store->stats().lost == 1006);
    kit.disk->work_again();
    REQUIRE(kit.diary.wait_for("hole: 1006"));
    kit.append(2, "after");
    REQUIRE(kit.diary.wait_for("after durable"));
    kit.store->stop();

    const std::lock_guard hold(kit.disk->lock);
    const auto& found = kit.disk->records;
    REQUIRE(found.size() == 1018);
    for (std::size_t i = 0; i < found.size(); ++i) {
        REQUIRE(found[i].seq == i + 1);
        const bool kept = i < 10 || i >= 1016;
        REQUIRE(found[i].type == (kept ? record_for(i + 1).type : record_type_lost));
        REQUIRE(found[i].bytes == (kept ? record_for(i + 1).bytes : ""));
    }
}

TEST_CASE("store thread: bytes are bounded as records are", "[unit]") {
    Kit kit;
    kit.options.bytes_max = 100000;
    kit.options.stop_within = milliseconds{1};
    kit.disk->fail_with(LogError::unavailable, "disk full");
    kit.start();
    auto big = records_for(1, 2);
    big[0].bytes.assign(60000, 'a');
    big[1].bytes.assign(60000, 'b');
    kit.store->append({big[0]}, kit.diary.after("a"));
    kit.store->append({big[1]}, kit.diary.after("b"));
    CHECK(kit.store->stats().waiting_records == 1);
    CHECK(kit.store->stats().lost == 1);
    CHECK(kit.store->stats().waiting_bytes < 100000);
}

TEST_CASE("store thread: a conflict is fatal, told once, and nobody waits for ever", "[unit]") {
    for (const auto error : {LogError::conflict, LogError::corrupt, LogError::superseded}) {
        Kit kit;
        kit.disk->fail_with(error, "somebody else wrote");
        kit.start();
        kit.append(1, "a");
        const auto lines = kit.diary.wait(3);
        CHECK(lines == std::vector<std::string>{"fatal: somebody else wrote", "a undurable", "degraded: somebody else wrote"});
        kit.disk->work_again();
        kit.append(1, "b");
        REQUIRE(kit.diary.wait_for("b undurable"));
        kit.store->save_snapshot({1, "s"}, kit.diary.after("snapshot"));
        REQUIRE(kit.diary.wait_for("snapshot undurable"));
        CHECK(kit.store->degraded());
        const auto report = kit.store->stop();
        CHECK_FALSE(report.drained);
        CHECK(report.records_left == 2);
    }
}

TEST_CASE("store thread: a log that another has taken over is fatal at a snapshot too; a snapshot that fails otherwise is not",
          "[unit]") {
    Kit kit;
    kit.start();
    kit.append(1, "a");
    REQUIRE(kit.diary.wait_for("a durable"));
    kit.disk->fail_with(LogError::unavailable, "full");
    kit.store->save_snapshot({1, "s"}, kit.diary.after("first"));
    REQUIRE(kit.diary.wait_for("first undurable"));
    CHECK_FALSE(kit.store->degraded());
    kit.disk->fail_with(LogError::superseded, "taken over");
    kit.store->save_snapshot({1, "s"}, kit.diary.after("second"));
    REQUIRE(kit.diary.wait_for("second undurable"));
    REQUIRE(kit.diary.wait_for("fatal: taken over"));
    kit.disk->work_again();
    kit.append(1, "b");
    REQUIRE(kit.diary.wait_for("b undurable"));
}

TEST_CASE("store thread: with nothing to write it finds out that another has taken the log over, and makes no fuss of a bad disk",
          "[unit]") {
    Kit kit;
    kit.options.look_every = milliseconds{5};
    kit.start();
    kit.append(1, "a");
    REQUIRE(kit.diary.wait_for("a durable"));
    kit.disk->fail_with(LogError::unavailable, "full");
    std::this_thread::sleep_for(milliseconds{50});
    CHECK_FALSE(kit.store->degraded());
    CHECK(kit.store->stats().failures == 0);
    kit.disk->fail_with(LogError::superseded, "taken over");
    REQUIRE(kit.diary.wait_for("fatal: taken over"));
    std::this_thread::sleep_for(milliseconds{50});
    CHECK(kit.diary.wait(2).size() == 2);  // told once
    kit.append(1, "b");
    REQUIRE(kit.diary.wait_for("b undurable"));
}

TEST_CASE("store thread: a snapshot waits until commits leave it the time, and not for ever", "[unit]") {
    Kit kit;
    kit.options.snapshot_calm = milliseconds{150};
    kit.options.snapshot_patience = milliseconds{600};
    kit.start();
    const auto began = std::chrono::steady_clock::now();
    const auto passed = [&] { return std::chrono::steady_clock::now() - began; };
    const auto saved = [&] { return kit.store->stats().snapshots; };
    kit.append(1, "first");
    REQUIRE(kit.diary.wait_for("first durable"));
    kit.store->save_snapshot({1, "in a storm"}, kit.diary.after("snapshot"));
    while (passed() < milliseconds{450}) {  // a commit every 20 ms
        kit.append(1, "one of many");
        std::this_thread::sleep_for(milliseconds{20});
        if (passed() < milliseconds{450}) {
            CHECK(saved() == 0);
        }
    }
    for (auto last = passed(); last < milliseconds{1500} && saved() == 0; last = passed()) {
        kit.append(1, "one of many");
        std::this_thread::sleep_for(milliseconds{20});
    }
    CHECK(saved() == 1);
    CHECK(passed() >= milliseconds{590});
    // And in a calm it is there soon.
    kit.store->save_snapshot({1, "in a calm"}, kit.diary.after("calm"));
    const auto calm = std::chrono::steady_clock::now();
    REQUIRE(kit.diary.wait_for("calm durable"));
    CHECK(std::chrono::steady_clock::now() - calm < milliseconds{550});
}

TEST_CASE("store thread: a snapshot waits for its records, and a newer one replaces it", "[unit]") {
    Kit kit;
    kit.options.undurable_after = patience;
    kit.disk->hanging = true;
    kit.start();
    kit.append(3, "a");
    kit.wait_appends(1);
    kit.store->save_snapshot({2, "two"}, kit.diary.after("two"));
    kit.store->save_snapshot({3, "three"}, kit.diary.after("three"));
    CHECK(kit.diary.wait(1) == std::vector<std::string>{"two undurable"});
    kit.disk->work_again();
    CHECK(kit.diary.wait(3) == std::vector<std::string>{"two undurable", "a durable", "three durable"});
    kit.store->stop();
    CHECK(kit.disk->snapshot->bytes == "three");
    CHECK(kit.store->stats().snapshots == 1);
}

TEST_CASE("store thread: jobs run on the log between commits and are bounded", "[unit]") {
    Kit kit;
    kit.options.jobs_max = 3;
    kit.options.undurable_after = patience;
    kit.disk->hanging = true;
    kit.start();
    kit.append(4, "a");
    kit.wait_appends(1);
    const auto job = [&](RecordLog& log) { kit.diary.write("head " + std::to_string(log.head().value())); };
    CHECK(kit.store->run(job));
    CHECK(kit.store->run(job));
    CHECK(kit.store->run(job));
    CHECK_FALSE(kit.store->run(job));
    kit.disk->work_again();
    CHECK(kit.diary.wait(4) == std::vector<std::string>{"a durable", "head 4", "head 4", "head 4"});
}

TEST_CASE("store thread: what the log does for itself waits until its callers have been told, and for whoever waits behind them", "[unit]") {
    struct Working final : MemoryLog {
        Working(std::shared_ptr<MemoryDisk> disk_in, Diary& diary_in) : MemoryLog(std::move(disk_in)), diary(diary_in) {}
        Result<bool, LogFailure> work() override {
            diary.write("work");
            return false;
        }
        Diary& diary;
    };
    Kit kit;
    kit.options.undurable_after = patience;
    kit.options.look_every = patience;
    kit.disk->hanging = true;
    kit.store = std::make_unique<StoreThread>(std::make_unique<Working>(kit.disk, kit.diary), 0, kit.options);
    kit.append(1, "first");
    kit.wait_appends(1);
    kit.append(1, "second");
    kit.disk->work_again();
    CHECK(kit.diary.wait(3) == std::vector<std::string>{"first durable", "second durable", "work"});
    kit.store->stop();
}

TEST_CASE("store thread: crash points stand on both sides of the commit", "[unit]") {
    Kit kit;
    kit.options.at_step = [&](const char* step) {
        const std::lock_guard hold(kit.disk->lock);
        kit.diary.write(std::string(step) + " " + std::to_string(kit.disk->head()));
    };
    kit.start();
    kit.append(2, "a");
    CHECK(kit.diary.wait(3) == std::vector<std::string>{"before_commit 0", "after_commit 2", "a durable"});
}

TEST_CASE("store thread: stop drains what it can and says what it could not", "[unit]") {
    Kit kit;
    kit.options.stop_within = milliseconds{60};
    kit.options.undurable_after = patience;
    SECTION("all of it, in the normal case") {
        kit.start();
        kit.append(100, "a");
        const auto report = kit.store->stop();
        CHECK(report.drained);
        CHECK(kit.diary.wait(1) == std::vector<std::string>{"a durable"});
        CHECK(kit.store->stop().message == report.message);
    }
    SECTION("a failing disk leaves records") {
        kit.disk->fail_with(LogError::unavailable, "disk full");
        kit.start();
        kit.append(7, "a");
        const auto report = kit.store->stop();
        CHECK_FALSE(report.drained);
        CHECK(report.records_left == 7);
        CHECK(report.message.find("disk full") != std::string::npos);
        CHECK(kit.diary.wait(1) == std::vector<std::string>{"a undurable"});
    }
    SECTION("a hanging disk does not hold the stop") {
        kit.disk->hanging = true;
        kit.start();
        kit.append(7, "a");
        kit.wait_appends(1);
        const auto report = kit.store->stop();
        CHECK_FALSE(report.drained);
        CHECK(report.records_left == 7);
        CHECK(report.message.find("hangs") != std::string::npos);
        CHECK(kit.diary.wait(1) == std::vector<std::string>{"a undurable"});
        kit.store.reset();
        kit.disk->work_again();  // the thread left behind comes back and calls nobody
    }
}

TEST_CASE("store thread: one producer and a flickering disk lose nothing and keep the order", "[unit]") {
    Kit kit;
    kit.options.undurable_after = milliseconds{10};
    kit.start();
    std::mt19937 random(7);
    std::mutex order_lock;
    std::vector<int> order;
    for (int i = 0; i < 3000; ++i) {
        const auto count = random() % 3;
        kit.store->append(records_for(kit.next, count), [&, i](bool) {
            const std::lock_guard hold(order_lock);
            order.push_back(i);
        });
        kit.next += count;
        if (i % 100 == 50) {
            kit.disk->fail_with(LogError::unavailable, "flicker");
        } else if (i % 100 == 80) {
            kit.disk->work_again();
        }
    }
    const auto report = kit.store->stop();
    CHECK(report.drained);
    kit.require_disk(kit.next - 1);
    REQUIRE(order.size() == 3000);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("store thread: once it has stopped another goes on with its log", "[unit]") {
    auto disk = std::make_shared<MemoryDisk>();
    StoreThread first(std::make_unique<MemoryLog>(disk), 0);
    first.append(records_for(1, 3), {});
    CHECK(first.stop().drained);
    auto log = first.take_log();
    REQUIRE(log);
    CHECK(log->head().value() == 3);
    StoreThread second(std::move(log), 3);
    second.append(records_for(4, 2), {});
    CHECK(second.stop().drained);
    CHECK(second.take_log()->head().value() == 5);
}
