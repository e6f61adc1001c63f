// What lets people trust it, on the real programs: explain, the timeline's alert lines, overload, a configuration that can hear
// nothing.
#include <chrono>
#include <ctime>
#include <fstream>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::string incident_of(DaemonKit& kit) {
    const Finished list = kit.ctl({"incidents", "--json"});
    const std::size_t at = list.out.find("\"incident\":\"") + 12;
    return list.out.substr(at, list.out.find('"', at) - at);
}
}  // namespace

TEST_CASE("app: explain tells inputs, limits in force and why each tier was or was not called", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const Finished text = kit.ctl({"explain", "waiting", "jinan/general"});
    INFO(text.out << text.err);
    CHECK(text.code == 0);
    CHECK(text.out.find("state     firing yellow") != std::string::npos);
    CHECK(text.out.find("calls_waiting = 20") != std::string::npos);
    CHECK(text.out.find("yellow raise > 10 for 0s, clear < 5 for 0s: on since") != std::string::npos);
    CHECK(text.out.find("it counts in 0-1") != std::string::npos);
    CHECK(text.out.find("tier 1 leads: called") != std::string::npos);
    CHECK(text.out.find("tier 2 supervisors: not yet: tier 1 has until") != std::string::npos);
    CHECK(text.out.find("sup-01 not asked (the tier was not called)") != std::string::npos);
    const Finished json = kit.ctl({"--json", "explain", "waiting", "jinan/general/voice"});
    CHECK(json.out.find("\"paging\":{\"why\":\"it counts in 0-1\"") != std::string::npos);

    CHECK(kit.ctl({"explain", "no-such", "jinan/general"}).code == 1);
    CHECK(kit.ctl({"explain", "waiting", "jinan"}).code == 2);
    CHECK(kit.ctl({"explain", "waiting", "mars/general"}).out.find("CANNOT FIRE HERE: nothing was ever heard") !=
          std::string::npos);
    CHECK(http(kit.port("http"), "GET", "/api/v1/explain?rule=waiting").status == 400);
}

TEST_CASE("app: explain looks back into the log: the alert, the incident, tiers called by then and not", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto whole = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now());
    std::this_thread::sleep_until(whole + 10ms);  // times on the command line are whole seconds
    // Of the centre's zone (Asia/Shanghai, eight hours before UTC at all times), not of whoever asks.
    const std::time_t then = std::chrono::system_clock::to_time_t(whole + std::chrono::hours{8});
    std::tm civil{};
    gmtime_r(&then, &civil);
    char at[32];
    std::strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%S", &civil);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));

    const Finished text = kit.ctl({"explain", "waiting", "jinan/general", "--at", at});
    INFO(text.out << text.err);
    CHECK(text.code == 0);
    CHECK(text.out.find(", by the log of incident 0-1\n") != std::string::npos);
    CHECK(text.out.find("waiting jinan/general yellow: 20, limit > 10") != std::string::npos);
    CHECK(text.out.find("  then     ") != std::string::npos);  // it is over by now, and was not then
    CHECK(text.out.find("  tier 1   called at ") != std::string::npos);
    CHECK(text.out.find("lead-01 asked") != std::string::npos);
    CHECK(text.out.find("  tier 2   called") == std::string::npos);
    CHECK(text.out.ends_with("times are of Asia/Shanghai\n"));
    const Finished json = kit.ctl({"--json", "explain", "waiting", "jinan/general", "--at", at});
    CHECK(json.out.find("\"next\":{") != std::string::npos);

    CHECK(kit.ctl({"explain", "waiting", "jinan/general", "--at", "2001-01-01"}).code == 1);
    CHECK(kit.ctl({"explain", "waiting", "jinan/general", "--at", "2199-01-01"}).code == 2);
    CHECK(kit.ctl({"explain", "waiting", "jinan/general", "--at", "yesterday"}).code == 2);
}

TEST_CASE("app: a timeline shows which alerts opened, joined and left the incident", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const std::string id = incident_of(kit);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    const Finished show = kit.ctl({"show", id, "--timeline"});
    INFO(show.out);
    const auto fired = show.out.find("alert.firing");
    CHECK(fired != std::string::npos);
    CHECK(fired < show.out.find("incident.opened"));
    CHECK(show.out.find("waiting jinan/general yellow: 20, limit > 10") != std::string::npos);
    CHECK(show.out.find("alert.ok") != std::string::npos);
}

TEST_CASE("app: the series limit becomes one page of the overload policy", "[integration]") {
    DaemonKit kit;
    kit.write_config(
        "[ingest.limits]\nseries = 1\n[overload]\npolicy = \"admin\"\nraise_after = \"0s\"\n"
        "[[policy]]\nid = \"admin\"\nneed = 1\nfallback = [\"boss\"]\n"
        "[[policy.tier]]\nid = \"boss\"\nrosters = [\"bosses\"]\nwait = \"1h\"\n");
    kit.start();
    kit.feed(1);
    for (int i = 0; i < 50; ++i) {
        kit.pusher->push("{\"v\":1,\"source\":\"other\",\"epoch\":1,\"seq\":" + std::to_string(i + 1) + ",\"ts\":" +
                         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                            std::chrono::system_clock::now().time_since_epoch())
                                            .count()) +
                         ",\"queues\":[{\"centre\":\"c" + std::to_string(i) +
                         "\",\"queue\":\"q\",\"m\":{\"calls_waiting\":1}}]}");
    }
    REQUIRE(eventually([&] { return !kit.pages("first").empty(); }));
    CHECK(kit.pages("first").size() == 1);
    CHECK(kit.pages("first")[0].body.find("series limit reached") != std::string::npos);
    CHECK(kit.ctl({"alerts"}).out.find("surged-overload") != std::string::npos);
}

TEST_CASE("app: an [ingest] that nothing can come through stops the start with a clear error", "[integration]") {
    DaemonKit kit;
    std::ofstream(kit.config, std::ios::trunc) << "[ingest]\nhwm = 5\n[store]\npath = \"surged.db\"\n";
    Process& daemon = kit.start();
    CHECK(daemon.wait(10s) == 2);
    CHECK(daemon.err().find("[ingest] needs `bind` or `subscribe`") != std::string::npos);
}

TEST_CASE("app: reload through surgectl prints what was kept, re-evaluated and closed", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    const Finished reload = kit.ctl({"reload"});
    INFO(reload.out << reload.err);
    CHECK(reload.code == 0);
    CHECK(reload.out.find("kept") != std::string::npos);
    CHECK(reload.out.find("re-evaluated") != std::string::npos);
    CHECK(reload.out.find("closed") != std::string::npos);
}
