// Bad days (5.7) on the virtual clock: crashes, long downtime, reloads, roster changes, storms.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> leads_close{"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"};
}  // namespace

TEST_CASE("crash while sending: sent again once, labelled, under the same key") {
    DeskLine line;
    line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.silent("sms", false).crash(200ms);
    line.at(200ms).expect(
        {"sms first lead-1 repeat", "sms first lead-2 repeat", "sms first lead-3 repeat", "sms first lead-4 repeat"});
    CHECK(line.orders()[4].page == line.orders()[0].page);
    CHECK(line.orders()[4].attempt == 2);
    CHECK(line.orders()[4].text.rfind("重发", 0) == 0);
    line.at(1min).quiet();
}

TEST_CASE("crash while sending a page that is no longer wanted: not sent again") {
    DeskLine line;
    line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::decline, "lead-2");
    line.silent("sms", false).crash();
    line.at(1s).expect({"sms first lead-3 repeat", "sms first lead-4 repeat"});
}

TEST_CASE("crash with a channel that does not resend: the next way") {
    auto plan = team_plan();
    plan.channels[0].on_unknown = OnUnknown::skip;
    for (auto& p : plan.people) {
        p = make_person(p.id, {"sms", "voice"});
        p.normal[1].after = 1h;
    }
    DeskLine line(plan);
    line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.crash();
    line.at(1s).expect({"voice first lead-1", "voice first lead-2", "voice first lead-3", "voice first lead-4"});
}

TEST_CASE("a crash between pages repeats nothing, and timers go on where they were") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(60s).crash(10s);
    line.at(2min - 1ms).quiet();
    line.at(2min).expect(sups);
}

TEST_CASE("two surgeds: taking over from each other within 50 ms, in a wait, in a lull and at the end, calls nobody again") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(30s).answer(AnswerKind::join, "lead-1");
    line.crash(50ms).at(2min - 1ms).quiet();
    line.at(2min).expect(sups);
    line.crash(50ms);
    CHECK(line.seat("lead-1") == SeatState::joined);
    line.at(3min).clear("wait", "general");
    line.at(4min).crash(50ms);
    line.at(6min - 1ms).quiet();
    line.at(6min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                          "sms close sup-2", "sms close sup-3"});
    line.crash(50ms).at(30min).quiet();
}

TEST_CASE("a crash while the closing messages leave: each person still gets one, repeats are labelled") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(10s).clear("wait", "general");
    line.silent("sms").at(10s + 3min).expect(leads_close);
    line.silent("sms", false).crash();
    line.at(4min).expect(
        {"sms close lead-1 repeat", "sms close lead-2 repeat", "sms close lead-3 repeat", "sms close lead-4 repeat"});
    line.crash();
    line.at(10min).quiet();
    CHECK(line.state() == "closed");
}

TEST_CASE("a closing message under way when the incident reopens is not sent again at its next ending") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(10s).clear("wait", "general");
    line.silent("sms").at(10s + 3min).expect(leads_close);
    line.fire("wait", "general", Level::yellow).expect(leads);
    line.clear("wait", "general");
    line.crash(4min);  // eight attempts are of unknown outcome, the hold is over
    line.silent("sms", false).at(10s + 7min).expect(leads_close);
    line.at(1h).quiet();
    CHECK(line.state() == "closed");
}

TEST_CASE("reload: who is taken away while the closing message is tried again, and comes back, is still told that it is over") {
    auto plan = team_plan();
    for (auto& person : plan.people) {
        person.normal = {{"ding", Span{0}, Span{0}}};  // one message to all of them
    }
    DeskLine line(plan);
    const std::string all = "lead-1+lead-2+lead-3+lead-4";
    line.at(0s).fire("wait", "general", Level::yellow).expect({"ding first " + all});
    line.at(10s).clear("wait", "general");
    line.says("ding", {OutcomeClass::retry}).silent("ding", false).at(10s + 3min).expect({"ding close " + all});
    auto smaller = plan;
    smaller.people.erase(smaller.people.begin());  // lead-1, between two attempts
    line.reload(smaller);
    line.silent("ding").at(10s + 3min + 2s).expect({"ding close lead-2+lead-3+lead-4"});
    line.reload(plan).expect({"ding close lead-1"});
    line.outcome({line.orders()[2].page, 2, OutcomeClass::ok, 0s, "", 0s});
    line.outcome({line.orders()[3].page, 1, OutcomeClass::ok, 0s, "", 0s});
    line.at(1h).quiet();
    CHECK(line.state() == "closed");
}

TEST_CASE("long downtime: at most one tier until 10 s have passed") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.crash(30min);
    line.at(30min).expect(sups);
    line.at(30min + 9s).quiet();
    line.at(33min).expect({"sms first boss"});
}

TEST_CASE("long downtime: a second tier within 10 s waits for a fresh alert edge") {
    auto plan = team_plan();
    plan.policies[0].tiers[1].wait = 3s;
    SECTION("without data it comes after 10 s") {
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
        line.crash(30min);
        line.at(30min).expect(sups);
        line.at(30min + 10s - 1ms).quiet();
        line.at(30min + 10s).expect({"sms first boss"});
    }
    SECTION("with data it comes when its wait is over") {
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
        line.crash(30min);
        line.at(30min).expect(sups);
        line.at(30min + 1s).fire("surge", "general", Level::yellow).quiet();
        line.at(30min + 3s).expect({"sms first boss"});
    }
}

TEST_CASE("long downtime: the first look after the restart is no fresh sample, though it comes some milliseconds later") {
    auto plan = team_plan();
    plan.policies[0].tiers[1].wait = 2s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    Desk back(line.plan());
    REQUIRE(back.restore(line.desk().snapshot()));
    const auto stamp = [&](Span after) { return Stamp{line.now().at + 1h + after, line.now().wall + 1h + after}; };
    Decisions out;
    back.recovered(line.now().at, stamp(0ms), out);
    back.advance(stamp(5ms), out);
    CHECK(out.orders.size() == sups.size());
    for (const auto& order : std::exchange(out.orders, {})) {
        back.on_outcome({order.page, order.attempt, OutcomeClass::ok, 0s, "", 0s}, stamp(6ms), out);
    }
    for (Span after = 1s; after < 10s; after += 1s) {
        back.advance(stamp(after), out);
    }
    CHECK(out.orders.empty());  // the wait of two seconds is over, the hold of ten is not
    back.advance(stamp(10s), out);
    CHECK(out.orders.size() == 1);
}

TEST_CASE("the surge ended while surged was down: one closing message that says so") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.at(60s).crash(18min);
    line.at(60s + 18min).clear("wait", "general").quiet();
    line.at(60s + 21min).expect(leads_close);
    CHECK(line.orders().back().text.find("系统曾中断") != std::string::npos);
}

TEST_CASE("a page whose deadline passed while surged was down is still tried") {
    DeskLine line;
    line.says("sms", {OutcomeClass::retry, OutcomeClass::ok, OutcomeClass::ok, OutcomeClass::ok});
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.crash(30min);
    line.at(30min).expect({"sms first lead-1", "sms first sup-1", "sms first sup-2", "sms first sup-3"});
}

TEST_CASE("reload: an open incident keeps its policy, a new one gets the new") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    auto plan = team_plan();
    plan.policies[0].tiers[0].wait = 10s;
    plan.policies[0].need.fixed = 1;
    line.at(5s).reload(plan);
    line.at(2min - 1ms).quiet();
    CHECK(line.incident().need == 3);
    line.at(2min).expect(sups);
    line.at(150s).clear("wait", "general");
    line.at(6min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                          "sms close sup-2", "sms close sup-3"});
    line.at(1h).fire("wait", "general", Level::yellow).expect(leads);
    CHECK(line.incident().need == 1);
    line.at(1h + 10s).expect(sups);
}

TEST_CASE("reload: a person who is removed loses the seat and their waiting pages") {
    auto plan = team_plan();
    DeskLine line(plan);
    line.says("sms", {OutcomeClass::ok, OutcomeClass::ok, OutcomeClass::ok, OutcomeClass::retry});
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.answer(AnswerKind::join, "lead-1");
    auto smaller = plan;
    smaller.people.erase(smaller.people.begin());      // lead-1, joined
    smaller.people.erase(smaller.people.begin() + 2);  // lead-4, page waiting
    line.reload(smaller);
    CHECK(line.seat("lead-1") == SeatState::left);
    CHECK(line.seat("lead-4") == SeatState::left);
    CHECK(line.incident().joined == 0);
    line.expect(sups);  // two asked of three wanted are too few
    line.at(10s).quiet();
}

TEST_CASE("reload: 64 of 70 incidents are looked at in one turn, the others five milliseconds later; no page leaves for whom it took away") {
    auto plan = team_plan();
    plan.policies[0].scope = {"queue"};
    DeskLine line(plan);
    std::vector<AlertEdge> storm;
    for (int i = 0; i < 70; ++i) {
        storm.push_back(line.firing("wait", "q-" + std::to_string(i), Level::yellow));
    }
    line.at(0s).edges(storm);
    const auto gone = [&] {
        return std::ranges::count_if(line.desk().incidents(), [](const IncidentView& inc) {
            return std::ranges::any_of(inc.seats, [](const SeatView& s) { return s.person == "lead-1" && s.state == SeatState::left; });
        });
    };
    REQUIRE(line.count() == 70);
    auto smaller = plan;
    smaller.people.erase(smaller.people.begin());
    line.any().at(1s);
    const auto before = line.orders().size();
    line.reload(smaller);
    CHECK(gone() == 64);
    line.any().at(1s + 5ms - 1ms);
    CHECK(gone() == 64);
    line.any().at(1s + 5ms);
    CHECK(gone() == 70);
    line.any().at(2min);
    for (std::size_t i = before; i < line.orders().size(); ++i) {
        CHECK(std::ranges::none_of(line.orders()[i].people, [](const auto& who) { return who.person == "lead-1"; }));
    }
    CHECK(line.orders().size() > before);
}

TEST_CASE("reload that moves the scope leaves open incidents with their alerts") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    auto plan = team_plan();
    plan.policies[0].scope = {"queue"};
    line.reload(plan);
    line.at(10s).fire("surge", "general", Level::yellow).quiet();
    CHECK(line.count() == 1);
    line.at(20s).clear("wait", "general").clear("surge", "general").quiet();
    CHECK(line.state() == "resolving");
}

TEST_CASE("a roster override set at run time is followed at the next tier and survives a crash") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    Command c;
    c.kind = Command::Kind::override_roster;
    c.by = "chief";
    c.override_change.roster = "supervisors";
    c.override_change.out = "sup-1";
    c.override_change.in = "boss";
    c.override_change.from = line.now().wall;
    c.override_change.until = line.now().wall + 1h;
    CHECK(line.command(c).message == "o-1");
    line.crash();
    line.at(2min).expect({"sms first sup-2", "sms first sup-3", "sms first boss"});
    c.override_change.in = "nobody";
    CHECK(line.command(c).code == "unknown_person");
    c.override_change.in = "boss";
    c.override_change.until = c.override_change.from;
    CHECK(line.command(c).code == "conflict");
}

TEST_CASE("the wall clock steps: waits are not moved") {
    DeskLine line;
    Decisions out;
    AlertEdge e;
    e.rule = "wait";
    e.policy = "surge";
    e.queue = {"jinan", "general", "voice"};
    e.to = AlertState::firing;
    e.level = Level::yellow;
    Desk stepped(line.plan());
    stepped.on_alerts(std::span<const AlertEdge>(&e, 1), engine_time(1000), {engine_time(1000), wall_time(1'795'330'800'000)},
                      out);
    const auto orders = std::exchange(out.orders, {});
    CHECK(orders.size() == 4);
    for (const auto& o : orders) {
        stepped.on_outcome({o.page, o.attempt, OutcomeClass::ok, 0s, ""}, {engine_time(1000), wall_time(0)}, out);
    }
    out.clear();
    stepped.advance({engine_time(2000), wall_time(1'795'330'800'000 + 3'600'000)}, out);
    stepped.advance({engine_time(3000), wall_time(1'795'330'800'000 - 3'600'000)}, out);
    CHECK(out.orders.empty());
    for (std::int64_t t = 3000; t < 121000; t += 1000) {
        stepped.advance({engine_time(t), wall_time(t)}, out);
    }
    CHECK(out.orders.empty());
    stepped.advance({engine_time(121000), wall_time(121000)}, out);
    CHECK(out.orders.size() == 3);
}

TEST_CASE("a storm of a thousand alerts in one scope is one incident and one message per tier") {
    auto plan = team_plan();
    for (auto& p : plan.people) {
        p = make_person(p.id, {"ding"});
    }
    plan.policies[0].scope = {"centre"};
    DeskLine line(plan);
    line.at(0s).fire("wait", "q0", Level::yellow).expect({"ding first lead-1+lead-2+lead-3+lead-4"});
    Decisions out;
    Desk& desk = line.desk();
    for (int i = 1; i < 2000; ++i) {
        AlertEdge e;
        e.rule = "wait";
        e.policy = "surge";
        e.queue = {"jinan", "q" + std::to_string(i), "voice"};
        e.to = AlertState::firing;
        e.level = Level::yellow;
        desk.on_alerts(std::span<const AlertEdge>(&e, 1), line.now().at, line.now(), out);
    }
    CHECK(out.orders.empty());
    CHECK(desk.incidents().size() == 1);
    CHECK(desk.incidents()[0].alerts.size() == 1000);
}

TEST_CASE("closed incidents are kept to the limit, with their pages") {
    auto plan = team_plan();
    plan.policies[0].scope = {"queue"};
    DeskLine line(plan);
    Desk desk(line.plan());
    Decisions out;
    Stamp now{engine_time(1000), wall_time(1000)};
    for (int i = 0; i < 203; ++i) {
        AlertEdge e;
        e.rule = "wait";
        e.policy = "surge";
        e.queue = {"c", "q" + std::to_string(i), "voice"};
        e.to = AlertState::firing;
        e.level = Level::yellow;
        desk.on_alerts(std::span<const AlertEdge>(&e, 1), now.at, now, out);
        e.to = AlertState::ok;
        desk.on_alerts(std::span<const AlertEdge>(&e, 1), now.at, now, out);
        now.at += 3min;
        desk.advance(now, out);
        for (int pass = 0; pass < 4; ++pass) {
            const auto orders = std::exchange(out.orders, {});
            for (const auto& o : orders) {
                desk.on_outcome({o.page, o.attempt, OutcomeClass::ok, 0s, ""}, now, out);
            }
        }
        if (i == 199 || i == 200) {
            CHECK(desk.incidents().size() == 200);
        }
        out.clear();
    }
    CHECK(desk.incidents().size() == 200);
    CHECK(desk.incidents().front().incident == "0-203");
}

TEST_CASE("killed at every page: one page is repeated three times at most, then the next way is taken") {
    auto plan = team_plan();
    plan.rosters[0].shifts[0].people = {"lead-1"};
    plan.policies[0].tiers[0].wait = 1h;
    plan.policies[0].page_deadline = 1h;
    SECTION("the next way") {
        for (auto& person : plan.people) {
            person.normal = {{"sms", 0s, 0s}, {"voice", 1h, 0s}};
        }
        DeskLine line(plan);
        line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        for (int kill = 1; kill <= 3; ++kill) {
            line.crash(1s).expect({});
            line.at(Span{kill * 5000}).expect({"sms first lead-1 repeat"});
        }
        line.crash(1s).at(21s).expect({"voice first lead-1"});
        line.crash(1s).at(60s).quiet();
    }
    SECTION("without one they are unreachable, which is seen, and the next tier is called") {
        DeskLine line(plan);
        line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        for (int kill = 1; kill <= 3; ++kill) {
            line.crash(1s);
            line.at(Span{kill * 5000}).expect({"sms first lead-1 repeat"});
        }
        line.silent("sms", false).crash(1s).at(21s).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
        CHECK(line.seat("lead-1") == SeatState::unreachable);
    }
}
