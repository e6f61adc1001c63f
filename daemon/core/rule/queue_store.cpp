#include "core/rule/queue_store.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "core/base/check.hpp"
#include "core/base/room.hpp"
#include "core/rule/kinds.hpp"

namespace surged {

namespace {
/// Rings of one shape lie side by side; their columns follow the order of the series.
class RingColumns {
public:
    explicit RingColumns(const std::vector<const MetricPlan*>& plans) {
        for (const auto* plan : plans) {
            for (const auto& ring : plan->rings) {
                auto group = std::ranges::find(groups_, ring.shape, &RingGroup::shape);
                if (group == groups_.end()) {
                    group = groups_.insert(groups_.end(), {ring.shape, ring.width_ms, ring.clock, 0, 0});
                }
                group->row_bytes += static_cast<std::uint32_t>(cell_bytes(ring.shape.kind));
            }
        }
        for (auto& group : groups_) {
            group.base = bytes_;
            bytes_ += static_cast<std::uint32_t>(group.bytes());
        }
        placed_.resize(groups_.size(), 0);
    }
    const std::vector<RingGroup>& groups() const { return groups_; }
    std::size_t bytes() const { return bytes_; }

    /// Makes the empty rings of the next series; `heads`: where their heads begin.
    void place(const MetricPlan& plan, std::byte* heads, std::byte* cells) {
        for (const auto& ring : plan.rings) {
            const auto kind = ring.shape.kind;
            const auto at = static_cast<std::size_t>(std::ranges::find(groups_, ring.shape, &RingGroup::shape) - groups_.begin());
            const auto from = groups_[at].base + placed_[at]++ * static_cast<std::uint32_t>(cell_bytes(kind));
            auto* head = kind == RingKind::mean ? new (heads + ring.offset) MeanHead(kind, from, groups_[at].row_bytes)
                                                : new (heads + ring.offset) RingHead(kind, from, groups_[at].row_bytes);
            Ring(*head, cells).reset();
        }
    }

private:
    std::vector<RingGroup> groups_;
    std::vector<std::uint32_t> placed_;  ///< rings of each group that have their column
    std::uint32_t bytes_ = 0;
};

/// What the windows of a series hold, and what its rules keep, goes to where it now lies.
void keep_windows(const Queue& queue, const Series& old, std::byte* heads, std::byte* cells) {
    for (const auto& ring : old.plan->rings) {
        Ring(*reinterpret_cast<RingHead*>(heads + ring.offset), cells).copy_from(queue.ring(old, ring));
    }
    for (const auto& rule : old.plan->rules) {
        std::copy_n(queue.rings + old.rings + rule.state, rule.state_bytes, heads + rule.state);
    }
}
}  // namespace

std::size_t Queue::find(std::uint32_t metric) const {
    std::size_t i = 0;
    while (i < series_count && series[i].plan->metric != metric) {
        ++i;
    }
    return i;
}

bool Cadence::hear(EngineTime now, Span round) {
    const bool first = begun == engine_never;
    if (!first && now - begun < round) {
        return false;
    }
    const auto interval = first || now < begun ? Span{0} : std::min<Span>(now - begun, most);
    begun = now;
    if (interval.count() == 0) {
        return false;
    }
    ms[next] = static_cast<std::uint32_t>(interval.count());
    next = static_cast<std::uint8_t>((next + 1U) % kept);
    return true;
}

Span Cadence::silence() const {
    auto sorted = ms;
    std::sort(sorted.begin(), sorted.end());
    const auto seen = static_cast<std::size_t>(std::count_if(ms.begin(), ms.end(), [](std::uint32_t x) { return x > 0; }));
    constexpr std::size_t habit = 3;  // fewer make none: one of them may be an outage
    if (seen < habit) {
        return Span{0};
    }
    return std::min<Span>(3 * Span{sorted[kept - seen + (seen - 1) / 2]}, most);
}

void Queue::heard(EngineTime now) {
    constexpr Span round_max{2000};
    last = now;
    if (learns_cadence && cadence.hear(now, std::min<Span>(round_max, stale_least / 3))) {
        set_stale_after();
    }
}

QueueStore::QueueStore(const DetectionPlan& plan) : plan_(plan), binder_(plan, metrics_), bound_of_rule_(plan.rules.size(), 0) {
    for (const auto& expect : plan_.expects) {
        expects_[{expect.centre, expect.queue, expect.channel}] = &expect;
        if (!expect.zone.empty()) {
            centre_zones_.emplace(expect.centre, expect.zone);
        }
    }
}

std::size_t Queue::series_of(std::size_t bound) const {
    std::size_t s = 0;
    while (s + 1 < series_count && series[s + 1].bounds <= bound) {
        ++s;
    }
    return s;
}

std::uint32_t QueueStore::add(QueueKey key) {
    Queue queue;
    queue.stale_after = plan_.stale_after;
    if (const auto expect = expects_.find(key); expect != expects_.end()) {
        queue.expected = true;
        queue.group = expect->second->group;
        constexpr Span usual{5000};
        const auto every = expect->second->every;
        queue.learns_cadence = every.count() == 0;
        queue.stale_after = std::max(plan_.stale_after, 3 * (queue.learns_cadence ? usual : every));
    } else if (key.queue.size() > 1 && key.queue.front() == '*') {
        queue.group = key.queue.substr(1);  // what stands for a group of queues belongs to it
    }
    queue.stale_least = queue.stale_after;
    queue.cls = &binder_.classify(key, queue.group);
    const auto id = names_.add(std::move(key));
    queue.next = id;
    const bool feed_rules = queue.cls->feed_rules;
    make_room(queues_, 1);
    queues_.push_back(std::move(queue));
    ++generation_;
    if (feed_rules) {
        const std::uint32_t feed = binder_.feed_metric();
        grow(id, {&feed, 1});
    }
    return id;
}

std::vector<QueueStore::Laid> QueueStore::laid(const Queue& queue) const {
    std::vector<Laid> out;
    for (const auto& series : queue.all_series()) {
        out.push_back({series.plan->metric, series.derived != 0});
    }
    return out;
}

/// Every derive that these series complete follows them.
void QueueStore::add_derived(const Queue& queue, std::vector<Laid>& series) const {
    const auto has = [&](std::uint32_t metric) { return std::ranges::find(series, metric, &Laid::metric) != series.end(); };
    for (const auto index : queue.cls->derives) {
        const auto& derive = binder_.derive(index);
        const bool complete =
            std::all_of(derive.inputs.begin(), derive.inputs.end(),
                        [&](const InputPlan& input) { return !input.needed || has(input.metric); }) &&
            std::any_of(derive.inputs.begin(), derive.inputs.end(), [&](const InputPlan& input) { return has(input.metric); });
        if (complete && !has(derive.metric)) {
            series.push_back({derive.metric, true});
        }
    }
}

void QueueStore::grow(std::uint32_t id, std::span<const std::uint32_t> added) {
    auto series = laid(queues_[id]);
    for (const auto metric : added) {
        series.push_back({metric, false});
    }
    add_derived(queues_[id], series);
    take_layout(id, series);
}

void QueueStore::grow_each(std::uint32_t id, std::span<const std::uint32_t> added, std::size_t limit) {
    auto series = laid(queues_[id]);
    const auto before = series.size();
    for (const auto metric : added) {
        const bool there = std::ranges::find(series, metric, &Laid::metric) != series.end();
        if (!there && series_count() + series.size() - before < limit) {
            series.push_back({metric, false});
            add_derived(queues_[id], series);
        }
    }
    if (series.size() > before) {
        take_layout(id, series);
    }
}

void QueueStore::take_layout(std::uint32_t id, const std::vector<Laid>& series) {
    auto& queue = queues_[id];
    auto groups = lay_out(queue, names_.key(id), series);
    connect_derives(queue);
    queue.layout = shared({std::move(groups), find_staffing(queue)});
    ++generation_;
    compact_values();
}

/// A feeder that names its metrics one by one must not leave the flat array full of holes: at most half of it is.
void QueueStore::compact_values() {
    constexpr std::size_t slack = 4096;
    if (values_.size() <= 2 * series_count_ + slack) {
        return;
    }
    std::vector<double> packed;
    packed.reserve(series_count_ + slack);
    for (auto& queue : queues_) {
        const auto* first = values_.data() + queue.value_first;
        queue.value_first = static_cast<std::uint32_t>(packed.size());
        packed.insert(packed.end(), first, first + queue.series_count);
    }
    values_ = std::move(packed);
}

QueueMemory queue_memory(std::size_t bytes) {
    auto* memory = static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{64}));
    std::memset(memory, 0, bytes);
    return QueueMemory(memory);
}

/// Values move to the end of the flat array; the old places stay as unknown until they are packed.
void QueueStore::move_values(Queue& queue, std::size_t count) {
    const auto first = static_cast<std::uint32_t>(values_.size());
    make_room(values_, count);
    values_.resize(values_.size() + count, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < queue.series_count; ++i) {
        values_[first + i] = values_[queue.value_first + i];
        values_[queue.value_first + i] = std::numeric_limits<double>::quiet_NaN();
    }
    queue.value_first = first;
}

/// New memory for the queue: old series first and in their order, rings and bound rules copied as they are.
std::vector<RingGroup> QueueStore::lay_out(Queue& queue, const QueueKey& key, const std::vector<Laid>& metrics) {
    SURGED_CHECK(metrics.size() <= std::numeric_limits<std::uint16_t>::max());
    std::vector<const MetricPlan*> plans;
    std::size_t bounds = 0;
    std::size_t heads_bytes = 0;
    for (const auto& one : metrics) {
        plans.push_back(&binder_.plan_of(*queue.cls, one.metric));
        bounds += plans.back()->rules.size();
        heads_bytes += plans.back()->ring_bytes;
    }
    RingColumns columns(plans);
    SURGED_CHECK(bounds <= std::numeric_limits<std::uint16_t>::max());
    const auto series_bytes = metrics.size() * sizeof(Series);
    const auto bound_bytes = bounds * sizeof(Bound);
    auto memory = queue_memory(series_bytes + bound_bytes + heads_bytes + columns.bytes());
    auto* series = reinterpret_cast<Series*>(memory.get());
    auto* bound = reinterpret_cast<Bound*>(memory.get() + series_bytes);
    auto* rings = memory.get() + series_bytes + bound_bytes;
    auto* cells = rings + heads_bytes;
    std::uint16_t next_bound = 0;
    std::uint32_t next_ring = 0;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const auto& plan = *plans[i];
        auto* made = new (series + i) Series;
        columns.place(plan, rings + next_ring, cells);
        for (std::size_t b = 0; b < plan.rules.size(); ++b) {
            new (bound + next_bound + b) Bound;
        }
        if (i < queue.series_count) {
            const auto& old = queue.series[i];
            *made = old;
            std::copy_n(queue.bounds + old.bounds, plan.rules.size(), bound + next_bound);
            keep_windows(queue, old, rings + next_ring, cells);
        } else {
            made->plan = &plan;
            made->derived = metrics[i].derived ? 1 : 0;
            if (plan.thresholds == 0) {
                constexpr double infinity = std::numeric_limits<double>::infinity();
                made->band = {-infinity, infinity};
            }
            ++series_count_;
            feed_count_ += metrics[i].metric == binder_.feed_metric() ? 1U : 0U;
            bound_count_ += plan.rules.size();
            for (std::size_t b = 0; b < plan.rules.size(); ++b) {
                ++bound_of_rule_[plan.rules[b].rule];
                if (plan.rules[b].row->learns) {
                    bind_baseline(queue, bound[next_bound + b], plan_.rules[plan.rules[b].rule], key);
                }
            }
        }
        made->bounds = next_bound;
        made->rings = next_ring;
        next_bound = static_cast<std::uint16_t>(next_bound + plan.rules.size());
        next_ring += plan.ring_bytes;
    }
    move_values(queue, metrics.size());
    queue.series_count = static_cast<std::uint16_t>(metrics.size());
    queue.bound_count = next_bound;
    queue.memory = std::move(memory);
    queue.series = series;
    queue.bounds = bound;
    queue.rings = rings;
    queue.cells = cells;
    queue.rings_bytes = static_cast<std::uint32_t>(heads_bytes);
    return columns.groups();
}

/// Feeders name the metrics of all queues in one order, so few layouts are many queues'. One that is not among the last few is made again.
std::shared_ptr<const QueueLayout> QueueStore::shared(QueueLayout layout) {
    constexpr std::size_t remembered = 16;
    const auto known = std::ranges::find_if(layouts_, [&](const auto& one) { return *one == layout; });
    if (known != layouts_.end()) {
        return *known;
    }
    layout.groups.shrink_to_fit();
    auto made = std::make_shared<const QueueLayout>(std::move(layout));
    if (layouts_.size() < remembered) {
        layouts_.push_back(made);
    } else {
        layouts_[next_layout_++ % remembered] = made;
    }
    return made;
}

const Zone& QueueStore::zone_of(const RuleSpec& rule, const QueueKey& key) const {
    static const Zone utc;
    std::string_view name = plan_.timezone;
    if (!rule.zone.empty()) {
        name = rule.zone;
    } else if (const auto expect = expects_.find(key); expect != expects_.end() && !expect->second->zone.empty()) {
        name = expect->second->zone;
    } else if (const auto centre = centre_zones_.find(key.centre); centre != centre_zones_.end()) {
        name = centre->second;
    }
    const auto zone = plan_.zones.find(std::string(name));
    return zone != plan_.zones.end() ? zone->second : utc;
}

const CalendarSpec* QueueStore::calendar_of(const RuleSpec& rule) const {
    const auto found = std::ranges::find(plan_.calendars, rule.calendar, &CalendarSpec::id);
    return found != plan_.calendars.end() ? &*found : nullptr;
}

void QueueStore::give_baseline(std::uint32_t id, std::size_t number, const RuleSpec& rule) {
    queues_[id].baselines[number] = std::make_shared<Baseline>(rule, zone_of(rule, names_.key(id)), calendar_of(rule));
}

void QueueStore::bind_baseline(Queue& queue, Bound& bound, const RuleSpec& rule, const QueueKey& key) {
    bound.baseline = static_cast<std::uint16_t>(queue.baselines.size());
    if (leave_baselines_) {
        queue.baselines.push_back(nullptr);
        return;
    }
    queue.baselines.push_back(std::make_shared<Baseline>(rule, zone_of(rule, key), calendar_of(rule)));
    if (const auto learned = shelf_.find({key, rule.profile}); learned != shelf_.end()) {
        if (learned->second.zone == queue.baselines.back()->zone().name() && learned->second.days > 0) {
            queue.baselines.back()->adopt(learned->second.bytes);
        }
        const auto sharing =
            std::count_if(plan_.rules.begin(), plan_.rules.end(), [&](const RuleSpec& r) { return r.profile == rule.profile; });
        if (sharing == 1) {
            shelf_.erase(learned);  // it has come to where it belongs
        }
    }
}

void QueueStore::connect_derives(Queue& queue) {
    queue.derives.clear();
    for (const auto index : queue.cls->derives) {
        const auto& derive = binder_.derive(index);
        const auto out = queue.find(derive.metric);
        if (out == queue.series_count) {
            continue;
        }
        // The result may be there before its inputs: an alert on it was open when the windows were lost or the formula was edited.
        // Then it is unknown until they come.
        DeriveSlot slot{index, static_cast<std::uint16_t>(out), true, {}};
        for (const auto& input : derive.inputs) {
            const auto from = queue.find(input.metric);
            const bool there = from < queue.series_count;
            slot.complete = slot.complete && (there || !input.needed);
            const auto ring =
                there && input.shape.length.count() > 0 ? queue.series[from].plan->ring_index(input.shape) : std::uint8_t{0};
            slot.inputs.emplace_back(there ? static_cast<std::uint16_t>(from) : DeriveSlot::absent, ring);
        }
        // Until then a feeder may send it under this name; from then on the formula alone is believed.
        queue.series[out].derived = queue.series[out].derived != 0 || slot.complete ? 1 : 0;
        queue.derives.push_back(std::move(slot));
    }
}

StaffingPlaces QueueStore::find_staffing(const Queue& queue) const {
    if (queue.cls->staffing.empty()) {
        return {};
    }
    const auto aht_window = plan_.rules[queue.cls->staffing.front().first].staffing.aht_window;
    const auto place = [&](std::uint32_t metric, RingShape shape = {}) {
        const auto at = queue.find(metric);
        if (at == queue.series_count) {
            return StaffingPlace{};
        }
        const auto& rings = queue.series[at].plan->rings;
        const auto found = std::ranges::find(rings, shape, &RingPlan::shape);
        return StaffingPlace{static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(found != rings.end() ? found - rings.begin() : 0)};
    };
    const RingShape handling{RingKind::counter, aht_window};
    const RingShape patience{RingKind::counter, staffing_patience_window};
    const auto& m = binder_.staffing();
    return {place(m.handled, handling),
            place(m.answered, handling),
            place(m.talk, handling),
            place(m.acw, handling),
            place(m.abandoned, patience),
            place(m.wait_answered, patience),
            place(m.wait_abandoned, patience),
            place(m.staffed),
            place(m.available),
            place(m.ringing),
            place(m.on_call, {RingKind::mean, aht_window}),
            place(m.wrapup),
            place(m.aux),
            place(m.planned),
                      place(m.waiting)};
}

}  // namespace surged
