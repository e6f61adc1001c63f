#include "feed/feed_checker.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

struct CheckRun {
    std::string said;
    FeedChecker checker{[this](const std::string& line) { said += line + "\n"; }};

    void send(const std::string& rest, std::optional<std::int64_t> now_ms = std::nullopt) {
        checker.take(R"({"v":1,"source":"acd",)" + rest + "}", now_ms);
    }
    std::string odd() const {
        std::string out;
        for (const auto& oddity : checker.oddities()) {
            out += std::to_string(oddity.count) + "x " + oddity.text + "\n";
        }
        return out;
    }
};

std::string message(int seq, std::int64_t ts, const std::string& m, const std::string& queue = "general", int epoch = 1) {
    return R"("epoch":)" + std::to_string(epoch) + R"(,"seq":)" + std::to_string(seq) + R"(,"ts":)" + std::to_string(ts) +
           R"(,"queues":[{"centre":"jinan","queue":")" + queue + R"(","m":{)" + m + "}}]";
}

constexpr std::int64_t now = 1'780'000'000'000;

}  // namespace

TEST_CASE("feed check: a right stream is accepted and nothing is odd") {
    CheckRun run;
    run.send(message(1, now, R"("calls_waiting":3,"offered":10)"), now);
    run.send(message(2, now + 5000, R"("calls_waiting":0,"offered":12)"), now + 5000);
    run.send(message(1, now + 9000, R"("offered":0)", "general", 2), now + 9000);  // a new epoch
    CHECK(run.said ==
          "message 1 of acd: accepted, 1 queues, 2 values\nmessage 2 of acd: accepted, 1 queues, 2 values\nmessage 3 of acd: "
          "accepted, 1 queues, 1 values\n");
    CHECK(run.odd().empty());
    CHECK(run.checker.queues().begin()->second == std::set<std::string>{"calls_waiting", "offered"});
}

TEST_CASE("feed check: what is refused has field, got and want, and the name that was meant") {
    CheckRun run;
    run.send(R"("seq":1,"queues":[])");
    run.send(message(2, now, R"("callsWaiting":3,"answered":"many")"));
    CHECK(run.said.find("message 1 of acd: refused (missing_field); ts") != std::string::npos);
    CHECK(run.said.find("left out: ") != std::string::npos);
    CHECK(run.said.find("(is calls_waiting meant?)") != std::string::npos);
    CHECK(run.checker.refused() == 1);
    CHECK(run.checker.left_out() == 2);
    run.checker.take("{", std::nullopt);
    CHECK(run.said.find("message 3 of ?: refused (malformed)") != std::string::npos);
}

TEST_CASE("feed check: sequences, clocks, counters, units and vanishing queues are told once with how often") {
    CheckRun run;
    run.send(message(1, now, R"("offered":100,"oldest_wait_s":90000)"), now);
    run.send(message(1, now + 1, R"("offered":7)"), now);
    run.send(message(5, now - 1, R"("offered":9,"calls_waiting":-1)", "other"), now);
    run.send(message(6, now + 90'000, R"("offered":1)", "other"), now);
    run.send(message(7, 1'780'000'000, R"("offered":1)", "other"));
    const auto odd = run.odd();
    INFO(odd);
    CHECK(odd.find("2x offered of jinan/general fell from 100 to 7: a counter only rises") != std::string::npos);
    CHECK(odd.find("oldest_wait_s of jinan/general is 90000: it is in seconds") != std::string::npos);
    CHECK(odd.find("1x source acd: seq 1 after 1: surged drops") != std::string::npos);
    CHECK(odd.find("1x source acd: seq 5 after 1: a hole") != std::string::npos);
    CHECK(odd.find("2x source acd: ts goes back") != std::string::npos);
    CHECK(odd.find("calls_waiting of jinan/other is -1: what is not known is left out") != std::string::npos);
    CHECK(odd.find("ts is 90 s ahead of this host's clock") != std::string::npos);
    CHECK(odd.find("are seconds sent?") != std::string::npos);
    CHECK(odd.find("queue jinan/general is not in every message") != std::string::npos);
}

TEST_CASE("feed check: names near one of surged's own are offered, others are told as gauges") {
    CHECK(metric_meant_by("callsWaiting") == "calls_waiting");
    CHECK(metric_meant_by("Calls-Waiting") == "calls_waiting");
    CHECK(metric_meant_by("call_waiting") == "calls_waiting");
    CHECK(metric_meant_by("OFFERED") == "offered");
    CHECK_FALSE(metric_meant_by("calls_waiting"));
    CHECK_FALSE(metric_meant_by("temperature"));
    CheckRun run;
    run.send(message(1, now, R"("temperature":3,"abandonned":1)"));
    CHECK(run.odd() ==
          "1x metric temperature is none that surged knows: it is taken as a gauge unless a [[metric]] of the configuration says "
          "counter\n"
          "1x metric abandonned is none that surged knows: is abandoned meant?\n");
}

TEST_CASE("feed check: a stream of ever new sources, queues and names is bounded") {
    CheckRun run;
    for (int i = 0; i < 6000; ++i) {
        const auto n = std::to_string(i);
        run.checker.take(R"({"v":1,"source":"s)" + std::to_string(i % 100) + R"(","seq":)" + n +
                             R"(,"ts":1780000000000,"queues":[{"centre":"c","queue":"q)" + n + R"(","m":{"x)" + n + R"(":1}}]})",
                         std::nullopt);
    }
    CHECK(run.checker.queues().size() <= FeedChecker::queues_max);
    CHECK(run.checker.oddities().size() <= FeedChecker::oddities_max);
    CHECK(run.odd().find("more than 64 names of sources") != std::string::npos);
}
