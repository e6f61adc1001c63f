// The samples behind a world's alerts. A happening says how an alert is to stand; here it becomes values of a metric of that rule, so that
// detectors reach that state by themselves, with holds and staleness of their own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/rule/spec.hpp"
#include "core/series/message.hpp"
#include "sim/happening.hpp"
#include "sim/sim_plan.hpp"

namespace surged::test {

/// The plan with what a detector needs: a metric for each rule (messages say `rule_metric` of all), holds, no flapping. Needs are fixed:
/// missing agents are worked out by a detector and cannot be told to it.
Plan detected(Plan plan);

class ShardFeed {
public:
    static constexpr Span every{5000};        ///< between two messages, at most
    static constexpr Span every_calm{30000};  ///< the same, after the world's surges

    /// From now on the queue's values are those of this state; a stale one sends nothing.
    void want(const AlertEdge& edge);
    /// Everything is well and every queue reports.
    void calm();
    /// The next message. Borrowed until the next call.
    const Message& message(Stamp now);
    EngineTime next() const { return sent_ + (calm_ ? every_calm : every); }
    /// The value that was sent last for this alert.
    double value(const AlertEdge& alert) const;

private:
    struct Series {
        AlertState state = AlertState::ok;
        Level level = Level::none;
        bool silent = false;
        double value = 0;
    };
    static double value_at(const Series& series, const AlertKey& key, EngineTime at);

    std::map<QueueKey, std::map<std::string, Series>> queues_;  ///< by rule
    std::map<std::string, std::string> metrics_;                ///< by rule; a message borrows them
    Message message_;
    EngineTime sent_{};
    bool calm_ = false;
};

}  // namespace surged::test
