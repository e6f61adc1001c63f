// The state of a switch's queues, folded from queue_log: who waits, monotonic counters, epochs. Refuses to know messages,
// sockets, clocks.
//
// The hardest rule (an attended transfer into another queue): ENTERQUEUE carries the consult leg's call id, ATTENDEDTRANSFER is
// logged for the first queue under that wrong id, and CONNECT carries the original id. Keyed by id alone, one caller would wait
// for ever. So (1) an ATTENDEDTRANSFER under an unknown id is matched by its agent, and a waiter under that id takes over the
// real one; (2) a CONNECT of an unknown caller removes the waiter who entered at ts - holdtime, +-1 s; (3) waiters older than a
// bound expire. No other exit is matched by time: older versions write ABANDON twice, and the second would take another caller.
//
// Queues are one queue whatever the case of their ASCII letters: Asterisk writes the name as it was dialled when callers come and
// go, and as it is configured when they are served.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/time.hpp"
#include "feed/queue_log_agents.hpp"
#include "feed/queue_log_line.hpp"

namespace surged {

struct QueueLogLimits {
    std::size_t queues = 4096;
    std::size_t waiters = 200000;  ///< open calls of all queues
    std::size_t agents = 100000;   ///< memberships, and talks, each
    Span waiter_age_max{std::chrono::hours{2}};
    Span talk_age_max{std::chrono::hours{12}};
    Span talk_cap{0};                          ///< a longer talk counts as this much (hidden transfers); 0 = no cap
    MembersFrom members = MembersFrom::inferred;
    std::vector<std::string> callback_keys{};  ///< EXITWITHKEY with one of these is callbacks_requested, else overflow_out
};

/// Monotonic within an epoch. Sums in ms.
struct QueueLogCounters {
    std::uint64_t offered = 0;
    std::uint64_t answered = 0;
    std::uint64_t abandoned = 0;
    std::uint64_t timeouts = 0;      ///< EXITWITHTIMEOUT and EXITEMPTY
    std::uint64_t overflow_out = 0;  ///< key, WITHDRAW, and calls the platform dropped
    std::uint64_t blocked = 0;       ///< turned away before they waited; only where a dialplan logs it
    std::uint64_t callbacks_requested = 0;
    std::uint64_t handled = 0;
    std::uint64_t answered_in_15 = 0;
    std::uint64_t answered_in_20 = 0;
    std::uint64_t abandoned_in_20 = 0;
    std::int64_t wait_answered_ms = 0;
    std::int64_t wait_abandoned_ms = 0;
    std::int64_t talk_ms = 0;
    QueueLogCounters& operator+=(const QueueLogCounters& other);
};

/// What the log did not say cleanly; shown in the summary for people.
struct QueueLogOddities {
    std::uint64_t ghosts_matched = 0;     ///< waiters found by their time, not their id
    std::uint64_t transfers_matched = 0;  ///< attended transfers found by their agent
    std::uint64_t unmatched_exits = 0;    ///< an exit of a caller nobody saw enter (the file starts in mid-call)
    std::uint64_t repeated_exits = 0;     ///< a second exit of a call that had just left: counted once
    std::uint64_t exits_by_others = 0;    ///< callers taken out on other evidence than an exit line of Asterisk
    std::uint64_t backdated = 0;          ///< entered with a time over a minute old: counted, but not as waiting
    std::uint64_t lost_at_restart = 0;    ///< waiting when QUEUESTART came
    std::uint64_t expired = 0;            ///< waited longer than the bound
    std::uint64_t replaced = 0;           ///< entered again without having left
    std::uint64_t talks_capped = 0;
    std::uint64_t over_limit = 0;  ///< refused by one of the limits
    std::uint64_t backward = 0;    ///< lines older than the line before
    std::uint64_t bad_params = 0;  ///< a wait or talk time that is no number
};

class QueueLogState {
public:
    struct Queue {
        std::string name;           ///< as it goes on the wire
        int name_rank = 0;          ///< 2 from CONNECT and kin, 1 from ADDMEMBER and kin, 0 as somebody dialled it
        QueueLogCounters counters;  ///< since the epoch began
        QueueLogCounters earlier;   ///< of all epochs before
        bool called = false;        ///< at least one caller entered
        QueueLogCounters total() const;
        std::uint64_t waiting() const { return waiters.size(); }
        /// Age of the oldest waiter at `now_ms`, at least 1 ms; 0 when nobody waits.
        std::int64_t oldest_wait_ms(std::int64_t now_ms) const;

        struct Entry {  ///< ordered by time of entry, then by file order
            std::int64_t ts_ms;
            std::uint64_t order;
            auto operator<=>(const Entry&) const = default;
        };
        std::map<Entry, std::string> waiters;            ///< -> call id
        std::unordered_map<std::string, Entry> by_call;  ///< call id -> its place in waiters
        struct Exit {
            std::int64_t ts_ms = 0;
            bool answered = false;
            bool backdated = false;  ///< never was on the list
        };
        std::unordered_map<std::string, Exit> left;  ///< callers who have just left, by call id
        std::size_t left_look = 0;                   ///< when there are so many, the old ones are looked for
    };

    explicit QueueLogState(QueueLogLimits limits = {});

    /// Folds one line. Unknown events are counted and change nothing.
    void apply(const QueueLogLine& line);
    /// Time passes: forgets what is too old.
    void advance(std::int64_t now_ms);

    /// By key: the name with ASCII letters in lower case.
    const std::map<std::string, Queue, std::less<>>& queues() const { return queues_; }
    /// `queue` in any case.
    AgentGauges agents(std::string_view queue) const { return agents_.gauges(key(queue)); }
    static std::string key(std::string_view queue);
    /// Source time of the newest line that was not backdated. A line more than a minute older is backdated (a script wrote it
    /// with an earlier time), until eight in a row say that the clock was set back.
    std::int64_t clock_ms() const { return clock_ms_; }
    static constexpr std::int64_t backdated_ms = 60000;
    /// Two lines of one exit come within the agent's announcement.
    static constexpr std::int64_t same_exit_ms = 30000;
    /// The log has lines about callers turned away; without them `blocked` means nothing.
    bool tells_blocked() const { return tells_blocked_; }
    std::uint64_t unknown_events() const { return unknown_events_; }
    const QueueLogOddities& oddities() const { return oddities_; }
    /// Counter epochs begun since construction: rises at each QUEUESTART.
    std::uint64_t restarts() const { return restarts_; }
    std::int64_t last_ts_ms() const { return last_ts_ms_; }
    std::size_t waiting() const { return waiting_; }

private:
    Queue* queue(std::string_view raw, int name_rank);
    void keep_time(std::int64_t ts_ms);
    void remember_exit(const QueueLogLine& line, Queue& queue, bool answered, bool backdated);
    /// The call has just left this queue: this is the same exit, and counts no more.
    bool repeated(const QueueLogLine& line, Queue& queue);
    /// A channel is in one queue at a time: whoever enters this one has left the others, whatever their log says.
    void leave_others(const QueueLogLine& line, const Queue& entered);
    /// EXITCODE|TIMEOUT and kin come from the dialplan when Queue() is over: evidence of the exit whose own line is missing. Of a
    /// caller who is not waiting they say nothing new.
    void left_by_dialplan(const QueueLogLine& line);
    void turned_away(const QueueLogLine& line, Queue& queue);
    void exit(const QueueLogLine& line, Queue& queue);
    void rang(const QueueLogLine& line);
    static void count_answer(Queue& queue, std::int64_t wait_ms);
    void apply_call(const QueueLogLine& line, Queue& queue);
    void apply_member(const QueueLogLine& line);
    void enter(const QueueLogLine& line, Queue& queue);
    void connect(const QueueLogLine& line, Queue& queue);
    void abandon(const QueueLogLine& line, Queue& queue);
    void leave(const QueueLogLine& line, Queue& queue, std::size_t wait_param);
    void finish_talk(const QueueLogLine& line, Queue& queue, std::size_t talk_param);
    void adopt_transfer(const QueueLogLine& line);
    /// Removes the caller and returns the wait in ms: logged, else measured, else 0.
    std::int64_t take_waiter(const QueueLogLine& line, Queue& queue, std::size_t wait_param);
    void erase(Queue& queue, std::map<Queue::Entry, std::string>::iterator at);
    void waits_no_more(const std::string& call);
    void restart();

    QueueLogLimits limits_;
    std::map<std::string, Queue, std::less<>> queues_;  // by raw name
    std::unordered_map<std::string, std::size_t> waits_in_;  // call id -> in how many queues; who is not in it waits in none
    QueueLogAgents agents_;
    QueueLogOddities oddities_;
    std::uint64_t unknown_events_ = 0;
    std::uint64_t restarts_ = 0;
    std::uint64_t order_ = 0;
    std::int64_t last_ts_ms_ = 0;
    std::int64_t clock_ms_ = 0;
    std::int64_t before_jump_ms_ = 0;  // 0 = the clock's last step was an ordinary one
    int older_lines_ = 0;              // in a row
    bool line_is_old_ = false;
    bool tells_blocked_ = false;
    std::size_t waiting_ = 0;
};

}  // namespace surged
