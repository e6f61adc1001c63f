// The courier as a whole: many orders, many channels, bounds, reload, stop, the log channel.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "io/courier/pace.hpp"
#include "courier_kit.hpp"

using namespace surged;
using namespace surged::test;
using Manner = SinkAnswer::Manner;

namespace {

SinkAnswer hang() {
    SinkAnswer answer;
    answer.manner = Manner::hang;
    return answer;
}

}  // namespace

TEST_CASE("courier: 500 orders from four threads each arrive once and each have one outcome", "[integration]") {
    HttpSink sink;
    SinkAnswer slow;
    slow.delay = 20ms;
    sink.always(slow);
    CourierOptions options;
    options.channel_in_flight_max = 64;
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("a", sink.url("/a")), webhook_spec("b", sink.url("/b"))});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 125; ++i) {
                kit.submit(order_for("p" + std::to_string(t) + "-" + std::to_string(i), i % 2 == 0 ? "a" : "b"));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const auto landed = kit.wait(500);
    std::set<std::string> pages;
    for (const auto& one : landed) {
        CHECK(one.outcome.outcome == OutcomeClass::ok);
        pages.insert(one.outcome.page);
    }
    CHECK(landed.size() == 500);
    CHECK(pages.size() == 500);
    CHECK(sink.count() == 500);
    CHECK(sink.connections() <= 128);
    const auto stats = kit.courier().stats();
    CHECK(stats.submitted == 500);
    CHECK(stats.queued == 0);
    CHECK(stats.in_flight == 0);
    CHECK(stats.outcomes.at("a").at("ok") == 252);
    CHECK(stats.outcomes.at("b").at("ok") == 248);
}

TEST_CASE("courier: a region of 300 people leaves in one round trip to its provider", "[integration]") {
    HttpSink sink;
    SinkAnswer late;
    late.delay = 1500ms;
    sink.always(late);
    CourierKit kit;
    kit.configure({webhook_spec("region", sink.url("/page"))});
    for (int i = 0; i < 320; ++i) {
        kit.submit(order_for("p" + std::to_string(i), "region", 20000ms));
    }
    REQUIRE(sink.wait_for(320, patience));
    const auto all = sink.requests();
    const auto [first, last] = std::ranges::minmax(all, {}, &SinkRequest::first_byte);
    CHECK(last.first_byte - first.first_byte < 1500ms);  // none waited for an answer
    for (const auto& one : kit.wait(320)) {
        CHECK(one.outcome.outcome == OutcomeClass::ok);
    }
    CHECK(sink.count() == 320);
}

TEST_CASE("courier: dead channels do not delay a living one", "[integration]") {
    HttpSink dead;
    dead.always(hang());
    HttpSink living;
    CourierOptions options;
    options.in_flight_max = 8;
    options.channel_in_flight_max = 8;
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("dead", dead.url()), webhook_spec("living", living.url())});
    for (int i = 0; i < 40; ++i) {
        kit.submit(order_for("dead-" + std::to_string(i), "dead", 1500ms));  // takes all that may be under way, five times over
    }
    REQUIRE(dead.wait_for(8, patience));
    for (int i = 0; i < 20; ++i) {
        kit.submit(order_for("living-" + std::to_string(i), "living"));
    }
    REQUIRE(living.wait_for(20, patience));
    const auto landed = kit.wait(20);
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(landed[i].outcome.page.find("living-") == 0);
    }
    CHECK(dead.count() == 8);
}

TEST_CASE("courier: a channel's share bounds what is under way, on both sides", "[integration]") {
    HttpSink sink;
    sink.always(hang());
    CourierOptions options;
    options.channel_in_flight_max = 5;
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("a", sink.url())});
    for (int i = 0; i < 6; ++i) {
        kit.submit(order_for("p" + std::to_string(i), "a", 700ms));
    }
    REQUIRE(sink.wait_for(5, patience));
    CHECK_FALSE(sink.wait_for(6, 200ms));
    CHECK(kit.courier().stats().in_flight == 5);
    CHECK(kit.courier().stats().queued == 1);
    CHECK(sink.wait_for(6, patience));
}

TEST_CASE("pace: one more than the rate leaves a window and a margin after the first, not a millisecond before") {
    const surged::RateLimit rate{2, surged::Span{1000}};
    const surged::Pace::Time start{};
    surged::Pace pace;
    CHECK(surged::Pace::margin(rate) == 50ms);
    CHECK(surged::Pace::margin({20, surged::Span{60000}}) == 250ms);
    pace.started(rate, start);
    CHECK(pace.free_at(rate, start + 1ms) == start + 1ms);
    pace.started(rate, start + 1ms);
    CHECK(pace.free_at(rate, start + 2ms) == start + 1050ms);
    CHECK(pace.free_at(rate, start + 1050ms) == start + 1050ms);
    pace.started(rate, start + 1050ms);
    CHECK(pace.free_at(rate, start + 1050ms) == start + 1051ms);
    CHECK(pace.free_at({}, start + 2ms) == start + 2ms);
}

TEST_CASE("courier: orders that come in a bunch leave at their channel's rate, and another channel's at once", "[integration]") {
    HttpSink paced;
    HttpSink free;
    auto slow = webhook_spec("slow", paced.url());
    slow.rate = {4, surged::Span{300}};
    CourierKit kit;
    kit.configure({slow, webhook_spec("free", free.url())});
    for (int i = 0; i < 12; ++i) {
        kit.submit(order_for("s" + std::to_string(i), "slow"));
    }
    for (int i = 0; i < 12; ++i) {
        kit.submit(order_for("f" + std::to_string(i), "free"));
    }
    const auto landed = kit.wait(24);
    std::vector<SendTiming::Time> left;
    for (const auto& one : landed) {
        CHECK(one.outcome.outcome == OutcomeClass::ok);
        if (one.outcome.page[0] == 's') {
            left.push_back(one.timing.first_byte);
        }
    }
    std::sort(left.begin(), left.end());
    REQUIRE(left.size() == 12);
    CHECK(left[3] - left[0] < 300ms);  // the first four go together
    for (std::size_t i = 4; i < left.size(); ++i) {
        CHECK(left[i] - left[i - 4] > 250ms);  // 300 ms, less what a first byte may come after its start
    }
    // What counts is what the sink sees: no window of the rate holds one more. It may see a page late, on a busy machine, but none early.
    std::vector<SinkRequest::Time> seen;
    for (const auto& request : paced.requests()) {
        seen.push_back(request.first_byte);
    }
    std::sort(seen.begin(), seen.end());
    REQUIRE(seen.size() == 12);
    for (std::size_t i = 4; i < seen.size(); ++i) {
        CHECK(seen[i] - std::min(seen[i - 4], left[i - 4]) >= 300ms);
    }
    CHECK(free.count() == 12);
    CHECK(landed.back().outcome.page[0] == 's');
}

TEST_CASE("courier: a full queue refuses with retry, and not before it is full", "[integration]") {
    HttpSink sink;
    sink.always(hang());
    CourierOptions options;
    options.queue_max = 10;
    options.channel_in_flight_max = 1;
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("a", sink.url())});
    kit.submit(order_for("under way", "a"));
    REQUIRE(sink.wait_for(1, patience));
    for (int i = 0; i < 10; ++i) {
        kit.submit(order_for("queued", "a"));
    }
    CHECK(kit.count() == 0);
    kit.submit(order_for("too many", "a"));
    const auto landed = kit.wait(1);
    CHECK(landed[0].outcome.page == "too many");
    CHECK(landed[0].outcome.outcome == OutcomeClass::retry);
    CHECK(landed[0].outcome.detail == "courier queue full");
    CHECK(kit.courier().stats().refused == 1);
}

TEST_CASE("courier: of orders that come together those for which there is no room end at once, and the others leave", "[integration]") {
    HttpSink sink;
    CourierOptions options;
    options.queue_max = 10;
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("a", sink.url())});
    std::vector<SendOrder> together;
    for (int i = 0; i < 12; ++i) {
        together.push_back(order_for("p" + std::to_string(i), "a"));
    }
    kit.courier().submit(std::move(together));
    std::map<std::string, OutcomeClass> ends;
    for (const auto& one : kit.wait(12)) {
        CHECK(ends.emplace(one.outcome.page, one.outcome.outcome).second);
    }
    CHECK(ends.at("p9") == OutcomeClass::ok);
    CHECK(ends.at("p10") == OutcomeClass::retry);
    CHECK(ends.at("p11") == OutcomeClass::retry);
    CHECK(sink.count() == 10);
    CHECK(kit.courier().stats().refused == 2);
    kit.courier().submit(std::vector<SendOrder>{});
    CHECK(kit.courier().stats().submitted == 12);
}

TEST_CASE("courier: stop gives every order its outcome", "[integration]") {
    HttpSink sink;
    CourierOptions options;
    options.channel_in_flight_max = 2;
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("a", sink.url())});
    SECTION("in time") {
        SinkAnswer slow;
        slow.delay = 30ms;
        sink.always(slow);
        for (int i = 0; i < 10; ++i) {
            kit.submit(order_for("p", "a"));
        }
        CHECK(kit.courier().stop(std::chrono::seconds{20}) == 0);
        CHECK(kit.count() == 10);
        CHECK(sink.count() == 10);
    }
    SECTION("out of time: sent ones are unknown, unsent ones may be retried") {
        sink.always(hang());
        for (int i = 0; i < 5; ++i) {
            kit.submit(order_for("p" + std::to_string(i), "a", 20s));
        }
        REQUIRE(sink.wait_for(2, patience));
        CHECK(kit.courier().stop(50ms) == 5);
        const auto landed = kit.wait(5);
        CHECK(std::count_if(landed.begin(), landed.end(),
                            [](const Landed& l) { return l.outcome.outcome == OutcomeClass::unknown; }) == 2);
        CHECK(std::count_if(landed.begin(), landed.end(),
                            [](const Landed& l) { return l.outcome.outcome == OutcomeClass::retry; }) == 3);
        kit.submit(order_for("late", "a"));
        CHECK(kit.wait(6).back().outcome.detail == "surged is stopping");
    }
}

TEST_CASE("courier: a reload changes the channels of later orders; what is under way ends as it began", "[integration]") {
    HttpSink first;
    HttpSink second;
    SinkAnswer slow;
    slow.delay = 300ms;
    first.always(slow);
    CourierKit kit;
    kit.configure({webhook_spec("a", first.url()), webhook_spec("gone", first.url())});
    kit.submit(order_for("under way", "a"));
    REQUIRE(first.wait_for(1, patience));

    kit.configure({webhook_spec("a", second.url())});
    const auto moved = kit.send(order_for("moved", "a"));
    const auto gone = kit.send(order_for("removed", "gone"));

    CHECK(moved.outcome.outcome == OutcomeClass::ok);
    CHECK(second.count() == 1);
    CHECK(gone.outcome.outcome == OutcomeClass::config_error);
    CHECK(gone.outcome.detail == "channel gone is not configured");
    const auto landed = kit.wait(3);
    CHECK(std::count_if(landed.begin(), landed.end(), [](const Landed& l) {
              return l.outcome.page == "under way" && l.outcome.outcome == OutcomeClass::ok;
          }) == 1);
}

TEST_CASE("courier: a channel that cannot work says so at once and at every order", "[integration]") {
    CourierKit kit;
    ChannelSpec odd;
    odd.id = "odd";
    odd.type = "webhok";
    const std::vector<ChannelSpec> specs = {odd, webhook_spec("empty", ""), webhook_spec("ftp", "ftp://127.0.0.1/x"),
                                            exec_spec("none", {})};
    const auto problems = kit.configure(specs);
    REQUIRE(problems.size() == 4);
    CHECK(problems[0].detail == "neither url nor url_file is set");
    CHECK(problems[1].detail == "the url is not an http:// or https:// address");
    CHECK(problems[2].detail == "command is not set");
    CHECK(problems[3].detail == "unknown channel type \"webhok\", did you mean \"webhook\"?");
    for (const auto& spec : specs) {
        const auto landed = kit.send(order_for("p-" + spec.id, spec.id));
        CHECK(landed.outcome.outcome == OutcomeClass::config_error);
        CHECK_FALSE(landed.outcome.detail.empty());
    }
    CHECK(check_channels(specs, "", "").size() == 4);
}

TEST_CASE("courier: crash points stand before the first byte and before the outcome is told", "[integration]") {
    HttpSink sink;
    std::mutex lock;
    std::vector<std::string> steps;
    CourierOptions options;
    options.at_step = [&](const char* step) {
        const std::lock_guard hold(lock);
        steps.push_back(step + std::string(" ") + std::to_string(sink.count()));
    };
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("a", sink.url())});
    kit.send(order_for("p", "a"));
    const std::lock_guard hold(lock);
    CHECK(steps == std::vector<std::string>{"before_send 0", "after_send 1"});
}

TEST_CASE("log channel: one line, always ok, nothing in it breaks the line or shows a number", "[integration]") {
    std::mutex lock;
    std::vector<std::string> lines;
    CourierOptions options;
    options.log_line = [&](const std::string& line) {
        const std::lock_guard hold(lock);
        lines.push_back(line);
    };
    CourierKit kit(std::move(options));
    ChannelSpec spec;
    spec.id = "journal";
    spec.type = "log";
    CHECK(kit.configure({spec}).empty());
    auto order = order_for("0-17/1/lead-01/journal/first/1", "journal");
    order.text = "line one\nline \"two\" \x1b[31m";
    const auto landed = kit.send(order);
    CHECK(landed.outcome.outcome == OutcomeClass::ok);
    CHECK(landed.timing.first_byte != SendTiming::Time{});
    const std::lock_guard hold(lock);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("event=page page=\"0-17/1/lead-01/journal/first/1\" attempt=1 channel=\"journal\"") == 0);
    CHECK(lines[0].find("people=\"lead-01\"") != std::string::npos);
    CHECK(lines[0].find("text=\"line one line \\\"two\\\" [31m\"") != std::string::npos);
    CHECK(lines[0].find('\n') == std::string::npos);
    CHECK(lines[0].find("138") == std::string::npos);
}

TEST_CASE("courier: while nothing may start orders wait, and leave at once when it may", "[integration]") {
    std::atomic<bool> open{false};
    std::atomic<int> asked{0};
    HttpSink sink;
    CourierOptions options;
    options.may_start = [&] {
        ++asked;
        return open.load();
    };
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("hook", sink.url())});
    for (int i = 0; i < 20; ++i) {
        kit.submit(order_for("p" + std::to_string(i), "hook"));
    }
    std::this_thread::sleep_for(400ms);
    CHECK(sink.count() == 0);
    CHECK(kit.count() == 0);
    CHECK(kit.courier().stats().queued == 20);
    CHECK(asked < 400);  // it sleeps in between
    open = true;
    const auto opened = SinkRequest::Time::clock::now();
    REQUIRE(sink.wait_for(20, patience));
    CHECK(sink.requests().front().first_byte - opened < 500ms);
    for (const auto& one : kit.wait(20)) {
        CHECK(one.outcome.outcome == OutcomeClass::ok);
    }
}

TEST_CASE("courier: an order that was held back for longer than it may take ends as retry, unsent", "[integration]") {
    std::atomic<bool> open{false};
    HttpSink sink;
    CourierOptions options;
    options.may_start = [&] { return open.load(); };
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("hook", sink.url())});
    kit.submit(order_for("short", "hook", 150ms));
    kit.submit(order_for("long", "hook", 20000ms));
    const auto landed = kit.wait(1);
    CHECK(landed[0].outcome.page == "short");
    CHECK(landed[0].outcome.outcome == OutcomeClass::retry);
    CHECK(landed[0].timing.first_byte == SendTiming::Time{});
    CHECK(landed[0].timing.finished - landed[0].timing.submitted >= 150ms);
    CHECK(kit.courier().stats().held_back == 1);
    open = true;
    CHECK(kit.wait(2)[1].outcome.outcome == OutcomeClass::ok);
    CHECK(sink.count() == 1);
}

TEST_CASE("courier: what is under way when nothing may start any more ends as it began", "[integration]") {
    std::atomic<bool> open{true};
    HttpSink sink;
    SinkAnswer slow;
    slow.delay = 300ms;
    sink.always(slow);
    CourierOptions options;
    options.may_start = [&] { return open.load(); };
    CourierKit kit(std::move(options));
    kit.configure({webhook_spec("hook", sink.url())});
    kit.submit(order_for("under way", "hook"));
    REQUIRE(sink.wait_for(1, patience));
    open = false;
    CHECK(kit.wait(1)[0].outcome.outcome == OutcomeClass::ok);
}
