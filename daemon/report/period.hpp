// What a week or a month was like: incidents, connection rate, coverage, burden of people, forecast, rules. Sums only; the log and the
// history are walked by whoever has them (app/period_work).
//
// Hardest rule: memory is of the period's days, queues, rules and people, never of its incidents or records. What nobody counted is null.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "core/team/duty.hpp"
#include "report/after_action.hpp"
#include "report/fairness.hpp"

namespace surged {

/// Calls that came and calls that somebody took.
struct CallRate {
    double offered = 0;
    double answered = 0;
    std::optional<double> rate() const { return offered > 0 ? std::optional(answered / offered) : std::nullopt; }

    template <typename V>
    void fields(V& v) {
        v("offered", offered), v("answered", answered), v("rate", rate());
    }
};

struct PeriodDay {
    std::string date;  ///< "2026-10-05", of the period's zone
    int incidents = 0;
    int yellow = 0;
    int orange = 0;
    int red = 0;
    bool roller_coaster = false;  ///< one scope had two incidents or more
    CallRate calls;               ///< of the history
    double abandoned = 0;
    LevelCount level;             ///< of the history

    template <typename V>
    void fields(V& v) {
        v("date", date), v("incidents", incidents), v("yellow", yellow), v("orange", orange), v("red", red);
        v("roller_coaster", roller_coaster), calls.fields(v), v("abandoned", abandoned), level.fields(v);
    }
};

struct PeriodQueue {
    QueueKey queue;
    int incidents = 0;
    int red = 0;

    template <typename V>
    void fields(V& v) {
        queue.fields(v), v("incidents", incidents), v("red", red);
    }
};

/// How often a rule fired, and how often for nothing.
struct PeriodRule {
    std::string rule;
    int fired = 0;             ///< alerts that began to fire, without muted and folded ones
    int without_incident = 0;  ///< of these
    int incidents = 0;         ///< in which it fired
    int judged_false = 0;      ///< of these
    int wolf() const { return without_incident + judged_false; }

    template <typename V>
    void fields(V& v) {
        v("rule", rule), v("fired", fired), v("without_incident", without_incident), v("incidents", incidents), v("judged_false", judged_false);
    }
};

struct PeriodRoster {
    std::string roster;
    int least = 0;
    int most = 0;
    double mean = 0;  ///< people, over time
    Span nobody{0};

    template <typename V>
    void fields(V& v) {
        v("roster", roster), v("least", least), v("most", most), v("mean", mean), v("nobody_ms", nobody);
    }
};

struct PeriodIncident {
    std::string incident;
    std::map<std::string, std::string> scope;
    WallTime opened{};
    Level level = Level::none;
    std::optional<Span> lasted;
    int need = 0;
    int came = 0;
    std::optional<Span> full;
    std::optional<double> lost;
    IncidentVerdict verdict = IncidentVerdict::none;

    template <typename V>
    void fields(V& v) {
        v("incident", incident), v("scope", scope), v("opened", opened), v("level", level), v("lasted_ms", lasted), v("need", need), v("came", came);
        v("full_ms", full), v("lost", lost), v("verdict", verdict);
    }
};

struct PeriodPerson {
    Burden burden;
    Span helped{0};  ///< in a seat

    template <typename V>
    void fields(V& v) {
        burden.fields(v), v("helped_ms", helped);
    }
};

struct PeriodReport {
    WallTime from{};
    WallTime to{};
    std::string zone;
    std::optional<WallTime> log_from;  ///< the log begins within the period: nothing is known of what was before
    int incidents = 0;
    int open = 0;
    int unread = 0;  ///< incidents of which the log does not show the opening any more
    std::map<std::string, int> levels;
    std::map<std::string, int> verdicts;
    int roller_coaster_days = 0;
    CallRate calls;                    ///< of the history, all queues
    LevelCount level;                  ///< likewise
    CallRate helped;                   ///< while an incident was open and somebody had a seat, of its own records
    CallRate unhelped;                 ///< likewise, while nobody had one
    std::optional<double> forecast_error;  ///< WAPE: the sum of |offered - forecast| of half hours over the sum of offered
    int queues_with_history = 0;
    bool history_kept = false;
    std::string history_trouble;  ///< why its figures are not of all queues and days; empty = they are
    std::vector<PeriodDay> days;
    std::vector<PeriodQueue> queues;    ///< most incidents first
    std::vector<PeriodRule> rules;      ///< most often for nothing first
    std::vector<PeriodRoster> rosters;
    std::vector<TierGap> gaps;          ///< the first of them
    int gaps_all = 0;
    std::vector<PeriodPerson> people;   ///< most asked first
    std::vector<PeriodIncident> worst;  ///< five

    template <typename V>
    void fields(V& v) {
        v("from", from), v("to", to), v("zone", zone), v("log_from", log_from), v("incidents", incidents), v("open", open), v("unread", unread);
        v("levels", levels), v("verdicts", verdicts), v("roller_coaster_days", roller_coaster_days), v("calls", calls), v("level", level), v("with_help", helped);
        v("without_help", unhelped), v("forecast_wape", forecast_error), v("history_kept", history_kept), v("history_trouble", history_trouble), v("queues_with_history", queues_with_history);
        v("days", days), v("queues", queues), v("rules", rules), v("rosters", rosters), v("gaps", gaps), v("gaps_all", gaps_all), v("people", people);
        v("worst", worst);
    }
};

class PeriodFold {
public:
    static constexpr std::size_t days_max = 400;
    static constexpr std::size_t worst_max = 5;
    static constexpr std::size_t gaps_max = 50;
    static constexpr Span history_step{1800 * 1000};

    /// [from, to), at most days_max days.
    PeriodFold(WallTime from, WallTime to, Zone zone);

    /// An incident that opened in the period. Each once.
    void incident(const AfterAction& incident);
    void unread() { ++out_.unread; }
    /// An edge of the log in the period, in order.
    void alert(const AlertEdge& edge);
    /// Half hours of one queue from `from` on; NaN = not known.
    struct HalfHours {
        WallTime from{};
        std::span<const double> offered{}, answered{}, abandoned{}, forecast{}, in_20{}, in_15{}, level_calls{};
    };
    void history(const HalfHours& of);
    void queue_has_history() { ++out_.queues_with_history; }
    void coverage(const DutyFacts& facts, WallTime until);
    void log_begins(WallTime at) { out_.log_from = at > out_.from ? std::optional(at) : std::nullopt; }
    void history_kept(bool kept) { out_.history_kept = kept; }
    /// Not all of it was read.
    void history_fails(std::string why) { out_.history_trouble = std::move(why); }
    PeriodReport take();

private:
    PeriodDay* day_of(WallTime at);
    void count_level(const HalfHours& of, std::size_t i, PeriodDay* day);
    void count_queues(const AfterAction& incident);
    void count_rules(const AfterAction& incident);
    void count_calls(const AfterAction& incident);
    void count_people(const AfterAction& incident);
    void keep_worst(const AfterAction& incident);

    Zone zone_;
    PeriodReport out_;
    Fairness fairness_;
    std::map<std::string, Span> helped_;
    std::map<QueueKey, PeriodQueue> queues_;
    std::map<std::string, PeriodRule> rules_;
    std::map<std::string, std::map<std::string, int>> scopes_;  ///< by day
    double error_ = 0;          ///< of half hours that have both
    double forecast_of_ = 0;    ///< calls of these
};

std::string period_json(const PeriodReport& report);
std::string period_markdown(const PeriodReport& report, Language language, const Zone& zone);
std::string period_html(const PeriodReport& report, Language language, const Zone& zone);

}  // namespace surged
