#include "app/etcd_tail.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "io/clock/clock.hpp"
#include "io/etcd/etcd_log.hpp"
#include "io/etcd/read.hpp"

namespace surged {
namespace {

/// Of one claim: nobody else's, and none of this host's before.
std::string new_claim() {
    std::random_device device;
    std::string out;
    for (int i = 0; i < 4; ++i) {
        out += std::to_string(device()) + (i < 3 ? "-" : "");
    }
    return out;
}

std::string restored_or_shared(const std::string& what) {
    return what + ". etcd was restored from an older copy, or two installations have one [cluster] name and shard. Nothing was written. " +
           "To go on with this host's file: end surged on every host, remove what lies below the prefix (etcdctl del --prefix), start this "
           "host first; it seeds the empty prefix from its file";
}

bool same_record(const StoredRecord& a, const StoredRecord& b) {
    return a.seq == b.seq && a.wall_ms == b.wall_ms && a.type == b.type && a.bytes == b.bytes;
}

}  // namespace

EtcdTail::EtcdTail(Cluster& cluster, TailOptions options)
    : cluster_(cluster),
      options_(std::move(options)),
      post_(cluster.line()),
      watch_(cluster.settings().takeover),
      seq_(options_.head) {
    cluster_.applied.store(options_.head);
    thread_ = std::thread([this] { run(); });
}

EtcdTail::~EtcdTail() {
    {
        const std::lock_guard hold(lock_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void EtcdTail::run() {
    for (Next next = poll(); next != Next::end; next = poll()) {
        if (next == Next::wait) {
            tell_of_me();
        }
        std::unique_lock hold(lock_);
        if (stopping_ || (next == Next::wait && wake_.wait_for(hold, poll_every, [this] { return stopping_; }))) {
            return;
        }
    }
}

EtcdTail::Next EtcdTail::poll() {
    if (seq_ - std::min(seq_, cluster_.applied.load()) > ahead_max) {
        return Next::wait;
    }
    auto found = etcd::read_behind(post_, cluster_.keys(), seq_);
    const auto answered = etcd::boottime();
    if (!found) {
        watch_.unanswered();
        return failed(found.error());
    }
    watch_.answered(found->standing, answered);
    hear(found->standing, answered);
    options_.tell.seen(found->standing);
    if (!compared_ && found->standing.head) {
        if (const Next next = compare(found->standing); next != Next::at_once) {
            return next;
        }
    }
    return hand_on(std::move(found->records), found->standing);
}

EtcdTail::Next EtcdTail::failed(const LogFailure& failure) {
    if (failure.error != LogError::unavailable) {
        options_.tell.ended(failure.message);
        return Next::end;
    }
    options_.tell.seen(std::nullopt);
    trouble("etcd does not answer: " + failure.message);
    return Next::wait;
}

void EtcdTail::trouble(const std::string& why) {
    if (troubles_.is_new(why)) {
        options_.tell.trouble(why);
    }
}

/// What this host has must be what etcd has, as far as both go. at_once = it is.
EtcdTail::Next EtcdTail::compare(const etcd::Standing& standing) {
    const auto& head = *standing.head;
    if (seq_ > head.seq) {
        options_.tell.ended(restored_or_shared("this host's file is at record " + std::to_string(seq_) + ", etcd's log below " +
                                               cluster_.keys().prefix() + " at " + std::to_string(head.seq)));
        return Next::end;
    }
    if (options_.last && seq_ >= head.kept) {
        const auto there = etcd::read_behind(post_, cluster_.keys(), seq_ - 1);
        if (!there) {
            return failed(there.error());
        }
        if (there->records.empty() || !same_record(there->records.front(), *options_.last)) {
            options_.tell.ended(restored_or_shared("record " + std::to_string(seq_) + " of this host's file is not that of etcd's log below " +
                                                   cluster_.keys().prefix()));
            return Next::end;
        }
    }
    compared_ = true;
    return Next::at_once;
}

EtcdTail::Next EtcdTail::hand_on(std::vector<StoredRecord> records, const etcd::Standing& standing) {
    if (standing.head && standing.head->seq < seq_) {
        options_.tell.ended(restored_or_shared("etcd's log below " + cluster_.keys().prefix() + " was at record " + std::to_string(seq_) +
                                               " and is at " + std::to_string(standing.head->seq) + " now"));
        return Next::end;
    }
    if (standing.head && standing.head->seq > seq_ && (records.empty() || records.front().seq != seq_ + 1)) {
        return begin_anew();
    }
    if (!records.empty()) {
        seq_ = records.back().seq;
        options_.tell.records(std::move(records));
        return Next::at_once;
    }
    troubles_.over();
    const bool asked_before = !last_claim_.empty() && standing.term && standing.term->claim == last_claim_;
    if (asked_before || watch_.may_claim(etcd::boottime(), cluster_.warm.load())) {
        return claim();
    }
    return Next::wait;
}

/// etcd keeps no record that follows ours.
EtcdTail::Next EtcdTail::begin_anew() {
    const auto snaps = etcd::read_snaps(post_, cluster_.keys());
    if (!snaps) {
        return failed(snaps.error());
    }
    for (const auto& place : *snaps) {
        if (place.seq <= seq_) {
            break;
        }
        auto bytes = etcd::read_snapshot(post_, cluster_.keys(), place);
        if (!bytes) {
            return failed(bytes.error());
        }
        if (*bytes) {
            seq_ = place.seq;
            options_.tell.begin_at({place.seq, std::move(**bytes), true});
            return Next::at_once;
        }
    }
    trouble("etcd keeps no record behind " + std::to_string(seq_) + " and no snapshot yet: waiting for the owner's");
    return Next::wait;
}

void EtcdTail::hear(const etcd::Standing& standing, etcd::BootTime answered) {
    if (standing.term_revision != term_heard_) {
        term_heard_ = standing.term_revision;
        cluster_.term.store(standing.term_revision);
        cluster_.time.another();
        cluster_.set_owner(standing.term ? standing.term->host : std::string(), standing.term ? standing.term->url : std::string());
    }
    if (!standing.head) {
        return;
    }
    // A head that was there at the first look may be of yesterday: only one that moves is a sign of life.
    if (head_heard_ != 0 && head_heard_ != standing.head_revision && !standing.head->released) {
        cluster_.time.heard(engine_time(standing.head->at), answered);
        if (standing.head->wall != 0) {
            const auto here = to_ms(SystemClock().wall()) - to_ms(cluster_.time.at(answered));
            cluster_.skew_ms.store(here - (standing.head->wall - standing.head->at));
        }
    }
    head_heard_ = standing.head_revision;
    cluster_.head.store(standing.head->seq);
}

EtcdTail::Next EtcdTail::claim() {
    if (options_.at_step) {
        options_.at_step("before_claim");
    }
    etcd::EtcdLogOptions log{post_, cluster_.keys(), {}, {}, {}};
    log.engine_ms = [&cluster = cluster_] { return to_ms(cluster.time.at(etcd::boottime())); };
    log.boottime = [] { return etcd::boottime(); };
    log.confirmed = [&cluster = cluster_](etcd::BootTime sent) { cluster.gate.confirmed(sent); };
    log.version = [&cluster = cluster_] { return cluster.version(); };
    log.wall_ms = [] { return to_ms(SystemClock().wall()); };
    log.claimed = [&cluster = cluster_](std::uint64_t term) { cluster.term.store(term); };
    log.begins_behind = seq_;
    last_claim_ = new_claim();
    const etcd::Standing seen = watch_.seen();
    if (!cluster_.time.was_heard() && seen.head) {  // nobody is alive: as at a start, and never behind what was written
        const auto now = etcd::boottime();
        cluster_.time.begin(std::max(cluster_.time.at(now), engine_time(seen.head->at)), now);
    }
    auto claimed = etcd::claim_log(std::move(log), seen,
                                   {cluster_.host(), cluster_.url(), cluster_.version(), options_.installation, last_claim_});
    if (!claimed) {
        if (claimed.error().error == LogError::held) {
            last_claim_.clear();
        }
        watch_.unanswered();
        return claimed.error().error == LogError::corrupt ? failed(claimed.error()) : Next::wait;
    }
    if (options_.at_step) {
        options_.at_step("after_claim");
    }
    options_.tell.claimed(std::move(*claimed), seen);
    return Next::end;
}

void EtcdTail::tell_of_me() {
    const auto now = etcd::boottime();
    if (told_ != etcd::BootTime{0} && now < told_ + host_every) {
        return;
    }
    told_ = now;
    (void)etcd::tell_host(post_, cluster_.keys(),
                          {cluster_.host(), cluster_.url(), cluster_.applied.load(), cluster_.version(), cluster_.warm.load(),
                           to_ms(cluster_.time.at(now))});
}

}  // namespace surged
