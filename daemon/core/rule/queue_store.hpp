// All queues and their series in memory, laid out for the hot path: everything a queue's rules touch lies together.
//
// One allocation a queue holds its series (one cache line each), its bound rules, what these keep and the heads of its rings, and then the
// rings' cells, a row of all series for each moment (core/series/ring.hpp). The last values of all series lie
// apart in one array, so that a scrape copies them with one memcpy and never walks the queues. A queue is laid out anew when a
// metric is seen for the first time; after that nothing here allocates.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "core/rule/baseline.hpp"
#include "core/rule/binding.hpp"
#include "core/rule/learned_profile.hpp"
#include "core/rule/latch.hpp"
#include "core/rule/pace.hpp"
#include "core/series/counter.hpp"
#include "core/series/name_table.hpp"
#include "core/series/ring.hpp"

namespace surged {

/// One series of one queue: a cache line. `reading` is the counter's position; of a gauge its time is used, and `last` while it is
/// silent: what was known last.
struct Series {
    QuietBand band{1, 0};  ///< where no threshold rule of the series can change; empty at first
    CounterState reading;
    const MetricPlan* plan = nullptr;
    std::uint32_t rings = 0;   ///< byte offset of the heads of its rings, and of what its rules keep, in the queue's
    std::uint16_t bounds = 0;  ///< index of its first bound rule
    std::uint8_t derived : 1 = 0;
    std::uint8_t falls : 7 = 0;  ///< of a counter inside an epoch: four for each, one less for each rise
    SeriesPace pace;
};
static_assert(sizeof(Series) == 64);

/// One rule on one queue while nothing happens. What is happening is in ActiveAlert.
struct Bound {
    NarrowBand band = QuietBand{1, 0};  ///< threshold, rate_of_change: empty until the first value
    EngineTime last_rise{};        ///< absence: when the counter last rose, or the feed last spoke
    std::uint32_t active = no_id;  ///< index of its ActiveAlert; no_id = ok or unknown
    bool known = false;            ///< a value has been seen: ok rather than unknown
    bool armed = false;            ///< absence: a check is set; rate_of_change: a gap lies in its windows, or begins
    std::uint16_t baseline = 0;    ///< baseline: number in Queue::baselines
};
static_assert(sizeof(Bound) == 24);

/// A derive found in a queue: where its result goes and where its inputs are.
struct DeriveSlot {
    static constexpr std::uint16_t absent = 0xFFFF;  ///< place of an input that the queue has not sent
    std::uint32_t derive = 0;
    std::uint16_t out = 0;
    bool complete = true;                                        ///< every input that is needed is there
    std::vector<std::pair<std::uint16_t, std::uint8_t>> inputs;  ///< (series, ring)
};

/// Where a queue has one of the series that staffing is worked out from.
struct StaffingPlace {
    static constexpr std::uint16_t none = 0xFFFF;
    std::uint16_t series = none;
    std::uint16_t ring = 0;  ///< of its rings, the one that the first such rule of the queue needs (meaningless where it needs none)
    bool operator==(const StaffingPlace&) const = default;
};

/// Looked up when a series is added, not at every look.
struct StaffingPlaces {
    StaffingPlace handled, answered, talk, acw, abandoned, wait_answered, wait_abandoned;
    StaffingPlace staffed, available, ringing, on_call, wrapup, aux, planned, waiting;
    bool operator==(const StaffingPlaces&) const = default;
};

/// What queues with the same metrics in the same order have in common: one for all of them, so that it stays in the cache.
struct QueueLayout {
    std::vector<RingGroup> groups;  ///< how the cells lie
    StaffingPlaces staffing{};
    bool operator==(const QueueLayout&) const = default;
};

/// What one input of a formula is worth at `ts`: of its window in `ring` (which rolls), or the `last` value.
double input_value(const InputPlan& input, double last, Ring ring, std::int64_t width_ms, const RingPlace& here, SourceTime ts);

/// The time as of which windows of a series are read at `ts`: of a silent one, its last reading. A window that slid on would fall to
/// nothing.
inline SourceTime input_time(const Series& series, SourceTime ts) {
    return series.pace.silent() ? series.reading.ts : ts;
}

/// How often a queue is heard, learned where no [[expect]] says it: a feed of one message a minute is not silent for half of each.
class Cadence {
public:
    static constexpr std::size_t kept = 5;
    static constexpr Span most{900000};  ///< no feed is slower, as far as silence is judged

    /// A message came. Those that follow within `round` belong to it: several feeders may speak of one queue. True when an
    /// interval was learned.
    bool hear(EngineTime now, Span round);
    /// Three times the median of the last intervals, at most `most`; 0 = too few were seen.
    Span silence() const;

    std::array<std::uint32_t, kept> ms{};  ///< last intervals; 0 = none yet
    std::uint8_t next = 0;                 ///< the place of the next
    EngineTime begun = engine_never;       ///< of the running round; engine_never = nothing came yet
};

/// All zero at first; begins with a cache line, so that each series is one.
struct QueueMemoryEnd {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{64}); }
};
using QueueMemory = std::unique_ptr<std::byte[], QueueMemoryEnd>;
QueueMemory queue_memory(std::size_t bytes);

struct Queue {
    QueueClass* cls = nullptr;
    EngineTime last{};  ///< arrival of its last part
    SourceTime ts{};    ///< newest source time
    Span stale_after{30000};
    Span stale_least{30000};  ///< what is configured; a learned cadence only lengthens it
    Cadence cadence{};
    EngineTime staffed{};    ///< staffing is looked at again at this time
    EngineTime listened{};   ///< ... and who of its metrics is silent, at this
    std::uint32_t next = 0;  ///< the queue that followed last time: feeders repeat their order
    std::uint32_t value_first = 0;
    std::uint16_t series_count = 0;
    std::uint16_t bound_count = 0;
    std::uint16_t active = 0;  ///< alerts that are not idle
    bool stale = false;
    bool seen = false;  ///< something came (since the start or before a restart)
    bool met = false;   ///< something came since the start: its metrics have had their time
    bool expected = false;
    bool learns_cadence = true;  ///< no [[expect]] says how often it speaks
    QueueMemory memory;
    Series* series = nullptr;
    Bound* bounds = nullptr;
    std::byte* rings = nullptr;          ///< heads of rings, and what rules keep
    std::byte* cells = nullptr;          ///< of all rings
    std::uint32_t rings_bytes = 0;
    std::shared_ptr<const QueueLayout> layout;  ///< null until it has a series
    std::vector<DeriveSlot> derives;
    std::vector<std::shared_ptr<Baseline>> baselines;  ///< one for each bound rule of that kind, apart from `memory`; shared with the detector it goes over to
    std::string group;  ///< last: no sample reads it

    std::span<Series> all_series() { return {series, series_count}; }
    std::span<const Series> all_series() const { return {series, series_count}; }
    std::span<const RingGroup> ring_groups() const { return layout ? std::span<const RingGroup>(layout->groups) : std::span<const RingGroup>(); }
    Ring ring(const Series& s, std::size_t index) const { return ring(s, s.plan->rings[index]); }
    Ring ring(const Series& s, const RingPlan& plan) const {
        return {*reinterpret_cast<RingHead*>(rings + s.rings + plan.offset), cells};
    }
    /// Index of the series of this metric, or the number of series when there is none.
    std::size_t find(std::uint32_t metric) const;
    /// Index of the series that the bound rule belongs to; precondition: bound < bound_count.
    std::size_t series_of(std::size_t bound) const;
    /// A message of it came at `now`.
    void heard(EngineTime now);
    void set_stale_after() { stale_after = std::max(stale_least, learns_cadence ? cadence.silence() : Span{0}); }
};

class QueueStore {
public:
    QueueStore(const DetectionPlan& plan);

    std::uint32_t find(std::string_view centre, std::string_view queue, std::string_view channel) const {
        return names_.find(centre, queue, channel);
    }
    /// Precondition: not there yet.
    std::uint32_t add(QueueKey key);
    /// Adds series for `metrics` (each not there yet) and for every derive that they complete. Keeps what is there.
    void grow(std::uint32_t queue, std::span<const std::uint32_t> metrics);
    /// The same for one metric after the other, as far as there are fewer than `limit` series; what is there already is passed over. The
    /// queue is laid out once.
    void grow_each(std::uint32_t queue, std::span<const std::uint32_t> metrics, std::size_t limit);

    Queue& operator[](std::uint32_t queue) { return queues_[queue]; }
    const Queue& operator[](std::uint32_t queue) const { return queues_[queue]; }
    const QueueKey& key(std::uint32_t queue) const { return names_.key(queue); }
    std::size_t size() const { return queues_.size(); }
    bool is(std::uint32_t queue, std::string_view centre, std::string_view name, std::string_view channel) const {
        return names_.is(queue, centre, name, channel);
    }

    double& value(const Queue& queue, std::size_t series) { return values_[queue.value_first + series]; }
    double value(const Queue& queue, std::size_t series) const { return values_[queue.value_first + series]; }
    /// The value, or of a silent series the last that was known.
    double last_known(const Queue& queue, std::size_t series) const {
        return queue.series[series].pace.silent() ? queue.series[series].reading.last : value(queue, series);
    }
    const std::vector<double>& values() const { return values_; }
    std::uint64_t generation() const { return generation_; }
    /// Without the places where the silence of feeds is judged: they hold no value of anybody's.
    std::size_t series_count() const { return series_count_ - feed_count_; }
    std::size_t bound_count() const { return bound_count_; }
    /// Queues each rule is bound to, by rule index.
    const std::vector<std::uint64_t>& bound_of_rule() const { return bound_of_rule_; }

    /// Profiles learned from history that wait for their queue to be bound.
    ProfileShelf& shelf() { return shelf_; }
    const ProfileShelf& shelf() const { return shelf_; }
    /// From now on bound rules that learn get no profile of their own: give_baseline() follows, or one of another store is put there.
    void leave_baselines(bool leave) { leave_baselines_ = leave; }
    void give_baseline(std::uint32_t queue, std::size_t number, const RuleSpec& rule);
    const CalendarSpec* calendar_of(const RuleSpec& rule) const;
    /// The zone whose days a rule goes by on this queue: the rule's, the queue's, its centre's, else the default.
    const Zone& zone_of(const RuleSpec& rule, const QueueKey& key) const;

    MetricNames& metrics() { return metrics_; }
    const MetricNames& metrics() const { return metrics_; }
    Binder& binder() { return binder_; }
    const Binder& binder() const { return binder_; }

private:
    struct Laid {
        std::uint32_t metric = 0;
        bool derived = false;
    };
    std::vector<Laid> laid(const Queue& queue) const;
    void add_derived(const Queue& queue, std::vector<Laid>& series) const;
    void take_layout(std::uint32_t id, const std::vector<Laid>& series);
    std::vector<RingGroup> lay_out(Queue& queue, const QueueKey& key, const std::vector<Laid>& metrics);
    std::shared_ptr<const QueueLayout> shared(QueueLayout layout);
    void move_values(Queue& queue, std::size_t count);
    void connect_derives(Queue& queue);
    StaffingPlaces find_staffing(const Queue& queue) const;
    void bind_baseline(Queue& queue, Bound& bound, const RuleSpec& rule, const QueueKey& key);
    void compact_values();

    const DetectionPlan& plan_;
    bool leave_baselines_ = false;
    std::map<QueueKey, const ExpectSpec*> expects_;
    std::map<std::string, std::string, std::less<>> centre_zones_;
    ProfileShelf shelf_;
    MetricNames metrics_;
    QueueNames names_;
    Binder binder_;
    std::vector<Queue> queues_;
    std::vector<std::shared_ptr<const QueueLayout>> layouts_;  ///< the last few that were made
    std::size_t next_layout_ = 0;
    std::vector<double> values_;
    std::uint64_t generation_ = 1;
    std::size_t series_count_ = 0;
    std::size_t feed_count_ = 0;  ///< of these: places of feeds
    std::size_t bound_count_ = 0;
    std::vector<std::uint64_t> bound_of_rule_;
};

}  // namespace surged
