#include "app/cluster.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "io/courier/client/server_line.hpp"

namespace surged {
namespace {

/// Never: [cluster] alone_after = "0s".
constexpr std::chrono::hours never{24 * 365};
/// One transaction of etcd. Larger ones are no faster, and the pages of every other shard on the same etcd stand behind each.
constexpr std::size_t commit_bytes = std::size_t{512} << 10U;

}  // namespace

Cluster::Cluster(ClusterSettings settings, std::string host)
    : gate(settings.takeover),
      settings_(std::move(settings)),
      host_(std::move(host)),
      url_(cluster_url(settings_, host_)),
      keys_(settings_.name, settings_.shard) {}

etcd::Post Cluster::line() const {
    ServerLineOptions options;
    options.servers = settings_.etcd;
    options.ca_file = settings_.ca_file;
    options.cert_file = settings_.cert_file;
    options.key_file = settings_.key_file;
    options.timeout = settings_.takeover / 6;
    return [line = std::make_shared<ServerLine>(std::move(options))](std::string_view path, const std::string& json) {
        return line->post(path, json);
    };
}

std::string Cluster::version() const {
    const std::lock_guard hold(lock_);
    return version_;
}

void Cluster::set_version(std::string version) {
    const std::lock_guard hold(lock_);
    version_ = std::move(version);
}

std::vector<etcd::HostFacts> Cluster::followers() const {
    const std::lock_guard hold(lock_);
    return followers_;
}

void Cluster::set_followers(std::vector<etcd::HostFacts> followers) {
    const std::lock_guard hold(lock_);
    followers_ = std::move(followers);
}

void Cluster::set_owner(std::string host, std::string url) {
    const std::lock_guard hold(lock_);
    owner_ = std::move(host);
    owner_url_ = std::move(url);
}

StandbyFacts Cluster::standby_facts() const {
    StandbyFacts out;
    out.host = host_;
    out.term = term.load();
    out.behind = head.load() - std::min(head.load(), applied.load());
    out.warm = warm.load();
    out.config_agrees = config_agrees.load();
    const std::lock_guard hold(lock_);
    out.owner = owner_;
    out.owner_url = owner_url_;
    return out;
}

ClusterGauges Cluster::standby_gauges() const {
    return gauges_of(standby_facts(), settings_.name + "/" + settings_.shard, static_cast<double>(skew_ms.load()) / 1000, takeovers.load());
}

OwnerFacts Cluster::owner_facts(std::uint64_t at) const {
    OwnerFacts out;
    out.host = host_;
    out.url = url_;
    out.shard = settings_.name + "/" + settings_.shard;
    out.term = term.load();
    out.alone = gate.is_alone();
    out.takeovers = takeovers.load();
    const auto now = to_ms(time.at(etcd::boottime()));
    const std::lock_guard hold(lock_);
    for (const auto& host : followers_) {
        const Span ago{std::max<std::int64_t>(0, now - host.at)};
        out.standbys.push_back({host.name, host.url, at - std::min(at, host.seq), host.warm, host.version == version_, ago});
    }
    return out;
}

void adjust(StoreOptions& options, const ClusterSettings& settings) {
    options.look_every = settings.takeover / 8;
    options.retry_max = std::chrono::milliseconds{200};
    options.commit_bytes_max = commit_bytes;
    options.undurable_after = settings.alone_after > Span{0} ? std::chrono::milliseconds(settings.alone_after) : never;
}

}  // namespace surged
