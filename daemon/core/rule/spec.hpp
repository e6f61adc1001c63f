// What the configuration says about metrics and rules, already validated. Immutable while it is in force.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/base/zone.hpp"
#include "core/forecast/direction.hpp"
#include "core/series/formula.hpp"
#include "core/series/queue_key.hpp"
#include "core/staffing/erlang.hpp"

namespace surged {

/// More than these no message has room for.
inline constexpr std::size_t rule_show_max = 4;

enum class Level : std::uint8_t { none = 0, yellow = 1, orange = 2, red = 3 };
std::string_view to_string(Level level);  // "none", "yellow", "orange", "red"
std::optional<Level> level_from(std::string_view text);

enum class MetricKind : std::uint8_t { gauge, counter };

/// What a metric's numbers are, for who reads them.
enum class MetricUnit : std::uint8_t { none, seconds, ratio };

/// What a metric is called in a message; empty = by its name.
struct MetricLabel {
    std::string zh;
    std::string en;
};

/// A metric's declared kind. Undeclared names are gauges.
struct MetricSpec {
    std::string name;
    MetricKind kind = MetricKind::gauge;
    std::optional<MetricUnit> unit{};  ///< none = as its name tells
    MetricLabel label{};
};

/// The metrics known without configuration; config may add to them with [[metric]].
const std::vector<MetricSpec>& canonical_metrics();

enum class Comparison : std::uint8_t { above, at_least, below, at_most };  // > >= < <=
enum class LimitUnit : std::uint8_t {
    plain,       // the metric's own unit                      "> 40"
    percent,     // change against the earlier window          "> +30%"
    per_minute,  // change in units per minute                 "> +12/min"
    span,        // seconds of silence                          "> 3m"
    sigma        // how far beyond chance, standard deviations  "> 4 sigma"
};

/// One limit: `raise = "> 40"`. Whether the edge counts is in `comparison`; NaN never satisfies.
struct Limit {
    Comparison comparison = Comparison::above;
    double value = 0;  ///< percent as 30 for +30 %, spans as seconds
    LimitUnit unit = LimitUnit::plain;

    bool holds(double x) const {
        switch (comparison) {
            case Comparison::above: return x > value;
            case Comparison::at_least: return x >= value;
            case Comparison::below: return x < value;
            case Comparison::at_most: return x <= value;
        }
        return false;
    }
    bool upward() const { return comparison == Comparison::above || comparison == Comparison::at_least; }
    std::string text() const;  ///< as written in the configuration: "> +30%"

    template <typename V>
    void fields(V& v) {
        v("comparison", comparison), v("value", value), v("unit", unit);
    }
};

/// A level is a latch of its own: on after `raise` held for `raise_after`, off after `clear` held for `clear_after` (both of
/// arrival time, both inclusive: exactly the hold is enough). Between raise and clear it stays as it is.
struct LevelSpec {
    Level level = Level::yellow;
    Limit raise;
    Limit clear;
    Span raise_after{0};
    Span clear_after{60000};

    template <typename V>
    void fields(V& v) {
        v("level", level), v("raise", raise), v("clear", clear), v("raise_after", raise_after), v("clear_after", clear_after);
    }
};

/// Globs on the queue's names; `group` is the group of the [[expect]] entry the queue belongs to ("*" also matches no group).
struct Scope {
    std::string centre = "*";
    std::string queue = "*";
    std::string channel = "*";
    std::string group = "*";

    template <typename V>
    void fields(V& v) {
        v("centre", centre), v("queue", queue), v("channel", channel), v("group", group);
    }
};

/// A weekly window in a zone during which a rule is muted: state goes on, nobody is paged. to <= from means the next day.
struct MuteWindow {
    std::uint8_t days = 0x7F;  ///< bit 0 = Monday
    int from_min = 0;          ///< minutes after midnight, civil
    int to_min = 1440;
    std::string zone;  ///< index by name into Plan::zones

    template <typename V>
    void fields(V& v) {
        v("days", days), v("from", from_min), v("to", to_min), v("timezone", zone);
    }
};

/// What each of them is like is said by its row (core/rule/kinds.hpp), in this order.
enum class RuleKind : std::uint8_t { threshold, rate_of_change, absence, baseline, volatility, shortfall };
inline constexpr std::size_t rule_kinds = 6;
std::string_view to_string(RuleKind kind);

/// kind = "shortfall": what the queue promises and how its people come.
struct StaffingSpec {
    staffing::Target target;    ///< target = "80/20"
    double occupancy_max = 0;   ///< agents busy at most this share of their time; 0 = no such promise
    double aht_s = 0;           ///< handling time until enough calls were handled to measure it; 0 = then unknown
    Span aht_window{1800000};   ///< handling time is that of the calls handled in this window: it follows drift
    double patience_s = 0;      ///< mean patience until enough callers gave up to measure it; 0 = nobody gives up (Erlang C)
    Span lead{300000};          ///< until a tier's people are at work
    Span clear_within{600000};  ///< the backlog they find is to be gone in this time

    template <typename V>
    void fields(V& v) {
        v("share", target.share), v("within", target.within_s), v("max_occupancy", occupancy_max), v("aht", aht_s);
        v("aht_window", aht_window), v("patience", patience_s), v("lead", lead), v("clear_within", clear_within);
    }
};

/// Patience is learned from the calls of this long: fewer give up than are handled.
inline constexpr Span staffing_patience_window{3600000};

/// An alert that changes more often than `edges` times in `window` is flapping; it has settled when nothing changed for
/// window / edges. edges = 0: never.
struct FlapSpec {
    int edges = 6;
    Span window{1800000};
    Span settle() const { return edges > 0 ? window / edges : window; }

    template <typename V>
    void fields(V& v) {
        v("edges", edges), v("window", window);
    }
};

struct RuleSpec {
    std::string id;
    RuleKind kind = RuleKind::threshold;
    std::string metric;
    Scope scope;
    std::string policy;             ///< id of the policy that is paged; empty = alert only
    std::vector<LevelSpec> levels;  ///< rising, at least one, at most three
    std::string summary_zh;         ///< short name of the trouble on the page; empty = made from metric and kind
    std::string summary_en;
    std::vector<std::string> show;  ///< further metrics of the queue whose values now stand in the page's text
    std::vector<MuteWindow> mute;

    // rate_of_change
    Span window{120000};   ///< "the last 2 min"
    Span versus{900000};   ///< "the 15 min before it"
    double floor = 0;      ///< smallest excess that counts: calls for counters, the metric's unit for gauges
    double surprise = 0;   ///< also shortfall: what chance gives more easily than this many standard deviations raises nothing; 0 = off
    double scatter = 1;    ///< counters: variance / mean of the counts, above 1 where calls come in bunches
    Span freeze{3600000};  ///< the earlier window is frozen while raised, at most this long

    // absence
    bool feed = false;  ///< of = "feed": the queue's feed is silent (any metric); otherwise the counter `metric` does not rise
    double expected_min = 10;  ///< silence counts only when at least this many events would have been usual in it (Poisson e^-10)
    Span history{3600000};     ///< what "usual" is learned from: the rate over this long before the silence

    // baseline; `floor` and `freeze` as above: calls, and the longest that an open incident keeps the profile from learning
    Span slot{300000};               ///< length of a row, divides the day
    SurgeDirection direction = SurgeDirection::up;
    bool counts = false;             ///< each reading of a gauge is an amount since the last one; false: a level
    std::uint32_t min_history = 10;  ///< finished days before it judges
    std::string calendar;            ///< id in Plan::calendars; empty = weekdays only
    std::string zone;                ///< empty = the queue's own, see QueueStore::zone_of
    std::uint64_t profile = 0;       ///< hash of what a learned profile depends on; it outlives every other change

    // threshold: compare what the metric will be in this time, at the slope of the last `slope_window`
    Span ahead{0};  ///< 0 = what it is
    Span slope_window{600000};

    // volatility: changes of direction by at least `band` in the last `window`
    double band = 0;  ///< in the metric's unit

    StaffingSpec staffing;  ///< shortfall; `window` is that of the arrival rate
    FlapSpec flap;
    /// Rules above this one: while one of them fires on a queue that covers ours (the same, its group, its centre, all), this rule's
    /// alert is folded under it. Ids; config/ has refused unknown ids and circles.
    std::vector<std::string> depends_on;

    /// A value that stays unknown this long (guard not met, feed alive) counts as the end; 0 = never: unknown resolves nothing.
    Span unknown_clear_after{0};

    std::uint64_t content = 0;  ///< hash of all fields() and of what they name; state is kept over a reload only for equal content

    template <typename V>
    void fields(V& v) {
        v("id", id), v("kind", kind), v("metric", metric), v("scope", scope), v("policy", policy), v("levels", levels);
        v("summary_zh", summary_zh), v("summary_en", summary_en), v("show", show), v("mute", mute);
        v("window", window), v("versus", versus), v("floor", floor), v("freeze", freeze);
        v("surprise", surprise), v("scatter", scatter);
        v("feed", feed), v("expected_min", expected_min), v("history", history);
        v("slot", slot), v("direction", direction), v("counts", counts), v("min_history", min_history), v("calendar", calendar);
        v("zone", zone), v("ahead", ahead), v("slope_window", slope_window), v("band", band), v("staffing", staffing);
        v("flap", flap), v("depends_on", depends_on), v("unknown_clear_after", unknown_clear_after);
    }
};

/// The raise limit of a level, or of the lowest one while there is none: "> 40".
std::string raise_text(const RuleSpec& rule, Level level);

/// A metric derived by group belongs to the queue "*<group>" of its centre, by centre to "*", by all to "*" of centre "*".
enum class GroupBy : std::uint8_t { queue, centre, all, group };

struct DeriveSpec {
    std::string metric;
    Formula formula;
    std::optional<Formula> when;  ///< unknown unless it is non-zero
    GroupBy by = GroupBy::queue;
    std::optional<MetricUnit> unit{};  ///< none = as its name tells
    MetricLabel label{};
    Scope scope;
    std::uint64_t content = 0;
};

/// The declared inventory: one entry a queue. What should report, how often, and its group.
struct ExpectSpec {
    std::string centre;
    std::string queue;  ///< exact names, no globs
    std::string channel{voice_channel};
    Span every{0};  ///< between two messages; 0 = not said: learned from those that come
    std::string group;
    std::string zone{};  ///< where its centre stands; empty = [defaults] timezone
};

}  // namespace surged
