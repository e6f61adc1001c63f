// `period`: what the summary of a month costs where 10,000 queues have a year of history: time, memory, and for how long the history's thread is
// kept from looks at the queues, which it does one after the other with the pieces that a summary reads.
//
// The file is made of rows as the daemon packs them, a tenth of the queues busy (a call every few seconds), the others quiet; the time of making
// it is not measured. The walk is the daemon's own (app/half_hours), with the history's thread and file as they are.
#include <sqlite3.h>

#include <cmath>
#include <filesystem>
#include <random>
#include <thread>

#include "app/half_hours.hpp"
#include "commands.hpp"
#include "io/history/history.hpp"
#include "io/store/history/pack.hpp"
#include "io/store/history/sqlite_history.hpp"
#include "measure.hpp"
#include "support/temp_dir.hpp"

namespace surged::bench {
namespace {

constexpr std::int64_t first_day = 20500;
constexpr int day_bits = 17;  // of a row's number, as io/store/history has it
constexpr std::int64_t day_ms = 86400000;

HistoryDay day_of(double peak, unsigned seed) {
    std::mt19937 random(seed);
    HistoryDay day;
    for (std::size_t i = 0; i < day.size(); ++i) {
        day[i] = no_history_values();
        const double shape = std::pow(std::sin(3.14159 * static_cast<double>(i) / 288), 2);
        const double mean = 0.05 + peak * shape;
        const double offered = std::poisson_distribution<int>(mean)(random);
        const double lost = std::min(offered, static_cast<double>(std::poisson_distribution<int>(mean / 30)(random)));
        const double staffed = std::round(2 + mean / 2);
        const auto put = [&](std::size_t column, double value) { day[i][column] = static_cast<float>(value); };
        put(column_waiting, std::round(mean / 10 * shape)), put(column_oldest_wait, std::round(mean / 2)), put(column_offered, offered);
        put(column_answered, offered - lost), put(column_abandoned, lost), put(column_handled, offered - lost), put(column_handling_s, (offered - lost) * 180);
        put(column_staffed, staffed), put(column_on_call, std::min(staffed, std::round(mean * 0.6))), put(column_available, staffed - std::min(staffed, std::round(mean * 0.6)));
        put(column_level, 0), put(column_forecast, mean), put(column_forecast_low, mean - 3 * std::sqrt(mean)), put(column_forecast_high, mean + 3.5 * std::sqrt(mean));
        put(column_required, staffed - 1), put(column_productive, staffed - 1), put(column_in_20, std::floor((offered - lost) * 0.8)), put(column_level_calls, offered);
    }
    return day;
}

/// False: the file cannot be made.
bool make_file(const std::string& path, std::int64_t queues, std::int64_t days) {
    {
        const auto file = open_sqlite_history(path, false);
        if (!file) {
            return false;
        }
    }
    std::vector<std::string> busy;
    std::vector<std::string> quiet;
    for (unsigned i = 0; i < 40; ++i) {
        busy.push_back(pack_day(day_of(20 + 5 * i, i)));
        quiet.push_back(pack_day(day_of(0.2 + 0.05 * i, 100 + i)));
    }
    sqlite3* db = nullptr;
    if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) {
        return false;
    }
    sqlite3_exec(db, "PRAGMA synchronous=OFF; BEGIN", nullptr, nullptr, nullptr);
    sqlite3_stmt* name = nullptr;
    sqlite3_stmt* day = nullptr;
    sqlite3_prepare_v2(db, "INSERT INTO queue VALUES(?1, ?2, ?3, 'voice')", -1, &name, nullptr);
    sqlite3_prepare_v2(db, "INSERT INTO day VALUES(?1, ?2)", -1, &day, nullptr);
    bool well = true;
    for (std::int64_t id = 1; id <= queues && well; ++id) {
        const auto centre = "centre-" + std::to_string(id / 50);
        const auto queue = "queue-" + std::to_string(id % 50);
        sqlite3_bind_int64(name, 1, id);
        sqlite3_bind_text(name, 2, centre.c_str(), -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(name, 3, queue.c_str(), -1, SQLITE_TRANSIENT);
        well = sqlite3_step(name) == SQLITE_DONE;
        sqlite3_reset(name);
        for (std::int64_t d = 0; d < days && well; ++d) {
            const auto& body = (id % 10 == 0 ? busy : quiet)[static_cast<std::size_t>((id * 7 + d) % 40)];
            sqlite3_bind_int64(day, 1, (id << day_bits) | (first_day + d));
            sqlite3_bind_blob(day, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
            well = sqlite3_step(day) == SQLITE_DONE;
            sqlite3_reset(day);
        }
    }
    sqlite3_finalize(name);
    sqlite3_finalize(day);
    well = sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK && well;
    sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    return well;
}

}  // namespace

void run_period(const Options& options, Report& report) {
    const test::TempDir folder;
    const std::filesystem::path disk = options.folder.empty() ? folder.path() : std::filesystem::path(options.folder);
    const auto path = (disk / "bench-year.history").string();
    const std::int64_t queues = options.quick ? 100 : 10000;
    const std::int64_t days = options.quick ? 40 : 365;
    if (!make_file(path, queues, days)) {
        report.line("the file cannot be made in " + disk.string());
        return;
    }
    HistoryOptions with;
    with.open = [path](bool damaged) { return open_sqlite_history(path, damaged); };
    with.keep = std::chrono::hours{24 * 4000};
    const History history(with);
    while (!history.stats().file_works) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    report.table("summary out of the history of " + std::to_string(queues) + " queues, " + std::to_string(days) + " days kept", {"of", "wall", "processor", "memory more", "longest piece"});
    for (const std::int64_t of : {std::int64_t{31}, days}) {
        const auto to = wall_time((first_day + days) * day_ms);
        PeriodFold fold(to - Span{of * day_ms}, to, Zone{});
        const auto before = malloc_bytes();
        const auto cpu = process_cpu_s();
        const auto start = Clock::now();
        auto piece = start;
        double longest = 0;
        std::uint64_t most = 0;
        HalfHoursWalk walk(history, to - Span{of * day_ms}, to, fold);
        const bool done = walk.run({}, [&](double) {
            longest = std::max(longest, seconds_since(piece));
            piece = Clock::now();
            most = std::max(most, malloc_bytes());
            return true;
        });
        const double took = seconds_since(start);
        const auto out = fold.take();
        report.row({std::to_string(of) + " days", duration_text(took), duration_text(process_cpu_s() - cpu),
                    fixed(static_cast<double>(most - std::min(most, before)) / 1048576.0, 1) + " MiB", duration_text(longest)});
        report.line(done && out.queues_with_history == queues && out.level.level() ? "every queue is in it, with its service level" : "NOT ALL OF IT WAS READ");
        const std::string name = "period." + std::string(of == 31 ? "month" : "year");
        report.number(name + ".wall_s", took);
        report.number(name + ".cpu_s", process_cpu_s() - cpu);
        report.number(name + ".memory_bytes", static_cast<double>(most - std::min(most, before)));
        report.number(name + ".piece_max_s", longest);
    }
    report.number("period.file_bytes", static_cast<double>(std::filesystem::file_size(path)));
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
}

}  // namespace surged::bench
