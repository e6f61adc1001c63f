// The desk: incidents, tiers, seats, pages. Groups alert edges into one incident per (policy, scope) and calls people until
// enough have joined. Pure: decides in on_*() and advance(), writes what it decided as records, and changes its state only
// through apply(), so that a restart (restore + apply of the later records) ends in the same bytes.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/team/plan.hpp"
#include "core/record/order.hpp"
#include "core/record/record.hpp"
#include "core/record/staffing_view.hpp"
#include "core/rule/live_values.hpp"
#include "core/team/spec.hpp"

namespace surged {

struct SeatView {
    std::string person;
    std::string name;
    int tier = 0;
    SeatState state = SeatState::asked;
    EngineTime at{};
    std::string reason;
    std::string successor;  ///< to whom they hand the seat over; empty = to nobody
    bool came = false;      ///< took a seat in this incident, and may have given it back since
    template <typename V>
    void fields(V& v) const {
        v("person", person), v("name", name), v("tier", tier), v("state", state), v("reason", reason), v("at", at), v("came", came);
        v.maybe("successor", successor);
    }
};
/// The latest drill of one person.
struct DrillView {
    std::vector<std::string> pages;
    bool answered = false;
};
struct PageView {
    std::string page;
    std::string incident;
    std::vector<std::string> people;
    std::string channel;
    PagePurpose purpose = PagePurpose::first;
    PageState state = PageState::queued;
    int attempt = 0;
    EngineTime due{};
    std::string reason;
    template <typename V>
    void fields(V& v) const {
        v("page", page), v("people", people), v("channel", channel), v("purpose", purpose), v("state", state), v("attempt", attempt);
        v("reason", reason), v("due", due);
    }
    /// Among the pages of one person.
    template <typename V>
    void fields(V& v, Brief) const {
        v("page", page), v("channel", channel), v("purpose", purpose), v("state", state), v("attempt", attempt), v("reason", reason);
    }
};
/// Where one step of the playbook stands in one incident.
struct ActionView {
    std::string action;
    std::string channel;
    bool undo = false;    ///< it is undone when the incident ends
    std::string step;     ///< "do" or "undo": the latest of them; empty = its time has not come
    std::string state;    ///< action_word(), or "waiting"
    bool stands = false;  ///< done and not undone, as far as its outcomes tell
    int attempt = 0;
    EngineTime due{};
    std::string reason;
    template <typename V>
    void fields(V& v) const {
        v("action", action), v("channel", channel), v("undo", undo), v("step", step), v("state", state), v("stands", stands);
        v("attempt", attempt), v("reason", reason), v("due", due);
    }
};
/// What became of one action of a policy, over all incidents of this process.
struct ActionCountView {
    std::string policy;
    std::string action;
    std::map<std::string, std::uint64_t> outcomes;  ///< "do done", "undo failed", ...
};
/// What an incident does next by itself.
struct NextView {
    std::string what;  ///< "tier", "fallback", "round", "remind", "recheck" or "resolve"; empty = nothing that has a time
    int tier = 0;      ///< of "tier"
    EngineTime at{};
    template <typename V>
    void fields(V& v) const {
        v("what", what), v.maybe("tier", tier), v("at_ms", at);
    }
};
/// What people said of an incident last.
struct VerdictView {
    IncidentVerdict verdict = IncidentVerdict::none;
    std::string by;
    WallTime at{};
    template <typename V>
    void fields(V& v) const {
        v("verdict", verdict), v("by", by), v("at", at);
    }
};
struct IncidentView {
    std::string incident;
    std::string policy;
    std::map<std::string, std::string> scope;
    std::string state;  ///< "paging", "filled", "exhausted", "resolving", "resolved", "closed"
    Level level = Level::none;
    Level worst = Level::none;  ///< highest since it opened
    int tier = 0;
    int need = 0;
    int joined = 0;
    int arrived = 0;
    int noshow = 0;
    int came = 0;          ///< people who took a seat, whether they have it still or not
    int came_arrived = 0;  ///< of these: people who arrived
    std::string owner;
    EngineTime opened{};
    WallTime opened_wall{};
    EngineTime next_at{};    ///< next timer of this incident; engine_never = none
    ScopeStaffing staffing;  ///< open incidents only
    std::vector<AlertEdge> alerts;
    std::vector<SeatView> seats;
    std::vector<PageView> pages;  ///< without actions
    std::vector<ActionView> actions;
    int asked = 0;        ///< people who were asked and have not answered
    int declined = 0;
    int unreachable = 0;
    NextView next;
    std::optional<VerdictView> verdict;
    std::string into;  ///< it goes on as part of this incident of the whole region; empty = it does not
    int scopes = 0;    ///< a region's incident: how many of its scopes fire; else 0
    bool closed() const { return state == "closed"; }
    bool open() const { return !closed() && state != "resolved"; }

    template <typename V>
    void fields(V& v) const {
        fields(v, Brief{}), v("pages", pages);
    }
    /// In the list of all. `worst` and `came` are of all its time; level, joined and arrived are those of now.
    template <typename V>
    void fields(V& v, Brief) const {
        v("incident", incident), v("policy", policy), v("scope", scope), v("state", state), v("level", level), v("tier", tier);
        v("need", need), v("joined", joined), v("arrived", arrived), v("noshow", noshow), v("owner", owner), v("worst", worst);
        v("came", came), v("came_arrived", came_arrived), v("opened", opened_wall), v("next_at", next_at);
        v.when(staffing.tells(), "staffing", staffing), v.brief("alerts", alerts), v("seats", seats), v("actions", actions);
        v.maybe("scopes", scopes), v.maybe("into", into);
        v("missing", open() ? std::max(0, need - joined) : 0), v("asked", asked), v("declined", declined), v("unreachable", unreachable);
        v("opened_ms", opened_wall), v.when(!next.what.empty(), "next_step", next), v("verdict", verdict);
    }
};
/// Where an incident stands in their list: open ones by opening, then those that ended, latest first.
struct IncidentPlace {
    std::string id;
    bool open = false;
    EngineTime at{};  ///< opened; of one that ended: when
    bool before(const IncidentPlace& other) const;
};
struct SilenceView {
    SilenceChange silence;
    template <typename V>
    void fields(V& v) const {
        silence.fields(v, Brief{});
    }
};
struct RosterView {
    std::string roster;
    std::vector<std::string> on_duty;
    template <typename V>
    void fields(V& v) const {
        v("roster", roster), v("on_duty", on_duty);
    }
};
struct ChannelView {
    std::string channel;
    std::uint64_t pending = 0;
    bool down = false;                              ///< breaker open
    std::map<std::string, std::uint64_t> outcomes;  ///< by PageState word, since start
    EngineTime paused_until{};                      ///< throttled by its provider; in the past = not any more
    std::map<std::string, std::uint64_t>
        receipts{};  ///< "delivered", "failed", "missing", "late", "duplicate", "unknown", since start
    bool receipts_promised = false;
    bool doubtful = false;  ///< receipts stopped coming
    template <typename V>
    void fields(V& v) const {
        v("channel", channel), v("pending", pending), v("down", down), v.ahead("paused_until", paused_until), v("outcomes", outcomes);
        if (receipts_promised) {
            v("receipts", receipts), v("doubtful", doubtful);
        }
    }
};

struct AlertPaging;  // why.hpp
class DeskState;

class Desk {
public:
    /// `plan` is borrowed and must outlive the desk or the next adopt().
    explicit Desk(const Plan& plan);
    ~Desk();

    /// A new configuration: people, rosters, channels, silences at once; policies for new incidents only.
    void adopt(const Plan& plan, Stamp now, Decisions& out);
    /// The same for one that is made of records: what adopt() decides comes with them.
    void adopt(const Plan& plan);

    /// Sources of staffing and last values from now on; borrowed, null = none. Not part of the state.
    void watch(const StaffingBoard* board, const LiveValues* values = nullptr);

    /// Alert edges of one step, already appended to `out.records` by the engine; opens, raises, resumes or starts to resolve
    /// incidents. `arrived`: arrival of the message that caused them.
    void on_alerts(std::span<const AlertEdge> edges, EngineTime arrived, Stamp now, Decisions& out);
    CommandReply on_command(const Command& command, Stamp now, Decisions& out);
    void on_outcome(const SendOutcome& outcome, Stamp now, Decisions& out) { on_outcomes({&outcome, 1}, now, out); }
    /// What came back together: heard one after the other, and what follows from all of them is decided once.
    void on_outcomes(std::span<const SendOutcome> outcomes, Stamp now, Decisions& out);
    void on_receipt(const DeliveryReceipt& receipt, Stamp now, Decisions& out);
    /// Runs every timer that is due at `now.at`, in order of its deadline.
    void advance(Stamp now, Decisions& out);
    EngineTime next_deadline() const;  ///< engine_never when nothing waits

    /// Called once after restore and replay, before anything else: pages found `sending` are of unknown outcome, overdue timers
    /// are due.
    void recovered(EngineTime down_since, Stamp now, Decisions& out);

    /// Replays one record. Every record this desk emitted has already been applied when on_*() returns.
    void apply(const Record& record);
    /// Forgets what there is to look at since the last look: for one that is made of records and never looks.
    void rest();
    std::string snapshot() const;  ///< deterministic bytes
    bool restore(std::string_view bytes);

    /// True while an incident is open whose scope covers this queue (learning is frozen).
    bool open_for(const QueueKey& queue, std::string_view group) const;

    /// The incident this edge opened, joined or left at `now`; empty = none.
    std::string incident_of(const AlertEdge& edge, EngineTime now) const;
    std::size_t open_incidents() const;
    /// Configured channels whose breaker is open, in the order of their ids.
    std::vector<std::string> channels_down() const;
    /// Scopes that fire and wait for room among the open incidents.
    std::size_t refused_scopes() const;
    /// Why each tier was or was not called for this alert (why.hpp). `group`: the queue's.
    AlertPaging why(const AlertKey& alert, std::string_view group, Stamp now) const;

    /// Channels that may still report something: a page of theirs awaits its receipt, or they take replies and an incident is open.
    std::vector<std::string> listening() const;

    // Views for API, metrics and CLI; they allocate and are not for the hot path.
    /// Open ones first, then the latest 200 closed. Staffing that is too old at `now` is not shown.
    std::vector<IncidentView> incidents(EngineTime now = EngineTime{}) const;
    /// The same list, positions only.
    std::vector<IncidentPlace> incident_places() const;
    std::optional<IncidentView> incident(const std::string& id, EngineTime now) const;
    /// Open ones in which this person sits or is asked to.
    std::vector<IncidentView> incidents_with(const std::string& person, EngineTime now) const;
    std::vector<SilenceView> silences() const;
    std::vector<RosterView> rosters(WallTime at) const;
    std::vector<ChannelView> channels() const;
    /// Actions of the policies in force.
    std::vector<ActionCountView> actions() const;
    /// The drill this person may still answer at `now`; nullopt = none.
    std::optional<DrillView> drill(const std::string& person, EngineTime now) const;
    /// Those set at run time that are not over.
    std::vector<OverrideChange> overrides() const;

private:
    std::unique_ptr<DeskState> state_;
};

}  // namespace surged
