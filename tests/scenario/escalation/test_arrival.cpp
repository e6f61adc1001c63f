// arrive_within: who said "I come" and did not.
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> leads{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"};
const std::vector<std::string> sups{"sms first sup-1", "sms first sup-2", "sms first sup-3"};

Plan expecting() {
    auto plan = team_plan();
    plan.policies[0].tiers[0].arrive_within = 15min;
    return plan;
}
}  // namespace

TEST_CASE("who joined and has not arrived in time is a no-show: the seat is open again and the next tier is called") {
    DeskLine line(expecting());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::decline, "lead-4");
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(10min);
    CHECK(line.answer(AnswerKind::arrive, "lead-1").code == "seated");
    CHECK(line.answer(AnswerKind::arrive, "lead-2").code == "seated");
    line.at(15min + 30s - 1ms).quiet();
    CHECK(line.state() == "filled");
    line.at(15min + 30s).expect(sups);
    CHECK(line.seat("lead-3") == SeatState::noshow);
    CHECK(line.seat("lead-1") == SeatState::arrived);
    CHECK(line.incident().noshow == 1);
    CHECK(line.incident().joined == 2);
    CHECK(line.state() == "paging");
}

TEST_CASE("a spare is asked first for the seat of a no-show") {
    DeskLine line(expecting());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3", "lead-4"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(5min);
    line.answer(AnswerKind::arrive, "lead-1");
    line.answer(AnswerKind::arrive, "lead-2");
    line.at(15min + 30s).expect({"sms need lead-4"});
    line.answer(AnswerKind::join, "lead-4");
    CHECK(line.state() == "filled");
    // The new seat has its own time.
    line.at(30min + 30s - 1ms).quiet();
    line.at(30min + 30s).expect(sups);
}

TEST_CASE("a no-show who arrives later takes the seat if it is free, else stands by; nobody calls them again") {
    DeskLine line(expecting());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::decline, "lead-4");
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(15min + 30s).expect(sups);
    CHECK(line.incident().noshow == 3);
    CHECK(line.answer(AnswerKind::arrive, "lead-1").code == "seated");
    CHECK(line.seat("lead-1") == SeatState::arrived);
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.answer(AnswerKind::join, "sup-2").code == "seated");
    CHECK(line.answer(AnswerKind::arrive, "lead-2").code == "spare");
    line.quiet();
}

TEST_CASE("tiers without arrive_within wait for nobody to arrive") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(5h).quiet();
    CHECK(line.incident().noshow == 0);
}

TEST_CASE("the time that surged was down is nobody's no-show: a minute is left to say so") {
    DeskLine line(expecting());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::decline, "lead-4");
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(15min).crash(5min).at(21min - 1ms).quiet();
    line.answer(AnswerKind::arrive, "lead-1");
    CHECK(line.incident().noshow == 0);
    line.at(21min).expect(sups);
    CHECK(line.incident().noshow == 2);
}
