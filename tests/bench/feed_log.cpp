#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "child.hpp"
#include "feed/run_queue_log.hpp"
#include "feed_parts.hpp"
#include "measure.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

std::atomic<bool> log_stopped{false};

constexpr long log_queues = 100;
constexpr long log_calls_per_s = 100;
constexpr long log_begin_s = 1'790'000'000;
constexpr long log_wait_s = 5;
constexpr long log_talk_s = 15;

void put_line(std::string& out, long time_s, long call, const char* who, const char* event) {
    const auto number = std::to_string(call);
    out += std::to_string(time_s);
    out += "|1790000000.";
    out += number;
    out += "|queue";
    out += std::to_string(call % log_queues);
    out += '|';
    out += who;
    out += event;
}

/// Every second 100 callers enter, 100 are answered, 100 hang up: one in ten gives up instead.
void put_second(std::string& out, long second) {
    const auto each = [&](long of_second, auto&& put) {
        for (long i = 0; i < log_calls_per_s && of_second >= 0; ++i) {
            put(of_second * log_calls_per_s + i);
        }
    };
    const long now = log_begin_s + second;
    each(second, [&](long call) { put_line(out, now, call, "NONE", "|ENTERQUEUE||053112345678|1\n"); });
    each(second - log_wait_s, [&](long call) {
        if (call % 10 == 0) {
            put_line(out, now, call, "NONE", "|ABANDON|1|1|5\n");
        } else {
            put_line(out, now, call, "PJSIP/a7", "|CONNECT|5|1790000000.5|2\n");
        }
    });
    each(second - log_wait_s - log_talk_s, [&](long call) {
        if (call % 10 != 0) {
            put_line(out, now, call, "PJSIP/a7", "|COMPLETECALLER|5|15|1\n");
        }
    });
}

/// Writes the log; returns its lines.
std::uint64_t write_log(const std::string& file, double bytes_wanted) {
    std::ofstream out(file, std::ios::binary);
    std::uint64_t lines = 0;
    double bytes = 0;
    std::string block;
    for (long second = 0; bytes < bytes_wanted; ++second) {
        block.clear();
        put_second(block, second);
        lines += static_cast<std::uint64_t>(std::count(block.begin(), block.end(), '\n'));
        bytes += static_cast<double>(block.size());
        if (!out.write(block.data(), static_cast<std::streamsize>(block.size()))) {
            give_up("cannot write " + file + ": is the disk full?");
        }
    }
    return lines;
}

}  // namespace

int run_feed_log_child(const std::vector<std::string>& words) {
    if (words.size() != 1) {
        return 2;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    ::sched_setaffinity(0, sizeof one, &one);
    std::signal(SIGTERM, [](int) { log_stopped = true; });
    QueueLogOptions options;
    options.file = words[0];
    options.speed = 0;
    options.live.to = {"-"};
    std::ofstream nowhere("/dev/null");
    return run_feed_queue_log(options, nowhere, std::cerr, log_stopped);
}

void feed_log(const Options& options, Report& report) {
    const double gigabytes = options.quick ? 0.01 : options.gigabytes;
    const std::string file = options.folder + "/queue_log";
    const auto lines = write_log(file, gigabytes * 1e9);
    const auto bytes = static_cast<double>(std::filesystem::file_size(file));
    const auto began = Clock::now();
    // The floor: the same bytes cut into lines.
    std::ifstream in(file, std::ios::binary);
    std::vector<char> block(1U << 16U);
    std::uint64_t cut = 0;
    const auto floor_began = thread_cpu_s();
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0) {
        cut += static_cast<std::uint64_t>(std::count(block.begin(), block.begin() + in.gcount(), '\n'));
    }
    const auto floor_s = thread_cpu_s() - floor_began;
    const auto floor_wall_s = seconds_since(began);
    const std::string log = options.folder + "/queue_log.err";
    Child reader({{own_path(), "feed-log", file}, log, false, "", {}});
    std::vector<std::uint64_t> resident;
    double cpu_s = 0;
    const auto read_began = Clock::now();
    while (reader.running()) {
        resident.push_back(resident_bytes(reader.pid()));
        cpu_s = std::max(cpu_s, process_cpu_s(reader.pid()));
        std::this_thread::sleep_for(20ms);
    }
    const auto wall_s = seconds_since(read_began);
    std::filesystem::remove(file);
    const auto told = wait_for_text(log, "event=feed_done", 1s);
    const bool whole = told.find("event=feed_done lines=" + std::to_string(lines) + " malformed=0 ") != std::string::npos;
    const auto quarter = resident.empty() ? 0 : resident[resident.size() / 4];
    const auto most = resident.empty() ? 0 : *std::max_element(resident.begin(), resident.end());
    report.table("queue_log of " + fixed(bytes / 1e9, 2) + " GB, " + fixed(static_cast<double>(lines) / 1e6, 1) +
                     " million lines, on one core",
                 {"", "processor s", "wall s", "MB/s of processor", "lines/s of processor"});
    const auto row = [&](const char* name, double cpu, double wall) {
        report.row({name, fixed(cpu, 2), fixed(wall, 2), fixed(bytes / 1e6 / cpu, 0), fixed(static_cast<double>(lines) / cpu, 0)});
    };
    row("floor: the file read and its lines counted", floor_s, floor_wall_s);
    row("feed queue-log --speed 0 --to -", cpu_s, wall_s);
    report.line("resident " + fixed(static_cast<double>(most) / 1048576, 1) + " MiB at most, " +
                fixed((static_cast<double>(most) - static_cast<double>(quarter)) / 1048576, 2) + " MiB more than after a quarter; lines " +
                (whole && cut == lines ? "all read" : "MISSING"));
    report.number("feed.queue_log.bytes_per_cpu_s", bytes / cpu_s);
    report.number("feed.queue_log.lines_per_cpu_s", static_cast<double>(lines) / cpu_s);
    report.number("feed.queue_log.resident_max_bytes", static_cast<double>(most));
    report.number("feed.queue_log.resident_growth_bytes", static_cast<double>(most) - static_cast<double>(quarter));
    report.number("feed.queue_log.whole", whole ? 1 : 0);
}

}  // namespace surged::bench
