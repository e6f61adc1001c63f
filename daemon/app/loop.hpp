// The engine thread: the one writer. It waits for samples, jobs, signals and deadlines, steps the engine, and hands what was
// decided to the store; the store's thread hands it on to the courier once it is durable.
//
// It knows the order of things and nothing of what they mean. Its hardest rule: it never waits for a disk, a peer or a browser;
// the only place it sleeps is Ingest::wait(), until the next deadline at most.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/feed_report.hpp"
#include "app/feeder_faults.hpp"
#include "app/heartbeat.hpp"
#include "app/history_walk.hpp"
#include "app/inbox.hpp"
#include "app/links.hpp"
#include "app/log.hpp"
#include "app/metrics.hpp"
#include "app/page_clock.hpp"
#include "app/pulse.hpp"
#include "app/refused_log.hpp"
#include "app/reload.hpp"
#include "app/sms_replies.hpp"
#include "app/signals.hpp"
#include "app/snapshots.hpp"
#include "core/engine/engine.hpp"
#include "io/clock/clock.hpp"
#include "io/courier/courier.hpp"
#include "io/http/http_server.hpp"
#include "io/store/store_thread.hpp"
#include "io/systemd/notifier.hpp"
#include "io/zmq/ingest.hpp"
#include "io/zmq/publisher.hpp"
#include "wire/decode.hpp"

namespace surged {

class Cluster;

/// Everything the loop works with; borrowed, built in main.
struct LoopParts {
    const Log& log;
    const EngineClockSource& clock;
    Engine& engine;
    Ingest& ingest;
    Publisher& publisher;
    Courier& courier;
    StoreThread& store;
    Snapshots& snapshots;
    History& history;
    Reloader& reloader;
    const Links& links;
    HttpServer* http = nullptr;  ///< null = [http] is off
    Notifier& notifier;
    Signals& signals;
    Inbox<class Loop>& inbox;
    Pulse& pulse;
    Cluster* cluster = nullptr;   ///< null = one host
    Publisher* report = nullptr;  ///< refusals for the authors of feeders; null = [ingest] report is off
    bool lenient = false;         ///< [ingest] lenient
};

/// What is kept with a batch of records until it is durable.
struct Batch {
    struct Reply {
        std::promise<std::optional<CommandReply>> promise;  ///< nullopt: decided, but not durable
        CommandReply reply;
    };
    /// What is said back to an answer by message.
    struct Said {
        std::optional<SendOrder> durable;
        std::optional<SendOrder> unsure;  ///< instead, when the answer is not durable
    };
    struct Event {
        std::uint64_t seq = 0;
        std::string topic;
        std::string type;
        std::string json;
    };
    std::vector<SendOrder> orders;
    std::vector<std::string> repeats;  ///< of several hosts: the texts of `orders`, should another host have sent them
    std::vector<Reply> replies;
    std::vector<Said> said;
    std::vector<Event> events;
};

class Loop {
public:
    static constexpr std::size_t messages_per_turn = 1024;
    static constexpr std::chrono::milliseconds receive_max{5};  ///< then timers and jobs have their turn
    static constexpr std::chrono::milliseconds jobs_max{1};     ///< then samples have theirs
    static constexpr Span stop_within{5000};

    explicit Loop(LoopParts parts);

    /// Runs until SIGTERM or SIGINT, then stops within stop_within. Returns the exit code.
    int run();

    // jobs; engine thread only
    /// `reply` is kept by the store's thread once the command's records are durable.
    void command(const Command& command, std::promise<std::optional<CommandReply>> reply);
    void outcome(const SendOutcome& outcome, const SendTiming& timing);
    void pulled(const Pulled& pulled);
    void publish(const Batch& batch);
    void publish_action(const std::string& topic, const std::string& json);
    void store_state(bool degraded, const std::string& why);
    void hole() { parts_.snapshots.soon(); }
    /// The engine goes by this plan from now on. What was not made beforehand (Reloader::make_ready) it makes now, and is away as long.
    ReloadReport adopt(NextPlan& next, const std::string& message);
    Engine& engine() { return parts_.engine; }
    void take_profiles(ProfileShelf profiles);
    void reload_refused(const std::string& message);
    /// All but what is of queues, alerts and incidents one by one: those are taken in pieces (ListReads).
    MetricsSnapshot metrics();

    const Engine& engine() const { return parts_.engine; }
    Stamp now() const { return parts_.clock.now(); }
    WallTime started() const { return started_.wall; }
    NetworkFacts network() const { return network_.facts(); }
    const ReloadState& reload_state() const { return reload_; }

private:
    void turn();
    Span sleep_until_next(Stamp now) const;
    void run_timers();
    void take_signals();
    void receive();
    void message(std::string_view payload);
    void note_refused(Refusal reason, std::uint64_t count, Stamp at);
    void hear();
    void settle();
    /// Of what a turn decided: records that are appended together, and what is kept with them.
    struct Piece {
        std::vector<StoredRecord> records;
        std::size_t bytes = 0;
        std::shared_ptr<Batch> batch = std::make_shared<Batch>();
    };
    std::size_t append_pieces();
    void add(SendOrder order, Piece& piece);
    void append(Piece piece);
    void tell(const Record& record) const;
    void housekeeping(Stamp now);
    void beat(Stamp now);
    void report(Stamp now);
    void stop();

    LoopParts parts_;
    Decoder decoder_;
    Message message_;
    RefusalCounts dropped_{};
    Decisions decisions_;
    std::vector<Batch::Reply> replies_;
    std::vector<Batch::Said> said_;
    std::vector<SendOutcome> heard_;  ///< in this turn, and not decided about yet
    SmsReplies sms_;
    PullCounts pulls_;
    std::set<std::string> unreadable_;  ///< channels whose provider did not answer the last question
    bool listening_ = false;
    Histogram decision_;
    Histogram page_;
    Histogram lateness_;
    PageClock pages_;
    HistoryWalk history_walk_;
    MetricsMaker metrics_;
    HelpTimes help_;
    ReloadState reload_;
    Heartbeat heartbeat_;
    FeederFaults faults_;
    FeedReport feed_report_;
    std::uint64_t from_texts_ = 0;  ///< numbers that came as texts, taken by [ingest] lenient
    WallTime policy_unreadable_{};  ///< when an incident's policy was last found to be neither readable nor configured; {} = never
    RefusedLog network_;
    Stamp started_{};
    EngineTime housekeeping_at_{};
    // The last message: when it came on both clocks, for surged_page_seconds.
    Stamp arrived_{};
    PageClock::Time arrived_steady_{};
    EngineTime drained_at_{};  ///< when the input was last found empty
    bool late_ = false;
    bool first_turn_ = true;
    bool stopping_ = false;
};

}  // namespace surged
