// Decides who may be called at this moment. Rosters and overrides are read live: while seats are missing, a person who comes on
// duty in an entered tier is asked at once, and a person who goes off duty is no longer called by any path (first call, reminder,
// retry, fail-over).
//
// When another queue or rule turns red in an incident that is already calling, everybody who has not answered is asked again at
// once, so that an incident that is stuck does not hide a second emergency. This happens once per cause; a cause that was red
// less than `reopen_window` ago counts as the same one, and a person who was paged less than a minute ago is not paged for it
// until that minute is over.
//
// Hardest rule: a person who said no is never asked again.
#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "core/base/ranges.hpp"
#include "core/incident/region.hpp"
#include "core/incident/steps.hpp"
#include "core/team/duty.hpp"

namespace surged {

namespace {
/// Between two looks for new causes in a storm: each walks all alerts of the incident, and every alert wakes it.
constexpr Span look_for_causes{1000};
constexpr std::size_t storm_alerts = 100;
/// A person who was called, went off duty and is back sooner than this still remembers the call.
constexpr Span away_long{std::chrono::minutes{10}};
constexpr Span duty_kept{std::chrono::hours{12}};

}  // namespace

const DeskState::Duty& DeskState::duty(const std::string& roster, WallTime wall) const {
    auto& known = duty_[roster];
    if (wall < known.from || wall >= known.until) {
        auto people = on_duty(*index->plan, overrides, roster, wall);
        std::unordered_set<std::string> names(people.begin(), people.end());
        known = {wall, next_turn(*index->plan, overrides, roster, wall, duty_kept), std::move(people), std::move(names)};
    }
    return known;
}

namespace incident {

namespace {

/// On duty in a tier that was entered, and never asked since it was; or asked, off duty for longer than away_long, and
/// back.
bool unasked(const Step& step, const Incident& inc, const std::string& person) {
    const auto known = inc.seats.find(person);
    if (known == inc.seats.end()) {
        return true;
    }
    const auto& seat = known->second;
    switch (seat.state) {
        case SeatState::informed: return true;
        case SeatState::timed_out: {
            const bool reached = std::ranges::any_of(seat.reach, [](const auto& way) { return way.second.reached; });
            return seat.cause == SeatCause::off_duty && (!reached || step.now.at - seat.changed >= away_long);
        }
        case SeatState::released:
        case SeatState::unreachable: return seat.asks == 0;
        default: return false;
    }
}

}  // namespace

/// On duty in a tier that holds seats, whether that was entered or not; with `told`, among those who are told and hold none. A
/// region's people are those of the incidents that went into it, too: a reload in between may have given it other tiers.
bool stands(const Step& step, const Incident& inc, const std::string& person, bool told) {
    const auto in = [&](const PolicySpec& policy) {
        return std::ranges::any_of(policy.tiers, [&](const TierSpec& tier) {
            const auto& rosters = told ? tier.inform_only : tier.rosters;
            return std::ranges::any_of(rosters, [&](const std::string& roster) {
                return (told || !contains(tier.inform_only, roster)) &&
                       step.state.duty(roster, step.now.wall).names.count(person) > 0;
            });
        });
    };
    return in(inc.policy) || (is_region(inc) && std::ranges::any_of(step.state.incidents, [&](const auto& entry) {
                                  return entry.second.into == inc.id && in(entry.second.policy);
                              }));
}

/// Whether this person may be called for this incident now: on duty, or on the fallback list and called as such, or named as
/// a successor, which counts like the roster.
bool may_call(const Step& step, const Incident& inc, const std::string& person, int tier) {
    if (inc.handovers.count(person) > 0) {
        return true;
    }
    const bool fallback = tier > static_cast<int>(inc.policy.tiers.size()) && contains(inc.policy.fallback, person);
    return fallback || stands(step, inc, person, false);
}

/// After a restart nobody more is asked until an alert moves or the hold is over: what was known may be over.
bool knows_again(Step& step, const Incident& inc) {
    return step.state.recovered == EngineTime{} || inc.fresh > step.state.recovered ||
           step.due(step.state.recovered + recovery_hold);
}

/// Someone no longer in the configuration cannot be called and holds no seat.
bool vacate(Step& step, Incident& inc) {
    for (const auto& [id, seat] : inc.seats) {
        const bool active = seat.state == SeatState::asked || seat.state == SeatState::spare ||
                            seat.state == SeatState::informed || takes_seat(seat.state);
        if (active && step.index.person(id) == nullptr) {
            const auto gone = id;
            step.seat(inc, gone, seat.tier, SeatState::left, "removed from the configuration");
            cancel_of(step, inc, gone, "removed from the configuration");
            return true;
        }
    }
    return false;
}

bool settle_off_duty(Step& step, Incident& inc) {
    std::vector<std::string> gone;
    for (const auto& [id, seat] : inc.seats) {
        if (seat.state == SeatState::asked && !may_call(step, inc, id, seat.tier)) {
            gone.push_back(id);
        }
    }
    for (const auto& id : gone) {
        step.seat(inc, id, inc.seats.at(id).tier, SeatState::timed_out, "off duty", SeatCause::off_duty);
        cancel_of(step, inc, id, "off duty");
    }
    // The next to come or go.
    auto turn = step.now.wall + duty_kept;
    for (const auto& tier : inc.policy.tiers) {
        for (const auto* rosters : {&tier.rosters, &tier.inform_only}) {
            for (const auto& roster : *rosters) {
                turn = std::min(turn, step.state.duty(roster, step.now.wall).until);
            }
        }
    }
    step.due(step.now.at + (turn - step.now.wall));
    return !gone.empty();
}

std::vector<std::string> newcomers(const Step& step, const Incident& inc, int tier) {
    // Asked in every pass, and mostly nobody came: one look at each seat says so.
    const bool somebody = std::ranges::any_of(inc.policy.tiers[static_cast<std::size_t>(tier) - 1].rosters, [&](const std::string& roster) {
        return std::ranges::any_of(step.state.duty(roster, step.now.wall).people, [&](const std::string& id) { return unasked(step, inc, id); });
    });
    if (!somebody) {
        return {};
    }
    auto people = candidates(step, inc, tier, true);
    std::erase_if(people, [&](const std::string& id) { return !unasked(step, inc, id); });
    return people;
}

bool ask_on_duty(Step& step, Incident& inc) {
    const auto records = step.out.records.size();
    for (int tier = 1; tier <= inc.tier; ++tier) {
        // A batch asks in its turn.
        if (inc.policy.tiers[static_cast<std::size_t>(tier) - 1].mode == TierMode::all) {
            ask(step, inc, newcomers(step, inc, tier), tier, "on duty now");
            if (open_candidates(inc, step.index) < seats_missing(inc, step.index)) {
                ask(step, inc, candidates(step, inc, tier, false), tier, "seat free");
            }
        }
    }
    return step.out.records.size() != records;
}

std::vector<std::string> new_causes(const Step& step, const Incident& inc, const AlertGroup& group) {
    std::vector<std::string> out;
    std::size_t kept = 0;
    const auto over = [&](EngineTime since) { return since != EngineTime{} && step.now.at - since >= inc.policy.reopen_window; };
    for (const auto& cause : inc.causes) {
        kept += over(cause.second) ? 0U : 1U;
    }
    for (const auto* key : group.alerts) {
        const auto& alert = step.state.book.alerts().at(*key);
        const bool red = alert.to == AlertState::firing && alert.level == Level::red;
        // When an alert inhibits it, it is part of that one's storm.
        const bool spoken_for = !alert.folded.rule.empty() && step.state.book.alerts().count(alert.folded) > 0;
        if (!red || spoken_for || step.state.book.quiet(*key) || kept + out.size() >= causes_max) {
            continue;
        }
        const auto known = inc.causes.find(cause_text(alert));
        if (known == inc.causes.end() || over(known->second)) {
            out.push_back(cause_text(alert));
        }
    }
    return out;
}

bool settle_level(Step& step, Incident& inc) {
    const auto& group = *step.group;
    // A clearing alert keeps the level that the incident has, and raises none.
    const auto level = std::max(group.burns(), std::min(group.level(), inc.level));
    std::vector<std::string> causes;
    if (group.burns() == Level::red && (group.alerts.size() < storm_alerts || step.due(inc.looked + look_for_causes))) {
        inc.looked = step.now.at;
        causes = new_causes(step, inc, group);
    }
    if (level == inc.level && causes.empty()) {
        return false;
    }
    // One that was there already and got worse calls the tiers of its level, unless they were all called before.
    const bool all_called = inc.tier >= static_cast<int>(inc.policy.tiers.size());
    const auto further = [&](const std::string& cause) { return inc.milder.count(cause) == 0; };
    const bool again = !causes.empty() && inc.phase != Phase::filled &&
                       (inc.phase == Phase::exhausted || inc.level == Level::red || all_called || std::ranges::any_of(causes, further));
    if (!causes.empty() && inc.phase == Phase::filled) {
        inc.turned = causes.front();
    }
    auto c = change(inc, IncidentStep::level,
                    causes.empty() ? std::string() : std::string(again ? "ask again: " : "red: ") + causes.front());
    c.level = level;
    c.causes = std::move(causes);
    c.asks_again = again;
    step.emit(std::move(c));
    return true;
}

namespace {
/// The first tier that was called in which they are on duty and hold a seat; 0 = none. Those that the incidents called which went into a
/// region count as the region's: a reload in between may have given it others.
int tier_on_duty(const Step& step, const Incident& inc, const std::string& person) {
    const auto first = [&](const PolicySpec& policy, int called) {
        for (int k = 1; k <= std::min(called, static_cast<int>(policy.tiers.size())); ++k) {
            const auto& tier = policy.tiers[static_cast<std::size_t>(k) - 1];
            const bool here = std::ranges::any_of(tier.rosters, [&](const std::string& roster) {
                return !contains(tier.inform_only, roster) && step.state.duty(roster, step.now.wall).names.count(person) > 0;
            });
            if (here) {
                return k;
            }
        }
        return 0;
    };
    int tier = first(inc.policy, inc.tier);
    const int last = std::max(1, static_cast<int>(inc.policy.tiers.size()));
    for (auto part = step.state.incidents.begin(); tier == 0 && is_region(inc) && part != step.state.incidents.end(); ++part) {
        tier = part->second.into == inc.id ? std::min(first(part->second.policy, part->second.tier), last) : 0;
    }
    return tier;
}
}  // namespace

bool settle_alarm(Step& step, Incident& inc) {
    if (inc.alarmed == EngineTime{}) {
        return false;
    }
    const int last = static_cast<int>(inc.policy.tiers.size());
    std::unordered_set<std::string_view> under_way;  // whose call has not left
    for (const auto& key : inc.live) {
        if (const auto& page = step.state.outbox.pages.at(key); calls_for_surge(page.purpose) && !page.sent) {
            under_way.insert(page.people.begin(), page.people.end());
        }
    }
    const SeatWants wants(inc, step.index);
    std::map<std::string, int> again;
    for (const auto& [id, seat] : inc.seats) {
        const bool silent =
            seat.state == SeatState::asked || seat.state == SeatState::timed_out || seat.state == SeatState::unreachable;
        // A page to somebody who is no longer asked is cancelled when its turn comes, and calls nobody.
        const bool waits = seat.state == SeatState::asked && under_way.count(id) > 0;
        // Also who helped before and is asked first when the incident reopens, while no tier is entered yet.
        const bool called = seat.tier <= last || inc.tier == 0 || inc.phase == Phase::exhausted;
        // Whom the fallback list called earlier may be on duty in a tier all the same, and is asked as one of that.
        int tier = called ? seat.tier : tier_on_duty(step, inc, id);
        if (inc.phase == Phase::exhausted && contains(inc.policy.fallback, id) && !may_call(step, inc, id, tier)) {
            tier = last + 1;  // the fallback list is called on duty or not
        }
        if (!silent || seat.asks == 0 || tier == 0 || seat.asked >= inc.alarmed || handover_to(inc, id) != nullptr ||
            waits) {
            continue;
        }
        const bool wanted = wants.filled_by(id) && may_call(step, inc, id, tier) &&
                            reachable(step, inc, id, tier) &&
                            (tier > last || step.state.seated_elsewhere(inc, id) == nullptr);
        if (wanted && step.due(std::max(inc.alarmed, seat.paged + alarm_rest))) {
            again.emplace(id, tier);
        }
    }
    for (const auto& [id, tier] : again) {
        step.seat(inc, id, tier, SeatState::asked, "asked again");
        cancel_of(step, inc, id, "asked again");
    }
    return !again.empty();
}

}  // namespace incident

}  // namespace surged
