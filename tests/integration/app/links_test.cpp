// Links from the page to the seat: the real daemon, a real browser's requests.
#include <csignal>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string base = "https://surge.example/in";

/// The path of the link that this person's first page carries.
std::string path_for(const DaemonKit& kit, const std::string& person) {
    for (const SinkRequest& page : kit.pages("first")) {
        const auto json = parse_json(page.body);
        if (json && json->find("people")->array()->front().text_or("person", "") == person) {
            const std::string link = json->text_or("link", "");
            REQUIRE(link.find(base + "/a/") == 0);
            return link.substr(base.size());
        }
    }
    return {};
}

HttpReply press(const DaemonKit& kit, const std::string& path, const std::string& form) {
    return http(kit.port("http"), "POST", path, {{"Content-Type", "application/x-www-form-urlencoded"}}, form);
}

}  // namespace

TEST_CASE("app: the link of a page shows the incident, a press of the button takes the seat, and it holds over kill -9",
          "[integration]") {
    DaemonKit kit;
    kit.ack_url_base = base;
    kit.write_config();
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const std::string path = path_for(kit, "lead-01");
    REQUIRE_FALSE(path.empty());

    const HttpReply page = http(kit.port("http"), "GET", path);
    CHECK(page.status == 200);
    CHECK(page.body.find("我来接话") != std::string::npos);
    CHECK(page.headers.at("cache-control") == "no-store");
    CHECK(page.headers.at("referrer-policy") == "same-origin");
    CHECK(kit.ctl({"incidents"}).out.find("0/2") != std::string::npos);  // looking is no answer

    CHECK(press(kit, path, "action=join").status == 200);
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    CHECK(press(kit, path, "action=join").status == 200);  // pressed twice
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    std::string forged = path;
    forged.back() = forged.back() == 'A' ? 'Q' : 'A';
    CHECK(press(kit, forged, "action=join").status == 404);

    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    kit.start();
    CHECK(http(kit.port("http"), "GET", path).body.find("已到岗") != std::string::npos);  // same key, same seat
    const std::string show = kit.ctl({"show", "0-1", "--timeline", "--json"}).out;
    CHECK(show.find("\"way\":\"link\"") != std::string::npos);
    REQUIRE(press(kit, path_for(kit, "lead-02"), "action=join").status == 200);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    CHECK(kit.pages("close").front().body.find("\"link\":\"\"") != std::string::npos);
    CHECK(press(kit, path_for(kit, "lead-03"), "action=join").status == 409);  // crossed with the end
}

TEST_CASE("app: a reload of ack_url_base counts at once for the names that are served; of trusted_proxies it says that it needs a restart",
          "[integration]") {
    DaemonKit kit;
    kit.ack_url_base = "https://one.example";
    kit.write_config();
    kit.start();
    const auto status = [&](const char* host) { return http(kit.port("http"), "GET", "/api/v1/status", {{"Host", host}}).status; };
    CHECK(status("one.example") == 200);
    CHECK(status("two.example") == 403);
    kit.ack_url_base = "https://two.example/in";
    kit.write_config();
    CHECK(kit.ctl({"reload"}).code == 0);
    CHECK(status("one.example") == 403);
    CHECK(status("two.example") == 200);
    kit.write_config("[[rule]]\nid = \"broken\"\n");
    CHECK(kit.ctl({"reload"}).code == 1);
    CHECK(status("two.example") == 200);  // what was refused changes nothing

    kit.write_config();
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    text.insert(text.find("[http]\n") + 7, "trusted_proxies = [\"127.0.0.1\"]\n");
    std::ofstream(kit.config, std::ios::trunc) << text;
    CHECK(kit.ctl({"reload"}).out.find("needs a restart: [http]") != std::string::npos);
}
