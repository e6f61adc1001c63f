// Seeded simulation of the desk against a reference model. SURGED_SIM_SEED starts elsewhere, SURGED_SIM_RUNS runs longer; a
// breach prints the seed that shows it: SURGED_SIM_SEED=<seed> SURGED_SIM_RUNS=1 runs it alone.
#include <cstdio>
#include <cstdlib>

#include "sim/desk_world.hpp"
#include "support/catch.hpp"

using namespace surged::test;

namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string all(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += line + "\n";
    }
    return text;
}

/// SURGED_SIM_LOG=1 prints the timeline of a run that broke a promise.
void show(const WorldResult& r) {
    if (!r.breaches.empty() && setting("SURGED_SIM_LOG", 0) != 0) {
        std::printf("%s", all(r.timeline).c_str());
    }
}

}  // namespace

TEST_CASE("random incidents with crashes, bad channels and repeated answers keep P2, P3, P4, P5, P6 and P8", "[sim]") {
    const auto seed = setting("SURGED_SIM_SEED", 20260901);
    const auto runs = setting("SURGED_SIM_RUNS", 500);
    WorldResult total;
    for (std::uint64_t i = 0; i < runs; ++i) {
        const auto r = DeskWorld(seed + i, std::nullopt).run();
        show(r);
        INFO("seed " << seed + i << "\n" << all(r.breaches));
        REQUIRE(r.breaches.empty());
        total.incidents += r.incidents;
        total.records += r.records;
        total.pages += r.pages;
        total.repeats += r.repeats;
        total.filled += r.filled;
        total.exhausted += r.exhausted;
        total.rises += r.rises;
        total.noshows += r.noshows;
        total.crashes += r.crashes;
    }
    std::printf(
        "sim: seed %llu, %llu runs: %zu incidents, %zu records, %zu pages, %zu repeats, %zu filled, %zu exhausted, %zu "
        "rises, %zu no-shows, %d crashes\n",
        static_cast<unsigned long long>(seed), static_cast<unsigned long long>(runs), total.incidents, total.records, total.pages,
        total.repeats, total.filled, total.exhausted, total.rises, total.noshows, total.crashes);
    CHECK(total.incidents > runs);
    CHECK(total.filled > 0);
    CHECK(total.exhausted > 0);
    CHECK(total.rises > 0);
    CHECK(total.noshows > 0);
    CHECK(total.repeats > 0);
}

TEST_CASE("killed at every record boundary of a run, nothing is lost and nothing is said twice unlabelled", "[sim]") {
    const auto seed = setting("SURGED_SIM_SEED", 20260901);
    for (std::uint64_t s = seed; s < seed + 2; ++s) {
        const auto whole = DeskWorld(s, std::size_t{1} << 30U).run();
        REQUIRE(whole.breaches.empty());
        const auto boundaries = std::min<std::size_t>(whole.records, 400);
        for (std::size_t cut = 0; cut < boundaries; ++cut) {
            const auto r = DeskWorld(s, cut).run();
            show(r);
            INFO("seed " << s << " killed after record " << cut << "\n" << all(r.breaches));
            REQUIRE(r.breaches.empty());
            REQUIRE(r.crashes > 0);
        }
    }
}
