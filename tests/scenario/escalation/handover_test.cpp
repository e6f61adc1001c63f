// Seats that go from one to another, and who is named to be asked instead.
#include <algorithm>

#include "core/team/roster.hpp"
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
CommandReply name(DeskLine& line, AnswerKind kind, const std::string& person, const std::string& to,
                  const std::string& key = {}) {
    Command c;
    c.kind = Command::Kind::answer;
    c.answer = kind;
    c.incident = line.incident().incident;
    c.person = person;
    c.by = person;
    c.way = "test";
    c.key = key;
    c.successor = to;
    return line.command(c);
}
CommandReply hand_over(DeskLine& line, const std::string& person, const std::string& to, const std::string& key = {}) {
    return name(line, AnswerKind::leave, person, to, key);
}

/// Three leads hold the three seats, the fourth has said no.
DeskLine& filled(DeskLine& line) {
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::decline, "lead-4");
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    CHECK(line.state() == "filled");
    return line.at(60s);
}

std::string reason_of(const DeskLine& line, const std::string& person, SeatState state) {
    std::string out = "none";
    for (const auto& record : line.records()) {
        const auto* seat = std::get_if<SeatChange>(&record.body);
        out = seat != nullptr && seat->person == person && seat->state == state ? seat->reason : out;
    }
    return out;
}
}  // namespace

TEST_CASE("hand-over: the successor alone is asked at once, and the seat is the leaver's until they join") {
    DeskLine line;
    filled(line);
    const auto reply = hand_over(line, "lead-1", "sup-1");
    CHECK(reply.ok);
    CHECK(reply.code == "noted");
    CHECK(reply.joined == 3);
    CHECK(reply.message.find("sup-1 is asked to take over") != std::string::npos);
    line.expect({"sms handover sup-1"});
    CHECK(line.orders().back().text.find("请您接替lead-1，") != std::string::npos);
    CHECK(line.state() == "filled");
    CHECK(line.seat("lead-1") == SeatState::joined);
    line.at(5min).quiet();
    const auto joined = line.answer(AnswerKind::join, "sup-1");
    CHECK(joined.code == "seated");
    CHECK(joined.joined == 3);
    CHECK(line.seat("lead-1") == SeatState::left);
    CHECK(line.seat("sup-1") == SeatState::joined);
    CHECK(reason_of(line, "lead-1", SeatState::left) == "handed over to sup-1");
    CHECK(line.state() == "filled");
    CHECK(line.count_type("incident.unfilled") == 0);
    line.expect({"sms stand_down lead-1"});  // who kept the seat until now hears that they may go
    CHECK(line.orders().back().text.rfind("【交班】", 0) == 0);
    CHECK(line.orders().back().text.find("sup-1已接班，您可以下线，谢谢") != std::string::npos);
    line.at(1h).quiet();
    line.clear("wait", "general").at(1h + 3min);  // ... and it was their closing message
    line.expect({"sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1"});
    const auto answered = std::find_if(line.records().begin(), line.records().end(), [](const Record& r) {
        const auto* a = std::get_if<AnswerGiven>(&r.body);
        return a != nullptr && a->kind == AnswerKind::leave;
    });
    REQUIRE(answered != line.records().end());
    CHECK(std::get<AnswerGiven>(answered->body).successor == "sup-1");
    CHECK(std::get<AnswerGiven>(answered->body).by == "lead-1");
}

TEST_CASE("hand-over: after handover_within the seat is free and others are called; the successor may still come") {
    auto plan = team_plan();
    plan.policies[0].handover_within = 4min;
    DeskLine line(plan);
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    line.at(5min - 1ms).quiet();
    CHECK(line.seat("lead-1") == SeatState::joined);
    line.at(5min);
    CHECK(line.seat("lead-1") == SeatState::left);
    CHECK(reason_of(line, "lead-1", SeatState::left) == "sup-1 did not come within 4m");
    CHECK(line.state() == "paging");
    line.expect({"sms stand_down lead-1"});  // and nobody else: sup-1 is asked and could still fill it: the tier has its wait
    CHECK(line.orders().back().text.find("您的席位已交回，您可以下线") != std::string::npos);
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.state() == "filled");
}

TEST_CASE("hand-over: a successor who says no ends it at once, and the seat is called for") {
    DeskLine line;
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    line.answer(AnswerKind::decline, "sup-1");
    CHECK(line.seat("lead-1") == SeatState::left);
    CHECK(reason_of(line, "lead-1", SeatState::left) == "sup-1 cannot take over: declined");
    line.expect({"sms first sup-2", "sms first sup-3", "sms stand_down lead-1"});
}

TEST_CASE("hand-over: a successor whom no way reaches ends it at once") {
    DeskLine line;
    filled(line);
    line.says("sms", {OutcomeClass::reject});
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1", "sms first sup-2", "sms first sup-3", "sms stand_down lead-1"});
    CHECK(line.seat("sup-1") == SeatState::unreachable);
    CHECK(line.seat("lead-1") == SeatState::left);
}

TEST_CASE("hand-over: who is asked to take over counts for no other seat that is missing") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::join, "lead-2");
    hand_over(line, "lead-1", "lead-3");
    line.expect({"sms handover lead-3"});
    // One seat is missing and lead-4 alone could fill it: when they say no the next tier is called, although lead-3 is asked.
    line.answer(AnswerKind::decline, "lead-4");
    line.expect(sups);
    const auto reply = line.answer(AnswerKind::join, "lead-3");
    CHECK(reply.code == "seated");
    CHECK(reply.joined == 2);
    CHECK(line.state() == "paging");
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.state() == "filled");
}

TEST_CASE("hand-over: a page that waits is kept through the filling of the other seats") {
    auto plan = team_plan();
    plan.people[4].normal = {{"sms", 0s, 0s}, {"voice", 60s, 0s}};
    DeskLine line(plan);
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    line.at(2min - 1ms).quiet();
    line.at(2min).expect({"voice handover sup-1"});  // their own reach, although seats are filled
}

TEST_CASE("hand-over: it holds over a kill, and its time goes on") {
    DeskLine line;
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    line.crash(2min);
    line.at(11min - 1ms).quiet();
    CHECK(line.seat("lead-1") == SeatState::joined);
    line.at(11min);
    CHECK(line.seat("lead-1") == SeatState::left);
}

TEST_CASE("hand-over: who names another takes the first back; the ownership goes with the seat") {
    DeskLine line;
    filled(line);
    line.answer(AnswerKind::ack, "lead-1");
    CHECK(line.incident().owner == "lead-1");
    hand_over(line, "lead-1", "sup-1");
    CHECK(hand_over(line, "lead-1", "sup-1").code == "already");
    line.expect({"sms handover sup-1"});
    CHECK(hand_over(line, "lead-1", "sup-2").code == "noted");
    line.expect({"sms handover sup-2"});
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "spare");
    CHECK(line.answer(AnswerKind::join, "sup-2").code == "seated");
    CHECK(line.incident().owner == "sup-2");
    CHECK(line.incident().joined == 3);
}

TEST_CASE("hand-over: a leaver who leaves for good frees the seat; the successor is a candidate like others") {
    DeskLine line;
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    line.answer(AnswerKind::leave, "lead-1");
    CHECK(line.state() == "paging");
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.state() == "filled");
    line.quiet();  // their own word: nobody needs to tell them
    line.clear("wait", "general").at(5min);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1"});
}

TEST_CASE("hand-over: a leaver removed by a reload frees the seat") {
    DeskLine line;
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    auto plan = team_plan();
    plan.people.erase(plan.people.begin());
    line.reload(plan);
    CHECK(line.state() == "paging");
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
}

TEST_CASE("hand-over: a successor removed by a reload ends it") {
    DeskLine line;
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    auto plan = team_plan();
    plan.people.erase(plan.people.begin() + 4);
    line.reload(plan);
    CHECK(line.seat("lead-1") == SeatState::left);
    line.expect({"sms first sup-2", "sms first sup-3", "sms stand_down lead-1"});
}

TEST_CASE("hand-over: refused with the reason: oneself, nobody, who holds a seat, who said no, who is on no roster, no seat") {
    auto plan = team_plan();
    plan.people.push_back(make_person("stranger", {"sms"}));
    plan.people.push_back(make_person("mute", {}));
    plan.policies[0].fallback = {"desk", "mute"};
    DeskLine line(plan);
    filled(line);
    const auto records = line.records().size();
    const auto refused = [&](const std::string& person, const std::string& to, const std::string& code, const std::string& why) {
        const auto reply = hand_over(line, person, to);
        INFO(reply.message);
        CHECK_FALSE(reply.ok);
        CHECK(reply.code == code);
        CHECK(reply.message.find(why) != std::string::npos);
    };
    refused("lead-1", "lead-1", "conflict", "to yourself");
    refused("lead-1", "ghost", "unknown_person", "ghost");
    refused("lead-1", "lead-2", "conflict", "holds a seat");
    refused("lead-1", "lead-4", "conflict", "said no");
    refused("lead-1", "stranger", "conflict", "on no roster");
    refused("lead-1", "mute", "conflict", "reach");
    refused("sup-2", "sup-1", "not_asked", "hold no seat");
    CHECK_FALSE(name(line, AnswerKind::join, "sup-2", "sup-1").ok);
    CHECK(line.records().size() == records);
    CHECK(line.seat("lead-1") == SeatState::joined);
    CHECK(hand_over(line, "lead-1", "desk").ok);  // of the fallback list
    line.expect({"sms handover desk"});
    const auto taken = hand_over(line, "lead-2", "desk");
    CHECK(taken.code == "conflict");
    CHECK(taken.message.find("come for lead-1") != std::string::npos);
}

TEST_CASE("hand-over: a repeated request under one key is one hand-over; another under it is refused") {
    DeskLine line;
    filled(line);
    CHECK(hand_over(line, "lead-1", "sup-1", "k1").ok);
    line.expect({"sms handover sup-1"});
    CHECK(hand_over(line, "lead-1", "sup-1", "k1").ok);
    CHECK(hand_over(line, "lead-1", "sup-2", "k1").code == "conflict");
    line.crash();
    CHECK(hand_over(line, "lead-1", "sup-1", "k1").ok);
    line.quiet();
}

TEST_CASE("hand-over: the end of the surge ends it; reopened, nobody hands over") {
    DeskLine line;
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"}).clear("wait", "general");
    line.at(5min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1"});
    line.at(6min).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
    line.at(6min + 30s);
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.incident().joined == 2);
}

TEST_CASE("hand-over: named in a lull, the successor who says no before it goes on is not asked") {
    DeskLine line;
    filled(line);
    line.clear("wait", "general").at(70s);
    CHECK(hand_over(line, "lead-1", "sup-1").ok);
    CHECK(line.answer(AnswerKind::decline, "sup-1").ok);
    line.at(80s).quiet();
    line.fire("wait", "general", Level::yellow);
    CHECK(line.seat("sup-1") == SeatState::declined);
    CHECK(line.seat("lead-1") == SeatState::left);
    CHECK(reason_of(line, "lead-1", SeatState::left) == "sup-1 cannot take over: declined");
    line.expect({"sms first sup-2", "sms first sup-3", "sms stand_down lead-1"});
}

TEST_CASE("hand-over: killed while it is said that they may go, it is said once more, labelled, and not a third time") {
    DeskLine line;
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"});
    line.silent("sms");
    line.answer(AnswerKind::join, "sup-1");
    line.expect({"sms stand_down lead-1"});
    line.silent("sms", false).crash();
    line.at(70s).expect({"sms stand_down lead-1 repeat"});
    line.crash();
    line.at(10min).clear("wait", "general").at(20min);
    line.expect({"sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1"});
}

TEST_CASE("hand-over: told that they may go, at the end they hear nothing more, nor when it reopens") {
    auto plan = team_plan();
    plan.policies[0].handover_within = 1min;
    DeskLine line(plan);
    filled(line);
    hand_over(line, "lead-1", "sup-1");
    line.expect({"sms handover sup-1"}).at(90s);
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    line.expect({"sms stand_down lead-1"});
    line.clear("wait", "general").at(10min);
    line.expect({"sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1"});
    line.at(11min).fire("wait", "general", Level::yellow);  // reopened: nobody hears again that they may go
    line.expect({"sms first lead-2", "sms first lead-3", "sms first sup-1"});
}

TEST_CASE("substitute: who says no names somebody, who is asked at once while a seat is missing") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    CHECK(name(line, AnswerKind::decline, "lead-1", "sup-2").ok);
    line.expect({"sms handover sup-2"});
    CHECK(line.orders().back().text.find("lead-1来不了，推荐您") != std::string::npos);
    CHECK(line.seat("lead-1") == SeatState::declined);
    // The substitute's seat is one of the missing ones.
    line.answer(AnswerKind::join, "lead-2");
    line.answer(AnswerKind::join, "lead-3");
    CHECK(line.answer(AnswerKind::join, "sup-2").code == "seated");
    CHECK(line.state() == "filled");
    line.at(30min).quiet();
}

TEST_CASE("substitute: while seats are filled nobody is asked; when one is free the substitute is among the first") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    CHECK(name(line, AnswerKind::decline, "lead-4", "boss").ok);
    line.at(5min).quiet();
    line.answer(AnswerKind::leave, "lead-1");
    line.expect({"sms handover boss"});
}

TEST_CASE("substitute: while only a role is missing, one without it is not asked for it") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].require = {{"supervisor", "", 1}};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    CHECK(line.state() == "paging");
    CHECK(name(line, AnswerKind::decline, "lead-4", "boss").ok);
    line.expect(sups);
}

TEST_CASE("substitute: who gives a seat up by declining is followed by the one they name") {
    DeskLine line;
    filled(line);
    CHECK(name(line, AnswerKind::decline, "lead-1", "sup-1").ok);
    line.expect({"sms handover sup-1"});
    CHECK(line.state() == "paging");
    CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
    CHECK(line.state() == "filled");
}
