#include "measure.hpp"

#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

namespace surged::bench {
namespace {

double read_clock(clockid_t id) {
    timespec now{};
    return ::clock_gettime(id, &now) == 0 ? static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 : 0.0;
}

}  // namespace

std::int64_t wall_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double thread_cpu_s() {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}
double process_cpu_s() {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double process_cpu_s(pid_t pid) {
    clockid_t id{};
    return ::clock_getcpuclockid(pid, &id) == 0 ? read_clock(id) : 0.0;
}

double main_thread_cpu_s(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/schedstat");
    double nanoseconds = 0;
    file >> nanoseconds;
    return nanoseconds * 1e-9;
}

std::uint64_t resident_bytes(pid_t pid) {
    std::ifstream file("/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid)) + "/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t malloc_bytes() {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

double quantile(std::vector<double> values, double q) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

double median(std::vector<double> values) {
    return quantile(std::move(values), 0.5);
}

Spread Spread::of(const std::vector<double>& values) {
    return {values.size(), quantile(values, 0.5), quantile(values, 0.9), quantile(values, 0.99), quantile(values, 1.0)};
}

}  // namespace surged::bench
