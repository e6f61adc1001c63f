// recheck / recheck_add: seats were filled, and the surge does not fall.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> leads_and_sups{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4",
                                              "sms first sup-1",  "sms first sup-2",  "sms first sup-3"};

Plan rechecked(int add = 2) {
    auto plan = team_plan();
    plan.policies[0].recheck = 10min;
    plan.policies[0].recheck_add = add;
    return plan;
}
/// Three leads join at 30 s; the fourth has said no.
void fill(DeskLine& line, Level level = Level::yellow) {
    line.at(0s).fire("wait", "general", level);
    line.expect(level == Level::yellow ? leads : leads_and_sups);
    line.at(30s);
    line.answer(AnswerKind::decline, "lead-4");
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        REQUIRE(line.answer(AnswerKind::join, id).code == "seated");
    }
    REQUIRE(line.state() == "filled");
}
std::string last_reason(const DeskLine& line, IncidentStep step) {
    std::string reason;
    for (const auto& record : line.records()) {
        if (const auto* c = std::get_if<IncidentChange>(&record.body); c != nullptr && c->step == step) {
            reason = c->reason;
        }
    }
    return reason;
}
}  // namespace

TEST_CASE("filled and not falling after the recheck: the need rises and the next tier is called at once, with the reason") {
    DeskLine line(rechecked());
    fill(line);
    line.at(10min + 30s - 1ms).quiet();
    CHECK(line.incident().need == 3);
    line.at(10min + 30s).expect(sups);
    CHECK(line.incident().need == 5);
    CHECK(line.incident().tier == 2);
    CHECK(line.state() == "paging");
    CHECK(last_reason(line, IncidentStep::recheck) == "filled but still rising: yellow (was yellow)");
    CHECK(last_reason(line, IncidentStep::tier) == "filled but still rising");
    CHECK(line.orders().back().text == "【话务突增】jinan/普席 黄色：general 排队最长104>100，人齐仍在涨，需5人已加入3人，请上线 #0-1");
}

TEST_CASE("without recheck_add, or without recheck, a filled incident is left alone") {
    for (const auto& [recheck, add] : std::vector<std::pair<Span, int>>{{10min, 0}, {0s, 2}}) {
        auto plan = team_plan();
        plan.policies[0].recheck = recheck;
        plan.policies[0].recheck_add = add;
        DeskLine line(plan);
        fill(line);
        line.at(2h).quiet();
        CHECK(line.count_type("incident.recheck") == 0);
    }
}

TEST_CASE("a level that fell is falling: recorded, nobody is called; it is looked again, against the new level") {
    DeskLine line(rechecked());
    fill(line, Level::orange);
    line.at(5min).fire("wait", "general", Level::yellow);
    line.at(10min + 30s).quiet();
    CHECK(last_reason(line, IncidentStep::recheck) == "filled and falling: yellow (was orange)");
    CHECK(line.incident().need == 3);
    line.at(20min + 30s - 1ms).quiet();
    line.at(20min + 30s);
    CHECK(last_reason(line, IncidentStep::recheck) == "filled but still rising: yellow (was yellow)");
    CHECK(line.incident().need == 5);
    line.expect({"sms first boss"});  // the supervisors have been asked and may still answer
}

TEST_CASE("agents missing decide where they are known: a tenth less is falling, less than that is not") {
    for (const auto& [left, rises] : std::vector<std::pair<double, bool>>{{9.1, true}, {9.0, false}, {20, true}, {0, false}}) {
        DeskLine line(rechecked());
        line.staffed("jinan", "general", 10);
        fill(line);
        line.staffed("jinan", "general", left);
        line.at(10min + 30s);
        CAPTURE(left);
        CHECK(line.incident().need == (rises ? 5 : 3));
        line.expect(rises ? sups : std::vector<std::string>{});
    }
}

TEST_CASE("alerts that are all clearing are falling") {
    DeskLine line(rechecked());
    fill(line);
    auto e = line.incident().alerts.front();
    e.from = AlertState::firing;
    e.to = AlertState::clearing;
    line.at(10min).edge(e).at(10min + 30s).quiet();
    CHECK(line.incident().need == 3);
}

TEST_CASE("the need rises to its most and not above, and this is recorded") {
    auto plan = rechecked(5);
    plan.policies[0].need.max = 4;
    DeskLine line(plan);
    fill(line);
    line.at(10min + 30s).expect(sups);
    CHECK(line.incident().need == 4);
    REQUIRE(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.state() == "filled");
    line.at(20min + 30s).quiet();
    CHECK(line.incident().need == 4);
    CHECK(last_reason(line, IncidentStep::recheck) == "filled but still rising: yellow (was yellow); the need is at its most");
}

TEST_CASE("the need does not rise above the people who could still come") {
    DeskLine line(rechecked(100));
    fill(line);
    line.at(10min + 30s).expect(sups);
    CHECK(line.incident().need == 3 + 3 + 1 + 1);  // supervisors, boss, desk; lead-4 has said no
    for (const auto* id : {"sup-1", "sup-2", "sup-3"}) {
        REQUIRE(line.answer(AnswerKind::join, id).code == "seated");
    }
    line.expect({"sms first boss"});
    line.answer(AnswerKind::join, "boss");
    line.expect({"sms first desk"});
    line.answer(AnswerKind::join, "desk");
    CHECK(line.state() == "filled");
    line.at(31min).quiet();
    CHECK(line.incident().need == 8);
    CHECK(last_reason(line, IncidentStep::recheck) == "filled but still rising: yellow (was yellow); nobody is left to call");
}

TEST_CASE("those standing by are asked with the next tier") {
    DeskLine line(rechecked());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3", "lead-4"}) {
        line.answer(AnswerKind::join, id);
    }
    CHECK(line.seat("lead-4") == SeatState::spare);
    auto wanted = sups;
    wanted.emplace_back("sms need lead-4");
    line.at(10min + 30s).expect(wanted);
}

TEST_CASE("no recheck while metrics are dead, and the waiting of a pause does not count") {
    DeskLine line(rechecked());
    fill(line);
    line.at(1min).stale("wait", "general");
    line.expect({"sms blind lead-1", "sms blind lead-2", "sms blind lead-3"});
    line.at(30min).quiet();
    CHECK(line.incident().need == 3);

    DeskLine paused(rechecked());
    fill(paused);
    paused.at(9min).clear("wait", "general").at(11min).fire("wait", "general", Level::yellow);
    paused.at(12min + 30s - 1ms).quiet();
    paused.at(12min + 30s).expect(sups);
}

TEST_CASE("a kill between filled and recheck, or just after it, changes nothing of it") {
    DeskLine line(rechecked());
    fill(line);
    line.crash(5s).at(10min + 30s - 1ms).quiet();
    line.at(10min + 30s).expect(sups);
    line.crash(5s).at(12min).quiet();
    CHECK(line.incident().need == 5);
}

TEST_CASE("a kill just after the record of a rise: those it wants are called before the need rises once more") {
    DeskLine line(rechecked());
    fill(line);
    line.at(10min + 30s).expect(sups);
    Desk again(line.plan());
    for (const auto& record : line.records()) {
        again.apply(record);
        const auto* change = std::get_if<IncidentChange>(&record.body);
        if (change != nullptr && change->step == IncidentStep::recheck) {
            break;
        }
    }
    Decisions out;
    const Stamp back{line.now().at + 11min, line.now().wall + 11min};  // the next recheck would be due
    again.recovered(line.now().at, back, out);
    again.advance(back, out);
    CHECK(again.incidents().front().need == 5);
    CHECK(out.orders.size() == sups.size());
}

TEST_CASE("a need by shortfall: a recheck raises it where staffing is not known, and no need is left once nobody is missing") {
    auto plan = rechecked(1);
    plan.policies[0].need.expression = "shortfall";
    plan.policies[0].need.min = 3;
    DeskLine line(plan);
    fill(line);
    line.at(10min + 30s).expect(sups);
    CHECK(line.incident().need == 4);
    line.staffed("jinan", "general", 0, 0, staffing::Cause::none, 2h);
    line.at(13min + 30s).expect({"sms first boss"});
    line.at(18min + 30s).expect({"sms first desk"});
    CHECK(line.incident().need == 4);
    line.at(20min + 30s).quiet();
    CHECK(line.incident().need == 3);
    CHECK(line.state() == "filled");
}
