// The life of an incident: opened by a fold that fires, level, blind, resolving, resolved, closed; and the loop that brings all
// to rest.
#include <utility>

#include "core/base/check.hpp"
#include "core/incident/actions.hpp"
#include "core/incident/decider.hpp"
#include "core/record/policy_bytes.hpp"
#include "core/incident/region.hpp"

namespace surged {

namespace {
/// More passes than any chain of causes needs (tiers, reach steps, seats); a loop beyond it is a broken invariant, not patience.
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

// ---- records
// --------------------------------------------------------------------------------------------------------------------------

void Decider::emit(RecordBody body) {
    Record record{0, now_.at, now_.wall, std::move(body)};
    if (!std::holds_alternative<PageChange>(record.body) && !std::holds_alternative<SeatChange>(record.body)) {
        scopes_.clear();
    }
    s_.apply(record);
    std::string lost;
    const Incident* inc = nullptr;
    if (const auto* page = std::get_if<PageChange>(&record.body); page != nullptr && is_action(page->purpose)) {
        inc = s_.incident(page->incident);
        const auto word = std::string(action_word(page->state));
        if (inc != nullptr) {
            ++s_.action_outcomes[{inc->policy.id, page->action}][std::string(to_string(page->purpose)) + " " + word];
        }
        if (word == "failed") {
            const bool may = inc != nullptr && inc->actions.at(page->action).effect != Effect::none;
            lost = "action " + page->action +
                   (page->purpose == PagePurpose::undo ? " could not be undone and may still stand: "
                    : may                              ? " may or may not have been done: "
                                                       : " was not done: ") +
                   page->reason;
        }
    } else if (page != nullptr) {
        ++s_.outcomes[page->channel][std::string(to_string(page->state))];
    }
    out_.records.push_back(std::move(record));
    if (inc != nullptr && !lost.empty()) {
        emit(change(*inc, IncidentStep::note, lost));
    }
}

void Decider::note(std::string what, std::string detail) {
    emit(SystemNote{std::move(what), std::move(detail)});
}

IncidentChange Decider::change(const Incident& inc, IncidentStep step, std::string reason, std::string by) const {
    IncidentChange c;
    c.incident = inc.id;
    c.step = step;
    c.policy = inc.policy.id;
    c.scope = inc.scope;
    c.level = inc.level;
    c.tier = shown_tier(inc);
    c.need = inc.need;
    c.joined = seats_taken(inc);
    c.reason = std::move(reason);
    c.by = std::move(by);
    return c;
}

void Decider::seat(const Incident& inc, const std::string& person, int tier, SeatState state, const std::string& reason, SeatCause cause) {
    SeatChange c{inc.id, person, tier, state, reason, {}, cause};
    if (state == SeatState::joined) {
        c.agents = agents_in(inc).text();
    }
    emit(std::move(c));
}

// ---- the loop
// ---------------------------------------------------------------------------------------------------------------------------

void Decider::run() {
    timers();
    for (int pass = 0;; ++pass) {
        SURGED_CHECK(pass < passes_max);
        if (!s_.refused_folds.empty() && s_.open_count < open_incidents_max) {
            s_.dirty_folds.merge(s_.refused_folds);
            s_.refused_folds.clear();
        }
        if (!s_.dirty_folds.empty()) {
            const auto folds = std::exchange(s_.dirty_folds, {});
            for (const auto& key : folds) {
                settle_fold(key);
            }
        }
        settle_regions();
        const auto incidents = std::exchange(s_.dirty, {});
        for (const auto& id : incidents) {
            if (auto* inc = s_.incident(id); inc != nullptr && inc->ending != Ending::closed) {
                settle(*inc);
            }
        }
        const bool sent = pump();
        if (s_.dirty.empty() && s_.dirty_folds.empty() && !sent) {
            return;
        }
    }
}

/// Moves what is due into the dirty sets. Pages are looked at by pump().
void Decider::timers() {
    while (!s_.silence_timers.empty() && s_.silence_timers.begin()->first <= now_.at) {
        auto over = s_.silences.at(s_.silence_timers.begin()->second);
        over.removed = true;
        over.by = "engine";
        over.reason = "over";
        emit(std::move(over));
    }
    while (!s_.rearm_timers.empty() && s_.rearm_timers.begin()->first <= now_.at) {
        s_.dirty_folds.insert(s_.rearm_timers.begin()->second);
        s_.rearm_timers.erase(s_.rearm_timers.begin());
    }
    for (auto it = s_.incident_timers.begin(); it != s_.incident_timers.end() && it->first <= now_.at; ++it) {
        s_.dirty.insert(it->second);
    }
}

// ---- opening
// ------------------------------------------------------------------------------------------------------------------------------

void Decider::settle_fold(const std::string& key) {
    if (auto* inc = s_.open_in(key)) {
        s_.dirty.insert(inc->id);
        return;
    }
    const auto* fold = s_.book.fold(key);
    // What is on its way back opens nothing: by the time anybody came it would be over.
    if (fold == nullptr || fold->burns() == Level::none) {
        return;
    }
    if (const auto held = s_.rearms.find(key);
        held != s_.rearms.end() && held->second.until > now_.at && fold->burns() <= held->second.level) {
        // Ended by hand while firing: what fired then does not open it again before its time. A new alert or a higher level does.
        const auto& before = held->second;
        const auto newer = [&](const AlertKey* key_of) {
            const auto& alert = s_.book.alerts().at(*key_of);
            return alert.to == AlertState::firing && alert.since > before.set && before.held.count(cause_text(alert)) == 0;
        };
        const bool news = std::any_of(fold->guests.begin(), fold->guests.end(), newer) ||
                          std::any_of(fold->alerts.begin(), fold->alerts.end(),
                                      [&](const AlertKey* alert) { return !s_.book.quiet(*alert) && newer(alert); });
        if (!news) {
            return;
        }
    }
    open(key, *fold);
}

void Decider::open(const std::string& key, const Fold& fold) {
    const auto level = fold.burns();
    const auto causes_of = [&](const Incident& inc) {
        return level == Level::red ? new_causes(inc, fold) : std::vector<std::string>{};
    };
    const auto earlier = s_.latest.find(key);
    auto* last = earlier == s_.latest.end() ? nullptr : s_.incident(earlier->second);
    if (last != nullptr && !last->into.empty()) {
        last = nullptr;  // what became of it is the region's story
    }
    const auto& sample = s_.book.alerts().at(**fold.alerts.begin());
    const auto* policy = index_.policy(sample.policy);
    if (last != nullptr && !last->open() && now_.at < last->ending_at + last->policy.reopen_window &&
        level >= last->policy.page_from) {
        release(*last);
        auto c = change(*last, IncidentStep::reopened, "firing again within the reopen window");
        c.level = level;
        c.tier = 1;  // those who helped before are asked first
        c.need = wanted(last->policy, last->scope, last);
        c.joined = 0;
        c.people = holders(*last);
        Incident anew;
        anew.policy.reopen_window = last->policy.reopen_window;
        c.causes = causes_of(anew);
        opened_of_.insert(last->policy.id);
        emit(std::move(c));
        return;
    }
    if (policy == nullptr || level < policy->page_from) {
        return;
    }
    if (s_.open_count >= open_incidents_max) {
        if (s_.refused_folds.empty()) {
            note("incident_limit",
                 "more than " + std::to_string(open_incidents_max) + " incidents are open: further scopes wait");
        }
        s_.refused_folds.insert(key);
        return;
    }
    IncidentChange c;
    c.incident = "0-" + std::to_string(s_.incidents_made + 1);
    c.step = IncidentStep::opened;
    c.policy = policy->id;
    c.scope = scope_values(policy->scope, sample.queue, sample.group);
    c.level = level;
    c.need = wanted(*policy, c.scope, nullptr);
    c.by = "engine";
    c.reason = s_.book.worst(key, 1).front().rule;
    c.causes = causes_of(Incident{});
    c.policy_bytes = encode_policy(*policy);
    opened_of_.insert(policy->id);
    emit(std::move(c));
}

// ---- one incident
// ---------------------------------------------------------------------------------------------------------------------------

void Decider::settle(Incident& inc) {
    for (int pass = 0;; ++pass) {
        SURGED_CHECK(pass < passes_max);
        wake_ = engine_never;
        if (!settle_once(inc)) {
            break;
        }
        if (inc.ending == Ending::closed) {
            return;
        }
    }
    s_.dirty.erase(inc.id);
    s_.set_wake(inc, wake_);
}

/// One decision, or none. The order is the order of force: what ends an incident comes before what calls people.
bool Decider::settle_once(Incident& inc) {
    if (inc.ending == Ending::resolved) {
        return settle_closing(inc);
    }
    const auto* fold = s_.book.fold(inc.fold);
    if (settle_signal(inc, fold)) {
        return true;
    }
    if (inc.ending != Ending::none || fold == nullptr) {
        return settle_load(inc);
    }
    if (vacate(inc) || settle_elsewhere(inc) || settle_arrivals(inc) || settle_noshow(inc) || settle_handovers(inc) ||
        settle_off_duty(inc) || settle_blind(inc, *fold)) {
        return true;
    }
    if (!fold->any_loud()) {
        return cancel_waiting(inc, "every alert is silenced, muted or folded", false);
    }
    if (settle_level(inc, *fold) || settle_sight(inc) ||
        (is_region(inc) ? settle_region_need(inc) : settle_need(inc)) || settle_stand_down(inc) || settle_recheck(inc, *fold) ||
        settle_filled(inc)) {
        return true;
    }
    const bool calm = ebbs(inc, *fold);
    if (calm ? cancel_calls(inc, "every alert is clearing") : settle_calls(inc, *fold)) {
        return true;
    }
    return settle_reach(inc, calm) || settle_load(inc);
}

/// Who is called, and what the playbook does.
bool Decider::settle_calls(Incident& inc, const Fold& fold) {
    if (inc.phase != Phase::filled) {
        if (settle_seats(inc)) {
            return true;
        }
        // A reopened incident asks its earlier helpers first; only a demand beyond tier 1 goes past them.
        const int demanded = demanded_tier(inc.policy, fold.burns());
        const bool reopened = inc.tier == 0 && inc.since != inc.opened;
        if (inc.tier < demanded && (!reopened || demanded > 1)) {
            climb(inc, demanded, inc.tier == 0 ? "opened" : "level " + std::string(to_string(inc.level)), "engine");
            return true;
        }
    }
    return settle_tier(inc) || settle_actions(inc);
}

bool Decider::settle_signal(Incident& inc, const Fold* fold) {
    const bool firing = fold != nullptr && fold->firing();
    if (due(inc.since + inc.policy.max_age)) {
        resolve(inc, "max_age", "engine");
        return true;
    }
    if (inc.ending == Ending::none && !firing) {
        emit(change(inc, IncidentStep::resolving, "all alerts cleared"));
        return true;
    }
    if (inc.ending != Ending::resolving) {
        return false;
    }
    if (firing) {
        auto c = change(inc, IncidentStep::resumed, "firing again");
        emit(std::move(c));
        return true;
    }
    if (cancel_waiting(inc, "all alerts cleared", false)) {
        return true;
    }
    if (due(inc.ending_at + inc.policy.resolve_hold)) {
        resolve(inc, "all alerts cleared", "engine");
        return true;
    }
    return false;
}

bool Decider::settle_blind(Incident& inc, const Fold& fold) {
    if (fold.all_stale() == inc.blind) {
        return false;
    }
    if (inc.blind) {
        emit(change(inc, IncidentStep::resumed, "data is back"));
        return true;
    }
    // After a restart only the feeders can tell whether it was they who were silent.
    if (s_.recovered != EngineTime{} && !due(s_.recovered + std::max(recovery_hold, index_.plan->stale_after))) {
        return false;
    }
    std::vector<Contact> wanted;
    auto c = change(inc, IncidentStep::blind, "every alert is without fresh data");
    for (const auto& [id, seat] : inc.seats) {
        const bool concerned =
            inc.told_blind.count(id) == 0 &&
            (id == inc.owner || takes_seat(seat.state) || (seat.state == SeatState::asked && seat.tier >= inc.wait_tier));
        const auto* person = concerned ? index_.person(id) : nullptr;
        const auto* steps = person == nullptr ? nullptr : &reach_of(*person, urgent_tier(inc.policy, seat.tier));
        if (steps != nullptr && !steps->empty()) {
            const auto paged = inc.paged.find(id);
            const bool known =
                paged != inc.paged.end() && paged->second.accepted && index_.channel(paged->second.channel) != nullptr;
            c.people.push_back(id);
            wanted.push_back({id, known ? paged->second.channel : steps->front().channel, PagePurpose::blind, inc.tier});
        }
    }
    emit(std::move(c));
    make_pages(inc, wanted);
    return true;
}

/// Who was told that nothing could be seen hears that it can be again: once data has stayed for a moment, so that a feed that comes
/// and goes does not page with every breath.
bool Decider::settle_sight(Incident& inc) {
    if (inc.blind || inc.told_blind.empty() || !due(inc.sighted + sight_hold)) {
        return false;
    }
    std::vector<Contact> wanted;
    for (const auto& id : inc.told_blind) {
        const auto paged = inc.paged.find(id);
        const auto seat = inc.seats.find(id);
        const bool under_way = std::any_of(inc.live.begin(), inc.live.end(), [&](const std::string& key) {
            const auto& page = s_.pages.at(key);
            return page.purpose == PagePurpose::data_back && std::find(page.people.begin(), page.people.end(), id) != page.people.end();
        });
        if (!under_way && paged != inc.paged.end() && index_.person(id) != nullptr && index_.channel(paged->second.channel) != nullptr) {
            wanted.push_back({id, paged->second.channel, PagePurpose::data_back, seat == inc.seats.end() ? inc.tier : seat->second.tier});
        }
    }
    make_pages(inc, wanted);
    return !wanted.empty();
}

/// Someone no longer in the configuration cannot be called and holds no seat.
bool Decider::vacate(Incident& inc) {
    for (const auto& [id, seat] : inc.seats) {
        const bool active = seat.state == SeatState::asked || seat.state == SeatState::spare ||
                            seat.state == SeatState::informed || takes_seat(seat.state);
        if (active && index_.person(id) == nullptr) {
            const auto gone = id;
            this->seat(inc, gone, seat.tier, SeatState::left, "removed from the configuration");
            cancel_of(inc, gone, "removed from the configuration");
            return true;
        }
    }
    return false;
}

// ---- ending
// -----------------------------------------------------------------------------------------------------------------------------------

void Decider::resolve(Incident& inc, const std::string& reason, const std::string& by) {
    cancel_waiting(inc, "the incident has ended", false);
    note_last_load(inc);
    auto c = change(inc, IncidentStep::resolved, reason, by);
    const auto* fold = s_.book.fold(inc.fold);
    // What is silenced or muted fires all the same: the end holds against all of it.
    c.level = fold == nullptr || !fold->firing() ? Level::none : std::max(fold->top(), Level::yellow);
    c.people = holders(inc);
    emit(std::move(c));
    release(inc);
}

/// Seats end with the incident, last tier first. A kill may come between: what is still held is released by the next look.
bool Decider::release(Incident& inc) {
    std::vector<std::pair<int, std::string>> released;
    for (const auto& [id, seat] : inc.seats) {
        if (takes_seat(seat.state) || seat.state == SeatState::spare) {
            released.emplace_back(-seat.tier, id);
        }
    }
    std::sort(released.begin(), released.end());
    const auto reason = inc.ending_reason;
    for (const auto& [tier, id] : released) {
        seat(inc, id, -tier, SeatState::released, reason);
    }
    return !released.empty();
}

/// One closing message to everyone who was paged, by the way that reached them, else by their next; closed when none is under
/// way.
bool Decider::settle_closing(Incident& inc) {
    if (release(inc) || settle_undo(inc)) {
        return true;
    }
    std::vector<Contact> wanted;
    for (auto& [id, paged] : inc.paged) {
        if (const auto way = closing_way(id, paged); !way.empty()) {
            wanted.push_back({id, way, PagePurpose::close, inc.tier});
        }
    }
    if (!wanted.empty()) {
        make_pages(inc, wanted);
        return true;
    }
    if (inc.live.empty() && !undo_waits(inc, s_)) {
        emit(change(inc, IncidentStep::closed));
        return true;
    }
    return false;
}

}  // namespace surged
