// Everything around a desk that acts by itself: surges that come and go, channels that are slow, down, lie, or never say what
// became of a message, people who answer late, twice, in the wrong order or never, operators, and a host that is killed,
// reconfigured and has its clock set. It only makes happenings; it never touches the desk.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/happening.hpp"
#include "sim/sim_plan.hpp"

namespace surged::test {

/// What a host's wall clock shows before engine time begins.
inline constexpr Span wall_start = std::chrono::hours{1000};

class Crowd {
public:
    /// `calm`: longest quiet time between two surges of one alert.
    Crowd(std::uint64_t seed, Span calm) : dice_(seed), calm_(calm) {}

    /// The happenings between `start` and `end` that do not depend on the desk.
    std::vector<Happening> plan(EngineTime start, EngineTime end, bool kills);
    /// What an order that left at `now` leads to later: its outcome, and what the people who received it do.
    /// `healed`: every channel works from now on.
    std::vector<Happening> deliver(const SendOrder& order, EngineTime now, std::uint64_t life, bool healed);
    void take(const Temper& temper) { tempers_[temper.channel] = temper.temper; }

private:
    int share(EngineTime start, EngineTime end, int most) const;
    void plan_alert(std::vector<Happening>& out, const QueueKey& queue, int rule, EngineTime at, EngineTime end);
    void plan_readings(std::vector<Happening>& out, const QueueKey& queue, EngineTime start, EngineTime end);
    void plan_operators(std::vector<Happening>& out, EngineTime start, EngineTime end);
    void plan_overrides(std::vector<Happening>& out, EngineTime start, EngineTime end);
    void plan_host(std::vector<Happening>& out, EngineTime start, EngineTime end, bool kills);
    void plan_scenes(std::vector<Happening>& out, EngineTime start, EngineTime end, bool kills);
    void end_by_hand(std::vector<Happening>& out, const SendOrder& order, EngineTime now);
    void react(std::vector<Happening>& out, const SendOrder& order, EngineTime now);
    static void name_successor(Command& c, EngineTime at);
    void answer(std::vector<Happening>& out, const SendOrder& order, const std::string& person, EngineTime now);

    Dice dice_;
    Span calm_;
    std::map<std::string, int> tempers_;  ///< 0 works; 1 busy; 2 down; 3 never answers; 4 slow; 5 accepts all and delivers nothing
    std::uint64_t keys_ = 0;
    std::uint64_t silences_ = 0;
    std::uint64_t overrides_ = 0;
};

}  // namespace surged::test
