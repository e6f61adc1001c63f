#include "app/parts.hpp"

#include "app/cluster.hpp"
#include "app/history_cost.hpp"
#include "app/preflight.hpp"

#include <cstdio>
#include <cstdlib>

#include "core/base/text.hpp"
#include "io/courier/secret_file.hpp"
#include "io/store/history/sqlite_history.hpp"

namespace surged {
namespace {

std::string credentials_dir() {
    const char* dir = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT: read at start, before any thread
    return dir == nullptr ? "" : dir;
}

bool on(const ListenSettings& listen) {
    return listen.port != 0 || listen.any_port;
}

void take_listen(const ListenSettings& from, ListenerOptions& to) {
    to.host = from.host;
    to.port = from.port;
    to.connections = from.connections;
    to.connections_per_address = from.connections_per_address;
    to.request_timeout = from.request_timeout;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : ",") + word;
    }
    return out.empty() ? "off" : out;
}

/// Relative names in the configuration start at its folder.
std::string beside(const std::string& base_dir, const std::string& name) {
    return name.empty() || name.front() == '/' || base_dir.empty() ? name : base_dir + "/" + name;
}

std::uint64_t port_of(const std::string& endpoint) {
    const auto port = parse_number(endpoint.substr(endpoint.rfind(':') + 1));
    return endpoint.starts_with("tcp://") && port ? static_cast<std::uint64_t>(*port) : 0;
}

Result<std::unique_ptr<PageServer>> start_page(const ListenSettings& settings, PageServer::Source page) {
    if (!on(settings)) {
        return std::unique_ptr<PageServer>();
    }
    ListenerOptions options;
    options.name = "metrics";
    options.workers = 2;
    take_listen(settings, options);
    return PageServer::start(options, "/metrics", Exporter::content_type, std::move(page));
}

}  // namespace

std::size_t print_diagnostics(const LoadedConfig& config) {
    std::size_t errors = 0;
    for (const Diagnostic& diagnostic : config.diagnostics) {
        std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
        errors += diagnostic.severity == Severity::error ? 1U : 0U;
    }
    return errors;
}

int check_config(const LoadedConfig& config, const std::string& store, const std::string& host) {
    const std::size_t errors = print_diagnostics(config);
    if (!config.ok()) {
        std::fprintf(stderr, "%zu error%s\n", errors, errors == 1 ? "" : "s");
        return exit_config;
    }
    // A secret that this user may not read is no error of the configuration: the daemon reads it as another user.
    for (const ChannelProblem& problem : check_channels(config.plan->channels, config.settings.base_dir, credentials_dir())) {
        std::fprintf(stderr, "warning: channel %s: %s\n", problem.channel.c_str(), problem.detail.c_str());
    }
    int code = exit_stopped;
    for (const PreflightFinding& finding : preflight(config, store, host)) {
        std::fprintf(stderr, "%s\n", text_of(finding, config).c_str());
        code = finding.error && code == exit_stopped ? finding.code : code;
    }
    if (code != exit_stopped) {
        return code;
    }
    if (const auto& cluster = config.settings.cluster) {
        std::printf("%s\n", cluster_line(*cluster, cluster_host(host)).c_str());
    }
    std::printf("%s\nok: %s\n", history_cost(config).c_str(), summary_of(config).c_str());
    return exit_stopped;
}

bool takes_samples(const Settings& settings) {
    return !settings.ingest.bind.empty() || !settings.ingest.subscribe.empty();
}

Settings settings_in_force(const Settings& configured, const std::string& store) {
    Settings out = configured;
    const std::string& dir = configured.base_dir;
    for (std::string* name :
         {&out.ingest.curve.secret_key_file, &out.ingest.curve.public_key_file, &out.ingest.curve.server_key_file,
          &out.publish.curve.secret_key_file, &out.publish.curve.public_key_file, &out.publish.curve.server_key_file,
          &out.http.token_file, &out.http.tls_cert, &out.http.tls_key, &out.http.link_key_file,
          &out.http.link_key_previous_file}) {
        *name = name->empty() ? *name : secret_path(*name, dir, credentials_dir());
    }
    if (out.cluster) {
        for (std::string* name : {&out.cluster->ca_file, &out.cluster->cert_file, &out.cluster->key_file}) {
            *name = name->empty() ? *name : secret_path(*name, dir, credentials_dir());
        }
    }
    out.store.path = store.empty() ? beside(dir, out.store.path) : store;
    return out;
}

CourierOptions courier_options(Inbox<Loop>& inbox, const Log& log, const Steps& steps, std::string installation, Cluster* cluster) {
    CourierOptions options;
    if (cluster != nullptr) {
        options.may_start = [cluster] { return cluster->gate.open(etcd::boottime()); };
    }
    options.on_outcome = [&inbox](SendOutcome outcome, SendTiming timing) {
        inbox.push([outcome = std::move(outcome), timing](Loop& loop) { loop.outcome(outcome, timing); });
    };
    // The PUB socket is the engine thread's. The inbox keeps the order: it is published before its outcome is taken.
    options.publish = [&inbox](std::string topic, std::string json) {
        inbox.push([topic = std::move(topic), json = std::move(json)](Loop& loop) { loop.publish_action(topic, json); });
    };
    options.on_pulled = [&inbox](Pulled pulled) {
        inbox.push([pulled = std::move(pulled)](Loop& loop) { loop.pulled(pulled); });
    };
    options.on_warmth = [&log](const ChannelProblem& way) {
        if (way.detail.empty()) {
            log.notice("channel_reachable", {{"channel", way.channel}});
        } else {
            log.warning("channel_unreachable", {{"channel", way.channel}, {"why", way.detail}, {"effect", "no page failed; the next would"}});
        }
    };
    options.credentials_dir = credentials_dir();
    options.installation = std::move(installation);
    options.log_line = [&log](const std::string& line) { log.raw(LogPriority::notice, line); };
    options.at_step = steps;
    return options;
}

HistoryOptions history_options(const Settings& settings, const Log& log) {
    HistoryOptions out;
    out.keep = settings.history.keep;
    if (out.keep > Span{0}) {
        out.open = [path = history_path_of(settings.store.path)](bool damaged) { return open_sqlite_history(path, damaged); };
    }
    out.on_trouble = [&log](const std::string& trouble) {
        if (trouble.empty()) {
            log.notice("history_works", {{"effect", "pictures are kept on disk again"}});
        } else {
            log.warning("history_failed", {{"why", trouble}, {"effect", "no picture older than three hours is kept; decisions and pages are not concerned"}});
        }
    };
    return out;
}

StoreOptions store_options(Inbox<Loop>& inbox, const Log& log, const Steps& steps, const Cluster* cluster) {
    StoreOptions options;
    if (cluster != nullptr) {
        adjust(options, cluster->settings());
    }
    options.stop_within = std::chrono::milliseconds{2000};  // the rest of Loop::stop_within is the courier's
    options.on_fatal = [&log](const LogFailure& failure) {
        if (failure.error == LogError::superseded) {
            // The other pages and answers from now on; two that do would call everybody twice. Ending as a crash would keeps every
            // further byte in, and costs nothing that was committed.
            log.error("superseded", {{"why", failure.message}, {"effect", "this process ends at once, the other goes on"}});
            std::_Exit(exit_store);
        }
        log.error("store_lost",
                  {{"why", failure.message}, {"effect", "pages go on, decisions are kept in memory until a restart"}});
    };
    options.on_degraded = [&inbox](bool degraded, const std::string& why) {
        inbox.push([degraded, why](Loop& loop) { loop.store_state(degraded, why); });
    };
    options.on_hole = [&inbox, &log](std::uint64_t lost) {
        log.error("records_lost", {{"count", lost}, {"why", "memory for undurable records ran out"}});
        inbox.push([](Loop& loop) { loop.hole(); });
    };
    options.at_step = steps;
    return options;
}

Result<Links> make_links(const Settings& settings, const std::string& installation, const Log& log) {
    const HttpSettings& http = settings.http;
    std::vector<std::string> notes;
    auto signer = http.link_key_file.empty() ? LinkSigner::load_or_make(settings.store.path + ".linkkey", notes)
                                             : LinkSigner::load(http.link_key_file, http.link_key_previous_file);
    if (!signer) {
        return tl::unexpected(signer.error());
    }
    for (const std::string& note : notes) {
        log.warning("link_key", {{"why", note}});
    }
    signer->bind_to(installation);
    return Links(std::move(*signer));
}

Result<HttpCredentials> load_http_credentials(const HttpSettings& settings) {
    return load_credentials({settings.token_file, settings.tls_cert, settings.tls_key});
}

PastEvents past_events(RecordLog& records, std::uint64_t head) {
    constexpr std::uint64_t most = 256;
    PastEvents out;
    out.head = head;
    // What cannot be read is missed by those who ask for it, who are told so.
    (void)records.read(head > most ? head - most : 0, [&](const StoredRecord& record) {
        if (!out.events.empty() && record.seq != out.events.back().sequence + 1) {
            out.events.clear();
        }
        out.events.push_back({record.seq, record.type, record.bytes});
        return true;
    });
    if (!out.events.empty() && out.events.back().sequence != head) {
        out.events.clear();
    }
    return out;
}

Result<std::unique_ptr<HttpServer>> start_http(const HttpSettings& settings, ApiBackend& backend, PastEvents past) {
    if (!on(settings.listen)) {
        return std::unique_ptr<HttpServer>();
    }
    auto credentials = load_http_credentials(settings);
    if (!credentials) {
        return tl::unexpected(credentials.error());
    }
    HttpOptions options;
    take_listen(settings.listen, options);
    options.trusted_proxies = settings.trusted_proxies;
    options.hsts = settings.hsts;
    options.past = std::move(past);
    return HttpServer::start(options, *std::move(credentials), backend);
}

Result<std::unique_ptr<PageServer>> start_metrics(const ListenSettings& settings, Exporter& exporter) {
    return start_page(settings, [&exporter](bool gzip) { return exporter.page(gzip); });
}

Result<std::unique_ptr<StandbyServer>> start_standby_http(const HttpSettings& settings, StandbyServer::Facts facts) {
    if (!on(settings.listen)) {
        return std::unique_ptr<StandbyServer>();
    }
    auto credentials = load_http_credentials(settings);
    if (!credentials) {
        return tl::unexpected(credentials.error());
    }
    ListenerOptions options;
    take_listen(settings.listen, options);
    options.hsts = settings.hsts;
    return StandbyServer::start(options, std::move(credentials->tls), std::move(facts));
}

Result<std::unique_ptr<PageServer>> start_standby_metrics(const ListenSettings& settings, const StandbyExporter& exporter) {
    return start_page(settings, [&exporter](bool gzip) { return exporter.page(gzip); });
}

Result<Publishers> start_publishers(const Settings& settings) {
    Publishers out;
    auto transitions = Publisher::open(settings.publish);
    if (!transitions) {
        return tl::unexpected(transitions.error());
    }
    out.transitions = std::move(*transitions);
    if (!settings.ingest.report.empty()) {
        auto report = Publisher::open(report_settings(settings.ingest));
        if (!report) {
            return tl::unexpected(report.error());
        }
        out.report = std::move(*report);
    }
    return out;
}

std::map<std::string, std::uint64_t> tell_listeners(const Log& log, const Ingest& ingest, const Publishers& publishers,
                                                    const HttpServer* http, const PageServer* metrics, const Settings& settings) {
    std::map<std::string, std::uint64_t> ports;
    const auto add = [&ports](const std::string& name, std::uint64_t port) {
        if (port != 0) {
            ports[name] = port;
        }
    };
    add("ingest", ingest.endpoints().empty() ? 0 : port_of(ingest.endpoints().front()));
    const auto& published = publishers.transitions->endpoints();
    add("publish", published.empty() ? 0 : port_of(published.front()));
    const auto told = publishers.report == nullptr ? std::vector<std::string>() : publishers.report->endpoints();
    add("report", told.empty() ? 0 : port_of(told.front()));
    add("http", http == nullptr ? 0 : static_cast<std::uint64_t>(http->port()));
    add("metrics", metrics == nullptr ? 0 : static_cast<std::uint64_t>(metrics->port()));
    const auto address = [](const std::string& host, int port) { return host + ":" + std::to_string(port); };
    log.info("listening", {{"ingest", joined(ingest.endpoints())},
                           {"subscribed", joined(settings.ingest.subscribe)},
                           {"publish", joined(published)},
                           {"report", joined(told)},
                           {"http", http == nullptr ? "off" : address(settings.http.listen.host, http->port())},
                           {"metrics", metrics == nullptr ? "off" : address(settings.metrics.host, metrics->port())}});
    return ports;
}

}  // namespace surged
