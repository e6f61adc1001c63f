#include "ruletest/run.hpp"

#include "ruletest_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const char* config_text = R"(
[defaults]
timezone = "UTC"
language = "en"
[[rule]]
id = "waiting"
kind = "threshold"
metric = "calls_waiting"
policy = "surge"
yellow = { raise = "> 10", clear = "< 5", raise_after = "10s", clear_after = "10s" }
[[channel]]
id = "log"
type = "log"
[[person]]
id = "lead-01"
name = "one"
reach = { normal = [{ via = "log" }] }
[[person]]
id = "lead-02"
name = "two"
reach = { normal = [{ via = "log" }] }
[[roster]]
id = "leads"
shift = [{ people = ["lead-01", "lead-02"] }]
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
)";

TestVerdict run(const std::string& body, const std::string& extra = {}) {
    return run_body(config_text + extra, body, "2026-03-02T09:00:00");
}

const std::string feed =
    "[[test.feed]]\ncentre = \"jinan\"\nqueue = \"general\"\nmetric = \"calls_waiting\"\nvalues = \"2x2 20x10 1x20\"\n";

std::string expect(const std::string& at, const std::string& what) {
    return "[[test.expect]]\nat = \"" + at + "\"\nrule = \"waiting\"\ncentre = \"jinan\"\nqueue = \"general\"\n" + what + "\n";
}

}  // namespace

TEST_CASE("rule test: states, pages, answers and incidents that are as expected pass", "[unit]") {
    const TestVerdict verdict =
        run(feed + expect("9s", "state = \"ok\"") + expect("10s", "state = \"pending\"") + expect("19s", "state = \"pending\"") +
            expect("20s", "state = \"firing\"\nlevel = \"yellow\"") +
            "[[test.no_page]]\nbetween = [\"0s\", \"19s\"]\n"
            "[[test.pages]]\nbetween = [\"20s\", \"30s\"]\ntier = 1\ncount = 2\npeople = [\"lead-01\", \"lead-02\"]\n"
            "[[test.answer]]\nat = \"30s\"\nperson = \"lead-02\"\nsay = \"join\"\n"
            "[[test.incident]]\nat = \"30s\"\npolicy = \"surge\"\nstate = \"filled\"\njoined = 1\n"
            "[[test.incident]]\nat = \"0s\"\npolicy = \"surge\"\nstate = \"none\"\n"
            "[[test.pages]]\nbetween = [\"1m\", \"2m30s\"]\npurpose = \"close\"\ncount = 2\n");
    for (const std::string& difference : verdict.differences) {
        UNSCOPED_INFO(difference);
    }
    for (const std::string& line : verdict.context) {
        UNSCOPED_INFO(line);
    }
    CHECK(verdict.passed());
}

TEST_CASE("rule test: a wrong state is told with its place, the instant, what is so, and the timeline around it", "[unit]") {
    const TestVerdict verdict = run(feed + expect("20s", "state = \"ok\""));
    REQUIRE(verdict.differences.size() == 1);
    CHECK(verdict.differences[0] == "x.test.toml:10: at 20s: waiting on jinan/general is firing, expected ok");
    REQUIRE_FALSE(verdict.context.empty());
    CHECK(verdict.context[0].find("alert.pending") != std::string::npos);
}

TEST_CASE("rule test: steps of the playbook are expected apart from pages, and told when they are not so many", "[unit]") {
    const std::string action = "[[policy.action]]\nid = \"announce\"\nlevel = \"yellow\"\ndo = \"publish\"\nundo = true\n";
    const auto passing = run(feed +
                                 "[[test.pages]]\nbetween = [\"20s\", \"30s\"]\ncount = 2\n"
                                 "[[test.action]]\nbetween = [\"20s\", \"20s\"]\naction = \"announce\"\npolicy = \"surge\"\n"
                                 "[[test.action]]\nbetween = [\"0s\", \"1m\"]\naction = \"announce\"\nundo = true\ncount = 0\n"
                                 "[[test.action]]\nbetween = [\"1m\", \"2m30s\"]\naction = \"announce\"\nundo = true\n",
                             action);
    for (const std::string& difference : passing.differences) {
        UNSCOPED_INFO(difference);
    }
    CHECK(passing.passed());
    const auto failing = run(feed + "[[test.action]]\nbetween = [\"0s\", \"1m\"]\naction = \"announce\"\ncount = 2\n", action);
    REQUIRE(failing.differences.size() == 1);
    CHECK(failing.differences[0].find("at 1m: action announce was done 1 times between 0s and 1m, expected 2") !=
          std::string::npos);
}

TEST_CASE("rule test: a wrong count of pages tells how many went to whom", "[unit]") {
    const TestVerdict verdict = run(feed + "[[test.pages]]\nbetween = [\"0s\", \"1m\"]\ncount = 5\n");
    REQUIRE(verdict.differences.size() == 1);
    CHECK(verdict.differences[0].find("2 pages between 0s and 1m, expected 5 (to lead-01, lead-02)") != std::string::npos);
}

TEST_CASE("rule test: a page where none may be fails", "[unit]") {
    CHECK_FALSE(run(feed + "[[test.no_page]]\nbetween = [\"0s\", \"20s\"]\n").passed());
    CHECK(run(feed + "[[test.no_page]]\nbetween = [\"0s\", \"19s\"]\n").passed());
}

TEST_CASE("rule test: an answer without an incident is a difference", "[unit]") {
    const TestVerdict verdict =
        run(feed + "[[test.answer]]\nat = \"5s\"\nperson = \"lead-01\"\nsay = \"join\"\n" + expect("5s", "state = \"ok\""));
    REQUIRE(verdict.differences.size() == 1);
    CHECK(verdict.differences[0].find("0 incidents are open") != std::string::npos);
}

TEST_CASE("rule test: silence of the feed makes the alert stale and never resolves it", "[unit]") {
    const std::string silent =
        "[[test.feed]]\ncentre = \"jinan\"\nqueue = \"general\"\nmetric = \"calls_waiting\"\nvalues = \"20x10 stale\"\n";
    CHECK(run(silent + expect("5m", "state = \"firing\"\nstale = true")).passed());
}

TEST_CASE("rule test: flapping is expected or not, and the other is a difference", "[unit]") {
    // Up for 15 s and down for 15 s: an edge in each, seven of them within two minutes.
    const std::string nervous =
        "[[test.feed]]\ncentre = \"jinan\"\nqueue = \"general\"\nmetric = \"calls_waiting\"\nvalues = \"2x3 20x3 2x3 20x3 2x3 "
        "20x3 "
        "2x3 20x3 2x3 20x12\"\n";
    CHECK(run(nervous + expect("30s", "flapping = false") + expect("2m20s", "flapping = true")).passed());

    const TestVerdict wrong = run(nervous + expect("30s", "flapping = true") + expect("2m20s", "flapping = false"));
    REQUIRE(wrong.differences.size() == 2);
    CHECK(wrong.differences[0].find("is not flapping") != std::string::npos);
    CHECK(wrong.differences[1].find("is flapping") != std::string::npos);
}
