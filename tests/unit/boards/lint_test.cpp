// Each board is clean, and each rule finds what it is for in a board that was spoilt.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>

#include "boards/render.hpp"
#include "lint_rules.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

JsonValue read_board(const std::string& text) {
    JsonLimits limits;
    limits.bytes = text.size();
    limits.depth = 64;
    limits.values = 1000000;
    auto json = parse_json(text, limits);
    REQUIRE(json.has_value());
    return *std::move(json);
}

std::string spoilt(const std::string& from, const std::string& to) {
    std::string text = board_json(staffing_board(), {});
    const std::size_t at = text.find(from);
    CAPTURE(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::set<std::string_view> rules_broken(const std::string& board) {
    std::set<std::string_view> out;
    for (const LintFinding& finding : lint(read_board(board))) {
        out.insert(finding.rule);
    }
    return out;
}

struct Spoiling {
    const char* rule;
    const char* from;
    const char* to;
};
constexpr auto spoilings = std::to_array<Spoiling>({
    {"template-datasource-rule", R"("label": "Data source")", R"("label": "Prometheus")"},
    {"template-datasource-rule", R"("type": "datasource")", R"("type": "custom")"},
    {"template-job-rule", R"("allValue": ".+")", R"("allValue": ".*")"},
    {"template-instance-rule", R"("name": "instance")", R"("name": "host")"},
    {"template-label-promql-rule", "label_values(surged_build_info, job)\",\n          \"refId",
     "labels(surged_build_info, job)\",\n          \"refId"},
    {"template-on-time-change-reload-rule", R"("refresh": 2)", R"("refresh": 1)"},
    {"uneditable-dashboard", R"("editable": false)", R"("editable": true)"},
    {"panel-title-description-rule", R"("title": "Agents needed 需要坐席")", R"("title": "")"},
    {"panel-title-description-rule", R"("description": "To keep the targets and clear the backlog.")", R"("description": "")"},
    {"panel-units-rule", R"("unit": "none")", R"("unit": "calls")"},
    {"target-job-rule", R"(surged_shortfall_agents{job=~\"$job\")", R"(surged_shortfall_agents{job=~\".+\")"},
    {"target-instance-rule", R"(surged_shortfall_agents{job=~\"$job\", instance=~\"$instance\")",
     R"(surged_shortfall_agents{job=~\"$job\")"},
    {"target-rate-interval-rule",
     "rate(surged_queue_offered_total{job=~\\\"$job\\\", instance=~\\\"$instance\\\", centre=~\\\"$centre\\\", "
     "queue=~\\\"$queue\\\",channel=\\\"voice\\\"}[$__rate_interval])",
     "rate(surged_queue_offered_total{job=~\\\"$job\\\", instance=~\\\"$instance\\\"}[2m])"},
    {"target-counter-agg-rule", "sum(max without (instance) (surged_required_agents{",
     "sum(max without (instance) (surged_queue_offered_total{"},
    {"zero-only-in-stats", "sum by (cause) (", "vector(0) or sum by (cause) ("},
    {"no-topk-over-a-range", "[$__range] @ end())", "[$__range])"},
    {"no-topk-over-a-range", R"(group=~\"$group\"} @ end())", R"(group=~\"$group\"})"},
    {"tables-are-ranked", R"("displayName": "missing 缺员")", R"("displayName": "no column")"},
});

}  // namespace

TEST_CASE("lint: every board is clean by Grafana's published rules and ours", "[unit]") {
    for (const Board* board : all_boards()) {
        for (const LintFinding& finding : lint(read_board(board_json(*board, {})))) {
            CAPTURE(board->file, finding.rule, finding.what);
            CHECK(false);
        }
    }
}

TEST_CASE("lint: each rule finds what it is for", "[unit]") {
    for (const Spoiling& one : spoilings) {
        CAPTURE(one.rule, one.from);
        CHECK(rules_broken(spoilt(one.from, one.to)).contains(one.rule));
    }
    CHECK(rules_broken(R"({"panels":[{"type":"stat","title":"a","description":"b","targets":[]}]})")
              .contains("panel-no-targets-rule"));
    CHECK(rules_broken(R"({"panels":[{"type":"stat","title":"a","description":"b","targets":[]}]})")
              .contains("panel-datasource-rule"));
    CHECK(rules_broken(R"({"panels":[{"type":"stat","targets":[{"expr":""}]}]})").contains("target-promql-rule"));
}

TEST_CASE("lint: a feeder's metrics have the variables of feeders, and others do not", "[unit]") {
    const auto feeds = [](const std::string& from, const std::string& to) {
        std::string text = board_json(feeds_board(), {});
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        return rules_broken(text.replace(at, from.size(), to));
    };
    CHECK(feeds(R"(surged_feed_connected{job=~\"$feed_job\")", R"(surged_feed_connected{job=~\"$job\")").contains("target-job-rule"));
    CHECK(feeds(R"(surged_ingest_skew_seconds{job=~\"$job\")", R"(surged_ingest_skew_seconds{job=~\"$feed_job\")").contains("target-job-rule"));
    CHECK(feeds(R"("name": "feed_job")", R"("name": "fed_job")").contains("template-job-rule"));
    CHECK(feeds(R"("name": "feeder")", R"("name": "other")").contains("template-instance-rule"));
}

TEST_CASE("lint: Prometheus' own parser takes every query of panels and annotations", "[unit]") {
    if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
        WARN("promtool is not installed: skipped");
        return;
    }
    const std::string file = std::string(std::tmpnam(nullptr)) + ".rules.yml";  // NOLINT: a name for one file of this test
    std::ofstream rules(file);
    rules << "groups:\n  - name: queries\n    rules:\n";
    int number = 0;
    for (const Board* board : all_boards()) {
        for (const std::string& query : queries_of(read_board(board_json(*board, {})))) {
            rules << "      - record: query:number" << number++ << ":any\n        expr: |-\n          "
                  << without_variables(query) << "\n";
        }
    }
    rules.close();
    CHECK(number > 100);
    CHECK(std::system(
              ("promtool check rules " + file + " > " + file + ".out 2>&1 || { cat " + file + ".out; false; }").c_str()) == 0);
    std::remove(file.c_str());
    std::remove((file + ".out").c_str());
}
