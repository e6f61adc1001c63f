// The engine: detector and desk behind one interface. Step it with events; take what it decided; make that durable; then send.
// The same engine runs live, in replay, in test and in the simulation: time enters only inside events.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/desk/desk.hpp"
#include "core/engine/overload.hpp"
#include "core/engine/pieces.hpp"
#include "core/team/plan.hpp"
#include "core/rule/baseline.hpp"
#include "core/rule/learned_profile.hpp"
#include "core/rule/series_cursor.hpp"
#include "core/series/message.hpp"
#include "core/series/refusal_book.hpp"

namespace surged {

class ByteWriter;

struct SourceView {
    std::string source;
    std::uint64_t samples = 0;
    std::uint64_t messages = 0;
    std::uint64_t gaps = 0;  ///< messages that never came (sum of holes)
    std::uint64_t repeats = 0;
    std::uint64_t restarts = 0;  ///< epochs changed, or sequence restarted without one
    EngineTime last{};
    double skew_s = 0;  ///< arrival minus ts of the last message
    std::string problem;  ///< two senders under one name, restarts again and again; empty = none
    std::string problem_zh{};  ///< the same in Chinese; empty = nobody asked
    template <typename V>
    void fields(V& v) const {
        v("source", source), v("messages", messages), v("samples", samples), v("gaps", gaps), v("repeats", repeats);
        v("restarts", restarts), v("skew_s", skew_s), v("problem", problem), v("last", last), v.maybe("problem_zh", problem_zh);
    }
};
struct AlertView {
    std::string rule;
    QueueKey queue;
    AlertState state = AlertState::unknown;
    Level level = Level::none;
    bool stale = false;
    bool muted = false;
    AlertKey folded;  ///< the alert that inhibits it; an empty rule = none
    bool flapping = false;  ///< changes too often: the state last told holds until it is steady
    double value = 0;      ///< last compared
    EngineTime since{};
    AlertReading reading;  ///< how it stands now
    std::string metric;
    std::string raise;     ///< raise limit of its level, or of the lowest while it has none: "> 40"
    std::string reason;  ///< why it is unknown, when that is known: "learning: 3 of 10 days"
    template <typename V>
    void fields(V& v) const {
        v("rule", rule), visit_fields(v, queue), v("state", state), v("level", level), v("stale", stale), v("muted", muted);
        v("flapping", flapping), folded.fields(v, Brief{}), v("metric", metric), v("value", value), reading.fields(v);
        if (reading.known) {
            v.maybe("raise", raise);
        }
        v("since", since), v.maybe("reason", reason);
    }
};
/// A rule that cannot fire now: it is bound to no series ("unhealthy, not green", D3).
struct RuleHealth {
    std::string rule;
    std::uint64_t bound = 0;     ///< queues it is bound to
    std::string problem;         ///< empty = healthy
    std::uint64_t learning = 0;  ///< queues of which a baseline does not know enough yet
    std::string problem_zh{};    ///< the same in Chinese; empty = nobody asked
    template <typename V>
    void fields(V& v) const {
        v("rule", rule), v("bound", bound), v("healthy", problem.empty()), v("problem", problem), v.maybe("problem_zh", problem_zh);
    }
};
/// One rule of kind baseline on one queue.
struct BaselineOf {
    QueueKey queue;
    BaselineView view;
};
/// The worst alert of a queue that is neither muted nor folded: its limit in force beside the value as it is now.
struct WorstAlert {
    std::string rule;
    std::string metric;
    AlertState state = AlertState::unknown;
    Level level = Level::none;
    double value_now = 0;
    std::string raise;  ///< "> 40"
    EngineTime since{};
    template <typename V>
    void fields(V& v) const {
        v("rule", rule), v("metric", metric), v("state", state), v("level", level), v("value_now", value_now), v("raise", raise);
        v("since", since);
    }
};
struct QueueView {
    QueueKey key;
    std::string group;
    bool stale = false;
    bool never_seen = false;  ///< declared by [[expect]], nothing came yet
    EngineTime last{};
    std::optional<WorstAlert> worst;  ///< nullopt = no alert of it has a level
    bool staffing_known = false;
    double required = 0;  ///< agents, while staffing is known; so are the next two
    double productive = 0;
    double missing = 0;
    std::uint32_t first = 0;  ///< its values in SeriesView::values ...
    std::uint32_t count = 0;
    /// `values`: of the queue, by the names of their metrics.
    template <typename V, typename Values>
    void fields(V& v, const Values& values) const {
        visit_fields(v, key), v("group", group), v("stale", stale), v("never_seen", never_seen), v("last", last);
        v.object("m", values);
        v("level", worst ? worst->level : Level::none), v("worst", worst);
        v.when(staffing_known, "required", required), v.when(staffing_known, "productive", productive);
        v.when(staffing_known, "missing", missing);
    }
};
/// Last values of series, flat. The names (metric ids) change only when `generation` does or their number.
struct SeriesView {
    std::uint64_t generation = 0;
    std::vector<std::string> metrics;  ///< metric names by id
    std::vector<bool> counter;         ///< by metric id
    std::vector<QueueView> queues;
    std::vector<std::uint32_t> metric_of;  ///< metric id of each value
    std::vector<double> values;            ///< NaN = unknown or never seen
};
/// One alert of a piece, with the texts of its rule.
AlertView view_of(const AlertPiece& piece, const AlertRow& row, const std::vector<RuleTexts>& rules);

struct EngineStats {
    std::uint64_t messages = 0;
    std::uint64_t samples = 0;
    std::uint64_t series = 0;
    std::uint64_t queues = 0;
    std::uint64_t bound = 0;  ///< alerts (rule x queue)
    std::uint64_t counter_resets = 0;
    std::uint64_t late_samples = 0;
    std::uint64_t clock_jumps = 0;
    RefusalCounts rejected{};
    std::uint64_t forgotten_sources = 0;  ///< dropped to make room for another
    std::map<std::string, std::uint64_t> alerts_by_state;
    std::uint64_t alerts_folded = 0;  ///< open, and inhibited by another
    std::uint64_t stale_queues = 0;
    std::uint64_t records = 0;
};
class Replaced;  // replaced.hpp

struct ReloadReport {
    std::uint64_t kept = 0;          ///< alerts whose rule has the same content
    std::uint64_t re_evaluated = 0;  ///< alerts of changed rules, now unknown
    std::uint64_t closed = 0;        ///< alerts of rules that are gone
    std::vector<std::string> lines;  ///< one per rule, for people
    std::uint64_t after = 0;         ///< records up to this one were decided by the old configuration
    std::shared_ptr<Replaced> remains{};  ///< what was replaced; large, and freed with the last copy of this report
};

struct Explanation;  // explanation.hpp
struct HistoryRow;   // history_row.hpp
class NextPlan;      // next_plan.hpp

class Engine {
public:
    explicit Engine(std::unique_ptr<const Plan> plan);
    ~Engine();

    const Plan& plan() const;
    /// The same, for one who works by it on another thread. A plan never changes.
    std::shared_ptr<const Plan> shared_plan() const;

    // events
    /// One decoded message. Work: O(values + rules bound to them). No allocation once its queues and metrics are known.
    void ingest(const Message& message, Stamp now);
    /// Refused before it became a message (form, size); counted only.
    void refuse(Refusal reason, std::uint64_t count = 1);
    /// An example for what was refused of a source; counted there by source and reason.
    void note_refusal(std::string_view source, RefusalNote note, std::uint64_t count, Stamp now);
    /// Runs every deadline up to now.at, in order.
    void advance(Stamp now);
    CommandReply command(const Command& command, Stamp now);
    void outcome(const SendOutcome& outcome, Stamp now);
    /// What came back together: heard one after the other, and what follows from all of them is decided once.
    void outcomes(std::span<const SendOutcome> outcomes, Stamp now);
    void receipt(const DeliveryReceipt& receipt, Stamp now);
    /// The shell's part of overload: the loop is behind its input, decisions are not durable. The rest the engine sees itself.
    void overload(OverloadCause cause, bool there, std::string detail, Stamp now);
    ReloadReport reload(std::unique_ptr<const Plan> plan, Stamp now);
    /// The same in steps, the engine going on in between (next_plan.hpp).
    void begin(NextPlan& next) const;
    ReloadReport reload(NextPlan& next, Stamp now);
    void note(std::string what, std::string detail, Stamp now);

    EngineTime next_deadline() const;

    // following the owner of a shard: samples move the windows, the owner's records (apply) move the desk, and nothing is decided
    /// As ingest(), for one that follows. Ends with recovered(), when it takes over.
    void follow(const Message& message, Stamp now);
    /// As advance(), for one that follows: the detector's deadlines only. Those of the desk are the owner's.
    void follow(Stamp now);
    /// When follow(now) has something to do.
    EngineTime next_followed() const;

    // decisions
    bool decided() const { return !decisions_.empty(); }
    /// Hands over the decisions since the last take; the argument's storage is reused.
    void take(Decisions& out);

    // durability
    /// Sequence of the last record decided; the next will be +1.
    std::uint64_t sequence() const { return sequence_; }
    /// Desk state and alert states, made of the records alone; deterministic bytes; valid at sequence(). Takes as long as there are
    /// incidents and open alerts: a Shadow says the same beside the engine.
    std::string snapshot() const;
    bool restore(std::string_view bytes);
    /// Replays a record of the log that is later than the restored snapshot. Records must come in order.
    void apply(const Record& record);
    /// Windows, counters and source positions (not journaled; D7): written every 10 s and at stop. Restored after
    /// restore()/apply().
    std::string series_snapshot() const;
    /// The same bytes in pieces, so that a caller can do other work in between: appends up to `queues` queues to `out`. False: a
    /// reload came in between, and the pieces so far and the cursor are to be thrown away.
    bool series_snapshot(SeriesCursor& cursor, std::size_t queues, ByteWriter& out) const;
    bool restore_series(std::string_view bytes);
    /// Profiles learned from history (`surgectl learn`): each goes where the live profile knows less. Returns how many did.
    std::size_t offer_profiles(ProfileShelf profiles);
    /// Once, after restoring or following: what was `sending` is of unknown outcome; overdue timers are due at the next advance().
    void recovered(EngineTime down_since, Stamp now);

    // views
    EngineStats stats() const;
    std::vector<SourceView> sources() const;
    const RefusalBook& refusals() const;  ///< by source and reason, with an example
    std::vector<AlertView> alerts(bool all) const;  ///< all = false: only those not ok
    std::vector<RuleHealth> rule_health() const;
    /// One rule on one queue: inputs, limits, holds, who was called and why (explanation.hpp); nullopt = no such rule.
    std::optional<Explanation> explain(std::string_view rule, const QueueKey& queue, Stamp now) const;
    std::vector<QueueStaffing> staffing() const;  ///< queues of which it is known now
    std::vector<IncidentView> incidents() const;  ///< the desk's, with the staffing of this moment
    std::optional<IncidentView> incident(const std::string& id) const;
    /// Open ones in which this person sits or is asked to.
    std::vector<IncidentView> incidents_with(const std::string& person) const;
    SeriesView series() const;
    const Desk& desk() const;
    std::vector<BaselineOf> baselines() const;

    // the same in pieces (pieces.hpp)
    // Each call appends the next `queues` queues. False: a reload came in between; what is there and the cursor are to be thrown away.
    bool piece(PieceCursor& cursor, std::size_t queues, SeriesView& out) const;
    bool piece(PieceCursor& cursor, std::size_t queues, bool all, AlertPiece& out) const;
    bool piece(PieceCursor& cursor, std::size_t queues, std::vector<BaselineOf>& out) const;
    bool piece(PieceCursor& cursor, std::size_t queues, std::vector<HistoryRow>& out) const;
    /// Precondition: queue < queue_count(). Numbers and names stay together until a reload.
    const QueueKey& queue_key(std::uint32_t queue) const;
    std::size_t queue_count() const;
    /// By place of the rule, for the rows of alerts.
    std::vector<RuleTexts> rule_texts() const;
    /// The engine's own alert of overload, which is of no queue.
    std::optional<AlertView> own_alert() const;
    /// Rises with each reload: until then queues keep their numbers.
    std::uint64_t reloads() const;

private:
    struct Parts;
    Stamp enter(Stamp now);
    void settle(EngineTime arrived, Stamp now);
    bool begin_piece(PieceCursor& cursor) const;
    void replace_detector(NextPlan& next, ReloadReport& report, Stamp now);
    void end_alerts(std::vector<AlertEdge> gone, Stamp now);
    void watch_channels(Stamp now);
    void watch_overload(Stamp now);
    void watch_sources(Stamp now);
    void number();

    std::unique_ptr<Parts> parts_;
    Decisions decisions_;
    std::uint64_t sequence_ = 0;
};

}  // namespace surged
