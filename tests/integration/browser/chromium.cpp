#include "chromium.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/free_port.hpp"
#include "wire/json_text.hpp"

namespace surged::test {
namespace {

using namespace std::chrono_literals;

std::string in_json(const std::string& text) {
    std::string out;
    JsonWriter json(out);
    json.value(text);
    return out;
}

std::string from_base64(std::string_view text) {
    static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0;
    int have = 0;
    for (const char c : text) {
        const auto at = letters.find(c);
        if (at == std::string_view::npos) {
            continue;
        }
        bits = bits << 6 | static_cast<unsigned>(at);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out += static_cast<char>(bits >> have & 0xffU);
        }
    }
    return out;
}

}  // namespace

bool browser_installed() {
    const bool both = ::access("/usr/bin/chromium", X_OK) == 0 && ::access("/usr/bin/chromedriver", X_OK) == 0;
    if (!both) {
        WARN("chromium or chromium-driver is not installed: skipped");
    }
    return both;
}

Chromium& chromium() {
    static Chromium one;
    return one;
}

Chromium::Chromium() : port_(free_port()) {
    // What it leaves in its temporary folder and its home goes with ours.
    driver_ = std::make_unique<Kept>("/usr/bin/chromedriver", std::vector<std::string>{"--port=" + std::to_string(port_)}, dir_.file("log"),
                                     std::map<std::string, std::string>{{"TMPDIR", dir_.path().string()}, {"HOME", dir_.path().string()}});
    int status = 0;
    REQUIRE(eventually([&] { return ask("GET", "/status", "", &status), status == 200; }, 30s));
    // *.example is this machine: names that are not loopback, over plain http, have no Sec-Fetch-Site.
    const auto made = ask("POST", "/session",
                          R"({"capabilities":{"alwaysMatch":{"acceptInsecureCerts":true,"goog:loggingPrefs":{"browser":"ALL"},)"
                          R"("goog:chromeOptions":{"args":["--headless=new","--no-sandbox","--disable-gpu","--disable-dev-shm-usage",)"
                          R"("--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync",)"
                          R"("--disable-quic","--no-proxy-server","--host-resolver-rules=MAP *.example 127.0.0.1",)"
                          R"("--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",)"
                          R"("--user-data-dir=)" +
                              dir_.file("profile") + R"("]}}}})",
                          &status);
    const auto at = made.find("\"sessionId\":\"");
    INFO(made);
    REQUIRE(at != std::string::npos);
    session_ = "/session/" + made.substr(at + 13, made.find('"', at + 13) - at - 13);
}

Chromium::~Chromium() {
    ask("DELETE", session_, "");
    driver_.reset();
}

void Chromium::open(const std::string& url) {
    int status = 0;
    const auto answer = ask("POST", session_ + "/url", R"({"url":)" + in_json(url) + "}", &status);
    INFO(url);
    INFO(answer);
    REQUIRE(status == 200);
}

std::string Chromium::element(const std::string& selector) {
    int status = 0;
    const auto found = ask("POST", session_ + "/element", R"({"using":"css selector","value":)" + in_json(selector) + "}", &status);
    INFO(selector);
    INFO(found);
    REQUIRE(status == 200);
    const auto end = found.rfind('"');
    const auto from = found.rfind('"', end - 1) + 1;
    return session_ + "/element/" + found.substr(from, end - from);
}

void Chromium::press(const std::string& selector) {
    int status = 0;
    const auto answer = ask("POST", element(selector) + "/click", "{}", &status);
    INFO(selector);
    INFO(answer);
    CHECK(status == 200);
}

void Chromium::send(const std::string& selector) {
    run("window.pressed_here = true");
    press(selector);
    INFO(selector);
    CHECK(eventually([&] { return run("return window.pressed_here === undefined && document.readyState === 'complete'") == "true"; }, 20s));
}

void Chromium::fill(const std::string& selector, const std::string& text) {
    const auto field = element(selector);
    ask("POST", field + "/clear", "{}");
    int status = 0;
    ask("POST", field + "/value", R"({"text":)" + in_json(text) + "}", &status);
    CHECK(status == 200);
}

void Chromium::drag(const std::string& selector, double from, double to) {
    const auto at = [&](double share) {
        return run("const e = document.querySelector(" + in_json(selector) + "); e.scrollIntoView({ block: 'center' }); const b = e.getBoundingClientRect(); " +
                   "return '\"x\":' + (b.left + b.width * " + std::to_string(share) + ") + ',\"y\":' + (b.top + b.height / 2)");
    };
    const auto mouse = [&](const std::string& type, double share, int buttons) {
        auto place = at(share);  // a JSON text that holds JSON
        place = place.substr(1, place.size() - 2);
        for (auto quote = place.find('\\'); quote != std::string::npos; quote = place.find('\\')) {
            place.erase(quote, 1);
        }
        ask("POST", session_ + "/goog/cdp/execute", R"({"cmd":"Input.dispatchMouseEvent","params":{"type":")" + type + R"(",)" + place +
                                                        R"(,"button":"left","clickCount":1,"buttons":)" + std::to_string(buttons) + "}}");
    };
    mouse("mouseMoved", from, 0);
    mouse("mousePressed", from, 1);
    mouse("mouseMoved", (from + to) / 2, 1);
    mouse("mouseMoved", to, 1);
    mouse("mouseReleased", to, 0);
}

std::string Chromium::run(const std::string& script) {
    const auto answer = ask("POST", session_ + "/execute/sync", R"({"script":)" + in_json(script) + R"(,"args":[]})");
    const auto from = answer.find("\"value\":");
    const auto end = answer.rfind('}');
    return from == std::string::npos || end < from ? answer : answer.substr(from + 8, end - from - 8);
}

bool Chromium::has(const std::string& selector) {
    return run("return document.querySelectorAll(" + in_json(selector) + ").length > 0") == "true";
}

bool Chromium::says(const std::string& words) {
    return eventually([&] { return text().find(words) != std::string::npos; }, 20s);
}

std::string Chromium::console() {
    const auto answer = ask("POST", session_ + "/se/log", R"({"type":"browser"})");
    const auto from = answer.find("\"value\":");
    return from == std::string::npos ? answer : answer.substr(from + 8, answer.rfind('}') - from - 8);
}

void Chromium::keep_picture(const std::string& name) {
    const char* folder = std::getenv("SURGED_SCREENSHOTS");  // NOLINT: one thread asks
    if (folder != nullptr) {
        const auto answer = ask("GET", session_ + "/screenshot", "");
        const auto from = answer.find("\"value\":\"") + 9;
        std::ofstream(std::string(folder) + "/" + name + ".png", std::ios::binary) << from_base64(answer.substr(from, answer.rfind('"') - from));
    }
}

std::vector<std::string> Chromium::tabs() {
    const auto answer = parse_json(ask("GET", session_ + "/window/handles", ""));
    std::vector<std::string> out;
    const auto* list = answer ? answer->find("value") : nullptr;
    REQUIRE((list != nullptr && list->array() != nullptr));
    for (const auto& handle : *list->array()) {
        out.push_back(*handle.text());
    }
    return out;
}

void Chromium::to_newest_tab() {
    CHECK(eventually([&] { return tabs().size() > 1; }, 20s));
    ask("POST", session_ + "/window", R"({"handle":)" + in_json(tabs().back()) + "}");
}

void Chromium::to_first_tab() {
    for (auto all = tabs(); all.size() > 1; all = tabs()) {
        ask("POST", session_ + "/window", R"({"handle":)" + in_json(all.back()) + "}");
        ask("DELETE", session_ + "/window", "");
    }
    ask("POST", session_ + "/window", R"({"handle":)" + in_json(tabs().front()) + "}");
}

void Chromium::window(int width, int height) {
    ask("POST", session_ + "/goog/cdp/execute",
        R"({"cmd":"Emulation.setDeviceMetricsOverride","params":{"width":)" + std::to_string(width) + R"(,"height":)" + std::to_string(height) +
            R"(,"deviceScaleFactor":1,"mobile":false}})");
}

void Chromium::as_telephone(bool telephone) {
    ask("POST", session_ + "/goog/cdp/execute",
        telephone ? R"({"cmd":"Emulation.setDeviceMetricsOverride","params":{"width":390,"height":844,"deviceScaleFactor":1,"mobile":true}})"
                  : R"({"cmd":"Emulation.clearDeviceMetricsOverride","params":{}})");
}

void Chromium::in_the_dark(bool dark) {
    ask("POST", session_ + "/goog/cdp/execute",
        std::string(R"({"cmd":"Emulation.setEmulatedMedia","params":{"features":[{"name":"prefers-color-scheme","value":")") +
            (dark ? "dark" : "light") + R"("}]}})");
}

std::string Chromium::ask(const std::string& method, const std::string& path, const std::string& json, int* status) {
    HttpConnection connection(port_, 60s);
    connection.send(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                    "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n" +
                    json);
    // The driver keeps its connections open whatever it is told.
    if (!connection.receive_until("\r\n\r\n")) {
        return {};
    }
    const auto head = connection.received().find("\r\n\r\n") + 4;
    const auto length = std::strtoul(parse_reply(connection.received()).headers["content-length"].c_str(), nullptr, 10);
    while (connection.received().size() < head + length && !connection.receive().empty()) {
    }
    const auto reply = parse_reply(connection.received());
    if (status != nullptr) {
        *status = reply.status;
    }
    return reply.body;
}

}  // namespace surged::test
