#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("app: a breach becomes pages, joins fill the seats, and everybody paged hears of the end", "[integration]") {
    DaemonKit kit;
    kit.start();

    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));  // tier 1, all three
    const Finished open = kit.ctl({"incidents"});
    CHECK(open.code == 0);
    CHECK(open.out.find("paging") != std::string::npos);

    const Finished first = kit.ctl({"join", "--as", "lead-01"});
    INFO(first.err);
    CHECK(first.code == 0);
    CHECK(kit.ctl({"join", "--as", "lead-02", "--json"}).out.find("\"need\":2") != std::string::npos);
    CHECK(kit.ctl({"incidents"}).out.find("filled") != std::string::npos);
    CHECK(kit.pages("first").size() == 3);  // the second tier was never called

    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() >= 3; }));
    const auto closing = kit.pages("close");
    CHECK(closing.size() == 3);
    for (const char* person : {"lead-01", "lead-02", "lead-03"}) {
        CHECK(std::count_if(closing.begin(), closing.end(), [&](const auto& page) {
                  return page.body.find("\"person\":\"" + std::string(person)) != std::string::npos;
              }) == 1);
    }
    CHECK(eventually([&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));
}

TEST_CASE("app: the timeline of an incident tells who answered, when and by which way", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01", "--reason", "on my way"}).code == 0);

    const Finished list = kit.ctl({"incidents", "--json"});
    const std::size_t at = list.out.find("\"incident\":\"") + 12;
    const std::string id = list.out.substr(at, list.out.find('"', at) - at);
    const Finished show = kit.ctl({"show", id, "--timeline", "--json"});

    INFO(show.out);
    CHECK(show.out.find("\"type\":\"incident.opened\"") != std::string::npos);
    CHECK(show.out.find("\"type\":\"answer\"") != std::string::npos);
    CHECK(show.out.find("\"way\":\"cli\"") != std::string::npos);
    CHECK(show.out.find("on my way") != std::string::npos);
    CHECK(kit.ctl({"show", id}).out.find("lead-01") != std::string::npos);
    CHECK(kit.ctl({"show", "0-999"}).code == 1);
}

TEST_CASE("app: the metrics page shows the queue, the alert and the incident", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));

    std::string page;
    const auto shown = [&](const std::string& text) {
        return eventually([&] {
            page = http(kit.port("metrics"), "GET", "/metrics").body;
            return page.find(text) != std::string::npos;
        });
    };
    CHECK(shown("surged_queue_calls_waiting{"));
    CHECK(shown("surged_alert_level{"));
    CHECK(shown("surged_incident_level{"));
    CHECK(shown("surged_decision_seconds_count"));
    CHECK(shown("surged_page_seconds_count 3"));
    INFO(page);
    CHECK(page.find("surged_page_seconds_count 3") != std::string::npos);
}

TEST_CASE("app: metrics tell when an incident opened, how long help took, and the limits in force after a reload", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    const auto shown = [&](const std::string& text) {
        return eventually([&] { return http(kit.port("metrics"), "GET", "/metrics").body.find(text) != std::string::npos; });
    };
    CHECK(shown("surged_incident_opened_timestamp_seconds{policy=\"surge\",scope=\"centre=jinan\",centre=\"jinan\",incident=\"0-1\"} 1"));
    CHECK(shown("surged_time_to_help_seconds_count{policy=\"surge\",help=\"first\"} 0"));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    CHECK(shown("surged_time_to_help_seconds_count{policy=\"surge\",help=\"half\"} 1"));
    CHECK(shown("surged_time_to_help_seconds_count{policy=\"surge\",help=\"full\"} 0"));
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    CHECK(shown("surged_time_to_help_seconds_count{policy=\"surge\",help=\"full\"} 1"));
    CHECK(shown("metric=\"surged_queue_calls_waiting\",level=\"yellow\",edge=\"raise\",side=\"above\",unit=\"plain\"} 10\n"));

    std::ostringstream text;
    text << std::ifstream(kit.config).rdbuf();
    std::string changed = text.str();
    changed.replace(changed.find("> 10"), 4, "> 12");
    std::ofstream(kit.config) << changed;
    daemon.signal(SIGHUP);
    CHECK(shown("metric=\"surged_queue_calls_waiting\",level=\"yellow\",edge=\"raise\",side=\"above\",unit=\"plain\"} 12\n"));
}

TEST_CASE("app: follow tells of decisions as they are made", "[integration]") {
    DaemonKit kit;
    kit.start();
    Process follow(std::string(SURGED_BIN_DIR) + "/surgectl",
                   {"--server", "http://" + kit.address("http"), "--json", "follow", "--types", "incident", "--for", "20"},
                   kit.dir.file("follow"));
    REQUIRE(kit.feed_until(20, [&] {
        return follow.out().find("\"type\":\"incident.opened\"") != std::string::npos || !kit.pages("first").empty();
    }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    CHECK(eventually([&] { return follow.out().find("\"type\":\"incident.filled\"") != std::string::npos; }));
    CHECK(follow.out().find("\"type\":\"page.") == std::string::npos);
}

TEST_CASE("app: hostile bytes are counted and the next good message is used", "[integration]") {
    DaemonKit kit;
    kit.start();
    for (const char* bytes : {"", "{", "not json at all", "{\"v\":9}", "\xFF\xFE\x00\x01"}) {
        kit.pusher->push(bytes);
    }
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    CHECK(kit.ctl({"status", "--json"}).out.find("\"malformed\"") != std::string::npos);
}
