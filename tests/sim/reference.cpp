#include "sim/reference.hpp"

#include <algorithm>
#include <utility>

namespace surged::test {

namespace {
bool over(PageState s) {
    return s == PageState::accepted || s == PageState::delivered || s == PageState::failed_perm || s == PageState::expired ||
           s == PageState::cancelled;
}

/// Rosters of the simulation live in UTC and have no overrides: a shift is minutes of the day, every day.
bool on_shift(const ShiftSpec& shift, WallTime at) {
    const auto minute = static_cast<int>(to_ms(at) / 60000 % 1440);
    if (shift.to_min > shift.from_min) {
        return minute >= shift.from_min && minute < shift.to_min;
    }
    return minute >= shift.from_min || minute < shift.to_min;
}
}  // namespace

Tally& Tally::operator+=(const Tally& o) {
    incidents += o.incidents, reopened += o.reopened, pages += o.pages, repeats += o.repeats, filled += o.filled;
    exhausted += o.exhausted, rises += o.rises, noshows += o.noshows, closings += o.closings;
    return *this;
}

const PersonSpec* Reference::person(const std::string& id) const {
    const auto it = std::find_if(plan_->people.begin(), plan_->people.end(), [&](const PersonSpec& p) { return p.id == id; });
    return it == plan_->people.end() ? nullptr : &*it;
}

const ChannelSpec* Reference::channel(const std::string& id) const {
    const auto it =
        std::find_if(plan_->channels.begin(), plan_->channels.end(), [&](const ChannelSpec& c) { return c.id == id; });
    return it == plan_->channels.end() ? nullptr : &*it;
}

void Reference::breach(const std::string& promise, const std::string& what, EngineTime at) {
    if (breaches_.size() < 20) {
        breaches_.push_back(promise + ": " + what + " at " + std::to_string(to_ms(at)));
    }
}

void Reference::crashed() {
    ++crashes_;
    deaf_.clear();  // a step that was cut is finished by the next life
}

void Reference::read(const Record& r) {
    deaf_ends(r);
    if (std::holds_alternative<AlertEdge>(r.body) || std::holds_alternative<SilenceChange>(r.body)) {
        news_ = r.at;
    }
    if (const auto* note = std::get_if<SystemNote>(&r.body); note != nullptr && note->what == "recovered") {
        recovered_ = r.at;
    }
    if (const auto* a = std::get_if<AlertEdge>(&r.body)) {
        alert(*a);
    } else if (const auto* i = std::get_if<IncidentChange>(&r.body)) {
        incident(*i, r);
    } else if (const auto* s = std::get_if<SeatChange>(&r.body)) {
        seat(*s, r);
    } else if (const auto* p = std::get_if<PageChange>(&r.body)) {
        page(*p, r);
    } else if (const auto* g = std::get_if<AnswerGiven>(&r.body)) {
        answer(*g, r);
    } else if (const auto* q = std::get_if<SilenceChange>(&r.body)) {
        if (q->removed) {
            silences_.erase(q->silence);
        } else {
            silences_[q->silence] = *q;
        }
    }
}

void Reference::alert(const AlertEdge& e) {
    if (e.to == AlertState::firing || e.to == AlertState::clearing) {
        firing_[e.queue.queue][e.rule] = e;
    } else {
        firing_[e.queue.queue].erase(e.rule);
    }
}

bool Reference::loud(const std::string& queue) const {
    const auto it = firing_.find(queue);
    if (it == firing_.end()) {
        return false;
    }
    return std::any_of(it->second.begin(), it->second.end(), [&](const auto& entry) {
        const auto& alert = entry.second;
        const bool silent = std::any_of(silences_.begin(), silences_.end(), [&](const auto& s) {
            return s.second.queue == "*" || s.second.queue == alert.queue.queue;
        });
        return !alert.muted && !silent;
    });
}

void Reference::tier_step(Incident& inc, const IncidentChange& c, const Record& r) {
    if (c.tier != inc.tier + 1) {
        breach("P6", c.incident + " goes from tier " + std::to_string(inc.tier) + " to " + std::to_string(c.tier), r);
    }
    inc.tier = c.tier;
    if (c.step == IncidentStep::tier_empty) {
        not_skipped(inc, c, r);
    }
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

/// After a restart the desk climbs one tier and then waits ten seconds for news: an alert that moves, or a silence.
void Reference::held_after_restart(const Incident& inc, const IncidentChange& c, const Record& r) {
    const bool restarted = recovered_ != EngineTime{} && r.at < recovered_ + std::chrono::seconds{10} && news_ < recovered_;
    if (restarted && c.by == "engine" && inc.tier_at >= recovered_ && inc.tier_at != r.at) {
        breach("P6", c.incident + " climbs twice within ten seconds of a restart", r);
    }
}

/// A tier is called empty: nobody of its rosters is on duty and was never asked.
void Reference::not_skipped(const Incident& inc, const IncidentChange& c, const Record& r) {
    for (const auto& id : inc.policy.tiers.at(static_cast<std::size_t>(c.tier) - 1).rosters) {
        for (const auto& roster : plan_->rosters) {
            for (const auto& shift : roster.shifts) {
                for (const auto& who : roster.id == id && on_shift(shift, r.wall) ? shift.people : std::vector<std::string>{}) {
                    if (person(who) != nullptr && inc.since.count(who) == 0 && inc.refused.count(who) == 0 &&
                        !sits_elsewhere(c.incident, who)) {
                        breach("P6", c.incident + " takes tier " + std::to_string(c.tier) + " for empty, " + who + " is on duty",
                               r);
                    }
                }
            }
        }
    }
}

void Reference::incident(const IncidentChange& c, const Record& r) {
    if (c.step == IncidentStep::opened && incidents_.count(c.incident) > 0) {
        breach("P8", c.incident + " opened twice", r);
    }
    if (c.step != IncidentStep::opened && incidents_.count(c.incident) == 0) {
        breach("P8", c.incident + " was never opened", r);
    }
    const bool known = incidents_.count(c.incident) > 0;
    auto& inc = incidents_[c.incident];
    if (inc.pending_empty && inc.empty_at != r.at && inc.empty_crashes == crashes_) {
        breach("P6", c.incident + " waited on an empty tier", r);
        inc.pending_empty = false;
    }
    inc.level = c.level;
    switch (c.step) {
        case IncidentStep::opened:
        case IncidentStep::reopened: {
            inc.need = c.need;
            if (c.step == IncidentStep::opened) {
                ++tally_.incidents;
                inc.queue = c.scope.at("queue");
                inc.policy = plan_->policies.front();
            } else {
                ++tally_.reopened;
                if (inc.open && known) {
                    breach("P8", c.incident + " reopened while open", r);
                }
            }
            inc.open = true;
            inc.closed = inc.resolving = inc.pending_empty = inc.full = false;
            inc.tier = 0;
            inc.tried.clear();
            std::erase_if(inc.since, [&](const auto& entry) { return inc.helped.count(entry.first) == 0; });
            auto& other = open_in_[inc.queue];
            if (!other.empty()) {
                breach("P8", "two open incidents in " + inc.queue, r);
            }
            other = c.incident;
            if (!loud(inc.queue)) {
                breach("P4", c.incident + " opened with nothing firing", r);
            }
            break;
        }
        case IncidentStep::tier:
        case IncidentStep::tier_empty: tier_step(inc, c, r); break;
        case IncidentStep::exhausted:
            ++tally_.exhausted;
            inc.pending_empty = false;
            break;
        case IncidentStep::filled:
            ++tally_.filled;
            inc.full = true;
            if (static_cast<int>(inc.seated.size()) < inc.need) {
                breach("quorum",
                       c.incident + " filled with " + std::to_string(inc.seated.size()) + " of " + std::to_string(inc.need), r);
            }
            break;
        case IncidentStep::resolving:
            inc.resolving = true;
            if (!firing_[inc.queue].empty()) {
                breach("D1", c.incident + " ends while alerts fire", r);
            }
            break;
        case IncidentStep::recheck:
            if (!inc.full || c.need < inc.need) {
                breach("recheck", c.incident + " rechecked while paging, or its need falls", r);
            }
            if (c.need > inc.need) {
                ++tally_.rises;
                inc.full = false;
            }
            inc.need = c.need;
            break;
        case IncidentStep::resumed: inc.resolving = false; break;
        case IncidentStep::resolved:
            inc.open = inc.resolving = false;
            inc.seated.clear();
            open_in_[inc.queue].clear();
            break;
        case IncidentStep::closed:
            inc.closed = true;
            all_told(inc, r);
            break;
        case IncidentStep::merged: breach("P8", c.incident + " went into another: there is no region in these worlds", r); break;
        case IncidentStep::level:
        case IncidentStep::need: break;
        case IncidentStep::unfilled: inc.full = false; break;
        case IncidentStep::owner:
        case IncidentStep::blind:
        case IncidentStep::load:
        case IncidentStep::note:
        case IncidentStep::adopted: break;
    }
}

bool Reference::sits_elsewhere(const std::string& incident, const std::string& who) const {
    return std::any_of(incidents_.begin(), incidents_.end(), [&](const auto& entry) {
        return entry.first != incident && entry.second.open && entry.second.seated.count(who) > 0;
    });
}

void Reference::seat(const SeatChange& c, const Record& r) {
    auto& inc = incidents_[c.incident];
    const bool fallback = c.tier > static_cast<int>(inc.policy.tiers.size());
    const bool takes = c.state == SeatState::joined || c.state == SeatState::arrived;
    if (inc.open && (takes || (c.state == SeatState::asked && !fallback)) && sits_elsewhere(c.incident, c.person)) {
        breach("one seat", c.person + " is " + std::string(to_string(c.state)) + " and sits in another incident", r);
    }
    const auto before = std::exchange(inc.since[c.person], {c.state, r.at});
    heard(c.incident, c.person);
    if (c.state == SeatState::noshow) {
        ++tally_.noshows;
        const auto& tiers = inc.policy.tiers;
        const auto within = tiers.at(static_cast<std::size_t>(c.tier) - 1).arrive_within;
        if (before.first != SeatState::joined || within <= Span{0} || r.at - before.second < within) {
            breach("noshow", c.person + " is given up too early, or never joined", r);
        }
    }
    if (c.state == SeatState::asked) {
        inc.answered.erase(c.person);
        inc.calls[c.person].clear();
        if (inc.refused.count(c.person) > 0) {
            breach("seats", c.person + " is asked again after saying no", r);
        }
    }
    // Seats are taken and freed only by answers; the seat record must agree with the answer that follows it.
    if (c.state == SeatState::joined || c.state == SeatState::arrived) {
        inc.seated.insert(c.person);
        inc.helped.insert(c.person);
        inc.refused.erase(c.person);
        if (static_cast<int>(inc.seated.size()) > inc.need) {
            breach("seats", c.incident + " gives more seats than it needs", r);
        }
    } else if (c.state != SeatState::released) {
        inc.seated.erase(c.person);
    }
    if (c.state == SeatState::spare) {
        inc.refused.erase(c.person);  // a no that became a yes
    }
    if (c.state == SeatState::declined || c.state == SeatState::left) {
        inc.refused.insert(c.person);
    }
    if (c.state != SeatState::asked && c.state != SeatState::informed && c.state != SeatState::timed_out &&
        c.state != SeatState::unreachable) {
        inc.answered[c.person] = true;
    }
}

void Reference::answer(const AnswerGiven& a, const Record& r) {
    auto& inc = incidents_[a.incident];
    if (a.result == AnswerResult::seated) {
        given_.insert({a.incident, a.person});
    }
    if (!inc.open && a.result != AnswerResult::closed) {
        breach("answers", "an answer counts in an incident that is over", r);
    }
    if (a.result == AnswerResult::seated && inc.seated.count(a.person) == 0) {
        breach("answers", a.person + " was promised a seat and has none", r);
    }
}

void Reference::confirmed(const Command& command, const CommandReply& reply, EngineTime at) {
    if (!reply.ok) {
        return;
    }
    if (!command.key.empty()) {
        const auto& first = replies_.emplace(command.by + "/" + command.key, reply.code).first->second;
        if (first != reply.code) {
            breach("P7", "key " + command.key + " was answered " + first + " and now " + reply.code, at);
        }
    }
    // What is said now, or was said before under this key, is in the log. The seat may be gone since, by another decision.
    const auto result = to_string(AnswerResult::seated);
    if (command.kind == Command::Kind::answer && reply.code == result && given_.count({command.incident, command.person}) == 0) {
        breach("P7", command.person + " was confirmed a seat that is not durable", at);
    }
}

/// After a restart: a seat that was confirmed is held, and nobody holds one who was never given it.
void Reference::compare(const std::vector<IncidentView>& shown) {
    for (const auto& view : shown) {
        const auto known = incidents_.find(view.incident);
        if (known == incidents_.end()) {
            breach("P1", view.incident + " is shown and not durable", EngineTime{});
            continue;
        }
        if (!known->second.open || view.state == "resolved" || view.state == "closed") {
            continue;
        }
        std::set<std::string> holders;
        for (const auto& seat : view.seats) {
            if (seat.state == SeatState::joined || seat.state == SeatState::arrived) {
                holders.insert(seat.person);
            }
        }
        for (const auto& who : known->second.seated) {
            if (holders.count(who) == 0) {
                breach("P7", who + " was given a seat in " + view.incident + " and has none", known->second.since.at(who).second);
            }
        }
        if (holders.size() > known->second.seated.size()) {
            breach("P7", view.incident + " shows seats that nobody was given", EngineTime{});
        }
    }
}

void Reference::finish() {
    Record end;
    for (const auto& [key, p] : pages_) {
        if (!over(p.state)) {
            breach("P2", key + " has no end: " + std::string(to_string(p.state)), end);
        }
    }
    for (const auto& [id, inc] : incidents_) {
        if (!inc.closed) {
            breach("life", id + " never closed", end);
        }
    }
}

}  // namespace surged::test
