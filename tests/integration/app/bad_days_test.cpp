// Bad days on the real daemon: a storm, a feed that dies, every way out dead, a long downtime, a person removed.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/encode_message.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Replaces every `what` in the kit's configuration.
void edit(const DaemonKit& kit, const std::string& what, const std::string& with) {
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    REQUIRE(text.find(what) != std::string::npos);
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    std::ofstream(kit.config, std::ios::trunc) << text;
}

std::size_t times(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) {
        ++n;
    }
    return n;
}

}  // namespace

TEST_CASE("app: 200 incidents within a second: every page comes, once, and the store agrees with the sink", "[integration]") {
    constexpr int centres = 200;
    DaemonKit kit;
    edit(kit, "scope = { centre = \"jinan\" }", "scope = { centre = \"*\" }");
    kit.start();
    std::uint64_t seq = 0;
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < centres; ++i) {
        surged::Message message;
        message.source = "storm";
        message.seq = ++seq;
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        message.ts = surged::source_time(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
        const auto centre = "c" + std::to_string(i);
        message.parts.push_back({centre, "general", "voice", message.ts, 0, 1});
        message.values.push_back({"calls_waiting", 50});
        kit.pusher->push(surged::encode_json(message));
        std::this_thread::sleep_until(began + 5ms * (i + 1));
    }
    REQUIRE(kit.sink.wait_for(3 * centres, 30s));
    // Taken by the sink is not yet known to the store: the outcomes come a moment later.
    std::string status;
    CHECK(eventually([&] {
        status = kit.ctl({"status"}).out;
        return status.find("channel hook: 0 pages under way") != std::string::npos;
    }));
    INFO(status);
    std::map<std::string, int> copies;
    for (const auto& request : kit.sink.requests()) {
        ++copies[request.headers.at("idempotency-key")];
    }
    CHECK(copies.size() == 3 * centres);
    CHECK(std::all_of(copies.begin(), copies.end(), [](const auto& entry) { return entry.second == 1; }));
    const auto incidents = kit.ctl({"incidents", "--json"}).out;
    CHECK(times(incidents, "\"incident\":\"") == centres);
    const auto show = kit.ctl({"show", "0-" + std::to_string(centres), "--timeline", "--json"}).out;
    CHECK(times(show, "page.accepted") == 3);
}

TEST_CASE("app: 200 incidents of one message become durable in pieces: every page comes, once, and the log has each in order", "[integration]") {
    constexpr int centres = 200;
    DaemonKit kit;
    edit(kit, "scope = { centre = \"jinan\" }", "scope = { centre = \"*\" }");
    kit.start();
    surged::Message message;
    message.source = "storm";
    message.seq = 1;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    message.ts = surged::source_time(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    std::vector<std::string> names;
    for (int i = 0; i < centres; ++i) {
        names.push_back("c" + std::to_string(i));
    }
    for (std::uint32_t i = 0; i < centres; ++i) {
        message.parts.push_back({names[i], "general", "voice", message.ts, i, 1});
        message.values.push_back({"calls_waiting", 50});
    }
    kit.pusher->push(surged::encode_json(message));
    const bool came = kit.sink.wait_for(3 * centres, 60s);
    INFO(kit.sink.count() << " pages");
    REQUIRE(came);
    CHECK(eventually([&] { return kit.ctl({"status"}).out.find("channel hook: 0 pages under way") != std::string::npos; }, 20s));
    std::map<std::string, int> copies;
    for (const auto& request : kit.sink.requests()) {
        ++copies[request.headers.at("idempotency-key")];
    }
    CHECK(copies.size() == 3 * centres);
    CHECK(std::all_of(copies.begin(), copies.end(), [](const auto& entry) { return entry.second == 1; }));
    for (const int incident : {1, centres / 2, centres}) {
        const auto show = kit.ctl({"show", "0-" + std::to_string(incident), "--timeline", "--json"}).out;
        CHECK(times(show, "page.sending") == 3);
        CHECK(times(show, "page.accepted") == 3);
    }
}

TEST_CASE("app: a feed that dies neither ends nor raises an incident: the people are told once that surged is blind",
          "[integration]") {
    DaemonKit kit;
    edit(kit, "stale_after = \"5m\"", "stale_after = \"1s\"");
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));

    REQUIRE(eventually([&] { return kit.pages("blind").size() == 3; }));  // nothing more is fed
    std::this_thread::sleep_for(1500ms);                                  // longer than resolve_hold
    CHECK(kit.pages("blind").size() == 3);
    CHECK(kit.pages("close").empty());
    CHECK(kit.ctl({"incidents"}).out.find("0-1") != std::string::npos);

    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));  // data is back, and it is over
}

TEST_CASE("app: every way out is dead: nobody is reached, it is shown, and readiness and metrics go on", "[integration]") {
    DaemonKit kit;
    // Port 1 of the own host: refused at once, as a firewall or a dead proxy does.
    edit(kit, kit.sink.url("/page"), "http://127.0.0.1:1/page");
    edit(kit, "language = \"en\"", "language = \"en\"\npage_deadline = \"10s\"");
    kit.start();
    REQUIRE(kit.pusher != nullptr);
    REQUIRE(kit.feed_until(
        20, [&] { return kit.ctl({"incidents"}).out.find("exhausted") != std::string::npos; }, 60s));
    const auto show = kit.ctl({"show", "0-1", "--timeline", "--json"}).out;
    INFO(show);
    CHECK(show.find("seat.unreachable") != std::string::npos);
    CHECK(show.find("incident.exhausted") != std::string::npos);
    CHECK(show.find("page.accepted") == std::string::npos);
    CHECK(kit.sink.count() == 0);
    CHECK(http(kit.port("http"), "GET", "/healthz").status == 200);
    CHECK(eventually([&] {
        const auto page = http(kit.port("metrics"), "GET", "/metrics").body;
        return page.find("surged_pages_total{channel=\"hook\",outcome=\"expired\"}") != std::string::npos ||
               page.find("surged_pages_total{channel=\"hook\",outcome=\"failed_perm\"}") != std::string::npos;
    }));
}

TEST_CASE("app: a long downtime makes one tier overdue at the restart, not all of them at once", "[integration]") {
    DaemonKit kit;
    edit(kit, "wait = \"1m\"", "wait = \"2s\"");
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(eventually([&] { return times(kit.ctl({"show", "0-1", "--timeline", "--json"}).out, "page.accepted") == 3; }));
    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    std::this_thread::sleep_for(5s);  // both waits are over by now

    const auto back = std::chrono::steady_clock::now();
    kit.start();
    REQUIRE(eventually([&] { return kit.pages("first").size() == 5; }, 5s));  // the supervisors, at once
    REQUIRE(eventually([&] { return kit.pages("first").size() == 6; }, 20s));
    // No fresh sample confirmed the surge: the boss was called when ten seconds had passed.
    CHECK(kit.pages("first").back().first_byte - back > 9s);
}

TEST_CASE("app: a reload that removes a person in mid-incident frees their seat and calls others for it", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    REQUIRE(kit.ctl({"decline", "--as", "lead-02"}).code == 0);
    REQUIRE(kit.ctl({"join", "--as", "lead-03"}).code == 0);
    REQUIRE(kit.ctl({"incidents"}).out.find("filled") != std::string::npos);

    edit(kit, "[[person]]\nid = \"lead-01\"\nname = \"lead-01\"\nrole = \"lead\"\nreach = { normal = [{ via = \"hook\" }] }\n",
         "");
    edit(kit, "\"lead-01\", ", "");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 30s));

    REQUIRE(eventually([&] { return kit.pages("first").size() == 5; }));  // the next tier, for the one seat
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    CHECK(kit.ctl({"show", "0-1", "--timeline", "--json"}).out.find("removed from the configuration") != std::string::npos);
}
