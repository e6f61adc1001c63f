// The chat robots against a server that speaks their answers: a 200 is no success, a throttle rests the channel, an unknown word
// is a failure; signatures by golden vectors.
#include <ctime>

#include "core/base/text.hpp"
#include "channels/signature.hpp"
#include "provider_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

SendOrder of_three(const ProviderKit& kit) {
    auto order = kit.order();
    order.people = {{"lead-01", "班组长一", "13800000000", "", ""},
                    {"lead-02", "班组长二", "13900000000", "", "U02"},
                    {"lead-03", "班组长三", "", "", ""}};
    return order;
}

}  // namespace

TEST_CASE("signatures: golden vectors of DingTalk and Feishu, whose key and text are swapped", "[integration]") {
    CHECK(dingtalk_sign(Secret("this is secret"), 1577262236757) == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=");
    CHECK(feishu_sign(Secret("demo-secret"), 1599360473) == "3/MaVZ8JLIy4TUG+7KSFJqvUkTKd+HWY8g+56DZWq8s=");
    CHECK(md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(md5_hex("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("dingtalk: signed in the URL in milliseconds, all people of the tier rung by one message", "[integration]") {
    ProviderKit kit("dingtalk", "/robot/send?access_token=0123456789abcdef",
                    {{"secret_file", "SEC-hunter2"}, {"keyword", "突增"}});
    REQUIRE(kit.problems.empty());
    kit.says(200, R"({"errcode":0,"errmsg":"ok"})");
    CHECK(kit.send(of_three(kit)).outcome == ok);

    const auto target = kit.request().target;
    const auto at = target.find("&timestamp=");
    REQUIRE(at != std::string::npos);
    CHECK(target.starts_with("/robot/send?access_token=0123456789abcdef&timestamp="));
    const auto ms = std::stoll(target.substr(at + 11));
    CHECK(std::abs(ms / 1000 - std::time(nullptr)) <= 5);
    auto sign = target.substr(target.find("&sign=") + 6);
    CHECK(sign.find_first_of("+/=") == std::string::npos);
    for (const auto& [code, byte] : std::map<std::string, std::string>{{"%2B", "+"}, {"%2F", "/"}, {"%3D", "="}}) {
        for (auto i = sign.find(code); i != std::string::npos; i = sign.find(code)) {
            sign.replace(i, 3, byte);
        }
    }
    CHECK(sign == dingtalk_sign(Secret("SEC-hunter2"), ms));

    const auto body = kit.body();
    CHECK(text_at(body, {"msgtype"}) == "text");
    CHECK(text_at(body, {"text", "content"}) == "济南 普席 话务量突增 +85 %\n@13800000000 @U02 @班组长三");
    CHECK(texts_at(body, {"at", "atMobiles"}) == std::vector<std::string>{"13800000000"});
    CHECK(texts_at(body, {"at", "atUserIds"}) == std::vector<std::string>{"U02"});
    CHECK_FALSE(*body.find("at")->find("isAtAll")->boolean());
}

TEST_CASE("robots: the link to answer by stands between text and people, in every provider's message", "[integration]") {
    const std::string link = "https://surge.example/a/AbC-_1";
    for (const char* type : {"dingtalk", "wecom", "feishu", "slack"}) {
        CAPTURE(type);
        ProviderKit kit(type, "/hook", {});
        kit.says(200, std::string(type) == "slack" ? "ok" : R"({"errcode":0,"code":0})");
        auto order = of_three(kit);
        order.link = link;
        CHECK(kit.send(order).outcome == ok);
        CHECK(kit.request().body.find("\\n" + link + "\\n") != std::string::npos);
        order.link.clear();
        kit.send(order);
        CHECK(kit.request().body.find("surge.example/a/") == std::string::npos);
    }
}

TEST_CASE("dingtalk: a closing message rings nobody, a missing keyword is added, @all only when asked for", "[integration]") {
    ProviderKit kit("dingtalk", "/robot/send", {{"keyword", "预警"}, {"mention", "all"}});
    kit.says(200, R"({"errcode":0})");
    auto order = of_three(kit);
    kit.send(order);
    CHECK(*kit.body().find("at")->find("isAtAll")->boolean());
    CHECK(text_at(kit.body(), {"text", "content"}) == order.text + "\n致：班组长一 班组长二 班组长三\n预警");
    order.text += "，请班组长一、班组长二、班组长三上线";
    kit.send(order);
    CHECK(text_at(kit.body(), {"text", "content"}) == order.text + "\n预警");  // it names them itself
    order.purpose = PagePurpose::close;
    kit.send(order);
    CHECK_FALSE(*kit.body().find("at")->find("isAtAll")->boolean());
    CHECK(texts_at(kit.body(), {"at", "atMobiles"}).empty());
    CHECK(kit.request().target == "/robot/send");  // no secret, no signature
}

TEST_CASE("dingtalk: its words have their classes; over 20 a minute rests the robot for ten minutes", "[integration]") {
    ProviderKit kit("dingtalk", "/robot/send?access_token=0123456789abcdef", {{"secret_file", "SEC-hunter2"}});
    kit.check({{200, R"({"errcode":0,"errmsg":"ok"})", ok, 0s, "HTTP 200"},
               {200, R"({"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"})", retry, 10min, "ten minutes"},
               {200, R"({"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"a"})", retry, 10min, "throttled"},
               {200, R"({"errcode":410100,"errmsg":"too fast"})", retry, 10min, ""},
               {200, R"({"errcode":90030,"errmsg":"webhook over limit"})", retry, 10min, ""},
               {200, R"({"errcode":-1,"errmsg":"系统繁忙"})", retry, 0s, "busy"},
               {200, R"({"errcode":90020,"errmsg":"quota"})", config, 0s, "quota"},
               {200, R"({"errcode":310000,"errmsg":"keywords not in content"})", config, 0s, "set `keyword`"},
               {200, R"({"errcode":310000,"errmsg":"description:机器人发送签名不匹配;solution:请确认签名"})", config, 0s,
                "secret_file"},
               {200, R"({"errcode":310000,"errmsg":"sign not match"})", config, 0s, "secret_file"},
               {200, R"({"errcode":310000,"errmsg":"ip 10.0.0.1 not in whitelist"})", config, 0s, "list"},
               {200, R"({"errcode":310000,"errmsg":"?"})", config, 0s, "security settings"},
               {200, R"({"errcode":300005,"errmsg":"token is not exist"})", config, 0s, "token"},
               {200, R"({"errcode":400102,"errmsg":"机器人已停用"})", config, 0s, "stopped"},
               {200, R"({"errcode":460101,"errmsg":"message too long, exceed 20000 bytes"})", reject, 0s, "too long"},
               {200, R"({"errcode":987654,"errmsg":"?? access_token=0123456789abcdef"})", reject, 0s, "unknown code 987654"},
               {200, "<html>please log in</html>", down, 0s, "not the provider's answer"},
               {200, "", down, 0s, ""},
               {200, "[0]", down, 0s, ""},
               {302, "", config, 0s, ""},
               {429, "", retry, 10min, ""},
               {429, "", retry, 7s, "", {"Retry-After: 7"}},
               {421, "misdirected", config, 0s, "HTTP 421: misdirected"},
               {502, R"({"errcode":0})", retry, 0s, "HTTP 502"},
               {504, R"({"errcode":0})", retry, 0s, "HTTP 504"},
               {505, R"({"errcode":0})", config, 0s, "HTTP 505"},
               {511, "<html>log in</html>", config, 0s, "HTTP 511"}},
              "0123456789abcdef");
    kit.check_broken();
    CHECK(kit.torn.outcome == ok);  // the word had come before the connection broke
}

TEST_CASE("wecom: content within 2048 bytes whatever the text, its end cut first, mentions by list", "[integration]") {
    ProviderKit kit("wecom", "/cgi-bin/webhook/send?key=0123456789abcdef");
    REQUIRE(kit.problems.empty());
    kit.says(200, R"({"errcode":0,"errmsg":"ok"})");
    auto order = of_three(kit);
    CHECK(kit.send(order).outcome == ok);
    CHECK(text_at(kit.body(), {"text", "content"}) == order.text + "\n班组长一 班组长二 班组长三");
    CHECK(texts_at(kit.body(), {"text", "mentioned_list"}) == std::vector<std::string>{"U02"});
    CHECK(texts_at(kit.body(), {"text", "mentioned_mobile_list"}) == std::vector<std::string>{"13800000000"});

    order.text.clear();
    for (int i = 0; i < 1000; ++i) {
        order.text += "急";
    }
    order.text = "头" + order.text + "<@everyone>";
    kit.send(order);
    const auto content = text_at(kit.body(), {"text", "content"});
    CHECK(content.size() <= 2048);
    CHECK(content.size() > 2040);
    CHECK(utf8_valid(content));
    CHECK(content.starts_with("头急"));
    CHECK(content.ends_with("…\n班组长一 班组长二 班组长三"));
    order.text = "<@everyone> x";
    kit.send(order);
    CHECK(text_at(kit.body(), {"text", "content"}).find("<@") == std::string::npos);
}

TEST_CASE("wecom: its words have their classes", "[integration]") {
    ProviderKit kit("wecom", "/cgi-bin/webhook/send?key=0123456789abcdef");
    kit.check({{200, R"({"errcode":0,"errmsg":"ok"})", ok, 0s, ""},
               {200, R"({"errcode":45009,"errmsg":"api freq out of limit"})", retry, 1min, "20 messages"},
               {200, R"({"errcode":45033,"errmsg":"api concurrent out of limit"})", retry, 0s, ""},
               {200, R"({"errcode":93000,"errmsg":"invalid webhook url, key=0123456789abcdef"})", config, 0s, "key"},
               {200, R"({"errcode":93008,"errmsg":"not in group"})", config, 0s, ""},
               {200, R"({"errcode":40058,"errmsg":"content exceed max length"})", reject, 0s, "40058"},
               {500, "", retry, 0s, ""},
               {404, "", config, 0s, ""}},
              "0123456789abcdef");
    kit.check_broken();
}

TEST_CASE("feishu: signed in the body in seconds; nothing from outside can ring everybody", "[integration]") {
    ProviderKit kit("feishu", "/open-apis/bot/v2/hook/0123456789abcdef", {{"secret_file", "demo-secret"}});
    kit.says(200, R"({"code":0,"msg":"success","data":{}})");
    auto order = of_three(kit);
    order.people[1].address = "ou_02";
    order.people[2].address = "\"><at user_id=\"all";
    order.text = "济南 <at user_id=\"all\">x</at>";
    CHECK(kit.send(order).outcome == ok);
    const auto body = kit.body();
    CHECK(text_at(body, {"msg_type"}) == "text");
    const auto stamp = text_at(body, {"timestamp"});
    CHECK(std::abs(std::stoll(stamp) - std::time(nullptr)) <= 5);
    CHECK(text_at(body, {"sign"}) == feishu_sign(Secret("demo-secret"), std::stoll(stamp)));
    CHECK(text_at(body, {"content", "text"}) ==
          "济南 ＜at user_id=\"all\">x＜/at>\n@班组长一 <at user_id=\"ou_02\">班组长二</at> @班组长三");
}

TEST_CASE("feishu: its words have their classes, the old ones too", "[integration]") {
    ProviderKit kit("feishu", "/open-apis/bot/v2/hook/0123456789abcdef");
    kit.check({{200, R"({"code":0,"msg":"success"})", ok, 0s, ""},
               {200, R"({"StatusCode":0,"StatusMessage":"success"})", ok, 0s, ""},
               {200, R"({"code":11232,"msg":"psm-level frequency limited"})", retry, 10s, "on the hour"},
               {400, R"({"code":11232,"msg":"frequency limited"})", retry, 10s, ""},
               {200, R"({"code":9499,"msg":"too many request"})", retry, 10s, "throttled"},
               {400, R"({"code":9499,"msg":"Bad Request"})", reject, 0s, "20 KiB"},
               {200, R"({"code":19021,"msg":"sign match fail or timestamp is not within one hour"})", config, 0s, "secret_file"},
               {200, R"({"code":19022,"msg":"Ip Not Allowed"})", config, 0s, ""},
               {200, R"({"code":19024,"msg":"Key Words Not Found"})", config, 0s, "keyword"},
               {200, R"({"code":19001,"msg":"param invalid: incoming webhook access token invalid"})", config, 0s, ""},
               {200, R"({"code":4242,"msg":"?"})", reject, 0s, "unknown code 4242"},
               {200, R"({"ok":true})", down, 0s, ""},
               {429, "", retry, 10s, ""}},
              "0123456789abcdef");
    kit.check_broken();
}

TEST_CASE("slack: the body is the word; text is escaped; 429 rests the channel as long as it asks", "[integration]") {
    ProviderKit kit("slack", "/services/T000/B000/0123456789abcdef");
    kit.says(200, "ok");
    auto order = of_three(kit);
    order.text = "wait 104>100 <!channel> & more";
    CHECK(kit.send(order).outcome == ok);
    CHECK(text_at(kit.body(), {"text"}) == "wait 104&gt;100 &lt;!channel&gt; &amp; more\n@班组长一 <@U02> @班组长三");
    kit.check({{200, "ok", ok, 0s, ""},
               {200, "ok\n", ok, 0s, ""},
               {400, "invalid_payload", reject, 0s, "invalid_payload"},
               {403, "action_prohibited", config, 0s, ""},
               {404, "no_service", config, 0s, "removed"},
               {404, "channel_not_found", config, 0s, ""},
               {410, "channel_is_archived", config, 0s, ""},
               {500, "rollup_error", retry, 0s, ""},
               {429, R"({"retry_after":30,"ok":false})", retry, 30s, ""},
               {429, "rate_limited", retry, 12s, "", {"Retry-After: 12"}},
               {400, "something new", reject, 0s, "something new"},
               {200, "<html>portal</html>", down, 0s, "not the provider's answer"}},
              "0123456789abcdef");
    kit.check_broken();
    CHECK(kit.torn.outcome == OutcomeClass::unknown);
}
