// Who follows: the parts of a host that stands by. Private to this room: follow_start.cpp opens them and reads the configuration, follow.cpp
// follows, follow_take_over.cpp makes an owner of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/etcd_tail.hpp"
#include "app/follow.hpp"
#include "app/history_walk.hpp"
#include "app/inbox.hpp"
#include "app/snapshots.hpp"
#include "io/history/history.hpp"
#include "io/store/file_writer.hpp"
#include "wire/decode.hpp"

namespace surged {

inline tl::unexpected<StartFailure> cannot_follow(ExitCode code, const char* event, std::string why) {
    return tl::unexpected(StartFailure{code, event, std::move(why)});
}

/// How long it takes until every window of the plan is full.
Span longest_window(const Plan& plan);

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

}  // namespace surged
