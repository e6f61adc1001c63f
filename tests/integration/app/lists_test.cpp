// Lists of everything over the real API: in parts and whole, read by many at once, and never older than what their reader has heard.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "core/series/message.hpp"
#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/encode_message.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

constexpr JsonLimits large{64UL << 20U, 16, 4000000};

/// `count` queues of centre jinan, in messages of a thousand; every tenth waits.
void feed_queues(DaemonKit& kit, std::size_t count) {
    const auto wall = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    for (std::size_t at = 0; at < count;) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < 1000 && at + i < count; ++i) {
            names.push_back("q" + std::to_string(at + i));
        }
        Message message;
        message.source = "test";
        message.has_epoch = true;
        message.epoch = kit.epoch;
        message.seq = ++kit.seq;
        message.ts = source_time(wall.count());
        for (std::size_t i = 0; i < names.size(); ++i) {
            message.parts.push_back({"jinan", names[i], "voice", message.ts, static_cast<std::uint32_t>(i), 1});
            message.values.push_back({"calls_waiting", (at + i) % 10 == 0 ? 20.0 : 1.0});
        }
        kit.pusher->push(encode_json(message));
        at += names.size();
    }
}

JsonValue get(DaemonKit& kit, const std::string& path) {
    const HttpReply reply = http(kit.port("http"), "GET", "/api/v1/" + path);
    INFO(path << ": " << reply.status << " " << reply.body.substr(0, 200));
    REQUIRE(reply.status == 200);
    auto json = parse_json(reply.body, large);
    REQUIRE(json.has_value());
    return *std::move(json);
}

std::string entry_name(const JsonValue& entry) {
    return entry.text_or("incident", "") + entry.text_or("rule", "") + "/" + entry.text_or("centre", "") + "/" + entry.text_or("queue", "");
}

std::vector<std::string> names_in(const JsonValue& list, const std::string& name) {
    std::vector<std::string> out;
    for (const JsonValue& entry : *list.find(name)->array()) {
        out.push_back(entry_name(entry));
    }
    return out;
}

/// The whole list, taken in parts of `limit`.
std::vector<std::string> in_parts(DaemonKit& kit, const std::string& list, const std::string& query, std::size_t limit) {
    std::vector<std::string> out;
    std::string next;
    for (int parts = 0; parts < 1000; ++parts) {
        const JsonValue part = get(kit, list + "?limit=" + std::to_string(limit) + query + (next.empty() ? "" : "&next=" + next));
        const auto names = names_in(part, list);
        CHECK(names.size() <= limit);
        out.insert(out.end(), names.begin(), names.end());
        next = part.text_or("next", "");
        if (next.empty()) {
            return out;
        }
        CHECK(names.size() == limit);
    }
    FAIL("a list without an end");
    return out;
}

std::size_t answers(DaemonKit& kit, const std::string& how) {
    const std::string page = http(kit.port("metrics"), "GET", "/metrics").body;
    const std::string line = "surged_list_answers_total{list=\"all_alerts\",how=\"" + how + "\"} ";
    const std::size_t at = page.find(line);
    return at == std::string::npos ? 0 : std::stoul(page.substr(at + line.size()));
}

}  // namespace

TEST_CASE("lists: parts of any size make the whole list, once each; a place from before a reload is told", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(eventually([&] {
        feed_queues(kit, 45);
        return names_in(get(kit, "queues"), "queues").size() >= 45;
    }));
    const auto queues = names_in(get(kit, "queues"), "queues");
    const auto alerts = names_in(get(kit, "alerts?all=1"), "alerts");
    CHECK(alerts.size() >= 45);
    for (const std::size_t limit : {std::size_t{1}, std::size_t{7}, std::size_t{45}, std::size_t{46}, std::size_t{1000}}) {
        CAPTURE(limit);
        CHECK(in_parts(kit, "queues", "", limit) == queues);
        CHECK(in_parts(kit, "alerts", "&all=1", limit) == alerts);
    }
    REQUIRE(eventually([&] { return names_in(get(kit, "alerts"), "alerts").size() == 5; }));
    CHECK(in_parts(kit, "alerts", "", 2) == names_in(get(kit, "alerts"), "alerts"));
    REQUIRE(eventually([&] { return !names_in(get(kit, "incidents"), "incidents").empty(); }));
    CHECK(in_parts(kit, "incidents", "", 1) == names_in(get(kit, "incidents"), "incidents"));

    const auto status_of = [&](const std::string& path) { return http(kit.port("http"), "GET", "/api/v1/" + path).status; };
    const std::string next = get(kit, "queues?limit=3").text_or("next", "");
    REQUIRE_FALSE(next.empty());
    CHECK(status_of("queues?limit=3&next=" + next) == 200);
    CHECK(status_of("queues?limit=3&next=nonsense") == 400);
    CHECK(status_of("incidents?limit=3&next=" + next) == 400);
    REQUIRE(post_json(kit.port("http"), "/api/v1/reload", "{}").status == 200);
    CHECK(status_of("queues?limit=3&next=" + next) == 410);
    CHECK(status_of("alerts?all=1&limit=3&next=" + next) == 410);
}

TEST_CASE("lists: many who ask for everything at once cost the engine one list, and a status asked meanwhile does not wait for it",
          "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(eventually(
        [&] {
            feed_queues(kit, 20000);
            return get(kit, "status").find("ingest")->find("queues")->integer().value_or(0) >= 20000;
        },
        60s));
    // Pages and their outcomes are decisions; once they are over nothing is decided.
    REQUIRE(eventually([&] { return !kit.pages("first").empty(); }, 60s));
    std::this_thread::sleep_for(500ms);
    const auto made = answers(kit, "made");
    const auto shared = answers(kit, "shared");
    std::vector<std::thread> readers;
    std::vector<std::size_t> sizes(8);
    std::atomic<int> left{8};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        readers.emplace_back([&, i] {
            sizes[i] = http(kit.port("http"), "GET", "/api/v1/alerts?all=1").body.size();
            --left;
        });
    }
    int asked = 0;
    auto longest = 0ms;
    while (left > 0) {
        const auto begun = std::chrono::steady_clock::now();
        CHECK(http(kit.port("http"), "GET", "/api/v1/status").status == 200);
        longest = std::max(longest, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun));
        ++asked;
    }
    for (std::thread& reader : readers) {
        reader.join();
    }
    CHECK(*std::min_element(sizes.begin(), sizes.end()) > 4UL * 1000 * 1000);
    // /metrics shows the picture of the last time that it was filled, which may be the one from before them.
    CHECK(eventually([&] { return answers(kit, "made") - made + answers(kit, "shared") - shared == 8; }));
    const auto made_by_them = answers(kit, "made") - made;
    CHECK(made_by_them <= 4);  // half of the threads read at once; a second lot may come too late for the first one's list
    INFO(asked << " times, at most " << longest.count() << " ms");
    CHECK(asked > 3);
}

TEST_CASE("lists: a list read after an answer is confirmed shows it, however many read at the same time", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    std::atomic<bool> over{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
        readers.emplace_back([&] {
            while (!over) {
                http(kit.port("http"), "GET", "/api/v1/incidents");
                http(kit.port("http"), "GET", "/api/v1/alerts?all=1");
            }
        });
    }
    for (int i = 0; i < 15; ++i) {
        for (const char* verb : {"join", "leave"}) {
            CHECK(post_json(kit.port("http"), "/api/v1/incidents/0-1/" + std::string(verb), R"({"person":"lead-01"})").status == 200);
            const JsonValue list = get(kit, "incidents");
            CHECK(list.find("incidents")->array()->front().find("joined")->integer() == (std::string(verb) == "join" ? 1 : 0));
        }
    }
    over = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
}

TEST_CASE("lists: an incident that is over says what it was and who came, in the list, alone and in the API", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    CHECK(get(kit, "status").find("incidents_open")->integer() == 1);
    REQUIRE(kit.feed_until(1, [&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));
    const JsonValue over = get(kit, "incidents").find("incidents")->array()->front();
    CHECK(over.text_or("level", "") == "none");
    CHECK(over.text_or("worst", "") == "yellow");
    CHECK(over.find("came")->integer() == 1);
    CHECK(get(kit, "status").find("incidents_open")->integer() == 0);
    CHECK(http(kit.port("metrics"), "GET", "/metrics").body.find("\nsurged_incidents_open 0\n") != std::string::npos);
    const std::string list = kit.ctl({"incidents", "--all"}).out;
    INFO(list);
    CHECK(list.find("was yellow") != std::string::npos);
    CHECK(list.find("1 came") != std::string::npos);
    const std::string show = kit.ctl({"show", "0-1"}).out;
    INFO(show);
    CHECK(show.find("was yellow closed") != std::string::npos);
    CHECK(show.find("1 came of 2 wanted, 0 of them arrived") != std::string::npos);
}
