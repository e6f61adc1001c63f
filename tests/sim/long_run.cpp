// `surged_sim --hours N` runs worlds on all cores until N virtual hours have passed or a promise is broken. A world is a week of one
// contact centre. Quiet stretches cost no time, so incidents, pages and crashes are printed beside the hours.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/desk_world.hpp"
#include "sim/shrink.hpp"
#include "sim/take_overs.hpp"

using namespace surged::test;

namespace {

struct Options {
    double hours = 1000;
    std::uint64_t seed = 1;
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
    int world_hours = 168;
    int calm_minutes = 1440;
    bool go_on = false;  ///< go on after a breach: print each one, and shrink none
    std::size_t take_over = 0;  ///< instead of all else: lose the owner of two worlds at every so many records; 0 = do not
    Breach breach = Breach::none;
    bool digest = false;  ///< print one line a world: what all its records and orders add up to
    std::optional<RecordsShown> records;  ///< print these records of each world that breaks, as it ran
};

/// Shared by all threads. A world takes milliseconds, so one lock is enough.
struct Total {
    std::mutex lock;
    double hours = 0;
    std::size_t worlds = 0;
    std::size_t records = 0;
    std::size_t answers = 0;
    long crashes = 0;
    std::size_t breaches = 0;
    Tally tally;
};

void print(const Total& t, double took) {
    std::printf(
        "sim: %.0f virtual hours in %.0f s: %zu worlds, %zu incidents (%zu reopened), %zu pages (%zu repeats), %zu closing "
        "messages, %zu answers and orders, %zu filled, %zu exhausted, %zu no-shows, %zu records, %ld crashes, %zu breaches\n",
        t.hours, took, t.worlds, t.tally.incidents, t.tally.reopened, t.tally.pages, t.tally.repeats, t.tally.closings, t.answers,
        t.tally.filled, t.tally.exhausted, t.tally.noshows, t.records, t.crashes, t.breaches);
    for (const auto& [what, times] : t.tally.met) {
        std::printf("sim: %8zu times: %s\n", times, what.c_str());
    }
    std::fflush(stdout);
}

std::string again(const Options& options, std::uint64_t seed) {
    return "surged_sim --hours 1 --threads 1 --seed " + std::to_string(seed) + " --world-hours " +
           std::to_string(options.world_hours) + " --calm-minutes " + std::to_string(options.calm_minutes);
}

/// The world again, with its records.
std::string told(const Options& options, WorldSpec spec) {
    spec.timeline = true;
    return options.records ? last_records(DeskWorld(spec).run(), *options.records) : std::string();
}

void work(const Options& options, std::atomic<std::uint64_t>& next, Total& total, std::chrono::steady_clock::time_point began) {
    for (;;) {
        WorldSpec spec;
        spec.seed = next++;
        // Every tenth world is short and crowded, the rest are weeks with quiet hours in them.
        if (spec.seed % 10 != 0) {
            spec.length = std::chrono::hours{options.world_hours};
            spec.calm = std::chrono::minutes{options.calm_minutes};
        }
        spec.timeline = std::getenv("SURGED_SIM_LOG") != nullptr;
        spec.digest = options.digest;
        const auto r = DeskWorld(spec).run();
        std::unique_lock hold(total.lock);
        if (options.digest) {
            std::printf("digest: seed %llu: %016llx of %zu records\n", static_cast<unsigned long long>(spec.seed),
                        static_cast<unsigned long long>(r.digest), r.records);
        }
        total.hours += surged::seconds(r.lived) / 3600;
        total.records += r.records;
        total.answers += r.answers;
        total.crashes += r.crashes;
        total.tally += r.tally;
        ++total.worlds;
        for (const auto& line : r.breaches.empty() ? std::vector<std::string>{} : r.timeline) {
            std::printf("%s\n", line.c_str());
        }
        if (!r.breaches.empty() && options.go_on) {
            ++total.breaches;
            std::printf("breach: seed %llu: %s\n%s", static_cast<unsigned long long>(spec.seed), r.breaches.front().c_str(),
                        told(options, spec).c_str());
            std::fflush(stdout);
        } else if (!r.breaches.empty()) {
            ++total.breaches;  // the other threads stop after their present world
            const auto by = again(options, spec.seed);
            std::printf("breach: %s; again: %s\nmaking it short ...\n", r.breaches.front().c_str(), by.c_str());
            std::fflush(stdout);
            hold.unlock();
            const auto text = report(spec, r, by, options.records.value_or(RecordsShown{}));
            hold.lock();
            std::printf("%s", text.c_str());
            return;
        }
        if (total.worlds % 5000 == 0) {
            print(total, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
        }
        if (total.hours >= options.hours || (total.breaches > 0 && !options.go_on)) {
            return;
        }
    }
}

/// Two worlds, on a thread each. 1 = a promise was broken.
int lose_owners(const Options& options, bool seeded) {
    std::mutex lock;
    bool broken = false;
    std::vector<std::jthread> threads;
    for (std::uint64_t world = 0; world < std::size(take_over_worlds); ++world) {
        threads.emplace_back([&, world] {
            ShardSpec spec;
            spec.seed = seeded ? options.seed + world : take_over_worlds[world];
            spec.breach = options.breach;
            const auto took = take_overs(spec, options.take_over);
            const std::lock_guard hold(lock);
            broken = broken || took.broken > 0;
            std::printf("%s", text_of(took, spec).c_str());
        });
    }
    threads.clear();
    return broken ? 1 : 0;
}

int usage() {
    std::fprintf(stderr,
                 "usage: surged_sim [--hours N] [--seed N] [--threads N] [--world-hours N] [--calm-minutes N] [--go-on 1] [--digest 1] [--records N|all]\n"
                 "       surged_sim --take-over STRIDE [--seed N] [--threads N] [--breach gate|claim]\n");
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (const char* seed = std::getenv("SURGED_SIM_SEED")) {
        options.seed = std::strtoull(seed, nullptr, 10);
    }
    bool seeded = false;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        const double value = std::strtod(argv[i + 1], nullptr);
        seeded = seeded || name == "--seed";
        if (name == "--hours") {
            options.hours = value;
        } else if (name == "--seed") {
            options.seed = std::strtoull(argv[i + 1], nullptr, 10);
        } else if (name == "--threads") {
            options.threads = static_cast<unsigned>(value);
        } else if (name == "--world-hours") {
            options.world_hours = static_cast<int>(value);
        } else if (name == "--calm-minutes") {
            options.calm_minutes = static_cast<int>(value);
        } else if (name == "--go-on") {
            options.go_on = value > 0;
        } else if (name == "--digest") {
            options.digest = value > 0;
        } else if (name == "--take-over") {
            options.take_over = static_cast<std::size_t>(value);
        } else if (name == "--breach") {
            options.breach = argv[i + 1] == std::string("gate") ? Breach::open_gate : Breach::unseen_claim;
        } else if (name == "--records") {
            const bool all = std::string(argv[i + 1]) == "all";
            options.records = RecordsShown{all ? std::numeric_limits<std::size_t>::max() : static_cast<std::size_t>(value), true};
        } else {
            return usage();
        }
    }
    if (argc % 2 == 0 || options.hours <= 0 || options.threads < 1 || options.world_hours < 1 || options.calm_minutes < 1) {
        return usage();
    }
    if (options.take_over > 0) {
        return lose_owners(options, seeded);
    }
    std::printf("sim: %.0f virtual hours from seed %llu on %u threads\n", options.hours,
                static_cast<unsigned long long>(options.seed), options.threads);
    Total total;
    std::atomic<std::uint64_t> next{options.seed};
    const auto began = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < options.threads; ++i) {
            threads.emplace_back([&] { work(options, next, total, began); });
        }
    }
    print(total, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    return total.breaches == 0 ? 0 : 1;
}
