// Who may be called now. Rosters and overrides are live: while seats are missing, whoever comes on duty in a tier that was entered
// is asked at once, and whoever goes off duty is not called any more, by whatever path: asked, reminded, tried again, failed over.
//
// And a further queue or rule that turns red in an incident that calls already: those who have not answered are asked again at
// once, so that an incident that got stuck hides no other's emergency. Once per cause; a cause that was red less than
// `reopen_window` ago is the same one; nobody who was paged in the last minute is paged for it before that minute is over.
//
// Hardest rule: nobody is asked again who said no.
#include "core/incident/decider.hpp"
#include "core/team/duty.hpp"
#include "core/incident/region.hpp"

namespace surged {

namespace {
/// Between two looks for new causes in a storm: each walks all alerts of the incident, and every alert wakes it.
constexpr Span look_for_causes{1000};
constexpr std::size_t storm_alerts = 100;
/// A page so young speaks for the next cause, too: whoever answers looks at what is so then.
constexpr Span alarm_rest{60000};
/// Who was called, went off duty and is back before this has the call still in mind.
constexpr Span away_long{std::chrono::minutes{10}};
constexpr Span duty_kept{std::chrono::hours{12}};

bool listed(const std::vector<std::string>& list, const std::string& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}
}  // namespace

const DeskState::Duty& DeskState::duty(const std::string& roster, WallTime wall) const {
    auto& known = duty_[roster];
    if (wall < known.from || wall >= known.until) {
        auto people = on_duty(*index->plan, overrides, roster, wall);
        const std::set<std::string> names(people.begin(), people.end());
        known = {wall, next_turn(*index->plan, overrides, roster, wall, duty_kept), std::move(people), names};
    }
    return known;
}

/// On duty in a tier that holds seats, whether that was entered or not; with `told`, among those who are told and hold none. A
/// region's people are those of the incidents that went into it, too: a reload in between may have given it other tiers.
bool Decider::stands(const Incident& inc, const std::string& person, bool told) const {
    const auto in = [&](const PolicySpec& policy) {
        return std::any_of(policy.tiers.begin(), policy.tiers.end(), [&](const TierSpec& tier) {
            const auto& rosters = told ? tier.inform_only : tier.rosters;
            return std::any_of(rosters.begin(), rosters.end(), [&](const std::string& roster) {
                return (told || !listed(tier.inform_only, roster)) && s_.duty(roster, now_.wall).names.count(person) > 0;
            });
        });
    };
    return in(inc.policy) ||
           (is_region(inc) && std::any_of(s_.incidents.begin(), s_.incidents.end(), [&](const auto& entry) {
                return entry.second.into == inc.id && in(entry.second.policy);
            }));
}

/// Whether this person may be called for this incident now: on duty, or on the fallback list and called as such, or named by
/// somebody whose word stands for the roster.
bool Decider::may_call(const Incident& inc, const std::string& person, int tier) const {
    if (inc.handovers.count(person) > 0) {
        return true;
    }
    const bool fallback = tier > static_cast<int>(inc.policy.tiers.size()) && listed(inc.policy.fallback, person);
    return fallback || stands(inc, person, false);
}

/// After a restart nobody more is asked until an alert moves or the hold is over: what was known may be over.
bool Decider::knows_again(const Incident& inc) {
    return s_.recovered == EngineTime{} || inc.fresh > s_.recovered || due(s_.recovered + recovery_hold);
}

bool Decider::settle_off_duty(Incident& inc) {
    std::vector<std::string> gone;
    for (const auto& [id, seat] : inc.seats) {
        if (seat.state == SeatState::asked && !may_call(inc, id, seat.tier)) {
            gone.push_back(id);
        }
    }
    for (const auto& id : gone) {
        seat(inc, id, inc.seats.at(id).tier, SeatState::timed_out, "off duty", SeatCause::off_duty);
        cancel_of(inc, id, "off duty");
    }
    // The next to come or go.
    auto turn = now_.wall + duty_kept;
    for (const auto& tier : inc.policy.tiers) {
        for (const auto* rosters : {&tier.rosters, &tier.inform_only}) {
            for (const auto& roster : *rosters) {
                turn = std::min(turn, s_.duty(roster, now_.wall).until);
            }
        }
    }
    due(now_.at + (turn - now_.wall));
    return !gone.empty();
}

/// On duty in a tier that was entered, and never asked since it was; or asked, off duty for long enough to have put it out of mind,
/// and back.
bool Decider::unasked(const Incident& inc, const std::string& person) const {
    const auto known = inc.seats.find(person);
    if (known == inc.seats.end()) {
        return true;
    }
    const auto& seat = known->second;
    switch (seat.state) {
        case SeatState::informed: return true;
        case SeatState::timed_out: {
            const bool reached = std::any_of(seat.reach.begin(), seat.reach.end(), [](const auto& way) { return way.second.reached; });
            return seat.cause == SeatCause::off_duty && (!reached || now_.at - seat.changed >= away_long);
        }
        case SeatState::released:
        case SeatState::unreachable: return seat.asks == 0;
        default: return false;
    }
}

std::vector<std::string> Decider::newcomers(const Incident& inc, int tier) const {
    auto people = candidates(inc, tier, true);
    std::erase_if(people, [&](const std::string& id) { return !unasked(inc, id); });
    return people;
}

bool Decider::ask_on_duty(Incident& inc) {
    const auto records = out_.records.size();
    for (int tier = 1; tier <= inc.tier; ++tier) {
        // A batch asks in its turn.
        if (inc.policy.tiers[static_cast<std::size_t>(tier) - 1].mode == TierMode::all) {
            ask(inc, newcomers(inc, tier), tier, "on duty now");
            if (open_candidates(inc, index_) < seats_missing(inc, index_)) {
                ask(inc, candidates(inc, tier, false), tier, "seat free");
            }
        }
    }
    return out_.records.size() != records;
}

// ---- a further cause
// -------------------------------------------------------------------------------------------------------------------------

std::vector<std::string> Decider::new_causes(const Incident& inc, const Fold& fold) const {
    std::vector<std::string> out;
    std::size_t kept = 0;
    const auto over = [&](EngineTime since) { return since != EngineTime{} && now_.at - since >= inc.policy.reopen_window; };
    for (const auto& cause : inc.causes) {
        kept += over(cause.second) ? 0U : 1U;
    }
    for (const auto* key : fold.alerts) {
        const auto& alert = s_.book.alerts().at(*key);
        const bool red = alert.to == AlertState::firing && alert.level == Level::red;
        // Where an alert above speaks for it, it is part of that one's storm.
        const bool spoken_for = !alert.folded.rule.empty() && s_.book.alerts().count(alert.folded) > 0;
        if (!red || spoken_for || s_.book.quiet(*key) || kept + out.size() >= causes_max) {
            continue;
        }
        const auto known = inc.causes.find(cause_text(alert));
        if (known == inc.causes.end() || over(known->second)) {
            out.push_back(cause_text(alert));
        }
    }
    return out;
}

bool Decider::settle_level(Incident& inc, const Fold& fold) {
    // What is on its way back keeps the level that it has, and raises none.
    const auto level = std::max(fold.burns(), std::min(fold.level(), inc.level));
    std::vector<std::string> causes;
    if (fold.burns() == Level::red && (fold.alerts.size() < storm_alerts || due(inc.looked + look_for_causes))) {
        inc.looked = now_.at;
        causes = new_causes(inc, fold);
    }
    if (level == inc.level && causes.empty()) {
        return false;
    }
    // One that was there already and got worse calls the tiers of its level.
    const auto further = [&](const std::string& cause) { return inc.milder.count(cause) == 0; };
    const bool again = !causes.empty() && inc.phase != Phase::filled &&
                       (inc.phase == Phase::exhausted || inc.level == Level::red || std::any_of(causes.begin(), causes.end(), further));
    auto c = change(inc, IncidentStep::level, causes.empty() ? std::string() : std::string(again ? "ask again: " : "red: ") + causes.front());
    c.level = level;
    c.causes = std::move(causes);
    c.asks_again = again;
    emit(std::move(c));
    return true;
}

bool Decider::settle_alarm(Incident& inc) {
    if (inc.alarmed == EngineTime{}) {
        return false;
    }
    const int last = static_cast<int>(inc.policy.tiers.size());
    const auto under_way = [&](const std::string& id) {
        return std::any_of(inc.live.begin(), inc.live.end(), [&](const std::string& key) {
            const auto& page = s_.pages.at(key);
            return calls_for_surge(page.purpose) && !page.sent && listed(page.people, id);
        });
    };
    std::vector<std::string> again;
    for (const auto& [id, seat] : inc.seats) {
        const bool silent = seat.state == SeatState::asked || seat.state == SeatState::timed_out || seat.state == SeatState::unreachable;
        const bool called = seat.tier <= inc.tier || (seat.tier > last && inc.phase == Phase::exhausted);
        if (!silent || seat.asks == 0 || !called || seat.asked >= inc.alarmed || handover_to(inc, id) != nullptr || under_way(id)) {
            continue;
        }
        const bool wanted = would_fill(inc, index_, id) && may_call(inc, id, seat.tier) && reachable(inc, id, seat.tier) &&
                            (seat.tier > last || s_.seated_elsewhere(inc, id) == nullptr);
        if (wanted && due(std::max(inc.alarmed, seat.paged + alarm_rest))) {
            again.push_back(id);
        }
    }
    for (const auto& id : again) {
        seat(inc, id, inc.seats.at(id).tier, SeatState::asked, "asked again");
        cancel_of(inc, id, "asked again");
    }
    return !again.empty();
}

}  // namespace surged
