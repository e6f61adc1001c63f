// How an incident of the whole region ends: by itself, by hand, with what was done for its scopes taken back; and how it opens again.
#include <set>

#include "region_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
/// The incidents whose step was taken back.
std::set<std::string> undone(const DeskLine& line) {
    std::set<std::string> out;
    for (const auto& order : line.orders()) {
        if (order.purpose == PagePurpose::undo) {
            out.insert(order.incident);
        }
    }
    return out;
}
}  // namespace

TEST_CASE(
    "region: it resolves when no scope fires, with one closing message for everybody, and the last tier is released first") {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(10s)
        .fire("wait", "english", Level::orange)
        .expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3"});
    line.at(20s).fire("wait", "vip", Level::yellow).quiet();
    for (const auto* person : {"lead-1", "sup-1"}) {
        CHECK(say(line, AnswerKind::join, person, "0-4").code == "seated");
    }
    line.at(30s).clear("wait", "general").clear("wait", "english").clear("wait", "vip").quiet();
    line.at(3min + 30s)
        .expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3"});
    CHECK(line.state() == "closed");
    std::vector<std::string> released;
    for (const auto& record : line.records()) {
        const auto* seat = std::get_if<SeatChange>(&record.body);
        if (seat != nullptr && seat->state == SeatState::released) {
            released.push_back(seat->incident + " " + seat->person);
        }
    }
    CHECK(released == std::vector<std::string>{"0-4 sup-1", "0-4 lead-1"});
    line.at(1h).quiet();
}

TEST_CASE("region: an end by hand while all fire opens nothing again, in no scope, for a quarter of an hour") {
    auto line = three_at_once();
    line.quiet();
    Command c;
    c.kind = Command::Kind::resolve;
    c.by = "boss";
    c.force = true;
    c.incident = "0-4";
    CHECK(line.command(c).ok);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    line.at(14min).fire("wait", "general", Level::yellow).quiet();
    CHECK(line.count() == 4);
}

TEST_CASE("region: it reopens when as many scopes surge again in its reopen window, and keeps who said no") {
    auto line = three_at_once();
    line.quiet();
    CHECK(say(line, AnswerKind::decline, "lead-2", "0-4").ok);
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});  // too few are left
    line.at(30s).clear("wait", "general").clear("wait", "english").clear("wait", "vip").quiet();
    line.at(4min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                          "sms close sup-2", "sms close sup-3"});
    line.at(5min).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "english", Level::yellow),
                         line.firing("wait", "vip", Level::yellow)});
    line.expect({"sms first lead-1", "sms first lead-3", "sms first lead-4"});
    CHECK(line.orders().back().incident == "0-4");
    CHECK(line.count_type("incident.reopened") == 1);
}

TEST_CASE("region: an undoing that is to be tried again is not while its scope surges as a part of the region") {
    DeskLine line(regional_with_step(Level::yellow));
    auto called = leads;
    called.emplace_back("hook do announce");
    line.at(0s).fire("wait", "general", Level::yellow).expect(called);
    line.at(10s).clear("wait", "general").quiet();
    line.says("hook", {OutcomeClass::unknown});
    const std::vector<std::string> told{"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"};
    auto over = told;
    over.emplace_back("hook undo announce");
    line.at(190s).expect(over);
    line.edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "english", Level::yellow),
                line.firing("wait", "vip", Level::yellow)});
    line.expect(called);
    CHECK(line.incident().scopes == 3);

    line.at(250s).clear("wait", "general").clear("wait", "english").clear("wait", "vip").quiet();
    over.emplace_back("hook undo announce");
    line.at(430s).expect(over);
}

TEST_CASE("region: a step that one scope gave up, and that may have been done, is undone like any other") {
    DeskLine line(regional_with_step(Level::orange, OnUnknown::skip));
    line.says("hook", {OutcomeClass::unknown});
    line.at(0s).fire("wait", "general", Level::orange);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3", "hook do announce"});
    line.at(1s).fire("wait", "english", Level::yellow).expect(leads);
    line.at(2s).fire("wait", "vip", Level::yellow).expect({"hook do announce"});
    line.at(10s).clear("wait", "general").clear("wait", "english").clear("wait", "vip").quiet();
    line.at(5min);
    CHECK(undone(line) == std::set<std::string>{"0-1", "0-4"});
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3", "hook undo announce", "hook undo announce"});
}

TEST_CASE("region: what was done for one scope is undone for that scope, when the region's incident is over") {
    DeskLine line(regional_with_step(Level::yellow));
    auto first = leads;
    first.emplace_back("hook do announce");
    line.at(0s).fire("wait", "general", Level::yellow).expect(first);
    line.at(1s).fire("wait", "english", Level::yellow).expect(first);
    line.at(2s).fire("wait", "vip", Level::yellow).expect({"hook do announce"});
    CHECK(line.orders().back().incident == "0-4");
    line.at(10s).clear("wait", "general").clear("wait", "english").clear("wait", "vip").quiet();
    line.at(5min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "hook undo announce",
                          "hook undo announce", "hook undo announce"});
    CHECK(undone(line) == std::set<std::string>{"0-1", "0-2", "0-4"});
    for (const auto& incident : line.desk().incidents()) {
        CHECK(incident.state == "closed");
    }
}

TEST_CASE("region: closed while one that overlaps it has its alerts, it speaks of what fires within it") {
    auto plan = regional();
    plan.policies[0].scope = {"centre", "queue"};
    plan.policies[0].region.scopes = 2;
    plan.policies[0].region.by = {"centre"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.fire("wait", "english", Level::yellow).any();
    plan.policies[0].region.by = {};
    line.at(10s).reload(plan).any();
    for (const auto* queue : {"general", "vip"}) {
        auto edge = line.firing("wait", queue, Level::red);
        edge.queue.centre = "zibo";
        line.edge(edge).any();
    }
    Command c;
    c.kind = Command::Kind::resolve;
    c.incident = "0-3";
    c.by = "operator";
    c.force = true;
    REQUIRE(line.at(1min).command(c).ok);
    const auto& orders = line.orders();
    const auto close = std::ranges::find_if(orders, [](const SendOrder& o) { return o.purpose == PagePurpose::close && o.incident == "0-3"; });
    REQUIRE(close != orders.end());
    CAPTURE(close->text);
    CHECK(close->text.find("仍为黄色") != std::string::npos);
    CHECK(close->alerts.size() == 2);
    for (const auto& alert : close->alerts) {
        CHECK(alert.queue.centre == "jinan");
    }
}
