// Who wrote, what is meant, what is said back, and how often at most.
#include "app/sms_replies.hpp"

#include "core/base/text.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

/// Two people with phones, one SMS channel with replies, and incidents as a test wants them.
struct Shell {
    Shell() {
        ChannelSpec sms;
        sms.id = "sms";
        sms.type = "cmas_sms";
        sms.replies = true;
        sms.text_limit = 47;
        plan.channels.push_back(sms);
        person("li", "13800000001");
        person("zhang", "+86 138 0000 0002");
    }

    void person(const std::string& id, const std::string& mobile) {
        PersonSpec p;
        p.id = p.name = id;
        p.mobile = mobile;
        plan.people.push_back(p);
    }
    IncidentView& incident(const std::string& id, const std::vector<std::string>& people, const std::string& state = "paging") {
        IncidentView v;
        v.incident = id;
        v.policy = "surge";
        v.scope = {{"centre", "jinan"}, {"queue", id}};
        v.state = state;
        for (const auto& person : people) {
            v.seats.push_back({person, person, 1, SeatState::asked, EngineTime{}, {}, {}});
        }
        incidents.push_back(v);
        return incidents.back();
    }
    SmsReplies::Verdict writes(const std::string& text, const std::string& number = "13800000001") {
        const IncomingText in{"sms", number, text, "id-" + std::to_string(++sent)};
        return take(in);
    }
    SmsReplies::Verdict take(const IncomingText& in) {
        return replies.take(
            in, plan, [this] { return ++looked, incidents; }, links, now);
    }
    std::string code(const std::string& incident, const std::string& person) const { return links.code(incident, person); }
    std::uint64_t count(const std::string& word) const {
        return replies.counts().count(word) > 0 ? replies.counts().at(word) : 0;
    }

    Plan plan;
    std::vector<IncidentView> incidents;
    Links links{*LinkSigner::with_keys(std::string(32, 'k'))};
    SmsReplies replies;
    Stamp now{engine_time(1'800'000'000'000), wall_time(1'800'000'000'000)};
    int sent = 0;
    int looked = 0;
};

std::string said(const SmsReplies::Verdict& verdict) {
    CHECK_FALSE(verdict.command);
    return verdict.answer ? verdict.answer->text : std::string();
}

}  // namespace

TEST_CASE("sms reply: 1 and 2, with a code or without, however they are typed", "[unit]") {
    for (const char* join : {"1", " 1 ", "１", "是", "来", "1.", "1。", "1\r\n", "　1"}) {
        INFO(join);
        CHECK(read_reply(join).kind == AnswerKind::join);
        CHECK(read_reply(join).code.empty());
    }
    for (const char* decline : {"2", "２", "否", "2 "}) {
        CHECK(read_reply(decline).kind == AnswerKind::decline);
    }
    for (const char* coded : {"1 K7MPRA", "1K7MPRA", "1,k7mpra", "1，K7mpra。", "1\nK7MPRA", "1+K7MPRA "}) {
        INFO(coded);
        CHECK(read_reply(coded).kind == AnswerKind::join);
        CHECK(read_reply(coded).code == "K7MPRA");
    }
}

TEST_CASE("sms reply: anything else is not guessed at", "[unit]") {
    for (const auto& text : std::vector<std::string>{"", "3", "12", "21", "2个小时后到", "1 K7MPR", "1 K7MPRAA", "K7MPRA", "好的",
                                                     "11111111", "1 K7MPR-", std::string(512, '1'), std::string("1\0K7MPR", 7),
                                                     "\xff\xfe", "'; drop table seats; --"}) {
        INFO(text);
        CHECK_FALSE(read_reply(text).kind);
        CHECK(read_reply(text).code.empty());
    }
}

TEST_CASE("sms reply: without a code it counts when exactly one open incident asked its sender", "[unit]") {
    Shell desk;
    desk.incident("0-1", {"li", "zhang"});
    desk.incident("0-2", {"zhang"});
    desk.incident("0-0", {"li"}, "resolved");
    const auto verdict = desk.writes("1", "8613800000001");
    REQUIRE(verdict.command);
    CHECK_FALSE(verdict.answer);
    CHECK(verdict.command->kind == Command::Kind::answer);
    CHECK(verdict.command->answer == AnswerKind::join);
    CHECK(verdict.command->incident == "0-1");
    CHECK(verdict.command->person == "li");
    CHECK(verdict.command->by == "li");
    CHECK(verdict.command->way == "sms");
    CHECK(verdict.command->key == "sms:id-1");

    const auto list = said(desk.writes("1", "13800000002"));
    CHECK(list == "请回1或2加代码：jinan/0-1 " + desk.code("0-1", "zhang") + "；jinan/0-2 " + desk.code("0-2", "zhang"));
    CHECK(desk.count("listed") == 1);
    CHECK(utf8_length(list) <= 60);
}

TEST_CASE("sms reply: a code means its incident, only from the phone of the person it was made for", "[unit]") {
    Shell desk;
    desk.incident("0-1", {"li", "zhang"});
    desk.incident("0-2", {"li", "zhang"});
    const auto code = desk.code("0-2", "li");
    const auto mine = desk.writes("2 " + code);
    REQUIRE(mine.command);
    CHECK(mine.command->incident == "0-2");
    CHECK(mine.command->answer == AnswerKind::decline);

    CHECK(said(desk.writes("2 " + code, "13800000002")) == "代码不对，请核对后重发。");
    CHECK(said(desk.writes("2 " + code, "13900000000")).empty());  // nobody's number: not a word
    CHECK(desk.count("unknown_number") == 1);
    desk.incidents[1].state = "resolved";  // crossed with the end: the desk says so
    CHECK(desk.writes("1 " + code).command->incident == "0-2");
}

TEST_CASE("sms reply: five wrong codes in ten minutes, and then none counts from that phone until they are over", "[unit]") {
    Shell desk;
    desk.incident("0-1", {"li", "zhang"});
    const auto right = desk.code("0-1", "li");
    for (int i = 0; i < 4; ++i) {
        CHECK(said(desk.writes("1 AAAAAA")) == "代码不对，请核对后重发。");
    }
    CHECK(desk.writes("1 " + right).command);  // after four it still does
    CHECK(said(desk.writes("1 AAAAAA")) == "代码不对，请核对后重发。");
    CHECK(said(desk.writes("1 " + right)) == "错误过多，请10分钟后再试。");
    CHECK(desk.writes("1 " + desk.code("0-1", "zhang"), "13800000002").command);  // another phone
    desk.now.at += SmsReplies::window - 1ms;
    CHECK(said(desk.writes("1 " + right)) == "错误过多，请10分钟后再试。");
    desk.now.at += 1ms;
    CHECK(desk.writes("1 " + right).command);
}

TEST_CASE("sms reply: one message given twice is one answer", "[unit]") {
    Shell desk;
    desk.incident("0-1", {"li"});
    const IncomingText in{"sms", "13800000001", "1", "same"};
    CHECK(desk.take(in).command);
    const auto again = desk.take(in);
    CHECK_FALSE(again.command);
    CHECK_FALSE(again.answer);
    CHECK(desk.count("repeated") == 1);

    // A restart forgets; the key of the answer does not.
    CommandReply reply;
    reply.repeated = true;
    reply.code = "seated";
    Command command;
    command.person = "li";
    CHECK_FALSE(desk.replies.answer(command, reply, in, desk.plan, desk.now));
    CHECK(desk.count("repeated") == 2);
}

TEST_CASE("sms reply: ten messages to one number in ten minutes, the eleventh is not sent", "[unit]") {
    Shell desk;
    desk.incident("0-1", {"li"});
    for (std::size_t i = 0; i < SmsReplies::answers_max; ++i) {
        CHECK_FALSE(said(desk.writes("what?")).empty());
    }
    CHECK(said(desk.writes("what?")).empty());
    CHECK(desk.count("throttled") == 1);
    desk.now.at += SmsReplies::window;
    CHECK_FALSE(said(desk.writes("what?")).empty());
}

TEST_CASE("sms reply: machines and strangers are not talked to", "[unit]") {
    Shell desk;
    CHECK(said(desk.writes("【中国移动】您的话费余额不足")).empty());  // nothing is open: no help, no loop
    CHECK(desk.count("unreadable") == 1);
    CHECK(said(desk.writes("1")) == "目前没有呼叫您的突增。");
    const int looked = desk.looked;
    CHECK(said(desk.writes("1", "10086")).empty());
    CHECK(said(desk.writes("1", "no number")).empty());
    CHECK(said(desk.writes("1", "")).empty());
    CHECK(desk.looked == looked);
    CHECK(desk.count("unknown_number") == 3);
    desk.plan.channels[0].replies = false;
    CHECK(said(desk.writes("1")).empty());
}

TEST_CASE("sms reply: what was decided is said back to the one who wrote, as long as one SMS", "[unit]") {
    Shell desk;
    desk.plan.channels[0].text_limit = 5;
    Command command;
    command.person = "zhang";
    command.answer = AnswerKind::join;
    CommandReply reply;
    reply.code = "seated";
    reply.joined = 2;
    reply.need = 6;
    const IncomingText in{"sms", "13800000002", "1", "id"};
    const auto order = desk.replies.answer(command, reply, in, desk.plan, desk.now);
    REQUIRE(order);
    CHECK(order->channel == "sms");
    CHECK(order->people.at(0).person == "zhang");
    CHECK(order->text == "已加入2/6，请尽快上线。");
    CHECK(desk.count("seated") == 1);
    const auto unsure = desk.replies.unsure(command, in, desk.plan, desk.now);
    REQUIRE(unsure);
    CHECK(unsure->text == "暂未记下，请稍后重发或致电值班台。");
    CHECK(utf8_length(unsure->text) <= 5 + 13);
}

TEST_CASE("sms reply: two people with one phone are told apart by the code", "[unit]") {
    Shell desk;
    desk.person("wang", "13800000001");
    desk.incident("0-1", {"li", "wang"});
    CHECK(said(desk.writes("1")).find(desk.code("0-1", "wang")) != std::string::npos);
    CHECK(desk.writes("1 " + desk.code("0-1", "wang")).command->person == "wang");
    CHECK(desk.writes("1 " + desk.code("0-1", "li")).command->person == "li");
}

TEST_CASE("links: the code stands behind the text of a call, within the channel's room, and nowhere else", "[unit]") {
    Shell desk;
    SendOrder order;
    order.channel = "sms";
    order.incident = "0-1";
    order.people = {{"li", "李", "13800000001", "", ""}};
    order.language = Language::zh;
    for (int i = 0; i < 47; ++i) {
        order.text += "长";
    }
    const auto with_code = [&](PagePurpose purpose) {
        auto copy = order;
        copy.purpose = purpose;
        desk.links.add_code(copy, desk.plan);
        return copy.text;
    };
    for (const auto purpose : {PagePurpose::first, PagePurpose::remind, PagePurpose::need, PagePurpose::repeat_round}) {
        CHECK(with_code(purpose) == order.text + " 回1来2否 " + desk.code("0-1", "li"));
    }
    CHECK(utf8_length(with_code(PagePurpose::first)) == 60);
    for (const auto purpose : {PagePurpose::close, PagePurpose::update, PagePurpose::blind, PagePurpose::test}) {
        CHECK(with_code(purpose) == order.text);
    }
    // In another language than the room was measured for, the text gives way.
    order.language = Language::en;
    CHECK(utf8_length(with_code(PagePurpose::first)) == 60);
    CHECK(with_code(PagePurpose::first).ends_with(" 1=yes 2=no " + desk.code("0-1", "li")));
    desk.plan.channels[0].replies = false;
    CHECK(with_code(PagePurpose::first) == order.text);
    desk.plan.channels[0].replies = true;
    order.people.push_back(order.people.front());
    CHECK(with_code(PagePurpose::first) == order.text);
}
