// A surge over the whole region: many scopes at once are one incident, people are asked once and keep what they have said.
#include <set>

#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
/// One incident a queue, and one for all when three queues surge within five minutes; two people a queue.
Plan regional() {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.scope = {"queue"};
    policy.need.fixed = 2;
    policy.region.scopes = 3;
    policy.region.within = 5min;
    return plan;
}
const IncidentView& by_id(const std::vector<IncidentView>& all, const std::string& id) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const IncidentView& i) { return i.incident == id; });
    REQUIRE(found != all.end());
    return *found;
}
const std::vector<std::string> every_lead{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"};

DeskLine three_at_once() {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
    line.at(10s).fire("wait", "english", Level::yellow).expect(every_lead);
    line.at(20s).fire("wait", "vip", Level::yellow);
    return line;
}
CommandReply say(DeskLine& line, AnswerKind kind, const std::string& person, const std::string& incident) {
    Command c;
    c.answer = kind;
    c.person = c.by = person;
    c.incident = incident;
    c.way = "link";
    return line.command(c);
}
}  // namespace

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
    line.expect(every_lead);
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
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
    line.at(1min).fire("wait", "english", Level::yellow).expect(every_lead);
    line.at(5min + 1ms).fire("wait", "vip", Level::yellow).expect(every_lead);
    CHECK(line.count() == 3);
    CHECK(line.count_type("incident.merged") == 0);
}

TEST_CASE("region: a seat taken before is a seat of the region, an answer to the old incident counts there, each person once") {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
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

TEST_CASE(
    "region: it resolves when no scope fires, with one closing message for everybody, and the last tier is released first") {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
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

TEST_CASE("region: pages that had not left are cancelled and made anew by the region's incident, once") {
    auto plan = regional();
    plan.channels[0].rate = {4, 1min};
    plan.policies[0].page_deadline = 20min;
    plan.policies[0].tiers[0].wait = 1h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
    line.at(1s).fire("wait", "english", Level::yellow).quiet();  // held by the rate
    line.at(2s).fire("wait", "vip", Level::yellow).quiet();
    line.at(10min).quiet();
    CHECK(line.incident().incident == "0-4");
    CHECK(line.count_type("page.accepted") == 4);
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

TEST_CASE("region: a need that is worked out rises scope by scope, and falls only with a scope that is over") {
    auto plan = regional();
    plan.policies[0].need.expression = "shortfall";
    plan.policies[0].need.max = 20;
    DeskLine line(plan);
    line.staffed("jinan", "general", 2).staffed("jinan", "english", 3).staffed("jinan", "vip", 1);
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "english", Level::yellow),
                       line.firing("wait", "vip", Level::yellow)});
    line.expect(every_lead);
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
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
    line.at(10s).fire("wait", "english", Level::yellow).expect(every_lead);
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
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
    line.at(1s).fire("wait", "english", Level::yellow).expect(every_lead);
    line.at(2s).fire("wait", "vip", Level::yellow).quiet();
    CHECK(line.incident().scope == std::map<std::string, std::string>{{"centre", "jinan"}});
    AlertEdge far;
    far.rule = "wait";
    far.policy = "surge";
    far.queue = {"qingdao", "general", "voice"};
    far.to = AlertState::firing;
    far.level = Level::yellow;
    far.since = line.now().at;
    line.edge(far).expect(every_lead);
    CHECK(line.incident().scope.at("centre") == "qingdao");
    CHECK(line.incident().into.empty());
}

TEST_CASE("region: a client that repeats under its key what it said before the merge hears the same, and is not refused") {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
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

TEST_CASE("region: an undoing that is to be tried again is not while its scope surges as a part of the region") {
    auto plan = regional();
    ChannelSpec hook;
    hook.id = "hook";
    hook.type = "webhook";
    plan.channels.push_back(hook);
    ActionSpec announce;
    announce.id = "announce";
    announce.level = Level::yellow;
    announce.channel = "hook";
    announce.undo = true;
    plan.policies[0].actions = {announce};
    DeskLine line(plan);
    auto called = every_lead;
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
    line.at(10s).fire("wait", "english", Level::yellow).expect(every_lead);
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

TEST_CASE("region: a step that one scope gave up, and that may have been done, is undone like any other") {
    auto plan = regional();
    ChannelSpec hook;
    hook.id = "hook";
    hook.type = "webhook";
    hook.on_unknown = OnUnknown::skip;
    plan.channels.push_back(hook);
    ActionSpec announce;
    announce.id = "announce";
    announce.level = Level::orange;
    announce.channel = "hook";
    announce.undo = true;
    plan.policies[0].actions = {announce};
    DeskLine line(plan);
    line.says("hook", {OutcomeClass::unknown});
    line.at(0s).fire("wait", "general", Level::orange);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3", "hook do announce"});
    line.at(1s).fire("wait", "english", Level::yellow).expect(every_lead);
    line.at(2s).fire("wait", "vip", Level::yellow).expect({"hook do announce"});
    line.at(10s).clear("wait", "general").clear("wait", "english").clear("wait", "vip").quiet();
    line.at(5min);
    std::set<std::string> undone;
    for (const auto& order : line.orders()) {
        if (order.purpose == PagePurpose::undo) {
            undone.insert(order.incident);
        }
    }
    CHECK(undone == std::set<std::string>{"0-1", "0-4"});
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3", "hook undo announce", "hook undo announce"});
}

TEST_CASE("region: what was done for one scope is undone for that scope, when the region's incident is over") {
    auto plan = regional();
    ChannelSpec hook;
    hook.id = "hook";
    hook.type = "webhook";
    plan.channels.push_back(hook);
    ActionSpec announce;
    announce.id = "announce";
    announce.level = Level::yellow;
    announce.channel = "hook";
    announce.undo = true;
    plan.policies[0].actions = {announce};
    DeskLine line(plan);
    auto first = every_lead;
    first.emplace_back("hook do announce");
    line.at(0s).fire("wait", "general", Level::yellow).expect(first);
    line.at(1s).fire("wait", "english", Level::yellow).expect(first);
    line.at(2s).fire("wait", "vip", Level::yellow).expect({"hook do announce"});
    CHECK(line.orders().back().incident == "0-4");
    line.at(10s).clear("wait", "general").clear("wait", "english").clear("wait", "vip").quiet();
    line.at(5min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "hook undo announce",
                          "hook undo announce", "hook undo announce"});
    std::set<std::string> undone;
    for (const auto& order : line.orders()) {
        if (order.purpose == PagePurpose::undo) {
            undone.insert(order.incident);
        }
    }
    CHECK(undone == std::set<std::string>{"0-1", "0-2", "0-4"});
    for (const auto& incident : line.desk().incidents()) {
        CHECK(incident.state == "closed");
    }
}

TEST_CASE("region: of two that overlap after a reload the one that opened first keeps its alerts until it is over") {
    auto plan = regional();
    plan.policies[0].scope = {"centre", "queue"};
    plan.policies[0].region.scopes = 2;
    plan.policies[0].region.by = {"centre"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(every_lead);
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
    const auto close = std::find_if(orders.begin(), orders.end(), [](const SendOrder& o) {
        return o.purpose == PagePurpose::close && o.incident == "0-3";
    });
    REQUIRE(close != orders.end());
    CAPTURE(close->text);
    CHECK(close->text.find("仍为黄色") != std::string::npos);
    CHECK(close->alerts.size() == 2);
    for (const auto& alert : close->alerts) {
        CHECK(alert.queue.centre == "jinan");
    }
}

// ---- what goes over into the region's incident

namespace {
/// Three scopes of one centre become one.
Plan three_scopes(int need) {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.scope = {"centre", "queue"};
    policy.need.fixed = need;
    policy.region.scopes = 3;
    policy.region.by = {"centre"};
    policy.tiers[0].wait = 1h;
    return plan;
}
CommandReply answers(DeskLine& line, AnswerKind kind, const std::string& person, const std::string& incident) {
    Command c;
    c.answer = kind;
    c.person = c.by = person;
    c.way = "test";
    c.incident = incident;
    return line.command(c);
}
}  // namespace

TEST_CASE("region: a no to one of its scopes goes over, although another scope's call was still open; a yes still counts") {
    auto plan = three_scopes(1);
    plan.policies[0].tiers[0].remind = 5min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(10s).fire("wait", "english", Level::yellow).any();
    REQUIRE(answers(line, AnswerKind::decline, "lead-1", "0-2").ok);
    line.at(20s).fire("wait", "vip", Level::yellow).any();
    REQUIRE(line.incident().scopes == 3);
    CHECK(line.seat("lead-1") == SeatState::declined);
    CHECK(line.seat("lead-2") == SeatState::asked);
    const auto calls = line.orders().size();
    line.at(12min).any();
    for (auto i = calls; i < line.orders().size(); ++i) {
        for (const auto& person : line.orders()[i].people) {
            CHECK(person.person != "lead-1");
        }
    }
    CHECK(answers(line, AnswerKind::join, "lead-1", "0-1").code == "seated");
}

TEST_CASE("region: who takes a seat over is still waited for, whatever they said to another scope") {
    DeskLine line(three_scopes(1));
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(10s).fire("wait", "english", Level::yellow).any();
    REQUIRE(answers(line, AnswerKind::join, "lead-2", "0-1").code == "seated");
    REQUIRE(answers(line, AnswerKind::decline, "lead-1", "0-2").ok);
    Command leave;
    leave.answer = AnswerKind::leave;
    leave.person = leave.by = "lead-2";
    leave.successor = "lead-1";
    leave.way = "test";
    leave.incident = "0-1";
    REQUIRE(line.command(leave).ok);
    line.any();
    line.at(20s).fire("wait", "vip", Level::yellow).any();
    REQUIRE(line.incident().scopes == 3);
    CHECK(line.seat("lead-2") == SeatState::joined);
    CHECK(line.seat("lead-1") == SeatState::asked);
}

TEST_CASE("region: a further red that waited for the minute to be over asks again in the region's incident") {
    auto plan = three_scopes(9);
    plan.policies[0].tiers[2].wait = 1h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).any();
    line.at(20s).fire("surge", "general", Level::red).quiet();
    line.at(30s).edges({line.firing("wait", "english", Level::yellow), line.firing("wait", "vip", Level::yellow)}).quiet();
    REQUIRE(line.incident().scopes == 3);
    line.at(60s - 1ms).quiet();
    line.at(60s).expect({"sms need lead-1", "sms need lead-2", "sms need lead-3", "sms need lead-4", "sms need sup-1",
                         "sms need sup-2", "sms need sup-3", "sms need boss"});
    line.at(10min).quiet();
}

TEST_CASE("region: after a reload that brings regions, one is made only where an incident opens") {
    auto plan = three_scopes(1);
    plan.policies[0].region.scopes = 0;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(10s).fire("wait", "english", Level::yellow).any();
    plan.policies[0].region.scopes = 2;
    line.reload(plan);
    auto north = line.firing("wait", "general", Level::yellow);
    north.queue.centre = "qingdao";
    line.at(20s).edge(north).any();
    CHECK(line.count() == 3);
    CHECK(line.count_type("incident.merged") == 0);
    line.at(30s).fire("wait", "vip", Level::yellow).any();
    CHECK(line.count_type("incident.merged") == 3);
    CHECK(line.incident().scopes == 3);
}
