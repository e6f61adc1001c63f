#include "feed/run_recording.hpp"

#include "feed/recorder.hpp"
#include "feed/run_sim.hpp"
#include "feed_live_kit.hpp"
#include "io/zmq/pusher.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("record: what feeders send is written as lines that read back; rubbish is counted", "[integration]") {
    RecordOptions options;
    options.ingest.bind = {"tcp://127.0.0.1:*"};
    options.messages_max = 10;
    Background recording([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_record(options, out, err, stop);
    });
    REQUIRE(eventually([&] { return recording.err().find("endpoint=") != std::string::npos && recording.err().back() == '\n'; }));
    auto endpoint = recording.err();
    endpoint = endpoint.substr(endpoint.find("endpoint=") + 9);
    endpoint.pop_back();

    PusherSettings rubbish;
    rubbish.endpoint = endpoint;
    auto pusher = Pusher::open(rubbish);
    REQUIRE(pusher);
    REQUIRE((*pusher)->push("{broken"));
    REQUIRE((*pusher)->flush(2s));
    SimOptions sim;
    sim.speed = 0;
    sim.duration = 1min;
    sim.quiet = true;
    sim.output.endpoint = endpoint;
    sim.output.msgpack = true;
    Background feeder(
        [&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) { return run_feed_sim(sim, out, err, stop); });

    CHECK(recording.wait() == 0);
    feeder.finish();
    std::istringstream in(recording.out());
    std::uint64_t parts = 0;
    const auto report = message_lines(in, [&](const Message& m) {
        parts += m.parts.size();
        return true;
    });
    CHECK(report.messages == 10);
    CHECK(report.refused_lines == 0);
    CHECK(parts == 25);
    CHECK(recording.err().find("event=recorded messages=10 refused=1") != std::string::npos);
}

TEST_CASE("record: an endpoint that is taken ends with 2", "[integration]") {
    Receiver taken;
    RecordOptions options;
    options.ingest.bind = {taken.endpoint()};
    std::ostringstream out, err;
    std::atomic<bool> stop{false};
    CHECK(run_feed_record(options, out, err, stop) == 2);
    CHECK(err.str().find(taken.endpoint().substr(6)) != std::string::npos);
}
