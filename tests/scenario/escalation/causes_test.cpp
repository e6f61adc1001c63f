// A further cause that turns red asks those again who have not answered; who helped before is asked first when an incident
// reopens.
#include "stuck.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("cause: a further queue that turns red in a stuck incident asks everybody again at once, once") {
    DeskLine line(short_tiers());
    exhaust(line);
    line.answer(AnswerKind::decline, "lead-2");
    line.at(3min).fire("wait", "english", Level::red);
    auto silent = everybody;
    std::erase(silent, "sms repeat_round lead-2");
    line.expect(silent);
    CHECK(line.orders().back().alerts.front().queue.queue == "english");  // what came last speaks
    line.at(6min).quiet();
    SECTION("a rule that flaps calls nobody again") {
        for (auto t = 6min; t < 16min; t += 1min) {
            line.at(t).fire("wait", "english", Level::orange).at(t + 20s).fire("wait", "english", Level::red).quiet();
            line.at(t + 40s).clear("wait", "english").quiet();
        }
    }
    SECTION("after the reopen window it is another surge") {
        line.clear("wait", "english").at(16min).fire("wait", "english", Level::red);
        line.expect(silent);
    }
    SECTION("a further rule asks again") {
        line.fire("surge", "general", Level::red).expect(silent);
    }
    SECTION("a silenced one does not, and does when the silence ends") {
        Command c;
        c.kind = Command::Kind::silence;
        c.silence.rule = "surge";
        c.silence.until = line.now().at + 2min;
        line.command(c);
        line.fire("surge", "general", Level::red).at(8min - 1ms).quiet();
        line.at(8min).expect(silent);
    }
    SECTION("one that an alert above speaks for does not") {
        auto part = line.firing("surge", "english", Level::red);
        part.folded = {"wait", {"jinan", "english", "voice"}};
        line.edge(part).at(10min).quiet();
    }
}

TEST_CASE("cause: who was paged less than a minute ago is asked again when the minute is over") {
    DeskLine line(short_tiers());
    exhaust(line);
    line.at(30s).fire("surge", "general", Level::red).quiet();
    line.at(60s - 1ms).quiet();
    auto tiers = everybody;
    std::erase(tiers, "sms repeat_round desk");
    line.at(60s).expect(tiers);
    line.at(70s).expect({"sms repeat_round desk"});
    line.at(10min).quiet();
}

TEST_CASE("cause: a reminder that a provider holds back does not stand for a call to somebody whose time to answer is over") {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.need.fixed = 9;
    policy.page_deadline = 30min;
    policy.tiers[0].mode = TierMode::batch;
    policy.tiers[0].answer_in = 60s;
    policy.tiers[0].remind = 30s;
    policy.tiers[0].wait = 1h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.silent("sms").fire("wait", "general", Level::orange).expect(sups);
    const auto& sup = line.orders().back();
    line.outcome({sup.page, sup.attempt, OutcomeClass::retry, 4min, "send too fast", 4min}).quiet();
    line.silent("sms", false).at(60s);
    REQUIRE(line.seat("lead-1") == SeatState::timed_out);
    line.at(2min).fire("wait", "english", Level::red);
    CHECK(line.seat("lead-1") == SeatState::asked);
    CHECK(reason(line, "lead-1") == "asked again");
}

TEST_CASE("cause: a further red asks again whom the fallback list called, when they are on duty in a tier that was called") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 1;
    plan.policies[0].fallback = {"lead-4", "desk"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).any();
    line.at(5min).any();
    CHECK(line.state() == "exhausted");
    CHECK(reason(line, "lead-4") == "fallback");
    line.at(6min).answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::leave, "lead-1");
    line.any();
    CHECK(line.state() == "paging");
    line.at(8min).fire("wait", "english", Level::red).any();
    CHECK(reason(line, "lead-3") == "asked again");
    CHECK(reason(line, "lead-4") == "asked again");
    CHECK(reason(line, "desk") == "fallback");  // the fallback list is called when the tiers are used up
}

TEST_CASE("cause: a further red asks the fallback list again wherever they stand, also who was last asked as one of a tier") {
    auto plan = shifts();
    for (auto& tier : plan.policies[0].tiers) {
        tier.wait = 10s;
    }
    plan.policies[0].need.fixed = 9;
    plan.policies[0].fallback = {"lead-1"};
    plan.policies[0].repeat = {"leads", 2min, 1, 1.0, 2min};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(9min).any();
    REQUIRE(line.state() == "exhausted");
    REQUIRE(reason(line, "lead-1") == "round 2");
    line.at(11min).any();
    REQUIRE(reason(line, "lead-1") == "off duty");
    line.at(13min).fire("wait", "english", Level::red).any();
    CHECK(reason(line, "lead-1") == "asked again");
    CHECK(reason(line, "lead-2") == "off duty");
}

TEST_CASE("cause: orange that turns red while everybody was called asks again") {
    DeskLine line(short_tiers());
    line.at(0s).fire("wait", "general", Level::orange).expect(plus(leads, sups));
    line.at(10s).expect({"sms first boss"});
    line.at(20s).expect({"sms first desk"});
    line.at(3min).fire("wait", "general", Level::red).expect(everybody);
}

TEST_CASE(
    "cause: an alert that was milder and turns red asks again when every tier has been called, and else calls the next tier") {
    const auto milder = GENERATE(Level::yellow, Level::orange);
    auto plan = team_plan();
    plan.policies[0].need.fixed = 9;
    plan.policies[0].tiers[0].wait = 10s;
    plan.policies[0].tiers[1].wait = 30s;
    plan.policies[0].tiers[2].wait = 1h;
    const std::vector<std::string> again{"sms need lead-1", "sms need lead-2", "sms need lead-3", "sms need lead-4",
                                         "sms need sup-1",  "sms need sup-2",  "sms need sup-3",  "sms need boss"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", milder).any();
    line.at(29s).any();
    REQUIRE(line.incident().tier == 2);
    SECTION("the last tier has not been called") {
        line.fire("wait", "general", Level::red).expect({"sms first boss"});
        CHECK(reason(line, "sup-1") != "asked again");
        line.at(10min).quiet();
        line.fire("wait", "english", milder).quiet();
        line.at(11min).fire("wait", "english", Level::red).expect(again);  // the incident is red, and every tier called
    }
    SECTION("every tier has been called, and the fallback list has not") {
        line.at(1min).expect({"sms first boss"});
        line.at(5min).fire("wait", "general", Level::red).expect(again);
        CHECK(line.state() == "paging");
        CHECK(reason(line, "sup-1") == "asked again");
        line.at(10min).quiet();  // once
    }
}

TEST_CASE("cause: while tiers are still to come, the level that rises calls them; a further cause asks those before again") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 9;
    plan.policies[0].tiers[0].wait = 1h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    SECTION("the same alert got worse") {
        line.at(5min).fire("wait", "general", Level::red).expect(plus(sups, {"sms first boss"}));
        line.at(6min).quiet();
    }
    SECTION("another queue") {
        line.at(5min).fire("wait", "english", Level::red);
        line.expect(
            plus(plus(sups, {"sms first boss"}), {"sms need lead-1", "sms need lead-2", "sms need lead-3", "sms need lead-4"}));
    }
}

TEST_CASE("cause: a further red asks nobody while seats are filled, in another scope, or over a restart again") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(2min).fire("wait", "english", Level::red).quiet();
    line.answer(AnswerKind::leave, "lead-1");
    line.quiet();

    DeskLine again(short_tiers());
    exhaust(again);
    again.at(3min).fire("wait", "english", Level::red).expect(everybody);
    again.at(5min).crash(2s).at(6min).quiet();
    again.fire("wait", "english", Level::red).at(7min).quiet();
}

TEST_CASE("cause: a further red that makes seats missing in the same moment asks who has not answered, at once") {
    auto plan = team_plan();
    plan.policies[0].need = {3, "queues * 3", 5min, 1, 20};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(2min).fire("wait", "english", Level::red);
    line.expect({"sms need lead-4", "sms need sup-1", "sms need sup-2", "sms need sup-3", "sms need boss"});
    line.fire("surge", "general", Level::yellow).quiet();
}

/// Three joined, it was over, and it begins again within the reopen window: they are asked first, before any tier.
void reopen_for_helpers(DeskLine& line) {
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.clear("wait", "general")
        .at(3min)
        .expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    line.at(5min).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
}

TEST_CASE("cause: a further red asks again those who helped before and are asked first when the incident reopens") {
    auto plan = team_plan();
    plan.policies[0].tiers.resize(1);
    DeskLine line(plan);
    reopen_for_helpers(line);
    line.at(6min + 30s).fire("wait", "english", Level::red);
    line.expect({"sms need lead-1", "sms need lead-2", "sms need lead-3"});
}

TEST_CASE("cause: with ack_stops a further red asks again those who have not answered") {
    auto plan = team_plan();
    plan.policies[0].ack_stops = true;
    plan.policies[0].need.fixed = 9;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    line.answer(AnswerKind::ack, "lead-1");
    line.at(2min).fire("wait", "english", Level::red).any();
    for (const auto* id : {"lead-2", "lead-3", "lead-4", "sup-1", "sup-2", "sup-3", "boss"}) {
        CHECK(reason(line, id) == "asked again");
    }
}

TEST_CASE("reopen: who helped once is asked first each time it reopens, also when they did not answer the last time") {
    const bool seen = GENERATE(false, true);
    DeskLine line;
    reopen_for_helpers(line);
    if (seen) {
        line.answer(AnswerKind::ack, "lead-1");
    }
    line.clear("wait", "general").at(8min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3"});
    line.at(9min).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
}

TEST_CASE("remind: those who helped before and are asked first when the incident reopens are reminded") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].remind = 30s;
    DeskLine line(plan);
    reopen_for_helpers(line);
    line.at(5min + 30s).expect({"sms remind lead-1", "sms remind lead-2", "sms remind lead-3"});
}

TEST_CASE("cause: a seat that is given back when everybody was called asks again") {
    DeskLine line(short_tiers());
    exhaust(line);
    line.answer(AnswerKind::join, "lead-1");
    line.at(5min).quiet();
    line.answer(AnswerKind::leave, "lead-1");
    auto silent = everybody;
    std::erase(silent, "sms repeat_round lead-1");
    line.expect(silent);
}

TEST_CASE("cause: a storm of red alerts is no alarm each") {
    DeskLine line(short_tiers());
    std::vector<AlertEdge> storm;
    for (int i = 0; i < 400; ++i) {
        storm.push_back(line.firing("wait", "q" + std::to_string(i), Level::red));
    }
    line.at(0s).edges(storm).expect(plus(plus(leads, sups), {"sms first boss"}));
    line.at(10s).expect({"sms first desk"});
    line.at(5min).fire("wait", "one-more", Level::red).at(10min).quiet();
    CHECK(line.desk().snapshot().size() < 500000);
}
