// depends_on, [overload], by = "group", and an [ingest] that nothing can come through.
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
std::string depending(const std::string& id, const std::string& on) {
    return "[[rule]]\nid = \"" + id + "\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\npolicy = \"surge\"\n" +
           (on.empty() ? "" : "depends_on = " + on + "\n") + "yellow = { raise = \"> 4\", clear = \"< 3\" }\n";
}
}  // namespace

TEST_CASE("depends_on: ids reach the plan, one or many, and change the rule's content", "[unit]") {
    const auto plain = parse_config("t", depending("a", "") + depending("b", "") + team());
    const auto config = parse_config("t", depending("a", "[\"b\"]") + depending("b", "\"c\"") + depending("c", "") + team());
    REQUIRE(plain.ok());
    REQUIRE(config.ok());
    CHECK(config.plan->rules[0].depends_on == std::vector<std::string>{"b"});
    CHECK(config.plan->rules[1].depends_on == std::vector<std::string>{"c"});
    CHECK(config.plan->rules[0].content != plain.plan->rules[0].content);
}

TEST_CASE("depends_on: unknown ids, itself, twice, and circles are errors with the way shown", "[unit]") {
    CHECK(check(depending("aa", "[\"ab\"]") + depending("abc", "") + team()) ==
          "6:15: error: unknown rule \"ab\"; did you mean \"aa\"?\n");
    CHECK(check(depending("a", "[\"a\"]") + team()) == "6:15: error: rule \"a\" depends on itself\n");
    CHECK(check(depending("a", "[\"b\", \"b\"]") + depending("b", "") + team()) == "6:20: error: \"b\" is given twice\n");
    CHECK(check(depending("a", "[\"b\"]") + depending("b", "[\"c\"]") + depending("c", "[\"a\"]") + team()) ==
          "6:14: error: rules depend on each other in a circle: a -> b -> c -> a\n");
}

TEST_CASE("depends_on: a diamond is no circle", "[unit]") {
    CHECK(
        check(depending("a", "[\"b\", \"c\"]") + depending("b", "\"d\"") + depending("c", "\"d\"") + depending("d", "") + team())
            .empty());
}

TEST_CASE("depends_on: a rule above that pages nobody is a warning", "[unit]") {
    const std::string quiet =
        "[[rule]]\nid = \"q\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\nyellow = { raise = \"> 4\", clear = \"< 3\" }\n";
    CHECK(check(depending("a", "\"q\"") + quiet + team()).find("warning: rule \"q\" has no policy and pages nobody") !=
          std::string::npos);
}

TEST_CASE("heartbeat: its channel exists and is one that a machine answers, its pace has bounds", "[unit]") {
    const std::string ways =
        "[[channel]]\nid = \"deadman\"\ntype = \"webhook\"\nurl = \"https://w.example/x\"\n"
        "[[channel]]\nid = \"journal\"\ntype = \"log\"\n";
    const auto config = parse_config("t", "[heartbeat]\nchannel = \"deadman\"\nevery = \"30s\"\n" + ways + team());
    REQUIRE(config.ok());
    CHECK(config.plan->heartbeat.channel == "deadman");
    CHECK(config.plan->heartbeat.every == Span{30000});
    CHECK(check("[heartbeat]\nchannel = \"deadmen\"\n" + ways + team()) ==
          "2:11: error: unknown channel \"deadmen\"; did you mean \"deadman\"?\n");
    CHECK(check("[heartbeat]\nchannel = \"journal\"\n" + ways + team()) ==
          "2:11: error: channel \"journal\" is of type \"log\": a heartbeat goes to a channel of type webhook or exec\n");
    CHECK(check("[heartbeat]\nevery = \"1m\"\n").find("channel") != std::string::npos);
    CHECK(check("[heartbeat]\nchannel = \"deadman\"\nevery = \"999ms\"\n" + ways + team()).find("3:9: error:") == 0);
    CHECK(check("[heartbeat]\nchannel = \"deadman\"\nevery = \"1s\"\n" + ways + team()).empty());
}

TEST_CASE("overload: the policy must exist, its times have bounds", "[unit]") {
    const auto config = parse_config("t", "[overload]\npolicy = \"surge\"\nbehind = \"8s\"\n" + team());
    REQUIRE(config.ok());
    CHECK(config.plan->overload.policy == "surge");
    CHECK(config.plan->overload.behind == Span{8000});
    CHECK(check("[overload]\npolicy = \"surgee\"\n" + team()) ==
          "2:10: error: unknown policy \"surgee\"; did you mean \"surge\"?\n");
    CHECK(check("[overload]\nbehind = \"1s\"\n").find("policy") != std::string::npos);
    CHECK(check("[overload]\npolicy = \"surge\"\nbehind = \"999ms\"\n" + team()) ==
          "3:10: error: `behind` must be from 1s to 1h\n");
    CHECK(check("[overload]\npolicy = \"surge\"\nbehind = \"1s\"\n" + team()).empty());
}

TEST_CASE("ingest: a section that lets nothing in is an error", "[unit]") {
    CHECK(check("[ingest]\nhwm = 10\n") ==
          "1:1: warning: [ingest] needs `bind` or `subscribe`: without one of them no sample can come in\n");
    CHECK(check("[ingest]\nbind = []\n") == "2:8: warning: the list is empty: no sample can come in\n");
    CHECK(check("[ingest]\nsubscribe = \"tcp://127.0.0.1:5\"\n").empty());
    CHECK(check("[store]\npath = \"x\"\n").empty());  // a pack has no [ingest]
}

TEST_CASE("ingest: clients bind sources to keys, connections and memory have bounds", "[unit]") {
    const std::string key(40, 'k');
    const auto client = [&](const std::string& name, const std::string& its_key, const std::string& sources) {
        return "[[ingest.client]]\nname = \"" + name + "\"\nkey = \"" + its_key + "\"\nsources = " + sources + "\n";
    };
    const std::string head = "[ingest]\nbind = \"tcp://10.0.0.1:5556\"\n";
    const std::string curve = head + "curve = { secret_key_file = \"k\" }\n";
    const auto config = parse_config("t", curve + "connections = 7\nmemory = \"64MiB\"\n" + client("a", key, "[\"acd-*\"]") + "[publish]\nbind = \"tcp://10.0.0.1:5557\"\nconnections = 9\ncurve = { secret_key_file = \"p\" }\n" + team());
    REQUIRE(config.ok());
    CHECK(config.settings.ingest.connections == 7);
    CHECK(config.settings.ingest.memory == std::size_t{64} << 20U);
    REQUIRE(config.settings.ingest.clients.size() == 1);
    CHECK(config.settings.ingest.clients[0].sources == std::vector<std::string>{"acd-*"});
    CHECK(config.settings.publish.connections == 9);
    CHECK(config.settings.publish.curve.secret_key_file == "p");
    CHECK(parse_config("t", curve + "memory = 8388608\n" + team()).settings.ingest.memory == 8388608);

    const auto says = [&](const std::string& text, const std::string& complaint) {
        const auto got = check(text + team());
        INFO(got);
        CHECK(got.find(complaint) != std::string::npos);
    };
    says(curve + "memory = 8388607\n", "4:10: error: `memory` is a number of bytes");
    says(curve + "memory = \"64\"\n", "4:10: error: `memory` is a number of bytes");
    says(curve + "memory = \"-1GiB\"\n", "4:10: error: `memory` is a number of bytes");
    says(curve + "connections = 0\n", "`connections` must be from 1 to 100000");
    says(curve + client("a", "short", "[\"x\"]"), "6:7: error: a CURVE public key has 40 characters");
    says(curve + client("a", key, "[]"), "the list is empty");
    says(curve + client("a", key, "[\"x\"]") + client("a", std::string(40, 'l'), "[\"y\"]"), "\"a\" is given twice");
    says(curve + client("a", key, "[\"x\"]") + client("b", key, "[\"y\"]"), "client \"a\" has this key already");
    says("[ingest]\nbind = \"tcp://127.0.0.1:5556\"\n" + client("a", key, "[\"x\"]"), "needs `curve`");
}

TEST_CASE("ingest: report is guarded by the keys of feeders, the clients' too; lenient is a flag and off", "[unit]") {
    const std::string key(40, 'k');
    const std::string other(40, 'o');
    const auto plain = parse_config("t", "[ingest]\nbind = \"tcp://127.0.0.1:5556\"\n" + team()).settings.ingest;
    CHECK(plain.report.empty());
    CHECK_FALSE(plain.lenient);
    const auto config = parse_config(
        "t", "[ingest]\nbind = \"tcp://127.0.0.1:5556\"\nreport = [\"tcp://10.0.0.1:5558\", \"ipc:///run/surged/report.sock\"]\nlenient = true\n"
             "curve = { secret_key_file = \"k\", allowed_keys = [\"" + key + "\"] }\n"
             "[[ingest.client]]\nname = \"a\"\nkey = \"" + other + "\"\nsources = [\"a\"]\n" + team());
    REQUIRE(config.ok());
    CHECK(config.settings.ingest.lenient);
    const PublishSettings report = report_settings(config.settings.ingest);
    CHECK(report.bind == std::vector<std::string>{"tcp://10.0.0.1:5558", "ipc:///run/surged/report.sock"});
    CHECK(report.curve.secret_key_file == "k");
    CHECK(report.curve.allowed_keys == std::vector<std::string>{key, other});
    CHECK_FALSE(report.closed_network);
    CHECK(report.connections == 16);
    CHECK(check("[ingest]\nbind = \"tcp://127.0.0.1:5556\"\nreport = \"udp://x\"\n").find("3:10: error: \"udp://x\" is no endpoint") !=
          std::string::npos);
    CHECK(check("[ingest]\nbind = \"tcp://127.0.0.1:5556\"\nlenient = \"yes\"\n").find("3:11: error: `lenient` must be") != std::string::npos);
}

TEST_CASE("by group: a rule on a metric derived by group is bound where a group is declared", "[unit]") {
    const std::string derived =
        "[[derive]]\nmetric = \"group_waiting\"\nformula = \"sum(calls_waiting)\"\nby = \"group\"\n"
        "[[rule]]\nid = \"g\"\nkind = \"threshold\"\nmetric = \"group_waiting\"\nyellow = { raise = \"> 4\", clear = \"< 3\" }\n";
    CHECK(check(derived + "[[expect]]\ncentre = \"jinan\"\nqueue = \"q\"\nevery = \"5s\"\ngroup = \"g1\"\n").empty());
    CHECK(check(derived + "[[expect]]\ncentre = \"jinan\"\nqueue = \"q\"\nevery = \"5s\"\n").find("can never fire") !=
          std::string::npos);
}
