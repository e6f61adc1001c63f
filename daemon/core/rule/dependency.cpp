#include "core/rule/dependency.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/rule/queue_store.hpp"

namespace surged {

namespace {
/// How much a queue name stands for: 3 all, 2 a centre, 1 a group, 0 itself.
int breadth(const QueueKey& queue) {
    return queue.queue == "*" ? (queue.centre == "*" ? 3 : 2) : queue.queue.starts_with('*') ? 1 : 0;
}
}  // namespace

bool stands_for(const QueueKey& above, const QueueKey& queue, std::string_view group) {
    if (above.channel != "*" && above.channel != queue.channel) {
        return false;
    }
    switch (breadth(above)) {
        case 3: return true;
        case 2: return above.centre == queue.centre;
        case 1: return above.centre == queue.centre && std::string_view(above.queue).substr(1) == group;
        default: return above.centre == queue.centre && above.queue == queue.queue;
    }
}

Dependencies::Dependencies(const DetectionPlan& plan)
    : plan_(plan), above_(plan.rules.size()), speaks_(plan.rules.size(), false), firing_(plan.rules.size()) {
    std::unordered_map<std::string_view, std::uint32_t> ids;
    for (std::uint32_t i = 0; i < plan.rules.size(); ++i) {
        ids.emplace(plan.rules[i].id, i);
    }
    for (std::uint32_t i = 0; i < plan.rules.size(); ++i) {
        // The list grows while it is walked: parents, then theirs. A circle (refused by the configuration) would end as well.
        auto& found = above_[i];
        for (std::size_t next = 0; next <= found.size(); ++next) {
            for (const auto& id : plan.rules[next == 0 ? i : found[next - 1]].depends_on) {
                const auto parent = ids.find(id);
                if (parent != ids.end() && parent->second != i &&
                    std::find(found.begin(), found.end(), parent->second) == found.end()) {
                    found.push_back(parent->second);
                }
            }
        }
        for (const auto parent : found) {
            speaks_[parent] = !plan.rules[parent].policy.empty();
        }
    }
}

void Dependencies::set(std::uint32_t rule, std::uint32_t queue, bool firing) {
    auto& queues = firing_[rule];
    const auto at = std::lower_bound(queues.begin(), queues.end(), queue);
    const bool there = at != queues.end() && *at == queue;
    if (firing == there) {
        return;
    }
    firing ? static_cast<void>(queues.insert(at, queue)) : static_cast<void>(queues.erase(at));
    changed_ = true;
}

void Dependencies::clear() {
    for (auto& queues : firing_) {
        queues.clear();
    }
    changed_ = true;
}

AlertKey Dependencies::speaker(std::uint32_t rule, const QueueKey& queue, std::string_view group,
                               const QueueStore& queues) const {
    const QueueKey* best = nullptr;
    std::uint32_t best_rule = 0;
    // Nearest first, and of equal breadth the later wins: it is further up.
    for (const auto parent : above_[rule]) {
        for (const auto id : firing_[parent]) {
            const auto& key = queues.key(id);
            if (stands_for(key, queue, group) && (best == nullptr || breadth(key) >= breadth(*best))) {
                best = &key;
                best_rule = parent;
            }
        }
    }
    return best == nullptr ? AlertKey{} : AlertKey{plan_.rules[best_rule].id, *best};
}

}  // namespace surged
