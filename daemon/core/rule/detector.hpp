// The detector: samples in, alert edges out. It owns every window, counter and alert state; it knows nothing of people.
//
// Work per sample is proportional to the rules bound to it, and most of those are settled by one comparison: each alert keeps the
// band of values in which nothing can change, each series the band common to its thresholds. Only a value outside its band takes
// the slow way (latches, evidence, an edge). Holds, silence and staleness are deadlines in one heap.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/rule/ahead.hpp"
#include "core/rule/alert.hpp"
#include "core/rule/dependency.hpp"
#include "core/rule/detection_plan.hpp"
#include "core/rule/latch.hpp"
#include "core/rule/queue_store.hpp"
#include "core/rule/series_cursor.hpp"
#include "core/rule/staffing_board.hpp"
#include "core/rule/timers.hpp"
#include "core/rule/touched_queues.hpp"
#include "core/series/message.hpp"
#include "core/series/refusal_book.hpp"
#include "core/series/source_tracker.hpp"

namespace surged {

class ByteReader;
class ByteWriter;
class RuleStep;

/// One alert that is not at rest.
struct ActiveAlert {
    std::uint32_t queue = no_id;  ///< no_id: free
    std::uint16_t series = 0;
    std::uint16_t bound = 0;  ///< index in the queue
    std::uint32_t rule = 0;
    std::uint32_t generation = 0;  ///< rises with each reuse: tells an old timer from a new one
    LatchSet latches;
    AlertState state = AlertState::unknown;  ///< as last recorded
    Level level = Level::none;
    EngineTime since{};
    bool stale = false;
    bool muted = false;
    double value = 0;   ///< last compared
    double worst = std::numeric_limits<double>::quiet_NaN();  ///< since it left ok; NaN = none yet
    EngineTime worst_at{};
    double frozen = 0;  ///< rate_of_change: the earlier window's content when it began
    EngineTime frozen_at = engine_never;
    std::shared_ptr<const AlertKey> folded;  ///< who speaks for it, as last recorded; null = it speaks for itself
};

struct RuleExplanation;
struct RuleView;

/// What became of alerts when another configuration took over.
struct ReloadCounts {
    std::uint64_t kept = 0;
    std::uint64_t re_evaluated = 0;  ///< their rule changed
    std::uint64_t closed = 0;        ///< their rule is gone
};

class Detector {
public:
    /// `plan` is borrowed and must outlive the detector.
    explicit Detector(const DetectionPlan& plan);

    void ingest(const Message& message, Stamp now);
    void refuse(Refusal reason, std::uint64_t count) { rejected_[static_cast<std::size_t>(reason)] += count; }
    /// Runs every deadline up to now.at.
    void advance(Stamp now);
    EngineTime next_deadline() const { return timers_.next(); }

    /// Edges since the last clear_edges(), in order of decision.
    const std::vector<AlertEdge>& edges() const { return edges_; }
    std::vector<AlertEdge>& edges() { return edges_; }
    void clear_edges() { edges_.clear(); }
    /// An edge of the engine's own, to be settled with those of this step.
    void add_edge(AlertEdge edge) { edges_.push_back(std::move(edge)); }

    /// After restore(): what the log says of alerts is the truth. Alerts that are open here and not in `open` come to rest, those
    /// in `open` are where their edge left them. No edge is made.
    void reconcile(const std::vector<AlertEdge>& open);
    /// Started again at `now`, by a snapshot that is some seconds old: silence counts from then, and no sooner than after silence_hold.
    void recovered(Stamp now);
    static constexpr Span silence_hold{10000};

    /// Windows, counters, source positions and latches; appends the next pieces of it, of `queues` queues at most.
    void snapshot(SeriesCursor& cursor, std::size_t queues, ByteWriter& out) const;
    std::string snapshot() const;
    bool restore(std::string_view bytes);
    /// Moves state over from a detector of an older plan: windows by metric and shape, alerts by the content of their rule.
    /// Alerts that have no rule of that content any more make edges to `unknown`.
    ReloadCounts take_over(Detector& old, Stamp now);

    // detector_profiles.cpp: learned profiles
    using IncidentOpen = std::function<bool(const QueueKey& queue, std::string_view group)>;
    /// Who knows whether an incident is open for a queue: its profile then learns nothing (D6).
    void watch_incidents(IncidentOpen open) { incident_open_ = std::move(open); }
    /// From now on baselines only learn, as fast as they can, and raise nothing.
    void only_learn() { only_learn_ = true; }
    /// Profiles learned from history: each goes to the queues that know less; those of queues that never spoke wait for them.
    /// Returns how many were taken at once.
    std::size_t offer_profiles(ProfileShelf profiles);
    /// What a rule of kind baseline knows of a queue; nullopt when it is not bound there.
    std::optional<BaselineView> baseline(std::uint32_t queue, std::uint32_t rule) const;
    const Baseline* find_baseline(std::uint32_t queue, std::uint32_t rule) const;

    /// Every alert that is pending, firing or clearing, as the edge that would lead there; in order of queue and rule.
    std::vector<AlertEdge> open_alerts() const;

    /// What is known of one rule on one queue, for people (explain.cpp); nullopt when there is no such rule. Changes nothing.
    std::optional<RuleExplanation> explain(std::string_view rule, const QueueKey& queue, Stamp now) const;

    /// What one rule compares on one queue at `now`, and the worst of it since the alert left ok (explain.cpp). Unknown when the rule
    /// is not bound there. Changes nothing.
    AlertReading reading(std::string_view rule, const QueueKey& queue, EngineTime now) const;
    /// The same of the queue's series `series` and the rule that is bound to it at `place`.
    AlertReading reading(std::uint32_t queue, std::size_t series, std::size_t place, EngineTime now) const;

    const QueueStore& queues() const { return store_; }
    const StaffingBoard& board() const { return board_; }
    /// True while the alert changes too often; `bound` is its index in the queue.
    bool flapping(std::uint32_t queue, std::uint16_t bound) const;
    const SourceTracker& sources() const { return sources_; }
    const RefusalCounts& rejected() const { return rejected_; }
    const RefusalBook& refusals() const { return refusals_; }
    /// An example for what refuse() counted.
    void note_refusal(std::string_view source, RefusalNote note, std::uint64_t count, EngineTime now) {
        refusals_.add(source, std::move(note), count, now);
    }
    const std::vector<ActiveAlert>& active() const { return active_; }
    const DetectionPlan& plan() const { return plan_; }
    std::uint64_t messages() const { return messages_; }
    std::uint64_t samples() const { return samples_; }
    std::uint64_t resets() const { return resets_; }
    std::uint64_t late() const { return late_; }
    std::uint64_t stale_queues() const { return stale_queues_; }
    std::uint64_t known_bounds() const { return known_bounds_; }  ///< alerts of which a value has been seen

private:
    friend class RuleStep;
    friend class TakeOver;
    friend void explain_derived(const RuleView& view, RuleExplanation& out);

    struct Sample {
        std::uint32_t queue;
        std::uint16_t series;
        double value;
        SourceTime ts;
    };

    /// A rule on a queue: its series, and its index among the queue's bound rules.
    struct BoundAt {
        std::uint32_t queue;
        std::uint16_t series;
        std::uint16_t bound;
    };

    /// Where `ts` lies in rings of this plan's width: divided once a part, not once a ring.
    template <typename OfOneWidth>  // RingPlan, RingGroup
    const RingPlace& place(const OfOneWidth& ring, SourceTime ts) {
        if (ring.clock >= places_.size()) {
            places_.resize(store_.binder().clocks());
        }
        auto& known = places_[ring.clock];
        if (known.first != ts) {
            known = {ts, RingPlace::of(ring.width_ms, ts)};
        }
        return known.second;
    }

    // detector.cpp: the hot path
    void part(const Message& message, const QueuePart& part, std::uint32_t life, Stamp now);
    void work_out(std::uint32_t id, SourceTime ts, Stamp now);
    std::uint32_t find_or_add(const QueuePart& part, Stamp now);
    std::uint32_t add_queue(QueueKey key, EngineTime heard);
    std::size_t find_series(Queue& queue, std::size_t guess, std::string_view name);
    std::size_t place_series(Queue& queue, const QueuePart& part, std::size_t i, std::size_t guess, std::string_view name);
    bool add_unknown_metrics(std::uint32_t queue, const Message& message, const QueuePart& part);
    void take_counter(Queue& queue, const Sample& sample, std::uint32_t life, const Message& message, Stamp now);
    void take_not_known(Queue& queue, const Sample& sample, std::uint32_t life, Stamp now);
    void note_not_known(std::string_view source, const MetricValue& value, Stamp now);
    void note_fall(std::string_view source, const Series& series, double from, double to, Stamp now);
    void take_gauge(Queue& queue, const Sample& sample, Stamp now);
    void evaluate(Queue& queue, const Sample& sample, Stamp now);
    void prefetch(std::uint32_t queue, SourceTime ts);

    // detector_rules.cpp: when which kind is asked (core/rule/kinds.hpp)
    void thresholds(Queue& queue, const Sample& sample, Stamp now);
    void windowed(const Sample& sample, Stamp now);
    void count_learners(const Sample& sample, const CounterStep& step, Stamp now);
    void gauge_learners(const Sample& sample, Stamp now);
    void broke(const Sample& sample, SourceTime since, bool known, Stamp now);
    void rose(const Sample& sample, Stamp now);
    void begin_rules(std::uint32_t queue, std::size_t from_series, Stamp now);
    void look(std::uint32_t queue, SourceTime ts, Stamp now);
    void due(std::uint32_t queue, std::uint32_t bound, Stamp now);

    // detector_flap.cpp: alerts that change too often
    struct Flap {
        std::vector<EngineTime> edges;  ///< of the last window, at most spec.edges + 1
        EngineTime last{};
        bool flapping = false;
    };
    void note_change(const ActiveAlert& alert, AlertState to, Level level, EngineTime now);
    ActiveAlert at_rest(std::uint32_t queue, std::uint16_t bound) const;
    void end_flap(std::uint32_t queue, std::uint16_t bound, Stamp now);
    void resume_flap(std::uint32_t queue, std::uint16_t bound, const RuleSpec& rule, const AlertEdge& edge);
    void flapping_at_rest(std::vector<AlertEdge>& out) const;
    AlertEdge open_edge(const ActiveAlert& alert) const;
    std::vector<AlertEdge> flapping_alerts() const;
    void take_over_flaps(Detector& old, const std::set<std::uint64_t>& contents, Stamp now);
    // detector_profiles.cpp
    void write_baseline(ByteWriter& out, const Queue& queue, const Bound& bound, const RuleSpec& rule) const;
    void read_baseline(std::string_view bytes, std::uint64_t content, Queue& queue, const Series& series);

    // detector_derive.cpp: formulas
    void derive(std::uint32_t queue, SourceTime ts, Stamp now);
    void mark_groups(std::uint32_t queue, Stamp now);
    struct Group;
    struct GroupValue {
        double value = std::numeric_limits<double>::quiet_NaN();
        bool fresh = false;
        std::uint32_t missing = no_id;
    };
    void find_inputs(Group& group);
    GroupValue value_of(const Group& group);
    void derive_group(std::uint32_t group, Stamp now);
    void flush_groups(Stamp now);
    double input(Queue& queue, const InputPlan& input, std::size_t series, std::size_t ring, SourceTime ts);

    // detector_alerts.cpp: the slow way
    void observe(BoundAt at, double value, SourceTime ts, Stamp now, std::string_view evidence = {});
    void set_known(Bound& bound, bool known) {
        known_bounds_ += (known ? std::uint64_t{1} : 0) - (bound.known ? std::uint64_t{1} : 0);
        bound.known = known;
    }
    ActiveAlert& activate(BoundAt at);
    void settle(std::uint32_t active, double value, SourceTime ts, Stamp now, std::string_view evidence);
    void release(std::uint32_t active);
    void refresh_band(Queue& queue, Series& series, std::uint16_t bound);
    AlertEdge make_edge(const ActiveAlert& alert, AlertState to) const;
    void emit(const ActiveAlert& alert, AlertState to, SourceTime ts, Stamp now, std::string_view evidence);
    void tell_stale(std::uint32_t active, bool stale, Stamp now, std::string_view evidence);
    void freshen(std::uint32_t active, Stamp now);
    bool inside(const MuteWindow& window, WallTime wall) const;
    bool muted_at(const RuleSpec& rule, WallTime wall) const;
    std::string limit_text(const ActiveAlert& alert) const;
    void note_worst(ActiveAlert& alert, double value, EngineTime at) const;
    void keep_value(const Bound& bound, double value);
    void renew_band(const ActiveAlert& alert);
    void go_stale(std::uint32_t queue, Stamp now);
    void wake(std::uint32_t queue, Stamp now);
    void run(const Timer& timer, Stamp now);
    void start(Stamp now);
    /// Windows of the queue, or what its rules keep, are about to change.
    void touch(std::uint32_t queue) {
        if (touched_ != nullptr) {
            touched_->add(queue);
        }
    }

    // detector_silence.cpp: a metric that is no longer sent while its queue goes on
    void listen(std::uint32_t queue, Stamp now);
    void hush(std::uint32_t queue, std::uint16_t series, Stamp now, std::string_view metric);
    void speak(std::uint32_t queue, std::uint16_t series, Stamp now);
    void give_time(Queue& queue, EngineTime now);

    // detector_fold.cpp: rules that depend on others
    AlertKey speaker_of(const ActiveAlert& alert) const;
    void note_firing(const ActiveAlert& alert);
    void count_firing();
    void refold(Stamp now);

    // detector_state.cpp: snapshots
    struct BoundNote {
        std::uint32_t queue = no_id;
        std::uint32_t metric = no_id;
        std::uint64_t content = 0;
        bool known = false;
        bool alive = false;
        EngineTime last_rise{};
        std::string memory;  ///< the rule's own bytes (KindRow::state_bytes)
        ActiveAlert alert;
    };
    using SeriesNotes = std::vector<BoundNote>;
    void write_queue(ByteWriter& out, std::uint32_t id, bool profiles) const;
    void write_alert(ByteWriter& out, const ActiveAlert& alert) const;
    void read_alert(ByteReader& in, ActiveAlert& alert) const;
    void grow_as(ByteReader in, std::uint32_t series, std::uint32_t id);
    bool restore_series_of(ByteReader& in, std::uint32_t id, SeriesNotes& notes);
    void attach(const SeriesNotes& notes);
    void apply(const AlertEdge& edge);
    void begin_unarmed(Stamp now);
    void resume_bound(BoundAt at);

    struct Group {
        std::uint32_t derive = 0;
        std::uint32_t queue = no_id;  ///< the queue that stands for the group
        std::uint16_t out = 0;
        std::vector<std::uint32_t> members;
        std::vector<std::vector<std::pair<std::uint16_t, std::uint8_t>>> inputs;  ///< per member: (series, ring)
        std::uint64_t generation = 0;                                             ///< of the store when `inputs` was made
        SourceTime ts{};
        bool dirty = false;
        bool timed = false;
    };

    const DetectionPlan& plan_;
    QueueStore store_;
    SourceTracker sources_;
    Dependencies dependencies_;
    Timers timers_;
    std::vector<ActiveAlert> active_;
    std::vector<std::uint32_t> free_;
    std::vector<AlertEdge> edges_;
    std::vector<Group> groups_;
    std::vector<std::vector<std::uint32_t>> groups_of_;  ///< by queue
    std::vector<std::uint32_t> dirty_groups_;
    std::vector<std::uint32_t> unknown_metrics_;
    StaffingBoard board_;
    std::unordered_map<std::uint64_t, Flap> flaps_;  ///< by queue and bound rule
    std::size_t flaps_kept_ = 0;
    RefusalCounts rejected_{};
    RefusalBook refusals_;
    std::vector<std::pair<SourceTime, RingPlace>> places_;  ///< by clock
    /// Where the part before this one had its metrics: where layouts are equal no name need be compared. Empty = nothing is known.
    struct LayoutPlace {
        const MetricPlan* plan = nullptr;
        std::size_t series = 0;
    };
    std::vector<LayoutPlace> layout_;
    Ahead ahead_;  // what the next queue will touch
    std::uint32_t last_queue_ = no_id;
    std::uint64_t messages_ = 0;
    std::uint64_t samples_ = 0;
    std::uint64_t resets_ = 0;
    bool told_not_known_ = false;  ///< of this message
    std::uint64_t late_ = 0;
    std::uint64_t stale_queues_ = 0;
    EngineTime recovered_{};  ///< started again then; {} = not
    std::uint64_t known_bounds_ = 0;
    bool started_ = false;
    bool only_learn_ = false;
    std::shared_ptr<TouchedQueues> touched_;  ///< while another detector is made of this one (take_over.hpp)
    IncidentOpen incident_open_;
};

}  // namespace surged
