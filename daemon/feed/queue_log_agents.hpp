// Who serves a queue, as far as queue_log tells: members, pauses, log-ins, talks. Refuses to know about callers who wait.
// The hardest rule: the log never lists members of queues.conf and drops the end of some talks, so membership is also learned
// from CONNECT, an agent's newest CONNECT ends the talk before it, and a talk older than a bound is forgotten.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace surged {

struct AgentGauges {
    bool members_known = false;   ///< the log has shown who is staffed; without it only on_call means anything
    std::uint64_t staffed = 0;    ///< >= available + on_call + aux
    std::uint64_t available = 0;  ///< staffed, not paused, in no talk of any queue
    std::uint64_t on_call = 0;    ///< distinct agents in a talk of this queue
    std::uint64_t aux = 0;        ///< paused and in no talk
};

class QueueLogAgents {
public:
    struct Bounds {
        std::size_t agents = 100000;  ///< memberships, and talks, each
        std::int64_t talk_age_max_ms = 12LL * 3600 * 1000;
    };
    explicit QueueLogAgents(Bounds bounds) : bounds_(bounds) {}

    /// Each returns false when a bound refused it.
    bool add_member(const std::string& queue, std::string_view agent, bool paused);
    void remove_member(const std::string& queue, std::string_view agent);
    /// queue empty = every queue of the agent. An unknown member of a named queue is learned.
    bool pause(const std::string& queue, std::string_view agent, bool paused);
    void log_in(std::string_view agent);
    void log_off(std::string_view agent);

    bool connect(const std::string& queue, std::string_view callid, std::string_view agent, std::int64_t ts_ms);
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
    struct Member {
        bool paused = false;
        bool away = false;  ///< logged off, may come back
    };
    struct Crew {
        std::map<std::string, Member, std::less<>> members;
        bool known = false;  ///< an ADDMEMBER or a log-in was seen
        std::uint64_t talks = 0;
    };
    struct Talk {
        std::string queue;
        std::string agent;
        std::int64_t start_ms = 0;
    };
    static std::string key(std::string_view queue, std::string_view callid);
    Member* member(const std::string& queue, std::string_view agent);
    void end_talk(const std::string& talk_key);

    Bounds bounds_;
    std::map<std::string, Crew, std::less<>> crews_;        // by queue
    std::unordered_map<std::string, Talk> talks_;           // by queue and call
    std::unordered_map<std::string, std::string> talk_of_;  // agent -> key in talks_
    std::size_t members_ = 0;
    std::int64_t next_expiry_ms_ = 0;
};

}  // namespace surged
