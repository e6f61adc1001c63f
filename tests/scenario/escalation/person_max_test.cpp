// person_max: at most so many pages to one person, over all incidents; what must wait says until when and why.
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
/// One lead, reminded every minute, who may get two pages in ten minutes; the tier waits for an hour.
Plan capped(int count = 2) {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.need.fixed = 1;
    policy.person_max = {count, 10min};
    policy.page_deadline = 20min;
    policy.scope = {"centre", "queue"};
    policy.tiers.resize(1);
    policy.tiers[0].wait = 1h;
    policy.tiers[0].remind = 1min;
    plan.rosters[0].shifts[0].people = {"lead-1"};
    return plan;
}
PageView held(const DeskLine& line) {
    for (const auto& page : line.incident().pages) {
        if (page.state == PageState::held) {
            return page;
        }
    }
    FAIL("no page is held");
    return {};
}
}  // namespace

TEST_CASE("the page beyond a person's cap is held, says until when and why, and leaves when there is room") {
    DeskLine line(capped());
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(1min).expect({"sms remind lead-1"});
    line.at(2min).quiet();
    const auto page = held(line);
    CHECK(page.reason.find("held until ") == 0);
    CHECK(page.reason.find(" because lead-1 has had 2 pages in 10m") != std::string::npos);
    line.at(10min - 1ms).quiet();
    line.at(10min).expect({"sms remind lead-1"});
    line.at(11min - 1ms).quiet();
    line.at(11min).expect({"sms remind lead-1"});
}

TEST_CASE("without a cap nobody is held, and a cap of one person is not another's") {
    DeskLine line(capped(0));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    for (int minute = 1; minute <= 5; ++minute) {
        line.at(minute * 1min).expect({"sms remind lead-1"});
    }
    auto plan = capped(1);
    plan.rosters[0].shifts[0].people = {"lead-1", "lead-2"};
    DeskLine two(plan);
    two.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1", "sms first lead-2"});
    two.at(9min).quiet();
}

TEST_CASE("the cap is over all incidents; the first call at red or of an urgent tier leaves at any time") {
    DeskLine line(capped(1));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(10s).fire("wait", "english", Level::yellow).quiet();
    line.at(20s).fire("wait", "vip", Level::red).expect({"sms first lead-1"});

    auto plan = capped(1);
    plan.policies[0].tiers[0].urgent = true;
    DeskLine urgent(plan);
    urgent.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    urgent.at(10s).fire("wait", "english", Level::yellow).expect({"sms first lead-1"});
    urgent.at(9min).quiet();  // reminders are capped
}

TEST_CASE("a call that cannot leave before its deadline fails over: the person counts as not reached") {
    auto plan = capped(1);
    plan.policies[0].page_deadline = 4min;
    plan.policies[0].tiers[0].remind = 0s;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(10s).fire("wait", "english", Level::yellow).expect({"sms first desk"});  // fallback: urgent
    CHECK(line.seat("lead-1") == SeatState::unreachable);
}

TEST_CASE("a call that was held back is repeated so long after it left, not so long after it was made") {
    auto plan = capped(2);
    plan.policies[0].person_max = {2, 2min};
    plan.policies[0].tiers[0].remind = 0s;
    for (auto& person : plan.people) {
        if (person.id == "lead-1") {
            person.normal = {{"sms", 0s, 90s}};
        }
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.answer(AnswerKind::ack, "lead-1");
    line.at(1s).fire("wait", "english", Level::yellow).expect({"sms first lead-1"});
    line.answer(AnswerKind::ack, "lead-1");
    line.at(10s).fire("wait", "vip", Level::yellow).quiet();
    line.at(2min - 1ms).quiet();
    line.at(2min).expect({"sms first lead-1"});
    line.at(3min + 30s - 1ms).quiet();
    line.at(3min + 30s).expect({"sms first lead-1"});
}

TEST_CASE("messages that it is over are not held by a cap") {
    DeskLine line(capped(1));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.at(30s).clear("wait", "general").at(3min + 30s).expect({"sms close lead-1"});
}

TEST_CASE("a group's message is under its channel's rate only") {
    auto plan = capped(1);
    for (auto& person : plan.people) {
        person.normal = {{"ding", 0s, 0s}};
    }
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).expect({"ding first lead-1"});
    line.at(1min).expect({"ding remind lead-1"});
}

TEST_CASE("the cap survives a kill") {
    DeskLine line(capped(1));
    line.at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
    line.crash(5s).at(9min).quiet();
    line.at(10min).expect({"sms remind lead-1"});
}
