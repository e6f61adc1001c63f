// [defaults], [ingest], [publish], [metrics], [http], [store], [history]: the shell's part of the configuration.
//
// Hardest rule: nothing listens beyond loopback without authentication. The API must have a token file, without exception;
// ingest must have CURVE; for ingest, PUB and the metrics page a closed network can be stated with `allow_unauthenticated =
// true`.
#include <algorithm>
#include <array>

#include "config/address.hpp"
#include "config/draft.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
/// True when the endpoint is well formed; `beyond` turns true for one that other hosts can reach.
bool check_endpoint(const PlacedText& endpoint, bool binds, bool& beyond, Report& report) {
    const std::string_view text = endpoint.text;
    if (text.starts_with("ipc://")) {
        if (text.size() <= 6 || text.size() > 107) {
            report.error(endpoint.place, "ipc:// needs a path of at most 101 bytes");
            return false;
        }
        return true;
    }
    if (!text.starts_with("tcp://")) {
        report.error(endpoint.place,
                     in_quotes(text) + " is no endpoint; write e.g. \"tcp://127.0.0.1:5556\" or \"ipc:///run/surged/in.sock\"");
        return false;
    }
    const auto parts = split_port(text.substr(6));
    const bool any = binds && parts && parts->second == "*";
    if (!parts || parts->first.empty() || (!any && !port_valid(parts->second, binds))) {
        report.error(endpoint.place, in_quotes(text) + " needs a host and a port from 1 to 65535");
        return false;
    }
    beyond = !loopback_host(parts->first);
    return true;
}

/// `authenticated` is how this section may listen beyond loopback; empty = not at all.
struct Guard {
    bool open = false;  ///< already authenticated, or said to be a closed network
    std::string_view remedy;
};

void read_endpoints(TableReader& section, std::string_view key, bool binds, const Guard& guard, std::vector<std::string>& out) {
    std::vector<PlacedText> endpoints;
    section.text_or_texts(key, endpoints);
    for (const auto& endpoint : endpoints) {
        bool beyond = false;
        if (!check_endpoint(endpoint, binds, beyond, section.report())) {
            continue;
        }
        if (binds && beyond && !guard.open) {
            section.report().error(
                endpoint.place,
                in_quotes(endpoint.text) + " listens beyond loopback without authentication; " + std::string(guard.remedy));
            continue;
        }
        if (contains(out, endpoint.text)) {
            section.report().error(endpoint.place, in_quotes(endpoint.text) + " is given twice");
            continue;
        }
        out.push_back(endpoint.text);
    }
}

bool read_listen(TableReader& section, ListenSettings& out) {
    section.integer("connections", out.connections, 16, 65536);
    section.integer("connections_per_address", out.connections_per_address, 4, 65536);
    section.span("request_timeout", out.request_timeout, {1s, 60s});
    std::string text;
    if (!section.text("listen", text) || text == "off") {
        return false;
    }
    const auto parts = split_port(text);
    if (!parts || !port_valid(parts->second, true)) {
        section.error("listen", in_quotes(text) + " is no address; write e.g. \"127.0.0.1:9846\", \"[::1]:9846\" or \"off\"");
        return false;
    }
    if (parts->first.empty()) {
        section.error("listen", in_quotes(text) + " names no address; write \"127.0.0.1" + text + "\" for this host only");
        return false;
    }
    out.host = std::string(parts->first);
    if (out.host.starts_with('[') && out.host.ends_with(']')) {
        out.host = out.host.substr(1, out.host.size() - 2);
    }
    out.port = static_cast<int>(*parse_number(parts->second));
    out.any_port = out.port == 0;
    return true;
}

void read_curve(TableReader& section, CurveSettings& curve) {
    const auto* node = section.table("curve");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, section.what() + " curve", section.report());
    table.text("secret_key_file", curve.secret_key_file);
    table.text("public_key_file", curve.public_key_file);
    table.text("server_key_file", curve.server_key_file);
    table.require("secret_key_file");
    std::vector<PlacedText> keys;
    table.texts("allowed_keys", keys);
    for (const auto& key : keys) {
        if (key.text.size() != 40) {
            table.report().error(key.place, "a CURVE public key has 40 characters (Z85)");
        } else {
            curve.allowed_keys.push_back(key.text);
        }
    }
    table.finish();
}

/// [[ingest.client]]: which sources a key may speak for.
void read_clients(TableReader& ingest, std::vector<IngestClient>& clients, bool curve) {
    for (const auto* node : ingest.tables("client")) {
        TableReader table(*node, "[[ingest.client]]", ingest.report());
        IngestClient client;
        table.id("name", client.name);
        if (table.text("key", client.key) && client.key.size() != 40) {
            table.error("key", "a CURVE public key has 40 characters (Z85)");
        }
        std::vector<PlacedText> globs;
        table.texts("sources", globs);
        for (const auto& glob : globs) {
            if (glob.text.empty()) {
                table.report().error(glob.place, "a source has a name; write e.g. \"acd-jinan-*\"");
            }
            client.sources.push_back(glob.text);
        }
        for (const std::string_view key : {"name", "key", "sources"}) {
            table.require(key);
        }
        if (table.has("sources") && globs.empty()) {
            table.error("sources", "the list is empty: this client could not speak for any source");
        }
        for (const auto& other : clients) {
            if (!client.name.empty() && other.name == client.name) {
                table.error("name", in_quotes(client.name) + " is given twice");
            } else if (!client.key.empty() && other.key == client.key) {
                table.error("key", "client " + in_quotes(other.name) + " has this key already");
            }
        }
        if (!curve) {
            table.report().error(table.place(), "[[ingest.client]] needs `curve` in [ingest]: without it a key proves nothing");
        }
        table.finish();
        clients.push_back(std::move(client));
    }
}

/// Bytes: a whole number, or "64MiB".
void read_bytes(TableReader& section, std::string_view key, std::size_t& out, std::size_t least) {
    const auto* node = section.any(key);
    if (node == nullptr) {
        return;
    }
    double bytes = node->kind == Node::Kind::integer ? static_cast<double>(node->integer) : -1;
    if (node->kind == Node::Kind::text) {
        constexpr std::array<std::pair<std::string_view, double>, 3> units{
            {{"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}}};
        for (const auto& [unit, size] : units) {
            std::string_view text = node->text;
            if (text.ends_with(unit)) {
                text.remove_suffix(unit.size());
                while (text.ends_with(' ')) {
                    text.remove_suffix(1);
                }
                bytes = parse_number(text).value_or(-1) * size;
            }
        }
    }
    constexpr double most = 1ULL << 40U;
    if (bytes < static_cast<double>(least) || bytes > most) {
        section.error(key, "`" + std::string(key) + "` is a number of bytes, e.g. \"256MiB\", from " +
                               std::to_string(least >> 20U) + "MiB on");
        return;
    }
    out = static_cast<std::size_t>(bytes);
}

void read_limits(TableReader& ingest, Plan& plan) {
    const auto* node = ingest.table("limits");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[ingest.limits]", ingest.report());
    table.integer("message_bytes", plan.limits.message_bytes, 1024, 64 << 20);
    table.integer("queues_per_message", plan.limits.queues_per_message, 1, 65536);
    table.integer("metrics_per_queue", plan.limits.metrics_per_queue, 1, 4096);
    table.integer("name_bytes", plan.limits.name_bytes, 8, 256);
    table.integer("series", plan.limits.series, 1, 100000000);
    table.integer("sources", plan.limits.sources, 1, 1000000);
    table.integer("queues", plan.queue_max, 1, 10000000);
    table.span("skew", plan.limits.skew, {1s, 24h});
    table.finish();
}

void read_ingest(TableReader& root, Draft& draft) {
    const auto* node = root.table("ingest");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[ingest]", draft.report);
    auto& ingest = draft.settings.ingest;
    bool closed_network = false;
    table.flag("allow_unauthenticated", closed_network);
    ingest.closed_network = closed_network;
    read_curve(table, ingest.curve);
    const bool curve = !ingest.curve.secret_key_file.empty();
    read_clients(table, ingest.clients, curve);
    table.integer("connections", ingest.connections, 1, 100000);
    read_bytes(table, "memory", ingest.memory, std::size_t{8} << 20U);
    read_endpoints(table, "bind", true,
                   {curve || closed_network, "give it `curve`, or say `allow_unauthenticated = true` for a closed network"},
                   ingest.bind);
    read_endpoints(table, "subscribe", false, {}, ingest.subscribe);
    read_endpoints(table, "report", true,
                   {curve || closed_network, "give [ingest] `curve`, or say `allow_unauthenticated = true` for a closed network"},
                   ingest.report);
    table.flag("lenient", ingest.lenient);
    table.integer("hwm", ingest.hwm, 1, 10000000);
    read_limits(table, draft.plan);
    if (!table.has("bind") && !table.has("subscribe")) {
        // No error: a configuration for replay and test needs no feeder.
        table.report().warning(table.place(), "[ingest] needs `bind` or `subscribe`: without one of them no sample can come in");
    } else if (ingest.bind.empty() && ingest.subscribe.empty() && !draft.report.failed()) {
        table.report().warning(table.at(table.has("bind") ? "bind" : "subscribe"), "the list is empty: no sample can come in");
    }
    table.finish();
}

void read_publish(TableReader& root, Draft& draft) {
    const auto* node = root.table("publish");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[publish]", draft.report);
    auto& publish = draft.settings.publish;
    table.flag("allow_unauthenticated", publish.closed_network);
    read_curve(table, publish.curve);
    read_endpoints(table, "bind", true,
                   {!publish.curve.secret_key_file.empty() || publish.closed_network,
                    "give it `curve`, or say `allow_unauthenticated = true` for a closed network"},
                   publish.bind);
    table.integer("connections", publish.connections, 1, 10000);
    table.integer("hwm", draft.settings.publish.hwm, 1, 10000000);
    table.finish();
}

void read_metrics_page(TableReader& root, Draft& draft) {
    const auto* node = root.table("metrics");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[metrics]", draft.report);
    bool closed_network = false;
    table.flag("allow_unauthenticated", closed_network);
    auto& listen = draft.settings.metrics;
    if (read_listen(table, listen) && !loopback_host(listen.host) && !closed_network) {
        table.error("listen",
                    "the metrics page would listen beyond loopback without authentication; say `allow_unauthenticated = true` "
                    "for a closed network");
    }
    table.finish();
}

void read_ack_url(TableReader& section, Draft& draft) {
    std::string url;
    if (!section.text("ack_url_base", url)) {
        return;
    }
    if (!url.starts_with("https://") && !url.starts_with("http://")) {
        section.error("ack_url_base", "`ack_url_base` must start with https:// or http://");
    } else if (!draft.plan.ack_url_base.empty() && draft.plan.ack_url_base != url) {
        section.error("ack_url_base", "`ack_url_base` is given twice, in [defaults] and in [http], and differs");
    } else {
        draft.plan.ack_url_base = url;
    }
}

void read_trusted_proxies(TableReader& http, HttpSettings& out) {
    std::vector<PlacedText> texts;
    http.texts("trusted_proxies", texts);
    for (const auto& text : texts) {
        const auto network = parse_network(text.text);
        if (!network) {
            http.report().error(text.place, in_quotes(text.text) +
                                                " is no address or network; write e.g. \"127.0.0.1\", \"10.0.0.0/8\" or \"::1\"");
        } else if (network->bits == 0 || network->holds_all_v4()) {
            http.report().error(text.place, in_quotes(text.text) + " would believe everybody; name the proxies only");
        } else if (contains(out.trusted_proxies, *network)) {
            http.report().error(text.place, in_quotes(text.text) + " is given twice");
        } else {
            out.trusted_proxies.push_back(*network);
        }
    }
    if (!out.trusted_proxies.empty() && out.token_file.empty()) {
        http.report().warning(http.at("trusted_proxies"),
                              "without a `token_file` whoever the proxy lets through may do everything, not only answer");
    }
}

void read_http(TableReader& root, Draft& draft) {
    const auto* node = root.table("http");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[http]", draft.report);
    auto& http = draft.settings.http;
    table.text("token_file", http.token_file);
    table.text("tls_cert", http.tls_cert);
    table.text("tls_key", http.tls_key);
    table.text("link_key_file", http.link_key_file);
    if (table.text("link_key_previous_file", http.link_key_previous_file) && http.link_key_file.empty()) {
        table.error("link_key_previous_file", "`link_key_previous_file` needs a `link_key_file`");
    }
    if (read_listen(table, http.listen) && !loopback_host(http.listen.host) && http.token_file.empty()) {
        table.error("listen", "the API would listen beyond loopback without authentication; give it a `token_file`");
    }
    if (http.tls_cert.empty() != http.tls_key.empty()) {
        table.error(http.tls_cert.empty() ? "tls_key" : "tls_cert", "`tls_cert` and `tls_key` go together");
    }
    if (table.span("hsts", http.hsts) && http.hsts > Span{0} && http.tls_cert.empty()) {
        table.error("hsts", "`hsts` needs a `tls_cert`: over plain HTTP browsers do not believe it");
    }
    read_trusted_proxies(table, http);
    read_ack_url(table, draft);
    table.finish();
}

void read_store(TableReader& root, Draft& draft) {
    const auto* node = root.table("store");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[store]", draft.report);
    auto& store = draft.settings.store;
    if (table.text("path", store.path) && store.path.empty()) {
        table.error("path", "`path` is empty");
    }
    table.span("snapshot_every", store.snapshot_every, {1s, 1h});
    table.span("retention", store.retention, {24h, 24h * 3660});
    table.finish();
}

void read_history(TableReader& root, Draft& draft) {
    const auto* node = root.table("history");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "[history]", draft.report);
    auto& keep = draft.settings.history.keep;
    const auto* value = table.any("keep");
    if (value != nullptr && value->kind == Node::Kind::text && value->text == "off") {
        keep = Span{0};
    } else if (value != nullptr) {
        table.span("keep", keep, {24h, 24h * 3660});
    }
    table.finish();
}
}  // namespace

void read_defaults(TableReader& root, Draft& draft) {
    if (const auto* node = root.table("defaults")) {
        TableReader table(*node, "[defaults]", draft.report);
        if (table.text("timezone", draft.plan.timezone)) {
            draft.plan.timezone = draft.zone(draft.plan.timezone, table.at("timezone"));
        }
        table.choice("language", draft.plan.language,
                     std::array<std::pair<std::string_view, Language>, 2>{{{"zh", Language::zh}, {"en", Language::en}}});
        table.span("stale_after", draft.plan.stale_after, {1s, 24h});
        table.span("raise_after", draft.raise_after, {0s, 24h});
        table.span("clear_after", draft.clear_after, {0s, 24h});
        table.span("page_deadline", draft.page_deadline, {5s, 24h});
        read_person_max(table, draft.person_max, draft);
        read_ack_url(table, draft);
        table.finish();
    }
    draft.zone(draft.plan.timezone, root.place());
}

PublishSettings report_settings(const IngestSettings& ingest) {
    PublishSettings out;
    out.bind = ingest.report;
    out.curve = ingest.curve;
    // A client's key lets in like one of the list; without either anybody who has our key may come.
    for (const auto& client : ingest.clients) {
        out.curve.allowed_keys.push_back(client.key);
    }
    out.closed_network = ingest.closed_network;
    out.connections = ingest.report_connections;
    out.section = "[ingest] report";
    return out;
}

void read_settings(TableReader& root, Draft& draft) {
    read_ingest(root, draft);
    read_publish(root, draft);
    read_metrics_page(root, draft);
    read_http(root, draft);
    read_store(root, draft);
    read_history(root, draft);
}

}  // namespace surged
