#include <array>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "support/catch.hpp"
#include "support/exporter_snapshot.hpp"
#include "support/http_client.hpp"
#include "support/metrics_fixture.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct Exported : ServedMetrics {
    using ServedMetrics::ServedMetrics;
    HttpReply scrape() const { return http(port(), "GET", "/metrics"); }
};

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

/// promtool's verdict on a scrape; empty = clean.
std::string promtool_complaints(const std::string& text) {
    const std::string path = "/tmp/surged-scrape-" + std::to_string(::getpid());
    std::ofstream(path) << text;
    const int code = std::system(("promtool check metrics < " + path + " > " + path + ".out 2>&1").c_str());
    std::ostringstream said;
    said << std::ifstream(path + ".out").rdbuf();
    std::remove(path.c_str());
    std::remove((path + ".out").c_str());
    return code == 0 ? "" : "exit " + std::to_string(code) + ": " + said.str();
}
bool have_promtool() {
    return std::system("command -v promtool > /dev/null 2>&1") == 0;
}

/// What a scrape of full_snapshot() shows.
constexpr auto lines_of_full_snapshot = std::to_array<const char*>({
    R"(surged_queue_calls_waiting{centre="jinan",queue="general",channel="voice"} 42)",
    R"(surged_queue_oldest_wait_seconds{centre="jinan",queue="general",channel="voice"} 33.5)",
    R"(surged_queue_offered_total{centre="jinan",queue="general",channel="voice"} 123456)",
    R"(surged_queue_talk_seconds_sum_total{centre="jinan",queue="general",channel="voice"} 9.5)",
    R"(surged_queue_trunks{centre="jinan",queue="general",channel="voice"} 30)",
    R"(surged_queue_latency_seconds{centre="jinan",queue="general",channel="voice"} 0.25)",
    R"(surged_queue_calls_waiting{centre="ji\"nan\\",queue="gen\neral",channel="chat"} 7)",
    R"(surged_queue_stale{centre="qingdao",queue="专席",channel="voice"} 1)",
    R"(surged_queue_stale{centre="jinan",queue="general",channel="voice"} 0)",
    R"(surged_alert_level{rule="oldest-wait",centre="jinan",queue="general"} 2)",
    R"(surged_alert_level{rule="oldest-wait",centre="jinan",queue="general",channel="chat"} 3)",
    R"(surged_forecast_offered{centre="jinan",queue="general"} 142.5)",
    R"(surged_forecast_slot_seconds{centre="jinan",queue="general"} 300)",
    R"(surged_rule_learning{rule="offered-baseline"} 1)",
    R"(surged_alerts{state="firing"} 1)",
    R"(surged_alerts{state="pending"} 0)",
    "surged_alerts_folded 4",
    R"(surged_incident_level{policy="surge",scope="centre=jinan,group=普席",centre="jinan",group="普席"} 2)",
    R"(surged_incident_tier{policy="surge",scope="centre=jinan,group=普席",centre="jinan",group="普席"} 2)",
    R"(surged_seats{policy="surge",scope="centre=jinan,group=普席",centre="jinan",group="普席",state="needed"} 6)",
    R"(surged_seats{policy="surge",scope="centre=jinan,group=普席",centre="jinan",group="普席",state="joined"} 4)",
    R"(surged_seats{policy="surge",scope="centre=jinan,group=普席",centre="jinan",group="普席",state="arrived"} 1)",
    R"(surged_seats{policy="surge",scope="centre=jinan,group=普席",centre="jinan",group="普席",state="noshow"} 0)",
    R"(surged_incident_level{policy="surge",scope="all"} 2)",
    R"(surged_incident_opened_timestamp_seconds{policy="surge",scope="all",incident="0-18"} 1795330800)",
    R"(surged_incident_opened_timestamp_seconds{policy="surge",scope="centre=jinan,group=普席",centre="jinan",group="普席",incident="0-17"} 1795330800)",
    R"(surged_time_to_help_seconds_bucket{policy="surge",help="first",le="30"} 0)",
    R"(surged_time_to_help_seconds_bucket{policy="surge",help="first",le="60"} 1)",
    R"(surged_time_to_help_seconds_sum{policy="surge",help="half"} 90)",
    R"(surged_time_to_help_seconds_count{policy="surge",help="full"} 0)",
    R"(surged_group_member{centre="jinan",queue="general",channel="voice"} 1)",
    R"(surged_group_member{centre="qingdao",queue="专席",channel="voice",group="专席"} 1)",
    R"(surged_rule_limit{rule="slow-trunk",kind="threshold",metric="surged_queue_latency_seconds",level="red",edge="raise",side="above",unit="plain"} 2)",
    R"(surged_rule_limit{rule="slow-trunk",kind="threshold",metric="surged_queue_latency_seconds",level="red",edge="clear",side="below",unit="plain"} 0.5)",
    R"(surged_rule_limit{rule="more-calls",kind="rate_of_change",metric="surged_queue_offered_total",level="yellow",edge="raise",side="above",unit="percent"} 30)",
    R"(surged_shortfall_agents{centre="jinan",queue="general"} 8)",
    R"(surged_required_agents{centre="jinan",queue="general"} 34)",
    R"(surged_slack_agents{centre="jinan",queue="general"} 0)",
    R"(surged_slack_agents{centre="qingdao",queue="专\"席",channel="chat"} 5)",
    R"(surged_productive_agents{centre="jinan",queue="general"} 26)",
    R"(surged_shortfall_cause{centre="jinan",queue="general",cause="demand"} 1)",
    R"(surged_shortfall_cause{centre="jinan",queue="general",cause="staff"} 0)",
    R"(surged_expected_wait_seconds{centre="jinan",queue="general"} 180)",
    R"(surged_roster_on_duty{roster="leads"} 2)",
    R"(surged_roster_on_duty{roster="reserve"} 0)",
    R"(surged_pages_total{channel="sms",outcome="accepted"} 5)",
    R"(surged_actions_total{policy="surge",action="announce",step="do",outcome="done"} 2)",
    R"(surged_actions_total{policy="surge",action="announce",step="undo",outcome="failed"} 1)",
    R"(surged_actions_total{policy="surge",action="announce",step="undo",outcome="done"} 0)",
    R"(surged_pages_pending{channel="sms"} 1)",
    R"(surged_ingest_samples_total{source="acd-\"1\""} 77)",
    R"(surged_ingest_gaps_total{source="acd-\"1\""} 2)",
    R"(surged_ingest_rejected_total{reason="malformed"} 3)",
    R"(surged_ingest_rejected_total{reason="late"} 0)",
    "surged_series 12",
    "surged_config_last_reload_success 1",
    "surged_ready 1",
    "surged_heartbeat_last_success_timestamp_seconds 1795330800",
    R"(surged_heartbeats_total{outcome="withheld"} 2)",
    "surged_store_degraded 0",
    R"(surged_rule_unhealthy{rule="broken"} 1)",
    R"(surged_rule_unhealthy{rule="oldest-wait"} 0)",
    R"(surged_build_info{version="0.1.0",config="abc"} 1)",
    R"(surged_owner{shard="c/0"} 1)",
    R"(surged_term{shard="c/0"} 7)",
    R"(surged_takeovers_total{shard="c/0"} 2)",
    "surged_decision_seconds_count 3",
    R"(surged_decision_seconds_bucket{le="0.00025"} 0)",
    R"(surged_decision_seconds_bucket{le="0.0005"} 1)",
    R"(surged_decision_seconds_bucket{le="60"} 2)",
    R"(surged_decision_seconds_bucket{le="+Inf"} 3)",
    "surged_commit_seconds_count 3",
    "surged_page_seconds_count 3",
    "surged_timer_lateness_seconds_count 3",
});

}  // namespace

TEST_CASE("exporter: every name of the contract is there with its labels and value", "[integration]") {
    const auto snapshot = full_snapshot();
    const Exported exported([snapshot] { return snapshot; });
    const HttpReply reply = exported.scrape();
    REQUIRE(reply.status == 200);
    for (const char* line : lines_of_full_snapshot) {
        CAPTURE(line);
        CHECK(has_line(reply.body, line));
    }
    CHECK(reply.body.find("never-known\",centre") == std::string::npos);
    CHECK(reply.body.find("surged_queue_connection_rate") == std::string::npos);
    CHECK(reply.body.find(R"(calls_waiting{centre="qingdao")") == std::string::npos);
    CHECK(reply.body.find("process_resident_memory_bytes ") != std::string::npos);
}

TEST_CASE("exporter: a host that stands by shows the cluster and its process, and nothing that dashboards count as at work", "[integration]") {
    const StandbyFacts facts{"b", "a", "https://a:9847", 7, 12, true, false};
    const StandbyExporter exporter([&] { return gauges_of(facts, "c/0", -1.5, 3); });
    const std::string page = exporter.page(false);
    for (const char* line : {R"(surged_owner{shard="c/0"} 0)", R"(surged_term{shard="c/0"} 7)", R"(surged_follower_behind_records{shard="c/0"} 12)",
                             R"(surged_follower_warm{shard="c/0"} 1)", R"(surged_follower_clock_skew_seconds{shard="c/0"} -1.5)",
                             R"(surged_config_agrees{shard="c/0"} 0)", R"(surged_takeovers_total{shard="c/0"} 3)"}) {
        CAPTURE(line);
        CHECK(has_line(page, line));
    }
    std::istringstream lines(page);
    std::set<std::string> ours;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("surged_")) {
            ours.insert(line.substr(0, line.find('{')));
        }
    }
    CHECK(ours.size() == 7);
    CHECK(page.find("process_resident_memory_bytes ") != std::string::npos);
    CHECK(exporter.page(true).starts_with("\x1f\x8b"));
    if (have_promtool()) {
        CHECK(promtool_complaints(page) == "");
    }
}

TEST_CASE("exporter: one host alone shows nothing of a cluster", "[integration]") {
    auto snapshot = full_snapshot();
    snapshot->cluster.reset();
    const std::string page = Exporter([snapshot] { return snapshot; }).page(false);
    CHECK(page.find("surged_owner") == std::string::npos);
    CHECK(page.find("surged_follower") == std::string::npos);
}

TEST_CASE("exporter: promtool finds nothing to say about a whole scrape", "[integration]") {
    if (!have_promtool()) {
        WARN("promtool is not installed: skipped");
        return;
    }
    const auto snapshot = full_snapshot();
    const Exported exported([snapshot] { return snapshot; });
    CHECK(promtool_complaints(exported.scrape().body) == "");
}

TEST_CASE("exporter: no series stands twice in a scrape", "[integration]") {
    const auto snapshot = full_snapshot();
    const Exported exported([snapshot] { return snapshot; });
    std::istringstream text(exported.scrape().body);
    std::set<std::string> seen;
    std::string line;
    while (std::getline(text, line)) {
        if (!line.empty() && line[0] != '#') {
            CHECK(seen.insert(line.substr(0, line.rfind(' '))).second);
        }
    }
    CHECK(seen.size() > 100);
}

TEST_CASE("exporter: a scrape before the first snapshot works and says not ready", "[integration]") {
    const Exported exported([] { return std::shared_ptr<const MetricsSnapshot>(); });
    const HttpReply reply = exported.scrape();
    CHECK(reply.status == 200);
    CHECK(has_line(reply.body, "surged_ready 0"));
    CHECK(has_line(reply.body, "surged_series 0"));
}

TEST_CASE("exporter: names follow the generation of the metrics", "[integration]") {
    std::shared_ptr<const MetricsSnapshot> now = full_snapshot();
    const Exported exported([&now] { return now; });
    CHECK(exported.scrape().body.find("surged_queue_calls_waiting{") != std::string::npos);
    const auto next = full_snapshot();
    next->series.generation = 2;
    next->series.metrics[0] = "abandoned";
    next->series.counter[0] = true;
    now = next;
    const std::string body = exported.scrape().body;
    CHECK(body.find("surged_queue_calls_waiting{") == std::string::npos);
    CHECK(has_line(body, R"(surged_queue_abandoned_total{centre="jinan",queue="general",channel="voice"} 42)"));
}

TEST_CASE("exporter: alerts are shown up to the bound, the worst first, and the rest counted", "[integration]") {
    const auto snapshot = std::make_shared<MetricsSnapshot>();
    for (int i = 0; i < 50003; ++i) {
        AlertView alert;
        alert.rule = "r";
        alert.queue = {"c", "q" + std::to_string(i), "voice"};
        alert.state = AlertState::ok;
        snapshot->alerts.push_back(alert);
    }
    snapshot->alerts.back().state = AlertState::firing;
    snapshot->alerts.back().level = Level::red;
    const Exported exported([snapshot] { return snapshot; });
    const std::string body = exported.scrape().body;
    CHECK(has_line(body, R"(surged_alert_level{rule="r",centre="c",queue="q50002"} 3)"));
    CHECK(has_line(body, "surged_alerts_not_shown 3"));
}

TEST_CASE("exporter: a port in use is an error with the address in it", "[integration]") {
    const BusyPort busy;
    ListenerOptions options;
    options.port = busy.port();
    const auto server = PageServer::start(options, "/metrics", Exporter::content_type, [](bool) { return std::string(); });
    REQUIRE_FALSE(server.has_value());
    CHECK(server.error().message.find("127.0.0.1:" + std::to_string(busy.port())) != std::string::npos);
}

TEST_CASE("exporter: peers that send nothing do not keep a scrape out", "[integration]") {
    const auto snapshot = full_snapshot();
    const Exported exported([snapshot] { return snapshot; });
    std::vector<std::unique_ptr<HttpConnection>> silent;
    for (int i = 0; i < 4; ++i) {
        silent.push_back(std::make_unique<HttpConnection>(exported.port()));
        silent.back()->send("GET /metrics HTTP/1.1\r\nX-Slow: ");
    }
    const auto start = std::chrono::steady_clock::now();
    CHECK(exported.scrape().status == 200);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{9});
}

TEST_CASE("exporter: hours without anybody on duty are seen up to 14 days ahead, and again when rosters change", "[integration]") {
    constexpr std::int64_t monday = 20514;  // 2026-03-02
    const auto facts_with = [](std::uint8_t days) {
        auto facts = std::make_shared<DutyFacts>();
        RosterSpec leads;
        leads.id = "leads";
        leads.shifts = {{days, 0, 1440, {"ann"}}};
        facts->plan.rosters = {leads};
        PolicySpec policy;
        policy.id = "surge";
        TierSpec tier;
        tier.id = "first";
        tier.rosters = {"leads"};
        policy.tiers = {tier};
        facts->plan.policies = {policy};
        return facts;
    };
    auto snapshot = std::make_shared<MetricsSnapshot>();
    snapshot->wall = wall_time((monday * 1440 + 600) * 60000);
    snapshot->duty = facts_with(0x1F);  // Monday to Friday
    const Exported exported([snapshot] { return snapshot; });
    const auto has = [&](const std::string& line) { return has_line(exported.scrape().body, line); };
    CHECK(has(R"(surged_tier_uncovered_seconds{policy="surge",tier="first"} 345600)"));  // two weekends
    CHECK(has(R"(surged_tier_next_gap_seconds{policy="surge",tier="first"} 396000)"));   // Saturday is 4 days and 14 hours away
    snapshot->duty = facts_with(0x7F);
    CHECK(has(R"(surged_tier_uncovered_seconds{policy="surge",tier="first"} 0)"));
    CHECK(has(R"(surged_tier_next_gap_seconds{policy="surge",tier="first"} 1209600)"));
    snapshot->duty = facts_with(0x00);
    CHECK(has(R"(surged_tier_uncovered_seconds{policy="surge",tier="first"} 1209600)"));
    CHECK(has(R"(surged_tier_next_gap_seconds{policy="surge",tier="first"} 0)"));
}

TEST_CASE("exporter: who opens the port in a browser sees a page with a link, other paths are 404", "[integration]") {
    const ServedMetrics served([] { return full_snapshot(); });
    const HttpReply page = http(served.port(), "GET", "/");
    CHECK(page.status == 200);
    CHECK(page.headers.at("content-type").starts_with("text/html"));
    CHECK(page.body.find("<a href=\"metrics\">") != std::string::npos);
    CHECK(http(served.port(), "GET", "/favicon.ico").status == 200);
    CHECK(http(served.port(), "GET", "/other").status == 404);
    CHECK(http(served.port(), "POST", "/").status == 405);
    CHECK(http(served.port(), "GET", "/metrics").body.find("surged_list_answers_total{list=\"alerts\",how=\"shared\"} 21") != std::string::npos);
}
