// A surge from its start to its end by whoever leads it, at a desk and on a telephone.
#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Presses a deed of the incident's page, fills the box and sends it; the box says that it is recorded.
void does(Chromium& browser, const std::string& deed, const std::vector<std::pair<std::string, std::string>>& fields) {
    CAPTURE(deed);
    REQUIRE(eventually([&] { return browser.has("#do-" + deed); }));
    browser.press("#do-" + deed);
    REQUIRE(browser.has("#ask[open]"));
    for (const auto& [name, text] : fields) {
        browser.fill("#f-" + name, text);
    }
    browser.press("#ask .main");
    CHECK(browser.says("Recorded"));
    browser.press("#ask button.plain");
    CHECK_FALSE(browser.has("#ask[open]"));
}

}  // namespace

TEST_CASE("browser: a supervisor leads a surge from start to close on the incident's page, each act confirmed, and the end says what it was",
          "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    Chromium& browser = chromium();
    browser.window(1440, 900);
    browser.open(site_of(kit));
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(browser.says("missing 2"));
    browser.press(".card h3 a");
    CHECK(browser.run("return location.pathname") == "\"/incidents/0-1\"");
    CHECK(browser.says("Timeline"));
    CHECK(browser.says("hook: accepted"));
    does(browser, "join", {{"person", "lead-01"}});
    CHECK(browser.says("1 of 2 joined"));
    does(browser, "decline", {{"person", "lead-02"}, {"reason", "on leave"}});
    CHECK(browser.says("1 declined"));
    does(browser, "escalate", {{"reason", "it grows"}});
    CHECK(browser.says("tier 2"));
    does(browser, "join", {{"person", "sup-01"}});
    CHECK(browser.says("all seats taken"));
    does(browser, "arrive", {{"person", "sup-01"}});
    CHECK(browser.says("1 arrived"));
    does(browser, "silence", {{"reason", "being handled"}});
    CHECK(kit.ctl({"silences"}).out.find("being handled") != std::string::npos);

    // What the daemon refuses is said, and the box stays.
    browser.press("#do-join");
    browser.fill("#f-person", "nobody-of-ours");
    browser.press("#ask .main");
    CHECK(browser.says("No such person"));
    browser.press("#ask button.plain");

    // It still burns: an end by hand needs to be meant.
    browser.press("#do-resolve");
    browser.fill("#f-reason", "over");
    browser.press("#ask .main");
    CHECK(eventually([&] { return browser.has("#ask .said.bad"); }));
    browser.press("#ask button.plain");
    does(browser, "resolve", {{"reason", "over"}, {"force", "yes"}});
    REQUIRE(kit.feed_until(1, [&] { return kit.ctl({"incidents"}).out.find("0-1") == std::string::npos; }));
    CHECK(browser.says("was yellow"));
    CHECK(browser.says("2 of 2 had joined, 1 arrived"));
    CHECK_FALSE(browser.has("#do-join"));
    CHECK(browser.run("return document.getElementById('main').innerText").find("All quiet") == std::string::npos);
    browser.press("nav a[href='/past']");
    CHECK(browser.says("jinan"));
    CHECK(browser.says("2/2"));
}

TEST_CASE("browser: on a telephone nothing is cut and nothing is beside the screen, on any page, and one joins for oneself", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    Chromium& browser = chromium();
    browser.as_telephone(true);
    for (const bool dark : {false, true}) {
        browser.in_the_dark(dark);
        for (const auto& [path, words] : {std::pair{"", "jinan"}, {"wall", "jinan"}, {"incidents/0-1", "Timeline"}, {"queues/jinan/general", "waiting"},
                                          {"past", "No incident in this time"}, {"people", "lead-01"}, {"health", "test"}}) {
            CAPTURE(path, dark);
            browser.open(site_of(kit) + path);
            CHECK(browser.says(words));
            CHECK(eventually([&] { return cut_texts(browser) == "[]"; }, 3s));
            CHECK(cut_texts(browser) == "[]");
            CHECK(browser.run("return document.documentElement.scrollWidth <= innerWidth") == "true");
            CHECK(font_px(browser, "main p, main td, main li, button") >= 14);
            // Heads of tables are words, not letters one below the other.
            CHECK(browser.run("return [...document.querySelectorAll('th')].every((e) => e.getBoundingClientRect().height < 90)") == "true");
            // A thumb needs 40 px.
            CHECK(browser.run("return [...document.querySelectorAll('button:not(.sort), nav a')].every((e) => e.getBoundingClientRect().height >= 38)") == "true");
            browser.keep_picture("phone-" + std::string(dark ? "dark-" : "") + (*path == 0 ? "now" : std::string(path).substr(0, std::string(path).find('/'))));
        }
    }
    browser.open(site_of(kit) + "incidents/0-1");
    does(browser, "join", {{"person", "lead-01"}});
    CHECK(browser.says("1 of 2 joined"));
    browser.as_telephone(false);
    browser.in_the_dark(false);
}
