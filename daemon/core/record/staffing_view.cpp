#include "core/record/staffing_view.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>


namespace surged {

bool in_scope(const std::map<std::string, std::string>& scope, const QueueKey& queue, std::string_view group) {
    return std::ranges::all_of(scope, [&](const auto& part) {
        const std::string_view is = part.first == "centre"    ? std::string_view(queue.centre)
                                    : part.first == "queue"   ? std::string_view(queue.queue)
                                    : part.first == "channel" ? std::string_view(queue.channel)
                                                              : group;
        return is == part.second;
    });
}

int slack_in(const StaffingBoard& board, const QueueStaffing& entry, EngineTime now) {
    // A centre that is short itself needs whoever is free there.
    const auto short_there = [&](const QueueStaffing& other) {
        return other.queue.centre == entry.queue.centre && other.is_short(now);
    };
    const bool gives = entry.can_give(now) >= 1 && std::ranges::none_of(board.entries(), short_there);
    return gives ? static_cast<int>(entry.can_give(now)) : 0;
}

ScopeStaffing staffing_of(const StaffingBoard* board, const std::map<std::string, std::string>& scope,
                          const std::vector<QueueKey>& surging, EngineTime now) {
    ScopeStaffing out;
    if (board == nullptr) {
        return out;
    }
    std::vector<const QueueKey*> in_need;
    double most = 0;
    for (const auto& entry : board->entries()) {
        if (!entry.fresh(now) || !in_scope(scope, entry.queue, entry.group)) {
            continue;
        }
        out.known = true;
        out.required += entry.required;
        out.productive += entry.productive;
        out.missing += entry.missing;
        out.expected_wait_s = std::max(out.expected_wait_s, entry.expected_wait_s());
        out.lead = std::max(out.lead, entry.lead);
        if (entry.missing > 0) {
            in_need.push_back(&entry.queue);
        }
        if (entry.missing > most) {
            most = entry.missing;
            out.cause = entry.cause;
        }
    }
    if (!out.known) {
        for (const auto& queue : surging) {
            in_need.push_back(&queue);
        }
    }
    for (const auto& entry : board->entries()) {
        const bool helps = std::ranges::any_of(in_need, [&](const QueueKey* queue) {
            return queue->queue == entry.queue.queue && queue->channel == entry.queue.channel &&
                   queue->centre != entry.queue.centre;
        });
        if (const int agents = helps ? slack_in(*board, entry, now) : 0; agents >= 1) {
            out.slack.push_back({entry.queue.centre, entry.queue.queue, agents});
        }
    }
    std::ranges::sort(out.slack, [](const Slack& a, const Slack& b) {
        return std::tuple(-a.agents, a.centre, a.queue) < std::tuple(-b.agents, b.centre, b.queue);
    });
    out.slack.resize(std::min(out.slack.size(), slack_shown_max));
    return out;
}

std::optional<double> missing_of(const ScopeStaffing& seen) {
    return seen.known && std::isfinite(seen.missing) ? std::optional(std::round(std::max(0.0, seen.missing) * 10) / 10) : std::nullopt;
}

}  // namespace surged
