// An open incident goes over to the policy in force now.
#include <algorithm>

#include "core/base/encoding.hpp"
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
CommandReply adopt(DeskLine& line) {
    Command c;
    c.kind = Command::Kind::adopt_policy;
    c.incident = line.incident().incident;
    c.by = "boss";
    c.reason = "more people are wanted";
    return line.command(c);
}

/// The policy's text as a release wrote it whose form this one does not know.
void of_another_version(Record& record) {
    auto* change = std::get_if<IncidentChange>(&record.body);
    if (change != nullptr && change->step == IncidentStep::opened) {
        auto bytes = *from_base64(change->policy_bytes);
        bytes[0] = 1;
        change->policy_bytes = base64(bytes);
    }
}
std::string adopted_because(const DeskLine& line) {
    std::string reasons;
    for (const auto& record : line.records()) {
        const auto* change = std::get_if<IncidentChange>(&record.body);
        reasons += change != nullptr && change->step == IncidentStep::adopted ? change->by + ": " + change->reason + "\n" : "";
    }
    return reasons;
}
std::size_t notes(const DeskLine& line, const std::string& what) {
    return static_cast<std::size_t>(std::ranges::count_if(line.records(), [&](const Record& record) {
        const auto* note = std::get_if<SystemNote>(&record.body);
        return note != nullptr && note->what == what;
    }));
}
}  // namespace

TEST_CASE("adopt-policy: a reload alone changes nothing; adopted, the new need counts and who is missing is called") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    auto plan = team_plan();
    plan.policies[0].need.fixed = 5;
    line.reload(plan);
    CHECK(line.incident().need == 3);
    CHECK(line.state() == "filled");
    line.quiet();
    const auto reply = adopt(line);
    CHECK(reply.ok);
    CHECK(reply.code == "adopted");
    CHECK(reply.need == 5);
    CHECK(line.incident().need == 5);
    CHECK(line.incident().joined == 3);
    CHECK(line.state() == "paging");
    // lead-4 was asked and has not answered; with one candidate for two seats the next tier is called after the wait, begun anew.
    line.at(2min + 30s - 1ms).quiet();
    line.at(2min + 30s).expect(sups);
    line.answer(AnswerKind::join, "sup-1");
    line.answer(AnswerKind::join, "sup-2");
    CHECK(line.state() == "filled");
    CHECK(adopt(line).code == "already");
    line.crash().at(10min).quiet();
    CHECK(line.incident().need == 5);
    CHECK(line.count_type("incident.adopted") == 1);
}

TEST_CASE("adopt-policy: a smaller need never goes below the seats taken, and pages nobody") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::join, "lead-2");
    auto plan = team_plan();
    plan.policies[0].need.fixed = 1;
    line.reload(plan);
    CHECK(adopt(line).need == 2);
    CHECK(line.state() == "filled");
    line.at(1h).quiet();
}

TEST_CASE("adopt-policy: a tier put between two that were called is called in its turn; nobody is asked twice") {
    auto before = team_plan();
    before.policies[0].tiers.erase(before.policies[0].tiers.begin() + 1);  // leads, management
    DeskLine line(before);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect({"sms first boss"});
    line.at(3min).reload(team_plan());  // leads, supervisors, management
    CHECK(adopt(line).ok);
    CHECK(line.incident().tier == 1);
    line.quiet();
    line.at(5min - 1ms).quiet();
    line.at(5min).expect(sups);  // the first tier's wait, from the adoption on
    line.at(8min).expect({"sms first desk"});  // boss is asked already: nobody is left but the fallback list
    CHECK(line.incident().tier == 3);
    for (const auto* id : {"lead-1", "sup-1", "boss"}) {
        CHECK(line.answer(AnswerKind::join, id).code == "seated");
    }
    CHECK(line.state() == "filled");
}

TEST_CASE("adopt-policy: after the last tier a new one behind it is called in its turn, not at the next round") {
    auto before = team_plan();
    before.policies[0].tiers.pop_back();
    DeskLine line(before);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect(sups);
    line.at(5min).expect({"sms first desk"});
    CHECK(line.state() == "exhausted");
    line.at(6min).reload(team_plan());
    CHECK(adopt(line).ok);
    line.quiet();
    CHECK(line.state() == "paging");
    line.at(9min).expect({"sms first boss"});
}

TEST_CASE("adopt-policy: a tier that is gone leaves its people their seats and invitations") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect(sups);
    line.answer(AnswerKind::join, "sup-1");
    auto plan = team_plan();
    plan.policies[0].tiers.erase(plan.policies[0].tiers.begin());
    line.reload(plan);
    CHECK(adopt(line).ok);
    CHECK(line.incident().joined == 1);
    CHECK(line.incident().tier == 1);
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
    CHECK(line.answer(AnswerKind::join, "sup-2").code == "seated");
    CHECK(line.state() == "filled");
}

TEST_CASE("adopt-policy: refused with the reason: another scope, no such policy, no such incident, over") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    auto plan = team_plan();
    plan.policies[0].scope = {"centre"};
    line.reload(plan);
    const auto other = adopt(line);
    CHECK(other.code == "conflict");
    CHECK(other.message.find("scope") != std::string::npos);
    plan.policies[0].id = "renamed";
    plan.rules[0].policy = "renamed";
    line.reload(plan);
    CHECK(adopt(line).message.find("no longer configured") != std::string::npos);
    Command ghost;
    ghost.kind = Command::Kind::adopt_policy;
    ghost.incident = "0-99";
    CHECK(line.command(ghost).code == "not_found");
    CHECK(line.count_type("incident.adopted") == 0);
    line.reload(team_plan());
    line.clear("wait", "general").at(5min);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    CHECK(adopt(line).code == "closed");
}

TEST_CASE("adopt-policy: what was done of the playbook is undone as it was done, although the new policy has it no more") {
    auto before = team_plan();
    before.policies[0].actions = {{"announce", 1, Level::none, "voice", {{"a", "1"}}, true, {{"b", "2"}}, 2min, 1h}};
    DeskLine line(before);
    line.at(0s).fire("wait", "general", Level::yellow);
    auto expected = leads;
    expected.push_back("voice do announce");
    line.expect(expected);
    line.reload(team_plan());
    CHECK(adopt(line).ok);
    line.quiet();
    line.clear("wait", "general").at(5min);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "voice undo announce"});
    CHECK(line.orders().back().params.at("b") == "2");
}

TEST_CASE("adopt-policy: a region's incident adopts the policy in the form of a region") {
    auto plan = team_plan();
    plan.policies[0].region.scopes = 2;
    plan.policies[0].region.by = {"centre"};
    plan.policies[0].scope = {"centre", "queue"};
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "vip", Level::yellow)}).expect(leads);
    REQUIRE(line.incident().scopes == 2);
    CHECK(line.incident().need == 2);
    plan.policies[0].need.fixed = 2;
    line.at(10s).reload(plan);
    CHECK(adopt(line).need == 4);
    CHECK(line.incident().scopes == 2);
    CHECK(adopt(line).code == "already");
    line.at(30s).quiet();
    CHECK(line.incident().need == 4);
    plan.policies[0].region.scopes = 0;
    line.reload(plan);
    CHECK(adopt(line).message.find("whole region") != std::string::npos);
}

TEST_CASE("unreadable policy: the start adopts the one of that name, and the next tier is called when it would have been") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    line.answer(AnswerKind::join, "lead-1");
    line.at(1min).crash_to_log(of_another_version, 10s).quiet();
    CHECK(adopted_because(line) == "engine: policy adopted: its own text could not be read\n");
    CHECK(line.incident().need == 3);
    CHECK(line.incident().joined == 1);
    CHECK(line.incident().tier == 1);
    line.at(2min - 1ms).quiet();
    line.at(2min).expect(sups);
    line.crash().at(5min).expect({"sms first boss"});
    CHECK(line.count_type("incident.adopted") == 1);
}

TEST_CASE("unreadable policy: text that is torn or missing is mended likewise, whatever was called by then") {
    const auto text = GENERATE(std::string(), std::string("AQ=="), std::string("no base64"));
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect(sups);
    line.at(3min).crash_to_log([&](Record& record) {
        auto* change = std::get_if<IncidentChange>(&record.body);
        if (change != nullptr && change->step == IncidentStep::opened) {
            change->policy_bytes = text;
        }
    });
    line.quiet();
    CHECK(line.incident().tier == 2);
    line.at(5min).expect({"sms first boss"});
    line.clear("wait", "general").at(10min);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3", "sms close boss"});
}

TEST_CASE("unreadable policy: its scope has changed meanwhile: it keeps its own and goes on calling") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    auto plan = team_plan();
    plan.policies[0].scope = {"centre"};
    line.reload(plan);
    line.at(1min).crash_to_log(of_another_version).quiet();
    CHECK(line.count() == 1);
    line.at(2min).expect(sups);
    line.clear("wait", "general").at(6min).any();
    CHECK(line.state() == "closed");
}

TEST_CASE("unreadable policy: none of that name is configured: those who hear of trouble with surged are called, and it is said") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    auto plan = team_plan();
    plan.policies[0].id = "ops";
    plan.policies[0].tiers.erase(plan.policies[0].tiers.begin());
    plan.rules[0].policy = "ops";
    plan.overload.policy = "ops";
    line.reload(plan);
    line.at(10s).crash_to_log(of_another_version);
    CHECK(notes(line, "policy_unreadable") == 1);
    CHECK(adopted_because(line).find("none of that name is configured: that of ops") != std::string::npos);
    line.expect(sups);
    line.at(10min).any();
    CHECK(line.incident().incident == "0-1");
    CHECK(line.incident().tier == 2);
}

TEST_CASE("unreadable policy: with nobody to call it is said once a start, and mended by the reload that brings the policy back") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    auto plan = team_plan();
    plan.policies[0].id = "renamed";
    plan.rules[0].policy = "renamed";
    line.reload(plan);
    line.at(1min).crash_to_log(of_another_version);
    CHECK(notes(line, "policy_unreadable") == 1);
    CHECK(line.count_type("incident.adopted") == 0);
    line.at(90s).reload(team_plan());
    CHECK(adopted_because(line) == "engine: policy adopted: its own text could not be read\n");
    line.at(10min).any();
    CHECK(line.seat("sup-1") != SeatState::released);
    CHECK(line.incident().tier == 3);
}

TEST_CASE("unreadable policy: a region's incident stays one") {
    auto plan = team_plan();
    plan.policies[0].region.scopes = 2;
    plan.policies[0].region.by = {"centre"};
    plan.policies[0].scope = {"centre", "queue"};
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "vip", Level::yellow)}).expect(leads);
    line.at(1min).crash_to_log(of_another_version).quiet();
    CHECK(line.incident().scopes == 2);
    CHECK(line.incident().need == 2);
    line.at(2min).expect(sups);
    line.clear("wait", "general").clear("wait", "vip").at(10min).any();
    CHECK(line.state() == "closed");
}

// ---- an adoption whose text is torn

namespace {
/// Loses the policy's text of every adoption.
std::function<void(Record&)> torn_adoption(const std::string& text) {
    return [text](Record& record) {
        auto* change = std::get_if<IncidentChange>(&record.body);
        if (change != nullptr && change->step == IncidentStep::adopted) {
            change->policy_bytes = text;
        }
    };
}
const std::string adopted_again = "boss: more people are wanted\nengine: policy adopted: its own text could not be read\n";
}  // namespace

TEST_CASE("unreadable policy: torn text of an adoption is mended as that of an opening, with the need that was adopted") {
    const auto text = GENERATE(std::string(), std::string("AQ=="), std::string("no base64"));
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).at(30s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    auto plan = team_plan();
    plan.policies[0].need.fixed = 5;
    line.reload(plan);
    REQUIRE(adopt(line).need == 5);
    line.at(1min).crash_to_log(torn_adoption(text), 10s).quiet();
    CHECK(adopted_because(line) == adopted_again);
    CHECK(line.incident().need == 5);
    CHECK(line.incident().joined == 3);
    CHECK(line.state() == "paging");
    line.at(2min + 30s - 1ms).quiet();
    line.at(2min + 30s).expect(sups);  // its wait, from the adoption by hand on
    line.crash().at(3min).quiet();
    CHECK(line.count_type("incident.adopted") == 2);
}

TEST_CASE("unreadable policy: after a torn adoption its tiers are known by their numbers, and nobody is called twice") {
    auto before = team_plan();
    before.policies[0].tiers.erase(before.policies[0].tiers.begin() + 1);  // leads, management
    DeskLine line(before);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect({"sms first boss"});
    line.at(3min).reload(team_plan());  // leads, supervisors, management
    REQUIRE(adopt(line).ok);
    SECTION("before the tier that it put between them was called") {
        line.at(4min).crash_to_log(torn_adoption("AQ==")).quiet();
        CHECK(line.incident().tier == 1);
        line.at(5min).expect(sups);
    }
    SECTION("afterwards") {
        line.at(5min).expect(sups);
        line.at(6min).crash_to_log(torn_adoption("AQ==")).quiet();
        CHECK(line.incident().tier == 2);
    }
    CHECK(adopted_because(line) == adopted_again);
    line.at(8min).expect({"sms first desk"});  // boss is asked already: nobody is left but the fallback list
    line.clear("wait", "general").at(12min);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3", "sms close boss", "sms close desk"});
}

TEST_CASE("unreadable policy: what was done before a torn adoption is undone as it was done") {
    auto before = team_plan();
    before.policies[0].actions = {{"announce", 1, Level::none, "voice", {{"a", "1"}}, true, {{"b", "2"}}, 2min, 1h}};
    DeskLine line(before);
    line.at(0s).fire("wait", "general", Level::yellow);
    auto expected = leads;
    expected.push_back("voice do announce");
    line.expect(expected);
    line.reload(team_plan());
    REQUIRE(adopt(line).ok);
    line.at(1min).crash_to_log(torn_adoption("AQ==")).quiet();
    CHECK(adopted_because(line) == adopted_again);
    line.clear("wait", "general").at(5min);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "voice undo announce"});
    CHECK(line.orders().back().params.at("b") == "2");
}

TEST_CASE("unreadable policy: a region's incident stays one over a torn adoption") {
    auto plan = team_plan();
    plan.policies[0].region.scopes = 2;
    plan.policies[0].region.by = {"centre"};
    plan.policies[0].scope = {"centre", "queue"};
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "vip", Level::yellow)}).expect(leads);
    plan.policies[0].need.fixed = 2;
    line.at(10s).reload(plan);
    REQUIRE(adopt(line).need == 4);
    line.at(1min).crash_to_log(torn_adoption("AQ==")).quiet();
    CHECK(adopted_because(line) == adopted_again);
    CHECK(line.incident().scopes == 2);
    CHECK(line.incident().need == 4);
    line.at(2min + 10s).expect(sups);
    CHECK(line.count() == 3);
}
