// What goes over into a region's incident: answers, calls, and a further red that waits.
#include "region_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
/// Three scopes of one centre become one.
Plan three_scopes(int need) {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.scope = {"centre", "queue"};
    policy.need.fixed = need;
    policy.region.scopes = 3;
    policy.region.by = {"centre"};
    policy.tiers[0].wait = 1h;
    return plan;
}
CommandReply answers(DeskLine& line, AnswerKind kind, const std::string& person, const std::string& incident,
                     const std::string& successor = {}) {
    Command c;
    c.answer = kind;
    c.person = c.by = person;
    c.successor = successor;
    c.way = "test";
    c.incident = incident;
    return line.command(c);
}
}  // namespace

TEST_CASE("region: a no to one of its scopes goes over, although another scope's call was still open; a yes still counts") {
    auto plan = three_scopes(1);
    plan.policies[0].tiers[0].remind = 5min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(10s).fire("wait", "english", Level::yellow).any();
    REQUIRE(answers(line, AnswerKind::decline, "lead-1", "0-2").ok);
    line.at(20s).fire("wait", "vip", Level::yellow).any();
    REQUIRE(line.incident().scopes == 3);
    CHECK(line.seat("lead-1") == SeatState::declined);
    CHECK(line.seat("lead-2") == SeatState::asked);
    const auto calls = line.orders().size();
    line.at(12min).any();
    for (auto i = calls; i < line.orders().size(); ++i) {
        for (const auto& person : line.orders()[i].people) {
            CHECK(person.person != "lead-1");
        }
    }
    CHECK(answers(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
}

TEST_CASE("region: who takes a seat over is still waited for, whatever they said to another scope") {
    DeskLine line(three_scopes(1));
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(10s).fire("wait", "english", Level::yellow).any();
    REQUIRE(answers(line, AnswerKind::join, "lead-2", "0-1").code == "seated");
    REQUIRE(answers(line, AnswerKind::decline, "lead-1", "0-2").ok);
    REQUIRE(answers(line, AnswerKind::leave, "lead-2", "0-1", "lead-1").ok);
    line.any();
    line.at(20s).fire("wait", "vip", Level::yellow).any();
    REQUIRE(line.incident().scopes == 3);
    CHECK(line.seat("lead-2") == SeatState::joined);
    CHECK(line.seat("lead-1") == SeatState::asked);
}

TEST_CASE("region: who was one too many in one scope is asked to take over from the person who named them in another") {
    DeskLine line(three_scopes(1));
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(1s).fire("wait", "english", Level::yellow).any();
    line.at(10s).quiet();
    REQUIRE(answers(line, AnswerKind::join, "lead-3", "0-1").code == "seated");
    REQUIRE(answers(line, AnswerKind::join, "lead-1", "0-1").code == "spare");
    REQUIRE(answers(line, AnswerKind::join, "lead-2", "0-2").code == "seated");
    REQUIRE(answers(line, AnswerKind::leave, "lead-2", "0-2", "lead-1").ok);
    line.any();
    line.at(20s).fire("wait", "vip", Level::yellow).any();
    REQUIRE(line.incident().scopes == 3);
    CHECK(line.seat("lead-2") == SeatState::joined);
    CHECK(line.seat("lead-1") == SeatState::asked);
}

TEST_CASE("region: a further red that waited for the minute to be over asks again in the region's incident") {
    auto plan = three_scopes(9);
    plan.policies[0].tiers[2].wait = 1h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).any();
    line.at(20s).fire("surge", "general", Level::red).quiet();
    line.at(30s).edges({line.firing("wait", "english", Level::yellow), line.firing("wait", "vip", Level::yellow)}).quiet();
    REQUIRE(line.incident().scopes == 3);
    line.at(60s - 1ms).quiet();
    line.at(60s).expect({"sms need lead-1", "sms need lead-2", "sms need lead-3", "sms need lead-4", "sms need sup-1",
                         "sms need sup-2", "sms need sup-3", "sms need boss"});
    line.at(10min).quiet();
}

TEST_CASE("region: a further red asks again whom the fallback list of one of its scopes called, when they are on duty in a tier of that") {
    auto plan = three_scopes(9);
    plan.policies[0].region.scopes = 2;
    plan.policies[0].region.within = 1h;
    plan.policies[0].fallback = {"lead-4", "desk"};
    plan.policies[0].tiers[0].wait = 2min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).any();
    line.at(9min).any();
    REQUIRE(line.state() == "exhausted");
    auto only_sups = plan;
    only_sups.policies[0].tiers = {plan.policies[0].tiers[1]};
    line.reload(only_sups);
    line.at(10min).fire("wait", "english", Level::yellow).any();
    REQUIRE(line.incident().scopes == 2);
    REQUIRE(line.state() == "paging");
    REQUIRE(line.seat("desk") == SeatState::asked);
    const auto calls = line.orders().size();
    line.at(12min).fire("surge", "english", Level::red).any();
    std::set<std::string> again;
    for (auto i = calls; i < line.orders().size(); ++i) {
        for (const auto& to : line.orders()[i].people) {
            again.insert(to.person);
        }
    }
    CHECK(again == std::set<std::string>{"boss", "lead-1", "lead-2", "lead-3", "lead-4", "sup-1", "sup-2", "sup-3"});
}

TEST_CASE("region: after a reload that brings regions, one is made only where an incident opens") {
    auto plan = three_scopes(1);
    plan.policies[0].region.scopes = 0;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(10s).fire("wait", "english", Level::yellow).any();
    plan.policies[0].region.scopes = 2;
    line.reload(plan);
    auto north = line.firing("wait", "general", Level::yellow);
    north.queue.centre = "qingdao";
    line.at(20s).edge(north).any();
    CHECK(line.count() == 3);
    CHECK(line.count_type("incident.merged") == 0);
    line.at(30s).fire("wait", "vip", Level::yellow).any();
    CHECK(line.count_type("incident.merged") == 3);
    CHECK(line.incident().scopes == 3);
}

TEST_CASE("region: a further red that waits in one scope calls nobody again whom it has called there already") {
    auto plan = three_scopes(8);
    plan.policies[0].tiers[0].remind = 40s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).any();
    line.at(10s).fire("wait", "english", Level::red).any();
    line.at(40s).any().at(50s).expect({"sms remind lead-1", "sms remind lead-2", "sms remind lead-3", "sms remind lead-4"});
    // The leads have had a message 25 s ago and wait for the minute; the others are called at once.
    line.at(75s).fire("surge", "english", Level::red);
    line.expect({"sms need sup-1", "sms need sup-2", "sms need sup-3", "sms need boss"});
    line.at(76s).fire("wait", "vip", Level::yellow).quiet();
    REQUIRE(line.incident().scopes == 3);
    line.at(90s - 1ms).quiet();
}
