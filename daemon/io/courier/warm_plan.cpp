#include "io/courier/warm_plan.hpp"

#include <algorithm>

namespace surged {

void WarmPlan::offer(const std::map<std::string, std::chrono::milliseconds>& every, Time now) {
    std::erase_if(ways_, [&](const auto& entry) { return every.count(entry.first) == 0; });
    for (const auto& [name, span] : every) {
        const auto [at, added] = ways_.try_emplace(name);
        at->second.at = added ? now : std::min(at->second.at, now + span);
        at->second.every = span;
    }
}

/// `now`, or when this way may be used again.
WarmPlan::Time WarmPlan::after_gap(const Way& way, Time now) {
    return way.tried == Time::min() ? now : std::max(now, way.tried + gap);
}

void WarmPlan::soon(Time now) {
    eager_until_ = now + eager_for;
    for (auto& [name, way] : ways_) {
        if (!way.waits) {
            way.at = std::min(way.at, after_gap(way, now));
        }
    }
}

void WarmPlan::used(const std::string& name, Time now) {
    if (const auto at = ways_.find(name); at != ways_.end()) {
        at->second.waits = true;
        at->second.at = now + at->second.every;
    }
}

void WarmPlan::lost(const std::string& name, bool in_use, Time now) {
    const auto at = ways_.find(name);
    if (at == ways_.end()) {
        return;
    }
    auto& way = at->second;
    way.waits = false;
    if (in_use) {
        way.at = now;  // the server's limit of requests, or a dead connection: the new one has carried none, so this is no circle
    } else if (now <= eager_until_) {
        way.at = std::min(way.at, after_gap(way, now));
    }
}

std::vector<std::string> WarmPlan::due(Time now) {
    std::vector<std::string> out;
    for (auto& [name, way] : ways_) {
        if (!way.under_way && way.at <= now) {
            way.under_way = true;
            way.tried = now;
            way.at = now + way.every;
            out.push_back(name);
        }
    }
    return out;
}

void WarmPlan::ended(const std::string& name) {
    if (const auto at = ways_.find(name); at != ways_.end()) {
        at->second.under_way = false;
    }
}

WarmPlan::Time WarmPlan::next() const {
    Time out = Time::max();
    for (const auto& [name, way] : ways_) {
        if (!way.under_way) {
            out = std::min(out, way.at);
        }
    }
    return out;
}

}  // namespace surged
