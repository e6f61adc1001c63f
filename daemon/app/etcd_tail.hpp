// A stand-by's look at etcd, on a thread of its own: hands on the owner's records, and claims the shard when its owner is gone.
//
// It knows records as bytes and when a claim is allowed; it refuses to know what a record means. Hardest rule: it claims only from the
// very head up to which it has handed everything on, so whoever takes over misses nothing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/cluster.hpp"
#include "app/outage_reasons.hpp"
#include "io/etcd/claim.hpp"
#include "io/record_log.hpp"

namespace surged {

/// What it tells, each on its own thread and in the order in which it happened.
struct TailEvents {
    /// The records behind those of before.
    std::function<void(std::vector<StoredRecord>)> records;
    /// etcd does not keep what this host lacks: it is to begin anew at this snapshot.
    std::function<void(StoredSnapshot)> begin_at;
    /// What stands there now; nullopt = etcd has not answered.
    std::function<void(const std::optional<etcd::Standing>&)> seen;
    /// The shard is this host's. `seen`: what stood there. Nothing is told after it.
    std::function<void(std::unique_ptr<RecordLog>, etcd::Standing seen)> claimed;
    /// It cannot follow, now or ever: why, for people. Nothing is told after it.
    std::function<void(std::string why)> ended;
    /// Something that keeps it from following for now: each reason once until it follows again.
    std::function<void(std::string why)> trouble;
};

struct TailOptions {
    std::uint64_t head = 0;             ///< of the records this host has
    std::optional<StoredRecord> last{};  ///< the one at `head`, to see that both are of one log; nullopt = it is not kept any more
    std::string installation{};         ///< of this host's file: the shard's, should it be new
    std::function<void(const char* step)> at_step{};  ///< for tests: "before_claim", "after_claim"
    TailEvents tell;
};

class EtcdTail {
public:
    static constexpr std::chrono::milliseconds poll_every{200};
    static constexpr std::chrono::seconds host_every{5};
    static constexpr std::uint64_t ahead_max = 20000;  ///< records handed on and not applied yet

    /// `cluster` is borrowed: it tells how far the records are applied, and whether the windows are full.
    EtcdTail(Cluster& cluster, TailOptions options);
    ~EtcdTail();
    EtcdTail(const EtcdTail&) = delete;
    EtcdTail& operator=(const EtcdTail&) = delete;

private:
    enum class Next : std::uint8_t { wait, at_once, end };

    void run();
    Next poll();
    Next failed(const LogFailure& failure);
    Next compare(const etcd::Standing& standing);
    Next hand_on(std::vector<StoredRecord> records, const etcd::Standing& standing);
    Next begin_anew();
    void hear(const etcd::Standing& standing, etcd::BootTime answered);
    Next claim();
    void tell_of_me();
    void trouble(const std::string& why);

    Cluster& cluster_;
    const TailOptions options_;
    const etcd::Post post_;
    etcd::ClaimWatch watch_;
    std::uint64_t seq_;
    bool compared_ = false;
    std::uint64_t head_heard_ = 0;  ///< revision of the head that was heard last
    std::uint64_t term_heard_ = 0;
    std::string last_claim_;        ///< of an attempt that was not answered
    OutageReasons troubles_;
    etcd::BootTime told_{0};

    std::mutex lock_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace surged
