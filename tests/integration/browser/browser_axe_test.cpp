// Every page under axe-core, the published checker of accessibility: no violation, in both themes and languages, at a desk and on a
// telephone. The checker is no package of Debian: tests/live/console_axe.sh fetches it and runs these (hidden) cases with its file in
// SURGED_AXE.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const std::string& axe() {
    static const std::string text = [] {
        const char* file = std::getenv("SURGED_AXE");  // NOLINT: one thread asks
        std::ifstream in(file == nullptr ? "" : file);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    return text;
}

/// What axe-core finds on the page that is shown, by rule and element; "[]" = nothing.
std::string violations(Chromium& browser) {
    return browser.run(axe() + R"js(;
      return axe.run(document, { resultTypes: ["violations"] }).then((found) =>
        found.violations.flatMap((v) => v.nodes.slice(0, 5).map((n) => v.id + " " + n.target.join(" ") + ": " + (n.any[0] ?? n.all[0] ?? n.none[0] ?? {}).message)));)js");
}

void as(Chromium& browser, bool phone) {
    if (phone) {
        browser.as_telephone(true);
    } else {
        browser.window(1440, 900);
    }
}

/// Opens the page, waits for its words, and looks at it in both themes and sizes.
void check_page(Chromium& browser, const std::string& name, const std::string& url, const std::string& words) {
    for (const bool phone : {false, true}) {
        as(browser, phone);
        for (const bool dark : {false, true}) {
            CAPTURE(name, phone, dark);
            browser.in_the_dark(dark);
            browser.open(url);
            CHECK(browser.says(words));
            CHECK(violations(browser) == "[]");
            browser.keep_picture("axe-" + name + (phone ? "-phone" : "-desk") + (dark ? "-dark" : ""));
        }
    }
    browser.in_the_dark(false);
    browser.as_telephone(false);
}

void speak(Chromium& browser, const std::string& site, const char* language) {
    browser.open(site + "health");
    browser.run("localStorage.setItem('surged-language', '" + std::string(language) + "')");
}

}  // namespace

TEST_CASE("axe: what is wrong is found", "[.axe]") {
    REQUIRE(axe().size() > 100000);
    DaemonKit kit;
    kit.start();
    Chromium& browser = chromium();
    browser.open(site_of(kit));
    REQUIRE(browser.says("No queue has reported yet"));
    CHECK(violations(browser) == "[]");
    // Not inside <main>, which the page writes anew each time it hears from the daemon.
    browser.run("document.body.insertAdjacentHTML('beforeend', '<img src=x><button></button>')");
    const auto found = violations(browser);
    CHECK(found.find("image-alt") != std::string::npos);
    CHECK(found.find("button-name") != std::string::npos);
}

TEST_CASE("axe: the console's pages in a surge, after it, and before anything has reported", "[.axe]") {
    DaemonKit kit;
    replace_in(kit.config, "scope = { centre = \"jinan\" }", "scope = { queue = \"general\" }");
    kit.start();
    Chromium& browser = chromium();
    const std::string site = site_of(kit);
    check_page(browser, "empty", site, "No queue has reported yet");
    REQUIRE(eventually([&] { return feed_many(kit, 3, 4, 20), kit.pages("first").size() >= 9; }, 30s));
    REQUIRE(kit.ctl({"join", "0-1", "--as", "lead-01"}).code == 0);
    for (const char* language : {"en", "zh"}) {
        speak(browser, site, language);
        for (const auto& [path, words] : {std::pair{"", "jinan"}, {"wall", "jinan"}, {"incidents/0-1", "lead-01"}, {"queues/jinan/general", "jinan"},
                                          {"past", "surged"}, {"people", "lead-01"}, {"health", "many-0"}}) {
            const std::string page = path;
            check_page(browser, (page.empty() ? "now" : page.substr(0, page.find('/'))) + "-" + language, site + page, words);
        }
    }
    speak(browser, site, "en");
    browser.open(site + "incidents/0-1");
    REQUIRE(eventually([&] { return browser.has("#do-decline"); }));
    browser.press("#do-decline");
    CHECK(violations(browser) == "[]");
    REQUIRE(kit.ctl({"resolve", "0-1", "--as", "lead-01", "--force", "--reason", "over"}).code == 0);
    check_page(browser, "over-en", site + "incidents/0-1", "was yellow");
    check_page(browser, "past-filled-en", site + "past", "jinan");
    // Reports, and the controls that make them.
    REQUIRE(kit.ctl({"verdict", "0-1", "useful", "--as", "lead-01", "--reason", "it helped"}).code == 0);
    for (const std::string language : {"en", "zh"}) {
        check_page(browser, "report-" + language, site + "api/v1/incidents/0-1/report?language=" + language, "0-1");
        const std::string summary = site + "api/v1/report?week=this&language=" + language;
        REQUIRE(eventually([&] { return browser.open(summary), browser.text().find("percent") == std::string::npos; }, 30s));
        check_page(browser, "summary-" + language, summary, "jinan");
    }
    browser.open(site + "past");
    REQUIRE(eventually([&] { return browser.has("#make-report"); }));
    browser.run("const s = document.getElementById('report-period'); s.value = 'week=this'; s.dispatchEvent(new Event('change'))");
    browser.press("#make-report");
    REQUIRE(eventually([&] { return browser.has("#period-report"); }));
    CHECK(violations(browser) == "[]");
}

TEST_CASE("axe: the pages behind links, in the surge, answered, filled, after the end, of a group, of a drill, and spoiled", "[.axe]") {
    for (const bool group : {false, true}) {
        DaemonKit kit;
        kit.ack_url_base = "https://surge.example";
        kit.write_config();
        replace_in(kit.config, "name = \"lead-01\"\n", "name = \"张伟\"\nlanguage = \"zh\"\nmobile = \"13800001234\"\n");
        if (group) {
            replace_in(kit.config, "type = \"webhook\"\n", "type = \"webhook\"\nkind = \"group\"\n");
        }
        kit.start();
        REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty() && !link_of(kit, group ? "" : "lead-01").empty(); }));
        const auto link = "http://127.0.0.1:" + std::to_string(kit.port("http")) + link_of(kit, group ? "" : "lead-01").substr(kit.ack_url_base.size());
        Chromium& browser = chromium();
        check_page(browser, group ? "link-group" : "link-asked", link, "还缺 2 人");
        if (group) {
            check_page(browser, "link-spoiled", link.substr(0, link.size() - 3), "链接无效");
            continue;
        }
        browser.send("button[value=join]");
        CHECK(violations(browser) == "[]");
        check_page(browser, "link-joined", link, "已加入");
        REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
        check_page(browser, "link-over", link, "已结束");
    }
}

TEST_CASE("axe: the ways to log in", "[.axe]") {
    DaemonKit kit;
    configure_http(kit, "", true);
    kit.start();
    Chromium& browser = chromium();
    const std::string site = site_of(kit);
    check_page(browser, "token", site, "surged");
    check_page(browser, "login-help", site + "login", "surgectl login");
    check_page(browser, "login-code", site + "login?code=abc", "Log in on this browser");
    browser.send("button");
    CHECK(violations(browser) == "[]");
}
