// The rows of the table about tiers: waits, early climbing, empty tiers, levels, the fallback list, the loop at the top, batches.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {void empty_roster(Plan& plan, const std::string& id) {
    for (auto& roster : plan.rosters) {
        if (roster.id == id) {
            roster.shifts[0].people.clear();
        }
    }
}
}  // namespace

TEST_CASE("each tier is entered when the wait of the one before is over, and the last leads to the fallback list") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min - 1ms).quiet();
    line.at(2min).expect(sups);
    line.at(5min).expect({"sms first boss"});
    line.at(10min - 1ms).quiet();
    line.at(10min).expect({"sms first desk"});
    CHECK(line.state() == "exhausted");
}

TEST_CASE("the loop at the top backs off: 10 min, 15, 22.5, then every 30") {
    auto plan = team_plan();
    plan.policies[0].max_age = 24h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect(sups);
    line.at(5min).expect({"sms first boss"});
    line.at(10min).expect({"sms first desk"});
    const std::vector<std::string> round{"sms repeat_round boss", "sms repeat_round desk"};
    line.at(20min - 1ms).quiet();
    line.at(20min).expect(round);
    line.at(35min - 1ms).quiet();
    line.at(35min).expect(round);
    line.at(57min + 30s).expect(round);
    line.at(87min + 30s).expect(round);
    line.at(117min + 30s - 1ms).quiet();
    line.at(117min + 30s).expect(round);
}

TEST_CASE("the loop starts at its tier and stops after its times") {
    auto plan = team_plan();
    plan.policies[0].repeat = {"supervisors", 5min, 1, 1.0, 5min};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    line.at(5min).expect({"sms first desk"});
    line.at(10min).expect({"sms repeat_round sup-1", "sms repeat_round sup-2", "sms repeat_round sup-3", "sms repeat_round boss",
                           "sms repeat_round desk"});
    line.at(5h).quiet();
}

TEST_CASE("orange enters at tiers 1 and 2, red at all three") {
    DeskLine orange;
    orange.at(0s).fire("wait", "general", Level::orange).expect(plus(leads, sups));
    CHECK(orange.incident().tier == 2);
    orange.at(3min).expect({"sms first boss"});

    DeskLine red;
    red.at(0s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    CHECK(red.incident().tier == 3);
}

TEST_CASE("a level that rises enters the tiers it demands at once, unless seats are filled") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(30s).fire("surge", "general", Level::red).expect(plus(sups, {"sms first boss"}));

    DeskLine full;
    full.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        full.answer(AnswerKind::join, id);
    }
    full.at(30s).fire("surge", "general", Level::red).quiet();
    full.answer(AnswerKind::leave, "lead-1");
    full.expect(plus(sups, {"sms first boss"}));
}

TEST_CASE("an empty tier is passed in the same step and recorded") {
    auto plan = team_plan();
    empty_roster(plan, "leads");
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(sups);
    CHECK(line.count_type("incident.tier_empty") == 1);
    CHECK(line.incident().tier == 2);
    line.at(3min).expect({"sms first boss"});
}

TEST_CASE("an empty last tier is not waited on") {
    auto plan = team_plan();
    empty_roster(plan, "management");
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect(sups);
    line.at(5min).expect({"sms first desk"});
    CHECK(line.state() == "exhausted");
}

TEST_CASE("an empty tier above one just entered is no reason to call the fallback list") {
    auto plan = team_plan();
    empty_roster(plan, "management");
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).expect(plus(leads, sups));
    CHECK(line.state() == "paging");
    line.at(3min).expect({"sms first desk"});
}

TEST_CASE("all rosters empty: the fallback list at once") {
    auto plan = team_plan();
    for (const auto* id : {"leads", "supervisors", "management"}) {
        empty_roster(plan, id);
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first desk"});
    CHECK(line.state() == "exhausted");
    CHECK(line.count_type("incident.tier_empty") == 3);
}

TEST_CASE("declines that leave too few candidates climb before the wait is over") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(10s);
    line.answer(AnswerKind::decline, "lead-1");
    line.quiet();
    line.answer(AnswerKind::decline, "lead-2");
    line.expect(sups);
    CHECK(line.incident().tier == 2);
}

TEST_CASE("a tier that is merely smaller than the need gets its wait") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 6;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min - 1ms).quiet();
    line.at(2min).expect(sups);
}

TEST_CASE("when everyone of a small tier has joined nothing is left to wait for") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 6;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.quiet();
    line.answer(AnswerKind::join, "lead-4");
    line.expect(sups);
}

TEST_CASE("a person without any way to be reached is shown unreachable and is no candidate") {
    auto plan = team_plan();
    for (auto& person : plan.people) {
        if (person.id == "lead-1") {
            person.normal.clear();
        }
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-2", "sms first lead-3", "sms first lead-4"});
    CHECK(line.seat("lead-1") == SeatState::unreachable);
}

TEST_CASE("inform_only people are told, are no seats, and get the closing message") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].inform_only = {"management"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(plus(leads, {"sms update boss"}));
    CHECK(line.seat("boss") == SeatState::informed);
    CHECK(line.answer(AnswerKind::join, "boss").code == "noted");
    CHECK(line.incident().joined == 0);
    line.at(10s).clear("wait", "general");
    line.at(10s + 3min)
        .expect({"sms close boss", "sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
}

TEST_CASE("who is told at one tier is called when a later tier asks them") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].rosters.push_back("management");
    plan.policies[0].tiers[0].inform_only = {"management"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(plus(leads, {"sms update boss"}));
    line.at(1min).fire("wait", "general", Level::red).expect(plus(sups, {"sms first boss"}));
    CHECK(line.seat("boss") == SeatState::asked);
    CHECK(line.answer(AnswerKind::join, "boss").code == "seated");
}

TEST_CASE("a role minimum keeps seats open until it is met; those who do not fit stand by") {
    auto plan = team_plan();
    plan.policies[0].tiers[1].require = {{"supervisor", "", 1}};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::orange).expect(plus(leads, sups));
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        CHECK(line.answer(AnswerKind::join, id).code == "seated");
    }
    CHECK(line.state() == "paging");
    CHECK(line.answer(AnswerKind::join, "lead-4").code == "spare");
    line.quiet();
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.state() == "filled");
}

TEST_CASE("batch mode asks ceil(missing x overask), the next on decline, and after answer_in") {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.need.fixed = 1;
    policy.tiers[0].mode = TierMode::batch;
    policy.tiers[0].overask = 1.5;
    policy.tiers[0].answer_in = 60s;
    policy.tiers[0].wait = 10min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.at(10s);
    line.answer(AnswerKind::decline, "lead-1");
    line.expect({"sms first lead-3"});
    line.at(60s - 1ms).quiet();
    line.at(60s).expect({"sms first lead-4"});
    CHECK(line.seat("lead-2") == SeatState::timed_out);
    // Nobody is left to ask; when the last two are timed out the tier has failed early.
    line.at(2min - 1ms).quiet();
    line.at(2min).expect(sups);
    CHECK(line.answer(AnswerKind::join, "lead-2").code == "seated");
    CHECK(line.state() == "filled");
}

TEST_CASE("an ack marks the owner and does not stop the tier") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    CHECK(line.answer(AnswerKind::ack, "lead-2").code == "noted");
    CHECK(line.incident().owner == "lead-2");
    CHECK(line.answer(AnswerKind::ack, "lead-2").code == "already");
    line.at(2min).expect(sups);
}

TEST_CASE("an ack stops the tier when the policy says so") {
    auto plan = team_plan();
    plan.policies[0].ack_stops = true;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.answer(AnswerKind::ack, "lead-2");
    line.at(30min).quiet();
    line.answer(AnswerKind::decline, "lead-2");
    CHECK(line.incident().owner.empty());
    line.expect(sups);
}

TEST_CASE("manual escalate goes to the next tier, to a named one, or to the fallback list") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    Command escalate;
    escalate.kind = Command::Kind::escalate;
    escalate.by = "chief";
    CHECK(line.command(escalate).ok);
    line.expect(sups);
    escalate.tier = 1;
    CHECK(line.command(escalate).code == "already");
    escalate.tier = 3;
    CHECK(line.command(escalate).ok);
    line.expect({"sms first boss"});
    escalate.tier = 5;
    CHECK(line.command(escalate).code == "conflict");
    escalate.tier = 4;
    CHECK(line.command(escalate).ok);
    line.expect({"sms first desk"});
    CHECK(line.state() == "exhausted");
    CHECK(line.command(escalate).code == "already");
}

TEST_CASE("an escalate that reaches nobody says so and is no success") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    Command escalate;
    escalate.kind = Command::Kind::escalate;
    escalate.by = "chief";
    CHECK(line.command(escalate).ok);
    line.expect({"sms first desk"});
    const auto again = line.command(escalate);
    CHECK_FALSE(again.ok);
    CHECK(again.message == "every tier and the fallback list have been called: nobody more is called by this");
    escalate.tier = 2;
    CHECK_FALSE(line.command(escalate).ok);
    line.quiet();

    auto plan = team_plan();
    empty_roster(plan, "supervisors");
    empty_roster(plan, "management");
    for (auto& person : plan.people) {
        if (person.id == "desk") {
            person.normal.clear();
        }
    }
    DeskLine nobody(plan);
    nobody.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    escalate.tier = 0;
    const auto no = nobody.command(escalate);
    CHECK_FALSE(no.ok);
    CHECK(no.code == "nobody");
    nobody.quiet();
}

TEST_CASE("a manual escalate under one Idempotency-Key climbs once") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    Command escalate;
    escalate.kind = Command::Kind::escalate;
    escalate.by = "chief";
    escalate.key = "click-1";
    const auto first = line.command(escalate);
    line.expect(sups);
    const auto second = line.command(escalate);
    line.quiet();
    CHECK(first.code == second.code);
    CHECK(second.ok);
}

TEST_CASE("reminders go to the silent of every tier that was called, and stop for who said seen") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].remind = 45s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::ack, "lead-2");
    line.at(45s - 1ms).quiet();
    line.at(45s).expect({"sms remind lead-3", "sms remind lead-4"});
    line.at(90s).expect({"sms remind lead-3", "sms remind lead-4"});
    line.at(2min).expect(sups);
    line.at(135s - 1ms).quiet();
    line.at(135s).expect({"sms remind lead-3", "sms remind lead-4"});
    line.answer(AnswerKind::decline, "lead-3");
    line.at(180s).expect({"sms remind lead-4"});
}

TEST_CASE("reminders go to tier 1 at orange and at red, and stop when the loop at the top takes over") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].remind = 2min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::orange).expect(plus(leads, sups));
    const std::vector<std::string> again{"sms remind lead-1", "sms remind lead-2", "sms remind lead-3", "sms remind lead-4"};
    line.at(2min).expect(again);
    line.at(3min).expect({"sms first boss"});
    line.at(4min).expect(again);
    line.at(6min).expect(again);
    line.at(8min).expect({"sms first desk"});
    line.at(17min).quiet();
}
