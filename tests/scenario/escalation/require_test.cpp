// Role and skill minimums, batches, and what makes the climb faster.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
PersonSpec& person(Plan& plan, const std::string& id) {
    return *std::find_if(plan.people.begin(), plan.people.end(), [&](const PersonSpec& p) { return p.id == id; });
}
/// lead-3 and sup-2 speak English; the first tier wants one who does.
Plan english() {
    auto plan = team_plan();
    for (const auto* id : {"lead-3", "sup-2"}) {
        person(plan, id).skills = {"english"};
    }
    plan.policies[0].tiers[0].require = {{"", "english", 1}};
    return plan;
}
void joins(DeskLine& line, const std::vector<std::string>& people) {
    for (const auto& id : people) {
        REQUIRE(line.answer(AnswerKind::join, id).code == "seated");
    }
}
}  // namespace

TEST_CASE("a skill that is missing keeps the incident open; it is met by whoever has it, from any tier") {
    DeskLine line(english());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    joins(line, {"lead-1", "lead-2", "lead-4"});
    CHECK(line.state() == "paging");
    line.at(1min);
    joins(line, {"lead-3"});
    CHECK(line.state() == "filled");
    CHECK(line.incident().joined == 4);

    DeskLine met(english());
    met.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    joins(met, {"lead-1", "lead-2", "lead-3"});
    CHECK(met.state() == "filled");
}

TEST_CASE("when only a skill is missing, only those who have it are called in the next tier") {
    DeskLine line(english());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    joins(line, {"lead-1", "lead-2", "lead-4"});
    line.at(2min - 1ms).quiet();
    line.at(2min).expect({"sms first sup-2"});
    joins(line, {"sup-2"});
    CHECK(line.state() == "filled");
}

TEST_CASE("the only one with the skill says no: the next tier is called at once, though enough others may still come") {
    DeskLine line(english());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(10s);
    line.answer(AnswerKind::decline, "lead-1");
    line.quiet();  // three for three seats, and the one with the skill among them

    DeskLine skilled(english());
    skilled.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    skilled.at(10s);
    joins(skilled, {"lead-1"});
    skilled.answer(AnswerKind::decline, "lead-3");
    skilled.expect(sups);
    CHECK(skilled.incident().tier == 2);
}

TEST_CASE("a role of which two are wanted: one is not enough, two are") {
    auto plan = team_plan();
    plan.policies[0].tiers[1].require = {{"supervisor", "", 2}};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::orange).expect([] {
        auto all = leads;
        all.insert(all.end(), sups.begin(), sups.end());
        return all;
    }());
    joins(line, {"lead-1", "lead-2", "sup-1"});
    CHECK(line.state() == "paging");
    CHECK(line.answer(AnswerKind::join, "lead-3").code == "spare");
    joins(line, {"sup-2"});
    CHECK(line.state() == "filled");
}

TEST_CASE("who leaves with the skill opens that seat: those without it are not asked again") {
    DeskLine line(english());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    joins(line, {"lead-1", "lead-2", "lead-3"});
    line.answer(AnswerKind::join, "lead-4");
    line.at(1min);
    joins(line, {});
    line.answer(AnswerKind::leave, "lead-3");
    line.expect({"sms need lead-4"});  // one seat is free as well: anybody helps
    joins(line, {"lead-4"});
    CHECK(line.state() == "paging");  // ... but the skill is still missing
    line.expect({"sms first sup-2"});
}

TEST_CASE("a skill that took a seat more than was wanted: a recheck wants more people than are there, and calls them") {
    auto plan = english();
    plan.policies[0].recheck = 10min;
    plan.policies[0].recheck_add = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    joins(line, {"lead-1", "lead-2", "lead-4", "lead-3"});
    REQUIRE(line.incident().joined == 4);
    REQUIRE(line.incident().need == 3);

    line.at(10min - 1ms).quiet();
    line.at(10min).expect(sups);
    CHECK(line.incident().need == 5);

    // At its most the need stays as it is: a rise that calls nobody would only be a number.
    plan.policies[0].need.max = 4;
    DeskLine most(plan);
    most.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    joins(most, {"lead-1", "lead-2", "lead-4", "lead-3"});
    most.at(10min).quiet();
    CHECK(most.incident().need == 3);
    CHECK(most.state() == "filled");
}

TEST_CASE("a batch asks those with a missing skill first, and exactly missing x overask, rounded up") {
    for (const auto& [overask, wanted] : std::vector<std::pair<double, std::vector<std::string>>>{
             {1.0, {"sms first lead-1", "sms first lead-3"}},
             {1.5, {"sms first lead-1", "sms first lead-2", "sms first lead-3"}},
             {1.51, {"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"}},
             {9.0, leads}}) {
        auto plan = english();
        plan.policies[0].need.fixed = 2;
        plan.policies[0].tiers[0].mode = TierMode::batch;
        plan.policies[0].tiers[0].overask = overask;
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect(wanted);
    }
}

TEST_CASE("a batch: who joins is not replaced, who cannot be reached is, at once") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 2;
    plan.policies[0].tiers[0].mode = TierMode::batch;
    plan.policies[0].tiers[0].answer_in = 90s;
    DeskLine line(plan);
    line.says("sms", {OutcomeClass::reject});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
    CHECK(line.seat("lead-1") == SeatState::unreachable);
    joins(line, {"lead-2"});
    line.at(90s - 1ms).quiet();
    CHECK(line.seat("lead-3") == SeatState::asked);
    line.at(90s).expect({"sms first lead-4"});
    // The last one says no: lead-3, who is late, may still come, but nobody can be asked any more.
    line.answer(AnswerKind::decline, "lead-4");
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
}

TEST_CASE("people who cannot be reached make the climb faster, like those who say no") {
    DeskLine line;
    line.says("sms", {OutcomeClass::reject});
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    CHECK(line.incident().tier == 1);  // three are left for three seats

    DeskLine two;
    two.says("sms", {OutcomeClass::reject, OutcomeClass::reject});
    auto both = leads;
    both.insert(both.end(), sups.begin(), sups.end());
    two.at(0s).fire("wait", "general", Level::yellow).expect(both);
    CHECK(two.incident().tier == 2);
}

TEST_CASE("a kill just after the end of an incident releases who still held a seat, before it can reopen") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    joins(line, {"lead-1", "lead-2", "lead-3"});
    line.at(1min)
        .clear("wait", "general")
        .at(4min)
        .expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    CHECK(line.count_type("seat.released") == 3);
    line.crash(5s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
    CHECK(line.incident().joined == 0);
}
