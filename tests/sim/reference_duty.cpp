// The reference's calls (P11): while seats are missing, every person on duty in a called tier is asked at once, and nobody off duty
// is called. A further alert that turns red calls people again.
//
// It is written from the promise alone: it knows rosters, overrides, seats and alerts, and does not know how the desk chooses people.
#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/reference.hpp"

namespace surged::test {

namespace {
/// After a restart the desk waits until an alert moves, ten seconds at most; one second is for rounding.
constexpr Span at_once{11000};
/// A person who was called less than a minute ago is not called again for a further red.
constexpr Span call_rest{60000};

bool page_over(PageState s) {
    return s == PageState::accepted || s == PageState::delivered || s == PageState::failed_perm || s == PageState::expired ||
           s == PageState::cancelled;
}
bool calls_people(PagePurpose p) {
    return p == PagePurpose::first || p == PagePurpose::need || p == PagePurpose::repeat_round || p == PagePurpose::handover ||
           p == PagePurpose::remind;
}
}  // namespace

bool Reference::has_way(const std::string& who) const {
    const auto* spec = person(who);
    return spec != nullptr && std::any_of(spec->normal.begin(), spec->normal.end(),
                                          [&](const ReachStep& step) { return channel(step.channel) != nullptr; });
}

/// On duty in any tier of this incident's policy, or on its fallback list once that is called.
bool Reference::listed(const Incident& inc, const std::string& who, int tier, WallTime at) const {
    const auto& policy = inc.policy;
    const auto last = static_cast<int>(policy.tiers.size());
    if (tier > last && std::find(policy.fallback.begin(), policy.fallback.end(), who) != policy.fallback.end()) {
        return true;
    }
    for (int k = 1; k <= last; ++k) {
        if (rostered(inc, k, who, true, at)) {
            return true;
        }
    }
    return false;
}

/// Whether this person may be called: listed, or named as a successor. A region also has the people of the incidents merged into it;
/// who was named in one of those was named in the region, and no longer once that has ended.
bool Reference::on_call(const std::string& id, const Incident& inc, const std::string& who, int tier, WallTime at) const {
    return inc.named.count(who) > 0 || listed(inc, who, tier, at) ||
           (inc.region && std::any_of(incidents_.begin(), incidents_.end(), [&](const auto& part) {
                return part.second.into == id && !part.second.region && listed(part.second, who, tier, at);
            }));
}

/// Whether this person could take a seat that is missing.
bool Reference::wanted_now(const Incident& inc, const std::string& id, const std::string& who, int tier) const {
    const bool missing = static_cast<int>(inc.seated.size()) < inc.need || fits_lacking(inc, who, std::max(inc.tier, tier));
    const auto answered = inc.answered.find(who);
    return missing && has_way(who) && inc.refused.count(who) == 0 && !sits_elsewhere(id, who) &&
           (answered == inc.answered.end() || !answered->second);
}

/// People on duty in this tier who could take a missing seat and were not asked since the incident (re)opened, earlier helpers
/// included.
std::set<std::string> Reference::never_asked(const std::string& id, const Incident& inc, int tier, WallTime at) const {
    std::set<std::string> out;
    const auto& spec = inc.policy.tiers[static_cast<std::size_t>(tier) - 1];
    for (const auto& roster : spec.rosters) {
        if (std::find(spec.inform_only.begin(), spec.inform_only.end(), roster) != spec.inform_only.end()) {
            continue;
        }
        for (const auto& who : on_duty(roster, at)) {
            const auto seat = inc.seats.find(who);
            const bool helper = seat != inc.seats.end() && seat->second.first == SeatState::released && inc.asked.count(who) == 0;
            const bool never = seat == inc.seats.end() || seat->second.first == SeatState::informed || helper;
            if (never && wanted_now(inc, id, who, tier)) {
                out.insert(who);
            }
        }
    }
    return out;
}

/// "In batches of as many as are missing, times overask, the next after answer_in": how many more are to be asked now.
int Reference::room_in_batch(const std::string& id, const Incident& inc, int tier, EngineTime at) const {
    const auto& spec = inc.policy.tiers[static_cast<std::size_t>(tier) - 1];
    const int missing = std::max(inc.need - static_cast<int>(inc.seated.size()), lacking(inc, inc.tier));
    const auto waited_for = std::count_if(inc.seats.begin(), inc.seats.end(), [&](const auto& entry) {
        const auto& [who, seat] = entry;
        const auto asked = inc.asked.find(who);
        const auto since = inc.asked_at.find(who);
        return seat.first == SeatState::asked && asked != inc.asked.end() && asked->second == tier &&
               since != inc.asked_at.end() && at - since->second < spec.answer_in && wanted_now(inc, id, who, tier);
    });
    return static_cast<int>(std::ceil(missing * spec.overask - 1e-9)) - static_cast<int>(waited_for);
}

/// What is owed by the records at this time: people to ask, and batches that have room.
std::set<std::string> Reference::to_be_asked(const std::string& id, const Incident& inc, EngineTime at, WallTime wall) const {
    std::set<std::string> out;
    // "Seen" of somebody stops the climb to the next tier at most (`ack_stops`): those that were called go on.
    const bool calling = inc.open && !inc.resolving && inc.tier > 0 && loud(inc) && !ebbs(inc) && !filled(inc);
    for (int tier = 1; calling && tier <= std::min(inc.tier, static_cast<int>(inc.policy.tiers.size())); ++tier) {
        auto people = never_asked(id, inc, tier, wall);
        if (inc.policy.tiers[static_cast<std::size_t>(tier) - 1].mode == TierMode::all) {
            out.merge(people);
        } else if (!people.empty() && room_in_batch(id, inc, tier, at) > 0) {
            out.insert("somebody of the batch of tier " + std::to_string(tier));
        }
    }
    return out;
}

void Reference::duty_owed(const Record& r) {
    for (auto& [id, inc] : incidents_) {
        if (!inc.open) {
            continue;
        }
        // Only what was owed at the end of the last moment has been owed since; a shift or an answer_in that ended meanwhile counts from
        // now.
        const auto now = to_be_asked(id, inc, r.at, r.wall);
        const auto then = plan_ == moment_plan_ && !inc.unasked.empty() ? to_be_asked(id, inc, moment_, moment_wall_)
                                                                        : std::set<std::string>{};
        std::erase_if(inc.unasked, [&](const auto& entry) { return now.count(entry.first) == 0 || then.count(entry.first) == 0; });
        for (const auto& who : now) {
            const auto [entry, fresh] = inc.unasked.emplace(who, r.at);
            if (fresh) {
                met("who comes on duty while seats are missing is asked");
            }
            const auto since = std::max(entry->second, recovered_);
            if (!stepped_ && !down_ && r.at > since + at_once) {
                breach("P11", who + " is on duty for " + id + ", seats are missing, and nobody asks", r);
                entry->second = r.at;
            }
        }
    }
}

// ---- a further red

/// An alert has changed. When it is red now and was not within `reopen_window`, people must be called for it, unless the incident
/// opened with it. A mute does not interrupt red: an alert that was heard before the mute is no new cause when the mute ends, one
/// that was not heard yet is.
void Reference::red(const AlertEdge& e) {
    const AlertKey key{e.rule, e.queue};
    const bool is = e.to == AlertState::firing && e.level == Level::red;  // stale data ends nothing (D1)
    const bool heard = !e.muted && !silenced(e);
    for (auto& [id, inc] : incidents_) {
        if (!inc.open) {
            continue;
        }
        const auto alerts = alerts_of(inc);
        const bool here = std::any_of(alerts.begin(), alerts.end(),
                                      [&](const AlertEdge* a) { return a->rule == e.rule && a->queue == e.queue; });
        auto known = inc.reds.find(key);
        if (known != inc.reds.end() && known->second.first && !(is && here)) {
            known->second = {false, e.at};
        }
        if (!here) {
            continue;
        }
        if (!is) {
            inc.milder.insert(key);
            continue;
        }
        const bool lately = known != inc.reds.end() && (known->second.first || e.at - known->second.second < inc.policy.reopen_window);
        inc.turned_red = e.at;
        // What was milder here calls the tiers of its level, unless the incident is red already or every tier has been called.
        const bool all_called = inc.tier >= static_cast<int>(inc.policy.tiers.size());
        const bool worse = inc.milder.count(key) > 0 && inc.level != Level::red && !all_called;
        if (heard && !e.stale && !lately && !worse && !inc.resolving) {
            inc.causes.emplace_back(key, e.at);
        }
        if (heard || lately) {
            inc.reds[key] = {true, e.at};
        } else {
            inc.reds.erase(key);
        }
    }
}

/// A silence begins or ends. An alert that is red and audible from now on is called for by the level of the incident.
void Reference::reds_heard(EngineTime at) {
    for (auto& [id, inc] : incidents_) {
        for (const auto* a : inc.open ? alerts_of(inc) : std::vector<const AlertEdge*>{}) {
            const bool is = a->to == AlertState::firing && a->level == Level::red && !a->muted && !silenced(*a);
            if (is) {
                inc.reds[{a->rule, a->queue}] = {true, at};
            }
        }
    }
}

/// Whether a message that calls them has no outcome yet. `reminders`: their time to answer is not over, so a reminder counts, too.
bool Reference::call_under_way(const std::string& id, const std::string& who, bool reminders) const {
    const auto from = pages_.lower_bound(id + "/");
    const auto to = pages_.lower_bound(id + "0");  // what follows '/'
    return std::any_of(from, to, [&](const auto& entry) {
        const Page& page = entry.second;
        const bool call = calls_people(page.purpose) && (reminders || page.purpose != PagePurpose::remind);
        return call && !page_over(page.state) && std::find(page.people.begin(), page.people.end(), who) != page.people.end();
    });
}

/// A person who can be called again; empty = nobody. They have not answered, are on duty, wanted and reachable, and no call to them
/// is under way.
std::string Reference::may_ask_again(const std::string& id, const Incident& inc, WallTime at) const {
    const auto last = static_cast<int>(inc.policy.tiers.size());
    const auto found = std::find_if(inc.seats.begin(), inc.seats.end(), [&](const auto& entry) {
        const auto& [who, seat] = entry;
        const bool silent = seat.first == SeatState::asked || seat.first == SeatState::timed_out;
        if (!silent || inc.asked.count(who) == 0 || inc.seen.count(who) > 0 || !wanted_now(inc, id, who, inc.tier)) {
            return false;
        }
        return !call_under_way(id, who, seat.first == SeatState::asked) && inc.named.count(who) == 0 && on_call(id, inc, who, inc.exhausted ? last + 1 : inc.tier, at);
    });
    return found == inc.seats.end() ? std::string() : found->first;
}

void Reference::reds_owed(const Record& r) {
    for (auto& entry : incidents_) {
        const auto& id = entry.first;
        auto& inc = entry.second;
        if (inc.causes.empty()) {
            continue;
        }
        const bool calling = inc.open && !inc.resolving && loud(inc) && !ebbs(inc) && !filled(inc);
        std::erase_if(inc.causes, [&](auto& cause) {
            const auto alert = firing_.find(cause.first);
            const bool stands = alert != firing_.end() && alert->second.to == AlertState::firing &&
                                alert->second.level == Level::red && !alert->second.muted && !alert->second.stale &&
                                !silenced(alert->second);
            // Nobody is called while seats are filled, also when one is given back in the same moment.
            if (!calling || !stands || inc.full) {
                return true;
            }
            if (inc.last_call >= cause.second) {
                met("a further red has people called");
                return true;
            }
            // Somebody who can be asked only since a reload, or a shift that begins now, is owed a call from now on.
            const auto who = plan_ == moment_plan_ ? may_ask_again(id, inc, moment_wall_) : std::string();
            if (stepped_ || who.empty()) {
                cause.second = r.at;
                return stepped_;
            }
            const bool late = !down_ && r.at > std::max(cause.second, recovered_) + call_rest + at_once;
            if (late) {
                breach("P11", cause.first.rule + " turned red in " + id + " and nobody is called for it, not even " + who, r);
            }
            return late;
        });
    }
}

}  // namespace surged::test
