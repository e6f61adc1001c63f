// Seeded simulation of the desk against a reference model. A breach prints its seed and the shortest list of happenings that
// breaks the promise. SURGED_SIM_SEED starts elsewhere, SURGED_SIM_RUNS runs longer; SURGED_SIM_SEED=<seed> SURGED_SIM_RUNS=1
// runs one seed alone, SURGED_SIM_LOG=1 prints the records of a run that broke a promise.
#include <cstdio>
#include <cstdlib>

#include "sim/desk_world.hpp"
#include "sim/shrink.hpp"
#include "support/catch.hpp"

using namespace surged::test;

namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

WorldSpec spec_of(std::uint64_t seed) {
    WorldSpec spec;
    spec.seed = seed;
    spec.timeline = setting("SURGED_SIM_LOG", 0) != 0;
    return spec;
}

std::string told(const WorldSpec& spec, const WorldResult& r) {
    std::string text;
    for (const auto& line : r.breaches.empty() ? std::vector<std::string>{} : r.timeline) {
        text += line + "\n";
    }
    const auto again = "SURGED_SIM_SEED=" + std::to_string(spec.seed) + " SURGED_SIM_RUNS=1 build/dev/bin/sim_escalation";
    return r.breaches.empty() ? text : text + report(spec, r, again);
}

}  // namespace

TEST_CASE("random incidents with crashes, bad channels, reloads, clock steps and crossing answers keep P1 to P9", "[sim]") {
    const auto seed = setting("SURGED_SIM_SEED", 20260901);
    const auto runs = setting("SURGED_SIM_RUNS", 500);
    Tally total;
    std::size_t answers = 0;
    int crashes = 0;
    double hours = 0;
    for (std::uint64_t i = 0; i < runs; ++i) {
        const auto spec = spec_of(seed + i);
        const auto r = DeskWorld(spec).run();
        INFO(told(spec, r));
        REQUIRE(r.breaches.empty());
        total += r.tally;
        answers += r.answers;
        crashes += r.crashes;
        hours += surged::seconds(r.lived) / 3600;
    }
    std::printf(
        "sim: seed %llu, %llu runs, %.0f virtual hours: %zu incidents, %zu reopened, %zu pages, %zu repeats, %zu answers and "
        "orders, %zu filled, %zu exhausted, %zu rises, %zu no-shows, %zu closing messages, %d crashes\n",
        static_cast<unsigned long long>(seed), static_cast<unsigned long long>(runs), hours, total.incidents, total.reopened,
        total.pages, total.repeats, answers, total.filled, total.exhausted, total.rises, total.noshows, total.closings, crashes);
    std::printf(
        "sim: %zu told only, %zu overrides, %zu seated elsewhere, %zu pages rode along, %zu regions of %zu incidents, "
        "%zu changes of need, %zu steps done, %zu undone, %zu seats handed over, %zu of those who gave one told that they may go\n",
        total.informed, total.overrides, total.elsewhere, total.riders, total.regions, total.merged, total.needs, total.done,
        total.undone, total.handovers, total.relieved);
    for (const auto& [what, times] : total.met) {
        std::printf("sim: %8zu times: %s\n", times, what.c_str());
    }
    if (runs < 100) {
        return;  // a few seeds need not contain everything
    }
    CHECK(total.incidents > runs);
    CHECK(total.reopened > 0);
    CHECK(total.filled > 0);
    CHECK(total.exhausted > 0);
    CHECK(total.rises > 0);
    CHECK(total.noshows > 0);
    CHECK(total.repeats > 0);
    CHECK(total.closings > 0);
    CHECK(crashes > 0);
    for (const auto seen : {total.informed, total.overrides, total.elsewhere, total.riders, total.regions, total.merged,
                            total.needs, total.done, total.undone, total.handovers, total.relieved}) {
        CHECK(seen > 0);
    }
    // A check that was never applied proves nothing.
    for (const auto& what : promises_to_meet()) {
        INFO(what);
        CHECK(total.met[what] > 0);
    }
}

TEST_CASE("worlds in which long runs once found a fault of the desk or of this reference keep every promise", "[sim]") {
    struct Found {
        std::uint64_t seed;
        int hours;  ///< 0 = a crowded world, as every tenth of a long run
        int calm_minutes;
    };
    // Of one moment: a scope surges again behind the count of its region (1414111, 1465275); a minute's rest is over as a region opens
    // (1305756, 1401512, 1485813); people leave between two readings (1306922); two scopes ask one person (1104834, 1101471);
    // a red comes, seats are full and one is given back (1407363); who handed a seat over moves away and leaves (1421913). Of regions:
    // names of an earlier life (1428135, 1452129); people of a part's tiers (1474444). Killed within one outcome (1442750, 1470994). A call
    // is held back beyond its repeat (1467838). The clock is set back behind the end of an override (1800006).
    for (const auto& found : {Found{1407363, 2, 20}, {1421913, 2, 20}, {1428135, 2, 20}, {1442750, 0, 0}, {1452129, 2, 20},
                              {1467838, 2, 20}, {1470994, 2, 20}, {1474444, 2, 20}, {1414111, 2, 20},
                              {1465275, 2, 20}, {1401512, 2, 20}, {1405563, 2, 20}, {1485813, 2, 20},
                              {1305756, 168, 1440}, {1306922, 168, 1440}, {1104834, 168, 1440}, {1101471, 168, 1440},
                              {1800006, 168, 1440}}) {
        auto spec = spec_of(found.seed);
        if (found.hours > 0) {
            spec.length = std::chrono::hours{found.hours};
            spec.calm = std::chrono::minutes{found.calm_minutes};
        }
        const auto r = DeskWorld(spec).run();
        INFO(told(spec, r));
        CHECK(r.breaches.empty());
    }
}

TEST_CASE("killed at every record boundary of a run, nothing is lost and nothing is said twice unlabelled", "[sim]") {
    const auto seed = setting("SURGED_SIM_SEED", 20260901);
    for (std::uint64_t s = seed; s < seed + 2; ++s) {
        auto spec = spec_of(s);
        spec.kill_after = std::size_t{1} << 30U;
        const auto whole = DeskWorld(spec).run();
        REQUIRE(whole.breaches.empty());
        const auto boundaries = std::min<std::size_t>(whole.records, 400);
        for (std::size_t cut = 0; cut < boundaries; ++cut) {
            spec.kill_after = cut;
            const auto r = DeskWorld(spec).run();
            INFO("killed after record " << cut << "\n" << told(spec, r));
            REQUIRE(r.breaches.empty());
            REQUIRE(r.crashes > 0);
        }
    }
}
