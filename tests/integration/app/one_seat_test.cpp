// One person, several incidents, on the real daemon: one message with the list, one page to answer all of them, one seat.
#include <csignal>
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/encode_message.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string base = "https://surge.example/in";

/// One message in which these centres have so many waiting.
void feed(DaemonKit& kit, const std::vector<std::string>& centres, double waiting) {
    Message message;
    message.source = "acd";
    message.seq = ++kit.seq;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    message.ts = source_time(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    for (const auto& centre : centres) {
        const auto at = static_cast<std::uint32_t>(message.values.size());
        message.parts.push_back({centre, "general", "voice", message.ts, at, 1});
        message.values.push_back({"calls_waiting", waiting});
    }
    kit.pusher->push(encode_json(message));
}

void edit(const DaemonKit& kit, const std::string& what, const std::string& with) {
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    std::ofstream(kit.config, std::ios::trunc) << text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("app: two incidents at once call each person once, are answered from one page, and give one seat, over kill -9",
          "[integration]") {
    DaemonKit kit;
    kit.ack_url_base = base;
    kit.write_config();
    edit(kit, "scope = { centre = \"jinan\" }", "scope = { centre = \"*\" }");
    edit(kit, "type = \"webhook\"\n", "type = \"webhook\"\ncoalesce = true\n");
    kit.start();
    feed(kit, {"jinan", "qingdao"}, 50);
    REQUIRE(kit.sink.wait_for(3, 10s));
    const auto show = [&](const std::string& id) { return kit.ctl({"show", id, "--timeline", "--json"}).out; };
    REQUIRE(eventually([&] { return show("0-1").find("page.accepted") != std::string::npos; }));
    REQUIRE(eventually([&] { return show("0-2").find("page.accepted") != std::string::npos; }));
    CHECK(kit.sink.requests().size() == 3);
    const auto page = parse_json(kit.sink.requests().front().body);
    REQUIRE(page);
    const auto* also = page->find("also");
    REQUIRE((also != nullptr && also->array() != nullptr && also->array()->size() == 1));
    CHECK(also->array()->front().text_or("incident", "") == "0-2");
    CHECK(page->text_or("text", "").find("1 more: qingdao yellow, 2 short") != std::string::npos);

    const auto person = page->find("people")->array()->front().text_or("person", "");
    const auto path = page->text_or("link", "").substr(base.size());
    const auto press = [&](const std::string& form) {
        return http(kit.port("http"), "POST", path, {{"Content-Type", "application/x-www-form-urlencoded"}}, form);
    };
    const auto looked = http(kit.port("http"), "GET", path).body;
    CHECK(looked.find("您还被以下事件呼叫") != std::string::npos);
    CHECK(looked.find("qingdao") != std::string::npos);
    CHECK(press("action=join&incident=0-2").status == 200);
    CHECK(press("action=join&incident=0-1").status == 409);
    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    kit.start();
    CHECK(kit.ctl({"join", "--as", person, "0-1"}).code == 1);
    const auto moved = kit.ctl({"join", "--as", person, "--move", "0-1"});
    CHECK(moved.code == 0);
    CHECK(moved.out.find("you have a seat") != std::string::npos);
    CHECK(show("0-2").find("moved to incident 0-1") != std::string::npos);
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
}
