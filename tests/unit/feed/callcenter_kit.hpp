// A FreeSWITCH with mod_callcenter in a few words, after the module's source: its events as the event socket sends them, and its lists.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "feed/callcenter_state.hpp"
#include "feed/esl_parser.hpp"

namespace surged::test {

inline constexpr std::int64_t fs_epoch_s = 1'700'000'000;

using FsPairs = std::vector<std::pair<std::string, std::string>>;

/// Percent-encoded, as switch_event_serialize does.
inline std::string fs_encoded(const std::string& text) {
    static const char* hex = "0123456789ABCDEF";
    std::string out;
    for (const char byte : text) {
        const auto c = static_cast<unsigned char>(byte);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
        out += plain ? std::string(1, byte) : std::string("%") + hex[c >> 4U] + hex[c & 15U];
    }
    return out;
}

/// The body of one event of mod_callcenter, made `ms` after the kit's epoch.
inline std::string fs_event_body(std::int64_t ms, const FsPairs& pairs, const std::string& core = "core-1") {
    std::string out = "Event-Name: CUSTOM\nCore-UUID: " + core + "\nEvent-Date-Timestamp: " +
                      std::to_string(fs_epoch_s * 1'000'000 + ms * 1000) + "\nEvent-Subclass: callcenter%3A%3Ainfo\n";
    for (const auto& [key, value] : pairs) {
        out += key + ": " + fs_encoded(value) + "\n";
    }
    return out + "\n";
}

inline std::string fs_frame(const std::string& type, const std::string& body) {
    return "Content-Length: " + std::to_string(body.size()) + "\nContent-Type: " + type + "\n\n" + body;
}

inline std::string fs_table(const std::string& columns, const std::vector<std::string>& rows) {
    std::string out = rows.empty() ? "" : columns + "\n";
    for (const auto& row : rows) {
        out += row + "\n";
    }
    return out + "+OK\n";
}

/// What the module would answer: rows by hand.
struct FsLists {
    struct Member {
        std::string uuid, state;
        std::int64_t joined_s = 0, bridged_s = 0, abandoned_s = 0, rejoined_s = 0;  ///< after the kit's epoch; 0: none
        bool exists = true;
        std::string cid = "Jo";
    };
    struct Queue {
        int answered = 0, abandoned = 0;
        std::vector<Member> members{};
        bool skips_external = false;
    };
    struct Agent {
        std::string status = "Available", state = "Waiting";
        int wrapup_s = 0;
        std::int64_t bridge_end_s = 0, ready_s = 0;
        int external = 0;
        std::string contact = "user/1000";
        int reject_s = 0, busy_s = 0, no_answer_s = 0;
    };
    std::map<std::string, Queue> queues{{"q", {}}};
    std::map<std::string, Agent> agents{};
    std::vector<std::pair<std::string, std::string>> tiers{};  ///< queue, agent
    std::string talks_for{};  ///< queue whose tiers of agents in a call are Active Inbound
    bool counters = true;     ///< false: a version without calls_answered

    static std::string time(std::int64_t s) { return s == 0 ? "0" : std::to_string(fs_epoch_s + s); }
    std::string answer(const std::string& question, std::int64_t ms) const {
        if (question == "strepoch") {
            return std::to_string(fs_epoch_s + ms / 1000);
        }
        if (question == "callcenter_config queue list") {
            std::string out = std::string("name|strategy|moh_sound|record_template") + (counters ? "|calls_answered|calls_abandoned" : "") +
                              "|skip_agents_with_external_calls\n";
            for (const auto& [name, queue] : queues) {
                out += name + "|longest-idle-agent|local_stream://moh|(null)" +
                       (counters ? "|" + std::to_string(queue.answered) + "|" + std::to_string(queue.abandoned) : "") +
                       (queue.skips_external ? "|true\n" : "|false\n");
            }
            return out + "+OK\n";
        }
        if (question == "callcenter_config agent list") {
            std::vector<std::string> rows;
            for (const auto& [name, agent] : agents) {
                rows.push_back(name + "|single_box||Callback|" + agent.contact + "|" + agent.status + "|" + agent.state + "|" +
                               std::to_string(agent.wrapup_s) + "|" + time(agent.bridge_end_s) + "|" + time(agent.ready_s) + "|" +
                               std::to_string(agent.external) + "|" + std::to_string(agent.reject_s) + "|" + std::to_string(agent.busy_s) + "|" +
                               std::to_string(agent.no_answer_s));
            }
            return fs_table("name|instance_id|uuid|type|contact|status|state|wrap_up_time|last_bridge_end|ready_time|external_calls_count|"
                            "reject_delay_time|busy_delay_time|no_answer_delay_time",
                            rows);
        }
        if (question == "callcenter_config tier list") {
            std::vector<std::string> rows;
            for (const auto& [queue, agent] : tiers) {
                rows.push_back(queue + "|" + agent + "|" + (queue == talks_for ? "Active Inbound" : "Ready") + "|1|1");
            }
            return fs_table("queue|agent|state|level|position", rows);
        }
        return details(question);
    }

private:
    std::string details(const std::string& question) const {
        const std::string members = "callcenter_config queue list members ";
        std::vector<std::string> rows;
        for (const auto& [name, queue] : queues) {
            for (const auto& m : queue.members) {
                if (question == "uuid_exists s-" + m.uuid) {
                    return m.exists ? "true" : "false";
                }
                if (question == members + name) {
                    rows.push_back(name + "|single_box|" + m.uuid + "|" + (m.state == "Abandoned" ? "" : "s-" + m.uuid) + "|100|" + m.cid + "|" +
                                   time(m.joined_s) + "|" + time(m.rejoined_s) + "|" + time(m.bridged_s) + "|" + time(m.abandoned_s) + "|0|" +
                                   m.state + "|17");
                }
            }
        }
        return question.starts_with(members)
                   ? fs_table("queue|instance_id|uuid|session_uuid|cid_number|cid_name|joined_epoch|rejoined_epoch|bridge_epoch|"
                              "abandoned_epoch|base_score|state|score",
                              rows)
                   : "-ERR no such command\n";
    }
};

class FsSwitch {
public:
    explicit FsSwitch(CallcenterLimits limits = {}) : state(limits) {}
    CallcenterState state;
    FsLists lists;

    void event(std::int64_t ms, const std::string& action, FsPairs pairs) {
        pairs.emplace_back("CC-Action", action);
        EslEvent event;
        event.read(fs_event_body(ms, pairs));
        state.event(event, at(ms));
    }
    void join(std::int64_t ms, const std::string& call, const std::string& queue = "q") {
        event(ms, "member-queue-start", {{"CC-Queue", queue}, {"CC-Member-UUID", call}, {"Answer-State", "answered"}});
    }
    void cancel(std::int64_t ms, const std::string& call, const std::string& reason, FsPairs more, const std::string& queue = "q") {
        more.insert(more.end(), {{"CC-Queue", queue}, {"CC-Member-UUID", call}, {"CC-Cause", "Cancel"}, {"CC-Cancel-Reason", reason}});
        event(ms, "member-queue-end", more);
    }
    void hangs_up(std::int64_t ms, const std::string& call) {
        cancel(ms, call, "BREAK_OUT", {{"Answer-State", "hangup"}, {"Hangup-Cause", "NORMAL_CLEARING"}});
    }
    void agent_state(std::int64_t ms, const std::string& agent, const std::string& state_text) {
        event(ms, "agent-state-change", {{"CC-Agent", agent}, {"CC-Agent-State", state_text}});
    }
    void agent_status(std::int64_t ms, const std::string& agent, const std::string& status) {
        event(ms, "agent-status-change", {{"CC-Agent", agent}, {"CC-Agent-Status", status}});
    }
    void picks_up(std::int64_t ms, const std::string& call, const std::string& agent, const std::string& queue = "q") {
        event(ms, "bridge-agent-start", {{"CC-Queue", queue}, {"CC-Agent", agent}, {"CC-Member-UUID", call}});
    }
    void talks(std::int64_t ms, const std::string& call, const std::string& agent, const std::string& queue = "q") {
        picks_up(ms, call, agent, queue);
        agent_state(ms, agent, "In a queue call");
    }
    void bridge_ends(std::int64_t ms, const std::string& call, const std::string& agent, const std::string& bridged) {
        event(ms, "bridge-agent-end",
              {{"CC-Queue", "q"}, {"CC-Agent", agent}, {"CC-Member-UUID", call}, {"CC-Agent-Bridged", bridged},
               {"CC-Bridge-Terminated-Time", std::to_string(fs_epoch_s + ms / 1000)}});
    }
    void hands_back(std::int64_t ms, const std::string& call, const std::string& agent) {
        bridge_ends(ms, call, agent, "true");
        event(ms, "member-queue-end", {{"CC-Queue", "q"}, {"CC-Agent", agent}, {"CC-Member-UUID", call}, {"CC-Cause", "Terminated"}});
        agent_state(ms, agent, "Waiting");
    }
    /// A whole list, answered in one moment. False: it was of no use.
    bool list(std::int64_t ms) { return answer(state.ask_list(at(ms)), ms); }
    bool answer(CallcenterList& list, std::int64_t ms) {
        for (int n = 0; n < 10000; ++n) {
            const auto question = list.question();
            const auto result = list.answer(lists.answer(question, ms), false);
            if (question == "strepoch") {
                state.list_clock(*list.server_s(), at(ms), at(ms));
            }
            if (result != CallcenterList::Result::more) {
                result == CallcenterList::Result::done ? state.list_end(at(ms)) : state.drop_list(at(ms));
                return result == CallcenterList::Result::done;
            }
        }
        return false;
    }
    void connected(std::int64_t ms, const std::string& core = "core-1") {
        state.connected(at(ms));
        state.runs_as(core);
    }
    void lost(std::int64_t ms) { state.disconnected(at(ms)); }
    const CallcenterState::Queue& queue(const std::string& key = "q") const { return state.queues().at(key); }
    const QueueLogCounters& counts(const std::string& key = "q") const { return queue(key).counters; }
    CallcenterCrew crew(std::int64_t ms, const std::string& key = "q") const { return state.crew(queue(key), at(ms)); }
    /// offered = what came of them + who waits: nobody is lost and nobody counted twice.
    bool adds_up(const std::string& key = "q") const {
        const auto& c = counts(key);
        return c.offered == c.answered + c.abandoned + c.timeouts + c.overflow_out + queue(key).waiting();
    }
    static std::int64_t at(std::int64_t ms) { return 50'000'000 + ms; }  ///< our clock
};

}  // namespace surged::test
