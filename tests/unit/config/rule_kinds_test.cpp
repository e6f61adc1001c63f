// Keys of single kinds: shortfall, volatility, prediction, flapping; service levels in formulas; what they cost.
#include <algorithm>

#include "config/memory.hpp"
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::string agents = "yellow = { raise = \"> 4\", clear = \"< 2\" }\n";
/// A rule of this kind whose body begins at line 4.
std::string of_kind(const std::string& kind, const std::string& body) {
    return "[[rule]]\nid = \"r\"\nkind = \"" + kind + "\"\n" + body + "\n";
}
}  // namespace

TEST_CASE("shortfall: reads a promise, and what to go by until it is measured", "[unit]") {
    const auto config = parse_config(
        "t", of_kind("shortfall",
                     "target = \"90/15\"\nmax_occupancy = 0.85\nwindow = \"4m\"\naht = \"3m20s\"\naht_window = \"1h\"\n"
                     "patience = \"5m\"\nlead = \"6m\"\nclear_within = \"12m\"\n" +
                         agents));
    REQUIRE(config.ok());
    const auto& rule = config.plan->rules[0];
    CHECK(rule.metric == "offered");
    CHECK(rule.window == 4min);
    CHECK(rule.staffing.target.share == Approx(0.9));
    CHECK(rule.staffing.target.within_s == 15);
    CHECK(rule.staffing.occupancy_max == 0.85);
    CHECK(rule.staffing.aht_s == 200);
    CHECK(rule.staffing.aht_window == 1h);
    CHECK(rule.staffing.patience_s == 300);
    CHECK(rule.staffing.lead == 6min);
    CHECK(rule.staffing.clear_within == 12min);
    CHECK(rule.flap.edges == 6);

    const auto bare = parse_config("t", of_kind("shortfall", "target = \"80/20\"\n" + agents));
    REQUIRE(bare.ok());
    CHECK(bare.plan->rules[0].window == 5min);
    CHECK(bare.plan->rules[0].content != rule.content);
}

TEST_CASE("shortfall: what is wrong is shown where it stands", "[unit]") {
    const auto with = [](const std::string& body) { return check(of_kind("shortfall", body + agents)); };
    CHECK(with("") ==
          "1:1: error: a shortfall is measured against a promise: `target` = \"80/20\" (80 % within 20 s), or `max_occupancy`\n");
    CHECK(with("max_occupancy = 0.85\n").empty());
    CHECK(with("target = \"80\"\n") ==
          "4:11: error: \"80\" is no service level; write \"80/20\" for 80 % answered within 20 s\n");
    CHECK(with("target = \"100/20\"\n") ==
          "4:11: error: the share of calls is 1 to 99.9 %: no number of agents answers every call in time\n");
    CHECK(with("target = \"99.9/0\"\n").empty());
    CHECK(with("target = \"80/3601\"\n") == "4:14: error: the time is 0 to 3600 seconds\n");
    CHECK(with("target = \"80/20\"\nmax_occupancy = 0.05\n") ==
          "5:17: error: `max_occupancy` is the share of their time that agents may be busy, 0.1 to 1, e.g. 0.85\n");
    CHECK(with("target = \"80/20\"\naht = 180\n").substr(0, 13) == "5:7: error: `");
    CHECK(with("target = \"80/20\"\nmetric = \"calls_waiting\"\n") ==
          "5:10: error: \"calls_waiting\" is a gauge: arrivals are told from a counter such as \"offered\"\n");
    CHECK(with("target = \"80/20\"\nband = 1\n") ==
          "5:8: error: `band` belongs to kind = \"volatility\", not to \"shortfall\"\n");
    CHECK(check(of_kind("shortfall", "target = \"80/20\"\nyellow = { raise = \"> +30%\", clear = \"< 2\" }")) ==
          "5:20: error: a shortfall is a number of agents that are missing, e.g. \"> 4\"\n");
    CHECK(check(of_kind("shortfall", "target = \"80/20\"\nyellow = { raise = \"> 4\", clear = \"< 6\" }")) ==
          "5:35: error: `clear` \"< 6\" is on the wrong side of `raise` \"> 4\": it must be \"<\" a value that is not above the "
          "raise "
          "limit\n");
}

TEST_CASE("volatility: a window, a band, and a number of swings", "[unit]") {
    const auto with = [](const std::string& body) {
        return check(of_kind("volatility", "metric = \"oldest_wait_s\"\n" + body + agents));
    };
    CHECK(with("band = 0.1\nwindow = \"1h\"\n").empty());
    CHECK(with("") == "1:1: error: [[rule]] needs `band`\n");
    CHECK(with("band = 0\n") ==
          "5:8: error: `band` must be above 0: it is the smallest swing that counts, in the metric's unit\n");
    CHECK(with("band = 1\nversus = \"1h\"\n") ==
          "6:10: error: `versus` belongs to kind = \"rate_of_change\", not to \"volatility\"\n");
    CHECK(check(of_kind("volatility", "metric = \"offered\"\nband = 1\n" + agents)) ==
          "4:10: error: \"offered\" is a counter and only rises: derive a rate or a ratio of it and watch that\n");
    CHECK(check(of_kind("volatility", "metric = \"oldest_wait_s\"\nband = 1\nyellow = { raise = \"> 4m\", clear = \"< 2m\" }"))
              .substr(0, 63) == "6:20: error: volatility is a number of swings in the window, e.");
}

TEST_CASE("ahead: belongs to a threshold, and needs a window that carries it", "[unit]") {
    const auto with = [](const std::string& body) {
        return check(of_kind("threshold", "metric = \"oldest_wait_s\"\n" + body + agents));
    };
    CHECK(with("ahead = \"5m\"\n").empty());
    CHECK(with("ahead = \"20m\"\n").empty());
    CHECK(with("ahead = \"20m1s\"\n") ==
          "5:9: warning: `ahead` is more than twice `slope_window`: a slope does not hold that long\n");
    CHECK(with("slope_window = \"5m\"\n") ==
          "5:16: error: `slope_window` says over what time a slope is taken; without `ahead` nothing is foreseen\n");
    CHECK(check(of_kind("absence", "metric = \"offered\"\nahead = \"5m\"\nyellow = { raise = \"> 3m\" }")) ==
          "5:9: error: `ahead` belongs to kind = \"threshold\", not to \"absence\"\n");
    CHECK(check(of_kind("threshold", "metric = \"offered\"\nahead = \"5m\"\n" + agents)) ==
          "4:10: error: \"offered\" is a counter and only rises: derive a rate or a ratio of it and watch that\n");
}

TEST_CASE("flap: how often is too often, for any kind", "[unit]") {
    CHECK(check(rule(agents + "flap = { edges = 2, window = \"10m\" }")).empty());
    CHECK(check(rule(agents + "flap = { edges = 0 }")).empty());
    CHECK(check(rule(agents + "flap = { edges = 1 }")) ==
          "6:18: error: an alert that starts and ends once does not flap: 2 edges at least, or 0 for never\n");
    CHECK(check(rule(agents + "flap = { edge = 4 }")).find("edges") != std::string::npos);
    const auto config = parse_config("t", rule(agents + "flap = { edges = 4, window = \"20m\" }"));
    REQUIRE(config.ok());
    CHECK(config.plan->rules[0].flap.settle() == 5min);
}

TEST_CASE("service levels: their metrics are checked like those of any formula", "[unit]") {
    const auto derive = [](const std::string& formula) { return "[[derive]]\nmetric = \"x\"\nformula = \"" + formula + "\"\n"; };
    CHECK(check(derive("sl_negative(20s, 10m)")).empty());
    CHECK(check(derive("sl_live(20s, 10m)")).empty());
    CHECK(check(derive("sl_burn(15s, 80, 5m, 1h)")).empty());
    CHECK(check(derive("sl_ignore(30s, 10m)")).find("metric \"answered_in_30\" is neither canonical") != std::string::npos);
    CHECK(check(derive("sl_negativ(20s, 10m)")) ==
          "3:12: error: there is no function \"sl_negativ\"; did you mean \"sl_negative\"?\n");
}

TEST_CASE("show: further metrics of a rule, with labels of their own; what no page can tell is refused where it stands") {
    const auto levels = std::string("yellow = { raise = \"> 4\", clear = \"< 3\" }\n");
    const auto tail = "[[metric]]\nname = \"age_s\"\nlabel = { zh = \"最久\", en = \"oldest\" }\n"
                      "[[metric]]\nname = \"calls_waiting\"\nkind = \"gauge\"\nlabel = \"Q\"\n"
                      "[[derive]]\nmetric = \"all\"\nformula = \"sum(calls_waiting)\"\nby = \"centre\"\n";
    const auto config = parse_config("t", rule(levels + "show = [\"age_s\", \"calls_waiting\", \"agents_staffed\"]") + tail);
    CHECK(joined(findings(config)).empty());
    REQUIRE(config.ok());
    CHECK(config.plan->rules[0].show == std::vector<std::string>{"age_s", "calls_waiting", "agents_staffed"});
    const auto label = [&](const std::string& name) {
        return std::find_if(config.plan->metrics.begin(), config.plan->metrics.end(), [&](const MetricSpec& m) { return m.name == name; })->label;
    };
    CHECK(label("age_s").zh == "最久");
    CHECK(label("age_s").en == "oldest");
    CHECK(label("calls_waiting").zh == "Q");
    CHECK(label("agents_staffed").en == "agents logged in");

    const auto said = [&](const std::string& list) { return check(rule(levels + "show = " + list) + tail); };
    CHECK(said("[\"Bad\"]").find("6:9: error: \"Bad\" is no metric name") == 0);
    CHECK(said("[\"oldest_wait_s\"]").find("stands in the page already") != std::string::npos);
    CHECK(said("[\"age_s\", \"age_s\"]").find("6:18: error: \"age_s\" stands in the page already") == 0);
    CHECK(said("[\"offered\"]").find("is a counter and only rises: derive its increase() and show that") != std::string::npos);
    CHECK(said("[\"all\"]").find("is a value by centre, and \"oldest_wait_s\" one by queue") != std::string::npos);
    CHECK(said("[\"calls_waitin\"]").find("warning: metric \"calls_waitin\" is neither") != std::string::npos);
    CHECK(said("[\"a\", \"b\", \"c\", \"d\", \"e\"]").find("4 metrics at most") != std::string::npos);
    CHECK(said("[\"a\", \"b\", \"c\", \"d\"]").find("error") == std::string::npos);
    CHECK(said("\"age_s\"").find("error") != std::string::npos);
    CHECK(check("[[metric]]\nname = \"x\"\nlabel = \"123456789012345678901\"\n").find("3:9: error: a label has 20 characters at most") == 0);
    CHECK(check("[[metric]]\nname = \"x\"\nlabel = \"12345678901234567890\"\n").empty());
    CHECK(check("[[metric]]\nname = \"x\"\nlabel = \"a\\u202Eb\"\n").find("control characters") != std::string::npos);
}

TEST_CASE("memory: windows of every metric that a shortfall reads, and the memory of each kind, are printed", "[unit]") {
    const auto config = parse_config(
        "t", of_kind("shortfall", "target = \"80/20\"\n" + agents) +
                 "[[rule]]\nid = \"v\"\nkind = \"volatility\"\nmetric = \"oldest_wait_s\"\nband = 1\n" + agents +
                 "[[rule]]\nid = \"a\"\nkind = \"threshold\"\nmetric = \"oldest_wait_s\"\n" + "ahead = \"5m\"\n" + agents);
    REQUIRE(config.ok());
    const auto lines = joined(memory_report(*config.plan, detector_costs()));
    INFO(lines);
    CHECK(lines.find(" KiB a queue, 9 windows") != std::string::npos);
    CHECK(lines.find("rule v: ") != std::string::npos);
    CHECK(lines.find("rule a: ") != std::string::npos);
}

TEST_CASE("contents: two rules of a kind that differ in any key of it differ", "[unit]") {
    struct Kind {
        std::string name;
        std::string base;                ///< keys without which it is no rule
        std::vector<std::string> other;  ///< each a change
    };
    const std::string percent = "yellow = { raise = \"> +30%\", clear = \"< +10%\" }\n";
    const std::string silence = "yellow = { raise = \"> 3m\" }\n";
    const std::string learned = "yellow = { raise = \"> 3\" }\n";
    const std::vector<Kind> kinds{
        {"threshold", "metric = \"calls_waiting\"\nahead = \"5m\"\n" + agents, {"slope_window = \"20m\"", "flap = { edges = 3 }", "flap = { window = \"7m\" }", "unknown_clear_after = \"1m\"", "show = [\"oldest_wait_s\"]", "summary = \"x\"", "summary = { en = \"x\", zh = \"y\" }"}},
        {"rate_of_change", "metric = \"offered\"\n" + percent, {"window = \"3m\"", "versus = \"20m\"", "floor = 4", "surprise = 4", "scatter = 2", "freeze = \"2h\""}},
        {"absence", "metric = \"offered\"\n" + silence, {"expected_min = 3", "history = \"2h\""}},
        {"baseline", "metric = \"calls_waiting\"\n" + learned, {"slot = \"10m\"\nclear_after = \"15m\"", "direction = \"both\"", "floor = 7", "min_history = \"12 days\"", "zone = \"Asia/Tokyo\"", "readings = \"counts\"", "freeze = \"1h\""}},
        {"volatility", "metric = \"calls_waiting\"\nband = 1\n" + agents, {"window = \"40m\""}},
        {"shortfall", "target = \"80/20\"\n" + agents, {"window = \"6m\"", "max_occupancy = 0.8", "aht = \"3m\"", "aht_window = \"40m\"", "patience = \"2m\"", "lead = \"1m\"", "clear_within = \"3m\"", "surprise = 3"}}};
    for (const auto& kind : kinds) {
        auto changes = kind.other;
        changes.emplace_back();
        std::vector<std::uint64_t> seen;
        for (const auto& change : changes) {
            INFO(kind.name << ": " << change);
            const auto config = parse_config("t", of_kind(kind.name, change + "\n" + kind.base));
            REQUIRE(config.ok());
            const auto content = config.plan->rules.at(0).content;
            CHECK(std::find(seen.begin(), seen.end(), content) == seen.end());
            seen.push_back(content);
        }
    }
}

TEST_CASE("rate of change: surprise beside percent, limits in sigma, or surprise alone", "[unit]") {
    const std::string metric = "metric = \"offered\"\n";
    const auto beside = parse_config("t", of_kind("rate_of_change", metric + "surprise = 4\nscatter = 1.3\nyellow = { raise = \"> +30%\", clear = \"< +15%\" }"));
    REQUIRE(beside.ok());
    CHECK(beside.plan->rules[0].surprise == 4);
    CHECK(beside.plan->rules[0].scatter == 1.3);
    CHECK(beside.plan->rules[0].levels[0].raise.unit == LimitUnit::percent);

    const auto sigma = parse_config("t", of_kind("rate_of_change", metric + "yellow = { raise = \"> 4 sigma\", clear = \"< 2σ\" }"));
    REQUIRE(sigma.ok());
    CHECK(sigma.plan->rules[0].levels[0].raise.text() == "> 4 sigma");
    CHECK(sigma.plan->rules[0].levels[0].clear.unit == LimitUnit::sigma);
    CHECK(sigma.plan->rules[0].content != beside.plan->rules[0].content);

    const auto alone = parse_config("t", of_kind("rate_of_change", metric + "surprise = 4"));
    REQUIRE(alone.ok());
    REQUIRE(alone.plan->rules[0].levels.size() == 3);
    CHECK(alone.plan->rules[0].levels[0].raise.text() == ">= 4 sigma");
    CHECK(alone.plan->rules[0].levels[0].clear.text() == "< 2 sigma");
    CHECK(alone.plan->rules[0].levels[1].raise.value == 6);
    CHECK(alone.plan->rules[0].levels[2].raise.value == 8);

    CHECK(check(of_kind("rate_of_change", "metric = \"calls_waiting\"\nsurprise = 4\nyellow = { raise = \"> +30%\", clear = \"< +15%\" }"))
              .find("4:10: error: \"calls_waiting\" is a gauge: how surprising a change is can be told of counted things only") == 0);
    CHECK(check(of_kind("threshold", "metric = \"calls_waiting\"\nyellow = { raise = \"> 4 sigma\", clear = \"< 2 sigma\" }"))
              .find("5:20: error: sigma says how far two windows of calls differ beyond chance") != std::string::npos);
    CHECK(check(of_kind("rate_of_change", metric + "surprise = 31\nyellow = { raise = \"> +30%\", clear = \"< +15%\" }")).find("5:12: error") != std::string::npos);
    CHECK(check(of_kind("rate_of_change", metric + "scatter = 0.5\nyellow = { raise = \"> +30%\", clear = \"< +15%\" }")).find("error") != std::string::npos);
    CHECK(check(of_kind("rate_of_change", metric)).find("needs a level") != std::string::npos);
}
