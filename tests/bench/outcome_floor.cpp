#include "outcome_floor.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "outcome_policies.hpp"

namespace surged::bench {

namespace {
constexpr double floor_days = 300;  ///< simulated for one limit
}  // namespace

FloorTest::FloorTest(const FloorSurge& surge)
    : surge_(surge), ramp_steps_(static_cast<std::int64_t>(surge.ramp_s / report_s)) {}

void FloorTest::reset() {
    rising_.clear();
    risen_ = 0;
}

double FloorTest::step(double calls) {
    ++now_;
    const auto gain = [&](double factor) { return calls * std::log(factor) - (factor - 1) * surge_.calls; };
    risen_ = std::max(0.0, risen_ + gain(surge_.factor));
    if (ramp_steps_ == 0) {
        return risen_;
    }
    if (now_ % begin_every == 0) {
        rising_.push_back({now_, 0});
    }
    double most = risen_;
    for (auto& begin : rising_) {
        const double share = static_cast<double>(now_ - begin.at) / static_cast<double>(ramp_steps_);
        begin.ratio += gain(1 + (surge_.factor - 1) * std::min(1.0, share));
        most = std::max(most, begin.ratio);
    }
    while (!rising_.empty() && now_ - rising_.front().at >= ramp_steps_) {
        risen_ = std::max(risen_, rising_.front().ratio);  // from here on all of them are one
        rising_.pop_front();
    }
    return most;
}

double floor_limit(const FloorSurge& surge, double false_a_day) {
    static std::mutex mutex;
    static std::map<FloorSurge, std::vector<double>> known;
    const std::lock_guard lock(mutex);
    auto& peaks = known[surge];
    if (peaks.empty()) {
        // The largest value of every excursion from zero, or of every hour of one: each would have been one alarm.
        std::mt19937_64 random(1);
        std::poisson_distribution<int> poisson(surge.calls);
        FloorTest test(surge);
        constexpr auto hour = 3600 / report_s;
        double peak = 0;
        for (std::int64_t i = 0, since = 0; i < static_cast<std::int64_t>(floor_days * 86400 / report_s); ++i, ++since) {
            const double value = test.step(poisson(random));
            if (value == 0 || since == hour) {
                peaks.push_back(peak);
                peak = 0;
                since = 0;
            }
            peak = std::max(peak, value);
        }
        std::sort(peaks.begin(), peaks.end(), std::greater<>());
    }
    const auto n = static_cast<std::size_t>(std::lround(false_a_day * floor_days));
    return peaks[std::clamp<std::size_t>(n, 1, peaks.size()) - 1];
}

bool FloorPolicy::sees(const std::string& scenario) {
    return scenario.starts_with("x") || scenario == "region";
}

void FloorPolicy::start(World& world) {
    const auto& scenario = world.scenario();
    const FloorSurge surge{world.size().calls_with_repeats() * scenario.centres * report_s / 3600, scenario.calls_factor,
                           scenario.name.ends_with("-ramp") ? 1800.0 : 0.0};
    limit_ = floor_limit(surge, false_a_day_);
    test_ = std::make_unique<FloorTest>(surge);
}

void FloorPolicy::message(World&, const Message& message) {
    for (const auto& value : message.values) {
        offered_ += value.name == "offered" ? value.value : 0;
    }
}

void FloorPolicy::tick(World& world) {
    if (before_ >= 0 && !called_ && test_->step(offered_ - before_) > limit_) {
        test_->reset();
        called_ = world.counting();
        if (called_) {
            call_everybody(world, "floor", world.now_s());
        }
    }
    before_ = offered_;
    offered_ = 0;
    if (called_) {
        send_everybody_home(world, home_);
    }
}

void FloorPolicy::answers(World& world, int person, const std::string&) {
    join_in_turn(world, person);
}

}  // namespace surged::bench
