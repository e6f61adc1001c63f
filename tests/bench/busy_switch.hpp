// An Asterisk on a time of its own: 2,000 calls a second over 100 queues of 20 agents. Every caller waits 5 s and talks 15 s, seven events a
// call with all the fields a real one has.
#pragma once

#include <cstdint>
#include <string>

namespace surged::bench {

inline constexpr int busy_queues = 100;
inline constexpr int busy_calls_per_ms = 2;  // 2,000 a second

class BusySwitch {
public:
    /// The events of the next millisecond.
    std::string millisecond();
    /// The answer to its QueueStatus, nobody waiting.
    static std::string list(const std::string& id);
    std::uint64_t events() const { return events_; }
    std::uint64_t joined() const { return static_cast<std::uint64_t>(joined_); }
    std::uint64_t answered() const { return static_cast<std::uint64_t>(answered_); }

private:
    void event(std::string& out, const char* name, long call, const std::string& rest);

    long ms_ = 0;
    long joined_ = 0;
    long answered_ = 0;
    long ended_ = 0;
    std::uint64_t events_ = 0;
};

/// ActionID of the action of this name in what was sent; empty: it is not there.
std::string action_id(const std::string& sent, const std::string& name);

}  // namespace surged::bench
