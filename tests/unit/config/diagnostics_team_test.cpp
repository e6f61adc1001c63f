// Diagnostics of people, channels, rosters, policies and of the shell's sections, at their exact line and column.
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
/// A policy after `head`; people, channel and roster stand before it, so that `head` begins at line 10.
std::string policy(const std::string& body) {
    return R"([[channel]]
id = "print"
type = "log"
[[person]]
id = "duty-desk"
reach = { normal = [{ via = "print" }] }
[[roster]]
id = "leads"
shift = [{ people = ["duty-desk"] }]
)" + body;
}
const std::string outside =
    "a metric stands in a need only inside sum(...), max(...), min(...), avg(...) or count(...), over the queues of the incident; known "
    "without them: gap_agents, required_agents, productive_agents, expected_wait_s, level, queues";
const std::string tier = "[[policy.tier]]\nid = \"leads\"\nrosters = [\"leads\"]\n";
}  // namespace

TEST_CASE("names: unknown and repeated ids are errors with the nearest name", "[unit]") {
    const std::string level = "yellow = { raise = \"> 40\", clear = \"< 30\" }\n";
    run({{"policy", rule(level + "policy = \"surg\"") + team(),
          "6:10: error: unknown policy \"surg\"; did you mean \"surge\"?\n"},
         {"roster",
          policy("[[policy]]\nid = \"p\"\nneed = 1\nfallback = [\"duty-desk\"]\n[[policy.tier]]\nid = \"t\"\nrosters = "
                 "[\"leeds\"]\n"),
          "16:12: error: unknown roster \"leeds\"; did you mean \"leads\"?\n"},
         {"person", policy("[[policy]]\nid = \"p\"\nneed = 1\nfallback = [\"duty-dsk\"]\n" + tier),
          "13:13: error: unknown person \"duty-dsk\"; did you mean \"duty-desk\"?\n"},
         {"channel",
          "[[channel]]\nid = \"print\"\ntype = \"log\"\n[[person]]\nid = \"a\"\nreach = { normal = [{ via = \"prnt\" }] }\n",
          "6:29: error: unknown channel \"prnt\"; did you mean \"print\"?\n"},
         {"channel of an address",
          "[[channel]]\nid = \"print\"\ntype = \"log\"\n[[person]]\nid = \"a\"\naddress = { prin = \"x\" }\n",
          "6:13: error: unknown channel \"prin\"; did you mean \"print\"?\n"},
         {"tier", policy("[[policy]]\nid = \"p\"\nneed = 1\nfallback = [\"duty-desk\"]\nrepeat = { from = \"lead\" }\n" + tier),
          "14:19: error: unknown tier \"lead\" in policy \"p\"; did you mean \"leads\"?\n"},
         {"twice", "[[person]]\nid = \"a\"\n[[person]]\nid = \"a\"\n", "4:6: error: person \"a\" is already defined at t:2:6\n"},
         {"rule twice", rule(level) + rule(level), "8:6: error: rule \"r\" is already defined at t:2:6\n"},
         {"no id", "[[person]]\nname = \"张伟\"\n", "1:1: error: [[person]] needs `id`\n"},
         {"bad id", "[[person]]\nid = \"张伟\"\n",
          "2:6: error: \"张伟\" is no id: a letter or digit, then letters, digits and _ . @ - (64 bytes at most)\n"}});
}

TEST_CASE("policy: fallback, need, tiers and scope", "[unit]") {
    const std::string head = "[[policy]]\nid = \"p\"\n";
    const std::string good = "need = 1\nfallback = [\"duty-desk\"]\n";
    run({{"complete", policy(head + good + tier), ""},
         {"fixed", policy(head + "need = { fixed = 3 }\nfallback = [\"duty-desk\"]\n" + tier), ""},
         {"no fallback", policy(head + "need = 1\n" + tier),
          "10:1: error: [[policy]] needs `fallback`: who is called when all tiers are empty, e.g. fallback = [\"duty-desk\"]\n"},
         {"empty fallback", policy(head + "need = 1\nfallback = []\n" + tier),
          "13:12: error: `fallback` needs at least one person: who is called when all tiers are empty\n"},
         {"no need", policy(head + "fallback = [\"duty-desk\"]\n" + tier), "10:1: error: [[policy]] needs `need`\n"},
         {"need 0", policy(head + "need = 0\nfallback = [\"duty-desk\"]\n" + tier),
          "12:8: error: `need` must be from 1 to 10000\n"},
         {"arrive_within", policy(head + good + tier + "arrive_within = \"15m\"\n"), ""},
         {"arrive_within too long", policy(head + good + tier + "arrive_within = \"25h\"\n"),
          "17:17: error: `arrive_within` must be from 0s to 1d\n"},
         {"handover_within", policy(head + good + "handover_within = \"10s\"\n" + tier), ""},
         {"handover_within too short", policy(head + good + "handover_within = \"9s\"\n" + tier),
          "14:19: error: `handover_within` must be from 10s to 6h\n"},
         {"arrive_by", policy(head + good + "arrive_by = \"answer\"\n" + tier), ""},
         {"arrive_by of something else", policy(head + good + "arrive_by = \"metric\"\n" + tier),
          "14:13: error: `arrive_by` must be one of metrics, answer; \"metric\" is not; did you mean \"metrics\"?\n"},
         {"person_max", policy(head + good + "person_max = \"200/24h\"\n" + tier), ""},
         {"person_max above what is remembered", policy(head + good + "person_max = \"201/1h\"\n" + tier),
          "14:14: error: `person_max` is at most 200 pages in at most 24h\n"},
         {"person_max over days", policy(head + good + "person_max = \"6/25h\"\n" + tier),
          "14:14: error: `person_max` is at most 200 pages in at most 24h\n"},
         {"person_max without a time", policy(head + good + "person_max = \"6\"\n" + tier),
          "14:15: error: a rate needs a time with a unit after the slash, e.g. \"15/1m\"\n"},
         {"no tier", policy(head + good), "10:1: error: [[policy]] needs at least one [[policy.tier]]\n"},
         {"scope", policy(head + good + "scope = [\"center\"]\n" + tier),
          "14:10: error: unknown scope \"center\"; did you mean \"centre\"?; a policy's scope is of centre, group, queue, "
          "channel\n"},
         {"same tier twice", policy(head + good + tier + tier), "18:6: error: tier \"leads\" is defined twice in policy \"p\"\n"},
         {"empty rosters", policy(head + good + "[[policy.tier]]\nid = \"x\"\nrosters = []\n"),
          "16:11: error: a tier needs at least one roster\n"},
         {"inform_only of another tier", policy(head + good + tier + "inform_only = [\"lead\"]\n"),
          "17:16: error: \"lead\" is not one of this tier's rosters; did you mean \"leads\"?\n"},
         {"only informed", policy(head + good + tier + "inform_only = [\"leads\"]\n"),
          "14:1: warning: tier \"leads\" only informs: nobody in it can take a seat\n"},
         {"red below orange",
          policy(head + good + "orange_tier = \"b\"\nred_tier = \"leads\"\n" + tier +
                 "[[policy.tier]]\nid = \"b\"\nrosters = [\"leads\"]\n"),
          "15:12: error: red would call fewer tiers than orange\n"},
         {"unmeetable role", policy(head + good + tier + "require = [{ role = \"supervisor\", min = 2 }]\n"),
          "14:1: warning: `require` wants 2 with role \"supervisor\", but only 0 of all people fit: the need can never be "
          "met\n"}});
}

TEST_CASE("policy: a need that is worked out, its bounds and its rechecks", "[unit]") {
    const std::string head = "[[policy]]\nid = \"p\"\n";
    const std::string good = "need = 1\nfallback = [\"duty-desk\"]\n";
    run({{"a metric outside sum()", policy(head + "need = { expr = \"ceil(calls_waiting / 6)\" }\nfallback = [\"duty-desk\"]\n" + tier),
          "12:23: error: " + outside + "\n"},
         {"word", policy(head + "need = \"shortfal\"\nfallback = [\"duty-desk\"]\n" + tier),
          "12:9: error: " + outside + "; did you mean \"shortfall\"?\n"},
         {"over time", policy(head + "need = { expr = \"sum(increase(offered, 5m))\" }\nfallback = [\"duty-desk\"]\n" + tier),
          "12:31: error: a need has no functions over time: give offered a [[derive]] of its own and sum that\n"},
         {"no formula", policy(head + "need = { expr = \"2 +\" }\nfallback = [\"duty-desk\"]\n" + tier),
          "12:21: error: expected a metric, a number or a function before the end\n"},
         {"unknown metric", policy(head + "need = \"sum(call_waiting)\"\nfallback = [\"duty-desk\"]\n" + tier),
          "12:13: warning: metric \"call_waiting\" is neither canonical, declared nor derived: the need stays at "
          "`need_min` unless a feeder sends it; did you mean \"calls_waiting\"?\n"},
         {"no staffing", policy(head + "need = \"clamp(ceil(gap_agents), 2, 20)\"\nfallback = [\"duty-desk\"]\n" + tier),
          "12:20: warning: no rule is of kind \"shortfall\": gap_agents stays unknown, and the need at `need_min`\n"},
         {"good", policy(head + "need = { expr = \"max(2, sum(calls_waiting) / 6 + level)\", ratchet = \"5m\" }\nneed_max = 9\n"
                                "fallback = [\"duty-desk\"]\n" + tier), ""},
         {"both", policy(head + "need = { expr = \"level\", fixed = 2 }\nfallback = [\"duty-desk\"]\n" + tier),
          "12:34: error: a need is `fixed` or worked out by `expr`, not both\n"},
         {"ratchet of a number", policy(head + "need = { fixed = 2, ratchet = \"5m\" }\nfallback = [\"duty-desk\"]\n" + tier),
          "12:31: error: `ratchet` is for a need that is worked out: a fixed one never changes\n"},
         {"bounds of a number", policy(head + "need = 3\nneed_min = 2\nfallback = [\"duty-desk\"]\n" + tier),
          "13:12: error: `need_min` bounds a need that is worked out: it goes with need = \"shortfall\" or an expression\n"},
         {"bounds crossed",
          policy(head + "need = \"shortfall\"\nneed_min = 5\nneed_max = 4\nfallback = [\"duty-desk\"]\n" + tier),
          "12:8: warning: no rule is of kind \"shortfall\": nothing is worked out, and the need stays at `need_min`\n"
          "14:12: error: `need_max` is below `need_min`\n"},
         {"bounds equal", policy(head + "need = \"shortfall\"\nneed_min = 5\nneed_max = 5\nfallback = [\"duty-desk\"]\n" + tier),
          "12:8: warning: no rule is of kind \"shortfall\": nothing is worked out, and the need stays at `need_min`\n"},
         {"the most of a fixed need, for rechecks",
          policy(head + "need = 3\nneed_max = 3\nrecheck = \"10m\"\nrecheck_add = 2\nfallback = [\"duty-desk\"]\n" + tier), ""},
         {"the most below the need",
          policy(head + "need = 3\nneed_max = 2\nrecheck = \"10m\"\nrecheck_add = 2\nfallback = [\"duty-desk\"]\n" + tier),
          "13:12: error: `need_max` is below `need`\n"},
         {"recheck_add without recheck", policy(head + good + "recheck_add = 2\n" + tier),
          "14:15: error: `recheck_add` needs `recheck`: how long seats are filled before it is looked again\n"}});
}

TEST_CASE("reach: a tier whose wait ends before the first call, and people without a channel, are warned of", "[unit]") {
    const auto with = [](const std::string& person, const std::string& more) {
        return "[[channel]]\nid = \"print\"\ntype = \"log\"\n[[person]]\nid = \"a\"\n" + person +
               "\n[[person]]\nid = \"duty-desk\"\nreach = { normal = [{ via = \"print\" }] }\n[[roster]]\nid = \"leads\"\nshift "
               "= [{ people = [\"a\"] "
               "}]\n[[policy]]\nid = \"p\"\nneed = 1\nfallback = [\"duty-desk\"]\n" +
               tier + more;
    };
    run({{"late", with("reach = { normal = [{ via = \"print\", after = \"46s\" }] }", "wait = \"45s\"\n"),
          "20:8: warning: tier \"leads\" waits 45s, but \"a\" is first called after 46s\n"},
         {"just in time", with("reach = { normal = [{ via = \"print\", after = \"45s\" }] }", "wait = \"45s\"\n"), ""},
         {"the earliest step counts",
          with("reach = { normal = [{ via = \"print\", after = \"60s\" }, { via = \"print\" }] }", "wait = \"45s\"\n"), ""},
         {"no channel", with("name = \"x\"", ""),
          "4:1: warning: person \"a\" has no channel for normal pages (person.reach): they can never be called\n"},
         {"urgent falls back to normal", with("reach = { normal = [{ via = \"print\" }] }", "urgency = \"urgent\"\n"), ""},
         {"normal has no fallback", with("reach = { urgent = [{ via = \"print\" }] }", ""),
          "4:1: warning: person \"a\" has no channel for normal pages (person.reach): they can never be called\n"},
         {"repeat", with("reach = { normal = [{ via = \"print\", repeat = \"every 90s\" }] }", ""), ""},
         {"bad repeat", with("reach = { normal = [{ via = \"print\", repeat = \"every 90\" }] }", ""),
          "6:47: error: `repeat`: a duration needs a unit, e.g. \"30s\"\n"}});
}

TEST_CASE("channels: type, keys of the type, rate", "[unit]") {
    const std::string head = "[[channel]]\nid = \"c\"\n";
    run({{"webhook",
          head + "type = \"webhook\"\nurl = \"https://x.example/in\"\nsecret_file = \"k\"\nrate = \"15/1m\"\nkind = \"group\"\n",
          ""},
         {"exec", head + "type = \"exec\"\ncommand = [\"/bin/cat\"]\ntimeout = \"3s\"\n", ""},
         {"type", head + "type = \"webhok\"\n",
          "3:8: error: unknown channel type \"webhok\"; did you mean \"webhook\"? (this version has webhook, exec, log, "
          "dingtalk, wecom, feishu, slack, email, pagerduty, alertmanager, goalert, cmas_sms)\n"},
         {"no type", head, "1:1: error: [[channel]] needs `type`\n"},
         {"no url", head + "type = \"webhook\"\n",
          "1:1: error: channel of type webhook needs exactly one of `url` or `url_file`\n"},
         {"two urls", head + "type = \"webhook\"\nurl = \"http://x\"\nurl_file = \"u\"\n",
          "1:1: error: channel of type webhook needs exactly one of `url` or `url_file`\n"},
         {"scheme", head + "type = \"webhook\"\nurl = \"ftp://x\"\n", "4:7: error: `url` must start with http:// or https://\n"},
         {"key of another type", head + "type = \"log\"\nurl = \"http://x\"\n",
          "4:1: error: unknown key \"url\" in [[channel]]; known here: coalesce, id, kind, language, on_unknown, rate, "
          "text_limit, "
          "timeout, type\n"},
         {"no command", head + "type = \"exec\"\n", "1:1: error: [[channel]] needs `command`\n"},
         {"empty command", head + "type = \"exec\"\ncommand = []\n",
          "4:11: error: `command` needs a program, e.g. [\"/usr/local/bin/page\", \"--urgent\"]\n"},
         {"rate without a time", head + "type = \"log\"\nrate = \"15\"\n",
          "4:9: error: a rate needs a time with a unit after the slash, e.g. \"15/1m\"\n"},
         {"rate without a unit", head + "type = \"log\"\nrate = \"15/1\"\n",
          "4:12: error: a rate needs a time with a unit after the slash, e.g. \"15/1m\"\n"},
         {"rate of nothing", head + "type = \"log\"\nrate = \"0/1m\"\n",
          "4:9: error: a rate is a whole number of messages in a time, e.g. \"15/1m\"\n"}});
}

TEST_CASE("secrets: never in the text, and never in the diagnostic", "[unit]") {
    const std::string head = "[[channel]]\nid = \"c\"\ntype = \"webhook\"\n";
    const std::string in_url =
        "4:7: error: `url` carries a secret, which does not belong in the configuration text; put the whole URL in a file and "
        "name that with "
        "`url_file`\n";
    run({{"secret", head + "url_file = \"u\"\nsecret = \"hunter2\"\n",
          "5:1: error: `secret`: secrets do not belong in the configuration text; put it in a file and name that with "
          "`secret_file`\n"},
         {"token of the API", "[http]\ntoken = \"hunter2\"\n",
          "2:1: error: `token`: secrets do not belong in the configuration text; put it in a file and name that with "
          "`token_file`\n"},
         {"some token", head + "url_file = \"u\"\nbot_token = \"hunter2\"\n",
          "5:1: error: `bot_token`: secrets do not belong in the configuration text; put it in a file and name that with "
          "`url_file`\n"},
         {"where no file is known", "[store]\npassword = \"hunter2\"\n",
          "2:1: error: `password`: secrets do not belong in the configuration text\n"},
         {"query", head + "url = \"https://x.example/send?a=1&access_token=hunter2\"\n", in_url},
         {"user", head + "url = \"https://me:hunter2@x.example/\"\n", in_url},
         {"harmless query", head + "url = \"https://x.example/send?team=a&keyword=b\"\n", ""},
         {"at in the path", head + "url = \"https://x.example/@me\"\n", ""}});
}

TEST_CASE("rosters: shifts, dates, overrides", "[unit]") {
    const std::string person = "[[person]]\nid = \"a\"\n[[person]]\nid = \"b\"\n";
    const auto roster = [&](const std::string& body) { return person + "[[roster]]\nid = \"r\"\n" + body + "\n"; };
    const std::string shift = "shift = [{ people = [\"a\"] }]";
    const auto change = [&](const std::string& body) { return roster(shift) + "[[override]]\nroster = \"r\"\n" + body + "\n"; };
    run({{"full",
          roster("timezone = \"Europe/Berlin\"\nshift = [{ days = \"mon-fri\", from = \"20:00\", to = \"08:00\", people = "
                 "[\"a\"] }]\n"
                 "dates = [{ date = \"2026-10-01\", people = [] }, { date = 2026-10-02, from = \"09:00\", to = \"24:00\", people "
                 "= [\"b\"] }]"),
          ""},
         {"nothing", roster(""), "5:1: error: [[roster]] needs `shift` or `dates`\n"},
         {"nobody", roster("shift = [{ people = [] }]"), "7:21: warning: this shift has nobody\n"},
         {"no people", roster("shift = [{ days = \"mon\" }]"), "7:10: error: roster.shift needs `people`\n"},
         {"date", roster("dates = [{ date = \"2026-02-30\", people = [] }]"), "7:20: error: there is no such date: 2026-02-30\n"},
         {"time", roster("shift = [{ from = \"8:00\", people = [\"a\"] }]"),
          "7:20: error: \"8:00\" is no time of day; write e.g. \"08:00\"\n"},
         {"zone", roster("timezone = \"Mars/Olympus\"\n" + shift), "7:12: error: unknown time zone \"Mars/Olympus\"\n"},
         {"override", change("from = \"2026-09-20T08:00\"\nuntil = \"2026-09-20T20:00\"\nout = \"a\"\nin = \"b\""), ""},
         {"ends before it starts", change("from = \"2026-09-20T08:00\"\nuntil = \"2026-09-20T08:00\"\nout = \"a\""),
          "11:9: error: `until` is not after `from`\n"},
         {"nobody moves", change("from = \"2026-09-20T08:00\"\nuntil = \"2026-09-20T20:00\""),
          "8:1: error: [[override]] needs `out` (who leaves), `in` (who comes), or both\n"},
         {"not on the roster", change("from = \"2026-09-20T08:00\"\nuntil = \"2026-09-20T20:00\"\nout = \"b\""),
          "8:1: warning: \"b\" is not on roster \"r\" and cannot leave it\n"}});

    const std::string first =
        "[[override]]\nroster = \"r\"\nfrom = \"2026-09-20T08:00\"\nuntil = \"2026-09-20T20:00\"\nout = \"a\"\n";
    const auto second = [&](const std::string& from) {
        return "[[override]]\nroster = \"r\"\nfrom = \"" + from + "\"\nuntil = \"2026-09-21T20:00\"\nout = \"a\"\n";
    };
    CHECK(check(roster(shift) + first + second("2026-09-20T20:00")).empty());
    CHECK(check(roster(shift) + first + second("2026-09-20T19:59")) ==
          "13:1: warning: \"a\" already leaves roster \"r\" in this time, by the override at t:8:1\n");
}

TEST_CASE("trusted_proxies: addresses and networks, each once, and never everybody", "[unit]") {
    const std::string tokens = "[http]\ntoken_file = \"t\"\n";
    run({{"good", tokens + "trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\", \"::1\", \"fd00::/8\"]\n", ""},
         {"none", tokens + "trusted_proxies = []\n", ""},
         {"a name", tokens + "trusted_proxies = [\"127.0.0.1\", \"proxy.example\"]\n",
          "3:33: error: \"proxy.example\" is no address or network; write e.g. \"127.0.0.1\", \"10.0.0.0/8\" or \"::1\"\n"},
         {"a mask too long", tokens + "trusted_proxies = [\"10.0.0.0/33\"]\n",
          "3:20: error: \"10.0.0.0/33\" is no address or network; write e.g. \"127.0.0.1\", \"10.0.0.0/8\" or \"::1\"\n"},
         {"everybody", tokens + "trusted_proxies = [\"0.0.0.0/0\", \"::/0\"]\n",
          "3:20: error: \"0.0.0.0/0\" would believe everybody; name the proxies only\n"
          "3:33: error: \"::/0\" would believe everybody; name the proxies only\n"},
         {"twice", tokens + "trusted_proxies = [\"127.0.0.1\", \"127.0.0.1/32\"]\n",
          "3:33: error: \"127.0.0.1/32\" is given twice\n"},
         {"no list", tokens + "trusted_proxies = \"127.0.0.1\"\n", "3:19: error: `trusted_proxies` must be an array, not a string\n"},
         {"without tokens", "[http]\ntrusted_proxies = [\"127.0.0.1\"]\n",
          "2:19: warning: without a `token_file` whoever the proxy lets through may do everything, not only answer\n"}});
}

TEST_CASE("group chat: who cannot say who they are by name and number is warned of, when pages carry links", "[unit]") {
    const std::string base = "[http]\nack_url_base = \"https://s.example\"\n";
    const auto people = [](const std::string& channel, const std::string& a, const std::string& b) {
        return "[[channel]]\nid = \"" + channel + "\"\ntype = \"" + (channel == "chat" ? "slack" : "log") + "\"\n" +
               (channel == "chat" ? "url_file = \"u\"\n" : "") + "[[person]]\nid = \"a\"\nname = \"Ann\"\n" + a +
               "reach = { normal = [{ via = \"" + channel + "\" }] }\n[[person]]\nid = \"b\"\nname = \"Ann\"\n" + b +
               "reach = { normal = [{ via = \"" + channel + "\" }] }\n";
    };
    const std::string one = "mobile = \"13800001234\"\n";
    const std::string same = "mobile = \"13900001234\"\n";
    const std::string other = "mobile = \"13900005678\"\n";
    const std::string named = "person \"b\" has the name of person \"a\": messages, reports and imported rosters name people by it and could mean either\n";
    const auto only_named = [&](const std::string& text) { return check(text).ends_with(": warning: " + named) && check(text).find('\n') + 1 == check(text).size(); };
    CHECK(only_named(base + people("chat", one, other)));
    CHECK(only_named(people("chat", "", "")));  // no links
    CHECK(only_named(base + people("log", "", "")));  // no group
    CHECK(check(base + people("chat", one, "")).find("person \"b\" is reached by the group of channel \"chat\", but has no `mobile`") !=
          std::string::npos);
    CHECK(check(base + people("chat", one, same)).find("person \"b\" is reached by the group of channel \"chat\", with the name and last four "
                                                       "digits of person \"a\"") != std::string::npos);
}

TEST_CASE("people: two of one name, one telephone, one mailbox or one address on a channel are warned of, once a kind", "[unit]") {
    const auto two = [](const std::string& a, const std::string& b) {
        const std::string reach = "reach = { normal = [{ via = \"print\" }] }\n";
        return "[[channel]]\nid = \"print\"\ntype = \"log\"\n[[person]]\nid = \"a\"\n" + a + reach + "[[person]]\nid = \"b\"\n" + b + reach;
    };
    CHECK(check(two("name = \"张伟\"\n", "name = \"张伟\"\n")).find("person \"b\" has the name of person \"a\"") != std::string::npos);
    CHECK(check(two("name = \"张伟\"\n", "name = \"张炜\"\n")).empty());
    CHECK(check(two("", "")).empty());
    CHECK(check(two("mobile = \"13800001234\"\n", "mobile = \"+86 138-0000-1234\"\n")).find("has the mobile of person \"a\"") != std::string::npos);
    CHECK(check(two("mobile = \"13800001234\"\n", "mobile = \"13800001235\"\n")).empty());
    CHECK(check(two("email = \"Ops@x.example\"\n", "email = \"ops@X.example\"\n")).find("has the email of person \"a\"") != std::string::npos);
    CHECK(check(two("address = { print = \"U1\" }\n", "address = { print = \"U1\" }\n")).find("has the address on channel \"print\" of person \"a\"") !=
          std::string::npos);
    CHECK(check(two("address = { print = \"U1\" }\n", "address = { print = \"U2\" }\n")).empty());
}

TEST_CASE("listening: nothing beyond loopback without authentication", "[unit]") {
    run({{"loopback",
          "[http]\nlisten = \"127.0.0.1:9847\"\n[metrics]\nlisten = \"[::1]:0\"\n[publish]\nbind = [\"tcp://localhost:5557\", "
          "\"ipc:///run/x\"]\n",
          ""},
         {"off", "[metrics]\nlisten = \"off\"\n", ""},
         {"API", "[http]\nlisten = \"0.0.0.0:9847\"\n",
          "2:10: error: the API would listen beyond loopback without authentication; give it a `token_file`\n"},
         {"API with tokens", "[http]\nlisten = \"0.0.0.0:9847\"\ntoken_file = \"tokens\"\n", ""},
         {"metrics", "[metrics]\nlisten = \"10.0.0.1:9846\"\n",
          "2:10: error: the metrics page would listen beyond loopback without authentication; say `allow_unauthenticated = true` "
          "for a closed network\n"},
         {"metrics, closed network", "[metrics]\nlisten = \"10.0.0.1:9846\"\nallow_unauthenticated = true\n", ""},
         {"ingest", "[ingest]\nbind = [\"tcp://*:5556\"]\n",
          "2:9: error: \"tcp://*:5556\" listens beyond loopback without authentication; give it `curve`, or say "
          "`allow_unauthenticated = true` for a closed "
          "network\n"},
         {"ingest with curve", "[ingest]\nbind = [\"tcp://*:5556\"]\ncurve = { secret_key_file = \"k\", allowed_keys = [] }\n",
          ""},
         {"report", "[ingest]\nbind = \"tcp://127.0.0.1:5556\"\nreport = \"tcp://10.0.0.1:5558\"\n",
          "3:10: error: \"tcp://10.0.0.1:5558\" listens beyond loopback without authentication; give [ingest] `curve`, or say "
          "`allow_unauthenticated = true` for a closed network\n"},
         {"report with curve", "[ingest]\nbind = \"tcp://127.0.0.1:5556\"\nreport = \"tcp://*:5558\"\ncurve = { secret_key_file = \"k\" }\n", ""},
         {"report, closed network", "[ingest]\nbind = \"tcp://127.0.0.1:5556\"\nreport = \"tcp://*:5558\"\nallow_unauthenticated = true\n", ""},
         {"connecting is not listening", "[ingest]\nsubscribe = [\"tcp://10.0.0.1:5555\"]\n", ""},
         {"a name that only looks local", "[ingest]\nbind = [\"tcp://127.0.0.1.evil.example:5556\"]\n",
          "2:9: error: \"tcp://127.0.0.1.evil.example:5556\" listens beyond loopback without authentication; give it `curve`, or "
          "say `allow_unauthenticated = "
          "true` for a closed network\n"},
         {"publish", "[publish]\nbind = [\"tcp://10.0.0.1:5557\"]\n",
          "2:9: error: \"tcp://10.0.0.1:5557\" listens beyond loopback without authentication; give it `curve`, or say `allow_unauthenticated = "
          "true` for a closed network\n"},
         {"a number that is no address is not local", "[metrics]\nlisten = \"127.999.999.999:9846\"\n",
          "2:10: error: the metrics page would listen beyond loopback without authentication; say `allow_unauthenticated = true` "
          "for a closed network\n"},
         {"dots are no address", "[http]\nlisten = \"127...:9847\"\n",
          "2:10: error: the API would listen beyond loopback without authentication; give it a `token_file`\n"},
         {"all of 127", "[http]\nlisten = \"127.255.255.254:9847\"\n", ""},
         {"no address", "[metrics]\nlisten = \":9846\"\n",
          "2:10: error: \":9846\" names no address; write \"127.0.0.1:9846\" for this host only\n"},
         {"port", "[metrics]\nlisten = \"127.0.0.1:65536\"\n",
          "2:10: error: \"127.0.0.1:65536\" is no address; write e.g. \"127.0.0.1:9846\", \"[::1]:9846\" or \"off\"\n"},
         {"endpoint", "[ingest]\nbind = [\"udp://127.0.0.1:5\", \"tcp://127.0.0.1\"]\n",
          "2:9: error: \"udp://127.0.0.1:5\" is no endpoint; write e.g. \"tcp://127.0.0.1:5556\" or "
          "\"ipc:///run/surged/in.sock\"\n"
          "2:30: error: \"tcp://127.0.0.1\" needs a host and a port from 1 to 65535\n"},
         {"twice", "[ingest]\nbind = [\"tcp://127.0.0.1:5\", \"tcp://127.0.0.1:5\"]\n",
          "2:30: error: \"tcp://127.0.0.1:5\" is given twice\n"},
         {"hsts without TLS", "[http]\nhsts = \"24h\"\n", "2:8: error: `hsts` needs a `tls_cert`: over plain HTTP browsers do not believe it\n"},
         {"half of TLS", "[http]\ntls_cert = \"c.pem\"\n", "2:12: error: `tls_cert` and `tls_key` go together\n"},
         {"ack url", "[http]\nack_url_base = \"surge.example\"\n",
          "2:16: error: `ack_url_base` must start with https:// or http://\n"},
         {"ack url in two places", "[defaults]\nack_url_base = \"https://a/\"\n[http]\nack_url_base = \"https://b/\"\n",
          "4:16: error: `ack_url_base` is given twice, in [defaults] and in [http], and differs\n"}});
}

TEST_CASE("policy: a fixed need beside a shortfall rule, and more seats than people, are warned of", "[unit]") {
    const std::string rule = "[[rule]]\nid = \"s\"\nkind = \"shortfall\"\ntarget = \"80/20\"\npolicy = \"surge\"\nyellow = { raise = \"> 3\", clear = \"< 2\" }\n";
    const auto with = [&](const std::string& need) {
        auto text = rule + team();
        const auto at = text.find("need = 2\n");
        return check(text.replace(at, 9, need));
    };
    CHECK(with("need = 2\n").find("warning: a fixed need ignores how many agents are missing") != std::string::npos);
    CHECK(with("need = \"shortfall\"\nneed_min = 1\nneed_max = 2\n").find("warning: `need_max` of policy \"surge\" is 2, but its tiers name 1 person: more cannot come") !=
          std::string::npos);
    CHECK(with("need = \"shortfall\"\nneed_min = 1\nneed_max = 1\n").empty());
    CHECK(with("need = \"shortfall\"\n").empty());
}
