// Pages: outcomes, back-off, deadlines, failover, groups, rate limits, breaker, fencing, truth at the moment of sending.
#include <algorithm>

#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;
using O = OutcomeClass;

namespace {
/// One lead, need 1: the pages of one person.
Plan one_person(std::vector<std::string> ways) {
    auto plan = team_plan();
    plan.policies[0].need.fixed = 1;
    plan.policies[0].tiers[0].wait = 30min;
    plan.rosters[0].shifts[0].people = {"lead-1"};
    for (auto& person : plan.people) {
        if (person.id == "lead-1") {
            person = make_person("lead-1", ways);
        }
    }
    return plan;
}
PersonSpec& person(Plan& plan, const std::string& id) {
    return *std::find_if(plan.people.begin(), plan.people.end(), [&](const auto& p) { return p.id == id; });
}
Plan group_plan() {
    auto plan = team_plan();
    for (auto& p : plan.people) {
        p = make_person(p.id, {"ding"});
    }
    return plan;
}
PageView page(const DeskLine& line, std::size_t i) {
    return line.incident().pages.at(i);
}
}  // namespace

TEST_CASE("a temporary failure is tried again after 1, 2, 5, 10, 20 s and a little") {
    DeskLine line(one_person({"sms"}));
    line.says("sms", {O::retry, O::retry, O::retry, O::retry, O::retry, O::ok});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    Span earliest{0};
    for (const auto step : {1000ms, 2000ms, 5000ms, 10000ms, 20000ms}) {
        const auto due = page(line, 0).due;
        const auto waited = due - line.now().at;
        CHECK(waited >= step);
        CHECK(waited < step + step / 4 + 1ms);
        earliest += waited;
        line.at(earliest).expect({"sms first lead-1"});
    }
    CHECK(page(line, 0).state == PageState::accepted);
    CHECK(page(line, 0).attempt == 6);
}

TEST_CASE("Retry-After longer than the back-off is honoured") {
    DeskLine line(one_person({"sms"}));
    line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.outcome({line.orders()[0].page, 1, O::retry, 30s, "HTTP 429"});
    line.at(30s - 1ms).quiet();
    line.at(30s).expect({"sms first lead-1"});
}

TEST_CASE("a page not accepted before its deadline expires, and the next step is taken at once") {
    auto plan = one_person({"sms", "voice"});
    person(plan, "lead-1").normal[1].after = 1h;
    plan.policies[0].page_deadline = 30s;
    DeskLine line(plan);
    line.says("sms", std::vector<O>(20, O::retry));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    for (int i = 1; i <= 4; ++i) {
        line.at(page(line, 0).due - line.orders()[0].decided)
            .expect(i < 4 ? std::vector<std::string>{"sms first lead-1"}
                          : std::vector<std::string>{"sms first lead-1", "voice first lead-1"});
    }
    CHECK(page(line, 0).state == PageState::expired);
}

TEST_CASE("a rejected page goes to the next channel at once; none left means unreachable, which counts as a decline") {
    auto plan = one_person({"sms", "voice"});
    person(plan, "lead-1").normal[1].after = 60s;
    DeskLine line(plan);
    line.says("sms", {O::reject}).says("voice", {O::reject});
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "voice first lead-1", "sms first sup-1", "sms first sup-2", "sms first sup-3"});
    CHECK(line.seat("lead-1") == SeatState::unreachable);
    CHECK(line.incident().tier == 2);
}

TEST_CASE("reach steps count from the page: the second comes after its time unless the person has answered") {
    auto plan = one_person({"sms", "voice"});
    person(plan, "lead-1").normal[1].after = 45s;
    person(plan, "lead-1").normal[1].repeat = 90s;
    SECTION("silent") {
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        line.at(45s - 1ms).quiet();
        line.at(45s).expect({"voice first lead-1"});
        line.at(135s).expect({"voice first lead-1"});
    }
    SECTION("seen") {
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        line.answer(AnswerKind::ack, "lead-1");
        line.at(20min).quiet();
    }
    SECTION("declined") {
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        line.answer(AnswerKind::decline, "lead-1");
        line.expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    }
}

TEST_CASE("the urgent reach is used by urgent tiers and the fallback list") {
    auto plan = team_plan();
    person(plan, "desk").urgent = {{"voice", 0s, 0s}};
    for (auto& roster : plan.rosters) {
        roster.shifts[0].people.clear();
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"voice first desk"});
}

TEST_CASE("a group channel gets one message per tier naming all its people") {
    DeskLine line(group_plan());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"ding first lead-1+lead-2+lead-3+lead-4"});
    CHECK(line.orders()[0].page == "0-1/1/group/ding/first/1");
    CHECK(line.orders()[0].people.size() == 4);
    line.at(2min).expect({"ding first sup-1+sup-2+sup-3"});
    line.at(150s).clear("wait", "general");
    line.at(150s + 3min).expect({"ding close lead-1+lead-2+lead-3+lead-4+sup-1+sup-2+sup-3"});
}

TEST_CASE("a group message tried again names only those who have not answered") {
    DeskLine line(group_plan());
    line.says("ding", {O::retry});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"ding first lead-1+lead-2+lead-3+lead-4"});
    line.answer(AnswerKind::join, "lead-2");
    line.at(2s).expect({"ding first lead-1+lead-3+lead-4"});
}

TEST_CASE("no page for a state no longer true: filled, cleared and answered pages are cancelled with the reason") {
    SECTION("filled before the second attempt") {
        DeskLine line;
        line.says("sms", {O::ok, O::ok, O::ok, O::retry});
        line.at(0s).fire("wait", "general", Level::yellow);
        line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
        for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
            line.answer(AnswerKind::join, id);
        }
        CHECK(page(line, 3).state == PageState::cancelled);
        CHECK(page(line, 3).reason == "seats are filled");
        line.at(10min).quiet();
    }
    SECTION("cleared before the second attempt; resumed: it is called after all") {
        DeskLine line(one_person({"sms"}));
        line.says("sms", {O::retry});
        line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        line.at(500ms).clear("wait", "general");
        CHECK(page(line, 0).state == PageState::cancelled);
        line.at(10s).quiet();
    }
    SECTION("an outcome that comes late for an answered person sends nothing more") {
        DeskLine line(one_person({"sms"}));
        line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        line.answer(AnswerKind::join, "lead-1");
        line.outcome({line.orders()[0].page, 1, O::retry, 0s, ""});
        line.at(10min).quiet();
        CHECK(page(line, 0).state == PageState::cancelled);
    }
}

TEST_CASE("an outcome of an attempt that is not current is ignored") {
    DeskLine line(one_person({"sms"}));
    line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    const auto key = line.orders()[0].page;
    line.outcome({key, 1, O::retry, 0s, ""});
    line.at(2s).expect({"sms first lead-1"});
    const auto records = line.records().size();
    line.outcome({key, 1, O::ok, 0s, "late"});
    line.outcome({key, 3, O::ok, 0s, "future"});
    line.outcome({"no/such/page", 1, O::ok, 0s, ""});
    CHECK(line.records().size() == records);
    CHECK(page(line, 0).state == PageState::sending);
    line.outcome({key, 2, O::ok, 0s, ""});
    line.outcome({key, 2, O::ok, 0s, "twice"});
    CHECK(line.records().size() == records + 1);
}

TEST_CASE("an unknown outcome is sent again once, labelled; a second unknown goes to the next way") {
    auto plan = one_person({"sms", "voice"});
    person(plan, "lead-1").normal[1].after = 1h;
    DeskLine again(plan);
    again.says("sms", {O::unknown, O::unknown});
    again.at(0s)
        .fire("wait", "general", Level::yellow)
        .expect({"sms first lead-1", "sms first lead-1 repeat", "voice first lead-1"});
    CHECK(again.orders()[1].text.rfind("重发", 0) == 0);
    CHECK(again.orders()[1].page == again.orders()[0].page);
}

TEST_CASE("on_unknown = skip goes to the next way without a repeat") {
    auto plan = one_person({"sms", "voice"});
    plan.channels[0].on_unknown = OnUnknown::skip;
    person(plan, "lead-1").normal[1].after = 1h;
    DeskLine line(plan);
    line.says("sms", {O::unknown});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "voice first lead-1"});
}

TEST_CASE("a courier that never answers is an unknown outcome after its time limit and 5 s") {
    DeskLine line(one_person({"sms"}));
    line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(15s - 1ms).quiet();
    line.at(15s).expect({"sms first lead-1 repeat"});
}

TEST_CASE("the rate holds pages with the reason and the time, and first pages go before closing ones") {
    auto plan = team_plan();
    plan.channels[0].rate = {2, 10s};
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    CHECK(page(line, 2).state == PageState::held);
    CHECK(page(line, 2).reason.find("because rate 2/10s of sms") != std::string::npos);
    CHECK(page(line, 2).due - line.now().at == 10s);
    line.at(10s - 1ms).quiet();
    line.at(10s).expect({"sms first lead-3", "sms first lead-4"});
}

TEST_CASE("a page that would get no slot before its deadline fails over now") {
    auto plan = team_plan();
    plan.channels[0].rate = {1, 1h};
    for (auto& p : plan.people) {
        p = make_person(p.id, {"sms", "voice"});
        p.normal[1].after = 1h;
    }
    DeskLine line(plan);
    line.at(0s)
        .fire("wait", "general", Level::yellow)
        .expect({"sms first lead-1", "voice first lead-2", "voice first lead-3", "voice first lead-4"});
    CHECK(page(line, 1).state == PageState::expired);
    CHECK(page(line, 1).reason.find("no slot") != std::string::npos);
}

TEST_CASE("a channel that fails three times in 60 s is passed over, probed every 30 s, and used again after a success") {
    auto plan = team_plan();
    for (auto& p : plan.people) {
        p = make_person(p.id, {"sms", "voice"});
        p.normal[1].after = 1h;
    }
    DeskLine line(plan);
    line.says("sms", {O::channel_down, O::config_error, O::channel_down});
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "voice first lead-1",
                 "voice first lead-2", "voice first lead-3"});
    // The fourth left in the same step and was accepted: that closes the breaker.
    CHECK_FALSE(line.desk().channels()[0].down);

    line.says("sms", {O::channel_down, O::channel_down, O::channel_down});
    line.at(2min).expect(
        {"sms first sup-1", "sms first sup-2", "sms first sup-3", "voice first sup-1", "voice first sup-2", "voice first sup-3"});
    CHECK(line.desk().channels()[0].down);
    line.at(2min + 29s);
    Command escalate;
    escalate.kind = Command::Kind::escalate;
    line.command(escalate);
    line.expect({"voice first boss"});
    line.at(2min + 30s);
    escalate.tier = 4;
    line.command(escalate);
    line.expect({"sms first desk"});
    CHECK_FALSE(line.desk().channels()[0].down);
    CHECK(line.desk().channels()[0].outcomes.at("accepted") == 2);
}

TEST_CASE("two failures, or three spread over more than 60 s, do not open the breaker") {
    auto plan = one_person({"sms", "voice"});
    plan.policies[0].scope = {"queue"};
    person(plan, "lead-1").normal[1].after = 1h;
    DeskLine line(plan);
    line.says("sms", {O::channel_down, O::channel_down, O::channel_down});
    line.at(0s).fire("wait", "a", Level::yellow).expect({"sms first lead-1", "voice first lead-1"});
    line.at(30s).fire("wait", "b", Level::yellow).expect({"sms first lead-1", "voice first lead-1"});
    line.at(60s + 1ms).fire("wait", "c", Level::yellow).expect({"sms first lead-1", "voice first lead-1"});
    CHECK_FALSE(line.desk().channels()[0].down);
}

TEST_CASE("one person's broken channel stops nobody else's page") {
    auto plan = team_plan();
    person(plan, "lead-1").normal = {{"voice", 0s, 0s}};
    DeskLine line(plan);
    line.says("voice", {O::config_error});
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"voice first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
}

TEST_CASE("the closing message takes the way that reached the person, and the next when that fails") {
    auto plan = one_person({"sms", "voice"});
    person(plan, "lead-1").normal[1].after = 1h;
    DeskLine line(plan);
    line.says("sms", {O::reject});
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "voice first lead-1"});
    line.at(10s).clear("wait", "general");
    line.says("voice", {O::reject});
    line.at(10s + 3min).expect({"voice close lead-1", "sms close lead-1"});
    CHECK(line.state() == "closed");
}

TEST_CASE("who was never paged gets no closing message") {
    DeskLine line(one_person({"sms"}));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.answer(AnswerKind::join, "sup-3");
    line.at(10s).clear("wait", "general");
    line.at(10s + 3min).expect({"sms close lead-1"});
}

TEST_CASE("a test page is marked, belongs to no incident, and ends") {
    DeskLine line;
    Command test;
    test.kind = Command::Kind::test_page;
    test.person = "lead-1";
    CHECK(line.command(test).ok);
    line.expect({"sms test lead-1"});
    CHECK(line.orders()[0].text.find("测试") != std::string::npos);
    CHECK(line.count() == 0);
    test.person = "nobody";
    CHECK(line.command(test).code == "unknown_person");
}

TEST_CASE("an order carries everything a channel needs") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::red);
    const auto& o = line.orders().front();
    CHECK(o.incident == "0-1");
    CHECK(o.policy == "surge");
    CHECK(o.scope.at("group") == "普席");
    CHECK(o.level == Level::red);
    CHECK(o.need == 3);
    CHECK(o.tier == 1);
    CHECK(o.alerts.size() == 1);
    CHECK(o.people.at(0).mobile == "13800000000");
    CHECK(o.sequence == 1);
    CHECK(line.orders().back().sequence == line.orders().size());
    CHECK(o.text == "【话务突增】jinan/普席 红色：general 排队最长104>100，需3人已加入0人，请上线 #0-1");
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3", "sms first boss"});
}
