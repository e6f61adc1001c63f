#include <chrono>
#include <vector>

#include "support/http_fixture.hpp"

using namespace surged;
using namespace surged::test;

namespace {
const std::string subscribe = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::unique_ptr<HttpConnection> reader_of(int port) {
    auto reader = std::make_unique<HttpConnection>(port);
    REQUIRE(reader->send(subscribe));
    REQUIRE(reader->receive_until("retry: 3000\n\n"));
    return reader;
}
}  // namespace

TEST_CASE("http events: a reader gets each event as it is published", "[integration]") {
    Served served;
    const auto reader = reader_of(served.port());
    CHECK(reader->received().find("content-type: text/event-stream") == std::string::npos);
    CHECK(reader->received().find("Content-Type: text/event-stream; charset=utf-8\r\n") != std::string::npos);
    CHECK(reader->received().find("Content-Length") == std::string::npos);
    CHECK(reader->received().find("X-Accel-Buffering: no\r\n") != std::string::npos);  // nginx keeps nothing back
    CHECK(http(served.port(), "GET", "/api/v1/status").headers.count("x-accel-buffering") == 0);
    served.server->publish(41, "incident.opened", R"({"incident":"0-1"})");
    CHECK(reader->receive_until("id: 41\nevent: incident.opened\ndata: {\"incident\":\"0-1\"}\n\n"));
    served.server->publish(42, "seat.joined", "{}");
    CHECK(reader->receive_until("id: 42\n"));
}

TEST_CASE("http events: 64 readers at once, the next is told 503, and answers are still served", "[integration]") {
    Served served;
    std::vector<std::unique_ptr<HttpConnection>> readers;
    for (int i = 0; i < 64; ++i) {
        readers.push_back(reader_of(served.port()));
    }
    CHECK(http(served.port(), "GET", "/api/v1/events").status == 503);
    CHECK(served.server->stats().events.refused == 1);
    CHECK(post_json(served.port(), "/api/v1/incidents/0-1/join", R"({"person":"li"})").status == 200);
    served.server->publish(1, "t", "{}");
    for (auto& reader : readers) {
        CHECK(reader->receive_until("id: 1\n"));
    }
}

TEST_CASE("http events: a reader that does not read is cut off and counted, the publisher never waits", "[integration]") {
    HttpOptions options;
    options.request_timeout = Span{500};
    options.events.bytes = 256UL * 1024;
    Served served(options);
    const auto deaf = reader_of(served.port());
    const std::string large(60000, 'x');
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < 400 && served.server->stats().events.slow_dropped == 0; ++i) {
        served.server->publish(i, "t", large);
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
    CHECK(served.server->stats().events.slow_dropped == 1);
    const auto fresh = reader_of(served.port());
    served.server->publish(1000, "t", "{}");
    CHECK(fresh->receive_until("id: 1000\n"));
}

TEST_CASE("http events: stopping the server ends the streams at once", "[integration]") {
    auto served = std::make_unique<Served>();
    const auto reader = reader_of(served->port());
    const auto start = std::chrono::steady_clock::now();
    served.reset();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{4});
    CHECK(reader->receive().empty());
}

TEST_CASE("http events: Last-Event-ID brings what was missed; a word that is no number brings the advice to fetch", "[integration]") {
    Served served;
    for (std::uint64_t i = 5; i <= 7; ++i) {
        served.server->publish(i, "t", "{}");
    }
    const auto ask = [&](const std::string& last) {
        auto reader = std::make_unique<HttpConnection>(served.port());
        REQUIRE(reader->send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + last + "\r\n\r\n"));
        return reader;
    };
    const auto back = ask("5");
    CHECK(back->receive_until("id: 7\n"));
    CHECK(back->received().find("id: 6\n") != std::string::npos);
    CHECK(back->received().find("id: 5\n") == std::string::npos);
    CHECK(ask("x")->receive_until("event: missed\n"));
}
