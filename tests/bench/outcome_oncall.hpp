// What a usual pipeline of metrics and an on-call telephone would have done with the same numbers: Prometheus scrapes and evaluates, waits
// `for: 1m`, Alertmanager waits 30 s for the group and tells an end within its 5 min, the on-call service telephones.
//
// An emulation: no process runs. The rules are the yellow limits of rules/voice.toml that an operator would write in PromQL (oldest wait,
// waiting per agent, a rise of the last two minutes against the fifteen before), so that what differs is the way from there to people.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "outcome_world.hpp"

namespace surged::bench {

class OnCallPolicy : public OutcomePolicy {
public:
    /// `chain`: telephones one person a minute, all in turn, while it fires; else the first who acknowledges ends it, and the next is called
    /// only when five minutes brought no answer.
    OnCallPolicy(int scrape_s, bool chain) : scrape_s_(scrape_s), chain_(chain) {}
    void start(World&) override {}
    void message(World& world, const Message& message) override;
    void tick(World& world) override;
    void answers(World& world, int person, const std::string& tag) override;

private:
    struct Sample {
        double at_s = 0;
        double waiting = 0;
        double oldest_s = 0;
        double staffed = 0;
        double offered = 0;
    };
    struct Centre {
        Sample last;                 ///< as the exporter shows it
        std::deque<Sample> scraped;  ///< of the last 17 min
        double next_scrape_s = 0;
        std::array<double, 3> pending_since{-1, -1, -1};
        std::array<bool, 3> firing{};
        // Alertmanager's group and the on-call service's incident
        bool told = false;
        double group_at_s = -1;     ///< the group is told then; -1 = no group
        double end_seen_s = -1;     ///< all quiet since
        int instance = 0;
        bool acknowledged = false;
        double next_call_s = 0;
        int next_person = 0;
        std::set<int> seated;
    };
    static std::array<bool, 3> judge(const Centre& centre, double now_s);
    void evaluate(World& world, const std::string& name, Centre& centre);
    void telephone(World& world, const std::string& name, Centre& centre);
    static std::string tag_of(const std::string& name, const Centre& centre) { return name + "#" + std::to_string(centre.instance); }

    int scrape_s_;
    bool chain_;
    std::map<std::string, Centre> centres_;
};

}  // namespace surged::bench
