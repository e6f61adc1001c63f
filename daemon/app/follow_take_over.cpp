// A follower whose tail has claimed the shard becomes the owner.
#include <utility>

#include "app/follower.hpp"
#include "io/store/paired_log.hpp"

namespace surged {

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

}  // namespace surged
