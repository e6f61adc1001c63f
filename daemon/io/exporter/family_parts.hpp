// What the families of a scrape are put together from, and the parts of it that stand in files of their own. Of this room only.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "io/exporter/metric_names.hpp"
#include "io/exporter/snapshot.hpp"

namespace surged::family_parts {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

inline MetricFamily family(std::string_view name, std::string_view help, MetricType type) {
    MetricFamily out;
    out.name = name;
    out.help = help;
    out.type = type;
    return out;
}

inline void add(MetricFamily& to, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    if (to.type == MetricType::Counter) {
        metric.counter.value = value;
    } else {
        metric.gauge.value = value;
    }
    to.metric.push_back(std::move(metric));
}

inline double number(std::uint64_t n) {
    return static_cast<double>(n);
}

inline MetricFamily one(std::string_view name, std::string_view help, MetricType type, double value, Labels labels = {}) {
    MetricFamily out = family(name, help, type);
    add(out, value, std::move(labels));
    return out;
}

inline Labels queue_labels(const QueueKey& key) {
    return {{"centre", key.centre}, {"queue", key.queue}, {"channel", key.channel}};
}

/// Open incidents: level, tier, seats, since when. At most as many as may be open (open_incidents_max), for an incident has one
/// (policy, scope); the labels centre and group are read off the scope and make no further series.
void incident_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out);
/// How long help takes, by policy.
void help_family(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out);
void roster_families(const MetricsSnapshot& snapshot, std::vector<MetricFamily>& out);
/// The limits of the rules in force: two for each level of each rule.
void limit_family(const MetricsSnapshot& snapshot, const std::vector<ExposedName>& names, std::vector<MetricFamily>& out);

}  // namespace surged::family_parts
