// The whole chain with the kinds that have memory of their own: staffing that sets the need, flapping that outlives a restart.
#include <algorithm>
#include <functional>
#include <memory>

#include "core/base/bytes.hpp"
#include "core/engine/engine.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::unique_ptr<Plan> plan_with(std::vector<RuleSpec> rules, const std::string& need = {}) {
    auto plan = std::make_unique<Plan>(plan_of(std::move(rules)));
    plan->stale_after = 120s;
    ChannelSpec channel;
    channel.id = "hook";
    channel.type = "webhook";
    plan->channels.push_back(channel);
    RosterSpec roster;
    roster.id = "leads";
    roster.zone = "UTC";
    roster.shifts.push_back({0x7F, 0, 1440, {"lead-1", "lead-2"}});
    plan->rosters.push_back(roster);
    for (const auto* id : {"lead-1", "lead-2", "boss"}) {
        PersonSpec person;
        person.id = person.name = id;
        person.normal.push_back({"hook", Span{0}, Span{0}});
        plan->people.push_back(person);
    }
    PolicySpec policy;
    policy.id = "surge";
    policy.scope = {"centre"};
    policy.need.expression = need;
    policy.fallback = {"boss"};
    policy.resolve_hold = 30s;
    TierSpec tier;
    tier.id = "leads";
    tier.rosters = {"leads"};
    policy.tiers.push_back(tier);
    plan->policies.push_back(policy);
    return plan;
}

struct Line {
    explicit Line(std::function<std::unique_ptr<Plan>()> p) : plan(std::move(p)), engine(std::make_unique<Engine>(plan())) {}
    void send(double s, Feeder::Values values, const std::string& centre = "jinan") {
        engine->advance(at_s(s));
        engine->ingest(feeder.message(s, "general", std::move(values), centre), at_s(s));
        drain(at_s(s));
    }
    void drain(Stamp now) {
        Decisions out;
        while (engine->decided()) {
            engine->take(out);
            log.insert(log.end(), out.records.begin(), out.records.end());
            for (const auto& order : out.orders) {
                texts.push_back(order.text);
                engine->outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, ""}, now);
            }
        }
    }
    /// kill -9: what was snapshotted at `mark` records, and the log after it. `windows`: the series' snapshot was written too.
    void crash(double s, const std::string& base, std::size_t mark, bool windows) {
        const auto series = engine->series_snapshot();
        const auto sequence = engine->sequence();
        engine = std::make_unique<Engine>(plan());
        REQUIRE(engine->restore(base));
        for (std::size_t i = mark; i < log.size(); ++i) {
            engine->apply(log[i]);
        }
        CHECK(engine->sequence() == sequence);
        if (windows) {
            REQUIRE(engine->restore_series(series));
        }
        engine->recovered(at_s(s).at, at_s(s));
        drain(at_s(s));
    }
    std::size_t count(const std::string& type) const {
        return static_cast<std::size_t>(
            std::count_if(log.begin(), log.end(), [&](const Record& r) { return record_type(r) == type; }));
    }
    std::function<std::unique_ptr<Plan>()> plan;
    std::unique_ptr<Engine> engine;
    Feeder feeder;
    std::vector<Record> log;
    std::vector<std::string> texts;
};

std::unique_ptr<Plan> nervous() {
    auto spec = rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30))});
    spec.flap = {4, 1200s};
    return plan_with({spec});
}
}  // namespace

TEST_CASE(
    "engine: a flapping alert keeps one incident open, and its end is told when it has settled, whatever was killed between") {
    for (const bool windows : {true, false}) {
        for (const bool late_base : {true, false}) {
            Line line(nervous);
            const auto base = line.engine->snapshot();
            double s = 0;
            for (int i = 0; i < 10; ++i, s += 60) {
                line.send(s, {{"oldest_wait_s", i % 2 == 0 ? 50 : 10}});
            }
            CHECK(line.count("alert.firing") == 5);
            CHECK(line.count("incident.opened") == 1);
            // Two ends before it flapped were told (resolving, resumed); then none.
            const auto ends = line.count("incident.resolving");
            CHECK(ends <= 2);
            const auto resolved = line.count("incident.resolved");
            REQUIRE(line.engine->alerts(true).front().flapping);
            CHECK(line.engine->alerts(true).front().state == AlertState::ok);

            late_base ? line.crash(s, line.engine->snapshot(), line.log.size(), windows) : line.crash(s, base, 0, windows);
            for (; s < 1100; s += 10) {
                line.send(s, {{"oldest_wait_s", 10}});
            }
            CHECK(line.count("incident.resolving") == ends + 1);
            CHECK(line.count("incident.resolved") == resolved + 1);
            CHECK_FALSE(line.engine->alerts(true).front().flapping);
        }
    }
}

TEST_CASE("engine: a need written as an expression sees the last values of its scope's queues, after a reload as well") {
    const auto plan = [] { return plan_with({rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30))})}, "sum(calls_waiting) / 5"); };
    Line line(plan);
    line.send(1, {{"calls_waiting", 500}, {"oldest_wait_s", 1}}, "qingdao");
    line.send(2, {{"calls_waiting", 16}, {"oldest_wait_s", 50}});
    REQUIRE(line.engine->incidents().size() == 1);
    CHECK(line.engine->incidents().front().need == 4);
    line.engine->reload(plan(), at_s(3));
    line.drain(at_s(3));
    line.send(14, {{"calls_waiting", 31}, {"oldest_wait_s", 50}});
    line.send(25, {{"calls_waiting", 31}, {"oldest_wait_s", 50}});
    CHECK(line.engine->incidents().front().need == 7);
}

TEST_CASE("engine: staffing sets the need, tells the cause on the page, and names the centre that can help") {
    const auto plan = [] {
        auto spec = rule("short", "offered", {level(Level::yellow, above(2), below(1))}, RuleKind::shortfall);
        spec.window = 300s;
        spec.staffing.target = {0.8, 20};
        spec.staffing.lead = 0s;
        return plan_with({spec}, "shortfall");
    };
    Line line(plan);
    const auto feed = [&](double from, double to, double on_call) {
        static double offered = 0;
        for (double s = from; s < to; s += 5) {
            offered += 100.0 / 360;
            for (const auto* centre : {"jinan", "qingdao"}) {
                const double agents = centre == std::string("jinan") ? on_call : 18;
                line.send(s,
                          {{"offered", offered},
                           {"handled", offered},
                           {"talk_s_sum", offered * 180},
                           {"calls_waiting", 0},
                           {"agents_on_call", std::min(10.0, agents)},  // 200 calls an hour of three minutes keep ten busy
                           {"agents_available", std::max(0.0, agents - 10)}},
                          centre);
            }
        }
    };
    feed(0, 1800, 14);
    CHECK(line.count("incident.opened") == 0);
    feed(1800, 1805, 11);
    REQUIRE(line.engine->incidents().size() == 1);
    const auto incident = line.engine->incidents().front();
    CHECK(incident.need == 3);
    CHECK(incident.staffing.missing == 3);
    CHECK(incident.staffing.cause == staffing::Cause::staff);
    REQUIRE(incident.staffing.slack.size() == 1);
    CHECK(incident.staffing.slack.front().centre == "qingdao");
    CHECK(incident.staffing.slack.front().agents == 4);
    REQUIRE(line.texts.size() == 2);
    CHECK(line.texts.front().find("（座席减少），座席缺3人") != std::string::npos);
    CHECK(line.texts.front().find("；qingdao可支援4人") != std::string::npos);
    CHECK(line.engine->staffing().size() == 2);

    feed(1805, 1900, 9);
    CHECK(line.engine->incidents().front().need == 5);
    // A reload keeps what is known of the incident, and of staffing unless detection changed: then that is learned anew within seconds.
    line.engine->reload(plan(), at_s(1900));
    line.drain(at_s(1900));
    CHECK(line.engine->staffing().size() == 2);
    auto edited = plan();
    edited->stale_after += 1s;
    line.engine->reload(std::move(edited), at_s(1900));
    line.drain(at_s(1900));
    CHECK(line.engine->staffing().empty());
    feed(1905, 1915, 9);
    CHECK(line.engine->staffing().size() == 2);
    CHECK(line.engine->incidents().front().need == 5);

    const auto base = line.engine->snapshot();
    line.crash(1915, base, line.log.size(), true);
    feed(1920, 1930, 13);
    CHECK(line.engine->incidents().front().need == 5);
}

TEST_CASE("engine: a page that leaves minutes after the change has the value of now beside the limit that raised it") {
    Line line([] {
        auto spec = rule("wait", "oldest_wait_s", {level(Level::red, above(100), below(80), Span{0}, 600s)});
        spec.summary_zh = "最长等待";
        auto plan = plan_with({spec});
        plan->policies[0].tiers[0].remind = 30s;
        plan->policies[0].tiers[0].wait = 600s;
        return plan;
    });
    line.send(0, {{"oldest_wait_s", 10}});
    line.send(5, {{"oldest_wait_s", 120}});
    REQUIRE(line.texts.size() == 2);
    CHECK(line.texts.back().find("红色：general 最长等待2分>1分40秒") != std::string::npos);
    line.send(10, {{"oldest_wait_s", 5}});
    for (double s = 15; s <= 40; s += 5) {
        line.send(s, {{"oldest_wait_s", 70}});
    }
    REQUIRE(line.texts.size() == 4);
    CHECK(line.texts.back().find("最长等待1分10秒（触发线>1分40秒），正在回落") != std::string::npos);
    const auto incidents = line.engine->incidents();
    REQUIRE(incidents.front().alerts.size() == 1);
    CHECK(incidents.front().alerts.front().reading.value == 70);
    CHECK(incidents.front().alerts.front().reading.worst == 120);
    const auto alerts = line.engine->alerts(false);
    REQUIRE(alerts.size() == 1);
    CHECK(alerts.front().reading.value == 70);
    CHECK(alerts.front().raise == "> 100");
}

TEST_CASE("engine: a page shows further values of the alert's queue as they are when it leaves, and none that is unknown") {
    const auto plan = [] {
        auto spec = rule("wait", "oldest_wait_s", {level(Level::yellow, above(40), below(30)), level(Level::red, above(100), below(80))});
        spec.show = {"calls_waiting", "owed", "callbacks_oldest_s"};
        auto out = plan_with({spec});
        out->derives.push_back(derive("owed", "callbacks_requested - callbacks_reached"));
        out->derives.back().label = {"待回访", "owed"};
        return out;
    };
    Line line(plan);
    line.send(0, {{"oldest_wait_s", 50}, {"calls_waiting", 7}, {"callbacks_requested", 20}, {"callbacks_reached", 8}, {"callbacks_oldest_s", 5400}});
    REQUIRE_FALSE(line.texts.empty());
    INFO(line.texts.back());
    const auto& told = line.texts.back();
    const auto has = [](const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; };
    CHECK((has(told, "排队7、待回访12、callbacks_oldest_s 1小时30分") || has(told, "waiting 7, owed 12, callbacks_oldest_s 1 h 30 min")));
    // Minutes later the values are of then; one that is no longer sent is left out, and so is what is derived of it.
    for (double s = 5; s < 600; s += 5) {
        line.send(s, {{"oldest_wait_s", 50}, {"calls_waiting", 9}, {"callbacks_requested", 20}, {"callbacks_oldest_s", 5400}});
    }
    const auto before = line.texts.size();
    line.send(600, {{"oldest_wait_s", 130}, {"calls_waiting", 11}, {"callbacks_oldest_s", 45}});
    for (double s = 605; s < 700 && line.texts.size() == before; s += 5) {
        line.send(s, {{"oldest_wait_s", 130}, {"calls_waiting", 11}, {"callbacks_oldest_s", 45}});
    }
    INFO(line.texts.back());
    CHECK((has(line.texts.back(), "排队11") || has(line.texts.back(), "waiting 11")));
    CHECK_FALSE(has(line.texts.back(), "12"));
}
