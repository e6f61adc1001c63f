// The real daemon over the real formats of providers: a robot that throttles, and mail that stands in for it.
#include <algorithm>
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/smtp_sink.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

}  // namespace

TEST_CASE("app: a robot blocked by its provider is left alone, everybody is mailed at once and told of the end",
          "[integration]") {
    DaemonKit kit;
    SmtpSink smtp;
    std::ofstream(kit.dir.file("ding.url")) << kit.sink.url("/robot/send?access_token=0123456789abcdef") << "\n";
    std::ofstream(kit.dir.file("ding.key")) << "SEChunter2222\n";
    kit.write_config(
        "[[channel]]\nid = \"ding\"\ntype = \"dingtalk\"\nurl_file = \"ding.url\"\nsecret_file = \"ding.key\"\n"
        "[[channel]]\nid = \"mail\"\ntype = \"email\"\nfrom = \"surged@x.example\"\ntls = \"none\"\nserver = \"" +
        smtp.server() + "\"\n");
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    text = replaced(text, "{ via = \"hook\" }", "{ via = \"ding\" }, { via = \"mail\", after = \"1h\" }");
    text = replaced(text, "[[person]]\n", "[[person]]\nmobile = \"13800000000\"\nemail = \"somebody@x.example\"\n");
    std::ofstream(kit.config, std::ios::trunc) << text;
    SinkAnswer blocked;
    blocked.body = R"({"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"})";
    kit.sink.always(blocked);
    kit.start();

    REQUIRE(kit.feed_until(20, [&] { return smtp.mails().size() >= 3; }));
    CHECK(kit.sink.count() == 1);  // one message for the tier, and none after the block
    const auto asked = kit.sink.requests().front();
    CHECK(asked.target.find("&sign=") != std::string::npos);
    CHECK(asked.body.find("\"atMobiles\":[\"13800000000\"") != std::string::npos);
    const auto list = kit.ctl({"incidents", "--json"});
    const auto at = list.out.find("\"incident\":\"") + 12;
    const auto id = list.out.substr(at, list.out.find('"', at) - at);
    const auto show = kit.ctl({"show", id, "--timeline", "--json"});
    CHECK(show.out.find("DingTalk blocks the robot for ten minutes") != std::string::npos);
    CHECK(show.out.find("0123456789abcdef") == std::string::npos);

    CHECK(kit.ctl({"status"}).out.find("channel ding: 0 pages under way, THROTTLED") != std::string::npos);
    CHECK(kit.ctl({"status"}).out.find("channel mail: 0 pages under way\n") != std::string::npos);

    // The next tier meets the pause: not a byte to the robot, and mail at once.
    REQUIRE(kit.ctl({"escalate", id, "--reason", "test"}).code == 0);
    REQUIRE(kit.feed_until(20, [&] { return smtp.mails().size() >= 5; }));
    CHECK(kit.sink.count() == 1);
    REQUIRE(kit.feed_until(1, [&] { return smtp.mails().size() >= 10; }));
    CHECK(kit.sink.count() == 1);
    CHECK(smtp.mails().size() == 10);
    CHECK(kit.daemon->err().find("SEChunter2222") == std::string::npos);
    CHECK(kit.daemon->err().find("0123456789abcdef") == std::string::npos);
}
