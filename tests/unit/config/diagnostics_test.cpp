// Every diagnostic at its exact line and column. A row is a text and all findings it must give, one a line.
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("keys: an unknown key is an error at the key, with the nearest or all known keys", "[unit]") {
    const std::string all =
        "; known here: calendar, channel, cluster, defaults, derive, expect, forecast, heartbeat, history, http, ingest, metric, metrics, "
        "overload, override, person, "
        "policy, publish, roster, rule, store\n";
    run({{"near", "[defaults]\nstale_aftr = \"30s\"\n",
          "2:1: error: unknown key \"stale_aftr\" in [defaults]; did you mean \"stale_after\"?\n"},
         {"far", "[store]\nquux = 1\n",
          "2:1: error: unknown key \"quux\" in [store]; known here: path, retention, snapshot_every\n"},
         {"top level", "[ingst]\n", "1:2: error: unknown key \"ingst\" in the configuration; did you mean \"ingest\"?\n"},
         {"inside an inline table", rule("yellow = { raise = \"> 40\", clear = \"< 30\", rase_after = \"3s\" }"),
          "5:44: error: unknown key \"rase_after\" in yellow; did you mean \"raise_after\"?\n"},
         {"of another kind", rule("window = \"2m\"\nyellow = { raise = \"> 40\", clear = \"< 30\" }"),
          "5:10: error: `window` belongs to kind = \"rate_of_change\", not to \"threshold\"\n"},
         {"all of them", "a1 = 1\nb2 = 2\n[store]\npth = \"x\"\n",
          "1:1: error: unknown key \"a1\" in the configuration" + all + "2:1: error: unknown key \"b2\" in the configuration" +
              all + "4:1: error: unknown key \"pth\" in [store]; did you mean \"path\"?\n"}});
}

TEST_CASE("types: a value of another type is an error at the value", "[unit]") {
    run({{"string", "[store]\npath = 3\n", "2:8: error: `path` must be a string, not a whole number\n"},
         {"table", "ingest = 3\n", "1:10: error: `ingest` must be a table, not a whole number\n"},
         {"list of tables", "[rule]\nid = \"x\"\n", "1:1: error: `rule` is a list: write [[rule]] or [{...}]\n"},
         {"list of strings", "[ingest]\nbind = [1]\n", "2:9: error: `bind` must hold strings, not a whole number\n"},
         {"range", "[ingest]\nhwm = 0\nbind = \"tcp://127.0.0.1:5\"\n", "2:7: error: `hwm` must be from 1 to 10000000\n"},
         {"choice", "[defaults]\nlanguage = \"fr\"\n", "2:12: error: `language` must be one of zh, en; \"fr\" is not\n"},
         {"after Chinese, columns count characters",
          rule("yellow = { raise = \"> 4\", clear = \"< 3\" }\nsummary = { zh = \"最长等待\", en = 3 }"),
          "6:31: error: `en` must be a string, not a whole number\n"},
         {"TOML itself", "[defaults]\nx = \n",
          "2:5: error: not TOML: Error while parsing key-value pair: expected value, saw '\\n'\n"}});
}

TEST_CASE("durations: a bare number is told that it needs a unit", "[unit]") {
    const std::string needs = "2:15: error: `stale_after`: a duration needs a unit, e.g. \"30s\"\n";
    run({{"number", "[defaults]\nstale_after = 30\n", needs},
         {"real", "[defaults]\nstale_after = 1.5\n", needs},
         {"number in quotes", "[defaults]\nstale_after = \"30\"\n", needs},
         {"bad unit", "[defaults]\nstale_after = \"30 sec\"\n",
          "2:15: error: `stale_after`: \"30 sec\" is no duration; write e.g. \"250ms\", \"30s\", \"2m\", \"1h30m\", \"7d\"\n"},
         {"below the bound", "[defaults]\nstale_after = \"999ms\"\n", "2:15: error: `stale_after` must be from 1s to 1d\n"},
         {"at the bounds", "[defaults]\nstale_after = \"1s\"\npage_deadline = \"24h\"\n", ""}});
}

TEST_CASE("limits: what is wrong is shown inside the string", "[unit]") {
    run({{"no sign", rule("yellow = { raise = \"40\", clear = \"< 30\" }"),
          "5:21: error: a limit starts with >, >=, < or <=, e.g. \"> 40\"\n"},
         {"no number", rule("yellow = { raise = \"> forty\", clear = \"< 30\" }"),
          "5:23: error: \"forty\" is no number; a limit is e.g. \"> 40\", \"> +30%\", \"> +12/min\" or \"> 3m\"\n"},
         {"no string", rule("yellow = { raise = 40, clear = \"< 30\" }"),
          "5:20: error: `raise` must be a limit such as \"> 40\", not a whole number\n"},
         {"percent of a level", rule("yellow = { raise = \"< 85%\", clear = \"> 0.9\" }"),
          "5:20: error: a threshold compares the metric itself: for a ratio write 0.85 instead of 85%; a change in percent needs "
          "kind = \"rate_of_change\"\n"},
         {"seconds with a unit", rule("yellow = { raise = \"> 40s\", clear = \"< 30\" }"),
          "5:20: error: a threshold takes a plain number in the metric's own unit: 40 for seconds\n"},
         {"clear missing", rule("yellow = { raise = \"> 40\" }"), "5:10: error: yellow needs `clear`\n"},
         {"raise missing", rule("yellow = { clear = \"< 40\" }"), "5:10: error: yellow needs `raise`\n"},
         {"no level", rule(""), "1:1: error: [[rule]] needs a level: yellow, orange or red\n"}});
}

TEST_CASE("limits: clear must be on the other side of raise, with both edges tried", "[unit]") {
    const auto with = [](const char* raise, const char* clear) {
        return rule("yellow = { raise = \"" + std::string(raise) + "\", clear = \"" + clear + "\" }");
    };
    for (const auto& [raise, clear] : std::vector<std::pair<const char*, const char*>>{{"> 40", "< 40"},
                                                                                       {"> 40", "<= 40"},
                                                                                       {"> 40", "< 30"},
                                                                                       {">= 40", "< 40"},
                                                                                       {"< 85", "> 85"},
                                                                                       {"< 85", ">= 85"},
                                                                                       {"<= 85", "> 85"}}) {
        INFO(raise << " " << clear);
        CHECK(check(with(raise, clear)).empty());
    }
    for (const auto& [raise, clear] : std::vector<std::pair<const char*, const char*>>{{"> 40", "< 40.1"},
                                                                                       {">= 40", "<= 40"},
                                                                                       {"> 40", "> 30"},
                                                                                       {"> 40", "<= 41"},
                                                                                       {"< 85", "> 84"},
                                                                                       {"<= 85", ">= 85"},
                                                                                       {"< 85", "< 80"}}) {
        INFO(raise << " " << clear);
        CHECK(check(with(raise, clear)).find("is on the wrong side of `raise`") != std::string::npos);
    }
    CHECK(check(with("> 40", "< 41")) ==
          "5:36: error: `clear` \"< 41\" is on the wrong side of `raise` \"> 40\": it must be \"<\" a value that is not above "
          "the raise limit\n");
}

TEST_CASE("levels: they rise, in one direction", "[unit]") {
    const std::string yellow = "yellow = { raise = \"> 40\", clear = \"< 30\" }\n";
    run({{"rising", rule(yellow + "orange = { raise = \"> 41\", clear = \"< 30\" }"), ""},
         {"falling", rule(yellow + "orange = { raise = \"> 39\", clear = \"< 30\" }"),
          "6:20: error: orange (> 39) is less severe than yellow (> 40)\n"},
         {"edge counts", rule(yellow + "red = { raise = \">= 40\", clear = \"< 30\" }"),
          "6:17: error: red (>= 40) is less severe than yellow (> 40)\n"},
         {"downward", rule("yellow = { raise = \"< 0.85\", clear = \"> 0.9\" }\nred = { raise = \"< 0.9\", clear = \"> 0.95\" }"),
          "6:17: error: red (< 0.9) is less severe than yellow (< 0.85)\n"},
         {"mixed", rule(yellow + "orange = { raise = \"< 3\", clear = \"> 20\" }"),
          "6:20: error: orange and yellow look in different directions (< 3, > 40)\n"},
         {"equal", rule(yellow + "orange = { raise = \"> 40\", clear = \"< 30\" }"),
          "6:20: error: orange and yellow have the same limit (> 40): then the higher needs a longer raise_after\n"},
         {"equal but longer", rule(yellow + "orange = { raise = \"> 40\", clear = \"< 30\", raise_after = \"1ms\" }"), ""},
         {"outlasting", rule(yellow + "orange = { raise = \"> 60\", clear = \"< 20\" }"),
          "6:36: warning: orange clears later (< 20) than yellow (< 30): it will outlast it\n"}});
}

TEST_CASE("rate of change: percent or units a minute, and an amount for the floor", "[unit]") {
    const auto with = [](const std::string& body) {
        return "[[rule]]\nid = \"r\"\nkind = \"rate_of_change\"\nmetric = \"offered\"\n" + body + "\n";
    };
    run({{"percent", with("yellow = { raise = \"> +30%\", clear = \"< +15%\" }"), ""},
         {"falling", with("yellow = { raise = \"< -30%\", clear = \"> -15%\" }"), ""},
         {"units a minute", with("yellow = { raise = \"> +12/min\", clear = \"< +6/min\" }"), ""},
         {"plain", with("yellow = { raise = \"> 30\", clear = \"< 15\" }"),
          "5:20: error: a rate of change is in percent (\"> +30%\"), in units per minute (\"> +12/min\") or in standard deviations beyond chance (\"> 4 sigma\")\n"
          "5:36: error: a rate of change is in percent (\"> +30%\"), in units per minute (\"> +12/min\") or in standard deviations beyond chance (\"> 4 sigma\")\n"},
         {"two units", with("yellow = { raise = \"> +30%\", clear = \"< +6/min\" }"),
          "5:38: error: `clear` is in another unit than `raise` (> +30%)\n"},
         {"floor", with("floor = \"ten calls\"\nyellow = { raise = \"> +30%\", clear = \"< +15%\" }"),
          "5:10: error: \"ten calls\" is no amount; write e.g. 10 or \"10 calls\"\n"},
         {"short history", with("window = \"5m\"\nversus = \"2m\"\nyellow = { raise = \"> +30%\", clear = \"< +15%\" }"),
          "6:10: warning: `versus` is shorter than `window`: what is usual is learned from less than what is judged\n"}});
}

TEST_CASE("absence: a time of silence, of a counter or of the feed", "[unit]") {
    const auto with = [](const std::string& body) { return "[[rule]]\nid = \"r\"\nkind = \"absence\"\n" + body + "\n"; };
    run({{"traffic", with("metric = \"offered\"\nyellow = { raise = \"> 3m\" }"), ""},
         {"feed", with("of = \"feed\"\nyellow = { raise = \">= 30s\", clear = \"< 5s\" }"), ""},
         {"no unit", with("metric = \"offered\"\nyellow = { raise = \"> 3\" }"),
          "5:20: error: an absence is a time of silence with a unit, e.g. \"> 3m\"\n"},
         {"downward", with("metric = \"offered\"\nyellow = { raise = \"< 3m\" }"),
          "5:20: error: silence can only be too long: write \"> \" and a time\n"},
         {"gauge", with("metric = \"calls_waiting\"\nyellow = { raise = \"> 3m\" }"),
          "4:10: error: \"calls_waiting\" is a gauge: silence of traffic is told from a counter such as \"offered\"\n"},
         {"feed with a metric", with("of = \"feed\"\nmetric = \"offered\"\nyellow = { raise = \"> 3m\" }"),
          "5:10: error: a silent feed has no metric; leave it out, or say of = \"traffic\"\n"},
         {"traffic without one", with("yellow = { raise = \"> 3m\" }"), "1:1: error: [[rule]] needs `metric`\n"}});

    const auto config = parse_config("t", with("metric = \"offered\"\nyellow = { raise = \"> 3m\" }"));
    REQUIRE(config.ok());
    CHECK(config.plan->rules[0].levels[0].raise.value == 180);
    CHECK(config.plan->rules[0].levels[0].clear.text() == "<= 3m");
}

TEST_CASE("kinds: unknown and missing are told apart", "[unit]") {
    run({{"unknown", "[[rule]]\nid = \"r\"\nkind = \"treshold\"\n",
          "3:8: error: `kind` must be one of threshold, rate_of_change, absence, baseline, volatility, shortfall; \"treshold\" "
          "is not; did you mean "
          "\"threshold\"?\n"},
         {"missing", "[[rule]]\nid = \"r\"\n", "1:1: error: [[rule]] needs `kind`\n"}});
}

TEST_CASE("mute: days, times and zone are shown where they are wrong", "[unit]") {
    const std::string level = "yellow = { raise = \"> 40\", clear = \"< 30\" }\n";
    run({{"good", rule(level + "mute = [{ days = \"mon-fri\", from = \"22:00\", to = \"06:00\", timezone = \"Asia/Shanghai\" }]"),
          ""},
         {"day", rule(level + "mute = [{ days = \"mon,fry\" }]"),
          "6:23: error: \"fry\" is no weekday; days are e.g. \"mon-fri\", \"sat,sun\" or \"daily\"\n"},
         {"time", rule(level + "mute = [{ from = \"25:00\" }]"),
          "6:19: error: \"25:00\" is no time of day; the day ends at \"24:00\"\n"},
         {"end as start", rule(level + "mute = [{ from = \"24:00\" }]"),
          "6:18: error: a window starts at \"23:59\" at the latest\n"},
         {"zone", rule(level + "mute = [{ timezone = \"Asia/Shangai\" }]"),
          "6:22: error: unknown time zone \"Asia/Shangai\"; did you mean \"Asia/Shanghai\"?\n"}});
}

TEST_CASE("formulas: errors stand at the exact column of the string", "[unit]") {
    const auto derive = [](const std::string& body) { return "[[derive]]\nmetric = \"x\"\n" + body + "\n"; };
    run({{"function", derive("formula = \"increase(answered, 10m) / increse(offered, 10m)\""),
          "3:38: error: there is no function \"increse\"; did you mean \"increase\"?\n"},
         {"guard", derive("formula = \"offered\"\nwhen = \"offered >\""),
          "4:18: error: expected a metric, a number or a function before the end\n"},
         {"increase of a gauge", derive("formula = \"increase(calls_waiting, 1m)\""),
          "3:21: error: \"calls_waiting\" is a gauge: increase() is for counters; use delta()\n"},
         {"delta of a counter", derive("formula = \"delta(offered, 1m)\""),
          "3:18: error: \"offered\" is a counter: delta() would see its restart as a fall; use increase()\n"},
         {"the second metric", derive("formula = \"calls_waiting / agents_stafed\""),
          "3:28: warning: metric \"agents_stafed\" is neither canonical, declared nor derived; did you mean \"agents_staffed\"?; "
          "\"x\" will stay unknown "
          "unless a feeder sends it\n"},
         {"missing", "[[derive]]\nmetric = \"x\"\n", "1:1: error: [[derive]] needs `formula`\n"},
         {"by centre without a sum", derive("formula = \"calls_waiting\"\nby = \"centre\""),
          "3:11: error: by = \"centre\" needs sum(), avg(), min(), max() or count() over the queues\n"},
         {"by group without a sum", derive("formula = \"calls_waiting\"\nby = \"group\""),
          "3:11: error: by = \"group\" needs sum(), avg(), min(), max() or count() over the queues\n"},
         {"sum by queue", derive("formula = \"sum(calls_waiting)\""),
          "3:11: error: a formula over queues needs by = \"group\", by = \"centre\" or by = \"all\"\n"},
         {"mixed", derive("formula = \"sum(calls_waiting) + offered\"\nby = \"all\""),
          "3:11: error: a metric stands outside the sums over queues: put every metric inside sum(), avg(), min(), max() or "
          "count()\n"},
         {"over an aggregate",
          derive("formula = \"sum(calls_waiting)\"\nby = \"all\"\n[[derive]]\nmetric = \"y\"\nformula = \"x + 1\""),
          "7:12: error: \"x\" is derived by all: no single queue has it, so no formula can use it\n"},
         {"by group without a sum", derive("formula = \"calls_waiting * 2\"\nby = \"group\""),
          "3:11: error: by = \"group\" needs sum(), avg(), min(), max() or count() over the queues\n"},
         {"over a group's sum",
          derive("formula = \"sum(calls_waiting)\"\nby = \"group\"\n[[derive]]\nmetric = \"y\"\nformula = \"x + 1\""),
          "7:12: error: \"x\" is derived by group: no single queue has it, so no formula can use it\n"}});
}

TEST_CASE("derived metrics: names are their own and do not go in circles", "[unit]") {
    const auto two = [](const char* a, const char* b) {
        return "[[derive]]\nmetric = \"a\"\nformula = \"" + std::string(a) + "\"\n[[derive]]\nmetric = \"b\"\nformula = \"" + b +
               "\"\n";
    };
    run({{"chain", two("b + 1", "calls_waiting"), ""},
         {"circle", two("b + 1", "a + 1"), "3:11: error: derived metrics go in a circle: a -> b -> a\n"},
         {"itself", two("a + 1", "calls_waiting"), "3:11: error: derived metrics go in a circle: a -> a\n"},
         {"canonical", "[[derive]]\nmetric = \"offered\"\nformula = \"answered\"\n",
          "2:10: error: metric \"offered\" exists already; a derived metric needs a name of its own\n"},
         {"twice", "[[derive]]\nmetric = \"x\"\nformula = \"answered\"\n[[derive]]\nmetric = \"x\"\nformula = \"answered\"\n",
          "5:10: error: metric \"x\" is already derived at t:2:10\n"},
         {"name", "[[derive]]\nmetric = \"接通率\"\nformula = \"answered\"\n",
          "2:10: error: \"接通率\" is no metric name: a small letter, then small letters, digits and _ (64 bytes at most)\n"},
         {"unit of a metric", "[[metric]]\nname = \"hold\"\nunit = \"minutes\"\n",
          "3:8: error: `unit` must be one of s, ratio, none; \"minutes\" is not\n"},
         {"unit of a derived metric", "[[derive]]\nmetric = \"x\"\nunit = \"percent\"\nformula = \"offered\"\n",
          "3:8: error: `unit` must be one of s, ratio, none; \"percent\" is not\n"},
         {"declared otherwise", "[[metric]]\nname = \"offered\"\nkind = \"gauge\"\n",
          "3:8: error: metric \"offered\" is already a counter\n"},
         {"declared counter",
          "[[metric]]\nname = \"calls_in\"\nkind = \"counter\"\n[[derive]]\nmetric = \"x\"\nformula = \"rate(calls_in, 1m)\"\n",
          ""}});
}

TEST_CASE("rules that can never fire are warned of, at the metric or the scope", "[unit]") {
    const std::string level = "yellow = { raise = \"> 40\", clear = \"< 30\" }\n";
    const std::string expect = "[[expect]]\ncentre = \"jinan\"\nqueue = [\"general\", \"english\"]\ngroup = \"普席\"\n";
    const auto scoped = [&](const std::string& scope) { return rule(level + "scope = " + scope) + expect; };
    const std::string never = "6:9: warning: this rule can never fire: no [[expect]] entry is in its scope\n";
    run({{"unknown metric", "[[rule]]\nid = \"r\"\nkind = \"threshold\"\nmetric = \"oldest_wait\"\n" + level,
          "4:10: warning: this rule can never fire unless a feeder sends \"oldest_wait\": it is neither canonical, declared nor "
          "derived; did you mean "
          "\"oldest_wait_s\"?\n"},
         {"counter", "[[rule]]\nid = \"r\"\nkind = \"threshold\"\nmetric = \"offered\"\n" + level,
          "4:10: warning: \"offered\" is a counter and only rises: derive its increase(), or use kind = \"rate_of_change\"\n"},
         {"in scope", scoped("{ centre = \"ji*\", queue = \"english\", group = \"普席\" }"), ""},
         {"centre", scoped("{ centre = \"qingdao\" }"), never},
         {"queue", scoped("{ queue = \"complaint\" }"), never},
         {"channel", scoped("{ channel = \"chat\" }"), never},
         {"group", scoped("{ group = \"专席\" }"), never},
         {"no inventory", rule(level + "scope = { centre = \"qingdao\" }"), ""},
         {"aggregate",
          "[[derive]]\nmetric = \"x\"\nformula = \"sum(calls_waiting)\"\nby = \"centre\"\n[[rule]]\nid = \"r\"\nkind = "
          "\"threshold\"\nmetric = \"x\"\n" +
              level + "scope = { queue = \"general\" }\n",
          "10:9: warning: this rule can never fire: \"x\" is derived over queues, its queue is \"*\"\n"},
         {"aggregate in scope",
          expect +
              "[[derive]]\nmetric = \"x\"\nformula = \"sum(calls_waiting)\"\nby = \"all\"\n[[rule]]\nid = \"r\"\nkind = "
              "\"threshold\"\nmetric = \"x\"\n" +
              level,
          ""}});
}

TEST_CASE("inventory: queues are named exactly and once", "[unit]") {
    run({{"twice", "[[expect]]\ncentre = \"jinan\"\nqueue = [\"general\", \"general\"]\n",
          "3:21: error: queue \"jinan/general/voice\" is expected twice\n"},
         {"other channel",
          "[[expect]]\ncentre = \"j\"\nqueue = \"g\"\n[[expect]]\ncentre = \"j\"\nqueue = \"g\"\nchannel = \"chat\"\n", ""},
         {"pattern", "[[expect]]\ncentre = \"jinan\"\nqueue = \"gen*\"\n",
          "3:9: error: \"gen*\": the inventory names each queue exactly, without * and ?, in 1 to 64 bytes\n"},
         {"missing", "[[expect]]\n", "1:1: error: [[expect]] needs `centre`\n1:1: error: [[expect]] needs `queue`\n"}});
}

TEST_CASE("scope: a slip in a centre, a queue or a group offers the declared name; what is far from all offers none", "[unit]") {
    const auto scoped = [](const std::string& scope) {
        return check("[[expect]]\ncentre = \"jinan\"\nqueue = [\"general\", \"complaint\"]\ngroup = \"front\"\n" +
                     rule("scope = { " + scope + " }\nyellow = { raise = \"> 40\", clear = \"< 30\" }"));
    };
    const std::string never = "this rule can never fire: no [[expect]] entry is in its scope";
    CHECK(scoped("centre = \"jinan\"").empty());
    CHECK(scoped("centre = \"jin*\"").empty());
    CHECK(scoped("centre = \"jinna\"").ends_with(never + "; did you mean \"jinan\"?\n"));
    CHECK(scoped("centre = \"jinan\", queue = \"complain\"").ends_with(never + "; did you mean \"complaint\"?\n"));
    CHECK(scoped("group = \"fornt\"").ends_with(never + "; did you mean \"front\"?\n"));
    CHECK(scoped("centre = \"qingdao\"").ends_with(never + "\n"));
}
