// The shadow: the engine's state made a second time, of its records. After every batch its bytes are the engine's, through reloads,
// answers, silences and restarts; and a record that it got wrong shows in them.
#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <set>

#include "core/engine/engine.hpp"
#include "core/engine/shadow.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Three queues of two centres. `variation` 1: other limits and another scope, 2: one rule is gone, 3: other people.
std::unique_ptr<Plan> world_plan(int variation = 0) {
    auto waits = rule("oldest-wait", "oldest_wait_s",
                      {level(Level::yellow, above(variation == 1 ? 50 : 40), below(30), 12s, 22s), level(Level::red, above(100), below(80), 0s, 22s)});
    waits.content += static_cast<std::uint64_t>(variation == 1);
    auto staring = rule("waiting", "calls_waiting", {level(Level::orange, above(20), below(10), 17s, 17s)});
    staring.depends_on = {"oldest-wait"};
    std::vector<RuleSpec> rules{waits};
    if (variation != 2) {
        rules.push_back(staring);
    }
    auto plan = std::make_unique<Plan>(plan_of(rules));
    plan->version = "v" + std::to_string(variation);
    plan->stale_after = 60s;
    ChannelSpec channel;
    channel.id = "hook";
    channel.type = "webhook";
    plan->channels.push_back(channel);
    PolicySpec policy;
    policy.id = "surge";
    policy.scope = variation == 1 ? std::vector<std::string>{"centre", "queue"} : std::vector<std::string>{"centre"};
    policy.need.fixed = 2;
    policy.fallback = {"boss"};
    policy.resolve_hold = 30s;
    std::vector<std::string> people{"lead-1", "lead-2", "sup-1", "boss"};
    if (variation == 3) {
        people.erase(people.begin());
    }
    for (const auto& id : people) {
        PersonSpec person;
        person.id = person.name = id;
        person.normal.push_back({"hook", Span{0}, Span{0}});
        plan->people.push_back(person);
        RosterSpec roster;
        roster.id = id;
        roster.zone = "UTC";
        roster.shifts = {{0x7F, 0, 1440, {id}}};
        plan->rosters.push_back(roster);
        TierSpec tier;
        tier.id = tier.rosters.emplace_back(id);
        tier.wait = 40s;
        if (id != "boss") {
            policy.tiers.push_back(tier);
        }
    }
    plan->policies.push_back(policy);
    plan->overload.policy = "surge";
    return plan;
}

/// Spoils one record on its way to the shadow; true = it did.
using Spoil = std::function<bool(Record&)>;

class World {
public:
    explicit World(unsigned seed, Spoil spoil = {})
        : random_(seed), spoil_(std::move(spoil)), engine_(std::make_unique<Engine>(world_plan())), shadow_(std::make_unique<Shadow>(engine_->shared_plan())) {}

    /// Returns the second at which the shadow was not the engine any more; -1 = it was the engine all the time.
    int run(bool tells_adoption = true) {
        for (int s = 0; s <= 1200; s += 5) {
            const auto now = at_s(s);
            engine_->advance(now);
            feed(s, now);
            disturb(s, now, tells_adoption);
            drain(now);
            if (shadow_->snapshot() != engine_->snapshot()) {
                return s;
            }
        }
        return -1;
    }
    std::set<std::string> types;
    std::size_t spoilt = 0;

private:
    void feed(int s, Stamp now) {
        const bool surge = (s >= 60 && s < 260) || (s >= 420 && s < 700) || s > 1000;
        for (const char* queue : {"general", "vip"}) {
            if (s >= 600 && s < 720 && *queue == 'v') {
                continue;  // its feed falls silent while it fires
            }
            const double wait = surge ? 30.0 + static_cast<double>(random_() % 100) : 5;
            engine_->ingest(feeder_.message(s, queue, {{"oldest_wait_s", wait}, {"calls_waiting", surge && s % 300 > 100 ? 25.0 : 3.0}}), now);
        }
        engine_->ingest(feeder_.message(s, "general", {{"oldest_wait_s", s % 400 < 200 ? 200.0 : 1.0}, {"calls_waiting", 1}}, "beijing"), now);
    }
    void disturb(int s, Stamp now, bool tells_adoption) {
        if (s % 50 == 45 && !engine_->desk().incidents().empty()) {
            Command answer;
            answer.answer = s % 100 == 45 ? AnswerKind::join : AnswerKind::decline;
            answer.incident = engine_->desk().incidents().front().incident;
            answer.person = answer.by = s % 150 == 45 ? "lead-2" : "sup-1";
            answer.way = "test";
            answer.key = "k" + std::to_string(s);
            engine_->command(answer, now);
        }
        if (s % 370 == 350) {
            Command silence;
            silence.kind = Command::Kind::silence;
            silence.silence.centre = "beijing";
            silence.silence.until = now.at + 60s;
            silence.by = "ann";
            engine_->command(silence, now);
        }
        if (s % 130 == 120) {
            const auto report = engine_->reload(world_plan(static_cast<int>(random_() % 4)), now);
            if (tells_adoption) {
                shadow_->adopt(engine_->shared_plan(), report.after);
            }
        }
        if (s == 800) {
            restart(now);
        }
    }
    /// As the daemon does it: the shadow begins with the engine's state, while the first records are decided and not handed on yet.
    void restart(Stamp now) {
        drain(now);
        auto next = std::make_unique<Engine>(world_plan());
        REQUIRE(next->restore(shadow_->snapshot()));
        REQUIRE(next->restore_series(engine_->series_snapshot()));
        engine_ = std::move(next);
        engine_->recovered(now.at - 90s, now);
        shadow_ = std::make_unique<Shadow>(engine_->shared_plan());
        REQUIRE(shadow_->restore(engine_->snapshot()));
    }
    void drain(Stamp now) {
        Decisions out;
        while (engine_->decided()) {
            engine_->take(out);
            for (Record& record : out.records) {
                types.insert(record_type(record));
                spoilt += spoil_ && spoil_(record) ? 1U : 0U;
                CHECK(shadow_->apply(record));
            }
            for (const auto& order : out.orders) {
                const bool fails = random_() % 5 == 0;
                engine_->outcome({order.page, order.attempt, fails ? OutcomeClass::retry : OutcomeClass::ok, Span{0}, ""}, now);
            }
        }
    }

    std::mt19937 random_;
    Spoil spoil_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Shadow> shadow_;
    Feeder feeder_;
};

}  // namespace

TEST_CASE("shadow: after every batch its bytes are the engine's, through answers, silences, reloads and a restart") {
    std::set<std::string> types;
    for (unsigned seed = 1; seed <= 8; ++seed) {
        World world(seed);
        INFO("seed " << seed);
        CHECK(world.run() == -1);
        types.merge(world.types);
    }
    for (const auto* type : {"alert.firing", "alert.ok", "alert.stale", "alert.unknown", "incident.opened", "incident.closed", "seat.joined",
                             "page.accepted", "page.failed_temp", "answer", "silence", "system"}) {
        INFO(type);
        CHECK(types.contains(type));
    }
}

TEST_CASE("shadow: a record that it got wrong shows in its bytes") {
    const std::vector<std::pair<const char*, Spoil>> faults{
        {"an alert's level", [](Record& r) { auto* x = std::get_if<AlertEdge>(&r.body); return x != nullptr && x->to == AlertState::firing && (x->level = Level::red, true); }},
        {"an alert's staleness", [](Record& r) { auto* x = std::get_if<AlertEdge>(&r.body); return x != nullptr && x->stale_changed && (x->stale = !x->stale, true); }},
        {"an incident's need", [](Record& r) { auto* x = std::get_if<IncidentChange>(&r.body); return x != nullptr && x->step == IncidentStep::opened && (++x->need, x->level = Level::none, true); }},
        {"a seat", [](Record& r) { auto* x = std::get_if<SeatChange>(&r.body); return x != nullptr && x->state == SeatState::joined && (x->state = SeatState::spare, true); }},
        {"a page's deadline", [](Record& r) { auto* x = std::get_if<PageChange>(&r.body); return x != nullptr && (x->deadline += 1s, true); }},
        {"an answer's key", [](Record& r) { auto* x = std::get_if<AnswerGiven>(&r.body); return x != nullptr && (x->key += "x", true); }},
        {"a silence's end", [](Record& r) { auto* x = std::get_if<SilenceChange>(&r.body); return x != nullptr && (x->until += 1ms, true); }},
        {"a record's time", [](Record& r) { return r.at += 1ms, true; }},
    };
    for (const auto& [name, spoil] : faults) {
        INFO(name);
        World world(1, spoil);
        CHECK(world.run() >= 0);
        CHECK(world.spoilt > 0);
    }
}

TEST_CASE("shadow: it must know of a reload, since an alert's group is of the configuration in force") {
    int found = 0;
    for (unsigned seed = 1; seed <= 8; ++seed) {
        found += World(seed).run(false) >= 0 ? 1 : 0;
    }
    CHECK(found > 0);
}

TEST_CASE("shadow: a hole in the records is told, and what was before it stays") {
    Engine engine(world_plan());
    Shadow shadow(engine.shared_plan());
    Record note{1, at_s(1).at, at_s(1).wall, SystemNote{"started", ""}};
    REQUIRE(shadow.apply(note));
    const auto before = shadow.snapshot();
    note.seq = 3;
    CHECK_FALSE(shadow.apply(note));
    CHECK(shadow.snapshot() == before);
    note.seq = 1;
    CHECK(shadow.apply(note));  // it is in the state already
    CHECK(shadow.snapshot() == before);
    CHECK_FALSE(shadow.restore(before.substr(0, before.size() - 1)));
}

TEST_CASE("engine: an alert whose rule is gone at the start ends, and does not come back with a rule of that name") {
    Engine before(world_plan());
    Feeder feeder;
    std::vector<Record> log;
    Decisions out;
    const auto drain = [&](Engine& engine) {
        for (; engine.decided();) {
            engine.take(out);
            log.insert(log.end(), out.records.begin(), out.records.end());
        }
    };
    for (int s = 0; s <= 60; s += 5) {
        before.ingest(feeder.message(s, "general", {{"oldest_wait_s", 5.0}, {"calls_waiting", 50.0}}), at_s(s));
        drain(before);
    }
    REQUIRE(before.alerts(false).size() == 1);
    REQUIRE(before.desk().open_incidents() == 1);
    Engine after(world_plan(2));  // without the rule
    REQUIRE(after.restore(before.snapshot()));
    REQUIRE(after.restore_series(before.series_snapshot()));
    after.recovered(at_s(60).at, at_s(65));
    drain(after);
    CHECK(std::ranges::any_of(log, [](const Record& r) { return record_type(r) == "alert.unknown"; }));
    for (int s = 65; s <= 300; s += 5) {
        after.ingest(feeder.message(s, "general", {{"oldest_wait_s", 5.0}, {"calls_waiting", 50.0}}), at_s(s));
        drain(after);
    }
    CHECK(after.desk().open_incidents() == 0);
    Engine again(world_plan());
    REQUIRE(again.restore(after.snapshot()));
    again.recovered(at_s(300).at, at_s(305));
    CHECK(again.alerts(false).empty());
}
