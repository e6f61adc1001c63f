// A host that stands by, over real sockets: real curl is led to the host at work, and the listener has the limits of the API's.
#include <cstdio>
#include <fstream>
#include <mutex>

#include "io/http/standby_api.hpp"
#include "support/http_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// A stand-by whose facts can be changed while it answers.
struct StandingBy {
    explicit StandingBy(ListenerOptions options = {}, TlsContext tls = nullptr) {
        auto started = StandbyServer::start(options, std::move(tls), [this] {
            const std::lock_guard hold(lock);
            return facts;
        });
        if (!started) {
            FAIL(started.error().message);
        }
        server = std::move(*started);
    }
    void set(StandbyFacts now) {
        const std::lock_guard hold(lock);
        facts = std::move(now);
    }
    int port() const { return server->port(); }

    std::mutex lock;
    StandbyFacts facts{"b", "", "", 0, 0, false, true};
    std::unique_ptr<StandbyServer> server;
};

std::string address(int port) {
    return "http://127.0.0.1:" + std::to_string(port);
}

/// What a command prints.
std::string text_of(const std::string& command) {
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "r");  // NOLINT: words of our own
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
        out.append(buffer, got);
    }
    ::pclose(pipe);
    return out;
}

std::string curl(const std::string& words) {
    return text_of("curl -s --max-time 20 " + words);
}

}  // namespace

TEST_CASE("http standby: curl follows to the host at work and reads the page there", "[integration]") {
    Served owner;
    StandingBy standby;
    CHECK(curl("-o /dev/null -w '%{http_code}' " + address(standby.port()) + "/") == "503");
    standby.set({"b", "a", address(owner.port()), 3, 0, true, true});
    CHECK(curl("-o /dev/null -w '%{http_code} %{redirect_url}' " + address(standby.port()) + "/past?x=1") == "307 " + address(owner.port()) + "/past?x=1");
    CHECK(curl("-L -o /dev/null -w '%{http_code} %{num_redirects}' " + address(standby.port()) + "/") == "200 1");
    CHECK(curl("-L " + address(standby.port()) + "/wall").find("<title>surged") != std::string::npos);
    // An answer is not sent on: it would be refused there as coming from another site, and people would think it was given.
    const auto answer = http(standby.port(), "POST", "/a/good", {{"Content-Type", "application/x-www-form-urlencoded"}}, "action=join");
    CHECK(answer.status == 503);
    CHECK(answer.body.find(address(owner.port()) + "/a/good") != std::string::npos);
    CHECK(owner.backend.commands().empty());
}

TEST_CASE("http standby: a real browser is led to the console of the host at work", "[integration]") {
    if (!std::ifstream("/usr/bin/chromium").good()) {
        WARN("chromium is not installed: skipped");
        return;
    }
    const TempDir dir;
    Served owner;
    StandingBy standby;
    standby.set({"b", "a", address(owner.port()), 3, 0, true, true});
    const auto page = text_of("timeout 60 /usr/bin/chromium --headless=new --no-sandbox --disable-gpu --user-data-dir=" + dir.file("profile") + " --dump-dom " +
                              address(standby.port()) + "/wall 2>/dev/null");
    CHECK(page.find("<script") != std::string::npos);
    CHECK(page.find("recorded nothing") == std::string::npos);
    // What the page asked for afterwards it asked of the owner: a page of the stand-by would have heard 503 from there.
    CHECK(owner.server->stats().requests > 1);
}

TEST_CASE("http standby: the facts are those of the moment", "[integration]") {
    StandingBy standby;
    CHECK(http(standby.port(), "GET", "/readyz").body.find("\"owner\":null") != std::string::npos);
    standby.set({"b", "a", "https://a:9847", 4, 17, true, true});
    const auto ready = http(standby.port(), "GET", "/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.body == R"({"standby":"b","owner":"a","term":4,"behind":17,"warm":true,"config_agrees":true})");
    CHECK(http(standby.port(), "GET", "/healthz").status == 200);
    CHECK(http(standby.port(), "HEAD", "/readyz").status == 503);
    const auto refused = post_json(standby.port(), "/api/v1/incidents/0-1/join", "{}", {{"Authorization", "Bearer secret"}});
    CHECK(refused.status == 503);
    CHECK(refused.body.find("\"code\":\"standby\"") != std::string::npos);
    CHECK(http(standby.port(), "GET", "/api/v1/events").status == 503);
}

TEST_CASE("http standby: it speaks the TLS of the API, takes a new certificate, and cuts whoever drips", "[integration]") {
    const TestCertificate certificate;
    const TestCertificate other;
    const auto tls_of = [](const TestCertificate& one) { return load_credentials({"", one.certificate(), one.key()})->tls; };
    ListenerOptions options;
    options.request_timeout = Span{1000};
    StandingBy standby(options, tls_of(certificate));
    const auto code = [&](const TestCertificate& trusted) {
        return curl("-o /dev/null -w '%{http_code}' --cacert " + trusted.certificate() + " https://127.0.0.1:" + std::to_string(standby.port()) + "/healthz");
    };
    CHECK(code(certificate) == "200");
    CHECK(code(other) == "000");
    standby.server->renew(tls_of(other));
    CHECK(code(other) == "200");

    StandingBy plain(options);
    HttpConnection slow(plain.port());
    REQUIRE(slow.send("GET /healthz HTTP/1.1\r\nHost: x\r\n"));
    CHECK(slow.reply().status == 408);
    CHECK(plain.server->stats().late == 1);
}

TEST_CASE("http standby: when it ends its port is free for the API at once", "[integration]") {
    HttpOptions options;
    {
        StandingBy standby;
        options.port = standby.port();
        CHECK(http(standby.port(), "GET", "/healthz").status == 200);
    }
    Served owner(options);
    CHECK(owner.port() == options.port);
    CHECK(http(owner.port(), "GET", "/readyz").status == 200);
}
