// The kinds of rules, one row each. Whoever must know what a kind is like (binding, detector, explanations, the texts of pages,
// configuration) asks its row; what a kind does stands in core/rule/kinds/<kind>.cpp and nowhere else.
//
// A row is a constant and its functions are plain: a sample calls observe() of the rules bound to its series and nothing else, and
// values of a rule that is `banded` are settled by the band of their series before any row is looked at.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/rule/spec.hpp"
#include "core/series/counter.hpp"
#include "core/series/ring.hpp"

namespace surged {

class RuleStep;
struct BoundRule;
struct MetricPlan;
struct RuleExplanation;
struct RuleView;

/// A function that is null does nothing, or is never so.
struct KindRow {
    std::string_view name;  ///< as the configuration and the API write it

    // ---- what its value is ----
    bool in_metric_unit = false;            ///< it compares the metric itself: its value is told in the metric's unit
    std::optional<LimitUnit> value_unit{};  ///< the unit of its value, whatever its limits are written in; none = the limits'
    bool grows_alone = false;               ///< the value changes without a sample, as a silence does
    bool learns = false;                    ///< keeps a Baseline for each queue, and is unknown until that has learned enough
    bool tells_staffing = false;            ///< it says how many people a queue is missing: the staffing board, and `need`
    std::string_view default_metric{};      ///< what it is about unless `metric` says so; empty = `metric` must be given

    // ---- what it needs of a queue ----
    /// The metric's value itself is compared and nothing else: it shares the band of its series.
    bool (*banded)(const RuleSpec& rule) = nullptr;
    /// Bytes of its own beside the windows: plain, zero at first, snapshotted as they are for a rule of equal content. `kind`: of the metric
    /// that it is about.
    std::size_t (*state_bytes)(const RuleSpec& rule, MetricKind kind) = nullptr;
    /// Bytes that it keeps apart from the queue's memory.
    std::size_t (*apart_bytes)(const RuleSpec& rule) = nullptr;
    /// Adds the windows it needs of `metric`, which need not be the metric it is about.
    void (*windows)(const RuleSpec& rule, std::string_view metric, MetricKind kind, std::vector<RingShape>& out) = nullptr;
    /// Finds its windows among those of the metric it is about.
    void (*find_rings)(const RuleSpec& rule, const MetricPlan& plan, BoundRule& bound) = nullptr;

    // ---- what it does: in the order in which a sample asks ----
    void (*count)(RuleStep& step, SourceTime ts, const CounterStep& counted) = nullptr;  ///< learns: of a counter
    void (*gauge)(RuleStep& step, SourceTime ts, double value) = nullptr;                ///< learns: of a gauge
    /// The counter's reading at `ts` does not go on from the one at `since`: it began anew, or nobody knew it in between. `known`: the one
    /// at `ts` is a reading; else the next that is one ends what begins here.
    void (*broke)(RuleStep& step, SourceTime since, SourceTime ts, bool known) = nullptr;
    void (*rose)(RuleStep& step) = nullptr;                                              ///< the counter went up
    void (*observe)(RuleStep& step, SourceTime ts, double value) = nullptr;              ///< each sample, once windows hold it
    void (*look)(RuleStep& step, SourceTime ts, bool first) = nullptr;  ///< every few seconds; `first`: of the queue's rules
    void (*begin)(RuleStep& step) = nullptr;   ///< its series is new
    void (*resume)(RuleStep& step) = nullptr;  ///< its state came from a snapshot
    void (*heard)(RuleStep& step) = nullptr;   ///< of = "feed": the feed speaks again
    void (*due)(RuleStep& step) = nullptr;     ///< the time of RuleStep::call_at() has come

    // ---- what it shows ----
    double (*value_now)(const RuleView& view) = nullptr;  ///< what it compares, as of now; NaN = unknown
    void (*explain)(const RuleView& view, RuleExplanation& out) = nullptr;
};

const KindRow& row_of(RuleKind kind);

/// Bytes of its own that a rule keeps for each queue, beside the windows.
std::size_t rule_state_bytes(const RuleSpec& rule, MetricKind kind);
/// Bytes that it keeps for each queue apart from the queue's memory.
std::size_t rule_apart_bytes(const RuleSpec& rule);
/// Windows that a rule needs of `metric`, which need not be the metric it is about.
std::vector<RingShape> rule_windows(const RuleSpec& rule, std::string_view metric, MetricKind kind);
/// See KindRow::banded.
bool banded(const RuleSpec& rule);

}  // namespace surged
