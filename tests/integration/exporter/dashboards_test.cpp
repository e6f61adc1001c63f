// The boards and rules against what the exporter really shows: a name that nobody exports is found here, not by an empty panel.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "io/exporter/exporter.hpp"
#include "support/catch.hpp"
#include "support/exporter_snapshot.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;

namespace {

constexpr std::array<const char*, 5> boards{"surge_overview.json", "surge_staffing.json", "surge_people.json", "surged_feeds.json",
                                            "surged_health.json"};
constexpr std::array<const char*, 3> rule_files{"surged_meta.rules.yml", "surged_recording.rules.yml", "surged_incidents.rules.yml"};
const std::string folder = std::string(SURGED_SOURCE_DIR) + "/dashboards/";

std::string read_file(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(folder + name).rdbuf();
    REQUIRE_FALSE(text.str().empty());
    return text.str();
}

JsonValue board(const std::string& name) {
    const std::string text = read_file(name);
    JsonLimits limits;
    limits.bytes = text.size();
    limits.depth = 64;
    limits.values = 100000;
    const auto json = parse_json(text, limits);
    REQUIRE(json.has_value());
    return *json;
}

/// Calls `each` for every member `expr` anywhere in the board.
void each_expr(const JsonValue& value, const std::function<void(const std::string&)>& each) {
    if (value.object() != nullptr) {
        for (const auto& member : *value.object()) {
            if (member.first == "expr" && member.second.text() != nullptr) {
                each(*member.second.text());
            }
            each_expr(member.second, each);
        }
    } else if (value.array() != nullptr) {
        for (const JsonValue& item : *value.array()) {
            each_expr(item, each);
        }
    }
}

/// Metric names of ours in a query or a file of rules.
std::set<std::string> names_in(const std::string& text) {
    std::set<std::string> names;
    for (const std::string prefix : {"surged_", "process_"}) {
        for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
            const char before = at > 0 ? text[at - 1] : ' ';
            // Within a longer name; of what a recording rule makes, see recorded_in(); the value of a label in quotes.
            if (std::isalnum(static_cast<unsigned char>(before)) != 0 || before == '_' || before == ':' || before == '"') {
                continue;
            }
            const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", at);
            names.insert(text.substr(at, end - at));
        }
    }
    return names;
}

/// Names of recording rules, which have colons, in a query.
std::set<std::string> recorded_in(const std::string& text) {
    std::set<std::string> names;
    for (std::size_t at = text.find(":surged_"); at != std::string::npos; at = text.find(":surged_", at + 1)) {
        const std::size_t from = text.find_last_not_of("abcdefghijklmnopqrstuvwxyz_", at - 1) + 1;
        const std::size_t end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_:", at), text.size());
        names.insert(text.substr(from, end - from));
    }
    return names;
}

/// What follows `key: ` on lines of a file of rules.
std::vector<std::string> lines_of(const std::string& file, const std::string& key) {
    std::istringstream rules(read_file(file));
    std::vector<std::string> found;
    std::string line;
    while (std::getline(rules, line)) {
        if (const std::size_t at = line.find(key + ": "); at != std::string::npos) {
            found.push_back(line.substr(at + key.size() + 2));
        }
    }
    return found;
}

std::set<std::string> exported_names() {
    const auto snapshot = full_snapshot();
    std::istringstream text(Exporter([snapshot] { return snapshot; }).page(false));
    std::set<std::string> names;
    std::string line;
    while (std::getline(text, line)) {
        if (!line.empty() && line[0] != '#') {
            names.insert(line.substr(0, line.find_first_of("{ ")));
        }
    }
    return names;
}

/// What feeders show: the table of the manual's page, which `unit/manual` and the feeders' own tests hold.
std::set<std::string> feeders_names() {
    std::ifstream page(std::string(SURGED_SOURCE_DIR) + "/daemon/manual/pages/surged-metrics.7.md");
    std::set<std::string> names;
    std::string line;
    while (std::getline(page, line)) {
        for (std::size_t at = line.find("`surged_feed_"); line.starts_with("| ") && at != std::string::npos; at = line.find("`surged_feed_", at + 1)) {
            names.insert(line.substr(at + 1, line.find('`', at + 1) - at - 1));
        }
    }
    CHECK(names.size() > 30);
    return names;
}

bool have_promtool() {
    return std::system("command -v promtool > /dev/null 2>&1") == 0;
}
int promtool(const std::string& arguments) {
    return std::system(("cd " + folder + " && promtool " + arguments + " > /dev/null 2>&1").c_str());
}

}  // namespace

TEST_CASE("dashboards: every metric a panel asks for is one that surged shows", "[integration]") {
    std::set<std::string> known = exported_names();
    known.merge(feeders_names());
    for (const char* name : boards) {
        int queries = 0;
        each_expr(board(name), [&](const std::string& expr) {
            ++queries;
            const std::set<std::string> asked = names_in(expr);
            CHECK((!asked.empty() || !recorded_in(expr).empty() || expr.find("up{") != std::string::npos));
            for (const std::string& metric : asked) {
                CAPTURE(name, expr, metric);
                CHECK(known.count(metric) == 1);
            }
        });
        CHECK(queries >= 15);
    }
}

TEST_CASE("dashboards: every metric a rule asks for is one that surged shows, or that a rule made", "[integration]") {
    const std::set<std::string> known = exported_names();
    std::set<std::string> made;
    for (const char* file : rule_files) {
        for (const std::string& name : lines_of(file, "record")) {
            CHECK(made.insert(name).second);
        }
    }
    for (const char* file : rule_files) {
        const auto expressions = lines_of(file, "expr");
        CHECK(expressions.size() >= 7);
        for (const std::string& expr : expressions) {
            CAPTURE(file, expr);
            for (const std::string& metric : names_in(expr)) {
                CAPTURE(metric);
                CHECK(known.count(metric) == 1);
            }
            for (const std::string& name : recorded_in(expr)) {
                CHECK(made.count(name) == 1);
            }
        }
    }
    for (const char* name : boards) {
        each_expr(board(name), [&](const std::string& expr) {
            for (const std::string& recorded : recorded_in(expr)) {
                CAPTURE(name, recorded);
                CHECK(made.count(recorded) == 1);
            }
        });
    }
}

TEST_CASE("dashboards: panels have ids and places of their own, queries ask the board's data source", "[integration]") {
    for (const char* name : boards) {
        const JsonValue json = board(name);
        std::set<std::int64_t> ids;
        std::set<std::pair<std::int64_t, std::int64_t>> places;
        REQUIRE(json.find("panels") != nullptr);
        for (const JsonValue& panel : *json.find("panels")->array()) {
            CHECK(ids.insert(*panel.find("id")->integer()).second);
            const JsonValue* grid = panel.find("gridPos");
            REQUIRE(grid != nullptr);
            CHECK(places.insert({*grid->find("x")->integer(), *grid->find("y")->integer()}).second);
            CHECK(*grid->find("x")->integer() + *grid->find("w")->integer() <= 24);
            if (panel.text_or("type", "") != "row") {
                CHECK(panel.find("datasource")->text_or("uid", "") == "${datasource}");
                CHECK_FALSE(panel.find("targets")->array()->empty());
            }
        }
    }
}

TEST_CASE("dashboards: promtool accepts configuration and rules, and the rules' time lines hold", "[integration]") {
    if (!have_promtool()) {
        WARN("promtool is not installed: skipped");
        return;
    }
    CHECK(promtool("check config prometheus.yml") == 0);
    for (const char* name : {"surged_meta", "surged_recording", "surged_incidents"}) {
        CAPTURE(name);
        CHECK(promtool("check rules " + std::string(name) + ".rules.yml") == 0);
        CHECK(promtool("test rules " + std::string(name) + ".test.yml") == 0);
    }
}
