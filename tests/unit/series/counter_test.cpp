// Counters: a restart looks neither like a crash to zero nor like a spike (D5).
#include "core/series/counter.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "support/allocations.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
constexpr SourceTime start = source_time(1795330800000);

/// A counter at `last` whose rate has been `per_second` for ten minutes, in steps of 5 s; last read at `start`.
CounterState running(double last, double per_second) {
    CounterState state;
    const int steps = 120;
    for (int i = -steps; i <= 0; ++i) {
        advance(state, last + per_second * 5 * i, start + i * 5s, false);
    }
    return state;
}
}  // namespace

TEST_CASE("counter: the first reading is a baseline", "[unit]") {
    CounterState state;
    const auto step = advance(state, 123456, start, false);
    CHECK(step.increment == 0);
    CHECK(step.from == start);
    CHECK_FALSE(step.reset);
    CHECK_FALSE(step.late);
    CHECK(state.last == 123456);

    CounterState fresh;
    CHECK_FALSE(advance(fresh, 5, start, true).reset);
}

TEST_CASE("counter: a rise is spread from the last reading to this one", "[unit]") {
    CounterState state;
    advance(state, 100, start, false);
    const auto step = advance(state, 107, start + 5s, false);
    CHECK(step.increment == 7);
    CHECK(step.from == start);
    CHECK_FALSE(step.reset);
}

TEST_CASE("counter: a rise inside an epoch is believed however steep", "[unit]") {
    auto state = running(1000, 0.1);
    CHECK(advance(state, 1e9, start + 5s, false).increment == 1e9 - 1000);
}

TEST_CASE("counter: an older reading is late and changes nothing", "[unit]") {
    auto state = running(1000, 1);
    const auto before = state;
    const auto step = advance(state, 990, start - 1ms, false);
    CHECK(step.late);
    CHECK(step.increment == 0);
    CHECK_FALSE(step.reset);
    CHECK(state == before);
    CHECK(advance(state, 1010, start + 5s, false).increment == 10);

    // Late and higher is late too: the order of times is believed before the order of values.
    CHECK(advance(state, 5000, start + 4s, false).late);
}

TEST_CASE("counter: a second reading of the same instant", "[unit]") {
    auto state = running(1000, 1);
    const auto same = advance(state, 1000, start, false);
    CHECK(same.increment == 0);
    CHECK_FALSE(same.late);
    const auto higher = advance(state, 1003, start, false);
    CHECK(higher.increment == 3);
    CHECK(higher.from == start);
    const auto lower = advance(state, 1001, start, false);
    CHECK(lower.late);
    CHECK(state.last == 1003);
}

TEST_CASE("counter: a fall is a restart at zero and counts what came since", "[unit]") {
    auto state = running(100000, 2);
    const auto step = advance(state, 8, start + 5s, false);
    CHECK(step.reset);
    CHECK_FALSE(step.wrapped);
    CHECK(step.increment == 8);
    CHECK(step.from == start);
    CHECK(advance(state, 18, start + 10s, false).increment == 10);
}

TEST_CASE("counter: after a reset ten are always plausible, more only up to three times the recent rate", "[unit]") {
    auto slow = running(100000, 0.01);
    CHECK(advance(slow, 10, start + 5s, false).increment == 10);
    slow = running(100000, 0.01);
    CHECK(advance(slow, 10.5, start + 5s, false).increment == 0);

    // 4/s over 5 s: 20 expected, 60 allowed.
    auto busy = running(100000, 4);
    CHECK(recent_rate(busy) == Approx(4.0).epsilon(1e-3));
    CHECK(advance(busy, 59.9, start + 5s, false).increment == 59.9);
    busy = running(100000, 4);
    const auto step = advance(busy, 60.1, start + 5s, false);
    CHECK(step.increment == 0);
    CHECK(step.reset);
    CHECK(busy.last == 60.1);
    CHECK(advance(busy, 80.1, start + 10s, false).increment == Approx(20));
}

TEST_CASE("counter: an implausible reset does not spoil the recent rate", "[unit]") {
    auto state = running(100000, 4);
    advance(state, 90000, start + 5s, false);
    CHECK(recent_rate(state) == Approx(4.0).epsilon(1e-3));
    CHECK(advance(state, 90020, start + 10s, false).increment == 20);
}

TEST_CASE("counter: a new epoch counts from its own zero, also when the value is higher", "[unit]") {
    auto state = running(1000, 2);
    const auto higher = advance(state, 500000, start + 5s, true);
    CHECK(higher.reset);
    CHECK(higher.increment == 0);
    CHECK(advance(state, 500010, start + 10s, false).increment == 10);

    state = running(20, 0.01);
    CHECK(advance(state, 25, start + 5s, true).increment == 0);
    state = running(10000, 2);
    state.last = 20;
    CHECK(advance(state, 25, start + 5s, true).increment == 25);
    state = running(1000, 2);
    CHECK(advance(state, 1000, start + 5s, true).increment == 0);
    state = running(1000, 2);
    CHECK(advance(state, 0, start + 5s, true).increment == 0);
}

TEST_CASE("counter: a long outage allows as many as the recent rate would have brought", "[unit]") {
    auto state = running(100000, 1);
    CHECK(advance(state, 3000, start + 1h, true).increment == 3000);
    state = running(100000, 1);
    CHECK(advance(state, 11000, start + 1h, true).increment == 0);
}

TEST_CASE("counter: a new epoch with its clock set back is a baseline and the time stays", "[unit]") {
    auto state = running(1000, 2);
    const auto step = advance(state, 5000, start - 20s, true);
    CHECK(step.reset);
    CHECK(step.late);
    CHECK(step.increment == 0);
    CHECK(state.ts == start);
    CHECK(advance(state, 5010, start - 15s, false).late);
    CHECK(advance(state, 5040, start + 5s, false).increment == 40);
}

TEST_CASE("counter: passing 2^32 is a rise", "[unit]") {
    auto state = running(counter_wrap - 100, 4);
    const auto step = advance(state, 20, start + 5s, false);
    CHECK(step.wrapped);
    CHECK_FALSE(step.reset);
    CHECK(step.increment == 120);
    CHECK(step.from == start);
    CHECK(advance(state, 40, start + 10s, false).increment == 20);
}

TEST_CASE("counter: a wrap begins in the top quarter and ends in the bottom quarter", "[unit]") {
    const double top = 0.75 * counter_wrap;
    const double bottom = 0.25 * counter_wrap;
    const double rate = 0.2 * counter_wrap / 5;  // fast enough to make half the range plausible
    const auto wrapped = [&](double last, double value) {
        auto state = running(last + 1e12, rate);
        state.last = last;
        return advance(state, value, start + 5s, false).wrapped;
    };
    CHECK(wrapped(top, bottom - 1));
    CHECK_FALSE(wrapped(top - 1, bottom - 1));
    CHECK_FALSE(wrapped(top, bottom));
    CHECK(wrapped(counter_wrap - 1, 0));
    CHECK_FALSE(wrapped(counter_wrap, 0));
}

TEST_CASE("counter: a reset from a high count is no wrap", "[unit]") {
    auto state = running(3.3e9, 4);
    const auto step = advance(state, 8, start + 5s, false);
    CHECK_FALSE(step.wrapped);
    CHECK(step.reset);
    CHECK(step.increment == 8);

    state = running(counter_wrap - 65536, 0);
    CHECK(advance(state, 0, start + 5s, false).wrapped);
    state = running(counter_wrap - 65536, 0);
    CHECK_FALSE(advance(state, 1, start + 5s, false).wrapped);
}

TEST_CASE("counter: a new epoch is never a wrap", "[unit]") {
    auto state = running(counter_wrap - 100, 4);
    const auto step = advance(state, 5, start + 5s, true);
    CHECK_FALSE(step.wrapped);
    CHECK(step.reset);
    CHECK(step.increment == 5);
}

TEST_CASE("counter: a negative reading is nonsense, and coming back from it is no spike", "[unit]") {
    auto state = running(100000, 2);
    const auto down = advance(state, -1, start + 5s, false);
    CHECK(down.reset);
    CHECK(down.increment == 0);
    const auto again = advance(state, -1, start + 10s, false);
    CHECK_FALSE(again.reset);
    CHECK(again.increment == 0);
    const auto back = advance(state, 100030, start + 15s, false);
    CHECK(back.increment == 0);
    CHECK(advance(state, 100040, start + 20s, false).increment == 10);
}

TEST_CASE("counter: the recent rate follows within minutes", "[unit]") {
    auto state = running(0, 1);
    double value = state.last;
    for (int i = 1; i <= 240; ++i) {
        value += 50;
        advance(state, value, start + i * 5s, false);
    }
    CHECK(recent_rate(state) > 9.0);
    CHECK(recent_rate(state) < 10.1);
    CHECK(recent_rate(CounterState{}) == 0);
}

TEST_CASE("counter: huge values stay finite", "[unit]") {
    CounterState state;
    const double huge = std::numeric_limits<double>::max();
    advance(state, 0, start, false);
    CHECK(advance(state, huge, start + 5s, false).increment == huge);
    CHECK(std::isfinite(recent_rate(state)));
    CHECK(std::isfinite(advance(state, 3, start + 10s, false).increment));
    CHECK(std::isfinite(advance(state, -huge, start + 15s, false).increment));
    CHECK(std::isfinite(advance(state, huge, start + 20s, false).increment));
}

TEST_CASE("counter: a snapshot brings it back, a torn one does not", "[unit]") {
    auto state = running(1000, 2);
    state.incarnation = 7;
    ByteWriter out;
    write(out, state);
    CounterState back;
    ByteReader in(out.bytes());
    REQUIRE(read(in, back));
    CHECK(back == state);
    CHECK(in.at_end());

    for (std::size_t size = 0; size < out.bytes().size(); ++size) {
        ByteReader torn(std::string_view(out.bytes()).substr(0, size));
        CounterState same = state;
        CHECK_FALSE(read(torn, same));
        CHECK(same == state);
    }
    std::string poisoned = out.bytes();
    poisoned.replace(0, 8, std::string("\x00\x00\x00\x00\x00\x00\xF0\x7F", 8));  // infinite
    ByteReader bad(poisoned);
    CHECK_FALSE(read(bad, back));
    poisoned.replace(0, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F");  // NaN: what a gauge was, that fell silent while it was unknown
    ByteReader unknown(poisoned);
    REQUIRE(read(unknown, back));
    CHECK(std::isnan(back.last));
}

TEST_CASE("counter: without restarts the increments add up to the rise, late readings or not", "[unit]") {
    std::mt19937_64 random(41);
    for (int round = 0; round < 200; ++round) {
        CounterState state;
        double value = static_cast<double>(random() % 100000);
        const double first = value;
        auto ts = start;
        advance(state, value, ts, false);
        double total = 0;
        for (int i = 0; i < 300; ++i) {
            const auto step_back = random() % 10 == 0;
            if (step_back) {
                total += advance(state, value - static_cast<double>(random() % 50),
                                 ts - Span{1 + static_cast<int>(random() % 9000)}, false)
                             .increment;
                continue;
            }
            value += static_cast<double>(random() % 40);
            ts += Span{static_cast<int>(random() % 10000)};
            const auto step = advance(state, value, ts, false);
            if (step.increment < 0 || step.from > ts) {
                FAIL("a step goes back");
            }
            total += step.increment;
        }
        CHECK(total == value - first);
    }
}

TEST_CASE("counter: random restarts never count more than happened but for plausible starts, and lose little", "[unit]") {
    // The source counts events at a Poisson rate and restarts at random, with or without an epoch, from zero or from an old
    // count.
    std::mt19937_64 random(43);
    for (int round = 0; round < 200; ++round) {
        const double rate = std::exp(std::uniform_real_distribution<double>(-4, 4)(random));  // 0.02/s to 55/s
        std::poisson_distribution<int> events(rate * 5);
        CounterState state;
        double raw = static_cast<double>(random() % 1000000);
        double truth = 0;
        double total = 0;
        double worst = 0;
        double lost_most = 0;
        advance(state, raw, start, false);
        for (int i = 1; i <= 2000; ++i) {
            const int n = events(random);
            truth += n;
            bool epoch = false;
            if (i > 60 && random() % 100 == 0) {
                epoch = random() % 2 == 0;
                // Only an epoch can restart upward: a jump up without one is a surge.
                raw = epoch && random() % 2 == 0 ? static_cast<double>(random() % 2000000) : 0;
                lost_most += n;
                raw += n;
            } else {
                raw += n;
            }
            const auto step = advance(state, raw, start + i * 5s, epoch);
            total += step.increment;
            worst = std::max(worst, step.increment);
        }
        CAPTURE(round, rate, truth, total, lost_most);
        // Nothing above what a single interval may bring (mean + 8 sigma), or the plausible allowance after a restart.
        const double mean = rate * 5;
        CHECK(worst <= std::max(mean + 8 * std::sqrt(mean) + 10, 3.6 * mean));
        CHECK(total >= truth - lost_most - 1e-6);
        CHECK(total <= truth + 40 * std::max(10.0, 3.6 * mean));
    }
}

TEST_CASE("counter: a reading takes nothing from the heap", "[unit]") {
    auto state = running(1000, 1);
    const auto before = test::allocations();
    double value = 1000;
    for (int i = 1; i < 1000; ++i) {
        value = i % 100 == 0 ? 0 : value + 3;
        advance(state, value, start + i * 5s, i % 250 == 0);
    }
    CHECK(test::allocations() == before);
}
