#include "ruletest/format.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

using Samples = std::vector<std::optional<double>>;

const char* good = R"(
config = ["voice.toml", "../team.toml"]
extra = '''
[defaults]
timezone = "UTC"
'''
[[test]]
name = "climbs and clears"
start = "2026-03-02T09:00:00"
timezone = "Asia/Shanghai"
every = "5s"
[[test.feed]]
centre = "jinan"
queue = "general"
metric = "oldest_wait_s"
values = "10x2 45"
[[test.answer]]
at = "1m30s"
person = "lead-01"
say = "join"
[[test.expect]]
at = "1m20s"
rule = "oldest-wait"
centre = "jinan"
queue = "general"
state = "firing"
level = "yellow"
[[test.incident]]
at = "2m"
policy = "surge"
state = "filled"
joined = 6
[[test.pages]]
between = ["1m", "1m30s"]
tier = 1
count = 8
[[test.no_page]]
between = ["0s", "55s"]
)";

/// The messages of a file's findings, joined.
std::string findings(const std::string& text) {
    std::string out;
    for (const Diagnostic& diagnostic : parse_test_file("rules/x.test.toml", text).diagnostics) {
        out += diagnostic.text() + "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("series notation: runs, ramps, holes and the end of data", "[unit]") {
    CHECK(*parse_series("10x3") == Samples{10, 10, 10});
    CHECK(*parse_series("10+5x4") == Samples{10, 15, 20, 25});
    CHECK(*parse_series("100-20x3 7") == Samples{100, 80, 60, 7});
    CHECK(*parse_series("1 _ _x2 2") == Samples{1, std::nullopt, std::nullopt, std::nullopt, 2});
    CHECK(*parse_series("1 stale") == Samples{1});
    CHECK(*parse_series("-3x2") == Samples{-3, -3});
    CHECK(*parse_series("1e-3 0.5+0.25x2") == Samples{0.001, 0.5, 0.75});
    CHECK(*parse_series("  1\n2\t3 ") == Samples{1, 2, 3});
}

TEST_CASE("series notation: what cannot be read is named", "[unit]") {
    for (const char* bad :
         {"", "  ", "x3", "10x0", "10x", "10xx2", "10x1.5", "ten", "10+x3", "stale 1", "10x1000001", "nan", "1e999"}) {
        INFO(bad);
        CHECK_FALSE(parse_series(bad));
    }
    CHECK(parse_series("1 1o").error().message.find("1o") != std::string::npos);
    CHECK(parse_series("1x1000000")->size() == 1000000);
    CHECK_FALSE(parse_series("1x1000000 1"));
}

TEST_CASE("test file: every part is read", "[unit]") {
    const TestFile file = parse_test_file("rules/x.test.toml", good);
    INFO(findings(good));
    REQUIRE(file.ok());
    CHECK(file.configs == std::vector<std::string>{"rules/voice.toml", "team.toml"});
    CHECK(file.extra.find("timezone") != std::string::npos);
    REQUIRE(file.tests.size() == 1);
    const RuleTest& test = file.tests[0];
    CHECK(test.name == "climbs and clears");
    CHECK(test.start == CivilTime{2026, 3, 2, 9 * 3600});
    CHECK(test.timezone == "Asia/Shanghai");
    REQUIRE(test.feeds.size() == 1);
    CHECK(test.feeds[0].values == Samples{10, 10, 45});
    REQUIRE(test.answers.size() == 1);
    CHECK(test.answers[0].at == Span{90000});
    REQUIRE(test.expects.size() == 1);
    CHECK(test.expects[0].state == AlertState::firing);
    CHECK(test.expects[0].level == Level::yellow);
    CHECK_FALSE(test.expects[0].stale);
    CHECK(test.expects[0].queue == QueueKey{"jinan", "general", "voice"});
    REQUIRE(test.incidents.size() == 1);
    CHECK(test.incidents[0].joined == 6);
    REQUIRE(test.pages.size() == 2);
    CHECK(test.pages[0].count == 8);
    CHECK_FALSE(test.pages[0].none);
    CHECK(test.pages[1].none);
    CHECK(test.pages[1].until == Span{55000});
}

TEST_CASE("test file: every error is told, with its line and the nearest known key", "[unit]") {
    const std::string text =
        "config = \"a.toml\"\n"
        "[[test]]\n"
        "name = \"n\"\n"
        "strat = \"2026-03-02T09:00\"\n"
        "every = 5\n"
        "[[test.expect]]\n"
        "at = \"1m\"\n"
        "rule = \"r\"\n"
        "centre = \"c\"\n"
        "queue = \"q\"\n"
        "state = \"fireing\"\n";
    const std::string told = findings(text);
    INFO(told);
    CHECK(told.find("rules/x.test.toml:4:") != std::string::npos);
    CHECK(told.find("start") != std::string::npos);
    CHECK(told.find("rules/x.test.toml:5:") != std::string::npos);
    CHECK(told.find("rules/x.test.toml:11:") != std::string::npos);
}

TEST_CASE("test file: a test that expects nothing is an error", "[unit]") {
    CHECK(findings("config = \"a.toml\"\n[[test]]\nname = \"n\"\nstart = \"2026-03-02T09:00\"\n").find("expects nothing") !=
          std::string::npos);
    CHECK(findings("config = \"a.toml\"\n").find("no [[test]]") != std::string::npos);
    CHECK(findings("[[test").find("rules/x.test.toml:1:") != std::string::npos);
    CHECK_FALSE(load_test_file("/nonexistent/x.test.toml").ok());
}

TEST_CASE("test file: each flag alone is something to expect, and none is not", "[unit]") {
    const std::string head =
        "config = \"a.toml\"\n[[test]]\nname = \"n\"\nstart = \"2026-03-02T09:00\"\n[[test.expect]]\nat = \"1m\"\nrule = \"r\"\n"
        "centre = \"c\"\nqueue = \"q\"\n";
    for (const char* flag : {"stale", "muted", "folded", "flapping"}) {
        CAPTURE(flag);
        CHECK(findings(head + flag + " = false\n").empty());
        CHECK(findings(head + flag + " = 1\n").find("rules/x.test.toml:") != std::string::npos);
    }
    CHECK(findings(head).find("expects nothing: give state, level, stale, muted, folded or flapping") != std::string::npos);
}
