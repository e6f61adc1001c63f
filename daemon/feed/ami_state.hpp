// The state of a switch's queues, folded from the manager interface: who waits, who works, what came of each caller. Refuses to know
// connections, sockets and messages; time is handed in, on a clock of ours that only goes forward.
//
// The hardest rules. (1) An exit comes in pieces: QueueCallerLeave says that somebody left, and what became of him is said by what
// stands around it: AgentConnect after it (answered), QueueCallerAbandon before it (lost in any way), of those HangupRequest before or
// VarSet QUEUESTATUS after it (which way), none of them (a key). So a leave is held until its other piece comes, at most a moment.
// (2) A list (QueueStatus) overlaps the events around it: what an event has said since the list was asked for stands. (3) What came
// and went while nobody was connected is told by the switch's own counters alone (ami_snapshot.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/time.hpp"
#include "feed/ami_members.hpp"
#include "feed/ami_parser.hpp"
#include "feed/queue_log_state.hpp"
#include "feed/recent_calls.hpp"
#include "feed/switch_clock.hpp"
#include "feed/switch_state.hpp"

namespace surged {

struct AmiLimits {
    std::size_t queues = 4096;
    std::size_t waiters = 200000;  ///< of all queues; and calls of which something is remembered, of each kind
    std::size_t members = 100000;  ///< of all queues
    Span waiter_age_max{std::chrono::hours{12}};
};

struct AmiOptions {
    AmiLimits limits{};
    /// Wrap-up times set on the queue, which Asterisk does not tell; by the name in any case, "" = of all others.
    std::map<std::string, Span> wrapup{};
};

struct AmiOddities : SwitchOddities {
    std::uint64_t count_differs = 0;     ///< Join or Leave with another Count than we have
    std::uint64_t late_connects = 0;     ///< AgentConnect long after its leave, which had been counted as a key
    std::uint64_t repeats = 0;           ///< events that had been counted before
    std::uint64_t unknown_connects = 0;  ///< AgentConnect of a caller nobody saw
};

class AmiState {
public:
    struct Waiter {
        std::int64_t joined_ms = 0;  ///< our clock
        std::optional<std::int64_t> joined_server_ms{};
        bool lost = false;      ///< QueueCallerAbandon was there
        bool hung_up = false;   ///< the caller did
        bool dropped = false;   ///< the platform hung up (SoftHangupRequest)
        int missing = 0;        ///< lists in a row that did not have him
    };
    struct Queue : SwitchQueue<Waiter> {  ///< key: its name in lower case
        std::uint64_t transferred = 0;
        AmiCrew crew;
        std::int64_t completed = 0;  ///< the switch's own counters, as they should be now
        std::int64_t lost = 0;
        std::int64_t connect_hold_ms = 1000;  ///< how long AgentConnect may follow its leave
        std::uint64_t unsettled = 0;  ///< leaves whose other piece was lost with the connection
    };
    /// How much the account tells of a lost call.
    struct Told {
        bool calls = false;     ///< HangupRequest, of class call
        bool dialplan = false;  ///< class dialplan: VarSet
        bool asked = true;      ///< we asked for them
        bool any() const { return calls || dialplan; }
    };

    explicit AmiState(AmiOptions options = {});

    /// A connection begins (again): what follows may have missed something. `asks_causes`: it asks for the classes call and dialplan.
    void connected(const std::string& version, bool asks_causes, std::int64_t now_ms);
    /// It has ended. What waits for its other piece is left to the balance of the next list.
    void disconnected(std::int64_t now_ms);
    /// The switch is ready; its uptime when it tells. True: it is not the run of before, and a new epoch has begun.
    bool booted(std::optional<std::int64_t> uptime_s, std::int64_t now_ms);
    /// Folds one event. Unknown ones are counted and change nothing.
    void event(const AmiBlock& block, std::int64_t now_ms);
    /// Time passes: leaves that were held are decided.
    void advance(std::int64_t now_ms);
    /// When the next of them is due; nullopt: none is held.
    std::optional<std::int64_t> next_due() const;

    /// A list is asked for; ends the one under way.
    void ask_list(std::int64_t now_ms);
    /// One entry of it: QueueParams, QueueMember, QueueEntry.
    void list_item(const AmiBlock& block, std::int64_t now_ms);
    /// It has ended. False: nothing was taken, for it went beyond a bound; another is due later.
    bool list_end(std::optional<std::int64_t> items, std::int64_t now_ms);
    /// It did not end.
    void drop_list();
    /// When the next list should be asked for: regularly, or soon because something does not fit.
    std::int64_t list_due() const { return lists_.due_ms(); }
    /// A list has been taken since connected().
    bool current() const { return lists_.current(); }

    std::map<std::string, Queue, std::less<>>& queues() { return queues_; }
    const std::map<std::string, Queue, std::less<>>& queues() const { return queues_; }
    AmiCrewGauges crew(const Queue& queue, std::int64_t now_ms) const;
    SwitchClock& clock() { return clock_; }
    std::uint64_t epochs() const { return epochs_; }
    const Told& told() const { return told_; }
    /// Callers answered are told without AgentConnect (Asterisk 1.8 to 11 without eventwhencalled).
    bool legacy() const { return legacy_ && !agent_events_; }
    const AmiOddities& oddities() const { return oddities_; }
    std::uint64_t unknown_events() const { return unknown_events_; }
    std::size_t waiting() const { return waiting_; }

    static constexpr std::int64_t lost_hold_ms = 250;

private:
    struct Leaving {
        std::string queue;
        std::int64_t wait_ms = 0;
        std::int64_t due_ms = 0;
        bool lost = false;
        bool dropped = false;
    };
    using Outcome = CallerOutcome;
    struct Event {
        const AmiBlock& block;
        std::int64_t at_ms;                    ///< our clock, when it was stamped
        std::optional<std::int64_t> server_ms;  ///< its stamp
        std::string call;
    };
    struct List {
        struct Params {
            std::int64_t calls = 0, completed = 0, lost = 0;
            std::int64_t hold_s = 0, talk_s = 0;
            // what we had when this entry came
            std::int64_t our_waiting = 0, our_talking = 0, our_completed = 0, our_lost = 0;
            std::map<std::string, std::int64_t> entries;     // call -> wait in s
            std::vector<AmiListedMember> members;
        };
        std::map<std::string, Params> queues;
        std::set<std::string> touched;  // "queue call" and "queue interface" of which an event has spoken since
        std::int64_t asked_ms = 0;
        std::int64_t items = 0;
        std::size_t entries = 0;
        std::size_t members = 0;
        bool whole = true;     ///< within our bounds, in a form we know
        bool partial = false;  ///< it has fewer or more entries than it says
    };

    /// One key for something of a queue: a call, an interface.
    static std::string pair_key(std::string_view queue, std::string_view what);
    /// `dialled`: the name is as somebody dialled it, in any case of its letters. nullptr: no name, or too many queues.
    Queue* queue(std::string_view raw, bool dialled = false);
    void classes(const AmiBlock& block, std::string_view name);
    /// Each: false = it is not of these.
    bool caller_event(std::string_view name, const Event& event, std::int64_t now_ms);
    bool agent_event(std::string_view name, const Event& event);
    bool member_event(std::string_view name, const Event& event);
    bool cause_event(std::string_view name, const Event& event);
    bool switch_event(std::string_view name, const Event& event, std::int64_t now_ms);
    void join(const Event& event, Queue& queue);
    void leave(const Event& event, Queue& queue);
    void lose(const Event& event, Queue& queue);
    void connect(const Event& event, Queue& queue);
    void complete(const Event& event, Queue& queue);
    void queue_status(const Event& event);
    void hung_up(const Event& event, bool by_platform);
    void channel_gone(const Event& event);
    void check_count(const AmiBlock& block, const Queue& queue, std::int64_t now_ms);
    /// False: this event of this call was counted a moment ago.
    bool first_time(const Event& event, const Queue& queue, std::string_view what);
    void touch(std::string_view queue, std::string_view what);
    void hold(const Event& event, Queue& queue, const Waiter& waiter, std::int64_t wait_ms, std::int64_t hold_ms);
    /// Ends the leave that is held for this call.
    void settle(std::unordered_map<std::string, Leaving>::iterator at, Outcome outcome);
    Outcome unexplained(const Leaving& leaving) const;
    bool add_waiter(Queue& queue, const std::string& call, const Waiter& waiter);
    void erase_waiter(Queue& queue, const std::string& call);
    void list_soon(std::int64_t at_ms);
    void new_epoch();

    void take_params(const AmiBlock& block);
    void take_entry(const AmiBlock& block, List::Params& params);
    void take_member(const AmiBlock& block, List::Params& params);
    /// Waiters that the list does not have and that no event has touched since.
    std::vector<std::string> vanished(const Queue& queue, const List::Params& params) const;
    void apply_entries(Queue& queue, const List::Params& params, bool closes_gap, std::int64_t now_ms);
    void apply_members(Queue& queue, const List::Params& params);
    void drop_missing(Queue& queue, const List::Params& params, std::int64_t now_ms);
    void balance(Queue& queue, const List::Params& params);
    bool counters_fell() const;

    AmiOptions options_;
    std::map<std::string, Queue, std::less<>> queues_;
    std::unordered_map<std::string, Queue*> queue_of_;      // call -> where it waits
    std::unordered_map<std::string, Leaving> leaving_;      // call -> leave that is held
    std::multimap<std::int64_t, std::string> held_;         // due -> call; some are settled by now
    std::unordered_map<std::string, std::string> dialled_;  // call -> queue of its last Queue()
    RecentCalls keys_;  // "queue call" whose leave counted as a key
    RecentCalls said_;  // "queue call" and the event that was counted for it: it counts once
    SwitchClock clock_;
    std::unique_ptr<List> list_;  // the one under way
    SwitchLists lists_;
    bool shut_down_ = false;   ///< the switch said so
    bool legacy_ = false;
    bool agent_events_ = false;
    bool lost_known_ = false;  ///< a lost call has shown whether its cause is told
    Told told_;
    std::int64_t started_ms_ = 0;  ///< of the switch, our clock; with has_start_
    bool has_start_ = false;
    std::int64_t ended_events_ = 0;  ///< AgentComplete and QueueCallerAbandon of this connection
    std::uint64_t epochs_ = 0;
    std::size_t waiting_ = 0;
    std::size_t members_ = 0;
    AmiOddities oddities_;
    std::uint64_t unknown_events_ = 0;
};

}  // namespace surged
