// The whole engine with a learned profile: a surge on an ordinary morning, the incident it opens, what freezes meanwhile, and
// what a restart and a reload in the middle of it change: nothing.
#include <memory>

#include "core/engine/engine.hpp"
#include "support/baseline_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::unique_ptr<Plan> surge_plan() {
    auto rule = baseline_rule();
    for (auto& level : rule.levels) {
        level.clear_after = 15min;
    }
    auto plan = std::make_unique<Plan>(plan_of({rule}));
    plan->stale_after = 3min;
    ChannelSpec channel;
    channel.id = "log";
    channel.type = "log";
    plan->channels.push_back(channel);
    PersonSpec person;
    person.id = "lead";
    person.name = "lead";
    person.normal.push_back({"log", Span{0}, Span{0}});
    plan->people.push_back(person);
    RosterSpec roster;
    roster.id = "leads";
    roster.zone = "UTC";
    roster.shifts.push_back({0x7F, 0, 1440, {"lead"}});
    plan->rosters.push_back(roster);
    PolicySpec policy;
    policy.id = "surge";
    policy.scope = {"centre"};
    policy.need.fixed = 1;
    policy.fallback = {"lead"};
    policy.resolve_hold = 3min;
    TierSpec tier;
    tier.id = "leads";
    tier.rosters = {"leads"};
    tier.wait = 60s;
    policy.tiers.push_back(tier);
    plan->policies.push_back(policy);
    return plan;
}

/// Two queues, each with its counter; every page is accepted at once.
class Centre {
public:
    Centre() : engine(std::make_unique<Engine>(surge_plan())) {}

    void flow(double from, double until, double per_slot, double other_per_slot) {
        for (double s = from; s < until; s += 60) {
            totals[0] += per_slot / 5;
            totals[1] += other_per_slot / 5;
            const auto now = monday(s + 60);
            message.clear();
            message.source = "acd-1";
            message.seq = ++seq;
            message.ts = source_time(to_ms(now.at));
            const char* names[] = {"general", "complaint"};
            for (std::uint32_t q = 0; q < 2; ++q) {
                message.values.push_back({"offered", totals[q]});
                message.parts.push_back({"jinan", names[q], "voice", message.ts, q, 1});
            }
            engine->advance(now);
            engine->ingest(message, now);
            drain(now);
        }
    }
    void drain(Stamp now) {
        Decisions out;
        while (engine->decided()) {
            engine->take(out);
            for (const auto& record : out.records) {
                if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
                    lines.push_back(edge->queue.queue + " " + std::string(to_string(edge->to)) + " " +
                                    std::string(to_string(edge->level)) + " " + std::to_string(to_ms(edge->at)) + " " +
                                    edge->evidence);
                }
            }
            for (const auto& order : out.orders) {
                engine->outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, ""}, now);
            }
        }
    }
    void restart(double s) {
        auto next = std::make_unique<Engine>(surge_plan());
        REQUIRE(next->restore(engine->snapshot()));
        REQUIRE(next->restore_series(engine->series_snapshot()));
        engine = std::move(next);
        engine->recovered(monday(s).at, monday(s));
        drain(monday(s));
    }
    BaselineView view(const std::string& queue) const {
        for (const auto& baseline : engine->baselines()) {
            if (baseline.queue.queue == queue) {
                return baseline.view;
            }
        }
        FAIL("no baseline on " << queue);
        return {};
    }

    std::unique_ptr<Engine> engine;
    std::vector<std::string> lines;
    double totals[2] = {0, 0};
    Message message;
    std::uint64_t seq = 0;
};

constexpr double begin = 12 * day_s + 8 * 3600;
}  // namespace

TEST_CASE("surge: learned days, a doubled hour, an incident; learning stands still for the queue that surges, and for no other") {
    Centre centre;
    centre.flow(0, begin, 300, 100);
    CHECK(centre.lines.empty());
    CHECK(centre.view("general").days == 12);
    CHECK_FALSE(centre.view("general").frozen);

    centre.flow(begin, begin + 3600, 600, 100);
    REQUIRE_FALSE(centre.lines.empty());
    CHECK(centre.lines[0].find("general firing") == 0);
    REQUIRE(centre.engine->desk().incidents().size() == 1);
    CHECK(centre.view("general").frozen);
    CHECK_FALSE(centre.view("complaint").frozen);  // the incident is the centre's, the surge is not
    CHECK(centre.view("general").level < 1.05);
    CHECK(centre.view("general").reading.expected == Approx(900).epsilon(0.03));

    centre.flow(begin + 3600, begin + 7200, 300, 100);
    CHECK(centre.lines.back().find("general ok") == 0);
    CHECK_FALSE(centre.view("general").frozen);
    CHECK_FALSE(centre.view("complaint").frozen);
}

TEST_CASE("surge: learning is told of every alert and of the rule, and is never ok") {
    Centre centre;
    centre.flow(0, 3 * day_s + 3600, 300, 100);
    const auto alerts = centre.engine->alerts(true);
    REQUIRE(alerts.size() == 2);
    for (const auto& alert : alerts) {
        CHECK(alert.state == AlertState::unknown);
        CHECK(alert.reason == "learning: 3 of 10 days");
    }
    CHECK(centre.engine->rule_health()[0].learning == 2);
    CHECK(centre.engine->rule_health()[0].problem == "learning: no queue has 10 days yet");
    CHECK(centre.engine->stats().alerts_by_state.at("ok") == 0);

    centre.flow(3 * day_s + 3600, 10 * day_s + 600, 300, 100);
    CHECK(centre.engine->rule_health()[0].problem.empty());
    CHECK(centre.engine->alerts(true)[0].state == AlertState::ok);
    CHECK(centre.engine->alerts(true)[0].reason.empty());
}

TEST_CASE("surge: a restart and a reload in the middle change no edge (D7)") {
    const auto run = [](double restart_at, double reload_at) {
        Centre centre;
        centre.flow(0, begin, 300, 100);
        for (double s = begin; s < begin + 5400; s += 60) {
            if (s == restart_at) {
                centre.restart(s);
            }
            if (s == reload_at) {
                centre.engine->reload(surge_plan(), monday(s));
                centre.drain(monday(s));
            }
            centre.flow(s, s + 60, s < begin + 1800 ? 400 : 300, 100);
        }
        return centre.lines;
    };
    const auto unbroken = run(-1, -1);
    REQUIRE(unbroken.size() >= 3);
    for (const double at : {120.0, 420.0, 1860.0, 2580.0}) {
        INFO("at +" << at);
        CHECK(run(begin + at, -1) == unbroken);
        CHECK(run(-1, begin + at) == unbroken);
    }
}

TEST_CASE("surge: a profile from history makes a new centre judge on its first day") {
    Centre old;
    old.flow(0, begin, 300, 100);
    Detector teacher(old.engine->plan());
    REQUIRE(teacher.restore(old.engine->series_snapshot()));
    ByteWriter learned;
    teacher.find_baseline(0, 0)->detector().save(learned);

    Centre young;
    young.engine->offer_profiles({{{{"jinan", "general", "voice"}, 99}, {"offered", "UTC", 12, learned.bytes()}}});
    young.flow(begin, begin + 1200, 300, 100);
    CHECK(young.lines.empty());
    CHECK(young.view("general").days == 12);
    CHECK(young.view("complaint").days == 0);
    young.flow(begin + 1200, begin + 1800, 600, 100);
    REQUIRE_FALSE(young.lines.empty());
    CHECK(young.lines[0].find("general firing") == 0);
}
