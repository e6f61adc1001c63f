// Rosters and overrides are live: while seats are missing, whoever comes on duty in a tier that was called is asked at once, and
// nobody off duty is called (P11). And a further cause that turns red asks those again who have not answered.
#include "stuck.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
void substitute(DeskLine& line, const std::string& roster, const std::string& out, const std::string& in, Span from = Span{0}) {
    Command c;
    c.kind = Command::Kind::override_roster;
    c.by = "chief";
    c.override_change.roster = roster;
    c.override_change.out = out;
    c.override_change.in = in;
    c.override_change.from = line.now().wall + from;
    c.override_change.until = line.now().wall + from + 8h;
    REQUIRE(line.command(c).ok);
}
}  // namespace

TEST_CASE("duty: who comes on duty while the tier waits is asked in that moment, who went off is called no more") {
    auto plan = shifts();
    plan.policies[0].tiers[0].remind = 4min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    const std::vector<std::string> old{"sms remind lead-1", "sms remind lead-2"};
    line.at(4min).expect(old);
    line.at(8min).expect(old);
    line.at(10min - 1ms).quiet();
    line.at(10min).expect({"sms first lead-3", "sms first lead-4"});
    CHECK(reason(line, "lead-1") == "off duty");
    line.at(14min).expect({"sms remind lead-3", "sms remind lead-4"});
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");  // the call they had still counts
    line.at(18min).expect({"sms remind lead-3", "sms remind lead-4"});
}

TEST_CASE("duty: a shift that ends takes a retry and the next way with it") {
    auto plan = shifts();
    for (auto& person : plan.people) {
        person.normal.push_back({"voice", 9min, Span{0}});
    }
    plan.policies[0].page_deadline = 30min;
    DeskLine line(plan);
    line.at(9min + 58s).says("sms", {OutcomeClass::retry, OutcomeClass::retry});
    line.fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.at(9min + 59s + 999ms);  // both were tried again a second later
    line.expect({"sms first lead-1", "sms first lead-2"});
    line.at(10min).expect({"sms first lead-3", "sms first lead-4"});
    line.at(20min).expect({"voice first lead-3", "voice first lead-4"});
}

TEST_CASE("duty: seen stops the climb alone: with ack_stops who comes on duty in a tier that was called is asked all the same") {
    auto plan = shifts();
    plan.policies[0].ack_stops = true;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(line.answer(AnswerKind::ack, "lead-1").code == "noted");
    line.at(10min - 1ms).quiet();
    line.at(10min).expect({"sms first lead-3", "sms first lead-4"});
    line.at(2h).quiet();  // nobody of the next tier
}

TEST_CASE("duty: an override calls who comes in, and the rounds leave out who is out") {
    auto plan = short_tiers();
    plan.people.push_back(make_person("cat", {"sms"}));
    DeskLine line(plan);
    exhaust(line);
    line.at(5min).quiet();
    SECTION("at once") {
        substitute(line, "leads", "lead-1", "cat");
        line.expect({"sms first cat"});
    }
    SECTION("from a moment on") {
        substitute(line, "leads", "lead-1", "cat", 3min);
        line.at(8min - 1ms).quiet();
        line.at(8min).expect({"sms first cat"});
    }
    auto round = everybody;
    round.front() = "sms repeat_round cat";
    line.at(20min + 10s).expect(round);
    CHECK(reason(line, "lead-1") == "off duty");
}

TEST_CASE(
    "duty: who stands on a tier by a reload is asked at once, who is off it is called no more; an untouched tier stays quiet") {
    auto plan = short_tiers();
    plan.people.push_back(make_person("sup-4", {"sms"}));
    DeskLine line(plan);
    exhaust(line);
    plan.rosters[1].shifts[0].people = {"sup-2", "sup-3", "sup-4"};
    line.at(5min).reload(plan).expect({"sms first sup-4"});
    auto round = everybody;
    std::replace(round.begin(), round.end(), std::string("sms repeat_round sup-1"), std::string("sms repeat_round sup-4"));
    line.at(20min + 10s).expect(round);
}

TEST_CASE("duty: nobody more is asked while seats are filled, in a tier not called, or once off duty again") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 1;
    plan.people.push_back(make_person("cat", {"sms"}));
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    substitute(line, "supervisors", "", "cat");
    line.quiet();  // tier 2 was not called
    line.answer(AnswerKind::join, "lead-1");
    substitute(line, "leads", "", "cat");
    line.at(1min).quiet();
    line.answer(AnswerKind::leave, "lead-1");
    line.expect({"sms first cat"});
}

TEST_CASE("duty: a batch asks who comes on duty in its turn, also when every tier was called") {
    auto plan = short_tiers();
    plan.policies[0].tiers[0].mode = TierMode::batch;
    plan.policies[0].need.fixed = 1;
    plan.people.push_back(make_person("cat", {"sms"}));
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(10s).expect(sups);
    line.at(20s).expect({"sms first boss"});
    line.at(30s).expect({"sms first desk"});
    line.at(60s).expect({"sms first lead-2"});
    substitute(line, "leads", "lead-2", "cat");
    line.expect({"sms first lead-3"});
    line.at(120s).expect({"sms first lead-4"});
    line.at(180s).expect({"sms first cat"});
    line.at(10min).quiet();
}

TEST_CASE("duty: a way that somebody has by now is a reason to ask them") {
    auto plan = team_plan();
    for (auto& person : plan.people) {
        if (person.id == "lead-1") {
            person.normal.clear();
        }
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-2", "sms first lead-3", "sms first lead-4"});
    line.at(5s).reload(team_plan()).expect({"sms first lead-1"});
}

TEST_CASE("duty: spares and earlier helpers who are off duty are not asked") {
    auto plan = shifts();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
    CHECK(line.answer(AnswerKind::join, "lead-2").code == "spare");
    SECTION("a seat is given back after the shift") {
        line.at(11min).quiet();
        line.answer(AnswerKind::leave, "lead-1");
        line.expect({"sms first lead-3", "sms first lead-4"});
    }
    SECTION("it reopens after the shift") {
        line.at(6min).clear("wait", "general").at(9min).expect({"sms close lead-1", "sms close lead-2"});
        line.at(12min).fire("wait", "general", Level::yellow).expect({"sms first lead-3", "sms first lead-4"});
    }
}

TEST_CASE("duty: what came while surged was down waits until the surge is seen again, or ten seconds") {
    auto plan = shifts();
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.at(9min).crash(2min).quiet();
    SECTION("ten seconds") {
        line.at(11min + 10s - 1ms).quiet();
        line.at(11min + 10s).expect({"sms first lead-3", "sms first lead-4"});
    }
    SECTION("it is over") {
        line.at(11min + 2s).clear("wait", "general").at(14min + 2s).expect({"sms close lead-1", "sms close lead-2"});
    }
    SECTION("it fires") {
        line.at(11min + 2s).fire("wait", "general", Level::orange);
        line.expect(plus(sups, {"sms first lead-3", "sms first lead-4"}));
    }
}

// ---- a further cause

TEST_CASE("duty: who comes free of another incident is asked in the same moment where nobody could ask them before") {
    auto plan = team_plan();
    plan.policies[0].scope = {"queue"};
    plan.policies[0].tiers.resize(1);
    plan.policies[0].tiers[0].wait = 1h;
    plan.policies[0].need.fixed = 1;
    plan.policies[0].resolve_hold = 10s;
    plan.rosters[0].shifts[0].people = {"lead-1", "lead-2"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.answer(AnswerKind::join, "lead-1");
    line.at(10s).fire("wait", "english", Level::yellow).any();
    line.at(20s).clear("wait", "general").at(30s);
    bool asked = false;
    for (const auto& order : line.orders()) {
        asked = asked || (order.decided == line.now().at && order.purpose == PagePurpose::first &&
                          order.people.front().person == "lead-1");
    }
    line.any();
    CHECK(asked);
}
