// The state of a switch -> messages: the queues that changed at once, those in which time passes every second, all of them now and
// then, so that a silent feed and silent traffic look different. Pure.
//
// The hardest rule: while no connection is current nothing is said, for a stale value is the truth then; only what was counted up to the
// end of the connection leaves, as of that moment.
#pragma once

#include <cstdint>
#include <string>

#include "core/series/message.hpp"
#include "feed/callcenter_state.hpp"
#include "feed/queue_log_feed.hpp"

namespace surged {

struct CallcenterFeedOptions {
    std::string centre = "freeswitch";
    std::string source = "freeswitch";
    std::size_t parts_max = 1000;  ///< queues per message; more make several messages of one time
    std::uint64_t epoch = 0;       ///< of the counters at the start, ms of the wall clock; it rises by one at each new epoch
};

class CallcenterFeed {
public:
    enum class Which : std::uint8_t {
        changed,  ///< queues with something new
        moving,   ///< and those in which somebody waits or wraps up: time alone changes them
        all       ///< every queue; one message even when there is none
    };

    /// Borrows `state`.
    CallcenterFeed(CallcenterFeedOptions options, CallcenterState& state);

    /// Messages of the state at `now_ms` (the state's clock), stamped `ts_ms` (the wall's). False: the callback stopped the feed.
    bool emit(Which which, std::int64_t ts_ms, std::int64_t now_ms, const MessageCallback& each);
    /// Something has changed since the last message.
    bool changed() const;
    std::uint64_t messages() const { return seq_; }

private:
    void add_part(CallcenterState::Queue& queue, std::int64_t ts_ms, std::int64_t now_ms);

    CallcenterFeedOptions options_;
    CallcenterState& state_;
    Message message_;
    std::uint64_t seq_ = 0;
};

}  // namespace surged
