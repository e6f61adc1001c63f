// The live feeder against an event socket that misbehaves: no crash, no wrong counter, one line of log, resumed by itself.
#include "feed/run_freeswitch.hpp"

#include <algorithm>
#include <random>

#include "fake_event_socket.hpp"
#include "switch_live_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
struct FsWorld : SwitchWorld<FreeswitchRunOptions> {
    explicit FsWorld(const FakeEventSocket& fs) : SwitchWorld(run_feed_freeswitch, fs.port(), "ClueCon", "fs1") {}
};
void fs_join(FakeEventSocket& fs, const std::string& call) {
    REQUIRE(fs.event("member-queue-start", {{"CC-Queue", "q"}, {"CC-Member-UUID", call}}));
}
void fs_answered(FakeEventSocket& fs, const std::string& call) {
    REQUIRE(fs.event("bridge-agent-start", {{"CC-Queue", "q"}, {"CC-Agent", "ann"}, {"CC-Member-UUID", call}}));
    REQUIRE(fs.event("agent-state-change", {{"CC-Agent", "ann"}, {"CC-Agent-State", "In a queue call"}}));
}
}  // namespace

TEST_CASE("feed freeswitch: a caller is on the wall within a moment, and what came of him too", "[integration]") {
    FakeEventSocket fs;
    FsLists lists;
    lists.agents = {{"ann", {}}};
    lists.tiers = {{"q", "ann"}};
    fs.list(lists);
    FsWorld world(fs);
    auto feed = world.start();
    REQUIRE(world.sees("agents_available", 1));
    const auto began = steady_now_ms();
    fs_join(fs, "1");
    REQUIRE(world.sees("calls_waiting", 1));
    CHECK(steady_now_ms() - began < 1000);
    fs_answered(fs, "1");
    REQUIRE(world.sees("answered", 1));
    REQUIRE(world.sees("agents_on_call", 1));
    CHECK(world.last().centre == "north");
    CHECK(world.last().source == "fs1");
    CHECK(world.last().m.at("offered") == 1);
    CHECK(feed.finish() == 0);
    CHECK(lines(feed.err(), "event=freeswitch_connected") == 1);
    CHECK(feed.err().find("ClueCon") == std::string::npos);
    CHECK(world.daemon.refused == 0);
}

TEST_CASE("feed freeswitch: a connection that dies in the middle of an event is one line, and is made up for", "[integration]") {
    FakeEventSocket fs;
    FsWorld world(fs);
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    const auto epoch = world.last().epoch;
    for (const auto* call : {"1", "2", "3"}) {
        fs_join(fs, call);
    }
    REQUIRE(world.sees("calls_waiting", 3));
    FsLists lists;
    lists.queues["q"] = {1, 1, {{"3", "Waiting", 1}, {"4", "Waiting", 2}}};  // meanwhile 1 was answered, 2 gave up, 4 came
    fs.list(lists);
    REQUIRE(fs.send("Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Name: CUS"));
    fs.drop();
    REQUIRE(world.sees("offered", 4));
    CHECK(world.last().m.at("calls_waiting") == 2);
    CHECK(world.last().m.at("answered") == 1);
    CHECK(world.last().m.at("abandoned") == 1);
    CHECK(world.last().epoch == epoch);
    REQUIRE(eventually([&] { return lines(feed.err(), "event=freeswitch_back") == 1; }));
    CHECK(lines(feed.err(), "event=freeswitch_lost") == 1);
    CHECK(feed.finish() == 0);
}

TEST_CASE("feed freeswitch: one that connects and drops all the time is one line a minute", "[integration]") {
    FakeEventSocket fs;
    FsWorld world(fs);
    auto feed = world.start();
    for (int i = 0; i < 6; ++i) {
        REQUIRE(eventually([&] { return fs.lists() > i; }));
        fs.drop();
    }
    REQUIRE(eventually([&] { return fs.lists() > 6; }));
    CHECK(lines(feed.err(), "event=freeswitch_lost") == 1);
    CHECK(feed.finish() == 0);
}

TEST_CASE("feed freeswitch: a restart of the switch is a new epoch from zero", "[integration]") {
    FakeEventSocket fs;
    FsWorld world(fs);
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    fs_join(fs, "1");
    fs_join(fs, "2");
    fs_answered(fs, "1");
    REQUIRE(world.sees("answered", 1));
    const auto epoch = world.last().epoch;
    FakeEventSocket::Way anew;
    anew.core = "core-2";
    fs.change(anew);
    REQUIRE(fs.send(fs_frame("text/disconnect-notice", "Disconnected, goodbye.\n")));
    fs.drop();
    REQUIRE(world.daemon.until([&](const auto& got) { return got.back().epoch == epoch + 1; }));
    CHECK(world.last().m.at("offered") == 0);
    CHECK(world.last().m.at("calls_waiting") == 0);
    // The last counts left under the old epoch.
    CHECK(world.last_of(epoch).m.at("answered") == 1);
    CHECK(world.last_of(epoch).m.at("offered") == 2);
}

TEST_CASE("feed freeswitch: bytes one by one, a body of forty megabytes and rubbish cost nothing and nobody", "[integration]") {
    FakeEventSocket fs;
    FsWorld world(fs);
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    const auto one = fs_frame("text/event-plain",
                              fs_event_body(0, {{"CC-Action", "member-queue-start"}, {"CC-Queue", "q"}, {"CC-Member-UUID", "1"}}));
    for (const char c : one) {
        REQUIRE(fs.send(std::string(1, c)));
    }
    REQUIRE(fs.send(one));
    REQUIRE(fs.send(fs_frame("text/event-plain", std::string(40'000'000, 'x'))));
    fs_join(fs, "2");
    REQUIRE(world.sees("offered", 2));
    CHECK(fs.connections() == 1);
    FsLists lists;
    lists.queues["q"].members = {{"1", "Waiting", 1}, {"2", "Waiting", 1}};
    fs.list(lists);
    std::mt19937 random(7);
    std::string rubbish(20'000, '\0');
    std::generate(rubbish.begin(), rubbish.end(), [&] { return static_cast<char>(random()); });
    REQUIRE(fs.send(rubbish + "\n\n"));
    // Not at the login: the list, which names 1 and 2 only, would then take 3 away again.
    REQUIRE(eventually([&] { return lines(feed.err(), "event=freeswitch_back") == 1; }));
    CHECK(fs.logins() == 2);
    fs_join(fs, "3");
    REQUIRE(world.sees("offered", 3));
    CHECK(world.last().m.at("calls_waiting") == 3);
    CHECK(lines(feed.err(), "event=freeswitch_broken") == 1);
    CHECK(world.daemon.refused == 0);
}

TEST_CASE("feed freeswitch: a wrong password is one line with its reason, and is tried again until it is right", "[integration]") {
    FakeEventSocket fs;
    FakeEventSocket::Way other;
    other.secret = "another";
    fs.change(other);
    FsWorld world(fs);
    auto feed = world.start();
    REQUIRE(eventually([&] { return fs.connections() >= 4; }));
    CHECK(fs.logins() == 0);
    CHECK(lines(feed.err(), "event=") == 1);
    CHECK(feed.err().find("event=freeswitch_login_refused server=127.0.0.1:" + fs.port() + " error=\"-ERR invalid\"\n") == 0);
    fs.change({});
    REQUIRE(world.sees("calls_waiting", 0));
}

TEST_CASE("feed freeswitch: nobody there, a port of something else, a module that is not loaded yet", "[integration]") {
    auto gone = std::make_unique<FakeEventSocket>();
    FsWorld world(*gone);
    gone.reset();
    auto feed = world.start();
    REQUIRE(eventually([&] { return lines(feed.err(), "event=freeswitch_unreachable") == 1; }));
    CHECK(feed.err().find("Connection refused") != std::string::npos);
    CHECK(feed.finish() == 0);

    FakeEventSocket dumb;
    FakeEventSocket::Way way;
    way.greets = false;
    dumb.change(way);
    FsWorld there(dumb);
    auto second = there.start();
    REQUIRE(eventually([&] { return dumb.connections() == 1; }));
    REQUIRE(eventually([&] { return dumb.send("220 mail.example ESMTP\r\n"); }));
    REQUIRE(eventually([&] { return lines(second.err(), "event=freeswitch_not_event_socket") == 1; }));
    CHECK(second.finish() == 0);

    FakeEventSocket loading;
    way = {};
    way.module = false;
    loading.change(way);
    FsWorld waits(loading);
    auto third = waits.start();
    REQUIRE(eventually([&] { return loading.lists() == 1; }));
    loading.change({});
    REQUIRE(waits.sees("calls_waiting", 0));  // five seconds later
    CHECK(loading.connections() == 1);
}

TEST_CASE("feed freeswitch: options that cannot work end at once with 2", "[integration]") {
    FakeEventSocket fs;
    const auto run = [&](const std::function<void(FreeswitchRunOptions&)>& spoil) {
        FsWorld world(fs);
        spoil(world.options);
        auto feed = world.start();
        const auto code = feed.wait();
        CHECK(lines(feed.err(), "\n") == 1);
        return code;
    };
    CHECK(run([](auto& o) { o.user = "no domain"; }) == 2);
    CHECK(run([](auto& o) { o.user = "a@b\n\napi shutdown"; }) == 2);
    CHECK(run([](auto& o) { o.user = "a:x@b"; }) == 2);
    CHECK(run([](auto& o) { o.secret_file = ""; }) == 2);
    CHECK(run([](auto& o) { o.secret_file = "/nonexistent/secret"; }) == 2);
    CHECK(run([](auto& o) { o.live.to = {"nonsense"}; }) == 2);
    CHECK(run([](auto& o) { o.live.metrics = "0.0.0.0:1"; }) == 2);
    CHECK(fs.connections() == 0);
}
