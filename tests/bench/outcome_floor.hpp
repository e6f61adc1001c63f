// The noise floor: the most that can be made of the counts of calls. Who knows what is usual to the last digit and what surge will come, and
// raises the alarm by the ratio of likelihoods, is the fastest detector there is at its rate of false alarms (Lorden 1971, Moustakides 1986).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "outcome_world.hpp"

namespace surged::bench {

/// What is looked for: calls a message without a surge, times how many more in one, and how long the rise takes.
struct FloorSurge {
    double calls = 0;
    double factor = 1;
    double ramp_s = 0;
    auto operator<=>(const FloorSurge&) const = default;
};

/// The largest log likelihood ratio over all times at which the surge can have begun. A message every report_s seconds.
class FloorTest {
public:
    explicit FloorTest(const FloorSurge& surge);
    /// `calls` of one message. The statistic, >= 0.
    double step(double calls);
    void reset();

private:
    static constexpr std::int64_t begin_every = 12;  ///< messages between two beginnings that are tried
    FloorSurge surge_;
    std::int64_t ramp_steps_ = 0;
    std::int64_t now_ = 0;
    struct Begin {
        std::int64_t at = 0;
        double ratio = 0;
    };
    std::deque<Begin> rising_;
    double risen_ = 0;
};

/// The limit that chance alone passes so often a day: simulated Poisson counts, one number for one surge and rate.
double floor_limit(const FloorSurge& surge, double false_a_day);

/// Calls everybody, as the oracle does, once the test passes its limit.
class FloorPolicy : public OutcomePolicy {
public:
    explicit FloorPolicy(double false_a_day) : false_a_day_(false_a_day) {}
    /// Whether the scenario is a surge of calls, which this can see.
    static bool sees(const std::string& scenario);
    void start(World& world) override;
    void message(World& world, const Message& message) override;
    void tick(World& world) override;
    void answers(World& world, int person, const std::string& tag) override;

private:
    double false_a_day_;
    double limit_ = 0;
    std::unique_ptr<FloorTest> test_;
    double offered_ = 0;  ///< of all centres
    double before_ = -1;
    bool called_ = false;
    bool home_ = false;
};

}  // namespace surged::bench
