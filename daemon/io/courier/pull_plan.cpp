#include "io/courier/pull_plan.hpp"

#include <algorithm>

namespace surged {

void PullPlan::offer(const std::map<Key, std::chrono::milliseconds>& every) {
    std::erase_if(entries_, [&](const auto& entry) { return every.count(entry.first) == 0; });
    for (const auto& [key, span] : every) {
        entries_[key].every = span;
    }
}

void PullPlan::expect(const std::set<std::string>& channels, Time now) {
    for (auto& [key, entry] : entries_) {
        const bool wanted = channels.count(key.first) > 0;
        if (wanted && !entry.expected && entry.until < now) {
            entry.at = now;  // it slept: what has gathered meanwhile is asked for now
        }
        if (entry.expected && !wanted) {
            entry.until = now + linger;
        }
        entry.expected = wanted;
    }
}

std::vector<PullPlan::Key> PullPlan::due(Time now) {
    std::vector<Key> out;
    for (auto& [key, entry] : entries_) {
        entry.until = entry.until < now ? Time::min() : entry.until;  // next() must not name a moment that is over
        if (!entry.asked && entry.at <= now && (entry.expected || entry.until >= now)) {
            entry.asked = true;
            out.push_back(key);
        }
    }
    return out;
}

PullPlan::Time PullPlan::next() const {
    Time out = Time::max();
    for (const auto& [key, entry] : entries_) {
        if (!entry.asked && (entry.expected || entry.until >= entry.at)) {
            out = std::min(out, entry.at);
        }
    }
    return out;
}

void PullPlan::ended(const Key& key, bool something, Time now) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return;
    }
    auto& entry = found->second;
    entry.asked = false;
    const bool again = something && entry.rounds < rounds_max;
    entry.rounds = again ? entry.rounds + 1 : 0;
    entry.at = again ? now : now + entry.every;
}

}  // namespace surged
