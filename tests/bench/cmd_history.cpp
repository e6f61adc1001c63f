// `history`: what a decision waits for pictures, at 10,000 queues, and what a queue and day take on disk.
//
// One engine takes the stream message by message at the pace of a real centre on recorded time; before each message comes what the loop
// does for the history when it is due: a slice of a look. The same without it is the floor, in turns. Processor time of the engine's
// thread, since a wall clock on a busy machine tells of the neighbours; the longest slice on the wall clock beside it.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <thread>

#include "app/history_walk.hpp"
#include "commands.hpp"
#include "config/settings.hpp"
#include "io/history/history.hpp"
#include "io/store/history/sqlite_history.hpp"
#include "measure.hpp"
#include "stream.hpp"
#include "support/temp_dir.hpp"
#include "wire/decode.hpp"

namespace surged::bench {
namespace {

constexpr std::size_t stream_queues = 10000;
constexpr const char* rules =
    "[[rule]]\nid = \"waiting\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\npolicy = \"p\"\n"
    "yellow = { raise = \"> 1000\", clear = \"< 900\" }\n"
    "[[channel]]\nid = \"print\"\ntype = \"log\"\n[[person]]\nid = \"ann\"\nreach = { normal = [{ via = \"print\" }] }\n"
    "[[roster]]\nid = \"r\"\nshift = [{ people = [\"ann\"] }]\n"
    "[[policy]]\nid = \"p\"\nscope = [\"centre\"]\nneed = 1\nfallback = [\"ann\"]\n[[policy.tier]]\nid = \"t\"\nrosters = [\"r\"]\nwait = \"1m\"\n";

/// What messages took, the history's slices before them included.
struct Delays {
    std::vector<double> cpu;
    std::vector<double> wall;
    double slices_cpu = 0;
    double slice_wall_max = 0;
    double all_cpu = 0;
};

class Centre {
public:
    explicit Centre(const std::string& file) {
        auto loaded = parse_config("bench.toml", rules);
        engine_ = std::make_unique<Engine>(std::move(loaded.plan));
        HistoryOptions options;
        options.open = [file](bool damaged) { return open_sqlite_history(file, damaged); };
        history_ = std::make_unique<History>(std::move(options));
        walk_ = std::make_unique<HistoryWalk>(*engine_, *history_);
    }

    /// `minutes` of recorded time.
    void run(double minutes, bool with_history, Delays& out) {
        const auto messages = static_cast<std::uint64_t>(minutes * 60000.0 / round_ms * static_cast<double>(stream_.round()));
        for (const std::uint64_t end = next_ + messages; next_ < end; ++next_) {
            // A round's messages come evenly over its time.
            const auto ms = stream_.recorded_ms(next_) + static_cast<std::int64_t>(next_ % stream_.round()) * round_ms / static_cast<std::int64_t>(stream_.round());
            const Stamp at{engine_time(ms), wall_time(ms)};
            const double cpu = thread_cpu_s();
            const auto wall = Clock::now();
            if (with_history && walk_->next() <= at.at) {
                walk_->turn(at);
                out.slices_cpu += thread_cpu_s() - cpu;
                out.slice_wall_max = std::max(out.slice_wall_max, seconds_since(wall));
            }
            if (!decoder_.decode(stream_.message(next_, ms), message_, dropped_)) {
                engine_->ingest(message_, at);
            }
            out.cpu.push_back(thread_cpu_s() - cpu);
            out.wall.push_back(seconds_since(wall));
            out.all_cpu += out.cpu.back();
            if (next_ % stream_.round() == 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(20));  // recorded time runs 250 times as fast: the other thread has its turn
            }
        }
    }
    HistoryStats stats() const { return history_->stats(); }

private:
    Stream stream_{stream_queues};
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<History> history_;
    std::unique_ptr<HistoryWalk> walk_;
    Decoder decoder_{IngestLimits{}};
    Message message_;
    RefusalCounts dropped_{};
    std::uint64_t next_ = 0;
};

/// Days of a busy centre, all columns, through the file: calls by chance about a hump, agents that go with them.
HistoryFileSize written(const std::string& path, std::size_t queues, std::int64_t days) {
    auto file = open_sqlite_history(path, false);
    std::mt19937 random(7);
    constexpr std::int64_t first = 20000 * 288;
    for (std::int64_t slot = first; file && slot < first + days * 288; ++slot) {
        HistorySlot all{slot, 30, {}};
        const double shape = std::pow(std::sin(3.14159 * static_cast<double>(slot % 288) / 288), 2);
        for (std::size_t i = 0; i < queues; ++i) {
            const double mean = 1 + (20 + static_cast<double>(i % 64) * 4) * shape;
            const auto calls = [&random](double of) { return static_cast<double>(std::poisson_distribution<int>(of)(random)); };
            const double offered = calls(mean);
            const double lost = std::min(offered, calls(mean / 30));
            const double staffed = std::round(5 + mean / 2);
            const double waiting = calls(mean / 10);
            const double busy = staffed * (0.7 + 0.1 * std::sin(static_cast<double>(slot + static_cast<std::int64_t>(i))));
            const std::array<double, column_count> values{waiting, waiting * 9, offered, offered - lost, lost, offered - lost, offered * 180 + waiting,
                                                          staffed, busy, staffed - busy, waiting > mean / 6 ? 1.0 : 0.0, mean,
                                                          mean - 3 * std::sqrt(mean), mean + 3.5 * std::sqrt(mean), staffed - 1 + lost / 10, staffed - 2,
                                                          std::floor((offered - lost) * 0.8), static_cast<double>(history_unknown), offered - std::floor(lost / 2)};
            HistorySlotRow row{{centre_name(i), queue_name(i), "voice"}, {}};
            std::transform(values.begin(), values.end(), row.values.begin(), [](double v) { return static_cast<float>(v); });
            all.rows.push_back(std::move(row));
        }
        static_cast<void>((*file)->add(all));
        while (slot % 288 == 20) {  // after midnight
            const auto more = (*file)->tidy(slot, 0);
            if (!more || !*more) {
                break;
            }
        }
    }
    for (bool more = file.has_value(); more;) {
        const auto done = (*file)->tidy(first + (days + 1) * 288, 0);
        more = done && *done;
    }
    const auto size = file ? (*file)->size() : Result<HistoryFileSize, HistoryFailure>(HistoryFileSize{});
    return size ? *size : HistoryFileSize{};
}

}  // namespace

void run_history(const Options& options, Report& report) {
    const test::TempDir folder;
    const std::filesystem::path disk = options.folder.empty() ? folder.path() : std::filesystem::path(options.folder);
    const double minutes = options.quick ? 0.5 : 2.5;
    Delays with;
    Delays without;
    Centre centre((disk / "bench.history").string());
    Delays warm;
    centre.run(0.5, true, warm);
    for (int i = 0; i < (options.quick ? 1 : options.repetitions); ++i) {
        centre.run(minutes, true, with);
        centre.run(minutes, false, without);
    }
    report.table("decision at 10,000 queues, by message of 32 queues (processor time)", {"", "p50", "p99", "p99.9", "max", "max on the wall", "all"});
    const auto row = [&report](const char* name, const Delays& delays) {
        report.row({name, duration_text(quantile(delays.cpu, 0.5)), duration_text(quantile(delays.cpu, 0.99)), duration_text(quantile(delays.cpu, 0.999)),
                    duration_text(quantile(delays.cpu, 1)), duration_text(quantile(delays.wall, 1)), duration_text(delays.all_cpu)});
    };
    row("without history", without);
    row("with history", with);
    report.line("with/without, all: " + ratio_text(with.all_cpu, without.all_cpu) + "; longest slice on the wall " + duration_text(with.slice_wall_max) +
                ", slices in all " + duration_text(with.slices_cpu));
    report.number("history.cpu_ratio", with.all_cpu / std::max(without.all_cpu, 1e-9));
    report.number("history.p999_s", quantile(with.cpu, 0.999));
    report.number("history.p999_floor_s", quantile(without.cpu, 0.999));
    report.number("history.slice_wall_max_s", with.slice_wall_max);
    const HistoryStats stats = centre.stats();
    report.line("memory " + fixed(static_cast<double>(stats.memory_bytes) / static_cast<double>(std::max<std::uint64_t>(1, stats.queues)) / 1024, 1) +
                " KiB a queue (of " + std::to_string(stats.queues) + "); parts of looks left out: " + std::to_string(stats.blocks_left_out));
    const std::size_t queues = options.quick ? 100 : 500;
    const std::int64_t days = options.quick ? 1 : 4;
    const auto size = written((disk / "bench-days.history").string(), queues, days);
    const double a_day = static_cast<double>(size.bytes) / static_cast<double>(queues) / static_cast<double>(days);
    report.line("file, busy days of all columns: " + fixed(static_cast<double>(size.day_bytes), 0) + " bytes a queue and day packed, " + fixed(a_day, 0) +
                " with the pages and a day of room for slots");
    report.number("history.packed_day_bytes", static_cast<double>(size.day_bytes));
    report.number("history.file_day_bytes", a_day);
    for (const char* file : {"bench.history", "bench-days.history"}) {
        std::error_code ignored;
        std::filesystem::remove(disk / file, ignored);
    }
}

}  // namespace surged::bench
