// feed watch against a publisher as surged's own: whose refusals are printed, as what, and how it ends.
#include "feed/run_watch.hpp"

#include "feed_live_kit.hpp"
#include "io/zmq/publisher.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Publisher> open_report() {
    IngestSettings ingest;
    ingest.report = {"tcp://127.0.0.1:*"};
    return Publisher::open(report_settings(ingest)).value();
}

std::string refusal(const std::string& source, int more, int count) {
    return R"({"ts":1800000001000,"more":)" + std::to_string(more) + R"(,"source":")" + source + R"(","reason":"wrong_type","count":)" +
           std::to_string(count) + R"(,"field":"seq","got":"\"4\"","want":"a whole number, 0 or more","first":1800000000500,"last":1800000000900})";
}

/// Publishes until the watcher has printed `lines`; false: it never did.
bool publish_until(Publisher& report, const Background& watch, std::size_t lines, const std::vector<std::pair<std::string, std::string>>& messages) {
    return eventually([&] {
        for (const auto& [topic, json] : messages) {
            report.publish(topic, json);
        }
        std::this_thread::sleep_for(10ms);
        const auto out = watch.out();
        return static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n')) >= lines;
    });
}

}  // namespace

TEST_CASE("watch: a line says when, whose, how much, why, field, got and want, and how much since when in all", "[integration]") {
    CHECK(watch_line(refusal("acd-1", 3, 3), Zone{}) == "08:00:01 acd-1: 3 refused, wrong_type: seq: got \"4\", wanted a whole number, 0 or more");
    CHECK(watch_line(refusal("acd-1", 3, 120), Zone{}) ==
          "08:00:01 acd-1: 3 refused, wrong_type: seq: got \"4\", wanted a whole number, 0 or more (120 since 2027-01-15 08:00:00)");
    CHECK(watch_line(refusal("a\\u001b[2J", 1, 1), Zone{}).find('\x1b') == std::string::npos);
    for (const char* other : {"", "x", "{}", "[]", R"({"source":"acd-1"})"}) {
        CHECK(watch_line(other, Zone{}).empty());
    }
}

TEST_CASE("watch: it prints the sources that were asked for and none whose name only begins alike", "[integration]") {
    const auto report = open_report();
    WatchOptions options;
    options.endpoint = report->endpoints()[0];
    options.sources = {"acd-1", "?"};
    Background watch([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) { return run_feed_watch(options, Zone{}, out, err, stop); });
    REQUIRE(publish_until(*report, watch, 4,
                          {{"feed.acd-1", refusal("acd-1", 1, 1)}, {"feed.acd-10", refusal("acd-10", 1, 1)}, {"feed.?", refusal("?", 1, 1)},
                           {"feed.acd-1", "no JSON"}, {"incident.1", refusal("acd-1", 1, 1)}}));
    CHECK(watch.finish() == 0);
    CHECK(watch.err().find("event=watching endpoint=" + options.endpoint) != std::string::npos);
    CHECK(watch.out().find(" acd-1: 1 refused") != std::string::npos);
    CHECK(watch.out().find(" ?: 1 refused") != std::string::npos);
    CHECK(watch.out().find("acd-10") == std::string::npos);
}

TEST_CASE("watch: with --json a line is the message as it came, and --lines ends it", "[integration]") {
    const auto report = open_report();
    WatchOptions options;
    options.endpoint = report->endpoints()[0];
    options.json = true;
    options.lines_max = 2;
    Background watch([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) { return run_feed_watch(options, Zone{}, out, err, stop); });
    const auto message = refusal("acd-7", 1, 9);
    REQUIRE(publish_until(*report, watch, 2, {{"feed.acd-7", message}}));
    CHECK(watch.wait() == 0);
    CHECK(watch.out() == message + "\n" + message + "\n");
}

TEST_CASE("watch: nothing refused in time is 1, a wrong endpoint 2, nobody there 3", "[integration]") {
    const auto run = [](WatchOptions options) {
        std::ostringstream out, err;
        std::atomic<bool> stop{false};
        const int code = run_feed_watch(options, Zone{}, out, err, stop);
        INFO(err.str());
        CHECK(out.str().empty());
        return code;
    };
    WatchOptions options;
    options.duration = 300ms;
    {
        const auto report = open_report();
        options.endpoint = report->endpoints()[0];
        CHECK(run(options) == 1);
    }
    options.duration = 0ms;
    options.reach_within = 300ms;
    CHECK(run(options) == 3);  // it is gone
    options.endpoint = "udp://nowhere";
    CHECK(run(options) == 2);
}
