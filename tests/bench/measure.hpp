// Clocks, processor time, memory and order statistics, for this process and for others.
//
// It knows Linux's counters and nothing of what is measured. Its hardest rule: processor time beside wall time everywhere, since
// a wall clock on a busy machine says more about the neighbours than about the program.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace surged::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}
/// UTC now, ms.
std::int64_t wall_ms();

/// Processor seconds used so far.
double thread_cpu_s();
double process_cpu_s();
/// Of another process, all its threads; of its first thread alone. 0 when it is gone.
double process_cpu_s(pid_t pid);
double main_thread_cpu_s(pid_t pid);

/// Resident bytes; 0 when it is gone.
std::uint64_t resident_bytes(pid_t pid = 0);
/// Bytes handed out by malloc and not given back, of this process.
std::uint64_t malloc_bytes();

double median(std::vector<double> values);
/// q in 0..1, nearest rank; 0 of nothing.
double quantile(std::vector<double> values, double q);

/// One kind of latencies: what a table shows of them.
struct Spread {
    std::size_t count = 0;
    double p50 = 0;
    double p90 = 0;
    double p99 = 0;
    double max = 0;
    static Spread of(const std::vector<double>& values);
};

}  // namespace surged::bench
