// Hardest rule: what would work on one host and fail at the first take-over is refused here, for the first take-over is the wrong moment
// to learn it: a key of links that is made on each host for itself, an API that nobody reaches, two members of etcd.
#include "config/cluster.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "config/address.hpp"
#include "config/draft.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view host_mark = "{host}";
constexpr std::size_t shard_bytes_max = 8;

void read_shard(TableReader& cluster, std::string& out) {
    std::string shard;
    if (!cluster.text("shard", shard)) {
        return;
    }
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
    if (shard.empty() || shard.size() > shard_bytes_max || !std::ranges::all_of(shard, fits)) {
        cluster.error("shard", in_quotes(shard) + " is no shard: 1 to 8 of a-z and 0-9; ids of incidents begin with it");
        return;
    }
    out = std::move(shard);
}

void read_etcd(TableReader& cluster, std::vector<std::string>& out) {
    std::vector<PlacedText> members;
    if (!cluster.text_or_texts("etcd", members)) {
        return cluster.require("etcd");
    }
    for (const auto& member : members) {
        const auto address = parse_server(member.text);
        if (!address || address->port.empty()) {
            cluster.report().error(member.place, in_quotes(member.text) + " is no member of etcd; write scheme, host and port: \"https://a:2379\"");
        } else if (!address->tls && !loopback_host(address->host)) {
            cluster.report().error(member.place, in_quotes(member.text) + " would send the log beyond this host in the clear; write https://");
        } else if (contains(out, member.text)) {
            cluster.report().error(member.place, in_quotes(member.text) + " is given twice");
        } else {
            out.push_back(member.text);
        }
    }
    if (members.empty()) {
        cluster.error("etcd", "the list is empty: name the members of etcd, three or more");
    } else if (members.size() == 2) {
        cluster.error("etcd", "two members of etcd stop when either of them is away, so they fail more often than one; name three or more, or one for a trial");
    }
}

void read_files(TableReader& cluster, ClusterSettings& out) {
    cluster.text("ca_file", out.ca_file);
    cluster.text("cert_file", out.cert_file);
    cluster.text("key_file", out.key_file);
    if (out.cert_file.empty() != out.key_file.empty()) {
        cluster.error(out.cert_file.empty() ? "key_file" : "cert_file", "`cert_file` and `key_file` go together");
    }
    const bool tls = std::ranges::any_of(out.etcd, [](const std::string& member) { return member.starts_with("https://"); });
    for (const std::string_view key : {"ca_file", "cert_file", "key_file"}) {
        if (cluster.has(key) && !out.etcd.empty() && !tls) {
            cluster.error(key, "`" + std::string(key) + "` is for members of etcd at https://, and there is none");
        }
    }
}

void read_url(TableReader& cluster, std::string& out) {
    std::string url;
    if (!cluster.text("url", url)) {
        return cluster.require("url");
    }
    if (url.ends_with('/')) {
        url.pop_back();
    }
    std::string tried = url;
    const auto mark = tried.find(host_mark);
    if (mark != std::string::npos) {
        tried.replace(mark, host_mark.size(), "a");
    }
    if (!parse_server(tried)) {
        cluster.error("url", in_quotes(url) + " is no address of [http]; write scheme, host and port, with {host} for the host's name: \"https://{host}:9847\"");
        return;
    }
    if (mark == std::string::npos) {
        cluster.report().warning(cluster.at("url"), "without {host} every host has this address: a stand-by would send people to itself");
    }
    out = std::move(url);
}

void read_times(TableReader& cluster, ClusterSettings& out) {
    cluster.span("takeover", out.takeover, {1s, 30s});
    if (!cluster.has("alone_after")) {
        out.alone_after = std::max(out.alone_after, 2 * out.takeover);
    }
    Span alone{0};
    if (!cluster.span("alone_after", alone, {0s, 1h})) {
        return;
    }
    if (alone != Span{0} && alone < 2 * out.takeover) {
        cluster.error("alone_after", "`alone_after` must be at least twice `takeover`, " + format_span(2 * out.takeover) +
                                         ", or \"0s\" for never: before that another host may have taken over");
        return;
    }
    out.alone_after = alone;
}

/// The table of this name, and the place of its key; nullopt when the key is not there.
std::optional<Place> place_of(TableReader& root, std::string_view section, std::string_view key) {
    const auto* table = root.table(section);
    const auto* entry = table == nullptr ? nullptr : table->find(key);
    return entry == nullptr ? std::nullopt : std::optional(entry->value.place);
}

/// What other sections must say once there are several hosts.
void judge_others(TableReader& root, const TableReader& cluster, Draft& draft) {
    const auto& http = draft.settings.http;
    if (const auto listen = place_of(root, "http", "listen"); http.listen.port == 0 && !http.listen.any_port) {
        draft.report.error(listen.value_or(cluster.place()),
                           "[cluster] needs [http] `listen`: stand-bys answer there who is at work, and an owner that lost etcd asks them");
    }
    if (!draft.plan.ack_url_base.empty() && http.link_key_file.empty()) {
        const auto at_http = place_of(root, "http", "ack_url_base");
        const auto at = at_http ? at_http : place_of(root, "defaults", "ack_url_base");
        draft.report.error(at.value_or(cluster.place()),
                           "`ack_url_base` with [cluster] needs [http] `link_key_file`, the same on every host: a key made by each host for "
                           "itself would void the links of its pages when the host dies");
    }
}

}  // namespace

void read_cluster(TableReader& root, Draft& draft) {
    const auto* node = root.table("cluster");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[cluster]", draft.report);
    ClusterSettings cluster;
    table.id("name", cluster.name);
    read_shard(table, cluster.shard);
    read_etcd(table, cluster.etcd);
    read_files(table, cluster);
    read_url(table, cluster.url);
    read_times(table, cluster);
    table.finish();
    judge_others(root, table, draft);
    draft.plan.shard = cluster.shard;
    draft.settings.cluster = std::move(cluster);
}

std::string cluster_url(const ClusterSettings& settings, std::string_view host) {
    std::string out = settings.url;
    if (const auto mark = out.find(host_mark); mark != std::string::npos) {
        out.replace(mark, host_mark.size(), host);
    }
    return out;
}

std::string cluster_host(const std::string& given) {
    std::array<char, 256> name{};
    if (given.empty() && ::gethostname(name.data(), name.size() - 1) == 0) {
        return name.data();
    }
    return given;
}

bool cluster_host_valid(std::string_view host) {
    return id_valid(host) && host.find('@') == std::string_view::npos;
}

std::string cluster_line(const ClusterSettings& settings, std::string_view host) {
    const auto members = settings.etcd.size();
    return "cluster: " + settings.name + ", shard " + settings.shard + ", " + std::to_string(members) + (members == 1 ? " member" : " members") +
           " of etcd; this host is " + std::string(host) + ", at " + cluster_url(settings, host) + "; takes over after " +
           format_span(settings.takeover) + ", alone without etcd " +
           (settings.alone_after == Span{0} ? std::string("never") : "after " + format_span(settings.alone_after));
}

}  // namespace surged
