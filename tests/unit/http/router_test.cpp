#include <algorithm>

#include "io/http/api_router.hpp"
#include "io/http/http_server.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"

using namespace surged;
using surged::test::FakeBackend;

namespace {

const std::string viewer_token = "viewer-token-000001";
const std::string responder_token = "responder-token-0001";
const std::string bound_token = "responder-token-zhang";
const std::string lead_token = "lead-token-00000001";
const std::string admin_token = "admin-token-0000001";

TokenTable all_roles() {
    return *TokenTable::parse("viewer " + viewer_token + "\nresponder " + responder_token + "\nresponder " + bound_token +
                                  " zhang\nlead " + lead_token + "\nadmin " + admin_token + "\n",
                              "tokens");
}

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

RequestHead head_of(const std::string& method, const std::string& path, const std::string& token, std::size_t body = 0) {
    RequestHead head;
    head.method = method;
    const std::size_t mark = path.find('?');
    head.path = path.substr(0, mark);
    head.query = mark == std::string::npos ? "" : path.substr(mark + 1);
    head.headers["host"] = "surge.example:9847";
    if (!token.empty()) {
        head.headers["authorization"] = "Bearer " + token;
    }
    if (method == "POST") {
        head.headers["content-type"] = "application/json";
    }
    head.content_length = static_cast<long long>(body);
    return head;
}

HttpResponse run(ApiRouter& router, const RequestHead& head, const std::string& body = "") {
    const auto verdict = router.admit(head);
    if (const auto* refusal = std::get_if<HttpResponse>(&verdict)) {
        return *refusal;
    }
    return router.handle(std::get<Admitted>(verdict), head, body);
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

TEST_CASE("router: reading endpoints pass their parameters on", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    const auto get = [&](const std::string& path) {
        HttpResponse response = run(router, head_of("GET", path, viewer_token));
        response.body = response.shared ? *response.shared : response.body;
        return response;
    };

    CHECK(get("/api/v1/alerts").body == R"({"what":"alerts"})");
    CHECK(get("/api/v1/alerts?all=1").body == R"({"what":"alerts-all"})");
    CHECK(get("/api/v1/alerts?x=1&all=true").body == R"({"what":"alerts-all"})");
    CHECK(get("/api/v1/alerts?all=yes").status == 400);
    CHECK(get("/api/v1/rosters").body == R"({"what":"rosters now"})");
    CHECK(get("/api/v1/rosters?at=1800000000000").body == R"({"what":"rosters 1800000000000"})");
    CHECK(get("/api/v1/rosters?at=2027-01-15T16%3A00:00%2B08:00").body == R"({"what":"rosters 1800000000000"})");
    CHECK(get("/api/v1/rosters?at=tomorrow").status == 400);
    CHECK(get("/api/v1/rosters?days=1").body == R"({"what":"duty now 1"})");
    CHECK(get("/api/v1/rosters?at=1800000000000&days=62").body == R"({"what":"duty 1800000000000 62"})");
    for (const char* days : {"0", "63", "1.5", "-1", "x", ""}) {
        CHECK(get("/api/v1/rosters?days=" + std::string(days)).status == 400);
    }
    CHECK(get("/api/v1/overrides").body == R"({"what":"overrides"})");
    CHECK(get("/api/v1/incidents/0-404").status == 404);
    backend.set_ready(false);
    CHECK(get("/readyz").status == 503);
    CHECK(get("/healthz").status == 200);
}

TEST_CASE("router: the windows are the saved file byte for byte, with the time when it was saved", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    backend.lose_windows();
    CHECK(run(router, head_of("GET", "/api/v1/windows", admin_token)).status == 404);
    backend.save_windows(std::string("\0\xFF\n", 3), wall_time(1795330800500));
    const auto response = run(router, head_of("GET", "/api/v1/windows", admin_token));
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/octet-stream");
    REQUIRE(response.shared);
    CHECK(*response.shared == std::string("\0\xFF\n", 3));
    const std::pair<std::string, std::string> saved{"Last-Modified", "Sun, 22 Nov 2026 07:00:00 GMT"};
    CHECK(std::find(response.headers.begin(), response.headers.end(), saved) != response.headers.end());
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

TEST_CASE("router: explain needs rule, centre and queue, takes the channel, and decodes names", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = TokenTable::open();
    ApiRouter router(backend, tokens);
    const auto ask = [&](const std::string& query) {
        auto head = head_of("GET", "/api/v1/explain" + query, "");
        head.headers["host"] = "127.0.0.1:9847";
        const auto admitted = router.admit(head);
        REQUIRE(std::holds_alternative<Admitted>(admitted));
        return router.handle(std::get<Admitted>(admitted), head, "");
    };
    CHECK(ask("").status == 400);
    CHECK(ask("?rule=a&centre=b").status == 400);
    CHECK(ask("?rule=a&centre=&queue=c").status == 400);
    CHECK(ask("?rule=no-such-rule&centre=b&queue=c").status == 404);
    CHECK(ask("?rule=a&centre=%E6%B5%8E%E5%8D%97&queue=%2A&channel=chat").body.find("explain a on 济南/*/chat") !=
          std::string::npos);
    CHECK(ask("?rule=a&centre=b&queue=c").body.find("b/c/voice") != std::string::npos);
}

TEST_CASE("router: a report comes in its three forms, as what it is, and says what it wants", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = TokenTable::open();
    ApiRouter router(backend, tokens);
    const auto ask = [&](const std::string& query) {
        auto head = head_of("GET", "/api/v1/incidents/0-17/report" + query, "");
        head.headers["host"] = "127.0.0.1:9847";
        const auto admitted = router.admit(head);
        REQUIRE(std::holds_alternative<Admitted>(admitted));
        CHECK(std::get<Admitted>(admitted).large);
        return router.handle(std::get<Admitted>(admitted), head, "");
    };
    const auto header = [](const HttpResponse& response, const std::string& name) {
        for (const auto& [key, value] : response.headers) {
            if (key == name) {
                return value;
            }
        }
        return std::string();
    };
    const auto page = ask("");
    CHECK(page.body.find("report 0-17 0 - ") != std::string::npos);
    CHECK(page.content_type == "text/html; charset=utf-8");
    CHECK(header(page, "Content-Security-Policy").starts_with("default-src 'none'; style-src 'unsafe-inline';"));
    CHECK(header(page, "Content-Disposition") == "inline; filename=\"surged-report-0-17.html\"");
    const auto text = ask("?format=md&language=zh&zone=Asia%2FShanghai");
    CHECK(text.body.find("report 0-17 1 zh Asia/Shanghai") != std::string::npos);
    CHECK(text.content_type == "text/markdown; charset=utf-8");
    const auto json = ask("?format=json&language=en");
    CHECK(json.body.find("report 0-17 2 en ") != std::string::npos);
    CHECK(json.content_type == "application/json; charset=utf-8");
    for (const char* wrong : {"?format=pdf", "?language=fr", "?format="}) {
        CHECK(ask(wrong).status == 400);
    }
    CHECK(ask("?zone=" + std::string(65, 'a')).status == 400);
    auto head = head_of("GET", "/api/v1/incidents/0-404/report", "");
    head.headers["host"] = "127.0.0.1:9847";
    CHECK(router.handle(std::get<Admitted>(router.admit(head)), head, "").status == 404);
    head = head_of("POST", "/api/v1/incidents/0-1/report", "");
    head.headers["host"] = "127.0.0.1:9847";
    CHECK(std::get<HttpResponse>(router.admit(head)).status == 405);
}

TEST_CASE("router: the summary of a period is told as how far it is, then as itself", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = TokenTable::open();
    ApiRouter router(backend, tokens);
    const auto ask = [&](const std::string& query) {
        auto head = head_of("GET", "/api/v1/report" + query, "");
        head.headers["host"] = "127.0.0.1:9847";
        const auto admitted = router.admit(head);
        REQUIRE(std::holds_alternative<Admitted>(admitted));
        CHECK(std::get<Admitted>(admitted).large);
        return router.handle(std::get<Admitted>(admitted), head, "");
    };
    const auto made = ask("?from=2026-10-01&to=2026-10-31");
    CHECK(made.status == 200);
    CHECK(made.content_type == "text/html; charset=utf-8");
    CHECK(made.body.find("period 2026-10-01 2026-10-31  ") != std::string::npos);
    CHECK(made.headers.front().second == "inline; filename=\"surged-report-2026-10-01-2026-10-31.html\"");
    CHECK(ask("?week=2026-W41&format=json").body.find("period    2026-W41") != std::string::npos);
    const auto waits = ask("?month=being-made");
    CHECK(waits.status == 202);
    CHECK(waits.body == R"({"percent":42,"stage":"history"})");
    CHECK(waits.content_type == "application/json; charset=utf-8");
    CHECK(ask("").status == 400);
    CHECK(ask("?month=2026-10&format=pdf").status == 400);
}

TEST_CASE("router: history takes names, times in every form and whole minutes; what it refuses says what it wants", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = TokenTable::open();
    ApiRouter router(backend, tokens);
    const auto ask = [&](const std::string& query) {
        auto head = head_of("GET", "/api/v1/history" + query, "");
        head.headers["host"] = "127.0.0.1:9847";
        const auto admitted = router.admit(head);
        REQUIRE(std::holds_alternative<Admitted>(admitted));
        CHECK(std::get<Admitted>(admitted).large);
        return router.handle(std::get<Admitted>(admitted), head, "");
    };
    const auto now = to_ms(backend.now().wall);
    const auto text = [](std::int64_t ms) { return std::to_string(ms); };
    const std::string queue = "?centre=%E6%B5%8E%E5%8D%97&queue=a";
    CHECK(ask(queue).body.find("history of 济南/a/voice " + text(now - 10800000) + " " + text(now) + " 0") != std::string::npos);
    CHECK(ask(queue + "&channel=chat&metric=offered,calls_waiting,offered&step=5m").body.find("a/chat offered calls_waiting " + text(now - 10800000)) !=
          std::string::npos);
    for (const std::string from : {"1700000000", "1700000000000", "2023-11-14T22:13:20Z", "2023-11-15T06:13:20%2B08:00"}) {
        CAPTURE(from);
        CHECK(ask(queue + "&from=" + from + "&to=now").body.find(" 1700000000000 " + text(now)) != std::string::npos);
    }
    CHECK(ask(queue + "&from=-90m&to=-1h").body.find(text(now - 5400000) + " " + text(now - 3600000)) != std::string::npos);
    CHECK(ask(queue + "&step=1m").status == 200);
    CHECK(ask(queue + "&step=400d").status == 200);
    for (const std::string bad : {"&step=59s", "&step=90s", "&step=401d", "&step=5", "&step=0s", "&from=yesterday", "&from=-", "&from=-3", "&to=",
                                  "&from=-1h&to=-1h", "&from=-1h&to=-2h", "&from=-99999d"}) {
        CAPTURE(bad);
        CHECK(ask(queue + bad).status == 400);
    }
    CHECK(ask("").status == 400);
    CHECK(ask("?centre=a").status == 400);
    CHECK(ask("?centre=a&queue=").status == 400);
    std::string metrics = "&metric=m0";
    for (int i = 1; i < 64; ++i) {
        metrics += ",m" + std::to_string(i);
    }
    CHECK(ask(queue + metrics).status == 200);
    CHECK(ask(queue + metrics + ",m64").status == 400);
}

TEST_CASE("router: incidents of the past are asked by time, in parts; the list of now is as it was", "[unit]") {
    FakeBackend backend;
    const TokenTable open = TokenTable::open();
    ApiRouter router(backend, open);
    const auto get = [&](const std::string& path) {
        RequestHead head = head_of("GET", path, "");
        head.headers["host"] = "localhost";
        return run(router, head);
    };
    CHECK(*get("/api/v1/incidents").shared == R"({"what":"incidents"})");
    CHECK(get("/api/v1/incidents?from=1800000000000").body == R"({"what":"past 1800000000000 - 100 "})");
    CHECK(get("/api/v1/incidents?from=1800000000000&people=1").body == R"({"what":"past 1800000000000 - 100  people"})");
    CHECK(get("/api/v1/incidents?from=1800000000000&people=yes").status == 400);
    CHECK(get("/api/v1/incidents?to=1800000000000&limit=500&next=p7").body == R"({"what":"past - 1800000000000 500 p7"})");
    for (const auto* bad : {"from=tomorrow", "to=x", "from=1&limit=0", "from=1&limit=501", "from=1&limit=2.5", "from=1&limit=x"}) {
        CHECK(get("/api/v1/incidents?" + std::string(bad)).status == 400);
    }
    CHECK(get("/api/v1/rosters?from=1800000000000").body == R"({"what":"duty 1800000000000 14"})");
    CHECK(get("/api/v1/rosters?from=1800000000000&to=1800000000001").body == R"({"what":"duty 1800000000000 1 ms"})");
    CHECK(get("/api/v1/rosters?from=1800000000000&to=1800000000000").status == 400);
    CHECK(get("/api/v1/rosters?from=1800000000000&to=1805356800000").body == R"({"what":"duty 1800000000000 62"})");
    CHECK(get("/api/v1/rosters?from=1800000000000&to=1805356800001").status == 400);
}
