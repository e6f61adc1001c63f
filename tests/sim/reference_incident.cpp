// The reference's incidents: opened once a scope and for its own policy, tiers in order, filled by the right people, ended.
#include <algorithm>
#include <utility>

#include "sim/reference.hpp"

namespace surged::test {

void Reference::tier_step(Incident& inc, const IncidentChange& c, const Record& r) {
    if (c.tier != inc.tier + 1) {
        breach("P6", c.incident + " goes from tier " + std::to_string(inc.tier) + " to " + std::to_string(c.tier), r);
    }
    if (c.step == IncidentStep::tier_empty) {
        not_skipped(inc, c, r);
    }
    inc.tier = c.tier;
    to_be_told(inc, c, r);
    if (c.step == IncidentStep::tier) {
        held_after_restart(inc, c, r);
        inc.tier_at = r.at;
        inc.pending_empty = false;
        if (c.people.empty()) {
            breach("P6", c.incident + " waits on an empty tier", r);
        }
    } else {
        inc.pending_empty = inc.tier_at != r.at;
        inc.empty_at = r.at;
        inc.empty_crashes = crashes_;
    }
}

/// After a restart the desk enters at most one tier until an alert or a silence changes, or ten seconds have passed.
void Reference::held_after_restart(const Incident& inc, const IncidentChange& c, const Record& r) {
    const bool restarted = recovered_ != EngineTime{} && r.at < recovered_ + std::chrono::seconds{10} && news_ < recovered_;
    if (restarted && c.by == "engine" && inc.tier_at >= recovered_ && inc.tier_at != r.at) {
        breach("P6", c.incident + " climbs twice within ten seconds of a restart", r);
    }
}

/// A tier is recorded as empty: nobody of its rosters is on duty, never asked and wanted. While all seats are taken, only people who
/// meet an unmet minimum are wanted.
void Reference::not_skipped(const Incident& inc, const IncidentChange& c, const Record& r) {
    const auto& tier = inc.policy.tiers.at(static_cast<std::size_t>(c.tier) - 1);
    const bool special = static_cast<int>(inc.seated.size()) >= inc.need;
    for (const auto& id : tier.rosters) {
        if (std::find(tier.inform_only.begin(), tier.inform_only.end(), id) != tier.inform_only.end()) {
            continue;
        }
        for (const auto& who : on_duty(id, r.wall)) {
            const bool wanted = !special || fits_lacking(inc, who, c.tier);
            const bool free = inc.seats.count(who) == 0 && inc.refused.count(who) == 0 && !sits_elsewhere(c.incident, who);
            if (wanted && free && person(who) != nullptr) {
                breach("P6", c.incident + " takes tier " + std::to_string(c.tier) + " for empty, " + who + " is on duty", r);
            }
        }
    }
}

/// The policy and the scope of a new incident are those that are configured.
bool Reference::known_policy(Incident& inc, const IncidentChange& c, const Record& r) {
    inc.scope = c.scope;
    const auto* spec = policy(c.policy);
    if (spec == nullptr) {
        breach("policy", c.incident + " is of a policy that is not configured", r);
        return false;
    }
    inc.policy = *spec;
    inc.region = spec->region.scopes > 0 && c.scope.size() == spec->region.by.size();
    const auto& names = inc.region ? spec->region.by : spec->scope;
    const auto same = [&](const std::string& name) { return c.scope.count(name) > 0; };
    if (c.scope.size() != names.size() || !std::all_of(names.begin(), names.end(), same)) {
        breach("policy", c.incident + " is not of its policy's scope", r);
    }
    return true;
}

/// What an opening or reopening starts anew. Who helped before is asked first.
void Reference::begins(Incident& inc, const IncidentChange& c, const Record& r) {
    inc.need = c.need;
    inc.open = true;
    inc.opened = ++opened_;
    inc.since = inc.need_at = r.at;
    inc.opened_under = plan_;
    inc.wanting = inc.given_back = EngineTime{};
    inc.rose = false;
    inc.stilled = false;
    inc.unasked.clear();
    inc.causes.clear();
    inc.reds.clear();
    inc.milder.clear();
    inc.seen.clear();
    inc.asked.clear();
    inc.closed = inc.resolving = inc.pending_empty = inc.full = inc.exhausted = false;
    inc.tier = 0;
    inc.tried.clear();
    inc.handing.clear();
    inc.relieved.clear();
    inc.named.clear();
    for (auto& entry : inc.deeds) {
        entry.second.given_up = false;
    }
    std::erase_if(inc.seats, [&](const auto& entry) { return inc.helped.count(entry.first) == 0; });
    for (auto& entry : inc.seats) {
        // "First asks those who had joined": also who helped earlier and had not answered when it ended.
        auto& state = entry.second.first;
        const bool silent = state == SeatState::asked || state == SeatState::timed_out || state == SeatState::unreachable;
        state = silent ? SeatState::released : state;
    }
}

void Reference::opens(Incident& inc, const IncidentChange& c, const Record& r) {
    if (c.step == IncidentStep::reopened) {
        ++tally_.reopened;
        if (inc.open) {
            breach("P8", c.incident + " reopened while open", r);
        }
    } else {
        ++tally_.incidents;
        if (!known_policy(inc, c, r)) {
            return;
        }
    }
    begins(inc, c, r);
    for (const auto& [id, other] : incidents_) {
        if (&other != &inc && other.open && other.policy.id == inc.policy.id && other.scope == inc.scope) {
            breach("P8", c.incident + " and " + id + " are open in one scope", r);
        }
    }
    if (alerts_of(inc).empty()) {
        breach("policy", c.incident + " opened without an alert of its policy in its scope", r);
    } else if (!burns(inc)) {
        breach("P4", c.incident + " opened with nothing firing", r);
    }
    met("an incident opens for what fires");
    holds_still(inc, c, r);
    for (const auto* a : alerts_of(inc)) {
        if (a->level == Level::red && a->to == AlertState::firing && !a->muted && !silenced(*a)) {
            inc.reds[{a->rule, a->queue}] = {true, r.at};
        } else {
            inc.milder.insert({a->rule, a->queue});
        }
    }
    if (inc.region) {
        region_opens(inc, c, r);
    } else if (c.need != wanted(inc, r.at)) {
        breach("need", c.incident + " opens with a need of " + std::to_string(c.need), r);
    }
}

/// Seats were filled: by enough people, and by those whom a tier's minimums ask for.
void Reference::fills(Incident& inc, const IncidentChange& c, const Record& r) {
    ++tally_.filled;
    inc.full = true;
    inc.exhausted = false;
    if (static_cast<int>(inc.seated.size()) < inc.need) {
        breach("quorum", c.incident + " filled with " + std::to_string(inc.seated.size()) + " of " + std::to_string(inc.need), r);
    } else if (lacking(inc, inc.tier) > 0) {
        breach("require", c.incident + " is called filled, and lacks a role or a skill", r);
    }
}

void Reference::rechecked(Incident& inc, const IncidentChange& c, const Record& r) {
    if (!inc.full || c.need < inc.need) {
        breach("recheck", c.incident + " rechecked while paging, or its need falls", r);
    }
    inc.rose = c.need > inc.need || c.trend == Trend::rising;
    if (c.need > inc.need) {
        ++tally_.rises;
        inc.need_at = r.at;
        if (c.need <= static_cast<int>(inc.seated.size())) {
            breach("recheck", c.incident + " wants more, and no more than are there", r);
        }
    }
    inc.need = c.need;
}

/// Its timers stood still while it was resolving.
void Reference::resumes(Incident& inc, const Record& r) {
    const auto paused = inc.resolving ? r.at - inc.paused : Span{0};
    for (auto& entry : inc.handing) {
        entry.second.at += paused;
    }
    for (auto& entry : inc.asked_at) {
        entry.second += paused;
    }
    inc.resolving = false;
    inc.resumed = r.at;
}

void Reference::incident(const IncidentChange& c, const Record& r) {
    if (c.step == IncidentStep::opened && incidents_.count(c.incident) > 0) {
        breach("P8", c.incident + " opened twice", r);
    }
    if (c.step != IncidentStep::opened && incidents_.count(c.incident) == 0) {
        breach("P8", c.incident + " was never opened", r);
    }
    auto& inc = incidents_[c.incident];
    if (inc.pending_empty && inc.empty_at != r.at && inc.empty_crashes == crashes_) {
        breach("P6", c.incident + " waited on an empty tier", r);
        inc.pending_empty = false;
    }
    const bool lives = c.step != IncidentStep::closed && c.step != IncidentStep::load && c.step != IncidentStep::note;
    if (!inc.into.empty() && lives) {
        breach("region", c.incident + " goes on by itself, and went into " + inc.into, r);
    }
    inc.level = c.level;
    switch (c.step) {
        case IncidentStep::opened:
        case IncidentStep::reopened: opens(inc, c, r); break;
        case IncidentStep::tier:
        case IncidentStep::tier_empty: tier_step(inc, c, r); break;
        case IncidentStep::exhausted:
            ++tally_.exhausted;
            inc.exhausted = true;
            inc.pending_empty = false;
            break;
        case IncidentStep::filled: fills(inc, c, r); break;
        case IncidentStep::resolving:
            inc.resolving = true;
            inc.paused = r.at;
            if (!alerts_of(inc).empty()) {
                breach("D1", c.incident + " ends while alerts fire", r);
            }
            break;
        case IncidentStep::recheck: rechecked(inc, c, r); break;
        case IncidentStep::resumed: resumes(inc, r); break;
        case IncidentStep::resolved: ends_by(inc, c, r); break;
        case IncidentStep::closed:
            inc.closed = true;
            all_told(inc, r);
            all_undone(c.incident, inc, r);
            break;
        case IncidentStep::merged: merged(inc, c, r); break;
        case IncidentStep::level: break;
        case IncidentStep::need: need_set(inc, c, r); break;
        case IncidentStep::unfilled: inc.full = inc.exhausted = false; break;
        case IncidentStep::adopted:
        case IncidentStep::owner: break;
        case IncidentStep::blind: goes_blind(inc, c, r); break;
        case IncidentStep::load: break;
        case IncidentStep::note: deed_said(c); break;
    }
}

}  // namespace surged::test
