// Which alert speaks for which: rules that depend on others, and the alerts above that fire now.
//
// An alert is folded under another when its rule depends on the other's rule, directly or through rules between, and the other's
// queue covers its own: the same queue, the queue of its group ("*<group>"), of its centre ("*"), or of all. Of several the
// widest speaks, so that a storm folds queue -> group -> centre into one. Knows rules and names; refuses to know values, levels
// and people. Hardest rule: never silence. A rule that pages nobody speaks for nobody, and who spoke is named in every edge.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/rule/detection_plan.hpp"
#include "core/rule/alert.hpp"

namespace surged {

class QueueStore;

/// True when `above` is the queue itself, or stands for its group, its centre, or all. The channel must be the same, or "*".
bool stands_for(const QueueKey& above, const QueueKey& queue, std::string_view group);

class Dependencies {
public:
    explicit Dependencies(const DetectionPlan& plan);

    bool depends(std::uint32_t rule) const { return !above_[rule].empty(); }
    bool speaks(std::uint32_t rule) const { return speaks_[rule]; }
    /// Every rule above this one, nearest first.
    const std::vector<std::uint32_t>& above(std::uint32_t rule) const { return above_[rule]; }

    /// An alert of a rule that speaks for others fires, or fires no longer.
    void set(std::uint32_t rule, std::uint32_t queue, bool firing);
    void clear();
    /// True once after set() changed something.
    bool take_changed() { return std::exchange(changed_, false); }
    void touch() { changed_ = true; }

    /// The alert that speaks for this one now; an empty rule = none, it speaks for itself.
    AlertKey speaker(std::uint32_t rule, const QueueKey& queue, std::string_view group, const QueueStore& queues) const;

private:
    const DetectionPlan& plan_;
    std::vector<std::vector<std::uint32_t>> above_;   // by rule
    std::vector<bool> speaks_;                        // by rule: some rule depends on it
    std::vector<std::vector<std::uint32_t>> firing_;  // by rule: queues, rising; only of rules that speak
    bool changed_ = false;
};

}  // namespace surged
