// Grouping: which firing alerts belong together. Many alerts of one (policy, scope values) make one incident; this room keeps the
// table of firing alerts and, per group, how many are loud (they count) and quiet (muted or silenced: seen, never paged).
//
// It knows alerts and silences and refuses to know incidents, people or time. Hardest rule: missing data never clears: an
// alert leaves the table only by an edge to ok, pending or unknown, never because it went stale.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/incident/silence.hpp"
#include "core/rule/alert.hpp"

namespace surged {

using ScopeValues = std::map<std::string, std::string>;

/// Values of the scope's names ("centre", "group", "queue", "channel") for one queue; unknown names are left out.
ScopeValues scope_values(const std::vector<std::string>& names, const QueueKey& queue, std::string_view group);

/// One text for (policy, names, values). The parts are length-prefixed, so that no name can imitate a separator.
std::string group_key(std::string_view policy, const ScopeValues& scope);

/// The alerts of one group that fire now (clearing included), and its guests: alerts of other groups that one of these inhibits
/// (RuleSpec::depends_on). A guest is quiet in its own group and counts here, so that the storm's one incident is as severe as
/// all that it represents.
struct AlertGroup {
    struct Less {
        bool operator()(const AlertKey* a, const AlertKey* b) const { return *a < *b; }
    };
    std::set<const AlertKey*, Less> alerts;  ///< point into AlertBook::alerts()
    std::array<std::size_t, 4> loud{};       ///< by level: those that count
    std::size_t quiet = 0;                   ///< muted, silenced or inhibited by an alert of another group
    std::array<std::size_t, 4> hushed{};     ///< by level: the quiet ones
    std::size_t stale = 0;                   ///< of all, those without fresh data
    std::set<const AlertKey*, Less> guests;
    std::array<std::size_t, 4> lent{};          ///< by level: the guests
    std::array<std::size_t, 4> burning{};       ///< of loud: those that are not clearing
    std::array<std::size_t, 4> burning_lent{};  ///< of lent
    std::size_t waning = 0;                     ///< of loud and lent: below their limit already, as fresh data says

    bool firing() const { return !alerts.empty(); }
    bool any_loud() const { return quiet < alerts.size() || (firing() && !guests.empty()); }
    bool all_stale() const { return firing() && stale == alerts.size(); }
    Level level() const;  ///< highest loud level, guests included; none when nothing is loud
    /// Highest level of those that are loud and not clearing: what somebody may be called for. An alert that is clearing
    /// is still shown at its level, and calls nobody who has not been called.
    Level burns() const;
    /// Something is loud, and fresh data says of all of it that it is below its limit again.
    bool calm() const;
    /// Highest level of all, quiet ones included.
    Level top() const;
};

class AlertBook {
public:
    /// Tells the group key of an alert; empty = it belongs nowhere.
    using Place = std::function<std::string(const AlertEdge&)>;

    /// Takes one edge in. A flapping alert stays as it was last told, unless it got worse. Returns the key of the group it
    /// touched; empty when none. `hosts` gets the groups it was or is a guest of. O(log alerts + silences).
    std::string apply(const AlertEdge& made, const Place& place, std::vector<std::string>* hosts = nullptr);

    /// Adds, replaces or removes a silence and counts loud and quiet anew. O(alerts x silences).
    void set_silence(const Silence& silence);
    void end_silence(const std::string& id);

    /// Replaces the whole table (restore) or only the places (a new configuration).
    void restore(std::map<AlertKey, AlertEdge> alerts, const Place& place);
    void reindex(const Place& place);

    const std::map<AlertKey, AlertEdge>& alerts() const { return alerts_; }
    const std::map<std::string, AlertGroup>& groups() const { return groups_; }
    const AlertGroup* group(const std::string& key) const;
    /// The group this alert belongs to; empty when it does not fire or belongs nowhere.
    std::string group_of(const AlertKey& key) const;
    /// Muted, silenced or inhibited by another: it is seen and never paged.
    bool quiet(const AlertKey& key) const;
    /// The group it is a guest of; empty = it counts where it belongs.
    std::string host_of(const AlertKey& key) const;
    /// The alerts of a group, what is worst now first: those that count before quiet ones, firing before clearing,
    /// the highest level, fresh before stale, what came last, then by name; at most `limit`.
    std::vector<AlertEdge> worst(const std::string& key, std::size_t limit) const;
    /// The same of all alerts that `concern` somebody, whichever group they are in.
    std::vector<AlertEdge> worst_where(const std::function<bool(const AlertEdge&)>& concern, std::size_t limit) const;
    /// It counts for somebody: for its own group, or as a guest of another.
    bool heard(const AlertKey& key) const { return !quiet(key) || !host_of(key).empty(); }

private:
    struct Placed {
        std::string group;
        bool quiet = false;
        std::string host;
    };
    Placed placed(const AlertEdge& alert, std::string group) const;
    void count(const AlertKey& key, const AlertEdge& alert, int sign);
    void recount(const AlertKey& key, const AlertEdge& alert);
    bool silenced(const AlertEdge& alert) const;

    std::map<AlertKey, AlertEdge> alerts_;
    std::map<AlertKey, Placed> places_;
    std::map<std::string, AlertGroup> groups_;
    std::map<std::string, Silence> silences_;
};

}  // namespace surged
