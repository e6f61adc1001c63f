#include "feed/run_sim.hpp"

#include <algorithm>

#include "feed/scenario.hpp"
#include "feed_live_kit.hpp"
#include "io/zmq/publisher.hpp"
#include "wire/record_json.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::unique_ptr<Publisher> publisher() {
    PublishSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    auto opened = Publisher::open(settings);
    REQUIRE(opened);
    return std::move(*opened);
}
void publish(Publisher& daemon, RecordBody body) {
    Record record;
    record.seq = 1;
    record.body = std::move(body);
    daemon.publish(topic_of(record), encode(record));
}
double last(const std::vector<Receiver::Got>& got, const char* centre, const char* queue, const char* metric) {
    for (auto at = got.rbegin(); at != got.rend(); ++at) {
        if (at->centre == centre && at->queue == queue) {
            return at->m.at(metric);
        }
    }
    return -1;
}
}  // namespace

TEST_CASE("sim: the same seed writes the same bytes to the output", "[integration]") {
    SimOptions options;
    options.speed = 0;
    options.duration = 5min;
    options.output.endpoint = "-";
    options.quiet = true;
    std::atomic<bool> stop{false};
    std::ostringstream first, second, other, err;

    CHECK(run_feed_sim(options, first, err, stop) == 0);
    CHECK(run_feed_sim(options, second, err, stop) == 0);
    options.seed = 5;
    CHECK(run_feed_sim(options, other, err, stop) == 0);
    CHECK(first.str() == second.str());
    CHECK(first.str() != other.str());
    const auto text = first.str();
    CHECK(std::count(text.begin(), text.end(), '\n') == 600);
    CHECK(err.str().empty());
}

TEST_CASE("sim: a wrong scenario is told with file, line and column and ends with 2", "[integration]") {
    TempFolder folder;
    append(folder.file("s"), "queue centre=a queue=q rate=1/h agents=1 aht=1m\nat 1m surge centr=a factor=2\n");
    SimOptions options;
    options.scenario = folder.file("s");
    std::atomic<bool> stop{false};
    std::ostringstream out, err;

    CHECK(run_feed_sim(options, out, err, stop) == 2);
    CHECK(err.str() == folder.file("s") + ":2:13: unknown key 'centr'; did you mean 'centre'?\n");
}

TEST_CASE("sim: publishes at its speed with times of now, and hears who joins and who is released", "[integration]") {
    TempFolder folder;
    append(folder.file("s"),
           "queue centre=jinan queue=general group=g rate=60/h agents=4 aht=60s\nqueue centre=weifang queue=general group=g "
           "rate=60/h agents=4 aht=60s\n");
    Receiver daemon;
    auto out_there = publisher();
    SimOptions options;
    options.scenario = folder.file("s");
    options.speed = 10;
    options.period = 1s;
    options.react = {out_there->endpoints().at(0)};
    options.react_delay = 2s;
    options.output.endpoint = daemon.endpoint();
    Background sim([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_sim(options, out, err, stop);
    });
    REQUIRE(daemon.until([](const auto& got) { return got.size() >= 10; }));
    for (const auto& g : daemon.got) {
        CHECK(std::abs(g.arrival_ms - g.ts_ms) < 5000);
    }

    IncidentChange opened;
    opened.incident = "0-1";
    opened.scope = {{"centre", "jinan"}, {"group", "g"}};
    SeatChange seat;
    seat.incident = "0-1";
    seat.person = "li";
    seat.state = SeatState::joined;
    // The subscription may need a moment: said again until it is heard; a person is seated once all the same.
    REQUIRE(daemon.until([&](const auto& got) {
        publish(*out_there, opened);
        publish(*out_there, seat);
        return last(got, "jinan", "general", "agents_staffed") == 5;
    }));
    CHECK(last(daemon.got, "weifang", "general", "agents_staffed") == 4);

    seat.state = SeatState::released;
    publish(*out_there, seat);
    REQUIRE(daemon.until([&](const auto& got) { return last(got, "jinan", "general", "agents_staffed") == 4; }));
    CHECK(sim.finish() == 0);
    CHECK(sim.err().find("event=sim t=1s") != std::string::npos);
    CHECK(sim.err().find("flushed=yes") != std::string::npos);
}

TEST_CASE("sim: ends by itself after its duration", "[integration]") {
    Receiver daemon;
    SimOptions options;
    options.speed = 20;
    options.duration = 4s;
    options.output.endpoint = daemon.endpoint();
    Background sim([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_sim(options, out, err, stop);
    });
    REQUIRE(daemon.until([](const auto& got) { return got.size() == 4 * 5; }));
    CHECK(sim.wait() == 0);
    CHECK(daemon.got.back().seq == 4);
}

TEST_CASE("sim: of two daemons each gets everything, and both see the same sequence", "[integration]") {
    Receiver a, b;
    SimOptions options;
    options.speed = 0;
    options.duration = 1min;
    options.output.endpoint = a.endpoint();
    FeedOutput other;
    other.endpoint = b.endpoint();
    other.msgpack = true;
    options.more = {other};
    Background sim([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) { return run_feed_sim(options, out, err, stop); });
    const auto whole = [](const auto& got) { return got.size() == 60 * 5; };
    REQUIRE(a.until(whole));
    REQUIRE(b.until(whole));
    CHECK(sim.wait() == 0);
    CHECK(a.got.back().seq == b.got.back().seq);
    CHECK(a.got.front().epoch == b.got.front().epoch);
    CHECK(sim.err().find("feed_misses") == std::string::npos);
}

TEST_CASE("sim: a daemon that is away misses messages, which are counted and told, and the other waits for none of them", "[integration]") {
    Receiver a;
    std::string nobody;
    { nobody = Receiver().endpoint(); }  // nobody listens there any more
    SimOptions options;
    options.speed = 0;
    options.duration = 2min;
    options.output.endpoint = nobody;
    options.output.hwm = 10;
    FeedOutput works;
    works.endpoint = a.endpoint();
    options.more = {works};
    const auto began = std::chrono::steady_clock::now();
    Background sim([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) { return run_feed_sim(options, out, err, stop); });
    REQUIRE(a.until([](const auto& got) { return got.size() == 120 * 5; }));
    CHECK(std::chrono::steady_clock::now() - began < 8s);
    CHECK(sim.wait() == 0);
    const auto err = sim.err();
    CHECK(err.find("event=feed_misses endpoint=" + nobody + " reason=\"the daemon is away or slow: the others do not wait for it\"") != std::string::npos);
    // Ten messages lie in its socket; two centres send one each a second.
    CHECK(err.find("event=feed_missed endpoint=" + nobody + " messages=230\n") != std::string::npos);
    CHECK(err.find("event=feed_done messages=240 flushed=yes") != std::string::npos);
}

TEST_CASE("sim: while every daemon is away the feed waits, and goes on with the first that comes", "[integration]") {
    std::string first, second;
    { first = Receiver().endpoint(); second = Receiver().endpoint(); }
    SimOptions options;
    options.speed = 0;
    options.duration = 1min;
    options.output.endpoint = first;
    options.output.hwm = 10;
    FeedOutput other;
    other.endpoint = second;
    other.hwm = 10;
    options.more = {other};
    Background sim([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) { return run_feed_sim(options, out, err, stop); });
    REQUIRE(eventually([&] { return sim.err().find("event=feed_waits reason=\"every daemon is away or slow\"") != std::string::npos; }));
    Receiver back(second);
    REQUIRE(back.until([](const auto& got) { return got.size() == 60 * 5; }));
    CHECK(sim.wait() == 0);
    CHECK(sim.err().find("event=feed_missed endpoint=" + first + " messages=") != std::string::npos);
}

TEST_CASE("responders: people paged over PUB answer through the callback", "[integration]") {
    auto daemon = publisher();
    RespondersRun run;
    run.endpoints = {daemon->endpoints().at(0)};
    run.options.join = 1;
    run.options.decline = 0;
    run.options.delay_min = 10ms;
    run.options.delay_max = 50ms;
    std::mutex mutex;
    std::vector<SimulatedAnswer> answers;
    Background people([&](std::ostream&, std::ostream& err, const std::atomic<bool>& stop) {
        return run_responders(
            run,
            [&](const SimulatedAnswer& answer) {
                const std::lock_guard lock(mutex);
                answers.push_back(answer);
            },
            err, stop);
    });
    PageChange page;
    page.page = "0-1/1/li/log/first/1";
    page.incident = "0-1";
    page.state = PageState::accepted;
    page.people = {"li", "wang"};

    REQUIRE(eventually([&] {
        publish(*daemon, page);
        const std::lock_guard lock(mutex);
        return answers.size() == 2;
    }));
    CHECK(people.finish() == 0);
    CHECK(answers.size() == 2);
    CHECK(answers[0].incident == "0-1");
    CHECK(answers[0].kind == AnswerKind::join);
}
