// Which rules and derived metrics touch which series, worked out once per kind of queue and never per sample.
//
// Queues whose names fall under the same rules and derives share one QueueClass; inside it every metric has one MetricPlan: the
// rules that look at it and the rings they and the formulas need. A queue's memory is laid out from these plans.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "core/rule/detection_plan.hpp"
#include "core/series/name_table.hpp"
#include "core/series/ring.hpp"

namespace surged {

struct KindRow;

struct RingPlan {
    RingShape shape;
    std::int64_t width_ms = 1;
    std::uint32_t clock = 0;   ///< number of this width: rings of one clock share their place in time
    std::uint32_t offset = 0;  ///< of its head: in bytes, from the start of those of the series
};

/// One rule on one metric, as the hot path reads it.
struct BoundRule {
    std::uint32_t rule = 0;        ///< index into Plan::rules
    const KindRow* row = nullptr;  ///< of its kind
    std::uint8_t ring_recent = 0;   ///< its window, or the shorter of two (KindRow::find_rings) ...
    std::uint8_t ring_total = 0;    ///< ... and the longer
    std::uint32_t state = 0;        ///< its own memory: offset in bytes from the start of the heads of the series' rings ...
    std::uint32_t state_bytes = 0;  ///< ... and size; 0 = it has none
};

/// Ids of the metrics that staffing is worked out from.
struct StaffingMetrics {
    std::uint32_t handled, answered, talk, acw, abandoned, wait_answered, wait_abandoned;
    std::uint32_t staffed, available, ringing, on_call, wrapup, aux, planned, waiting;
};

/// What every sample reads stands in the first cache line.
struct MetricPlan {
    std::vector<BoundRule> rules;  ///< those that are banded (core/rule/kinds.hpp) first: they share one band
    std::vector<RingPlan> rings;
    std::uint32_t metric = no_id;
    MetricKind kind = MetricKind::gauge;
    bool may_be_unknown = false;   ///< some readings say "not known": see `known_below`
    std::uint16_t thresholds = 0;  ///< how many of `rules` are banded ...
    std::uint16_t observers = 0;   ///< ... how many of the others see each sample ...
    std::uint16_t learners = 0;    ///< ... how many learn ...
    std::uint16_t risers = 0;      ///< ... and how many are told when the counter goes up
    double known_below = 0;        ///< a reading below 0, or not below this, says "not known"; 0 = every reading is one
    std::uint32_t ring_bytes = 0;  ///< heads of its rings, and what its rules keep

    std::uint8_t ring_index(const RingShape& shape) const;
};

/// One formula input found in a queue: which of its metrics, and which ring of it (last has none).
struct InputPlan {
    InputFunction function = InputFunction::last;
    std::uint32_t metric = no_id;
    RingShape shape;
    double window_s = 0;
    bool needed = true;  ///< without this metric the derived one is not made
};

struct DerivePlan {
    std::uint32_t derive = 0;  ///< index into Plan::derives
    std::uint32_t metric = no_id;
    std::vector<InputPlan> inputs;  ///< formula's inputs, then the guard's
    std::size_t formula_inputs = 0;
};

struct QueueClass {
    std::vector<std::uint32_t> rules;    ///< indices into Plan::rules whose scope matches
    std::vector<std::uint32_t> derives;  ///< derives computed from this queue's own metrics, each after those it needs
    std::vector<std::uint32_t> members;  ///< derives that fold over queues (by centre or all) and take this queue's values
    std::map<std::uint32_t, std::unique_ptr<MetricPlan>> metrics;   ///< by metric id, made when first seen
    bool feed_rules = false;                                        ///< some rule is about the feed itself
    std::vector<std::pair<std::uint32_t, std::uint32_t>> staffing;  ///< rules that look at it every few seconds, and the metric each is about
};

class Binder {
public:
    /// `plan` and `names` are borrowed and must outlive the binder.
    Binder(const DetectionPlan& plan, MetricNames& names);

    QueueClass& classify(const QueueKey& key, std::string_view group);
    const MetricPlan& plan_of(QueueClass& cls, std::uint32_t metric);
    const DerivePlan& derive(std::uint32_t index) const { return derives_[index]; }
    MetricKind kind_of(std::uint32_t metric) const;
    /// Distinct widths of all rings made so far; RingPlan::clock counts in it.
    std::size_t clocks() const { return widths_.size(); }

    /// The id under which the feed itself is a series: its name is empty and never comes from outside.
    std::uint32_t feed_metric() const { return feed_metric_; }
    const StaffingMetrics& staffing() const { return staffing_; }

private:
    void need(MetricPlan& plan, RingShape shape);
    void order_derives();

    const DetectionPlan& plan_;
    MetricNames& names_;
    std::uint32_t feed_metric_;
    StaffingMetrics staffing_{};
    std::vector<DerivePlan> derives_;
    std::vector<std::uint32_t> order_;
    std::vector<std::int64_t> widths_;
    std::vector<MetricKind> kinds_;  // by metric id, for declared ones
    std::map<std::vector<std::uint32_t>, std::unique_ptr<QueueClass>> classes_;
};

/// True when the scope covers the queue.
bool covers(const Scope& scope, const QueueKey& key, std::string_view group);

}  // namespace surged
