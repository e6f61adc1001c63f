// The state of mod_callcenter's queues, folded from its events: who waits, who works, what came of each caller. Refuses to know
// connections, sockets and messages; time is handed in, on a clock of ours that only goes forward.
//
// The events (CUSTOM, subclass callcenter::info), by CC-Action, and what is made of each (after mod_callcenter.c of FreeSWITCH 1.10):
//   member-queue-start    a caller (CC-Member-UUID, new for each time he queues) waits in CC-Queue
//   member-queue-resume   he had given up and came back to his old place: he is offered again, and waits from now
//   bridge-agent-start    CC-Agent's phone was picked up. He still waits: an announcement may be played to the agent, the bridge may fail
//   agent-state-change    CC-Agent, CC-Agent-State. "In a queue call" follows the bridge at once: the caller of his bridge-agent-start is
//                         answered now
//   bridge-agent-end      the agent is free of it. CC-Agent-Bridged false: there was no bridge, the caller waits on or has gone. Older
//                         versions do not have it, and send this only for a bridge. CC-Bridge-Terminated-Time: wrap-up runs from then
//   member-queue-end      CC-Cause Terminated: the talk is over (handled). CC-Cause Cancel: he left unanswered, by CC-Cancel-Reason:
//                         TIMEOUT (max-wait-time) and NO_AGENT_TIMEOUT: timeouts; EXIT_WITH_KEY: overflow_out; BREAK_OUT and NONE say
//                         only that the wait was broken. There Hangup-Cause, which is there when the channel hangs up, tells hung up
//                         (abandoned) from sent elsewhere by a transfer (overflow_out), as do causes that only the platform sets
//   agent-status-change   CC-Agent, CC-Agent-Status
//   bridge-agent-fail    CC-Agent's phone was not picked up. He is not rung again (ready_time) for the delay that his row has for
//                         CC-Hangup-Cause, from CC-Agent-Aborted-Time on
//   agent-offering, agent-max-no-answer, members-count, agent-add, agent-contact-change, agent-*-get: nothing.
//     An agent's state comes by agent-state-change; members-count is a count of rows that may be older than the events around it.
//
// What is never told: agents and tiers that are added, changed or deleted, a pause by `agent set ready_time`, other calls of an agent, and
// queues loaded or unloaded: the next list has them, at most list_every_ms later. What came and went while nobody was
// connected is told by the queue's own two counters and by rows that are still there.
//
// The hardest rule: a list is asked for in pieces and overlaps the events around it: what an event has said since it began stands.
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
#include "feed/callcenter_list.hpp"
#include "feed/esl_parser.hpp"
#include "feed/switch_clock.hpp"
#include "feed/switch_state.hpp"

namespace surged {

struct CallcenterLimits {
    CallcenterList::Bounds list{};
    std::size_t waiters = 200000;  ///< of all queues; and callers in talk
    Span waiter_age_max{std::chrono::hours{12}};
};

struct CallcenterOddities : SwitchOddities {
    std::uint64_t unknown_ends = 0;  ///< the end of a caller nobody saw wait
    std::uint64_t odd_rows = 0;      ///< of lists, left out
};

/// staffed: Available, Available (On Demand) and On Break. aux: On Break, and Idle: on demand, until he asks for the next call.
using CallcenterCrew = SwitchCrew;

class CallcenterState {
public:
    struct Waiter {
        std::int64_t joined_ms = 0;  ///< our clock
        int missing = 0;             ///< lists in a row that did not have him
    };
    struct Queue : SwitchQueue<Waiter> {     ///< key: its name as the switch has it
        std::map<std::string, bool> agents;  // name -> a list has him talk for this queue
        bool skips_external = false;
        std::int64_t switch_answered = 0;  ///< the queue's own counters, as they should be now
        std::int64_t switch_abandoned = 0;
    };

    explicit CallcenterState(CallcenterLimits limits = {});

    /// A connection begins (again): what follows may have missed something.
    void connected(std::int64_t now_ms);
    void disconnected(std::int64_t now_ms);
    /// Core-UUID of the switch that speaks; empty: it does not tell. True: it is not the run of before, and a new epoch has begun.
    bool runs_as(std::string_view core_uuid);
    /// Folds one event. Others than mod_callcenter's are counted and change nothing.
    void event(const EslEvent& event, std::int64_t now_ms);

    /// A list begins; ends the one under way. It is this object's.
    CallcenterList& ask_list(std::int64_t now_ms);
    /// Its clock has been told: between these two times of ours.
    void list_clock(std::int64_t server_s, std::int64_t sent_ms, std::int64_t got_ms);
    /// It is whole.
    void list_end(std::int64_t now_ms);
    /// It did not end or is of no use; another is due later.
    void drop_list(std::int64_t now_ms);
    std::int64_t list_due() const { return lists_.due_ms(); }
    /// A list has been taken since connected().
    bool current() const { return lists_.current(); }

    std::map<std::string, Queue, std::less<>>& queues() { return queues_; }
    const std::map<std::string, Queue, std::less<>>& queues() const { return queues_; }
    CallcenterCrew crew(const Queue& queue, std::int64_t now_ms) const;
    SwitchClock& clock() { return clock_; }
    std::uint64_t epochs() const { return epochs_; }
    const CallcenterOddities& oddities() const { return oddities_; }
    std::uint64_t unknown_events() const { return unknown_events_; }
    std::size_t waiting() const { return waiting_; }
    std::size_t agents() const { return agents_.size(); }
    /// Waiting members of the last list whose channels are not there.
    std::uint64_t stale() const { return stale_; }

    static constexpr std::int64_t doubt_after_s = 600;

private:
    using Outcome = CallerOutcome;
    struct Agent {
        CallcenterList::Agent is;
        std::string queue;  ///< for which he talks or picked up; empty: none, or nobody said
        std::string call;   ///< uuid of the caller of his bridge-agent-start, until it is answered or over
        std::vector<Queue*> serves;  ///< by the last list
    };
    struct Talk {
        Queue* queue = nullptr;
        std::int64_t from_ms = 0;  ///< our clock
    };
    struct Event {
        const EslEvent& from;
        std::int64_t at_ms;  ///< our clock, when it was made
        std::string call;
    };
    /// Callers of a gap whom the queue's own counters have and we do not.
    struct Missed {
        std::int64_t answered = 0;
        std::int64_t abandoned = 0;
    };

    Queue* queue(std::string_view name);
    Agent* agent(std::string_view name, std::int64_t now_ms);
    static void agent_changed(const Agent& agent);
    bool member_event(std::string_view action, const Event& event);
    bool agent_event(std::string_view action, const Event& event);
    void join(const Event& event, Queue& queue);
    void cancel(const Event& event, Queue& queue);
    void terminate(const Event& event, Queue& queue);
    void bridge_end(const Event& event, Agent& agent, Queue& queue);
    static void bridge_failed(const EslEvent& from, Agent& agent);
    /// He is answered now, if he still waits.
    void answer(const std::string& call, Queue& queue, std::int64_t at_ms);
    bool add_waiter(Queue& queue, const std::string& call, std::int64_t joined_ms);
    void erase_waiter(Queue& queue, const std::string& call);
    void talks(const std::string& call, Queue& queue, std::int64_t from_ms);
    void touch(std::string_view what);
    void list_soon(std::int64_t at_ms);
    void new_epoch();

    std::int64_t list_time(std::int64_t server_s, std::int64_t now_ms) const;
    void apply_agents();
    void apply_queue(Queue& queue, const CallcenterList::Queue& listed, bool closes_gap, std::int64_t now_ms);
    static Missed missed(const CallcenterList::Queue& listed);
    void apply_row(Queue& queue, const std::string& call, const CallcenterList::Member& row, Missed* gap, std::int64_t now_ms);
    void apply_end(Queue& queue, const std::string& call, const CallcenterList::Member& row, Missed* gap, std::int64_t now_ms);
    void apply_vanished(Queue& queue, const CallcenterList::Queue& listed, Missed* gap, std::int64_t now_ms);
    void apply_talks(std::int64_t now_ms);
    static void talks_unseen(Queue& queue, std::int64_t calls);
    static void came_and_went(Queue& queue, const Missed& gap);

    CallcenterLimits limits_;
    std::map<std::string, Queue, std::less<>> queues_;
    std::map<std::string, Agent, std::less<>> agents_;
    std::unordered_map<std::string, Talk> talking_;  // by uuid
    SwitchClock clock_;
    std::unique_ptr<CallcenterList> list_;  // the one under way
    SwitchLists lists_;
    std::string run_;  // Core-UUID
    std::uint64_t epochs_ = 0;
    std::size_t waiting_ = 0;
    std::uint64_t stale_ = 0;
    CallcenterOddities oddities_;
    std::uint64_t unknown_events_ = 0;
};

}  // namespace surged
