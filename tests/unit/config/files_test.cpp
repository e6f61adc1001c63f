// What ships and what the design shows must load as it stands.
#include <filesystem>
#include <fstream>

#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
const std::string source = SURGED_SOURCE_DIR;
const WallTime monday_noon = wall_time(1772424000000);  // 2026-03-02 12:00 in Shanghai
}  // namespace

TEST_CASE("design: the example of the contract loads verbatim, without a finding", "[unit]") {
    const auto config = load_config(source + "/tests/unit/config/data/design/surged.toml", monday_noon);

    CHECK(joined(findings(config)).empty());
    REQUIRE(config.ok());
    const auto& plan = *config.plan;
    CHECK(plan.expects.size() == 2);
    CHECK(plan.expects[1].queue == "complaint");
    CHECK(plan.expects[1].group == "普席");
    REQUIRE(plan.rules.size() == 2);
    CHECK(plan.rules[0].levels.size() == 3);
    CHECK(plan.rules[0].levels[0].raise_after == Span{10000});
    CHECK(plan.rules[0].levels[1].raise_after == Span{0});
    CHECK(plan.rules[0].levels[1].clear_after == Span{60000});
    CHECK(plan.rules[1].levels[2].raise.text() == "> +100%");
    CHECK(plan.rules[1].floor == 10);
    CHECK(plan.policies[0].tiers[2].rosters == std::vector<std::string>{"management", "reserve"});
    CHECK(plan.policies[0].need.fixed == 6);
    CHECK(config.settings.store.path == "/var/lib/surged/surged.db");
    CHECK(config.settings.metrics.port == 9846);
    CHECK(config.files.size() == 4);
    CHECK(plan.zones.contains("Asia/Shanghai"));
}

TEST_CASE("shipped: default configuration, packs and quickstart load without a finding", "[unit]") {
    for (const std::string file : {"/systemd/etc/surged.toml", "/rules/quickstart/surged.toml"}) {
        INFO(file);
        const auto config = load_config(source + file, monday_noon);
        CHECK(joined(findings(config)).empty());
        CHECK(config.ok());
    }
}

TEST_CASE("shipped: each pack needs nothing but a policy named surge", "[unit]") {
    for (const auto& entry : std::filesystem::directory_iterator(source + "/rules")) {
        const auto path = entry.path().string();
        if (!path.ends_with(".toml") || path.ends_with(".test.toml")) {
            continue;
        }
        INFO(path);
        std::ifstream in(path);
        const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        auto people = team();
        if (text.find("kind = \"shortfall\"") != std::string::npos) {
            people.replace(people.find("need = 2"), 8, "need = \"shortfall\"");  // a fixed one is warned of
        }
        CHECK(check(text + people).empty());
    }
}

TEST_CASE("quickstart: the tiers have the people that the demonstration needs", "[unit]") {
    const auto config = load_config(source + "/rules/quickstart/surged.toml", monday_noon);
    REQUIRE(config.ok());
    const auto& plan = *config.plan;
    CHECK(plan.policies[0].need.fixed == 6);
    CHECK(plan.rosters[0].shifts[0].people.size() == 8);
    CHECK(plan.rosters[1].shifts[0].people.size() == 6);
    CHECK(plan.policies[0].tiers[0].wait == Span{20000});
    CHECK(plan.expects.size() == 9);
}
