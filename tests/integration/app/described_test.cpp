// What a running daemon answers against its descriptions: the API's answers by the schemas of openapi.json, judged by a validator that is
// not ours, and the metrics by surged-metrics(7).
#include <fstream>
#include <regex>
#include <sstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string source = SURGED_SOURCE_DIR;

/// Asks, and writes down what came back, one answer a line.
class AnswerBook {
public:
    explicit AnswerBook(DaemonKit& kit) : kit_(kit), file_(kit.dir.file("answers")), out_(file_) {}

    HttpReply get(const std::string& path) { return note("GET", path, http(kit_.port("http"), "GET", path)); }
    HttpReply post(const std::string& path, const std::string& json) { return note("POST", path, post_json(kit_.port("http"), path, json)); }
    HttpReply remove(const std::string& path) { return note("DELETE", path, http(kit_.port("http"), "DELETE", path)); }
    std::string file() {
        out_.flush();
        return file_;
    }

private:
    HttpReply note(const std::string& method, const std::string& path, HttpReply reply) {
        INFO(method << " " << path << ": " << reply.status << " " << reply.body.substr(0, 300));
        REQUIRE(reply.status != 0);
        const auto type = reply.headers["content-type"].substr(0, reply.headers["content-type"].find(';'));
        const auto body = type == "application/json" ? reply.body : std::string("\"\"");
        out_ << R"({"method":")" << method << R"(","path":")" << path << R"(","status":)" << reply.status << R"(,"type":")" << type << R"(","body":)"
             << body << "}\n";
        return reply;
    }

    DaemonKit& kit_;
    std::string file_;
    std::ofstream out_;
};

constexpr std::array readings{"/healthz",          "/readyz",          "/api/v1/me",        "/api/v1/status",       "/api/v1/queues",
                              "/api/v1/queues?limit=1", "/api/v1/alerts",   "/api/v1/alerts?all=1", "/api/v1/incidents",    "/api/v1/incidents?from=0",
                              "/api/v1/rosters",   "/api/v1/rosters?days=3", "/api/v1/overrides", "/api/v1/silences",     "/api/v1/explain?rule=waiting&centre=jinan&queue=general",
                              "/api/v1/history?centre=jinan&queue=general",  "/api/v1/queues?limit=0", "/nothing",        "/",                    "/wall",
                              "/queues/jinan/general", "/favicon.ico",  "/login?code=x",     "/a/wrong"};

void read_all(AnswerBook& book) {
    for (const char* path : readings) {
        book.get(path);
    }
}

bool validator_installed() {
    TempDir dir;
    return run_program("/usr/bin/python3", {"-c", "from jsonschema import Draft202012Validator"}, dir.path().string()).code == 0;
}

}  // namespace

TEST_CASE("openapi: what a running daemon answers, from rest through an incident to its past, is what its schemas say", "[integration]") {
    if (!validator_installed()) {
        WARN("python3-jsonschema is not installed: skipped");
        return;
    }
    DaemonKit kit;
    kit.start();
    AnswerBook book(kit);
    read_all(book);
    std::string id;
    REQUIRE(kit.feed_until(20, [&] {
        const auto list = parse_json(http(kit.port("http"), "GET", "/api/v1/incidents").body);
        const auto* incidents = list ? list->find("incidents") : nullptr;
        id = incidents != nullptr && !incidents->array()->empty() ? incidents->array()->front().text_or("incident", "") : "";
        return !id.empty();
    }));
    const auto incident = "/api/v1/incidents/" + id;
    book.post(incident + "/ack", R"({"person":"lead-1"})");
    book.post(incident + "/join", R"({"person":"lead-1"})");
    book.post(incident + "/arrive", R"({"person":"lead-1"})");
    book.post(incident + "/decline", R"({"person":"lead-2","reason":"on leave"})");
    book.post(incident + "/join", R"({"person":"nobody"})");
    book.post(incident + "/join", R"({"persn":"lead-1"})");
    book.post(incident + "/escalate", "{}");
    book.post(incident + "/verdict", R"({"verdict":"useful","by":"sup-1"})");
    book.post(incident + "/adopt-policy", "{}");
    book.post("/api/v1/silences", R"({"queue":"other","for":"30m","reason":"test"})");
    book.post("/api/v1/overrides", R"({"roster":"leads","in":"manager-1","until":"2099-01-01T00:00:00Z"})");
    book.post("/api/v1/drills", R"({"person":"lead-3"})");
    book.post("/api/v1/drills/answer", R"({"person":"lead-3"})");
    book.post("/api/v1/reload", "{}");
    book.post("/api/v1/logins", "{}");
    book.post("/api/v1/login", "{}");
    book.post("/api/v1/logout", "{}");
    book.get(incident);
    read_all(book);
    book.post(incident + "/leave", R"({"person":"lead-1"})");
    book.post(incident + "/resolve", R"({"force":true})");
    book.remove("/api/v1/silences/s-1");
    book.remove("/api/v1/silences/s-9");
    CHECK(eventually([&] { return http(kit.port("http"), "GET", incident).body.find("\"state\":\"closed\"") != std::string::npos; }));
    book.get(incident);
    for (const char* form : {"json", "html", "md"}) {
        CHECK(book.get(incident + "/report?format=" + form).status == 200);
        const auto period = std::string("/api/v1/report?week=this&format=") + form;
        CHECK(eventually([&] { return http(kit.port("http"), "GET", period).status != 202; }));
        CHECK(book.get(period).status == 200);
    }
    read_all(book);

    const auto judged = run_program("/usr/bin/python3", {source + "/tests/integration/app/openapi_check.py", source + "/daemon/io/http/openapi.json", book.file()},
                                    kit.dir.path().string());
    INFO(judged.out << judged.err);
    CHECK(judged.code == 0);
    CHECK(judged.out.find(" answers, ") != std::string::npos);
}

TEST_CASE("metrics page: what a running daemon shows is told, with its type", "[integration]") {
    std::ostringstream page;
    page << std::ifstream(source + "/daemon/manual/pages/surged-metrics.7.md").rdbuf();
    DaemonKit kit;
    kit.start();
    CHECK(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    const auto scrape = http(kit.port("metrics"), "GET", "/metrics").body;
    static const std::regex type_line("# TYPE (\\S+) (\\S+)");
    std::size_t told = 0;
    for (std::sregex_iterator it(scrape.begin(), scrape.end(), type_line), end; it != end; ++it) {
        const std::string name = (*it)[1];
        const std::string type = (*it)[2];
        INFO(name << " " << type);
        const bool of_queue = name.starts_with("surged_queue_") && name != "surged_queue_stale";
        CHECK((of_queue || page.str().find("| `" + name + "` | " + type + " |") != std::string::npos));
        ++told;
    }
    CHECK(told > 50);
}
