#include "sim/reference.hpp"

#include <algorithm>
#include <utility>

namespace surged::test {

namespace {
bool over(PageState s) {
    return s == PageState::accepted || s == PageState::delivered || s == PageState::failed_perm || s == PageState::expired ||
           s == PageState::cancelled;
}
bool calls(PagePurpose p) {
    return p == PagePurpose::first || p == PagePurpose::need || p == PagePurpose::repeat_round || p == PagePurpose::remind;
}
}  // namespace

Reference::Reference(const Plan& plan) : plan_(plan) {}

void Reference::breach(const std::string& promise, const std::string& what, const Record& record) {
    if (breaches_.size() < 20) {
        breaches_.push_back(promise + ": " + what + " at " + std::to_string(to_ms(record.at)) + " (" + record_type(record) + ")");
    }
}

void Reference::read(const Record& r) {
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
    if (c.step == IncidentStep::tier) {
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
    inc.level = c.level;
    switch (c.step) {
        case IncidentStep::opened:
        case IncidentStep::reopened: {
            inc.need = c.need;
            if (c.step == IncidentStep::opened) {
                inc.queue = c.scope.at("queue");
            } else if (inc.open) {
                breach("P8", c.incident + " reopened while open", r);
            }
            inc.open = true;
            inc.closed = inc.resolving = inc.pending_empty = inc.full = false;
            inc.tier = 0;
            inc.tried.clear();
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
            ++exhausted_;
            inc.pending_empty = false;
            break;
        case IncidentStep::filled:
            ++filled_;
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
                ++rises_;
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
        case IncidentStep::closed: inc.closed = true; break;
        case IncidentStep::merged: breach("P8", c.incident + " went into another: there is no region in these worlds", r); break;
        case IncidentStep::level:
        case IncidentStep::need: break;
        case IncidentStep::unfilled: inc.full = false; break;
        case IncidentStep::owner:
        case IncidentStep::blind:
        case IncidentStep::note: break;
    }
}

void Reference::seat(const SeatChange& c, const Record& r) {
    auto& inc = incidents_[c.incident];
    const auto before = std::exchange(inc.since[c.person], {c.state, r.at});
    if (c.state == SeatState::noshow) {
        ++noshows_;
        const auto& tiers = plan_.policies.front().tiers;
        const auto within = tiers.at(static_cast<std::size_t>(c.tier) - 1).arrive_within;
        if (before.first != SeatState::joined || within <= Span{0} || r.at - before.second < within) {
            breach("noshow", c.person + " is given up too early, or never joined", r);
        }
    }
    if (c.state == SeatState::asked) {
        inc.answered.erase(c.person);
        if (inc.refused.count(c.person) > 0) {
            breach("seats", c.person + " is asked again after saying no", r);
        }
    }
    // Seats are taken and freed only by answers; the seat record must agree with the answer that follows it.
    if (c.state == SeatState::joined || c.state == SeatState::arrived) {
        inc.seated.insert(c.person);
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
    if (!inc.open && a.result != AnswerResult::closed) {
        breach("answers", "an answer counts in an incident that is over", r);
    }
    if (a.result == AnswerResult::seated && inc.seated.count(a.person) == 0) {
        breach("answers", a.person + " was promised a seat and has none", r);
    }
}

void Reference::sending(const PageChange& c, Page& p, const Record& r) {
    if (c.attempt != p.attempt + 1) {
        breach("P3", c.page + " attempt " + std::to_string(c.attempt) + " after " + std::to_string(p.attempt), r);
    }
    if (p.uncertain && !c.repeat) {
        breach("P3", c.page + " may be a second copy and is not labelled", r);
    }
    if (c.repeat && !p.uncertain) {
        breach("P3", c.page + " is labelled a repeat without cause", r);
    }
    if (std::exchange(p.doubted, false)) {
        ++repeats_;
        ++p.repeats;
        // One for an outcome nobody knew, one for each crash.
        if (p.repeats > 1 + crashes_ - p.crashes_at_start) {
            breach("P3", c.page + " repeated " + std::to_string(p.repeats) + " times", r);
        }
    }
    p.attempt = c.attempt;
    auto& log = sends_[c.channel];
    const auto spec =
        std::find_if(plan_.channels.begin(), plan_.channels.end(), [&](const ChannelSpec& s) { return s.id == c.channel; });
    log.push_back(r.at);
    if (spec->rate.count > 0 && log.size() > static_cast<std::size_t>(spec->rate.count)) {
        const auto before = log[log.size() - 1 - static_cast<std::size_t>(spec->rate.count)];
        if (r.at - before < spec->rate.per) {
            breach("P8", c.channel + " over its rate", r);
        }
    }
    auto& inc = incidents_[c.incident];
    const auto& policy = plan_.policies.front();
    const bool urgent = c.purpose == PagePurpose::first &&
                        (c.tier > static_cast<int>(policy.tiers.size()) || inc.level == Level::red ||
                         policy.tiers.at(static_cast<std::size_t>(std::max(1, c.tier)) - 1).urgent);
    if (policy.person_max.count > 0 && spec->kind == ChannelKind::personal && c.attempt == 1 && c.purpose != PagePurpose::close) {
        auto& sent = person_sends_[c.people.front()];
        const auto most = static_cast<std::size_t>(policy.person_max.count);
        if (!urgent && sent.size() >= most && r.at - sent[sent.size() - most] < policy.person_max.per) {
            breach("cap", c.people.front() + " has more pages than the cap", r);
        }
        sent.push_back(r.at);
    }
    if (c.purpose == PagePurpose::close) {
        if (inc.open) {
            breach("P4", c.page + " says it is over while it is open", r);
        }
        return;
    }
    if (!inc.open || inc.resolving || !loud(inc.queue)) {
        breach("P4", c.page + " calls for a surge that is not", r);
    }
    if (calls(c.purpose) && static_cast<int>(inc.seated.size()) >= inc.need) {
        breach("P4", c.page + " calls although seats are full", r);
    }
    for (const auto& person : c.people) {
        if (calls(c.purpose) && inc.answered[person]) {
            breach("P4", c.page + " calls " + person + " who has answered", r);
        }
        inc.owed.insert(person);
        inc.tried.erase(person);
    }
}

void Reference::page(const PageChange& c, const Record& r) {
    const auto known = pages_.find(c.page);
    if (known == pages_.end()) {
        if (c.state != PageState::queued) {
            breach("P1", c.page + " without an intent", r);
        }
        Page p;
        p.purpose = c.purpose;
        p.channel = c.channel;
        p.people = c.people;
        p.crashes_at_start = p.crashes_seen = crashes_;
        p.deadline = c.deadline;
        pages_[c.page] = p;
        return;
    }
    auto& p = known->second;
    if (over(p.state)) {
        breach("P2", c.page + " changes after its end", r);
    }
    if (c.state == PageState::sending) {
        sending(c, p, r);
    }
    p.deadline = c.deadline;
    if (c.state == PageState::unknown) {
        p.uncertain = p.doubted = true;
    }
    // The last attempt may begin just before the deadline and take its time limit and the desk's grace.
    const auto latest = p.deadline + std::chrono::seconds{20};
    if (over(c.state) && r.at > latest && p.crashes_seen == crashes_) {
        breach("P2", c.page + " ends after its deadline", r);
    }
    p.state = c.state;
    p.people = c.people;
    p.crashes_seen = crashes_;
    if (p.purpose != PagePurpose::close || !over(c.state)) {
        return;
    }
    auto& inc = incidents_[c.incident];
    for (const auto& person : c.people) {
        if (c.state != PageState::accepted) {
            inc.tried[person].insert(c.channel);
        } else if (inc.open) {
            continue;  // reopened while it was under way: the next ending owes another
        } else if (inc.owed.erase(person) == 0) {
            breach("P5", person + " is told twice that " + c.incident + " is over", r);
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
        for (const auto& person : inc.owed) {
            const auto spec =
                std::find_if(plan_.people.begin(), plan_.people.end(), [&](const PersonSpec& s) { return s.id == person; });
            const auto tried = inc.tried.find(person);
            for (const auto& step : spec->normal) {
                if (tried == inc.tried.end() || tried->second.count(step.channel) == 0) {
                    breach("P5", person + " was paged in " + id + " and never told it is over", end);
                    break;
                }
            }
        }
    }
}

}  // namespace surged::test
