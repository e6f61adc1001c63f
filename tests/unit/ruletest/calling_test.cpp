// Whole time lines, from samples to pages: nobody is called for what is over, who is on duty now is called, and a restart is no loss
// of data.
#include "ruletest_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const char* calling_config = R"toml(
[defaults]
timezone = "Asia/Shanghai"
language = "en"
stale_after = "10s"
[[expect]]
centre = "jinan"
queue = "general"
every = "1s"
[[channel]]
id = "log"
type = "log"
[[person]]
id = "day"
reach = { normal = [{ via = "log" }] }
[[person]]
id = "night"
reach = { normal = [{ via = "log" }] }
[[person]]
id = "ops"
reach = { normal = [{ via = "log" }] }
[[person]]
id = "desk"
reach = { normal = [{ via = "log" }] }
[[roster]]
id = "leads"
shift = [{ from = "00:00", to = "20:00", people = ["day"] }, { from = "20:00", to = "24:00", people = ["night"] }]
[[roster]]
id = "watch"
shift = [{ people = ["ops"] }]
[[policy]]
id = "surge"
scope = ["centre"]
need = 2
fallback = ["desk"]
resolve_hold = "10s"
[[policy.tier]]
id = "leads"
rosters = ["leads"]
wait = "10m"
[[policy]]
id = "feeds"
scope = ["centre"]
need = 1
fallback = ["desk"]
[[policy.tier]]
id = "watch"
rosters = ["watch"]
wait = "10m"
[[rule]]
id = "waiting"
kind = "threshold"
metric = "oldest_wait_s"
policy = "surge"
yellow = { raise = "> 40", clear = "< 30", raise_after = "10s", clear_after = "60s" }
[[rule]]
id = "silent"
kind = "absence"
of = "feed"
policy = "feeds"
yellow = { raise = "> 20s", clear_after = "0s" }
)toml";

void holds(const std::string& body, const std::string& start = "2026-11-28T09:00:00") {
    pass(run_body(calling_config, body, start, "Asia/Shanghai"));
}

std::string feed(const std::string& values, const std::string& every = "5s") {
    return "every = \"" + every + "\"\n[[test.feed]]\ncentre = \"jinan\"\nqueue = \"general\"\nmetric = \"oldest_wait_s\"\nvalues = \"" +
           values + "\"\n";
}
std::string pages(const std::string& from, const std::string& to, const std::string& people, const std::string& more = {}) {
    return "[[test.pages]]\nbetween = [\"" + from + "\", \"" + to + "\"]\npeople = [" + people + "]\n" + more;
}

}  // namespace

TEST_CASE("calling: a silence that ends while the value is fine again calls nobody", "[unit]") {
    const auto quiet = std::string("[[test.no_page]]\nbetween = [\"0s\", \"9m\"]\n");
    for (const char* lasts : {"4m", "4m20s", "4m29s"}) {  // it ends while the hold to clear runs, 4:00 to 5:00
        INFO(lasts);
        holds(feed("10x12 50x36 5x60") + "[[test.silence]]\nat = \"30s\"\nfor = \"" + lasts + "\"\ncentre = \"jinan\"\n" + quiet);
    }
    holds(feed("10x12 50x36 5x60") + "[[test.silence]]\nat = \"30s\"\nfor = \"3m\"\ncentre = \"jinan\"\n" +
          pages("3m30s", "3m31s", "\"day\""));
}

TEST_CASE("calling: who comes on duty while a seat is missing is called then", "[unit]") {
    holds(feed("10x12 50x200") + pages("1m", "2m", "\"day\"") + pages("5m", "5m1s", "\"night\"") +
              "[[test.no_page]]\nbetween = [\"5m2s\", \"11m\"]\n",
          "2026-11-28T19:55:00");
}

TEST_CASE("calling: a restart at any moment of a good feed says nothing of lost data", "[unit]") {
    for (int at = 90; at < 100; ++at) {
        for (const char* down : {"2s", "15s", "40s"}) {
            INFO(at << " s, down " << down);
            holds(feed("10x60 50x300 10x60", "1s") + "[[test.restart]]\nat = \"" + std::to_string(at) + "s\"\ndown = \"" + down + "\"\n" +
                  "[[test.no_page]]\nbetween = [\"1m15s\", \"5m\"]\n" +
                  "[[test.expect]]\nat = \"2m30s\"\nrule = \"waiting\"\ncentre = \"jinan\"\nqueue = \"general\"\nstale = false\n");
        }
    }
}

TEST_CASE("calling: a feed that is gone is told over a restart after ten seconds, and that it is back to those who heard it", "[unit]") {
    const auto gone = "[[test.silent]]\nbetween = [\"1m40s\", \"3m\"]\n[[test.restart]]\nat = \"1m41s\"\ndown = \"2s\"\n";
    holds(feed("10x60 50x300", "1s") + gone + pages("1m42s", "1m58s", "\"day\"", "purpose = \"blind\"\n") +
          pages("3m", "3m15s", "\"day\"", "purpose = \"data_back\"\n"));
    // Gone before the restart, back after it: the first value is data again.
    holds(feed("10x60 50x300", "1s") + "[[test.silent]]\nbetween = [\"1m40s\", \"2m30s\"]\n[[test.restart]]\nat = \"2m28s\"\ndown = \"4s\"\n" +
          pages("1m45s", "1m58s", "\"day\"", "purpose = \"blind\"\n") + pages("2m32s", "2m50s", "\"day\"", "purpose = \"data_back\"\n") +
          "[[test.expect]]\nat = \"2m40s\"\nrule = \"waiting\"\ncentre = \"jinan\"\nqueue = \"general\"\nstale = false\n");
}
