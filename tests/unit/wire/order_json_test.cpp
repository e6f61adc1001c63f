#include "support/catch.hpp"
#include "wire/json_text.hpp"
#include "wire/order_json.hpp"

using namespace surged;

TEST_CASE("order json: every key is there, in the contract's order", "[unit]") {
    SendOrder order;
    order.page = "0-17/1/li/sms/first/1", order.attempt = 2, order.channel = "sms", order.purpose = PagePurpose::first,
    order.repeat = true;
    order.incident = "0-17", order.policy = "surge", order.scope = {{"centre", "jinan"}, {"group", "普席"}},
    order.level = Level::red;
    order.tier = 1, order.need = 6, order.joined = 2, order.title = "话务突增", order.text = "line 1\nline 2",
    order.language = Language::zh;
    order.people.push_back({"li", "李", "138", "li@x", "@li"});
    order.sequence = 3, order.wall = wall_time(1795330800123), order.link = "https://s/a/x";
    CHECK(
        encode(order) ==
        R"({"v":1,"type":"page","page":"0-17/1/li/sms/first/1","attempt":2,"channel":"sms","purpose":"first","repeat":true,"incident":"0-17",)"
        R"("policy":"surge","scope":{"centre":"jinan","group":"普席"},"level":"red","tier":1,"need":6,"joined":2,"arrived":0,"missing":4,"title":"话务突增",)"
        R"("text":"line 1\nline 2","language":"zh","link":"https://s/a/x","people":[{"person":"li","name":"李","mobile":"138","email":"li@x","address":"@li"}],)"
        R"("alerts":[],"sequence":3,"ts":1795330800123})");
}

TEST_CASE("order json: other incidents that call the same people stand before the alerts, and nowhere when there is none",
          "[unit]") {
    SendOrder order;
    CHECK(encode(order).find("also") == std::string::npos);
    AlsoCalled other;
    other.page = "0-18/1/li/sms/first/1", other.incident = "0-18", other.policy = "surge", other.scope = {{"centre", "qingdao"}};
    other.place = "青岛", other.level = Level::orange, other.need = 3, other.joined = 4;
    order.also.push_back(other);
    CHECK(encode(order).find(
              R"("also":[{"incident":"0-18","page":"0-18/1/li/sms/first/1","policy":"surge","scope":{"centre":"qingdao"},)"
              R"("level":"orange","need":3,"joined":4,"missing":0}],"alerts":)") != std::string::npos);
}

TEST_CASE("order json: a step of the playbook has its parameters and its key, and neither people nor a link", "[unit]") {
    SendOrder order;
    order.page = "0-17/2/announce/publish/undo/9", order.channel = "publish", order.purpose = PagePurpose::undo;
    order.action = "announce", order.params = {{"announcement", "A17"}, {"centre", "qingdao"}};
    order.incident = "0-17", order.policy = "surge", order.scope = {{"centre", "jinan"}}, order.scopes = 3;
    order.level = Level::red, order.tier = 2, order.need = 6, order.joined = 2;
    order.title = "Playbook undone", order.text = "x", order.language = Language::en, order.sequence = 3;
    order.wall = wall_time(1795330800123), order.link = "https://s/a/x";
    CHECK(
        encode(order) ==
        R"({"v":1,"type":"action","action":"announce","undo":true,"params":{"announcement":"A17","centre":"qingdao"},)"
        R"("key":"0-17/2/announce/publish/undo/9","attempt":1,"channel":"publish","repeat":false,"incident":"0-17","policy":"surge",)"
        R"("scope":{"centre":"jinan"},"scopes":3,"level":"red","tier":2,"need":6,"joined":2,"arrived":0,"missing":4,"title":"Playbook undone",)"
        R"("text":"x","language":"en","alerts":[],"sequence":3,"ts":1795330800123})");
}

TEST_CASE("order json: nobody is missing when more joined than were needed", "[unit]") {
    SendOrder order;
    order.need = 2, order.joined = 3;
    CHECK(parse_json(encode(order))->find("missing")->integer() == 0);
}

TEST_CASE("order json: an alert in a page says what its record says", "[unit]") {
    SendOrder order;
    order.alerts.emplace_back();
    order.alerts[0].rule = "oldest-wait", order.alerts[0].level = Level::orange, order.alerts[0].queue.centre = "jinan";
    const auto value = parse_json(encode(order));
    REQUIRE(value);
    const JsonValue& alert = value->find("alerts")->array()->front();
    CHECK(alert.text_or("rule", "") == "oldest-wait");
    CHECK(alert.text_or("level", "") == "orange");
    CHECK(alert.text_or("centre", "") == "jinan");
    CHECK(alert.text_or("state", "") == "unknown");
}
