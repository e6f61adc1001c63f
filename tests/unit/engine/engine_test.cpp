#include "core/engine/engine.hpp"

#include <algorithm>
#include <memory>

#include "core/base/bytes.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::unique_ptr<Plan> team_plan() {
    auto plan = std::make_unique<Plan>(plan_of(
        {rule("oldest-wait", "oldest_wait_s",
              {level(Level::yellow, above(40), below(30), 10s, 20s), level(Level::red, above(100), below(80), 0s, 20s)})}));
    ChannelSpec channel;
    channel.id = "hook";
    channel.type = "webhook";
    plan->channels.push_back(channel);
    for (const auto* id : {"lead-1", "lead-2", "sup-1", "boss"}) {
        PersonSpec person;
        person.id = id;
        person.name = id;
        person.normal.push_back({"hook", Span{0}, Span{0}});
        plan->people.push_back(person);
    }
    const auto roster = [&](const std::string& id, std::vector<std::string> people) {
        RosterSpec spec;
        spec.id = id;
        spec.zone = "UTC";
        spec.shifts.push_back({0x7F, 0, 1440, std::move(people)});
        plan->rosters.push_back(spec);
    };
    roster("leads", {"lead-1", "lead-2"});
    roster("sups", {"sup-1"});
    PolicySpec policy;
    policy.id = "surge";
    policy.scope = {"centre"};
    policy.need.fixed = 2;
    policy.fallback = {"boss"};
    policy.resolve_hold = 30s;
    for (const auto* id : {"leads", "sups"}) {
        TierSpec tier;
        tier.id = id;
        tier.rosters = {id};
        tier.wait = 60s;
        policy.tiers.push_back(tier);
    }
    plan->policies.push_back(policy);
    return plan;
}

/// Runs an engine over a small day with answers; every page is accepted at once.
struct Script {
    explicit Script(std::unique_ptr<Engine> e) : engine(std::move(e)) {}

    void drain(Stamp now) {
        Decisions out;
        while (engine->decided()) {
            engine->take(out);
            log.insert(log.end(), out.records.begin(), out.records.end());
            for (const auto& order : out.orders) {
                orders.push_back(order);
                engine->outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, ""}, now);
            }
        }
    }
    void step(int s) {
        const auto now = at_s(s);
        const double wait = s >= 60 && s < 200 ? 50 : 5;
        engine->advance(now);
        engine->ingest(feeder.message(s, "general", {{"oldest_wait_s", wait}}), now);
        if (s == 90 || s == 95) {
            Command join;
            join.answer = AnswerKind::join;
            join.incident = engine->desk().incidents().front().incident;
            join.person = s == 90 ? "lead-1" : "lead-2";
            join.way = "test";
            join.by = join.person;
            CHECK(engine->command(join, now).ok);
        }
        drain(now);
    }
    std::string story() const {
        std::string out;
        for (const auto& record : log) {
            const auto type = record_type(record);
            if (type.rfind("page.", 0) != 0 && type != "system") {
                out += type + "@" + std::to_string((to_ms(record.at) - epoch_ms) / 1000) + " ";
            }
        }
        return out;
    }
    std::unique_ptr<Engine> engine;
    Feeder feeder;
    std::vector<Record> log;
    std::vector<SendOrder> orders;
};
}  // namespace

TEST_CASE("engine: from the breach to the closing message") {
    Script script(std::make_unique<Engine>(team_plan()));
    for (int s = 0; s <= 400; s += 5) {
        script.step(s);
    }

    CHECK(script.story() ==
          "alert.pending@60 alert.firing@70 incident.opened@70 incident.tier@70 seat.asked@70 seat.asked@70 seat.joined@90 "
          "answer@90 seat.joined@95 "
          "answer@95 incident.filled@95 alert.clearing@200 alert.ok@220 incident.resolving@220 incident.resolved@250 "
          "seat.released@250 "
          "seat.released@250 incident.closed@250 ");
    const auto count = [&](PagePurpose purpose) {
        return std::count_if(script.orders.begin(), script.orders.end(),
                             [&](const SendOrder& o) { return o.purpose == purpose; });
    };
    CHECK(count(PagePurpose::first) == 2);
    CHECK(count(PagePurpose::close) == 2);
    CHECK(script.orders.size() == 4);
    CHECK(script.orders.front().arrived == at_s(70).at);
}

TEST_CASE("engine: sequences have no holes and rise") {
    Script script(std::make_unique<Engine>(team_plan()));
    for (int s = 0; s <= 400; s += 5) {
        script.step(s);
    }

    for (std::size_t i = 0; i < script.log.size(); ++i) {
        CHECK(script.log[i].seq == i + 1);
    }
    CHECK(script.engine->sequence() == script.log.size());
}

TEST_CASE("engine: a restart between any two messages changes nothing that is decided (D7, O3)") {
    Script unbroken(std::make_unique<Engine>(team_plan()));
    for (int s = 0; s <= 400; s += 5) {
        unbroken.step(s);
    }
    for (int restart = 5; restart <= 400; restart += 5) {
        INFO("restart before second " << restart);
        Script script(std::make_unique<Engine>(team_plan()));
        std::string snapshot;
        std::size_t snapshot_records = 0;
        std::string series;
        for (int s = 0; s <= 400; s += 5) {
            if (s == restart) {
                auto next = std::make_unique<Engine>(team_plan());
                if (!snapshot.empty()) {
                    REQUIRE(next->restore(snapshot));
                }
                for (auto i = snapshot_records; i < script.log.size(); ++i) {
                    next->apply(script.log[i]);
                }
                REQUIRE(next->restore_series(series));
                CHECK(next->sequence() == script.log.size());
                next->recovered(at_s(s).at, at_s(s));
                script.engine = std::move(next);
            }
            script.step(s);
            if (s % 60 == 0) {
                snapshot = script.engine->snapshot();
                snapshot_records = script.log.size();
            }
            series = script.engine->series_snapshot();
        }
        CHECK(script.story() == unbroken.story());
        CHECK(script.orders.size() == unbroken.orders.size());
    }
}

TEST_CASE("engine: windows written in pieces between samples restore like those written at once") {
    Script script(std::make_unique<Engine>(team_plan()));
    for (int s = 0; s <= 60; s += 5) {
        script.step(s);
    }
    const std::string before = script.engine->series_snapshot();
    SeriesCursor cursor;
    ByteWriter pieces;
    int calls = 0;
    while (!cursor.done()) {
        REQUIRE(script.engine->series_snapshot(cursor, 1, pieces));
        ++calls;
    }
    CHECK(calls == static_cast<int>(std::max<std::uint64_t>(1, script.engine->stats().queues)));
    CHECK((pieces.bytes() == before));

    SeriesCursor torn;
    ByteWriter first;
    REQUIRE(script.engine->series_snapshot(torn, 0, first));
    script.step(65);  // a sample between two pieces
    while (!torn.done()) {
        REQUIRE(script.engine->series_snapshot(torn, 1, first));
    }
    Engine next(team_plan());
    REQUIRE(next.restore_series(first.bytes()));
    CHECK(next.stats().series == script.engine->stats().series);
}

TEST_CASE("engine: a reload between two pieces of a snapshot makes them worthless, and says so") {
    Script script(std::make_unique<Engine>(team_plan()));
    script.step(0);
    SeriesCursor cursor;
    ByteWriter out;
    REQUIRE(script.engine->series_snapshot(cursor, 0, out));
    script.engine->reload(team_plan(), at_s(1));
    CHECK_FALSE(script.engine->series_snapshot(cursor, 1, out));
}

TEST_CASE("engine: silence resolves no incident, its end does") {
    Script script(std::make_unique<Engine>(team_plan()));
    for (int s = 0; s <= 100; s += 5) {
        script.step(s);
    }
    script.engine->advance(at_s(2000));
    script.drain(at_s(2000));

    REQUIRE(script.engine->desk().incidents().size() == 1);
    CHECK(script.engine->desk().incidents()[0].state == "filled");
    for (int s = 2005; s < 2100; s += 5) {
        script.step(s);
    }
    CHECK(script.engine->desk().incidents()[0].state == "closed");
}

TEST_CASE("engine: a reload with the same rules keeps the incident and pages nobody") {
    Script script(std::make_unique<Engine>(team_plan()));
    for (int s = 0; s <= 100; s += 5) {
        script.step(s);
    }
    const auto pages = script.orders.size();

    const auto report = script.engine->reload(team_plan(), at_s(101));
    script.drain(at_s(101));

    CHECK(report.kept == 1);
    CHECK(script.orders.size() == pages);
    CHECK(script.engine->desk().incidents()[0].state == "filled");
}

TEST_CASE("engine: a reload without the rule ends its alert, and the incident after the hold") {
    Script script(std::make_unique<Engine>(team_plan()));
    for (int s = 0; s <= 100; s += 5) {
        script.step(s);
    }
    auto plan = team_plan();
    plan->rules.clear();

    const auto report = script.engine->reload(std::move(plan), at_s(101));
    script.drain(at_s(101));
    script.engine->advance(at_s(200));
    script.drain(at_s(200));

    CHECK(report.closed == 1);
    CHECK(script.engine->desk().incidents()[0].state == "closed");
}
