// The promise of the hot path: once a queue's metrics are known, a sample takes nothing from the heap, whatever is bound to it.
#include "core/rule/detector.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("hot path: no allocation per sample once warm") {
    auto surge = rule("surge", "offered", {level(Level::yellow, above(900, LimitUnit::percent), below(15, LimitUnit::percent))},
                      RuleKind::rate_of_change);
    auto growing = rule("growing", "calls_waiting",
                        {level(Level::yellow, above(900, LimitUnit::per_minute), below(1, LimitUnit::per_minute))},
                        RuleKind::rate_of_change);
    auto silent = rule("silent", "offered", {level(Level::yellow, above(9000, LimitUnit::span), below(60, LimitUnit::span))},
                       RuleKind::absence);
    auto learned = rule("learned", "offered", {level(Level::yellow, above(290), below(1))}, RuleKind::baseline);
    learned.min_history = 1;
    learned.slot = Span{60000};
    const auto plan =
        plan_of({surge, growing, learned, silent, rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30))}),
                 rule("ratio", "ratio", {level(Level::red, below(0.01), above(0.1))}),
                 rule("sum", "centre_waiting", {level(Level::red, above(1e6), below(1e5))})},
                {derive("ratio", "increase(answered, 10m) / increase(offered, 10m)", "increase(offered, 10m) >= 20"),
                 derive("centre_waiting", "sum(calls_waiting) + max(oldest_wait_s)", "", GroupBy::centre)});
    Detector detector(plan);
    Message message;
    const std::vector<std::string> names{"general", "complaint", "english", "data"};
    std::uint64_t seq = 0;
    const auto send = [&](double s) {
        message.clear();
        message.source = "acd-1";
        message.seq = ++seq;
        message.ts = ts_s(s);
        for (const auto& name : names) {
            const auto first = static_cast<std::uint32_t>(message.values.size());
            message.values.push_back({"offered", 10 * s});
            message.values.push_back({"answered", 9 * s});
            message.values.push_back({"calls_waiting", 5 + static_cast<double>(seq % 3)});
            message.values.push_back({"oldest_wait_s", 12});
            message.parts.push_back({"jinan", name, "voice", message.ts, first, 4});
        }
        detector.advance(at_s(s));
        detector.ingest(message, at_s(s));
    };
    for (int s = 0; s < 3600; ++s) {
        send(s);
    }
    REQUIRE(detector.edges().empty());

    const auto before = allocations();
    for (int s = 3600; s < 7200; ++s) {
        send(s);
    }
    CHECK(allocations() - before == 0);
    CHECK(detector.edges().empty());
}

TEST_CASE("hot path: kinds with memory of their own take nothing from the heap either") {
    auto coaster = rule("coaster", "ratio", {level(Level::yellow, above(1000), below(900))}, RuleKind::volatility);
    coaster.band = 0.1;
    auto ahead = rule("ahead", "oldest_wait_s", {level(Level::yellow, above(1e6), below(1e5))});
    ahead.ahead = Span{300000};
    auto backlog = rule("backlog", "calls_waiting", {level(Level::yellow, above(1e6), below(1e5))});
    backlog.ahead = Span{300000};
    auto shortfall = rule("short", "offered", {level(Level::yellow, above(1000), below(900))}, RuleKind::shortfall);
    const auto plan = plan_of({coaster, ahead, backlog, shortfall});
    Detector detector(plan);
    Feeder feeder;
    const auto send = [&](double s) {
        const auto& message = feeder.message(s, "general",
                                             {{"offered", s / 10},
                                              {"handled", s / 10},
                                              {"talk_s_sum", 18 * s},
                                              {"abandoned", s / 100},
                                              {"wait_answered_s_sum", 2 * s},
                                              {"wait_abandoned_s_sum", s},
                                              {"calls_waiting", 3},
                                              {"oldest_wait_s", 12},
                                              {"agents_on_call", 18},
                                              {"agents_available", 4},
                                              {"ratio", static_cast<int>(s) % 600 < 300 ? 0.9 : 0.7}});
        detector.advance(at_s(s));
        const auto before = allocations();
        detector.ingest(message, at_s(s));
        return allocations() - before;
    };
    for (int s = 0; s < 7200; ++s) {
        send(s);
    }
    std::size_t taken = 0;
    for (int s = 7200; s < 10800; ++s) {
        taken += send(s);
    }
    CHECK(taken == 0);
    CHECK(detector.edges().empty());
    CHECK(detector.board().entries().front().known);
}
