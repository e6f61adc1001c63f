#include "feed/simulator.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "wire/encode_message.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
constexpr SourceTime monday = source_time(1772409600000);  // 2026-03-02T00:00Z

Scenario scenario(const std::string& text) {
    auto parsed = parse_scenario(text);
    REQUIRE(parsed);
    return *parsed;
}
std::string bytes(Scenario s, Span length) {
    Simulator simulator(std::move(s), monday);
    std::string out;
    for (Span t = 5s; t <= length; t += 5s) {
        simulator.run_until(t);
        simulator.messages("sim", 1, [&](const Message& m) { out += encode_json(m) + "\n"; });
    }
    return out;
}
const std::string one_queue = "queue centre=a queue=q rate=600/h agents=12 aht=60s patience=2m acw=5s breaks=0.05\n";
}  // namespace

TEST_CASE("simulator: the same seed writes the same bytes, another seed others", "[unit]") {
    const auto text = std::string(scenario_quickstart());
    auto other = scenario(text);
    other.seed = 7;

    const auto first = bytes(scenario(text), 10min);
    CHECK(first == bytes(scenario(text), 10min));
    CHECK(first != bytes(other, 10min));
    CHECK(first.size() > 10000);
}

TEST_CASE("simulator: the books of every message balance and its counters only rise", "[unit]") {
    Simulator simulator(
        scenario("queue centre=a queue=q rate=600/h agents=9 aht=60s patience=2m acw=5s breaks=0.05 overflow=a/r after=40s\n"
                 "queue centre=a queue=r rate=60/h agents=3 aht=60s patience=2m\n"
                 "at 5m surge queue=q factor=3 for=10m ramp=1m\n"
                 "at 6m drain queue=q agents=4 for=5m\n"
                 "at 8m overflow queue=q to=a/r share=0.2 for=5m\n"),
        monday);
    std::map<std::string, double> last;
    double moved_in = 0;
    double moved_out = 0;
    for (Span t = 1s; t <= 40min; t += 1s) {
        simulator.run_until(t);
        simulator.messages("sim", 1, [&](const Message& m) {
            moved_in = moved_out = 0;
            for (const auto& part : m.parts) {
                std::map<std::string, double> v;
                for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
                    v[std::string(m.values[i].name)] = m.values[i].value;
                }
                REQUIRE(v["offered"] == v["answered"] + v["abandoned"] + v["overflow_out"] + v["calls_waiting"]);
                REQUIRE(v["agents_staffed"] ==
                        v["agents_available"] + v["agents_on_call"] + v["agents_wrapup"] + v["agents_aux"]);
                REQUIRE((v["oldest_wait_s"] == 0) == (v["calls_waiting"] == 0));
                REQUIRE(v["answered_in_15"] <= v["answered_in_20"]);
                REQUIRE(v["answered_in_20"] <= v["answered"]);
                REQUIRE(v["handled"] + v["agents_on_call"] + v["agents_wrapup"] == v["answered"]);
                for (const char* counter :
                     {"offered", "answered", "abandoned", "overflow_in", "overflow_out", "handled", "talk_s_sum"}) {
                    auto& before = last[std::string(part.queue) + counter];
                    REQUIRE(v[counter] >= before);
                    before = v[counter];
                }
                auto& oldest = last[std::string(part.queue) + "oldest"];
                REQUIRE(v["oldest_wait_s"] <= oldest + 1.001);
                oldest = v["oldest_wait_s"];
                moved_in += v["overflow_in"];
                moved_out += v["overflow_out"];
            }
        });
        REQUIRE(moved_in == moved_out);
    }
    CHECK(moved_out > 20);
    CHECK(simulator.queue(0).counters().abandoned > 0);
}

TEST_CASE("simulator: people who join change who is answered, never who calls", "[unit]") {
    Simulator without(scenario(one_queue), monday);
    Simulator with(scenario(one_queue), monday);
    with.add_agents({}, 10);
    without.run_until(2h);
    with.run_until(2h);

    CHECK(with.queue(0).counters().offered == without.queue(0).counters().offered);
    CHECK(with.queue(0).counters().wait_answered_us < without.queue(0).counters().wait_answered_us);
}

TEST_CASE("simulator: the step of the clock changes nothing", "[unit]") {
    Simulator fine(scenario(one_queue), monday);
    Simulator coarse(scenario(one_queue), monday);
    for (Span t = 100ms; t <= 30min; t += 100ms) {
        fine.run_until(t);
    }
    coarse.run_until(30min);
    CHECK(fine.queue(0).counters().answered == coarse.queue(0).counters().answered);
    CHECK(fine.queue(0).counters().talk_us == coarse.queue(0).counters().talk_us);
}

TEST_CASE("simulator: arrivals are a Poisson process at the given rate", "[unit]") {
    Simulator simulator(scenario("queue centre=a queue=q rate=1200/h agents=0 aht=60s patience=1s\n"), monday);
    // 600 minutes of mean 20: the variance of a Poisson count is its mean.
    double sum = 0;
    double squares = 0;
    std::uint64_t before = 0;
    for (int minute = 1; minute <= 600; ++minute) {
        simulator.run_until(std::chrono::minutes{minute});
        const auto now = simulator.queue(0).counters().offered;
        const auto n = static_cast<double>(now - before);
        before = now;
        sum += n;
        squares += n * n;
    }
    const double mean = sum / 600;
    const double variance = squares / 600 - mean * mean;
    CHECK(mean == Approx(20).margin(4 * std::sqrt(20.0 / 600)));
    CHECK(variance / mean == Approx(1).margin(4 * std::sqrt(2.0 / 600)));
}

TEST_CASE("simulator: a surge multiplies arrivals, on its ramps by part", "[unit]") {
    Simulator simulator(scenario("queue centre=a queue=q rate=3600/h agents=0 aht=60s patience=1s\n"
                                 "at 10m surge centre=a queue=q factor=3 for=5m ramp=1m\n"),
                        monday);
    CHECK(simulator.rate_per_h(0, 9min) == 3600);
    CHECK(simulator.rate_per_h(0, 10min + 30s) == 7200);
    CHECK(simulator.rate_per_h(0, 12min) == 10800);
    CHECK(simulator.rate_per_h(0, 15min + 30s) == 7200);
    CHECK(simulator.rate_per_h(0, 16min) == 3600);
    simulator.run_until(11min);
    const auto before = simulator.queue(0).counters().offered;
    simulator.run_until(15min);
    CHECK(static_cast<double>(simulator.queue(0).counters().offered - before) == Approx(720).margin(4 * std::sqrt(720.0)));
}

TEST_CASE("simulator: the day's profile follows civil time in its zone", "[unit]") {
    const std::string profile =
        "profile p hours=0,0,0,0,0,0,0,0,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0 week=1,1,1,1,1,0,.5\n"
        "queue centre=a queue=q rate=100/h agents=1 aht=60s profile=p\n";
    Simulator utc(scenario(profile), monday);
    CHECK(utc.rate_per_h(0, 8h) == 100);
    CHECK(utc.rate_per_h(0, 7h + 30min) == 50);
    CHECK(utc.rate_per_h(0, 10h) == 0);
    CHECK(utc.rate_per_h(0, 5 * 24h + 8h) == 0);
    CHECK(utc.rate_per_h(0, 6 * 24h + 8h) == 50);
    Simulator jinan(scenario("zone +08:00\n" + profile), monday);
    CHECK(jinan.rate_per_h(0, 0h) == 100);
    CHECK(jinan.rate_per_h(0, 8h) == 0);
}

TEST_CASE("simulator: hours without a call cost nothing and end", "[unit]") {
    Simulator simulator(scenario("queue centre=a queue=q rate=60/h agents=1 aht=60s\nat 1h surge factor=0 for=50h\n"), monday);
    simulator.run_until(1h);
    const auto before = simulator.queue(0).counters().offered;
    CHECK(before > 30);
    simulator.run_until(51h);
    CHECK(simulator.queue(0).counters().offered == before);
    simulator.run_until(52h);
    CHECK(simulator.queue(0).counters().offered > before + 30);
}

TEST_CASE("simulator: drained agents come back", "[unit]") {
    Simulator simulator(scenario("queue centre=a queue=q rate=60/h agents=10 aht=60s\nat 10m drain agents=6 for=10m\n"), monday);
    simulator.run_until(9min);
    CHECK(simulator.queue(0).staffed() == 10);
    simulator.run_until(19min);
    CHECK(simulator.queue(0).staffed() == 4);
    simulator.run_until(20min);
    CHECK(simulator.queue(0).staffed() == 10);
}

TEST_CASE("simulator: breaks take about their share of the agents' time", "[unit]") {
    Simulator simulator(scenario("queue centre=a queue=q rate=60/h agents=50 aht=60s breaks=0.1 break=5m\n"), monday);
    double away = 0;
    for (int minute = 1; minute <= 3000; ++minute) {
        simulator.run_until(std::chrono::minutes{minute});
        away += simulator.queue(0).aux();
    }
    CHECK(away / 3000 / 50 == Approx(0.1).margin(0.015));
}

TEST_CASE("simulator: during a feed outage calls go on, messages do not, and their numbers show the hole", "[unit]") {
    Simulator simulator(
        scenario("queue centre=a queue=q rate=3600/h agents=1 aht=60s\nqueue centre=b queue=q rate=60/h agents=1 aht=60s\n"
                 "at 10s outage centre=a for=10s\n"),
        monday);
    std::map<std::string, std::vector<std::uint64_t>> seqs;
    std::uint64_t offered_before = 0;
    for (int s = 1; s <= 25; ++s) {
        simulator.run_until(std::chrono::seconds{s});
        simulator.messages("sim", 9, [&](const Message& m) {
            seqs[std::string(m.source)].push_back(m.seq);
            CHECK(m.epoch == 9);
            CHECK(m.ts == monday + std::chrono::seconds{s});
        });
        if (s == 10) {
            offered_before = simulator.queue(0).counters().offered;
        }
    }
    CHECK(seqs.at("sim-b").size() == 25);
    CHECK(seqs.at("sim-a").size() == 15);
    CHECK(seqs.at("sim-a").at(8) == 9);
    CHECK(seqs.at("sim-a").at(9) == 20);
    CHECK(simulator.queue(0).counters().offered > offered_before + 5);
}

TEST_CASE("simulator: who joins works in the worst queue of the scope after the delay", "[unit]") {
    Simulator simulator(scenario("queue centre=a queue=calm group=g rate=1/h agents=1 aht=60s\n"
                                 "queue centre=a queue=hot group=g rate=3600/h agents=1 aht=60s\n"
                                 "queue centre=b queue=hotter group=g rate=7200/h agents=1 aht=60s\n"),
                        monday);
    simulator.run_until(30s);
    const SimScope scope{"a", "g", "*"};
    CHECK(simulator.join("li", scope, 5s));
    CHECK_FALSE(simulator.join("li", scope, 5s));
    CHECK_FALSE(simulator.join("wang", {"nowhere", "*", "*"}, 5s));
    simulator.run_until(34s);
    CHECK(simulator.queue(1).staffed() == 1);
    simulator.run_until(35s);
    CHECK(simulator.queue(1).staffed() == 2);
    CHECK(simulator.queue(2).staffed() == 1);

    CHECK(simulator.release("li"));
    CHECK_FALSE(simulator.release("li"));
    simulator.run_until(10min);
    CHECK(simulator.queue(1).staffed() == 1);
    // Released while still on the way: nobody comes.
    CHECK(simulator.join("zhao", scope, 5s));
    CHECK(simulator.release("zhao"));
    simulator.run_until(11min);
    CHECK(simulator.queue(1).staffed() == 1);
}
