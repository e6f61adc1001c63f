// A learned baseline on counters other than calls: callers who give up, calls that found no line, callbacks that are owed, answers that
// stop. A small desk loses half of its people: what it learned of abandoned calls against bands set by hand.
#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <queue>

#include "kind_rig.hpp"
#include "support/baseline_kit.hpp"
#include "support/catch.hpp"
#include "unit/forecast/draws.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
RuleSpec learned(const std::string& metric, SurgeDirection direction = SurgeDirection::up) {
    auto spec = baseline_rule();
    spec.id = metric + "-baseline";
    spec.metric = metric;
    spec.direction = direction;
    spec.content = std::hash<std::string>{}(spec.id);
    return spec;
}

/// A desk of first come, first served: exponential calls of three minutes, callers who give up after two on average, so that no wait becomes long.
class StaffedDesk {
public:
    explicit StaffedDesk(std::uint64_t seed) : draws_(seed) {}

    /// The second that begins at `s`.
    void second(double s, double calls_per_h, int agents) {
        for (auto k = static_cast<int>(draws_.poisson(calls_per_h / 3600)); k > 0; --k) {
            ++offered;
            waiting_.push_back({s, s + exponential(120)});
        }
        while (!busy_.empty() && busy_.top() <= s) {
            busy_.pop();
        }
        for (auto caller = waiting_.begin(); caller != waiting_.end();) {
            abandoned += caller->gives_up <= s ? 1 : 0;
            caller = caller->gives_up <= s ? waiting_.erase(caller) : caller + 1;
        }
        while (!waiting_.empty() && std::ssize(busy_) < agents) {
            waiting_.pop_front();
            busy_.push(s + exponential(180));
            ++answered;
        }
    }
    double waiting() const { return static_cast<double>(waiting_.size()); }
    double oldest(double s) const { return waiting_.empty() ? 0.0 : s - waiting_.front().came; }

    double offered = 0;
    double answered = 0;
    double abandoned = 0;

private:
    struct Caller {
        double came;
        double gives_up;
    };
    double exponential(double mean) { return -mean * std::log(draws_.uniform()); }

    Draws draws_;
    std::deque<Caller> waiting_;
    std::priority_queue<double, std::vector<double>, std::greater<>> busy_;
};

double calls_at(double s) {
    const double hour = std::fmod(s, day_s) / 3600;
    return hour < 7 || hour >= 21 ? 0.0 : 75 * (0.5 + std::sin((hour - 7) / 14 * 3.14159265));
}
/// Always a little short of people.
int agents_at(double s) {
    return static_cast<int>(std::ceil(1.1 * calls_at(s) * 180 / 3600 + 0.4));
}
}  // namespace

TEST_CASE("baseline counters: half of a desk leaves, and abandoned calls say so before bands set by hand on the queue do") {
    constexpr double drain = 12 * day_s + 14 * 3600;
    int sooner = 0;
    int false_alarms = 0;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        // As the shipped voice pack has it.
        auto spec = learned("abandoned");
        spec.levels = {level(Level::yellow, {Comparison::at_least, 6, LimitUnit::plain}, below(3)),
                       level(Level::orange, {Comparison::at_least, 9, LimitUnit::plain}, below(4.5))};
        spec.floor = 8;
        auto plan = plan_of({spec});
        plan.limits.skew = std::chrono::hours{24};
        plan.stale_after = 10min;
        Detector detector(plan);
        StaffedDesk desk(seed);
        Message message;
        std::uint64_t seq = 0;
        // A band by hand stands half as high again as everything that twelve ordinary days reached for a minute.
        std::array<double, 2> ordinary{};
        std::array<double, 2> held{};
        double by_learning = -1;
        double by_hand = -1;
        for (double s = 0; s < drain + 75 * 60; s += 1) {
            desk.second(s, calls_at(s), s < drain ? agents_at(s) : agents_at(s) / 2);
            if (std::fmod(s, 60) != 59) {
                continue;
            }
            const std::array<double, 2> now{desk.waiting(), desk.oldest(s)};
            for (std::size_t k = 0; k < 2; ++k) {
                const double lasting = std::min(now[k], held[k]);
                held[k] = now[k];
                if (s < drain) {
                    ordinary[k] = std::max(ordinary[k], lasting);
                } else if (by_hand < 0 && lasting > 1.5 * ordinary[k]) {
                    by_hand = s - drain;
                }
            }
            const auto stamp = monday(s + 1);
            message.clear();
            message.source = "acd-1";
            message.seq = ++seq;
            message.ts = source_time(to_ms(stamp.at));
            message.values.push_back({"abandoned", desk.abandoned});
            message.parts.push_back({"jinan", "general", "voice", message.ts, 0, 1});
            detector.advance(stamp);
            detector.ingest(message, stamp);
            for (const auto& edge : detector.edges()) {
                if (edge.to == AlertState::firing && s < drain) {
                    ++false_alarms;
                } else if (edge.to == AlertState::firing && by_learning < 0) {
                    by_learning = s - drain;
                }
            }
            detector.clear_edges();
        }
        INFO("seed " << seed << ": learned " << by_learning / 60 << " min, by hand " << by_hand / 60 << " min, bands " << ordinary[0] << " callers, "
                     << ordinary[1] << " s");
        CHECK(by_learning >= 0);
        CHECK(by_learning <= 45 * 60);
        sooner += by_hand < 0 || by_hand > by_learning ? 1 : 0;
    }
    CHECK(sooner == 3);
    CHECK(false_alarms == 0);
}

TEST_CASE("baseline counters: any counter is learned, each rule in its own direction, and two rules on one counter do not mix") {
    for (const std::string metric : {"abandoned", "blocked", "callbacks_requested", "answered"}) {
        INFO(metric);
        const auto run = [&](SurgeDirection direction, double factor) {
            auto plan = plan_of({learned(metric, direction)});
            plan.limits.skew = std::chrono::hours{24};
            plan.stale_after = 10min;
            Traffic traffic(std::move(plan));
            traffic.metric = metric;
            const double begin = 12 * day_s + 8 * 3600;
            traffic.flow(0, begin, 60, flat(30));
            traffic.flow(begin, begin + 1200, 60, flat(30 * factor));
            return traffic.raised(Level::yellow) > 0;
        };
        CHECK(run(SurgeDirection::up, 3));
        CHECK_FALSE(run(SurgeDirection::up, 0));
        CHECK(run(SurgeDirection::down, 0));
        CHECK_FALSE(run(SurgeDirection::down, 3));
        CHECK(run(SurgeDirection::both, 3));
        CHECK(run(SurgeDirection::both, 0));
    }
}

TEST_CASE("baseline counters: a debt of callbacks that is worked out from two counters is learned as a level") {
    auto spec = learned("callback_debt");
    auto plan = plan_of({spec}, {derive("callback_debt", "callbacks_requested - callbacks_reached")});
    plan.limits.skew = std::chrono::hours{24};
    plan.stale_after = 10min;
    Detector detector(plan);
    Message message;
    std::uint64_t seq = 0;
    double requested = 0;
    double raised_at = -1;
    const double begin = 12 * day_s + 8 * 3600;
    for (double s = 0; s < begin + 3600; s += 60) {
        // Thirty are owed all day; then thirty more come than are reached within a quarter of an hour.
        requested += 1 + (s >= begin && s < begin + 900 ? 2.0 : 0.0);
        const double reached = std::max(0.0, (s / 60 + 1) - 30);
        const auto stamp = monday(s + 60);
        message.clear();
        message.source = "acd-1";
        message.seq = ++seq;
        message.ts = source_time(to_ms(stamp.at));
        message.values.push_back({"callbacks_requested", requested});
        message.values.push_back({"callbacks_reached", reached});
        message.parts.push_back({"jinan", "general", "voice", message.ts, 0, 2});
        detector.advance(stamp);
        detector.ingest(message, stamp);
        for (const auto& edge : detector.edges()) {
            if (edge.to == AlertState::firing && raised_at < 0) {
                raised_at = s - begin;
            }
        }
        detector.clear_edges();
    }
    CHECK(raised_at > 0);
    CHECK(raised_at <= 1800);
}
