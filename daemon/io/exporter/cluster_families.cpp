// The cluster in the metrics: who is at work, and how near the others are to taking over.
#include "io/exporter/families.hpp"
#include "io/exporter/family_parts.hpp"

namespace surged {

void cluster_families(const ClusterGauges& cluster, std::vector<prometheus::MetricFamily>& out) {
    using namespace family_parts;
    const auto put = [&](std::string_view name, std::string_view help, double value, MetricType type = MetricType::Gauge) {
        out.push_back(one(name, help, type, value, {{"shard", cluster.shard}}));
    };
    put("surged_owner", "1 on the host that is at work, 0 on those that stand by.", cluster.owner ? 1 : 0);
    put("surged_term", "The latest term of the shard that this host has seen: each take-over is a new one.", number(cluster.term));
    put("surged_follower_behind_records", "Records of the log that this host has not applied yet.", number(cluster.behind));
    put("surged_follower_warm", "1 while the windows of this host are full: what it decided would be right.", cluster.warm ? 1 : 0);
    put("surged_follower_clock_skew_seconds", "The owner's wall clock less this host's.", cluster.skew_s);
    put("surged_config_agrees", "1 while the configuration of this host is the owner's.", cluster.config_agrees ? 1 : 0);
    put("surged_takeovers_total", "Times this process has become the host at work.", number(cluster.takeovers), MetricType::Counter);
}

}  // namespace surged
