// The picture of the README: the console while the quickstart's surge is on. Written anew by
//   SURGED_SCREENSHOTS=daemon/console build/dev/bin/test_browser "browser: the console in the quickstart's surge*"
#include <filesystem>

#include "console_kit.hpp"
#include "support/catch.hpp"
#include "support/quickstart_world.hpp"

using namespace surged::test;

TEST_CASE("browser: the console in the quickstart's surge says where it burns, how many are missing and who has joined", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    QuickstartWorld world;
    Chromium& browser = chromium();
    browser.window(1360, 900);
    browser.open(world.api() + "/");
    REQUIRE(world.incidents_say("\"joined\":3"));
    REQUIRE(browser.says("missing"));
    CHECK(browser.says("jinan"));
    CHECK(eventually([&] { return browser.run("return /[3-6] of 6 joined/.test(document.body.innerText)") == "true"; }));
    CHECK(cut_texts(browser) == "[]");
    browser.keep_picture("now");
}

TEST_CASE("browser: the picture of the README is there and small", "[integration]") {
    const std::filesystem::path picture = SURGED_SOURCE_DIR "/daemon/console/now.png";
    REQUIRE(std::filesystem::exists(picture));
    CHECK(std::filesystem::file_size(picture) < 200'000);
}
