// Values, limits and spans of time in words.
#include <limits>

#include "page_facts_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("text: a value that has come back is shown as it is, beside the limit that raised it") {
    auto f = surge();
    f.evidence.clear();
    f.value = 70;
    f.falling = true;
    CHECK(render(f, Language::zh, 0).text.find("排队最长1分10秒（触发线>1分30秒），正在回落，需6人") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("排队最长 1 min 10 s (raised at >1 min 30 s), falling; need 6") != std::string::npos);
    f.falling = false;
    CHECK(render(f, Language::zh, 0).text.find("回落") == std::string::npos);
    f.value = 90;  // the limit itself does not raise
    CHECK(render(f, Language::zh, 0).text.find("排队最长1分30秒（触发线>1分30秒）") != std::string::npos);
    f.value = 90.4;
    CHECK(render(f, Language::zh, 0).text.find("排队最长90.4秒>1分30秒") != std::string::npos);
    f.stale = true;
    f.seen_ago = 5min;
    CHECK(render(f, Language::zh, 0).text.find("（5分前，此后无数据）") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("(5 min ago, no data since)") != std::string::npos);
    f.stale = false;
    f.value = std::numeric_limits<double>::quiet_NaN();
    CHECK(render(f, Language::zh, 0).text.find("排队最长未知（触发线>1分30秒）") != std::string::npos);
}

TEST_CASE("text: values read as what they are: durations, percent, changes") {
    const ValueForm time{LimitUnit::plain, MetricUnit::seconds};
    const ValueForm share{LimitUnit::plain, MetricUnit::ratio};
    CHECK(value_text(92, time, Language::zh) == "1分32秒");
    CHECK(value_text(92, time, Language::en) == "1 min 32 s");
    CHECK(value_text(7200, time, Language::zh) == "2小时");
    CHECK(value_text(7200, time, Language::en) == "2 h 0 min");
    CHECK(value_text(33.4, time, Language::zh) == "33秒");
    CHECK(value_text(59.7, time, Language::zh) == "1分");
    CHECK(value_text(-5, time, Language::en) == "-5 s");
    CHECK(value_text(0.523, share, Language::zh) == "52.3%");
    CHECK(value_text(35, {LimitUnit::percent, MetricUnit::none}, Language::zh) == "+35%");
    CHECK(value_text(-12, {LimitUnit::per_minute, MetricUnit::none}, Language::zh) == "-12/分");
    CHECK(value_text(std::numeric_limits<double>::quiet_NaN(), share, Language::en) == "unknown");
    CHECK(limit_text({Comparison::below, 0.8}, share, Language::zh) == "<80%");
    CHECK(limit_text({Comparison::above, 7200}, time, Language::zh) == ">2小时");
    CHECK(limit_text({Comparison::at_least, 180, LimitUnit::span}, {LimitUnit::span, MetricUnit::none}, Language::en) == ">=3 min");
}

TEST_CASE("text: a value and its limit are written alike only when they are alike") {
    const ValueForm time{LimitUnit::plain, MetricUnit::seconds};
    const ValueForm share{LimitUnit::plain, MetricUnit::ratio};
    CHECK(value_beside(0.1004, {Comparison::above, 0.1}, share, Language::zh) == "10.04%");
    CHECK(value_beside(0.1, {Comparison::above, 0.1}, share, Language::zh) == "10%");
    CHECK(value_beside(7236, {Comparison::above, 7200}, time, Language::zh) == "2小时0分36秒");
    CHECK(value_beside(60.04, {Comparison::above, 60}, time, Language::zh) == "60.04秒");
    CHECK(value_beside(3.0001, {Comparison::above, 3}, {}, Language::zh) == "3.0001");
}

TEST_CASE("text: a metric's unit is declared, or told by its name, or by the limits of a derived rate") {
    Plan plan;
    plan.metrics = canonical_metrics();
    plan.metrics.push_back({"hold", MetricKind::gauge, MetricUnit::seconds});
    plan.derives.push_back({});
    plan.derives.back().metric = "connection_rate";
    plan.derives.push_back({});
    plan.derives.back().metric = "calls_rate_s";
    plan.derives.back().unit = MetricUnit::none;
    CHECK(unit_of(plan, "oldest_wait_s") == MetricUnit::seconds);
    CHECK(unit_of(plan, "hold") == MetricUnit::seconds);
    CHECK(unit_of(plan, "calls_rate_s") == MetricUnit::none);
    CHECK(unit_of(plan, "abandon_ratio") == MetricUnit::ratio);
    CHECK(unit_of(plan, "calls_waiting") == MetricUnit::none);
    RuleSpec rule;
    rule.metric = "connection_rate";
    rule.levels = {{Level::yellow, {Comparison::below, 0.85}, {Comparison::above, 0.9}}};
    CHECK(form_of(plan, rule).metric == MetricUnit::ratio);
    rule.levels.front().raise.value = 3;  // three of something is no share
    CHECK(form_of(plan, rule).metric == MetricUnit::none);
}

TEST_CASE("text: durations") {
    CHECK(duration_text(59s, Language::zh) == "59秒");
    CHECK(duration_text(60s, Language::zh) == "1分");
    CHECK(duration_text(1h, Language::zh) == "1小时0分");
    CHECK(duration_text(65min, Language::en) == "1 h 5 min");
    CHECK(duration_text(-5s, Language::en) == "0 s");
}

TEST_CASE("text: a metric on a screen has its label, else the name that everybody uses, and never an identifier") {
    Plan plan;
    plan.metrics.push_back({"calls_waiting", MetricKind::gauge, MetricUnit::none});
    CHECK(metric_words(plan, "calls_waiting", Language::zh) == "排队人数");
    CHECK(metric_words(plan, "calls_waiting", Language::en) == "callers waiting");
    plan.metrics.back().label = {"等候", "on hold"};
    CHECK(metric_words(plan, "calls_waiting", Language::zh) == "等候");
    CHECK(metric_words(plan, "calls_waiting", Language::en) == "on hold");
    CHECK(metric_words(plan, "vip_calls_s", Language::zh) == "vip calls s");
    CHECK(metric_words(plan, "", Language::en) == "no data for");  // a rule about the feed itself
    for (const auto& metric : canonical_metrics()) {
        CAPTURE(metric.name);
        CHECK(metric_words(plan, metric.name, Language::en).find('_') == std::string::npos);
    }
}
