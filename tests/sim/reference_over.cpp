// The reference's endings (P4): nobody is called for an incident that was ended by hand, nor told that data is missing before the
// feeds had time to send any.
#include <algorithm>
#include <utility>

#include "sim/reference.hpp"

namespace surged::test {

namespace {
/// rules/README.md: "an end by force holds for 15 minutes".
constexpr Span forced_hold{std::chrono::minutes{15}};
/// After a restart the feeds have this long to speak before they count as silent.
constexpr Span feeds_speak{10000};
}  // namespace

Level Reference::worst(const Incident& inc, bool clearing) const {
    Level level = Level::none;
    for (const auto* a : alerts_of(inc)) {
        const bool counts = !a->muted && !silenced(*a) && (clearing || a->to == AlertState::firing);
        level = counts ? std::max(level, a->level) : level;
    }
    return level;
}

/// An incident ends: its seats, who ended it, and the alerts that still fire are noted.
void Reference::ends_by(Incident& inc, const IncidentChange& c, const Record& r) {
    const auto alerts = alerts_of(inc);  // while it is open: a region has the alerts of its scopes
    inc.open = inc.resolving = false;
    ++inc.endings;
    inc.ended_seated = std::exchange(inc.seated, {});
    inc.handing.clear();
    for (auto& entry : inc.deeds) {
        entry.second.given_up = false;
    }
    inc.ended_by = c.by;
    inc.ended_why = c.reason;
    inc.held.clear();
    inc.held_level = Level::none;
    if (c.by == "engine") {
        return;
    }
    for (const auto* a : alerts) {
        inc.held.insert({a->rule, a->queue});
        inc.held_level = std::max(inc.held_level, a->level);
    }
    inc.held_until = r.at + forced_hold;
}

/// Alerts that fired when an incident was ended by force open no incident in its scope for 15 minutes, except at a higher level.
void Reference::holds_still(const Incident& inc, const IncidentChange& c, const Record& r) {
    for (const auto& entry : incidents_) {
        const auto& ended = entry.second;
        if (ended.held.empty() || r.at >= ended.held_until || ended.policy.id != inc.policy.id || ended.scope != inc.scope ||
            inc.region) {
            continue;
        }
        met("what was ended by hand stays so");
        const auto alerts = alerts_of(inc);
        const bool news = std::any_of(alerts.begin(), alerts.end(), [&](const AlertEdge* a) {
            const bool fires = !a->muted && !silenced(*a) && (a->to == AlertState::firing || a->stale);
            return fires && (ended.held.count({a->rule, a->queue}) == 0 || a->level > ended.held_level);
        });
        if (!news) {
            breach("P4", c.incident + " opens for what was ended by hand, before its time", r);
        }
    }
}

void Reference::goes_blind(const Incident& inc, const IncidentChange& c, const Record& r) {
    met("people are told that data is gone");
    const auto alerts = alerts_of(inc);
    const bool fresh = std::any_of(alerts.begin(), alerts.end(), [&](const AlertEdge* a) { return !a->muted && !silenced(*a) && !a->stale; });
    if (fresh) {
        breach("P10", c.incident + " is said to be without data, and has some", r);
    }
    if (recovered_ != EngineTime{} && r.at < recovered_ + feeds_speak) {
        breach("P10", c.incident + " is said to be without data, before any feed had the time to speak after a restart", r);
    }
}

}  // namespace surged::test
