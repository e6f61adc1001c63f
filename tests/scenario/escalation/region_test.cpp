// A surge over the whole region: many scopes at once are one incident, people are asked once and keep what they have said.
#include "region_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("region: the third scope opens one incident for all; who has been called is not called again") {
    auto line = three_at_once();
    line.quiet();
    const auto all = line.desk().incidents();
    REQUIRE(all.size() == 4);
    const auto& whole = by_id(all, "0-4");
    CHECK(whole.state == "paging");
    CHECK(whole.scope.empty());
    CHECK(whole.scopes == 3);
    CHECK(whole.need == 6);
    CHECK(whole.tier == 1);
    CHECK(whole.alerts.size() == 3);
    for (const auto* id : {"0-1", "0-2", "0-3"}) {
        CHECK(by_id(all, id).into == "0-4");
        CHECK(by_id(all, id).seats.empty());
    }
    CHECK(line.seat("lead-1") == SeatState::asked);
    CHECK(line.count_type("incident.merged") == 3);
}

TEST_CASE("region: scopes that surge in the same message are called for once") {
    DeskLine line(regional());
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "english", Level::yellow),
                       line.firing("wait", "vip", Level::yellow)});
    line.expect(leads);
    CHECK(line.orders().front().incident == "0-4");
    CHECK(line.incident().need == 6);
    CHECK(line.count_type("page.queued") == 4);
}

TEST_CASE("region: what it calls for says how many scopes there are, and which") {
    auto line = three_at_once();
    line.at(30s).fire("wait", "vip", Level::orange).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    const auto& order = line.orders().back();
    CHECK(order.incident == "0-4");
    CHECK(order.scopes == 3);
    CHECK(order.need == 6);
    CAPTURE(order.text);
    CHECK(order.text.find("3处（english、general、vip）") != std::string::npos);
}

TEST_CASE("region: scopes further apart than `within` stay incidents of their own") {
    DeskLine line(regional());
    line.plan().policies[0].tiers[0].wait = 1h;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(1min).fire("wait", "english", Level::yellow).expect(leads);
    line.at(5min + 1ms).fire("wait", "vip", Level::yellow).expect(leads);
    CHECK(line.count() == 3);
    CHECK(line.count_type("incident.merged") == 0);
}

TEST_CASE("region: a seat taken before is a seat of the region, an answer to the old incident counts there, each person once") {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-2", "sms first lead-3", "sms first lead-4"});
    CHECK(say(line, AnswerKind::join, "lead-1", "0-2").code == "elsewhere");
    CHECK(say(line, AnswerKind::decline, "lead-2", "0-2").ok);
    line.at(20s).fire("wait", "vip", Level::yellow).quiet();
    CHECK(line.incident().joined == 1);
    CHECK(line.seat("lead-1") == SeatState::joined);
    CHECK(say(line, AnswerKind::join, "lead-3", "0-2").code == "seated");
    CHECK(line.incident().incident == "0-4");
    CHECK(line.incident().joined == 2);
    CHECK(say(line, AnswerKind::join, "lead-3", "0-1").code == "already");
}

TEST_CASE("region: further scopes raise the need, scopes that are over lower it, never below the seats taken") {
    auto line = three_at_once();
    line.quiet();
    line.at(30s).fire("wait", "chat", Level::yellow).quiet();
    CHECK(line.incident().need == 8);
    CHECK(line.count() == 4);  // no incident of its own
    for (const auto* person : {"lead-1", "lead-2", "lead-3"}) {
        CHECK(say(line, AnswerKind::join, person, "0-4").code == "seated");
    }
    line.at(40s).clear("wait", "chat").clear("wait", "vip").quiet();
    CHECK(line.incident().need == 6);  // counted once a second: the first of both is seen at once
    line.at(41s).quiet();
    CHECK(line.incident().need == 4);
    line.clear("wait", "english").at(42s);
    CHECK(line.incident().need == 3);
    CHECK(line.state() == "filled");
    CHECK(line.incident().scopes == 1);
}

TEST_CASE("region: pages that had not left are cancelled and made anew by the region's incident, once") {
    auto plan = regional();
    plan.channels[0].rate = {4, 1min};
    plan.policies[0].page_deadline = 20min;
    plan.policies[0].tiers[0].wait = 1h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(1s).fire("wait", "english", Level::yellow).quiet();  // held by the rate
    line.at(2s).fire("wait", "vip", Level::yellow).quiet();
    line.at(10min).quiet();
    CHECK(line.incident().incident == "0-4");
    CHECK(line.count_type("page.accepted") == 4);
}

TEST_CASE("region: a need that is worked out rises scope by scope, and falls only with a scope that is over") {
    auto plan = regional();
    plan.policies[0].need.expression = "shortfall";
    plan.policies[0].need.max = 20;
    DeskLine line(plan);
    line.staffed("jinan", "general", 2).staffed("jinan", "english", 3).staffed("jinan", "vip", 1);
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "english", Level::yellow),
                       line.firing("wait", "vip", Level::yellow)});
    line.expect(leads);
    CHECK(line.incident().need == 6);
    line.staffed("jinan", "general", 5);
    line.at(10s).quiet();
    CHECK(line.incident().need == 9);
    line.staffed("jinan", "general", 0);
    line.at(30s).quiet();
    CHECK(line.incident().need == 9);  // people have logged on
    line.clear("wait", "vip").at(40s).quiet();
    CHECK(line.incident().need == 8);
}

TEST_CASE("region: a restart in the middle changes nothing") {
    auto line = three_at_once();
    line.quiet();
    CHECK(say(line, AnswerKind::join, "lead-1", "0-2").code == "seated");
    line.crash(1s).at(21s).quiet();
    CHECK(line.incident().joined == 1);
    CHECK(line.incident().scopes == 3);
    line.at(30s).fire("wait", "chat", Level::yellow).quiet();
    CHECK(line.incident().need == 8);
    CHECK(line.count() == 4);
}

TEST_CASE("region: two scopes asked one person to take a seat over: they come for the first, the other seat is free") {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(10s).fire("wait", "english", Level::yellow).expect(leads);
    const auto hand_over = [&](const std::string& person, const std::string& incident) {
        Command c;
        c.answer = AnswerKind::leave;
        c.person = c.by = person;
        c.incident = incident;
        c.successor = "sup-1";
        return line.command(c).ok;
    };
    CHECK(say(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
    CHECK(say(line, AnswerKind::join, "lead-2", "0-2").code == "seated");
    CHECK(hand_over("lead-1", "0-1"));
    CHECK(hand_over("lead-2", "0-2"));
    line.expect({"sms handover sup-1", "sms handover sup-1"});
    line.at(20s).fire("wait", "vip", Level::yellow);
    CHECK(line.incident().incident == "0-4");
    CHECK(line.seat("lead-1") == SeatState::joined);
    CHECK(line.seat("lead-2") == SeatState::left);
    CHECK(say(line, AnswerKind::join, "sup-1", "0-4").code == "seated");
    CHECK(line.seat("lead-1") == SeatState::left);
    CHECK(line.incident().joined == 1);
}

TEST_CASE("region: one a centre when `by` says so") {
    auto plan = regional();
    plan.policies[0].scope = {"centre", "queue"};
    plan.policies[0].region.by = {"centre"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(1s).fire("wait", "english", Level::yellow).expect(leads);
    line.at(2s).fire("wait", "vip", Level::yellow).quiet();
    CHECK(line.incident().scope == std::map<std::string, std::string>{{"centre", "jinan"}});
    AlertEdge far;
    far.rule = "wait";
    far.policy = "surge";
    far.queue = {"qingdao", "general", "voice"};
    far.to = AlertState::firing;
    far.level = Level::yellow;
    far.since = line.now().at;
    line.edge(far).expect(leads);
    CHECK(line.incident().scope.at("centre") == "qingdao");
    CHECK(line.incident().into.empty());
}

TEST_CASE("region: a client that repeats under its key what it said before the merge hears the same, and is not refused") {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    Command join;
    join.person = join.by = "lead-1";
    join.incident = "0-1";
    join.key = "k1";
    CHECK(line.command(join).code == "seated");
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-2", "sms first lead-3", "sms first lead-4"});
    line.at(20s).fire("wait", "vip", Level::yellow).quiet();
    CHECK(line.command(join).code == "seated");
    join.answer = AnswerKind::leave;
    CHECK(line.command(join).code == "conflict");

    join.key = "k2";
    CHECK(line.command(join).code == "noted");
    CHECK(line.incident().joined == 0);
    CHECK(line.command(join).code == "noted");
}

TEST_CASE("region: a reload took tiers away that its scopes had called: its tiers are its own, who was called stays called") {
    auto plan = regional();
    plan.policies[0].tiers[1].mode = TierMode::batch;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red);
    CHECK(line.incident().tier == 3);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first boss"});
    plan.policies[0].tiers.resize(1);
    line.reload(plan);
    line.at(10s).fire("wait", "english", Level::yellow).expect(leads);
    line.at(20s).fire("wait", "vip", Level::yellow);
    CHECK(line.incident().incident == "0-4");
    CHECK(line.incident().tier == 1);
    CHECK(line.seat("boss") == SeatState::asked);
    CHECK(say(line, AnswerKind::join, "boss", "0-1").code == "seated");
    CHECK(line.incident().joined == 1);
}

TEST_CASE("region: nobody is sent home in the moment in which the scope they came for surges again") {
    auto line = three_at_once();
    line.quiet();
    for (const auto* id : {"lead-1", "lead-2", "lead-3", "lead-4", "sup-1", "sup-2"}) {
        REQUIRE(say(line, AnswerKind::join, id, "0-4").code == "seated");
    }
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    line.at(25s).clear("wait", "vip").quiet();
    // Counted once a second: the new surge is not, when the others would be let go three minutes after the old one.
    line.at(204s + 400ms).fire("wait", "general", Level::orange).quiet();
    line.at(204s + 900ms).fire("wait", "vip", Level::yellow).quiet();
    line.at(206s).quiet();
    CHECK(line.incident().joined == 6);
    CHECK(line.incident().need == 6);
}

TEST_CASE("region: of two that overlap after a reload the one that opened first keeps its alerts until it is over") {
    auto plan = regional();
    plan.policies[0].scope = {"centre", "queue"};
    plan.policies[0].region.scopes = 2;
    plan.policies[0].region.by = {"centre"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.fire("wait", "english", Level::yellow).quiet();
    plan.policies[0].region.by = {};
    line.at(10s).reload(plan).quiet();
    for (const auto* queue : {"general", "vip"}) {
        auto edge = line.firing("wait", queue, Level::yellow);
        edge.queue.centre = "zibo";
        line.edge(edge);
    }
    auto all = line.desk().incidents();
    REQUIRE(all.size() == 6);
    CHECK(by_id(all, "0-3").state == "paging");
    CHECK(by_id(all, "0-3").alerts.size() == 2);
    CHECK(by_id(all, "0-6").scope.empty());
    CHECK(by_id(all, "0-6").alerts.size() == 2);
    line.crash(1s);
    CHECK(by_id(line.desk().incidents(), "0-3").alerts.size() == 2);
}
