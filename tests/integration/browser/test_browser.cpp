// The buttons behind a link, pressed in a real Chromium: what it sends with a form nobody has to guess.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"
#include "support/test_certificate.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// One Chromium. Its session is ended before its driver, so that no browser stays behind.
class Chromium {
public:
    explicit Chromium(const TempDir& dir)
        : port_(free_port()), driver_("/usr/bin/chromedriver", {"--port=" + std::to_string(port_)}, dir.file("chromedriver")) {
        REQUIRE(eventually([&] { return ask("GET", "/status", "").status == 200; }, 30s));
        const auto made = ask("POST", "/session",
                              R"({"capabilities":{"alwaysMatch":{"acceptInsecureCerts":true,"goog:chromeOptions":{"args":[)"
                              R"("--headless=new","--no-sandbox","--disable-gpu","--disable-dev-shm-usage","--disable-quic",)"
                              R"("--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync",)"
                              R"("--user-data-dir=)" + dir.file("profile") + R"("]}}}})");
        const auto at = made.body.find("\"sessionId\":\"");
        INFO(made.body);
        REQUIRE(at != std::string::npos);
        session_ = "/session/" + made.body.substr(at + 13, made.body.find('"', at + 13) - at - 13);
    }
    ~Chromium() {
        ask("DELETE", session_, "");
        driver_.signal(SIGTERM);
        driver_.wait(10s);
    }
    Chromium(const Chromium&) = delete;
    Chromium& operator=(const Chromium&) = delete;

    void open(const std::string& url) { REQUIRE(ask("POST", session_ + "/url", R"({"url":")" + url + "\"}").status == 200); }
    /// Presses the first of these; the page that follows has loaded when it returns.
    void press(const std::string& selector) {
        const auto found = ask("POST", session_ + "/element", R"({"using":"css selector","value":")" + selector + "\"}");
        INFO(selector);
        INFO(found.body);
        REQUIRE(found.status == 200);
        const auto end = found.body.rfind('"');
        const auto from = found.body.rfind('"', end - 1) + 1;
        CHECK(ask("POST", session_ + "/element/" + found.body.substr(from, end - from) + "/click", "{}").status == 200);
    }
    std::string text() {
        return ask("POST", session_ + "/execute/sync", R"({"script":"return document.body.innerText","args":[]})").body;
    }
    bool says(const std::string& words) {
        return eventually([&] { return text().find(words) != std::string::npos; }, 20s);
    }

private:
    HttpReply ask(const std::string& method, const std::string& path, const std::string& json) {
        HttpConnection connection(port_, 60s);
        connection.send(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                        "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(json.size()) +
                        "\r\n\r\n" + json);
        // The driver keeps its connections open whatever it is told.
        if (!connection.receive_until("\r\n\r\n")) {
            return {};
        }
        const auto head = connection.received().find("\r\n\r\n") + 4;
        const auto length = std::strtoul(parse_reply(connection.received()).headers["content-length"].c_str(), nullptr, 10);
        while (connection.received().size() < head + length && !connection.receive().empty()) {
        }
        return parse_reply(connection.received());
    }
    int port_;
    Process driver_;
    std::string session_;
};

bool installed() {
    const bool both = std::system("test -x /usr/bin/chromium && test -x /usr/bin/chromedriver") == 0;
    if (!both) {
        WARN("chromium or chromium-driver is not installed: skipped");
    }
    return both;
}

/// Puts further lines into [http].
void configure_http(const std::string& file, const std::string& lines) {
    std::ifstream in(file);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    text.insert(text.find("[http]\n") + 7, lines);
    std::ofstream(file, std::ios::trunc) << text;
}

std::string path_of_link(const DaemonKit& kit, const std::string& person) {
    for (const SinkRequest& page : kit.pages("first")) {
        const auto json = parse_json(page.body);
        if (json && json->find("people")->array()->front().text_or("person", "") == person) {
            return json->text_or("link", "").substr(kit.ack_url_base.size());
        }
    }
    return {};
}

}  // namespace

TEST_CASE("browser: every button behind a personal link is taken from a real Chromium, over http and https, open and with tokens",
          "[integration]") {
    if (!installed()) {
        return;
    }
    const TestCertificate certificate;
    const TempDir dir;
    Chromium browser(dir);
    for (const bool tls : {false, true}) {
        for (const bool tokens : {false, true}) {
            CAPTURE(tls, tokens);
            DaemonKit kit;
            kit.ack_url_base = "https://surge.example";
            kit.write_config();
            std::string lines;
            if (tokens) {
                std::ofstream(kit.dir.file("tokens")) << "admin admin-token-0000001\n";
                std::system(("chmod 600 " + kit.dir.file("tokens")).c_str());
                lines += "token_file = \"tokens\"\n";
            }
            if (tls) {
                lines += "tls_cert = \"" + certificate.certificate() + "\"\ntls_key = \"" + certificate.key() + "\"\n";
            }
            configure_http(kit.config, lines);
            kit.start();
            REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
            const std::string site = std::string(tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(kit.port("http"));
            for (const char* button : {"ack", "join", "arrive", "leave"}) {
                CAPTURE(button);
                browser.open(site + path_of_link(kit, "lead-01"));  // anew: what is read below is said of this press
                browser.press("button[value=" + std::string(button) + "]");
                CHECK(browser.says("Recorded"));
                CHECK(browser.text().find("forbidden") == std::string::npos);
            }
            browser.open(site + path_of_link(kit, "lead-02"));
            browser.press("button[value=decline]");
            CHECK(browser.says("Recorded"));
        }
    }
}
