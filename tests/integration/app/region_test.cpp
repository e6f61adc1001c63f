// A region through the whole daemon: samples of several centres, one incident, one page each, killed between, one closing message
// each.
#include <csignal>
#include <map>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "wire/encode_message.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
constexpr const char* wide_policy = R"(
[[rule]]
id = "wide"
kind = "threshold"
metric = "calls_waiting"
scope = { centre = "wide-*" }
policy = "wide"
yellow = { raise = "> 10", clear = "< 5", raise_after = "0s", clear_after = "0s" }
[[policy]]
id = "wide"
scope = ["centre"]
need = 1
fallback = ["boss"]
resolve_hold = "700ms"
[[policy.tier]]
id = "leads"
rosters = ["leads"]
wait = "5m"
[policy.region]
scopes = 3
within = "1m"
)";

/// One message with the calls that wait in wide-1, wide-2, ...
void feed(DaemonKit& kit, const std::vector<double>& waiting) {
    Message message;
    message.source = "test";
    message.has_epoch = true;
    message.epoch = kit.epoch;
    message.seq = ++kit.seq;
    message.ts = source_time(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    std::vector<std::string> centres;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        centres.push_back("wide-" + std::to_string(i + 1));
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        message.parts.push_back(
            {centres[i], "general", "voice", message.ts, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(1)});
        message.values.push_back({"calls_waiting", waiting[i]});
    }
    kit.pusher->push(encode_json(message));
}

bool feed_until(DaemonKit& kit, const std::vector<double>& waiting, const std::function<bool()>& done) {
    return eventually([&] {
        feed(kit, waiting);
        std::this_thread::sleep_for(40ms);
        return done();
    });
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++n;
    }
    return n;
}

/// How many messages of a purpose named each lead.
std::map<std::string, std::size_t> told(const DaemonKit& kit, const std::string& purpose) {
    std::map<std::string, std::size_t> out;
    for (const auto& request : kit.pages(purpose)) {
        for (const std::string lead : {"lead-01", "lead-02", "lead-03"}) {
            out[lead] += request.body.find("\"" + lead + "\"") != std::string::npos ? 1U : 0U;
        }
    }
    return out;
}
using Told = std::map<std::string, std::size_t>;
const Told once_each{{"lead-01", 1}, {"lead-02", 1}, {"lead-03", 1}};

/// Three centres surge at once and are one incident, 0-4, whose pages have all been accepted, durably.
void open_region(DaemonKit& kit) {
    kit.write_config(wide_policy);
    kit.start();
    REQUIRE(feed_until(kit, {20, 20, 20}, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(eventually([&] { return times(kit.ctl({"show", "0-4", "--timeline", "--json"}).out, "page.accepted") == 3; }));
}

void kill_and_start(DaemonKit& kit) {
    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    kit.start();
}
}  // namespace

TEST_CASE("app: a region: one incident and one page each; a join and the calls live through kill -9; one closing message each",
          "[integration]") {
    DaemonKit kit;
    open_region(kit);
    CHECK(told(kit, "first") == once_each);
    CHECK(kit.pages("first").front().body.find("\"0-4\"") != std::string::npos);
    for (const auto* part : {"0-1", "0-2", "0-3"}) {
        CHECK(times(kit.ctl({"show", part, "--timeline", "--json"}).out, "incident.merged") == 1);
    }
    // An answer to one of the merged incidents is an answer to the region's.
    REQUIRE(kit.ctl({"join", "0-2", "--as", "lead-01"}).code == 0);
    kill_and_start(kit);
    const auto open = kit.ctl({"incidents"});
    CHECK(open.out.find("0-4") != std::string::npos);
    CHECK(open.out.find("1/3") != std::string::npos);
    for (int i = 0; i < 10; ++i) {
        feed(kit, {20, 20, 20});
        std::this_thread::sleep_for(50ms);
    }
    CHECK(told(kit, "first") == once_each);

    REQUIRE(feed_until(kit, {1, 1, 1}, [&] { return kit.pages("close").size() >= 3; }));
    REQUIRE(eventually([&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));
    std::this_thread::sleep_for(500ms);
    CHECK(told(kit, "close") == once_each);
    CHECK(kit.pages("stand_down").empty());
}

TEST_CASE("app: a region: centres that are over send their share home, after kill -9 too, and nobody hears of the end twice",
          "[integration]") {
    DaemonKit kit;
    open_region(kit);
    for (const auto* lead : {"lead-01", "lead-02", "lead-03"}) {
        REQUIRE(kit.ctl({"join", "0-4", "--as", lead}).code == 0);
    }
    CHECK(kit.ctl({"incidents"}).out.find("filled") != std::string::npos);
    REQUIRE(feed_until(kit, {20, 1, 20}, [&] { return !kit.pages("stand_down").empty(); }));
    CHECK(told(kit, "stand_down").at("lead-03") == 1);
    REQUIRE(eventually([&] { return times(kit.ctl({"show", "0-4", "--timeline", "--json"}).out, "page.accepted") == 4; }));
    kill_and_start(kit);
    REQUIRE(feed_until(kit, {20, 1, 1}, [&] { return kit.pages("stand_down").size() >= 2; }));
    CHECK(told(kit, "stand_down") == Told{{"lead-01", 0}, {"lead-02", 1}, {"lead-03", 1}});
    CHECK(kit.ctl({"incidents"}).out.find("1/1") != std::string::npos);

    REQUIRE(feed_until(kit, {1, 1, 1}, [&] { return !kit.pages("close").empty(); }));
    REQUIRE(eventually([&] { return kit.ctl({"incidents"}).out == "no open incidents\n"; }));
    std::this_thread::sleep_for(500ms);
    CHECK(told(kit, "close") == Told{{"lead-01", 1}, {"lead-02", 0}, {"lead-03", 0}});
    CHECK(kit.pages("stand_down").size() == 2);
}
