// The clock of another host, as seen from ours: when was it, on our clock, that an event was stamped there? Pure.
//
// The hardest rule: neither clock is believed where they disagree. An event is never newer than its arrival, the smallest delay seen
// is the difference of the clocks, and a delay that nothing explains is a clock that was set: then the arrival counts.
#pragma once

#include <algorithm>
#include <cstdint>

namespace surged {

class SwitchClock {
public:
    /// Bytes have come (any): a silence before them explains late events.
    void heard(std::int64_t now_ms) {
        const auto silence = now_ms - heard_ms_;
        if (heard_ms_ != 0 && silence > slack_ms) {
            stall_ms_ = silence;
            stall_until_ms_ = now_ms + slack_ms;
        } else if (now_ms > stall_until_ms_) {
            stall_ms_ = 0;
        }
        heard_ms_ = now_ms;
    }
    /// Our time of what was stamped `server_ms` and came at `now_ms`.
    std::int64_t local(std::int64_t server_ms, std::int64_t now_ms) {
        const auto apart = now_ms - server_ms;
        if (!known_ || apart < apart_ms_ || apart - apart_ms_ > slack_ms + stall_ms_) {
            apart_ms_ = apart;
            known_ = true;
        }
        return server_ms + apart_ms_;
    }
    /// An answer that was stamped between our two times: bounds the difference from both sides, which would drift else.
    void bounded(std::int64_t server_ms, std::int64_t sent_ms, std::int64_t got_ms) {
        apart_ms_ = known_ ? std::clamp(apart_ms_, sent_ms - server_ms, got_ms - server_ms) : got_ms - server_ms;
        known_ = true;
    }
    /// Another connection, perhaps another host.
    void forget() { *this = {}; }

    bool known() const { return known_; }
    /// Our time of a time of the server's; without an event of its own to learn from. Only when known().
    std::int64_t of_server(std::int64_t server_ms) const { return server_ms + apart_ms_; }

private:
    static constexpr std::int64_t slack_ms = 2000;
    bool known_ = false;
    std::int64_t apart_ms_ = 0;  // ours - theirs
    std::int64_t heard_ms_ = 0;
    std::int64_t stall_ms_ = 0;
    std::int64_t stall_until_ms_ = 0;
};

}  // namespace surged
