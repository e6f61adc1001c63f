// The report from the console, as whoever writes it up gets it.
#include <chrono>
#include <thread>

#include "console_kit.hpp"
#include "support/catch.hpp"

using namespace surged::test;

namespace {

/// The page still moves while its lists come: a press would meet what stood there before.
void stands_still(Chromium& browser, const std::string& selector) {
    const auto place = "const b = document.querySelector('" + selector + "').getBoundingClientRect(); return b.x + ' ' + b.y";
    std::string before;
    CHECK(eventually([&] {
        const auto now = browser.run(place);
        const bool same = now == before;
        before = now;
        std::this_thread::sleep_for(std::chrono::milliseconds{400});
        return same;
    }));
}

}  // namespace

TEST_CASE("browser: the report of an incident opens from its page and from the past, and nothing in it is blocked", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    Chromium& browser = chromium();
    browser.window(1440, 900);
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() >= 2; }));
    for (const std::string from : {"incidents/0-1", "past"}) {
        CAPTURE(from);
        browser.open(site_of(kit) + from);
        const std::string link = from == "past" ? "#report-0-1" : "#report";
        REQUIRE(eventually([&] { return browser.has(link); }));
        stands_still(browser, link);
        browser.console();
        browser.press(link);
        browser.to_newest_tab();
        CHECK(browser.says("After-action report: incident 0-1"));
        CHECK(browser.says("2 joined"));
        CHECK(browser.has("figure svg"));
        CHECK(browser.run("return getComputedStyle(document.querySelector('th')).backgroundColor") == "\"rgb(238, 238, 238)\"");
        CHECK(browser.run("return document.documentElement.scrollWidth <= innerWidth") == "true");
        CHECK(browser.console() == "[]");
        browser.keep_picture("report-" + std::string(from == "past" ? "past" : "incident"));
        browser.to_first_tab();
    }
    // The week of it, from the page of the past.
    browser.open(site_of(kit) + "past");
    REQUIRE(eventually([&] { return browser.has("#report-period"); }));
    browser.run("const s = document.getElementById('report-period'); s.value = 'week=this'; s.dispatchEvent(new Event('change'))");
    stands_still(browser, "#make-report");
    browser.press("#make-report");
    REQUIRE(eventually([&] { return browser.has("#period-report"); }));
    browser.keep_picture("past-with-reports");
    stands_still(browser, "#period-report");
    browser.press("#period-report");
    browser.to_newest_tab();
    CHECK(browser.says("Surges from "));
    CHECK(browser.says("Incidents: 1 (0 red, 0 orange, 1 yellow)"));
    CHECK(browser.run("return document.documentElement.scrollWidth <= innerWidth") == "true");
    CHECK(browser.console() == "[]");
    browser.keep_picture("report-week");
    browser.to_first_tab();

    browser.as_telephone(true);
    browser.open(site_of(kit) + "api/v1/incidents/0-1/report?language=zh");
    CHECK(browser.says("事件复盘报告：0-1"));
    CHECK(browser.run("return document.documentElement.scrollWidth <= innerWidth") == "true");
    browser.keep_picture("report-phone");
    browser.as_telephone(false);
}
