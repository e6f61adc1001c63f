// The plan by name: people, channels, policies, rules. Borrowed pointers into the plan, which must outlive the index.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/team/plan.hpp"

namespace surged {

/// nullptr = the configuration has no such person, channel, policy or rule.
struct PlanIndex {
    const Plan* plan = nullptr;
    std::unordered_map<std::string_view, const PersonSpec*> people;
    std::unordered_map<std::string_view, const ChannelSpec*> channels;
    std::unordered_map<std::string_view, const PolicySpec*> policies;
    std::unordered_map<std::string_view, const RuleSpec*> rules;

    explicit PlanIndex(const Plan& from);
    const PersonSpec* person(std::string_view id) const;
    const ChannelSpec* channel(std::string_view id) const;
    const PolicySpec* policy(std::string_view id) const;
    const RuleSpec* rule(std::string_view id) const;
};

/// The name of a person; their id where the configuration knows none.
std::string name_of(const PlanIndex& index, const std::string& person);

/// A person's contact methods for a tier; empty when nobody knows how to reach them.
const std::vector<ReachStep>& reach_of(const PersonSpec& person, bool urgent);

/// The language of a message: what goes to one person alone is in theirs, what a group reads is in the channel's. `channel` may
/// be null.
Language language_for(const PlanIndex& index, const ChannelSpec* channel, const std::vector<std::string>& people);

}  // namespace surged
