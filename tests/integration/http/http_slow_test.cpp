// Peers that say nothing, drip, or never read: whoever comes with a whole request is served all the same.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "support/http_fixture.hpp"
#include "support/test_certificate.hpp"

using namespace surged;
using namespace surged::test;

namespace {

using SteadyTime = std::chrono::steady_clock;
using Peers = std::vector<std::unique_ptr<HttpConnection>>;

std::chrono::milliseconds since(SteadyTime::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyTime::now() - start);
}

Peers many(int port, std::size_t count, const std::string& say) {
    Peers out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(std::make_unique<HttpConnection>(port));
        out.back()->send(say);
    }
    return out;
}

/// The slowest of twenty probes.
std::chrono::milliseconds slowest_probe(int port) {
    std::chrono::milliseconds worst{0};
    for (int i = 0; i < 20; ++i) {
        const auto start = SteadyTime::now();
        CHECK(http(port, "GET", "/readyz").status == 200);
        worst = std::max(worst, since(start));
    }
    return worst;
}

std::size_t resident_kb() {
    std::size_t pages = 0;
    std::size_t resident = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    const int read = std::fscanf(file, "%zu %zu", &pages, &resident);
    std::fclose(file);
    return read == 2 ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024 : 0;
}

const std::string half_a_head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ";
const std::string half_a_body =
    "POST /api/v1/incidents/0-1/ack HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{";

}  // namespace

TEST_CASE("http slow: far more idle, dripping and half-sent connections than the limit keep no probe waiting", "[integration]") {
    HttpOptions options;
    options.connections = 64;
    options.connections_per_address = 64;
    Served served(options);
    for (const std::string& say : {std::string(), half_a_head, half_a_body}) {
        const Peers slow = many(served.port(), 200, say);
        CHECK(slowest_probe(served.port()) < std::chrono::milliseconds{500});
        CHECK(served.server->stats().open <= 64);
    }
    CHECK(served.server->stats().dropped >= 400);
    CHECK(post_json(served.port(), "/api/v1/incidents/0-1/ack", R"({"person":"li"})").status == 200);
}

TEST_CASE("http slow: an address has as many connections as allowed, and one more costs its oldest", "[integration]") {
    HttpOptions options;
    options.connections = 64;
    options.connections_per_address = 8;
    Served served(options);
    Peers peers = many(served.port(), 8, half_a_head);
    while (served.server->stats().open < 8) {
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    CHECK(served.server->stats().dropped == 0);
    peers.push_back(std::make_unique<HttpConnection>(served.port()));
    CHECK(peers.front()->receive().empty());  // closed
    CHECK(served.server->stats().dropped == 1);
    // The oldest goes a moment before the newcomer is counted.
    for (int i = 0; i < 1000 && served.server->stats().open < 8; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    CHECK(served.server->stats().open == 8);
    peers[1]->send("\r\n\r\n");  // the others are as they were
    CHECK(peers[1]->reply().status == 200);
}

TEST_CASE("http slow: a head that drips is answered 408 at the limit of the whole head, one that never began is closed",
          "[integration]") {
    HttpOptions options;
    options.request_timeout = Span{500};
    Served served(options);
    HttpConnection dripping(served.port(), std::chrono::milliseconds{50});
    HttpConnection silent(served.port());
    const auto start = SteadyTime::now();
    dripping.send(half_a_head);
    while (dripping.receive().empty() && since(start) < std::chrono::seconds{5}) {
        dripping.send("x");
    }
    CHECK(since(start) >= std::chrono::milliseconds{400});
    CHECK(since(start) < std::chrono::seconds{2});
    CHECK(dripping.received().find("HTTP/1.1 408 ") == 0);
    CHECK(dripping.received().find("\"code\":\"timeout\"") != std::string::npos);
    CHECK(silent.receive().empty());
    CHECK(since(start) < std::chrono::seconds{2});
    CHECK(served.server->stats().late == 2);
}

TEST_CASE("http slow: half-open handshakes and idle TLS peers keep no handshake out, and their memory comes back", "[integration]") {
    const TestCertificate certificate;
    HttpOptions options;
    options.connections = 256;
    options.connections_per_address = 256;
    const auto loaded = load_credentials({"", certificate.certificate(), certificate.key()});
    REQUIRE(loaded.has_value());
    Served served(options, TokenTable::open(), loaded->tls);
    const std::size_t before = resident_kb();
    {
        const Peers idle = many(served.port(), 400, "");
        const Peers half = many(served.port(), 200, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
        const std::string ask = "curl -s -o /dev/null -m 3 -w %{http_code} --cacert " + certificate.certificate() +
                                " https://127.0.0.1:" + std::to_string(served.port()) + "/readyz | grep -qx 200";
        CHECK(std::system(ask.c_str()) == 0);
        CHECK(served.server->stats().open <= 256);
    }
    while (served.server->stats().open > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    CHECK(resident_kb() < before + 40UL * 1024);
}

TEST_CASE("http slow: a thousand readers of events that never read cost their places and nothing else", "[integration]") {
    Served served;
    const Peers deaf = many(served.port(), 500, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(slowest_probe(served.port()) < std::chrono::milliseconds{500});
    CHECK(served.server->stats().events.subscribers == 64);
    CHECK(post_json(served.port(), "/api/v1/incidents/0-1/ack", R"({"person":"li"})").status == 200);
}

TEST_CASE("http slow: large answers that nobody takes are bounded in memory", "[integration]") {
    Served served;
    served.backend.pad(16UL * 1024 * 1024);
    const Peers deaf = many(served.port(), 40, "GET /api/v1/queues HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto start = SteadyTime::now();
    while (served.server->stats().requests < 40 && since(start) < std::chrono::seconds{20}) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    CHECK(served.server->stats().dropped >= 15);  // 256 MiB hold 16 of them, and the sockets a little
    CHECK(http(served.port(), "GET", "/readyz").status == 200);
}

TEST_CASE("http heads: what two servers could read in two ways is 400, a target in absolute form is taken", "[integration]") {
    Served served;
    const auto status_of = [&](const std::string& request) {
        HttpConnection connection(served.port());
        connection.send(request);
        const HttpReply reply = connection.reply();
        if (reply.status >= 400) {
            CHECK(reply.body.find("{\"error\":{\"code\":\"") == 0);
        }
        return reply.status;
    };
    const std::string post = "POST /api/v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    CHECK(status_of(post + "Content-Length: 2\r\n\r\n{}") == 200);
    for (const char* odd : {"Content-Length: 2, 2", "Content-Length: +2", "Content-Length: 0x2", "Content-Length: 2abc",
                            "Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2\r\nContent-Length: 20", "Content-Length:",
                            "Content-Length: 2\r\nTransfer-Encoding: chunked", "Host: other\r\nContent-Length: 2",
                            "Content-Length : 2", "Authorization : x\r\nContent-Length: 2"}) {
        CAPTURE(odd);
        CHECK(status_of(post + odd + "\r\n\r\n{}") == 400);
    }
    const std::string host = "\r\nHost: localhost\r\n\r\n";
    CHECK(status_of("GET http://localhost/healthz HTTP/1.1" + host) == 200);
    CHECK(status_of("GET HTTP://127.0.0.1:9/healthz?x=1 HTTP/1.1" + host) == 200);
    CHECK(status_of("GET http://localhost HTTP/1.1" + host) == 200);
    CHECK(status_of("GET http://rebound.example/api/v1/status HTTP/1.1" + host) == 403);  // its host is the one that counts
    CHECK(status_of("GET http://a@localhost/healthz HTTP/1.1" + host) == 400);
    CHECK(status_of("OPTIONS * HTTP/1.1" + host) == 404);
    CHECK(status_of("GET /healthz HTTP/1.1\r\n\r\n") == 400);  // no Host
    CHECK(status_of("GET /healthz HTTP/1.0\r\n\r\n") == 200);
    CHECK(status_of("GET /healthz HTTP/2.0" + host) == 400);
}

TEST_CASE("http heads: 100 fields and 16,384 bytes are taken, one more is 431", "[integration]") {
    Served served;
    const auto fields = [&](int count) {
        std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
        for (int i = 1; i < count; ++i) {
            request += "X-" + std::to_string(i) + ": 1\r\n";
        }
        HttpConnection connection(served.port());
        connection.send(request + "\r\n");
        return connection.reply().status;
    };
    CHECK(fields(100) == 200);
    CHECK(fields(101) == 431);
    const auto bytes = [&](std::size_t size) {
        std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ";
        request += std::string(size - request.size() - 4, 'x') + "\r\n\r\n";
        HttpConnection connection(served.port());
        connection.send(request);
        return connection.reply().status;
    };
    CHECK(bytes(16384) == 200);
    CHECK(bytes(16385) == 431);
}

TEST_CASE("http renew: a token that is gone is refused, its stream is ended, a new one counts, those that stay go on", "[integration]") {
    const std::string other = "viewer-token-00000002";
    Served served({}, *TokenTable::parse("lead " + lead_token + "\nviewer " + other, "tokens"));
    const auto status_of = [&](const std::string& token) {
        return http(served.port(), "GET", "/api/v1/status", {{"Authorization", "Bearer " + token}}).status;
    };
    const auto stream_of = [&](const std::string& token) {
        auto reader = std::make_unique<HttpConnection>(served.port());
        reader->send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n");
        CHECK(reader->receive_until("retry: 3000\n\n"));
        return reader;
    };
    const auto gone = stream_of(lead_token);
    const auto stays = stream_of(other);
    CHECK(status_of(lead_token) == 200);
    REQUIRE(served.server->renew({*TokenTable::parse("viewer " + other + "\nviewer new-token-0000000003", "tokens"), nullptr}));
    CHECK(status_of(lead_token) == 401);
    CHECK(status_of("new-token-0000000003") == 200);
    CHECK(gone->receive().empty());
    served.server->publish(1, "t", "{}");
    CHECK(stays->receive_until("id: 1\n"));
}
