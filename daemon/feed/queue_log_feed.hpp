// The event stream of a queue_log -> Messages as wire/decode.hpp takes them: one every period for all queues seen so far, also
// when nothing happened, so that a silent feed and silent traffic look different. Pure: source time comes from the lines or from
// the caller.
//
// The hardest rule: QUEUESTART resets the counters. What was counted since the last message is sent under the old epoch, at the
// time of the restart, before the first message of the new one; nothing is lost between the two. And a queue that was told under
// the name somebody dialled, before its configured one was seen, goes on under both: nothing waits under the first any more.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/series/message.hpp"
#include "feed/queue_log_reader.hpp"
#include "feed/queue_log_state.hpp"

namespace surged {

struct QueueLogFeedOptions {
    std::string centre = "asterisk";
    std::string source = "queue_log";
    Span period{5000};                         ///< >= 100 ms
    Span gap_max{std::chrono::hours{24 * 7}};  ///< a longer hole in the log is jumped over without messages
    std::size_t parts_max = 1000;              ///< queues per message; more make several messages of one time
    QueueLogLimits limits{};
    /// Epoch of the counters at the start; it rises by one at each QUEUESTART. Default: ms of the first line's time.
    std::optional<std::uint64_t> epoch{};
};

/// Returning false stops the feed. The message and its text live until the call returns.
using MessageCallback = std::function<bool(const Message&)>;

class QueueLogFeed {
public:
    explicit QueueLogFeed(QueueLogFeedOptions options);

    /// Folds one line, after the messages of all periods that ended at or before its time. A message of time T holds exactly the
    /// lines with ts < T; a backdated line comes when it comes, as it does live. False: the callback stopped the feed.
    bool line(const QueueLogLine& line, const MessageCallback& each);
    /// Folds one line without any message: the history of a live feed.
    void history(const QueueLogLine& line) { state_.apply(line); }
    /// A message of the state at `ts_ms`, at once: the live feed's tick.
    bool emit(std::int64_t ts_ms, const MessageCallback& each);
    /// The file has ended: the message of the period that the last line belongs to.
    bool finish(const MessageCallback& each);

    const QueueLogState& state() const { return state_; }
    std::uint64_t messages() const { return seq_; }
    std::uint64_t gaps_jumped() const { return gaps_jumped_; }
    std::uint64_t steps_back() const { return steps_back_; }

private:
    bool catch_up(std::int64_t ts_ms, const MessageCallback& each);
    void keep_names();
    void add_part(const QueueLogState::Queue& queue, const AgentGauges& agents, std::int64_t ts_ms);

    QueueLogFeedOptions options_;
    QueueLogState state_;
    Message message_;
    struct Told {
        std::string name;
        QueueLogCounters counters;
    };
    std::map<std::string, Told> told_;          // by the queue's key: what the last message said
    std::vector<QueueLogState::Queue> former_;  // names a queue was told under before; at most two a queue
    std::uint64_t epochs_ = 0;
    std::uint64_t seq_ = 0;
    std::int64_t next_ms_ = 0;  ///< 0 = no line seen
    bool dirty_ = false;        ///< lines since the last message
    std::uint64_t gaps_jumped_ = 0;
    std::uint64_t steps_back_ = 0;
};

struct QueueLogReplay {
    QueueLogReadStats read;
    QueueLogOddities oddities;
    std::uint64_t unknown_events = 0;
    std::uint64_t messages = 0;
};

/// A whole log (its files, the oldest first) as messages on its own (recorded) time, as fast as possible; what `surgectl replay`
/// feeds to the engine. Lines come in the order of the file, as they do live.
QueueLogReplay queue_log_messages(const std::vector<std::istream*>& files, const QueueLogFeedOptions& options,
                                  const MessageCallback& each);
QueueLogReplay queue_log_messages(std::istream& in, const QueueLogFeedOptions& options, const MessageCallback& each);

}  // namespace surged
