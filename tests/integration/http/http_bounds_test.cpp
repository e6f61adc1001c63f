#include <chrono>
#include <vector>

#include "support/http_fixture.hpp"

using namespace surged;
using namespace surged::test;

namespace {
using SteadyTime = std::chrono::steady_clock;
std::chrono::milliseconds since(SteadyTime::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyTime::now() - start);
}
/// A JSON object of exactly `size` bytes.
std::string body_of(std::size_t size) {
    return R"({"person":"li")" + std::string(size - 15, ' ') + "}";
}
}  // namespace

TEST_CASE("http bounds: a body of 65,536 bytes is taken, one more is 413 and the refusal arrives", "[integration]") {
    Served served;
    CHECK(body_of(65536).size() == 65536);
    CHECK(post_json(served.port(), "/api/v1/incidents/0-1/ack", body_of(65536)).status == 200);
    const HttpReply refused = post_json(served.port(), "/api/v1/incidents/0-1/ack", body_of(65537));
    CHECK(refused.status == 413);
    CHECK(refused.body.find("\"code\":\"too_large\"") != std::string::npos);
    CHECK(served.backend.commands().size() == 1);
}

TEST_CASE("http bounds: a length that lies is refused before anything is read", "[integration]") {
    Served served;
    for (const char* length : {"99999999999999", "-1", "abc", "18446744073709551616"}) {
        CAPTURE(length);
        const HttpReply reply = http(served.port(), "POST", "/api/v1/reload",
                                     {{"Content-Type", "application/json"}, {"Content-Length", length}}, "{}");
        CHECK((reply.status == 413 || reply.status == 400 || reply.status == 411));
    }
    CHECK(http(served.port(), "POST", "/api/v1/reload", {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}},
               "2\r\n{}\r\n0\r\n\r\n")
              .status == 411);
    CHECK(http(served.port(), "POST", "/api/v1/reload", {{"Content-Type", "text/plain"}}, "{}").status == 415);
}

TEST_CASE("http bounds: heads that are too large or no HTTP get an error and cost nothing more", "[integration]") {
    Served served;
    const HttpReply large = http(served.port(), "GET", "/api/v1/status", {{"X-Large", std::string(20000, 'x')}});
    CHECK((large.status == 413 || large.status == 431 || large.status == 400));
    HttpHeaders many;
    for (int i = 0; i < 200; ++i) {
        many.emplace_back("X-" + std::to_string(i), "1");
    }
    static_cast<void>(http(served.port(), "GET", "/api/v1/status", many));
    for (const std::string& noise : {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("GET / HTTP/9.9\r\n\r\n"),
                                     std::string(16384, 'A') + "\r\n\r\n", std::string("GET /\0x HTTP/1.1\r\n\r\n", 21),
                                     std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11),
                                     std::string("GET http://other.example/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                                     std::string("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")}) {
        HttpConnection connection(served.port());
        connection.send(noise);
        const HttpReply reply = connection.reply();
        CHECK((reply.status == 0 || reply.status >= 400));
    }
    CHECK(http(served.port(), "GET", "/healthz").status == 200);
}

TEST_CASE("http bounds: heads that never end hold no thread longer than the limit, others are served meanwhile",
          "[integration]") {
    HttpOptions options;
    options.request_timeout = Span{400};
    options.workers = 2;
    options.events.subscribers = 2;
    Served served(options);
    const auto start = SteadyTime::now();
    std::vector<std::unique_ptr<HttpConnection>> slow;
    for (int i = 0; i < 8; ++i) {  // twice as many as there are threads
        slow.push_back(std::make_unique<HttpConnection>(served.port()));
        REQUIRE(slow.back()->send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
    }
    CHECK(http(served.port(), "GET", "/healthz").status == 200);
    CHECK(since(start) < std::chrono::seconds{4});
    for (auto& connection : slow) {
        const int status = connection->reply().status;
        CHECK((status == 0 || status >= 400));
    }
    CHECK(since(start) < std::chrono::seconds{6});
}

TEST_CASE("http bounds: a body that drips is given up at the limit of the whole body", "[integration]") {
    HttpOptions options;
    options.request_timeout = Span{500};
    Served served(options);
    HttpConnection connection(served.port(), std::chrono::milliseconds{100});
    REQUIRE(
        connection.send("POST /api/v1/incidents/0-1/ack HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                        "application/json\r\nContent-Length: 1000\r\n\r\n"));
    const auto start = SteadyTime::now();
    // A byte every 100 ms would need 100 s; receive() is the wait between two bytes.
    bool open = true;
    while (open && since(start) < std::chrono::seconds{10}) {
        open = connection.send("x");
        connection.receive();
    }
    CHECK_FALSE(open);
    CHECK(since(start) >= std::chrono::milliseconds{400});
    CHECK(since(start) < std::chrono::seconds{3});
    CHECK(served.backend.commands().empty());
}

TEST_CASE("http bounds: a peer that closes in the middle of its body commands nothing", "[integration]") {
    Served served;
    {
        HttpConnection connection(served.port());
        connection.send(
            "POST /api/v1/incidents/0-1/ack HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            "20\r\n\r\n{\"person\":");
    }
    CHECK(http(served.port(), "GET", "/healthz").status == 200);
    CHECK(served.backend.commands().empty());
}

TEST_CASE("http bounds: a reader that does not read a large answer frees its thread", "[integration]") {
    HttpOptions options;
    options.request_timeout = Span{300};
    options.workers = 1;
    options.events.subscribers = 1;
    Served served(options);
    served.backend.pad(24UL * 1024 * 1024);  // more than the sockets of both sides take
    std::vector<std::unique_ptr<HttpConnection>> deaf;
    for (int i = 0; i < 2; ++i) {
        deaf.push_back(std::make_unique<HttpConnection>(served.port()));
        deaf.back()->send("GET /api/v1/queues HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    const auto start = SteadyTime::now();
    CHECK(http(served.port(), "GET", "/healthz").status == 200);
    CHECK(since(start) < std::chrono::seconds{9});
}
