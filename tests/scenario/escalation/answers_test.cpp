// Seats and answers: order of joining, spares, leaving, volunteers, repeats, answers that cross an ending.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
DeskLine open() {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    return line;
}
void fill(DeskLine& line) {
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        REQUIRE(line.answer(AnswerKind::join, id).code == "seated");
    }
}
}  // namespace

TEST_CASE("the join that fills the last seat fills the incident; nobody more is called") {
    auto line = open();
    fill(line);
    CHECK(line.state() == "filled");
    CHECK(line.incident().joined == 3);
    CHECK(line.count_type("incident.filled") == 1);
    line.at(2h).quiet();
}

TEST_CASE("a join after filled stands by") {
    auto line = open();
    fill(line);
    const auto reply = line.answer(AnswerKind::join, "lead-4");
    CHECK(reply.ok);
    CHECK(reply.code == "spare");
    CHECK(reply.joined == 3);
    CHECK(reply.need == 3);
    CHECK(line.answer(AnswerKind::join, "lead-4").code == "already");
}

TEST_CASE("the same join twice is answered the same and takes one seat") {
    auto line = open();
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
    const auto again = line.answer(AnswerKind::join, "lead-1");
    CHECK(again.ok);
    CHECK(again.code == "already");
    CHECK(line.incident().joined == 1);
}

TEST_CASE("an Idempotency-Key repeated gets the same reply, for another request a conflict, for another caller its own") {
    auto line = open();
    const auto first = line.answer(AnswerKind::join, "lead-1", "k1");
    const auto records = line.records().size();
    const auto second = line.answer(AnswerKind::join, "lead-1", "k1");
    CHECK(second.code == first.code);
    CHECK(second.message == first.message);
    CHECK(second.joined == first.joined);
    CHECK(line.records().size() == records);
    CHECK(line.answer(AnswerKind::leave, "lead-1", "k1").code == "conflict");
    CHECK(line.answer(AnswerKind::join, "lead-2", "k1").code == "seated");
    CHECK(line.answer(AnswerKind::join, "lead-3", std::string(128, 'k')).code == "seated");
    CHECK(line.answer(AnswerKind::join, "lead-4", std::string(129, 'k')).code == "refused");
    CHECK(line.answer(AnswerKind::join, "lead-4", "a\tb").code == "refused");
}

TEST_CASE("ten thousand keys are remembered, the oldest goes out") {
    auto line = open();
    Desk& desk = line.desk();
    Decisions out;
    Command c;
    c.incident = "0-1";
    c.person = c.by = "lead-1";
    for (int i = 0; i <= 10000; ++i) {
        c.key = "k" + std::to_string(i);
        desk.on_command(c, line.now(), out);
        out.clear();
    }
    c.key = "k1";
    desk.on_command(c, line.now(), out);
    CHECK(out.records.empty());
    c.key = "k0";
    desk.on_command(c, line.now(), out);
    CHECK(out.records.size() == 1);
}

TEST_CASE("leave frees the seat: spares are asked first, then the untried, then the next tier") {
    auto line = open();
    fill(line);
    line.answer(AnswerKind::join, "lead-4");
    line.at(60s);
    CHECK(line.answer(AnswerKind::leave, "lead-2").code == "noted");
    CHECK(line.count_type("incident.unfilled") == 1);
    line.expect({"sms need lead-4"});
    CHECK(line.answer(AnswerKind::join, "lead-4").code == "seated");
    CHECK(line.state() == "filled");
    line.answer(AnswerKind::leave, "lead-1");
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
}

TEST_CASE("who left may come back") {
    auto line = open();
    fill(line);
    line.answer(AnswerKind::leave, "lead-1");
    line.expect({});
    CHECK(line.answer(AnswerKind::leave, "lead-1").code == "already");
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
    CHECK(line.state() == "filled");
}

TEST_CASE("arrive confirms a seat, and counts once") {
    auto line = open();
    line.answer(AnswerKind::join, "lead-1");
    CHECK(line.answer(AnswerKind::arrive, "lead-1").code == "seated");
    CHECK(line.seat("lead-1") == SeatState::arrived);
    CHECK(line.answer(AnswerKind::arrive, "lead-1").code == "already");
    CHECK(line.incident().joined == 1);
    CHECK(line.incident().arrived == 1);
    CHECK(line.answer(AnswerKind::arrive, "lead-2").code == "seated");
    CHECK(line.incident().joined == 2);
}

TEST_CASE("a decline is final for the incident unless the person joins later") {
    auto line = open();
    line.answer(AnswerKind::decline, "lead-1");
    CHECK(line.answer(AnswerKind::decline, "lead-1").code == "already");
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
}

TEST_CASE("a known person who was never asked may take a seat; an unknown one may not") {
    auto line = open();
    CHECK(line.answer(AnswerKind::join, "sup-2").code == "seated");
    CHECK(line.seat("sup-2") == SeatState::joined);
    const auto stranger = line.answer(AnswerKind::join, "stranger");
    CHECK_FALSE(stranger.ok);
    CHECK(stranger.code == "unknown_person");
    CHECK(line.answer(AnswerKind::leave, "boss").code == "not_asked");
    Command c;
    c.incident = "0-99";
    c.person = "lead-1";
    CHECK(line.command(c).code == "not_found");
}

TEST_CASE("a join that crosses the resolve is recorded and never reopens") {
    auto line = open();
    line.at(10s).clear("wait", "general");
    line.at(10s + 3min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    const auto reply = line.answer(AnswerKind::join, "lead-1");
    CHECK_FALSE(reply.ok);
    CHECK(reply.code == "closed");
    CHECK(line.state() == "closed");
    CHECK(line.types().back() == "answer");
    line.at(1h).quiet();
}

TEST_CASE("a join while resolving is taken and the ending goes on") {
    auto line = open();
    line.at(10s).clear("wait", "general");
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
    CHECK(line.state() == "resolving");
    line.at(10s + 3min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    CHECK(line.orders().front().text.find("lead-1") == std::string::npos);
    CHECK(line.orders().back().text.find("lead-1") != std::string::npos);
}
