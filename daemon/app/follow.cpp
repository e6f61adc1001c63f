#include "app/follow.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "app/etcd_tail.hpp"
#include "app/history_walk.hpp"
#include "app/inbox.hpp"
#include "app/profiles.hpp"
#include "app/rescue.hpp"
#include "app/snapshots.hpp"
#include "io/history/history.hpp"
#include "io/store/file_writer.hpp"
#include "io/store/paired_log.hpp"
#include "wire/decode.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

constexpr Span turn_every{1000};
constexpr std::size_t messages_per_turn = 1024;
constexpr std::chrono::milliseconds receive_max{5};
constexpr std::chrono::milliseconds jobs_max{20};
/// Windows that were written down so shortly before the start are as good as full.
constexpr Span windows_fresh{120000};
/// No window of a rule that pages within minutes is longer; a learned baseline has its profile.
constexpr Span windows_max{900000};
constexpr Span read_again_every{10000};  ///< the configuration, while it is not the owner's
constexpr std::int64_t skew_max_ms = 1000;

tl::unexpected<StartFailure> cannot_follow(ExitCode code, const char* event, std::string why) {
    return tl::unexpected(StartFailure{code, event, std::move(why)});
}

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

/// How long it takes until every window of the plan is full.
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

class Follower {
public:
    Follower(LoadedConfig& config, const Surroundings& around);

    Result<std::unique_ptr<Begun>, StartFailure> run();

    // jobs of the tail; engine thread only
    void records(std::vector<StoredRecord> records);
    void begin_at(const StoredSnapshot& snapshot);
    void seen(const std::optional<etcd::Standing>& standing);

private:
    using Done = Result<void, StartFailure>;
    Done start();
    Done open_front();
    TailOptions tail_options(RecordLog& records);
    StoreOptions store_options() const;
    void work_with(std::unique_ptr<Engine> engine);
    void turn();
    bool hears();
    void receive();
    void read_again();
    void look_at_configuration(Stamp now);
    void watch_skew();
    void tell();
    Stamp now() const;
    Result<std::unique_ptr<Begun>, StartFailure> take_over();

    LoadedConfig& config_;
    const Surroundings& around_;
    Settings settings_;
    std::shared_ptr<Cluster> cluster_;
    Inbox<Follower> inbox_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Ingest> ingest_;
    std::unique_ptr<StoreThread> store_;
    FileWriter files_;
    std::unique_ptr<History> history_;
    std::unique_ptr<Snapshots> snapshots_;
    std::unique_ptr<HistoryWalk> history_walk_;
    std::unique_ptr<Decoder> decoder_;
    Message message_;
    RefusalCounts dropped_{};

    std::unique_ptr<StandbyServer> http_;
    std::unique_ptr<StandbyExporter> exporter_;
    std::unique_ptr<PageServer> metrics_;

    std::uint64_t head_ = 0;  ///< of the records that were handed to this host's file
    std::optional<EngineTime> last_known_;
    bool heard_ = false;  ///< the owner's time is known
    EngineTime warm_at_{};
    std::optional<etcd::Standing> standing_;
    bool reachable_ = false;
    EngineTime read_again_at_{};
    std::string other_version_;  ///< of the owner's configuration, when it was said to be another
    bool skewed_ = false;
    std::string status_;

    // how it ends
    bool stopping_ = false;
    std::string ended_;
    std::unique_ptr<RecordLog> claimed_;
    std::optional<etcd::Standing> before_claim_;
    std::unique_ptr<EtcdTail> tail_;  // last: its thread ends before what it tells
};

Follower::Follower(LoadedConfig& config, const Surroundings& around)
    : config_(config),
      around_(around),
      settings_(settings_in_force(config.settings, around.files.store)),
      cluster_(std::make_shared<Cluster>(*settings_.cluster, cluster_host(around.files.host))) {}

Stamp Follower::now() const {
    return {cluster_->time.at(etcd::boottime()), around_.host_clock.wall()};
}

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

Result<std::unique_ptr<Begun>, StartFailure> Follower::run() {
    if (auto started = start(); !started) {
        return tl::unexpected(started.error());
    }
    around_.log.notice("following", {{"host", cluster_->host()}, {"prefix", cluster_->keys().prefix()}, {"head", head_}});
    around_.notifier.ready("following as " + cluster_->host());
    while (!stopping_ && ended_.empty() && claimed_ == nullptr) {
        turn();
    }
    tail_.reset();
    if (claimed_ != nullptr) {
        return take_over();
    }
    if (heard_ && ended_.empty()) {
        snapshots_->last(now());
    }
    store_->stop();
    if (!ended_.empty()) {
        return cannot_follow(exit_store, "cannot_follow", ended_);
    }
    around_.notifier.stopping();
    around_.log.notice("stopped", {{"why", "asked to, while following"}});
    return std::unique_ptr<Begun>();
}

void Follower::turn() {
    const std::array<int, 2> extra{inbox_.fd(), around_.signals.fd()};
    const Stamp before = now();
    const EngineTime next = heard_ ? std::min({engine_->next_followed(), snapshots_->next(), history_walk_->next()}) : EngineTime::max();
    const Span most = around_.notifier.alive_every().value_or(turn_every);
    ingest_->wait(next <= before.at ? Span{0} : std::min({next - before.at, most, turn_every}), extra);
    if (hears()) {
        engine_->follow(now());
    }
    while (const auto signal = around_.signals.take()) {
        if (*signal == Signal::stop) {
            stopping_ = true;
            return;
        }
        around_.notifier.reloading();
        read_again();
        around_.notifier.ready(status_);
    }
    receive();
    inbox_.drain(*this, 1024, jobs_max);
    if (!ended_.empty()) {
        return;  // parts of it may be gone
    }
    const Stamp at = now();
    cluster_->warm.store(at.at >= warm_at_);
    if (heard_) {  // before that the windows are of another time, and a file that says "now" would make a cold host warm
        snapshots_->turn(at);
        history_walk_->turn(at);
    }
    look_at_configuration(at);
    watch_skew();
    tell();
    around_.notifier.alive(around_.host_clock.steady());
}

/// Before the owner's time is known no sample has a place in the windows: this host's wall clock may be an hour off, and engine time never
/// goes back. Where nobody is alive this host claims within moments.
bool Follower::hears() {
    if (!heard_ && cluster_->time.was_heard()) {
        heard_ = true;
        if (warm_at_ == EngineTime::max()) {
            warm_at_ = now().at + longest_window(engine_->plan());
        }
    }
    return heard_;
}

void Follower::receive() {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t taken = 0; taken < messages_per_turn && std::chrono::steady_clock::now() - began < receive_max;) {
        const std::size_t got = ingest_->receive(16, [this](std::string_view payload, std::string_view) {
            // What is refused is told by the owner, who gets the same.
            if (heard_ && !decoder_->decode(payload, message_, dropped_) && ingest_->may_speak_for(message_.source)) {
                engine_->follow(message_, now());
            }
        });
        if (got == 0) {
            break;
        }
        taken += got;
    }
}

void Follower::records(std::vector<StoredRecord> records) {
    if (!ended_.empty()) {
        return;  // what was told before it ended may still come
    }
    std::vector<Record> applied;
    std::size_t bytes = 0;
    for (const StoredRecord& stored : records) {
        if (stored.type == record_type_lost) {
            snapshots_->soon();
            continue;
        }
        Result<Record> record = decode_record(stored.bytes);
        if (!record) {
            ended_ = "record " + std::to_string(stored.seq) + " of the owner cannot be read here: " + record.error().message +
                     ": upgrade this host";
            return;
        }
        engine_->apply(*record);
        applied.push_back(std::move(*record));
        bytes += stored.bytes.size();
    }
    snapshots_->follow(std::move(applied), bytes);
    head_ = records.back().seq;
    store_->append(std::move(records), {});
    cluster_->applied.store(head_);
}

/// etcd does not keep what this host lacks: it goes on behind a snapshot of the owner's.
void Follower::begin_at(const StoredSnapshot& snapshot) {
    if (!ended_.empty()) {
        return;
    }
    around_.log.warning("begins_at_snapshot", {{"own_head", engine_->sequence()},
                                               {"snapshot", snapshot.seq},
                                               {"effect", "timelines of incidents before it are on other hosts"}});
    const std::string windows = engine_->series_snapshot();
    history_walk_.reset();
    snapshots_.reset();
    store_->stop();
    auto records = store_->take_log();
    if (records == nullptr) {
        ended_ = settings_.store.path + ": the disk hangs";
        return;
    }
    if (auto begun = records->begin_at(snapshot); !begun) {
        ended_ = settings_.store.path + ": " + begun.error().message;
        return;
    }
    auto engine = std::make_unique<Engine>(std::make_unique<const Plan>(engine_->plan()));
    if (!engine->restore(snapshot.bytes)) {
        ended_ = "the owner's snapshot at record " + std::to_string(snapshot.seq) + " is not one this version can read: upgrade this host";
        return;
    }
    engine->restore_series(windows);
    store_ = std::make_unique<StoreThread>(std::move(records), snapshot.seq, store_options());
    work_with(std::move(engine));
    head_ = snapshot.seq;
    cluster_->applied.store(head_);
}

void Follower::seen(const std::optional<etcd::Standing>& standing) {
    reachable_ = standing.has_value();
    if (standing) {
        standing_ = *standing;
    }
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

void Follower::watch_skew() {
    const auto skew = cluster_->skew_ms.load();
    const bool skewed = skew > skew_max_ms || skew < -skew_max_ms;
    if (skewed && !skewed_) {
        around_.log.warning("clocks_differ", {{"this_host_ahead_ms", skew},
                                              {"effect", "samples whose time is over 60 s off are refused; look at NTP on both hosts"}});
    }
    skewed_ = skewed;
}

void Follower::tell() {
    const std::string owner = standing_ && standing_->term ? standing_->term->host : "nobody yet";
    const std::string status = reachable_ ? "following " + owner : "following " + owner + ": etcd does not answer";
    if (status != status_) {
        status_ = status;
        around_.notifier.status(status_);
    }
}

/// The shard is ours, and everything that the owner has confirmed is applied.
Result<std::unique_ptr<Begun>, StartFailure> Follower::take_over() {
    const Stamp at = now();
    const auto& before = before_claim_->term;
    const bool first = !before_claim_->head;
    around_.log.notice("taking_over", {{"from", before ? before->host : "nobody"}, {"head", engine_->sequence()}, {"warm", cluster_->warm.load() ? "yes" : "no"}});
    http_.reset();  // their ports are the owner's from now on
    metrics_.reset();
    history_walk_.reset();
    snapshots_.reset();
    history_.reset();
    const auto stopped = store_->stop();
    auto copy = store_->take_log();
    if (copy == nullptr) {
        return cannot_follow(exit_store, "copy_hangs", settings_.store.path + ": " + stopped.message);
    }
    const auto down_since = first ? last_known_ : std::optional(engine_time(before_claim_->head->at));
    const EngineClockSource clock = EngineClockSource::going_on_at(around_.host_clock, at.at);
    if (down_since) {
        engine_->recovered(*down_since, clock.now());
    }
    if (!first) {
        cluster_->takeovers.fetch_add(1);
        engine_->note("took_over", "from " + (before ? before->host : std::string("nobody")) + " to " + cluster_->host() +
                                       (cluster_->config_agrees.load() ? "" : "; with another configuration"),
                      clock.now());
    }
    PairedLogOptions paired;
    paired.on_copy = [&log = around_.log](bool behind, const std::string& why) {
        behind ? log.error("copy_behind", {{"why", why}, {"effect", "pages go on; this host's file is caught up later"}})
               : log.notice("copy_whole", {{"why", why}});
    };
    paired.snapshot_first = first;
    return std::make_unique<Begun>(Begun{settings_, pair_logs(std::move(claimed_), std::move(copy), std::move(paired)), head_,
                                         std::move(engine_), clock, std::move(ingest_), first, cluster_});
}

}  // namespace

Result<std::unique_ptr<Begun>, StartFailure> follow(LoadedConfig& config, const Surroundings& around) {
    return Follower(config, around).run();
}

}  // namespace surged
