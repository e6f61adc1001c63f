#include <csignal>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const char* second_rule =
    "[[rule]]\nid = \"second\"\nkind = \"threshold\"\nmetric = \"oldest_wait_s\"\n"
    "yellow = { raise = \"> 40\", clear = \"< 30\" }\n";

}  // namespace

TEST_CASE("app: SIGHUP with a good configuration takes it; one with an error changes nothing and says why", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();

    kit.write_config(second_rule);
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 10s));
    CHECK(kit.ctl({"status", "--json"}).out.find("\"rule\":\"second\"") != std::string::npos);

    kit.write_config("[[rule]]\nid = \"broken\"\n");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reload_refused", 10s));
    const std::string status = kit.ctl({"status", "--json"}).out;
    CHECK(status.find("\"rule\":\"second\"") != std::string::npos);
    CHECK(status.find("\"reload_ok\":false") != std::string::npos);
    CHECK(status.find("surged.toml:") != std::string::npos);
}

TEST_CASE("app: surgectl reload tells what changed, or every error with exit 1", "[integration]") {
    DaemonKit kit;
    kit.start();
    kit.write_config(second_rule);
    const Finished good = kit.ctl({"reload"});
    CHECK(good.code == 0);
    CHECK(good.out.find("second: new") != std::string::npos);

    kit.write_config("[[rule]]\nid = \"broken\"\n");
    const Finished bad = kit.ctl({"reload"});
    CHECK(bad.code == 1);
    CHECK(bad.err.find("surged.toml:") != std::string::npos);
}

TEST_CASE("app: a reload in the middle of an incident keeps it and its people", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);

    kit.write_config(second_rule);
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 10s));

    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("filled") != std::string::npos);
    CHECK(kit.pages("first").size() == 3);
}

TEST_CASE("app: a changed listener is said to need a restart", "[integration]") {
    DaemonKit kit;
    Process& daemon = kit.start();
    kit.write_config("[ingest.limits]\nskew = \"30s\"\n");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("event=reloaded", 10s));
    CHECK(daemon.err().find("needs a restart") == std::string::npos);

    kit.write_config("[ingest.curve]\nsecret_key_file = \"none\"\n");
    daemon.signal(SIGHUP);
    REQUIRE(daemon.wait_for_err("needs a restart: [ingest]", 10s));
}
