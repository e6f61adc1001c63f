#include "os/thread.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
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

/// Its slice of a processor in nanoseconds, sched_attr::sched_runtime; 0 = the kernel does not say (before Linux 6.12).
std::uint64_t slice_here() {
    std::array<std::uint64_t, 7> attributes{};  // 56 bytes; the slice is the fourth word
    const auto got = ::syscall(SYS_sched_getattr, 0, attributes.data(), static_cast<unsigned>(sizeof attributes), 0U);
    return got == 0 ? attributes[3] : 0;
}
}  // namespace

TEST_CASE("thread: one that wants to be let in soon has a short slice, and so have those it starts; who steps back has the system's again") {
    const int ours = nice_here();
    const auto before = slice_here();
    std::array<std::uint64_t, 3> slices{};
    const auto [nice, policy] = after([&] {
        wake_soon();
        slices[0] = slice_here();
        std::thread([&] { slices[1] = slice_here(); }).join();
        std::thread([&] {
            step_back();
            slices[2] = slice_here();
        }).join();
    });
    CHECK(nice == ours);
    CHECK(policy == SCHED_OTHER);
    CHECK(slice_here() == before);
    if (before == 0) {
        WARN("this kernel has no slices of a thread's own");
        return;
    }
    CHECK(slices[0] == 100000);
    CHECK(slices[1] == 100000);
    CHECK(slices[2] == before);
}

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
