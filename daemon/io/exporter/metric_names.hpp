// From a feeder's metric name to the name Prometheus sees. Pure text.
//
// Feeders name metrics as they like within [a-z][a-z0-9_]*; Prometheus has rules of its own: counters end in _total and nothing
// else does, units are spelled out and are base units, _count, _sum and _bucket belong to histograms (`promtool check metrics`).
// So
//   oldest_wait_s       gauge    surged_queue_oldest_wait_seconds
//   talk_s_sum          counter  surged_queue_talk_seconds_sum_total
//   offered             counter  surged_queue_offered_total
//   trunks_total        gauge    surged_queue_trunks
//   latency_ms          gauge    surged_queue_latency_seconds, its values divided by 1,000
// The hardest rule: two metrics never share a name. Where these rules make two meet, the later one (in the engine's order of
// metrics, which is that of first appearance) gets "_metric" and a number.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace surged {

struct ExposedName {
    std::string name;
    double scale = 1.0;  ///< the exposed value is the raw value times this
    bool counter = false;
};

/// The name of one metric on its own.
ExposedName exposed_name(std::string_view metric, bool counter);

/// The names of all metrics, by id, without a name twice. `counter[i]` belongs to `metrics[i]`.
std::vector<ExposedName> exposed_names(const std::vector<std::string>& metrics, const std::vector<bool>& counter);

}  // namespace surged
