#include "io/exporter/families.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "io/exporter/family_parts.hpp"

namespace surged {

namespace {

using namespace family_parts;  // NOLINT(google-build-using-namespace): this file is made of them

void queue_families(const MetricsSnapshot& snapshot, const std::vector<ExposedName>& names, std::vector<MetricFamily>& out) {
    const SeriesView& series = snapshot.series;
    std::vector<MetricFamily> by_metric;
    by_metric.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        by_metric.push_back(family(names[i].name, "Metric " + series.metrics[i] + " of a queue, its last value.",
                                   names[i].counter ? MetricType::Counter : MetricType::Gauge));
    }
    MetricFamily group =
        family("surged_group_member", "Always 1; the group of a queue. Without the label group it belongs to none.", MetricType::Gauge);
    MetricFamily stale = family("surged_queue_stale", "1 while the queue's feed is silent or was never seen.", MetricType::Gauge);
    for (const QueueView& queue : series.queues) {
        const Labels labels = queue_labels(queue.key);
        add(stale, queue.stale || queue.never_seen ? 1 : 0, labels);
        Labels with_group = labels;
        if (!queue.group.empty()) {
            with_group.push_back({"group", queue.group});
        }
        add(group, 1, std::move(with_group));
        for (std::size_t i = queue.first; i < std::size_t{queue.first} + queue.count && i < series.values.size(); ++i) {
            const std::size_t metric = series.metric_of[i];
            // What is unknown is not shown; a stale queue keeps its last values out of sums by being absent as well.
            if (metric < names.size() && !std::isnan(series.values[i]) && !queue.stale) {
                add(by_metric[metric], series.values[i] * names[metric].scale, labels);
            }
        }
    }
    out.push_back(std::move(stale));
    out.push_back(std::move(group));
    for (MetricFamily& filled : by_metric) {
        if (!filled.metric.empty()) {
            out.push_back(std::move(filled));
        }
    }
}

/// What learned profiles expect. Of several rules on one queue the first is shown: labels name the queue only.
void forecast_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily offered = family("surged_forecast_offered",
                                  "Calls expected to be offered in the running slot of the queue's baseline rule, at today's "
                                  "level. A slot is 5 minutes unless the rule says otherwise, see surged_forecast_slot_seconds.",
                                  MetricType::Gauge);
    MetricFamily slot =
        family("surged_forecast_slot_seconds", "Length of the slot that surged_forecast_offered is about.", MetricType::Gauge);
    MetricFamily learning =
        family("surged_rule_learning", "Queues of which a baseline rule has too little history to judge.", MetricType::Gauge);
    std::set<QueueKey> told;
    for (const BaselineOf& baseline : snapshot.baselines) {
        if (baseline.view.metric != "offered" || baseline.view.expected_now < 0 || !told.insert(baseline.queue).second) {
            continue;
        }
        Labels labels = {{"centre", baseline.queue.centre}, {"queue", baseline.queue.queue}};
        if (baseline.queue.channel != voice_channel) {
            labels.push_back({"channel", baseline.queue.channel});
        }
        add(offered, baseline.view.expected_now, labels);
        add(slot, static_cast<double>(baseline.view.slot.count()) / 1000.0, std::move(labels));
    }
    std::set<std::string> rules;
    for (const BaselineOf& baseline : snapshot.baselines) {
        rules.insert(baseline.view.rule);
    }
    for (const RuleHealth& rule : snapshot.rules) {
        if (rules.contains(rule.rule)) {
            add(learning, number(rule.learning), {{"rule", rule.rule}});
        }
    }
    for (MetricFamily* filled : {&offered, &slot, &learning}) {
        out.push_back(std::move(*filled));
    }
}

void alert_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    std::vector<const AlertView*> shown;
    for (const AlertView& alert : snapshot.alerts) {
        if (alert.state != AlertState::unknown) {
            shown.push_back(&alert);
        }
    }
    const std::size_t known = shown.size();
    if (known > alerts_shown_max) {
        std::ranges::stable_sort(shown, [](const AlertView* a, const AlertView* b) { return a->level > b->level; });
        shown.resize(alerts_shown_max);
    }
    MetricFamily level = family("surged_alert_level", "Level of an alert: 0 none, 1 yellow, 2 orange, 3 red.", MetricType::Gauge);
    for (const AlertView* alert : shown) {
        Labels labels = {{"rule", alert->rule}, {"centre", alert->queue.centre}, {"queue", alert->queue.queue}};
        if (alert->queue.channel != voice_channel) {  // voice is what a queue without a named channel is
            labels.push_back({"channel", alert->queue.channel});
        }
        add(level, static_cast<double>(alert->level), std::move(labels));
    }
    out.push_back(std::move(level));
    out.push_back(one("surged_alerts_not_shown", "Alerts left out of surged_alert_level because there are too many.",
                      MetricType::Gauge, number(known - shown.size())));
    MetricFamily states = family("surged_alerts", "Alerts by state.", MetricType::Gauge);
    for (const AlertState state :
         {AlertState::unknown, AlertState::ok, AlertState::pending, AlertState::firing, AlertState::clearing}) {
        const auto found = snapshot.stats.alerts_by_state.find(std::string(to_string(state)));
        add(states, found == snapshot.stats.alerts_by_state.end() ? 0 : number(found->second),
            {{"state", std::string(to_string(state))}});
    }
    out.push_back(std::move(states));
    out.push_back(one("surged_alerts_folded", "Alerts open under a rule they depend on, which speaks for them.",
                      MetricType::Gauge, number(snapshot.stats.alerts_folded)));
    MetricFamily unhealthy = family("surged_rule_unhealthy", "1 for a rule that cannot fire now.", MetricType::Gauge);
    MetricFamily bound = family("surged_rule_bound", "Queues a rule is bound to.", MetricType::Gauge);
    for (const RuleHealth& rule : snapshot.rules) {
        add(unhealthy, rule.problem.empty() ? 0 : 1, {{"rule", rule.rule}});
        add(bound, number(rule.bound), {{"rule", rule.rule}});
    }
    out.push_back(std::move(unhealthy));
    out.push_back(std::move(bound));
    forecast_families(snapshot, out);
}

void staffing_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily shortfall =
        family("surged_shortfall_agents", "Agents a queue is missing to keep its target.", MetricType::Gauge);
    MetricFamily slack =
        family("surged_slack_agents", "Agents a queue can give while keeping its own target.", MetricType::Gauge);
    MetricFamily required = family("surged_required_agents", "Agents a queue needs to keep its target.", MetricType::Gauge);
    MetricFamily productive =
        family("surged_productive_agents", "Agents of a queue who take calls or are ready to.", MetricType::Gauge);
    MetricFamily cause =
        family("surged_shortfall_cause", "1 for why a queue is missing agents, 0 for the other causes; only while it is.",
               MetricType::Gauge);
    MetricFamily wait = family("surged_expected_wait_seconds", "Expected wait of a call that arrives now.", MetricType::Gauge);
    for (const QueueStaffing& queue : snapshot.staffing) {
        Labels labels = {{"centre", queue.queue.centre}, {"queue", queue.queue.queue}};
        if (queue.queue.channel != voice_channel) {
            labels.push_back({"channel", queue.queue.channel});
        }
        add(shortfall, queue.missing, labels);
        add(slack, queue.slack, labels);
        add(required, queue.required, labels);
        add(productive, queue.productive, labels);
        if (queue.missing > 0) {
            using enum staffing::Cause;
            for (const auto why : {demand, handling_time, staff, routing}) {
                Labels with_cause = labels;
                with_cause.push_back({"cause", std::string(staffing::to_string(why))});
                add(cause, queue.cause == why ? 1 : 0, std::move(with_cause));
            }
        }
        if (const double seconds = queue.expected_wait_s(); std::isfinite(seconds)) {
            add(wait, seconds, labels);
        }
    }
    for (MetricFamily* filled : {&shortfall, &slack, &required, &productive, &cause, &wait}) {
        out.push_back(std::move(*filled));
    }
}

/// Every outcome of every action in force from the start, at 0, for the sake of rate() and increase().
MetricFamily action_family(const MetricsSnapshot& snapshot) {
    MetricFamily out =
        family("surged_actions_total", "Steps of the playbook done and undone, by outcome of an attempt, since start.",
               MetricType::Counter);
    for (const ActionCountView& action : snapshot.actions) {
        for (const char* step : {"do", "undo"}) {
            for (const char* outcome : {"queued", "done", "retry", "unknown", "failed", "cancelled"}) {
                const auto count = action.outcomes.find(std::string(step) + " " + outcome);
                add(out, count == action.outcomes.end() ? 0.0 : number(count->second),
                    {{"policy", action.policy}, {"action", action.action}, {"step", step}, {"outcome", outcome}});
            }
        }
    }
    return out;
}

/// Lists of the API that were made whole, and answers that shared one.
MetricFamily list_family(const MetricsSnapshot& snapshot) {
    MetricFamily out = family("surged_list_answers_total",
                              "Whole lists that were asked for, by list: made of the engine's state, or shared with others who asked.",
                              MetricType::Counter);
    for (const auto& [list, counts] : snapshot.lists) {
        add(out, number(counts.first), {{"list", list}, {"how", "made"}});
        add(out, number(counts.second), {{"list", list}, {"how", "shared"}});
    }
    return out;
}

/// Every outcome from the start, at 0: the first failure must be a rise that rate() and increase() see.
std::map<std::string, std::uint64_t> with_zeros(std::map<std::string, std::uint64_t> counts,
                                                std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        counts.try_emplace(std::string(name), 0);
    }
    return counts;
}

void channel_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily pages = family("surged_pages_total", "Pages by channel and outcome since start.", MetricType::Counter);
    MetricFamily pending = family("surged_pages_pending", "Pages without a final outcome yet.", MetricType::Gauge);
    MetricFamily down = family("surged_channel_down", "1 while a channel is held back after failures.", MetricType::Gauge);
    MetricFamily receipts =
        family("surged_receipts_total", "Delivery receipts by channel and what they came to, since start.", MetricType::Counter);
    for (const ChannelView& channel : snapshot.channels) {
        const auto outcomes = with_zeros(
            channel.outcomes, {to_string(PageState::accepted), to_string(PageState::delivered), to_string(PageState::failed_temp),
                               to_string(PageState::failed_perm), to_string(PageState::expired), to_string(PageState::cancelled),
                               to_string(PageState::unknown)});
        for (const auto& outcome : outcomes) {
            add(pages, number(outcome.second), {{"channel", channel.channel}, {"outcome", outcome.first}});
        }
        add(pending, number(channel.pending), {{"channel", channel.channel}});
        add(down, channel.down ? 1 : 0, {{"channel", channel.channel}});
        if (channel.receipts_promised) {
            for (const auto& result :
                 with_zeros(channel.receipts, {"delivered", "failed", "missing", "late", "duplicate", "unknown"})) {
                add(receipts, number(result.second), {{"channel", channel.channel}, {"result", result.first}});
            }
        }
    }
    out.push_back(std::move(pages));
    out.push_back(std::move(pending));
    out.push_back(std::move(down));
    if (!receipts.metric.empty()) {
        out.push_back(std::move(receipts));
    }
}

/// What people and providers sent back: families that are there once something came.
void answer_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily pulls = family("surged_pulls_total", "Questions to providers for receipts and messages, by channel and outcome.",
                                MetricType::Counter);
    MetricFamily replies =
        family("surged_replies_total", "Messages of people by what became of them, since start.", MetricType::Counter);
    for (const auto& [channel, outcomes] : snapshot.pulls) {
        for (const auto& outcome : outcomes) {
            add(pulls, number(outcome.second), {{"channel", channel}, {"outcome", outcome.first}});
        }
    }
    for (const auto& result : snapshot.replies) {
        add(replies, number(result.second), {{"result", result.first}});
    }
    for (auto* optional : {&pulls, &replies}) {
        if (!optional->metric.empty()) {
            out.push_back(std::move(*optional));
        }
    }
}

void ingest_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily samples = family("surged_ingest_samples_total", "Samples used, by source.", MetricType::Counter);
    MetricFamily messages = family("surged_ingest_messages_total", "Messages used, by source.", MetricType::Counter);
    MetricFamily gaps =
        family("surged_ingest_gaps_total", "Messages that never came, by holes in the sequence. Half of all: one PUSH socket is connected to two hosts and deals them out in turn.", MetricType::Counter);
    MetricFamily repeats =
        family("surged_ingest_repeats_total", "Messages dropped because they had come before.", MetricType::Counter);
    MetricFamily restarts =
        family("surged_ingest_restarts_total", "Restarts of a source's counters or sequence.", MetricType::Counter);
    MetricFamily skew =
        family("surged_ingest_skew_seconds", "Arrival minus claimed time of the last message.", MetricType::Gauge);
    for (const SourceView& source : snapshot.sources) {
        const Labels labels = {{"source", source.source}};
        add(samples, number(source.samples), labels);
        add(messages, number(source.messages), labels);
        add(gaps, number(source.gaps), labels);
        add(repeats, number(source.repeats), labels);
        add(restarts, number(source.restarts), labels);
        add(skew, source.skew_s, labels);
    }
    for (MetricFamily* filled : {&samples, &messages, &gaps, &repeats, &restarts, &skew}) {
        out.push_back(std::move(*filled));
    }
    MetricFamily rejected =
        family("surged_ingest_rejected_total", "Messages, parts or values refused, by reason.", MetricType::Counter);
    for (std::size_t i = 0; i < refusal_count; ++i) {
        add(rejected, number(snapshot.stats.rejected[i]), {{"reason", std::string(to_string(static_cast<Refusal>(i)))}});
    }
    out.push_back(std::move(rejected));
    const EngineStats& stats = snapshot.stats;
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        out.push_back(one(name, help, MetricType::Counter, number(value)));
    };
    counter("surged_ingest_late_samples_total", "Samples older than what their window already has.", stats.late_samples);
    counter("surged_ingest_lenient_total", "Numbers that came as texts and were taken, by [ingest] lenient.", snapshot.from_texts);
    counter("surged_ingest_series_restarts_total", "Series whose counter restarted or wrapped.", stats.counter_resets);
    counter("surged_clock_jumps_total", "Steps of the wall clock.", stats.clock_jumps);
    counter("surged_records_total", "Records decided, the log's last sequence number.", stats.records);
    out.push_back(one("surged_series", "Series known.", MetricType::Gauge, number(stats.series)));
    out.push_back(one("surged_queues", "Queues known.", MetricType::Gauge, number(stats.queues)));
    out.push_back(one("surged_queues_stale", "Queues whose feed is silent.", MetricType::Gauge, number(stats.stale_queues)));
    out.push_back(one("surged_alerts_bound", "Pairs of a rule and a queue.", MetricType::Gauge, number(stats.bound)));
}

MetricFamily histogram_family(std::string_view name, std::string_view help, const HistogramView& view) {
    MetricFamily out = family(name, help, MetricType::Histogram);
    ClientMetric metric;
    metric.histogram.sample_count = view.count;
    metric.histogram.sample_sum = view.sum_s;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < histogram_bounds_s.size(); ++i) {
        below += view.counts[i];
        metric.histogram.bucket.push_back({below, histogram_bounds_s[i]});
    }
    metric.histogram.bucket.push_back({view.count, INFINITY});
    out.metric.push_back(std::move(metric));
    return out;
}

void program_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    const auto gauge = [&](std::string_view name, std::string_view help, double value) {
        out.push_back(one(name, help, MetricType::Gauge, value));
    };
    gauge("surged_ready", "1 while surged is recovered and its store takes records.", snapshot.ready ? 1 : 0);
    gauge("surged_store_degraded", "1 while the store refuses records.", snapshot.store_degraded ? 1 : 0);
    gauge("surged_store_pending", "Records waiting for their commit.", number(snapshot.store_pending));
    gauge("surged_config_last_reload_success", "1 when the last reload was taken.", snapshot.reload_ok ? 1 : 0);
    gauge("surged_config_last_reload_timestamp_seconds", "When the configuration in force was read.",
          static_cast<double>(to_ms(snapshot.last_reload)) / 1000.0);
    if (snapshot.heartbeat_on) {
        gauge("surged_heartbeat_last_success_timestamp_seconds",
              "When the watcher outside last took a sign of life; 0 = not yet.",
              static_cast<double>(to_ms(snapshot.last_heartbeat)) / 1000.0);
    }
    MetricFamily heartbeats =
        family("surged_heartbeats_total", "Signs of life for the watcher outside, by outcome.", MetricType::Counter);
    for (const auto& outcome : snapshot.heartbeats) {
        add(heartbeats, number(outcome.second), {{"outcome", outcome.first}});
    }
    out.push_back(std::move(heartbeats));
    out.push_back(one("surged_inbox_refused_total", "Requests refused because too many waited for the engine.",
                      MetricType::Counter, number(snapshot.inbox_refused)));
    out.push_back(one("surged_events_slow_dropped_total", "Readers of the event stream cut off because they read too slowly.",
                      MetricType::Counter, number(snapshot.events_slow_dropped)));
    MetricFamily http = family("surged_http_requests_total", "HTTP requests by result.", MetricType::Counter);
    for (const auto& result : snapshot.http_requests) {
        add(http, number(result.second), {{"result", result.first}});
    }
    out.push_back(std::move(http));
    out.push_back(histogram_family("surged_decision_seconds", "Arrival of a message to the decision.", snapshot.decision));
    out.push_back(histogram_family("surged_commit_seconds", "One transaction of the store.", snapshot.commit));
    out.push_back(
        histogram_family("surged_page_seconds", "Arrival of a message to its page's request on the wire.", snapshot.page));
    out.push_back(histogram_family("surged_timer_lateness_seconds", "A deadline to its run.", snapshot.timer_lateness));
    out.push_back(one("surged_build_info", "Always 1; the version and the configuration in force.", MetricType::Gauge, 1,
                      {{"version", snapshot.version}, {"config", snapshot.config_version}}));
}

}  // namespace

std::vector<MetricFamily> make_families(const MetricsSnapshot& snapshot, const std::vector<ExposedName>& names) {
    std::vector<MetricFamily> out;
    out.reserve(names.size() + 64);
    program_families(snapshot, out);
    ingest_families(snapshot, out);
    incident_families(snapshot, out);
    help_family(snapshot, out);
    roster_families(snapshot, out);
    limit_family(snapshot, names, out);
    channel_families(snapshot, out);
    answer_families(snapshot, out);
    out.push_back(action_family(snapshot));
    out.push_back(list_family(snapshot));
    history_families(snapshot.history, out);
    if (snapshot.cluster) {
        cluster_families(*snapshot.cluster, out);
    }
    alert_families(snapshot, out);
    staffing_families(snapshot, out);
    queue_families(snapshot, names, out);
    // A family without a value would be a help text alone; what does not exist yet is not shown.
    std::erase_if(out, [](const MetricFamily& f) { return f.metric.empty(); });
    return out;
}

}  // namespace surged
