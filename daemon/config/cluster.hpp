// [cluster]: several hosts with one log in etcd, as the configuration writes it. It knows addresses, names and times; who is at work and
// how the log is kept is io/etcd's and app's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace surged {

struct ClusterSettings {
    std::string name{};               ///< keys stand below /surged/<name>/<shard>/
    std::string shard = "0";          ///< 1 to 8 of [a-z0-9]: what the ids of its incidents begin with
    std::vector<std::string> etcd{};  ///< addresses of its members: one, or three and more
    std::string ca_file{};            ///< of etcd's certificates; empty = the system's authorities
    std::string cert_file{};          ///< ours towards etcd, with key_file; empty = none is shown
    std::string key_file{};
    std::string url{};         ///< where a host's [http] is reached; {host} stands for its name
    Span takeover{2000};       ///< an owner whose head stands still for so long is taken for dead; 1 s to 30 s
    Span alone_after{10000};   ///< without etcd the owner goes on alone after this, at least twice takeover; 0 = never

    friend bool operator==(const ClusterSettings&, const ClusterSettings&) = default;
};

/// The address of `host` (see cluster_host): the configured url with its name in it. No '/' at the end.
std::string cluster_url(const ClusterSettings& settings, std::string_view host);

/// The name of this host in the cluster: `given` (--host), else the machine's.
std::string cluster_host(const std::string& given);
/// A name may stand in a URL and in a key of etcd: letters, digits, '.', '-' and '_', a letter or digit first, at most 64 bytes.
bool cluster_host_valid(std::string_view host);

/// "cluster: shandong, shard 0, 3 members of etcd; this host is a, at https://a:9847; ..." for people who check a configuration.
std::string cluster_line(const ClusterSettings& settings, std::string_view host);

}  // namespace surged
