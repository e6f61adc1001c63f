// An owner lost at records all over two worlds, a follower that takes over and plays the rest, judged by the reference. Every record
// boundary of both: surged_sim --take-over 1.
#include <algorithm>

#include "sim/take_overs.hpp"
#include "support/catch.hpp"

using namespace surged::test;

namespace {

ShardSpec world(std::uint64_t seed, Breach breach = Breach::none) {
    ShardSpec spec;
    spec.seed = seed;
    spec.breach = breach;
    return spec;
}

bool breaks(const ShardResult& run, const std::string& promise) {
    return std::any_of(run.breaches.begin(), run.breaches.end(), [&](const std::string& breach) { return breach.starts_with(promise + ": "); });
}

}  // namespace

TEST_CASE("take-over: lost at records all over a world, the owner's promises are kept by the follower", "[sim]") {
    TakeOvers total;
    for (const auto seed : take_over_worlds) {
        const auto took = take_overs(world(seed), 47);
        INFO(text_of(took, world(seed)));
        CHECK(took.broken == 0);
        CHECK(took.boundaries > 10);
        total += took;
    }
    // What was never met proves nothing.
    CHECK(total.in_flight > 0);
    CHECK(total.repeated > 0);
    CHECK(total.held > 0);
    CHECK(total.lost > 0);
    CHECK(total.compared > 100);
    for (const auto* what : {"the value that is said is the one of now", "... and old, for data is gone", "who is called is on duty",
                             "a further red has people called", "a closing message says how it ended"}) {
        INFO(what);
        CHECK(total.tally.met[what] > 0);
    }
}

TEST_CASE("take-over: what an old owner starts after the claim is found, and the closed gate keeps it from that", "[sim]") {
    int held = 0;
    int found = 0;
    for (std::size_t boundary = 15; boundary <= 60 && found == 0; ++boundary) {
        auto spec = world(take_over_worlds[0]);
        spec.lost_after = boundary;
        const auto kept = ShardWorld(spec).run();
        if (kept.held == 0) {
            continue;
        }
        ++held;
        CHECK(kept.breaches.empty());
        spec.breach = Breach::open_gate;
        const auto broken = ShardWorld(spec).run();
        CHECK(broken.held == 0);
        found += breaks(broken, "P1") ? 1 : 0;
    }
    CHECK(held > 0);
    CHECK(found > 0);
}

TEST_CASE("take-over: a claim that does not compare the head is found, for records of the old owner are missing in it", "[sim]") {
    const auto took = take_overs(world(take_over_worlds[0], Breach::unseen_claim), 47);
    INFO(text_of(took, world(take_over_worlds[0])));
    CHECK(took.broken * 3 > took.boundaries);
    CHECK(took.promises.count("P2") + took.promises.count("P3") + took.promises.count("P7") > 0);
}
