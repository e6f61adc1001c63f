// What a host of several has beside a host alone: its way to etcd, the owner's time, the gate, and what it tells of itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/owner_time.hpp"
#include "config/cluster.hpp"
#include "io/cluster_facts.hpp"
#include "io/etcd/gate.hpp"
#include "io/etcd/hosts.hpp"
#include "io/etcd/keys.hpp"
#include "io/etcd/txn.hpp"
#include "io/store/store_thread.hpp"

namespace surged {

/// Made once a process; shared by the threads of the stand-by and, after it has taken over, of the owner.
class Cluster {
public:
    /// `host`: this one's name. Names of files are as settings_in_force() gives them.
    Cluster(ClusterSettings settings, std::string host);

    const ClusterSettings& settings() const { return settings_; }
    const std::string& host() const { return host_; }
    const std::string& url() const { return url_; }
    const etcd::Keys& keys() const { return keys_; }
    /// A connection to etcd of its own, for one thread.
    etcd::Post line() const;

    etcd::Gate gate;
    OwnerTime time;
    std::atomic<std::uint64_t> term{0};  ///< the highest that this host has seen
    std::atomic<std::uint64_t> takeovers{0};
    std::atomic<bool> config_agrees{true};
    std::atomic<std::int64_t> skew_ms{0};  ///< this host's wall clock minus the owner's, as a stand-by saw it last
    std::atomic<std::uint64_t> head{0};     ///< of etcd's log, as a stand-by saw it last
    std::atomic<std::uint64_t> applied{0};  ///< of the records, by a stand-by
    std::atomic<bool> warm{false};          ///< its windows are full

    /// Of the configuration in force.
    std::string version() const;
    void set_version(std::string version);
    /// Who is at work, as a stand-by knows it.
    void set_owner(std::string host, std::string url);
    /// Who follows, as they told last; kept up by Alone.
    std::vector<etcd::HostFacts> followers() const;
    void set_followers(std::vector<etcd::HostFacts> followers);

    // for HTTP and Prometheus; any thread
    StandbyFacts standby_facts() const;
    ClusterGauges standby_gauges() const;
    /// `head`: of the log, as the owner's store has it.
    OwnerFacts owner_facts(std::uint64_t head) const;

private:
    const ClusterSettings settings_;
    const std::string host_;
    const std::string url_;
    const etcd::Keys keys_;
    mutable std::mutex lock_;
    std::string version_;
    std::string owner_;
    std::string owner_url_;
    std::vector<etcd::HostFacts> followers_;
};

/// A store that commits into etcd: how often it looks, tries again and lets go.
void adjust(StoreOptions& options, const ClusterSettings& settings);

}  // namespace surged
