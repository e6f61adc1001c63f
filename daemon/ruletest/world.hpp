// The world of one rule test: feeders and what happens to them, kills and restarts of surged, clocks that step, people who
// answer.
//
// Knows what happens; refuses to know what was expected. Hardest rule: the real engine gets the same calls as in the daemon. At
// one instant events come first, then samples, then answers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "replay/player.hpp"
#include "ruletest/format.hpp"

namespace surged {

class TestWorld {
public:
    /// `test` and `zone` are borrowed. `learned`: what the engine is offered beside the test's own histories, which come first.
    TestWorld(const RuleTest& test, std::unique_ptr<const Plan> plan, const Zone& zone, const ProfileShelf& learned,
              Player::Watch watch);

    /// Runs everything up to and including `at` (after the start), in order.
    void to(Span at);

    EngineTime start() const { return start_; }
    const Player& player() const { return player_; }
    /// What could not be done, with its time: an answer without an incident, one that was refused.
    struct Trouble {
        Span at{0};
        std::string what;
    };
    const std::vector<Trouble>& troubles() const { return troubles_; }

private:
    enum class Kind { clock, restart, epoch, silence, feed, answer };
    struct Step {
        Span at{0};
        Kind kind = Kind::feed;
        std::size_t index = 0;
    };
    struct Feeder {
        std::uint64_t seq = 0;
        std::uint64_t epoch = 1;
        Span clock{0};                                                 ///< its clock against engine time
        std::map<std::pair<QueueKey, std::string>, double> counted;    ///< counters: last value of the feed's series
        std::map<std::pair<QueueKey, std::string>, double> restarted;  ///< counters: what the series showed when it started anew
    };

    void perform(const Step& step);
    void feed(std::size_t tick, Span at);
    void send(const std::string& source, std::size_t tick, Span at);
    void restart(const TestRestart& restart);
    void step_clock(const TestClockStep& step);
    void new_epoch(const TestSpell& spell);
    void silence(const TestSilence& silence);
    void answer(const TestAnswer& answer);
    bool during(const std::vector<TestSpell>& spells, const std::string& source, Span at) const;
    bool counter(const std::string& metric) const;

    const RuleTest& test_;
    const Plan plan_;  ///< to start anew from
    EngineTime start_;
    std::map<std::string, Feeder> feeders_;
    std::vector<Step> steps_;
    std::size_t next_ = 0;
    EngineTime down_until_{};
    std::vector<Trouble> troubles_;
    Player player_;
};

}  // namespace surged
