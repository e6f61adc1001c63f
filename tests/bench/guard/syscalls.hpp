// Calls into the kernel that one page costs the daemon, all its threads together, counted by strace: like instructions they don't swing with
// the neighbours, and each is a wake-up, a write or a look that somebody put in the way of a page.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace surged::bench {

/// How often each call was begun.
using CallCounts = std::map<std::string, double, std::less<>>;

/// Of what `strace -f -ttt -o FILE` wrote: calls that were begun from `from_s` on and before `to_s`, wall clock. A call in two lines, begun and resumed, is one.
CallCounts count_calls(std::string_view trace, double from_s, double to_s);
/// The process that the trace begins with; 0 = there is none.
int traced_process(std::string_view trace);
double total_of(const CallCounts& counts);

/// "page | 70 | 77": what it was, and what it must not pass. Lines that begin with # are comments. False: there is no such line.
struct CallLimit {
    double figure = 0;
    double most = 0;
};
bool read_call_limit(std::string_view text, std::string_view key, CallLimit& out);

/// `surged_guard syscalls`: exit code; 77 = skipped, and why was said.
int check_syscalls(const std::string& limits_file);

}  // namespace surged::bench
