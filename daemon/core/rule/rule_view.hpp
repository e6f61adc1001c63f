// One rule on one queue to look at, for explanations and readings. Looking changes nothing: rings are copied before they roll.
#pragma once

#include "core/rule/detector.hpp"
#include "core/rule/explain.hpp"
#include "core/series/ring_copy.hpp"

namespace surged {

struct RuleView {
    const Detector& detector;
    EngineTime now;
    std::uint32_t id;  ///< of the queue
    std::size_t s;     ///< of the series
    std::size_t place;  ///< among the rules of the series

    const Queue& queue() const { return detector.queues()[id]; }
    const Series& series() const { return queue().series[s]; }
    const BoundRule& plan() const { return series().plan->rules[place]; }
    const RuleSpec& rule() const { return detector.plan().rules[plan().rule]; }
    const Bound& bound() const { return queue().bounds[series().bounds + place]; }
    /// The alert that is not at rest; null while it is.
    const ActiveAlert* alert() const { return bound().active == no_id ? nullptr : &detector.active()[bound().active]; }
    double value() const { return detector.queues().value(queue(), s); }
    RingCopy ring(std::size_t index) const {
        return RingCopy(queue().ring(series(), index));
    }
    std::int64_t width_ms(std::size_t index) const { return series().plan->rings[index].width_ms; }
};

/// The value last compared, and the metric's own beside it: of kinds whose alert alone knows what was compared.
void explain_last_value(const RuleView& view, RuleExplanation& out);
/// What the metric is derived from, with the values of now (explain_derive.cpp).
void explain_derived(const RuleView& view, RuleExplanation& out);

}  // namespace surged
