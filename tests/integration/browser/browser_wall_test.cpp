// The wall as it hangs, at 1080p and 4K, with a few queues and with hundreds; and the list of ten thousand.
#include "console_kit.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// What a wall must hold whatever is on it: nothing cut, nothing overlapping, no bar to scroll, letters high enough.
void check_wall(Chromium& browser, const std::string& name, int width, int height) {
    CAPTURE(name, width, height);
    browser.window(width, height);
    CHECK(eventually([&] { return browser.run("return innerWidth") == std::to_string(width) && browser.has(".wall"); }, 20s));
    CHECK(eventually([&] { return cut_texts(browser) == "[]"; }, 5s));
    CHECK(cut_texts(browser) == "[]");
    CHECK(overlaps(browser, ".fire, .tile, .total, .wall-head, .calm") == "[]");
    CHECK(browser.run("return document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth") == "true");
    // At four metres a 65 inch screen (0.8 m high) needs letters of 12 mm for what is told and of 20 mm for what counts.
    const double mm = height / 809.0;
    CHECK(font_px(browser, ".total dd, .fire h2, .fire .missing strong, .fire .badge, .calm strong") >= 20 * mm);
    CHECK(font_px(browser, ".total dt, .fire p, .tile .name, .wall-head .truth") >= 12 * mm);
    browser.keep_picture("wall-" + name + "-" + std::to_string(height));
}

}  // namespace

TEST_CASE("browser: the wall is read whole at 1080p and 4K, calm and in a surge, with eight queues and with three hundred", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    for (const int centres : {2, 20}) {
        DaemonKit kit;
        replace_in(kit.config, "scope = { centre = \"jinan\" }", "scope = { queue = \"general\" }");
        kit.start();
        const int queues = centres == 2 ? 4 : 15;
        Chromium& browser = chromium();
        REQUIRE(eventually([&] { return feed_many(kit, centres, queues, 1), kit.ctl({"status"}).out.find(std::to_string(centres * queues)) != std::string::npos; }, 30s));
        browser.open(site_of(kit) + "wall");
        REQUIRE(browser.says("All quiet"));
        const std::string size = std::to_string(centres * queues);
        check_wall(browser, size + "-calm", 1920, 1080);
        check_wall(browser, size + "-calm", 3840, 2160);
        for (const int burning : {1, 2}) {
            REQUIRE(eventually([&] { return feed_many(kit, burning, 1, 20), browser.run("return document.querySelectorAll('.fire').length") == std::to_string(burning); }, 30s));
            CHECK(browser.says("MISSING"));
            check_wall(browser, size + "-surge" + std::to_string(burning), 1920, 1080);
            check_wall(browser, size + "-surge" + std::to_string(burning), 3840, 2160);
        }
    }
}

TEST_CASE("browser: four incidents stand on the wall beside each other, further ones take turns and are counted", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    replace_in(kit.config, "scope = { centre = \"jinan\" }", "scope = { queue = \"general\" }");
    kit.start();
    Chromium& browser = chromium();
    browser.window(1920, 1080);
    browser.open(site_of(kit) + "wall");
    REQUIRE(eventually([&] { return feed_many(kit, 4, 1, 20), browser.run("return document.querySelectorAll('.fire').length") == "4"; }, 30s));
    check_wall(browser, "four", 1920, 1080);
    check_wall(browser, "four", 3840, 2160);
    REQUIRE(eventually([&] { return feed_many(kit, 6, 1, 20), browser.text().find("6 incidents") != std::string::npos; }, 30s));
    CHECK(browser.says("of 2"));
    std::string seen;
    CHECK(eventually([&] { return seen += browser.run("return [...document.querySelectorAll('.fire h2')].map((e) => e.textContent).join()"), seen.find("centre-5") != std::string::npos && seen.find("jinan") != std::string::npos; }, 30s));
}

TEST_CASE("browser: ten thousand queues are all in the list, with rows for those on the screen only, and the last is found by its name", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    kit.start();
    Chromium& browser = chromium();
    browser.window(1440, 900);
    REQUIRE(eventually([&] { return feed_many(kit, 100, 100, 1), kit.ctl({"status"}).out.find("10000") != std::string::npos; }, 60s));
    browser.open(site_of(kit));
    CHECK(browser.says("10000 of 10000 queues"));
    CHECK(browser.run("return document.querySelectorAll('#rows .row').length < 100") == "true");
    CHECK(browser.run("return document.querySelector('[role=table]').getAttribute('aria-rowcount')") == "\"10001\"");
    browser.run("scrollTo(0, document.documentElement.scrollHeight)");
    CHECK(eventually([&] { return browser.run("return [...document.querySelectorAll('#rows .row')].some((r) => r.getAttribute('aria-rowindex') === '10001')") == "true"; }));
    CHECK(browser.run("return document.querySelectorAll('#rows .row').length < 120") == "true");
    browser.run("scrollTo(0, 0)");
    browser.fill("#filter", "centre-99 queue-99");
    CHECK(browser.says("1 of 10000 queues"));
    CHECK(browser.run("return document.querySelector('#rows .c-queue a').getAttribute('href')") == "\"/queues/centre-99/queue-99\"");
    browser.press("#rows .c-queue a");
    CHECK(browser.says("centre-99 \xC2\xB7 queue-99"));
    CHECK(browser.run("return location.pathname") == "\"/queues/centre-99/queue-99\"");
    browser.run("history.back()");
    CHECK(browser.says("of 10000 queues"));
}
