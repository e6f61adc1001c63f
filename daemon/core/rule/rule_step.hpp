// One rule on one queue while something happens to it: what a kind sees, and all that it may do. A kind (core/rule/kinds) never
// meets the detector itself.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/rule/detector.hpp"

namespace surged {

class RuleStep {
public:
    /// Of the series `s` of the queue `id`; the rule is chosen by at().
    RuleStep(Detector& detector, std::uint32_t id, std::size_t s, Stamp time)
        : now(time), queue(detector.store_[id]), series(queue.series[s]), id_(id), s_(static_cast<std::uint16_t>(s)), detector_(detector) {}

    /// Goes to the rule at `place` of the series' rules.
    RuleStep& at(std::size_t place) { return at(series.plan->rules[place], place); }
    /// The same; `rule` stands at `place`.
    RuleStep& at(const BoundRule& rule, std::size_t place) {
        plan_ = &rule;
        index_ = static_cast<std::uint16_t>(series.bounds + place);
        return *this;
    }

    const Stamp now;
    Queue& queue;
    Series& series;

    const BoundRule& plan() const { return *plan_; }
    const RuleSpec& rule() const { return detector_.plan_.rules[plan_->rule]; }
    Bound& bound() { return queue.bounds[index_]; }
    bool resting() { return bound().active == no_id; }
    /// The alert that is not at rest; null while it is. Valid until observe().
    ActiveAlert* alert() { return resting() ? nullptr : &detector_.active_[bound().active]; }
    const std::vector<RuleSpec>& rules() const { return detector_.plan_.rules; }
    std::uint32_t id() const { return id_; }
    std::uint16_t s() const { return s_; }
    std::uint16_t index() const { return index_; }
    const QueueKey& key() const { return detector_.store_.key(id_); }
    double value_of(std::size_t s) const { return detector_.store_.value(queue, s); }
    /// The kind's own bytes for this rule on this queue; all zero at first, snapshotted as they are.
    template <typename State>
    State& state() {
        static_assert(std::is_trivially_copyable_v<State> && alignof(State) <= 8 && sizeof(State) % 8 == 0);
        return *reinterpret_cast<State*>(queue.rings + series.rings + plan_->state);
    }
    Ring ring(std::size_t index) { return queue.ring(series, index); }
    Ring ring(const RingPlan& plan) { return queue.ring(series, plan); }
    const RingPlan& ring_plan(std::size_t index) const { return series.plan->rings[index]; }
    /// Where `ts` lies in rings of this width; worked out once a part.
    const RingPlace& place(const RingPlan& plan, SourceTime ts) { return detector_.place(plan, ts); }

    /// A value outside the band, or unknown (NaN): the alert moves. `evidence`: the numbers behind it, for people.
    void observe(double value, SourceTime ts, std::string_view evidence = {}) {
        detector_.observe({id_, s_, index_}, value, ts, now, evidence);
    }
    /// The same from what was worked out per sample: `value` is shown as of now, and a band that holds it settles it. `evidence`
    /// makes the text, only when it is needed.
    template <typename Evidence>
    void judge(double value, SourceTime ts, Evidence evidence) {
        detector_.keep_value(bound(), value);
        if (bound().band.contains(value) || (std::isnan(value) && resting())) {
            return;
        }
        observe(value, ts, std::isnan(value) ? std::string() : evidence());
    }
    void set_known(bool known) { detector_.set_known(bound(), known); }
    /// due() of the kind is called then.
    void call_at(EngineTime when) { detector_.timers_.set(when, TimerKind::kind, id_, index_); }

    /// We were away until then; {} = never.
    EngineTime recovered() const { return detector_.recovered_; }
    StaffingBoard& board() { return detector_.board_; }
    /// An incident is open for this queue: nothing of it is learned.
    bool incident_open() const { return detector_.incident_open_ && detector_.incident_open_(key(), queue.group); }
    bool only_learn() const { return detector_.only_learn_; }

private:
    const BoundRule* plan_ = nullptr;
    std::uint32_t id_;
    std::uint16_t s_;
    std::uint16_t index_ = 0;
    Detector& detector_;
};

}  // namespace surged
