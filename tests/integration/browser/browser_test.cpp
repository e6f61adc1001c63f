// The buttons behind a link, pressed in a real Chromium: what it sends with a form nobody has to guess.
#include "chromium.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace surged::test;

TEST_CASE("browser: every button behind a personal link is taken from a real Chromium, over http and https, open and with tokens",
          "[integration]") {
    if (!browser_installed()) {
        return;
    }
    const TestCertificate certificate;
    Chromium& browser = chromium();
    for (const bool tls : {false, true}) {
        for (const bool tokens : {false, true}) {
            CAPTURE(tls, tokens);
            DaemonKit kit;
            kit.ack_url_base = "https://surge.example";
            kit.write_config();
            configure_http(kit, tls ? "tls_cert = \"" + certificate.certificate() + "\"\ntls_key = \"" + certificate.key() + "\"\n" : "", tokens);
            kit.start();
            REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
            const std::string site = std::string(tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(kit.port("http"));
            const auto here = [&](const std::string& person) { return site + link_of(kit, person).substr(kit.ack_url_base.size()); };
            for (const char* button : {"ack", "join", "arrive", "leave"}) {
                CAPTURE(button);
                browser.open(here("lead-01"));  // anew: what is read below is said of this press
                browser.send("button[value=" + std::string(button) + "]");
                CHECK(browser.says("Recorded"));
                CHECK(browser.text().find("forbidden") == std::string::npos);
            }
            browser.open(here("lead-02"));
            browser.send("button[value=decline]");
            CHECK(browser.says("Recorded"));
        }
    }
}
