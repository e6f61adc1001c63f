// What is only read: its parameters, its limits, and the form of its answer.
#include <algorithm>

#include "router_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("reads: every path that is read has its answer; none is admitted and then not known", "[unit]") {
    FakeBackend backend;
    const TokenTable tokens = all_roles();
    ApiRouter router(backend, tokens);
    int asked = 0;
    for (const ServedRoute& route : served_routes()) {
        if (route.method != "GET" || route.path == "/api/v1/events") {  // that one is a stream and the server's
            continue;
        }
        std::string path(route.path);
        if (const auto hole = path.find("{}"); hole != std::string::npos) {
            path.replace(hole, 2, "0-17");
        } else if (path.ends_with('*')) {
            path.back() = 'x';
        }
        CAPTURE(path);
        const auto reply = run(router, head_of("GET", path, admin_token));
        CHECK(reply.body.find("no such reading endpoint") == std::string::npos);
        ++asked;
    }
    CHECK(asked >= 25);
}

TEST_CASE("reads: reading endpoints pass their parameters on", "[unit]") {
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

TEST_CASE("reads: the windows are the saved file byte for byte, with the time when it was saved", "[unit]") {
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

TEST_CASE("reads: explain needs rule, centre and queue, takes the channel, and decodes names", "[unit]") {
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

TEST_CASE("reads: a report comes in its three forms, as what it is, and says what it wants", "[unit]") {
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

TEST_CASE("reads: the summary of a period is told as how far it is, then as itself", "[unit]") {
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

TEST_CASE("reads: history takes names, times in every form and whole minutes; what it refuses says what it wants", "[unit]") {
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

TEST_CASE("reads: incidents of the past are asked by time, in parts; the list of now is as it was", "[unit]") {
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
