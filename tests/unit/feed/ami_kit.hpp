// A switch in a few words: its events and lists go through the parser into a state, on a time of the test's own.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "feed/ami_parser.hpp"
#include "feed/ami_state.hpp"

namespace surged::test {

inline constexpr std::int64_t ami_epoch_ms = 1'700'000'000'000;

using AmiPairs = std::vector<std::pair<std::string, std::string>>;

inline std::string ami_text(const AmiPairs& pairs) {
    std::string out;
    for (const auto& [key, value] : pairs) {
        out += key + ": " + value + "\r\n";
    }
    return out + "\r\n";
}

/// `ms` after the kit's epoch, as Asterisk stamps it.
inline std::string ami_stamp(std::int64_t ms) {
    const auto at = ami_epoch_ms + ms;
    const auto part = std::to_string(at % 1000 + 1000).substr(1);
    return std::to_string(at / 1000) + "." + part + "000";
}

class AmiSwitch {
public:
    explicit AmiSwitch(AmiOptions options = {}) : state(std::move(options)) {}

    AmiState state;
    bool stamped = true;     ///< timestampevents = yes
    std::int64_t clock = 0;  ///< of the switch, ahead of ours by so much

    void event(std::int64_t ms, const std::string& name, AmiPairs pairs, const std::string& privilege = "agent,all") {
        AmiPairs all{{"Event", name}, {"Privilege", privilege}};
        if (stamped) {
            all.emplace_back("Timestamp", ami_stamp(ms + clock));
        }
        all.insert(all.end(), pairs.begin(), pairs.end());
        parser_.feed(ami_text(all), [&](const AmiBlock& block) { state.event(block, at(ms)); });
    }
    void join(std::int64_t ms, const std::string& queue, const std::string& call) {
        event(ms, "QueueCallerJoin", {{"Uniqueid", call}, {"Queue", queue}, {"Position", "1"}});
    }
    void leave(std::int64_t ms, const std::string& queue, const std::string& call) {
        event(ms, "QueueCallerLeave", {{"Uniqueid", call}, {"Queue", queue}});
    }
    void lose(std::int64_t ms, const std::string& queue, const std::string& call) {
        event(ms, "QueueCallerAbandon", {{"Uniqueid", call}, {"Queue", queue}, {"HoldTime", "1"}});
    }
    void connect(std::int64_t ms, const std::string& queue, const std::string& call, const std::string& agent) {
        event(ms, "AgentConnect", {{"Uniqueid", call}, {"Queue", queue}, {"Interface", agent}, {"HoldTime", "3"}});
    }
    void complete(std::int64_t ms, const std::string& queue, const std::string& call, const std::string& agent, int talk_s,
                  const std::string& reason = "agent") {
        event(ms, "AgentComplete",
              {{"Uniqueid", call}, {"Queue", queue}, {"Interface", agent}, {"TalkTime", std::to_string(talk_s)}, {"Reason", reason}});
    }
    void member(std::int64_t ms, const std::string& queue, const std::string& agent, int status, bool paused = false,
                const std::string& name = "QueueMemberStatus") {
        event(ms, name,
              {{"Queue", queue}, {"MemberName", agent}, {"Interface", agent}, {"InCall", "0"}, {"Status", std::to_string(status)},
               {"Paused", paused ? "1" : "0"}, {"LastCall", "0"}, {"Wrapuptime", "0"}});
    }
    void hangup_request(std::int64_t ms, const std::string& call) { event(ms, "HangupRequest", {{"Uniqueid", call}}, "call,all"); }
    void gone(std::int64_t ms, const std::string& call, int cause) {
        event(ms, "Hangup", {{"Uniqueid", call}, {"Cause", std::to_string(cause)}}, "call,all");
    }
    void status(std::int64_t ms, const std::string& call, const std::string& value) {
        event(ms, "VarSet", {{"Uniqueid", call}, {"Variable", "QUEUESTATUS"}, {"Value", value}}, "dialplan,all");
    }
    void enters(std::int64_t ms, const std::string& call, const std::string& dialled) {
        event(ms, "Newexten", {{"Uniqueid", call}, {"Application", "Queue"}, {"AppData", dialled + ",tT,,,30"}}, "dialplan,all");
    }

    struct Listed {
        std::string queue;
        int completed = 0;
        int abandoned = 0;
        std::vector<std::pair<std::string, int>> waiting{};                ///< call, seconds
        std::vector<std::pair<std::string, std::pair<int, int>>> members{};  ///< interface, {status, in call}
    };
    void ask(std::int64_t ms) { state.ask_list(at(ms)); }
    /// The answer to ask(); `say` = what its end says of the number of entries, -1: the truth.
    bool answer(std::int64_t ms, const std::vector<Listed>& queues, int say = -1) {
        int items = 0;
        const auto item = [&](const AmiPairs& pairs) {
            ++items;
            parser_.feed(ami_text(pairs), [&](const AmiBlock& block) { state.list_item(block, at(ms)); });
        };
        for (const auto& q : queues) {
            item({{"Event", "QueueParams"}, {"Queue", q.queue}, {"Calls", std::to_string(q.waiting.size())}, {"Holdtime", "5"},
                  {"TalkTime", "60"}, {"Completed", std::to_string(q.completed)}, {"Abandoned", std::to_string(q.abandoned)}});
            for (const auto& [agent, how] : q.members) {
                item({{"Event", "QueueMember"}, {"Queue", q.queue}, {"Name", agent}, {"Location", agent}, {"Paused", "0"},
                      {"Status", std::to_string(how.first)}, {"InCall", std::to_string(how.second)}});
            }
            for (const auto& [call, wait] : q.waiting) {
                item({{"Event", "QueueEntry"}, {"Queue", q.queue}, {"Uniqueid", call}, {"Wait", std::to_string(wait)}});
            }
        }
        return state.list_end(say < 0 ? items : say, at(ms));
    }
    bool list(std::int64_t ms, const std::vector<Listed>& queues) {
        ask(ms);
        return answer(ms, queues);
    }
    /// A login: events may flow, nothing is known yet.
    void connected(std::int64_t ms, const std::string& version = "11.0.0") { state.connected(version, true, at(ms)); }
    void lost(std::int64_t ms) { state.disconnected(at(ms)); }
    bool booted(std::int64_t ms, std::int64_t uptime_s) { return state.booted(uptime_s, at(ms)); }
    void until(std::int64_t ms) { state.advance(at(ms)); }
    const AmiState::Queue& queue(const std::string& key = "q") const { return state.queues().at(key); }
    const QueueLogCounters& counts(const std::string& key = "q") const { return queue(key).counters; }
    AmiCrewGauges crew(std::int64_t ms, const std::string& key = "q") const { return state.crew(queue(key), at(ms)); }
    /// offered = what came of them + who waits: nobody is lost and nobody counted twice. Not while a leave is held.
    bool adds_up(const std::string& key = "q") const {
        const auto& c = counts(key);
        return c.offered == c.answered + c.abandoned + c.timeouts + c.overflow_out + queue(key).waiting();
    }
    static std::int64_t at(std::int64_t ms) { return 5'000'000 + ms; }  ///< our clock

private:
    AmiParser parser_;
};

}  // namespace surged::test
