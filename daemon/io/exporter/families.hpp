// A snapshot as prometheus-cpp's metric families. It knows the names of dashboards/README.md and the library; nothing else
// does.
#pragma once

#include <prometheus/metric_family.h>

#include <cstddef>
#include <vector>

#include "io/exporter/metric_names.hpp"
#include "io/exporter/snapshot.hpp"

namespace surged {

/// Series of surged_alert_level in one scrape; the worst first. House choice: what 10,000 queues with five rules each have.
inline constexpr std::size_t alerts_shown_max = 50000;

/// All families of the snapshot. `names` belong to snapshot.series.metrics.
std::vector<prometheus::MetricFamily> make_families(const MetricsSnapshot& snapshot, const std::vector<ExposedName>& names);

/// surged_history_*.
void history_families(const HistoryFacts& history, std::vector<prometheus::MetricFamily>& out);

/// What a host of a cluster shows, at work or not: surged_owner, surged_term, surged_follower_*, surged_config_agrees, surged_takeovers_total.
void cluster_families(const ClusterGauges& cluster, std::vector<prometheus::MetricFamily>& out);

/// When this process started, UTC seconds. Asked once, so that a step of the wall clock does not look like a restart. Needs only
/// /proc/self: under the unit's ProcSubset=pid there is no /proc/stat.
double process_start_time_s();

/// process_*: cpu, memory, descriptors, start, as the official client libraries name them. Reads /proc/self.
std::vector<prometheus::MetricFamily> process_families(double start_time_s);

}  // namespace surged
