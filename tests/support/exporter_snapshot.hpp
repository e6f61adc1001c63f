// A snapshot with one of everything that a scrape can show, and with names that need escaping.
#pragma once

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "io/exporter/snapshot.hpp"

namespace surged::test {

inline void add_queue(SeriesView& series, const QueueKey& key, std::vector<std::pair<std::uint32_t, double>> values,
                      bool stale = false, const std::string& group = {}) {
    QueueView queue;
    queue.key = key;
    queue.group = group;
    queue.stale = stale;
    queue.first = static_cast<std::uint32_t>(series.values.size());
    queue.count = static_cast<std::uint32_t>(values.size());
    for (const auto& value : values) {
        series.metric_of.push_back(value.first);
        series.values.push_back(value.second);
    }
    series.queues.push_back(queue);
}

/// Three queues, of which one is stale and one has names that need escapes.
inline void add_series(MetricsSnapshot& s) {
    s.series.generation = 1;
    s.series.metrics = {"calls_waiting",   "oldest_wait_s",    "offered",       "talk_s_sum", "trunks_total",
                         "connection_rate", "latency_ms",       "agents_count",  "stale",      "idle_m",
                         "answered",        "agents_available", "agents_on_call", "agents_staffed", "abandoned"};
    s.series.counter = {false, false, true, true, false, false, false, false, false, false, true, false, false, false, true};
    add_queue(s.series, {"jinan", "general", "voice"},
              {{0, 42},
               {1, 33.5},
               {2, 123456},
               {3, 9.5},
               {4, 30},
               {5, std::nan("")},
               {6, 250},
               {7, 3},
               {8, 1},
               {9, 1},
               {10, 120001},
               {11, 12},
               {12, 80},
               {13, 95},
               {14, 37}});
    add_queue(s.series, {"ji\"nan\\", "gen\neral", "chat"}, {{0, 7}});
    add_queue(s.series, {"qingdao", "专席", "voice"}, {{0, 5}}, true, "专席");
}

/// One queue that is missing people and one that has some to spare.
inline void add_staffing(MetricsSnapshot& s) {
    QueueStaffing staffed;
    staffed.queue = {"jinan", "general", "voice"};
    staffed.known = true;
    staffed.required = 34;
    staffed.productive = 26;
    staffed.missing = 8;
    staffed.cause = staffing::Cause::demand;
    staffed.wait_s = 180;
    s.staffing = {staffed};
    staffed.queue = {"qingdao", "专\"席", "chat"};
    staffed.missing = 0;
    staffed.slack = 5;
    staffed.wait_s = INFINITY;
    s.staffing.push_back(staffed);
}

/// Alerts, the rules' health and what they have learned.
inline void add_rules(MetricsSnapshot& s) {
    AlertView firing;
    firing.rule = "oldest-wait";
    firing.queue = {"jinan", "general", "voice"};
    firing.state = AlertState::firing;
    firing.level = Level::orange;
    AlertView chat = firing;
    chat.queue.channel = "chat";
    chat.level = Level::red;
    AlertView unknown = firing;
    unknown.rule = "never-known";
    unknown.state = AlertState::unknown;
    s.alerts = {firing, chat, unknown};
    s.rules = {RuleHealth{"oldest-wait", 2, ""}, RuleHealth{"broken", 0, "no such metric"}};
    BaselineOf baseline;
    baseline.queue = {"jinan", "general", "voice"};
    baseline.view.rule = "offered-baseline";
    baseline.view.metric = "offered";
    baseline.view.slot = Span{300000};
    baseline.view.expected_now = 142.5;
    BaselineOf second = baseline;
    second.view.rule = "offered-baseline-percent";
    BaselineOf learning = baseline;
    learning.queue.queue = "new";
    learning.view.expected_now = -1;
    s.baselines = {baseline, second, learning};
    s.rules.push_back({"offered-baseline", 2, "", 1});
}

/// Limits of two rules: one in the unit of a metric that is shown in another, one of a change.
inline void add_limits(MetricsSnapshot& s) {
    std::vector<RuleLimit> limits;
    limits.push_back({"slow-trunk", "latency_ms", "threshold", Level::red, {Comparison::above, 2000, LimitUnit::plain},
                      {Comparison::below, 500, LimitUnit::plain}, true});
    limits.push_back({"more-calls", "offered", "rate_of_change", Level::yellow, {Comparison::above, 30, LimitUnit::percent},
                      {Comparison::below, 10, LimitUnit::percent}, false});
    s.limits = std::make_shared<const std::vector<RuleLimit>>(std::move(limits));
}

/// Incidents, rosters, channels and actions.
inline void add_paging(MetricsSnapshot& s) {
    IncidentView open;
    open.incident = "0-17";
    open.opened_wall = wall_time(1795330800000);
    open.policy = "surge";
    open.scope = {{"centre", "jinan"}, {"group", "普席"}};
    open.state = "paging";
    open.level = Level::orange;
    open.tier = 2;
    open.need = 6;
    open.joined = 4;
    open.arrived = 1;
    IncidentView closed = open;
    closed.state = "closed";
    IncidentView region = open;
    region.incident = "0-18";
    region.scope = {};
    s.incidents = {open, closed, region};
    s.incidents_open = 2;
    s.help["surge"].first.observe(42);
    s.help["surge"].half.observe(90);
    s.lists = {{"alerts", {3, 21}}};
    s.rosters = {RosterView{"leads", {"a", "b"}}, RosterView{"reserve", {}}};
    auto duty = std::make_shared<DutyFacts>();
    duty->plan.policies.emplace_back().id = "surge";
    duty->plan.policies.front().tiers.emplace_back().id = "leads";
    s.duty = duty;
    s.channels = {ChannelView{"sms", 1, false, {{"accepted", 5}, {"failed_perm", 1}}}};
    s.actions = {ActionCountView{"surge", "announce", {{"do done", 2}, {"undo failed", 1}}}};
}

inline std::shared_ptr<MetricsSnapshot> full_snapshot() {
    auto s = std::make_shared<MetricsSnapshot>();
    add_series(*s);
    s->stats.samples = 1000;
    s->stats.series = 12;
    s->stats.rejected[static_cast<std::size_t>(Refusal::malformed)] = 3;
    s->stats.alerts_by_state = {{"firing", 1}, {"ok", 2}};
    s->stats.alerts_folded = 4;
    add_staffing(*s);
    SourceView source;
    source.source = "acd-\"1\"";
    source.samples = 77;
    source.gaps = 2;
    s->sources = {source};
    add_rules(*s);
    add_limits(*s);
    add_paging(*s);
    Histogram latency;
    latency.observe(0.0003);
    latency.observe(0.2);
    latency.observe(100);
    s->decision = s->commit = s->page = s->timer_lateness = latency.view();
    s->ready = true;
    s->heartbeat_on = true;
    s->last_heartbeat = wall_time(1795330800000);
    s->heartbeats = {{"ok", 5}, {"withheld", 2}};
    s->http_requests = {{"ok", 5}};
    s->cluster = ClusterGauges{"c/0", true, 7, 0, true, 0, true, 2};
    s->version = "0.1.0";
    s->config_version = "abc";
    return s;
}

}  // namespace surged::test
