#include "app/cluster.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "io/courier/client/server_line.hpp"

namespace surged {
namespace {

/// Never: [cluster] alone_after = "0s".
constexpr std::chrono::hours never{24 * 365};

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

std::string host_name(const std::string& told) {
    std::array<char, 256> name{};
    if (!told.empty() || ::gethostname(name.data(), name.size() - 1) != 0) {
        return told;
    }
    return name.data();
}

void adjust(StoreOptions& options, const ClusterSettings& settings) {
    options.look_every = settings.takeover / 8;
    options.retry_max = std::chrono::milliseconds{200};
    options.undurable_after = settings.alone_after > Span{0} ? std::chrono::milliseconds(settings.alone_after) : never;
}

}  // namespace surged
