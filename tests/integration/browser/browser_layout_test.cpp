// Every page of the desk, and the reports, from a small telephone to a 4K screen, in both languages: nothing is cut, nothing stands over anything,
// nothing has to be scrolled sideways but tables in their own boxes.
#include <array>
#include <chrono>

#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

struct Screen {
    int width;
    int height;
};
constexpr std::array screens{Screen{360, 740}, Screen{768, 1024}, Screen{1200, 800}, Screen{1920, 1080}, Screen{3840, 2160}};

void check_layout(Chromium& browser, const std::string& name, const std::string& url, const std::string& words, const std::string& where) {
    browser.open(url);
    REQUIRE(browser.says(words));
    for (const auto [width, height] : screens) {
        CAPTURE(name, width);
        browser.window(width, height);
        CHECK(eventually([&] { return browser.run("return innerWidth") == std::to_string(width) && cut_texts(browser, where) == "[]"; }, 10s));
        CHECK(cut_texts(browser, where) == "[]");
        CHECK(texts_over_texts(browser, where) == "[]");
        CHECK(browser.run("return document.documentElement.scrollWidth <= innerWidth") == "true");
        CHECK(font_px(browser, where) >= 12);
        browser.keep_picture("layout-" + name + "-" + std::to_string(width));
    }
    browser.window(1440, 900);
}

/// A surge with people in it, an incident that is over with a verdict, queues with long names, and one that never spoke.
void furnish(DaemonKit& kit) {
    replace_in(kit.config, "scope = { centre = \"jinan\" }", "scope = { queue = \"general\" }");
    kit.start();
    REQUIRE(eventually([&] { return feed_many(kit, 3, 4, 20), kit.pages("first").size() >= 9; }, 60s));
    REQUIRE(kit.ctl({"join", "0-1", "--as", "lead-01"}).code == 0);
    REQUIRE(kit.ctl({"decline", "0-1", "--as", "lead-02", "--reason", "in a meeting until four"}).code == 0);
    REQUIRE(kit.ctl({"resolve", "0-2", "--as", "lead-01", "--force", "--reason", "moved to the other centre"}).code == 0);
    REQUIRE(kit.ctl({"verdict", "0-2", "useful", "--as", "lead-01", "--reason", "the queue emptied"}).code == 0);
    REQUIRE(kit.ctl({"override", "add", "--roster", "leads", "--out", "lead-01", "--in", "sup-01", "--for", "8h", "--reason", "ill"}).code == 0);
}

}  // namespace

TEST_CASE("browser: every page of the desk and every report fits screens from 360 to 3840 px, in Chinese and English", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    furnish(kit);
    Chromium& browser = chromium();
    const std::string site = site_of(kit);
    for (const std::string language : {"en", "zh"}) {
        browser.open(site + "health");
        browser.run("localStorage.setItem('surged-language', '" + language + "')");
        for (const auto& [path, words] : {std::pair{"", "jinan"}, {"queues/jinan/general", "jinan"}, {"incidents/0-1", "lead-02"}, {"incidents/0-2", "lead-01"},
                                          {"past", "0-2"}, {"people", "lead-01"}, {"health", "many-0"}}) {
            const std::string page = path;
            check_layout(browser, (page.empty() ? "now" : page.substr(0, page.find('/'))) + (page.ends_with("0-2") ? "-over" : "") + "-" + language, site + page, words, "#head *, #main *");
        }
        check_layout(browser, "report-" + language, site + "api/v1/incidents/0-2/report?language=" + language, "0-2", "body *");
        const std::string summary = site + "api/v1/report?week=this&language=" + language;
        REQUIRE(eventually([&] { return browser.open(summary), browser.text().find("percent") == std::string::npos; }, 30s));
        check_layout(browser, "summary-" + language, summary, language == "en" ? "Surges from" : "话务突增汇总", "body *");
    }
    browser.run("return 1");
}
