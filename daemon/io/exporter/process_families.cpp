#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <sstream>
#include <string>

#include "core/base/text.hpp"
#include "io/exporter/families.hpp"
#include "os/file.hpp"

namespace surged {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily value_of(const char* name, const char* help, MetricType type, double value) {
    MetricFamily out;
    out.name = name;
    out.help = help;
    out.type = type;
    prometheus::ClientMetric metric;
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    out.metric.push_back(metric);
    return out;
}

/// Field `n` (as proc(5) counts, from 3) of /proc/self/stat, after the name in parentheses, which may hold blanks.
double stat_field(const std::string& stat, int n) {
    const std::size_t close = stat.rfind(')');
    if (close == std::string::npos) {
        return 0;
    }
    std::istringstream rest(stat.substr(close + 1));
    std::string word;
    for (int i = 3; i <= n && rest >> word; ++i) {
    }
    return parse_number(word).value_or(0);
}

std::string read_text(const char* path) {
    constexpr std::size_t most = std::size_t{1} << 20U;
    return read_file(path, most).value_or("");
}

double open_descriptors() {
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) {
        return 0;
    }
    double count = 0;
    while (::readdir(folder) != nullptr) {
        ++count;
    }
    ::closedir(folder);
    return count - 3;  // ".", ".." and the folder itself
}

}  // namespace

double process_start_time_s() {
    timespec wall{};
    timespec boot{};
    ::clock_gettime(CLOCK_REALTIME, &wall);
    ::clock_gettime(CLOCK_BOOTTIME, &boot);
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const double started = stat_field(read_text("/proc/self/stat"), 22) / ticks;  // seconds after boot
    return static_cast<double>(wall.tv_sec) - (static_cast<double>(boot.tv_sec) - started);
}

std::vector<MetricFamily> process_families(double start_time_s) {
    const std::string stat = read_text("/proc/self/stat");
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    std::vector<MetricFamily> out;
    out.push_back(value_of("process_cpu_seconds_total", "User and system CPU time of the process.", MetricType::Counter,
                           (stat_field(stat, 14) + stat_field(stat, 15)) / ticks));
    out.push_back(value_of("process_resident_memory_bytes", "Resident memory of the process.", MetricType::Gauge,
                           stat_field(stat, 24) * page));
    out.push_back(
        value_of("process_virtual_memory_bytes", "Virtual memory of the process.", MetricType::Gauge, stat_field(stat, 23)));
    out.push_back(value_of("process_start_time_seconds", "Start of the process, UTC.", MetricType::Gauge, start_time_s));
    out.push_back(value_of("process_open_fds", "Open file descriptors.", MetricType::Gauge, open_descriptors()));
    out.push_back(value_of("process_max_fds", "Most file descriptors that may be open.", MetricType::Gauge,
                           static_cast<double>(files.rlim_cur)));
    out.push_back(value_of("process_threads", "Threads of the process.", MetricType::Gauge, stat_field(stat, 20)));
    return out;
}

}  // namespace surged
