// Replay: one record changes the state, always in the same way. Nothing here looks at the configuration in force or at a clock;
// what a record does not carry is unknown. Records of incidents that have been forgotten are skipped.
#include <algorithm>
#include <charconv>

#include "core/incident/seats.hpp"
#include "core/incident/state.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {

namespace {

/// The counter in "<letters or shard>-<n>"; 0 when there is none.
std::uint64_t number_in(const std::string& id) {
    const auto dash = id.rfind('-');
    std::uint64_t n = 0;
    if (dash != std::string::npos) {
        std::from_chars(id.data() + dash + 1, id.data() + id.size(), n);
    }
    return n;
}

/// What the next recheck compares with.
void set_mark(Incident& inc, const IncidentChange& change, EngineTime at) {
    inc.mark_at = at;
    inc.mark_level = change.level;
    inc.mark_missing = change.missing.value_or(-1);
}

/// It is no longer ending, or data is back. Timers stood still meanwhile: they go on with what was left of their wait.
void resume(Incident& inc, EngineTime at) {
    if (inc.ending == Ending::resolving) {
        const auto pause = at - inc.ending_at;
        inc.tier_at += pause, inc.round_at += pause, inc.mark_at += pause;
        inc.alarmed += inc.alarmed == EngineTime{} ? Span{0} : pause;
        for (auto& [person, seat] : inc.seats) {
            seat.asked += pause, seat.paged += pause;
        }
        for (auto& [person, handover] : inc.handovers) {
            handover.at += pause;
        }
        inc.ending = Ending::none;
    }
    inc.sighted = inc.blind ? at : inc.sighted;
    inc.blind = false;
}

void follow_recheck(Incident& inc, const IncidentChange& change, EngineTime at) {
    inc.push = change.need > inc.need;
    inc.rising = inc.push || change.trend == Trend::rising;
    if (inc.push) {
        inc.need = change.need;
        inc.need_at = at;
    }
    set_mark(inc, change, at);
}

}  // namespace

void excuse_overdue(Incident& inc, EngineTime at) {
    for (auto& [person, seat] : inc.seats) {
        const auto k = static_cast<std::size_t>(std::max(1, seat.tier)) - 1;
        const auto within = k < inc.policy.tiers.size() ? inc.policy.tiers[k].arrive_within : Span{0};
        const bool overdue = seat.state == SeatState::joined && within > Span{0} && seat.changed + within <= at;
        if (inc.open() && overdue && seat.excused == EngineTime{}) {
            seat.excused = at + noshow_hold;
        }
    }
}

void DeskState::apply(const Record& record) {
    struct Visitor {
        DeskState& s;
        const Record& r;
        void operator()(const AlertEdge& x) { s.apply_alert(x, r.at); }
        void operator()(const IncidentChange& x) { s.apply_incident(x, r); }
        void operator()(const SeatChange& x) { s.apply_seat(x, r.at); }
        void operator()(const PageChange& x) { s.apply_page(x, r.at); }
        void operator()(const AnswerGiven& x) { s.apply_answer(x, r.at); }
        void operator()(const SilenceChange& x) { s.apply_silence(x); }
        void operator()(const OverrideChange& x) { s.apply_override(x, r.wall); }
        void operator()(const SystemNote& x) { s.apply_note(x, r.at); }
        void operator()(const VerdictGiven& x) { s.apply_verdict(x, r.wall); }
    };
    std::visit(Visitor{*this, record}, record.body);
}

/// Nothing follows from it here: one that has been forgotten has its verdict in the log.
void DeskState::apply_verdict(const VerdictGiven& given, WallTime at) {
    if (auto* inc = incident(given.incident); inc != nullptr) {
        inc->verdict = given.verdict;
        inc->verdict_by = given.by;
        inc->verdict_at = at;
    }
}

void DeskState::apply_alert(const AlertEdge& edge, EngineTime at) {
    std::vector<std::string> hosts;
    const auto group = book.apply(edge, placer(), &hosts);
    if (!group.empty()) {
        dirty_groups.insert(group);
        follow_cause(group, edge, at);
        follow_noise(group);
    }
    dirty_groups.insert(hosts.begin(), hosts.end());
    for (const auto& host : hosts) {
        follow_cause(host, edge, at);
        follow_noise(host);
    }
}

std::string cause_text(const AlertEdge& alert) {
    return alert.rule + " " + alert.queue.centre + "/" + alert.queue.queue + "/" + alert.queue.channel;
}

/// Notes that a cause that was called for is no longer red, or is again. A flapping alert counts as it was last told.
void DeskState::follow_cause(const std::string& group, const AlertEdge& edge, EngineTime at) {
    if (const auto held = rearms.find(group); held != rearms.end() && book.alerts().count({edge.rule, edge.queue}) == 0) {
        held->second.held.erase(cause_text(edge));  // when it fires again it is another one
    }
    auto* inc = open_in(group);
    if (inc == nullptr) {
        return;
    }
    const auto told = book.alerts().find({edge.rule, edge.queue});
    const bool red = told != book.alerts().end() && told->second.to == AlertState::firing && told->second.level == Level::red;
    if (!red && told != book.alerts().end() && inc->milder.size() < milder_max) {
        inc->milder.insert(cause_text(edge));
    }
    const auto cause = inc->causes.find(cause_text(edge));
    if (cause == inc->causes.end()) {
        return;
    }
    if (!red) {
        cause->second = cause->second == EngineTime{} ? at : cause->second;
    } else if (cause->second != EngineTime{} && at - cause->second >= inc->policy.reopen_window) {
        inc->causes.erase(cause);
    } else {
        cause->second = {};
    }
}

/// Whether anybody may have heard of it since it began to clear.
void DeskState::follow_noise(const std::string& key) {
    auto* inc = open_in(key);
    const auto* group = book.group(key);
    if (inc == nullptr) {
        return;
    }
    if (group != nullptr && !group->any_loud()) {
        inc->stilled = true;
    } else if (group == nullptr || !group->calm()) {
        inc->stilled = false;
    }
}

/// What fires when it opens.
void DeskState::note_milder(Incident& inc) {
    inc.milder.clear();
    const auto* here = book.group(inc.group);
    for (const auto* key : here == nullptr ? decltype(AlertGroup::alerts){} : here->alerts) {
        const auto& alert = book.alerts().at(*key);
        if (alert.level < Level::red && inc.milder.size() < milder_max) {
            inc.milder.insert(cause_text(alert));
        }
    }
}

/// Notes the causes called for from now on, and drops those that ended long ago.
void DeskState::note_causes(Incident& inc, const IncidentChange& change, EngineTime at) {
    std::erase_if(inc.causes, [&](const auto& cause) {
        return cause.second != EngineTime{} && at - cause.second >= inc.policy.reopen_window;
    });
    for (const auto& cause : change.causes) {
        if (inc.causes.size() < causes_max) {
            inc.causes[cause] = {};
        }
    }
}

void DeskState::apply_opened(const IncidentChange& change, const Record& record) {
    Incident inc;
    inc.id = change.incident;
    inc.policy.id = change.policy;
    inc.scope = change.scope;
    if (!policy_text_.empty() && policy_text_ == change.policy_bytes) {
        inc.policy = policy_read_;
    } else if (auto policy = decode_policy(change.policy_bytes, &inc.unknown_keys)) {
        inc.policy = std::move(*policy);
        if (inc.unknown_keys.empty()) {
            policy_text_ = change.policy_bytes;
            policy_read_ = inc.policy;
        }
    } else {
        inc.unread = true;  // settle_policy() mends it
        for (const auto& entry : inc.scope) {
            inc.policy.scope.push_back(entry.first);  // so that its alerts find it
        }
    }
    inc.level = inc.worst = change.level;
    inc.need = change.need;
    inc.need_at = record.at;
    inc.opened = inc.since = inc.tier_at = inc.climbed = record.at;
    inc.opened_wall = record.wall;
    inc.load_at = record.at - load_pace;  // the first is due at once
    apply_shares(inc, change, record.at);
    note_causes(inc, change, record.at);
    inc.group = group_key(inc.policy.id, inc.scope);
    note_milder(inc);
    inc.wake = engine_never;
    inc.next = {};
    incidents_made = std::max(incidents_made, number_in(inc.id));
    latest[inc.group] = inc.id;
    rearms.erase(inc.group);
    dirty.insert(inc.id);
    auto& kept = incidents[inc.id] = std::move(inc);
    track_open(kept, true);
}

void DeskState::apply_reopened(Incident& inc, const IncidentChange& change, EngineTime at) {
    if (inc.ending == Ending::closed) {
        closed.erase(std::remove(closed.begin(), closed.end(), inc.id), closed.end());
    }
    inc.ending = Ending::none;
    inc.phase = Phase::paging;
    inc.level = change.level;
    inc.worst = std::max(inc.worst, change.level);
    inc.need = change.need;
    inc.need_at = at;
    inc.tier = 0;
    inc.wait_tier = 1;
    inc.tier_at = inc.climbed = inc.since = at;
    inc.lost = inc.blind = inc.rising = inc.push = false;
    inc.rounds = 0;
    inc.handovers.clear();
    inc.relieved.clear();
    inc.agents_before = {};
    inc.shares.clear();
    inc.lapses.clear();
    apply_shares(inc, change, at);
    inc.causes.clear();
    note_causes(inc, change, at);
    note_milder(inc);
    inc.alarmed = inc.sighted = {};
    inc.stilled = false;
    inc.owner.clear();
    inc.down.clear();
    // People who were only asked may be asked anew; a no stays a no in this incident; people who helped are asked first. One who
    // helped earlier and had not answered when it ended is no longer waited for.
    for (auto it = inc.seats.begin(); it != inc.seats.end();) {
        auto& seat = it->second;
        const bool kept = seat.state == SeatState::declined || seat.state == SeatState::left || seat.was_joined;
        const bool silent =
            seat.state == SeatState::asked || seat.state == SeatState::timed_out || seat.state == SeatState::unreachable;
        if (silent) {
            seat.state = SeatState::released;
        }
        seat.acked = false;
        seat.asks = 0;
        it = kept ? std::next(it) : inc.seats.erase(it);
    }
    count_seats(inc);
    // Anyone who could not be reached at the last ending is tried again at the next. A message to stand down that is still under way
    // stays the one that closes for them, if it arrives and they are not called before.
    const auto over = [&](const auto& mark) {
        const auto page = outbox.pages.find(mark.second.page);
        return !mark.second.under_way() || page == outbox.pages.end() || page->second.purpose != PagePurpose::stand_down;
    };
    for (auto& entry : inc.paged) {
        std::erase_if(entry.second.closing, over);
    }
    for (auto& entry : inc.actions) {
        entry.second.given_up = false;
    }
    rearms.erase(inc.group);
    latest[inc.group] = inc.id;
    track_open(inc, true);
}

void DeskState::apply_resolved(Incident& inc, const IncidentChange& change, EngineTime at) {
    inc.ending = Ending::resolved;
    inc.ending_at = at;
    inc.ending_reason = change.reason;
    inc.ended_by = change.by;
    // Who was sent home in this moment held no seat when it ended, and is none of those whom the end releases.
    for (auto& entry : inc.seats) {
        auto& seat = entry.second;
        seat.cause = seat.state == SeatState::released ? SeatCause::stood_by : seat.cause;
    }
    for (auto it = rearms.begin(); it != rearms.end();) {
        it = it->second.until <= at ? rearms.erase(it) : std::next(it);
    }
    if (change.level != Level::none) {
        std::set<std::string> held;
        if (const auto* group = book.group(inc.group); group != nullptr) {
            for (const auto* members : {&group->alerts, &group->guests}) {
                for (const auto* key : *members) {
                    if (held.size() < rearm_held_max) {
                        held.insert(cause_text(book.alerts().at(*key)));
                    }
                }
            }
        }
        for (const auto& group : groups_after(inc)) {
            rearms[group] = {at, at + rearm_after, change.level, held};
            group_timers.insert({at + rearm_after, group});
        }
    }
    inc.level = Level::none;
    inc.told_blind.clear();  // the message that closes tells them
    inc.causes.clear();
    inc.milder.clear();
    for (auto& entry : inc.actions) {
        entry.second.given_up = false;
    }
    for (auto& entry : inc.paged) {
        // Anyone who could not be told that they are not wanted any more hears of the end by any channel that works by now.
        std::erase_if(entry.second.closing, [](const auto& mark) { return !mark.second.under_way(); });
    }
    for (const auto& [id, other] : incidents) {
        if (other.into == inc.id && other.ending != Ending::closed) {
            dirty.insert(id);  // what it did may be undone now
        }
    }
    track_open(inc, false);
}

void DeskState::apply_closed(Incident& inc) {
    inc.ending = Ending::closed;
    set_wake(inc, engine_never);
    inc.next = {};
    dirty.erase(inc.id);
    closed.push_back(inc.id);
    if (closed.size() <= closed_incidents_max) {
        return;
    }
    const auto oldest = closed.front();
    closed.pop_front();
    if (auto* gone = incident(oldest)) {
        while (!gone->pages.empty()) {
            outbox.forget(gone->pages.front());
            gone->pages.pop_front();
        }
        if (const auto it = latest.find(gone->group); it != latest.end() && it->second == oldest) {
            latest.erase(it);
        }
        incidents.erase(oldest);
    }
}

void DeskState::apply_incident(const IncidentChange& change, const Record& record) {
    if (change.step == IncidentStep::opened) {
        apply_opened(change, record);
        return;
    }
    auto* found = incident(change.incident);
    if (found == nullptr) {
        return;
    }
    auto& inc = *found;
    const auto at = record.at;
    dirty.insert(inc.id);
    switch (change.step) {
        case IncidentStep::opened: break;
        case IncidentStep::level:
            inc.level = change.level;
            inc.worst = std::max(inc.worst, change.level);
            note_causes(inc, change, at);
            if (change.asks_again) {
                inc.alarmed = at;
            }
            break;
        case IncidentStep::need:
            apply_shares(inc, change, at);
            inc.need = change.need;
            inc.need_at = at;
            break;
        case IncidentStep::tier:
            inc.tier = inc.wait_tier = change.tier;
            inc.tier_at = inc.climbed = at;
            inc.lost = inc.push = false;
            break;
        case IncidentStep::tier_empty: inc.tier = change.tier; break;
        case IncidentStep::filled:
            inc.phase = Phase::filled;
            inc.push = false;
            inc.alarmed = {};
            set_mark(inc, change, at);
            break;
        case IncidentStep::recheck: follow_recheck(inc, change, at); break;
        case IncidentStep::unfilled:
            inc.phase = Phase::paging;
            inc.tier_at = at;
            inc.lost = false;
            inc.rounds = 0;
            break;
        case IncidentStep::exhausted:
            inc.phase = Phase::exhausted;
            inc.climbed = inc.round_at = at;
            inc.push = false;
            ++inc.rounds;
            break;
        case IncidentStep::resolving:
            inc.ending = Ending::resolving;
            inc.ending_at = at;
            break;
        case IncidentStep::resumed: resume(inc, at); break;
        case IncidentStep::resolved: apply_resolved(inc, change, at); break;
        case IncidentStep::reopened: apply_reopened(inc, change, at); break;
        case IncidentStep::closed: apply_closed(inc); break;
        case IncidentStep::owner: inc.owner = change.people.empty() ? std::string() : change.people.front(); break;
        case IncidentStep::blind: inc.blind = true; break;
        case IncidentStep::load: inc.load_at = at; break;
        case IncidentStep::merged: apply_merged(inc, change, at); break;
        case IncidentStep::note: break;
        case IncidentStep::adopted: apply_adopted(inc, change, at); break;
    }
}

void DeskState::apply_silence(const SilenceChange& change) {
    silences_made = std::max(silences_made, number_in(change.silence));
    if (const auto known = silences.find(change.silence); known != silences.end()) {
        silence_timers.erase({known->second.until, change.silence});
        silences.erase(known);
    }
    if (change.removed) {
        book.end_silence(change.silence);
    } else {
        silences[change.silence] = change;
        silence_timers.insert({change.until, change.silence});
        book.set_silence({change.silence, change.rule, change.centre, change.queue, change.until});
    }
    for (const auto& entry : book.groups()) {
        dirty_groups.insert(entry.first);
        follow_noise(entry.first);
    }
}

void DeskState::apply_override(const OverrideChange& change, WallTime wall) {
    overrides_made = std::max(overrides_made, number_in(change.id));
    duty_.clear();
    // One that is over is kept for a while: a clock that went ahead and was set back must not have ended what is in force.
    std::erase_if(overrides, [&](const OverrideChange& o) { return o.id == change.id || o.until + over_kept <= wall; });
    if (overrides.size() >= overrides_max) {
        std::erase_if(overrides, [&](const OverrideChange& o) { return o.until <= wall; });
    }
    if (!change.removed) {
        overrides.push_back(change);
    }
    for (const auto& [id, inc] : incidents) {
        if (inc.open()) {
            dirty.insert(id);  // people who come on duty by it may be wanted there, and those who go are not called any more
        }
    }
}

/// The store was damaged. Numbers that were given out in what cannot be replayed are not given out again; and what waited to be sent
/// may have left in what was lost.
void DeskState::apply_rescued(const SystemNote& note) {
    const auto given_out = [](int number) { return static_cast<std::uint64_t>(std::max(0, number)); };
    incidents_made = std::max(incidents_made, given_out(note.incidents));
    silences_made = std::max(silences_made, given_out(note.silences));
    overrides_made = std::max(overrides_made, given_out(note.overrides));
    if (note.torn) {
        outbox.doubt_what_waits();
    }
}

void DeskState::apply_note(const SystemNote& note, EngineTime at) {
    if (note.what == "recovered") {
        recovered = at;
        book.reindex(placer());  // what was read back was placed by the configuration alone, before its incident was known
        for (auto& [id, inc] : incidents) {
            if (inc.open() && !note.detail.empty()) {
                inc.down = note.detail;
            }
            excuse_overdue(inc, at);
        }
    } else if (note.what == "rescued") {
        apply_rescued(note);
    } else if (note.what == "channel_failure") {
        outbox.channels[note.channel].failed(at);
    } else if (note.what == "channel_paused") {
        outbox.channels[note.channel].paused(note.until);
    } else if (note.what == "command") {
        keep_reply(note.key, {note.request, note.code, 0, 0});
    }
}

}  // namespace surged
