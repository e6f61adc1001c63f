// An alert: one rule on one queue, its state and the edges it makes. Edges are records: durable evidence of every change.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fields.hpp"
#include "core/base/time.hpp"
#include "core/rule/spec.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

/// Flags stale, muted and flapping are apart from the state: they stop pages, never the state machine.
enum class AlertState : std::uint8_t { unknown, ok, pending, firing, clearing };
std::string_view to_string(AlertState state);
std::optional<AlertState> alert_state_from(std::string_view text);

/// The rule of the alert about surged itself: it stands in no configuration, the engine makes its edges.
inline constexpr std::string_view overload_rule = "surged-overload";

/// Which alert: a rule on a queue. An empty rule is no alert.
struct AlertKey {
    std::string rule;
    QueueKey queue;
    auto operator<=>(const AlertKey&) const = default;
    template <typename V>
    void fields(V& v) {
        v("rule", rule), v("queue", queue);
    }
    /// Inside an alert: whether this one speaks for it, and which it is.
    template <typename V>
    void fields(V& v, Brief) const {
        v("folded", !rule.empty());
        v.maybe("folded_under", rule.empty() ? rule : rule + " on " + queue.centre + "/" + queue.queue);
    }
};

/// How an alert stands when somebody looks. An edge tells what was so when it was made; minutes later that is history.
struct AlertReading {
    bool known = false;  ///< false: nobody looked (an edge of a record), or nothing is known of it any more
    double value = std::numeric_limits<double>::quiet_NaN();  ///< what its rule compares, now or as last seen; NaN = unknown
    EngineTime seen{};                                        ///< when that was so
    bool stale = false;                                       ///< no data since `seen`: `value` is the last that is known
    double worst = std::numeric_limits<double>::quiet_NaN();  ///< since the alert left ok; NaN = unknown
    EngineTime worst_at{};

    /// Beside `value` of the alert, which is of its last change; nothing while nobody looked.
    template <typename V>
    void fields(V& v) const {
        if (known) {
            v("value_now", value), v("value_at", seen), v("value_stale", stale), v("value_worst", worst), v("worst_at", worst_at);
        }
    }
    /// In messages, which leave at the moment they are of.
    template <typename V>
    void fields(V& v, Brief) const {
        if (known) {
            v("value_now", value), v("value_worst", worst), v("data_stale", stale);
        }
    }
};

/// One change of one alert. Type on the wire: `alert.<to>`, or `alert.stale` when `stale` turned true (state unchanged).
struct AlertEdge {
    std::string rule;
    std::string policy;
    QueueKey queue;
    std::string group;
    std::string metric;
    AlertState from = AlertState::unknown;
    AlertState to = AlertState::unknown;
    Level level = Level::none;    ///< level after the change (the latched one; none while ok or pending)
    Level pending = Level::none;  ///< level that is waiting out its raise_after
    bool stale = false;
    bool stale_changed = false;  ///< the edge is about `stale` only
    bool muted = false;
    bool flapping = false;  ///< changes too often: the desk keeps what it last told, unless this is worse
    AlertKey folded;       ///< the alert above that speaks for this one (RuleSpec::depends_on); empty = it speaks for itself
    std::string incident;  ///< the incident it opened, joined or left, for timelines; the engine fills it in, no state is made of it
    double value = 0;      ///< what was compared: the value, the change in percent, the silence in seconds
    std::string limit;     ///< the limit that decided, as configured: "> 40"
    std::string evidence;  ///< numbers behind `value` for people: "63 calls in 2m, usual 31.5"
    SourceTime ts{};       ///< source time of the sample that decided
    EngineTime at{};       ///< when it was decided
    EngineTime since{};    ///< start of the condition (pending) or of the firing
    AlertReading reading{};  ///< of views and orders only: how it stands now. No record carries it, no state is made of it

    template <typename V>
    void fields(V& v) {
        v("rule", rule), v("policy", policy), queue.fields(v), v("group", group), v("metric", metric), v("from", from), v("state", to);
        v("level", level), v("pending", pending), v("stale", stale), v("stale_changed", stale_changed), v("muted", muted);
        v.optional("flapping", flapping), v.maybe("folded", folded), v.shown("incident", incident);
        v("value", value), v("limit", limit), v("evidence", evidence), v("source_ts", ts), v("decided", at), v("since", since);
    }
    /// In an incident's view.
    template <typename V>
    void fields(V& v, Brief) {
        v("rule", rule), queue.fields(v), v("state", to), v("level", level), v("stale", stale), folded.fields(v, Brief{});
        v("metric", metric), v("value", value), v("limit", limit), v("evidence", evidence), v("changed_at", at), reading.fields(v);
        v("since", since);
    }
};

}  // namespace surged
