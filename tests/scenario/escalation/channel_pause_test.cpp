// A provider that throttles rests the whole channel: pages are held with the reason or go another way at once, and a restart does
// not forget it. And sinks that only mirror the incident are told again while it is open.
#include <algorithm>

#include "core/paging/limits.hpp"
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;
using O = OutcomeClass;

namespace {

PersonSpec& person(Plan& plan, const std::string& id) {
    return *std::find_if(plan.people.begin(), plan.people.end(), [&](const PersonSpec& p) { return p.id == id; });
}

/// Leads by ding, then sms after an hour; nobody else.
Plan ding_plan() {
    auto plan = team_plan();
    for (auto& p : plan.people) {
        p.normal = {{"ding", 0s, 0s}, {"sms", 1h, 0s}};
    }
    plan.policies[0].tiers[0].wait = 20min;
    return plan;
}

DeskLine& throttled(DeskLine& line, std::size_t order, Span pause) {
    const auto& sent = line.orders()[order];
    return line.outcome({sent.page, sent.attempt, O::retry, pause, "send too fast", pause});
}

PageView page(const DeskLine& line, std::size_t index) {
    return line.incident().pages.at(index);
}

const std::vector<std::string> all_by_ding{"ding first lead-1+lead-2+lead-3+lead-4"};
const std::vector<std::string> all_by_sms{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"};

}  // namespace

TEST_CASE("a robot blocked for ten minutes: the page goes another way at once, and no other page tries the robot") {
    DeskLine line(ding_plan());
    line.silent("ding").at(0s).fire("wait", "general", Level::yellow).expect(all_by_ding);
    throttled(line, 0, 10min).expect(all_by_sms);
    CHECK(page(line, 0).state == PageState::expired);
    line.silent("ding", false);

    SECTION("another tier meets it: held until then is beyond its deadline, so it goes by sms too") {
        line.at(1min).fire("wait", "general", Level::orange).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
        const auto pages = line.incident().pages;
        const auto gone = std::find_if(pages.begin(), pages.end(),
                                       [](const PageView& p) { return p.channel == "ding" && p.people.size() == 3; });
        REQUIRE(gone != pages.end());
        CHECK(gone->state == PageState::expired);
        CHECK(gone->reason == "no slot before its deadline: the provider of ding throttles");
    }
    SECTION("a restart does not forget it") {
        line.at(1min).crash(10s);
        line.fire("wait", "general", Level::orange).expect({"sms first sup-1", "sms first sup-2", "sms first sup-3"});
    }
    SECTION("after it the robot is used again, to the millisecond") {
        line.at(10min - 1ms).fire("wait", "general", Level::orange);
        line.quiet().at(10min).expect({"ding first sup-1+sup-2+sup-3"});
    }
}

TEST_CASE("a pause shorter than the deadline holds the page with the reason and the time, and it leaves then") {
    DeskLine line(ding_plan());
    line.silent("ding").at(0s).fire("wait", "general", Level::yellow).expect(all_by_ding);
    throttled(line, 0, 60s).quiet();
    line.silent("ding", false);
    CHECK(page(line, 0).state == PageState::failed_temp);
    line.at(1s).fire("wait", "general", Level::orange).quiet();
    const auto pages = line.incident().pages;
    CHECK(pages.back().state == PageState::held);
    CHECK(pages.back().reason.find("held until ") == 0);
    CHECK(pages.back().reason.find("because the provider of ding throttles") != std::string::npos);
    line.at(60s - 1ms).quiet();
    line.at(60s).expect({"ding first lead-1+lead-2+lead-3+lead-4", "ding first sup-1+sup-2+sup-3"});
}

TEST_CASE("a shorter pause never cuts a longer one") {
    ChannelState state;
    state.paused(EngineTime{Span{1000}});
    state.paused(EngineTime{Span{500}});
    CHECK(state.paused_until == EngineTime{Span{1000}});
}

TEST_CASE("a mirror is told again while the incident is open, whoever joined; closing ends it; others are told once") {
    auto plan = team_plan();
    plan.channels[1].repost = 60s;  // ding mirrors
    person(plan, "boss").normal = {{"ding", 0s, 0s}};
    person(plan, "desk").normal = {{"voice", 0s, 30s}};  // informed by a channel that mirrors nothing
    RosterSpec mirrors = plan.rosters[2];
    mirrors.id = "mirrors";
    mirrors.shifts[0].people = {"boss", "desk"};
    plan.rosters.push_back(mirrors);
    plan.policies[0].tiers[0].rosters = {"leads", "mirrors"};
    plan.policies[0].tiers[0].inform_only = {"mirrors"};
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    auto first = all_by_sms;
    first.insert(first.end(), {"ding update boss", "voice update desk"});
    line.at(0s).fire("wait", "general", Level::yellow).expect(first);
    line.at(60s - 1ms).quiet();
    line.at(60s).expect({"ding update boss"});
    line.answer(AnswerKind::join, "lead-1");
    CHECK(line.state() == "filled");
    line.quiet().at(120s).expect({"ding update boss"});
    SECTION("a failed one does not end it") {
        line.says("ding", {O::reject});
        line.at(180s).expect({"ding update boss"});
        line.at(240s).expect({"ding update boss"});
    }
    SECTION("a restart does not end it") {
        line.at(150s).crash(1s);
        line.at(180s).expect({"ding update boss"});
    }
    SECTION("closing does") {
        line.at(150s).clear("wait", "general");
        line.at(150s + 3min - 1ms).quiet();
        line.at(150s + 3min)
            .expect({"ding close boss", "voice close desk", "sms close lead-1", "sms close lead-2", "sms close lead-3",
                     "sms close lead-4"});
        line.at(1h).quiet();
    }
}

TEST_CASE("a nonsense Retry-After takes nobody's last chance: one more try before the deadline, or the next way at once") {
    const auto nonsense = Span{99'999'999'999'000};
    SECTION("no other way") {
        auto plan = team_plan();
        plan.policies[0].tiers[0].wait = 20min;
        plan.rosters[0].shifts[0].people = {"lead-1"};
        DeskLine line(plan);
        line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        const auto sent = line.orders().front();
        SECTION("of the page") {
            line.outcome({sent.page, 1, O::retry, nonsense, "HTTP 429", Span{0}});
        }
        SECTION("of the whole channel") {
            line.outcome({sent.page, 1, O::retry, nonsense, "HTTP 429", nonsense});
        }
        CHECK(page(line, 0).state == PageState::failed_temp);
        line.silent("sms", false).at(4min - 10s - 1ms).quiet();
        line.at(4min - 10s).expect({"sms first lead-1"});
        CHECK(page(line, 0).state == PageState::accepted);
        CHECK(line.orders().back().attempt == 2);
    }
    SECTION("another way") {
        DeskLine line(ding_plan());
        line.silent("ding").at(0s).fire("wait", "general", Level::yellow).expect(all_by_ding);
        line.outcome({line.orders().front().page, 1, O::retry, nonsense, "HTTP 429", Span{0}}).expect(all_by_sms);
        CHECK(page(line, 0).state == PageState::expired);
    }
    SECTION("what is asked for and fits is kept to") {
        auto plan = team_plan();
        plan.rosters[0].shifts[0].people = {"lead-1"};
        plan.policies[0].tiers[0].wait = 20min;
        DeskLine line(plan);
        line.silent("sms").at(0s).fire("wait", "general", Level::yellow).expect({"sms first lead-1"});
        line.outcome({line.orders().front().page, 1, O::retry, 3min, "HTTP 429", Span{0}}).silent("sms", false);
        line.at(3min - 1ms).quiet();
        line.at(3min).expect({"sms first lead-1"});
    }
}
