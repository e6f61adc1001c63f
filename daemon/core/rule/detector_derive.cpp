// Derived metrics: formulas over one queue at each of its parts, and over many queues once a message is through.
//
// A group (a centre, or all) with few members is folded after each message that touched it; a large one at most five times a
// second, so that its cost does not grow with the number of messages. Silent members keep their last values: missing data never
// lowers a sum (D1).
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/not_known.hpp"
#include "core/rule/detector.hpp"

namespace surged {

namespace {
constexpr std::size_t small_group = 64;
constexpr Span large_group_pause{200};
constexpr std::size_t inputs_max = 128;  // formula and guard, 64 each
constexpr std::size_t aggregates_max = 32;
}  // namespace

namespace {
/// The first needed input that its feeder no longer sends. A metric with a default() goes on without it.
std::uint16_t silent_input(const Queue& queue, const DeriveSlot& slot, const DerivePlan& plan) {
    for (std::size_t i = 0; i < slot.inputs.size(); ++i) {
        const auto from = slot.inputs[i].first;
        if (from != DeriveSlot::absent && plan.inputs[i].needed && queue.series[from].pace.silent()) {
            return from;
        }
    }
    return DeriveSlot::absent;
}
}  // namespace

double input_value(const InputPlan& plan, double last, Ring ring, std::int64_t width_ms, const RingPlace& here, SourceTime ts) {
    switch (plan.function) {
        case InputFunction::last: return last;
        case InputFunction::increase: return ring.sum(here);
        case InputFunction::rate: {
            const auto covered = seconds(Span{ring.covered_ms(width_ms, ts)});
            return covered > 0 ? ring.sum(here) / std::min(covered, plan.window_s) : not_known;
        }
        case InputFunction::avg: return ring.mean(here);
        case InputFunction::min: return ring.minimum(here);
        case InputFunction::max: return ring.maximum(here);
        case InputFunction::delta: return last - ring.oldest(here);
    }
    return not_known;
}

double Detector::input(Queue& queue, const InputPlan& plan, std::size_t index, std::size_t ring_index, SourceTime ts) {
    auto& series = queue.series[index];
    if (plan.function == InputFunction::last) {
        return store_.value(queue, index);
    }
    if (!series.reading.started) {
        return not_known;
    }
    const auto& ring = series.plan->rings[ring_index];
    const auto as_of = input_time(series, ts);
    return input_value(plan, store_.value(queue, index), queue.ring(series, ring_index), ring.width_ms, place(ring, as_of), as_of);
}

void Detector::derive(std::uint32_t id, SourceTime ts, Stamp now) {
    std::array<double, inputs_max> inputs{};
    for (std::size_t d = 0; d < store_[id].derives.size(); ++d) {
        auto& queue = store_[id];
        const auto& slot = queue.derives[d];
        const auto& derived = store_.binder().derive(slot.derive);
        const auto& spec = plan_.derives[slot.derive];
        if (!slot.complete && queue.series[slot.out].reading.started) {
            continue;  // a feeder sends it
        }
        if (const auto missing = silent_input(queue, slot, derived); missing != DeriveSlot::absent) {
            auto& out = queue.series[slot.out];
            if (!out.pace.silent()) {
                out.reading.ts = std::min(out.reading.ts, queue.series[missing].reading.ts);
                hush(id, slot.out, now, store_.metrics().name(queue.series[missing].plan->metric));
            }
            continue;
        }
        if (queue.series[slot.out].pace.silent()) {
            speak(id, slot.out, now);
        }
        for (std::size_t i = 0; i < slot.inputs.size(); ++i) {
            const auto [from, ring] = slot.inputs[i];
            inputs[i] = from == DeriveSlot::absent ? not_known : input(queue, derived.inputs[i], from, ring, ts);
        }
        const std::span<const double> all(inputs.data(), slot.inputs.size());
        double value = spec.formula.evaluate(all.first(derived.formula_inputs));
        if (spec.when) {
            const double guard = spec.when->evaluate(all.subspan(derived.formula_inputs));
            value = std::isnan(guard) || guard == 0 ? not_known : value;
        }
        const Sample sample{id, slot.out, value, ts};
        auto& series = queue.series[slot.out];
        if (std::isnan(value)) {
            store_.value(queue, slot.out) = not_known;
            if (series.plan->learners != 0) {
                gauge_learners(sample, now);
            }
            evaluate(queue, sample, now);
        } else {
            take_gauge(queue, sample, now);
        }
        series.reading.ts = ts;
    }
}

/// Finds (or makes) the groups this queue belongs to and notes that they must be folded.
void Detector::mark_groups(std::uint32_t id, Stamp now) {
    // By index each time: making a group's queue moves both tables.
    const auto& members = store_[id].cls->members;
    while (groups_of_[id].size() < members.size()) {
        const auto derive_index = members[groups_of_[id].size()];
        const auto& spec = plan_.derives[derive_index];
        const auto key = store_.key(id);
        const bool grouped = spec.by == GroupBy::group;
        const QueueKey group_key{spec.by == GroupBy::all ? "*" : key.centre, grouped ? "*" + store_[id].group : "*", key.channel};
        auto group_queue = store_.find(group_key.centre, group_key.queue, group_key.channel);
        if (group_queue == no_id) {
            group_queue = add_queue(group_key, now.at);
        }
        const auto metric = store_.binder().derive(derive_index).metric;
        if (store_[group_queue].find(metric) == store_[group_queue].series_count) {
            store_.grow(group_queue, {&metric, 1});
        }
        auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const Group& g) { return g.derive == derive_index && g.queue == group_queue; });
        if (found == groups_.end()) {
            groups_.emplace_back();
            found = std::prev(groups_.end());
            found->derive = derive_index;
            found->queue = group_queue;
        }
        found->members.push_back(id);
        found->generation = 0;
        groups_of_[id].push_back(static_cast<std::uint32_t>(found - groups_.begin()));
    }
    for (const auto index : groups_of_[id]) {
        auto& group = groups_[index];
        group.ts = std::max(group.ts, store_[id].ts);
        if (!group.dirty) {
            group.dirty = true;
            dirty_groups_.push_back(index);
        }
    }
}

void Detector::flush_groups(Stamp now) {
    for (std::size_t i = 0; i < dirty_groups_.size(); ++i) {
        const auto index = dirty_groups_[i];
        auto& group = groups_[index];
        group.dirty = false;
        if (group.members.size() <= small_group) {
            derive_group(index, now);
        } else if (!group.timed) {
            group.timed = true;
            timers_.set(now.at + large_group_pause, TimerKind::group, index);
        }
    }
    dirty_groups_.clear();
}

/// Where the inputs of each member stand: found anew when a queue was laid out since.
void Detector::find_inputs(Group& group) {
    const auto& derived = store_.binder().derive(group.derive);
    group.inputs.assign(group.members.size(), {});
    for (std::size_t m = 0; m < group.members.size(); ++m) {
        const auto& queue = store_[group.members[m]];
        for (const auto& input : derived.inputs) {
            const auto at = queue.find(input.metric);
            const bool there = at < queue.series_count;
            const auto ring =
                there && input.shape.length.count() > 0 ? queue.series[at].plan->ring_index(input.shape) : std::uint8_t{0};
            group.inputs[m].emplace_back(static_cast<std::uint16_t>(at), ring);
        }
    }
    group.out = static_cast<std::uint16_t>(store_[group.queue].find(derived.metric));
    group.generation = store_.generation();
}

/// The value of a group now. `fresh`: one member at least sends all that is needed; `missing`: else a metric that is not sent.
Detector::GroupValue Detector::value_of(const Group& group) {
    const auto& derived = store_.binder().derive(group.derive);
    const auto& spec = plan_.derives[group.derive];
    std::array<AggregateCell, aggregates_max> cells{};
    std::array<double, inputs_max> inputs{};
    const std::span formula_cells(cells.data(), spec.formula.aggregates());
    const std::span guard_cells(cells.data() + spec.formula.aggregates(), spec.when ? spec.when->aggregates() : 0);
    spec.formula.begin(formula_cells);
    if (spec.when) {
        spec.when->begin(guard_cells);
    }
    GroupValue out;
    for (std::size_t m = 0; m < group.members.size(); ++m) {
        auto& queue = store_[group.members[m]];
        bool whole = !queue.stale;
        for (std::size_t i = 0; i < derived.inputs.size(); ++i) {
            const auto [series, ring] = group.inputs[m][i];
            const bool there = series < queue.series_count;
            const bool silent = there && queue.series[series].pace.silent();
            const bool last = derived.inputs[i].function == InputFunction::last;
            inputs[i] = !there           ? not_known
                        : silent && last ? store_.last_known(queue, series)
                                         : input(queue, derived.inputs[i], series, ring, queue.ts);
            whole = whole && (there || !derived.inputs[i].needed);
            if (silent && derived.inputs[i].needed) {
                whole = false;
                out.missing = derived.inputs[i].metric;
            }
        }
        out.fresh = out.fresh || whole;
        const std::span<const double> all(inputs.data(), derived.inputs.size());
        spec.formula.add_member(all.first(derived.formula_inputs), formula_cells);
        if (spec.when) {
            spec.when->add_member(all.subspan(derived.formula_inputs), guard_cells);
        }
    }
    out.value = spec.formula.finish(formula_cells);
    if (spec.when) {
        const double guard = spec.when->finish(guard_cells);
        out.value = std::isnan(guard) || guard == 0 ? not_known : out.value;
    }
    return out;
}

void Detector::derive_group(std::uint32_t index, Stamp now) {
    auto& group = groups_[index];
    if (group.generation != store_.generation()) {
        find_inputs(group);
    }
    const auto [value, fresh, missing] = value_of(group);
    touch(group.queue);
    auto& queue = store_[group.queue];
    queue.heard(now.at);
    queue.ts = std::max(queue.ts, group.ts);
    if (!queue.seen || queue.stale) {
        wake(group.queue, now);
    }
    const bool silent = store_[group.queue].series[group.out].pace.silent();
    const Sample sample{group.queue, group.out, value, group.ts};
    if (!fresh && missing != no_id) {
        if (!silent) {
            hush(group.queue, group.out, now, store_.metrics().name(missing));
        }
    } else {
        if (silent) {
            speak(group.queue, group.out, now);
        }
        if (std::isnan(value)) {
            store_.value(store_[group.queue], group.out) = not_known;
            evaluate(store_[group.queue], sample, now);
        } else {
            take_gauge(store_[group.queue], sample, now);
        }
    }
    if (!store_[group.queue].derives.empty()) {
        derive(group.queue, group.ts, now);
    }
}

}  // namespace surged
