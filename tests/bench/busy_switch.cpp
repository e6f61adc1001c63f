#include "busy_switch.hpp"

namespace surged::bench {
namespace {

constexpr int agents_of_a_queue = 20;

std::string agent(long call) {
    return "Interface: PJSIP/a" + std::to_string(call / busy_queues % agents_of_a_queue) + "\r\nMemberName: Agent\r\n";
}

std::string member_state(int status) {
    return "Membership: static\r\nPenalty: 0\r\nCallsTaken: 7\r\nLastCall: 0\r\nInCall: 0\r\nStatus: " + std::to_string(status) +
           "\r\nPaused: 0\r\nPausedReason: \r\nRinginuse: 0\r\nWrapuptime: 0\r\n";
}

}  // namespace

std::string BusySwitch::millisecond() {
    std::string out;
    ++ms_;
    for (int i = 0; i < busy_calls_per_ms; ++i) {
        event(out, "QueueCallerJoin", joined_, "Position: 1\r\n");
        event(out, "AgentCalled", joined_, agent(joined_));
        ++joined_;
    }
    for (int i = 0; i < busy_calls_per_ms && ms_ > 5000; ++i) {
        event(out, "QueueMemberStatus", answered_, agent(answered_) + member_state(2));
        event(out, "QueueCallerLeave", answered_, "Position: 1\r\n");
        event(out, "AgentConnect", answered_, agent(answered_) + "HoldTime: 5\r\nRingTime: 2\r\n");
        ++answered_;
    }
    for (int i = 0; i < busy_calls_per_ms && ms_ > 20000; ++i) {
        event(out, "AgentComplete", ended_, agent(ended_) + "HoldTime: 5\r\nTalkTime: 15\r\nReason: agent\r\n");
        event(out, "QueueMemberStatus", ended_, agent(ended_) + member_state(1));
        ++ended_;
    }
    return out;
}

std::string BusySwitch::list(const std::string& id) {
    std::string out;
    int items = 0;
    const auto entry = [&](const char* name, int queue, const std::string& rest) {
        ++items;
        out += std::string("Event: ") + name + "\r\nQueue: queue" + std::to_string(queue) + "\r\n" + rest + "ActionID: " + id + "\r\n\r\n";
    };
    for (int q = 0; q < busy_queues; ++q) {
        entry("QueueParams", q, "Calls: 0\r\nCompleted: 0\r\nAbandoned: 0\r\n");
        for (int a = 0; a < agents_of_a_queue; ++a) {
            entry("QueueMember", q, "Location: PJSIP/a" + std::to_string(a) + "\r\nStatus: 1\r\nInCall: 0\r\nPaused: 0\r\n");
        }
    }
    return out + "Event: QueueStatusComplete\r\nActionID: " + id + "\r\nListItems: " + std::to_string(items) + "\r\n\r\n";
}

void BusySwitch::event(std::string& out, const char* name, long call, const std::string& rest) {
    const auto id = "1795902046." + std::to_string(call);
    const auto stamp = std::to_string(1795902046 + ms_ / 1000) + "." + std::to_string(1000 + ms_ % 1000).substr(1) + "000";
    out += std::string("Event: ") + name + "\r\nPrivilege: agent,all\r\nTimestamp: " + stamp + "\r\nChannel: PJSIP/trunk-" +
           std::to_string(call) +
           "\r\nChannelState: 6\r\nChannelStateDesc: Up\r\nCallerIDNum: 053112345678\r\nCallerIDName: Max Mustermann\r\n"
           "ConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: en\r\nAccountCode: \r\nContext: inbound\r\n"
           "Exten: q\r\nPriority: 5\r\nUniqueid: " +
           id + "\r\nLinkedid: " + id + "\r\nQueue: queue" + std::to_string(call % busy_queues) + "\r\n" + rest + "\r\n";
    ++events_;
}

std::string action_id(const std::string& sent, const std::string& name) {
    const auto at = sent.find("Action: " + name + "\r\nActionID: ");
    const auto begin = at + name.size() + 20;
    return at == std::string::npos ? std::string() : sent.substr(begin, sent.find('\r', begin) - begin);
}

}  // namespace surged::bench
