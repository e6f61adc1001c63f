// What must hold for any bytes at all from an event socket: memory within the bounds, one answer whatever the cut, counters that add up.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "feed/callcenter_feed.hpp"
#include "feed/callcenter_session.hpp"

namespace surged::fuzz {

inline void callcenter_claim(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

inline CallcenterLimits callcenter_tight() {
    CallcenterLimits limits;
    limits.waiters = 16;
    limits.list = {8, 32, 8, 16, 4};
    return limits;
}

inline void check_callcenter_state(const CallcenterState& state, const CallcenterLimits& limits, std::int64_t now_ms) {
    std::size_t waiting = 0;
    for (const auto& [key, queue] : state.queues()) {
        callcenter_claim(queue.waiters.size() == queue.order.size(), "each waiter has one place in the order");
        callcenter_claim(!queue.name.empty() && queue.name.size() <= 64, "a queue has a name for the wire");
        waiting += queue.waiters.size();
        const auto crew = state.crew(queue, now_ms);
        callcenter_claim(crew.available + crew.ringing + crew.aux + crew.wrapup <= crew.staffed, "no agent counts twice");
        const auto& c = queue.counters;
        callcenter_claim(c.offered == c.answered + c.abandoned + c.timeouts + c.overflow_out + queue.waiting(), "nobody is lost or counted twice");
        callcenter_claim(c.answered_in_15 <= c.answered_in_20 && c.answered_in_20 <= c.answered, "in time is among the answered");
        callcenter_claim(c.wait_answered_ms >= 0 && c.wait_abandoned_ms >= 0 && c.talk_ms >= 0, "sums of times only rise");
    }
    callcenter_claim(state.waiting() == waiting, "the sum of the waiters is kept");
    callcenter_claim(state.queues().size() <= limits.list.queues && waiting <= limits.waiters, "limits hold");
    callcenter_claim(state.agents() <= limits.list.agents, "agents within their bound");
}

/// The frames of a stream as text, the stream cut every `step` bytes.
inline std::string callcenter_frames(std::string_view bytes, std::size_t step) {
    EslParser parser(EslParser::Bounds{200, 8, 1000});
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.feed(bytes.substr(at, step), [&](const EslFrame& frame) {
            callcenter_claim(frame.body.size() <= 1000 && frame.type.size() <= 200 && frame.reply.size() <= 200, "a frame within its bounds");
            out.append(frame.type).append("=").append(frame.reply).append("\n").append(frame.body).append(frame.cut ? "\ncut\n" : "\n");
        });
    }
    return out + (parser.broken() ? "broken" : "");
}

inline void check_callcenter(std::string_view bytes) {
    const auto whole = callcenter_frames(bytes, std::max<std::size_t>(bytes.size(), 1));
    callcenter_claim(whole == callcenter_frames(bytes, 1) && whole == callcenter_frames(bytes, 7), "a stream is read alike however it is cut");
    const auto limits = callcenter_tight();
    CallcenterState state(limits);
    CallcenterSession session(CallcenterLogin{"", Secret("s3cret!")}, state);
    CallcenterFeed feed({}, state);
    std::int64_t now = 100'000'000;
    // Twice: the second connection closes a gap.
    for (int round = 0; round < 2; ++round) {
        session.connected(now);
        for (const std::string_view piece :
             {std::string_view("Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK\n\n"),
              std::string_view("Content-Length: 6\nContent-Type: api/response\n\ncore-1Content-Type: command/reply\nReply-Text: +OK\n\n"), bytes}) {
            session.bytes(piece, now);
            session.tick(now);
            callcenter_claim(session.take_output().size() < 200'000, "an answer brings one question, whatever comes");
            check_callcenter_state(state, limits, now);
            now += 100;
        }
        feed.emit(CallcenterFeed::Which::all, 1, now, [](const Message&) { return true; });
        session.disconnected(now);
        now += 5000;
    }
    check_callcenter_state(state, limits, now);
}

}  // namespace surged::fuzz
