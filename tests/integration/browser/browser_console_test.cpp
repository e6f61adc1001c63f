// The console in a real browser: an incident as it opens, tokens, and a page of somebody else beside it.
#include <fstream>

#include "chromium.hpp"
#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Serves one HTML text at every path, as a site of its own.
struct HostileSite {
    TempDir dir;
    int port = free_port();
    std::unique_ptr<Kept> server;

    explicit HostileSite(const std::string& html) {
        std::ofstream(dir.file("index.html")) << html;
        server = std::make_unique<Kept>("/usr/bin/python3",
                                        std::vector<std::string>{"-m", "http.server", "--bind", "127.0.0.1", "--directory", dir.path().string(),
                                                                 std::to_string(port)},
                                        dir.file("log"));
        REQUIRE(eventually([&] { return HttpConnection(port).connected(); }, 20s));
    }
};

}  // namespace

TEST_CASE("browser: the console shows an incident as it opens, in both languages, and the browser's console stays empty", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    Chromium& browser = chromium();
    browser.window(1440, 900);
    browser.console();
    browser.open(site_of(kit));
    CHECK(eventually([&] { return browser.run("return document.getElementById('live').textContent").find("live") != std::string::npos; }, 20s));
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    CHECK(browser.says("0-1"));
    CHECK(browser.says("general"));
    CHECK(browser.says("missing 2"));
    CHECK(browser.says("0 of 2 joined"));
    CHECK(browser.says("0 arrived"));
    CHECK(browser.says("3 asked"));
    CHECK(browser.says("limit > 10"));
    CHECK(browser.run("return document.title") == "\"yellow missing 2 \u00b7 surged\"");
    browser.press("#language");
    CHECK(browser.says("队列"));
    CHECK(browser.says("已加入 0 / 需要 2"));
    CHECK(browser.says("还缺 2 人"));
    CHECK(browser.run("return document.documentElement.lang") == "\"zh-CN\"");
    browser.press("#language");
    CHECK(browser.says("Queues"));
    const auto console = browser.console();
    // A browser asks for /favicon.ico by itself; nothing else may be amiss.
    INFO(console);
    CHECK((console == "[]" || (console.find("favicon.ico") != std::string::npos && console.find("\"level\":\"SEVERE\"") == console.rfind("\"level\":\"SEVERE\""))));
}

TEST_CASE("browser: with tokens the console asks for one, says that a wrong one is wrong, and shows nothing before", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    configure_http(kit, "", true);
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    Chromium& browser = chromium();
    browser.open(site_of(kit));
    const auto asks = [&] { return eventually([&] { return browser.has("#login[open]"); }, 20s); };
    CHECK(asks());
    CHECK(browser.text().find("jinan") == std::string::npos);
    CHECK(browser.text().find("All quiet") == std::string::npos);
    browser.fill("#token", "wrong-token-00000001");
    browser.press("#login button");
    CHECK(browser.says("This token is not valid"));
    CHECK(asks());
    CHECK(browser.run("return document.getElementById('token').value") == "\"\"");
    CHECK(browser.text().find("jinan") == std::string::npos);
    browser.fill("#token", admin_token);
    browser.press("#login button");
    CHECK(browser.says("jinan"));
    CHECK(browser.says("0-1"));
}

TEST_CASE("browser: a hostile page of another origin acts on nothing in open mode, by no form and no request", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.ack_url_base = "http://surge.example";
    kit.write_config();
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto link = link_of(kit, "lead-01").substr(kit.ack_url_base.size());
    const std::string port = std::to_string(kit.port("http"));
    // By every name that reaches the daemon: of this host, of the proxy, and one that was made to resolve to it.
    const std::string hostile = R"(<!doctype html><body>waiting<script>
      const names = ["127.0.0.1", "localhost", "surge.example", "rebound.example"];
      const acts = [["incidents/0-1/join", '{"person":"lead-01"}'], ["incidents/0-1/resolve", '{"force":true,"reason":"x","by":"lead-01"}'],
                    ["silences", '{"rule":"*","for":"30m"}'], ["reload", "{}"], ["overrides", '{"roster":"leads","in":"boss"}']];
      (async () => {
        const read = [];
        for (const name of names) {
          for (const [path, body] of acts) {
            for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"])
              for (const mode of ["no-cors", "cors"])
                await fetch(`http://${name}:PORT/api/v1/${path}`, { method: "POST", mode, body, headers: { "Content-Type": type } }).catch(() => {});
          }
          await fetch(`http://${name}:PORTLINK`, { method: "POST", mode: "no-cors", body: new URLSearchParams({ action: "join" }) }).catch(() => {});
          await fetch(`http://${name}:PORT/api/v1/incidents`).then(a => a.text()).then(t => read.push(t)).catch(() => {});
        }
        document.body.textContent = "done, read " + read.length;
      })();
      </script></body>)";
    std::string html = hostile;
    for (std::size_t at = html.find("PORTLINK"); at != std::string::npos; at = html.find("PORTLINK")) {
        html.replace(at, 8, port + link);
    }
    for (std::size_t at = html.find("PORT"); at != std::string::npos; at = html.find("PORT")) {
        html.replace(at, 4, port);
    }
    Chromium& browser = chromium();
    const HostileSite site(html);
    const HostileSite form("<!doctype html><body><form method=\"post\" enctype=\"text/plain\" action=\"http://127.0.0.1:" + port +
                           "/api/v1/incidents/0-1/join\"><input name='{\"person\":\"lead-01\",\"x\":\"' value='\"}'><button>x</button></form></body>");
    const HostileSite pressed("<!doctype html><body><form method=\"post\" action=\"http://127.0.0.1:" + port + link +
                              "\"><input name=\"action\" value=\"join\"><button>x</button></form></body>");
    for (const char* name : {"127.0.0.1", "evil.example"}) {
        CAPTURE(name);
        const auto visit = [&](const HostileSite& where) { browser.open("http://" + std::string(name) + ":" + std::to_string(where.port) + "/"); };
        visit(site);
        CHECK(browser.says("done, read 0"));
        visit(form);
        browser.send("button");
        CHECK(browser.says("error"));
        visit(pressed);
        browser.send("button");
        CHECK(browser.says("Not accepted"));  // a page, which says to open the link itself
    }
    CHECK(kit.ctl({"incidents"}).out.find("0/2") != std::string::npos);
    CHECK(kit.ctl({"silences"}).out.find("lead") == std::string::npos);
    const auto show = kit.ctl({"show", "0-1", "--timeline", "--json"}).out;
    CHECK(show.find("seat.joined") == std::string::npos);
    CHECK(show.find("incident.resolved") == std::string::npos);
    CHECK(kit.ctl({"join", "--as", "lead-01"}).code == 0);  // while who is meant still can
}
