// A team whose shift changes, one whose tiers are short, and an incident in which everybody was called and nobody answered.
#pragma once

#include "called.hpp"

namespace surged::test {

using namespace std::chrono_literals;

/// lead-1 and lead-2 until 07:10 UTC, ten minutes after the start of a time line; lead-3 and lead-4 from then on.
inline Plan shifts() {
    auto plan = team_plan();
    plan.rosters[0].shifts = {{0x7F, 0, 430, {"lead-1", "lead-2"}}, {0x7F, 430, 1440, {"lead-3", "lead-4"}}};
    plan.policies[0].tiers[0].wait = 30min;
    return plan;
}

inline std::string reason(const DeskLine& line, const std::string& person) {
    for (const auto& seat : line.incident().seats) {
        if (seat.person == person) {
            return seat.reason;
        }
    }
    return "no seat";
}

inline Plan short_tiers() {
    auto plan = team_plan();
    for (auto& tier : plan.policies[0].tiers) {
        tier.wait = 10s;
    }
    plan.policies[0].need.fixed = 9;
    plan.policies[0].repeat = {"leads", 20min, -1, 1.0, 20min};
    return plan;
}

/// Red, everybody called, the fallback list too; nobody has answered. It is 10 s after the start.
inline void exhaust(DeskLine& line) {
    line.at(0s).fire("wait", "general", Level::red).expect(plus(plus(leads, sups), {"sms first boss"}));
    line.at(10s).expect({"sms first desk"});
    CHECK(line.state() == "exhausted");
}

inline const std::vector<std::string> everybody{"sms repeat_round lead-1", "sms repeat_round lead-2", "sms repeat_round lead-3",
                                                "sms repeat_round lead-4", "sms repeat_round sup-1",  "sms repeat_round sup-2",
                                                "sms repeat_round sup-3",  "sms repeat_round boss",   "sms repeat_round desk"};

}  // namespace surged::test
