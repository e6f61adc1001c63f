// The real daemon over the real formats of providers: a robot that throttles, and mail that stands in for it.
#include <algorithm>
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/nginx_sink.hpp"
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

TEST_CASE("app: a way whose server hung up is open again before the hold of an alert is over, and the page meets it", "[integration]") {
    if (!NginxSink::installed()) {
        WARN("nginx is not installed: skipped");
        return;
    }
    NginxSink server({.keepalive = 2500ms});
    REQUIRE(server.up());
    DaemonKit kit;
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    text = replaced(text, kit.sink.url("/page") + "\"\n", server.url("/page") + "\"\nkeep_warm = \"110s\"\nca_file = \"" + server.ca_file() + "\"\n");
    text = replaced(text, "raise_after = \"0s\"", "raise_after = \"4s\"");
    std::ofstream(kit.config, std::ios::trunc) << text;
    kit.start();
    REQUIRE(server.wait_for("HEAD", 1, 20s).size() == 1);
    CHECK(kit.feed_until(1, [until = std::chrono::steady_clock::now() + 3500ms] { return std::chrono::steady_clock::now() > until; }));
    CHECK(server.requests().size() == 1);  // a quiet night costs nothing more
    REQUIRE(kit.feed_until(20, [&] { return server.wait_for("POST", 1, 0ms).back().method == "POST"; }));
    const auto all = server.requests();
    const auto page = std::ranges::find(all, "POST", &NginxRequest::method);
    std::string seen;
    for (const auto& one : all) {
        seen += std::to_string(one.at_s) + " " + one.method + " " + std::to_string(one.connection) + "/" + std::to_string(one.nth) + "\n";
    }
    INFO(seen);
    CHECK(page->nth > 1);
    CHECK(std::ranges::all_of(all.begin(), page, [](const auto& one) { return one.method == "HEAD" && one.target == "/"; }));
}
