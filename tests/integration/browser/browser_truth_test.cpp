// The console says nothing that is not so: a daemon that hangs, dies or comes back under an open page, alerts that call nobody, queues
// without data. Green is only what is connected, fresh and without an alert.
#include <csignal>

#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

std::string truth(Chromium& browser) {
    return browser.run("const t = document.getElementById('truth'); return t ? t.className.replace('truth ', '') : ''");
}
bool becomes(Chromium& browser, const std::string& level, std::chrono::milliseconds within = 20s) {
    return eventually([&] { return truth(browser) == "\"" + level + "\""; }, within);
}
/// One value for the rule's queue, which raises nothing.
void calm(DaemonKit& kit) {
    REQUIRE(kit.feed_until(1, [&] { return kit.ctl({"queues"}).out.find("general") != std::string::npos; }));
}

}  // namespace

TEST_CASE("browser: a hung daemon is grey within five seconds, with the time and age of its data, and green again when it goes on", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    for (const char* path : {"", "wall"}) {
        CAPTURE(path);
        DaemonKit kit;
        kit.start();
        calm(kit);
        Chromium& browser = chromium();
        browser.window(1920, 1080);
        browser.open(site_of(kit) + path);
        REQUIRE(becomes(browser, "none"));
        // The browser reads a compressed stream, whose last piece must not wait for the next.
        CHECK(browser.run("return fetch('/api/v1/events?view=console').then((r) => r.headers.get('content-encoding'))") == "\"gzip\"");
        kit.daemon->signal(SIGSTOP);
        const auto stopped = std::chrono::steady_clock::now();
        CHECK(becomes(browser, "stale", 10s));
        CHECK(std::chrono::steady_clock::now() - stopped < 6s);  // five seconds, and one for the look
        CHECK(browser.says("Connection lost"));
        CHECK(browser.text().find("All quiet") == std::string::npos);
        CHECK(browser.run("return /data of \\d\\d:\\d\\d(:\\d\\d)?, \\d+ s ago/.test(document.body.innerText)") == "true");
        CHECK(browser.has(".lost"));
        CHECK(browser.run("return document.title").find("Disconnected") != std::string::npos);
        kit.daemon->signal(SIGCONT);
        CHECK(becomes(browser, "none"));
        CHECK_FALSE(browser.has(".lost"));
    }
}

TEST_CASE("browser: a daemon that is killed and started again under the page is grey between, and then its incident is there", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    const auto port = kit.port("http");
    Chromium& browser = chromium();
    replace_in(kit.config, "[http]\nlisten = \"127.0.0.1:0\"", "[http]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"");
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    browser.window(1440, 900);
    browser.open(site_of(kit));
    REQUIRE(becomes(browser, "yellow"));
    kit.daemon->signal(SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    CHECK(becomes(browser, "stale", 10s));
    CHECK(std::chrono::steady_clock::now() - killed < 6s);
    CHECK(browser.says("s ago"));
    kit.daemon->wait(5s);
    kit.start();
    CHECK(kit.port("http") == port);
    CHECK(browser.says("0-1"));
    CHECK(becomes(browser, "yellow"));
    CHECK_FALSE(browser.has(".lost"));
}

TEST_CASE("browser: nothing is green before a queue has reported, while one is silent, and while an alert fires that calls nobody", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    replace_in(kit.config, "stale_after = \"5m\"", "stale_after = \"4s\"");
    kit.write_config("[[rule]]\nid = \"lone\"\nkind = \"threshold\"\nmetric = \"oldest_wait_s\"\nscope = { centre = \"centre-1\" }\n"
                     "yellow = { raise = \"> 30\", clear = \"< 20\", raise_after = \"0s\", clear_after = \"0s\" }\n");
    replace_in(kit.config, "stale_after = \"5m\"", "stale_after = \"4s\"");
    kit.start();
    Chromium& browser = chromium();
    browser.window(1440, 900);
    browser.open(site_of(kit));
    CHECK(browser.says("No queue has reported yet"));
    CHECK(becomes(browser, "stale"));
    const auto feeding = [&](double value, const std::string& level) {
        return eventually([&] { return feed_many(kit, 2, 1, value), truth(browser) == "\"" + level + "\""; }, 20s);
    };
    CHECK(feeding(1, "none"));
    CHECK(browser.says("All quiet"));
    feed_many(kit, 1, 1, 1);
    CHECK(becomes(browser, "stale"));  // the second centre's queue has been silent for four seconds
    CHECK(browser.says("without data"));
    CHECK(feeding(9, "none"));
    CHECK(eventually([&] { return feed_many(kit, 2, 1, 9), true; }, 1s));
    const auto oldest = [&] { return eventually([&] { return feed_many(kit, 2, 1, 9.5), feed_many(kit, 2, 1, 18), truth(browser) == "\"yellow\""; }, 20s); };
    CHECK(oldest());
    CHECK(browser.text().find("All quiet") == std::string::npos);
}
