#include "sim/reference.hpp"

#include <algorithm>
#include <utility>

namespace surged::test {

namespace {
bool over(PageState s) {
    return s == PageState::accepted || s == PageState::delivered || s == PageState::failed_perm || s == PageState::expired ||
           s == PageState::cancelled;
}

bool covers(const std::map<std::string, std::string>& scope, const AlertEdge& alert) {
    return std::all_of(scope.begin(), scope.end(), [&](const auto& part) {
        const auto& is = part.first == "centre"    ? alert.queue.centre
                         : part.first == "queue"   ? alert.queue.queue
                         : part.first == "channel" ? alert.queue.channel
                                                   : alert.group;
        return is == part.second;
    });
}
}  // namespace

Tally& Tally::operator+=(const Tally& o) {
    incidents += o.incidents, reopened += o.reopened, pages += o.pages, repeats += o.repeats, filled += o.filled;
    exhausted += o.exhausted, rises += o.rises, noshows += o.noshows, closings += o.closings, informed += o.informed;
    elsewhere += o.elsewhere, riders += o.riders, regions += o.regions, merged += o.merged, needs += o.needs,
        overrides += o.overrides, done += o.done, undone += o.undone, handovers += o.handovers, relieved += o.relieved;
    for (const auto& [what, times] : o.met) {
        met[what] += times;
    }
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

const PolicySpec* Reference::policy(const std::string& id, const Plan& plan) const {
    const auto it = std::find_if(plan.policies.begin(), plan.policies.end(), [&](const PolicySpec& p) { return p.id == id; });
    return it == plan.policies.end() ? nullptr : &*it;
}

void Reference::breach(const std::string& promise, const std::string& what, EngineTime at) {
    if (breaches_.size() < 20) {
        breaches_.push_back(promise + ": " + what + " at " + std::to_string(to_ms(at)));
    }
}

void Reference::crashed() {
    ++crashes_;
    down_ = true;
    deaf_.clear();  // the next process finishes a step that was cut off
    untold_.clear();
    unsaid_.clear();
    joining_.clear();
    leaving_.clear();
    for (auto& [id, inc] : incidents_) {
        inc.wanting = EngineTime{};
    }
    cut_ = engine_never;
}

void Reference::read(const Record& r) {
    if (r.at > moment_) {
        moment_ends(r);
        moment_ = r.at;
    }
    moment_plan_ = plan_;
    moment_wall_ = r.wall;
    deaf_ends(r);
    if (std::holds_alternative<AlertEdge>(r.body) || std::holds_alternative<SilenceChange>(r.body)) {
        news_ = r.at;
    }
    if (const auto* note = std::get_if<SystemNote>(&r.body); note != nullptr && note->what == "recovered") {
        recovered_ = r.at;
        down_ = false;
        cut_ = r.at + Span{10};
    }
    if (const auto* a = std::get_if<AlertEdge>(&r.body)) {
        alert(*a);
        listen();
    } else if (const auto* i = std::get_if<IncidentChange>(&r.body)) {
        incident(*i, r);
    } else if (const auto* s = std::get_if<SeatChange>(&r.body)) {
        seat(*s, r);
    } else if (const auto* p = std::get_if<PageChange>(&r.body)) {
        page(*p, r);
    } else if (const auto* g = std::get_if<AnswerGiven>(&r.body)) {
        answer(*g, r);
    } else if (const auto* o = std::get_if<OverrideChange>(&r.body)) {
        override_set(*o);
    } else if (const auto* q = std::get_if<SilenceChange>(&r.body)) {
        if (q->removed) {
            silences_.erase(q->silence);
        } else {
            silences_[q->silence] = *q;
        }
        listen();
        reds_heard(r.at);
    }
}

/// Reports what was owed in the moment that ended and has not been done.
void Reference::moment_ends(const Record& r) {
    for (const auto& [id, who] : std::exchange(untold_, {})) {
        breach("inform", who + " is to be told of " + id + " and is not", r);
    }
    for (const auto& [id, action] : std::exchange(unsaid_, {})) {
        breach("playbook", action + " of " + id + " is given up and nobody hears of it", r);
    }
    duty_owed(r);
    reds_owed(r);
    if (moment_ >= cut_) {
        handovers_owed(r);
        relief_owed(r);
        deeds_owed(r);
        parts_owed(r);
        need_owed(moment_);  // people may have left or come to work since
        need_owed(r.at);
        riders_end(r);
    }
}

// ---- alerts

void Reference::alert(const AlertEdge& e) {
    if (e.to == AlertState::firing || e.to == AlertState::clearing) {
        firing_[{e.rule, e.queue}] = e;
    } else {
        firing_.erase({e.rule, e.queue});
        for (auto& entry : incidents_) {
            entry.second.held.erase({e.rule, e.queue});
        }
    }
    red(e);
}

bool Reference::silenced(const AlertEdge& alert) const {
    return std::any_of(silences_.begin(), silences_.end(),
                       [&](const auto& s) { return s.second.queue == "*" || s.second.queue == alert.queue.queue; });
}

/// The alerts of this incident: of its policy and within its scope. An open region takes the alerts of its scopes. A reload may have
/// made wider or narrower regions: "from then on the alerts of every scope within it are its own", so the region that opened first
/// keeps the alerts of an overlap.
std::vector<const AlertEdge*> Reference::alerts_of(const Incident& inc) const {
    std::vector<const AlertEdge*> out;
    for (const auto& [key, alert] : firing_) {
        const bool anothers = std::any_of(incidents_.begin(), incidents_.end(), [&, a = &alert](const auto& entry) {
            const auto& other = entry.second;
            return &other != &inc && other.region && other.open && other.policy.id == inc.policy.id && covers(other.scope, *a) &&
                   (!inc.region || (inc.open && other.opened < inc.opened));
        });
        if (!anothers && alert.policy == inc.policy.id && covers(inc.scope, alert)) {
            out.push_back(&alert);
        }
    }
    return out;
}

bool Reference::loud(const Incident& inc) const {
    const auto alerts = alerts_of(inc);
    return std::any_of(alerts.begin(), alerts.end(), [&](const AlertEdge* a) { return !a->muted && !silenced(*a); });
}

bool Reference::burns(const Incident& inc) const {
    const auto alerts = alerts_of(inc);
    return std::any_of(alerts.begin(), alerts.end(), [&](const AlertEdge* a) {
        return !a->muted && !silenced(*a) && (a->to == AlertState::firing || a->stale);
    });
}

void Reference::listen() {
    for (auto& [id, inc] : incidents_) {
        if (inc.open && !loud(inc)) {
            inc.stilled = !alerts_of(inc).empty();
        } else if (burns(inc)) {
            inc.stilled = false;
        }
    }
}

// ---- answers

void Reference::answer(const AnswerGiven& a, const Record& r) {
    auto& inc = incidents_[a.incident];
    if (a.kind == AnswerKind::ack) {
        seats_of(a.incident).seen.insert(a.person);
    }
    if (a.result == AnswerResult::seated) {
        given_.insert({a.incident, a.person});
    }
    if (!inc.into.empty()) {
        breach("answers", "an answer to " + a.incident + " is none to " + inc.into + ", into which it went", r);
    }
    if (!inc.open && a.result != AnswerResult::closed) {
        breach("answers", "an answer counts in an incident that is over", r);
    }
    if (inc.open && a.result == AnswerResult::closed) {
        breach("answers", "an answer is refused as too late in an incident that is open", r);
    }
    if (a.result == AnswerResult::seated && inc.seated.count(a.person) == 0) {
        breach("answers", a.person + " was promised a seat and has none", r);
    }
    if (a.result == AnswerResult::elsewhere && !sits_elsewhere(a.incident, a.person)) {
        breach("one seat", a.person + " is refused for a seat that they do not hold", r);
    }
    names(inc, a, r);
    if (a.result == AnswerResult::spare && static_cast<int>(inc.seated.size()) < inc.need) {
        breach("answers", a.person + " stands by although a seat is free", r);
    }
}

void Reference::confirmed(const Command& command, const CommandReply& reply, EngineTime at) {
    const bool answers = command.kind == Command::Kind::answer;
    const auto key = command.by + "/" + command.key;
    const auto asked = std::string(answers ? to_string(command.answer) : "order") + " " + command.incident + " " +
                       command.person + " " + command.successor;
    const auto first = command.key.empty() ? replies_.end() : replies_.find(key);
    if (first != replies_.end() && first->second.first == asked && first->second.second != reply.code) {
        breach("P7", "key " + command.key + " was answered " + first->second.second + " and now " + reply.code, at);
    }
    if (!reply.ok) {
        return;
    }
    if (!command.key.empty()) {
        replies_.emplace(key, std::pair(asked, reply.code));
    }
    // The log has this answer, or the one given before under this key. A later decision may have taken the seat away again.
    const auto into = incidents_.count(command.incident) > 0 ? incidents_.at(command.incident).into : std::string();
    const bool given = given_.count({command.incident, command.person}) > 0 || given_.count({into, command.person}) > 0;
    if (answers && reply.code == to_string(AnswerResult::seated) && !given) {
        breach("P7", command.person + " was confirmed a seat that is not durable", at);
    }
}

/// After a restart every confirmed seat is held, and nobody holds a seat that was not given to them.
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
                breach("P7", who + " was given a seat in " + view.incident + " and has none", known->second.seats.at(who).second);
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
