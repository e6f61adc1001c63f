#include "os/thread.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "support/catch.hpp"

using namespace surged;

namespace {
int nice_here() {
    return ::getpriority(PRIO_PROCESS, 0);
}
/// What a thread sees of itself that has done this first.
template <typename F>
std::pair<int, int> after(F first) {
    std::pair<int, int> out;
    std::thread([&] {
        first();
        out = {nice_here(), ::sched_getscheduler(0)};
    }).join();
    return out;
}
}  // namespace

TEST_CASE("thread: one that steps back leaves the others where they are") {
    const int ours = nice_here();
    const auto [nice, policy] = after(step_back);
    CHECK(nice == std::max(ours, 5));
    CHECK(policy == SCHED_OTHER);
    CHECK(nice_here() == ours);
}

TEST_CASE("thread: one that takes what is left is behind those that stepped back, and never comes forward") {
    const int ours = nice_here();
    const auto [nice, policy] = after(take_what_is_left);
    CHECK(nice == std::max(ours, 10));
    CHECK(policy == SCHED_BATCH);
    CHECK(after([] { take_what_is_left(); step_back(); }).first == std::max(ours, 10));
    CHECK(nice_here() == ours);
}
