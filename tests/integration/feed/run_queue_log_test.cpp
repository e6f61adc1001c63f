#include "feed/run_queue_log.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "feed_live_kit.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::string line(std::int64_t s, const std::string& rest) {
    return std::to_string(s) + "|" + rest + "\n";
}
Background follow(const std::string& file, const std::string& endpoint) {
    QueueLogOptions options;
    options.file = file;
    options.follow = true;
    options.feed.period = 100ms;
    options.live.to = {endpoint};
    return Background([options](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
}
}  // namespace

TEST_CASE("queue-log: the summary of a file goes to the output as one line of JSON", "[integration]") {
    TempFolder folder;
    append(folder.file("log"), line(1700000000, "c|q|NONE|ENTERQUEUE||1|1") + "rubbish\n");
    QueueLogOptions options;
    options.file = folder.file("log");
    options.summary = options.json = true;
    std::ostringstream out, err;
    std::atomic<bool> stop{false};

    CHECK(run_feed_queue_log(options, out, err, stop) == 0);
    CHECK(out.str() == R"({"queues":{"q":{"offered":1,"answered":0,"abandoned":0,"timeouts":0,"waiting_at_end":1,"asa_s":null,)"
                       R"("answered_in_20":0,"talk_s_sum":0,"overflow_out":0,"callbacks_requested":0,"blocked":0}},"lines":2,)"
                       R"("unknown_events":0,"malformed":1,"oddities":{"backward":0,"backdated":0,"bad_params":0,)"
                       R"("matched_by_time":0,"transfers_matched":0,"unmatched_exits":0,"repeated_exits":0,"exits_by_others":0,)"
                       R"("lost_at_restart":0,"expired":0,"replaced":0,"talks_capped":0,"over_limit":0}})"
                       "\n");
    CHECK(err.str() ==
          "event=line_skipped line=2 reason=fields\n"
          "event=line_unusable line=2 reason=fields got=\"rubbish\" want=\"time|callid|queue|agent|EVENT|...\"\n");
}

TEST_CASE("queue-log: a missing file and a folder are told and end with 2", "[integration]") {
    TempFolder folder;
    std::atomic<bool> stop{false};
    for (const auto& name : {folder.file("none"), folder.file("")}) {
        QueueLogOptions options;
        options.file = name;
        options.summary = true;
        std::ostringstream out, err;
        CHECK(run_feed_queue_log(options, out, err, stop) == 2);
        CHECK(err.str().find(name) == 0);
        CHECK(out.str().empty());
    }
}

TEST_CASE("queue-log: a replay over ZeroMQ arrives whole, on our time", "[integration]") {
    TempFolder folder;
    Receiver daemon;
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += line(917852334 + 10 * i, "c" + std::to_string(i) + "|客服|NONE|ENTERQUEUE||1|1");
    }
    append(folder.file("log"), text);
    QueueLogOptions options;
    options.file = folder.file("log");
    options.speed = 0;
    options.live.to = {daemon.endpoint()};
    Background feeder([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });

    REQUIRE(daemon.until([](const auto& got) { return !got.empty() && got.back().m.at("offered") == 100; }));
    CHECK(feeder.wait() == 0);
    std::uint64_t seq = 0;
    for (const auto& g : daemon.got) {
        CHECK(g.queue == "客服");
        CHECK(g.centre == "asterisk");
        CHECK(g.seq > seq);
        CHECK(std::abs(g.arrival_ms - g.ts_ms) < 10000);
        seq = g.seq;
    }
    CHECK(daemon.refused == 0);
}

TEST_CASE("queue-log: a replay keeps its speed", "[integration]") {
    TempFolder folder;
    append(folder.file("log"), line(1700000000, "c|q|NONE|ENTERQUEUE||1|1") + line(1700000050, "d|q|NONE|ENTERQUEUE||1|1"));
    QueueLogOptions options;
    options.file = folder.file("log");
    options.speed = 100;
    options.live.to = {"-"};
    std::ostringstream out, err;
    std::atomic<bool> stop{false};
    const auto begin = steady_now_ms();

    CHECK(run_feed_queue_log(options, out, err, stop) == 0);
    // 50 s of source time between the first and the last message.
    CHECK(steady_now_ms() - begin >= 490);
    CHECK(out.str().find("\"ts\":1700000005000") != std::string::npos);
    CHECK(out.str().find("\"ts\":1700000055000") != std::string::npos);
}

TEST_CASE("queue-log: following begins with the state of what is there, and goes on through rotation and a half line",
          "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    const auto now = wall_now_ms() / 1000;
    append(log, line(now - 30, "c1|q|NONE|ENTERQUEUE||1|1"));
    Receiver daemon;
    auto feeder = follow(log, daemon.endpoint());

    REQUIRE(daemon.until([](const auto& got) { return !got.empty(); }));
    CHECK(daemon.got.front().m.at("calls_waiting") == 1);
    CHECK(daemon.got.front().m.at("oldest_wait_s") == Approx(30).margin(5));

    const auto second = line(now, "c2|q|NONE|ENTERQUEUE||1|2");
    append(log, second.substr(0, 12));
    append(log, second.substr(12));
    REQUIRE(daemon.until([](const auto& got) { return got.back().m.at("calls_waiting") == 2; }));

    std::filesystem::rename(log, log + ".1");
    append(log, line(now, "c1|q|SIP/1|CONNECT|30|x|1"));
    REQUIRE(daemon.until([](const auto& got) { return got.back().m.at("answered") == 1; }));
    CHECK(daemon.got.back().m.at("calls_waiting") == 1);

    const auto epoch = daemon.got.back().epoch;
    append(log, line(now, "NONE|NONE|NONE|QUEUESTART|"));
    REQUIRE(daemon.until([&](const auto& got) { return got.back().epoch == epoch + 1; }));
    CHECK(daemon.got.back().m.at("calls_waiting") == 0);
    CHECK(daemon.got.back().m.at("offered") == 0);
    CHECK(feeder.finish() == 0);
    CHECK(feeder.err().find("event=log_rotated") != std::string::npos);
}

TEST_CASE("queue-log: a silent log still sends a message every period, also before it exists", "[integration]") {
    TempFolder folder;
    Receiver daemon;
    auto feeder = follow(folder.file("log"), daemon.endpoint());
    append(folder.file("log"), line(wall_now_ms() / 1000, "c|q|NONE|ENTERQUEUE||1|1"));

    REQUIRE(daemon.until([](const auto& got) { return got.size() >= 5; }));
    CHECK(daemon.got[4].seq == daemon.got[0].seq + 4);
    CHECK(daemon.got[4].ts_ms - daemon.got[0].ts_ms >= 390);
    CHECK(feeder.finish() == 0);
}

TEST_CASE("queue-log: a feeder waits for a daemon that is away and loses nothing", "[integration]") {
    TempFolder folder;
    std::string endpoint;
    {
        Receiver gone;
        endpoint = gone.endpoint();
    }
    append(folder.file("log"), line(1700000000, "c|q|NONE|ENTERQUEUE||1|1") + line(1700010000, "d|q|NONE|ENTERQUEUE||1|1"));
    QueueLogOptions options;
    options.file = folder.file("log");
    options.speed = 0;
    options.live.to = {endpoint};
    options.live.kept = 10;
    Background feeder([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
    REQUIRE(eventually([&] { return feeder.err().find("event=feed_waits") != std::string::npos; }));
    CHECK_FALSE(feeder.done());

    IngestSettings settings;
    settings.bind = {endpoint};
    auto daemon = Ingest::open(settings, {});
    REQUIRE(daemon);
    std::uint64_t received = 0;
    REQUIRE(eventually([&] {
        (*daemon)->wait(Span{10});
        received += (*daemon)->receive(1000, [](std::string_view, std::string_view) {});
        return received >= 2001;
    }));
    CHECK(feeder.wait() == 0);
    CHECK(received == 2001);
}

TEST_CASE("queue-log: a feeder without a daemon stops at once when told", "[integration]") {
    TempFolder folder;
    append(folder.file("log"), line(1700000000, "c|q|NONE|ENTERQUEUE||1|1") + line(1700100000, "d|q|NONE|ENTERQUEUE||1|1"));
    QueueLogOptions options;
    options.file = folder.file("log");
    options.speed = 0;
    options.live.to = {"ipc://" + folder.file("nobody")};
    options.live.kept = 10;
    Background feeder([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
    REQUIRE(eventually([&] { return feeder.err().find("event=feed_waits") != std::string::npos; }));
    const auto begin = steady_now_ms();
    CHECK(feeder.finish() == 0);
    CHECK(steady_now_ms() - begin < 5000);
}

TEST_CASE("queue-log: a file of which no line can be used ends with 1, summed up, replayed or followed", "[integration]") {
    TempFolder folder;
    append(folder.file("log"), "1790000000118|1790000000.10|9|NONE|ENTERQUEUE||5550100|1\n");
    for (const bool summary : {true, false}) {
        QueueLogOptions options;
        options.file = folder.file("log");
        options.summary = options.json = summary;
        options.live.to = {"-"};
        std::ostringstream out, err;
        std::atomic<bool> stop{false};
        CHECK(run_feed_queue_log(options, out, err, stop) == 1);
        CHECK(err.str().find("got=\"1790000000118|1790000000.10|9|NONE|") != std::string::npos);
        CHECK(err.str().find("want=\"the time as whole seconds") != std::string::npos);
    }
}

TEST_CASE("queue-log: following tells the first line it cannot use at once, with its text", "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    append(log, line(wall_now_ms() / 1000, "c1|q|NONE|ENTERQUEUE||1|1"));
    Receiver daemon;
    auto feeder = follow(log, daemon.endpoint());
    REQUIRE(daemon.until([](const auto& got) { return !got.empty(); }));
    CHECK(feeder.err().find("line_unusable") == std::string::npos);
    append(log, "1790000000118|c2|q|NONE|ENTERQUEUE||1|1\n1790000000119|c3|q|NONE|ENTERQUEUE||1|1\n");
    REQUIRE(eventually([&] {
        return feeder.err().find("event=line_unusable line=2 reason=time got=\"1790000000118|c2|") != std::string::npos;
    }));
    append(log, line(wall_now_ms() / 1000 + 90000, "c4|q|NONE|ENTERQUEUE||1|1"));
    REQUIRE(eventually([&] { return feeder.err().find("event=line_ahead line=4") != std::string::npos; }));
    CHECK(feeder.err().find("got=\"1790000000119") == std::string::npos);
    CHECK(feeder.finish() == 0);
}

TEST_CASE("queue-log: a compressed file is refused with the command that reads it", "[integration]") {
    TempFolder folder;
    for (const auto& [magic, command] : {std::pair<std::string, std::string>{"\x1F\x8B\x08", "zcat"},
                                         {"BZh9", "bzcat"},
                                         {"\xFD"
                                          "7zXZ",
                                          "xzcat"},
                                         {"\x28\xB5\x2F\xFD", "zstdcat"}}) {
        CAPTURE(command);
        const auto name = folder.file(command);
        append(name, magic + "rest");
        for (const bool followed : {false, true}) {
            QueueLogOptions options;
            options.file = name;
            options.follow = followed;
            options.live.to = {"-"};
            std::ostringstream out, err;
            std::atomic<bool> stop{false};
            CHECK(run_feed_queue_log(options, out, err, stop) == 2);
            CHECK(err.str().find(command + " '" + name + "' | surgectl feed queue-log -") != std::string::npos);
        }
    }
}

TEST_CASE("queue-log: after a rotation the older file says who waits and who is a member", "[integration]") {
    TempFolder folder;
    const auto now = wall_now_ms() / 1000;
    append(folder.file("log.1"), line(now - 60, "NONE|q|A|ADDMEMBER|") + line(now - 50, "c0|q|A|CONNECT|1|x|1") +
                                     line(now - 40, "c0|q|A|COMPLETEAGENT|1|10|1") + line(now - 30, "c1|q|NONE|ENTERQUEUE||1|1"));
    append(folder.file("log"), line(now - 1, "NONE|NONE|NONE|CONFIGRELOAD|"));
    Receiver daemon;
    QueueLogOptions options;
    options.file = folder.file("log");
    options.earlier = {folder.file("log.1")};
    options.follow = true;
    options.feed.period = 100ms;
    options.live.to = {daemon.endpoint()};
    Background feeder([options](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
    REQUIRE(daemon.until([](const auto& got) { return !got.empty(); }));
    CHECK(daemon.got.front().m.at("calls_waiting") == 1);
    CHECK(daemon.got.front().m.at("agents_staffed") == 1);
    append(folder.file("log"), line(now, "c1|q|A|CONNECT|30|x|1"));
    REQUIRE(daemon.until([](const auto& got) { return got.back().m.at("answered") == 2; }));
    CHECK(feeder.finish() == 0);

    std::swap(options.file, options.earlier[0]);
    std::ostringstream out, err;
    std::atomic<bool> stop{false};
    CHECK(run_feed_queue_log(options, out, err, stop) == 2);
    CHECK(err.str().find("give the oldest first") != std::string::npos);
}

TEST_CASE("queue-log: the source's name is one file's and one centre's own, the same after a restart, and fits the wire",
          "[integration]") {
    TempFolder folder;
    std::filesystem::create_directory(folder.file("a"));
    std::filesystem::create_directory(folder.file("b"));
    const auto east = default_source(folder.file("a/queue_log"), "east");
    CHECK(east == default_source(folder.file("b/../a/queue_log"), "east"));
    CHECK(east != default_source(folder.file("b/queue_log"), "east"));
    CHECK(east != default_source(folder.file("a/queue_log"), "west"));
    CHECK(default_source("-", "east") != default_source("-", "west"));
    append(folder.file("a/queue_log"), "");  // that it exists makes no other name
    CHECK(east == default_source(folder.file("a/queue_log"), "east"));
    std::filesystem::create_symlink(folder.file("a/queue_log"), folder.file("link"));
    CHECK(east == default_source(folder.file("link"), "east"));

    const auto longest = default_source(folder.file(std::string(80, 'x')), std::string(300, 'y'));
    CHECK(longest.size() <= 64);
    std::string chinese;
    for (int i = 0; i < 30; ++i) {
        chinese += "客";
    }
    CHECK(default_source(folder.file(chinese), "east").size() <= 64);
    CHECK(utf8_valid(default_source(folder.file(chinese), "east")));
}

TEST_CASE("queue-log: a replay to two daemons arrives whole at both", "[integration]") {
    TempFolder folder;
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += line(1700000000 + 10 * i, "c" + std::to_string(i) + "|q|NONE|ENTERQUEUE||1|1");
    }
    append(folder.file("log"), text);
    Receiver first;
    Receiver second;
    QueueLogOptions options;
    options.file = folder.file("log");
    options.speed = 0;
    options.live.to = {first.endpoint(), second.endpoint()};
    Background feeder([&](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
    const auto whole = [](const auto& got) { return !got.empty() && got.back().m.at("offered") == 50; };
    CHECK(first.until(whole));
    CHECK(second.until(whole));
    CHECK(feeder.wait() == 0);
    CHECK(first.got.size() == second.got.size());
}

namespace {
/// What the health page of a feeder says.
std::string health_of(const Background& feeder, const std::string& path) {
    const std::string mark = "event=feed_metrics address=127.0.0.1:";
    REQUIRE(eventually([&] { return feeder.err().find(mark) != std::string::npos; }));
    const auto port = feeder.err().substr(feeder.err().find(mark) + mark.size());
    return health_page(static_cast<std::uint16_t>(std::stoi(port)), path);
}
}  // namespace

TEST_CASE("queue-log: following feeds every daemon that is there, waits for none, and counts what one misses", "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    append(log, line(wall_now_ms() / 1000 - 5, "c1|q|NONE|ENTERQUEUE||1|1"));
    Receiver first;
    Receiver second;
    QueueLogOptions options;
    options.file = log;
    options.follow = true;
    options.feed.period = 100ms;
    options.live.to = {"tcp://127.0.0.1:9", first.endpoint(), second.endpoint()};
    options.live.kept = 3;
    options.live.metrics = "127.0.0.1:0";
    options.live.source = "pbx1-log";
    Background feeder([options](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
    const auto waiting = [](double n) { return [n](const auto& got) { return !got.empty() && got.back().m.at("calls_waiting") == n; }; };
    REQUIRE(first.until(waiting(1)));
    append(log, line(wall_now_ms() / 1000, "c2|q|NONE|ENTERQUEUE||1|2"));
    REQUIRE(first.until(waiting(2)));
    REQUIRE(second.until(waiting(2)));
    CHECK(first.got.back().source == "pbx1-log");
    // The third is away: what its socket does not keep is counted and told once, and the others have every message.
    const auto dropped = [&] {
        const std::string name = R"(surged_feed_messages_dropped_total{source="pbx1-log",to="tcp://127.0.0.1:9"} )";
        const auto page = health_of(feeder, "/metrics");
        const auto at = page.find(name);
        return at != std::string::npos && std::atoi(page.c_str() + at + name.size()) > 0;
    };
    REQUIRE(eventually(dropped));
    std::this_thread::sleep_for(500ms);
    REQUIRE(first.until([](const auto& got) { return got.back().seq >= 10; }));
    for (std::size_t i = 1; i < first.got.size(); ++i) {
        CHECK(first.got[i].seq == first.got[i - 1].seq + 1);
    }
    const auto err = feeder.err();
    const auto told = err.find("event=feed_waits to=tcp://127.0.0.1:9");
    CHECK(told != std::string::npos);
    CHECK(err.find("event=feed_waits", told + 1) == std::string::npos);
    const auto page = health_of(feeder, "/metrics");
    CHECK(page.find("surged_feed_lines_total{source=\"pbx1-log\"} 2\n") != std::string::npos);
    CHECK(page.find("surged_feed_calls_waiting{source=\"pbx1-log\"} 2\n") != std::string::npos);
    CHECK(health_of(feeder, "/healthz").find("200 OK") != std::string::npos);
    CHECK(feeder.finish() == 0);
}

TEST_CASE("queue-log: a daemon that comes back is told in one line and hears the sums of what it missed", "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    append(log, line(wall_now_ms() / 1000 - 5, "c1|q|NONE|ENTERQUEUE||1|1"));
    std::string endpoint;
    {
        Receiver gone;
        endpoint = gone.endpoint();
    }
    QueueLogOptions options;
    options.file = log;
    options.follow = true;
    options.feed.period = 100ms;
    options.live.to = {endpoint};
    options.live.kept = 2;
    Background feeder([options](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
    REQUIRE(eventually([&] { return feeder.err().find("event=feed_waits to=" + endpoint) != std::string::npos; }));
    append(log, line(wall_now_ms() / 1000, "c1|q|SIP/1|CONNECT|5|x|1") + line(wall_now_ms() / 1000, "c2|q|NONE|ENTERQUEUE||1|1"));
    std::this_thread::sleep_for(500ms);
    Receiver back(endpoint);
    REQUIRE(back.until([](const auto& got) { return !got.empty() && got.back().m.at("answered") == 1; }));
    CHECK(back.got.back().m.at("offered") == 2);
    REQUIRE(eventually([&] { return feeder.err().find("event=feed_resumed to=" + endpoint) != std::string::npos; }));
    CHECK(feeder.finish() == 0);
}

TEST_CASE("queue-log: a log that goes away and cannot be read for a while is one line each, and is followed again", "[integration]") {
    TempFolder folder;
    const auto log = folder.file("log");
    append(log, line(wall_now_ms() / 1000, "c1|q|NONE|ENTERQUEUE||1|1"));
    Receiver daemon;
    QueueLogOptions options;
    options.file = log;
    options.follow = true;
    options.feed.period = 100ms;
    options.live.to = {daemon.endpoint()};
    options.live.metrics = "127.0.0.1:0";
    Background feeder([options](std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
        return run_feed_queue_log(options, out, err, stop);
    });
    REQUIRE(daemon.until([](const auto& got) { return !got.empty() && got.back().m.at("calls_waiting") == 1; }));
    std::filesystem::rename(log, log + ".1");
    REQUIRE(eventually([&] { return feeder.err().find("event=log_missing") != std::string::npos; }));
    CHECK(health_of(feeder, "/healthz").find("503 ") != std::string::npos);
    // A folder in its place: nothing to read, and no reason to end.
    std::filesystem::create_directory(log);
    REQUIRE(eventually([&] { return feeder.err().find("event=log_unreadable") != std::string::npos; }));
    std::this_thread::sleep_for(500ms);
    CHECK_FALSE(feeder.done());
    std::filesystem::remove(log);
    append(log, line(wall_now_ms() / 1000, "c2|q|NONE|ENTERQUEUE||1|2"));
    REQUIRE(daemon.until([](const auto& got) { return got.back().m.at("calls_waiting") == 2; }));
    REQUIRE(eventually([&] { return health_of(feeder, "/healthz").find("200 OK") != std::string::npos; }));
    const auto err = feeder.err();
    for (const std::string event : {"event=log_missing ", "event=log_unreadable ", "event=log_rotated ", "event=log_back "}) {
        CAPTURE(event, err);
        CHECK(err.find(event) != std::string::npos);
        CHECK(err.find(event, err.find(event) + 1) == std::string::npos);
    }
    CHECK(feeder.finish() == 0);
}

TEST_CASE("queue-log: what cannot work ends at once with 2, followed or replayed", "[integration]") {
    TempFolder folder;
    append(folder.file("log"), line(1700000000, "c|q|NONE|ENTERQUEUE||1|1"));
    const auto run = [&](bool follow, const std::function<void(QueueLogOptions&)>& spoil) {
        QueueLogOptions options;
        options.file = folder.file("log");
        options.follow = follow;
        options.live.to = {"-"};
        spoil(options);
        std::ostringstream out, err;
        std::atomic<bool> stop{false};
        const auto code = run_feed_queue_log(options, out, err, stop);
        const auto told = err.str();
        CHECK(std::count(told.begin(), told.end(), '\n') == 1);
        return code;
    };
    for (const bool follow : {false, true}) {
        CAPTURE(follow);
        CHECK(run(follow, [](auto& o) { o.live.to = {"nonsense"}; }) == 2);
        CHECK(run(follow, [](auto& o) { o.live.curve_server = {"a", "b"}; }) == 2);
    }
    CHECK(run(true, [](auto& o) { o.live.metrics = "0.0.0.0:1"; }) == 2);
    CHECK(run(true, [&](auto& o) { o.file = folder.file(""); }) == 2);
}
