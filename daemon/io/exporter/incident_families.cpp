#include <cmath>
#include <map>
#include <string>

#include "io/exporter/family_parts.hpp"

namespace surged::family_parts {

namespace {

std::string scope_text(const std::map<std::string, std::string>& scope) {
    std::string text;
    for (const auto& part : scope) {
        text += (text.empty() ? "" : ",") + part.first + "=" + part.second;
    }
    return text.empty() ? "all" : text;
}

/// Those of the scope that boards filter by stand in labels of their own as well; what the scope does not have is not there.
Labels incident_labels(const IncidentView& incident) {
    Labels labels = {{"policy", incident.policy}, {"scope", scope_text(incident.scope)}};
    for (const char* name : {"centre", "group"}) {
        if (const auto part = incident.scope.find(name); part != incident.scope.end()) {
            labels.push_back({name, part->second});
        }
    }
    return labels;
}

ClientMetric help_metric(const std::string& policy, const char* help, const HelpCounts& counts) {
    ClientMetric metric;
    metric.label = {{"policy", policy}, {"help", help}};
    metric.histogram.sample_count = counts.count;
    metric.histogram.sample_sum = counts.sum_s;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < help_bounds_s.size(); ++i) {
        below += counts.counts[i];
        metric.histogram.bucket.push_back({below, help_bounds_s[i]});
    }
    metric.histogram.bucket.push_back({counts.count, INFINITY});
    return metric;
}

std::string_view unit_word(LimitUnit unit) {
    switch (unit) {
        case LimitUnit::plain: return "plain";
        case LimitUnit::percent: return "percent";
        case LimitUnit::per_minute: return "per_minute";
        case LimitUnit::span: return "seconds";
        case LimitUnit::sigma: return "sigma";
    }
    return "plain";
}

/// As the metric is shown here, by name and scale.
ExposedName shown_as(const std::string& metric, const SeriesView& series, const std::vector<ExposedName>& names) {
    for (std::size_t i = 0; i < series.metrics.size() && i < names.size(); ++i) {
        if (series.metrics[i] == metric) {
            return names[i];
        }
    }
    return exposed_name(metric, false);
}

}  // namespace

void incident_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily level =
        family("surged_incident_level", "Level of an open incident: 1 yellow, 2 orange, 3 red.", MetricType::Gauge);
    MetricFamily tier = family("surged_incident_tier", "Highest tier asked by an open incident.", MetricType::Gauge);
    MetricFamily seats =
        family("surged_seats", "Seats of an open incident: wanted, taken, at work, not come.", MetricType::Gauge);
    MetricFamily opened = family("surged_incident_opened_timestamp_seconds",
                                 "When an open incident opened; its label incident is the id that surgectl and the console show.",
                                 MetricType::Gauge);
    for (const IncidentView& incident : snapshot.incidents) {
        if (!incident.open()) {
            continue;  // one (policy, scope) has one open incident, so the labels are unique among these
        }
        const Labels labels = incident_labels(incident);
        add(level, static_cast<double>(incident.level), labels);
        add(tier, incident.tier, labels);
        Labels with_id = labels;
        with_id.push_back({"incident", incident.incident});
        add(opened, static_cast<double>(to_ms(incident.opened_wall)) / 1000.0, std::move(with_id));
        const auto seat = [&](const char* state, int count) {
            Labels with_state = labels;
            with_state.push_back({"state", state});
            add(seats, count, std::move(with_state));
        };
        seat("needed", incident.need);
        seat("joined", incident.joined);
        seat("arrived", incident.arrived);
        seat("noshow", incident.noshow);
    }
    out.push_back(std::move(level));
    out.push_back(std::move(tier));
    out.push_back(std::move(opened));
    out.push_back(std::move(seats));
    out.push_back(one("surged_policy_unreadable_timestamp_seconds",
                      "When an open incident's policy was last found to be neither readable nor configured; 0 = not since the start.", MetricType::Gauge,
                      static_cast<double>(to_ms(snapshot.policy_unreadable)) / 1000.0));
    out.push_back(one("surged_incidents_open", "Incidents that are open.", MetricType::Gauge, number(snapshot.incidents_open)));
}

void roster_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily duty = family("surged_roster_on_duty", "People of a roster who are on duty now.", MetricType::Gauge);
    for (const RosterView& roster : snapshot.rosters) {
        add(duty, number(roster.on_duty.size()), {{"roster", roster.roster}});
    }
    out.push_back(std::move(duty));
}

void help_family(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out) {
    MetricFamily help = family("surged_time_to_help_seconds",
                               "From an incident's opening to its first seat taken, to half of the seats wanted, to all of them.",
                               MetricType::Histogram);
    for (const auto& [policy, times] : snapshot.help) {
        help.metric.push_back(help_metric(policy, "first", times.first));
        help.metric.push_back(help_metric(policy, "half", times.half));
        help.metric.push_back(help_metric(policy, "full", times.full));
    }
    out.push_back(std::move(help));
}

void limit_family(const MetricsSnapshot& snapshot, const std::vector<ExposedName>& names, std::vector<MetricFamily>& out) {
    MetricFamily limits =
        family("surged_rule_limit",
               "A limit of a rule in force, in the unit of the metric that its label metric names, else in what its "
               "label unit says.",
               MetricType::Gauge);
    if (!snapshot.limits) {
        return;
    }
    for (const RuleLimit& limit : *snapshot.limits) {
        const ExposedName shown = shown_as(limit.metric, snapshot.series, names);
        const auto one_limit = [&](const char* edge, const Limit& at) {
            const double scale = limit.in_metric_unit && at.unit == LimitUnit::plain ? shown.scale : 1.0;
            add(limits, at.value * scale,
                {{"rule", limit.rule},
                 {"kind", std::string(limit.kind)},
                 {"metric", shown.name},
                 {"level", std::string(to_string(limit.level))},
                 {"edge", edge},
                 {"side", at.upward() ? "above" : "below"},
                 {"unit", std::string(unit_word(at.unit))}});
        };
        one_limit("raise", limit.raise);
        one_limit("clear", limit.clear);
    }
    out.push_back(std::move(limits));
}

}  // namespace surged::family_parts
