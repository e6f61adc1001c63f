// Bad days (5.7) that come from outside: clocks and summer time, a silence across a kill, every way out dead, people away.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
constexpr std::int64_t start_s = 1'795'330'800;  // of every time line: 07:00 UTC

/// lead-1 until 09:00, lead-2 from 09:00, in a zone that changes its offset half an hour after the start.
Plan meeting_at_nine(int offset_before_s, int offset_after_s) {
    auto plan = team_plan();
    plan.zones["here"] = Zone("here", offset_before_s, {{start_s + 1800, offset_after_s}});
    plan.rosters[0].zone = "here";
    plan.rosters[0].shifts = {{0x7F, 360, 540, {"lead-1"}}, {0x7F, 540, 900, {"lead-2"}}};
    return plan;
}

std::vector<std::string> called_at(const Plan& plan, Span when) {
    DeskLine line(plan);
    line.at(when).fire("wait", "general", Level::yellow);
    std::vector<std::string> people;
    for (const auto& order : line.orders()) {
        people.push_back(order.people.front().person);
    }
    line.expect([&] {
        std::vector<std::string> all;
        for (const auto& id : people) {
            all.push_back("sms first " + id);
        }
        return all;
    }());
    return people;
}
}  // namespace

TEST_CASE("the end of summer time: shifts that meet in the doubled hour overlap in it, and nobody is missing") {
    const auto plan = meeting_at_nine(7200, 3600);  // 09:30 becomes 08:30: nine o'clock comes at 0 min and at 60 min
    CHECK(called_at(plan, 0min) == std::vector<std::string>{"lead-1", "lead-2"});
    CHECK(called_at(plan, 1h - 1ms) == std::vector<std::string>{"lead-1", "lead-2"});
    CHECK(called_at(plan, 1h) == std::vector<std::string>{"lead-2"});
}

TEST_CASE("the start of summer time: shifts that meet in the skipped hour meet at its end, without a gap") {
    const auto plan = meeting_at_nine(3600, 7200);  // 08:30 becomes 09:30
    CHECK(called_at(plan, 30min - 1ms) == std::vector<std::string>{"lead-1"});
    CHECK(called_at(plan, 30min) == std::vector<std::string>{"lead-2"});
}

TEST_CASE("the wall clock steps out of a shift: a seat is kept, nobody is paged for it, the next tier follows the new time") {
    auto plan = team_plan();
    plan.rosters[0].shifts = {{0x7F, 360, 720, {"lead-1", "lead-2", "lead-3", "lead-4"}}};
    plan.rosters[1].shifts = {{0x7F, 360, 720, {"sup-1"}}, {0x7F, 720, 1080, {"sup-2"}}};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    REQUIRE(line.answer(AnswerKind::join, "lead-1").code == "seated");
    line.wall_step(6h).at(2min - 1ms).quiet();
    CHECK(line.seat("lead-1") == SeatState::joined);
    line.at(2min).expect({"sms first sup-2"});
    // Back again: sup-1 is on duty in a tier that was called, and was never asked. Nobody is asked twice for it.
    line.wall_step(-6h).at(3min).expect({"sms first sup-1"});
    line.at(5min - 1ms).quiet();
    CHECK(line.incident().joined == 1);
    line.at(5min).expect({"sms first boss"});
}

TEST_CASE("a silence holds over a kill: nothing leaves after the restart, and the surge is called when the silence ends") {
    DeskLine line;
    Command c;
    c.kind = Command::Kind::silence;
    c.by = "operator";
    c.silence.until = line.now().at + 10min;
    REQUIRE(line.command(c).ok);
    line.at(1min).fire("wait", "general", Level::red).quiet();
    line.crash(5s).at(10min - 1ms).quiet();
    line.at(10min);
    CHECK(line.orders().size() > leads.size());
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3", "sms first boss"});
}

TEST_CASE(
    "every way out is dead: all tiers are passed at once and it is recorded; a call every 30 s until one gets out, then all") {
    DeskLine line;
    line.says("sms", std::vector<OutcomeClass>(7, OutcomeClass::channel_down));
    // The supervisors are called as soon as too few leads are left; at the third failure the breaker opens.
    line.at(0s)
        .fire("wait", "general", Level::yellow)
        .expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3"});
    CHECK(line.state() == "exhausted");  // the breaker opened: nobody else could be tried
    for (const char* id : {"lead-1", "sup-1", "boss", "desk"}) {
        CHECK(line.seat(id) == SeatState::unreachable);
    }
    const auto channels = line.desk().channels();
    const auto down = std::any_of(channels.begin(), channels.end(), [](const auto& c) { return c.channel == "sms" && c.down; });
    CHECK(down);
    CHECK(std::any_of(line.records().begin(), line.records().end(), [](const Record& r) {
        const auto* note = std::get_if<SystemNote>(&r.body);
        return note != nullptr && note->what == "channel_down";
    }));
    line.says("sms", {OutcomeClass::channel_down});
    line.at(30s - 1ms).quiet();
    line.at(30s).expect({"sms repeat_round boss"});
    line.at(1min - 1ms).quiet();
    line.at(1min).expect({"sms repeat_round boss", "sms repeat_round desk", "sms repeat_round lead-1", "sms repeat_round lead-2",
                          "sms repeat_round lead-3", "sms repeat_round lead-4", "sms repeat_round sup-1",
                          "sms repeat_round sup-2", "sms repeat_round sup-3"});
    CHECK(line.seat("lead-1") == SeatState::asked);
    line.at(10min).expect({"sms repeat_round boss", "sms repeat_round desk"});  // the next round, when it was due anyway
}

TEST_CASE("an operator's reason that reads like the desk's own does not stop the probing of a dead channel") {
    auto plan = team_plan();
    for (auto& person : plan.people) {
        person = person.id == "boss" ? make_person("boss", {"voice"}) : person;
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.says("sms", std::vector<OutcomeClass>(3, OutcomeClass::channel_down));
    Command c;
    c.kind = Command::Kind::escalate;
    c.incident = line.incident().incident;
    c.tier = 3;
    c.by = "operator";
    c.reason = "trying everybody";
    REQUIRE(line.command(c).ok);
    line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3", "voice first boss"});
    CHECK(line.seat("sup-1") == SeatState::unreachable);
    CHECK(line.seat("boss") == SeatState::asked);
    // Everybody has been tried: a call to one of them tries the channel, and as it gets out the others follow.
    line.at(5min);
    CHECK(line.state() == "exhausted");
    line.expect({"sms first desk", "sms repeat_round sup-1", "sms repeat_round sup-2", "sms repeat_round sup-3"});
}

TEST_CASE("two ways are dead, the third is tried at once: nobody is given up while a way is left") {
    auto plan = team_plan();
    for (auto& person : plan.people) {
        person.normal = {{"sms", 0s, 0s}, {"ding", 1h, 0s}, {"voice", 2h, 0s}};
    }
    DeskLine line(plan);
    line.says("sms", std::vector<OutcomeClass>(4, OutcomeClass::channel_down));
    line.says("ding", std::vector<OutcomeClass>(4, OutcomeClass::config_error));
    line.at(0s).fire("wait", "general", Level::yellow);
    std::size_t voice = 0;
    for (const auto& order : line.orders()) {
        voice += order.channel == "voice" ? 1U : 0U;
    }
    CHECK(voice == 4);
    CHECK(line.state() == "paging");
    CHECK(line.incident().tier == 1);
}

TEST_CASE("accepted and never delivered: who stays silent does not hold the tier beyond its wait, and the late answer counts") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(2min).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "seated");
}
