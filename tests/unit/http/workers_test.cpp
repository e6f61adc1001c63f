#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "io/http/workers.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
bool soon(const std::function<bool()>& done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
        std::this_thread::sleep_for(1ms);
    }
    return done();
}
}  // namespace

TEST_CASE("workers: large reads have half of the threads, small ones do not wait for them", "[unit]") {
    std::atomic<int> running{0};
    std::atomic<int> small{0};
    std::atomic<int> large{0};
    std::atomic<bool> go{false};
    Workers workers(4);
    for (int i = 0; i < 8; ++i) {
        REQUIRE(workers.add(
            [&] {
                ++running;
                while (!go) {
                    std::this_thread::sleep_for(1ms);
                }
                --running;
                ++large;
            },
            true, true));
    }
    REQUIRE(soon([&] { return running == 2; }));
    for (int i = 0; i < 20; ++i) {
        REQUIRE(workers.add([&] { ++small; }, false, false));
    }
    CHECK(soon([&] { return small == 20; }));
    CHECK(running == 2);
    go = true;
    CHECK(soon([&] { return large == 8; }));
}

TEST_CASE("workers: one thread serves large reads, too", "[unit]") {
    std::atomic<int> done{0};
    Workers workers(1);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(workers.add([&] { ++done; }, false, true));
    }
    CHECK(soon([&] { return done == 3; }));
}

TEST_CASE("workers: so many jobs wait, one more is refused", "[unit]") {
    std::atomic<bool> go{false};
    Workers workers(1);
    REQUIRE(workers.add(
        [&] {
            while (!go) {
                std::this_thread::sleep_for(1ms);
            }
        },
        false, false));
    std::size_t taken = 0;
    while (taken <= Workers::jobs_max + 1 && workers.add([] {}, false, taken % 2 == 0)) {
        ++taken;
    }
    CHECK(taken >= Workers::jobs_max - 1);  // the first may run by now, or wait still
    CHECK(taken <= Workers::jobs_max);
    go = true;
}

TEST_CASE("workers: their threads step back behind the rest of the daemon", "[unit]") {
    std::atomic<int> nice{-100};
    Workers workers(1);
    REQUIRE(workers.add([&] { nice = ::getpriority(PRIO_PROCESS, 0); }, false, false));
    REQUIRE(soon([&] { return nice != -100; }));
    CHECK(nice == std::max(::getpriority(PRIO_PROCESS, 0), 5));
}
