#include "syscalls.hpp"

#include "support/catch.hpp"

using namespace surged::bench;

namespace {
constexpr const char* trace =
    "100   10.000001 execve(\"\", [\"\"...], 0x7 /* 9 vars */) = 0\n"
    "100   10.500000 write(1, \"\"..., 5) = 5\n"
    "102   10.600000 futex(0x7f, FUTEX_WAIT_PRIVATE, 0, NULL <unfinished ...>\n"
    "100   10.700000 futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 1\n"
    "102   10.700100 <... futex resumed>)     = 0\n"
    "102   10.800000 --- SIGTERM {si_signo=SIGTERM} ---\n"
    "102   11.000000 write(1, \"\"..., 5) = 5\n"
    "102   11.100000 +++ exited with 0 +++\n";
}

TEST_CASE("syscalls: calls are counted where they begin, within the window, its end not included", "[unit][guard]") {
    CHECK(count_calls(trace, 10.5, 11.0) == CallCounts{{"write", 1}, {"futex", 2}});
    CHECK(count_calls(trace, 10.500001, 11.5) == CallCounts{{"write", 1}, {"futex", 2}});
    CHECK(total_of(count_calls(trace, 0, 100)) == 5);
    CHECK(count_calls("", 0, 100).empty());
    CHECK(traced_process(trace) == 100);
    CHECK(traced_process("") == 0);
}

TEST_CASE("syscalls: a limit is a line of its own, and below its figure it is none", "[unit][guard]") {
    CallLimit limit;
    CHECK(read_call_limit("# page | 1 | 2\npage | 60 | 66\n", "page", limit));
    CHECK(limit.figure == 60);
    CHECK(limit.most == 66);
    CHECK_FALSE(read_call_limit("page | 60 | 59\n", "page", limit));
    CHECK_FALSE(read_call_limit("page 60 66\n", "page", limit));
    CHECK_FALSE(read_call_limit("other | 60 | 66\n", "page", limit));
}
