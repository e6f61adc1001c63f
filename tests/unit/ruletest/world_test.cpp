// What may happen in a rule test: restarts, steps of the clock, changes of civil time, lost, repeated and absent messages, new
// epochs.
#include "ruletest/report.hpp"
#include "ruletest_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const char* config_text = R"toml(
[defaults]
timezone = "UTC"
language = "en"
[[derive]]
metric = "calls_1m"
formula = "increase(offered, 1m)"
[[rule]]
id = "waiting"
kind = "threshold"
metric = "calls_waiting"
policy = "surge"
yellow = { raise = "> 10", clear = "< 5", raise_after = "1m", clear_after = "10s" }
red = { raise = "> 100", clear = "< 50" }
[[rule]]
id = "calls"
kind = "threshold"
metric = "calls_1m"
yellow = { raise = "> 100", clear = "< 50", clear_after = "0s" }
[[rule]]
id = "night"
kind = "threshold"
metric = "oldest_wait_s"
policy = "surge"
mute = [{ days = "mon-sun", from = "02:00", to = "03:30", timezone = "Europe/Berlin" }]
yellow = { raise = "> 10", clear = "< 5", clear_after = "0s" }
[[channel]]
id = "log"
type = "log"
[[person]]
id = "lead-01"
reach = { normal = [{ via = "log" }] }
[[roster]]
id = "leads"
shift = [{ people = ["lead-01"] }]
[[policy]]
id = "surge"
scope = ["centre"]
need = 1
fallback = ["lead-01"]
resolve_hold = "10s"
[[policy.tier]]
id = "leads"
rosters = ["leads"]
wait = "2m"
)toml";

TestVerdict run(const std::string& body, const std::string& start = "2026-03-02T09:00:00", const std::string& zone = "UTC") {
    return run_body(config_text, body, start, zone);
}

std::string feed(const std::string& metric, const std::string& values) {
    return "[[test.feed]]\ncentre = \"jinan\"\nqueue = \"general\"\nmetric = \"" + metric + "\"\nvalues = \"" + values + "\"\n";
}
std::string expect(const std::string& at, const std::string& rule, const std::string& what) {
    return "[[test.expect]]\nat = \"" + at + "\"\nrule = \"" + rule + "\"\ncentre = \"jinan\"\nqueue = \"general\"\n" + what +
           "\n";
}

}  // namespace

TEST_CASE("rule test: a hold goes on through a restart, and nobody is paged twice for it", "[unit]") {
    pass(run(feed("calls_waiting", "20x60") + "[[test.restart]]\nat = \"32s\"\ndown = \"3s\"\n" +
             expect("50s", "waiting", "state = \"pending\"") + expect("1m", "waiting", "state = \"firing\"\nlevel = \"yellow\"") +
             "[[test.restart]]\nat = \"2m2s\"\ndown = \"1s\"\n" +
             "[[test.pages]]\nbetween = [\"0s\", \"4m\"]\ncount = 2\npeople = [\"lead-01\"]\n" +  // tier 1; then the fallback
                                                                                                  // after its wait
             "[[test.no_page]]\nbetween = [\"1m1s\", \"2m59s\"]\n"));
}

TEST_CASE("rule test: what comes while surged is down is lost and counted", "[unit]") {
    pass(run(feed("calls_waiting", "1x30") + "[[test.restart]]\nat = \"21s\"\ndown = \"10s\"\n" +
             "[[test.source]]\nat = \"2m\"\ngaps = 2\nrepeats = 0\n"));
}

TEST_CASE("rule test: a step of the wall clock pages nobody and stretches no hold", "[unit]") {
    for (const char* step : {"-1h", "+1h", "-1d"}) {
        INFO(step);
        pass(run(feed("calls_waiting", "20x40") + "[[test.clock]]\nat = \"32s\"\nstep = \"" + step + "\"\n" +
                 expect("59s", "waiting", "state = \"pending\"") + expect("1m", "waiting", "state = \"firing\"") +
                 "[[test.no_page]]\nbetween = [\"0s\", \"59s\"]\n[[test.pages]]\nbetween = [\"1m\", \"1m1s\"]\ncount = 1\n"));
    }
}

TEST_CASE("rule test: when only surged's clock steps, samples of another hour are refused and the alert goes stale, not ok",
          "[unit]") {
    pass(run(feed("calls_waiting", "20x60") + "[[test.clock]]\nat = \"2m2s\"\nstep = \"+1h\"\nfeeders = false\n" +
             expect("2m", "waiting", "state = \"firing\"\nstale = false") +
             expect("4m", "waiting", "state = \"firing\"\nstale = true")));
}

TEST_CASE("rule test: lost messages are gaps, repeated ones repeats, and neither moves a counter", "[unit]") {
    const std::string calls = feed("offered", "100+5x60");
    pass(run(calls + "[[test.lost]]\nbetween = [\"1m\", \"1m20s\"]\n[[test.repeat]]\nbetween = [\"2m\", \"3m\"]\n" +
             "[[test.source]]\nat = \"4m\"\nsource = \"test\"\ngaps = 4\nrepeats = 12\nrestarts = 0\n" +
             expect("4m50s", "calls", "state = \"ok\"")));
}

TEST_CASE("rule test: a new epoch is no crash to zero and no surge", "[unit]") {
    pass(run(feed("offered", "100000+5x120") + "[[test.epoch]]\nat = \"3m1s\"\n" +
             "[[test.source]]\nat = \"5m\"\nrestarts = 1\ngaps = 0\n" + expect("3m10s", "calls", "state = \"ok\"") +
             expect("9m", "calls", "state = \"ok\"")));
}

TEST_CASE("rule test: feeders are apart: one is silent, the other goes on", "[unit]") {
    const std::string other =
        "[[test.feed]]\nsource = \"acd-2\"\ncentre = \"qingdao\"\nqueue = \"general\"\nmetric = \"calls_waiting\"\nvalues = "
        "\"1x60\"\n";
    pass(run(feed("calls_waiting", "20x60") + other + "[[test.silent]]\nbetween = [\"2m\", \"3m\"]\nsource = \"test\"\n" +
             expect("2m45s", "waiting", "stale = true") + expect("3m10s", "waiting", "stale = false") +
             "[[test.source]]\nat = \"4m\"\nsource = \"test\"\ngaps = 0\n[[test.source]]\nat = \"4m\"\nsource = \"acd-2\"\ngaps "
             "= 0\n"));
}

TEST_CASE("rule test: times may be civil; an hour that is skipped is not lived through", "[unit]") {
    // Berlin, 29 March 2026: 02:00 is 03:00. The mute window 02:00-03:30 lasts half an hour of it.
    pass(run("every = \"20s\"\n" + feed("oldest_wait_s", "1x270 20x450") + expect("01:45", "night", "state = \"ok\"") +
                 "[[test.expect]]\nat = \"1h59m\"\nrule = \"night\"\ncentre = \"jinan\"\nqueue = \"general\"\nmuted = true\n" +
                 "[[test.no_page]]\nbetween = [\"0s\", \"03:29\"]\n[[test.pages]]\nbetween = [\"03:30\", \"03:31\"]\ncount = 1\n",
             "2026-03-29T00:30:00", "Europe/Berlin"));
}

TEST_CASE("rule test: an hour that comes twice is muted twice", "[unit]") {
    // Berlin, 25 October 2026: 02:00-03:00 comes twice. From 01:59 to 03:30 are two and a half hours.
    pass(run("every = \"20s\"\n" + feed("oldest_wait_s", "1x90 20x720") + "[[test.no_page]]\nbetween = [\"31m\", \"2h59m\"]\n" +
                 "[[test.pages]]\nbetween = [\"03:30\", \"03:31\"]\ncount = 1\n[[test.pages]]\nbetween = [\"3h\", "
                 "\"3h1m\"]\ncount = 1\n",
             "2026-10-25T01:30:00", "Europe/Berlin"));
}

TEST_CASE("rule test: what an operator silences is seen and pages nobody until it is over", "[unit]") {
    pass(run(feed("calls_waiting", "20x100") + "[[test.silence]]\nat = \"10s\"\nfor = \"5m\"\nrule = \"waiting\"\n" +
             expect("2m", "waiting", "state = \"firing\"") + "[[test.no_page]]\nbetween = [\"0s\", \"5m9s\"]\n" +
             "[[test.pages]]\nbetween = [\"5m10s\", \"5m11s\"]\ncount = 1\n"));
}

TEST_CASE("rule test: the failure shows the moment in its timeline, and what the rule saw", "[unit]") {
    const TestVerdict verdict = run(feed("calls_waiting", "20x30") + expect("1m5s", "waiting", "state = \"ok\""));
    REQUIRE_FALSE(verdict.passed());
    std::string all;
    for (const std::string& line : verdict.context) {
        all += line + "\n";
    }
    INFO(all);
    CHECK(all.find("---- here ----") != std::string::npos);
    CHECK(all.find("waiting compared 20") != std::string::npos);
    CHECK(all.find("yellow: raise > 10 for 1m, clear < 5 for 10s") != std::string::npos);
    CHECK(all.find("alert.firing") < all.find("here"));
}

TEST_CASE("test file: bad times, steps and spells are told at their place", "[unit]") {
    const auto error = [](const std::string& body) {
        const TestFile file =
            parse_test_file("x", "config = \"x.toml\"\n[[test]]\nname = \"t\"\nstart = \"2026-03-02T09:00:00\"\n" + body +
                                     "[[test.no_page]]\nbetween = [\"0s\", \"1s\"]\n");
        return file.diagnostics.empty() ? std::string() : file.diagnostics[0].text();
    };
    CHECK(error("[[test.clock]]\nat = \"1m\"\nstep = \"0s\"\n").find("x:7:8: error: `step`") == 0);
    CHECK(error("[[test.restart]]\nat = \"2026-03-01T09:00:00\"\n").find("is before the start") != std::string::npos);
    CHECK(error("[[test.restart]]\nat = \"25:00\"\n").find("neither a duration nor a civil time") != std::string::npos);
    CHECK(error("[[test.lost]]\nbetween = [\"2m\", \"1m\"]\n").find("ends before it starts") != std::string::npos);
    CHECK(error("[[test.silence]]\nat = \"1m\"\n").find("for") != std::string::npos);
    CHECK(error("[[test.source]]\nat = \"1m\"\n").find("expects nothing") != std::string::npos);
    CHECK(error("[[test.restart]]\nat = \"1m\"\n").empty());
}

TEST_CASE("coverage: a level that no test raised is named; one rule in two files is one rule", "[unit]") {
    const LoadedConfig loaded = config_of(config_text);
    Coverage coverage;
    coverage.expect(*loaded.plan, "x.toml");
    coverage.expect(*loaded.plan, "y.toml");
    coverage.add(*loaded.plan, run(feed("calls_waiting", "20x30") + expect("1m5s", "waiting", "level = \"yellow\"")).raised);
    const auto missing = coverage.missing();
    REQUIRE(missing.size() == 3);
    CHECK(missing[0].rule == "calls");
    CHECK(missing[2].rule == "waiting");
    CHECK(missing[2].level == Level::red);
    CHECK(missing[2].file == "x.toml");
    CHECK(coverage_text(coverage).find("1 of 4 levels of 3 rules") != std::string::npos);
    CHECK(coverage_json(coverage).find(R"("levels":4,"raised":1,"missing":[{"file":"x.toml","rule":"calls","level":"yellow"})") !=
          std::string::npos);
    coverage.add(*loaded.plan, {{"calls", Level::yellow}, {"night", Level::yellow}, {"waiting", Level::red}});
    CHECK(coverage.missing().empty());
}
