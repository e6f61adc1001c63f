// Where each feeder stands: gaps, repeats, restarts, clocks, and that no number locks a feeder out.
#include "core/series/source_tracker.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <set>

#include "support/allocations.hpp"
#include "source_feeder.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
constexpr std::uint64_t far = 1ULL << 63U;
constexpr std::uint64_t last_number = std::numeric_limits<std::uint64_t>::max();
}  // namespace

TEST_CASE("source: the first message has no gap, whatever its number", "[unit]") {
    for (const std::uint64_t seq : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{90210}, last_number}) {
        Feeder feeder;
        const auto verdict = feeder.send(seq, 0);
        CHECK(verdict.accepted());
        CHECK(verdict.gap == 0);
        CHECK_FALSE(verdict.new_epoch);
        CHECK(verdict.incarnation == 1);
        CHECK(feeder.state().messages == 1);
    }
}

TEST_CASE("source: numbers that follow each other have no gap", "[unit]") {
    Feeder feeder;
    for (std::uint64_t seq = 100; seq < 300; ++seq) {
        const auto verdict = feeder.send(seq, static_cast<std::int64_t>(seq) * 1000);
        CHECK(verdict.accepted());
        CHECK(verdict.gap == 0);
    }
    CHECK(feeder.state().messages == 200);
    CHECK(feeder.state().gaps == 0);
    CHECK(feeder.state().last == arrival(299000).at);
}

TEST_CASE("source: a hole is counted and the message is used", "[unit]") {
    Feeder feeder;
    feeder.send(10, 0);
    CHECK(feeder.send(14, 1000).gap == 3);
    CHECK(feeder.send(16, 2000).gap == 1);
    CHECK(feeder.state().gaps == 4);
}

TEST_CASE("source: one hole counts at most a million", "[unit]") {
    const auto gap = [](std::uint64_t number) {
        Feeder feeder;
        feeder.send(1, 0);
        CHECK(feeder.send(number, 1000).gap == 0);
        return feeder.send(number + 1, 2000).gap;
    };
    CHECK(gap(1000001) == 999999);
    CHECK(gap(1000002) == 1000000);
    CHECK(gap(1000003) == 1000000);
    CHECK(gap(far) == 1000000);
}

TEST_CASE("source: a jump of more than 64 is believed when the next message follows it", "[unit]") {
    Feeder feeder;
    feeder.send(1000, 0);
    CHECK(feeder.send(1064, 1000).gap == 63);  // near: at once
    const auto jump = feeder.send(1129, 2000);
    CHECK(jump.accepted());
    CHECK(jump.gap == 0);
    CHECK(feeder.state().gaps == 63);
    CHECK(feeder.send(1130, 3000).gap == 64);
    CHECK(feeder.send(1131, 4000).gap == 0);
    CHECK(feeder.state().gaps == 63 + 64);
    CHECK(feeder.state().restarts == 0);
}

TEST_CASE("source: a feeder that counts in steps of any width is heard, one life long", "[unit]") {
    for (const std::uint64_t step : {65U, 500U, 900000U}) {
        Feeder feeder;
        for (std::uint64_t i = 0; i < 50; ++i) {
            CHECK(feeder.send(1000 + i * step, static_cast<std::int64_t>(i) * 1000).accepted());
        }
        CHECK(feeder.state().restarts == 0);
        CHECK(feeder.state().messages == 50);
    }
}

TEST_CASE("source: a repeat is refused and moves nothing", "[unit]") {
    Feeder feeder;
    feeder.send(1000, 0);
    feeder.send(1001, 1000);
    CHECK(feeder.send(1001, 1000).refusal == Refusal::repeat);
    CHECK(feeder.send(1000, 0).refusal == Refusal::repeat);
    CHECK(feeder.state().repeats == 2);
    CHECK(feeder.state().messages == 2);
    CHECK(feeder.send(1002, 2000).gap == 0);
}

TEST_CASE("source: a late arrival is used once and not taken off the gaps", "[unit]") {
    Feeder feeder;
    feeder.send(1000, 0);
    feeder.send(1003, 3000);
    const auto late = feeder.tracker.accept(feeder.name, false, 0, 1001, at(1000), arrival(3100), skew);
    CHECK(late.accepted());
    CHECK(late.reordered);
    CHECK(late.gap == 0);
    CHECK_FALSE(late.new_epoch);
    CHECK(feeder.tracker.accept(feeder.name, false, 0, 1001, at(1000), arrival(3200), skew).refusal == Refusal::repeat);
    CHECK(feeder.state().reordered == 1);
    CHECK(feeder.state().gaps == 2);
    CHECK(feeder.send(1004, 4000).gap == 0);
}

TEST_CASE("source: late arrivals are known 64 back and no further", "[unit]") {
    for (const bool known : {true, false}) {
        Feeder feeder;
        feeder.send(1000, 0);
        feeder.send(1002, 1000);  // 1001 is missing
        for (std::uint64_t seq = 1003; seq <= (known ? 1065U : 1066U); ++seq) {
            feeder.send(seq, 2000);
        }
        const auto verdict = feeder.tracker.accept(feeder.name, false, 0, 1001, at(500), arrival(3000), skew);
        CHECK(verdict.accepted() == known);
        CHECK(verdict.reordered == known);
    }
}

TEST_CASE("source: a jump that is believed at once keeps the books of what is missing", "[unit]") {
    for (std::uint64_t step = 1; step <= 64; ++step) {
        Feeder feeder;
        feeder.send(1000, 0);
        feeder.send(1000 + step, 10000);
        for (std::uint64_t seq = 1000 + step; seq-- > 1000;) {
            const auto verdict = feeder.tracker.accept(feeder.name, false, 0, seq, at(5000), arrival(11000), skew);
            const bool missing = seq > 1000 && 1000 + step - seq <= 64;
            CAPTURE(step, seq);
            CHECK(verdict.accepted() == missing);
        }
    }
}

TEST_CASE("source: another epoch is a restart with any number and without a gap", "[unit]") {
    Feeder feeder;
    feeder.send(7, 500, 0);
    for (const auto& [epoch, seq] : {std::pair<std::uint64_t, std::uint64_t>{8, 1}, {9, 501}, {10, 502}, {11, far}, {12, 0}}) {
        const auto before = feeder.state().tracks[0].incarnation;
        const auto verdict = feeder.send(epoch, seq, static_cast<std::int64_t>(epoch) * 1000);
        CHECK(verdict.accepted());
        CHECK(verdict.new_epoch);
        CHECK(verdict.gap == 0);
        CHECK(verdict.incarnation > before);
    }
    CHECK(feeder.state().restarts == 5);
    CHECK(feeder.send(12, 1, 13000).gap == 0);
    CHECK_FALSE(feeder.send(12, 2, 14000).new_epoch);
}

TEST_CASE("source: a straggler of the epoch before is a repeat, a return to it goes on in its old life", "[unit]") {
    Feeder feeder;
    feeder.send(7, 500, 0);
    feeder.send(8, 1, 10000);
    CHECK(feeder.tracker.accept(feeder.name, true, 7, 501, at(9999), arrival(10100), skew).refusal == Refusal::repeat);
    const auto life = feeder.state().tracks[1].incarnation;
    const auto back = feeder.tracker.accept(feeder.name, true, 7, 501, at(10001), arrival(10200), skew);
    CHECK(back.accepted());
    CHECK_FALSE(back.new_epoch);
    CHECK(back.incarnation == life);
}

TEST_CASE("source: four epochs are remembered", "[unit]") {
    for (std::uint64_t old = 1; old <= 6; ++old) {
        Feeder feeder;
        for (std::uint64_t epoch = 1; epoch <= 6; ++epoch) {
            feeder.send(epoch, 1, static_cast<std::int64_t>(epoch) * 1000);
        }
        const auto straggler = feeder.tracker.accept(feeder.name, true, old, 2, at(2000), arrival(6100), skew);
        CAPTURE(old);
        CHECK((straggler.refusal == Refusal::repeat) == (old >= 3 && old < 6));
        CHECK(straggler.new_epoch == (old < 3));
    }
}

TEST_CASE("source: a feeder that begins to send epochs restarts unless its numbers go on", "[unit]") {
    Feeder goes_on;
    goes_on.send(10, 0);
    CHECK_FALSE(goes_on.send(77, 11, 1000).new_epoch);
    CHECK_FALSE(goes_on.send(77, 12, 2000).new_epoch);
    CHECK(goes_on.send(78, 13, 3000).new_epoch);

    Feeder restarts;
    restarts.send(10, 0);
    CHECK(restarts.send(77, 12, 1000).new_epoch);
    CHECK(restarts.send(77, 13, 2000).accepted());
}

TEST_CASE("source: a feeder without epochs that starts over is a restart when its clock went on", "[unit]") {
    Feeder feeder;
    feeder.send(5000, 0);
    feeder.send(5001, 1000);
    CHECK(feeder.send(1, 1000).refusal == Refusal::repeat);
    const auto verdict = feeder.send(1, 1001);
    CHECK(verdict.accepted());
    CHECK(verdict.new_epoch);
    CHECK(verdict.gap == 0);
    CHECK(feeder.state().restarts == 1);
    CHECK(feeder.send(2, 2000).gap == 0);
}

TEST_CASE("source: starting over is also known when the old life was short", "[unit]") {
    Feeder feeder;
    for (std::uint64_t seq = 30; seq <= 40; ++seq) {
        feeder.send(seq, static_cast<std::int64_t>(seq) * 1000);
    }
    CHECK(feeder.send(1, 41000).new_epoch);
    CHECK(feeder.send(2, 42000).accepted());
    CHECK_FALSE(feeder.send(3, 43000).reordered);
}

TEST_CASE("source: a seen number with a newer clock is a repeat unless small or more than 64 behind", "[unit]") {
    const auto sent_again = [](std::uint64_t first, std::uint64_t last, std::uint64_t again) {
        Feeder feeder;
        for (auto seq = first; seq <= last; ++seq) {
            feeder.send(seq, 0);
        }
        return feeder.send(again, 1000);
    };
    CHECK(sent_again(1000, 1100, 1036).refusal == Refusal::repeat);  // 64 behind
    CHECK(sent_again(1000, 1100, 1035).new_epoch);                   // 65 behind
    CHECK(sent_again(1, 100, 64).new_epoch);
    CHECK(sent_again(1, 100, 65).refusal == Refusal::repeat);
}

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

TEST_CASE("source: clocks set back and a feeder that starts over: taken at once", "[unit]") {
    Feeder feeder;
    constexpr std::int64_t hours = 3 * 3600 * 1000;
    for (std::uint64_t seq = 1000; seq < 1010; ++seq) {
        feeder.tracker.accept(feeder.name, false, 0, seq, at(hours + 100), arrival(hours + 100), skew);
    }
    for (std::uint64_t seq = 1; seq <= 30; ++seq) {
        const auto ms = static_cast<std::int64_t>(seq) * 200;
        const Stamp now{engine_time(5000000 + hours + ms), wall_time(epoch_ms + ms)};
        const auto verdict = feeder.tracker.accept(feeder.name, false, 0, seq, at(ms), now, skew);
        CHECK(verdict.accepted());
        CHECK(verdict.new_epoch == (seq == 1));
    }
    CHECK(feeder.state().restarts == 1);
}

TEST_CASE("source: a feeder that starts over with its own clock set back is taken within seconds", "[unit]") {
    Feeder feeder;
    for (std::uint64_t seq = 1000; seq < 1010; ++seq) {
        feeder.send(seq, 0);
    }
    std::uint64_t refused = 0;
    for (std::uint64_t seq = 1; seq <= 30; ++seq) {
        const auto ms = static_cast<std::int64_t>(seq) * 200;
        const auto verdict = feeder.tracker.accept(feeder.name, false, 0, seq, at(ms - 30000), arrival(ms), skew);
        refused += verdict.accepted() ? 0U : 1U;
        CHECK((verdict.accepted() || refused == seq));
    }
    CHECK(refused == 5);  // the sixth comes a second after the first
    CHECK(feeder.state().restarts == 1);
    CHECK(feeder.state().repeats == 5);
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

TEST_CASE("source: exactly the skew is accepted, one more is early or late", "[unit]") {
    const auto verdict = [](std::int64_t offset) {
        SourceTracker tracker(8);
        return tracker.accept("a", false, 0, 1, at(offset), arrival(0), skew).refusal;
    };
    CHECK(verdict(60000) == std::nullopt);
    CHECK(verdict(60001) == Refusal::early);
    CHECK(verdict(-60000) == std::nullopt);
    CHECK(verdict(-60001) == Refusal::late);
}

TEST_CASE("source: no claimed time overflows", "[unit]") {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    for (const auto wall : {std::int64_t{0}, epoch_ms, lowest, highest}) {
        const Stamp now{engine_time(0), wall_time(wall)};
        CHECK(SourceTracker::check_clock(source_time(wall), now, skew) == std::nullopt);
        if (wall != lowest) {
            CHECK(SourceTracker::check_clock(source_time(lowest), now, skew) == Refusal::late);
        }
        if (wall != highest) {
            CHECK(SourceTracker::check_clock(source_time(highest), now, skew) == Refusal::early);
        }
    }
}

TEST_CASE("source: a message refused for its clock moves no position and keeps no feed alive, but shows the clock", "[unit]") {
    Feeder feeder;
    feeder.send(10, 0);
    const auto early = feeder.tracker.accept(feeder.name, false, 0, far, at(200000), arrival(1000), skew);
    CHECK(early.refusal == Refusal::early);
    CHECK(early.source == 0);
    CHECK(feeder.state().skew == -199s);
    CHECK(feeder.state().last == arrival(0).at);
    CHECK(feeder.state().messages == 1);
    const auto late = feeder.tracker.accept(feeder.name, true, 99, 1, at(-100000), arrival(1000), skew);
    CHECK(late.refusal == Refusal::late);
    CHECK(feeder.state().skew == 101s);

    const auto next = feeder.send(11, 2000);
    CHECK(next.accepted());
    CHECK(next.gap == 0);
    CHECK_FALSE(next.new_epoch);
    CHECK(feeder.state().skew == 0s);
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

TEST_CASE("source: a known source takes nothing from the heap", "[unit]") {
    SourceTracker tracker(8);
    const std::string name = "a source whose name does not fit a short string";
    tracker.accept(name, true, 1, 1, at(0), arrival(0), skew);
    const auto before = test::allocations();
    for (std::uint64_t seq = 2; seq < 1000; ++seq) {
        tracker.accept(name, true, seq / 100, seq * (seq % 3 + 1), at(static_cast<std::int64_t>(seq)), arrival(0), skew);
        tracker.add_samples(0, 5);
    }
    CHECK(test::allocations() == before);
    CHECK(tracker.sources()[0].samples == 998 * 5);
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
