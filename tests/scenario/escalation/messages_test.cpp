// What people read, as it leaves: to whom it speaks, who is wanted still, who may go, and how it ended.
#include <algorithm>

#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

PersonSpec& who(Plan& plan, const std::string& id) {
    return *std::find_if(plan.people.begin(), plan.people.end(), [&](const PersonSpec& p) { return p.id == id; });
}

Plan by(const std::string& way, Language language = Language::zh) {
    auto plan = team_plan();
    for (auto& person : plan.people) {
        person.normal = {{way, 0s, 0s}};
    }
    for (auto& channel : plan.channels) {
        channel.language = language;
    }
    return plan;
}

bool has(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

/// The last order of this purpose to this person, or to a group this person is in.
std::string said(const DeskLine& line, PagePurpose purpose, const std::string& person) {
    for (auto order = line.orders().rbegin(); order != line.orders().rend(); ++order) {
        const bool theirs = std::any_of(order->people.begin(), order->people.end(), [&](const Recipient& r) { return r.person == person; });
        if (order->purpose == purpose && theirs) {
            return order->text;
        }
    }
    FAIL("no " << to_string(purpose) << " to " << person);
    return {};
}

Command closing(const std::string& by_whom) {
    Command c;
    c.kind = Command::Kind::resolve;
    c.by = by_whom;
    c.force = true;
    return c;
}

}  // namespace

TEST_CASE("messages: in a group the people who are called, stood down or relieved are named, and nobody else may go") {
    for (const auto language : {Language::zh, Language::en}) {
        auto plan = by("ding", language);
        plan.policies[0].need.fixed = 2;
        plan.policies[0].stand_down = true;
        DeskLine line(plan);
        line.at(0s).fire("wait", "general", Level::yellow).expect({"ding first lead-1+lead-2+lead-3+lead-4"});
        CHECK(has(line.orders().back().text, language == Language::zh ? "请lead-1、lead-2、lead-3、lead-4上线" : "lead-4, please log on"));
        line.answer(AnswerKind::join, "lead-1");
        line.answer(AnswerKind::join, "lead-2");
        line.expect({"ding stand_down lead-3+lead-4"});
        const auto text = said(line, PagePurpose::stand_down, "lead-3");
        CAPTURE(text);
        CHECK(has(text, language == Language::zh ? "lead-3、lead-4无需上线" : "lead-3, lead-4 need not log on"));
        CHECK_FALSE(has(text, "lead-1"));
        CHECK_FALSE(has(text, "可以下线"));
        CHECK_FALSE(has(text, "may go"));
        line.clear("wait", "general").at(5min).expect({"ding close lead-1+lead-2"});
        CHECK(has(line.orders().back().text, language == Language::zh ? "已加入2人：lead-1、lead-2，以上人员可以下线，谢谢"
                                                                      : "joined 2: lead-1, lead-2. They may go, thank you"));
    }
}

TEST_CASE("messages: closed by hand while it fires says by whom, that it is still red, and sends nobody home") {
    auto plan = by("sms");
    who(plan, "desk").name = "值班台";
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).any().at(1min);
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::join, "lead-2");
    line.answer(AnswerKind::leave, "lead-2");
    line.answer(AnswerKind::decline, "lead-3");
    line.any().at(2min);
    CHECK(line.command(closing("local/desk")).ok);
    for (const auto* id : {"lead-1", "lead-2", "lead-3", "boss"}) {
        const auto text = said(line, PagePurpose::close, id);
        CAPTURE(text);
        CHECK(has(text, "【人工关闭】"));
        CHECK(has(text, "由值班台关闭，仍为红色"));
        CHECK(has(text, "已加入1人：lead-1，"));  // who left again is not there
        CHECK_FALSE(has(text, "恢复"));
        CHECK_FALSE(has(text, "可以下线"));
        CHECK(has(text, "您无需上线") == (std::string(id) != "lead-1"));
    }
}

TEST_CASE("messages: an incident that is too old is closed, not over") {
    auto plan = by("sms", Language::en);
    plan.policies[0].max_age = 10min;
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::red).any();
    line.answer(AnswerKind::join, "lead-1");
    line.any().at(10min).any();
    const auto text = said(line, PagePurpose::close, "lead-1");
    CAPTURE(text);
    CHECK(has(text, "[Closed by age]"));
    CHECK(has(text, "still red"));
    CHECK_FALSE(has(text, "All clear"));
    CHECK_FALSE(has(text, "You may go"));
}

TEST_CASE("messages: an end that came by itself thanks who stayed, and asks nothing of who said no") {
    DeskLine line(by("sms"));
    line.at(0s).fire("wait", "general", Level::yellow).any().at(1s);
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.answer(AnswerKind::decline, "lead-4");
    line.clear("wait", "general").any().at(10min).any();
    CHECK(has(said(line, PagePurpose::close, "lead-1"), "【话务恢复】"));
    CHECK(has(said(line, PagePurpose::close, "lead-1"), "您可以下线，谢谢"));
    CHECK(has(said(line, PagePurpose::close, "lead-4"), "您无需上线"));
    CHECK_FALSE(has(said(line, PagePurpose::close, "lead-4"), "可以下线"));
}

TEST_CASE("messages: with enough people and too few of a skill, the page says whom it still needs, and the fallback that it is the last") {
    auto plan = by("sms", Language::en);
    who(plan, "lead-4").skills = who(plan, "sup-1").skills = {"english"};
    plan.policies[0].tiers[0].require = {{"", "english", 2}};
    DeskLine line(plan);
    line.at(0s).fire("wait", "english", Level::yellow);
    const auto first = line.orders().front().text;
    CHECK(has(first, "jinan/普席 yellow: english "));
    CHECK(has(first, "need 3, joined 0, still needs: english 2: please log on"));
    for (const auto* id : {"lead-1", "lead-2", "lead-3"}) {
        line.answer(AnswerKind::join, id);
    }
    line.any().at(3min);
    CHECK(has(said(line, PagePurpose::first, "sup-1"), "need 3, joined 3, still needs: english 2"));
    line.any();
    line.any();
    for (int minute = 4; minute <= 20; ++minute) {
        line.at(std::chrono::minutes{minute}).any();
    }
    CHECK(has(said(line, PagePurpose::first, "desk"), "this is the last resort"));
    CHECK_FALSE(has(said(line, PagePurpose::first, "sup-1"), "last resort"));
}

TEST_CASE("messages: every order tells its time where the centre stands, with the zone") {
    auto plan = by("sms");
    plan.timezone = "Asia/Shanghai";
    plan.zones["Asia/Shanghai"] = Zone("Asia/Shanghai", 8 * 3600, {});
    plan.zones["Asia/Urumqi"] = Zone("Asia/Urumqi", 6 * 3600, {});
    DeskLine here(plan);
    here.at(0s).fire("wait", "general", Level::yellow).any();
    CHECK(has(here.orders().front().when, " Asia/Shanghai"));
    ExpectSpec expect;
    expect.centre = "jinan";
    expect.queue = "general";
    expect.group = "普席";
    expect.zone = "Asia/Urumqi";
    plan.expects.push_back(expect);
    DeskLine west(plan);
    west.at(0s).fire("wait", "general", Level::yellow).any();
    CHECK(has(west.orders().front().when, " Asia/Urumqi"));
    CHECK(west.orders().front().when.substr(0, 19) != here.orders().front().when.substr(0, 19));
}

TEST_CASE("messages: who stood by at the end is not counted among those who had a seat, whatever they had before") {
    auto plan = by("sms");
    plan.policies[0].need.fixed = 1;
    DeskLine line(plan);
    line.at(0s).fire("wait", "general", Level::yellow).any();
    line.answer(AnswerKind::join, "lead-1");
    line.answer(AnswerKind::leave, "lead-1");
    line.answer(AnswerKind::join, "lead-2");
    CHECK(line.answer(AnswerKind::join, "lead-1").code == "spare");
    line.any().at(1min).clear("wait", "general").any().at(10min).any();
    CHECK(has(said(line, PagePurpose::close, "lead-1"), "已加入1人：lead-2"));
    CHECK(has(said(line, PagePurpose::close, "lead-1"), "您无需上线"));
    CHECK(has(said(line, PagePurpose::close, "lead-2"), "您可以下线"));
}

TEST_CASE("messages: a region that is closed while its scopes fire says so") {
    auto plan = by("sms");
    plan.policies[0].scope = {"queue"};
    plan.policies[0].region.scopes = 2;
    DeskLine line(plan);
    line.at(0s).edges({line.firing("wait", "general", Level::yellow), line.firing("wait", "english", Level::red)}).any();
    line.answer(AnswerKind::join, "lead-1");
    line.any().at(1min);
    CHECK(line.command(closing("local/desk")).ok);
    const auto text = said(line, PagePurpose::close, "lead-1");
    CAPTURE(text);
    CHECK(has(text, "仍为红色"));
    CHECK_FALSE(has(text, "可以下线"));
}
