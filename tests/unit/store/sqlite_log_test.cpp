// What only SQLite has: files, locks, full disks, damage, checkpoints.
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

namespace {
LogFailure must_fail(const std::string& path) {
    auto log = open_sqlite_log(path);
    REQUIRE_FALSE(log);
    return log.error();
}
}  // namespace

TEST_CASE("sqlite log: a second opener is refused and told who holds it", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    auto log = must_open(path);
    const auto failure = must_fail(path);
    CHECK(failure.error == LogError::held);
    CHECK(log_holder(path) == ::getpid());
    CHECK(failure.message.find("pid " + std::to_string(::getpid())) != std::string::npos);
    CHECK(in_child([&] { return open_sqlite_log(path) ? 1 : 0; }) == 0);
    log.reset();
    CHECK(in_child([&] { return open_sqlite_log(path) ? 0 : 1; }) == 0);
}

TEST_CASE("sqlite log: one that was opened since, past the lock, fences the earlier one off for ever", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    auto first = must_open(path);
    REQUIRE(first->append(0, records_for(1, 5)));
    REQUIRE(first->save_snapshot({3, "of the first"}));
    std::filesystem::remove(path + ".lock");
    const auto second = must_open(path);
    // Not a record has come yet: the sequence alone would not tell them apart.
    const auto superseded = [](const auto& done) { return !done && done.error().error == LogError::superseded; };
    const auto refused = first->append(5, records_for(6, 1));
    CHECK(superseded(refused));
    CHECK(refused.error().message.find("its term is 2, ours 1") != std::string::npos);
    CHECK(superseded(first->save_snapshot({5, "of the first"})));
    CHECK(superseded(first->trim(5, INT64_MAX)));
    CHECK(superseded(first->head()));
    CHECK(second->head().value() == 5);
    REQUIRE(second->append(5, records_for(6, 2)));
    CHECK(superseded(first->append(7, records_for(8, 1))));
    require_records(read_all(*second), 1, 7);
    CHECK(second->load_snapshot().value()->bytes == "of the first");
    CHECK(second->load_snapshot().value()->seq == 3);
    require_records(read_all(*first), 1, 7);  // it may look
}

TEST_CASE("sqlite log: every opening has a term of its own; a database from before there were terms gets its first", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    const std::string ask = "SELECT value FROM meta WHERE key = 'term'";
    for (const char* term : {"1\n", "2\n", "3\n"}) {
        auto log = must_open(path);
        REQUIRE(log->append(log->head().value(), records_for(log->head().value() + 1, 2)));
        const auto seen = sqlite_cli(path, ask);
        CHECK((!seen || *seen == term));
    }
    if (sqlite_cli(path, "DELETE FROM meta WHERE key = 'term'")) {
        REQUIRE(must_open(path)->append(6, records_for(7, 1)));
        CHECK(sqlite_cli(path, ask) == "1\n");
    }
}

TEST_CASE("sqlite log: on a disk that refuses to grow files it opens all the same, with the term of before", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    // Killed with a write-ahead log that is longer than the disk allows from now on.
    // Its room was not to be had in advance, so that it is as long as what stands in it.
    REQUIRE(in_child([&] {
                ::signal(SIGXFSZ, SIG_IGN);
                const rlimit no_room{2 << 20, RLIM_INFINITY};
                ::setrlimit(RLIMIT_FSIZE, &no_room);
                return open_sqlite_log(path).value()->append(0, records_for(1, 400)) ? (::raise(SIGKILL), 1) : 2;
            }) == 1000 + SIGKILL);
    const auto wal = size_of(path + "-wal");
    REQUIRE(wal > 40000);  // the shared memory beside it needs 32 KiB
    const int status = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        // Less than the database would need to take the log over: opening adds a page or two to the log of its own.
        const rlimit small{wal - 3 * 4120, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &small);
        auto log = open_sqlite_log(path);
        std::uint64_t last = 0;
        if (!log || (*log)->head().value_or(0) != 400 ||
            !(*log)->read(0, [&](const StoredRecord& record) { return (last = record.seq) > 0; }) || last != 400) {
            return 1;
        }
        const auto refused = (*log)->append(400, records_for(401, 1));
        if (refused || refused.error().error != LogError::unavailable) {
            return 2;
        }
        const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &none);
        return (*log)->append(400, records_for(401, 1)) ? 0 : 3;
    });
    CHECK(status == 0);
    const auto seen = sqlite_cli(path, "SELECT value FROM meta WHERE key = 'term'");
    CHECK((!seen || *seen == "1\n"));
    CHECK(must_open(path)->append(401, records_for(402, 1)));
}

TEST_CASE("sqlite log: a foreign or newer database is refused and left as it was", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    SECTION("another program's database") {
        if (!sqlite_cli(path, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1);")) {
            return;
        }
        CHECK(must_fail(path).error == LogError::corrupt);
        CHECK(sqlite_cli(path, "SELECT group_concat(name) FROM sqlite_schema") == "theirs\n");
    }
    SECTION("a later schema") {
        must_open(path).reset();
        if (!sqlite_cli(path, "UPDATE meta SET value = '2' WHERE key = 'schema'")) {
            return;
        }
        const auto failure = must_fail(path);
        CHECK(failure.error == LogError::corrupt);
        CHECK(failure.message.find("schema 2") != std::string::npos);
    }
    SECTION("no database at all") {
        std::ofstream(path) << std::string(8192, 'z');
        CHECK(must_fail(path).error == LogError::corrupt);
        CHECK(size_of(path) == 8192);
    }
}

TEST_CASE("sqlite log: damage is found, never read as truth", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    {
        auto log = must_open(path);
        REQUIRE(log->append(0, records_for(1, 500)));
        REQUIRE(log->save_snapshot({500, "state"}));
    }
    SECTION("a byte of a record changed by somebody") {
        if (!sqlite_cli(path, "UPDATE records SET bytes = replace(bytes, 'seq', 'sEq') WHERE seq = 250")) {
            return;
        }
        auto log = must_open(path);
        std::uint64_t last = 0;
        const auto done = log->read(0, [&](const StoredRecord& record) { return (last = record.seq) > 0; });
        REQUIRE_FALSE(done);
        CHECK(done.error().error == LogError::corrupt);
        CHECK(done.error().message.find("record 250") != std::string::npos);
        CHECK(last == 249);
    }
    SECTION("a record that is missing after the snapshot") {
        if (!sqlite_cli(path, "DELETE FROM snapshots; DELETE FROM records WHERE seq = 77")) {
            return;
        }
        const auto done = must_open(path)->read(0, [](const StoredRecord&) { return true; });
        REQUIRE_FALSE(done);
        CHECK(done.error().message.find("record 77 is missing") != std::string::npos);
    }
    SECTION("a rotten snapshot") {
        if (!sqlite_cli(path, "UPDATE snapshots SET bytes = x'00'")) {
            return;
        }
        const auto found = must_open(path)->load_snapshot();
        REQUIRE_FALSE(found);
        CHECK(found.error().error == LogError::corrupt);
    }
    SECTION("pages overwritten on the disk") {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);
        const std::string junk(size_of(path) - 4096, '\xA5');
        file.write(junk.data(), static_cast<std::streamsize>(junk.size()));
        file.close();
        auto log = open_sqlite_log(path);
        if (log) {
            const auto done = (*log)->read(0, [](const StoredRecord&) { return true; });
            REQUIRE_FALSE(done);
            CHECK(done.error().error == LogError::corrupt);
        } else {
            CHECK(log.error().error == LogError::corrupt);
        }
    }
}

TEST_CASE("sqlite log: a folder that is missing or not ours is a clean failure", "[unit]") {
    const TempDir dir;
    CHECK(must_fail(dir.file("no/such/log.db")).error == LogError::unavailable);
    std::filesystem::create_directory(dir.file("closed"));
    const int status = in_child([&] {
        std::filesystem::permissions(dir.path(), std::filesystem::perms::all);
        std::filesystem::permissions(dir.file("closed"), std::filesystem::perms{0555});
        if (::getuid() == 0 && ::setuid(65534) != 0) {
            return 2;
        }
        const auto log = open_sqlite_log(dir.file("closed/log.db"));
        return !log && log.error().error == LogError::unavailable &&
                       log.error().message.find("Permission denied") != std::string::npos
                   ? 0
                   : 1;
    });
    CHECK(status == 0);
}

TEST_CASE("sqlite log: a file that begins at a snapshot goes on behind it, and keeps what it had for timelines", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    {
        auto log = must_open(path);
        REQUIRE(log->append(0, records_for(1, 5)));
        const auto refused = log->begin_at({5, "not ahead"});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().error == LogError::conflict);
        REQUIRE(log->begin_at({20, "of another host"}));
        CHECK(log->head().value() == 20);
        CHECK_FALSE(log->append(5, records_for(6, 1)));
        REQUIRE(log->append(20, records_for(21, 2)));
    }
    auto log = must_open(path);
    CHECK(log->head().value() == 22);
    CHECK(log->load_snapshot().value()->seq == 20);
    std::vector<std::uint64_t> found;
    REQUIRE(log->read(0, [&](const StoredRecord& record) {
        found.push_back(record.seq);
        return true;
    }));
    CHECK(found == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 21, 22});
}

TEST_CASE("sqlite log: an empty file begins at a snapshot", "[unit]") {
    const TempDir dir;
    auto log = must_open(dir.file("log.db"));
    REQUIRE(log->begin_at({1, "first"}));
    CHECK(log->head().value() == 1);
    CHECK(must_fail(dir.file("log.db")).error == LogError::held);
}

TEST_CASE("sqlite log: a copy that is restored without the mark beside it begins a new installation, once, and says why",
          "[unit]") {
    const TempDir dir;
    const auto path = dir.file("log.db");
    const auto first = must_open(path)->installation();
    CHECK_FALSE(first.id.empty());
    CHECK(first.note.empty());
    CHECK(must_open(path)->installation().id == first.id);
    // Another host, with the database alone.
    const auto there = dir.file("restored.db");
    std::filesystem::copy_file(path, there);
    const auto restored = must_open(there)->installation();
    CHECK(restored.id != first.id);
    CHECK(restored.note.find("restored copy") != std::string::npos);
    const auto again = must_open(there)->installation();
    CHECK(again.id == restored.id);
    CHECK(again.note.empty());
    // With its mark it is the same store, moved.
    const auto moved = dir.file("moved.db");
    std::filesystem::copy_file(path, moved);
    std::filesystem::copy_file(path + ".id", moved + ".id");
    CHECK(must_open(moved)->installation().id == first.id);
}

TEST_CASE("sqlite log: a mark that cannot be written is missed by nobody", "[unit]") {
    const TempDir dir;
    const auto path = dir.file("log.db");
    std::filesystem::create_directory(path + ".id");  // nothing can be put there
    std::filesystem::create_directory(path + ".id/full");
    const auto first = must_open(path)->installation();
    CHECK_FALSE(first.id.empty());
    for (int i = 0; i < 2; ++i) {
        const auto next = must_open(path)->installation();
        CHECK(next.id == first.id);
        CHECK(next.note.empty());
    }
}
