#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>

#include "feed/live_health.hpp"
#include "feed/live_log.hpp"
#include "feed/live_sink.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
std::string ask(const std::string& address, const std::string& request) {
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    REQUIRE(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
    std::string out;
    char block[4096];
    for (ssize_t n = 0; (n = ::recv(fd.get(), block, sizeof block, 0)) > 0;) {
        out.append(block, static_cast<std::size_t>(n));
    }
    return out;
}
}  // namespace

TEST_CASE("back-off: the waits double up to the bound, each between half and the whole of it") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Backoff backoff(seed);
        for (const std::int64_t whole : {1000, 2000, 4000, 8000, 16000, 30000, 30000}) {
            const auto wait = backoff.next().count();
            CHECK(wait >= whole / 2);
            CHECK(wait <= whole);
        }
        backoff.reset();
        CHECK(backoff.next().count() <= 1000);
        CHECK(backoff.longest().count() >= 15000);
    }
    CHECK(Backoff(1).next() != Backoff(2).next());
}

TEST_CASE("trouble log: a trouble is told at once, then once a minute with its number, and its end when it was told") {
    std::ostringstream err;
    int counted = 0;
    TroubleLog log(err, [&](std::string_view) { ++counted; });
    log.ended("ami_lost", "ami_back", 0);
    log.trouble("ami_lost", "error=\"x\"", 1000);
    log.trouble("ami_lost", "error=\"y\"", 2000);
    log.trouble("ami_lost", "error=\"z\"", 60999);
    CHECK(err.str() == "event=ami_lost error=\"x\"\n");
    log.trouble("ami_lost", "error=\"z\"", 61000);
    CHECK(err.str() == "event=ami_lost error=\"x\"\nevent=ami_lost error=\"z\" repeats=2\n");
    log.trouble("other:a", "to=a", 61000);
    log.trouble("other:b", "to=b", 61000);
    log.ended("ami_lost", "ami_back queues=3", 62000);
    log.ended("ami_lost", "ami_back queues=3", 62000);
    CHECK(err.str().substr(err.str().find("repeats=2\n") + 10) == "event=other to=a\nevent=other to=b\nevent=ami_back queues=3 after_s=61\n");
    CHECK(counted == 6);
    // New within the minute after its end: counted, and told when the minute is over.
    log.trouble("ami_lost", "error=\"again\"", 63000);
    CHECK(err.str().find("again") == std::string::npos);
}

TEST_CASE("trouble log: several that end together are one line, with the time since the first") {
    std::ostringstream err;
    TroubleLog log(err);
    log.trouble("lost", "a", 0);
    log.trouble("unreachable", "b", 5000);
    err.str({});
    log.ended({"lost", "unreachable", "never seen"}, "back", 9000);
    CHECK(err.str() == "event=back after_s=9\n");
    log.trouble("lost", "a", 86'400'000);
    err.str({});
    log.ended(std::vector<std::string>{"lost"}, "back", 86'401'000);
    CHECK(err.str() == "event=back after_s=1\n");
}

TEST_CASE("trouble log: what a peer says cannot forge a line or write on the terminal") {
    std::ostringstream err;
    TroubleLog log(err);
    log.trouble("x", "error=" + TroubleLog::quoted("a\"b\nevent=fine\x1B[2J"), 0);
    CHECK(err.str() == "event=x error=\"a'b event=fine\\u001b[2J\"\n");
    CHECK(TroubleLog::quoted(std::string(5000, 'x')).size() < 250);
}

TEST_CASE("feed health: the page has each number once, with its labels made safe") {
    FeedHealth health("ami", "pbx\"1");
    health.set("connected", 1);
    health.add("troubles_total", 2, {"reason", "a\\b\"c"});
    health.add("troubles_total", 1, {"reason", "a\\b\"c"});
    CHECK(health.page() ==
          "# TYPE surged_feed_info gauge\nsurged_feed_info{source=\"pbx\\\"1\",kind=\"ami\"} 1\n"
          "# TYPE surged_feed_connected gauge\nsurged_feed_connected{source=\"pbx\\\"1\"} 1\n"
          "# TYPE surged_feed_troubles_total counter\nsurged_feed_troubles_total{source=\"pbx\\\"1\",reason=\"a\\\\b\\\"c\"} 3\n");
    for (int i = 0; i < 5000; ++i) {
        health.add("messages_total", 1, {"to", std::to_string(i)});
    }
    CHECK(health.value("messages_total", "999") == 1);
    CHECK(health.value("messages_total", "1000") == 0);
}

TEST_CASE("feed health: /metrics and /healthz over HTTP, and a reader that says nothing holds nobody up for long") {
    FeedHealth health("ami", "s");
    auto page = HealthPage::open("127.0.0.1:0", health);
    REQUIRE(page);
    const auto& at = (*page)->address();
    CHECK(ask(at, "GET /healthz HTTP/1.1\r\n\r\n").find("HTTP/1.1 503") == 0);
    health.healthy(true, "connected");
    health.set("queues", 3);
    CHECK(ask(at, "GET /healthz?x HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP/1.1 200") == 0);
    CHECK(ask(at, "GET /metrics HTTP/1.1\r\n\r\n").find("surged_feed_queues{source=\"s\"} 3\n") != std::string::npos);
    CHECK(ask(at, "HEAD /metrics HTTP/1.1\r\n\r\n").find("surged_feed") == std::string::npos);
    CHECK(ask(at, "POST /metrics HTTP/1.1\r\n\r\n").find("HTTP/1.1 405") == 0);
    CHECK(ask(at, "GET /other HTTP/1.1\r\n\r\n").find("HTTP/1.1 404") == 0);
    CHECK(ask(at, "GET").empty());
    CHECK(ask(at, std::string(8000, 'x')).empty());
    CHECK(ask(at, "GET /healthz HTTP/1.1\r\n\r\n").find("HTTP/1.1 200") == 0);
}

TEST_CASE("feed health: the page is served on loopback only") {
    FeedHealth health("ami", "s");
    CHECK_FALSE(HealthPage::open("0.0.0.0:0", health));
    CHECK_FALSE(HealthPage::open("nonsense", health));
}

TEST_CASE("live sink: a daemon that is away delays and costs the others nothing") {
    std::ostringstream out, err;
    LiveOptions options;
    options.source = "s";
    options.to = {"tcp://127.0.0.1:9", "-"};
    LiveFeed live("ami", options, err);
    REQUIRE(live.open(options, out));
    Message message;
    message.source = "s";
    for (int i = 0; i < LiveOptions{}.kept + 10; ++i) {
        message.seq = static_cast<std::uint64_t>(i);
        REQUIRE(live.sink->send(message, 1000));
    }
    CHECK(live.health.value("messages_total", "-") == LiveOptions{}.kept + 10);
    CHECK(live.health.value("messages_dropped_total", "tcp://127.0.0.1:9") == 10);
    CHECK(err.str() == "event=feed_waits to=tcp://127.0.0.1:9 reason=\"the daemon is away or slow: messages are left out\"\n");
    options.curve_server = {"a", "b", "c"};
    LiveFeed wrong("ami", options, err);
    CHECK_FALSE(wrong.open(options, out));
}

TEST_CASE("live source: one name for one thing to read, another for another, and no longer than names may be") {
    CHECK(live_source("ami", "pbx1:5038", "north") == live_source("ami", "pbx1:5038", "north"));
    CHECK(live_source("ami", "pbx1:5038", "north") != live_source("ami", "pbx1:5038", "south"));
    CHECK(live_source("ami", "pbx1:5038", "north") != live_source("ami", "pbx2:5038", "north"));
    CHECK(live_source(std::string(100, 'k'), "x", "y").size() <= 64);
}
