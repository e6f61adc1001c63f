// Last values of queues, for those who look now and then and never per sample: the need of an incident written as an expression.
// What is stale is unknown here, too.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/rule/alert.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

class Detector;
class QueueStore;

class LiveValues {
public:
    using Wanted = std::function<bool(const QueueKey& queue, std::string_view group)>;
    using Visit = std::function<void(std::span<const double> values)>;

    virtual ~LiveValues() = default;
    /// Calls `visit` for every queue that is wanted and knows at least one of `metrics`, with their last values in that order; NaN
    /// where one is unknown or no longer sent. Work: O(queues).
    virtual void each(std::span<const std::string> metrics, const Wanted& wanted, const Visit& visit) const = 0;
    /// Last values of one queue, in the order of `metrics`; NaN where one is unknown, no longer sent, or all of the queue is silent.
    virtual std::vector<double> of(const QueueKey& queue, std::span<const std::string> metrics) const;
    /// How an alert stands at `now`; unknown to who knows no rules.
    virtual AlertReading reading(std::string_view rule, const QueueKey& queue, EngineTime now) const;
};

/// Over the detector's queues. What is derived for a group, a centre or all stands in queues of its own ("*普席", "*"), which are
/// visited like any other.
class StoreValues : public LiveValues {
public:
    explicit StoreValues(const QueueStore& store) : store_(store) {}
    void each(std::span<const std::string> metrics, const Wanted& wanted, const Visit& visit) const override;
    std::vector<double> of(const QueueKey& queue, std::span<const std::string> metrics) const override;

private:
    const QueueStore& store_;
};

/// The same, and how each alert stands.
class DetectorValues final : public StoreValues {
public:
    explicit DetectorValues(const Detector& detector);
    AlertReading reading(std::string_view rule, const QueueKey& queue, EngineTime now) const override;

private:
    const Detector& detector_;
};

}  // namespace surged
