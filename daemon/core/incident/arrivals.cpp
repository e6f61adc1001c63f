// Tells from the metrics that somebody has arrived: more agents are logged on in the incident's scope than when the first seat
// was taken.
//
// The metrics say how many, not who. The rise is credited to those who joined first; people who said "arrived" themselves are
// part of it. The decision is part of the record (`seat.arrived`, with both counts in its reason) and stays when agents fall
// again, since a break is no departure.
//
// Hardest rule: a rise must not hide a no-show, so it is counted low. A centre counts as the most that one of its queues shows,
// since one person may work in several; arrivals of other incidents over the same queues are subtracted; and nothing is counted
// while the number of queues that report differs from the beginning. Then only what people say counts.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.hpp"
#include "core/incident/steps.hpp"

namespace surged {

namespace {
constexpr Span look_pace{10000};

bool may_overlap(const ScopeValues& a, const ScopeValues& b) {
    return std::ranges::all_of(a, [&](const auto& part) {
        const auto other = b.find(part.first);
        return other == b.end() || other->second == part.second;
    });
}

bool expects_arrivals(const PolicySpec& policy) {
    return policy.arrive_by == ArriveBy::metrics &&
           std::ranges::any_of(policy.tiers, [](const TierSpec& t) { return t.arrive_within > Span{0}; });
}
}  // namespace

/// Counting starts at the first seat, or at a later one while it is not known what the metrics showed.
void DeskState::mark_agents(Incident& inc, const SeatChange& change, EngineTime at) {
    if (inc.held.taken == 0 || inc.agents_before.queues == 0) {
        inc.agents_before = change.seen;
        inc.agents_at = at;
    }
}

namespace incident {

namespace {

/// People who have arrived, since this incident began to count, for others that look at the same queues.
int counted_elsewhere(const Step& step, const Incident& inc) {
    std::set<std::string> people;
    for (const auto& [id, other] : step.state.incidents) {
        if (!other.open() || id == inc.id || !may_overlap(inc.scope, other.scope)) {
            continue;
        }
        for (const auto& [person, seat] : other.seats) {
            const auto here = inc.seats.find(person);
            const bool ours = here != inc.seats.end() && takes_seat(here->second.state);
            if (seat.state == SeatState::arrived && seat.changed >= inc.agents_at && !ours) {
                people.insert(person);
            }
        }
    }
    return static_cast<int>(people.size());
}

}  // namespace

AgentsSeen agents_in(const Step& step, const Incident& inc) {
    AgentsSeen out;
    if (step.state.values == nullptr || !expects_arrivals(inc.policy)) {
        return out;
    }
    static const std::array<std::string, 1> metrics{"agents_staffed"};
    std::map<std::string, double> most;
    const QueueKey* at = nullptr;
    step.state.values->each(
        metrics,
        [&](const QueueKey& queue, std::string_view group) {
            at = &queue;  // its values come next
            return !queue.queue.starts_with('*') && in_scope(inc.scope, queue, group);
        },
        [&](std::span<const double> values) {
            if (std::isfinite(values[0])) {
                auto& centre = most[at->centre];
                centre = std::max(centre, values[0]);
                ++out.queues;
            }
        });
    for (const auto& entry : most) {
        out.agents += entry.second;
    }
    return out;
}

bool settle_arrivals(Step& step, Incident& inc) {
    if (inc.agents_before.queues == 0 || !expects_arrivals(inc.policy)) {
        return false;
    }
    const Seat* oldest = nullptr;
    std::string who;
    int arrived = 0;
    for (const auto& [id, seat] : inc.seats) {
        arrived += seat.state == SeatState::arrived ? 1 : 0;
        if (seat.state == SeatState::joined && (oldest == nullptr || seat.order < oldest->order)) {
            oldest = &seat;
            who = id;
        }
    }
    if (oldest == nullptr) {
        return false;
    }
    step.due(step.now.at + look_pace);
    const auto seen = agents_in(step, inc);
    if (seen.queues != inc.agents_before.queues) {
        return false;
    }
    const int risen = static_cast<int>(std::floor(seen.agents - inc.agents_before.agents + 1e-9));
    if (risen <= arrived || risen - counted_elsewhere(step, inc) <= arrived) {
        return false;
    }
    step.seat(inc, who, oldest->tier, SeatState::arrived,
              "seen in the metrics: " + format_rounded(seen.agents, 0) + " agents, " +
                  format_rounded(inc.agents_before.agents, 0) + " before");
    return true;
}

}  // namespace incident

}  // namespace surged
