// What happened in an incident, out of its records: how soon people were called, answered, came or did not; how bad it was, what
// the engine saw, what it cost.
//
// It knows records and nothing of text or pictures (report.hpp). Hardest rule: only what a record says is counted; what the
// timeline does not show is unknown, never zero.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/paging/value_text.hpp"
#include "core/record/record.hpp"
#include "report/load_curve.hpp"
#include "report/load_story.hpp"

namespace surged {

/// One person's part. Times are nullopt when it never came to that.
struct PersonPart {
    std::string person;
    std::string name;  ///< empty when the daemon does not know it any more
    int tier = 0;
    std::optional<WallTime> asked;
    std::optional<WallTime> answered;  ///< the first answer that counted
    std::string answer;                ///< its kind: "join"
    std::string way;                   ///< "link", "cli", ...
    std::optional<WallTime> joined;    ///< first took a seat
    std::optional<WallTime> arrived;
    bool noshow = false;
    std::string successor;  ///< the person they last named as successor or substitute; empty = nobody
    std::string state;  ///< name of the last seat state; empty = answered without having been asked

    template <typename V>
    void fields(V& v) {
        v("person", person), v("name", name), v("tier", tier), v("asked", asked), v("answered", answered), v("answer", answer);
        v("way", way), v("arrived", arrived), v("noshow", noshow), v("successor", successor), v("state", state);
        v("joined", joined);
    }
};

struct AlertPart {
    std::string rule;
    QueueKey queue;
    Level worst = Level::none;
    double value = 0;  ///< the worst one: the farthest beyond the limit among edges at which it fired
    std::string limit;
    std::string evidence;
    WallTime at{};

    template <typename V>
    void fields(V& v) {
        v("rule", rule), queue.fields(v), v("level", worst), v("value", value), v("limit", limit), v("evidence", evidence), v("ts", at);
    }
};

/// What the engine saw of one alert at one moment.
struct AlertMoment {
    WallTime at{};
    std::string rule;
    QueueKey queue;
    AlertState state = AlertState::unknown;
    Level level = Level::none;  ///< while it is pending: the level that waits
    bool stale_changed = false;
    bool stale = false;
    double value = 0;
    std::string limit;
    std::string evidence;

    template <typename V>
    void fields(V& v) {
        v("ts", at), v("rule", rule), queue.fields(v), v("state", state), v("level", level), v("stale", stale), v("value", value);
        v("limit", limit), v("evidence", evidence);
    }
};

/// One step of the playbook: where it stands in the end.
struct ActionPart {
    std::string action;
    std::string channel;
    PagePurpose purpose = PagePurpose::act;  ///< act or undo
    WallTime begun{};
    WallTime at{};  ///< of the last state
    PageState state = PageState::queued;
    int attempts = 0;
    std::string reason;

    template <typename V>
    void fields(V& v) {
        v("action", action), v("channel", channel), v("purpose", purpose), v("begun", begun), v("ts", at), v("state", state);
        v("attempts", attempts), v("reason", reason);
    }
};

struct VerdictPart {
    WallTime at{};
    IncidentVerdict verdict = IncidentVerdict::none;
    std::string by;
    std::string reason;

    template <typename V>
    void fields(V& v) {
        v("ts", at), v("verdict", verdict), v("by", by), v("reason", reason);
    }
};

/// What people call a rule, and how its values are written.
struct RuleName {
    std::string zh;
    std::string en;
    ValueForm form{};
};

/// Seats taken and wanted from `at` on.
struct SeatPoint {
    WallTime at{};
    int taken = 0;
    int need = 0;
    bool operator==(const SeatPoint&) const = default;

    template <typename V>
    void fields(V& v) {
        v("ts", at), v("taken", taken), v("need", need);
    }
};

struct AfterAction {
    std::string incident;
    std::string policy;
    std::map<std::string, std::string> scope;
    std::string state;  ///< as it is now
    WallTime opened{};
    std::optional<WallTime> first_accepted;  ///< a page was first taken by a provider
    std::optional<WallTime> first_answer;
    std::optional<WallTime> half;      ///< first time that half of the seats wanted then were taken
    std::optional<WallTime> quorum;    ///< first time that enough seats were taken
    std::optional<WallTime> resolved;  ///< the last time; not when it was opened again after that
    std::string ended_by;              ///< of that: by_engine, or the person who closed it
    std::string ended_why;             ///< reason_max_age, or what they said
    Level still = Level::none;         ///< what fired all the same
    IncidentVerdict verdict = IncidentVerdict::none;   ///< what people said of it last
    std::string verdict_by;
    std::string verdict_why;
    Level worst = Level::none;
    int tier_max = 0;
    int need_max = 0;
    int reopened = 0;
    bool exhausted = false;
    bool cut = false;  ///< the daemon showed only the beginning of the timeline
    /// What finally became of each page, by channel and PageState word.
    std::map<std::string, std::map<std::string, int>> pages;
    std::vector<PersonPart> people;  ///< in the order in which they were asked
    std::vector<AlertPart> alerts;   ///< worst first
    std::vector<SeatPoint> seats;    ///< one point a change
    LoadStory load;                  ///< minute by minute
    std::vector<AlertMoment> moments;
    std::vector<ActionPart> actions;
    std::vector<VerdictPart> verdicts;
    LoadCurve curve;                       ///< of the history; whoever has one puts it in
    std::map<std::string, RuleName> rules; ///< likewise, of the plan: by rule
    std::vector<Record> timeline;

    /// Time from the opening; nullopt when it never came to that.
    std::optional<Span> since_opened(const std::optional<WallTime>& at) const;
    int noshows() const;
    int asked() const;        ///< people
    int came() const;         ///< took a seat
    int arrived() const;
    int declined() const;
    int unreachable() const;  ///< no page of theirs arrived
    int silent() const;       ///< were asked, could be reached, and never answered
    /// Calls that the helpers kept from giving up, by the fluid model; nullopt where it says nothing (LoadStory::worth()).
    std::optional<double> saved() const;

    template <typename V>
    void fields(V& v) {
        v("incident", incident), v("policy", policy), v("scope", scope), v("state", state), v("level", worst), v("tier", tier_max);
        v("need", need_max), v("exhausted", exhausted), v("reopened", reopened), v("noshows", noshows()), v("opened", opened);
        v("first_accepted", first_accepted), v("first_answer", first_answer), v("quorum", quorum), v("resolved", resolved);
        v("ended_by", ended_by), v("ended_why", ended_why), v("still", still);
        v("verdict", verdict), v("verdict_by", verdict_by), v("verdict_why", verdict_why), v("pages", pages), v("people", people);
        v("seats", seats), v("alerts", alerts), load.fields(v), v("cut", cut);
        v("half", half), v("asked", asked()), v("came", came()), v("arrived", arrived()), v("declined", declined());
        v("unreachable", unreachable()), v("silent", silent()), v("saved_estimate", saved()), v("moments", moments);
        v("actions", actions), v("verdicts", verdicts), v("history", curve);
    }
};

/// What the daemon shows of one incident at most (Backend::timeline_max).
inline constexpr std::size_t report_records_max = 2000;

/// `records`: of one incident in their order. `state` is its state now, `names` those of people, by person. Error: one sentence, when
/// its opening is not among them.
Result<AfterAction> after_action(const std::string& incident, const std::string& state, std::vector<Record> records,
                                 const std::map<std::string, std::string>& names);

}  // namespace surged
