// What must hold for any bytes at all from a manager interface: memory within the bounds, one answer whatever the cut, counters that
// add up.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "feed/ami_feed.hpp"
#include "feed/ami_replay.hpp"
#include "feed/ami_session.hpp"

namespace surged::fuzz {

inline void ami_claim(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

inline AmiOptions tight() {
    AmiOptions options;
    options.limits.queues = 8;
    options.limits.waiters = 16;
    options.limits.members = 16;
    return options;
}

inline void check_ami_state(const AmiState& state, const AmiOptions& options) {
    std::size_t waiting = 0;
    std::size_t members = 0;
    for (const auto& [key, queue] : state.queues()) {
        ami_claim(queue.waiters.size() == queue.order.size(), "each waiter has one place in the order");
        ami_claim(!queue.name.empty() && queue.name.size() <= 64, "a queue has a name for the wire");
        waiting += queue.waiters.size();
        members += queue.crew.members().size();
        const auto crew = state.crew(queue, 5'000'000);
        ami_claim(crew.available + crew.ringing + crew.aux + crew.wrapup <= crew.staffed, "no member counts twice");
    }
    ami_claim(state.waiting() == waiting, "the sum of the waiters is kept");
    ami_claim(state.queues().size() <= options.limits.queues && waiting <= options.limits.waiters, "limits hold");
    ami_claim(members <= options.limits.members * 2, "the members of one list more than the limit at most");
}

/// The blocks of a stream as text, the stream cut every `step` bytes.
inline std::string ami_blocks(std::string_view bytes, std::size_t step) {
    AmiParser parser(AmiParser::Bounds{200, 1000, 20});
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.feed(bytes.substr(at, step), [&](const AmiBlock& block) {
            std::size_t size = 0;
            for (const auto& field : block.fields()) {
                out.append(field.key).append("=").append(field.value).append("\n");
                size += field.key.size() + field.value.size();
            }
            ami_claim(block.fields().size() <= 20 && size <= 1000, "a block within its bounds");
            out += "\n";
        });
    }
    return out + parser.version();
}

inline void check_ami(std::string_view bytes) {
    const auto whole = ami_blocks(bytes, std::max<std::size_t>(bytes.size(), 1));
    ami_claim(whole == ami_blocks(bytes, 1) && whole == ami_blocks(bytes, 7), "a stream is read alike however it is cut");
    const auto options = tight();
    AmiState replayed(options);
    AmiFeed feed({}, replayed);
    AmiReplay replay(replayed);
    replay.run(bytes);
    feed.emit(AmiFeed::Which::all, 1, replay.now_ms(), [](const Message&) { return true; });
    check_ami_state(replayed, options);
    AmiState live(options);
    AmiSession session(AmiLogin{"u", Secret("s3cret!"), false, true}, live);
    std::int64_t now = 1'000'000;
    session.connected(now);
    for (const std::string_view piece : {std::string_view("Asterisk Call Manager/11.0.0\r\n"),
                                         std::string_view("Response: Success\r\nActionID: surged-1\r\n\r\nEvent: FullyBooted\r\n\r\n"), bytes}) {
        session.bytes(piece, now);
        session.tick(now);
        ami_claim(session.take_output().size() < 1000, "few words of ours whatever comes");
        now += 100;
    }
    session.tick(now + 1000);
    check_ami_state(live, options);
    session.disconnected(now);
    session.connected(now);
}

}  // namespace surged::fuzz
