// need = "shortfall": how many are called follows what the queues are missing; and what pages say of staffing and of other
// centres.
#include <algorithm>

#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> leads_first{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"};
Plan by_shortfall(int least = 1, int most = 10000) {
    auto plan = team_plan();
    plan.policies[0].need.expression = "shortfall";
    plan.policies[0].need.min = least;
    plan.policies[0].need.max = most;
    return plan;
}
int need(const DeskLine& line) {
    return line.incident().need;
}
}  // namespace

TEST_CASE("need by shortfall: the incident opens with what its scope is missing, other scopes do not count") {
    DeskLine line(by_shortfall());
    line.staffed("jinan", "general", 3).staffed("jinan", "english", 1).staffed("qingdao", "general", 9);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK(need(line) == 4);
    CHECK(line.incident().staffing.missing == 4);
    for (const auto& record : line.records()) {
        if (const auto* change = std::get_if<IncidentChange>(&record.body); change != nullptr) {
            CHECK(change->need == 4);  // in the records: folding them needs no staffing
        }
    }
}

TEST_CASE("need by shortfall: unknown or too old is the least that the policy allows, never nobody") {
    DeskLine line(by_shortfall(2));
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK(need(line) == 2);
    line.staffed("jinan", "general", 7, 0, staffing::Cause::none, 5s);
    line.at(19s);
    CHECK(need(line) == 2);  // not looked at yet
    line.at(60s);
    CHECK(need(line) == 2);  // at 20 s it was 10 s old and its life was 5
    line.staffed("jinan", "general", 7);
    line.at(70s);
    CHECK(need(line) == 7);
}

TEST_CASE("need by shortfall: clamped on both sides") {
    for (const auto& [missing, expected] :
         std::vector<std::pair<double, int>>{{0, 2}, {2, 2}, {3, 3}, {4, 4}, {5, 4}, {1e9, 4}}) {
        DeskLine line(by_shortfall(2, 4));
        line.staffed("jinan", "general", missing);
        line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
        CHECK(need(line) == expected);
    }
}

TEST_CASE("need by shortfall: rises while the incident is open, and never falls") {
    DeskLine line(by_shortfall());
    line.staffed("jinan", "general", 2);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.staffed("jinan", "general", 3).at(20s);
    CHECK(need(line) == 3);
    CHECK(line.count_type("incident.need") == 1);
    line.staffed("jinan", "general", 1).at(100s);
    CHECK(need(line) == 3);
    CHECK(line.count_type("incident.need") == 1);
}

TEST_CASE("need by shortfall: people on their way are among the missing, people at work are not") {
    DeskLine line(by_shortfall());
    line.staffed("jinan", "general", 2);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    REQUIRE(line.answer(AnswerKind::join, "lead-1").code == "seated");
    REQUIRE(line.answer(AnswerKind::join, "lead-2").code == "seated");
    line.at(60s);
    CHECK(need(line) == 2);
    CHECK(line.state() == "filled");
    // They log on (lead 5 min) and the queue is still two short: two more.
    line.at(309s);
    CHECK(need(line) == 2);
    line.at(320s);
    CHECK(need(line) == 4);
    CHECK(line.state() == "paging");
    // The two leads who have not answered may still come; after the wait the next tier is asked, for four.
    line.at(440s).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    CHECK(line.orders().back().need == 4);
    CHECK(line.orders().back().joined == 2);
}

TEST_CASE("need by shortfall: a recheck may lower it, not below the seats taken") {
    auto plan = by_shortfall();
    plan.policies[0].recheck = 10min;
    DeskLine line(plan);
    line.staffed("jinan", "general", 3);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        REQUIRE(line.answer(AnswerKind::join, id).code == "seated");
    }
    REQUIRE(line.answer(AnswerKind::leave, "lead-3").ok);
    line.staffed("jinan", "general", 0);
    line.at(119s);
    CHECK(need(line) == 3);
    line.at(609s).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3", "sms first boss"});
    CHECK(need(line) == 3);
    line.at(610s);
    CHECK(need(line) == 2);
    CHECK(line.state() == "filled");
}

namespace {
/// Two leads work, the queue is as full as it can be with them, and its alert is over since 330 s.
DeskLine helped(const Plan& plan) {
    DeskLine line(plan);
    line.staffed("jinan", "general", 2);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    REQUIRE(line.answer(AnswerKind::join, "lead-1").code == "seated");
    REQUIRE(line.answer(AnswerKind::join, "lead-2").code == "seated");
    line.staffed("jinan", "general", 0, 0, staffing::Cause::none, 24h);
    line.at(330s).clear("wait", "general");
    REQUIRE(line.state() == "resolving");
    return line;
}
}  // namespace

TEST_CASE("need by shortfall: who was called is not sent home until the others are enough") {
    auto line = helped(by_shortfall());
    line.at(330s + 3min + 1s);
    CHECK(line.state() == "resolving");
    CHECK(line.count_type("seat.released") == 0);
    line.staffed("jinan", "general", -1);  // one of the two is still needed
    line.at(330s + 20min);
    CHECK(line.state() == "resolving");
    line.crash();
    CHECK(line.state() == "resolving");
    line.staffed("jinan", "general", -2);
    line.at(330s + 20min + 10s);
    CHECK(line.count_type("incident.resolved") == 1);
    CHECK(line.count_type("seat.released") == 2);
}

TEST_CASE("need by shortfall: enough without them, nobody at work, unknown or a fixed need: it ends after its hold") {
    auto fixed = by_shortfall();
    fixed.policies[0].need.expression = {};
    fixed.policies[0].need.fixed = 2;
    auto line = helped(fixed);
    line.at(330s + 3min);
    CHECK(line.count_type("incident.resolved") == 1);

    auto enough = helped(by_shortfall());
    enough.staffed("jinan", "general", -2);
    enough.at(330s + 3min - 1ms);
    CHECK(enough.count_type("incident.resolved") == 0);
    enough.at(330s + 3min);
    CHECK(enough.count_type("incident.resolved") == 1);

    auto unknown = helped(by_shortfall());
    unknown.staffed("jinan", "general", 2, 0, staffing::Cause::none, 5s);
    unknown.at(330s + 3min);
    CHECK(unknown.count_type("incident.resolved") == 1);

    DeskLine nobody(by_shortfall());
    nobody.staffed("jinan", "general", 2);
    nobody.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    nobody.at(30s).clear("wait", "general");
    nobody.at(30s + 3min);
    CHECK(nobody.count_type("incident.resolved") == 1);
}

TEST_CASE("need by shortfall: a surge that goes on does not outlast the incident's greatest age") {
    auto line = helped(by_shortfall());
    line.at(10s + 6h - 1s);
    CHECK(line.count_type("incident.resolved") == 0);
    line.at(10s + 6h);
    CHECK(line.count_type("incident.resolved") == 1);
}

TEST_CASE("need by shortfall: survives a kill and a restart") {
    DeskLine line(by_shortfall());
    line.staffed("jinan", "general", 4);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.staffed("jinan", "general", 1).crash(5s);
    line.at(60s);
    CHECK(need(line) == 4);
}

TEST_CASE("a fixed need does not look at staffing, its page tells of it") {
    DeskLine line;
    line.staffed("jinan", "general", 8, 0, staffing::Cause::demand).staffed("qingdao", "general", 0, 5);
    line.staffed("weifang", "general", 0, 2).staffed("weifang", "english", 0, 30).staffed("jining", "general", 0, 0);
    line.at(10s).fire("wait", "general", Level::red);
    CHECK(need(line) == 3);
    CHECK(line.orders().front().text ==
          "【话务突增】jinan/普席 "
          "红色：general 排队最长104>100（来话增多），座席缺8人，预计等3分，需3人已加入0人，请上线；qingdao可支援5人、weifang可支援2人 "
          "#0-1");
    const auto view = line.incident();
    REQUIRE(view.staffing.slack.size() == 2);
    CHECK(view.staffing.slack.front().centre == "qingdao");
    CHECK(view.staffing.slack.front().agents == 5);
    CHECK(view.staffing.cause == staffing::Cause::demand);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3", "sms first boss"});
}

TEST_CASE("slack is shown where staffing of the surging queue is not known") {
    DeskLine line;
    line.staffed("qingdao", "general", 0, 5).staffed("qingdao", "english", 0, 5);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK_FALSE(line.incident().staffing.known);
    REQUIRE(line.incident().staffing.slack.size() == 1);
    CHECK(line.incident().staffing.slack.front().queue == "general");
}

// ---- flapping

namespace {
AlertEdge flapping_edge(AlertState to, Level level, bool flapping = true) {
    AlertEdge e;
    e.rule = "wait";
    e.policy = "surge";
    e.queue = {"jinan", "general", "voice"};
    e.group = "普席";
    e.to = to;
    e.level = level;
    e.flapping = flapping;
    return e;
}
}  // namespace

TEST_CASE("a flapping alert: no end and no new raise is told, a higher level is, and so is where it settles") {
    DeskLine line;
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    for (int i = 0; i < 3; ++i) {
        line.at(60s + 10s * i).edge(flapping_edge(AlertState::ok, Level::none)).quiet();
        CHECK(line.state() == "paging");
        line.edge(flapping_edge(AlertState::firing, Level::yellow)).quiet();
    }
    line.at(100s).edge(flapping_edge(AlertState::ok, Level::none)).quiet();
    line.at(110s).edge(flapping_edge(AlertState::firing, Level::orange));
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    CHECK(line.incident().level == Level::orange);
    line.at(120s).edge(flapping_edge(AlertState::ok, Level::none)).quiet();
    CHECK(line.state() == "paging");
    line.edge(flapping_edge(AlertState::ok, Level::none, false)).quiet();
    CHECK(line.state() == "resolving");
}

TEST_CASE("a flapping alert that was last told as over and settles firing is told") {
    DeskLine line;
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.at(20s).clear("wait", "general").quiet();
    CHECK(line.state() == "resolving");
    // Nothing of it is in the book any more: a flapping raise is told at once rather than held back.
    line.at(30s).edge(flapping_edge(AlertState::firing, Level::yellow)).quiet();
    CHECK(line.state() == "paging");
    line.at(40s).edge(flapping_edge(AlertState::ok, Level::none)).quiet();
    line.at(50s).edge(flapping_edge(AlertState::firing, Level::yellow, false)).quiet();
    CHECK(line.state() == "paging");
}

TEST_CASE("need by expression: sums over the scope's queues and facts of the incident, within its bounds") {
    const auto opened = [](const std::string& text, Level level = Level::yellow) {
        auto plan = by_shortfall(2, 9);
        plan.policies[0].need.expression = text;
        DeskLine line(plan);
        line.knows("jinan", "general", "calls_waiting", 13).knows("jinan", "english", "calls_waiting", 8);
        line.knows("jinan", "vip", "oldest_wait_s", 7).knows("qingdao", "general", "calls_waiting", 400);
        line.at(10s).fire("wait", "general", level);
        return need(line);
    };
    CHECK(opened("sum(calls_waiting) / 6") == 4);  // 21 / 6 = 3.5: half a person is a person
    CHECK(opened("sum(calls_waiting) / 7") == 3);
    CHECK(opened("sum(calls_waiting) / 7 + level", Level::orange) == 5);
    CHECK(opened("max(calls_waiting) - count(calls_waiting)") == 9);
    CHECK(opened("sum(calls_waiting)") == 9);
    CHECK(opened("0 - sum(calls_waiting)") == 2);
    CHECK(opened("queues + 3") == 4);
    CHECK(opened("sum(no_such_metric)") == 2);
    CHECK(opened("ceil(gap_agents)") == 2);  // staffing is not known
    CHECK(opened("this is no formula") == 2);
}

TEST_CASE("need by expression: the dust of a sum over queues is no person to ceil()") {
    auto plan = by_shortfall();
    plan.policies[0].need.expression = "ceil(gap_agents)";
    DeskLine line(plan);
    REQUIRE(4.0 + 0.2 + 0.4 + 0.4 > 5.0);
    line.staffed("jinan", "a", 4.0).staffed("jinan", "b", 0.2).staffed("jinan", "c", 0.4).staffed("jinan", "d", 0.4);
    line.at(10s).fire("wait", "general", Level::yellow);
    CHECK(need(line) == 5);
}

TEST_CASE("need by expression: the gap counts those whom the incident called, who are at work by now") {
    auto plan = by_shortfall(1, 20);
    plan.policies[0].need.expression = "clamp(ceil(gap_agents), 2, 20)";
    DeskLine line(plan);
    line.staffed("jinan", "general", 3);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK(need(line) == 3);
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::arrive, "lead-1");
    line.staffed("jinan", "general", 3);  // one came, and still three are missing: four are wanted
    line.at(30s);
    CHECK(need(line) == 4);
}

TEST_CASE("need by expression: it only rises until the ratchet is over, then falls, never below the seats taken") {
    auto plan = by_shortfall(1, 20);
    plan.policies[0].need.expression = "sum(calls_waiting)";
    plan.policies[0].need.ratchet = 5min;
    DeskLine line(plan);
    line.knows("jinan", "general", "calls_waiting", 4).at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.knows("jinan", "general", "calls_waiting", 6).at(20s);
    CHECK(need(line) == 6);
    line.knows("jinan", "general", "calls_waiting", 1);
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::join, "lead-2");
    line.at(20s + 5min - 1ms).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3", "sms first boss"});
    CHECK(need(line) == 6);
    line.at(20s + 5min);
    CHECK(need(line) == 2);
    CHECK(line.state() == "filled");
}

TEST_CASE("load: once a minute what went through the scope's queues is noted, until the incident is resolved") {
    DeskLine line;
    line.knows("jinan", "general", "offered", 100).knows("jinan", "general", "calls_waiting", 4);
    line.knows("jinan", "vip", "offered", 11).knows("qingdao", "general", "offered", 1000);
    line.staffed("jinan", "general", 3).staffed("jinan", "vip", 2);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    const auto last = [&] {
        std::map<std::string, double> out;
        for (const auto& record : line.records()) {
            const auto* change = std::get_if<IncidentChange>(&record.body);
            out = change != nullptr && change->step == IncidentStep::load ? change->load : out;
        }
        return out;
    };
    CHECK(line.count_type("incident.load") == 1);
    CHECK(last().at("offered") == 111);
    CHECK(last().at("calls_waiting") == 4);
    CHECK(last().at("productive") == 35);
    CHECK(last().at("required") == 40);
    CHECK_FALSE(last().contains("abandoned"));
    CHECK_FALSE(last().contains("forecast_per_min"));
    line.knows("jinan", "vip", "offered", 20);
    line.at(70s - 1ms);
    CHECK(line.count_type("incident.load") == 1);
    line.at(70s).answer(AnswerKind::join, "lead-1");
    CHECK(line.count_type("incident.load") == 2);
    CHECK(last().at("offered") == 120);
    line.clear("wait", "general").crash(10s);
    line.at(140s);
    CHECK(line.count_type("incident.load") == 3);
}

TEST_CASE("load: an incident shorter than a minute is noted at its opening and at its end") {
    auto plan = team_plan();
    plan.policies[0].resolve_hold = 5s;
    DeskLine line(plan);
    line.knows("jinan", "general", "offered", 100);
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK(line.count_type("incident.load") == 1);
    line.at(20s).clear("wait", "general").knows("jinan", "general", "offered", 130);
    line.at(25s - 1ms);
    CHECK(line.count_type("incident.load") == 1);
    line.at(25s).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    CHECK(line.count_type("incident.load") == 2);
    const auto types = line.types();
    const auto note = std::find(types.rbegin(), types.rend(), "incident.load");
    CHECK(*(note - 1) == "incident.resolved");
    line.at(10min);
    CHECK(line.count_type("incident.load") == 2);
}

TEST_CASE("load: what is noted in the very moment of the end is not noted twice, and what nobody knows is not noted") {
    auto plan = team_plan();
    plan.policies[0].resolve_hold = 60s;
    DeskLine line(plan);
    line.knows("jinan", "general", "offered", 100);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.clear("wait", "general").at(60s).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    CHECK(line.count_type("incident.load") == 2);
    DeskLine blind(plan);
    blind.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    blind.clear("wait", "general").at(60s).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    CHECK(blind.count_type("incident.load") == 0);
}

TEST_CASE("slack is shared over all open incidents, once, in the order of their opening") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.staffed("jinan", "general", 10).staffed("weifang", "general", 8).staffed("dezhou", "general", 0, 14).staffed("heze", "general", 0, 3);
    const auto fires = [&](const std::string& centre, Level level) {
        auto edge = line.firing("wait", "general", level);
        edge.queue.centre = centre;
        line.edge(edge);
    };
    const auto offered = [&](const std::string& centre) {
        std::map<std::string, int> out;
        for (const auto& incident : line.desk().incidents(line.now().at)) {
            if (incident.scope.at("centre") == centre) {
                for (const auto& slack : incident.staffing.slack) {
                    out[slack.centre] += slack.agents;
                }
            }
        }
        return out;
    };
    using Offer = std::map<std::string, int>;
    line.at(10s);
    fires("jinan", Level::yellow);
    line.expect(leads_first);
    CHECK(offered("jinan") == Offer{{"dezhou", 14}, {"heze", 3}});  // alone it is offered all there is
    line.at(20s);
    fires("weifang", Level::red);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1", "sms first sup-2",
                 "sms first sup-3", "sms first boss"});
    CHECK(line.orders().back().text.find("dezhou可支援4人、heze可支援3人") != std::string::npos);
    CHECK(offered("jinan") == Offer{{"dezhou", 10}});
    CHECK(offered("weifang") == Offer{{"dezhou", 4}, {"heze", 3}});
    // Jinan needs fewer: what it leaves goes to the next, and what nobody needs is told once.
    line.at(30s).staffed("jinan", "general", 4).at(31s);
    CHECK(offered("jinan") == Offer{{"dezhou", 6}, {"heze", 3}});
    CHECK(offered("weifang") == Offer{{"dezhou", 8}});
}

TEST_CASE("a centre that is short itself gives nobody, not of another queue either") {
    DeskLine line;
    line.staffed("jinan", "general", 8).staffed("qingdao", "general", 0, 5).staffed("qingdao", "english", 1);
    line.staffed("weifang", "general", 0, 2);
    line.at(10s).fire("wait", "general", Level::red);
    REQUIRE(line.incident().staffing.slack.size() == 1);
    CHECK(line.incident().staffing.slack.front().centre == "weifang");
}
