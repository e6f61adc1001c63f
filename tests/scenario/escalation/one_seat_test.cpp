// One seat a person over all open incidents: who sits in one is not asked in another, is asked as soon as they are free, and
// changes only by saying so.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
/// One incident a queue, two people each, tiers of two leads and one supervisor.
Plan two_queues() {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.scope = {"queue"};
    policy.need.fixed = 2;
    policy.tiers.resize(2);
    plan.rosters[0].shifts[0].people = {"lead-1", "lead-2"};
    plan.rosters[1].shifts[0].people = {"sup-1"};
    return plan;
}
IncidentView by_id(DeskLine& line, const std::string& id) {
    for (auto& incident : line.desk().incidents()) {
        if (incident.incident == id) {
            return incident;
        }
    }
    FAIL("no incident " + id);
    return {};
}
SeatView seat(DeskLine& line, const std::string& incident, const std::string& person) {
    for (const auto& s : by_id(line, incident).seats) {
        if (s.person == person) {
            return s;
        }
    }
    FAIL("no seat of " + person);
    return {};
}
}  // namespace

TEST_CASE("one seat: who is only told of an incident is told of it wherever they sit") {
    auto plan = two_queues();
    auto& policy = plan.policies[0];
    policy.tiers[0].rosters.push_back(plan.rosters[2].id);
    policy.tiers[0].inform_only = {plan.rosters[2].id};
    plan.rosters[2].shifts[0].people = {"boss"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms update boss"});
    // The boss comes to help where nobody told them.
    plan.rosters[2].shifts[0].people = {"sup-2"};
    line.reload(plan).quiet();
    CHECK(say(line, AnswerKind::join, "sup-2", "0-1").code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms update sup-2"});
    CHECK(seat(line, "0-2", "sup-2").state == SeatState::informed);
}

TEST_CASE("one seat: who is to be asked and to be told, and sits elsewhere, is told") {
    auto plan = two_queues();
    auto& policy = plan.policies[0];
    plan.rosters[2].shifts[0].people = {"lead-1"};
    policy.tiers[0].rosters.push_back(plan.rosters[2].id);
    policy.tiers[0].inform_only = {plan.rosters[2].id};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms update lead-1", "sms first lead-2", "sms first sup-1"});
    CHECK(seat(line, "0-2", "lead-1").state == SeatState::informed);
}

TEST_CASE("one seat: who was named to come instead, and has taken a seat elsewhere since, is not asked") {
    auto plan = two_queues();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    Command no;
    no.answer = AnswerKind::decline;
    no.person = no.by = "lead-2";
    no.incident = "0-1";
    no.successor = "sup-1";
    CHECK(line.command(no).ok);
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "sup-1", "0-2").code == "seated");
    line.at(20s).quiet();
    CHECK(say(line, AnswerKind::leave, "lead-1", "0-1").ok);
    line.expect({"sms first desk"});  // nobody else is left
    CHECK(seat(line, "0-2", "sup-1").state == SeatState::joined);
}

TEST_CASE("one seat: who sits in one incident is not asked in the next, is shown there, and the tier climbs without them") {
    DeskLine line(two_queues());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    // Two are wanted and one lead is left: the supervisor is called at once.
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-2", "sms first sup-1"});
    CHECK(seat(line, "0-2", "lead-1").state == SeatState::elsewhere);
    CHECK(seat(line, "0-2", "lead-1").reason == "holds a seat in incident 0-1");
    CHECK(by_id(line, "0-2").tier == 2);
}

TEST_CASE("one seat: who is asked in two incidents and joins one is not called in the other any more") {
    auto plan = two_queues();
    plan.policies[0].tiers[0].remind = 30s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-2").code == "seated");
    CHECK(seat(line, "0-1", "lead-1").state == SeatState::elsewhere);
    CHECK(seat(line, "0-2", "lead-1").state == SeatState::joined);
    // One of two candidates of 0-1 is gone: its next tier is called, and nobody reminds lead-1.
    line.expect({"sms first sup-1"});
    line.at(30s).expect({"sms remind lead-2"});  // of 0-1
    line.at(40s).expect({"sms remind lead-2"});  // of 0-2
}

TEST_CASE("one seat: who hands a seat over and moves to another incident meanwhile is not told to go") {
    DeskLine line(two_queues());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    CHECK(say(line, AnswerKind::join, "lead-2", "0-1").code == "seated");
    Command c;
    c.answer = AnswerKind::leave;
    c.person = c.by = "lead-1";
    c.incident = "0-1";
    c.way = "link";
    c.successor = "sup-1";
    CHECK(line.command(c).ok);
    line.expect({"sms handover sup-1"});
    line.fire("wait", "vip", Level::orange).expect({"sms first sup-1"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-2", true).code == "seated");
    CHECK(seat(line, "0-1", "lead-1").reason == "moved to incident 0-2");
    line.at(1min).quiet();
    line.clear("wait", "general").at(5min);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close sup-1",  // and the other calls who is free now
                 "sms first lead-2", "sms first desk"});
}

TEST_CASE("one seat: a second join is refused with the incident's name, twice the same; a move leaves the first seat for it") {
    DeskLine line(two_queues());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.at(10s).fire("wait", "english", Level::orange).expect({"sms first lead-1", "sms first lead-2", "sms first sup-1"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").ok);
    line.quiet();
    for (int i = 0; i < 2; ++i) {
        const auto refused = say(line, AnswerKind::join, "lead-1", "0-2");
        CHECK_FALSE(refused.ok);
        CHECK(refused.code == "elsewhere");
        CHECK(refused.message.find("0-1") != std::string::npos);
    }
    CHECK(say(line, AnswerKind::arrive, "lead-1", "0-2").code == "elsewhere");
    CHECK(by_id(line, "0-2").joined == 0);

    CHECK(say(line, AnswerKind::join, "lead-1", "0-2", true).code == "seated");
    CHECK(by_id(line, "0-1").joined == 0);
    CHECK(by_id(line, "0-2").joined == 1);
    CHECK(seat(line, "0-1", "lead-1").state == SeatState::left);
    CHECK(seat(line, "0-1", "lead-1").reason == "moved to incident 0-2");
}

TEST_CASE("one seat: nobody gives up a seat to stand by") {
    auto plan = two_queues();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    CHECK(say(line, AnswerKind::join, "lead-2", "0-2").code == "seated");
    CHECK(say(line, AnswerKind::join, "lead-1", "0-2", true).code == "elsewhere");
    CHECK(by_id(line, "0-1").joined == 1);
}

TEST_CASE("one seat: who stands by in one incident may take a seat in another, and stands by no more") {
    auto plan = two_queues();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    CHECK(say(line, AnswerKind::join, "lead-2", "0-1").code == "spare");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-2", "0-2").code == "seated");
    CHECK(seat(line, "0-1", "lead-2").state == SeatState::elsewhere);
    // The seat in 0-1 comes free: lead-2 works in 0-2 and is not asked; the supervisor is.
    CHECK(say(line, AnswerKind::leave, "lead-1", "0-1").ok);
    line.expect({"sms first sup-1"});
}

TEST_CASE("one seat: who comes free is asked where they are still wanted, and nowhere when seats are full") {
    const bool full = GENERATE(false, true);
    auto plan = two_queues();
    plan.policies[0].need.fixed = 1;
    plan.policies[0].resolve_hold = 30s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-2"});
    if (full) {
        CHECK(say(line, AnswerKind::join, "lead-2", "0-2").code == "seated");
    }
    line.at(20s).clear("wait", "general").quiet();
    line.at(49999ms).quiet();
    line.at(50s);
    if (full) {
        line.expect({"sms close lead-1", "sms close lead-2"});
        CHECK(seat(line, "0-2", "lead-1").state == SeatState::elsewhere);
    } else {
        line.expect({"sms close lead-1", "sms close lead-2", "sms first lead-1"});
        CHECK(seat(line, "0-2", "lead-1").state == SeatState::asked);
        CHECK(seat(line, "0-2", "lead-1").reason == "free again");
    }
}

TEST_CASE("one seat: a no-show is free for other incidents") {
    auto plan = two_queues();
    plan.policies[0].need.fixed = 1;
    plan.policies[0].tiers[0].arrive_within = 1min;
    plan.rosters[0].shifts[0].people = {"lead-1"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first sup-1"});
    line.at(1min - 1ms).quiet();
    line.at(1min);
    CHECK(seat(line, "0-1", "lead-1").state == SeatState::noshow);
    CHECK(seat(line, "0-2", "lead-1").state == SeatState::asked);
    line.expect({"sms first lead-1", "sms first sup-1"});  // the second is 0-1's next tier
}

TEST_CASE("one seat: the fallback list hears of every incident, wherever its people sit") {
    auto plan = two_queues();
    plan.policies[0].need.fixed = 1;
    plan.rosters[0].shifts[0].people = {};
    plan.rosters[1].shifts[0].people = {};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first desk"});
    CHECK(say(line, AnswerKind::join, "desk", "0-1").code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first desk"});
    CHECK(by_id(line, "0-2").state == "exhausted");
    CHECK(seat(line, "0-2", "desk").state == SeatState::asked);
    CHECK(say(line, AnswerKind::join, "desk", "0-2").code == "elsewhere");
}

TEST_CASE("one seat: in a batch whoever is elsewhere is passed over, and takes their turn when free") {
    auto plan = two_queues();
    plan.policies[0].need.fixed = 1;
    plan.policies[0].tiers.resize(1);
    plan.policies[0].tiers[0].mode = TierMode::batch;
    plan.policies[0].tiers[0].answer_in = 30s;
    plan.policies[0].tiers[0].wait = 10min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-2"});
    CHECK(say(line, AnswerKind::leave, "lead-1", "0-1").ok);
    line.expect({"sms first lead-2"});  // of 0-1: the next in its batch; 0-2 has one under way and asks nobody more
    line.at(40s - 1ms).quiet();
    line.at(40s);
    CHECK(seat(line, "0-2", "lead-2").state == SeatState::timed_out);
    CHECK(seat(line, "0-2", "lead-1").state == SeatState::asked);
}

TEST_CASE("one seat: it is in the records: after a kill the same person is not asked either") {
    DeskLine line(two_queues());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    line.at(10s).crash(5s);
    line.fire("wait", "english", Level::yellow).expect({"sms first lead-2"});
    CHECK(seat(line, "0-2", "lead-1").state == SeatState::elsewhere);
    CHECK(say(line, AnswerKind::join, "lead-1", "0-2").code == "elsewhere");
}
