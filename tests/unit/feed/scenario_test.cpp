#include "feed/scenario.hpp"

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
/// "line:col: message" of every error.
std::vector<std::string> errors_of(std::string_view text) {
    const auto parsed = parse_scenario(text);
    std::vector<std::string> out;
    if (!parsed) {
        for (const auto& e : parsed.error()) {
            out.push_back(std::to_string(e.line) + ":" + std::to_string(e.col) + ": " + e.message);
        }
    }
    return out;
}
constexpr std::string_view good_queue = "queue centre=a queue=q rate=60/h agents=1 aht=1m\n";
}  // namespace

TEST_CASE("scenario: every statement is read", "[unit]") {
    const auto parsed = parse_scenario(R"(# a comment
seed 42
start 2026-03-02T08:00
zone +08:00
profile early hours=0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0.5 week=1,1,1,1,1,0,0
queue centre=jinan queue=general group=普席 rate=10/m agents=40 aht=3m aht_cv=0.5 patience=4m acw=15s breaks=0.05 break=5m profile=early overflow=jinan/spare after=45s
queue centre=jinan queue=spare rate=0/h agents=2 aht=90s dist=exponential  # no calls of its own
at 30s surge centre=jinan queue=general factor=3 for=5m ramp=30s
at 1m drain queue=* agents=10 for=5m
at 2m overflow centre=jinan queue=general to=jinan/spare share=0.3
at 3m aht factor=1.3 for=10m
at 4m outage centre=jinan for=25s
)");
    REQUIRE(parsed);
    CHECK(parsed->seed == 42);
    CHECK(parsed->start_ms == 1772409600000);  // 2026-03-02T00:00Z
    CHECK(parsed->zone_s == 28800);
    REQUIRE(parsed->queues.size() == 2);
    const auto& q = parsed->queues[0];
    CHECK(q.group == "普席");
    CHECK(q.rate_per_h == 600);
    CHECK(q.agents == 40);
    CHECK(q.aht_s == 180);
    CHECK(q.aht_cv == 0.5);
    CHECK_FALSE(q.exponential);
    CHECK(q.patience_s == 240);
    CHECK(q.acw_s == 15);
    CHECK(q.breaks == 0.05);
    CHECK(q.break_s == 300);
    CHECK(q.overflow_queue == "spare");
    CHECK(q.overflow_after_s == 45);
    CHECK(parsed->queues[1].group == "spare");
    CHECK(parsed->queues[1].exponential);
    CHECK(parsed->profiles.at("early").hours[23] == 0.5);
    CHECK(parsed->profiles.at("early").week[6] == 0);
    REQUIRE(parsed->steps.size() == 5);
    CHECK(parsed->steps[0].factor == 3);
    CHECK(parsed->steps[1].agents == 10);
    CHECK(parsed->steps[1].centre == "*");
    CHECK_FALSE(parsed->steps[2].lasts.has_value());
    CHECK(parsed->steps[2].share == 0.3);
    CHECK(parsed->steps[4].lasts == Span{25s});
}

TEST_CASE("scenario: the quickstart's own scenario is sound", "[unit]") {
    const auto parsed = parse_scenario(scenario_quickstart());
    REQUIRE(parsed);
    CHECK(parsed->queues.size() == 5);
    CHECK(parsed->steps.at(0).at < Span{1min});
}

TEST_CASE("scenario: every error is told with its place, and all of them", "[unit]") {
    const auto found = errors_of(
        "queu centre=a\n"
        "seed -1\n"
        "queue centre=a queue=q rate=60 agents=1.5 aht=60 nonsense\n"
        "  queue centre=a queue=r rate=60/h agents=1 aht=1m patince=4m\n"
        "at soon surge factor=2\n"
        "at 1m surge centre=zzz factor=2 for=1m\n"
        "zone 8\n"
        "start yesterday\n"
        "queue centre=a queue=s rate=60/h agents=1 aht=1m profile=none overflow=a/none\n");
    const std::vector<std::string> want{
        "1:1: unknown statement 'queu'; did you mean 'queue'?",
        "2:6: seed: expected a whole number from 0 to 9e15",
        "3:50: expected key=value, found 'nonsense'",
        "3:29: rate: expected calls in time like 600/h, 10/m or 2/s, at most 1000000/h, found '60'",
        "3:39: agents: expected a whole number from 0 to 100000, found '1.5'",
        "3:47: aht: expected a duration with its unit, like 90s or 5m, found '60'",
        "4:52: unknown key 'patince'; did you mean 'patience'?",
        "5:1: expected: at <time like 30s> surge|drain|overflow|aht|outage ...",
        "6:1: no queue matches zzz/*",
        "7:6: zone: expected an offset like +08:00",
    };
    REQUIRE(found.size() == 13);
    for (std::size_t i = 0; i < want.size(); ++i) {
        CHECK(found[i] == want[i]);
    }
    CHECK(found[10].rfind("8:7: start: ", 0) == 0);
    CHECK(found[11] == "9:1: there is no profile 'none'");
    CHECK(found[12] == "9:1: overflow: there is no queue a/none");
}

TEST_CASE("scenario: what is missing or given twice is an error", "[unit]") {
    CHECK(errors_of("") == std::vector<std::string>{"1:1: the scenario has no queue"});
    CHECK(errors_of("queue centre=a queue=q rate=1/h agents=1 aht=1m aht=2m\n").at(0) == "1:49: 'aht' is given twice");
    CHECK(errors_of("queue centre=a queue=q rate=1/h agents=1\n").at(0) == "1:41: 'aht=' is missing");
    CHECK(errors_of(std::string(good_queue) + std::string(good_queue)).at(0) ==
          "2:1: queue a/q is there already, or one too many");
}

TEST_CASE("scenario: limits hold at both edges", "[unit]") {
    const auto rate = [](const std::string& r) {
        return errors_of("queue centre=a queue=q agents=1 aht=1m rate=" + r + "\n").empty();
    };
    CHECK(rate("1000000/h"));
    CHECK_FALSE(rate("1000001/h"));
    CHECK(rate("0/h"));
    CHECK_FALSE(rate("-1/h"));
    CHECK_FALSE(rate("nan/h"));
    CHECK_FALSE(rate("/h"));

    const std::string name(64, 'n');
    CHECK(errors_of("queue centre=" + name + " queue=q rate=1/h agents=1 aht=1m\n").empty());
    CHECK_FALSE(errors_of("queue centre=" + name + "n queue=q rate=1/h agents=1 aht=1m\n").empty());

    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += "queue centre=a queue=q" + std::to_string(i) + " rate=1/h agents=1 aht=1m\n";
    }
    CHECK(errors_of(many).empty());
    CHECK_FALSE(errors_of(many + std::string(good_queue)).empty());

    std::string wrong;
    for (int i = 0; i < 200; ++i) {
        wrong += "bad\n";
    }
    CHECK(errors_of(wrong).size() <= 51);
}

TEST_CASE("scenario: a step is linear on its ramps, which lie inside and behind it", "[unit]") {
    SimStep step;
    step.at = 100s;
    step.lasts = 60s;
    step.ramp = 20s;

    CHECK(step.strength(99s) == 0);
    CHECK(step.strength(100s) == 0);
    CHECK(step.strength(110s) == 0.5);
    CHECK(step.strength(120s) == 1);
    CHECK(step.strength(159s) == 1);
    CHECK(step.strength(160s) == 1);
    CHECK(step.strength(170s) == 0.5);
    CHECK(step.strength(180s) == 0);
    step.ramp = 0s;
    CHECK(step.strength(100s) == 1);
    CHECK(step.strength(160s) == 0);
    step.lasts.reset();
    CHECK(step.strength(1000h) == 1);
}

TEST_CASE("scenario: a missing file is an error, not an empty scenario", "[unit]") {
    CHECK_FALSE(load_scenario("/nonexistent/scenario"));
    CHECK_FALSE(load_scenario("/"));
}
