#include "ruletest/report.hpp"

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("rule test report: a test that passed is one line", "[unit]") {
    const TestVerdict passed;

    CHECK(verdict_text("voice.test.toml", "climbs", passed) == "ok    voice.test.toml: climbs\n");
    CHECK(verdict_json("voice.test.toml", "climbs", passed) ==
          R"({"type":"test","file":"voice.test.toml","name":"climbs","passed":true,"differences":[]})");
}

TEST_CASE("rule test report: a failed one shows every difference, and the timeline around the first", "[unit]") {
    const TestVerdict failed{{"x:1: at 1m: one", "x:2: at 2m: two"}, {"+1m  ---- here ----"}, {}};

    CHECK(verdict_text("x", "name", failed) ==
          "FAIL  x: name\n"
          "      x:1: at 1m: one\n"
          "      x:2: at 2m: two\n"
          "      what happened around the first difference:\n"
          "        +1m  ---- here ----\n");
    CHECK(verdict_json("x", "name", failed) ==
          R"({"type":"test","file":"x","name":"name","passed":false,"differences":["x:1: at 1m: one","x:2: at 2m: two"]})");
}
