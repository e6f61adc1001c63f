// The playbook: what is done when an incident has come so far is done once, and undone once when it ends, whatever happens
// between.
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
ChannelSpec machine(const std::string& id) {
    ChannelSpec c;
    c.id = id;
    c.type = "webhook";
    return c;
}
ActionSpec action(const std::string& id, int tier, Level level, bool undo = true) {
    ActionSpec a;
    a.id = id;
    a.tier = tier;
    a.level = level;
    a.channel = "hook";
    a.params = {{"announcement", "A17"}};
    a.undo = undo;
    a.undo_params = {{"announcement", "A01"}};
    return a;
}
/// One lead is wanted and stays silent on a channel that is not looked at; `hook` takes the playbook.
Plan playbook(std::vector<ActionSpec> actions) {
    auto plan = team_plan();
    plan.channels.push_back(machine("hook"));
    plan.rosters[0].shifts[0].people = {"lead-1"};
    plan.rosters[1].shifts[0].people = {"sup-1"};
    plan.policies[0].actions = std::move(actions);
    return plan;
}
DeskLine announced() {
    DeskLine line(playbook({action("announce", 0, Level::yellow)}));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    return line;
}
const ActionView& only(const IncidentView& incident) {
    REQUIRE(incident.actions.size() == 1);
    return incident.actions.front();
}
/// The orders of the playbook so far.
std::vector<SendOrder> steps(const DeskLine& line) {
    std::vector<SendOrder> out;
    std::copy_if(line.orders().begin(), line.orders().end(), std::back_inserter(out),
                 [](const SendOrder& o) { return !o.action.empty(); });
    return out;
}
std::string last_note(const DeskLine& line) {
    std::string note;
    for (const auto& record : line.records()) {
        const auto* change = std::get_if<IncidentChange>(&record.body);
        note = change != nullptr && change->step == IncidentStep::note ? change->reason : note;
    }
    return note;
}
CommandReply resolve_by_hand(DeskLine& line) {
    Command c;
    c.kind = Command::Kind::resolve;
    c.by = "boss";
    c.force = true;
    return line.command(c);
}
}  // namespace

TEST_CASE("an action is done when its tier is called, not before, and undone when the incident ends") {
    DeskLine line(playbook({action("overflow", 2, Level::none)}));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    CHECK(only(line.incident()).state == "waiting");
    line.at(2min).expect({"sms first sup-1", "hook do overflow"});
    CHECK(only(line.incident()).stands);
    line.at(3min).clear("wait", "general").quiet();  // it may come back: nothing is undone while resolving
    line.at(6min - 1ms).quiet();
    line.at(6min).expect({"sms close lead-1", "sms close sup-1", "hook undo overflow"});
    CHECK(line.state() == "closed");
    CHECK_FALSE(only(line.incident()).stands);
}

TEST_CASE("the intent of an action is decided in the step that calls the tier, with its parameters and a key of its own") {
    DeskLine line(playbook({action("overflow", 2, Level::none)}));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(2min).expect({"sms first sup-1", "hook do overflow"});
    line.at(2min).clear("wait", "general").quiet();
    line.at(5min).expect({"sms close lead-1", "sms close sup-1", "hook undo overflow"});
    const auto& records = line.records();
    const auto of_type = [&](const std::string& type, const std::string& word) {
        return std::find_if(records.begin(), records.end(), [&](const Record& r) {
            const auto* page = std::get_if<PageChange>(&r.body);
            return record_type(r) == type && (page == nullptr || page->page.find("/" + word + "/") != std::string::npos);
        });
    };
    const auto called = std::find_if(records.begin(), records.end(), [](const Record& r) {
        const auto* c = std::get_if<IncidentChange>(&r.body);
        return c != nullptr && c->step == IncidentStep::tier && c->tier == 2;
    });
    const auto queued = of_type("action.queued", "do");
    REQUIRE(called != records.end());
    REQUIRE(queued != records.end());
    CHECK(queued->at == called->at);
    CHECK(std::get<PageChange>(queued->body).text == "overflow: announcement=A17");
    CHECK(of_type("action.done", "do") != records.end());
    CHECK(of_type("action.done", "undo") != records.end());

    const auto orders = steps(line);
    REQUIRE(orders.size() == 2);
    CHECK(orders[0].params.at("announcement") == "A17");
    CHECK(orders[1].params.at("announcement") == "A01");
    CHECK(orders[0].page != orders[1].page);
    CHECK(orders[0].people.empty());
}

TEST_CASE("with a tier and a level both must have come; with a level alone the level is enough") {
    DeskLine line(playbook({action("both", 2, Level::red), action("level", 0, Level::orange)}));
    line.plan().policies[0].orange_tier = line.plan().policies[0].red_tier = 0;  // levels call no further tier
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(10s).fire("wait", "general", Level::orange).expect({"hook do level"});
    line.at(20s).fire("wait", "general", Level::red).quiet();
    line.at(2min).expect({"sms first sup-1", "hook do both"});
}

TEST_CASE("what was done stays done while the level falls and rises: once an opening") {
    DeskLine line(playbook({action("announce", 0, Level::orange)}));
    line.plan().policies[0].orange_tier = line.plan().policies[0].red_tier = 0;
    line.at(0s).fire("wait", "general", Level::orange).expect({"sms first lead-1", "hook do announce"});
    line.at(10s).fire("wait", "general", Level::yellow).quiet();
    line.at(20s).fire("wait", "general", Level::red).quiet();
    line.at(30s).clear("wait", "general").quiet();
    line.at(40s).fire("wait", "general", Level::red).quiet();  // resumed
    CHECK(line.count_type("action.done") == 1);
}

TEST_CASE("an incident that reopens does it again and undoes it again; without undo it is done once") {
    DeskLine line(playbook({action("announce", 0, Level::yellow), action("campaign", 0, Level::yellow, false)}));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce", "hook do campaign"});
    line.at(10s).clear("wait", "general");
    line.at(3min + 10s).expect({"sms close lead-1", "hook undo announce"});
    line.at(5min).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    CHECK(line.count() == 1);
    line.at(5min + 10s).clear("wait", "general");
    line.at(8min + 10s).expect({"sms close lead-1", "hook undo announce"});
    line.at(1h).quiet();
}

TEST_CASE("a manual end undoes; so does the greatest age") {
    auto line = announced();
    line.at(10s);
    CHECK(resolve_by_hand(line).ok);
    line.expect({"sms close lead-1", "hook undo announce"});

    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.policies[0].max_age = 1min;
    DeskLine old(plan);
    old.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    old.at(1min).expect({"sms close lead-1", "hook undo announce"});
}

TEST_CASE("seats that are filled do not cancel an action that is still being tried") {
    DeskLine line(playbook({action("announce", 0, Level::yellow)}));
    line.plan().policies[0].need.fixed = 1;
    line.says("hook", {OutcomeClass::retry});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    CHECK(line.answer(AnswerKind::join, "lead-1").ok);
    CHECK(line.state() == "filled");
    line.at(2s).expect({"hook do announce"});
    CHECK(only(line.incident()).stands);
    CHECK(line.count_type("action.cancelled") == 0);
}

TEST_CASE("an action that finds its channel down is tried until its deadline, then reported in the timeline, and not undone") {
    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.policies[0].actions[0].deadline = 1min;
    plan.policies[0].tiers[0].wait = 1h;
    DeskLine line(plan);
    line.says("hook", std::vector<OutcomeClass>(100, OutcomeClass::channel_down));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    // After 1 s, after 2 more, and once by the probe of a channel that was found down three times.
    line.at(50s).expect({"hook do announce", "hook do announce", "hook do announce"});
    CHECK(only(line.incident()).state == "failed");
    CHECK(last_note(line).find("action announce was not done: ") == 0);
    CHECK(last_note(line).find("hook is down") != std::string::npos);
    line.at(10min).quiet();
    line.clear("wait", "general");
    line.at(13min).expect({"sms close lead-1"});
    CHECK(line.count_type("action.queued") == 1);
}

TEST_CASE("an action that was refused is not done again and not undone") {
    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.policies[0].tiers[0].wait = 1h;
    DeskLine line(plan);
    line.says("hook", {OutcomeClass::reject});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    line.at(5min).clear("wait", "general").quiet();
    line.at(8min).expect({"sms close lead-1"});
    CHECK(line.state() == "closed");
}

TEST_CASE("an undoing is tried longer than a doing, also over a channel set up wrongly, and holds the incident open until then") {
    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.policies[0].actions[0].undo_deadline = 10min;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    line.says("hook", std::vector<OutcomeClass>(4, OutcomeClass::config_error));
    line.at(10s).clear("wait", "general");
    line.at(3min + 10s).expect({"sms close lead-1", "hook undo announce"});
    line.at(4min).expect({"hook undo announce", "hook undo announce", "hook undo announce"});
    CHECK(line.state() == "resolved");
    CHECK(only(line.incident()).stands);
    line.at(6min).expect({"hook undo announce"});
    CHECK(line.state() == "closed");
    CHECK(line.count_type("action.queued") == 2);
}

TEST_CASE("an undoing that nobody takes is given up at its deadline, said aloud, and the incident closes") {
    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.policies[0].actions[0].undo_deadline = 10s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    line.says("hook", std::vector<OutcomeClass>(100, OutcomeClass::retry));
    line.at(10s).clear("wait", "general");
    line.at(3min + 10s).expect({"sms close lead-1", "hook undo announce"});
    line.at(4min).expect({"hook undo announce", "hook undo announce", "hook undo announce"});
    CHECK(line.state() == "closed");
    CHECK(only(line.incident()).stands);
    CHECK(last_note(line).find("could not be undone and may still stand") != std::string::npos);
}

TEST_CASE("an incident that ends while an action is being sent waits for what became of it, and undoes it") {
    DeskLine line(playbook({action("announce", 0, Level::yellow)}));
    line.silent("hook");
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    CHECK(resolve_by_hand(line).ok);
    line.expect({"sms close lead-1"});
    line.silent("hook", false);
    line.outcome({steps(line)[0].page, 1, OutcomeClass::ok, Span{0}, "late"});
    line.expect({"hook undo announce"});
    CHECK(line.state() == "closed");
}

TEST_CASE("an action whose outcome is not known is sent again under the same key, and undone whatever became of it") {
    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.policies[0].tiers[0].wait = 1h;
    DeskLine line(plan);
    line.says("hook", {OutcomeClass::unknown, OutcomeClass::reject});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    line.at(2s).expect({"hook do announce repeat"});
    CHECK(steps(line)[0].page == steps(line)[1].page);
    line.at(10s).clear("wait", "general");
    line.at(3min + 10s).expect({"sms close lead-1", "hook undo announce"});
}

TEST_CASE("an action of unknown outcome whose next attempt would be too late ends by its deadline, not after it") {
    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.policies[0].actions[0].deadline = 5s;
    DeskLine line(plan);
    line.says("hook", {OutcomeClass::unknown, OutcomeClass::unknown, OutcomeClass::unknown, OutcomeClass::unknown});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    line.at(5s).expect({"hook do announce repeat", "hook do announce repeat"});
    CHECK(only(line.incident()).state == "failed");
    CHECK(last_note(line) == "action announce may or may not have been done: outcome unknown at its deadline");
}

TEST_CASE("a channel that must not be asked twice gets an unknown doing once, and its undoing") {
    auto plan = playbook({action("announce", 0, Level::yellow)});
    plan.channels.back().on_unknown = OnUnknown::skip;
    plan.policies[0].tiers[0].wait = 1h;
    DeskLine line(plan);
    line.says("hook", {OutcomeClass::unknown});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    CHECK(last_note(line).find("action announce may or may not have been done: ") == 0);
    line.at(5min).clear("wait", "general").quiet();
    line.at(8min).expect({"sms close lead-1", "hook undo announce"});
}

TEST_CASE("killed while it was being done: sent again as a repeat, undone once") {
    DeskLine line(playbook({action("announce", 0, Level::yellow)}));
    line.silent("hook");
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    line.silent("hook", false);
    line.at(10s).crash(5s).at(15s).expect({"hook do announce repeat"});
    CHECK(steps(line)[0].page == steps(line)[1].page);
    line.clear("wait", "general");
    line.at(5min).expect({"sms close lead-1", "hook undo announce"});
    CHECK(line.count_type("action.done") == 2);  // the doing and the undoing
}

TEST_CASE("killed between done and the end: undone after the restart, and not a second time after another") {
    auto line = announced();
    line.at(10s).clear("wait", "general").crash(10min).at(10min + 10s).expect({"sms close lead-1", "hook undo announce"});
    CHECK(line.state() == "closed");
    line.crash(1min).at(12min).quiet();
    line.at(1h).quiet();
}

TEST_CASE("killed while it was being undone: undone again under the same key") {
    DeskLine line(playbook({action("announce", 0, Level::yellow)}));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    line.silent("hook");
    CHECK(resolve_by_hand(line).ok);
    line.expect({"sms close lead-1", "hook undo announce"});
    line.silent("hook", false);
    line.crash(1s).at(1s).expect({"hook undo announce repeat"});
    REQUIRE(steps(line).size() == 3);
    CHECK(steps(line)[1].page == steps(line)[2].page);
    CHECK(steps(line)[0].page != steps(line)[1].page);
    CHECK(line.state() == "closed");
}

TEST_CASE("an incident that reopens before its undoing has left keeps what stands") {
    auto line = announced();
    line.says("hook", {OutcomeClass::retry, OutcomeClass::retry, OutcomeClass::retry});
    line.at(10s).clear("wait", "general");
    line.at(3min + 10s).expect({"sms close lead-1", "hook undo announce"});
    line.fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(3min + 15s).quiet();
    CHECK(line.count_type("action.cancelled") == 1);
    CHECK(only(line.incident()).stands);
    line.says("hook", {});
    line.at(3min + 20s).clear("wait", "general").quiet();
    line.at(6min + 20s).expect({"sms close lead-1", "hook undo announce"});
}

TEST_CASE("nothing of the playbook is done while every alert is silenced, and what is done by then stays") {
    DeskLine line(playbook({action("announce", 0, Level::yellow), action("overflow", 2, Level::none)}));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do announce"});
    Command c;
    c.kind = Command::Kind::silence;
    c.silence.until = line.now().at + 10min;
    CHECK(line.command(c).ok);
    line.at(9min).quiet();
    CHECK(line.incident().actions[0].stands);
    CHECK(line.incident().actions[1].state == "waiting");
}

TEST_CASE("an action of the fallback list is done when nobody is left to ask") {
    auto plan = playbook({action("overflow", 4, Level::none)});
    plan.policies[0].tiers.resize(1);
    plan.policies[0].actions[0].tier = 2;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(2min - 1ms).quiet();
    line.at(2min).expect({"sms first desk", "hook do overflow"});
}

TEST_CASE("an incident keeps the playbook it opened with; a channel that a reload took away is said aloud") {
    auto line = announced();
    auto plan = playbook({});
    plan.channels.pop_back();
    line.reload(plan);
    line.at(10s).clear("wait", "general");
    line.at(3min + 10s).expect({"sms close lead-1"});
    CHECK(last_note(line).find("channel is no longer configured") != std::string::npos);
    CHECK(line.state() == "closed");
}

TEST_CASE("what was done last is undone first, whatever the order in the configuration") {
    // "level" stands first and is done last.
    DeskLine line(playbook({action("level", 0, Level::orange), action("first", 0, Level::yellow), action("second", 0, Level::yellow)}));
    line.plan().policies[0].orange_tier = 0;
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "hook do first", "hook do second"});
    line.at(10s).fire("wait", "general", Level::orange).expect({"hook do level"});
    SECTION("in one life") {}
    SECTION("over a restart") {
        line.crash(1s);
    }
    line.at(20s).clear("wait", "general").at(20s + 3min);
    std::vector<std::string> undone;
    for (const auto& step : steps(line)) {
        if (step.purpose == PagePurpose::undo) {
            undone.push_back(step.action);
        }
    }
    CHECK(undone == std::vector<std::string>{"level", "second", "first"});
    line.expect({"sms close lead-1", "hook undo level", "hook undo second", "hook undo first"});
}
