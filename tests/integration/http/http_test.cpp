#include "support/http_fixture.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("http: every answer of a real server is JSON, not kept, not framed, and closes its connection", "[integration]") {
    Served served;
    for (const char* path : {"/healthz", "/readyz", "/api/v1/status", "/api/v1/queues", "/api/v1/alerts", "/api/v1/incidents",
                             "/api/v1/incidents/0-1", "/api/v1/rosters", "/api/v1/silences", "/nothing"}) {
        CAPTURE(path);
        const HttpReply reply = http(served.port(), "GET", path);
        CHECK(reply.status == (std::string(path) == "/nothing" ? 404 : 200));
        CHECK(reply.headers.at("content-type") == "application/json; charset=utf-8");
        CHECK(reply.headers.at("cache-control") == "no-store");
        CHECK(reply.headers.at("x-content-type-options") == "nosniff");
        CHECK(reply.headers.at("x-frame-options") == "DENY");
        CHECK(reply.headers.at("content-security-policy") == "default-src 'none'; frame-ancestors 'none'");
        CHECK(reply.headers.at("content-length") == std::to_string(reply.body.size()));
        CHECK(reply.headers.at("connection") == "close");
        CHECK(reply.body.front() == '{');
    }
    CHECK(served.server->stats().requests == 10);
    CHECK(served.server->stats().refused == 1);
}

TEST_CASE("http: answers reach the program with their body and key, and are confirmed by what it says", "[integration]") {
    Served served;
    for (const char* verb : {"join", "decline", "ack", "leave", "arrive"}) {
        const HttpReply reply = post_json(served.port(), std::string("/api/v1/incidents/0-17/") + verb,
                                          R"({"person":"张三","reason":"马上到"})", {{"Idempotency-Key", "k-1"}});
        CHECK(reply.status == 200);
        CHECK(reply.body.find("\"code\":\"seated\"") != std::string::npos);
    }
    const std::vector<Command> commands = served.backend.commands();
    REQUIRE(commands.size() == 5);
    const std::vector<AnswerKind> kinds = {AnswerKind::join, AnswerKind::decline, AnswerKind::ack, AnswerKind::leave,
                                           AnswerKind::arrive};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(commands[i].answer == kinds[i]);
        CHECK(commands[i].incident == "0-17");
        CHECK(commands[i].person == "张三");
        CHECK(commands[i].key == "k-1");
        CHECK(commands[i].by == "local");
    }
}

TEST_CASE("http: operators' orders over the wire", "[integration]") {
    Served served;
    CHECK(post_json(served.port(), "/api/v1/incidents/0-1/escalate", R"({"tier":2})").status == 200);
    CHECK(post_json(served.port(), "/api/v1/incidents/0-1/resolve", R"({"force":true})").status == 200);
    CHECK(post_json(served.port(), "/api/v1/silences", R"({"rule":"r","for":"1h"})").status == 200);
    CHECK(http(served.port(), "DELETE", "/api/v1/silences/s-1").status == 200);
    CHECK(post_json(served.port(), "/api/v1/overrides", R"({"roster":"leads","in":"li","until":1800000000001})").status == 200);
    CHECK(post_json(served.port(), "/api/v1/reload", "").body == R"({"what":"reload"})");
    CHECK(served.backend.commands().size() == 5);
    CHECK(http(served.port(), "GET", "/api/v1/reload").status == 405);
    CHECK(http(served.port(), "GET", "/api/v1/reload").headers.at("allow") == "POST");
}

TEST_CASE("http: tokens decide over the wire", "[integration]") {
    Served served({}, lead_only());
    const HttpHeaders with = {{"Authorization", "Bearer " + lead_token}};
    CHECK(http(served.port(), "GET", "/api/v1/status").status == 401);
    CHECK(http(served.port(), "GET", "/api/v1/status").headers.at("www-authenticate") == "Bearer realm=\"surged\"");
    CHECK(http(served.port(), "GET", "/api/v1/status", {{"Authorization", "Bearer " + lead_token + "x"}}).status == 401);
    CHECK(http(served.port(), "GET", "/api/v1/status", with).status == 200);
    CHECK(post_json(served.port(), "/api/v1/incidents/0-1/resolve", "{}", with).status == 200);
    CHECK(post_json(served.port(), "/api/v1/reload", "{}", with).status == 403);
    CHECK(http(served.port(), "GET", "/api/v1/events").status == 401);
    CHECK(http(served.port(), "GET", "/").status == 200);
    CHECK(http(served.port(), "GET", "/healthz").status == 200);
}

TEST_CASE("http: a page that was rebound to loopback or comes from another host is refused", "[integration]") {
    Served served;
    CHECK(http(served.port(), "GET", "/api/v1/status", {{"Host", "rebound.example"}}).status == 403);
    CHECK(post_json(served.port(), "/api/v1/reload", "{}", {{"Origin", "http://evil.example"}}).status == 403);
    CHECK(post_json(served.port(), "/api/v1/reload", "{}", {{"Origin", "http://127.0.0.1:" + std::to_string(served.port())}})
              .status == 200);
    CHECK(served.backend.commands().empty());
}

TEST_CASE("http: the console is one page, HEAD has its length and no body", "[integration]") {
    Served served;
    const HttpReply page = http(served.port(), "GET", "/");
    CHECK(page.status == 200);
    CHECK(page.headers.at("content-type") == "text/html; charset=utf-8");
    CHECK(page.body.find("</html>") != std::string::npos);
    CHECK(page.headers.at("content-security-policy").find("script-src 'nonce-") != std::string::npos);
    const HttpReply head = http(served.port(), "HEAD", "/");
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    CHECK(head.headers.at("content-length") == page.headers.at("content-length"));
}

TEST_CASE("http: a port in use is an error with the address in it", "[integration]") {
    const BusyPort busy;
    FakeBackend backend;
    HttpOptions options;
    options.port = busy.port();
    const auto server = HttpServer::start(options, {}, backend);
    REQUIRE_FALSE(server.has_value());
    CHECK(server.error().message.find("127.0.0.1:" + std::to_string(busy.port())) != std::string::npos);
    CHECK(server.error().message.find("\n") == std::string::npos);
}

TEST_CASE("http: beyond loopback only with tokens", "[integration]") {
    FakeBackend backend;
    HttpOptions options;
    for (const char* host : {"0.0.0.0", "::", "192.0.2.1"}) {
        options.host = host;
        const auto server = HttpServer::start(options, {}, backend);
        REQUIRE_FALSE(server.has_value());
        CHECK(server.error().message.find("token_file") != std::string::npos);
    }
    options.host = "localhost";
    CHECK(HttpServer::start(options, {}, backend).has_value());
    options.host = "192.0.2.1";  // not an address of this host
    CHECK_FALSE(HttpServer::start(options, {lead_only(), nullptr}, backend).has_value());
}

TEST_CASE("http: many servers may start and stop one after the other", "[integration]") {
    for (int i = 0; i < 5; ++i) {
        Served served;
        CHECK(http(served.port(), "GET", "/healthz").status == 200);
    }
}

TEST_CASE("http: what a proxy says of the browser is believed from the addresses that are named, and from no other", "[integration]") {
    for (const bool trusted : {false, true}) {
        CAPTURE(trusted);
        HttpOptions options;
        options.trusted_proxies.push_back(*parse_network(trusted ? "127.0.0.0/8" : "10.0.0.0/8"));
        Served served(options);
        served.backend.reached_at("https://surge.example");
        const auto status = [&](const HttpHeaders& headers) { return http(served.port(), "GET", "/api/v1/status", headers).status; };
        CHECK(status({{"Host", "surge.example"}}) == 200);
        CHECK(status({{"Host", "other.example"}}) == 403);
        CHECK(status({{"X-Forwarded-Host", "surge.example"}}) == 200);
        CHECK(status({{"X-Forwarded-Host", "other.example"}}) == (trusted ? 403 : 200));
        CHECK(status({{"X-Forwarded-Host", "surge.example"}, {"X-Forwarded-Host", "other.example"}}) == (trusted ? 403 : 200));

        LinkFacts facts;
        facts.incident = "0-17";
        facts.open = true;
        served.backend.show_behind_links(facts);
        const auto guess = [&](const std::string& address, const std::string& last4) {
            return http(served.port(), "POST", "/a/group",
                        {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", address}},
                        "person=zhang&action=join&last4=" + last4)
                .status;
        };
        for (int i = 0; i < 5; ++i) {
            CHECK(guess("192.0.2.1", "0000") == 403);
        }
        CHECK(guess("192.0.2.1", "1234") == 429);
        CHECK(guess("192.0.2.2", "1234") == (trusted ? 200 : 429));
    }
}

TEST_CASE("http: a large list arrives whole, HEAD has its length, and readers who take it slowly share one text", "[integration]") {
    Served served;
    served.backend.pad(3UL * 1024 * 1024);
    const HttpReply list = http(served.port(), "GET", "/api/v1/alerts?all=1");
    CHECK(list.status == 200);
    CHECK(list.body.size() == 3UL * 1024 * 1024 + 21);
    CHECK(list.body.find("{\"what\":\"alerts-all\"") == 0);
    CHECK(list.body.back() == '}');
    const HttpReply head = http(served.port(), "HEAD", "/api/v1/alerts?all=1");
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    CHECK(head.headers.at("content-length") == std::to_string(3UL * 1024 * 1024 + 21));
}

TEST_CASE("http: lists take limit and next, and what is no limit is told", "[integration]") {
    Served served;
    const auto get = [&](const std::string& path) { return http(served.port(), "GET", "/api/v1/" + path); };
    CHECK(get("queues?limit=5").body == "{\"what\":\"queues limit 5 next \"}");
    CHECK(get("alerts?all=1&limit=10000&next=1-2-3-4").body == "{\"what\":\"alerts-all limit 10000 next 1-2-3-4\"}");
    CHECK(get("incidents?limit=1").status == 200);
    for (const char* bad : {"queues?limit=0", "queues?limit=-1", "queues?limit=10001", "alerts?limit=", "alerts?limit=1x",
                            "incidents?limit=99999999999999999999", "queues?next=1-2-3-4", "alerts?limit=+5"}) {
        CAPTURE(bad);
        CHECK(get(bad).status == 400);
    }
}

TEST_CASE("http: browsers get the mark of the tab, without a token", "[integration]") {
    Served served({}, lead_only());
    const HttpReply mark = http(served.port(), "GET", "/favicon.ico");
    CHECK(mark.status == 200);
    CHECK(mark.headers.at("content-type") == "image/svg+xml");
    CHECK(mark.body.find("<svg") == 0);
    CHECK(http(served.port(), "GET", "/").headers.at("content-security-policy").find("img-src 'self'") != std::string::npos);
}

TEST_CASE("http: in open mode a loopback name is one in any case and with any port, what only looks like one is not", "[integration]") {
    Served served;
    for (const char* host : {"LOCALHOST:9847", "LocalHost", "127.0.0.1:1", "[::1]:9847"}) {
        CAPTURE(host);
        CHECK(http(served.port(), "GET", "/api/v1/status", {{"Host", host}}).status == 200);
    }
    for (const char* host : {"127.999.999.999", "127...", "127.evil.example", "localhost.example"}) {
        CAPTURE(host);
        CHECK(http(served.port(), "GET", "/api/v1/status", {{"Host", host}}).status == 403);
    }
}
