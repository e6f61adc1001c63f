// Storms and overload on the whole engine: what is folded pages once, what surged cannot do is one page and never silence (D8).
#include <algorithm>
#include <memory>
#include <set>

#include "core/engine/engine.hpp"
#include "core/engine/explanation.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

void add_team(Plan& plan) {
    ChannelSpec channel;
    channel.id = "hook";
    channel.type = "webhook";
    plan.channels.push_back(channel);
    for (const auto* id : {"lead-1", "sup-1", "boss", "ops"}) {
        PersonSpec person;
        person.id = person.name = id;
        person.normal.push_back({"hook", Span{0}, Span{0}});
        plan.people.push_back(person);
    }
    for (const auto* id : {"lead-1", "sup-1", "ops"}) {
        RosterSpec spec;
        spec.id = id;
        spec.zone = "UTC";
        spec.shifts.push_back({0x7F, 0, 1440, {id}});
        plan.rosters.push_back(spec);
    }
    const auto policy = [&](const std::string& id, std::vector<std::string> scope, std::vector<std::string> tiers) {
        PolicySpec spec;
        spec.id = id;
        spec.scope = std::move(scope);
        spec.need.fixed = 2;
        spec.fallback = {"boss"};
        spec.resolve_hold = 30s;
        for (const auto& tier : tiers) {
            TierSpec t;
            t.id = tier;
            t.rosters = {tier};
            t.wait = 600s;
            spec.tiers.push_back(t);
        }
        plan.policies.push_back(spec);
    };
    policy("surge", {"queue"}, {"lead-1", "sup-1"});
    policy("admin", {}, {"ops"});
    plan.overload.policy = "admin";
    plan.overload.raise_after = 3s;
    plan.overload.clear_after = 60s;
}

std::unique_ptr<Plan> storm_plan() {
    auto one = rule("queue", "calls_waiting", {level(Level::yellow, above(10), below(5))});
    one.depends_on = {"centre"};
    auto all = rule("centre", "centre_waiting", {level(Level::yellow, above(60), below(40), 0s, 60s)});
    auto plan =
        std::make_unique<Plan>(plan_of({one, all}, {derive("centre_waiting", "sum(calls_waiting)", "", GroupBy::centre)}));
    add_team(*plan);
    return plan;
}

struct Rig {
    explicit Rig(std::unique_ptr<Plan> plan) : engine(std::make_unique<Engine>(std::move(plan))) {}
    void take(Stamp now) {
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
    void send(double s, const std::vector<std::pair<std::string, double>>& waiting) {
        Message message;
        message.source = "acd";
        message.seq = ++seq;
        message.ts = ts_s(s);
        for (const auto& [queue, value] : waiting) {
            message.parts.push_back({"jinan", queue, "voice", ts_s(s), static_cast<std::uint32_t>(message.values.size()), 1});
            message.values.push_back({"calls_waiting", value});
        }
        engine->ingest(message, at_s(s));
        take(at_s(s));
    }
    void to(double s) {
        engine->advance(at_s(s));
        take(at_s(s));
    }
    std::size_t calls(const std::string& policy) const {
        return static_cast<std::size_t>(std::count_if(orders.begin(), orders.end(), [&](const SendOrder& o) {
            return o.policy == policy && o.purpose == PagePurpose::first;
        }));
    }
    std::size_t opened() const {
        return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [](const Record& r) {
            const auto* c = std::get_if<IncidentChange>(&r.body);
            return c != nullptr && c->step == IncidentStep::opened;
        }));
    }
    std::unique_ptr<Engine> engine;
    std::uint64_t seq = 0;
    std::vector<Record> log;
    std::vector<SendOrder> orders;
};

std::vector<std::pair<std::string, double>> all(int queues, double value) {
    std::vector<std::pair<std::string, double>> out;
    for (int i = 0; i < queues; ++i) {
        out.emplace_back("q" + std::to_string(i), value);
    }
    return out;
}

}  // namespace

TEST_CASE("storm: a centre that fires with fifty of its queues is one incident and one page a tier", "[unit]") {
    Rig rig(storm_plan());
    rig.send(0, all(50, 1));
    rig.send(5, all(50, 20));
    CHECK(rig.opened() == 1);
    CHECK(rig.calls("surge") == 1);
    const auto incidents = rig.engine->desk().incidents();
    REQUIRE(incidents.size() == 1);
    CHECK(incidents[0].scope.at("queue") == "*");
    CHECK(incidents[0].alerts.size() == 51);  // visible: the centre, and its guests
    const auto alerts = rig.engine->alerts(false);
    CHECK(std::count_if(alerts.begin(), alerts.end(), [](const AlertView& a) { return !a.folded.rule.empty(); }) == 50);
    CHECK(std::count_if(alerts.begin(), alerts.end(), [](const AlertView& a) { return a.state == AlertState::firing; }) == 51);
}

TEST_CASE("storm: the same fifty queues without the centre's rule are fifty incidents", "[unit]") {
    auto plan = storm_plan();
    plan->rules[0].depends_on.clear();
    Rig rig(std::move(plan));
    rig.send(0, all(50, 1));
    rig.send(5, all(50, 20));
    CHECK(rig.opened() == 51);
}

TEST_CASE("storm: when the centre is well again, the queue that still fires is told and paged", "[unit]") {
    Rig rig(storm_plan());
    rig.send(0, all(50, 20));
    rig.send(5, all(50, 0));
    rig.send(6, {{"q7", 30}});
    CHECK(rig.opened() == 1);  // clearing, yet it speaks
    for (int s = 10; s <= 90; s += 10) {
        rig.send(s, {{"q7", 30}});
    }
    CHECK(rig.opened() == 2);
    const auto incidents = rig.engine->desk().incidents();
    CHECK(std::any_of(incidents.begin(), incidents.end(), [](const IncidentView& i) { return i.scope.at("queue") == "q7"; }));
}

TEST_CASE("storm: a restart from snapshot and log keeps who is folded under whom, byte for byte", "[unit]") {
    Rig rig(storm_plan());
    rig.send(0, all(3, 30));
    const auto state = rig.engine->snapshot();
    const auto windows = rig.engine->series_snapshot();
    Engine again(storm_plan());
    REQUIRE(again.restore(state));
    REQUIRE(again.restore_series(windows));
    CHECK(again.desk().snapshot() == rig.engine->desk().snapshot());
    again.recovered(at_s(0).at, at_s(1));
    again.advance(at_s(2));
    Decisions out;
    again.take(out);
    CHECK(std::none_of(out.records.begin(), out.records.end(),
                       [](const Record& r) { return std::holds_alternative<AlertEdge>(r.body); }));

    Engine folded(storm_plan());  // from the log alone
    for (const auto& record : rig.log) {
        folded.apply(record);
    }
    CHECK(folded.desk().snapshot() == rig.engine->desk().snapshot());
}

TEST_CASE("timeline: an alert edge names the incident it opened, joined or left", "[unit]") {
    Rig rig(storm_plan());
    rig.send(0, all(3, 30));
    rig.send(5, all(3, 0));
    rig.to(60);
    std::size_t named = 0;
    for (const auto& record : rig.log) {
        if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
            named += edge->incident == "0-1" ? 1U : 0U;
        }
    }
    CHECK(named >= 8);  // four fired, three went, one is clearing
}

TEST_CASE("explain: says who was called, who was not, and why", "[unit]") {
    Rig rig(storm_plan());
    rig.send(0, all(3, 30));
    auto x = rig.engine->explain("queue", {"jinan", "q1", "voice"}, at_s(2));
    REQUIRE(x.has_value());
    CHECK(x->rule.folded.rule == "centre");
    CHECK(x->paging.incident == "0-1");
    CHECK(x->paging.why == "folded: centre on jinan/* speaks for it in 0-1");
    x = rig.engine->explain("centre", {"jinan", "*", "voice"}, at_s(2));
    REQUIRE(x->paging.tiers.size() == 3);
    CHECK(x->paging.why == "it counts in 0-1");
    CHECK(x->paging.tiers[0].called);
    REQUIRE(x->paging.tiers[0].people.size() == 1);
    CHECK(x->paging.tiers[0].people[0].person == "lead-1");
    CHECK(x->paging.tiers[0].people[0].pages.size() == 1);
    CHECK_FALSE(x->paging.tiers[1].called);
    CHECK(x->paging.tiers[1].why.find("not yet: tier 1 has until") == 0);
    CHECK(x->paging.tiers[1].people[0].why == "the tier was not called");
    CHECK(x->paging.tiers[2].id == "fallback");

    Command silence;
    silence.kind = Command::Kind::silence;
    silence.by = "boss";
    silence.silence.rule = "*";
    silence.silence.until = at_s(600).at;
    REQUIRE(rig.engine->command(silence, at_s(3)).ok);
    x = rig.engine->explain("centre", {"jinan", "*", "voice"}, at_s(4));
    CHECK(x->paging.why.find("silenced by boss") == 0);
    CHECK(x->paging.silences.size() == 1);
    CHECK_FALSE(x->paging.counts);
}

TEST_CASE("explain: an alert below page_from, and a rule without a policy, say that they page nobody", "[unit]") {
    auto plan = storm_plan();
    plan->policies[0].page_from = Level::orange;
    Rig rig(std::move(plan));
    rig.send(0, {{"q1", 20}});
    CHECK(rig.engine->explain("queue", {"jinan", "q1", "voice"}, at_s(1))->paging.why ==
          "yellow is below page_from = orange of the policy");
    auto mute = storm_plan();
    mute->rules[0].policy.clear();
    Rig quiet(std::move(mute));
    quiet.send(0, {{"q1", 20}});
    CHECK(quiet.engine->explain("queue", {"jinan", "q1", "voice"}, at_s(1))->paging.why.find("names no policy") !=
          std::string::npos);
}

TEST_CASE("reopened: an incident that fires again shows the tier of those who are asked first, not tier 0", "[unit]") {
    auto plan = storm_plan();
    plan->policies[0].need.fixed = 1;
    Rig rig(std::move(plan));
    rig.send(0, {{"q1", 20}});
    Command join;
    join.answer = AnswerKind::join;
    join.incident = "0-1";
    join.person = join.by = "lead-1";
    join.way = "test";
    REQUIRE(rig.engine->command(join, at_s(1)).ok);
    rig.take(at_s(1));
    rig.send(2, {{"q1", 0}});
    rig.to(100);
    REQUIRE(rig.engine->desk().incidents()[0].state != "paging");
    rig.send(110, {{"q1", 20}});
    const auto incident = rig.engine->desk().incidents()[0];
    CHECK(incident.incident == "0-1");
    CHECK(incident.tier == 1);
    for (const auto& record : rig.log) {
        const auto* change = std::get_if<IncidentChange>(&record.body);
        if (change != nullptr && change->step == IncidentStep::reopened) {
            CHECK(change->tier == 1);
        }
    }
}

TEST_CASE("overload: the series limit is one alert and one page, however many queues are refused", "[unit]") {
    auto plan = storm_plan();
    plan->limits.series = 10;
    Rig rig(std::move(plan));
    rig.send(0, all(5, 1));
    CHECK(rig.calls("admin") == 0);
    for (int s = 1; s <= 20; ++s) {
        rig.send(s, all(200, 1));
    }
    CHECK(rig.calls("admin") == 1);
    CHECK(rig.calls("surge") == 0);
    REQUIRE_FALSE(rig.orders.empty());
    CHECK(rig.orders[0].text.find("series limit reached") != std::string::npos);
    const auto alerts = rig.engine->alerts(false);
    CHECK(std::any_of(alerts.begin(), alerts.end(),
                      [](const AlertView& a) { return a.rule == overload_rule && a.level == Level::yellow; }));
    rig.to(20 + 30 + 60 + 1);  // no refusal for half a minute, then clear_after
    CHECK(rig.engine->alerts(false).empty());
    rig.to(300);
    CHECK(rig.engine->desk().incidents()[0].state != "paging");
    CHECK(rig.calls("admin") == 1);
}

TEST_CASE("overload: more feeders than may be known are one alert and one page, whether they are refused or forgotten in turn",
          "[unit]") {
    const bool refused = GENERATE(true, false);
    auto plan = storm_plan();
    plan->limits.sources = 2;
    Rig rig(std::move(plan));
    rig.to(0);
    Message message;
    message.parts.clear();
    std::uint64_t seq = 0;
    for (int s = 1; s <= 20; ++s) {
        ++seq;
        for (const char* name : {"a", "b", "c"}) {
            message.source = name;
            message.seq = seq;
            if (refused && s == 1 && name[0] == 'c') {
                continue;  // a and b have said two messages before c comes
            }
            message.ts = source_time(to_ms(at_s(s).wall));
            rig.engine->ingest(message, at_s(s));
        }
        rig.take(at_s(s));
    }
    CHECK(rig.calls("admin") == 1);
    CHECK((rig.engine->stats().rejected[static_cast<std::size_t>(Refusal::source_limit)] > 10) == refused);
    CHECK((rig.engine->stats().forgotten_sources > 10) == !refused);
    REQUIRE_FALSE(rig.orders.empty());
    CHECK(rig.orders[0].text.find("limit of sources reached") != std::string::npos);
}

TEST_CASE("overload: two senders under one name are told, in the view of the source and by one page", "[unit]") {
    Rig rig(storm_plan());
    rig.to(0);
    Message message;
    for (int s = 1; s <= 20; ++s) {
        for (const std::uint64_t epoch : {1U, 2U}) {
            message.source = "twin";
            message.has_epoch = true;
            message.epoch = epoch;
            message.seq = static_cast<std::uint64_t>(s);
            message.ts = source_time(to_ms(at_s(s).wall));
            rig.engine->ingest(message, at_s(s));
        }
        rig.take(at_s(s));
    }
    CHECK(rig.calls("admin") == 1);
    CHECK(rig.engine->sources()[0].problem.starts_with("two senders use this name"));
    REQUIRE_FALSE(rig.orders.empty());
    CHECK(rig.orders[0].text.find("two senders use this name") != std::string::npos);
}

TEST_CASE("overload: shorter than raise_after is nobody's page; exactly raise_after is", "[unit]") {
    Rig rig(storm_plan());
    rig.to(0);
    rig.engine->overload(OverloadCause::behind, true, "behind", at_s(1));
    rig.take(at_s(1));
    rig.to(3.999);
    rig.engine->overload(OverloadCause::behind, false, "", at_s(3.999));
    rig.to(60);
    CHECK(rig.calls("admin") == 0);
    rig.engine->overload(OverloadCause::behind, true, "behind", at_s(61));
    rig.to(64);
    CHECK(rig.calls("admin") == 1);
}

TEST_CASE("overload: further causes join the one alert, and the last one ends it", "[unit]") {
    Rig rig(storm_plan());
    rig.engine->overload(OverloadCause::store, true, "decisions are not durable: disk full", at_s(0));
    rig.to(5);
    rig.engine->overload(OverloadCause::behind, true, "behind its input", at_s(6));
    rig.take(at_s(6));
    rig.engine->overload(OverloadCause::store, false, "", at_s(10));
    rig.to(200);
    CHECK(rig.opened() == 1);
    CHECK(rig.calls("admin") == 1);
    CHECK(rig.engine->alerts(false).size() == 1);
    rig.engine->overload(OverloadCause::behind, false, "", at_s(201));
    rig.to(260);
    CHECK(rig.engine->alerts(false).size() == 1);  // clear_after: a minute of peace
    rig.to(261);
    CHECK(rig.engine->alerts(false).empty());
}

TEST_CASE("overload: it goes through a restart, and its policy's page_from is no silence", "[unit]") {
    auto plan = storm_plan();
    plan->policies[1].page_from = Level::red;
    Rig rig(std::move(plan));
    rig.engine->overload(OverloadCause::store, true, "disk full", at_s(0));
    rig.to(5);
    CHECK(rig.calls("admin") == 1);
    const auto state = rig.engine->snapshot();
    auto same = storm_plan();
    same->policies[1].page_from = Level::red;
    Engine again(std::move(same));
    REQUIRE(again.restore(state));
    again.recovered(at_s(5).at, at_s(10));
    CHECK(again.alerts(false).size() == 1);
    again.advance(at_s(69));
    CHECK(again.alerts(false).size() == 1);
    again.advance(at_s(70));
    CHECK(again.alerts(false).empty());
}

TEST_CASE("overload: without a policy it is seen and pages nobody", "[unit]") {
    auto plan = storm_plan();
    plan->overload.policy.clear();
    Rig rig(std::move(plan));
    rig.engine->overload(OverloadCause::store, true, "disk full", at_s(0));
    rig.to(5);
    CHECK(rig.orders.empty());
    CHECK(rig.engine->alerts(false).size() == 1);
}

TEST_CASE("overload: a channel that is dead is told by another, though no surge is on, and it is over when the channel is back",
          "[unit]") {
    auto plan = storm_plan();
    ChannelSpec siren;
    siren.id = "siren";
    siren.type = "log";
    plan->channels.push_back(siren);
    PersonSpec deaf;
    deaf.id = "deaf";
    deaf.normal.push_back({"siren", 0s, 0s});
    plan->people.push_back(deaf);
    Rig rig(std::move(plan));
    // Nothing but drills goes that way: three that find it dead open the breaker.
    const auto drill = [&](double s, OutcomeClass outcome) {
        Command command;
        command.kind = Command::Kind::test_page;
        command.person = "deaf";
        REQUIRE(rig.engine->command(command, at_s(s)).ok);
        Decisions out;
        rig.engine->take(out);
        REQUIRE(out.orders.size() == 1);
        rig.engine->outcome({out.orders[0].page, 1, outcome, Span{0}, "refused"}, at_s(s));
        rig.take(at_s(s));
    };
    drill(0, OutcomeClass::channel_down);
    drill(1, OutcomeClass::channel_down);
    rig.to(10);
    CHECK(rig.engine->alerts(false).empty());
    drill(11, OutcomeClass::channel_down);
    rig.to(13.999);
    CHECK(rig.calls("admin") == 0);
    rig.to(14);
    REQUIRE(rig.calls("admin") == 1);
    CHECK(rig.orders.back().text.find("no way out by channel siren") != std::string::npos);
    drill(45, OutcomeClass::ok);  // the probe gets through
    rig.to(104);
    CHECK(rig.engine->alerts(false).size() == 1);
    rig.to(105);
    CHECK(rig.engine->alerts(false).empty());
}

TEST_CASE("storm: outcomes that come together are decided about as those that come one by one", "[unit]") {
    const auto decided = [](bool together) {
        auto plan = std::make_unique<Plan>(plan_of({rule("queue", "calls_waiting", {level(Level::yellow, above(10), below(5))})}, {}));
        add_team(*plan);
        auto spare = plan->channels.front();
        spare.id = "spare";
        plan->channels.push_back(spare);
        std::vector<std::string> crowd;
        for (int i = 0; i < 60; ++i) {
            PersonSpec person;
            person.id = person.name = "crowd-" + std::to_string(i);
            person.normal = {{"hook", Span{0}, Span{0}}, {"spare", Span{600000}, Span{0}}};
            plan->people.push_back(person);
            crowd.push_back(person.id);
        }
        plan->rosters.front().shifts = {{0x7F, 0, 1440, crowd}};
        plan->policies.front().need.fixed = 60;
        Engine engine(std::move(plan));
        Message message;
        message.source = "acd";
        message.seq = 1;
        message.ts = ts_s(5);
        message.parts.push_back({"jinan", "general", "voice", ts_s(5), 0, 1});
        message.values.push_back({"calls_waiting", 20});
        engine.ingest(message, at_s(5));
        Decisions called;
        engine.take(called);
        std::vector<SendOutcome> outcomes;
        for (std::size_t i = 0; i < called.orders.size(); ++i) {
            const auto& order = called.orders[i];
            outcomes.push_back({order.page, order.attempt, i % 3 == 0 ? OutcomeClass::reject : OutcomeClass::ok, Span{0}, ""});
        }
        if (together) {
            engine.outcomes(outcomes, at_s(6));
        } else {
            for (const auto& outcome : outcomes) {
                engine.outcome(outcome, at_s(6));
            }
        }
        Decisions out;
        engine.take(out);
        std::multiset<std::string> said;
        for (const auto& record : out.records) {
            if (const auto* page = std::get_if<PageChange>(&record.body)) {
                said.insert(page->people.front() + " " + page->channel + " " + std::string(to_string(page->state)));
            } else {
                said.insert(record_type(record));
            }
        }
        for (const auto& order : out.orders) {
            said.insert("to " + order.people.front().name + " by " + order.channel + ": " + order.text);
        }
        return said;
    };
    const auto together = decided(true);
    CHECK(together == decided(false));
    CHECK(together.size() == 40 + 20 * 4);  // 40 were taken; 20 were refused, and each is made, leaves and is sent another way
}
