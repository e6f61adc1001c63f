// The rows of the incident's state table that are about its life: opening, folding, resolving, reopening, ending by hand, blind.
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> leads_first{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"};
const std::vector<std::string> leads_close{"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"};
void fill(DeskLine& line) {
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        REQUIRE(line.answer(AnswerKind::join, id).code == "seated");
    }
}
}  // namespace

TEST_CASE("a first firing opens an incident and pages tier 1 in the same step") {
    DeskLine line;
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK(line.state() == "paging");
    CHECK(line.incident().tier == 1);
    CHECK(line.incident().need == 3);
    CHECK(line.incident().incident == "0-1");
    CHECK(line.incident().scope.at("centre") == "jinan");
    const auto types = line.types();
    CHECK(types[0] == "alert.firing");
    CHECK(types[1] == "incident.opened");
    CHECK(types[2] == "incident.tier");
    CHECK(line.orders().front().page == "0-1/1/lead-1/sms/first/1");
}

TEST_CASE("a further firing in the scope joins the incident and pages nobody") {
    DeskLine line;
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.at(20s).fire("surge", "general", Level::yellow).fire("wait", "english", Level::yellow).quiet();
    CHECK(line.count() == 1);
    CHECK(line.incident().alerts.size() == 3);
}

TEST_CASE("another scope value is another incident") {
    DeskLine line;
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    AlertEdge other;
    other.rule = "wait";
    other.policy = "surge";
    other.queue = {"qingdao", "general", "voice"};
    other.to = AlertState::firing;
    other.level = Level::yellow;
    line.at(20s).edge(other).expect(leads_first);
    CHECK(line.count() == 2);
}

TEST_CASE("alerts without policy or below the policy's level open nothing") {
    auto plan = team_plan();
    plan.policies[0].page_from = Level::orange;
    DeskLine line(plan);
    line.at(10s).fire("wait", "general", Level::yellow).quiet();
    AlertEdge lone;
    lone.rule = "x";
    lone.to = AlertState::firing;
    lone.level = Level::red;
    line.edge(lone).quiet();
    CHECK(line.count() == 0);
    line.at(20s).fire("wait", "general", Level::orange);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3"});
}

TEST_CASE("all clear: hold, then one closing message to everyone paged, then closed") {
    DeskLine line;
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    fill(line);
    line.at(100s).clear("wait", "general").quiet();
    CHECK(line.state() == "resolving");
    line.at(100s + 3min - 1ms).quiet();
    CHECK(line.state() == "resolving");
    line.at(100s + 3min).expect(leads_close);
    CHECK(line.state() == "closed");
    CHECK(line.seat("lead-1") == SeatState::released);
    CHECK(line.count_type("incident.resolved") == 1);
    line.at(1h).quiet();
}

TEST_CASE("firing again within the hold resumes without a new page, and the wait goes on where it stood") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.at(60s).clear("wait", "general").quiet();
    line.at(150s).fire("wait", "general", Level::yellow).quiet();
    CHECK(line.state() == "paging");
    CHECK(line.count_type("incident.resumed") == 1);
    line.at(150s + 60s - 1ms).quiet();
    line.at(150s + 60s).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
}

TEST_CASE("firing again within the reopen window reopens the same incident and asks earlier helpers first") {
    DeskLine line;
    line.at(10s).fire("wait", "general", Level::yellow).expect(leads_first);
    fill(line);
    line.at(60s).clear("wait", "general");
    line.at(5min).expect(leads_close);
    CHECK(line.state() == "closed");

    line.at(8min).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
    CHECK(line.count() == 1);
    CHECK(line.incident().incident == "0-1");
    CHECK(line.state() == "paging");
    line.at(8min + 2min).expect({"sms first lead-4"});
    fill(line);
    line.at(11min).clear("wait", "general");
    line.at(15min).expect(leads_close);
}

TEST_CASE("firing after the reopen window opens a new incident") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    fill(line);
    line.at(60s).clear("wait", "general");
    line.at(4min).expect(leads_close);
    line.at(4min + 10min).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK(line.incident().incident == "0-2");
}

TEST_CASE("flapping makes one incident and no page per flap") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    fill(line);
    for (int i = 1; i < 50; ++i) {
        line.at(i * 60s).clear("wait", "general").quiet();
        line.at(i * 60s + 30s).fire("wait", "general", Level::yellow).quiet();
    }
    CHECK(line.count() == 1);
}

TEST_CASE("a stale alert never clears: one blind page, tiers go on, data back says nothing") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.answer(AnswerKind::join, "lead-1");
    line.at(30s)
        .stale("wait", "general")
        .expect({"sms blind lead-1", "sms blind lead-2", "sms blind lead-3", "sms blind lead-4"});
    line.at(40s).stale("wait", "general").quiet();
    line.at(2min).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    line.at(3min).stale("wait", "general", false).quiet();
    CHECK(line.state() == "paging");
    CHECK(line.count_type("incident.blind") == 1);
}

TEST_CASE("one alert with data keeps the incident from being blind") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.fire("surge", "general", Level::yellow);
    line.at(30s).stale("wait", "general").quiet();
    line.at(40s)
        .stale("surge", "general")
        .expect({"sms blind lead-1", "sms blind lead-2", "sms blind lead-3", "sms blind lead-4"});
}

TEST_CASE("a rule that is removed clears its alert") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    AlertEdge gone;
    gone.rule = "wait";
    gone.policy = "surge";
    gone.queue = {"jinan", "general", "voice"};
    gone.group = "普席";
    gone.to = AlertState::unknown;
    line.at(30s).edge(gone).quiet();
    CHECK(line.state() == "resolving");
}

TEST_CASE("manual resolve while firing needs force and re-arms after 15 minutes") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    fill(line);
    Command resolve;
    resolve.kind = Command::Kind::resolve;
    resolve.by = "chief";
    CHECK(line.command(resolve).code == "conflict");
    CHECK(line.state() == "filled");
    resolve.force = true;
    CHECK(line.command(resolve).ok);
    line.expect(leads_close);
    CHECK(line.state() == "closed");

    SECTION("the same alert stays out until then and opens again") {
        line.at(5min).fire("wait", "general", Level::yellow).quiet();
        line.at(15min - 1ms).quiet();
    }
    SECTION("a higher level re-arms at once") {
        line.at(5min).fire("wait", "general", Level::orange);
        line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                     "sms first sup-2", "sms first sup-3"});
    }
    SECTION("an alert that began later re-arms at once") {
        line.at(30s).clear("wait", "general").quiet();
        line.at(60s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
    }
}

TEST_CASE("an alert that still fires 15 minutes after a manual resolve opens a new incident") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    fill(line);
    Command resolve;
    resolve.kind = Command::Kind::resolve;
    resolve.force = true;
    line.command(resolve);
    line.expect(leads_close);
    line.at(15min).expect(leads_first);
    CHECK(line.incident().incident == "0-2");
}

TEST_CASE("manual resolve of an incident that is resolving needs no force") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.at(10s).clear("wait", "general").quiet();
    Command resolve;
    resolve.kind = Command::Kind::resolve;
    CHECK(line.command(resolve).ok);
    line.expect(leads_close);
    CHECK(line.command(resolve).code == "already");
}

TEST_CASE("an incident older than max_age is closed with notice") {
    auto plan = team_plan();
    plan.policies[0].max_age = 1h;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    fill(line);
    line.at(1h - 1ms).quiet();
    line.at(1h).expect(leads_close);
    CHECK(line.orders().back().text.find("到期关闭") != std::string::npos);
    CHECK(line.state() == "closed");
    line.at(1h + 15min).expect(leads_first);
}

TEST_CASE("silenced and muted alerts open nothing; the end of the silence counts") {
    DeskLine line;
    Command silence;
    silence.kind = Command::Kind::silence;
    silence.by = "chief";
    silence.silence.rule = "wa*";
    silence.silence.until = line.now().at + 10min;
    const auto made = line.command(silence);
    REQUIRE(made.ok);
    CHECK(made.message == "s-1");
    line.at(10s).fire("wait", "general", Level::yellow).quiet();
    CHECK(line.count() == 0);

    SECTION("by its time") {
        line.at(10min - 1ms).quiet();
        line.at(10min).expect(leads_first);
        CHECK(line.desk().silences().empty());
    }
    SECTION("by hand") {
        Command end;
        end.kind = Command::Kind::unsilence;
        end.silence.silence = "s-1";
        CHECK(line.command(end).ok);
        line.expect(leads_first);
        CHECK(line.command(end).code == "not_found");
    }
    SECTION("other rules are not silenced") {
        line.at(20s).fire("surge", "general", Level::yellow).expect(leads_first);
    }
}

TEST_CASE("a muted alert counts when the mute ends") {
    DeskLine line;
    AlertEdge e;
    e.rule = "wait";
    e.policy = "surge";
    e.queue = {"jinan", "general", "voice"};
    e.group = "普席";
    e.to = AlertState::firing;
    e.level = Level::yellow;
    e.muted = true;
    line.at(0s).edge(e).quiet();
    CHECK(line.count() == 0);
    e.muted = false;
    line.at(10s).edge(e).expect(leads_first);
}

TEST_CASE("a silence over an open incident stops its pages, does not resolve it, and it goes on after") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    Command silence;
    silence.kind = Command::Kind::silence;
    silence.silence.until = line.now().at + 10min;
    line.command(silence);
    line.at(9min).quiet();
    CHECK(line.state() == "paging");
    line.at(10min).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
}

TEST_CASE("a silence ends in the future and within 30 days") {
    DeskLine line;
    Command silence;
    silence.kind = Command::Kind::silence;
    silence.silence.until = line.now().at;
    CHECK(line.command(silence).code == "conflict");
    silence.silence.until = line.now().at + silence_longest + 1ms;
    CHECK(line.command(silence).code == "conflict");
    silence.silence.until = line.now().at + silence_longest;
    CHECK(line.command(silence).ok);
}

TEST_CASE("open_for covers exactly the scope of open incidents") {
    DeskLine line;
    CHECK_FALSE(line.desk().open_for({"jinan", "general", "voice"}, "普席"));
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    CHECK(line.desk().open_for({"jinan", "english", "voice"}, "普席"));
    CHECK_FALSE(line.desk().open_for({"jinan", "english", "voice"}, "专席"));
    CHECK_FALSE(line.desk().open_for({"qingdao", "general", "voice"}, "普席"));
    line.at(10s).clear("wait", "general");
    CHECK(line.desk().open_for({"jinan", "general", "voice"}, "普席"));
    line.at(10s + 3min).expect(leads_close);
    CHECK_FALSE(line.desk().open_for({"jinan", "general", "voice"}, "普席"));
}

TEST_CASE("the display level follows the worst alert up and down; a fall pages nobody") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads_first);
    line.at(10s).fire("wait", "general", Level::orange).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    CHECK(line.incident().level == Level::orange);
    line.at(20s).fire("wait", "general", Level::yellow).quiet();
    CHECK(line.incident().level == Level::yellow);
    line.at(30s).fire("wait", "general", Level::orange).quiet();
}

TEST_CASE("at the limit of open incidents the next scope waits for room and is not lost") {
    auto plan = team_plan();
    plan.policies[0].scope = {"queue"};
    plan.policies[0].max_age = 2h;
    DeskLine line(plan);
    Desk desk(line.plan());
    Decisions out;
    Stamp now{engine_time(1000), wall_time(1000)};
    std::vector<AlertEdge> edges;
    for (int i = 0; i < 10001; ++i) {
        AlertEdge e;
        e.rule = "wait";
        e.policy = "surge";
        e.queue = {"c", "q" + std::to_string(i), "voice"};
        e.to = AlertState::firing;
        e.level = Level::yellow;
        edges.push_back(e);
    }
    desk.on_alerts(std::span<const AlertEdge>(edges.data(), 10000), now.at, now, out);
    CHECK(out.orders.size() == 40000);
    out.clear();
    desk.on_alerts(std::span<const AlertEdge>(&edges[10000], 1), now.at, now, out);
    REQUIRE(out.records.size() == 1);
    CHECK(record_type(out.records[0]) == "system");
    CHECK(out.orders.empty());
    out.clear();
    now.at += 1s;
    Command resolve;
    resolve.kind = Command::Kind::resolve;
    resolve.incident = "0-5";
    resolve.force = true;
    CHECK(desk.on_command(resolve, now, out).ok);
    CHECK(desk.open_for({"c", "q10000", "voice"}, ""));
}

TEST_CASE("incident: what is over tells its worst level and who came, also after a restart") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::orange).any();
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::join, "lead-2");
    line.answer(AnswerKind::arrive, "lead-2");
    line.at(10s).fire("wait", "general", Level::red).any();
    line.at(20s).fire("wait", "general", Level::yellow).any();
    CHECK(line.incident().open());
    CHECK(line.desk().incidents_with("lead-1", line.now().at).size() == 1);
    CHECK(line.desk().incidents_with("nobody", line.now().at).empty());
    line.at(60s).clear("wait", "general").any();
    line.at(3h).any();
    line.crash().any();
    const auto over = line.incident();
    CHECK(over.state == "closed");
    CHECK_FALSE(over.open());
    CHECK(over.level == Level::none);
    CHECK(over.worst == Level::red);
    CHECK(over.joined == 0);
    CHECK(over.came == 2);
    CHECK(over.came_arrived == 1);
    for (const auto& seat : over.seats) {
        CHECK(seat.came == (seat.person == "lead-1" || seat.person == "lead-2"));
    }
    CHECK(line.desk().incidents_with("lead-1", line.now().at).empty());
    const auto alone = line.desk().incident(over.incident, line.now().at);
    REQUIRE(alone.has_value());
    CHECK(alone->came == 2);
    CHECK_FALSE(line.desk().incident("0-99", line.now().at).has_value());
}

TEST_CASE("incidents: open ones by opening, then those that ended, latest first; a place is before what follows it") {
    IncidentPlace first{"0-1", true, engine_time(10)};
    IncidentPlace second{"0-2", true, engine_time(20)};
    IncidentPlace ended_late{"0-3", false, engine_time(40)};
    IncidentPlace ended_early{"0-4", false, engine_time(30)};
    CHECK(first.before(second));
    CHECK(second.before(ended_late));
    CHECK(ended_late.before(ended_early));
    CHECK_FALSE(ended_early.before(ended_late));
    CHECK_FALSE(first.before(first));
    CHECK(IncidentPlace{"0-1", true, engine_time(5)}.before(IncidentPlace{"0-2", true, engine_time(5)}));
}
