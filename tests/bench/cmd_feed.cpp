// `feed`: what the feeder of Asterisk's manager interface costs at 2,000 calls a second, beside the same bytes cut into lines and no more.
//
// The switch is made here, on a time of its own: 100 queues of 20 agents, every caller waits 5 s and talks 15 s, seven events a call
// with all the fields a real one has. What is counted is processor time from bytes in to messages as JSON out; sockets are not.
#include <cstdio>
#include <string>

#include "commands.hpp"
#include "feed/ami_feed.hpp"
#include "feed/ami_session.hpp"
#include "measure.hpp"
#include "wire/encode_message.hpp"

namespace surged::bench {
namespace {

constexpr int feed_queues = 100;
constexpr int feed_agents = 20;
constexpr int calls_per_ms = 2;  // 2,000 a second

/// One millisecond of the switch after another.
class BusySwitch {
public:
    std::string millisecond() {
        std::string out;
        ++ms_;
        for (int i = 0; i < calls_per_ms; ++i) {
            event(out, "QueueCallerJoin", joined_, "Position: 1\r\n");
            event(out, "AgentCalled", joined_, agent(joined_));
            ++joined_;
        }
        for (int i = 0; i < calls_per_ms && ms_ > 5000; ++i) {
            event(out, "QueueMemberStatus", answered_, agent(answered_) + member_state(2));
            event(out, "QueueCallerLeave", answered_, "Position: 1\r\n");
            event(out, "AgentConnect", answered_, agent(answered_) + "HoldTime: 5\r\nRingTime: 2\r\n");
            ++answered_;
        }
        for (int i = 0; i < calls_per_ms && ms_ > 20000; ++i) {
            event(out, "AgentComplete", ended_, agent(ended_) + "HoldTime: 5\r\nTalkTime: 15\r\nReason: agent\r\n");
            event(out, "QueueMemberStatus", ended_, agent(ended_) + member_state(1));
            ++ended_;
        }
        return out;
    }
    static std::string list(const std::string& id, int& items) {
        std::string out;
        const auto entry = [&](const char* name, int queue, const std::string& rest) {
            ++items;
            out += std::string("Event: ") + name + "\r\nQueue: queue" + std::to_string(queue) + "\r\n" + rest + "ActionID: " + id + "\r\n\r\n";
        };
        for (int q = 0; q < feed_queues; ++q) {
            entry("QueueParams", q, "Calls: 0\r\nCompleted: 0\r\nAbandoned: 0\r\n");
            for (int a = 0; a < feed_agents; ++a) {
                entry("QueueMember", q, "Location: PJSIP/a" + std::to_string(a) + "\r\nStatus: 1\r\nInCall: 0\r\nPaused: 0\r\n");
            }
        }
        return out + "Event: QueueStatusComplete\r\nActionID: " + id + "\r\nListItems: " + std::to_string(items) + "\r\n\r\n";
    }
    std::uint64_t events() const { return events_; }
    std::uint64_t joined() const { return static_cast<std::uint64_t>(joined_); }
    std::uint64_t answered() const { return static_cast<std::uint64_t>(answered_); }

private:
    static std::string agent(long call) {
        return "Interface: PJSIP/a" + std::to_string(call / feed_queues % feed_agents) + "\r\nMemberName: Agent\r\n";
    }
    static std::string member_state(int status) {
        return "Membership: static\r\nPenalty: 0\r\nCallsTaken: 7\r\nLastCall: 0\r\nInCall: 0\r\nStatus: " + std::to_string(status) +
               "\r\nPaused: 0\r\nPausedReason: \r\nRinginuse: 0\r\nWrapuptime: 0\r\n";
    }
    void event(std::string& out, const char* name, long call, const std::string& rest) {
        const auto id = "1795902046." + std::to_string(call);
        const auto stamp = std::to_string(1795902046 + ms_ / 1000) + "." + std::to_string(1000 + ms_ % 1000).substr(1) + "000";
        out += std::string("Event: ") + name + "\r\nPrivilege: agent,all\r\nTimestamp: " + stamp + "\r\nChannel: PJSIP/trunk-" +
               std::to_string(call) +
               "\r\nChannelState: 6\r\nChannelStateDesc: Up\r\nCallerIDNum: 053112345678\r\nCallerIDName: Max Mustermann\r\n"
               "ConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: en\r\nAccountCode: \r\nContext: inbound\r\n"
               "Exten: q\r\nPriority: 5\r\nUniqueid: " + id + "\r\nLinkedid: " + id + "\r\nQueue: queue" +
               std::to_string(call % feed_queues) + "\r\n" + rest + "\r\n";
        ++events_;
    }
    long ms_ = 0;
    long joined_ = 0;
    long answered_ = 0;
    long ended_ = 0;
    std::uint64_t events_ = 0;
};

std::string action_id(const std::string& sent, const std::string& name) {
    const auto at = sent.find("Action: " + name + "\r\nActionID: ");
    const auto begin = at + name.size() + 20;
    return at == std::string::npos ? std::string() : sent.substr(begin, sent.find('\r', begin) - begin);
}

struct FeedTurn {
    double floor_s = 0;
    double feed_s = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t events = 0;
    std::uint64_t resident_half = 0;  ///< after half of the time
    std::uint64_t resident_end = 0;
    bool right = false;  ///< its counters are the switch's
};

FeedTurn feed_turn(int seconds) {
    AmiState state;
    AmiSession session(AmiLogin{"bench", Secret("secret"), false, true}, state);
    AmiFeed feed({}, state);
    BusySwitch busy;
    FeedTurn out;
    std::int64_t now = 1'000'000;
    session.connected(now);
    const auto pass = [&](const std::string& bytes) {
        session.bytes(bytes, now);
        session.tick(now);
        return session.take_output();
    };
    auto sent = pass("Asterisk Call Manager/11.0.0\r\n");
    sent = pass("Response: Success\r\nActionID: " + action_id(sent, "Login") + "\r\n\r\nEvent: FullyBooted\r\nUptime: 9\r\n\r\n");
    int items = 0;
    pass(BusySwitch::list(action_id(sent, "QueueStatus"), items));
    for (int ms = 0; ms < seconds * 1000; ++ms, ++now) {
        const auto chunk = busy.millisecond();
        out.bytes += chunk.size();
        auto began = thread_cpu_s();
        std::uint64_t lines = 0;
        LineSplitter().feed(chunk, [&](std::string_view line, bool) { lines += line.size() > 0 ? 1U : 0U; });
        out.floor_s += thread_cpu_s() - began;
        began = thread_cpu_s();
        sent = pass(chunk);
        feed.emit(AmiFeed::Which::changed, now, now, [&](const Message& message) {
            ++out.messages;
            return !encode_json(message).empty() && lines > 0;
        });
        out.feed_s += thread_cpu_s() - began;
        // Pings are answered; a list is refused, so that only the first is in the figures.
        for (const auto* name : {"Ping", "QueueStatus"}) {
            if (const auto id = action_id(sent, name); !id.empty()) {
                pass(std::string("Response: ") + (name[0] == 'P' ? "Success" : "Error") + "\r\nActionID: " + id + "\r\n\r\n");
            }
        }
        out.resident_half = ms == seconds * 500 ? resident_bytes() : out.resident_half;
    }
    out.resident_end = resident_bytes();
    out.events = busy.events();
    std::uint64_t offered = 0;
    std::uint64_t answered = 0;
    for (const auto& [key, queue] : state.queues()) {
        offered += queue.counters.offered;
        answered += queue.counters.answered;
    }
    out.right = offered == busy.joined() && answered == busy.answered();
    return out;
}

}  // namespace

void run_feed(const Options& options, Report& report) {
    const int seconds = options.quick ? 22 : 240;
    const auto turn = feed_turn(seconds);
    const auto share = [&](double cpu_s) { return 100.0 * cpu_s / seconds; };
    report.table("manager interface at 2,000 calls a second (" + std::to_string(seconds) + " s of the switch, " +
                     fixed(static_cast<double>(turn.events) / seconds, 0) + " events a second)",
                 {"", "% of a core", "events/s on one core", "x floor"});
    const auto row = [&](const char* name, double cpu_s) {
        report.row({name, fixed(share(cpu_s), 2), fixed(static_cast<double>(turn.events) / cpu_s, 0), ratio_text(cpu_s, turn.floor_s)});
    };
    row("floor: the bytes cut into lines", turn.floor_s);
    row("feed ami: bytes to messages", turn.feed_s);
    const auto growth = static_cast<double>(turn.resident_end) - static_cast<double>(turn.resident_half);
    report.line(fixed(static_cast<double>(turn.bytes) / 1e6, 0) + " MB in, " + std::to_string(turn.messages) + " messages out; resident " +
                fixed(static_cast<double>(turn.resident_end) / 1048576, 1) + " MiB, " + fixed(growth / 1048576, 2) +
                " MiB more than at half time; counters " + (turn.right ? "exact" : "WRONG"));
    report.number("feed.ami.cpu_share", turn.feed_s / seconds);
    report.number("feed.ami.floor_share", turn.floor_s / seconds);
    report.number("feed.ami.resident_growth_second_half_bytes", growth);
    report.number("feed.ami.exact", turn.right ? 1 : 0);
}

}  // namespace surged::bench
