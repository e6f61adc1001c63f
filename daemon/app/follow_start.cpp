// What a follower works with: its file, its engine, its sockets, its configuration.
#include <algorithm>
#include <utility>

#include "app/follower.hpp"
#include "app/profiles.hpp"
#include "app/rescue.hpp"

namespace surged {
namespace {

/// Windows that were written down so shortly before the start are as good as full.
constexpr Span windows_fresh{120000};
/// No window of a rule that pages within minutes is longer; a learned baseline has its profile.
constexpr Span windows_max{900000};
constexpr Span read_again_every{10000};  ///< the configuration, while it is not the owner's

/// What a rule looks back at.
Span window_of(const RuleSpec& rule) {
    switch (rule.kind) {
        case RuleKind::threshold: return rule.ahead > Span{0} ? rule.slope_window : Span{0};
        case RuleKind::rate_of_change: return rule.window + rule.versus;
        case RuleKind::absence: return rule.history;
        case RuleKind::baseline: return rule.slot;
        case RuleKind::volatility:
        case RuleKind::shortfall: return rule.window;
    }
    return windows_max;
}

}  // namespace

Span longest_window(const Plan& plan) {
    Span longest{0};
    for (const RuleSpec& rule : plan.rules) {
        longest = std::max(longest, window_of(rule));
    }
    for (const DeriveSpec& derive : plan.derives) {
        for (const FormulaInput& input : derive.formula.inputs()) {
            longest = std::max(longest, input.window);
        }
    }
    return std::min(longest, windows_max);
}


Follower::Follower(LoadedConfig& config, const Surroundings& around)
    : config_(config),
      around_(around),
      settings_(settings_in_force(config.settings, around.files.store)),
      cluster_(std::make_shared<Cluster>(*settings_.cluster, cluster_host(around.files.host))) {}

/// Opens what this host has.
Follower::Done Follower::start() {
    auto records = around_.store.open(settings_.store.path);
    if (!records) {
        return cannot_follow(exit_store, "store_unusable", settings_.store.path + ": " + records.error().message +
                                                        rescue_hint(records.error(), around_.files.config));
    }
    auto engine = std::make_unique<Engine>(std::move(config_.plan));
    const auto recovery = recover(**records, windows_path_of(settings_.store.path), *engine, around_.host_clock);
    if (!recovery) {
        return cannot_follow(exit_store, "not_recovered", recovery.error().message + rescue_hint(recovery.error(), around_.files.config));
    }
    tell_recovery(*recovery, around_.log);
    auto ingest = Ingest::open(settings_.ingest, engine->plan().limits);
    if (!ingest) {
        return cannot_follow(exit_address, "ingest_not_open", ingest.error().message);
    }
    ingest_ = std::move(*ingest);
    last_known_ = recovery->last_known;
    const EngineTime at = EngineClockSource(around_.host_clock, last_known_).now().at;
    cluster_->time.begin(at, etcd::boottime());
    const bool fresh = recovery->windows && last_known_ && at - *last_known_ <= windows_fresh;
    warm_at_ = fresh || longest_window(engine->plan()) == Span{0} ? EngineTime{} : EngineTime::max();
    head_ = recovery->head;
    TailOptions tail = tail_options(**records);
    store_ = std::make_unique<StoreThread>(std::move(*records), recovery->head, store_options());
    history_ = std::make_unique<History>(history_options(settings_, around_.log));
    work_with(std::move(engine));
    if (auto shown = open_front(); !shown) {
        return shown;
    }
    tail_ = std::make_unique<EtcdTail>(*cluster_, std::move(tail));
    return {};
}

/// Where people and Prometheus find out that this host stands by.
Follower::Done Follower::open_front() {
    auto http = start_standby_http(settings_.http, [cluster = cluster_] { return cluster->standby_facts(); });
    if (!http) {
        return cannot_follow(exit_address, "http_not_open", http.error().message);
    }
    http_ = std::move(*http);
    exporter_ = std::make_unique<StandbyExporter>([cluster = cluster_] { return cluster->standby_gauges(); });
    auto metrics = start_standby_metrics(settings_.metrics, *exporter_);
    if (!metrics) {
        return cannot_follow(exit_address, "metrics_not_open", metrics.error().message);
    }
    metrics_ = std::move(*metrics);
    return {};
}

TailOptions Follower::tail_options(RecordLog& records) {
    TailOptions out;
    out.head = head_;
    out.installation = records.installation().id;
    (void)records.read(head_ > 0 ? head_ - 1 : 0, [&](const StoredRecord& record) {
        out.last = record;
        return false;
    });
    out.at_step = around_.steps;
    out.tell.records = [this](std::vector<StoredRecord> got) {
        inbox_.push([got = std::move(got)](Follower& follower) mutable { follower.records(std::move(got)); });
    };
    out.tell.begin_at = [this](StoredSnapshot snapshot) {
        inbox_.push([snapshot = std::move(snapshot)](Follower& follower) { follower.begin_at(snapshot); });
    };
    out.tell.seen = [this](const std::optional<etcd::Standing>& standing) {
        inbox_.push([standing](Follower& follower) { follower.seen(standing); });
    };
    out.tell.claimed = [this](std::unique_ptr<RecordLog> log, etcd::Standing seen) {
        inbox_.push([log = std::move(log), seen = std::move(seen)](Follower& follower) mutable {
            follower.claimed_ = std::move(log);
            follower.before_claim_ = std::move(seen);
        });
    };
    out.tell.ended = [this](std::string why) {
        inbox_.push([why = std::move(why)](Follower& follower) { follower.ended_ = why; });
    };
    out.tell.trouble = [this](const std::string& why) { around_.log.warning("cluster_trouble", {{"why", why}}); };
    return out;
}

/// This host's file. What it misses it gets from etcd later, so trouble with it ends nothing.
StoreOptions Follower::store_options() const {
    StoreOptions options;
    options.stop_within = std::chrono::milliseconds{2000};
    options.on_fatal = [&log = around_.log](const LogFailure& failure) {
        if (failure.error == LogError::superseded) {
            log.error("superseded", {{"why", failure.message}, {"effect", "this process ends at once, the other goes on"}});
            std::_Exit(exit_store);
        }
        log.error("copy_lost", {{"why", failure.message}, {"effect", "this host follows on, its file does not"}});
    };
    options.on_degraded = [&log = around_.log](bool degraded, const std::string& why) {
        degraded ? log.error("copy_behind", {{"why", why}}) : log.notice("copy_whole", {{"why", why}});
    };
    options.at_step = around_.steps;
    return options;
}

/// From now on it is this engine that follows.
void Follower::work_with(std::unique_ptr<Engine> engine) {
    history_walk_.reset();
    snapshots_.reset();
    engine_ = std::move(engine);
    offer_profiles_at_start(*engine_, profiles_path_of(settings_, settings_.store.path), around_.log);
    decoder_ = std::make_unique<Decoder>(engine_->plan().limits, settings_.ingest.lenient);
    snapshots_ = std::make_unique<Snapshots>(*engine_, *store_, files_, settings_.store, around_.log);
    history_walk_ = std::make_unique<HistoryWalk>(*engine_, *history_);
    cluster_->set_version(engine_->plan().version);
}

/// Takes the configuration of the files, unless it is bad: the engine is built anew, with the windows and the desk of the old one.
void Follower::read_again() {
    LoadedConfig fresh = load_config(around_.files.config);
    if (fresh.ok() && fresh.plan->version == engine_->plan().version) {
        return;
    }
    const auto refuse = [this](const std::string& why) {
        around_.log.error("reload_refused", {{"effect", "the last good configuration stays"}, {"why", why}});
    };
    print_diagnostics(fresh);
    if (!fresh.ok() || !takes_samples(fresh.settings)) {
        return refuse(fresh.ok() ? no_samples : "see above");
    }
    const Settings settings = settings_in_force(fresh.settings, around_.files.store);
    if (settings.store.path != settings_.store.path || settings.cluster != settings_.cluster) {
        return refuse("another [store] path or [cluster] needs a restart");
    }
    auto engine = std::make_unique<Engine>(std::move(fresh.plan));
    engine->restore(engine_->snapshot());
    engine->restore_series(engine_->series_snapshot());
    config_ = std::move(fresh);
    settings_ = settings;
    work_with(std::move(engine));
    around_.log.notice("reloaded", {{"version", engine_->plan().version}});
}

/// It should be the owner's: when that one's changed, the files here may have, too.
void Follower::look_at_configuration(Stamp now) {
    const std::string theirs = standing_ && standing_->head ? standing_->head->version : std::string();
    const bool other = !theirs.empty() && theirs != engine_->plan().version;
    if (!other) {
        other_version_.clear();
        cluster_->config_agrees.store(true);
        return;
    }
    if (now.at < read_again_at_ && theirs == other_version_) {
        return;
    }
    read_again_at_ = now.at + read_again_every;
    read_again();
    const bool agrees = theirs == engine_->plan().version;
    cluster_->config_agrees.store(agrees);
    if (!agrees && theirs != other_version_) {
        around_.log.warning("configuration_differs",
                            {{"owner", theirs}, {"here", engine_->plan().version},
                             {"effect", "should this host take over, it works by its own; make the files equal"}});
    }
    other_version_ = agrees ? std::string() : theirs;
}

}  // namespace surged
