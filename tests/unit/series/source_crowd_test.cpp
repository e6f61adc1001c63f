// Feeders beside others, and beside forgers: no number and no name locks an honest one out, and what is kept of them is bounded.
#include "core/series/source_tracker.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "source_feeder.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("source: a forged number does not lock the true feeder out", "[unit]") {
    for (const std::uint64_t forged : {far, last_number, std::uint64_t{90210 + 100000}}) {
        Feeder feeder;
        feeder.send(90210, 0);
        CHECK(feeder.send(forged, 500).accepted());

        for (std::uint64_t i = 1; i < 5; ++i) {
            const auto verdict = feeder.send(90210 + i, static_cast<std::int64_t>(i) * 1000);
            CHECK(verdict.accepted());
            CHECK_FALSE(verdict.new_epoch);
            CHECK(verdict.gap == 0);
        }
        CHECK(feeder.state().gaps == 0);
        CHECK(feeder.state().restarts == 0);
    }
}

TEST_CASE("source: forgeries with a clock ahead, of a jump, of two in a row, of an epoch, cost the true feeder nothing", "[unit]") {
    for (const bool with_epoch : {true, false}) {
        Feeder feeder;
        std::uint64_t seq = 1000;
        std::size_t taken = 0;
        std::set<std::uint32_t> lives;
        for (int i = 0; i < 140; ++i) {
            const std::int64_t ms = i * 500;
            const auto verdict = feeder.tracker.accept(feeder.name, with_epoch, 7, ++seq, at(ms), arrival(ms), skew);
            taken += verdict.accepted() ? 1U : 0U;
            lives.insert(verdict.incarnation);
            const auto forge = [&](std::uint64_t epoch, std::uint64_t number) {
                feeder.tracker.accept(feeder.name, with_epoch, epoch, number, at(ms + 59500), arrival(ms + 100), skew);
            };
            if (i % 40 == 10) {
                forge(7, last_number);
            } else if (i % 40 == 20) {
                forge(7, far);
                forge(7, far + 1);
            } else if (i % 40 == 30 && with_epoch) {
                forge(8, seq + 1);
            }
        }
        CHECK(taken == 140);
        CHECK(lives.size() == 1);
    }
}

TEST_CASE("source: what is sent again is a repeat: in one go, or late beside the feeder itself", "[unit]") {
    for (const bool in_one_go : {true, false}) {
        Feeder feeder;
        std::uint64_t seq = 1000;
        for (; seq < 1200; ++seq) {
            feeder.send(seq, static_cast<std::int64_t>(seq) * 100);
        }
        for (std::uint64_t again = 1000; again < 1100; ++again) {
            const auto sent = static_cast<std::int64_t>(again) * 100;
            const auto now = in_one_go ? 120000 + static_cast<std::int64_t>(again - 1000) : sent + 20000;
            CHECK(feeder.tracker.accept(feeder.name, false, 0, again, at(sent), arrival(now), skew).refusal == Refusal::repeat);
            if (!in_one_go) {
                CHECK(feeder.send(seq++, now).accepted());
            }
        }
        CHECK(feeder.state().restarts == 0);
    }
}

TEST_CASE("source: two senders under one name are both heard, each in a life of its own, and it is told", "[unit]") {
    Feeder feeder;
    std::set<std::uint32_t> lives;
    const auto trouble = [&](std::int64_t ms) { return SourceTracker::trouble_of(feeder.state(), arrival(ms).at); };
    for (std::uint64_t i = 0; i < 60; ++i) {
        const auto ms = static_cast<std::int64_t>(i) * 1000;
        for (const std::uint64_t epoch : {7U, 8U}) {
            // The second's clock is two seconds behind.
            const auto verdict =
                feeder.tracker.accept(feeder.name, true, epoch, i, at(epoch == 8 ? ms - 2000 : ms), arrival(ms + 10), skew);
            CHECK((verdict.accepted() || i < 2));
            lives.insert(verdict.incarnation);
        }
        CHECK((i >= 5 || trouble(ms).empty() || i > 2));
    }
    CHECK(lives.size() == 2);
    CHECK(feeder.state().restarts == 1);
    CHECK(trouble(60000).starts_with("two senders use this name"));
    CHECK(feeder.tracker.troubled(arrival(60000).at) == &feeder.state());
    CHECK(trouble(59010 + 120001) == "");
    CHECK(feeder.tracker.troubled(arrival(59010 + 120001).at) == nullptr);
}

TEST_CASE("source: six restarts in a minute are told, five are not", "[unit]") {
    for (const std::uint64_t restarts : {5U, 6U}) {
        Feeder feeder;
        for (std::uint64_t epoch = 0; epoch <= restarts; ++epoch) {
            feeder.send(epoch, 1, static_cast<std::int64_t>(epoch) * 8000);
        }
        CHECK(SourceTracker::trouble_of(feeder.state(), arrival(50000).at) ==
              (restarts == 6 ? "restarts again and again" : ""));
    }
}

TEST_CASE("source: a forged number within the epoch does not lock the true feeder out", "[unit]") {
    Feeder feeder;
    feeder.send(7, 90210, 0);
    feeder.send(7, far, 500);
    CHECK(feeder.send(7, 90211, 1000).accepted());
    CHECK(feeder.send(7, 90212, 2000).accepted());
}

TEST_CASE("source: an unknown source refused for its clock takes no place", "[unit]") {
    SourceTracker tracker(1);
    CHECK(tracker.accept("forger", false, 0, 1, at(-100000), arrival(0), skew).refusal == Refusal::late);
    CHECK(tracker.sources().empty());
    CHECK(tracker.accept("feeder", false, 0, 1, at(0), arrival(0), skew).accepted());
}

TEST_CASE("source: a further source takes the place of the longest silent, and is refused while all speak", "[unit]") {
    SourceTracker tracker(3);
    const auto say = [&tracker](const char* name, std::uint64_t seq, std::int64_t ms) {
        return tracker.accept(name, false, 0, seq, at(ms), arrival(ms), skew);
    };
    for (const char* name : {"a", "b", "c"}) {
        CHECK(say(name, 1, 0).accepted());
        CHECK(say(name, 2, 10).accepted());
    }
    CHECK(say("d", 1, 60009).refusal == Refusal::source_limit);
    CHECK(say("b", 3, 60009).source == 1);
    CHECK(say("d", 1, 60010).source == 0);  // a was silent for a minute
    CHECK(tracker.forgotten() == 1);
    CHECK(tracker.sources().size() == 3);
    CHECK(tracker.sources()[0].name == "d");
    CHECK(tracker.sources()[0].messages == 1);
    CHECK(say("a", 3, 60020).source == 2);  // c was silent longer than d, who said one message only
    CHECK(say("b", 4, 60030).accepted());
    CHECK(tracker.sources()[1].messages == 4);
}

TEST_CASE("source: a flood of names pushes out its own and nobody who speaks", "[unit]") {
    SourceTracker tracker(8);
    std::uint64_t seq = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto ms = std::int64_t{i};
        CHECK(tracker.accept("feeder-" + std::to_string(i), false, 0, 1, at(ms), arrival(ms), skew).accepted());
        if (i % 5 == 0) {
            CHECK(tracker.accept("true", false, 0, ++seq, at(ms), arrival(ms), skew).accepted());
        }
    }
    CHECK(std::any_of(tracker.sources().begin(), tracker.sources().end(), [](const auto& s) { return s.messages == 1000; }));
    const auto late = tracker.accept("acd-after", false, 0, 1, at(5000), arrival(5000), skew);
    CHECK(late.accepted());
}

TEST_CASE("source: another limit on reload keeps the known", "[unit]") {
    SourceTracker tracker(1);
    for (const std::uint64_t seq : {1U, 2U}) {
        CHECK(tracker.accept("a", false, 0, seq, at(0), arrival(0), skew).accepted());
    }
    CHECK(tracker.accept("b", false, 0, 1, at(0), arrival(0), skew).refusal == Refusal::source_limit);
    tracker.set_sources_max(2);
    CHECK(tracker.accept("b", false, 0, 1, at(0), arrival(0), skew).source == 1);
    tracker.set_sources_max(1);
    CHECK(tracker.accept("b", false, 0, 2, at(0), arrival(0), skew).accepted());
    CHECK(tracker.accept("c", false, 0, 1, at(0), arrival(0), skew).refusal == Refusal::source_limit);
}

TEST_CASE("source: no two lives of any sources share an incarnation", "[unit]") {
    SourceTracker tracker(8);
    std::set<std::uint32_t> lives;
    for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) {
        for (const char* name : {"a", "b"}) {
            const auto ms = static_cast<std::int64_t>(epoch) * 1000;
            const auto first = tracker.accept(name, true, epoch, 1, at(ms), arrival(ms), skew);
            const auto second = tracker.accept(name, true, epoch, 2, at(ms), arrival(ms), skew);
            CHECK(first.incarnation == second.incarnation);
            CHECK(lives.insert(first.incarnation).second);
        }
    }
    CHECK(lives.count(0) == 0);
}

TEST_CASE("source: no stream of numbers and clocks keeps an honest feeder out for longer than the skew", "[unit]") {
    std::mt19937_64 random(53);
    for (int round = 0; round < 300; ++round) {
        Feeder feeder;
        for (int i = 0; i < 100; ++i) {
            const auto seq = random() >> (random() % 64);
            const auto ts = at(static_cast<std::int64_t>(random() % 120001) - 60000);
            feeder.tracker.accept(feeder.name, random() % 2 == 0, random() % 4, seq, ts, arrival(0), skew);
        }
        // One message a second from now on; soon after the first whose clock is past everything forged, all are taken.
        bool in = false;
        int refused = 0;
        for (std::uint64_t second = 61; second < 70; ++second) {
            const auto verdict = feeder.send(100 + second, static_cast<std::int64_t>(second) * 1000);
            in = in || verdict.accepted();
            refused += in && !verdict.accepted() ? 1 : 0;
        }
        CAPTURE(round);
        CHECK(in);
        CHECK(refused <= 2);  // the very numbers that were forged
    }
}
