// The loop that decides until nothing is left to decide, and the order in which decisions about an incident are made.
//
// The style is reconciliation: each function compares what is with what should be and writes the difference as a record, until
// there is none. It does not matter which event woke it, nor whether a crash cut a step in half: the next look finishes it.
#include <algorithm>
#include <array>
#include <utility>

#include "core/base/check.hpp"
#include "core/incident/steps.hpp"

namespace surged {

namespace {
/// More passes than any chain of causes needs (tiers, reach steps, seats). More than this means that it does not converge: a bug.
constexpr int passes_max = 100000;

int demanded_tier(const PolicySpec& policy, Level level) {
    int tier = 1;
    if (level == Level::orange) {
        tier = policy.orange_tier + 1;
    } else if (level == Level::red) {
        tier = std::max(policy.orange_tier, policy.red_tier) + 1;
    }
    return std::clamp(tier, 1, std::max(1, static_cast<int>(policy.tiers.size())));
}
}  // namespace

namespace incident {

namespace {

/// Moves what is due into the dirty sets. Pages are looked at by dispatch().
void timers(Step& step) {
    while (!step.state.silence_timers.empty() && step.state.silence_timers.begin()->first <= step.now.at) {
        auto over = step.state.silences.at(step.state.silence_timers.begin()->second);
        over.removed = true;
        over.by = by_engine;
        over.reason = "expired";
        step.emit(std::move(over));
    }
    while (!step.state.group_timers.empty() && step.state.group_timers.begin()->first <= step.now.at) {
        step.state.dirty_groups.insert(step.state.group_timers.begin()->second);
        step.state.group_timers.erase(step.state.group_timers.begin());
    }
    for (auto it = step.state.incident_timers.begin(); it != step.state.incident_timers.end() && it->first <= step.now.at; ++it) {
        step.state.dirty.insert(it->second);
    }
    step.state.look_at_next(step.now.at);
}

/// Calls people, and starts what the playbook wants.
bool settle_calls(Step& step, Incident& inc) {
    if (inc.phase != Phase::filled) {
        if (settle_seats(step, inc)) {
            return true;
        }
        // A reopened incident asks its earlier helpers first; only a demand beyond tier 1 goes past them.
        const int demanded = demanded_tier(inc.policy, step.group->burns());
        const bool reopened = inc.tier == 0 && inc.since != inc.opened;
        if (inc.tier < demanded && (!reopened || demanded > 1)) {
            climb(step, inc, demanded, inc.tier == 0 ? "opened" : "level " + std::string(to_string(inc.level)), by_engine);
            return true;
        }
    }
    return settle_tier(step, inc) || settle_actions(step, inc);
}

bool settle_signal(Step& step, Incident& inc) {
    const bool firing = step.group != nullptr && step.group->firing();
    if (step.due(inc.since + inc.policy.max_age)) {
        resolve(step, inc, std::string(reason_max_age), by_engine);
        return true;
    }
    if (inc.ending == Ending::none && !firing) {
        step.emit(change(inc, IncidentStep::resolving, "all alerts cleared"));
        return true;
    }
    if (inc.ending != Ending::resolving) {
        return false;
    }
    if (firing) {
        auto c = change(inc, IncidentStep::resumed, "firing again");
        step.emit(std::move(c));
        return true;
    }
    if (cancel_waiting(step, inc, "all alerts cleared", false)) {
        return true;
    }
    if (step.due(inc.ending_at + inc.policy.resolve_hold, NextKind::resolve) && !still_needed(step, inc)) {
        resolve(step, inc, "all alerts cleared", by_engine);
        return true;
    }
    return false;
}

bool hush(Step& step, Incident& inc) {
    return cancel_waiting(step, inc, "every alert is silenced, muted or folded", false);
}

bool call_nobody(Step& step, Incident& inc) {
    return cancel_calls(step, inc, "every alert is clearing");
}

/// What is decided about an incident, in the order of force: what ends it comes before what calls people. Each function makes one
/// decision and returns true, or finds nothing to decide; after a decision it begins again at the top.
struct Rule {
    unsigned when;  ///< situations in which it is asked
    bool (*settle)(Step& step, Incident& incident);
};
constexpr std::array settle_order{
    Rule{resolved | unresolved, settle_policy},  // the text of its policy could not be read
    Rule{resolved, settle_closing},     // releases, undoes, tells everybody; then it is closed
    Rule{unresolved, settle_signal},    // all alerts cleared, firing again, too old
    Rule{open_, vacate},                // people who are no longer configured
    Rule{open_, settle_elsewhere},      // people who took a seat in another incident, or are free again
    Rule{open_, settle_arrivals},       // arrivals that the metrics show
    Rule{open_, settle_noshow},         // people who joined and did not arrive
    Rule{open_, settle_handovers},      // seats that go from one person to another
    Rule{open_, settle_off_duty},       // people who went off duty are not called any more
    Rule{open_, settle_blind},          // no data, data is back
    Rule{unheard, hush},                // everything is silenced: nothing leaves
    Rule{heard, settle_level},          // level, and causes that are new
    Rule{heard, settle_sight},          // data is back: tell those who heard that it stopped
    Rule{heard, settle_need},           // how many people
    Rule{heard, settle_stand_down},     // fewer are wanted
    Rule{heard, settle_recheck},        // did it help?
    Rule{heard, settle_filled},         // seats are filled, or are not any more
    Rule{calm, call_nobody},            // what waits to leave is cancelled
    Rule{calling, settle_calls},        // spares and helpers, tiers, the playbook
    Rule{heard, settle_reach},          // contact methods, failover, reminders
    Rule{ending | heard, settle_load},  // what went through its queues
};

/// One decision, or none.
bool settle_once(Step& step, Incident& inc) {
    step.group = step.state.book.group(inc.group);
    const auto now = situation(inc, step.group);
    return std::ranges::any_of(settle_order, [&](const Rule& rule) { return (rule.when & now) != 0 && rule.settle(step, inc); });
}

/// Decides about one incident until nothing is left.
void settle(Step& step, Incident& inc) {
    inc.turned.clear();
    for (int pass = 0;; ++pass) {
        SURGED_CHECK(pass < passes_max);
        step.wake = engine_never;
        step.next = {};
        if (!settle_once(step, inc)) {
            break;
        }
        if (inc.ending == Ending::closed) {
            return;
        }
    }
    step.state.dirty.erase(inc.id);
    step.state.set_wake(inc, step.wake);
    inc.next = step.next;
}

}  // namespace

Situation situation(const Incident& inc, const AlertGroup* group) {
    if (inc.ending == Ending::resolved) {
        return resolved;
    }
    if (inc.ending != Ending::none || group == nullptr || inc.unread) {  // unread: nobody is known whom it could call
        return ending;
    }
    return !group->any_loud() ? unheard : ebbs(inc, *group) ? calm : calling;
}

void run(Step& step) {
    timers(step);
    for (int pass = 0;; ++pass) {
        SURGED_CHECK(pass < passes_max);
        if (!step.state.refused_groups.empty() && step.state.open_count < open_incidents_max) {
            step.state.dirty_groups.merge(step.state.refused_groups);
            step.state.refused_groups.clear();
        }
        if (!step.state.dirty_groups.empty()) {
            const auto groups = std::exchange(step.state.dirty_groups, {});
            for (const auto& key : groups) {
                settle_group(step, key);
            }
        }
        settle_regions(step);
        const auto incidents = std::exchange(step.state.dirty, {});
        for (const auto& id : incidents) {
            if (auto* inc = step.state.incident(id); inc != nullptr && inc->ending != Ending::closed) {
                settle(step, *inc);
            }
        }
        const bool sent = paging::dispatch(step.paging);
        if (step.state.dirty.empty() && step.state.dirty_groups.empty() && !sent) {
            return;
        }
    }
}

}  // namespace incident

}  // namespace surged
