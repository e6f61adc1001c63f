// [[policy.action]] and [policy.region]: what is read, and every complaint at its line and column.
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
/// The body of an action begins at line 21; line 24 is the first after id, tier and do.
std::string with_action(const std::string& body, const std::string& before = {}) {
    return "[publish]\nbind = [\"tcp://127.0.0.1:5557\"]\n[[channel]]\nid = \"hook\"\ntype = \"webhook\"\nurl = "
           "\"http://127.0.0.1/\"\n" +
           before + team() + "[[policy.action]]\n" + body;
}
/// Findings with the number of lines before the action taken away: its first key is on line 1.
std::string findings_of(const std::string& body, const std::string& before = {}) {
    const auto text = with_action(body, before);
    const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.size() - body.size()), '\n');
    std::string out;
    for (auto line : findings(parse_config("t", text))) {
        const auto colon = line.find(':');
        out += std::to_string(std::stol(line.substr(0, colon)) - lines) + line.substr(colon) + "\n";
    }
    return out;
}
const std::string good = "id = \"announce\"\ntier = \"leads\"\ndo = \"hook\"\n";
}  // namespace

TEST_CASE("playbook: an action is read with its moment, way, parameters, undoing and deadlines", "[unit]") {
    const auto config = parse_config(
        "t",
        with_action(
            "id = \"announce\"\ntier = \"leads\"\nlevel = \"red\"\ndo = \"hook\"\nparams = { announcement = \"A17\" }\n"
            "undo = { announcement = \"A01\" }\ndeadline = \"90s\"\nundo_deadline = \"2h\"\n"
            "[[policy.action]]\nid = \"overflow\"\ntier = \"fallback\"\ndo = \"publish\"\nparams = { centre = \"qingdao\" }\n"
            "undo = true\n[[policy.action]]\nid = \"campaign\"\nlevel = \"orange\"\ndo = \"hook\"\n"));
    INFO(joined(findings(config)));
    REQUIRE(config.ok());
    CHECK(config.diagnostics.empty());
    const auto& actions = config.plan->policies.at(0).actions;
    REQUIRE(actions.size() == 3);
    CHECK(actions[0].tier == 1);
    CHECK(actions[0].level == Level::red);
    CHECK(actions[0].params.at("announcement") == "A17");
    CHECK(actions[0].undo_params.at("announcement") == "A01");
    CHECK(actions[0].deadline == std::chrono::seconds{90});
    CHECK(actions[0].undo_deadline == std::chrono::hours{2});
    CHECK(actions[1].tier == 2);  // one past the last
    CHECK(actions[1].undo);
    CHECK(actions[1].undo_params == actions[1].params);
    CHECK(actions[2].tier == 0);
    CHECK_FALSE(actions[2].undo);
    const auto& channels = config.plan->channels;
    const auto published =
        std::count_if(channels.begin(), channels.end(), [](const ChannelSpec& c) { return c.type == "publish"; });
    CHECK(published == 1);
}

TEST_CASE("playbook: a policy with another playbook is another policy", "[unit]") {
    const auto content = [](const std::string& body) {
        return parse_config("t", with_action(body)).plan->policies.at(0).content;
    };
    CHECK(content(good) == content(good));
    CHECK(content(good) != content(good + "undo = true\n"));
    CHECK(content(good) != content(good + "params = { a = \"1\" }\n"));
}

TEST_CASE("playbook: an action that could not be done is an error at its place", "[unit]") {
    CHECK(findings_of(good) == "");
    CHECK(findings_of("id = \"announce\"\ntier = \"leads\"\ndo = \"hok\"\n") ==
          "3:6: error: unknown channel \"hok\"; did you mean \"hook\"?\n");
    CHECK(findings_of("id = \"announce\"\ntier = \"leads\"\ndo = \"print\"\n") ==
          "3:6: error: channel \"print\" is of type \"log\": an action goes to a channel of type webhook or exec, or to "
          "\"publish\"\n");
    CHECK(findings_of("id = \"announce\"\ntier = \"leeds\"\ndo = \"hook\"\n") ==
          "2:8: error: unknown tier \"leeds\" in policy \"surge\"; did you mean \"leads\"?\n");
    CHECK(findings_of("id = \"announce\"\nlevel = \"rd\"\ndo = \"hook\"\n") ==
          "2:9: error: `level` must be one of yellow, orange, red; \"rd\" is not; did you mean \"red\"?\n");
    CHECK(findings_of("id = \"announce\"\ndo = \"hook\"\n") ==
          "0:1: error: [[policy.action]] needs `tier` or `level`: when it is done (with both, when both have come)\n");
    CHECK(findings_of("id = \"announce\"\ntier = \"leads\"\n") == "0:1: error: [[policy.action]] needs `do`\n");
    CHECK(findings_of(good + "params = { n = 5 }\n") == "4:16: error: parameter \"n\" must be a string, not a whole number\n");
    CHECK(findings_of(good + "undo = \"yes\"\n") == "4:8: error: `undo` must be true, false or a table of parameters\n");
    CHECK(findings_of(good + "undo_deadline = \"1h\"\n") == "4:17: error: `undo_deadline` needs `undo`\n");
    CHECK(findings_of(good + "deadline = \"1s\"\n") == "4:12: error: `deadline` must be from 5s to 1d\n");
    CHECK(findings_of(good + "undoo = true\n") ==
          "4:1: error: unknown key \"undoo\" in [[policy.action]]; did you mean \"undo\"?\n");
    CHECK(findings_of(good + "[[policy.action]]\n" + good) ==
          "5:6: error: action \"announce\" is defined twice in policy \"surge\"\n");
    CHECK(findings_of("id = \"announce\"\ntier = \"leads\"\ndo = \"publish\"\n",
                      "[[channel]]\nid = \"publish\"\ntype = \"log\"\n") ==
          "3:6: error: do = \"publish\" means the PUB socket, and a channel has that id too: rename the channel\n");
}

TEST_CASE("playbook: publishing without a socket is a warning: nobody hears of it", "[unit]") {
    const auto text = team() + "[[policy.action]]\nid = \"a\"\nlevel = \"red\"\ndo = \"publish\"\n";
    const auto config = parse_config("t", text);
    CHECK(config.ok());
    CHECK(joined(findings(config)).find("warning: [publish] has no `bind`: what is published reaches nobody") !=
          std::string::npos);
}

TEST_CASE("playbook: its bounds are kept on both sides", "[unit]") {
    std::string params = "params = {";
    for (int i = 0; i < 32; ++i) {
        params += (i == 0 ? " p" : ", p") + std::to_string(i) + " = \"x\"";
    }
    CHECK(findings_of(good + params + " }\n") == "");
    CHECK(findings_of(good + params + ", q = \"x\" }\n") == "4:10: error: `params` has at most 32 entries\n");
    CHECK(findings_of(good + "params = { p = \"" + std::string(1023, 'x') + "\" }\n") == "");
    CHECK(findings_of(good + "params = { p = \"" + std::string(1024, 'x') + "\" }\n") ==
          "4:16: error: parameter \"p\" is longer than 1024 bytes\n");
    std::string many = good;
    for (int i = 1; i < 32; ++i) {
        many += "[[policy.action]]\nid = \"a" + std::to_string(i) + "\"\nlevel = \"red\"\ndo = \"hook\"\n";
    }
    CHECK(findings_of(many) == "");
    CHECK(findings_of(many + "[[policy.action]]\nid = \"a\"\nlevel = \"red\"\ndo = \"hook\"\n").find("at most 32 actions") !=
          std::string::npos);
}

TEST_CASE("region: it is read, and only what can be put together may be", "[unit]") {
    const auto region = [](const std::string& scope, const std::string& body) {
        auto text = team();
        const std::string head = "id = \"surge\"\n";
        text.insert(text.rfind(head) + head.size(), scope);
        return text + "[policy.region]\n" + body;
    };
    const std::string scope = "scope = [\"centre\", \"queue\"]\n";
    const auto config = parse_config("t", region(scope, "scopes = 4\nwithin = \"3m\"\nby = [\"centre\"]\nneed_max = 40\n"));
    INFO(joined(findings(config)));
    REQUIRE(config.ok());
    const auto& spec = config.plan->policies.at(0).region;
    CHECK(spec.scopes == 4);
    CHECK(spec.within == std::chrono::minutes{3});
    CHECK(spec.by == std::vector<std::string>{"centre"});
    CHECK(spec.need_max == 40);
    CHECK(spec.of.empty());

    CHECK_FALSE(config.plan->policies.at(0).stand_down);
    const auto telling = parse_config("t", region(scope + "stand_down = true\n", "scopes = 4\n"));
    REQUIRE(telling.ok());
    CHECK(telling.plan->policies.at(0).stand_down);
    const auto silent = parse_config("t", region(scope + "stand_down = false\n", "scopes = 4\n"));
    REQUIRE(silent.ok());
    CHECK(silent.plan->policies.at(0).content != telling.plan->policies.at(0).content);

    const auto says = [&](const std::string& text, const std::string& message) {
        INFO(check(text));
        CHECK(check(text).find(message) != std::string::npos);
    };
    says(region(scope + "standdown = true\n", "scopes = 4\n"), "stand_down");
    says(region("", "scopes = 4\n"), "a policy without `scope` has one incident: there is nothing to put together");
    says(region(scope, "scopes = 4\nby = [\"queue\", \"centre\"]\n"), "`by` names the whole scope of the policy");
    says(region(scope, "scopes = 4\nby = [\"group\"]\n"), "20:7: error: \"group\" is not in this policy's scope");
    says(region(scope, "within = \"3m\"\n"), "[policy.region] needs `scopes`");
    says(region(scope, "scopes = 1\n"), "`scopes` must be from 2 to 10000");
}
