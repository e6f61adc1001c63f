// The pages behind a real nginx, configured by the very text of systemd/README.md, and as it is without.
#include "chromium.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

std::string without(std::string text, const std::string& line_with) {
    for (std::size_t at = text.find(line_with); at != std::string::npos; at = text.find(line_with)) {
        const auto from = text.rfind('\n', at) + 1;
        text.erase(from, text.find('\n', at) + 1 - from);
    }
    return text;
}

std::string with(std::string text, const std::string& what, const std::string& instead) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + instead.size())) {
        text.replace(at, what.size(), instead);
    }
    return text;
}

struct Variant {
    std::string name;
    std::string nginx;
    bool https = false;
    bool tokens = false;
    bool trusted = false;
    std::string folder = {};
};

const std::string trust = "trusted_proxies = [\"127.0.0.1\", \"::1\"]\n";

struct Front {
    DaemonKit kit;
    TestCertificate certificate;
    int https = free_port();
    int http = free_port();
    std::unique_ptr<Nginx> nginx;

    explicit Front(const Variant& variant) {
        kit.ack_url_base = variant.https ? "https://surge.example:" + std::to_string(https) : "http://surge.example:" + std::to_string(http);
        kit.ack_url_base += variant.folder;
        kit.write_config();
        configure_http(kit, variant.trusted ? trust : "", variant.tokens);
        kit.start();
        nginx = std::make_unique<Nginx>(variant.nginx, https, http, kit.port("http"), certificate);
    }
};

}  // namespace

TEST_CASE("browser: links work through a real nginx, by the README's text, and with Host as nginx sends it by itself", "[integration]") {
    if (!browser_installed() || !Nginx::installed()) {
        return;
    }
    const auto blocks = nginx_of_readme();
    REQUIRE(blocks.size() == 2);
    const auto bare = [&](const std::string& text) { return without(text, "proxy_set_header"); };
    const auto dropped_port = [&](const std::string& text) { return with(without(text, "X-Forwarded"), "$http_host", "$host"); };
    const auto folder = [&](const std::string& text) { return with(with(text, "location /", "location /surge/"), ":9847;", ":9847/;"); };
    const std::string in_folder = with(folder(blocks[1]), "events {\n        proxy_pass http://127.0.0.1:9847/;",
                                       "events {\n        proxy_pass http://127.0.0.1:9847/api/v1/events;");
    const std::vector<Variant> variants{
        {"README, https", blocks[0], true, true, true},
        {"README, https, without tokens", blocks[0], true, false, true},
        {"README, http", blocks[1], false, true, true},
        {"README, http, without tokens", blocks[1], false, false, true},
        {"README, http, nothing trusted, without tokens", blocks[1], false, false, false},
        {"nginx's own Host, https", bare(blocks[0]), true, true, false},
        {"nginx's own Host, https, without tokens", bare(blocks[0]), true, false, false},
        {"nginx's own Host, http", bare(blocks[1]), false, true, true},
        {"nginx's own Host, http, without tokens", bare(blocks[1]), false, false, false},
        {"Host without its port, http", dropped_port(blocks[1]), false, true, true},
        {"Host without its port, https, without tokens", dropped_port(blocks[0]), true, false, false},
        {"in a folder", in_folder, false, true, true, "/surge"},
    };
    Chromium& browser = chromium();
    for (const Variant& variant : variants) {
        CAPTURE(variant.name);
        Front front(variant);
        REQUIRE(front.kit.feed_until(20, [&] { return front.kit.pages("first").size() == 3; }));
        for (const char* button : {"join", "arrive"}) {
            CAPTURE(button);
            browser.open(link_of(front.kit, "lead-01"));
            browser.send("button[value=" + std::string(button) + "]");
            CHECK(browser.says("Recorded"));
        }
        CHECK(browser.says("1 / 2"));
        if (variant.trusted) {
            browser.open(front.kit.ack_url_base + "/");  // the wallboard, with its stream
            if (variant.tokens) {
                CHECK(eventually([&] { return browser.has("#login[open]"); }));
                browser.fill("#token", admin_token);
                browser.press("#login button");
            }
            CHECK(browser.says("0-1"));
            CHECK(eventually([&] { return browser.run("return document.getElementById('live').textContent") == "\"live\""; }));
        }
    }
}

TEST_CASE("browser: behind nginx a page of another site presses nothing, and other names than ours are not served", "[integration]") {
    if (!Nginx::installed()) {
        return;
    }
    const auto blocks = nginx_of_readme();
    REQUIRE(blocks.size() == 2);
    Front front({"", blocks[1], false, false, true});
    REQUIRE(front.kit.feed_until(20, [&] { return front.kit.pages("first").size() == 3; }));
    const auto path = link_of(front.kit, "lead-01").substr(front.kit.ack_url_base.size());
    const auto post = [&](const std::string& origin, const std::string& host) {
        return http(front.http, "POST", path, {{"Host", host}, {"Origin", origin}, {"Content-Type", "application/x-www-form-urlencoded"}}, "action=ack");
    };
    const auto name = "surge.example:" + std::to_string(front.http);
    CHECK(post("http://evil.example", name).status == 403);
    CHECK(post("http://evil.example", "evil.example").status == 403);
    CHECK(http(front.http, "GET", "/api/v1/status", {{"Host", "evil.example"}}).status == 403);
    CHECK(http(front.http, "GET", "/api/v1/status", {{"Host", name}}).status == 200);
    CHECK(post("http://" + name, name).status == 200);
}

TEST_CASE("browser: events come through nginx as they happen, and plain http is sent on to https", "[integration]") {
    if (!Nginx::installed()) {
        return;
    }
    const auto blocks = nginx_of_readme();
    REQUIRE(blocks.size() == 2);
    Front front({"", blocks[1], false, false, true});
    // Without the README's location it is X-Accel-Buffering that keeps nginx from holding them back.
    const int other = free_port();
    const Nginx plain(without(blocks[1], "proxy_buffering"), 0, other, front.kit.port("http"), front.certificate);
    std::vector<std::unique_ptr<HttpConnection>> readers;
    for (const int port : {front.http, other}) {
        readers.push_back(std::make_unique<HttpConnection>(port, 20s));
        readers.back()->send("GET /api/v1/events HTTP/1.1\r\nHost: surge.example:" + std::to_string(front.http) + "\r\n\r\n");
        CHECK(readers.back()->receive_until("retry: 3000\n\n"));
    }
    REQUIRE(front.kit.feed_until(20, [&] { return front.kit.pages("first").size() == 3; }));
    for (const auto& reader : readers) {
        CHECK(reader->receive_until("event: incident.opened"));
    }
    const int redirecting = free_port();
    const Nginx secure(blocks[0], free_port(), redirecting, front.kit.port("http"), front.certificate);
    const auto sent_on = http(redirecting, "POST", "/a/x?y=1", {{"Host", "surge.example:80"}});
    CHECK(sent_on.status == 308);
    CHECK(sent_on.headers.at("location") == "https://surge.example/a/x?y=1");
}
