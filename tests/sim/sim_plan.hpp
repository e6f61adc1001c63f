// A small contact centre made from a seed: channels, people, rosters, and two policies that share them. A reload brings a variation
// of it.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "core/team/plan.hpp"
#include "core/series/queue_key.hpp"

namespace surged::test {

/// The random numbers that make a world. The same seed gives the same world.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
    Span span(int low_s, int high_s) { return Span{between(low_s, high_s) * std::int64_t{1000}}; }

private:
    std::mt19937_64 random_;
};

inline constexpr int variations = 4;

/// `variation` 0 is the first configuration. Others lack people and a channel, have other rosters, or bring other policies for
/// later incidents; the scopes of policies, the rates of channels and the cap a person are the same in all.
Plan make_plan(std::uint64_t seed, int variation);

inline constexpr std::string_view hook_channel = "hook";  ///< beside publish_channel: steps of the playbook leave by it

inline constexpr const char* need_by_gap = "clamp(ceil(gap_agents), 2, 8)";
inline constexpr const char* need_by_calls = "sum(calls_waiting) / 10 + level";

/// The queues of every world, in two centres; and whose policy a rule belongs to.
QueueKey queue_of(int number);
inline constexpr int rules = 3;
inline constexpr int scenes = 6;  ///< kinds of scenes (crowd_scenes.cpp); each has two rules of its own, numbered after these
std::string rule_of(int number);
std::string policy_of_rule(int number);

/// The metric and the limits of all rules of a world, so that a value shown in a message can be checked.
inline constexpr const char* rule_metric = "waits";
double raise_of(Level level);
double clear_of(Level level);

/// The plan in a few lines, for the report of a breach.
std::string describe(const Plan& plan);

}  // namespace surged::test
