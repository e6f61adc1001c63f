// The history's thread: what the engine hands over is told, through trouble with the file, and nobody waits for it.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "history_kit.hpp"
#include "io/history/day_sums.hpp"
#include "io/history/history.hpp"
#include "io/store/history/sqlite_history.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

template <typename Done>
bool soon(Done done) {
    for (int i = 0; i < 500; ++i) {
        if (done()) {
            return true;
        }
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

void give(History& history, const Look& look) {
    auto block = history.block();
    REQUIRE(block != nullptr);
    block->numbering = look.block.numbering;
    block->wall = look.block.wall;
    block->names = look.block.names;
    block->rows = look.block.rows;
    history.add(std::move(block));
}

void give_minutes(History& history, std::int64_t from, std::int64_t to, double waiting) {
    for (std::int64_t minute = from; minute < to; ++minute) {
        give(history, Look(minute).waiting(waiting));
        while (history.stats().queues == 0) {
            std::this_thread::sleep_for(1ms);
        }
    }
}

HistoryReading ask(const History& history, std::int64_t from, std::int64_t to, std::int64_t step = 0) {
    return history.read(general(), {wall_time(from * minute_ms), wall_time(to * minute_ms), Span{step * minute_ms}}, {history_metric("calls_waiting")});
}

/// What is answered once the last minute is there.
std::vector<double> told_of(const History& history, std::int64_t from, std::int64_t to, std::int64_t step = 0) {
    HistoryReading reading;
    REQUIRE(soon([&] {
        reading = ask(history, from, to, step);
        return reading.code.empty() && reading.answer.steps.to >= to;
    }));
    return reading.answer.points.front().values;
}

HistoryOptions on_disk(const std::string& path) {
    HistoryOptions out;
    out.open = [path](bool damaged) { return open_sqlite_history(path, damaged); };
    out.try_again = 10ms;
    return out;
}

/// A file that does what the test says: hangs, or fails.
struct Trouble {
    std::mutex lock;
    std::condition_variable changed;
    bool hang = false;
    bool full = false;
    std::atomic<int> opened{0};
    std::atomic<int> slots{0};
    std::atomic<bool> inside{false};
};

class TroubledFile final : public HistoryFile {
public:
    explicit TroubledFile(std::shared_ptr<Trouble> trouble) : trouble_(std::move(trouble)) {}
    Result<void, HistoryFailure> add(const HistorySlot&) override {
        trouble_->inside = true;
        std::unique_lock hold(trouble_->lock);
        trouble_->changed.wait(hold, [this] { return !trouble_->hang; });
        if (trouble_->full) {
            return tl::unexpected(HistoryFailure{false, "disk full"});
        }
        ++trouble_->slots;
        return {};
    }
    Result<void, HistoryFailure> read(const QueueKey&, std::int64_t, std::int64_t, const Visit&) override { return {}; }
    Result<bool, HistoryFailure> read_part(std::size_t, std::int64_t, std::int64_t, HistoryColumns, const VisitQueue&) override { return false; }
    Result<std::pair<std::int64_t, std::int64_t>, HistoryFailure> span() override { return std::pair<std::int64_t, std::int64_t>(); }
    Result<std::vector<QueueKey>, HistoryFailure> queues() override { return std::vector<QueueKey>(); }
    Result<bool, HistoryFailure> tidy(std::int64_t, std::int64_t) override { return false; }
    Result<HistoryFileSize, HistoryFailure> size() override { return HistoryFileSize{}; }

private:
    std::shared_ptr<Trouble> trouble_;
};

/// Shared: a thread that is left behind may come back after the test.
HistoryOptions troubled(const std::shared_ptr<Trouble>& trouble) {
    HistoryOptions out;
    out.open = [trouble](bool) -> Result<std::unique_ptr<HistoryFile>, HistoryFailure> {
        ++trouble->opened;
        return std::make_unique<TroubledFile>(trouble);
    };
    out.try_again = 10ms;
    return out;
}

}  // namespace

TEST_CASE("history: minutes are told from memory without a file, and an unknown queue is not found", "[unit]") {
    History history({});
    give_minutes(history, ten - 1, ten + 4, 3);
    CHECK(told_of(history, ten, ten + 3) == std::vector<double>(3, 3.0));
    CHECK(history.read({"jinan", "none", "voice"}, {wall_time(0), wall_time(1000000), Span{0}}, {}).code == "not_found");
    CHECK(ask(history, ten - 10000, ten + 3, 1).code == "bad_request");
    CHECK_FALSE(history.stats().file);
}

TEST_CASE("history: after a restart the file and the new minutes are one curve", "[unit]") {
    const TempDir dir;
    {
        History history(on_disk(dir.file("h")));
        give_minutes(history, ten - 1, ten + 33, 2);
    }
    History history(on_disk(dir.file("h")));
    give_minutes(history, ten + 41, ten + 61, 6);
    const auto points = told_of(history, ten, ten + 60);
    REQUIRE(points.size() == 12);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(points[i] == 2);
    }
    CHECK(points[6] == 2);  // the slot of the stop, as far as it came
    CHECK(std::isnan(points[7]));
    CHECK(points[8] == 6);  // the slot of the start is the file's once it is over
    CHECK(points[11] == 6);
    CHECK(told_of(history, ten + 45, ten + 60, 1) == std::vector<double>(15, 6.0));
}

namespace {

/// A look at which so many calls had been offered, and in 20 s answered, in all.
Look counted_look(std::int64_t minute, double calls) {
    return Look(minute).offered(calls).counter(1, calls).counter(8, calls / 2).counter(2, 0);
}

void give_counts(History& history, std::int64_t from, std::int64_t to, double calls, double each) {
    for (std::int64_t minute = from; minute < to; ++minute) {
        give(history, counted_look(minute, calls += each));
    }
}

std::optional<std::map<QueueKey, DaySums>> sums_of(const History& history, std::int64_t now, std::int64_t dawn) {
    std::optional<std::map<QueueKey, DaySums>> out;
    REQUIRE(soon([&] {
        out = day_sums(history, wall_time(now * minute_ms), [dawn](const QueueKey&) { return wall_time(dawn * minute_ms); });
        return out.has_value();
    }));
    return out;
}

}  // namespace

TEST_CASE("history: after a restart the day's counts of before are told, and none of this run's counts twice", "[unit]") {
    const TempDir dir;
    {
        History history(on_disk(dir.file("h")));
        give_counts(history, ten - 1, ten + 33, 1000, 2);
    }
    History history(on_disk(dir.file("h")));
    give_counts(history, ten + 41, ten + 61, 5000, 7);
    REQUIRE(soon([&] { return history.stats().file_works && told_of(history, ten + 45, ten + 60, 5).size() == 3; }));
    auto sums = sums_of(history, ten + 61, ten - 600);
    REQUIRE(sums->size() == 1);
    DaySums day = sums->at(general());
    CHECK(day.offered == 2 * 33);  // the first reading is where it began
    CHECK(day.answered == 2 * 33);
    CHECK(day.in_20 == 33);
    CHECK(day.level_calls == 2 * 33);
    CHECK(std::isnan(day.in_15));
    CHECK(day.first == ten / 5);
    CHECK(day.last == ten / 5 + 6);
    CHECK(day.known == 7);
    day = sums_of(history, ten + 61, ten + 10)->at(general());  // its day began later
    CHECK(day.offered == 2 * 23);
    CHECK(day.first == ten / 5 + 2);
    CHECK(sums_of(history, ten + 61, ten + 36)->empty());
}

TEST_CASE("history: days that were packed count like those that were not, and without a file nothing is known", "[unit]") {
    const TempDir dir;
    {
        History history(on_disk(dir.file("h")));
        give_counts(history, ten - 1, ten + 6, 0, 3);
    }
    {
        auto file = open_sqlite_history(dir.file("h"), false);
        REQUIRE(file);
        for (bool more = true; more;) {
            const auto tidied = (*file)->tidy(ten / 5 + 2 * 288, 0);
            REQUIRE(tidied);
            more = *tidied;
        }
    }
    const History history(on_disk(dir.file("h")));
    CHECK(sums_of(history, ten + 700, ten - 10)->at(general()).offered == 18);
    const History nowhere({});
    CHECK(sums_of(nowhere, ten, ten - 10)->empty());
}

TEST_CASE("history: while the file hangs the engine's side goes on, looks are left out and counted", "[unit]") {
    const auto trouble = std::make_shared<Trouble>();
    trouble->hang = true;
    {
        History history(troubled(trouble));
        give_minutes(history, ten - 1, ten + 1, 1);
        for (std::int64_t minute = ten + 1; minute < ten + 6; ++minute) {
            give(history, Look(minute).waiting(1));
        }
        REQUIRE(soon([&] { return trouble->inside.load(); }));
        // What the thread does not take is left out, at once.
        const auto began = std::chrono::steady_clock::now();
        std::size_t given = 0;
        for (std::size_t i = 0; i < 2 * History::blocks_max; ++i) {
            if (auto block = history.block()) {
                block->wall = wall_time((ten + 6) * minute_ms);
                history.add(std::move(block));
                ++given;
            }
        }
        CHECK(std::chrono::steady_clock::now() - began < 500ms);
        CHECK(given <= History::blocks_max);
        CHECK(history.stats().blocks_left_out >= History::blocks_max);
        // Memory answers all the same, and what the file would add is said to be missing, after a bounded time.
        CHECK(ask(history, ten, ten + 3, 1).code.empty());
        const HistoryReading older = ask(history, ten - 100, ten + 3, 1);
        CHECK(older.code.empty());
        CHECK(older.answer.note.find("did not answer in time") != std::string::npos);
        CHECK(history.read({"jinan", "other", "voice"}, {wall_time(0), wall_time(ten * minute_ms), Span{0}}, {}).code == "unavailable");
        const auto stopping = std::chrono::steady_clock::now();
        history.stop();
        CHECK(std::chrono::steady_clock::now() - stopping < History::stop_within + 1s);
    }
    const std::lock_guard hold(trouble->lock);
    trouble->hang = false;
    trouble->changed.notify_all();
}

TEST_CASE("history: a full disk is told once and its end once; slots wait and the oldest are lost", "[unit]") {
    const auto trouble = std::make_shared<Trouble>();
    trouble->full = true;
    std::mutex lock;
    std::vector<std::string> told_trouble;
    HistoryOptions options = troubled(trouble);
    options.slots_waiting_max = 2;
    options.on_trouble = [&](const std::string& text) {
        const std::lock_guard hold(lock);
        told_trouble.push_back(text);
    };
    History history(std::move(options));
    give_minutes(history, ten - 1, ten + 26, 1);
    REQUIRE(soon([&] { return history.stats().slots_lost >= 3; }));
    CHECK(history.stats().slots_lost == 4);
    CHECK_FALSE(history.stats().file_works);
    CHECK(history.stats().trouble == "disk full");
    {
        const std::lock_guard hold(trouble->lock);
        trouble->full = false;
    }
    give(history, Look(ten + 26).waiting(1));
    REQUIRE(soon([&] { return history.stats().file_works; }));
    REQUIRE(soon([&] { return trouble->slots == 2; }));
    const std::lock_guard hold(lock);
    CHECK(told_trouble == std::vector<std::string>{"disk full", ""});
}

TEST_CASE("history: a damaged file is set aside at once, told, and a new one begun", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("h");
    {
        History history(on_disk(path));
        give_minutes(history, ten - 1, ten + 12, 1);
    }
    {
        std::FILE* file = std::fopen(path.c_str(), "r+");
        REQUIRE(file != nullptr);
        std::fputs("this is no database any more", file);
        std::fclose(file);
        std::remove((path + "-wal").c_str());
    }
    std::atomic<int> troubles{0};
    HistoryOptions options = on_disk(path);
    options.on_trouble = [&troubles](const std::string& text) { troubles += text.find("set aside") != std::string::npos ? 1 : 0; };
    History history(std::move(options));
    give_minutes(history, ten + 20, ten + 41, 5);
    REQUIRE(soon([&] { return history.stats().file_works; }));
    CHECK(troubles == 1);
    CHECK(history.stats().files_set_aside == 1);
    CHECK(told_of(history, ten + 25, ten + 40, 5) == std::vector<double>(3, 5.0));
}
