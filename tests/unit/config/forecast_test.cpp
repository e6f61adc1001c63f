// [forecast], [[calendar]] and rules of kind "baseline": what they say, and what is wrong with them.
#include "config/memory.hpp"
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::string baseline(const std::string& body) {
    return "[[rule]]\nid = \"b\"\nkind = \"baseline\"\nmetric = \"offered\"\n" + body + "\n";
}
const RuleSpec& rule_of(const LoadedConfig& config) {
    REQUIRE(config.ok());
    return config.plan->rules.front();
}
}  // namespace

TEST_CASE("baseline: with nothing said it has the shipped levels, five minutes, ten days") {
    const auto config = parse_config("t", baseline(""));
    const auto& rule = rule_of(config);
    CHECK(rule.slot == 5min);
    CHECK(rule.min_history == 10);
    CHECK(rule.floor == 5);
    CHECK(rule.freeze == 3h);
    CHECK(rule.direction == SurgeDirection::up);
    REQUIRE(rule.levels.size() == 3);
    CHECK(rule.levels[0].raise.text() == ">= 3.4");
    CHECK(rule.levels[1].raise.text() == ">= 6");
    CHECK(rule.levels[2].raise.text() == ">= 10");
    CHECK(rule.levels[0].clear.text() == "< 1.7");
    CHECK(rule.levels[0].clear_after == 15min);
}

TEST_CASE("baseline: a level may leave out its limits; what it says is taken") {
    const auto config = parse_config("t", baseline(R"(slot = "10m"
direction = "both"
floor = "8 calls"
min_history = "2 weeks"
freeze = "1h"
zone = "Asia/Shanghai"
clear_after = "5m"
yellow = {}
red = { raise = "> 8", clear = "< 3", raise_after = "1m" })"));
    const auto& rule = rule_of(config);
    CHECK(rule.slot == 10min);
    CHECK(rule.direction == SurgeDirection::both);
    CHECK(rule_of(parse_config("t", baseline("direction = \"down\""))).direction == SurgeDirection::down);
    CHECK_FALSE(parse_config("t", baseline("direction = \"sideways\"")).ok());
    CHECK(rule.floor == 8);
    CHECK(rule.min_history == 14);
    CHECK(rule.freeze == 1h);
    CHECK(rule.zone == "Asia/Shanghai");
    REQUIRE(rule.levels.size() == 2);
    CHECK(rule.levels[0].raise.text() == ">= 3.4");
    CHECK(rule.levels[0].clear_after == 5min);
    CHECK(rule.levels[1].clear.text() == "< 3");
    CHECK(parse_config("t", baseline("yellow = { raise = \"> +20%\" }")).plan->rules[0].levels[0].clear.text() == "< +10%");
}

TEST_CASE("baseline: what is wrong is said at its place") {
    CHECK(check(baseline("slot = \"7m\"")).find("5:8: error: a day must be a whole number of slots") == 0);
    CHECK(check(baseline("slot = \"90s\"")).find("5:8: error: a slot is a whole number of minutes") == 0);
    CHECK(check(baseline("slot = \"2h\"")).find("5:8: error:") == 0);
    CHECK(check(baseline("slot = \"30s\"")).find("5:8: error:") == 0);
    CHECK(check(baseline("min_history = 10")).find("5:15: error: `min_history` has a unit") == 0);
    CHECK(check(baseline("min_history = \"400 days\"")).find("5:15: error: `min_history` is from 1 to 365") == 0);
    CHECK(check(baseline("direction = \"downwards\"")).find("5:13: error:") == 0);
    CHECK(check(baseline("window = \"2m\"")).find("5:10: error: `window` belongs to kind = \"rate_of_change\"") == 0);
    CHECK(check(baseline("calendar = \"none\"")).find("5:12: error: there is no [[calendar]] \"none\"") == 0);
    CHECK(check(baseline("readings = \"counts\"")).find("4:10: error: \"offered\" is a counter") == 0);
    CHECK(check(baseline("yellow = { raise = \"< 3\" }")).find("a baseline is raised by more than was expected") !=
          std::string::npos);
    CHECK(check(baseline("yellow = { raise = \"> 3m\" }")).find("a baseline compares the surprise") != std::string::npos);
    CHECK(check(baseline("yellow = { raise = \"> 3\", clear = \"< 4\" }")).find("wrong side") != std::string::npos);
    CHECK(check(baseline("yellow = { raise = \"> +20%\" }\nred = {}")).find("different units") != std::string::npos);
    CHECK(check(rule("slot = \"5m\"\nyellow = { raise = \"> 3\", clear = \"< 2\" }"))
              .find("`slot` belongs to kind = \"baseline\"") != std::string::npos);
}

TEST_CASE("calendar: dates, ranges, special days and closed hours; a limit or a date changes the rule and not the profile") {
    const std::string calendar = R"([[calendar]]
id = "cn"
holidays = ["2026-10-01..2026-10-07"]
worked = ["2026-10-10"]
closed = [{ days = "sat-sun" }, { from = "20:00", to = "08:00" }, { dates = ["2026-12-25"] }]
[[calendar.special]]
id = "billing"
dates = ["2026-11-01", "2026-12-01"]
)";
    const auto config = parse_config("t", calendar + baseline("calendar = \"cn\""));
    REQUIRE(config.ok());
    const auto& cn = config.plan->calendars.front();
    const auto day = [](const char* text) { return *parse_date(text); };
    CHECK(cn.kind_of(day("2026-10-07")).day_class == 7);
    CHECK(cn.kind_of(day("2026-10-08")).day_class == 3);
    CHECK(cn.kind_of(day("2026-10-10")).working);
    CHECK(cn.kind_of(day("2026-12-01")).day_class == 8);
    CHECK(cn.closed_at(day("2026-12-25"), 43200));
    CHECK(cn.closed_at(day("2026-12-24"), 20 * 3600));
    CHECK_FALSE(cn.closed_at(day("2026-12-24"), 19 * 3600));

    const auto other = parse_config("t", calendar + baseline("calendar = \"cn\"\nyellow = { raise = \"> 4\" }"));
    const auto without = parse_config("t", baseline(""));
    const auto slots = parse_config("t", baseline("slot = \"10m\""));
    CHECK(rule_of(other).content != rule_of(config).content);
    CHECK(rule_of(without).content != rule_of(config).content);
    CHECK(rule_of(other).profile == rule_of(config).profile);
    CHECK(rule_of(without).profile == rule_of(config).profile);
    CHECK(rule_of(slots).profile != rule_of(config).profile);
}

TEST_CASE("calendar: what is wrong is said at its place") {
    const auto with = [](const std::string& body) { return check("[[calendar]]\nid = \"c\"\n" + body + "\n"); };
    CHECK(with("holidays = [\"2026-13-01\"]").find("3:13: error: ") == 0);
    CHECK(with("holidays = [\"2026-10-07..2026-10-01\"]").find("3:13: error: the range ends before it begins") == 0);
    CHECK(with("holidays = [\"2026-10-01\"]\nworked = [\"2026-10-01\"]").find("4:11: error: in \"2026-10-01\" is a date") == 0);
    CHECK(with("closed = [{ from = \"8\" }]").find("3:21: error: ") == 0);
    CHECK(with("holiday = []").find("error: unknown key") != std::string::npos);
    CHECK(check("[[calendar]]\nid = \"c\"\n[[calendar]]\nid = \"c\"\n").find("4:6: error: calendar \"c\" is already there") == 0);
    std::string special = "[[calendar]]\nid = \"c\"\n";
    for (int i = 0; i < 3; ++i) {
        special +=
            "[[calendar.special]]\nid = \"s" + std::to_string(i) + "\"\ndates = [\"2026-01-0" + std::to_string(i + 1) + "\"]\n";
    }
    CHECK(check(special).find("at most 2 kinds of special days") != std::string::npos);
}

TEST_CASE("forecast: profiles lie beside the store unless said otherwise; a baseline's memory is told") {
    CHECK(profiles_path_of(parse_config("t", "").settings, "/srv/x/surged.db") == "/srv/x/profiles");
    CHECK(profiles_path_of(parse_config("t", "[forecast]\nprofiles = \"/srv/p\"\n").settings, "/srv/x/surged.db") == "/srv/p");
    CHECK(check("[forecast]\nprofile = \"x\"\n").find("unknown key") != std::string::npos);
    const auto config = parse_config("t", baseline(""));
    const auto lines = joined(memory_report(*config.plan, detector_costs()));
    CHECK(lines.find("rule b: 4") != std::string::npos);
    CHECK(lines.find(" KiB a queue") != std::string::npos);
    CHECK(check("[[expect]]\ncentre = \"a\"\nqueue = \"b\"\nzone = \"Mars/North\"\n").find("4:8: error: unknown time zone") == 0);
}
