// What is said of a cluster to whoever asks over HTTP and to Prometheus: plain values, taken at one moment. Who makes them knows etcd;
// who shows them does not.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.hpp"

namespace surged {

/// A host that follows, as it sees things.
struct StandbyFacts {
    std::string host{};       ///< its own name in [cluster]
    std::string owner{};      ///< the name of the host at work; empty = none is known
    std::string owner_url{};  ///< where the owner's [http] is reached; empty = not known
    std::uint64_t term = 0;   ///< the latest term it has seen; 0 = nobody has claimed the shard yet
    std::uint64_t behind = 0;     ///< records of the log that it has not applied yet
    bool warm = false;            ///< its windows are full: what it decided would be right
    bool config_agrees = true;    ///< its configuration is the owner's
};

/// A stand-by, as the owner hears of it.
struct FollowerFacts {
    std::string host{};
    std::string url{};
    std::uint64_t behind = 0;
    bool warm = false;
    bool config_agrees = true;
    Span seen_ago{0};  ///< since it last said so
    template <typename V>
    void fields(V& v) const {
        v("host", host), v("url", url), v("behind", behind), v("warm", warm), v("config_agrees", config_agrees), v("seen_ago_ms", seen_ago);
    }
};

/// The host at work in a cluster.
struct OwnerFacts {
    std::string host{};
    std::string url{};
    std::string shard{};  ///< "<name>/<shard>" of [cluster]
    std::uint64_t term = 0;
    bool alone = false;  ///< it goes on without etcd: nothing is durable beyond this host
    std::vector<FollowerFacts> standbys{};
    std::uint64_t takeovers = 0;  ///< times this process has become the host at work
    template <typename V>
    void fields(V& v) const {
        v("owner", host), v("url", url), v("shard", shard), v("term", term), v("alone", alone), v("standbys", standbys);
    }
};

/// What every host of a cluster shows Prometheus, at work or not.
struct ClusterGauges {
    std::string shard{};  ///< "<name>/<shard>" of [cluster]: what sums over hosts are made by
    bool owner = false;
    std::uint64_t term = 0;
    std::uint64_t behind = 0;  ///< of an owner 0
    bool warm = true;
    double skew_s = 0;  ///< the owner's wall clock less ours, seconds; of an owner 0
    bool config_agrees = true;
    std::uint64_t takeovers = 0;
};
inline ClusterGauges gauges_of(const OwnerFacts& facts) {
    return {facts.shard, true, facts.term, 0, true, 0, true, facts.takeovers};
}
/// Of a host that follows in `shard`. `skew_s`, `takeovers`: see above.
inline ClusterGauges gauges_of(const StandbyFacts& facts, std::string shard, double skew_s, std::uint64_t takeovers) {
    return {std::move(shard), false, facts.term, facts.behind, facts.warm, skew_s, facts.config_agrees, takeovers};
}

}  // namespace surged
