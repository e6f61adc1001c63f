// The file of the log: a disk that is full, moved away or refuses to grow; the write-ahead log, checkpoints and trims.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "conformance.hpp"
#include "core/base/histogram.hpp"
#include "io/store/sqlite_log.hpp"
#include "sqlite_kit.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("sqlite log: a full database refuses cleanly, keeps what it has and goes on when there is room", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    std::uint64_t head = 0;
    {
        auto log = open_sqlite_log(path, 64);
        REQUIRE(log);
        for (;;) {
            const auto done = (*log)->append(head, records_for(head + 1, 50));
            if (!done) {
                CHECK(done.error().error == LogError::unavailable);
                CHECK(done.error().message.find("full") != std::string::npos);
                break;
            }
            head += 50;
            REQUIRE(head < 100000);
        }
        REQUIRE((*log)->head().value() == head);
        require_records(read_all(**log), 1, head);
        // Room appears: trimmed rows give their pages back to the same, still open log.
        REQUIRE((*log)->save_snapshot({head, "s"}).has_value());
        REQUIRE((*log)->trim(head, INT64_MAX).value() > 0);
        REQUIRE((*log)->append(head, records_for(head + 1, 50)));
    }
    auto log = must_open(path);
    CHECK(log->head().value() == head + 50);
}

TEST_CASE("sqlite log: a disk that refuses to grow files and later grows them again", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    const int status = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        auto log = open_sqlite_log(path);
        if (!log || !(*log)->append(0, records_for(1, 10))) {
            return 1;
        }
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        const rlimit small{150000, limit.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
        std::uint64_t head = 10;
        // One refusal may be mended by itself: the log opens afresh, which empties the WAL and makes room.
        int refusals = 0;
        for (int i = 0; i < 1000 && refusals < 3; ++i) {
            const auto done = (*log)->append(head, records_for(head + 1, 50));
            if (!done && done.error().error != LogError::unavailable) {
                return 2;
            }
            refusals = done ? 0 : refusals + 1;
            head += done ? 50U : 0U;
        }
        if (refusals < 3) {
            return 3;
        }
        ::setrlimit(RLIMIT_FSIZE, &limit);
        if ((*log)->head().value_or(0) != head) {
            return 4;
        }
        if (!(*log)->append(head, records_for(head + 1, 50))) {
            return 5;
        }
        std::uint64_t last = 0;
        const auto all = (*log)->read(0, [&](const StoredRecord& record) { return record == record_for(++last); });
        return all && last == head + 50 ? 0 : 6;
    });
    CHECK(status == 0);
}

TEST_CASE("sqlite log: a database moved away under the daemon is noticed, and used again when it returns", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    auto log = must_open(path);
    REQUIRE(log->append(0, records_for(1, 3)));
    std::filesystem::rename(path, dir.file("elsewhere"));
    const auto refused = log->append(3, records_for(4, 1));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().error == LogError::unavailable);
    CHECK_FALSE(std::filesystem::exists(path));
    std::filesystem::rename(dir.file("elsewhere"), path);
    REQUIRE(log->append(3, records_for(4, 1)));
    require_records(read_all(*log), 1, 4);
}

TEST_CASE("sqlite log: other tools may look while the daemon writes", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    auto log = must_open(path);
    REQUIRE(log->append(0, records_for(1, 30)));
    const auto seen = sqlite_cli(path, "SELECT count(*), sum(json_extract(bytes, '$.seq')) FROM records");
    CHECK((!seen || *seen == "30|465\n"));
    REQUIRE(log->append(30, records_for(31, 1)));
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0007) == 0);  // people's names and numbers are in it
}

TEST_CASE("sqlite log: the write-ahead log stays small and no commit waits long for a checkpoint", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    auto log = must_open(path);
    Histogram commits;
    std::uintmax_t wal_max = 0;
    std::uint64_t head = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto records = records_for(head + 1, 4);
        const auto begun = std::chrono::steady_clock::now();
        REQUIRE(log->append(head, records));
        commits.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
        head += 4;
        wal_max = std::max(wal_max, size_of(path + "-wal"));
    }
    const auto view = commits.view();
    WARN("2000 commits of 4 records: p50 " << view.quantile(0.5) * 1e3 << " ms, p99 " << view.quantile(0.99) * 1e3 << " ms, max "
                                           << view.quantile(1.0) * 1e3 << " ms; WAL at most " << wal_max / 1024 << " KiB");
    CHECK(wal_max < std::uintmax_t{6} << 20U);
}

TEST_CASE("sqlite log: the write-ahead log has its size in advance and keeps it; one that is there already gets what is missing",
          "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    std::uintmax_t room = 0;
    REQUIRE(in_child([&] {
                auto log = must_open(path);
                room = size_of(path + "-wal");
                const bool made =
                    room > std::uintmax_t{4} << 20U && log->append(0, records_for(1, 4)) && size_of(path + "-wal") == room;
                return made ? (::raise(SIGKILL), 1) : 2;
            }) == 1000 + SIGKILL);
    room = size_of(path + "-wal");
    std::filesystem::resize_file(path + "-wal", 32 + 40 * 4120);  // as an earlier release would have left it
    auto log = must_open(path);
    CHECK(size_of(path + "-wal") == room);
    require_records(read_all(*log), 1, 4);
    std::uint64_t head = 4;
    for (int i = 0; i < 1500; ++i) {
        REQUIRE(log->append(head, records_for(head + 1, 4)));
        head += 4;
        CHECK(log->work());
    }
    CHECK(size_of(path + "-wal") == room);
    require_records(read_all(*log), 1, head);
}

TEST_CASE("sqlite log: a checkpoint waits until nobody does, and not for ever", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    auto log = must_open(path);
    std::uint64_t head = 0;
    const auto append = [&] {
        const auto before = size_of(path);
        REQUIRE(log->append(head, records_for(head + 1, 4)));
        head += 4;
        return size_of(path) > before;
    };
    int checkpoints = 0;
    for (int i = 0; i < 1500; ++i) {
        REQUIRE_FALSE(append());
        const auto before = size_of(path);
        CHECK(log->work());
        checkpoints += size_of(path) > before ? 1 : 0;
    }
    CHECK(checkpoints >= 3);
    CHECK(checkpoints < 10);
    int commits = 1;
    while (!append() && commits < 3000) {
        ++commits;
    }
    CHECK(commits < 3000);
    require_records(read_all(*log), 1, head);
}

TEST_CASE("sqlite log: one trim is short, several clear everything", "[unit]") {
    const TempDir dir;
    auto log = must_open(dir.file("log.db"));
    REQUIRE(log->append(0, records_for(1, 5001)));
    REQUIRE(log->save_snapshot({5001, "s"}));
    CHECK(log->trim(5001, INT64_MAX).value() == 2000);
    CHECK(log->trim(5001, INT64_MAX).value() == 2000);
    CHECK(log->trim(5001, INT64_MAX).value() == 1001);
    CHECK(log->trim(5001, INT64_MAX).value() == 0);
    CHECK(log->head().value() == 5001);
}
