// The history's file: what is written is read, in parts, packed, over restarts and crashes, and what is damaged is told.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "history_kit.hpp"
#include "io/store/history/pack.hpp"
#include "io/store/history/sqlite_history.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

constexpr std::int64_t today = ten / 1440 * slots_a_day;  // the first slot of a day

HistoryValues values_of(std::initializer_list<std::pair<std::size_t, double>> known) {
    HistoryValues out = no_history_values();
    for (const auto& [column, value] : known) {
        out[column] = static_cast<float>(value);
    }
    return out;
}

HistorySlot slot_of(std::int64_t slot, double waiting, double offered, std::uint32_t weight = 30, const QueueKey& queue = general()) {
    return {slot, weight, {{queue, values_of({{column_waiting, waiting}, {column_offered, offered}})}}};
}

std::unique_ptr<HistoryFile> opened(const std::string& path, bool damaged = false) {
    auto file = open_sqlite_history(path, damaged);
    INFO((file ? std::string() : file.error().message));
    REQUIRE(file);
    return *std::move(file);
}

HistorySlots all_of(HistoryFile& file, const QueueKey& queue = general(), std::int64_t from = 0, std::int64_t to = today * 2) {
    HistorySlots out;
    const auto read = file.read(queue, from, to, [&out](std::int64_t slot, const HistoryValues& values) { out.emplace_back(slot, values); });
    INFO((read ? std::string() : read.error().message));
    REQUIRE(read);
    return out;
}

/// Calls of each slot, for comparing: what is not known is equal to nothing.
std::vector<std::pair<std::int64_t, float>> offered_of(const HistorySlots& slots) {
    std::vector<std::pair<std::int64_t, float>> out;
    for (const auto& [slot, values] : slots) {
        out.emplace_back(slot, values[column_offered]);
    }
    return out;
}

/// Steps until nothing is left to do; how many.
int tidied(HistoryFile& file, std::int64_t slot, std::int64_t oldest = 0) {
    int steps = 0;
    for (bool more = true; more; ++steps) {
        const auto done = file.tidy(slot, oldest);
        INFO((done ? std::string() : done.error().message));
        REQUIRE(done);
        REQUIRE(steps < 10000);
        more = *done;
    }
    return steps;
}

/// A busy day of a call centre: Poisson calls about a hump, agents that go with them.
HistoryDay busy_day(unsigned seed, double peak) {
    std::mt19937 random(seed);
    HistoryDay day;
    for (std::size_t i = 0; i < day.size(); ++i) {
        const double shape = std::pow(std::sin(3.14159 * static_cast<double>(i) / 288), 2);
        const double mean = 1 + peak * shape;
        std::poisson_distribution<int> calls(mean);
        std::poisson_distribution<int> queue(mean / 10);
        const double offered = calls(random);
        const double lost = std::poisson_distribution<int>(mean / 30)(random);
        const double staffed = std::round(5 + peak / 2 * shape);
        const double busy = staffed * (0.7 + 0.1 * std::sin(static_cast<double>(seed + i)));
        day[i] = values_of({{column_waiting, queue(random)}, {column_oldest_wait, queue(random) * 9.0}, {column_offered, offered},
                            {column_answered, offered - std::min(lost, offered)}, {column_abandoned, std::min(lost, offered)},
                            {column_handled, offered - std::min(lost, offered)}, {column_handling_s, offered * 180 + queue(random)},
                            {column_staffed, staffed}, {column_on_call, busy}, {column_available, staffed - busy},
                            {column_level, queue(random) > mean / 6 ? 1 : 0}, {column_forecast, mean}, {column_forecast_low, mean - 3 * std::sqrt(mean)},
                            {column_forecast_high, mean + 3.5 * std::sqrt(mean)}, {column_required, staffed - 1 + lost / 10},
                            {column_productive, staffed - 2}, {column_in_20, std::floor((offered - std::min(lost, offered)) * 0.8)},
                            {column_level_calls, offered - std::min(lost, offered) / 2}});
    }
    return day;
}

}  // namespace

TEST_CASE("history pack: a day comes back to the grain of each column, unknown slots too", "[unit]") {
    HistoryDay day = busy_day(1, 60);
    for (std::size_t i = 100; i < 130; ++i) {
        day[i] = no_history_values();
    }
    day[7][column_waiting] = history_unknown;
    for (HistoryValues& slot : day) {
        slot[column_abandoned] = history_unknown;
    }
    day[3][column_offered] = 4e9F;
    const auto back = unpack_day(pack_day(day));
    REQUIRE(back);
    for (std::size_t i = 0; i < day.size(); ++i) {
        for (std::size_t c = 0; c < column_count; ++c) {
            CAPTURE(i, c);
            if (std::isnan(day[i][c])) {
                REQUIRE(std::isnan((*back)[i][c]));
            } else {
                REQUIRE(std::abs((*back)[i][c] - day[i][c]) <= std::max(history_columns[c].grain / 2 + 1e-4, std::abs(day[i][c]) * 1e-6));
            }
        }
    }
}

TEST_CASE("history pack: a quiet day is some bytes, and torn or changed bytes are not read", "[unit]") {
    HistoryDay quiet;
    quiet.fill(values_of({{column_waiting, 0}, {column_staffed, 12}}));
    CHECK(pack_day(quiet).size() < 60);
    HistoryDay none;
    none.fill(no_history_values());
    CHECK(unpack_day(pack_day(none)));
    std::string bytes = pack_day(busy_day(2, 100));
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
        REQUIRE_FALSE(unpack_day(std::string_view(bytes).substr(0, cut)));
    }
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    CHECK_FALSE(unpack_day(bytes));
    const std::string slot = pack_slot({{3, values_of({{column_offered, 12}})}, {63, values_of({{column_level, 3}})}});
    const auto queues = unpack_slot(slot);
    REQUIRE(queues);
    CHECK((*queues)[0].values[column_offered] == 12);
    CHECK((*queues)[1].place == 63);
    CHECK_FALSE(unpack_slot(std::string_view(slot).substr(1)));
}

TEST_CASE("history pack: a busy day of all columns is at most 4.0 kB a queue, its slots before that 8.8 kB", "[unit]") {
    // `check` says 4000 and 8800 (app/history_cost).
    std::size_t packed = 0;
    constexpr unsigned queues = 64;
    std::vector<HistoryDay> days;
    for (unsigned i = 0; i < queues; ++i) {
        days.push_back(busy_day(i, 20 + i * 4.0));
        packed += pack_day(days.back()).size();
    }
    std::size_t fresh = 0;
    for (std::size_t slot = 0; slot < days[0].size(); ++slot) {
        std::vector<PlacedValues> part;
        for (unsigned i = 0; i < queues; ++i) {
            part.push_back({static_cast<std::uint8_t>(i), days[i][slot]});
        }
        fresh += pack_slot(part).size();
    }
    INFO("bytes a queue and day: packed " << packed / queues << ", as slots " << fresh / queues);
    CHECK(packed / queues <= 4000);
    CHECK(fresh / queues <= 8800);
    CHECK(packed / queues > 1000);
}

TEST_CASE("history file: slots come back after a restart; parts of one slot are added up", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("h");
    {
        const auto file = opened(path);
        CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::others_all) == std::filesystem::perms::none);
        REQUIRE(file->add(slot_of(today, 2, 10)));
        REQUIRE(file->add(slot_of(today + 1, 4, 6, 12)));
    }
    const auto file = opened(path);
    REQUIRE(file->add(slot_of(today + 1, 10, 9, 18)));
    REQUIRE(file->add(slot_of(today + 1, 1, 1, 18, {"jinan", "data", "voice"})));
    const auto slots = all_of(*file);
    REQUIRE(slots.size() == 2);
    CHECK(slots[0].first == today);
    CHECK(slots[0].second[column_offered] == 10);
    CHECK(slots[1].second[column_offered] == 15);
    CHECK(slots[1].second[column_waiting] == Approx(7.6));
    CHECK(std::isnan(slots[1].second[column_staffed]));
    CHECK(all_of(*file, {"jinan", "data", "voice"}).size() == 1);
    CHECK(all_of(*file, {"jinan", "data", "chat"}).empty());
    CHECK(all_of(*file, general(), today + 1, today + 2).size() == 1);
    CHECK(all_of(*file, general(), today + 2, today + 3).empty());
    CHECK(file->queues()->size() == 2);
}

TEST_CASE("history file: a day that is over is packed and reads the same; what comes late for it is added", "[unit]") {
    const TempDir dir;
    const auto file = opened(dir.file("h"));
    std::vector<QueueKey> queues;
    for (int i = 0; i < 130; ++i) {  // three parts
        queues.push_back({"jinan", "q" + std::to_string(i), "voice"});
    }
    for (std::int64_t slot = today - 2; slot < today + 3; ++slot) {
        HistorySlot all{slot, 30, {}};
        for (std::size_t i = 0; i < queues.size(); ++i) {
            all.rows.push_back({queues[i], values_of({{column_offered, static_cast<double>(i + 1)}})});
        }
        REQUIRE(file->add(all));
    }
    const auto before = offered_of(all_of(*file, queues[129]));
    tidied(*file, today + 11);  // an hour after midnight, not before
    CHECK(file->size()->day_bytes == 0);
    CHECK(tidied(*file, today + 12) == 4);
    CHECK(file->size()->day_bytes > 0);
    CHECK(offered_of(all_of(*file, queues[129])) == before);
    CHECK(all_of(*file, queues[64])[0].second[column_offered] == 65);
    REQUIRE(file->add(slot_of(today - 1, 1, 5, 1, queues[64])));
    CHECK(all_of(*file, queues[64])[1].second[column_offered] == 70);
    tidied(*file, today + slots_a_day + 12);
    CHECK(all_of(*file, queues[64])[1].second[column_offered] == 70);
    CHECK(all_of(*file, queues[65])[1].second[column_offered] == 66);
}

TEST_CASE("history file: all queues at once tell what each tells alone, fresh and packed, by the columns that are asked for", "[unit]") {
    const TempDir dir;
    auto file = opened(dir.file("h"));
    std::vector<QueueKey> queues;
    for (int i = 0; i < 150; ++i) {
        queues.push_back({"jinan", "q" + std::to_string(i), "voice"});
    }
    for (std::int64_t slot = today; slot < today + 300; slot += 7) {
        HistorySlot all{slot, 30, {}};
        for (std::size_t i = 0; i < queues.size(); ++i) {
            all.rows.push_back({queues[i], values_of({{column_waiting, 1.0}, {column_offered, static_cast<double>(i) + static_cast<double>(slot % 11)}})});
        }
        REQUIRE(file->add(all));
    }
    for (const bool packed : {false, true}) {
        if (packed) {
            tidied(*file, today + 2 * slots_a_day);
        }
        std::map<QueueKey, std::vector<std::pair<std::int64_t, float>>> told;
        std::size_t part = 0;
        for (bool more = true; more; ++part) {
            HistoryColumns columns;
            columns.set(column_offered);
            const auto read = file->read_part(part, today + 7, today + 290, columns, [&](const QueueKey& queue, std::int64_t slot, const HistoryValues& values) {
                if (!std::isnan(values[column_offered])) {
                    told[queue].emplace_back(slot, values[column_offered]);
                }
                CHECK((!packed || std::isnan(values[column_waiting])));
            });
            REQUIRE(read);
            more = *read;
        }
        CHECK(part == 4);  // 64 queues a part, and the answer that there is none
        REQUIRE(told.size() == queues.size());
        for (const QueueKey& queue : queues) {
            CHECK(told[queue] == offered_of(all_of(*file, queue, today + 7, today + 290)));
        }
    }
}

TEST_CASE("history file: a row of a version with fewer columns is read, and what it lacks is unknown", "[unit]") {
    HistoryDay day = busy_day(3, 40);
    std::string bytes = pack_day(day);
    // A row of before the service level was kept: sixteen columns, the same bits, its own checksum.
    const auto old = pack_day_of(day, 16);
    const auto back = unpack_day(old);
    REQUIRE(back);
    CHECK((*back)[100][column_productive] == Approx(day[100][column_productive]).margin(0.06));
    CHECK(std::isnan((*back)[100][column_in_20]));
    CHECK(std::isnan((*back)[100][column_level_calls]));
    CHECK(old.size() < bytes.size());
}

TEST_CASE("history file: what is older than it is kept goes, day by day, and names of which nothing is left", "[unit]") {
    const TempDir dir;
    const auto file = opened(dir.file("h"));
    for (std::int64_t day = 0; day < 10; ++day) {
        REQUIRE(file->add(slot_of(today + day * slots_a_day, 1, static_cast<double>(day))));
    }
    REQUIRE(file->add(slot_of(today, 1, 1, 30, {"jinan", "gone", "voice"})));
    const std::int64_t now = today + 12 * slots_a_day;
    tidied(*file, now, today + 3 * slots_a_day - 1);
    CHECK(all_of(*file).size() == 8);  // the day that the limit lies in stays
    CHECK(all_of(*file, {"jinan", "gone", "voice"}).empty());
    CHECK(file->queues()->size() == 1);
    tidied(*file, now, today + 3 * slots_a_day);
    CHECK(all_of(*file).size() == 7);
    CHECK(all_of(*file)[0].second[column_offered] == 3);
}

TEST_CASE("history file: kill -9 in mid-write leaves whole slots", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("h");
    for (int round = 0; round < 3; ++round) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            auto file = open_sqlite_history(path, false);
            for (std::int64_t slot = today + round * 1000; file && slot < today + round * 1000 + 1000; ++slot) {
                HistorySlot both = slot_of(slot, 1, 2);
                both.rows.push_back({{"jinan", "data", "voice"}, both.rows[0].values});
                if (!(*file)->add(both) || (slot % 300 == 0 && !(*file)->tidy(slot, 0))) {
                    ::_exit(1);
                }
                if (slot == today + round * 1000 + 5) {
                    static_cast<void>(::write(ready[1], "x", 1));
                }
            }
            ::_exit(2);
        }
        char byte = 0;
        REQUIRE(::read(ready[0], &byte, 1) == 1);
        ::usleep(static_cast<useconds_t>(3000 + round * 7000));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        ::close(ready[0]);
        ::close(ready[1]);
        const auto file = opened(path);
        const auto slots = all_of(*file, general(), today + round * 1000, today + round * 1000 + 1000);
        CHECK(slots.size() >= 6);
        CHECK(offered_of(all_of(*file, {"jinan", "data", "voice"}, today + round * 1000, today + round * 1000 + 1000)) == offered_of(slots));
    }
}

TEST_CASE("history file: a file of somebody else's or a damaged one is told as damaged; set aside it is kept, and a new one begun", "[unit]") {
    const TempDir dir;
    const std::string path = dir.file("h");
    {
        std::ofstream(path) << std::string(20000, 'x');
        const auto refused = open_sqlite_history(path, false);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().damaged);
    }
    {
        const auto file = opened(path, true);
        CHECK(std::filesystem::file_size(path + ".damaged") == 20000);
        for (std::int64_t slot = today; slot < today + 600; ++slot) {
            REQUIRE(file->add(slot_of(slot, 1, 2)));
        }
        tidied(*file, today + 1000);
    }
    {
        // Pages in the middle are overwritten: found when they are read.
        std::fstream out(path, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(8192);
        out << std::string(std::filesystem::file_size(path) - 8192, 'y');
    }
    auto again = open_sqlite_history(path, false);
    if (again) {
        const auto read = (*again)->read(general(), 0, today * 2, [](std::int64_t, const HistoryValues&) {});
        REQUIRE_FALSE(read);
        CHECK(read.error().damaged);
    } else {
        CHECK(again.error().damaged);
    }
}

TEST_CASE("history file: a full disk is told, loses nothing of before, and passes", "[unit]") {
    const TempDir dir;
    const auto file = opened(dir.file("h"));
    REQUIRE(file->add(slot_of(today, 1, 1)));
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    rlimit small = old;
    small.rlim_cur = 96 << 10;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    Result<void, HistoryFailure> last;
    std::int64_t slot = today + 1;
    for (; slot < today + 200 && last; ++slot) {
        last = file->add(slot_of(slot, 1, 1));
    }
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    REQUIRE_FALSE(last);
    CHECK_FALSE(last.error().damaged);
    const auto kept = all_of(*file).size();
    CHECK(kept == static_cast<std::size_t>(slot - 1 - today));
    CHECK(file->add(slot_of(slot, 1, 1)));
    CHECK(all_of(*file).size() == kept + 1);
}

TEST_CASE("history file: to read it changes nothing and needs it to be there", "[unit]") {
    const TempDir dir;
    CHECK_FALSE(read_sqlite_history(dir.file("none")));
    CHECK_FALSE(std::filesystem::exists(dir.file("none")));
    const auto writes = opened(dir.file("h"));
    REQUIRE(writes->add(slot_of(today, 3, 1)));
    auto reads = read_sqlite_history(dir.file("h"));
    REQUIRE(reads);
    CHECK(all_of(**reads).size() == 1);
    CHECK_FALSE((*reads)->add(slot_of(today + 1, 3, 1)));
    REQUIRE(writes->add(slot_of(today + 1, 3, 1)));
    CHECK(all_of(**reads).size() == 2);
}
