// What kind of work a simulated centre does, and what its feeder says of it: calls, chats of which an agent holds several, or calls whose
// lost callers are called back. The simulator knows servers and callers; a desk turns its numbers into those that a pack looks at.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/message.hpp"

namespace surged::bench {

struct Desk {
    double aht_s = 180;       ///< mean of one call, or of one chat
    double patience_s = 300;
    double within_s = 20;     ///< 80 % are to be answered in this time
    int at_once = 1;          ///< chats that an agent holds
    bool callbacks = false;   ///< who gave up for good is called back
    std::string_view channel = "voice";
};

Desk voice_desk();
/// Ten minutes a chat, three at once, eight minutes of patience, 80 % within a minute.
Desk chat_desk();
/// Calls; who gave up for good is noted down and called back by a shift of its own: six minutes a call, seven of ten are reached, the
/// others are tried again half an hour later, three times in all.
Desk callback_desk();
std::optional<Desk> desk_named(std::string_view name);

/// The callbacks of one centre: a shift that calls back, the oldest first.
class CallbackShift {
public:
    /// `lost_per_h`: callers to be called back in an ordinary hour; the shift has half as many again as they need, and one.
    CallbackShift(double lost_per_h, std::uint64_t seed);
    /// So many callers gave up by now, in all.
    void run_until(double now_s, std::int64_t lost);
    void add_values(double now_s, std::vector<MetricValue>& out) const;

private:
    struct Owed {
        double since_s = 0;
        double next_s = 0;  ///< tried from then on
        int tries = 0;
        std::uint64_t number = 0;
    };
    struct Line {
        double until_s = 0;
        std::optional<Owed> call;
    };

    std::uint64_t seed_;
    std::vector<Line> lines_;
    std::deque<Owed> owed_;
    std::int64_t requested_ = 0;
    std::int64_t attempted_ = 0;
    std::int64_t reached_ = 0;
    std::int64_t failed_ = 0;
};

/// Messages as this desk's feeder sends them.
class DeskFeed {
public:
    DeskFeed(const Desk& desk, double lost_per_h, std::uint64_t seed) : desk_(desk), lost_per_h_(lost_per_h), seed_(seed) {}
    /// `lost`: callers of the message's centre who gave up for good. The answer is valid until the next one.
    const Message& shown(const Message& message, double now_s, std::int64_t lost);

private:
    Desk desk_;
    double lost_per_h_;
    std::uint64_t seed_;
    std::map<std::string, CallbackShift, std::less<>> shifts_;
    Message shown_;
};

}  // namespace surged::bench
