// arrive_within: who said "I come" and did not.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
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

// ---- what the metrics show

namespace {
DeskLine& three_joined(DeskLine& line) {
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::decline, "lead-4");
    for (const auto* id : {"lead-2", "lead-1", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    return line;
}
std::string last_reason(const DeskLine& line, SeatState state) {
    std::string out;
    for (const auto& record : line.records()) {
        const auto* seat = std::get_if<SeatChange>(&record.body);
        out = seat != nullptr && seat->state == state ? seat->reason : out;
    }
    return out;
}
}  // namespace

TEST_CASE("arrivals: as many as the agents rose by have arrived, those first who joined first; the others are no-shows") {
    DeskLine line(expecting());
    line.knows("jinan", "general", "agents_staffed", 9);
    three_joined(line);
    line.at(5min).knows("jinan", "general", "agents_staffed", 11);
    line.at(5min + 10s);
    CHECK(line.seat("lead-2") == SeatState::arrived);  // the first who joined
    CHECK(line.seat("lead-1") == SeatState::arrived);
    CHECK(line.seat("lead-3") == SeatState::joined);
    CHECK(last_reason(line, SeatState::arrived) == "seen in the metrics: 11 agents, 9 before");
    CHECK(line.incident().arrived == 2);
    line.at(15min + 30s).expect(sups);
    CHECK(line.seat("lead-3") == SeatState::noshow);
}

TEST_CASE("arrivals: what was seen stays when agents fall again, and holds over a kill") {
    DeskLine line(expecting());
    line.knows("jinan", "general", "agents_staffed", 9);
    three_joined(line);
    line.at(5min).knows("jinan", "general", "agents_staffed", 12).at(6min);
    CHECK(line.incident().arrived == 3);
    line.knows("jinan", "general", "agents_staffed", 4).crash().at(1h).quiet();
    CHECK(line.incident().arrived == 3);
}

TEST_CASE("arrivals: who says so is one of those whom the metrics show") {
    DeskLine line(expecting());
    line.knows("jinan", "general", "agents_staffed", 9);
    three_joined(line);
    line.at(5min).answer(AnswerKind::arrive, "lead-3");
    line.knows("jinan", "general", "agents_staffed", 10).at(6min);
    CHECK(line.incident().arrived == 1);
    line.knows("jinan", "general", "agents_staffed", 11).at(7min);
    CHECK(line.incident().arrived == 2);
    CHECK(line.seat("lead-2") == SeatState::arrived);
}

TEST_CASE("arrivals: the look at the metrics comes before the verdict") {
    DeskLine line(expecting());
    line.knows("jinan", "general", "agents_staffed", 9);
    three_joined(line);
    line.at(15min + 30s - 1ms).knows("jinan", "general", "agents_staffed", 12);
    line.at(15min + 30s).quiet();
    CHECK(line.incident().arrived == 3);
}

TEST_CASE("arrivals: a rise counts once over incidents on the same queues") {
    auto plan = expecting();
    auto other = plan.policies[0];
    other.id = "vip";
    other.tiers[0].rosters = {"supervisors"};
    other.tiers.resize(1);
    other.need.fixed = 2;
    plan.policies.push_back(other);
    auto rule = plan.rules[0];
    rule.id = "rate";
    rule.policy = "vip";
    plan.rules.push_back(rule);
    DeskLine line(plan);
    line.knows("jinan", "general", "agents_staffed", 9);
    three_joined(line);
    auto edge = line.firing("rate", "general", Level::yellow);
    edge.policy = "vip";
    line.edge(edge).expect(sups);
    line.answer(AnswerKind::join, "sup-1");
    line.answer(AnswerKind::join, "sup-2");
    line.at(5min).knows("jinan", "general", "agents_staffed", 13).at(6min);
    int arrived = 0;
    for (const auto& incident : line.desk().incidents()) {
        arrived += incident.arrived;
    }
    CHECK(arrived == 4);  // five have joined, the metrics show four
}

TEST_CASE("arrivals: one person in several queues of a centre is one; people of two centres are two") {
    auto plan = expecting();
    plan.policies[0].scope = {"group"};
    DeskLine line(plan);
    line.knows("jinan", "general", "agents_staffed", 9).knows("jinan", "vip", "agents_staffed", 5);
    line.knows("qingdao", "general", "agents_staffed", 7);
    three_joined(line);
    line.at(5min).knows("jinan", "general", "agents_staffed", 10).knows("jinan", "vip", "agents_staffed", 6).at(6min);
    CHECK(line.incident().arrived == 1);
    line.knows("qingdao", "general", "agents_staffed", 8).at(7min);
    CHECK(line.incident().arrived == 2);
}

TEST_CASE("arrivals: without the metric, or when other queues tell than before, only what people say counts") {
    DeskLine missing(expecting());
    three_joined(missing);
    missing.at(5min).knows("jinan", "general", "agents_staffed", 90).at(6min);
    CHECK(missing.incident().arrived == 0);
    DeskLine line(expecting());
    line.knows("jinan", "vip", "agents_staffed", 3);
    three_joined(line);
    line.at(5min).knows("jinan", "general", "agents_staffed", 90).at(6min);  // it was silent before
    CHECK(line.incident().arrived == 0);
    line.at(15min + 30s).expect(sups);
    CHECK(line.incident().noshow == 3);
}

TEST_CASE("arrivals: arrive_by = answer believes people only") {
    auto plan = expecting();
    plan.policies[0].arrive_by = ArriveBy::answer;
    DeskLine line(plan);
    line.knows("jinan", "general", "agents_staffed", 9);
    three_joined(line);
    line.at(5min).knows("jinan", "general", "agents_staffed", 12).at(6min);
    CHECK(line.incident().arrived == 0);
    line.at(15min + 30s).expect(sups);
}

TEST_CASE("a no-show's time runs on through restarts; only who was due while surged was down has a minute more, once") {
    auto plan = expecting();
    plan.policies[0].tiers[0].arrive_within = 5min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.answer(AnswerKind::decline, "lead-4");
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    SECTION("before its end") {
        line.at(2min).crash(1s).at(4min + 58s).crash(1s).at(5min - 1ms).quiet();
        line.at(5min);
        CHECK(line.incident().noshow == 3);
        line.expect(sups);
    }
    SECTION("over its end") {
        line.at(4min + 58s).crash(4s).at(5min + 30s).crash(1s).at(6min + 2s - 1ms).quiet();
        CHECK(line.incident().noshow == 0);
        line.at(6min + 2s).expect(sups);
        CHECK(line.incident().noshow == 3);
    }
}
