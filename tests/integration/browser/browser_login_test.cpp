// Logging a real browser in by the link of `surgectl login`: once, in time, with the role of its token; of two daemons on one host, and
// behind a real nginx that serves both in folders.
#include <csignal>
#include <filesystem>
#include <fstream>

#include "chromium.hpp"
#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

void keep_tokens(const DaemonKit& kit) {
    configure_http(kit, "trusted_proxies = [\"127.0.0.1\"]\n", true);
    const auto put = [&](const std::string& name, const std::string& text) {
        std::ofstream(kit.dir.file(name)) << text;
        std::filesystem::permissions(kit.dir.file(name), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    };
    put("tokens", "admin " + admin_token + "\nviewer view-token-00000001\nlead lead-token-00000001 lead-01\n");
    put("viewer", "view-token-00000001\n");
    put("lead", "lead-token-00000001\n");
}

/// The path of the link that `surgectl login` prints for this token.
std::string login_path(const DaemonKit& kit, const std::string& token) {
    Process tool(std::string(SURGED_BIN_DIR) + "/surgectl", {"--server", "http://" + kit.address("http"), "--token-file", kit.dir.file(token), "login"},
                 kit.dir.file("login"));
    REQUIRE(tool.wait(20s) == 0);
    const auto out = tool.out();
    const auto at = out.rfind("/login?code=");  // the file is appended to
    INFO(out);
    REQUIRE(at != std::string::npos);
    return out.substr(at, out.find_first_of("\r\n", at) - at);
}

/// Opens the link and presses its button.
void log_in(Chromium& browser, const std::string& site, const std::string& path) {
    browser.open(site + path);
    REQUIRE(browser.says("Log in on this browser"));
    browser.send("button");
}

std::string me(Chromium& browser, const std::string& word) {
    return browser.run("return fetch('" + word + "', { cache: 'no-store' }).then((r) => r.json()).then((m) => (m.error ? m.error.code : m.role + ' ' + m.by))");
}

bool live(Chromium& browser) {
    return eventually([&] { return browser.run("return document.getElementById('live').textContent") == "\"live\""; }, 20s) && !browser.has("#login[open]");
}

}  // namespace

TEST_CASE("browser: the link of surgectl login works once, with the role of its token, and the login outlives the daemon", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    keep_tokens(kit);
    kit.start();
    const auto port = kit.port("http");
    replace_in(kit.config, "token_file = \"tokens\"\nlisten = \"127.0.0.1:0\"", "token_file = \"tokens\"\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"");
    const std::string site = "http://127.0.0.1:" + std::to_string(port);
    Chromium& browser = chromium();
    browser.window(1440, 900);
    const auto viewer = login_path(kit, "viewer");
    log_in(browser, site, viewer);
    CHECK(browser.run("return location.pathname") == "\"/\"");
    CHECK(live(browser));
    CHECK(me(browser, "/api/v1/me") == "\"viewer login\"");
    browser.open(site + viewer);
    browser.send("button");
    CHECK(browser.says("This link has been used"));
    browser.open(site + "/");
    CHECK(me(browser, "/api/v1/me") == "\"viewer login\"");  // what was logged in stays
    // A viewer sees no button that it may not press, and the daemon takes none from it.
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    browser.open(site + "/incidents/0-1");
    CHECK(browser.says("Timeline"));
    CHECK_FALSE(browser.has("#do-join"));
    CHECK(browser.run("return fetch('/api/v1/incidents/0-1/escalate', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }).then((r) => r.status)") == "403");
    log_in(browser, site, login_path(kit, "lead"));
    browser.open(site + "/incidents/0-1");
    CHECK(eventually([&] { return browser.has("#do-escalate"); }, 20s));
    CHECK(browser.run("return document.cookie") == "\"\"");  // no script reads it
    kit.daemon->signal(SIGKILL);
    kit.daemon->wait(5s);
    kit.start();
    browser.open(site + "/");
    CHECK(live(browser));
    CHECK(me(browser, "/api/v1/me") == "\"lead login\"");
}

TEST_CASE("browser: two daemons on one host keep a login each, by their ports and in folders behind a real nginx", "[integration]") {
    if (!browser_installed() || !Nginx::installed()) {
        return;
    }
    DaemonKit one;
    DaemonKit two;
    const int front = free_port();
    for (auto* kit : {&one, &two}) {
        kit->ack_url_base = "http://surge.example:" + std::to_string(front) + (kit == &one ? "/surged" : "/other");
        kit->write_config();
        keep_tokens(*kit);
        kit->start();
    }
    Chromium& browser = chromium();
    browser.window(1440, 900);
    const auto site = [](const DaemonKit& kit) { return "http://127.0.0.1:" + std::to_string(kit.port("http")); };
    log_in(browser, site(one), login_path(one, "lead"));
    log_in(browser, site(two), login_path(two, "viewer"));
    CHECK(me(browser, "/api/v1/me") == "\"viewer login\"");
    browser.open(site(one) + "/");
    CHECK(me(browser, "/api/v1/me") == "\"lead login\"");
    CHECK(live(browser));

    const TestCertificate certificate;
    const auto folder = [](const std::string& name, const std::string& to) {
        return "location /" + name + "/ { proxy_pass http://" + to + "/; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Host $http_host; "
               "proxy_set_header X-Forwarded-Proto $scheme; proxy_http_version 1.1; proxy_buffering off; }\n";
    };
    const Nginx nginx("server { listen 80; server_name surge.example;\n" + folder("surged", one.address("http")) + folder("other", two.address("http")) + "}\n", 0, front,
                      one.port("http"), certificate);
    const std::string host = "http://surge.example:" + std::to_string(front);
    log_in(browser, host + "/surged", login_path(one, "lead"));
    CHECK(browser.run("return location.pathname") == "\"/surged/\"");
    CHECK(live(browser));
    log_in(browser, host + "/other", login_path(two, "viewer"));
    CHECK(browser.run("return location.pathname") == "\"/other/\"");
    CHECK(live(browser));
    CHECK(me(browser, "/other/api/v1/me") == "\"viewer login\"");
    CHECK(me(browser, "/surged/api/v1/me") == "\"lead login\"");
    browser.open(host + "/surged/people");  // and its pages are found in the folder
    CHECK(live(browser));
    CHECK(browser.says("lead-01"));
}
