// What a host that stands by answers, request by request.
#include "io/http/standby_api.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const StandbyFacts following{"b", "a", "https://a:9847", 7, 12, true, false};
const StandbyFacts orphan{"b", "", "", 0, 0, false, true};

HttpResponse ask(const std::string& method, const std::string& path, const StandbyFacts& facts = following, const std::string& query = {}) {
    RequestHead head;
    head.method = method;
    head.path = path;
    head.query = query;
    return standby_answer(head, facts);
}

std::string header_of(const HttpResponse& response, const std::string& name) {
    for (const auto& header : response.headers) {
        if (header.first == name) {
            return header.second;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("standby: it lives, and it is no place for a proxy to send people to", "[unit]") {
    CHECK(ask("GET", "/healthz").status == 200);
    CHECK(ask("HEAD", "/healthz").status == 200);
    CHECK(ask("POST", "/healthz").status == 405);
    CHECK(ask("GET", "/readyz").status == 503);
    CHECK(ask("GET", "/readyz").body == R"({"standby":"b","owner":"a","term":7,"behind":12,"warm":true,"config_agrees":false})");
    CHECK(ask("GET", "/readyz", orphan).body == R"({"standby":"b","owner":null,"term":0,"behind":0,"warm":false,"config_agrees":true})");
}

TEST_CASE("standby: the API says who is at work, to every method and path, and asks for no token", "[unit]") {
    for (const std::string method : {"GET", "POST", "DELETE", "PUT"}) {
        for (const std::string path : {"/api", "/api/v1/status", "/api/v1/incidents/0-1/join", "/api/none"}) {
            const auto answer = ask(method, path);
            INFO(method << " " << path);
            CHECK(answer.status == 503);
            CHECK(answer.body == R"({"error":{"code":"standby","message":"b stands by, 12 records behind, with another configuration; a is at work under term 7, at https://a:9847","owner":"a"}})");
            CHECK(header_of(answer, "Location").empty());
        }
    }
    CHECK(ask("GET", "/api/v1/status", orphan).body == R"({"error":{"code":"standby","message":"b stands by, 0 records behind, its windows not full; no host is known to be at work","owner":null}})");
}

TEST_CASE("standby: whoever reads a page is sent to the owner's, path and query kept", "[unit]") {
    const auto sent = [](const std::string& path, const std::string& query = {}) {
        const auto answer = ask("GET", path, following, query);
        CHECK(answer.status == 307);
        return header_of(answer, "Location");
    };
    CHECK(sent("/") == "https://a:9847/");
    CHECK(sent("/a/0-1.zhang.k-_x") == "https://a:9847/a/0-1.zhang.k-_x");
    CHECK(sent("/queues/jinan/%E6%99%AE/voice", "from=1h") == "https://a:9847/queues/jinan/%E6%99%AE/voice?from=1h");
    CHECK(sent("/apis") == "https://a:9847/apis");
    CHECK(ask("HEAD", "/").status == 307);
}

TEST_CASE("standby: nobody is sent anywhere but to the owner's address", "[unit]") {
    CHECK(header_of(ask("GET", "//evil.example/x"), "Location") == "https://a:9847//evil.example/x");
    for (const std::string path : {"evil", "@evil.example/", "/\r\nSet-Cookie: x=1", "/ x", "/\x80"}) {
        const auto answer = ask("GET", path);
        CHECK(answer.status == 503);
        CHECK(header_of(answer, "Location").empty());
    }
    CHECK(ask("GET", "/", following, "x=\r\ny").status == 503);
    for (const std::string url : {"", "javascript:alert(1)", "https://a:9847/path", "https://a@evil.example", "https://a\r\nX: y", "a:9847"}) {
        auto facts = following;
        facts.owner_url = url;
        INFO(url);
        const auto answer = ask("GET", "/", facts);
        CHECK(answer.status == 503);
        CHECK(header_of(answer, "Location").empty());
        CHECK(answer.body.find("javascript") == std::string::npos);
    }
}

TEST_CASE("standby: a form is not sent on; a page in both languages says that nothing was recorded, and where to go on", "[unit]") {
    const auto answer = ask("POST", "/a/0-1.zhang.key", following, "x=\"<b>");
    CHECK(answer.status == 503);
    CHECK(header_of(answer, "Location").empty());
    CHECK(answer.content_type.starts_with("text/html"));
    CHECK(answer.body.find("recorded nothing") != std::string::npos);
    CHECK(answer.body.find("没有记录任何内容") != std::string::npos);
    CHECK(answer.body.find("<a href=\"https://a:9847/a/0-1.zhang.key?x=&quot;&lt;b&gt;\">") != std::string::npos);
    CHECK(answer.body.find("<b>") == std::string::npos);
}

TEST_CASE("standby: while no owner is known a page in both languages says so", "[unit]") {
    for (const std::string method : {"GET", "POST"}) {
        const auto answer = ask(method, "/", orphan);
        CHECK(answer.status == 503);
        CHECK(answer.body.find("no host is known to be at work") != std::string::npos);
        CHECK(answer.body.find("没有已知的值班主机") != std::string::npos);
        CHECK(header_of(answer, "Retry-After") == "2");
    }
}

TEST_CASE("owner: /readyz tells the term in a cluster, and nothing new without one", "[unit]") {
    FakeBackend backend;
    const auto open = TokenTable::open();
    ApiRouter router(backend, open);
    const auto ready = [&] {
        RequestHead head;
        head.method = "GET";
        head.path = "/readyz";
        head.add("host", "127.0.0.1");
        const auto admitted = router.admit(head);
        return router.handle(std::get<Admitted>(admitted), head, "");
    };
    CHECK(ready().body == R"({"status":"ready"})");
    backend.owns({"a", "https://a:9847", "c/0", 7, false, {}, 1});
    CHECK(ready().body == R"({"status":"ready","owner":"a","term":7})");
    backend.set_ready(false);
    CHECK(ready().status == 503);
    CHECK(ready().body == R"({"status":"unavailable","owner":"a","term":7})");
}
