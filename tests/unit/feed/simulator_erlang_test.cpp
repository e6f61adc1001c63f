// The simulator against queueing theory: Erlang A (M/M/n+M) and Erlang C. Exact values from domain knowledge of 40-digit
// computations (Palm 1957; Gans, Koole, Mandelbaum 2003 give 3.1 %, 3.7 s and 93 % for the first row). Tolerances are about four
// standard errors of runs of this length, whose waits are correlated.
#include <string>

#include "feed/simulator.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
struct Measured {
    double delayed;
    double abandoned;
    double wait_s;
    double in_target;
};
/// Seconds of warm-up are left out.
Measured measure(const std::string& queue, Span length, bool target_15) {
    auto parsed = parse_scenario("seed 1\n" + queue);
    REQUIRE(parsed);
    Simulator simulator(*parsed, source_time(1772409600000));
    simulator.run_until(1h);
    const auto a = simulator.queue(0).counters();
    simulator.run_until(length);
    const auto b = simulator.queue(0).counters();
    const auto n = static_cast<double>(b.offered - a.offered);
    const auto in = target_15 ? b.answered_in_15 - a.answered_in_15 : b.answered_in_20 - a.answered_in_20;
    return {static_cast<double>(b.delayed - a.delayed) / n, static_cast<double>(b.abandoned - a.abandoned) / n,
            static_cast<double>(b.wait_answered_us + b.wait_abandoned_us - a.wait_answered_us - a.wait_abandoned_us) / 1e6 / n,
            static_cast<double>(in) / n};
}
}  // namespace

TEST_CASE("simulator: agrees with Erlang A", "[unit]") {
    struct Row {
        const char* queue;
        double delayed, abandoned, wait_s, in_target;
        bool target_15;
    };
    const Row rows[] = {
        {"queue centre=a queue=q rate=48/m agents=50 aht=60s dist=exponential patience=120s\n", 0.4677740686, 0.03091224916,
         3.709469899, 0.9430189547, false},
        {"queue centre=a queue=q rate=55/m agents=50 aht=60s dist=exponential patience=120s\n", 0.8662337163, 0.1020801946,
         12.24962336, 0.6922640876, false},
        {"queue centre=a queue=q rate=12/m agents=10 aht=60s dist=exponential patience=60s\n", 0.7576078383, 0.213632353,
         12.81794118, 0.5800427124, false},
        {"queue centre=a queue=q rate=1900/h agents=100 aht=180s dist=exponential patience=120s\n", 0.2886830683, 0.02322345732,
         2.786814878, 0.9175267569, true},
    };
    for (const auto& row : rows) {
        CAPTURE(row.queue);
        const auto m = measure(row.queue, 400h, row.target_15);
        INFO(m.delayed << ' ' << m.abandoned << ' ' << m.wait_s << ' ' << m.in_target);
        CHECK(m.delayed == Approx(row.delayed).margin(0.008));
        CHECK(m.abandoned == Approx(row.abandoned).epsilon(0.03));
        CHECK(m.wait_s == Approx(row.wait_s).epsilon(0.03));
        CHECK(m.in_target == Approx(row.in_target).margin(0.005));
    }
}

TEST_CASE("simulator: agrees with Erlang C when nobody gives up", "[unit]") {
    // A = 10, n = 14: C = 0.174132, ASA = C * AHT / (n - A) = 7.8359 s, SL(20 s) = 0.88835.
    const auto m = measure("queue centre=a queue=q rate=200/h agents=14 aht=180s dist=exponential\n", 1000h, false);
    INFO(m.delayed << ' ' << m.wait_s << ' ' << m.in_target);
    CHECK(m.delayed == Approx(0.1741319).margin(0.01));
    CHECK(m.wait_s == Approx(7.83594).epsilon(0.1));
    CHECK(m.in_target == Approx(0.8883500).margin(0.01));
    CHECK(m.abandoned == 0);
}

TEST_CASE("simulator: lognormal talk times keep their mean", "[unit]") {
    auto parsed = parse_scenario("queue centre=a queue=q rate=3600/h agents=500 aht=200s aht_cv=1.2 acw=20s\n");
    REQUIRE(parsed);
    Simulator simulator(*parsed, source_time(1772409600000));
    simulator.run_until(20h);
    const auto& c = simulator.queue(0).counters();
    CHECK(static_cast<double>(c.talk_us) / 1e6 / static_cast<double>(c.handled) == Approx(200).epsilon(0.02));
    CHECK(static_cast<double>(c.acw_us) / 1e6 / static_cast<double>(c.handled) == Approx(20).epsilon(0.02));
}
