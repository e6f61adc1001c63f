// What a good configuration becomes: inheritance, zones, coverage, hashes, memory.
#include "config/hash.hpp"
#include "config/memory.hpp"
#include "config/zones.hpp"
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
WallTime utc(int year, int month, int day, int hour = 0) {
    return wall_time((days_from_civil(year, month, day) * 86400 + hour * 3600) * 1000);
}
const std::string two_levels =
    "yellow = { raise = \"> 40\", clear = \"< 30\" }\norange = { raise = \"> 60\", clear = \"< 45\", clear_after = \"2m\" }";
std::uint64_t content(const std::string& text) {
    const auto config = parse_config("t", text);
    REQUIRE(config.ok());
    return config.plan->rules.at(0).content;
}
}  // namespace

TEST_CASE("holds: a level's own key, then the rule's, then the defaults'", "[unit]") {
    const auto holds = [](const std::string& text) {
        const auto config = parse_config("t", text);
        REQUIRE(config.ok());
        std::string out;
        for (const auto& level : config.plan->rules[0].levels) {
            out += std::to_string(level.raise_after.count()) + "/" + std::to_string(level.clear_after.count()) + " ";
        }
        return out;
    };
    CHECK(holds(rule(two_levels)) == "0/60000 0/120000 ");
    CHECK(holds("defaults = { raise_after = \"5s\", clear_after = \"90s\" }\n" + rule(two_levels)) == "5000/90000 5000/120000 ");
    CHECK(holds("defaults = { raise_after = \"5s\" }\n" + rule(two_levels + "\nraise_after = \"7s\"\nclear_after = \"30s\"")) ==
          "7000/30000 7000/120000 ");
}

TEST_CASE("defaults are handed down: language, zone, page deadline", "[unit]") {
    const auto config = parse_config(
        "t",
        "defaults = { language = \"en\", timezone = \"Asia/Shanghai\", page_deadline = \"2m\" }\n" + team() +
            "[[policy]]\nid = \"other\"\nneed = 1\nfallback = [\"duty-desk\"]\npage_deadline = \"1m\"\n[[policy.tier]]\nid = "
            "\"x\"\nrosters = [\"leads\"]\n");
    REQUIRE(config.ok());
    const auto& plan = *config.plan;
    CHECK(plan.channels[0].language == Language::en);
    CHECK(plan.rosters[0].zone == "Asia/Shanghai");
    CHECK(plan.policies[0].page_deadline == Span{120000});
    CHECK(plan.policies[1].page_deadline == Span{60000});
    CHECK(plan.people[0].name == "duty-desk");
    CHECK(plan.zones.size() == 1);
}

TEST_CASE("values reach the plan as written", "[unit]") {
    const auto config = parse_config("t", R"(
[ingest]
subscribe = "tcp://acd.example:5555"
hwm = 77
limits = { series = 5, skew = "90s", queues = 9 }
[http]
listen = "[::1]:0"
[metrics]
listen = "off"
[store]
path = "x.db"
retention = "30d"
)" + team() + R"(urgency = "urgent"
mode = "batch"
overask = 1.5
remind = "45s"
)");
    REQUIRE(config.ok());
    CHECK(config.settings.ingest.subscribe == std::vector<std::string>{"tcp://acd.example:5555"});
    CHECK(config.settings.ingest.hwm == 77);
    CHECK(config.plan->limits.series == 5);
    CHECK(config.plan->limits.skew == Span{90000});
    CHECK(config.plan->queue_max == 9);
    CHECK(config.settings.http.listen.host == "::1");
    CHECK(config.settings.http.listen.any_port);
    CHECK(config.settings.metrics.port == 0);
    CHECK_FALSE(config.settings.metrics.any_port);
    CHECK(config.settings.store.retention == std::chrono::hours{24 * 30});
    const auto& tier = config.plan->policies[0].tiers[0];
    CHECK(tier.urgent);
    CHECK(tier.mode == TierMode::batch);
    CHECK(tier.overask == 1.5);
    CHECK(tier.remind == Span{45000});
}

TEST_CASE("zones: summer time goes on after the last year of the database's files", "[unit]") {
    for (const auto& [name, winter, summer] :
         std::vector<std::tuple<std::string, int, int>>{{"Europe/Berlin", 3600, 7200},
                                                        {"America/New_York", -18000, -14400},
                                                        {"Asia/Shanghai", 28800, 28800},
                                                        {"America/Santiago", -10800, -14400}}) {
        INFO(name);
        const auto zone = load_zone(name);
        REQUIRE(zone);
        for (const int year : {2026, 2037, 2038, 2050, 2099}) {
            INFO(year);
            CHECK(zone->offset_s(utc(year, 1, 15)) == winter);
            CHECK(zone->offset_s(utc(year, 7, 15)) == summer);
        }
    }
    // Last Sunday of March 2050 is the 27th: 01:00 UTC is the turn, to the second.
    const auto berlin = load_zone("Europe/Berlin");
    CHECK(berlin->offset_s(utc(2050, 3, 27, 1) - Span{1000}) == 3600);
    CHECK(berlin->offset_s(utc(2050, 3, 27, 1)) == 7200);
    // And Shanghai had summer time once.
    CHECK(load_zone("Asia/Shanghai")->offset_s(utc(1990, 7, 1)) == 32400);
    CHECK(load_zone("UTC")->offset_s(utc(2050, 7, 1)) == 0);
    CHECK_FALSE(load_zone("../../../etc/passwd"));
    CHECK_FALSE(load_zone(""));
}

TEST_CASE("coverage: hours without anybody in the next 14 days are warned of, and only those", "[unit]") {
    const auto with = [](const std::string& shifts, const std::string& more = "") {
        return "defaults = { timezone = \"Asia/Shanghai\" }\n[[channel]]\nid = \"print\"\ntype = \"log\"\n[[person]]\nid = "
               "\"a\"\nreach = { normal = [{ via = "
               "\"print\" }] }\n[[roster]]\nid = \"day\"\n" +
               shifts + "\n" + more +
               "[[policy]]\nid = \"p\"\nneed = 1\nfallback = [\"a\"]\n[[policy.tier]]\nid = \"t\"\nrosters = [\"day\"]\n";
    };
    const auto now = utc(2026, 3, 2, 4);  // Monday 12:00 in Shanghai
    const auto found = [&](const std::string& text) { return joined(findings(parse_config("t", text, now))); };

    CHECK(found(with("shift = [{ people = [\"a\"] }]")).empty());
    CHECK(found(with("shift = [{ from = \"08:00\", to = \"20:00\", people = [\"a\"] }, { from = \"20:00\", to = \"08:00\", "
                     "people = [\"a\"] }]"))
              .empty());
    CHECK(found(with("shift = [{ from = \"08:00\", to = \"20:00\", people = [\"a\"] }]")) ==
          "15:1: warning: tier \"t\" has nobody on duty from Mon 2026-03-02 20:00 to Tue 2026-03-03 08:00 (Asia/Shanghai), and "
          "13 more times in the next 14 "
          "days; the next tier is called at once then\n");
    CHECK(found(with("shift = [{ people = [\"a\"] }]", "dates = [{ date = \"2026-03-05\", people = [] }]\n")) ==
          "16:1: warning: tier \"t\" has nobody on duty from Thu 2026-03-05 00:00 to Fri 2026-03-06 00:00 (Asia/Shanghai); the "
          "next tier is called at once "
          "then\n");
    CHECK(
        found(with("shift = [{ people = [\"a\"] }]",
                   "[[override]]\nroster = \"day\"\nfrom = \"2026-03-10T08:00\"\nuntil = \"2026-03-10T09:00\"\nout = \"a\"\n")) ==
        "20:1: warning: tier \"t\" has nobody on duty from Tue 2026-03-10 08:00 to Tue 2026-03-10 09:00 (Asia/Shanghai); the "
        "next tier is called at once "
        "then\n");
    CHECK(found(with("shift = [{ from = \"08:00\", to = \"20:00\", people = [\"a\"] }, { from = \"19:00\", to = \"08:00\", people = "
                     "[\"a\"] }]"))
              .find("has overlapping shifts of \"a\"") != std::string::npos);
    CHECK(found(with("dates = [{ date = \"2020-01-01\", people = [\"a\"] }]")) ==
          "15:1: warning: tier \"t\" has nobody on duty in the next 14 days; the next tier is called at once then\n");
    CHECK(check(with("dates = [{ date = \"2020-01-01\", people = [\"a\"] }]")).empty());  // no clock was given
}

TEST_CASE("contents: equal text is equal, every change that matters changes the hash", "[unit]") {
    ContentHash a;
    a.bytes("a");
    CHECK(a.value() == 0xaf63dc4c8601ec8cU);  // FNV-1a test vector
    ContentHash ab;
    ab.text("ab");
    ab.text("c");
    ContentHash bc;
    bc.text("a");
    bc.text("bc");
    CHECK(ab.value() != bc.value());

    const auto base = content(rule(two_levels));
    CHECK(content("# a comment\n" + rule(two_levels)) == base);
    CHECK(content(rule("scope = { centre = \"*\" }\n" + two_levels)) == base);
    CHECK(content(rule("raise_after = \"1s\"\n" + two_levels)) != base);
    CHECK(content(rule("scope = { centre = \"j*\" }\n" + two_levels)) != base);
    CHECK(content(rule("mute = [{ days = \"mon\" }]\n" + two_levels)) != base);

    const auto derived = [](const char* formula) {
        return content(
            "[[derive]]\nmetric = \"x\"\nformula = \"" + std::string(formula) +
            "\"\n[[rule]]\nid = \"r\"\nkind = \"threshold\"\nmetric = \"x\"\nyellow = { raise = \"> 1\", clear = \"< 1\" }\n");
    };
    CHECK(derived("rate(offered, 1m)") != derived("rate(offered, 2m)"));
}

TEST_CASE("contents: a rule on a metric derived from a derived metric follows both formulas", "[unit]") {
    const auto derived = [](const char* formula) {
        return content(
            "[[derive]]\nmetric = \"y\"\nformula = \"x + 1\"\n[[derive]]\nmetric = \"x\"\nformula = \"" + std::string(formula) +
            "\"\n[[rule]]\nid = \"r\"\nkind = \"threshold\"\nmetric = \"y\"\nyellow = { raise = \"> 1\", clear = \"< 1\" }\n");
    };
    CHECK(derived("rate(offered, 1m)") != derived("rate(offered, 2m)"));
}

TEST_CASE("version: the hash of the text, comments included", "[unit]") {
    const auto version = [](const std::string& text) { return parse_config("t", text).plan->version; };
    CHECK(version("") == version(""));
    CHECK(version("# a\n") != version("# b\n"));
    CHECK(version("").size() == 16);
}

TEST_CASE("memory: windows of equal shape are counted once", "[unit]") {
    CostModel cost;
    cost.queue = 100;
    cost.series = 10;
    cost.bound = 20;
    cost.windows = {1000, 2000, 3000, 4000};
    const auto config = parse_config("t", R"toml([[derive]]
metric = "rate_a"
formula = "increase(answered, 10m) / increase(offered, 10m)"
[[derive]]
metric = "rate_b"
formula = "increase(abandoned, 10m) / increase(offered, 10m)"
[[rule]]
id = "r"
kind = "rate_of_change"
metric = "offered"
window = "2m"
versus = "8m"
scope = { queue = "general" }
yellow = { raise = "> +30%", clear = "< +15%" }
[[expect]]
centre = "j"
queue = ["general", "english"]
)toml");
    REQUIRE(config.ok());
    CHECK(memory_report(*config.plan, cost) ==
          std::vector<std::string>{"queue: 100 B, and 10 B for each metric it sends", "derive rate_a: 2 KiB a queue, 2 windows",
                                   "derive rate_b: 1010 B a queue, 1 window, 1 shared",
                                   "rule r: 1 KiB a queue, 1 window, 1 shared",
                                   "a queue in every scope: 4.1 KiB, and 10 B for each metric it sends",
                                   "the 2 expected queues: 7.1 KiB, and 10 B for each metric they send"});
    CHECK(detector_costs().windows[0] > 0);
}
