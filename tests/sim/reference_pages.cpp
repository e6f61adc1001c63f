// The reference's pages: one end each, labels, limits, closing messages, failover, and what left the process.
#include <algorithm>
#include <utility>

#include "sim/reference.hpp"

namespace surged::test {

namespace {
bool over(PageState s) {
    return s == PageState::accepted || s == PageState::delivered || s == PageState::failed_perm || s == PageState::expired ||
           s == PageState::cancelled;
}
bool asks(PagePurpose p) {
    return p == PagePurpose::first || p == PagePurpose::need || p == PagePurpose::repeat_round || p == PagePurpose::handover;
}
bool deed(PagePurpose p) {
    return p == PagePurpose::act || p == PagePurpose::undo;
}
bool closes(PagePurpose p) {
    return p == PagePurpose::close || p == PagePurpose::stand_down;
}
bool calls(PagePurpose p) {
    return asks(p) || p == PagePurpose::remind;
}
}  // namespace

/// The rate of the channel and the cap of the person, over every window of their length.
void Reference::limits(const PageChange& c, const Incident& inc, const Record& r) {
    const auto* spec = channel(c.channel);
    if (spec == nullptr) {
        breach("P2", c.page + " is sent by a channel that is not configured", r);
        return;
    }
    auto& log = sends_[c.channel];
    log.push_back(r.at);
    if (log.size() > 5000) {
        log.pop_front();
    }
    if (spec->rate.count > 0 && log.size() > static_cast<std::size_t>(spec->rate.count)) {
        const auto before = log[log.size() - 1 - static_cast<std::size_t>(spec->rate.count)];
        if (r.at - before < spec->rate.per) {
            breach("P8", c.channel + " over its rate", r);
        }
    }
    if (deed(c.purpose)) {
        return;
    }
    const auto& policy = inc.policy;
    const bool urgent =
        c.purpose == PagePurpose::first && (c.tier > static_cast<int>(policy.tiers.size()) || inc.level == Level::red ||
                                            policy.tiers.at(static_cast<std::size_t>(std::max(1, c.tier)) - 1).urgent);
    if (policy.person_max.count > 0 && spec->kind == ChannelKind::personal && c.attempt == 1 && !closes(c.purpose)) {
        auto& sent = person_sends_[c.people.front()];
        const auto most = static_cast<std::size_t>(policy.person_max.count);
        if (!urgent && sent.size() >= most && r.at - sent[sent.size() - most] < policy.person_max.per) {
            breach("cap", c.people.front() + " has more pages than the cap", r);
        }
        sent.push_back(r.at);
        if (sent.size() > 1000) {
            sent.pop_front();
        }
    }
}

/// A further attempt: in its turn, labelled when an earlier one may have arrived, and not repeated too often (P3).
void Reference::attempted(const PageChange& c, Page& p, const Record& r) {
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
        ++tally_.repeats;
        ++p.repeats;
        // One repeat for an unknown outcome and one for each crash. Steps of the playbook are tried to their deadline.
        if (!deed(c.purpose) && p.repeats > 3) {
            breach("P3", c.page + " is repeated more than three times", r);
        }
        if (!deed(c.purpose) && p.repeats > 1 + crashes_ - p.crashes_at_start) {
            breach("P3", c.page + " repeated " + std::to_string(p.repeats) + " times", r);
        }
    }
}

void Reference::sending(const PageChange& c, Page& p, const Record& r) {
    attempted(c, p, r);
    p.attempt = c.attempt;
    p.repeat = c.repeat;
    auto& inc = incidents_[c.incident];
    if (calls(c.purpose) && c.purpose != PagePurpose::handover) {
        inc.last_call = r.at;
    }
    p.need = inc.need;
    p.joined = static_cast<int>(inc.seated.size());
    p.level = inc.level;
    p.carrier = c.carrier;
    riding_.erase(c.page);
    if (c.carrier.empty()) {
        limits(c, inc, r);
    } else {
        rides(c, p, r);
    }
    if (c.purpose == PagePurpose::close || c.purpose == PagePurpose::undo) {
        if (inc.open || goes_on(inc)) {
            breach("P4", c.page + " says it is over while it is open", r);
        }
        return;
    }
    if (c.purpose == PagePurpose::stand_down) {
        for (const auto& who : c.people) {
            const auto state = inc.seats[who].first;
            const bool relieved = state == SeatState::left && inc.relieved.count(who) > 0;
            if (!inc.open || (state != SeatState::released && !relieved)) {
                breach("P4", c.page + " sends " + who + " home who is wanted, or after the end", r);
            }
        }
        return;
    }
    if (!inc.open || inc.resolving || !loud(inc)) {
        breach("P4", c.page + " calls for a surge that is not", r);
    }
    if (calls(c.purpose) && c.purpose != PagePurpose::handover && ebbs(inc)) {
        breach("P4", c.page + " calls for what is on its way back", r);
    }
    if (calls(c.purpose) && c.purpose != PagePurpose::handover && filled(inc)) {
        breach("P4", c.page + " calls although seats are full", r);
    }
    spoken_to(c, inc, r);
}

/// Whom a page calls or tells may be called, and is owed a word at the end.
void Reference::spoken_to(const PageChange& c, Incident& inc, const Record& r) {
    for (const auto& person : c.people) {
        if (calls(c.purpose) && c.purpose != PagePurpose::handover) {
            met("who is called is on duty");
            // A person who was called on duty and then as fallback may be reached by the earlier page, on duty or not.
            const auto asked = inc.asked.find(person);
            const int tier = asked == inc.asked.end() ? c.tier : std::max(c.tier, asked->second);
            if (!on_call(c.incident, inc, person, tier, r.wall)) {
                breach("P11", c.page + " calls " + person + " who is off duty", r);
            }
        }
        if (calls(c.purpose) && inc.answered[person]) {
            breach("P4", c.page + " calls " + person + " who has answered", r);
        }
        const auto seat = inc.seats.find(person);
        if (calls(c.purpose) && seat != inc.seats.end() && seat->second.first == SeatState::informed) {
            breach("inform", c.page + " calls " + person + " who is only told", r);
        }
        inc.owed.insert(person);
        ++inc.called[person];
        inc.tried.erase(person);
        inc.tried_home.erase(person);
    }
}

/// The page leaves with the message of another page: same people, same channel, same label, another incident.
void Reference::rides(const PageChange& c, Page& p, const Record& r) {
    const auto with = pages_.find(c.carrier);
    if (with == pages_.end() || with->second.state != PageState::sending || !with->second.carrier.empty()) {
        breach("riders", c.page + " rides with " + c.carrier + ", which does not leave", r);
        return;
    }
    const auto* spec = channel(c.channel);
    const bool same = spec != nullptr && with->second.channel == c.channel && with->second.repeat == c.repeat &&
                      (spec->kind == ChannelKind::group || with->second.people == c.people);
    if (!same || !spec->coalesce || !calls(c.purpose) || !calls(with->second.purpose)) {
        breach("riders", c.page + " rides with " + c.carrier + ", which is for others, or says another thing", r);
    }
    ++tally_.riders;
    p.carried = with->second.attempt;
    riding_.insert(c.page);
}

/// A page that left with another one has its outcome, in the same moment.
void Reference::riders_end(const Record& r) {
    std::erase_if(riding_, [&](const std::string& key) {
        const auto& p = pages_.at(key);
        const auto& with = pages_.at(p.carrier);
        const bool ended = with.state != PageState::sending || with.attempt != p.carried;
        if (ended && p.state == PageState::sending) {
            breach("riders", key + " still waits for the outcome of " + p.carrier, r);
        }
        if (ended && with.attempt == p.carried && (with.state == PageState::accepted) != (p.state == PageState::accepted)) {
            breach("riders", key + " has another outcome than " + p.carrier, r);
        }
        return ended || p.state != PageState::sending;
    });
}

void Reference::page(const PageChange& c, const Record& r) {
    const auto known = pages_.find(c.page);
    if (known == pages_.end()) {
        if (c.state != PageState::queued) {
            breach("P1", c.page + " without an intent", r);
        }
        ++tally_.pages;
        if (calls(c.purpose) && c.purpose != PagePurpose::handover) {
            incidents_[c.incident].last_call = r.at;
        }
        for (const auto& who : c.people) {
            if (asks(c.purpose)) {
                incidents_[c.incident].calls[who].push_back(c.page);
            }
            heard(c.incident, who);
        }
        Page p;
        p.purpose = c.purpose;
        p.channel = c.channel;
        p.people = c.people;
        p.crashes_at_start = p.crashes_seen = crashes_;
        p.deadline = c.deadline;
        p.ending = incidents_[c.incident].endings;
        for (const auto& who : closes(c.purpose) ? c.people : std::vector<std::string>{}) {
            p.called[who] = incidents_[c.incident].called[who];
        }
        if (c.purpose == PagePurpose::stand_down) {
            relieves(incidents_[c.incident], c);
        }
        if (deed(c.purpose)) {
            deed_begins(incidents_[c.incident], c, r);
        }
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
        if (p.crashes_seen != crashes_) {
            riding_.erase(c.page);  // killed between two records of one outcome: the carrier has it, this page has not
        }
    }
    // The last attempt may begin just before the deadline and take its time limit and the desk's grace.
    const auto latest = p.deadline + std::chrono::seconds{20};
    if (over(c.state) && r.at > latest && p.crashes_seen == crashes_) {
        breach("P2", c.page + " ends after its deadline", r);
    }
    p.state = c.state;
    p.people = c.people;
    p.crashes_seen = crashes_;
    if (c.state == PageState::failed_perm || c.state == PageState::expired) {
        failed(c, r);
    }
    if (closes(p.purpose) && over(c.state)) {
        told(c, r);
    }
    if (deed(p.purpose)) {
        deed_changes(c, r);
    }
}

/// A closing message is at its end.
void Reference::told(const PageChange& c, const Record& r) {
    auto& inc = incidents_[c.incident];
    tally_.closings += c.state == PageState::accepted ? 1 : 0;
    for (const auto& who : c.people) {
        const auto& page = pages_.at(c.page);
        const bool home = c.purpose == PagePurpose::stand_down;
        const auto of = page.called.find(who);
        if (c.state != PageState::accepted) {
            if (!home) {
                inc.tried[who].insert(c.channel);
            } else if (c.state != PageState::cancelled) {
                inc.tried_home[who].insert(c.channel);
                if (page.uncertain || !inc.open) {
                    // It may have told them, and nobody is told twice; or it failed after the ending, so this channel was
                    // tried for the ending too: had it arrived, it would have told them.
                    inc.tried[who].insert(c.channel);
                }
            }
        } else if (of != page.called.end() && of->second != inc.called[who]) {
            continue;  // called again while it was under way: another is owed
        } else if (!home && (inc.open || !inc.into.empty() || page.ending != inc.endings)) {
            continue;  // reopened while it was under way: the next ending owes another
        } else if (home && !inc.into.empty()) {
            // It was under way when the scope went into a region: they are told there too, if they were not called since.
            auto& whole = incidents_[inc.into];
            if (const auto then = inc.called_there.find(who);
                then != inc.called_there.end() && then->second == whole.called[who]) {
                whole.owed.erase(who);
            }
        } else if (inc.owed.erase(who) == 0) {
            breach("P5", who + " is told twice that " + c.incident + " is over", r);
        }
    }
}

/// Closed: whoever was paged has been told, or every way to them was tried. Who is not configured any more cannot be told.
void Reference::all_told(const Incident& inc, const Record& r) {
    for (const auto& who : inc.owed) {
        const auto* spec = person(who);
        const auto tried = inc.tried.find(who);
        for (const auto& step : spec == nullptr ? std::vector<ReachStep>{} : spec->normal) {
            if (tried == inc.tried.end() || tried->second.count(step.channel) == 0) {
                breach("P5", who + " was paged and never told that it is over", r);
                break;
            }
        }
    }
}

// ---- a way that failed (P9)

void Reference::failed(const PageChange& c, const Record& r) {
    auto& inc = seats_of(c.incident);
    const auto& id = incidents_[c.incident].into.empty() ? c.incident : incidents_[c.incident].into;
    if (!asks(c.purpose)) {
        return;
    }
    for (const auto& who : c.people) {
        const auto seat = inc.seats.find(who);
        const auto& calls = inc.calls[who];
        const bool alive = std::any_of(calls.begin(), calls.end(), [&](const std::string& key) {
            const auto state = pages_.at(key).state;
            return !over(state) || state == PageState::accepted;
        });
        if (!alive && seat != inc.seats.end() && seat->second.first == SeatState::asked) {
            deaf_.push_back({id, who, r.at});
        }
    }
}

void Reference::heard(const std::string& incident, const std::string& who) {
    std::erase_if(deaf_, [&](const Deaf& d) { return d.incident == incident && d.person == who; });
}

void Reference::deaf_ends(const Record& r) {
    if (deaf_.empty()) {
        return;
    }
    // A surge that comes and goes, or is silenced, decides anew whether anybody is called at all.
    if (std::holds_alternative<AlertEdge>(r.body) || std::holds_alternative<SilenceChange>(r.body)) {
        for (auto& d : deaf_) {
            d.at = r.at;
        }
        return;
    }
    std::erase_if(deaf_, [&](const Deaf& d) {
        const auto& inc = incidents_[d.incident];
        const bool wanted = inc.open && !inc.resolving && !inc.full && loud(inc) && !ebbs(inc) && person(d.person) != nullptr;
        // What a restart finds to be over is settled by the first look after it, a moment later.
        const auto moment = d.at == recovered_ ? Span{10} : Span{0};
        const bool late = r.at > d.at + moment;
        if (wanted && late) {
            breach("P9", "every way to " + d.person + " failed in " + d.incident + " and no other was tried", d.at);
        }
        return !wanted || late;
    });
}

// ---- what left the process

void Reference::left(const SendOrder& order) {
    const auto known = pages_.find(order.page);
    if (known == pages_.end() || known->second.state != PageState::sending || known->second.attempt != order.attempt) {
        breach("P1", order.page + " leaves and its attempt is not durable", order.decided);
        return;
    }
    auto& p = known->second;
    if (p.left >= order.attempt) {
        breach("P3", order.page + " attempt " + std::to_string(order.attempt) + " leaves twice", order.decided);
    }
    p.left = order.attempt;
    const bool labelled = order.text.find("重发") != std::string::npos || order.text.find("Repeat") != std::string::npos;
    if (order.repeat != p.repeat || labelled != p.repeat) {
        breach("P3", order.page + " leaves with a wrong label: " + order.text, order.decided);
    }
    words(order, p);
    const auto named = [&](const Page& page) {
        return std::all_of(page.people.begin(), page.people.end(), [&](const std::string& who) {
            return std::any_of(order.people.begin(), order.people.end(), [&](const Recipient& to) { return to.person == who; });
        });
    };
    for (const auto& key : riding_) {  // all that leaves with it: of one incident there may be a call and a reminder
        auto& with = pages_.at(key);
        with.left = with.carrier == order.page && with.state == PageState::sending ? with.attempt : with.left;
    }
    std::size_t riders = 0;
    for (const auto& also : order.also) {
        if (also.page.empty()) {
            continue;
        }
        ++riders;
        const auto rider = pages_.find(also.page);
        if (rider == pages_.end() || rider->second.state != PageState::sending || rider->second.carrier != order.page) {
            breach("P1", also.page + " leaves with " + order.page + " and its attempt is not durable", order.decided);
        } else if (!named(rider->second)) {
            breach("P9", also.page + " leaves with " + order.page + " to other people", order.decided);
        }
    }
    const bool others = riders == 0 && order.people.size() != p.people.size();
    if (others || !named(p) || order.people.empty() != deed(p.purpose) || order.text.empty()) {
        breach("P9", order.page + " leaves without a text, or to other people", order.decided);
    }
}

}  // namespace surged::test
