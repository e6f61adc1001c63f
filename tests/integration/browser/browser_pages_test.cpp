// What people meet behind a link besides the personal page in the middle of a surge: a group's chat, a drill, a hand-over, an end.
#include <chrono>
#include <csignal>

#include "chromium.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "wire/encode_message.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// Links lead to the daemon itself; the port is known only when it runs, so the path is what counts.
std::string here(const DaemonKit& kit, const std::string& person, const std::string& purpose = "first") {
    const auto link = link_of(kit, person, purpose);
    REQUIRE(link.size() > kit.ack_url_base.size());
    return "http://127.0.0.1:" + std::to_string(kit.port("http")) + link.substr(kit.ack_url_base.size());
}

/// The way of all pages becomes the robot of one chat, and people have names and numbers.
void one_chat(const DaemonKit& kit) {
    replace_in(kit.config, "type = \"webhook\"\n", "type = \"webhook\"\nkind = \"group\"\n");
    replace_in(kit.config, "name = \"lead-01\"\n", "name = \"Ann Lee\"\nmobile = \"13800001234\"\n");
    replace_in(kit.config, "name = \"lead-02\"\n", "name = \"张三\"\nmobile = \"13800005678\"\n");
}

/// The same surge in a second centre.
void feed_yantai(DaemonKit& kit) {
    kit.feed(20);
    Message message;
    message.source = "yantai";
    message.has_epoch = true;
    message.epoch = kit.epoch;
    message.seq = ++kit.seq;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    message.ts = source_time(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    message.parts.push_back({"yantai", "general", "voice", message.ts, 0, 1});
    message.values.push_back({"calls_waiting", 20});
    kit.pusher->push(encode_json(message));
}

DaemonKit& linked(DaemonKit& kit) {
    kit.ack_url_base = "https://surge.example";
    kit.write_config();
    return kit;
}

// Every text against what lies behind it, as WCAG 2 counts; what is too faint, too small to press or too wide comes back.
const std::string faults_on_telephone = R"(
      const luminance = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
      const colour = text => text.match(/[\d.]+/g).map(Number);
      const behind = e => { for (; e; e = e.parentElement) { const c = colour(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
      const out = [];
      for (const e of document.querySelectorAll('main *')) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
        const [a, b] = [luminance(colour(getComputedStyle(e).color)), luminance(behind(e))];
        if ((Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5) out.push('faint: ' + e.textContent);
        if (parseFloat(getComputedStyle(e).fontSize) < 14) out.push('small: ' + e.textContent);
      }
      for (const e of document.querySelectorAll('button, input:not([type=hidden])')) {
        const box = e.getBoundingClientRect();
        if (box.height < 44 || box.width < 300) out.push('hard to press: ' + e.textContent + box.height);
      }
      if (document.documentElement.scrollWidth > 390) out.push('wider than the screen');
      const first = document.querySelector('button').getBoundingClientRect();
      if (first.bottom > 844) out.push('the first button is below the screen');
      return out.join('; ');)";

}  // namespace

TEST_CASE("browser: behind a group's link name and number are asked; a wrong number keeps the name, the right one joins", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    one_chat(linked(kit));
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
    const auto link = here(kit, "");
    Chromium& browser = chromium();
    browser.open(link);
    browser.press("button[value=join]");  // the browser itself asks for what is missing
    CHECK(browser.run("return document.querySelector(':invalid') !== null") == "true");
    browser.fill("input[name=person]", " ann  LEE ");
    browser.fill("input[name=last4]", "9999");
    browser.send("button[value=join]");
    CHECK(browser.says("姓名与号码不符"));
    CHECK(browser.run("return document.querySelector('input[name=person]').value") == "\" ann  LEE \"");
    CHECK(browser.run("return document.querySelector('input[name=last4]').value") == "\"\"");
    browser.fill("input[name=last4]", "１２３４");
    browser.send("button[value=join]");
    CHECK(browser.says("已记录"));
    CHECK(browser.says("1 / 2"));
    CHECK(kit.ctl({"show", "0-1", "--json"}).out.find("\"person\":\"lead-01\"") != std::string::npos);

    browser.open(link);
    for (int i = 0; i < 6; ++i) {
        browser.fill("input[name=person]", "张三");
        browser.fill("input[name=last4]", "000" + std::to_string(i));
        browser.send("button[value=join]");
        CHECK(browser.says(i < 5 ? "Name and number do not match" : "Too many tries"));
        CHECK(browser.has("main .bad"));
    }
    browser.fill("input[name=person]", "lead-01");  // somebody else is not held out
    browser.fill("input[name=last4]", "1234");
    browser.send("button[value=ack]");
    CHECK(browser.says("已记录"));
}

TEST_CASE("browser: a drill page has one button, which answers the drill", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    linked(kit).start();
    Process drill(std::string(SURGED_BIN_DIR) + "/surgectl",
                  {"--server", "http://" + kit.address("http"), "drill", "--person", "lead-01", "--answers", "--wait", "60s"}, kit.dir.file("drill"));
    REQUIRE(eventually([&] { return kit.pages("test").size() == 1; }));
    Chromium& browser = chromium();
    browser.open(here(kit, "lead-01", "test"));
    CHECK(browser.run("return document.querySelectorAll('button').length") == "1");
    browser.send("button[value=ack]");
    CHECK(browser.says("Recorded"));
    browser.open(here(kit, "lead-01", "test"));
    CHECK_FALSE(browser.has("button"));
    CHECK(drill.wait(60s) == 0);
    CHECK(drill.out().find("answered: 1 of 1") != std::string::npos);
}

TEST_CASE("browser: who is handed a seat, and who is named by one that declines, answers behind the link of that page", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    linked(kit).start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    Chromium& browser = chromium();
    for (const char* person : {"lead-01", "lead-02"}) {
        browser.open(here(kit, person));
        browser.send("button[value=join]");
        CHECK(browser.says("Recorded"));
    }
    CHECK(kit.ctl({"handover", "--as", "lead-01", "--to", "sup-01"}).code == 0);
    REQUIRE(eventually([&] { return kit.pages("handover").size() == 1; }));
    browser.open(here(kit, "sup-01", "handover"));
    browser.send("button[value=join]");
    CHECK(browser.says("Recorded"));
    CHECK(kit.ctl({"show", "0-1", "--timeline"}).out.find("handed over to sup-01") != std::string::npos);

    DaemonKit other;
    linked(other).start();
    REQUIRE(other.feed_until(20, [&] { return other.pages("first").size() == 3; }));
    CHECK(other.ctl({"decline", "--as", "lead-01", "--substitute", "boss"}).code == 0);
    REQUIRE(eventually([&] { return other.pages("handover").size() == 1; }));
    browser.open(here(other, "boss", "handover"));
    browser.send("button[value=join]");
    CHECK(browser.says("1 / 2"));
}

TEST_CASE("browser: who is called by two incidents answers both behind one link, and moves from one to the other", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    linked(kit);
    replace_in(kit.config, "scope = { centre = \"jinan\" }", "scope = { centre = \"*\" }");
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto show = [&] { return kit.ctl({"show", "0-2", "--json"}).out; };
    REQUIRE(eventually([&] {
        feed_yantai(kit);
        return show().find("lead-01") != std::string::npos;
    }));
    Chromium& browser = chromium();
    browser.open(here(kit, "lead-01"));
    CHECK(browser.says("yantai"));
    browser.send("form ~ form button[value=join]");
    CHECK(browser.says("Recorded"));
    CHECK(show().find("\"joined\":1") != std::string::npos);
    browser.open(here(kit, "lead-01"));
    browser.send("button[value=move]");
    CHECK(browser.says("Recorded"));
    CHECK(show().find("\"joined\":0") != std::string::npos);
    CHECK(kit.ctl({"show", "0-1", "--json"}).out.find("\"joined\":1") != std::string::npos);
}

TEST_CASE("browser: after the end a link says so and has no button, a spoiled one says that it is not valid, and a press is no JSON", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    linked(kit).start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto link = here(kit, "lead-01");
    Chromium& browser = chromium();
    browser.open(link);  // the page stays open while it ends
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    browser.send("button[value=join]");
    CHECK(browser.says("Not accepted"));
    CHECK(browser.text().find("\"error\"") == std::string::npos);
    browser.open(link);
    CHECK(browser.says("It is over"));
    CHECK_FALSE(browser.has("button"));
    for (const std::string& spoiled : {link.substr(0, link.size() - 3), link + "x", link + "%20", link.substr(0, link.rfind('/') + 1)}) {
        browser.open(spoiled);
        CHECK(browser.says("This link is not valid"));
        CHECK(browser.says("链接无效"));
    }
}

TEST_CASE("browser: a link of a store that was lost opens nothing in the next one, though key and number are the same", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    DaemonKit kit;
    linked(kit).start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto link = link_of(kit, "lead-01").substr(kit.ack_url_base.size());
    DaemonKit other;
    linked(other);
    std::filesystem::copy_file(kit.dir.file("surged.db.linkkey"), other.dir.file("surged.db.linkkey"));
    other.start();
    REQUIRE(other.feed_until(20, [&] { return other.pages("first").size() == 3; }));  // its own incident 0-1
    Chromium& browser = chromium();
    browser.open("http://127.0.0.1:" + std::to_string(other.port("http")) + link);
    CHECK(browser.says("链接无效"));
    CHECK(browser.says("This link is not valid"));
    CHECK_FALSE(browser.has("button"));
}

TEST_CASE("browser: on a telephone the page fits, its buttons are large and first of all the one to join, in readable colours", "[integration]") {
    if (!browser_installed()) {
        return;
    }
    Chromium& browser = chromium();
    browser.as_telephone(true);
    for (const bool group : {false, true}) {
        for (const char* language : {"zh", "en"}) {
            CAPTURE(group, language);
            DaemonKit kit;
            linked(kit);
            if (group) {
                one_chat(kit);
            } else {
                replace_in(kit.config, "name = \"lead-01\"\n", std::string("name = \"张伟\"\nlanguage = \"") + language + "\"\n");
            }
            kit.start();
            REQUIRE(kit.feed_until(20, [&] { return !kit.pages("first").empty(); }));
            REQUIRE(eventually([&] { return !link_of(kit, group ? "" : "lead-01").empty(); }));
            for (const bool dark : {false, true}) {
                CAPTURE(dark);
                browser.in_the_dark(dark);
                const auto name = std::string(group ? "group" : "personal") + "-" + language + (dark ? "-dark" : "");
                browser.open(here(kit, group ? "" : "lead-01"));
                CHECK(browser.run(faults_on_telephone) == "\"\"");
                CHECK(browser.run("return document.querySelector('button').value") == "\"join\"");
                const bool zh = group || std::string(language) == "zh";
                const bool en = group || !zh;
                CHECK(browser.says(zh ? "请上线接话，还缺 2 人" : "Please log on and take calls: 2 more needed"));
                CHECK(browser.says(zh ? "触发线 >10" : "raised at >10"));
                CHECK(browser.run("return /\\d\\d:\\d\\d:\\d\\d/.test(document.body.innerText)") == "true");
                CHECK((browser.text().find("Please log on") != std::string::npos) == en);
                CHECK((browser.text().find("请上线") != std::string::npos) == zh);
                CHECK(browser.text().find("calls_waiting") == std::string::npos);
                CHECK(browser.text().find("paging") == std::string::npos);
                browser.keep_picture(name);
            }
            if (group) {
                browser.fill("input[name=person]", "张三");
                browser.fill("input[name=last4]", "0000");
            }
            browser.send("button[value=join]");
            CHECK(eventually([&] { return browser.has(group ? "main .bad" : "main .good"); }));
            if (!group) {  // one tap: what to do has changed, and arriving is the first button now
                CHECK(browser.says(std::string(language) == "zh" ? "您已加入" : "You have joined"));
                CHECK(browser.run("return document.querySelector('button').value") == "\"arrive\"");
                kit.feed(35);  // worse meanwhile: read anew, the page has the value of now
                CHECK(eventually([&] { return browser.press("a[href='']"), browser.text().find("35") != std::string::npos; }));
                CHECK_FALSE(browser.has("main .good"));
            }
            CHECK(browser.run(faults_on_telephone) == "\"\"");
            browser.keep_picture(std::string(group ? "group" : "personal") + "-" + language + "-pressed");
        }
    }
    browser.in_the_dark(false);
    browser.as_telephone(false);
}
