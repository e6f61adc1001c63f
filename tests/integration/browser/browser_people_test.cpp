// The page of people, and the words of rules: how the burden is spread, somebody stands in for a stretch drawn on the plan, a roster is
// drilled; and a Chinese page says what a rule found in Chinese.
#include <chrono>
#include <thread>

#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("browser: the page of people shows who was called, for how long they sat and how many pages it cost them", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    Chromium& browser = chromium();
    browser.window(1440, 900);
    browser.open(site_of(kit) + "people");
    CHECK(browser.says("Nobody was called in the last 30 days"));
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    CHECK(kit.ctl({"join", "0-1", "--as", "lead-01"}).code == 0);
    CHECK(kit.ctl({"decline", "0-1", "--as", "lead-02"}).code == 0);
    REQUIRE(kit.feed_until(20, [] { return false; }, 2s) == false);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    browser.open(site_of(kit) + "people");
    CHECK(browser.says("1 incident"));
    const auto row = [&](const std::string& person) {
        return browser.run("return [...document.querySelectorAll('section table tr')].filter((r) => r.textContent.startsWith('" + person +
                           "')).map((r) => [...r.children].map((c) => c.textContent.trim()).join('|')).join()");
    };
    // The words above the table may come before its rows.
    for (const auto until = std::chrono::steady_clock::now() + 5s; row("lead-01") == "\"\"" && std::chrono::steady_clock::now() < until;) {
        std::this_thread::sleep_for(100ms);
    }
    const auto first = row("lead-01");  // asked, joined, on a seat, pages, night, declined, no-shows
    CAPTURE(first);
    CHECK(first.find("lead-01|1|1|") != std::string::npos);
    CHECK(browser.run("return /^lead-01\\|1\\|1\\|\\d+ s\\|1\\|[01]\\|0\\|0$/.test(" + first + ")") == "true");
    CHECK(browser.run("return /^lead-02\\|1\\|0\\|–\\|1\\|[01]\\|1\\|0$/.test(" + row("lead-02") + ")") == "true");
    CHECK(cut_texts(browser) == "[]");
    browser.keep_picture("people-fairness");
}

TEST_CASE("browser: a stretch drawn on the plan becomes an override, once it is durable, and a whole roster is drilled", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    Chromium& browser = chromium();
    browser.window(1440, 900);
    browser.open(site_of(kit) + "people");
    REQUIRE(browser.says("Drag over a stripe"));
    REQUIRE(eventually([&] { return browser.has("[data-key=leads] .stripe"); }));
    browser.drag("[data-key=leads] .stripe", 0.25, 0.5);
    REQUIRE(eventually([&] { return browser.has("#ask[open]"); }));
    const auto field = [&](const std::string& name) { return browser.run("return document.getElementById('f-" + name + "').value"); };
    CHECK(field("roster") == "\"leads\"");
    // A quarter of fourteen days later, for another quarter, to the half hour.
    const std::string days = "const at = (n) => new Date(document.getElementById('f-' + n).value).getTime(); ";
    CHECK(browser.run(days + "return Math.abs(at('until') - at('from') - 3.5 * 86400000) <= 3600000") == "true");
    CHECK(browser.run(days + "return Math.abs(at('from') - Date.now() - 3.5 * 86400000) <= 3600000") == "true");
    CHECK(browser.run("return new Date(document.getElementById('f-from').value).getMinutes() % 30") == "0");
    CHECK(kit.ctl({"override", "list"}).out.find("boss") == std::string::npos);  // drawing alone does nothing
    browser.fill("#f-out", "lead-01");
    browser.fill("#f-in", "boss");
    browser.press("#ask .main");
    CHECK(browser.says("Recorded"));
    CHECK(kit.ctl({"override", "list"}).out.find("boss") != std::string::npos);
    browser.press("#ask button.plain");
    CHECK(browser.says("lead-01 → boss"));
    browser.keep_picture("people-override");

    browser.press("#do-drill-leads");
    REQUIRE(browser.has("#ask[open]"));
    CHECK(browser.says("each of these 3 people"));
    CHECK(kit.pages("test").empty());
    browser.press("#ask .main");
    CHECK(browser.says("Recorded"));
    CHECK(eventually([&] { return kit.pages("test").size() == 3; }));
}

TEST_CASE("browser: rules are called by their own words, and a Chinese page says what they found in Chinese", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.write_config("[[derive]]\nmetric = \"answer_share\"\nformula = \"increase(answered, 10m) / increase(offered, 10m)\"\n"
                     "when = \"increase(offered, 10m) >= 20\"\n"
                     "[[rule]]\nid = \"share\"\nkind = \"threshold\"\nmetric = \"answer_share\"\nyellow = { raise = \"< 0.8\", clear = \"> 0.9\" }\n"
                     "[[rule]]\nid = \"rise\"\nkind = \"rate_of_change\"\nmetric = \"calls_waiting\"\nwindow = \"1m\"\nversus = \"5m\"\n"
                     "yellow = { raise = \"> +50%\", clear = \"< +20%\" }\n");
    replace_in(kit.config, "id = \"waiting\"\n", "id = \"waiting\"\nsummary = { zh = \"排队过长\", en = \"queue too long\" }\n");
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    Chromium& browser = chromium();
    browser.window(1440, 900);
    for (const auto& [language, words] : {std::pair{"en", "queue too long"}, {"zh", "排队过长"}}) {
        browser.open(site_of(kit));
        browser.run("localStorage.setItem('surged-language', '" + std::string(language) + "')");
        for (const char* page : {"", "incidents/0-1", "queues/jinan/general"}) {
            CAPTURE(language, page);
            browser.open(site_of(kit) + page);
            CHECK(browser.says(words));
        }
        if (std::string(language) == "zh") {
            CHECK(browser.says("数据还不足最近1分加此前5分的一半（数据源中断的时间不计）：未知"));
            CHECK(browser.says("最近1分平均"));
            for (const char* english : {"the windows do not yet", "mean of the last", "expected from"}) {
                CHECK(browser.text().find(english) == std::string::npos);
            }
            browser.keep_picture("queue-words-zh");
        }
    }
    browser.run("localStorage.removeItem('surged-language')");
}
