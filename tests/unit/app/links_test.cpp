// Which page gets a link, and whom it names.
#include "app/links.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

const std::string key(32, 'k');

Plan plan_with(std::string id, ChannelKind kind, std::string type) {
    Plan plan;
    plan.ack_url_base = "https://surge.example";
    ChannelSpec channel;
    channel.id = std::move(id);
    channel.kind = kind;
    channel.type = std::move(type);
    plan.channels.push_back(channel);
    return plan;
}

SendOrder order_on(const std::string& channel, PagePurpose purpose = PagePurpose::first) {
    SendOrder order;
    order.page = "0-1/1/li/x/first/1";
    order.incident = "0-1";
    order.channel = channel;
    order.purpose = purpose;
    order.people.push_back({"li", "李", "13800001234", "", ""});
    order.wall = wall_time(1'800'000'000'000);
    return order;
}

/// The person the link names; "-" when there is no link.
std::string named(const Plan& plan, SendOrder order) {
    const auto signer = *LinkSigner::with_keys(key);
    Links(signer).add(order, plan);
    const std::string base = "https://surge.example/a/";
    if (order.link.empty()) {
        return "-";
    }
    REQUIRE(order.link.find(base) == 0);
    const auto opened = signer.open(std::string_view(order.link).substr(base.size()), order.wall + Links::life);
    REQUIRE(opened);
    CHECK(opened->page == order.page);
    CHECK_FALSE(signer.open(std::string_view(order.link).substr(base.size()), order.wall + Links::life + Span{1}));
    return opened->person;
}

}  // namespace

TEST_CASE("links: only what one person alone reads names a person", "[unit]") {
    CHECK(named(plan_with("sms", ChannelKind::personal, "webhook"), order_on("sms")) == "li");
    CHECK(named(plan_with("chat", ChannelKind::group, "webhook"), order_on("chat")).empty());
    // A robot of a chat, told to send one message a person: the whole chat reads each of them.
    CHECK(named(plan_with("ding", ChannelKind::personal, "dingtalk"), order_on("ding")).empty());
    CHECK(named(plan_with("sms", ChannelKind::personal, "webhook"), order_on("gone")).empty());
    auto two = order_on("sms");
    two.people.push_back(two.people.front());
    CHECK(named(plan_with("sms", ChannelKind::personal, "webhook"), two).empty());
}

TEST_CASE("links: messages that ask nothing carry none, nor does any without a base", "[unit]") {
    auto plan = plan_with("sms", ChannelKind::personal, "webhook");
    for (const auto purpose : {PagePurpose::close, PagePurpose::stand_down, PagePurpose::admin}) {
        CHECK(named(plan, order_on("sms", purpose)) == "-");
    }
    for (const auto purpose : {PagePurpose::remind, PagePurpose::need, PagePurpose::repeat_round}) {
        CHECK(named(plan, order_on("sms", purpose)) == "li");
    }
    plan.ack_url_base.clear();
    CHECK(named(plan, order_on("sms")) == "-");
}

TEST_CASE("links: name and last four digits find one person or nobody", "[unit]") {
    Plan plan;
    const auto add = [&](std::string id, std::string name, std::string mobile) {
        PersonSpec person;
        person.id = std::move(id);
        person.name = std::move(name);
        person.mobile = std::move(mobile);
        plan.people.push_back(person);
    };
    add("li-1", "李", "13800001234");
    add("li-2", "李", "13900001234");
    add("zhang", "张", "13800005678");
    CHECK(person_by(plan, "张", "5678") == "zhang");
    CHECK(person_by(plan, "zhang", "5678") == "zhang");
    CHECK_FALSE(person_by(plan, "张", "1234"));
    CHECK_FALSE(person_by(plan, "李", "1234"));  // two of them
    CHECK(person_by(plan, "li-2", "1234") == "li-2");
    for (const char* digits : {"", "678", "05678", "567x", "５６７", "５６７８９"}) {
        CHECK_FALSE(person_by(plan, "zhang", digits));
    }
}

TEST_CASE("links: a name counts as people type it on a telephone: case, width and blanks do not matter", "[unit]") {
    Plan plan;
    const auto add = [&](std::string id, std::string name, std::string mobile) {
        PersonSpec person;
        person.id = std::move(id);
        person.name = std::move(name);
        person.mobile = std::move(mobile);
        plan.people.push_back(person);
    };
    add("sup-02", "Ann Lee", "13800001234");
    add("zhang", "张三", "13800005678");
    add("mueller", "Jürgen Müller", "13800009012");
    add("ivan", "Иван Ёлкин", "13800003456");
    add("twin", "bo", "13800007777");
    add("TWIN", "Bo", "13800007777");
    add("none", "", "13800008888");
    for (const char* name : {"ann lee", " Ann  Lee ", "ANN LEE", "Ａｎｎ　Ｌｅｅ", "SUP-02", "\xe2\x80\x8b" "Ann\xc2\xa0" "Lee"}) {
        CAPTURE(name);
        CHECK(person_by(plan, name, "1234") == "sup-02");
    }
    CHECK(person_by(plan, "　张三 ", "５６７８") == "zhang");
    CHECK(person_by(plan, "张三", " 5678 ") == "zhang");
    CHECK(person_by(plan, "JÜRGEN MÜLLER", "9012") == "mueller");
    CHECK(person_by(plan, "иван ёлкин", "3456") == "ivan");
    CHECK(person_by(plan, "twin", "7777") == "twin");  // written just so
    CHECK(person_by(plan, "TWIN", "7777") == "TWIN");
    CHECK_FALSE(person_by(plan, "Twin", "7777"));
    for (const char* name : {"", " ", "annlee", "Ann", "Ann Le", "张", "\xff", "\xe5\xbc"}) {
        CAPTURE(name);
        for (const char* digits : {"1234", "5678", "8888"}) {
            CHECK_FALSE(person_by(plan, name, digits));
        }
    }
}
