#include "feed/poll_state_file.hpp"
#include "poll_kit.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <fstream>

using namespace surged;
using test::findings_of;

namespace {

const std::string head = "[[ask]]\nid = \"a\"\nqueue_from = \"/n\"\ngauges = { calls_waiting = \"/w\" }\n";

std::string filled(std::string_view text, const Zone* zone = nullptr) {
    const auto parsed = PollTemplate::parse(text);
    REQUIRE(parsed);
    const TemplateTimes times{test::poll_now_ms, std::chrono::minutes{30}, zone};
    return parsed->fill(times, [](const std::string& name) -> Result<std::string> { return "<" + name + ">"; }).value();
}

}  // namespace

TEST_CASE("poll file: every error has its place, and all are told") {
    const auto said = findings_of(R"([feed]
centre = ""
every = "5s"
[[ask]]
id = "a b"
every = 5
url = "ftp://acd.example"
queue_from = "/a~2"
headers = { Authorization = "Bearer abc" }
gauges = { Waiting = "/w", offered = "/o" }
[[ask]]
id = "b"
sql = "SELECT 1"
database = "none"
[[ask]]
id = "c"
)");
    CHECK(said == R"(f:2:10: error: "" is no name: 1 to 64 bytes, no control characters, not with a * in front
f:3:1: error: unknown key "every" in [feed]; known here: centre, centre_from, centres, channel, channel_from, channels, only_these_centres, only_these_channels, resume_within, source, state, timezone
f:5:6: error: "a b" is no id: a letter or digit, then letters, digits and _ . @ - (64 bytes at most)
f:6:9: error: `every`: a duration needs a unit, e.g. "30s"
f:7:7: error: `url` begins with https:// (or http://)
f:8:14: error: `queue_from`: "/a~2" a ~ in a name is written ~0, a slash ~1
f:9:29: error: secrets do not belong in the configuration text: write e.g. "Bearer ${file:token}"
f:10:12: error: "Waiting" is no name of a metric: [a-z][a-z0-9_]*, at most 64 bytes
f:10:28: error: "offered" is a counter to surged
f:11:1: error: [[ask]] needs `queue_from`, where the queue's name stands, or `queue`, the name itself
f:11:1: error: [[ask]] needs metrics: `gauges`, `counters` or [[ask.metric]]
f:14:12: error: no [database.none]
f:15:1: error: [[ask]] needs one of `url`, `sql`, `file` and `folder`
f:15:1: error: [[ask]] needs `queue_from`, where the queue's name stands, or `queue`, the name itself
f:15:1: error: [[ask]] needs metrics: `gauges`, `counters` or [[ask.metric]]
)");
}

TEST_CASE("poll file: a template's error stands at its byte, a name near a metric of surged is offered") {
    CHECK(findings_of(head + "url = \"https://x/?from=${yesterday}\"\n") ==
          "f:5:24: error: ${yesterday} is none of ${now}, ${day}, ${slot}, ${file:NAME}; a plain ${ is written $${\n");
    const auto said =
        findings_of("[[ask]]\nid = \"a\"\nqueue_from = \"/n\"\nurl = \"https://x\"\ngauges = { call_waiting = \"/w\" }\n");
    CHECK(said.find("did you mean \"calls_waiting\"?") != std::string::npos);
    CHECK(said.find("warning") != std::string::npos);
}

TEST_CASE("poll file: secrets in the text and over plain http are spoken of") {
    CHECK(findings_of(head + "url = \"https://x\"\npassword = \"abc\"\n").find("secrets do not belong") != std::string::npos);
    CHECK(findings_of(head + "url = \"http://acd.example\"\nheaders = { X-Api-Key = \"${file:key}\" }\n")
              .find("whoever is on the way") != std::string::npos);
    CHECK(findings_of(head + "url = \"http://127.0.0.1:8080/\"\nheaders = { X-Api-Key = \"${file:key}\" }\n").empty());
    CHECK(findings_of("[database.d]\ndriver = \"odbc\"\nconnection = \"DSN=cms;PWD=x\"\n" + head +
                      "sql = \"SELECT 1\"\ndatabase = \"d\"\n")
              .find("password_file") != std::string::npos);
}

TEST_CASE("poll file: what belongs together is asked for together") {
    CHECK(findings_of(head + "url = \"https://x\"\nuser = \"u\"\n").find("belong together") != std::string::npos);
    CHECK(findings_of(head + "url = \"https://x\"\nsql = \"x\"\n").find("not several") != std::string::npos);
    CHECK(findings_of(head + "url = \"https://x\"\npage = { next = \"/n\", body = \"NextToken\" }\n")
              .find("no `body` of the request") != std::string::npos);
    CHECK(findings_of("").find("there is nothing to ask") != std::string::npos);
    CHECK(findings_of("x = [").find("not TOML") != std::string::npos);
}

TEST_CASE("poll template: times of now, the day and the slot, in their forms") {
    CHECK(filled("a ${now} b") == "a 2026-05-28T20:26:40Z b");
    CHECK(filled("${now-15m:s}") == "1779999100");
    CHECK(filled("${now:ms}") == "1780000000000");
    CHECK(filled("${slot}/${slot+30m}") == "2026-05-28T20:00:00Z/2026-05-28T20:30:00Z");
    CHECK(filled("${day:date} ${day:local}") == "2026-05-28 2026-05-28T00:00:00");
    const Zone china("CST", 28800, {});
    CHECK(filled("${day} ${day:date} ${now:local}", &china) == "2026-05-28T16:00:00Z 2026-05-29 2026-05-29T04:26:40");
    CHECK(filled("{\"t\":\"${file:token}\"} $${x}") == "{\"t\":\"<token>\"} ${x}");
    for (const auto* bad : {"${", "${now", "${}", "${file:}", "${now-5}", "${now:year}"}) {
        INFO(bad);
        CHECK_FALSE(PollTemplate::parse(bad));
    }
}

TEST_CASE("poll state: what a file says comes back; a torn one is put aside and told") {
    test::TempDir folder;
    const auto path = folder.file("state");
    PollBook book;
    book.source = "s";
    book.epoch = 7;
    book.seq = 41;
    book.saved_ms = 1000;
    book.asks["a"].answered = true;
    book.asks["a"].seen_ms[{"c", "q", "voice"}] = 5;
    book.asks["a"].files["x.csv"] = {10, 20};
    std::string told;
    {
        const auto file = PollStateFile::open(path);
        REQUIRE(file);
        REQUIRE(file->write(book));
        CHECK_FALSE(PollStateFile::open(path));  // another feeder is at work with it
        const auto again = file->read("s", Span{500}, 1500, told);
        CHECK(told.empty());
        CHECK((again.epoch == 7 && again.seq == 41));
        CHECK(again.asks.at("a").files.at("x.csv") == SeenFile{10, 20});
        CHECK(again.asks.at("a").answered);
        const auto later = file->read("s", Span{500}, 1501, told);
        CHECK((later.epoch == 1501 && later.seq == 0 && !told.empty()));
        CHECK(later.asks.at("a").files.size() == 1);
        CHECK(file->read("other", Span{500}, 1500, told).epoch == 1500);
    }
    std::ofstream(path) << "{\"format\":\"surged feed st";
    const auto file = PollStateFile::open(path);
    CHECK(file->read("s", Span{500}, 9000, told).epoch == 9000);
    CHECK(told.find("put aside as .bad") != std::string::npos);
    CHECK(std::filesystem::exists(path + ".bad"));
}
