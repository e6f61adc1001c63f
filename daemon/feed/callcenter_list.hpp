// The lists of mod_callcenter: which questions make one whole picture of a switch's queues, and what the answers say. Pure.
//
// The questions, one after the other: `strepoch` (its clock, in whole seconds), `callcenter_config queue list`, `agent list`, `tier list`,
// for each queue `queue list members QUEUE`, and for each waiting member in doubt `uuid_exists SESSION`.
// An answer is text: a row of column names, rows of `|` columns, "+OK". Columns differ between versions and are found by their names; with
// no row there are no names either. Values are what stands in the module's database, numbers as text, and are never escaped: a caller's
// name or a dial string may have a `|` in it, which moves what stands to its right. What each column means that is used here:
//   queue list   name; calls_answered, calls_abandoned: since the queue was loaded, from 0 again after `queue reload`; each caller who is
//                not connected to an agent is "abandoned", whatever the reason; skip_agents_with_external_calls
//   agent list   name; status: Logged Out, Available, Available (On Demand), On Break; state: Waiting (for a call), Receiving (it rings),
//                In a queue call, Idle (on demand, and his last call is over), Reserved (about to ring); wrap_up_time in s;
//                last_bridge_end, ready_time: no call before then, epoch s; reject_delay_time, busy_delay_time, no_answer_delay_time: how far it
//                is put off after such a call, s; external_calls_count
//   tier list    queue, agent; state: Ready, No Answer, Offering, Active Inbound (talks for this queue), Standby (for another)
//   members      queue, uuid (the module's own), session_uuid (the caller's channel), joined_epoch, rejoined_epoch (he came back after he
//                gave up), bridge_epoch, abandoned_epoch; state: Waiting, Trying (an agent's phone rings), Answered (they talk; the row
//                goes when they end), Abandoned (he is gone; the row stays for discard-abandoned-after)
// The hardest rule: a row is no caller. After a crash, or of another switch on the same database, rows say Waiting for channels that are not
// there: who is known from a list only, or waits for over ten minutes, is believed only while his channel exists.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace surged {

/// One answer cut into rows. Its text is that of the answer.
struct CallcenterTable {
    std::vector<std::string_view> columns;
    std::vector<std::vector<std::string_view>> rows;
    bool whole = false;        ///< it ended with +OK
    std::string_view error;    ///< "-ERR ..." in its place
    std::uint64_t odd_rows = 0;  ///< with fewer columns than the first has names

    /// `first_free` to `last_free`: columns that people fill; what stands left and right of them is found from its own side.
    static CallcenterTable read(std::string_view text, std::string_view first_free = {}, std::string_view last_free = {});
    /// Empty when there is no such column; "(null)" is empty too.
    std::string_view get(const std::vector<std::string_view>& row, std::string_view column) const;
    std::optional<std::int64_t> number(const std::vector<std::string_view>& row, std::string_view column) const;
};

enum class AgentStatus : std::uint8_t { unknown, logged_out, available, on_demand, on_break };
enum class AgentState : std::uint8_t { unknown, waiting, receiving, in_call, idle, reserved };
enum class MemberState : std::uint8_t { unknown, waiting, trying, answered, abandoned };
AgentStatus agent_status(std::string_view text);
AgentState agent_state(std::string_view text);
/// A name that may stand in a command of ours. Queues of other names are left out altogether.
bool callcenter_askable(std::string_view name);

class CallcenterList {
public:
    struct Bounds {
        std::size_t queues = 4096;
        std::size_t members = 200000;  ///< of all queues, those that have gone too
        std::size_t agents = 100000;
        std::size_t tiers = 400000;
        std::size_t checks = 2000;  ///< channels asked for; members beyond are believed
    };
    struct Member {
        std::string session;
        MemberState state = MemberState::unknown;
        std::int64_t joined_s = 0;  ///< or came back; the switch's clock
        std::int64_t bridged_s = 0;
        std::int64_t abandoned_s = 0;
        bool stale = false;  ///< waiting, and his channel is not there
    };
    struct Queue {
        std::optional<std::int64_t> answered, abandoned;
        std::int64_t our_answered = 0, our_abandoned = 0;  ///< what we had when this came; the state fills them in
        bool skips_external = false;
        bool partial = false;  ///< a row of its members could not be read: who is missing is not gone
        std::map<std::string, Member> members;  ///< by uuid
        std::map<std::string, bool> agents;     ///< name -> talks for this queue
    };
    struct Agent {
        AgentStatus status = AgentStatus::unknown;
        AgentState state = AgentState::unknown;
        std::int64_t wrapup_s = 0, bridge_end_s = 0, ready_s = 0, external = 0;
        std::int64_t reject_s = 0, busy_s = 0, no_answer_s = 0;  ///< how long he is not rung after such a call
    };
    enum class Result : std::uint8_t { more, done, refused, broken };

    /// `doubtful(queue, uuid, waited s)`: whether to ask for his channel. `on_queues`: the queues' counters are those of now.
    CallcenterList(Bounds bounds, std::function<bool(std::string_view, std::string_view, std::int64_t)> doubtful,
                   std::function<void(CallcenterList&)> on_queues);

    /// The question that is due, without "api ".
    std::string question() const;
    /// Its answer. refused: error() says why; broken: not whole, or beyond a bound.
    Result answer(std::string_view text, bool cut);
    /// The switch's clock as this list told it; nullopt: it did not.
    std::optional<std::int64_t> server_s() const { return server_s_; }
    const std::string& error() const { return error_; }

    std::map<std::string, Queue> queues;
    std::map<std::string, Agent> agents;
    std::int64_t asked_ms = 0;
    std::set<std::string> touched;  ///< members and agents of which an event has spoken since
    std::uint64_t stale = 0;
    std::uint64_t odd_rows = 0;  ///< that could not be read, and queues that cannot be asked for
    bool overflow = false;  ///< `touched` was full

private:
    enum class Step : std::uint8_t { clock, queues, agents, tiers, members, checks, done };
    bool take_queues(const CallcenterTable& table);
    bool take_agents(const CallcenterTable& table);
    bool take_tiers(const CallcenterTable& table);
    bool take_members(const CallcenterTable& table);
    void take_check(std::string_view text);
    void next_members();

    Bounds bounds_;
    std::function<bool(std::string_view, std::string_view, std::int64_t)> doubtful_;
    std::function<void(CallcenterList&)> on_queues_;
    Step step_ = Step::clock;
    std::optional<std::int64_t> server_s_;
    std::deque<std::string> to_ask_;  // queues whose members are not known yet
    std::deque<std::pair<std::string, std::string>> to_check_;  // queue, uuid
    std::size_t members_ = 0;
    std::size_t tiers_ = 0;
    std::string error_;
};

}  // namespace surged
