// Sending people home while the surge goes on: a region whose scopes end one by one, and who has not answered when seats are
// filled. One closing message each, whatever comes between.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> both{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4",
                                    "sms first sup-1",  "sms first sup-2",  "sms first sup-3"};

/// One incident a queue, one for all when three queues surge; two people a queue.
Plan regional() {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.scope = {"queue"};
    policy.need.fixed = 2;
    policy.region.scopes = 3;
    return plan;
}
void fire_three(DeskLine& line, Level level) {
    line.edges({line.firing("wait", "general", level), line.firing("wait", "english", level), line.firing("wait", "vip", level)});
}
void join(DeskLine& line, const std::vector<std::string>& people) {
    for (const auto& id : people) {
        REQUIRE(line.answer(AnswerKind::join, id).code == "seated");
    }
}
PersonSpec& person(Plan& plan, const std::string& id) {
    return *std::find_if(plan.people.begin(), plan.people.end(), [&](const PersonSpec& p) { return p.id == id; });
}
/// Seven called at once, six seats taken: the supervisors after the leads.
DeskLine six_seats(Plan plan = regional()) {
    DeskLine line(std::move(plan));
    line.at(0s);
    fire_three(line, Level::orange);
    line.expect(both);
    join(line, {"sup-1", "sup-2", "lead-1", "lead-2", "lead-3", "lead-4"});
    CHECK(line.state() == "filled");
    return line;
}
}  // namespace

TEST_CASE(
    "stand-down: a scope that is over sends its share home after the hold, not before: the last tier, the latest join first") {
    auto line = six_seats();
    line.at(1min).clear("wait", "vip").quiet();
    line.at(4min - 1ms).quiet();
    CHECK(line.incident().joined == 6);
    line.at(4min).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
    CHECK(line.incident().need == 4);
    CHECK(line.incident().joined == 4);
    CHECK(line.state() == "filled");
    CHECK(line.seat("sup-1") == SeatState::released);
    CHECK(line.orders().back().text.find("可以下线") != std::string::npos);
    line.at(5min).clear("wait", "english").at(8min).expect({"sms stand_down lead-4", "sms stand_down lead-3"});
    // Who has been stood down is not told again.
    line.at(9min).clear("wait", "general").at(12min).expect({"sms close lead-1", "sms close lead-2", "sms close sup-3"});
    CHECK(line.state() == "closed");
    line.at(1h).quiet();
}

TEST_CASE("stand-down: scopes that end one after another each have their own hold") {
    auto line = six_seats();
    line.at(1min).clear("wait", "vip").quiet();
    line.at(3min).clear("wait", "english").quiet();
    line.at(4min).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
    line.at(6min - 1ms).quiet();
    line.at(6min).expect({"sms stand_down lead-4", "sms stand_down lead-3"});
}

TEST_CASE("stand-down: who is sent home in the moment in which the incident is closed is not counted among those who stayed") {
    auto line = six_seats();
    line.at(1min).clear("wait", "vip").quiet();
    line.at(4min).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
    Command c;
    c.kind = Command::Kind::resolve;
    c.incident = line.incident().incident;
    c.by = "operator";
    c.force = true;
    REQUIRE(line.command(c).ok);
    const auto& orders = line.orders();
    const auto close = std::find_if(orders.begin(), orders.end(), [](const SendOrder& o) { return o.purpose == PagePurpose::close; });
    REQUIRE(close != orders.end());
    CAPTURE(close->text);
    CHECK(close->text.find("已加入4人") != std::string::npos);
    CHECK(close->text.find("sup-1") == std::string::npos);
}

TEST_CASE("stand-down: a scope that fires again within the hold keeps its people, and its next end starts the hold anew") {
    auto line = six_seats();
    line.at(1min).clear("wait", "vip").at(3min).fire("wait", "vip", Level::orange).quiet();
    line.at(10min).quiet();
    CHECK(line.incident().joined == 6);
    line.clear("wait", "vip").at(13min - 1ms).quiet();
    line.at(13min).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
}

TEST_CASE("stand-down: nobody is sent home while a recheck says that it still rises, also when no more can be called") {
    auto plan = regional();
    plan.policies[0].recheck = 2min;
    plan.policies[0].recheck_add = 1;
    plan.policies[0].region.need_max = 6;
    auto line = six_seats(plan);
    line.at(1min).clear("wait", "vip").quiet();
    line.at(5min + 30s).quiet();
    CHECK(line.count_type("incident.recheck") == 2);
    CHECK(line.incident().joined == 6);
    line.fire("wait", "general", Level::yellow).fire("wait", "english", Level::yellow).quiet();
    line.at(6min + 1s).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
}

TEST_CASE("stand-down: who has arrived goes last") {
    auto line = six_seats();
    for (const auto* id : {"sup-1", "sup-2"}) {
        CHECK(line.answer(AnswerKind::arrive, id).code == "seated");
    }
    line.at(1min).clear("wait", "vip").at(4min).expect({"sms stand_down lead-4", "sms stand_down lead-3"});
    CHECK(line.seat("sup-2") == SeatState::arrived);
}

TEST_CASE("stand-down: asked again they are called again, and told again that it is over") {
    auto line = six_seats();
    line.at(1min).clear("wait", "vip").at(4min).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
    line.at(5min).fire("wait", "vip", Level::orange);
    line.expect({"sms need sup-1", "sms need sup-2"});
    line.at(6min)
        .clear("wait", "vip")
        .clear("wait", "english")
        .clear("wait", "general")
        .at(9min)
        .expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3"});
}

TEST_CASE("stand-down: a dead way is followed by the next; a kill while it leaves makes no third message") {
    auto plan = regional();
    person(plan, "sup-1").normal = {{"sms", 0s, 0s}, {"voice", 1h, 0s}};
    auto line = six_seats(plan);
    line.says("sms", {OutcomeClass::reject});
    line.at(1min)
        .clear("wait", "vip")
        .at(4min)
        .expect({"sms stand_down sup-1", "sms stand_down sup-2", "voice stand_down sup-1"});
    line.crash(1s).at(5min).quiet();
    CHECK(line.incident().joined == 4);
    line.clear("wait", "english")
        .clear("wait", "general")
        .at(9min)
        .expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-3"});
}

TEST_CASE("stand-down: whom no way could tell hears of the end") {
    auto line = six_seats();
    line.says("sms", {OutcomeClass::reject, OutcomeClass::reject});
    line.at(1min).clear("wait", "vip").at(4min).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
    line.at(5min)
        .clear("wait", "english")
        .clear("wait", "general")
        .at(8min)
        .expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4", "sms close sup-1",
                 "sms close sup-2", "sms close sup-3"});
}

TEST_CASE("stand-down: a kill in the hold moves nothing") {
    auto line = six_seats();
    line.at(1min).clear("wait", "vip").at(2min).quiet();
    line.crash(5s).at(4min - 1ms).quiet();
    line.at(4min).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
}

TEST_CASE("stand-down: missing data sends nobody home") {
    auto line = six_seats();
    line.at(1min).clear("wait", "vip").at(2min).stale("wait", "general").stale("wait", "english");
    line.expect({"sms blind lead-1", "sms blind lead-2", "sms blind lead-3", "sms blind lead-4", "sms blind sup-1",
                 "sms blind sup-2", "sms blind sup-3"});
    line.at(10min).quiet();
    CHECK(line.incident().joined == 6);
    line.stale("wait", "general", false).expect({"sms stand_down sup-2", "sms stand_down sup-1"});
}

TEST_CASE("region: each scope that fires wants its own minimum of a skill; those who meet it are the last to go") {
    auto plan = regional();
    for (const auto* id : {"lead-4", "sup-1", "sup-2", "sup-3"}) {
        person(plan, id).skills = {"billing"};
    }
    plan.policies[0].tiers[0].require = {{"", "billing", 1}};
    DeskLine line(plan);
    line.at(0s);
    fire_three(line, Level::orange);
    line.expect(both);
    join(line, {"lead-1", "lead-2", "lead-3", "lead-4"});
    join(line, {"sup-1", "sup-2"});
    CHECK(line.incident().joined == 6);
    CHECK(line.state() == "filled");  // three scopes, three with the skill
    line.answer(AnswerKind::leave, "sup-2");
    CHECK(line.state() == "paging");
    line.quiet();  // sup-3 is asked still
    join(line, {"sup-3"});
    CHECK(line.state() == "filled");
    line.at(1min).clear("wait", "vip").quiet();
    // Two scopes want two with the skill: of three one may go, the latest of the last tier; then those without it.
    line.at(4min).expect({"sms stand_down sup-3", "sms stand_down lead-3"});
    CHECK(line.state() == "filled");
}

TEST_CASE("region: two with the skill do not fill three scopes, and do fill two") {
    auto plan = regional();
    for (const auto* id : {"lead-3", "lead-4"}) {
        person(plan, id).skills = {"billing"};
    }
    plan.policies[0].tiers[0].require = {{"", "billing", 1}};
    auto line = [&] {
        DeskLine made(plan);
        made.at(0s);
        fire_three(made, Level::orange);
        made.expect(both);
        return made;
    }();
    join(line, {"lead-1", "lead-2", "lead-3", "lead-4", "sup-1", "sup-2"});
    CHECK(line.state() == "exhausted");  // nobody else has it
    line.expect({"sms first desk"});
    line.at(10s).clear("wait", "vip").quiet();
    CHECK(line.state() == "filled");
}

TEST_CASE("region: a need's expression reads the level and the queues of each scope for itself") {
    auto plan = regional();
    plan.policies[0].scope = {"centre"};
    plan.policies[0].region.scopes = 2;
    plan.policies[0].need.expression = "level + 2 * queues";
    plan.policies[0].need.max = 20;
    DeskLine line(plan);
    AlertEdge far = line.firing("wait", "general", Level::orange);
    far.queue.centre = "qingdao";
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "english", Level::yellow), far});
    line.expect(both);
    CHECK(line.incident().need == (1 + 4) + (2 + 2));
    line.at(10s).fire("wait", "vip", Level::yellow).quiet();
    CHECK(line.incident().need == (1 + 6) + (2 + 2));
    // Within a scope it only rises; it goes with the scope.
    line.at(20s).clear("wait", "vip").at(30s).quiet();
    CHECK(line.incident().need == 11);
    line.clear("wait", "general").clear("wait", "english").at(40s).quiet();
    CHECK(line.incident().need == 4);
}

TEST_CASE("stand-down at filled: who has not answered is told once, as their closing message; without the key nobody is") {
    for (const bool wanted : {false, true}) {
        auto plan = team_plan();
        plan.policies[0].stand_down = wanted;
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
        join(line, {"lead-1", "lead-2"});
        line.quiet();
        join(line, {"lead-3"});
        line.expect(wanted ? std::vector<std::string>{"sms stand_down lead-4"} : std::vector<std::string>{});
        CHECK(line.seat("lead-4") == (wanted ? SeatState::released : SeatState::asked));
        line.crash(1s).at(1min).quiet();
        std::vector<std::string> last{"sms close lead-1", "sms close lead-2", "sms close lead-3"};
        if (!wanted) {
            last.emplace_back("sms close lead-4");
        }
        line.clear("wait", "general").at(4min).expect(last);
        line.at(1h).quiet();
    }
}

TEST_CASE("stand-down at filled: a seat that comes free calls them again, and a group hears it in one message") {
    auto plan = team_plan();
    plan.policies[0].stand_down = true;
    plan.policies[0].need.fixed = 2;
    for (const auto* id : {"lead-1", "lead-2", "lead-3", "lead-4"}) {
        person(plan, id).normal = {{"ding", 0s, 0s}};
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"ding first lead-1+lead-2+lead-3+lead-4"});
    join(line, {"lead-1", "lead-2"});
    line.expect({"ding stand_down lead-3+lead-4"});
    line.at(1min);
    line.answer(AnswerKind::leave, "lead-2");
    line.expect({"ding need lead-3+lead-4"});
    join(line, {"lead-3"});
    line.expect({"ding stand_down lead-4"});
    line.at(2min).clear("wait", "general").at(5min).expect({"ding close lead-1+lead-2+lead-3"});
}

TEST_CASE("stand-down at filled: whose message was under way when the scope went into a region is told once") {
    auto plan = regional();
    plan.policies[0].stand_down = true;
    plan.policies[0].region.need_max = 2;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.silent("sms");
    join(line, {"lead-1", "lead-2"});
    line.expect({"sms stand_down lead-3", "sms stand_down lead-4"});
    const std::vector<SendOrder> under_way(line.orders().end() - 2, line.orders().end());
    line.at(1s).edges({line.firing("wait", "english", Level::yellow), line.firing("wait", "vip", Level::yellow)}).quiet();
    for (const auto& order : under_way) {
        line.outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, "", Span{0}});
    }
    line.silent("sms", false).at(1min);
    line.clear("wait", "general").clear("wait", "english").clear("wait", "vip");
    line.at(5min).expect({"sms close lead-1", "sms close lead-2"});
}

TEST_CASE("stand-down at filled: whose message was under way when it was ended by hand and reopened at once is told once") {
    auto plan = team_plan();
    plan.policies[0].stand_down = true;
    plan.policies[0].tiers.resize(1);
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads).silent("sms");
    join(line, {"lead-1", "lead-2", "lead-3"});
    line.expect({"sms stand_down lead-4"});
    Command end;
    end.kind = Command::Kind::resolve;
    end.by = "operator";
    end.force = true;
    REQUIRE(line.command(end).ok);
    line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3"});
    line.at(1ms).fire("wait", "english", Level::yellow).expect({"sms first lead-1", "sms first lead-2", "sms first lead-3"});
    CHECK(line.count_type("incident.reopened") == 1);
    const std::vector<SendOrder> under_way(line.orders().begin() + 4, line.orders().end());
    line.silent("sms", false);
    SECTION("it arrives: they are not called since, and hear no more") {
        for (const auto& order : under_way) {
            line.outcome({order.page, order.attempt, OutcomeClass::ok, Span{0}, "", Span{0}});
        }
        join(line, {"lead-1", "lead-2", "lead-3"});
        line.clear("wait", "general").clear("wait", "english").at(4min);
        line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3"});
    }
    SECTION("it does not arrive: the next ending tells them") {
        for (const auto& order : under_way) {
            const auto outcome = order.purpose == PagePurpose::first ? OutcomeClass::ok : OutcomeClass::reject;
            line.outcome({order.page, order.attempt, outcome, Span{0}, "", Span{0}});
        }
        join(line, {"lead-1", "lead-2", "lead-3"});
        line.clear("wait", "general").clear("wait", "english").at(4min);
        line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    }
}

TEST_CASE("stand-down at filled: whose message awaits its receipt when the incident ends, or goes into a region, is told once") {
    auto plan = regional();
    plan.policies[0].stand_down = true;
    plan.policies[0].region.need_max = 2;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    plan.channels[0].receipt_within = 10min;
    line.reload(plan).quiet();
    join(line, {"lead-1", "lead-2"});
    line.expect({"sms stand_down lead-3", "sms stand_down lead-4"});
    const std::vector<SendOrder> awaited(line.orders().end() - 2, line.orders().end());
    const bool region = GENERATE(false, true);
    CAPTURE(region);
    line.at(1s);
    if (region) {
        line.edges({line.firing("wait", "english", Level::yellow), line.firing("wait", "vip", Level::yellow)}).quiet();
        line.clear("wait", "english").clear("wait", "vip");
    }
    line.clear("wait", "general").at(4min).expect({"sms close lead-1", "sms close lead-2"});
    for (const auto& order : awaited) {
        line.receipt("sms", order.page + "#1", true);
    }
    line.at(1h).any();
    CHECK(std::ranges::none_of(line.orders(), [](const SendOrder& o) {
        return o.purpose == PagePurpose::close && (o.people[0].person == "lead-3" || o.people[0].person == "lead-4");
    }));
}

TEST_CASE("stand-down at filled: an answer after it stands by, as any that comes late") {
    auto plan = team_plan();
    plan.policies[0].stand_down = true;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    join(line, {"lead-1", "lead-2", "lead-3"});
    line.expect({"sms stand_down lead-4"});
    CHECK(line.answer(AnswerKind::join, "lead-4").code == "spare");
    line.at(1min).clear("wait", "general").at(4min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3"});
}

TEST_CASE("stand-down at filled: a seat that goes over is handed over, and who is to take it is asked and not sent home") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 2;
    plan.policies[0].stand_down = true;
    plan.policies[0].handover_within = 10min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    join(line, {"lead-1", "lead-2"});
    line.expect({"sms stand_down lead-3", "sms stand_down lead-4"});
    Command c;
    c.answer = AnswerKind::leave;
    c.person = c.by = "lead-1";
    c.successor = "sup-1";
    REQUIRE(line.command(c).ok);
    line.expect({"sms handover sup-1"});
    CHECK(line.seat("sup-1") == SeatState::asked);
    CHECK(line.seat("lead-1") == SeatState::joined);
    SECTION("they come") {
        line.at(1min);
        CHECK(line.answer(AnswerKind::join, "sup-1").code == "seated");
        line.expect({"sms stand_down lead-1"});
        CHECK(line.state() == "filled");
    }
    SECTION("they do not: the seat is free at its time and others are called") {
        line.at(10min - 1ms).quiet();
        line.at(10min).expect({"sms stand_down lead-1"});
        line.at(12min).expect({"sms first sup-2", "sms first sup-3"});
    }
    SECTION("over a kill") {
        line.crash(1s).at(2min).quiet();
        CHECK(line.seat("sup-1") == SeatState::asked);
    }
}

TEST_CASE("stand-down at filled: the page that hands a seat over is tried again when seats are filled meanwhile") {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 3;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    join(line, {"lead-1", "lead-2"});
    line.says("sms", {OutcomeClass::retry});
    Command c;
    c.answer = AnswerKind::leave;
    c.person = c.by = "lead-1";
    c.successor = "sup-1";
    REQUIRE(line.command(c).ok);
    line.expect({"sms handover sup-1"});
    join(line, {"lead-3"});
    CHECK(line.state() == "filled");
    line.at(5s).expect({"sms handover sup-1"});
    CHECK(line.seat("sup-1") == SeatState::asked);
}

TEST_CASE("stand-down: of a region that wants fewer, who hands a seat over goes with the one who was to take it") {
    auto line = six_seats();
    Command c;
    c.answer = AnswerKind::leave;
    c.person = c.by = "sup-2";
    c.successor = "sup-3";
    REQUIRE(line.command(c).ok);
    line.expect({"sms handover sup-3"});
    line.clear("wait", "vip").at(10s + 3min);
    // lead-1 to lead-4 stay: the latest of the last tier go, and sup-3 has no seat to take.
    line.expect({"sms stand_down sup-1", "sms stand_down sup-2", "sms stand_down sup-3"});
    CHECK(line.seat("sup-2") == SeatState::released);
    CHECK(line.seat("sup-3") == SeatState::released);
}

TEST_CASE("noshow: who keeps a seat until another takes it is no no-show") {
    auto plan = team_plan();
    plan.policies[0].tiers[0].arrive_within = 5min;
    plan.policies[0].handover_within = 20min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    join(line, {"lead-1", "lead-2", "lead-3"});
    line.at(1min);
    for (const auto* id : {"lead-2", "lead-3"}) {
        line.answer(AnswerKind::arrive, id);
    }
    Command c;
    c.answer = AnswerKind::leave;
    c.person = c.by = "lead-1";
    c.successor = "sup-1";
    REQUIRE(line.command(c).ok);
    line.expect({"sms handover sup-1"});
    line.at(10min).quiet();
    CHECK(line.seat("lead-1") == SeatState::joined);
}
