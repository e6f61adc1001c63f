// Did it help? Looks at seats that are filled while the surge does not fall (policy `recheck`), and at people who joined and did
// not arrive (tier `arrive_within`).
//
// What is compared is part of the records of `filled` and `recheck` (level, agents missing), so that replaying the log needs no
// staffing data. Where staffing is unknown only levels and clearing alerts count; in doubt more people are called. Hardest rule:
// the need never rises above its bounds, nor above the number of people who could still say yes.
#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/incident/steps.hpp"

namespace surged {

namespace {
/// Less than this share of what was missing is left: it is falling.
constexpr double falling_share = 0.9;

std::string state_text(Level level, double missing) {
    const auto text = std::string(to_string(level));
    return missing < 0 ? text : text + ", " + format_rounded(missing, 0) + " agents missing";
}
}  // namespace

namespace incident {

namespace {

/// Better than when it was filled or last looked at. Unknown staffing is not better.
bool falling(const Step& step, const Incident& inc, const AlertGroup& group, const ScopeStaffing& seen) {
    const bool all_clear = std::ranges::all_of(
        group.alerts, [&](const AlertKey* alert) { return step.state.book.alerts().at(*alert).to == AlertState::clearing; });
    if (inc.level < inc.mark_level || all_clear) {
        return true;
    }
    if (!seen.known || inc.level > inc.mark_level) {
        return false;
    }
    return seen.missing < 1 || (inc.mark_missing >= 0 && seen.missing <= inc.mark_missing * falling_share);
}

/// People who hold no seat and may still say yes: standing by, asked, or to be asked in some tier or from the fallback list.
int could_join(const Step& step, const Incident& inc) {
    std::set<std::string> people;
    for (const auto& [id, seat] : inc.seats) {
        if ((seat.state == SeatState::spare || seat.state == SeatState::asked) && step.index.person(id) != nullptr) {
            people.insert(id);
        }
    }
    for (int tier = 1; tier <= static_cast<int>(inc.policy.tiers.size()); ++tier) {
        for (auto& id : candidates(step, inc, tier, true, true)) {
            people.insert(std::move(id));
        }
    }
    for (const auto& id : inc.policy.fallback) {
        if (askable(step, inc, id, true, true)) {
            people.insert(id);
        }
    }
    return static_cast<int>(people.size());
}

}  // namespace

bool settle_recheck(Step& step, Incident& inc) {
    const auto& policy = inc.policy;
    if (inc.phase != Phase::filled || policy.recheck <= Span{0} || policy.recheck_add <= 0 || inc.blind) {
        return false;
    }
    if (!step.due(inc.mark_at + policy.recheck, NextKind::recheck)) {
        return false;
    }
    if (seats_missing(inc, step.index) > 0) {
        return false;  // a kill came after the last rise: those people are called first, before more are wanted
    }
    const auto seen = staffing(step, inc.scope, inc.group);
    const auto missing = missing_of(seen);
    const double now_missing = missing ? seen.missing : -1.0;
    const auto then = state_text(inc.mark_level, inc.mark_missing);
    const auto states = state_text(inc.level, now_missing) + " (was " + then + ")";
    auto c = change(inc, IncidentStep::recheck);
    c.missing = missing;
    if (falling(step, inc, *step.group, seen)) {
        c.trend = Trend::falling;
        c.reason = "filled and falling: " + states;
        step.emit(std::move(c));
        return true;
    }
    const int people = could_join(step, inc);
    const int bound = is_region(inc) ? policy.region.need_max : policy.need.max;
    const int most = std::max(inc.need, std::max(std::max(1, policy.need.min), bound));
    // A role or skill may have taken more seats than were wanted: then more means more than are taken.
    const int taken = std::max(inc.need, seats_taken(inc));
    const int need = std::min(taken + std::min(policy.recheck_add, people), most);
    c.need = need > taken ? need : inc.need;
    c.trend = Trend::rising;
    c.reason = "filled but still rising: " + states;
    if (c.need == inc.need) {
        c.reason += people == 0 ? "; nobody is left to call" : "; the need is at its most";
    }
    step.emit(std::move(c));
    return true;
}

/// A person who joined and has not arrived in time loses the seat; one who arrives later takes it again if it is still free.
bool settle_noshow(Step& step, Incident& inc) {
    const auto& tiers = inc.policy.tiers;
    for (const auto& [id, seat] : inc.seats) {
        const auto k = static_cast<std::size_t>(std::max(1, seat.tier)) - 1;
        // A holder who keeps the seat for a successor has the successor's time, not one of their own.
        if (seat.state != SeatState::joined || k >= tiers.size() || tiers[k].arrive_within <= Span{0} ||
            !successor_of(inc, id).empty()) {
            continue;
        }
        auto until = seat.changed + tiers[k].arrive_within;
        until = std::max(until, seat.excused);
        if (step.due(until)) {
            const auto late = id;  // the record changes the map that is walked
            step.seat(inc, late, seat.tier, SeatState::noshow,
                      "joined and did not arrive within " + format_span(tiers[k].arrive_within));
            return true;
        }
    }
    return false;
}

}  // namespace incident

}  // namespace surged
