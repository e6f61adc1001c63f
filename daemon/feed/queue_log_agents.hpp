// The agents of a queue, as far as queue_log tells: members, pauses, log-ins, talks. Refuses to know about callers who wait.
// The hardest rule: the log never lists members of queues.conf and drops the end of some talks. So who is staffed is known only
// when everybody the log shows at work had been added before (or the user says that all members are), an agent's newest CONNECT
// ends the talk before it, and a talk older than a bound is forgotten.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "feed/queue_log_crew.hpp"

namespace surged {

struct AgentGauges {
    bool members_known = false;   ///< the log has shown who is staffed; without it only on_call means anything
    bool pauses_known = false;    ///< and who of them is paused or busy for another queue: available and aux
    std::uint64_t staffed = 0;    ///< >= available + on_call + aux
    std::uint64_t available = 0;  ///< staffed, not paused, in no talk of any queue
    std::uint64_t on_call = 0;    ///< distinct agents in a talk of this queue
    std::uint64_t aux = 0;        ///< paused and in no talk
};

/// What the user says about the members of all queues.
enum class MembersFrom : std::uint8_t {
    inferred,  ///< known while everybody at work had been added
    log,       ///< all members are dynamic: the log names every one
    nowhere    ///< never known
};

class QueueLogAgents {
public:
    struct Bounds {
        std::size_t agents = 100000;  ///< memberships, names without one, and talks, each
        std::int64_t talk_age_max_ms = 12LL * 3600 * 1000;
    };
    explicit QueueLogAgents(Bounds bounds, MembersFrom from = MembersFrom::inferred) : bounds_(bounds), from_(from) {}

    /// Each returns false when a bound refused it. `queue` is one key for one queue.
    bool add_member(const std::string& queue, std::string_view agent, bool paused);
    void remove_member(const std::string& queue, std::string_view agent, std::int64_t ts_ms);
    /// queue empty = every queue of the agent. An unknown member of a named queue is learned.
    bool pause(const std::string& queue, std::string_view agent, bool paused, std::int64_t ts_ms);
    void log_in(std::string_view agent);
    void log_off(std::string_view agent);

    /// A phone rang for a call of this queue.
    bool rang(const std::string& queue, std::string_view agent, std::int64_t ts_ms);
    /// Ends a pause too, unless it began while the phone rang (`ring_ms`): Asterisk rings no paused member.
    bool connect(const std::string& queue, std::string_view callid, std::string_view agent, std::int64_t ts_ms,
                 std::int64_t ring_ms = 0);
    /// Ends the talk of this call. False when there is none.
    bool complete(const std::string& queue, std::string_view callid);
    /// The call id of the talk this agent has in this queue; empty = none (attended transfers are logged under a wrong id).
    std::string call_of(const std::string& queue, std::string_view agent) const;

    /// QUEUESTART: every talk is over; memberships stay (Asterisk keeps them by default: persistentmembers).
    void restart();
    /// Forgets talks older than the bound.
    void expire(std::int64_t now_ms);

    AgentGauges gauges(const std::string& queue) const;
    std::size_t talks() const { return talks_.size(); }

private:
    struct Talk {
        std::string queue;
        std::string agent;
        std::int64_t start_ms = 0;
    };
    /// One of the two, or neither when a bound refused it or the name has left.
    struct Place {
        CrewMember* member = nullptr;
        CrewName* name = nullptr;
        void pause(bool paused, std::int64_t ts_ms) const;
        bool paused_since(std::int64_t ts_ms) const;
    };
    static std::string key(std::string_view queue, std::string_view callid);
    Place place(Crew& crew, std::string_view agent, std::int64_t ts_ms);
    void bind(Crew& crew, const std::string& name, const std::string& interface);
    void free_name(Crew& crew, std::int64_t ts_ms);
    CrewMember* explain(Crew& crew, std::string_view agent);
    void end_talk(const std::string& talk_key);
    bool talks_elsewhere(const Crew& crew, const std::string& queue) const;
    enum class Busy : std::uint8_t { no, here, elsewhere };
    Busy busy(const std::string& agent, const std::string& queue_prefix) const;

    Bounds bounds_;
    MembersFrom from_;
    std::map<std::string, Crew, std::less<>> crews_;          // by queue
    std::unordered_map<std::string, Talk> talks_;             // by queue and call
    std::unordered_map<std::string, std::string> talk_of_;    // agent -> key in talks_
    std::unordered_map<std::string, std::string> interface_;  // name -> interface it was bound to last, in any queue
    std::unordered_map<std::string, std::string> name_;       // and back
    std::size_t members_ = 0;
    std::size_t names_ = 0;  // ever seen without a membership
    std::int64_t next_expiry_ms_ = 0;
};

}  // namespace surged
