// surgectl drill: test pages are really sent, marked as such, and who is not reached is named.
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged::test;

TEST_CASE("app: a drill pages everybody on duty, once a channel, as a test, and opens no incident", "[integration]") {
    DaemonKit kit;
    kit.start();
    const Finished drill = kit.ctl({"drill", "--roster", "leads", "--person", "boss", "--wait", "20s"});
    INFO(drill.out);
    INFO(drill.err);
    CHECK(drill.code == 0);
    CHECK(drill.out.find("all 4 could be reached\n") != std::string::npos);
    CHECK(kit.pages("test").size() == 4);
    CHECK(kit.pages("first").empty());
    CHECK(kit.ctl({"incidents"}).out == "no open incidents\n");
    // A second one is a drill of its own, and its result is not the first one's.
    CHECK(kit.ctl({"drill", "--person", "boss", "--wait", "20s", "--json"}).out.find("\"reached\":true") !=
          std::string::npos);
    CHECK(kit.pages("test").size() == 5);
}

TEST_CASE("app: a drill names who is not reached with exit 1, and refuses what it cannot do", "[integration]") {
    DaemonKit kit;
    kit.write_config(
        "[[channel]]\nid = \"dead\"\ntype = \"webhook\"\ntimeout = \"1s\"\nurl = \"http://127.0.0.1:1/page\"\n"
        "[[person]]\nid = \"far\"\nreach = { normal = [{ via = \"dead\" }] }\n");
    kit.start();
    const Finished drill = kit.ctl({"drill", "--person", "far", "--person", "boss", "--wait", "5s"});
    INFO(drill.out);
    INFO(drill.err);
    CHECK(drill.code == 1);
    CHECK(drill.out.find("NOT REACHED: far (1 of 2)\n") != std::string::npos);
    const Finished ghost = kit.ctl({"drill", "--person", "ghost", "--wait", "2s"});
    CHECK(ghost.code == 1);
    CHECK(ghost.out.find("NOT REACHED: ghost (1 of 1)\n") != std::string::npos);
    CHECK(kit.ctl({"drill"}).code == 2);
    CHECK(kit.ctl({"drill", "--person", "boss", "--wait", "0s"}).code == 2);
    CHECK(kit.ctl({"drill", "--roster", "no-such"}).code == 1);
}

TEST_CASE("app: a drill waits for answers by link and by hand, over a restart of the daemon, and names who never answered",
          "[integration]") {
    DaemonKit kit;
    kit.ack_url_base = "https://surge.example/in";
    kit.write_config();
    kit.start();
    Process drill(std::string(SURGED_BIN_DIR) + "/surgectl",
                  {"--server", "http://" + kit.address("http"), "drill", "--roster", "leads", "--answers", "--wait", "25s"},
                  kit.dir.file("drill"));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (kit.pages("test").size() < 3 && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    CHECK(kit.pages("test").size() == 3);
    std::string path;
    for (const SinkRequest& page : kit.pages("test")) {
        const auto json = surged::parse_json(page.body);
        if (json && json->find("people")->array()->front().text_or("person", "") == "lead-01") {
            path = json->text_or("link", "");
        }
    }
    if (path.size() > kit.ack_url_base.size()) {
        path = path.substr(kit.ack_url_base.size());
    }
    const HttpReply page = http(kit.port("http"), "GET", path);
    CHECK(page.status == 200);
    CHECK(page.body.find("这是演练") != std::string::npos);
    CHECK(page.body.find("收到 · Received") != std::string::npos);
    CHECK(page.body.find("我来接话") == std::string::npos);
    // The same address after the restart, as a daemon that is configured has.
    std::ifstream before(kit.config);
    std::string text(std::istreambuf_iterator<char>(before), {});
    const std::string any = "[http]\nlisten = \"127.0.0.1:0\"";
    CHECK(text.find(any) != std::string::npos);
    text.replace(text.find(any), any.size(), "[http]\nlisten = \"127.0.0.1:" + std::to_string(kit.port("http")) + "\"");
    std::ofstream(kit.config, std::ios::trunc) << text;
    kit.daemon->signal(SIGKILL);
    CHECK(kit.daemon->wait(std::chrono::seconds{5}) == 128 + SIGKILL);
    kit.start();
    std::this_thread::sleep_for(std::chrono::seconds{2});  // the caller finds the daemon again within half a second
    const HttpReply pressed =
        http(kit.port("http"), "POST", path, {{"Content-Type", "application/x-www-form-urlencoded"}}, "action=ack");
    CHECK(pressed.status == 200);
    CHECK(pressed.body.find("已记录") != std::string::npos);
    CHECK(http(kit.port("http"), "GET", path).body.find("收到 · Received") == std::string::npos);
    const Finished by_hand = kit.ctl({"ack", "--drill", "--as", "lead-02"});
    CHECK(by_hand.code == 0);
    CHECK(by_hand.out.find("this was a drill") != std::string::npos);
    CHECK(kit.ctl({"ack", "--drill", "--as", "boss"}).code == 1);  // is in none
    const int code = drill.wait(std::chrono::seconds{60});
    INFO(drill.out());
    INFO(drill.err());
    CHECK(code == 0);
    CHECK(drill.out().find("all 3 could be reached\n") != std::string::npos);
    CHECK(drill.out().find("answered: 2 of 3; never answered: lead-03\n") != std::string::npos);
    CHECK(drill.out().find(" by link") != std::string::npos);
    CHECK(drill.out().find(" by cli") != std::string::npos);
    CHECK(kit.ctl({"incidents"}).out == "no open incidents\n");
}
