// Which agents other centres can spare, shared over all open incidents: an agent offered to one incident is offered to no other.
//
// Incidents are served in the order of opening, so that an offer does not move from one to another between two messages. Each is
// offered what it is missing; what is left then goes to the first incident it helps.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/incident/seats.hpp"
#include "core/incident/state.hpp"

namespace surged {

namespace {
using Skill = std::pair<std::string, std::string>;  // queue, channel

struct Wanting {
    const Incident* incident = nullptr;
    std::vector<QueueKey> short_of;  ///< its queues that are short
    std::map<Skill, int> people;
};

/// A queue of the scope helps the same queue of another centre.
bool helps(const Wanting& wanting, const QueueKey& giver) {
    return std::ranges::any_of(wanting.short_of, [&](const QueueKey& queue) {
        return queue.queue == giver.queue && queue.channel == giver.channel && queue.centre != giver.centre;
    });
}

Wanting wanting_of(const DeskState& state, const Incident& inc, EngineTime now) {
    Wanting out;
    out.incident = &inc;
    bool known = false;
    for (const auto& entry : state.board->entries()) {
        if (entry.fresh(now) && in_scope(inc.scope, entry.queue, entry.group)) {
            known = true;
            if (entry.missing > 0) {
                out.short_of.push_back(entry.queue);
                out.people[{entry.queue.queue, entry.queue.channel}] +=
                    static_cast<int>(std::ceil(std::min(entry.missing, 1e6) - 1e-9));
            }
        }
    }
    const auto* group = known ? nullptr : state.book.group(inc.group);
    for (const auto* key : group == nullptr ? decltype(AlertGroup::alerts){} : group->alerts) {
        out.short_of.push_back(key->queue);
        out.people[{key->queue.queue, key->queue.channel}] = std::max(1, inc.need - seats_taken(inc));
    }
    return out;
}
}  // namespace

const std::vector<Slack>& DeskState::slack_of(const Incident& inc, EngineTime now) const {
    static const std::vector<Slack> nobody;
    const auto shared = slack_.of.find(inc.id);
    if (slack_.at == now && slack_.made == incidents_made && slack_.open == open_count) {
        return shared == slack_.of.end() ? nobody : shared->second;
    }
    slack_ = {now, incidents_made, open_count, {}};
    std::vector<Wanting> order;
    for (const auto& [id, other] : incidents) {
        if (other.open()) {
            order.push_back(wanting_of(*this, other, now));
        }
    }
    std::ranges::sort(order, [](const Wanting& a, const Wanting& b) {
        const auto rank = [](const Wanting& w) {
            return std::tuple(to_ms(w.incident->opened), w.incident->id.size(), w.incident->id);
        };
        return rank(a) < rank(b);
    });
    std::vector<std::pair<const QueueStaffing*, int>> givers;
    for (const auto& entry : board->entries()) {
        if (const int agents = slack_in(*board, entry, now); agents >= 1) {
            givers.emplace_back(&entry, agents);
        }
    }
    std::ranges::stable_sort(givers, [](const auto& a, const auto& b) { return a.second > b.second; });
    const auto offer = [&](const Wanting& to, const QueueStaffing& from, int agents) {
        auto& offers = slack_.of[to.incident->id];
        const auto same = [&](const Slack& s) { return s.centre == from.queue.centre && s.queue == from.queue.queue; };
        const auto known = std::ranges::find_if(offers, same);
        if (known != offers.end()) {
            known->agents += agents;
        } else {
            offers.push_back({from.queue.centre, from.queue.queue, agents});
        }
    };
    for (auto& wanting : order) {
        for (auto& [entry, left] : givers) {
            if (left <= 0 || !helps(wanting, entry->queue)) {
                continue;
            }
            auto& missing = wanting.people[{entry->queue.queue, entry->queue.channel}];
            if (const int agents = std::min(left, missing); agents > 0) {
                offer(wanting, *entry, agents);
                left -= agents;
                missing -= agents;
            }
        }
    }
    for (auto& [entry, left] : givers) {
        const auto first = std::ranges::find_if(order, [e = entry](const Wanting& w) { return helps(w, e->queue); });
        if (left > 0 && first != order.end()) {
            offer(*first, *entry, left);
        }
    }
    for (auto& [id, offers] : slack_.of) {
        std::ranges::sort(offers, [](const Slack& a, const Slack& b) {
            return std::tuple(-a.agents, a.centre, a.queue) < std::tuple(-b.agents, b.centre, b.queue);
        });
        offers.resize(std::min(offers.size(), slack_shown_max));
    }
    const auto mine = slack_.of.find(inc.id);
    return mine == slack_.of.end() ? nobody : mine->second;
}

}  // namespace surged
