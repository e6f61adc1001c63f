#include <set>

#include "core/rule/spec.hpp"
#include "io/exporter/metric_names.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("metric names: counters end in _total once, gauges never do", "[unit]") {
    CHECK(exposed_name("offered", true).name == "surged_queue_offered_total");
    CHECK(exposed_name("offered_total", true).name == "surged_queue_offered_total");
    CHECK(exposed_name("calls_waiting", false).name == "surged_queue_calls_waiting");
    CHECK(exposed_name("connection_rate", false).name == "surged_queue_connection_rate");
    CHECK(exposed_name("trunks_total", false).name == "surged_queue_trunks");
    CHECK(exposed_name("total", false).name == "surged_queue_all");
    CHECK(exposed_name("total", true).name == "surged_queue_total_total");
    CHECK(exposed_name("answered_in_20", true).name == "surged_queue_answered_in_20_total");
}

TEST_CASE("metric names: units are spelled out and values come in base units", "[unit]") {
    CHECK(exposed_name("oldest_wait_s", false).name == "surged_queue_oldest_wait_seconds");
    CHECK(exposed_name("oldest_wait_s", false).scale == 1.0);
    CHECK(exposed_name("talk_s_sum", true).name == "surged_queue_talk_seconds_sum_total");
    CHECK(exposed_name("latency_ms", false).name == "surged_queue_latency_seconds");
    CHECK(exposed_name("latency_ms", false).scale == 1e-3);
    CHECK(exposed_name("idle_minutes", false).scale == 60.0);
    CHECK(exposed_name("disk_kb", false).name == "surged_queue_disk_bytes");
    CHECK(exposed_name("s", false).name == "surged_queue_s");
}

TEST_CASE("metric names: what belongs to histograms or to types is not used", "[unit]") {
    CHECK(exposed_name("agent_count", false).name == "surged_queue_agent_counts");
    CHECK(exposed_name("wait_sum", false).name == "surged_queue_wait_summed");
    CHECK(exposed_name("wait_bucket", false).name == "surged_queue_wait_buckets");
}

TEST_CASE("metric names: two metrics never share a name, and none takes ours", "[unit]") {
    const std::vector<std::string> metrics = {"offered", "offered_total", "wait_s", "wait_seconds", "wait_ms", "stale"};
    const std::vector<bool> counter = {true, true, false, false, false, false};
    const std::vector<ExposedName> names = exposed_names(metrics, counter);
    std::set<std::string> distinct;
    for (const ExposedName& name : names) {
        distinct.insert(name.name);
    }
    CHECK(distinct.size() == metrics.size());
    CHECK(names[0].name == "surged_queue_offered_total");
    CHECK(names[1].name == "surged_queue_offered_metric_total");
    CHECK(names[2].name == "surged_queue_wait_seconds");
    CHECK(names[3].name == "surged_queue_wait_seconds_metric");
    CHECK(names[4].name == "surged_queue_wait_seconds_metric2");
    CHECK(names[5].name == "surged_queue_stale_metric");
}

TEST_CASE("metric names: a name does not depend on metrics that come later", "[unit]") {
    const auto before = exposed_names({"wait_s"}, {false});
    const auto after = exposed_names({"wait_s", "wait_seconds"}, {false, false});
    CHECK(before[0].name == after[0].name);
}
