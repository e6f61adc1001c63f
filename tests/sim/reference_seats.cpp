// The reference's people: who is on a roster, who may be asked, who is only informed, and which seats count.
#include <algorithm>
#include <utility>

#include "sim/reference.hpp"

namespace surged::test {

namespace {
/// Rosters of the simulation live in UTC: a shift is minutes of the day, every day.
constexpr std::int64_t day_min = 1440;

/// Who is at work at `minute` (since 1970) of a turn that begins on `day`.
template <typename Turn>
bool on_turn(const Turn& turn, std::int64_t day, std::int64_t minute) {
    const auto from = day * day_min + turn.from_min;
    const auto to = day * day_min + turn.to_min + (turn.to_min <= turn.from_min ? day_min : 0);
    return minute >= from && minute < to;
}

bool among(const std::vector<std::string>& list, const std::string& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

bool meets(const PersonSpec& who, const TierRequire& require) {
    return (require.role.empty() || who.role == require.role) && (require.skill.empty() || among(who.skills, require.skill));
}

bool holds(SeatState s) {
    return s == SeatState::joined || s == SeatState::arrived;
}
}  // namespace

// ---- rosters

void Reference::override_set(const OverrideChange& change) {
    std::erase_if(overrides_, [&](const OverrideChange& o) { return o.id == change.id; });
    if (!change.removed) {
        ++tally_.overrides;
        overrides_.push_back(change);
    }
}

/// The people of the shifts at that moment, changed by each override in force, in the order they were set.
std::vector<std::string> Reference::on_duty(const std::string& roster, WallTime at) const {
    std::vector<std::string> people;
    const auto add = [&](const std::string& who) {
        if (!who.empty() && !among(people, who)) {
            people.push_back(who);
        }
    };
    const auto minute = to_ms(at) / 60000;
    for (const auto& spec : plan_->rosters) {
        // A date of its own replaces the weekly shifts that begin on that day.
        for (auto day = minute / day_min - 1; spec.id == roster && day <= minute / day_min; ++day) {
            const bool own = std::any_of(spec.dates.begin(), spec.dates.end(), [&](const RosterDate& d) { return d.day == day; });
            for (const auto& date : spec.dates) {
                for (const auto& who : date.people) {
                    add(date.day == day && on_turn(date, day, minute) ? who : std::string());
                }
            }
            for (const auto& shift : spec.shifts) {
                for (const auto& who : shift.people) {
                    add(!own && on_turn(shift, day, minute) ? who : std::string());
                }
            }
        }
    }
    for (const auto& o : overrides_) {
        if (o.roster == roster && at >= o.from && at < o.until && (o.out.empty() || among(people, o.out))) {
            std::erase(people, o.out);
            add(o.in);
        }
    }
    return people;
}

/// Whether somebody stands on one of a tier's rosters, of those that hold seats or of those that are only told.
bool Reference::rostered(const Incident& inc, int tier, const std::string& who, bool seats, WallTime at) const {
    const auto& spec = inc.policy.tiers.at(static_cast<std::size_t>(tier) - 1);
    const auto& list = seats ? spec.rosters : spec.inform_only;
    return std::any_of(list.begin(), list.end(), [&](const std::string& roster) {
        return (!seats || !among(spec.inform_only, roster)) && among(on_duty(roster, at), who);
    });
}

// ---- minimums

int Reference::lacking(const Incident& inc, int tier) const {
    int out = 0;
    for (int k = 0; k < std::min(tier, static_cast<int>(inc.policy.tiers.size())); ++k) {
        for (const auto& require : inc.policy.tiers[static_cast<std::size_t>(k)].require) {
            const auto have = std::count_if(inc.seated.begin(), inc.seated.end(), [&](const std::string& who) {
                return person(who) != nullptr && meets(*person(who), require);
            });
            // In a region each scope that surges wants its own.
            const int wanted = require.min * std::max(1, static_cast<int>(inc.shares.size()));
            out += std::max(0, wanted - static_cast<int>(have));
        }
    }
    return out;
}

bool Reference::fits_lacking(const Incident& inc, const std::string& who, int tier) const {
    auto with = inc;
    with.seated.insert(who);
    return inc.seated.count(who) == 0 && lacking(with, tier) < lacking(inc, tier);
}

/// Whether no seat and no minimum is missing.
bool Reference::filled(const Incident& inc) const {
    return static_cast<int>(inc.seated.size()) >= inc.need && lacking(inc, inc.tier) == 0;
}

// ---- seats

/// People on duty in an inform_only roster are informed in the moment in which their tier is called.
void Reference::to_be_told(const Incident& inc, const IncidentChange& c, const Record& r) {
    for (const auto& roster : inc.policy.tiers.at(static_cast<std::size_t>(c.tier) - 1).inform_only) {
        for (const auto& who : on_duty(roster, r.wall)) {
            if (person(who) != nullptr && inc.seats.count(who) == 0 && inc.refused.count(who) == 0) {
                untold_.emplace(c.incident, who);
            }
        }
    }
}

bool Reference::sits_elsewhere(const std::string& incident, const std::string& who) const {
    return std::any_of(incidents_.begin(), incidents_.end(), [&](const auto& entry) {
        return entry.first != incident && entry.second.open && entry.second.seated.count(who) > 0;
    });
}

/// Nobody holds a seat in two open incidents, nor is called for one while holding a seat in another. The fallback list is called
/// by every incident.
void Reference::one_seat(const Incident& inc, const SeatChange& c, const Record& r) {
    const bool fallback = c.tier > static_cast<int>(inc.policy.tiers.size());
    const bool comes = holds(c.state) || (c.state == SeatState::asked && !fallback);
    const bool elsewhere = sits_elsewhere(c.incident, c.person);
    if (inc.open && comes && elsewhere) {
        breach("one seat", c.person + " is " + std::string(to_string(c.state)) + " and sits in another incident", r);
    }
    if (c.state == SeatState::elsewhere && !elsewhere) {
        breach("one seat", c.person + " is passed over in " + c.incident + " and sits nowhere", r);
    }
}

void Reference::asked(Incident& inc, const SeatChange& c, const Record& r,
                      std::optional<std::pair<SeatState, EngineTime>> before) {
    const bool known = before && before->first != SeatState::informed;
    inc.answered.erase(c.person);
    inc.seen.erase(c.person);
    inc.asked[c.person] = c.tier;
    const auto asked_before = std::exchange(inc.asked_at[c.person], r.at);
    inc.unasked.erase(c.person);
    inc.calls[c.person].clear();
    if (inc.refused.count(c.person) > 0) {
        breach("seats", c.person + " is asked again after saying no", r);
    }
    // The fallback list hears of every incident, and a further red calls those again who have not answered (a minute after they were
    // paged, also when it is over by then); so does a seat that is given back when everybody had been called.
    const bool plain = c.tier <= static_cast<int>(inc.policy.tiers.size()) && worst(inc, false) < Level::red &&
                       inc.given_back <= asked_before && inc.turned_red <= asked_before;
    // Who went off duty in this very moment and is on duty again (two reloads) is asked as anybody who comes on duty.
    const bool called = before && (before->first == SeatState::asked ||
                                   (before->first == SeatState::timed_out && before->second < r.at));
    if (inc.region && inc.since == r.at && plain && called && inc.named.count(c.person) == 0) {
        breach("region", c.person + " was called for a part of " + c.incident + ", and is called again as it opens", r);
    }
    if (inc.named.count(c.person) > 0) {
        return;  // a named successor needs no roster, and comes for a seat that exists
    }
    const bool tier = c.tier <= static_cast<int>(inc.policy.tiers.size());
    if (tier && !known && !rostered(inc, c.tier, c.person, true, r.wall)) {
        const bool told = rostered(inc, c.tier, c.person, false, r.wall);
        breach(told ? "inform" : "roster",
               c.person + " is asked for " + c.incident + " and stands on no roster of tier " + std::to_string(c.tier), r);
    }
    const bool full = static_cast<int>(inc.seated.size()) >= inc.need;
    if (!inc.exhausted && full && !fits_lacking(inc, c.person, std::max(inc.tier, c.tier))) {
        breach("require", c.person + " is asked for " + c.incident + " and would fill nothing", r);
    }
}

void Reference::seat(const SeatChange& c, const Record& r) {
    auto& inc = incidents_[c.incident];
    one_seat(inc, c, r);
    tally_.elsewhere += c.state == SeatState::elsewhere ? 1 : 0;
    const bool known = inc.seats.count(c.person) > 0;
    const auto before = std::exchange(inc.seats[c.person], {c.state, r.at});
    heard(c.incident, c.person);
    if (c.state != SeatState::elsewhere) {
        untold_.erase({c.incident, c.person});
    }
    if (c.state == SeatState::noshow) {
        ++tally_.noshows;
        const auto& tiers = inc.policy.tiers;
        const auto within = tiers.at(static_cast<std::size_t>(c.tier) - 1).arrive_within;
        if (before.first != SeatState::joined || within <= Span{0} || r.at - before.second < within) {
            breach("noshow", c.person + " is given up too early, or never joined", r);
        }
    }
    if (c.state == SeatState::asked) {
        asked(inc, c, r, known ? std::optional(before) : std::nullopt);
    }
    if (c.state == SeatState::informed) {
        ++tally_.informed;
        if (!rostered(inc, c.tier, c.person, false, r.wall)) {
            breach("inform", c.person + " is told of " + c.incident + " and stands on no roster that is told", r);
        }
    }
    inc.relieved.erase(c.person);
    for (auto& entry : incidents_) {
        if (holds(c.state)) {
            entry.second.relieved.erase(c.person);  // they have a seat
        }
    }
    if (!holds(c.state)) {
        seat_goes(inc, c, r);
    }
    // Seats are taken and freed only by answers; the seat record must agree with the answer that follows it.
    if (holds(c.state)) {
        const bool wanted = static_cast<int>(inc.seated.size()) < inc.need || fits_lacking(inc, c.person, inc.tier);
        if (inc.seated.count(c.person) == 0 && !wanted && !takes_over(c)) {
            breach("seats", c.incident + " gives more seats than it needs", r);
        }
        if (known && before.first == SeatState::informed) {
            breach("inform", c.person + " is only told of " + c.incident + " and takes a seat", r);
        }
        came(c);
        inc.seated.insert(c.person);
        inc.helped.insert(c.person);
        inc.refused.erase(c.person);
    } else if (c.state != SeatState::released || inc.open) {
        const bool held = inc.seated.erase(c.person) > 0;
        inc.given_back = held && inc.exhausted ? r.at : inc.given_back;
        if (held && inc.full) {
            inc.causes.clear();  // what turned red while seats were filled called nobody, whatever comes later in that moment
        }
    }
    if (c.state == SeatState::spare) {
        inc.refused.erase(c.person);  // they declined before and have changed their mind
    }
    if (c.state == SeatState::declined || c.state == SeatState::left) {
        inc.refused.insert(c.person);
    }
    if (c.state != SeatState::asked && c.state != SeatState::informed && c.state != SeatState::timed_out &&
        c.state != SeatState::unreachable) {
        inc.answered[c.person] = true;
    }
}

}  // namespace surged::test
