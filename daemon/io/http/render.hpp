// JSON texts of the API, made from the engine's views. Pure functions: the program calls them with views it took on the engine
// thread (or a copy), and the HTTP room only hands the text on. Times are ms UTC; engine times are turned into UTC by the offset
// of `now`.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "io/cluster_facts.hpp"
#include "wire/json_fields.hpp"

namespace surged {

/// A rule's short name for people; empty = none is configured.
struct RuleWords {
    std::string zh;
    std::string en;
    bool told() const { return !zh.empty() || !en.empty(); }
    template <typename V>
    void fields(V& v) const {
        v.maybe("zh", zh), v.maybe("en", en);
    }
};

/// What `status` shows beyond the engine's own counters.
struct StatusFacts {
    std::string version;
    std::string config_version;
    Stamp now{};
    WallTime started{};
    bool ready = false;
    bool store_degraded = false;
    bool reload_ok = true;
    std::string reload_message;
    std::size_t incidents_open = 0;
    std::vector<RefusalBook::Entry> refusals;        ///< what was refused of whom
    std::map<std::string, std::uint64_t> listeners;    ///< name -> port
    std::map<std::string, std::uint64_t> connections;  ///< "feeders", "subscribers" -> connected now
    std::uint64_t published = 0;
    std::uint64_t not_published = 0;                         ///< the queue before PUB was full
    std::map<std::string, std::uint64_t> publish_refused;  ///< reason -> subscribers refused
    std::string timezone = "UTC";  ///< [defaults] timezone
    std::map<std::string, RuleWords> rule_words;  ///< by rule
    std::optional<OwnerFacts> cluster{};          ///< nullopt = one host alone: not shown
};

/// What a queue's counters made since midnight, and its service level: the share of the calls that ended which were answered in time,
/// those left out who gave up in time. NaN = not known.
struct QueueDay {
    int target_s = 0;  ///< "in time"; 0 = nobody counts it
    double level_now = std::numeric_limits<double>::quiet_NaN();    ///< 0..1, of the last five minutes
    double level_today = std::numeric_limits<double>::quiet_NaN();
    double offered = std::numeric_limits<double>::quiet_NaN();
    double answered = std::numeric_limits<double>::quiet_NaN();
    double abandoned = std::numeric_limits<double>::quiet_NaN();
    WallTime from{};  ///< counted since: midnight, or what the history knows first of the day, or a start after it
    Span gap{0};      ///< since then, of which nothing is known: the program was down
    template <typename V>
    void fields(V& v) const {
        v("service_level_now", level_now), v("service_level_today", level_today), v("service_level_s", target_s);
        v("offered_today", offered), v("answered_today", answered), v("abandoned_today", abandoned), v("today_from_ms", from), v("today_gap_ms", gap);
    }
};

/// How what waits in an incident's scope has moved over the last minutes.
struct TrendView {
    std::string metric;
    double now = 0;
    double before = 0;
    Span over{0};           ///< between the two
    std::string direction;  ///< "rising", "falling" or "flat"
    template <typename V>
    void fields(V& v) const {
        v("metric", metric), v("now", now), v("before", before), v("over_ms", over), v("direction", direction);
    }
};
/// What one incident asked of one person.
struct PastPerson {
    std::string person;
    WallTime asked{};
    Span seated{0};  ///< had a seat; of one that is open to its latest record
    int pages = 0;   ///< that a provider took, closing and stand-down messages left out
    bool came = false;
    bool arrived = false;
    bool declined = false;
    bool noshow = false;
    template <typename V>
    void fields(V& v) const {
        v("person", person), v("asked_ms", asked), v("seated_ms", seated), v("pages", pages), v("came", came), v("arrived", arrived);
        v("declined", declined), v("noshow", noshow);
    }
};
/// One incident as its records tell it, for the page of the past. nullopt = it never came to that, or not yet.
struct PastIncident {
    std::string incident;
    std::string policy;
    std::map<std::string, std::string> scope;
    Level worst = Level::none;
    int tier = 0;  ///< the highest that was called
    int need = 0;  ///< at the most
    int asked = 0;
    int came = 0;          ///< took a seat
    int came_arrived = 0;  ///< of these: arrived
    int declined = 0;
    int noshow = 0;
    int reopened = 0;
    bool exhausted = false;
    WallTime opened{};
    std::optional<WallTime> half;   ///< half of the seats were taken
    std::optional<WallTime> full;   ///< all were
    std::optional<WallTime> ended;  ///< nullopt = it is open
    std::string ended_by;
    std::string ended_why;
    std::optional<double> lost;  ///< calls abandoned in its scope between its first and its last note of the load
    std::optional<VerdictView> verdict;
    std::vector<PastPerson> people;  ///< who was asked, where that is wanted
    template <typename V>
    void fields(V& v) const {
        v("incident", incident), v("policy", policy), v("scope", scope), v("worst", worst), v("tier", tier), v("need", need);
        v("asked", asked), v("came", came), v("came_arrived", came_arrived), v("declined", declined), v("noshow", noshow);
        v("reopened", reopened), v("exhausted", exhausted), v("opened_ms", opened), v("half_ms", half), v("full_ms", full);
        v("ended_ms", ended), v("ended_by", ended_by), v("ended_why", ended_why), v("lost", lost), v("verdict", verdict);
        if (!people.empty()) {
            v("people", people);
        }
    }
};
struct IncidentScope {
    std::string incident;
    std::map<std::string, std::string> scope;
};

// One entry of a list, whole, as the lists have it.
std::string queue_text(const SeriesView& series, const QueueView& queue, const std::optional<QueueDay>& day, Stamp now);
std::string alert_text(const AlertView& alert, Stamp now);
std::string incident_text(const IncidentView& incident, const std::optional<TrendView>& trend, Stamp now);

std::string render_status(const StatusFacts& facts, const EngineStats& stats, const std::vector<SourceView>& sources,
                          const std::vector<RuleHealth>& rules, const std::vector<ChannelView>& channels);
/// {"now":..,"<name>":[..],"next":".."}, written entry by entry as they are taken from the engine.
class ListText {
public:
    ListText(std::string_view name, Stamp now);
    /// The entry `queue` of `series`, with its values.
    void add(const SeriesView& series, const QueueView& queue, const std::optional<QueueDay>& day = std::nullopt);
    void add(const AlertView& alert);
    /// Without its timeline and the texts of its pages.
    void add(const IncidentView& incident, const std::optional<TrendView>& trend = std::nullopt);
    void add(const PastIncident& incident);
    std::size_t entries() const { return entries_; }
    /// Ends the list; `next` empty = nothing follows.
    std::string take(std::string_view next = {});

private:
    std::string out_;
    JsonWriter json_;
    JsonFields fields_;
    std::size_t entries_ = 0;
};

/// One incident with seats and pages; `timeline` are JSON objects already, one per record (wire/), put in as they are.
std::string render_incident(const IncidentView& incident, const std::vector<std::string>& timeline, Stamp now);
/// One that the engine has forgotten: out of its records alone.
std::string render_past_incident(const PastIncident& incident, const std::vector<std::string>& timeline, Stamp now);
std::string render_rosters(const std::vector<RosterView>& rosters, WallTime at);
std::string render_silences(const std::vector<SilenceView>& silences, Stamp now);

}  // namespace surged
