// surged: every part of the daemon, in the order it lives in. Leaving main tears down in the reverse order.
#include <exception>

#include "app/alone.hpp"
#include "app/backend.hpp"
#include "app/begin.hpp"
#include "app/console_feed.hpp"
#include "app/descriptors.hpp"
#include "app/parts.hpp"
#include "app/preflight.hpp"
#include "app/rescue.hpp"
#include "app/version.hpp"
#include "ctl/daemon_options.hpp"
#include "io/store/sqlite_log.hpp"
#include "os/thread.hpp"

using namespace surged;  // NOLINT: the composition root names one thing of every room

namespace {

int give_up(const Log& log, ExitCode code, const char* event, const std::string& why) {
    log.error(event, {{"why", why}});
    return code;
}

int run(const DaemonOptions& options, const Log& log, const Steps& steps) {
    LoadedConfig config = load_config(options.config);
    if (options.check) {
        return check_config(config, options.store, options.host);
    }
    if (options.rescue) {
        return rescue_store(config, {options.config, options.store}, log, steps);
    }
    Signals signals;  // before any other thread exists
    print_diagnostics(config);
    if (!config.ok()) {
        return give_up(log, exit_config, "bad_configuration", options.config);
    }
    if (!takes_samples(config.settings)) {
        return give_up(log, exit_config, "bad_configuration", options.config + ": " + no_samples);
    }
    for (const PreflightFinding& finding : preflight(config, options.store, options.host)) {
        log.write(finding.error ? LogPriority::error : LogPriority::warning, "preflight", {{"why", text_of(finding, config)}});
        if (finding.error && !finding.starts) {
            return give_up(log, finding.code, "cannot_start", finding.message);
        }
    }
    if (const auto memory = address_space_shortage(); !memory.empty()) {
        return give_up(log, exit_resources, "too_little_memory", memory);
    }
    Settings fitting = config.settings;
    if (const auto descriptors = fit_descriptors(fitting); !descriptors.enough) {
        return give_up(log, exit_resources, "too_few_descriptors", descriptors.remark);
    }

    const SystemClock host_clock;
    Notifier notifier;
    const StoreKind sqlite{[](const std::string& path) { return open_sqlite_log(path); }, log_holder};
    const StartFiles start{options.config, options.store, options.standby, options.host};
    auto begun = begin(config, {host_clock, sqlite, start, signals, notifier, log, steps});
    if (!begun) {
        return give_up(log, begun.error().code, begun.error().event, begun.error().why);
    }
    if (*begun == nullptr) {
        return exit_stopped;  // asked to end while it stood by
    }
    auto& [settings, records, head, begun_engine, clock, ingest, snapshot_soon, cluster] = **begun;
    Engine& engine = *begun_engine;
    const Settings configured = config.settings;

    const Installation installation = records->installation();
    if (!installation.note.empty()) {
        log.warning("store_went_back", {{"why", installation.note}});
    }
    const auto links = make_links(settings, installation.id, log);
    if (!links) {
        return give_up(log, exit_config, "links_unusable", links.error().message);
    }
    auto publishers = start_publishers(settings);
    if (!publishers) {
        return give_up(log, exit_address, "publish_not_open", publishers.error().message);
    }
    PastEvents past = past_events(*records, head);
    Inbox<Loop> inbox;
    Courier courier(courier_options(inbox, log, steps, installation.id, cluster.get()));
    for (const ChannelProblem& problem : courier.configure(engine.plan().channels, settings.base_dir)) {
        log.warning("channel_problem", {{"channel", problem.channel}, {"why", problem.detail}});
    }
    StoreThread store(std::move(records), head, store_options(inbox, log, steps, cluster.get()));
    const auto alone = cluster ? std::make_unique<Alone>(*cluster, log, [&store](const std::string& why) { store.wait_no_more(why); }) : nullptr;
    FileWriter files;
    History history(history_options(settings, log));
    Snapshots snapshots(engine, store, files, settings.store, log);
    Reloader reloader(options.config, configured, engine.plan().limits.message_bytes, courier, inbox, log);
    if (snapshot_soon) {
        snapshots.soon();
    }
    reloader.store_at(settings.store.path);
    Pulse pulse;
    Backend backend(inbox, store, reloader, *links, clock, pulse, history);
    if (cluster) {
        backend.in_cluster([&store, host = cluster.get()] { return host->owner_facts(store.stats().head); });
    }
    auto http = start_http(settings.http, backend, std::move(past));
    if (!http) {
        return give_up(log, exit_address, "http_not_open", http.error().message);
    }
    Exporter exporter([&backend] { return backend.metrics(); });
    auto metrics = start_metrics(settings.metrics, exporter);
    if (!metrics) {
        return give_up(log, exit_address, "metrics_not_open", metrics.error().message);
    }
    reloader.serve_by(http->get());
    ConsoleFeed console(inbox, backend, pulse, http->get());
    backend.set_listeners(tell_listeners(log, *ingest, *publishers, http->get(), metrics->get(), settings));
    engine.note("started", std::string("surged ") + version + ", configuration " + engine.plan().version, clock.now());
    return Loop({log, clock, engine, *ingest, *publishers->transitions, courier, store, snapshots, history, reloader, *links, http->get(), notifier,
               signals, inbox, pulse, cluster.get(), publishers->report.get(), settings.ingest.lenient}).run();
}

}  // namespace

int main(int argc, char** argv) {
    const DaemonCommandLine line = parse_daemon_options(argc, argv);
    if (!line.options) {
        return line.exit_code;
    }
    return_large_blocks();
    wake_soon();
    const Log log;
    try {
        return run(*line.options, log, steps_hook());
    } catch (const std::exception& shortage) {
        // No thread or no memory to be had at the start; later ones are answered where they are met.
        return give_up(log, exit_resources, "out_of_resources", shortage.what());
    }
}
