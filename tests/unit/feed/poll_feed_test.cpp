#include "poll_kit.hpp"

using namespace surged;
using test::PollWorldOnPaper;

namespace {

const std::string counters = R"(
feed = { centre = "jinan" }
[[ask]]
id = "a"
url = "https://acd.example/q"
rows = "/q"
queue_from = "/n"
)";

std::string rows(const std::string& inside) {
    return "{\"q\":[" + inside + "]}";
}

}  // namespace

TEST_CASE("poll: rows become queues, fields become metrics with their units, conditions leave rows out") {
    PollWorldOnPaper world(counters + R"(
where = { "/media" = ["voice", "callback"] }
channel_from = "/media"
queues = { "4711" = "sales" }
gauges = { calls_waiting = "/w", agents_staffed = ["/ready", "/busy"] }
[[ask.metric]]
name = "oldest_wait_s"
value = "/age"
unit = "ms"
)");
    CHECK(
        world.say(rows(
            R"({"n":4711,"media":"voice","w":3,"age":24113.0,"ready":2,"busy":5},{"n":"care","media":"callback","w":"7","ready":1},
        {"n":"x","media":"email","w":9})")) ==
        "jinan/care/callback calls_waiting=7; jinan/sales calls_waiting=3 agents_staffed=7 oldest_wait_s=24.113");
    CHECK(world.mapped.left_out == 1);
    CHECK(world.mapped.faults == 0);
}

TEST_CASE("poll: a field that cannot be read costs itself and is told with row, field and text") {
    PollWorldOnPaper world(counters + "idle = \"zeros\"\ngauges = { calls_waiting = \"/w\", agents_available = \"/a\" }\n");
    CHECK(world.say(rows(R"({"n":"sales","w":"many","a":2},{"n":"","w":1},{"n":"care","w":1,"a":null})")) ==
          "jinan/care calls_waiting=1 agents_available=0; jinan/sales agents_available=2");
    REQUIRE(world.mapped.told.size() == 2);
    CHECK(world.mapped.told[0] == "row 1: calls_waiting /w: \"many\" is no number");
    CHECK(world.mapped.told[1] == "row 2: queue /n: is no name");
}

TEST_CASE("poll: several rows of one queue are a fault unless the file says what to do with them") {
    const std::string two = rows(R"({"n":"s","w":3,"age":10,"state":"READY"},{"n":"s","w":4,"age":5,"state":"TALK"})");
    CHECK(PollWorldOnPaper(counters + "gauges = { calls_waiting = \"/w\" }\n").say(two) == "jinan/s calls_waiting=3");
    PollWorldOnPaper world(counters + R"(
metric = [ { name = "calls_waiting", value = "/w", combine = "sum" }, { name = "oldest_wait_s", value = "/age", combine = "max" },
           { name = "agents_staffed", count = true }, { name = "agents_available", count = true, where = { "/state" = "READY" } } ]
)");
    CHECK(world.say(two) == "jinan/s calls_waiting=7 oldest_wait_s=10 agents_staffed=2 agents_available=1");
}

TEST_CASE("poll: a queue that vanishes when idle is zeros, where the file says so, and nothing where it does not") {
    const std::string some = rows(R"({"n":"s","w":3},{"n":"c","w":1})");
    PollWorldOnPaper absent(counters + "gauges = { calls_waiting = \"/w\" }\n");
    CHECK(absent.say(some) == "jinan/c calls_waiting=1; jinan/s calls_waiting=3");
    CHECK(absent.say(rows(R"({"n":"s","w":2})")) == "jinan/s calls_waiting=2");

    PollWorldOnPaper zeros(counters + "idle = \"zeros\"\nqueues = { \"9\" = \"named\" }\ngauges = { calls_waiting = \"/w\" }\n");
    CHECK(zeros.say(some) == "jinan/c calls_waiting=1; jinan/named calls_waiting=0; jinan/s calls_waiting=3");
    CHECK(zeros.say(rows("")) == "jinan/c calls_waiting=0; jinan/named calls_waiting=0; jinan/s calls_waiting=0");
    zeros.restart();
    CHECK(zeros.say(rows("")) == "jinan/c calls_waiting=0; jinan/named calls_waiting=0; jinan/s calls_waiting=0");
    // After a week without it a queue is one that was taken away.
    zeros.now_ms += std::int64_t{7} * 86'400'000 + 1;
    CHECK(zeros.say(rows("")) == "jinan/named calls_waiting=0");
}

TEST_CASE("poll: an answer that is not whole makes no zeros") {
    PollWorldOnPaper world(counters + "idle = \"zeros\"\ngauges = { calls_waiting = \"/w\" }\n");
    CHECK(world.say(rows(R"({"n":"s","w":3},{"n":"c","w":1})")) == "jinan/c calls_waiting=1; jinan/s calls_waiting=3");
    CHECK(world.say(R"({"error":"busy"})").empty());
    CHECK(world.mapped.told.at(0) == "rows /q: are not there");
    CHECK(world.say(rows(R"({"w":3},{"n":"c","w":2})")) == "jinan/c calls_waiting=2");
    CHECK(world.say("<html>").starts_with("not JSON"));
}

TEST_CASE("poll: a provider's counter becomes one that never falls, over its resets and our restarts") {
    PollWorldOnPaper world(counters + "counters = { offered = \"/o\" }\n");
    const auto offered = [&](int n) { return world.say(rows(R"({"n":"s","o":)" + std::to_string(n) + "}")); };
    CHECK(offered(5000) == "jinan/s offered=0");  // what was before our time adds nothing
    CHECK(offered(5007) == "jinan/s offered=7");
    CHECK(offered(5006) == "jinan/s offered=7");  // corrected by one: no reset, and no fall
    CHECK(offered(5008) == "jinan/s offered=8");
    world.restart();
    CHECK(offered(5010) == "jinan/s offered=10");
    CHECK(offered(4) == "jinan/s offered=14");  // midnight
    CHECK(offered(6) == "jinan/s offered=16");
    CHECK(world.last_seq == 7);
}

TEST_CASE("poll: counts of intervals add up once each, however often and late they are said") {
    PollWorldOnPaper world(counters + "period = \"/at\"\ncounters = { offered = \"/o\" }\n");
    const auto row = [](const char* at, int n) {
        return std::string(R"({"n":"s","at":")") + at + R"(","o":)" + std::to_string(n) + "}";
    };
    CHECK(world.say(rows(row("10:00", 40) + "," + row("10:30", 5))) == "jinan/s offered=0");
    CHECK(world.say(rows(row("10:00", 40) + "," + row("10:30", 9))) == "jinan/s offered=4");
    CHECK(world.say(rows(row("10:30", 31) + "," + row("11:00", 2))) == "jinan/s offered=28");
    world.restart();
    CHECK(world.say(rows(row("10:30", 31) + "," + row("11:00", 2))) == "jinan/s offered=28");
    CHECK(world.say(rows(row("10:30", 33) + "," + row("11:00", 2))) == "jinan/s offered=30");  // calls that ended late
    CHECK(world.say(rows(row("10:30", 20) + "," + row("11:00", 1))) ==
          "jinan/s offered=30");  // corrected downwards: never a fall
}

TEST_CASE("poll: the first count of a queue that was idle counts whole; that of a queue nobody has looked at does not") {
    PollWorldOnPaper zeros(counters + "idle = \"zeros\"\ncounters = { offered = \"/o\" }\n");
    CHECK(zeros.say(rows(R"({"n":"s","o":100})")) == "jinan/s offered=0");
    CHECK(zeros.say(rows(R"({"n":"s","o":100},{"n":"late","o":3})")) == "jinan/late offered=3; jinan/s offered=0");
    PollWorldOnPaper absent(counters + "counters = { offered = \"/o\" }\n");
    CHECK(absent.say(rows(R"({"n":"s","o":100})")) == "jinan/s offered=0");
    CHECK(absent.say(rows(R"({"n":"s","o":100},{"n":"late","o":3000})")) == "jinan/late offered=0; jinan/s offered=0");
}

TEST_CASE("poll: what is spread comes little by little, whole at the end, over a restart too, and never falls") {
    PollWorldOnPaper world(counters + "spread = \"10m\"\nperiod = \"/at\"\ncounters = { offered = \"/o\" }\n");
    CHECK(world.say(rows(R"({"n":"s","at":"1","o":50})")) == "jinan/s offered=0");
    CHECK(world.between().empty());
    CHECK(world.say(rows(R"({"n":"s","at":"2","o":100})")) == "jinan/s offered=0");
    world.now_ms += 60'000;
    CHECK(world.between() == "jinan/s offered=10");
    world.restart();
    world.now_ms += 240'000;
    CHECK(world.between() == "jinan/s offered=50");
    world.now_ms -= 3'600'000;  // the clock is set back
    CHECK(world.between() == "jinan/s offered=50");
    world.now_ms += 600'000;
    CHECK(world.between() == "jinan/s offered=100");
    CHECK(world.between().empty());
}

TEST_CASE("poll: files that are too old are remembered and not added") {
    PollWorldOnPaper world(counters + "counters = { offered = \"/o\" }\n");
    CHECK(world.say(rows(R"({"n":"s","o":50})"), "a.csv") == "jinan/s offered=0");
    CHECK(world.say(rows(R"({"n":"s","o":60})"), "b.csv", false) == "jinan/s offered=0");
    CHECK(world.say(rows(R"({"n":"s","o":60})"), "b.csv") == "jinan/s offered=0");
    CHECK(world.say(rows(R"({"n":"s","o":70})"), "c.csv") == "jinan/s offered=70");
}

TEST_CASE("poll: a document's own time is the samples' time as far as surged takes it") {
    PollWorldOnPaper world(counters + "time = \"/time\"\ngauges = { calls_waiting = \"/w\" }\n");
    const auto at = [&](std::int64_t ms) {
        world.say("{\"time\":" + std::to_string(ms) + R"(,"q":[{"n":"s","w":1}]})");
        return world.last_ts_ms - world.now_ms;
    };
    CHECK(at(world.now_ms - 7000) == -7000);
    CHECK(at(world.now_ms - 90'000) == -45'000);
    CHECK(at(world.now_ms + 5000) == 0);
    CHECK(world.say(R"({"time":"soon","q":[]})").empty());
    CHECK(world.mapped.told.at(0).find("is no moment") != std::string::npos);
}

TEST_CASE("poll: rows inside rows reach what stands above them") {
    PollWorldOnPaper world(R"(
[[ask]]
id = "a"
url = "https://acd.example/q"
rows = ["/results", "/data"]
queue_from = "../group/queueId"
period = "/interval"
counters = { offered = "/metrics/[metric=nOffered]/stats/count" }
)");
    const auto document = [](int n) {
        return R"({"results":[{"group":{"queueId":"q1"},"data":[{"interval":"10:00/10:30","metrics":[{"metric":"nOffered","stats":{"count":)" +
               std::to_string(n) + R"(}}]},{"interval":"10:30/11:00","metrics":[{"metric":"nOffered","stats":{"count":1}}]}]}]})";
    };
    CHECK(world.say(document(7)) == "main/q1 offered=0");
    CHECK(world.say(document(9)) == "main/q1 offered=2");
}

TEST_CASE("poll: an answer of many queues goes out in messages that surged takes, and the queues are bounded") {
    PollWorldOnPaper world(counters + "gauges = { calls_waiting = \"/w\" }\n");
    std::string many;
    for (int i = 0; i < 4200; ++i) {
        many += (i == 0 ? "" : ",") + std::string(R"({"n":"q)") + std::to_string(i) + R"(","w":1})";
    }
    const auto said = world.say(rows(many));
    CHECK(std::count(said.begin(), said.end(), ';') == 4095);
    CHECK(world.last_seq == 5);
    CHECK(world.mapped.incomplete);
}

TEST_CASE("poll: exports of Windows in UTF-16 and GB18030 are read as what they are") {
    const std::string file =
        "[[ask]]\nid = \"a\"\nfile = \"x.csv\"\nqueue_from = \"\u961f\u5217\"\ngauges = { calls_waiting = \"n\" }\n";
    const std::string gb = "\xB6\xD3\xC1\xD0,n\r\n\xCD\xB6\xCB\xDF,3\r\n";  // 队列,n / 投诉,3
    CHECK(PollWorldOnPaper(file).say(gb) == "main/\u6295\u8bc9 calls_waiting=3");
    const std::string utf16(
        "\xFF\xFE\x1F\x96\x17\x52,\0n\0\n\0\x95\x62\xC9\x8B,\0"
        "4\0\n\0",
        22);
    CHECK(PollWorldOnPaper(file).say(utf16) == "main/\u6295\u8bc9 calls_waiting=4");
    PollWorldOnPaper neither(file);
    CHECK(neither.say("\xE9\x98\x9F\xE5\x88\x97,n\ns,1\n\xFF\xFF,2\n") == "main/s calls_waiting=1");
}
