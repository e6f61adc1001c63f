#include "app/follow.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "app/follower.hpp"
#include "app/stored_state.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

constexpr Span turn_every{1000};
constexpr std::size_t messages_per_turn = 1024;
constexpr std::chrono::milliseconds receive_max{5};
constexpr std::chrono::milliseconds jobs_max{20};
constexpr std::int64_t skew_max_ms = 1000;

}  // namespace

Stamp Follower::now() const {
    return {cluster_->time.at(etcd::boottime()), around_.host_clock.wall()};
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
    const auto ready = ingest_->wait(next <= before.at ? Span{0} : std::min({next - before.at, most, turn_every}), extra);
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
    if ((ready.descriptors & 1U) != 0) {
        inbox_.woken();
    }
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
    const auto state = state_of(snapshot.bytes);
    if (!state || !engine->restore(*state)) {
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

Result<std::unique_ptr<Begun>, StartFailure> follow(LoadedConfig& config, const Surroundings& around) {
    return Follower(config, around).run();
}

}  // namespace surged
