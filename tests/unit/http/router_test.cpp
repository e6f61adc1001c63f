#include <algorithm>

#include "io/http/http_server.hpp"
#include "router_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct Call {
    std::string method;
    std::string path;
    std::string needs;  ///< "" = everyone, else the lowest role
    std::string body = "{}";
};

const std::vector<Call>& calls() {
    static const std::vector<Call> all = {
        {"GET", "/", ""},
        {"GET", "/a/good", ""},
        {"GET", "/healthz", ""},
        {"GET", "/readyz", ""},
        {"GET", "/api/v1/status", "viewer"},
        {"GET", "/api/v1/queues", "viewer"},
        {"GET", "/api/v1/alerts", "viewer"},
        {"GET", "/api/v1/incidents", "viewer"},
        {"GET", "/api/v1/incidents/0-17", "viewer"},
        {"GET", "/api/v1/incidents/0-17/report", "viewer"},
        {"GET", "/api/v1/report?month=2026-10", "viewer"},
        {"GET", "/api/v1/rosters", "viewer"},
        {"GET", "/api/v1/overrides", "viewer"},
        {"GET", "/api/v1/silences", "viewer"},
        {"GET", "/api/v1/explain?rule=oldest-wait&centre=jinan&queue=general", "viewer"},
        {"GET", "/api/v1/history?centre=jinan&queue=general", "viewer"},
        {"GET", "/api/v1/events", "viewer"},
        {"POST", "/api/v1/incidents/0-17/join", "responder", R"({"person":"zhang"})"},
        {"POST", "/api/v1/incidents/0-17/decline", "responder", R"({"person":"zhang"})"},
        {"POST", "/api/v1/incidents/0-17/ack", "responder", R"({"person":"zhang"})"},
        {"POST", "/api/v1/incidents/0-17/leave", "responder", R"({"person":"zhang"})"},
        {"POST", "/api/v1/incidents/0-17/arrive", "responder", R"({"person":"zhang"})"},
        {"POST", "/api/v1/incidents/0-17/escalate", "lead"},
        {"POST", "/api/v1/incidents/0-17/resolve", "lead"},
        {"POST", "/api/v1/silences", "lead", R"({"rule":"*","for":"30m"})"},
        {"DELETE", "/api/v1/silences/s-3", "lead", ""},
        {"POST", "/api/v1/drills", "lead", R"({"person":"zhang"})"},
        {"POST", "/api/v1/drills/answer", "responder", R"({"person":"zhang"})"},
        {"POST", "/api/v1/incidents/0-17/adopt-policy", "lead", "{}"},
        {"POST", "/api/v1/incidents/0-17/verdict", "lead", R"({"verdict":"useful"})"},
        {"GET", "/login", ""},
        {"GET", "/api/v1/me", "viewer"},
        {"POST", "/api/v1/logout", "viewer"},
        {"POST", "/api/v1/overrides", "admin", R"({"roster":"leads","in":"li","until":1800000100000})"},
        {"POST", "/api/v1/reload", "admin"},
        {"GET", "/api/v1/windows", "admin"},
    };
    return all;
}

int admit_status(ApiRouter& router, const RequestHead& head) {
    const auto verdict = router.admit(head);
    const auto* refusal = std::get_if<HttpResponse>(&verdict);
    return refusal == nullptr ? 200 : refusal->status;
}

int rank(const std::string& role) {
    if (role.empty()) {
        return -1;
    }
    return static_cast<int>(*role_from(role));
}

}  // namespace

TEST_CASE("router: every role at every endpoint may what the contract says and nothing else", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    const std::vector<std::pair<std::string, std::string>> callers = {
        {"", ""}, {"viewer", viewer_token}, {"responder", responder_token}, {"lead", lead_token}, {"admin", admin_token}};
    for (const Call& call : calls()) {
        for (const auto& caller : callers) {
            CAPTURE(call.method, call.path, caller.first);
            const RequestHead head = head_of(call.method, call.path, caller.second, call.body.size());
            int expected = 200;
            if (rank(caller.first) < rank(call.needs)) {
                expected = caller.first.empty() ? 401 : 403;
            }
            REQUIRE(admit_status(router, head) == expected);
            if (expected == 200 && call.path != "/api/v1/events") {
                CHECK(run(router, head, call.body).status == 200);
            }
            if (expected == 401) {
                CHECK(run(router, head).headers.at(0).first == "WWW-Authenticate");
            }
        }
    }
}

TEST_CASE("router: an unknown token is 401 even where every role may", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    CHECK(admit_status(router, head_of("GET", "/api/v1/status", "no-such-token-at-all")) == 401);
}

TEST_CASE("router: without tokens everybody is admin, by loopback names only", "[unit]") {
    FakeBackend backend;
    const TokenTable open = TokenTable::open();
    ApiRouter router(backend, open);
    for (const Call& call : calls()) {
        CAPTURE(call.path);
        for (const char* host : {"127.0.0.1:9847", "localhost", "localhost:9847", "[::1]:9847", "127.0.0.53"}) {
            RequestHead head = head_of(call.method, call.path, "", call.body.size());
            head.headers["host"] = host;
            CHECK(admit_status(router, head) == 200);
        }
        for (const char* host : {"rebound.example:9847", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"}) {
            RequestHead head = head_of(call.method, call.path, "", call.body.size());
            head.headers["host"] = host;
            CHECK(admit_status(router, head) == 403);
        }
    }
}

TEST_CASE("router: a page of another host cannot act", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    RequestHead head = head_of("POST", "/api/v1/incidents/0-1/ack", lead_token);

    head.headers["origin"] = "https://surge.example:9847";
    CHECK(admit_status(router, head) == 200);
    for (const char* origin : {"https://evil.example", "http://surge.example", "null", "", "file://surge.example:9847"}) {
        CAPTURE(origin);
        head.headers["origin"] = origin;
        CHECK(admit_status(router, head) == 403);
    }
    head.headers["origin"] = "null";
    head.headers["sec-fetch-site"] = "same-origin";  // the browser vouches, and the token is needed anyway
    CHECK(admit_status(router, head) == 200);
    const TokenTable open = TokenTable::open();
    ApiRouter opened(backend, open);
    head.headers["host"] = "127.0.0.1:9847";
    for (const char* origin : {"null", "http://rebound.example:9847", "http://127.0.0.1:8000"}) {
        head.headers["origin"] = origin;
        CHECK(admit_status(opened, head) == 403);
    }
    head.headers.erase("origin");
    for (const char* site : {"cross-site", "same-site"}) {
        head.headers["sec-fetch-site"] = site;
        CHECK(admit_status(router, head) == 403);
    }
}

TEST_CASE("router: unknown paths are 404, known paths with another method 405 with what is allowed", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    for (const char* path : {"/nothing", "/api/v1", "/api/v1/", "/api/v2/status", "/api/v1/incidents/", "/api/v1/incidents/a/b",
                             "/api/v1/incidents/a/join/", "/api/v1/incidents//join", "/api/v1/incidents/%2e%2e/join",
                             "/../etc/passwd", ""}) {
        CAPTURE(path);
        CHECK(admit_status(router, head_of("GET", path, admin_token)) == 404);
    }
    CHECK(admit_status(router, head_of("GET", "/api/v1/incidents/" + std::string(64, 'a'), admin_token)) == 200);
    CHECK(admit_status(router, head_of("GET", "/api/v1/incidents/" + std::string(65, 'a'), admin_token)) == 404);

    const HttpResponse get = run(router, head_of("GET", "/api/v1/reload", admin_token));
    CHECK(get.status == 405);
    CHECK(get.headers.at(0) == std::pair<std::string, std::string>("Allow", "POST"));
    const HttpResponse put = run(router, head_of("PUT", "/api/v1/silences", admin_token));
    CHECK(put.status == 405);
    CHECK(put.headers.at(0).second == "GET, HEAD, POST");
    CHECK(run(router, head_of("GET", "/api/v1/incidents/0-1/join", admin_token)).status == 405);
}

TEST_CASE("router: a body is JSON, has a length, and at most 65,536 bytes", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    RequestHead head = head_of("POST", "/api/v1/reload", admin_token, 65536);

    CHECK(admit_status(router, head) == 200);
    head.content_length = 65537;
    CHECK(admit_status(router, head) == 413);
    head.content_length = 2;
    head.chunked = true;
    CHECK(admit_status(router, head) == 411);
    head.chunked = false;
    for (const char* good : {"application/json", "Application/JSON; charset=utf-8", "application/json ;x"}) {
        head.headers["content-type"] = good;
        CHECK(admit_status(router, head) == 200);
    }
    for (const char* wrong : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""}) {
        head.headers["content-type"] = wrong;
        CHECK(admit_status(router, head) == 415);
    }
    head.headers.erase("content-type");
    CHECK(admit_status(router, head) == 415);
}

TEST_CASE("router: an Idempotency-Key of 128 printable characters is passed on, a longer or odd one refused", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    const std::string body = R"({"person":"li"})";
    RequestHead head = head_of("POST", "/api/v1/incidents/0-1/join", lead_token, body.size());

    head.headers["idempotency-key"] = std::string(128, 'k');
    CHECK(run(router, head, body).status == 200);
    CHECK(backend.commands().at(0).key == std::string(128, 'k'));
    head.headers["idempotency-key"] = std::string(129, 'k');
    CHECK(run(router, head, body).status == 400);
    head.headers["idempotency-key"] = "a b";
    CHECK(run(router, head, body).status == 400);
    CHECK(backend.commands().size() == 1);
}

TEST_CASE("router: a responder's token bound to a person answers for that person only", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    const auto join = [&](const std::string& token, const std::string& body) {
        return run(router, head_of("POST", "/api/v1/incidents/0-1/join", token, body.size()), body).status;
    };

    CHECK(join(bound_token, R"({"person":"zhang"})") == 200);
    CHECK(join(bound_token, "") == 200);
    CHECK(join(bound_token, R"({"person":"li"})") == 403);
    CHECK(join(responder_token, R"({"person":"li"})") == 200);
    CHECK(join(responder_token, "{}") == 400);
    REQUIRE(backend.commands().size() == 3);
    CHECK(backend.commands()[0].person == "zhang");
    CHECK(backend.commands()[1].person == "zhang");
    CHECK(backend.commands()[0].by == "zhang");
    CHECK(backend.commands()[2].by == "responder");
}

TEST_CASE("router: what the program answers becomes a status and JSON", "[unit]") {
    FakeBackend backend;
    const TokenTable open = TokenTable::open();
    ApiRouter router(backend, open);
    const std::string body = R"({"person":"li"})";
    RequestHead head = head_of("POST", "/api/v1/incidents/0-1/join", "", body.size());
    head.headers["host"] = "localhost";

    const HttpResponse seated = run(router, head, body);
    CHECK(seated.status == 200);
    CHECK(seated.body == R"({"ok":true,"code":"seated","message":"you have a seat","joined":1,"need":3})");
    const std::vector<std::pair<std::string, int>> refusals = {
        {"not_found", 404}, {"unknown_incident", 404}, {"unknown_person", 404}, {"conflict", 409},   {"closed", 409},
        {"not_asked", 409}, {"refused", 403},          {"unavailable", 503},    {"bad_request", 400}};
    for (const auto& refusal : refusals) {
        backend.answer(CommandReply{false, refusal.first, "no", 0, 0});
        const HttpResponse response = run(router, head, body);
        CHECK(response.status == refusal.second);
        CHECK(response.body == "{\"error\":{\"code\":\"" + refusal.first + "\",\"message\":\"no\"}}");
    }
    backend.fail_with(ApiError{"unavailable", "not durable within 5 s"});
    CHECK(run(router, head, body).status == 503);
}

TEST_CASE("router: a drill names one person and becomes a test page of the caller", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    const auto post = [&](const std::string& body) {
        return run(router, head_of("POST", "/api/v1/drills", lead_token, body.size()), body).status;
    };
    CHECK(post(R"({"person":"zhang"})") == 200);
    REQUIRE(backend.commands().size() == 1);
    CHECK(backend.commands()[0].kind == Command::Kind::test_page);
    CHECK(backend.commands()[0].person == "zhang");
    CHECK(backend.commands()[0].by == "lead");
    for (const char* body : {"{}", R"({"person":""})", R"({"person":7})", R"({"people":["zhang"]})", "[]"}) {
        CHECK(post(body) == 400);
    }
    CHECK(backend.commands().size() == 1);
}

TEST_CASE("router: the console asks no other host and its policy allows only its own script", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    const HttpResponse page = run(router, head_of("GET", "/", ""));
    const HttpResponse again = run(router, head_of("GET", "/", ""));

    CHECK(page.content_type == "text/html; charset=utf-8");
    CHECK(page.body.find("__NONCE__") == std::string::npos);
    // The names of SVG's elements are an address that nobody asks.
    std::string rest = page.body;
    for (auto at = rest.find("http://www.w3.org/2000/svg"); at != std::string::npos; at = rest.find("http://www.w3.org/2000/svg")) {
        rest.erase(at, 26);
    }
    CHECK(rest.find("http://") == std::string::npos);
    CHECK(rest.find("https://") == std::string::npos);
    CHECK(page.body.find("innerHTML") == std::string::npos);
    CHECK(page.body.find("insertAdjacentHTML") == std::string::npos);
    CHECK(page.body.find(" onclick=\"") == std::string::npos);
    CHECK(page.body.find("队列") != std::string::npos);
    REQUIRE(page.headers.at(0).first == "Content-Security-Policy");
    CHECK(page.headers[0].second.find("unsafe") == std::string::npos);
    CHECK(page.headers[0].second != again.headers.at(0).second);
}

TEST_CASE("router: every address of the console is its page, without a token and whatever the names in it", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    for (const char* path : {"/", "/wall", "/past", "/people", "/health", "/incidents/0-1", "/queues/jinan/general", "/queues/%E6%B5%8E%E5%8D%97/%2e%2e%2f"}) {
        CAPTURE(path);
        const HttpResponse page = run(router, head_of("GET", path, ""));
        CHECK(page.status == 200);
        CHECK(page.content_type == "text/html; charset=utf-8");
    }
    CHECK(run(router, head_of("GET", "/queues/" + std::string(1016, 'a'), "")).status == 200);
    for (const auto& path : std::vector<std::string>{"/walls", "/wall/", "/queues", "/queues/", "/incidents/", "/console", "/queues/" + std::string(1017, 'a')}) {
        CAPTURE(path);
        CHECK(run(router, head_of("GET", path, "")).status == 404);
    }
    CHECK(run(router, head_of("POST", "/wall", "")).status == 405);
}

TEST_CASE("loopback: addresses of 127.0.0.0/8, ::1 and localhost; no other name", "[unit]") {
    for (const char* yes : {"127.0.0.1", "127.255.0.3", "::1", "localhost", "LOCALHOST", "localhost.", "127.0.0.1."}) {
        CHECK(is_loopback(yes));
    }
    for (const char* no : {"0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example", "127.1", "", "128.0.0.1", "localhost.example", "127...", "127.999.1.1", "127.0.0.1..", "localhost.."}) {
        CHECK_FALSE(is_loopback(no));
    }
}

