// The live feeder against a manager interface that misbehaves: no crash, no wrong counter, one line of log, resumed by itself.
#include "feed/run_ami.hpp"

#include <algorithm>
#include <random>

#include "fake_ami.hpp"
#include "support/test_certificate.hpp"
#include "switch_live_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
struct World : SwitchWorld<AmiRunOptions> {
    explicit World(const FakeAmi& ami) : SwitchWorld(run_feed_ami, ami.port(), "s3cret!", "pbx1") { options.user = "feeder"; }
};
void join(FakeAmi& ami, const std::string& call) {
    REQUIRE(ami.event("QueueCallerJoin", {"Queue: q", "Uniqueid: " + call}));
}
void answered(FakeAmi& ami, const std::string& call) {
    REQUIRE(ami.event("QueueCallerLeave", {"Queue: q", "Uniqueid: " + call}));
    REQUIRE(ami.event("AgentConnect", {"Queue: q", "Uniqueid: " + call, "Interface: A", "HoldTime: 0"}));
}
std::string listed(int completed, int abandoned, const std::string& calls) {
    std::string text = "Event: QueueParams\r\nQueue: q\r\nCompleted: " + std::to_string(completed) + "\r\nAbandoned: " +
                       std::to_string(abandoned) + "\r\nCalls: " + std::to_string(calls.size()) + "\r\nActionID: %\r\n\r\n";
    for (const char call : calls) {
        text += std::string("Event: QueueEntry\r\nQueue: q\r\nWait: 3\r\nUniqueid: ") + call + "\r\nActionID: %\r\n\r\n";
    }
    return text;
}
}  // namespace

TEST_CASE("feed ami: a caller is on the wall within a moment, and what came of him too", "[integration]") {
    FakeAmi ami;
    World world(ami);
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    const auto began = steady_now_ms();
    join(ami, "1");
    REQUIRE(world.sees("calls_waiting", 1));
    CHECK(steady_now_ms() - began < 1000);
    answered(ami, "1");
    REQUIRE(world.sees("answered", 1));
    CHECK(world.last().centre == "north");
    CHECK(world.last().source == "pbx1");
    CHECK(world.last().m.at("offered") == 1);
    CHECK(ami.received().find("s3cret!") == std::string::npos);
    CHECK(feed.finish() == 0);
    CHECK(lines(feed.err(), "event=ami_connected") == 1);
    CHECK(feed.err().find("s3cret!") == std::string::npos);
    CHECK(world.daemon.refused == 0);
}

TEST_CASE("feed ami: a connection that dies in the middle of an event is one line, and is made up for", "[integration]") {
    FakeAmi ami;
    World world(ami);
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    const auto epoch = world.last().epoch;
    for (const auto* call : {"1", "2", "3"}) {
        join(ami, call);
    }
    REQUIRE(world.sees("calls_waiting", 3));
    ami.list(listed(0, 1, "23456"));  // meanwhile: 1 gave up, three came
    REQUIRE(ami.send("Event: QueueCallerLeave\r\nQueue: q\r\nUniq"));
    ami.drop();
    REQUIRE(world.sees("calls_waiting", 5));
    CHECK(world.last().m.at("offered") == 6);
    CHECK(world.last().m.at("abandoned") == 1);
    CHECK(world.last().epoch == epoch);
    REQUIRE(eventually([&] { return lines(feed.err(), "event=ami_back") == 1; }));
    CHECK(lines(feed.err(), "event=ami_lost") == 1);
    join(ami, "7");
    REQUIRE(world.sees("calls_waiting", 6));
    CHECK(feed.finish() == 0);
}

TEST_CASE("feed ami: one that connects and drops all the time is one line a minute", "[integration]") {
    FakeAmi ami;
    World world(ami);
    auto feed = world.start();
    for (int i = 0; i < 8; ++i) {
        REQUIRE(eventually([&] { return ami.lists() > i; }));
        ami.drop();
    }
    REQUIRE(eventually([&] { return ami.lists() > 8; }));
    CHECK(lines(feed.err(), "event=ami_lost") == 1);
    CHECK(feed.finish() == 0);
}

TEST_CASE("feed ami: a restart of the switch is a new epoch from zero", "[integration]") {
    FakeAmi ami;
    World world(ami);
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    join(ami, "1");
    join(ami, "2");
    answered(ami, "1");
    REQUIRE(world.sees("answered", 1));
    const auto epoch = world.last().epoch;
    FakeAmi::Way anew;
    anew.uptime = 0;
    ami.change(anew);
    ami.drop();
    REQUIRE(world.daemon.until([&](const auto& got) { return got.back().epoch == epoch + 1; }));
    CHECK(world.last().m.at("offered") == 0);
    CHECK(world.last().m.at("calls_waiting") == 0);
    // The last counts left under the old epoch.
    CHECK(world.last_of(epoch).m.at("answered") == 1);
    CHECK(world.last_of(epoch).m.at("offered") == 2);
}

TEST_CASE("feed ami: half lines, repeated events, rubbish and a line of ten megabytes cost nothing and nobody", "[integration]") {
    FakeAmi ami;
    World world(ami);
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    const std::string one = "Event: QueueCallerJoin\r\nPrivilege: agent,all\r\nQueue: q\r\nUniqueid: 1\r\n\r\n";
    for (const char c : one) {
        REQUIRE(ami.send(std::string(1, c)));
    }
    REQUIRE(ami.send(one + one));
    REQUIRE(ami.send("Event: QueueCallerJoin\r\nFiller: " + std::string(10'000'000, 'x') + "\r\nQueue: q\r\nUniqueid: 2\r\n\r\n"));
    std::mt19937 random(7);
    std::string rubbish(200'000, '\0');
    std::generate(rubbish.begin(), rubbish.end(), [&] { return static_cast<char>(random()); });
    REQUIRE(ami.send(rubbish + "\r\n\r\n"));
    answered(ami, "1");
    answered(ami, "1");
    REQUIRE(world.sees("answered", 1));
    join(ami, "3");
    REQUIRE(world.sees("offered", 3));
    CHECK(world.last().m.at("calls_waiting") == 2);
    CHECK(world.last().m.at("answered") == 1);
    CHECK(ami.connections() == 1);
    CHECK(world.daemon.refused == 0);
}

TEST_CASE("feed ami: a wrong login is one line with its reason, and is tried again until it is right", "[integration]") {
    FakeAmi::Way other;
    other.secret = "another";
    FakeAmi ami(other);
    World world(ami);
    auto feed = world.start();
    REQUIRE(eventually([&] { return ami.connections() >= 4; }));
    CHECK(ami.logins() == 0);
    CHECK(lines(feed.err(), "event=") == 1);
    CHECK(feed.err().find("event=ami_login_refused server=127.0.0.1:" + ami.port() + " user=\"feeder\" error=\"Authentication failed\"\n") == 0);
    ami.change({});
    REQUIRE(world.sees("calls_waiting", 0));
    CHECK(world.daemon.got.front().queue == "q");
}

TEST_CASE("feed ami: nobody there, then somebody", "[integration]") {
    auto gone = std::make_unique<FakeAmi>();
    World world(*gone);
    gone.reset();
    auto feed = world.start();
    REQUIRE(eventually([&] { return lines(feed.err(), "event=ami_unreachable") == 1; }));
    std::this_thread::sleep_for(300ms);
    CHECK(lines(feed.err(), "event=") == 1);
    CHECK(feed.err().find("Connection refused") != std::string::npos);
    CHECK(feed.finish() == 0);
}

TEST_CASE("feed ami: TLS with a certificate of the authority that was named, and not with another, nor an expired one", "[integration]") {
    const TestCertificate good, other, expired(-7200, -3600);
    FakeAmi::Way way;
    way.certificate = good.certificate();
    way.key = good.key();
    FakeAmi ami(way);
    World world(ami);
    world.options.peer.tls = true;
    world.options.peer.ca_file = good.certificate();
    {
        auto feed = world.start();
        REQUIRE(world.sees("calls_waiting", 0));
        join(ami, "1");
        REQUIRE(world.sees("calls_waiting", 1));
        CHECK(feed.finish() == 0);
    }
    const auto logins = ami.logins();
    {
        world.options.peer.ca_file = other.certificate();
        auto feed = world.start();
        REQUIRE(eventually([&] { return lines(feed.err(), "its certificate is refused: self") == 1; }));
    }
    {
        way.certificate = expired.certificate();
        way.key = expired.key();
        ami.change(way);
        world.options.peer.ca_file = expired.certificate();
        auto feed = world.start();
        const auto before = ami.connections();
        REQUIRE(eventually([&] { return ami.connections() > before + 2; }));
        CHECK(lines(feed.err(), "its certificate is refused: certificate has expired") == 1);
    }
    CHECK(ami.logins() == logins);
    way.certificate = good.certificate();
    way.key = good.key();
    ami.change(way);
    world.options.peer.ca_file = good.certificate();
    world.options.peer.tls_name = "pbx.example";
    auto feed = world.start();
    REQUIRE(eventually([&] { return lines(feed.err(), "its certificate is refused: hostname mismatch") == 1; }));
}

TEST_CASE("feed ami: a port that speaks no TLS, or something else than Asterisk, is told in one line", "[integration]") {
    FakeAmi ami;
    World world(ami);
    world.options.peer.tls = true;
    {
        auto feed = world.start();
        REQUIRE(eventually([&] { return lines(feed.err(), "event=ami_unreachable") == 1; }));
        CHECK(feed.err().find("tls: ") != std::string::npos);
    }
    FakeAmi::Way dumb;
    dumb.greets = false;
    FakeAmi other(dumb);
    World there(other);
    auto feed = there.start();
    REQUIRE(eventually([&] { return other.connections() == 1; }));
    REQUIRE(eventually([&] { return other.send("220 mail.example ESMTP\r\n"); }));
    REQUIRE(eventually([&] { return lines(feed.err(), "event=ami_not_asterisk") == 1; }));
}

TEST_CASE("feed ami: two daemons get everything, and one that is away keeps nothing from the other", "[integration]") {
    FakeAmi ami;
    World world(ami);
    Receiver second;
    world.options.live.to = {"tcp://127.0.0.1:9", world.daemon.endpoint(), second.endpoint()};
    world.options.live.metrics = "127.0.0.1:0";
    auto feed = world.start();
    REQUIRE(world.sees("calls_waiting", 0));
    join(ami, "1");
    REQUIRE(world.sees("calls_waiting", 1));
    CHECK(second.until([](const auto& got) { return !got.empty() && got.back().m.at("calls_waiting") == 1; }));
    CHECK(lines(feed.err(), "event=feed_metrics address=127.0.0.1:") == 1);
}

TEST_CASE("feed ami: options that cannot work end at once with 2", "[integration]") {
    FakeAmi ami;
    const auto run = [&](const std::function<void(AmiRunOptions&)>& spoil) {
        World world(ami);
        spoil(world.options);
        auto feed = world.start();
        const auto code = feed.wait();
        CHECK(lines(feed.err(), "\n") == 1);
        return code;
    };
    CHECK(run([](auto& o) { o.user = ""; }) == 2);
    CHECK(run([](auto& o) { o.user = "a\r\nAction: Originate"; }) == 2);
    CHECK(run([](auto& o) { o.secret_file = ""; }) == 2);
    CHECK(run([](auto& o) { o.secret_file = "/nonexistent/secret"; }) == 2);
    CHECK(run([](auto& o) { o.peer.tls = true, o.peer.ca_file = "/nonexistent.pem"; }) == 2);
    CHECK(run([](auto& o) { o.live.to = {"nonsense"}; }) == 2);
    CHECK(run([](auto& o) { o.live.metrics = "0.0.0.0:1"; }) == 2);
    CHECK(ami.connections() == 0);
}
