// The desk's state: everything the records make. It changes only in apply(). What is marked "derived" is an index that is rebuilt
// from the rest and is no part of the bytes. Timers are kept as the moment they count from, so that there is no clock in here.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/incident/group.hpp"
#include "core/incident/incident.hpp"
#include "core/incident/need_formula.hpp"
#include "core/paging/outbox.hpp"
#include "core/record/order.hpp"
#include "core/record/staffing_view.hpp"
#include "core/team/plan_index.hpp"

namespace surged {

inline constexpr std::size_t open_incidents_max = 10000;
inline constexpr std::size_t closed_incidents_max = 200;
inline constexpr std::size_t shown_alerts_max = 1000;
inline constexpr std::size_t reply_keys_max = 10000;
inline constexpr std::size_t silences_max = 1000;
inline constexpr std::size_t overrides_max = 1000;
inline constexpr Span over_kept{std::chrono::days{7}};  ///< an override that is over: the clock may be set back behind its end
inline constexpr std::size_t ended_pages_max = 2000;  ///< terminal pages kept per incident; the log keeps all
inline constexpr std::size_t test_pages_max = 1000;
inline constexpr Span rearm_after{900000};  ///< 15 min: a forced end while alerts fire holds this long

/// Nobody could say "arrived" while surged was down: people due then are no no-shows before this long after the restart.
inline constexpr Span noshow_hold{60000};

inline constexpr std::size_t drills_max = 10000;
inline constexpr Span drill_life{86400000};  ///< a drill may be answered so long

/// The latest drill of one person: test pages that left at one moment.
struct DrillMark {
    EngineTime asked{};
    std::vector<std::string> pages;
    bool answered = false;
    template <typename V>
    void fields(V& v) {
        v(asked), v(pages), v(answered);
    }
};

/// An incident was ended while alerts still fired: its group opens nothing until then, unless the level rises.
struct Rearm {
    EngineTime set{};
    EngineTime until{};
    Level level = Level::none;
    std::set<std::string> held;  ///< what fired then and has not ended since, at whatever level: at most rearm_held_max
    template <typename V>
    void fields(V& v) {
        v(set), v(until), v(level), v(held);
    }
};
inline constexpr std::size_t rearm_held_max = 1000;

/// What was answered to one Idempotency-Key.
struct KeyedReply {
    std::string request;  ///< what was asked; another request under the same key is refused
    std::string code;
    int joined = 0;
    int need = 0;
    template <typename V>
    void fields(V& v) {
        v(request), v(code), v(joined), v(need);
    }
};

/// A round over all that is alive, a few at a time: incidents by their ids, then groups that have none open, by their names.
struct LookRound {
    static constexpr std::size_t at_once = 64;       ///< marked to be looked at
    static constexpr std::size_t steps_at_once = 1024;  ///< passed over or marked
    static constexpr Span spacing{5};
    EngineTime next = engine_never;  ///< no round goes on
    bool groups = false;             ///< incidents are done
    std::string after;               ///< where it is: the last one that was passed; empty = the beginning
};

class DeskState {
public:
    explicit DeskState(const Plan& plan);
    void adopt(const Plan& plan);

    void apply(const Record& record);
    /// Every index from the rest. Everything open is looked at once, at the next advance.
    void rebuild();

    // what the records make
    std::uint64_t incidents_made = 0;
    std::uint64_t silences_made = 0;
    std::uint64_t overrides_made = 0;
    std::uint64_t seats_taken = 0;
    EngineTime recovered{};
    AlertBook book;
    std::map<std::string, Incident> incidents;
    std::deque<std::string> closed;  ///< oldest first
    Outbox outbox;
    std::map<std::string, SilenceChange> silences;
    std::vector<OverrideChange> overrides;  ///< in the order they were set
    std::map<std::string, Rearm> rearms;    ///< by group
    std::map<std::string, KeyedReply> replies;
    std::deque<std::string> reply_order;
    std::map<std::string, DrillMark> drills;  ///< by person

    // derived: indexes
    std::unique_ptr<PlanIndex> index;
    const StaffingBoard* board = nullptr;                             ///< what the detector knows of staffing; null = nothing
    const LiveValues* values = nullptr;                               ///< last values of the queues; null = none
    std::map<std::string, std::optional<NeedFormula>> need_formulas;  ///< by their text, parsed when first asked for
    TimerSet incident_timers;                                         ///< at Incident::wake
    TimerSet silence_timers;
    TimerSet group_timers;  ///< groups to look at: a rearm is over
    LookRound looks;        ///< after a reload
    std::size_t open_count = 0;
    std::map<std::string, std::string> latest;              ///< group -> incident that may be open, or reopened
    std::set<std::string> dirty;                            ///< incidents to look at
    std::set<std::string> dirty_groups;                     ///< groups to look at
    std::map<std::string, std::set<std::string>> known_in;  ///< person -> open incidents in which they have any state
    std::map<std::string, std::set<std::string>>
        seated_in;                         ///< person -> open incidents in which they hold a seat: one, but for old logs
    std::set<std::string> refused_groups;  ///< wait for room below open_incidents_max
    using ActionCounts = std::map<std::pair<std::string, std::string>, std::map<std::string, std::uint64_t>>;
    ActionCounts action_outcomes;  ///< (policy, action) -> "do done" and its like -> count, this process

    Incident* incident(const std::string& id);
    const Incident* incident(const std::string& id) const;
    Incident* open_in(const std::string& group);
    /// Marks every incident and group that is alive to be looked at: after replay, when nobody knows what is due.
    void look_at_all();
    /// The same after a reload, while samples come: the first LookRound::at_once now, as many more after each LookRound::spacing, so that
    /// a thousand incidents hold nobody up. Until its turn an incident waits as it did; what leaves for it is judged by the plan in
    /// force all the same.
    void look_at_all(EngineTime now);
    /// Marks the next ones of that round, when their turn has come.
    void look_at_next(EngineTime now);
    void set_wake(Incident& incident, EngineTime wake);
    bool covered(const QueueKey& queue, std::string_view group) const;
    /// AlertGroup of an alert: an open incident's scope first, else the plan's policy.
    std::string place(const AlertEdge& alert) const;
    AlertBook::Place placer() const;
    const NeedFormula* need_formula(const std::string& text);
    /// A policy of the plan as an incident's record has it (policy_bytes.hpp).
    const std::string& policy_text(const PolicySpec& policy) const;
    /// The groups in which the alerts of an incident are once it is over: its own, or for a region those of its scopes.
    std::set<std::string> groups_after(const Incident& incident) const;
    /// Another open incident in which this person holds a seat; nullptr = none.
    const Incident* seated_elsewhere(const Incident& incident, const std::string& person) const;
    /// Agents missing in a scope; when an incident is open there, with the slack that is its own share (slack.cpp).
    ScopeStaffing staffing_in(const ScopeValues& scope, const std::string& group, EngineTime now) const;
    /// What other centres can give to this open incident: its own share.
    const std::vector<Slack>& slack_of(const Incident& incident, EngineTime now) const;
    /// The people on a roster at `wall`, and until when at least that holds. Cached until then.
    struct Duty {
        WallTime from{};
        WallTime until{};
        std::vector<std::string> people;
        std::unordered_set<std::string> names;
    };
    const Duty& duty(const std::string& roster, WallTime wall) const;

private:
    void apply_alert(const AlertEdge& edge, EngineTime at);
    void follow_cause(const std::string& group, const AlertEdge& edge, EngineTime at);
    void apply_incident(const IncidentChange& change, const Record& record);
    void follow_noise(const std::string& group);
    void note_milder(Incident& incident);
    void note_causes(Incident& incident, const IncidentChange& change, EngineTime at);
    void apply_opened(const IncidentChange& change, const Record& record);
    void apply_reopened(Incident& incident, const IncidentChange& change, EngineTime at);
    void apply_resolved(Incident& incident, const IncidentChange& change, EngineTime at);
    void apply_closed(Incident& incident);
    void apply_seat(const SeatChange& change, EngineTime at);
    void apply_page(const PageChange& change, EngineTime at);
    void mark_people(Incident& incident, const PageChange& change, const Outbox::Applied& applied, EngineTime at);
    void forget_closing(Incident& incident, const std::string& person, const PageChange& change);
    void mark_sent(Incident& incident, const PageChange& change);
    void mark_action(Incident& incident, const PageChange& change);
    void apply_shares(Incident& incident, const IncidentChange& change, EngineTime at);
    void apply_merged(Incident& child, const IncidentChange& change, EngineTime at);
    void log_person(const Incident& incident, const PageChange& change, EngineTime at);
    void apply_answer(const AnswerGiven& answer, EngineTime at);
    void mark_drill(const PageChange& change, EngineTime at);
    void apply_adopted(Incident& incident, const IncidentChange& change, EngineTime at);
    void apply_terms(Incident& incident, const IncidentChange& change, EngineTime at);
    void mark_agents(Incident& incident, const SeatChange& change, EngineTime at);
    void name_successor(Incident& incident, const AnswerGiven& answer, EngineTime at);
    void follow_seat(Incident& incident, const SeatChange& change);
    void forget_relief(const Incident& here, const std::string& person);
    void apply_silence(const SilenceChange& change);
    void apply_override(const OverrideChange& change, WallTime wall);
    void apply_note(const SystemNote& note, EngineTime at);
    void apply_rescued(const SystemNote& note);
    void apply_verdict(const VerdictGiven& given, WallTime at);
    void keep_reply(const std::string& key, KeyedReply reply);
    void track_people(const Incident& incident, bool open);
    void track_seat(const Incident& incident, const std::string& person, bool was_seated, bool is_seated);
    void look_at_others(const Incident& incident, const std::string& person);
    void track_open(const Incident& incident, bool open);

    struct OpenShape {
        std::string policy;
        std::vector<std::string> names;
        bool region = false;
        std::unordered_map<std::string, EngineTime> keys;  ///< by group: open since
    };
    struct Shared {
        EngineTime at{};
        std::uint64_t made = 0;
        std::size_t open = 0;
        std::map<std::string, std::vector<Slack>> of;  ///< by incident
    };
    mutable std::map<std::string, Duty> duty_;  ///< derived: by roster
    mutable Shared slack_;                      ///< derived: the agents offered at that moment
    std::vector<OpenShape> shapes_;             ///< derived: scopes of open incidents by (policy, names)
    std::string policy_text_;                   ///< derived: the policy's bytes that were read last, and whole; a storm's incidents share them
    PolicySpec policy_read_;                    ///< derived: what they say
    mutable std::map<std::string, std::string> policy_texts_;  ///< derived: configured policies as a record has them, by id
};

/// What an answer asks for, as the text under which its reply is kept.
std::string answer_request(AnswerKind kind, const std::string& incident, const std::string& person, const std::string& successor);

/// Used instead of an incident id by an answer to a drill.
inline constexpr std::string_view drill_request = "drill";

/// Key of a reply: caller and Idempotency-Key, so that two callers cannot answer for each other.
std::string reply_key(const std::string& by, const std::string& key);

/// The id of the next incident that opens: "<shard>-<number>", where one host is shard 0.
std::string next_incident_id(const DeskState& state);

}  // namespace surged
