#include <csignal>
#include <filesystem>
#include <set>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("app: kill -9 in an open incident; the restart goes on with it and pages nobody twice", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    // The outcomes of the three pages must be durable, or the restart rightly repeats them.
    REQUIRE(eventually([&] { return kit.recorded("page.accepted") == 3; }));
    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);

    kit.start();
    CHECK(kit.daemon->err().find("records replayed") != std::string::npos);
    const Finished open = kit.ctl({"incidents"});
    CHECK(open.out.find("0-1") != std::string::npos);
    CHECK(open.out.find("1/2") != std::string::npos);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("filled") != std::string::npos);
    CHECK(kit.pages("first").size() == 3);

    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    CHECK(eventually([&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));
    CHECK(kit.pages("close").size() == 3);
}

TEST_CASE("app: an answer confirmed before kill -9 is there after it, and the same answer again changes nothing",
          "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    REQUIRE(kit.ctl({"join", "--as", "lead-03"}).code == 0);
    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);

    kit.start();
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    CHECK(kit.ctl({"join", "--as", "lead-03"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
}

TEST_CASE("app: a clean stop and start keeps incident, alerts and windows", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    kit.daemon->signal(SIGTERM);
    REQUIRE(kit.daemon->wait(5s) == 0);

    kit.start();
    CHECK(kit.daemon->err().find("windows start empty", kit.started_at) == std::string::npos);
    CHECK(kit.ctl({"incidents"}).out.find("paging") != std::string::npos);
    CHECK(kit.ctl({"alerts"}).out.find("firing") != std::string::npos);
    CHECK(kit.pages("first").size() == 3);
}

TEST_CASE("app: a sink that fails is tried again until it takes the page", "[integration]") {
    DaemonKit kit;
    kit.start();
    kit.sink.always({503, "", {}, 0ms, SinkAnswer::Manner::normal, 20ms});
    REQUIRE(kit.feed_until(20, [&] { return kit.sink.count() >= 3; }));
    kit.sink.always({});
    CHECK(eventually([&] {
        const std::string show = kit.ctl({"show", "0-1", "--timeline", "--json"}).out;
        return show.find("page.failed_temp") != std::string::npos && show.find("page.accepted") != std::string::npos;
    }));
}

TEST_CASE("app: after the store is lost the same page leaves under another key, and a sink that honours keys pages again", "[integration]") {
    DaemonKit kit;
    const auto keys = [&] {
        std::set<std::string> out;
        for (const auto& page : kit.pages("first")) {
            out.insert(page.headers.at("idempotency-key"));
        }
        return out;
    };
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto before = keys();
    REQUIRE(before.size() == 3);
    CHECK(before.begin()->find(":0-1/1/lead-01/") == 16);
    kit.daemon->signal(SIGTERM);
    REQUIRE(kit.daemon->wait(5s) == 0);
    for (const char* file : {"surged.db", "surged.db-wal", "surged.db-shm", "surged.db.series"}) {
        std::filesystem::remove(kit.dir.file(file));
    }
    kit.start();
    INFO(kit.daemon->err());
    REQUIRE(kit.pusher != nullptr);
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 6; }));
    CHECK(kit.ctl({"incidents"}).out.find("0-1") != std::string::npos);  // the number begins again, the keys do not
    CHECK(keys().size() == 6);
}
