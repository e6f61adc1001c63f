#include "core/incident/seats.hpp"

#include <algorithm>

#include "core/base/ranges.hpp"

namespace surged {

int need_of(const PolicySpec& policy) {
    const int least = std::max(1, policy.need.min);
    return std::clamp(policy.need.fixed, least, std::max(least, policy.need.max));
}

bool takes_seat(SeatState s) {
    return s == SeatState::joined || s == SeatState::arrived;
}

namespace {

bool fits(const TierRequire& require, const PersonSpec& person) {
    return (require.role.empty() || require.role == person.role) &&
           (require.skill.empty() || contains(person.skills, require.skill));
}

/// In a region each scope that fires wants its own.
int wanted_of(const Incident& inc, const TierRequire& require) {
    return require.min * std::max(1, static_cast<int>(inc.shares.size()));
}

int short_of(const Incident& inc, const PlanIndex& index, const TierRequire& require) {
    int have = 0;
    for (const auto& [id, seat] : inc.seats) {
        const auto* person = takes_seat(seat.state) ? index.person(id) : nullptr;
        have += person != nullptr && fits(require, *person) ? 1 : 0;
    }
    return std::max(0, wanted_of(inc, require) - have);
}

template <typename F>
void each_require(const Incident& inc, int tier, F&& f) {
    const auto entered = std::min(static_cast<std::size_t>(std::max(0, tier)), inc.policy.tiers.size());
    for (std::size_t k = 0; k < entered; ++k) {
        for (const auto& require : inc.policy.tiers[k].require) {
            f(require);
        }
    }
}

}  // namespace

int seats_taken(const Incident& inc) {
    return inc.held.taken;
}
int seats_arrived(const Incident& inc) {
    return inc.held.arrived;
}
void count_seats(Incident& inc) {
    inc.held = {};
    for (const auto& [id, seat] : inc.seats) {
        count_seat(inc, SeatState::asked, seat.state);
    }
}
void count_seat(Incident& inc, SeatState was, SeatState is) {
    inc.held.taken += (takes_seat(is) ? 1 : 0) - (takes_seat(was) ? 1 : 0);
    inc.held.arrived += (is == SeatState::arrived ? 1 : 0) - (was == SeatState::arrived ? 1 : 0);
}
int shown_tier(const Incident& inc) {
    if (inc.tier > 0 || inc.since == inc.opened) {
        return inc.tier;
    }
    int tier = 1;
    for (const auto& [id, seat] : inc.seats) {
        const bool here = seat.state == SeatState::asked || seat.state == SeatState::spare || takes_seat(seat.state);
        tier = here ? std::max(tier, seat.tier) : tier;
    }
    return std::min(tier, std::max(1, static_cast<int>(inc.policy.tiers.size())));
}
int open_candidates(const Incident& inc, const PlanIndex& index, int tier) {
    const SeatWants wants(inc, index);
    return static_cast<int>(std::ranges::count_if(inc.seats, [&](const auto& entry) {
        const bool here = tier == 0 || entry.second.tier == tier;
        // A successor who is asked to take a seat over fills no missing one.
        return here && entry.second.state == SeatState::asked && handover_to(inc, entry.first) == nullptr &&
               wants.filled_by(entry.first);
    }));
}

bool minimum_out_of_reach(const Incident& inc, const PlanIndex& index, const std::vector<std::string>& may_come) {
    bool out = false;
    each_require(inc, inc.tier, [&](const TierRequire& require) {
        const int wanted = short_of(inc, index, require);
        const auto have = std::ranges::count_if(may_come, [&](const std::string& id) {
            const auto* person = index.person(id);
            return person != nullptr && fits(require, *person);
        });
        out = out || (wanted > 0 && have < wanted);
    });
    return out;
}

int seats_missing(const Incident& inc, const PlanIndex& index) {
    int unmet = 0;
    each_require(inc, inc.tier, [&](const TierRequire& require) { unmet += short_of(inc, index, require); });
    return std::max({0, inc.need - seats_taken(inc), unmet});
}

std::vector<std::pair<std::string, int>> unmet_minimums(const Incident& inc, const PlanIndex& index) {
    std::vector<std::pair<std::string, int>> out;
    each_require(inc, inc.tier, [&](const TierRequire& require) {
        const int wanted = short_of(inc, index, require);
        if (wanted <= 0) {
            return;
        }
        const auto what = require.skill + (require.skill.empty() || require.role.empty() ? "" : " ") + require.role;
        const auto known = std::ranges::find_if(out, [&](const auto& entry) { return entry.first == what; });
        if (known == out.end()) {
            out.emplace_back(what, wanted);
        } else {
            known->second = std::max(known->second, wanted);
        }
    });
    return out;
}

SeatWants::SeatWants(const Incident& inc, const PlanIndex& index, int tier) : index_(index), seat_missing_(seats_taken(inc) < inc.need) {
    each_require(inc, tier, [&](const TierRequire& require) {
        if (short_of(inc, index, require) > 0) {
            unmet_.push_back(&require);
        }
    });
}

SeatWants::SeatWants(const Incident& inc, const PlanIndex& index) : SeatWants(inc, index, inc.tier) {}

bool SeatWants::meets_minimum(const std::string& id) const {
    const auto* person = unmet_.empty() ? nullptr : index_.person(id);
    return person != nullptr && std::ranges::any_of(unmet_, [&](const TierRequire* require) { return fits(*require, *person); });
}

bool can_spare(const Incident& inc, const PlanIndex& index, const std::vector<std::string>& going, const std::string& id,
               int scopes) {
    const auto* person = index.person(id);
    bool spare = true;
    each_require(inc, inc.tier, [&](const TierRequire& require) {
        if (person == nullptr || !fits(require, *person)) {
            return;
        }
        int left = -1;  // without this one
        for (const auto& [other, seat] : inc.seats) {
            const auto* who = takes_seat(seat.state) && !contains(going, other) ? index.person(other) : nullptr;
            left += who != nullptr && fits(require, *who) ? 1 : 0;
        }
        spare = spare && left >= require.min * std::max(1, scopes);
    });
    return spare;
}

bool urgent_tier(const PolicySpec& policy, int tier) {
    const auto k = static_cast<std::size_t>(std::max(1, tier)) - 1;
    return k >= policy.tiers.size() || policy.tiers[k].urgent;
}

std::string seat_in(const Incident& other) {
    return "holds a seat in incident " + other.id;
}

std::vector<std::string> holders(const Incident& inc) {
    std::vector<std::pair<std::uint64_t, std::string>> order;
    for (const auto& [id, seat] : inc.seats) {
        if (takes_seat(seat.state)) {
            order.emplace_back(seat.order, id);
        }
    }
    std::ranges::sort(order);
    std::vector<std::string> out;
    for (auto& entry : order) {
        out.push_back(std::move(entry.second));
    }
    return out;
}

}  // namespace surged
