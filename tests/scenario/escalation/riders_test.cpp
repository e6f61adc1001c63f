// One message for several incidents: who is called by two is called once, with the list; a crowded group chat gets one digest.
// Every page keeps its own end.
#include "core/base/text.hpp"
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
/// One incident a queue; two leads by SMS, which may speak for several incidents.
Plan listed() {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.scope = {"queue"};
    policy.need.fixed = 2;
    policy.tiers.resize(1);
    policy.tiers[0].wait = 1h;
    plan.rosters[0].shifts[0].people = {"lead-1", "lead-2"};
    plan.channels[0].coalesce = true;
    return plan;
}
std::vector<AlertEdge> both(DeskLine& line, Level general = Level::yellow, Level english = Level::red) {
    return {line.firing("wait", "general", general), line.firing("wait", "english", english)};
}
std::map<std::string, PageState> pages_of(DeskLine& line, const std::string& person) {
    std::map<std::string, PageState> out;
    for (const auto& incident : line.desk().incidents()) {
        for (const auto& page : incident.pages) {
            if (page.people == std::vector<std::string>{person}) {
                out[page.page] = page.state;
            }
        }
    }
    return out;
}
}  // namespace

TEST_CASE("riders: two incidents in one moment call each person once, the worse one first, the other on the list") {
    DeskLine line(listed());
    line.at(0s).edges(both(line)).expect({"sms first lead-1", "sms first lead-2"});
    const auto& order = line.orders().back();
    CHECK(order.scope.at("queue") == "english");
    REQUIRE(order.also.size() == 1);
    CHECK(order.also[0].scope.at("queue") == "general");
    CHECK(order.also[0].level == Level::yellow);
    CHECK(order.also[0].need == 2);
    CHECK_FALSE(order.also[0].page.empty());
    CHECK(order.text.find("另1起：general 黄色缺2人") != std::string::npos);
    // Both pages have their own record and end.
    const auto pages = pages_of(line, "lead-1");
    REQUIRE(pages.size() == 2);
    for (const auto& [key, state] : pages) {
        CHECK(state == PageState::accepted);
    }
    CHECK(line.count_type("page.sending") == 4);
    CHECK(line.count_type("page.accepted") == 4);
}

TEST_CASE("riders: a later incident has its own message at once, which also names the one not answered yet") {
    auto plan = listed();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(line.orders().back().also.empty());
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    REQUIRE(line.orders().back().also.size() == 1);
    CHECK(line.orders().back().also[0].page.empty());
    // Who has said "seen" or no to the first is not told of it again.
    Command seen;
    seen.incident = "0-1";
    seen.person = seen.by = "lead-1";
    seen.answer = GENERATE(AnswerKind::ack, AnswerKind::decline);
    CHECK(line.command(seen).ok);
    line.at(20s).fire("wait", "vip", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    for (const auto& order : line.orders()) {
        if (order.scope.at("queue") == "vip") {
            CHECK(order.also.size() == (order.people[0].person == "lead-1" ? 1 : 2));
        }
    }
}

TEST_CASE("riders: an SMS that tells of several incidents has at most 70 characters and says how many there are") {
    auto plan = listed();
    plan.channels[0].text_limit = 70;
    plan.channels[0].language = GENERATE(Language::zh, Language::en);
    DeskLine line(plan);
    std::vector<AlertEdge> edges;
    for (int i = 0; i < 9; ++i) {
        edges.push_back(line.firing("wait", "a-queue-with-a-long-name-" + std::to_string(i), Level::orange));
    }
    line.at(0s).edges(edges).expect({"sms first lead-1", "sms first lead-2"});
    const auto& text = line.orders().back().text;
    CAPTURE(text);
    CHECK(utf8_length(text) <= 70);
    CHECK((text.find("另8起") != std::string::npos || text.find("8 more") != std::string::npos));
    CHECK(line.orders().back().also.size() == 8);
}

TEST_CASE("riders: a channel that programs read gets a message for every incident") {
    auto plan = listed();
    plan.channels[0].coalesce = false;
    DeskLine line(plan);
    line.at(0s).edges(both(line)).expect({"sms first lead-1", "sms first lead-1", "sms first lead-2", "sms first lead-2"});
    CHECK(line.orders().back().also.empty());
}

TEST_CASE("riders: what the carrier meets, its riders meet: refused, both go on to the next way, and ride there again") {
    auto plan = listed();
    plan.channels[2].coalesce = true;
    plan.rosters[0].shifts[0].people = {"lead-1"};
    plan.people[0].normal = {{"sms", Span{0}, Span{0}}, {"voice", 10min, Span{0}}};
    DeskLine line(plan);
    line.says("sms", {OutcomeClass::reject});
    line.at(0s).edges(both(line)).expect({"sms first lead-1", "voice first lead-1"});
    CHECK(line.orders().back().also.size() == 1);
    int failed = 0;
    int accepted = 0;
    for (const auto& [key, state] : pages_of(line, "lead-1")) {
        failed += state == PageState::failed_perm ? 1 : 0;
        accepted += state == PageState::accepted ? 1 : 0;
    }
    CHECK(failed == 2);
    CHECK(accepted == 2);
}

TEST_CASE("riders: a retry takes both along again, and three dead attempts open the breaker once, not twice as fast") {
    auto plan = listed();
    plan.rosters[0].shifts[0].people = {"lead-1"};
    DeskLine line(plan);
    line.says("sms", {OutcomeClass::retry, OutcomeClass::ok});
    line.at(0s).edges(both(line)).expect({"sms first lead-1"});
    line.at(2s).expect({"sms first lead-1"});
    for (const auto& [key, state] : pages_of(line, "lead-1")) {
        CHECK(state == PageState::accepted);
    }
    plan.channels[0].id = "sms";
    DeskLine dead(plan);
    dead.says("sms", {OutcomeClass::channel_down});
    dead.at(0s).edges(both(dead));
    CHECK(std::none_of(dead.records().begin(), dead.records().end(), [](const Record& r) {
        const auto* note = std::get_if<SystemNote>(&r.body);
        return note != nullptr && note->what == "channel_down";
    }));
    const auto failures = std::count_if(dead.records().begin(), dead.records().end(), [](const Record& r) {
        const auto* note = std::get_if<SystemNote>(&r.body);
        return note != nullptr && note->what == "channel_failure";
    });
    CHECK(failures == 1);
}

TEST_CASE("riders: a message counts once for the channel's rate and once for the person's cap") {
    auto plan = listed();
    plan.rosters[0].shifts[0].people = {"lead-1"};
    plan.channels[0].rate = {1, 1min};
    plan.policies[0].person_max = {1, 10min};
    plan.policies[0].page_deadline = 20min;
    DeskLine line(plan);
    line.at(0s).edges(both(line)).expect({"sms first lead-1"});
    line.at(1s).fire("wait", "vip", Level::yellow).quiet();
    line.at(2s).fire("wait", "chat", Level::yellow).quiet();
    line.at(10min - 1ms).quiet();
    // What the cap held back goes as one: "the rest coalesced".
    line.at(10min).expect({"sms first lead-1"});
    CHECK(line.orders().back().also.size() == 3);
}

TEST_CASE("riders: a kill while the message leaves: both pages are repeats of unknown outcome, and go together once more") {
    auto plan = listed();
    plan.rosters[0].shifts[0].people = {"lead-1"};
    DeskLine line(plan);
    line.silent("sms");
    line.at(0s).edges(both(line)).expect({"sms first lead-1"});
    line.silent("sms", false).crash(1s);
    line.at(2s).expect({"sms first lead-1 repeat"});
    for (const auto& [key, state] : pages_of(line, "lead-1")) {
        CHECK(state == PageState::accepted);
    }
}

TEST_CASE("riders: an incident that ends while its page waits to ride is not spoken for") {
    auto plan = listed();
    plan.rosters[0].shifts[0].people = {"lead-1"};
    plan.channels[0].rate = {1, 1min};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(1s).edges({line.firing("wait", "english", Level::yellow), line.firing("wait", "vip", Level::yellow)}).quiet();
    line.at(2s).clear("wait", "english").quiet();
    line.at(1min).expect({"sms first lead-1"});
    const auto& order = line.orders().back();
    CHECK(order.scope.at("queue") == "vip");
    REQUIRE(order.also.size() == 1);
    CHECK(order.also[0].scope.at("queue") == "general");
}

TEST_CASE("riders: everybody who was told by a shared message is owed one closing message by each incident") {
    auto plan = listed();
    plan.rosters[0].shifts[0].people = {"lead-1"};
    plan.policies[0].resolve_hold = 10s;
    DeskLine line(plan);
    line.at(0s).edges(both(line)).expect({"sms first lead-1"});
    line.at(30s).clear("wait", "general").at(40s).expect({"sms close lead-1"});
    line.at(1min).clear("wait", "english").at(70s).expect({"sms close lead-1"});
}

TEST_CASE("riders: a group chat whose rate is used up gets the rest as one digest, in the last slot, and loses nobody") {
    auto plan = listed();
    auto& ding = plan.channels[1];
    ding.coalesce = true;
    ding.rate = {3, 1min};
    for (auto& person : plan.people) {
        person.normal = {{"ding", Span{0}, Span{0}}};
    }
    DeskLine line(plan);
    std::vector<AlertEdge> edges;
    for (int i = 0; i < 10; ++i) {
        edges.push_back(line.firing("wait", "q" + std::to_string(i), Level::yellow));
    }
    line.at(0s).edges(edges);
    line.expect({"ding first lead-1+lead-2", "ding first lead-1+lead-2", "ding first lead-1+lead-2"});
    CHECK(line.orders()[0].also.empty());
    CHECK(line.orders()[2].also.size() == 7);
    CHECK(line.count_type("page.accepted") == 10);
    // The next one waits for a slot and takes along what came while it waited.
    line.at(10s).fire("wait", "q10", Level::yellow).at(20s).fire("wait", "q11", Level::yellow).quiet();
    line.at(1min).expect({"ding first lead-1+lead-2"});
    CHECK(line.orders().back().also.size() == 1);
}

TEST_CASE("riders: a group chat with room has a message for every incident") {
    auto plan = listed();
    plan.channels[1].coalesce = true;
    plan.channels[1].rate = {15, 1min};
    for (auto& person : plan.people) {
        person.normal = {{"ding", Span{0}, Span{0}}};
    }
    DeskLine line(plan);
    line.at(0s).edges(both(line)).expect({"ding first lead-1+lead-2", "ding first lead-1+lead-2"});
    CHECK(line.orders().back().also.empty());
}

TEST_CASE("riders: a way whose turn comes later in the other incident has come with this message: nobody is called crosswise") {
    auto plan = listed();
    for (auto& person : plan.people) {
        person.normal = {{"voice", 0s, 0s}, {"sms", 10s, 0s}};
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).expect({"voice first lead-1", "voice first lead-2"});
    line.at(4s).fire("wait", "english", Level::orange).expect({"voice first lead-1", "voice first lead-2"});
    line.at(10s).expect({"sms first lead-1", "sms first lead-2"});
    const auto& order = line.orders().back();
    CHECK(order.scope.at("queue") == "general");
    REQUIRE(order.also.size() == 1);
    CHECK_FALSE(order.also[0].page.empty());  // the page of the other one rides
    line.at(14s).quiet();
    line.at(1min).quiet();
    SECTION("each has its own closing") {
        line.clear("wait", "general").clear("wait", "english").at(5min);
        line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-1", "sms close lead-2"});
    }
}

TEST_CASE("riders: a reminder by a way whose turn comes later in its own incident is that call, and does not follow it") {
    auto plan = listed();
    for (auto& person : plan.people) {
        person.normal = {{"voice", 0s, 0s}, {"sms", 2min, 0s}};
    }
    plan.policies[0].tiers[0].remind = 45s;
    DeskLine line(plan);
    // The SMS is what reached them before it reopened.
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.at(45s).any().at(90s).any().at(2min).any().at(2min + 45s).any();
    line.at(3min).clear("wait", "general").at(6min).any();
    line.silent("voice").at(7min).fire("wait", "general", Level::yellow).expect({"voice first lead-1", "voice first lead-2"});
    CHECK(line.count_type("incident.reopened") == 1);
    const auto order = line.orders().back();
    line.outcome({order.page, order.attempt, OutcomeClass::retry, Span{0}, "", 150s});  // the provider throttles
    line.at(7min + 14s).fire("wait", "english", Level::red).any();
    line.silent("voice", false).at(7min + 45s - 1ms).any();
    line.at(7min + 45s).expect({"sms first lead-1", "sms first lead-2"});
    for (const auto& sent : {line.orders().back(), line.orders()[line.orders().size() - 2]}) {
        CHECK(sent.scope.at("queue") == "english");
        REQUIRE(sent.also.size() == 1);
        CHECK(sent.also[0].page.find("/first/") != std::string::npos);
    }
    line.at(8min + 30s - 1ms).quiet();
    line.at(8min + 30s).expect({"sms remind lead-1", "sms remind lead-2"});
    // Nothing comes at 9:00 and 9:14, when the turn of the SMS would have come.
    line.at(9min + 15s - 1ms).quiet();
}

TEST_CASE("riders: who is not called by the other any more, by that way, or at all, is not made to ride") {
    auto plan = listed();
    for (auto& person : plan.people) {
        person.normal = {{"voice", 0s, 0s}, {"sms", 10s, 0s}};
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).expect({"voice first lead-1", "voice first lead-2"});
    line.at(4s).fire("wait", "english", Level::orange).expect({"voice first lead-1", "voice first lead-2"});
    Command no;
    no.answer = AnswerKind::decline;
    no.person = no.by = "lead-1";
    no.incident = "0-2";
    CHECK(line.command(no).ok);
    line.expect({"voice first desk"});
    line.clear("wait", "english");
    line.at(10s).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(line.orders().back().also.empty());
}

TEST_CASE("riders: an incident of which nobody is to hear, or that is on its way back since, is in nobody's message") {
    auto plan = listed();
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    Command c;
    c.kind = Command::Kind::silence;
    c.silence.queue = "general";
    c.silence.until = line.now().at + 1h;
    REQUIRE(line.command(c).ok);
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(line.orders().back().also.empty());
}
