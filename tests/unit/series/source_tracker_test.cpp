// Where one feeder stands: gaps, repeats, restarts, clocks.
#include "core/series/source_tracker.hpp"

#include <limits>

#include "support/allocations.hpp"
#include "source_feeder.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

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
