// The conformance suite over the backends there are, and the one thing an in-memory log cannot show: a process that is killed.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <new>

#include "conformance.hpp"
#include "io/store/sqlite_log.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

class SqliteBackend {
public:
    std::unique_ptr<RecordLog> open() {
        auto log = open_sqlite_log(dir_.file("log.db"));
        INFO((log ? "" : log.error().message));
        REQUIRE(log);
        return std::move(*log);
    }

private:
    TempDir dir_;
};

class MemoryBackend {
public:
    std::unique_ptr<RecordLog> open() { return std::make_unique<MemoryLog>(disk_); }

private:
    std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
};

/// What the child tells the parent, in memory both see: no system call between a commit and its acknowledgement.
struct Acknowledged {
    std::atomic<std::uint64_t> head{0};
    std::atomic<bool> failed{false};
};

// Batches end at multiples of this, so that a torn batch would show as a head between two of them.
constexpr std::uint64_t batch_size = 5;

[[noreturn]] void append_until_killed(const std::string& path, Acknowledged& told) {
    auto log = open_sqlite_log(path);
    if (log) {
        std::uint64_t head = (*log)->head().value_or(0);
        while ((*log)->append(head, records_for(head + 1, batch_size))) {
            head += batch_size;
            told.head.store(head);
            if (head % 40 == 0 && !(*log)->save_snapshot({head, "state at " + std::to_string(head)})) {
                break;
            }
        }
    }
    told.failed.store(true);
    ::_exit(1);
}

}  // namespace

TEMPLATE_TEST_CASE("record log: every backend conforms", "[unit]", SqliteBackend, MemoryBackend) {
    record_log_conforms<TestType>();
}

TEST_CASE("record log: kill -9 in the middle of appends leaves whole batches and everything acknowledged", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("log.db");
    void* shared = ::mmap(nullptr, sizeof(Acknowledged), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto& told = *new (shared) Acknowledged;
    std::mt19937 random(20260920);

    for (int round = 0; round < 25; ++round) {
        const std::uint64_t before = told.head.load();
        const pid_t child = ::fork();
        if (child == 0) {
            append_until_killed(path, told);
        }
        const std::uint64_t until = before + batch_size * (1 + random() % 12);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (told.head.load() < until && !told.failed.load() && std::chrono::steady_clock::now() < deadline) {
        }
        // Spin on for a part of a commit, so that the kill falls at any point of it.
        const auto spin = std::chrono::steady_clock::now() + std::chrono::microseconds{random() % 400};
        while (std::chrono::steady_clock::now() < spin) {
        }
        ::kill(child, SIGKILL);
        REQUIRE(::waitpid(child, nullptr, 0) == child);
        REQUIRE_FALSE(told.failed.load());

        const std::uint64_t acknowledged = told.head.load();
        auto log = open_sqlite_log(path);
        REQUIRE(log);
        const std::uint64_t head = (*log)->head().value();
        REQUIRE(head >= acknowledged);
        REQUIRE(head <= acknowledged + batch_size);
        REQUIRE(head % batch_size == 0);
        require_records(read_all(**log), 1, head);
        const auto snapshot = (*log)->load_snapshot().value();
        REQUIRE((!snapshot || snapshot->bytes == "state at " + std::to_string(snapshot->seq)));
    }
    REQUIRE(told.head.load() >= 25 * batch_size);
    ::munmap(shared, sizeof(Acknowledged));
}
