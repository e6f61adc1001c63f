// Who is called now: nobody for what is over, nobody off duty, everybody on duty while seats are missing, and again for a new
// cause.
#include "called.hpp"
#include "core/incident/state.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
Command silence_until(DeskLine& line, Span until) {
    Command c;
    c.kind = Command::Kind::silence;
    c.by = "operator";
    c.silence.until = line.now().at + until;
    return c;
}

AlertEdge clearing(DeskLine& line, const std::string& rule, const std::string& queue, Level level) {
    auto edge = line.firing(rule, queue, level);
    edge.from = AlertState::firing;
    edge.to = AlertState::clearing;
    return edge;
}

Command put(const std::string& roster, const std::string& out, const std::string& in, DeskLine& line, Span from, Span until) {
    Command c;
    c.kind = Command::Kind::override_roster;
    c.by = "operator";
    c.override_change.roster = roster;
    c.override_change.out = out;
    c.override_change.in = in;
    c.override_change.from = line.now().wall + from;
    c.override_change.until = line.now().wall + until;
    return c;
}

Command resolve(DeskLine& line) {
    Command c;
    c.kind = Command::Kind::resolve;
    c.incident = line.incident().incident;
    c.by = "operator";
    c.force = true;
    return c;
}

/// The leads change at 5 minutes after the start: lead-1 and lead-2, then lead-3 and lead-4.
Plan changing_shift() {
    auto plan = team_plan();
    DeskLine clock;
    const auto minute = static_cast<int>(to_ms(clock.now().wall) / 60000 % 1440) + 5;
    plan.rosters[0].shifts = {{0x7F, 0, minute, {"lead-1", "lead-2"}}, {0x7F, minute, 1440, {"lead-3", "lead-4"}}};
    plan.policies[0].tiers[0].wait = 20min;
    return plan;
}
}  // namespace

TEST_CASE("on call: a silence that ends while the alert is only clearing calls nobody") {
    DeskLine line;
    REQUIRE(line.command(silence_until(line, 4min)).ok);
    line.at(10s).fire("wait", "general", Level::red).quiet();
    line.at(3min).edge(clearing(line, "wait", "general", Level::red)).quiet();
    line.at(4min + 1s).quiet();
    line.clear("wait", "general").at(1h).quiet();
    CHECK(line.count() == 0);
}

TEST_CASE("on call: what is clearing raises no level of an open incident; when it fires again it does") {
    DeskLine line;
    REQUIRE(line.command(silence_until(line, 4min)).ok);
    line.at(10s).fire("wait", "general", Level::red).quiet();
    line.at(3min).edge(clearing(line, "wait", "general", Level::red)).quiet();
    line.at(4min + 1s).fire("wait", "english", Level::yellow).expect(leads);
    CHECK(line.incident().level == Level::yellow);
    line.at(4min + 10s).fire("wait", "general", Level::red);
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3", "sms first boss"});
}

TEST_CASE("on call: a forced resolve under a silence holds at the level that was there") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::red);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3", "sms first boss"});
    REQUIRE(line.command(silence_until(line, 12s)).ok);
    line.at(5s);
    REQUIRE(line.command(resolve(line)).ok);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3", "sms close boss"});
    line.at(14min).quiet();
    CHECK(line.count_type("incident.reopened") == 0);
}

TEST_CASE("on call: whoever comes on duty while seats are missing is asked at once, whoever went off is called no more") {
    auto plan = changing_shift();
    for (auto& person : plan.people) {
        person.normal.push_back({"voice", Span{6min}, Span{0}});  // a second way, due after the change of shift
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.at(5min - 1ms).quiet();
    line.at(5min).expect({"sms first lead-3", "sms first lead-4"});
    line.at(10min).quiet();  // lead-1 and lead-2 would have been rung at six minutes
    line.at(11min).expect({"voice first lead-3", "voice first lead-4"});
}

TEST_CASE("on call: a clock that went a day ahead and is set back has ended no override, and those that are over take no room") {
    DeskLine line;
    REQUIRE(line.command(put("leads", "lead-1", "", line, 0s, 8h)).ok);
    line.wall_step(24h);
    REQUIRE(line.command(put("leads", "lead-2", "", line, 0s, 1h)).ok);  // looks over what is set, and the first is over now
    line.wall_step(-24h);
    line.at(1s).fire("wait", "general", Level::yellow).expect({"sms first lead-2", "sms first lead-3", "sms first lead-4"});
    line.wall_step(24h * 30);
    for (std::size_t k = 0; k < overrides_max; ++k) {
        REQUIRE(line.command(put("leads", "lead-2", "", line, 0s, 1h)).ok);
    }
    const auto full = line.command(put("leads", "lead-2", "", line, 0s, 1h));
    CHECK(full.code == "conflict");
    line.wall_step(2h);
    CHECK(line.command(put("leads", "lead-2", "", line, 0s, 1h)).ok);
}

TEST_CASE("on call: an override counts from its moment, in the tiers and at the top") {
    auto plan = team_plan();
    plan.rosters[2].shifts[0].people = {"sup-3"};
    plan.rosters[1].shifts[0].people = {"sup-1", "sup-2"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect({"sms first sup-1", "sms first sup-2"});
    line.at(5min).expect({"sms first sup-3"});
    line.at(10min).expect({"sms first desk"});
    REQUIRE(line.command(put("management", "sup-3", "boss", line, 1min, 24h)).ok);
    line.at(11min - 1ms).quiet();
    line.at(11min).expect({"sms first boss"});
    line.at(20min).expect({"sms repeat_round boss", "sms repeat_round desk"});  // and not sup-3, who is off duty
}

TEST_CASE(
    "on call: a queue that turns red while everybody has been asked for another asks again, once, and nobody twice in a "
    "minute") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::red);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3", "sms first boss"});
    line.answer(AnswerKind::decline, "lead-4");
    line.at(5min).expect({"sms first desk"});
    std::vector<std::string> again{"sms repeat_round lead-1", "sms repeat_round lead-2", "sms repeat_round lead-3",
                                   "sms repeat_round sup-1",  "sms repeat_round sup-2",  "sms repeat_round sup-3",
                                   "sms repeat_round boss"};
    line.at(5min + 20s).fire("wait", "english", Level::red).expect(again);
    line.at(6min - 1ms).quiet();
    line.at(6min).expect({"sms repeat_round desk"});  // paged twenty seconds before
    again.emplace_back("sms repeat_round desk");
    line.clear("wait", "english").at(7min).fire("wait", "english", Level::red).at(10min).quiet();  // the same cause again: had
                                                                                                   // its call
    line.crash(1s).at(12min).quiet();
    line.fire("wait", "vip", Level::orange).at(14min).quiet();
    line.fire("wait", "vip", Level::red).expect(again);
}

TEST_CASE("on call: a hand-over in a filled incident goes on although the policy stands down who has not answered") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 2;
    plan.policies[0].stand_down = true;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    REQUIRE(line.answer(AnswerKind::join, "lead-1").ok);
    REQUIRE(line.answer(AnswerKind::join, "lead-2").ok);
    line.expect({"sms stand_down lead-3", "sms stand_down lead-4"});
    Command c;
    c.kind = Command::Kind::answer;
    c.answer = AnswerKind::leave;
    c.incident = line.incident().incident;
    c.person = "lead-1";
    c.successor = "sup-1";
    REQUIRE(line.command(c).ok);
    line.expect({"sms handover sup-1"});
    CHECK(line.seat("lead-1") == SeatState::joined);
    CHECK(line.seat("sup-1") == SeatState::asked);
    REQUIRE(line.answer(AnswerKind::join, "sup-1").ok);
    line.expect({"sms stand_down lead-1"});
}

TEST_CASE("on call: after a restart people hear that the data stopped only when the feed had its time to speak") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    const auto patience = std::max(Span{10s}, line.plan().stale_after);
    SECTION("it spoke") {
        line.at(30s).crash(2s).stale("wait", "general").quiet();
        line.stale("wait", "general", false).at(100s).quiet();
    }
    SECTION("it is silent") {
        line.at(30s).crash(2s).stale("wait", "general").at(32s + patience - 1ms).quiet();
        line.at(32s + patience).expect({"sms blind lead-1", "sms blind lead-2", "sms blind lead-3", "sms blind lead-4"});
    }
}
