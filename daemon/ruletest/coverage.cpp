#include "ruletest/coverage.hpp"

#include <algorithm>
#include <tuple>

namespace surged {

void Coverage::expect(const Plan& plan, const std::string& name) {
    for (const RuleSpec& rule : plan.rules) {
        Known& known = rules_[rule.content];
        if (known.rule.empty()) {
            known.file = name;
            known.rule = rule.id;
            for (const LevelSpec& level : rule.levels) {
                known.levels[level.level] = false;
            }
        }
    }
}

void Coverage::add(const Plan& plan, const std::set<std::pair<std::string, Level>>& raised) {
    for (const RuleSpec& rule : plan.rules) {
        const auto known = rules_.find(rule.content);
        for (const LevelSpec& level : rule.levels) {
            if (known != rules_.end() && raised.count({rule.id, level.level}) > 0) {
                known->second.levels[level.level] = true;
            }
        }
    }
}

std::vector<Coverage::Gap> Coverage::missing() const {
    std::vector<Gap> out;
    for (const auto& [content, rule] : rules_) {
        for (const auto& [level, raised] : rule.levels) {
            if (!raised) {
                out.push_back({rule.file, rule.rule, level});
            }
        }
    }
    std::ranges::sort(out, [](const Gap& a, const Gap& b) { return std::tie(a.file, a.rule, a.level) < std::tie(b.file, b.rule, b.level); });
    return out;
}

Coverage::Counts Coverage::counts() const {
    std::size_t levels = 0;
    for (const auto& entry : rules_) {
        levels += entry.second.levels.size();
    }
    return {rules_.size(), levels, levels - missing().size()};
}

}  // namespace surged
